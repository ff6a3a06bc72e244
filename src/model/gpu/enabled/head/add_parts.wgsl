// `embeddings[pass, row] = bias[row] + scale * (the sum over all parts)`.
struct Shape {
    // Number of values in all embeddings.
    numbers: u32,
    dimension: u32,
    parts: u32,
    // Number of values in a part.
    part: u32,
    // The bits of a float.
    scale: u32,
}

@group(0) @binding(0) var<storage, ACCESS> sums: array<f32>;
@group(0) @binding(1) var<storage, ACCESS> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> embeddings: array<f32>;
@group(0) @binding(3) var<storage, read> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>) {
    if place.x >= shape.numbers {
        return;
    }
    var total = 0.0;
    for (var part = 0u; part < shape.parts; part++) {
        total += sums[part * shape.part + place.x];
    }
    embeddings[place.x] = bias[place.x % shape.dimension] + bitcast<f32>(shape.scale) * total;
}
