// `sums[part, first, row]`: the contribution of a part's features to a row of `W x`, under each pass's mask. Workgroups: x is rows, y is
// words of masks, z is parts of `run` features, cell by cell.
struct Shape {
    dimension: u32,
    features: u32,
    words: u32,
    run: u32,
    channels: u32,
    // Distance between the features of neighbouring cells, and of neighbouring channels.
    of_cell: u32,
    of_channel: u32,
}

@group(0) @binding(0) var<storage, ACCESS> features: array<f32>;
// `[cell, channel, dimension]`.
@group(0) @binding(1) var<storage, ACCESS> weight: array<WEIGHT>;
// `[cell, channel, words]`: bit i of word w is pass 32 w + i.
@group(0) @binding(2) var<storage, ACCESS> masks: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(0) @binding(4) var<storage, read> shape: Shape;

// The product for passes that keep the feature, else 0, for four passes from the lowest bit on.
fn kept(product: f32, mask: u32) -> vec4<f32> {
    return select(vec4(0.0), vec4(product), (vec4(mask) & vec4(1u, 2u, 4u, 8u)) != vec4(0u));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let row = group.x * 64u + unit.x;
    if row >= shape.dimension {
        return;
    }
    let first = group.z * shape.run;
    // Separate variables, because an array might be kept in memory.
    var totals0 = vec4(0.0);
    var totals1 = vec4(0.0);
    var totals2 = vec4(0.0);
    var totals3 = vec4(0.0);
    var totals4 = vec4(0.0);
    var totals5 = vec4(0.0);
    var totals6 = vec4(0.0);
    var totals7 = vec4(0.0);
    var cell = first / shape.channels;
    var channel = first % shape.channels;
    for (var place = first; place < min(first + shape.run, shape.features); place++) {
        let feature = features[cell * shape.of_cell + channel * shape.of_channel];
        channel++;
        if channel == shape.channels {
            channel = 0u;
            cell++;
        }
        let product = feature * f32(weight[place * shape.dimension + row]);
        let mask = masks[place * shape.words + group.y];
        totals0 += kept(product, mask);
        totals1 += kept(product, mask >> 4u);
        totals2 += kept(product, mask >> 8u);
        totals3 += kept(product, mask >> 12u);
        totals4 += kept(product, mask >> 16u);
        totals5 += kept(product, mask >> 20u);
        totals6 += kept(product, mask >> 24u);
        totals7 += kept(product, mask >> 28u);
    }
    let line = (group.z * shape.words + group.y) * 32u;
    write(line, row, totals0);
    write(line + 4u, row, totals1);
    write(line + 8u, row, totals2);
    write(line + 12u, row, totals3);
    write(line + 16u, row, totals4);
    write(line + 20u, row, totals5);
    write(line + 24u, row, totals6);
    write(line + 28u, row, totals7);
}

fn write(line: u32, row: u32, totals: vec4<f32>) {
    for (var i = 0u; i < 4u; i++) {
        sums[(line + i) * shape.dimension + row] = totals[i];
    }
}
