// Reads the mean at the start of `moments`, and writes behind it, for each of `runs` runs of features, the sum of `x_j^2 |W_:j|^2` and the
// sum of `x_j^2 (W^T mu)_j^2`. The features of a run lie `runs` apart.
const RUN: u32 = 8u;
const ROWS: u32 = 8u;

struct Shape {
    dimension: u32,
    features: u32,
    runs: u32,
}

@group(0) @binding(0) var<storage, ACCESS> features: array<f32>;
// `[dimension / ROWS, features]`: the weights of eight rows, four bits each with their sign. Behind the last row they are zero.
@group(0) @binding(1) var<storage, ACCESS> words: array<i32>;
// Of each column: what a step of its weights is worth, and the sum of their squares.
@group(0) @binding(2) var<storage, ACCESS> steps: array<f32>;
@group(0) @binding(3) var<storage, ACCESS> energy: array<f32>;
@group(0) @binding(4) var<storage, read_write> moments: array<f32>;
@group(0) @binding(5) var<storage, read> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>) {
    let run = place.x;
    if run >= shape.runs {
        return;
    }
    var products: array<f32, RUN>;
    for (var first = 0u; first < shape.dimension; first += ROWS) {
        var mean: array<f32, ROWS>;
        for (var row = 0u; row < ROWS; row++) {
            mean[row] = moments[min(first + row, shape.dimension - 1u)];
        }
        let line = first / ROWS * shape.features;
        for (var i = 0u; i < RUN; i++) {
            let weights = words[line + min(i * shape.runs + run, shape.features - 1u)];
            var product = 0.0;
            for (var row = 0u; row < ROWS; row++) {
                product += f32((weights << (28u - 4u * row)) >> 28u) * mean[row];
            }
            products[i] += product;
        }
    }
    var trace = 0.0;
    var along = 0.0;
    for (var i = 0u; i < RUN; i++) {
        let feature = i * shape.runs + run;
        if feature < shape.features {
            let product = products[i] * steps[feature];
            let square = features[feature] * features[feature];
            trace += square * energy[feature];
            along += square * product * product;
        }
    }
    moments[shape.dimension + 2u * run] = trace;
    moments[shape.dimension + 2u * run + 1u] = along;
}
