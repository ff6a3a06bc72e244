// `sums[part, row]`: the contribution of a part's features to a row of `W x`. Workgroups: x is rows, z is parts of `run` features.
struct Shape {
    dimension: u32,
    features: u32,
    run: u32,
}

@group(0) @binding(0) var<storage, ACCESS> features: array<f32>;
// `[features, dimension]`.
@group(0) @binding(1) var<storage, ACCESS> weight: array<WEIGHT>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<storage, read> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let row = group.x * 64u + unit.x;
    if row >= shape.dimension {
        return;
    }
    let first = group.z * shape.run;
    var total = 0.0;
    for (var feature = first; feature < min(first + shape.run, shape.features); feature++) {
        total += features[feature] * f32(weight[feature * shape.dimension + row]);
    }
    sums[group.z * shape.dimension + row] = total;
}
