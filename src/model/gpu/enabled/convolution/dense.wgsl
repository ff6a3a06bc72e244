// All other convolutions: each invocation sums four output channels of a group at one pixel. Weights are
// `[groups, channels_each / 4, channels_in / groups, kernel_height, kernel_width]` vectors of four output channels, zero-padded.
@group(0) @binding(1) var<storage, ACCESS> weight: array<vec4<WEIGHT>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let pixels = shape.out_height * shape.out_width;
    let pixel = group.x * 64u + unit.x;
    if pixel >= pixels {
        return;
    }
    let fours = (shape.channels_each + 3u) / 4u;
    let inputs = shape.channels_in / shape.groups;
    let part = group.y / fours;
    let first = first_place(pixel);
    var sums = vec4(0.0);
    var tap = group.y * inputs * shape.kernel_height * shape.kernel_width;
    for (var channel = 0u; channel < inputs; channel++) {
        let plane = (group.z * shape.channels_in + part * inputs + channel) * shape.height * shape.width;
        for (var dy = 0u; dy < shape.kernel_height; dy++) {
            for (var dx = 0u; dx < shape.kernel_width; dx++) {
                let place = first + vec2(dy * shape.dilation_down, dx * shape.dilation_across);
                if is_within(place) {
                    sums += vec4<f32>(weight[tap]) * input[plane + place.x * shape.width + place.y];
                }
                tap++;
            }
        }
    }
    let four = group.y % fours * 4u;
    for (var i = 0u; i < min(4u, shape.channels_each - four); i++) {
        let channel = part * shape.channels_each + four + i;
        output[(group.z * shape.channels_out + channel) * pixels + pixel] = finished(sums[i], channel);
    }
}
