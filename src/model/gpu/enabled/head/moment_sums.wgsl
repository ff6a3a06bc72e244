// Reads the mean at the start of `moments`, and appends three sums for each of `count` features, `apart` from each other: `x_j^2 |W_:j|^2`
// summed over all features j from this one to the next, the same for this one alone, and `x_j^2 (W^T mu)_j^2`.
const ROWS: u32 = 8u;

struct Shape {
    dimension: u32,
    features: u32,
    count: u32,
    apart: u32,
}

@group(0) @binding(0) var<storage, ACCESS> features: array<f32>;
// `[dimension / ROWS, count]`: the weights of eight rows, four signed bits each. Zero beyond the last row.
@group(0) @binding(1) var<storage, ACCESS> words: array<i32>;
// The quantisation step of each sampled column, and the sum of squared weights of every column.
@group(0) @binding(2) var<storage, ACCESS> steps: array<f32>;
@group(0) @binding(3) var<storage, ACCESS> energy: array<f32>;
@group(0) @binding(4) var<storage, read_write> moments: array<f32>;
@group(0) @binding(5) var<storage, read> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>) {
    let index = place.x;
    if index >= shape.count {
        return;
    }
    var product = 0.0;
    for (var first = 0u; first < shape.dimension; first += ROWS) {
        let weights = words[first / ROWS * shape.count + index];
        for (var row = 0u; row < ROWS; row++) {
            let mean = moments[min(first + row, shape.dimension - 1u)];
            product += f32((weights << (28u - 4u * row)) >> 28u) * mean;
        }
    }
    product *= steps[index];
    let first = index * shape.apart;
    let square = features[first] * features[first];
    var trace = 0.0;
    for (var feature = first; feature < min(first + shape.apart, shape.features); feature++) {
        trace += features[feature] * features[feature] * energy[feature];
    }
    let place_of_sums = shape.dimension + 3u * index;
    moments[place_of_sums] = trace;
    moments[place_of_sums + 1u] = square * energy[first];
    moments[place_of_sums + 2u] = square * product * product;
}
