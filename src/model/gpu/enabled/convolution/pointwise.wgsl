// 1x1 convolutions: each invocation sums four output channels at four pixels. The pixels lie a workgroup apart, so that neighbours read
// neighbouring values. Weights are `[channels_out / 4, channels_in / 4, 4]` vectors of four input channels, zero-padded.
@group(0) @binding(1) var<storage, ACCESS> weight: array<vec4<WEIGHT>>;

const LANES: u32 = 16u;

fn write(item: u32, channel: u32, first: u32, pixels: u32, sums: vec4<f32>) {
    if channel >= shape.channels_out {
        return;
    }
    let row = (item * shape.channels_out + channel) * pixels;
    for (var i = 0u; i < 4u; i++) {
        let pixel = first + i * LANES;
        if pixel < pixels {
            output[row + pixel] = finished(sums[i], channel);
        }
    }
}

@compute @workgroup_size(16, 4)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) unit: vec3<u32>) {
    let pixels = shape.height * shape.width;
    let fours_in = (shape.channels_in + 3u) / 4u;
    let four = group.y * 4u + unit.y;
    if four * 4u >= shape.channels_out {
        return;
    }
    let first = group.x * LANES * 4u + unit.x;
    // Indices beyond the last pixel or channel read the last one again; weights beyond the last channel are zero.
    let pixel = min(first + vec4(0u, LANES, 2u * LANES, 3u * LANES), vec4(pixels - 1u));
    let last = ((group.z + 1u) * shape.channels_in - 1u) * pixels;
    var sums0 = vec4(0.0);
    var sums1 = vec4(0.0);
    var sums2 = vec4(0.0);
    var sums3 = vec4(0.0);
    var weights = four * fours_in * 4u;
    var row = group.z * shape.channels_in * pixels;
    for (var channel = 0u; channel < fours_in; channel++) {
        let row0 = pixel + min(row, last);
        let row1 = pixel + min(row + pixels, last);
        let row2 = pixel + min(row + 2u * pixels, last);
        let row3 = pixel + min(row + 3u * pixels, last);
        let values0 = vec4(input[row0.x], input[row0.y], input[row0.z], input[row0.w]);
        let values1 = vec4(input[row1.x], input[row1.y], input[row1.z], input[row1.w]);
        let values2 = vec4(input[row2.x], input[row2.y], input[row2.z], input[row2.w]);
        let values3 = vec4(input[row3.x], input[row3.y], input[row3.z], input[row3.w]);
        let weight0 = vec4<f32>(weight[weights]);
        let weight1 = vec4<f32>(weight[weights + 1u]);
        let weight2 = vec4<f32>(weight[weights + 2u]);
        let weight3 = vec4<f32>(weight[weights + 3u]);
        sums0 += weight0.x * values0 + weight0.y * values1 + weight0.z * values2 + weight0.w * values3;
        sums1 += weight1.x * values0 + weight1.y * values1 + weight1.z * values2 + weight1.w * values3;
        sums2 += weight2.x * values0 + weight2.y * values1 + weight2.z * values2 + weight2.w * values3;
        sums3 += weight3.x * values0 + weight3.y * values1 + weight3.z * values2 + weight3.w * values3;
        weights += 4u;
        row += 4u * pixels;
    }
    write(group.z, four * 4u, first, pixels, sums0);
    write(group.z, four * 4u + 1u, first, pixels, sums1);
    write(group.z, four * 4u + 2u, first, pixels, sums2);
    write(group.z, four * 4u + 3u, first, pixels, sums3);
}
