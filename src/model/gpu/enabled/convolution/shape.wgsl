// Shared by all convolutions: the shape, as `Shape::numbers` writes it, and the bits of a float, the scale of the sums.
struct Shape {
    channels_in: u32,
    channels_out: u32,
    groups: u32,
    kernel_height: u32,
    kernel_width: u32,
    stride_down: u32,
    stride_across: u32,
    dilation_down: u32,
    dilation_across: u32,
    above: u32,
    left: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    channels_each: u32,
    scale: u32,
}

@group(0) @binding(0) var<storage, ACCESS> input: array<f32>;
// Binding 1 holds the weights.
@group(0) @binding(2) var<storage, ACCESS> finishes: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<storage, read> shape: Shape;

// Applies the bias, the factors above and below zero, and the shift of an output channel.
fn finished(sum: f32, channel: u32) -> f32 {
    let finish = finishes[channel];
    let x = sum * bitcast<f32>(shape.scale) + finish.x;
    return x * select(finish.y, finish.z, x < 0.0) + finish.w;
}

// Row and column of the input under the kernel's first weight at an output pixel. Negative ones wrap around and are then beyond the last.
fn first_place(pixel: u32) -> vec2<u32> {
    let place = vec2(pixel / shape.out_width, pixel % shape.out_width);
    return place * vec2(shape.stride_down, shape.stride_across) - vec2(shape.above, shape.left);
}

fn is_within(place: vec2<u32>) -> bool {
    return place.x < shape.height && place.y < shape.width;
}
