// Reads the mean at the start of `moments`, and appends five sums for each part of a cell. Over its channels j: `x_j W_:j . mu`, `x_j^2`, and
// `x_j^2 |W_:j|^2`; over the sampled ones of them, one in each run of `stride`: the last sum again, and `x_j^2 (W_:j . mu)^2`. Workgroups:
// z is parts, as in `plain_sums.wgsl`.
const ROWS: u32 = 8u;
const UNITS: u32 = 64u;

struct Shape {
    dimension: u32,
    channels: u32,
    // Distance between the features of neighbouring cells, and of neighbouring channels.
    of_cell: u32,
    of_channel: u32,
    parts_of_cell: u32,
    stride: u32,
}

@group(0) @binding(0) var<storage, ACCESS> features: array<f32>;
// `[dimension / ROWS, cell, run of channels]`: the weights of eight rows, four signed bits each. Zero beyond the last row.
@group(0) @binding(1) var<storage, ACCESS> words: array<i32>;
// The quantisation step of each sampled column, and the sum of squared weights of every column.
@group(0) @binding(2) var<storage, ACCESS> steps: array<f32>;
@group(0) @binding(3) var<storage, ACCESS> energy: array<f32>;
// Each part's products, `[part, dimension]`.
@group(0) @binding(4) var<storage, ACCESS> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> moments: array<f32>;
@group(0) @binding(6) var<storage, read> shape: Shape;

var<workgroup> of_channels: array<vec3<f32>, UNITS>;
var<workgroup> of_sampled: array<vec2<f32>, UNITS>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let cell = group.z / shape.parts_of_cell;
    let run = (shape.channels + shape.parts_of_cell - 1u) / shape.parts_of_cell;
    let first = group.z % shape.parts_of_cell * run;
    let end = min(first + run, shape.channels);

    var all = vec3(0.0);
    for (var row = unit.x; row < shape.dimension; row += UNITS) {
        all.x += sums[group.z * shape.dimension + row] * moments[row];
    }
    for (var channel = first + unit.x; channel < end; channel += UNITS) {
        let x = features[cell * shape.of_cell + channel * shape.of_channel];
        all.y += x * x;
        all.z += x * x * energy[cell * shape.channels + channel];
    }
    of_channels[unit.x] = all;

    let runs = (shape.channels + shape.stride - 1u) / shape.stride;
    let count = groups.z / shape.parts_of_cell * runs;
    let offset = (shape.stride - cell % shape.stride) % shape.stride;
    var sampled = vec2(0.0);
    for (var at = first / shape.stride + unit.x; at * shape.stride + offset < end; at += UNITS) {
        let channel = at * shape.stride + offset;
        if channel < first {
            continue;
        }
        let place = cell * runs + at;
        var product = 0.0;
        for (var from_row = 0u; from_row < shape.dimension; from_row += ROWS) {
            let weights = words[from_row / ROWS * count + place];
            for (var row = 0u; row < ROWS; row++) {
                let mean = moments[min(from_row + row, shape.dimension - 1u)];
                product += f32((weights << (28u - 4u * row)) >> 28u) * mean;
            }
        }
        product *= steps[place];
        let x = features[cell * shape.of_cell + channel * shape.of_channel];
        sampled += x * x * vec2(energy[cell * shape.channels + channel], product * product);
    }
    of_sampled[unit.x] = sampled;

    for (var half = UNITS / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if unit.x < half {
            of_channels[unit.x] += of_channels[unit.x + half];
            of_sampled[unit.x] += of_sampled[unit.x + half];
        }
    }
    if unit.x == 0u {
        let place = shape.dimension + 5u * group.z;
        moments[place] = of_channels[0].x;
        moments[place + 1u] = of_channels[0].y;
        moments[place + 2u] = of_channels[0].z;
        moments[place + 3u] = of_sampled[0].x;
        moments[place + 4u] = of_sampled[0].y;
    }
}
