// `sums[part, row]`: the contribution of a part's features to a row of `W x`. Workgroups: x is rows, z is parts; those of a cell follow
// each other.
struct Shape {
    dimension: u32,
    channels: u32,
    // Distance between the features of neighbouring cells, and of neighbouring channels.
    of_cell: u32,
    of_channel: u32,
    parts_of_cell: u32,
}

@group(0) @binding(0) var<storage, ACCESS> features: array<f32>;
// `[cell, channel, dimension]`.
@group(0) @binding(1) var<storage, ACCESS> weight: array<WEIGHT>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<storage, read> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let row = group.x * 64u + unit.x;
    if row >= shape.dimension {
        return;
    }
    let cell = group.z / shape.parts_of_cell;
    let run = (shape.channels + shape.parts_of_cell - 1u) / shape.parts_of_cell;
    let first = group.z % shape.parts_of_cell * run;
    var total = 0.0;
    for (var channel = first; channel < min(first + run, shape.channels); channel++) {
        let feature = features[cell * shape.of_cell + channel * shape.of_channel];
        total += feature * f32(weight[(cell * shape.channels + channel) * shape.dimension + row]);
    }
    sums[group.z * shape.dimension + row] = total;
}
