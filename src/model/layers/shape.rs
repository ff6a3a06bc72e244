/// What a kernel on the GPU has to know of a convolution and its input. Sizes are height, width.
#[derive(Debug)]
#[cfg_attr(not(feature = "webgpu"), allow(dead_code, reason = "there is nobody to read it"))]
pub(crate) struct Shape {
    /// In, out.
    pub channels: [usize; 2],
    pub groups: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Above and below, left and right.
    pub padding: [[usize; 2]; 2],
    pub input: [usize; 2],
}
