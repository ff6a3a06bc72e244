// Convolutions in which each output channel reads one input channel: each invocation sums one value.
// Weights are `[channels_out, kernel_height, kernel_width]`.
@group(0) @binding(1) var<storage, ACCESS> weight: array<WEIGHT>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let pixel = group.x * 64u + unit.x;
    if pixel >= shape.out_height * shape.out_width {
        return;
    }
    let channel = group.y;
    let plane = (group.z * shape.channels_in + channel / shape.channels_each) * shape.height * shape.width;
    let first = first_place(pixel);
    var sum = 0.0;
    var tap = channel * shape.kernel_height * shape.kernel_width;
    for (var dy = 0u; dy < shape.kernel_height; dy++) {
        for (var dx = 0u; dx < shape.kernel_width; dx++) {
            let place = first + vec2(dy * shape.dilation_down, dx * shape.dilation_across);
            if is_within(place) {
                sum += f32(weight[tap]) * input[plane + place.x * shape.width + place.y];
            }
            tap++;
        }
    }
    output[(group.z * shape.channels_out + channel) * shape.out_height * shape.out_width + pixel] = finished(sum, channel);
}
