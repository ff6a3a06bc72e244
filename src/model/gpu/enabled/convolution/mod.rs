//! Convolutions as compute shaders, fused with their epilogues.
//!
//! burn computes a convolution as a matrix product over an unfolded (im2col) copy of its input, with separate kernels for bias and
//! activation. SFace takes 134 dispatches that way, and a dispatch costs a GPU more than the arithmetic of most layers. Here a layer is one
//! dispatch. The shaders need no subgroups and no tuning at run time. Shapes reach them as numbers, so three pipelines suffice for all
//! layers.
use burn::tensor::{DType, Device};
use burn_cubecl::{CubeDevice, kernel::into_contiguous, tensor::CubeTensor};
use cubecl::client::Client;
use serfiq_network::network::{Convolution, Epilogue, Window};

use super::{
    device_tensors::{DeviceTensors, Weights},
    shader::Shader,
};

/// A convolution with its parameters on the device.
#[derive(Debug)]
pub(in crate::model) struct GpuConvolution {
    kind: Kind,
    shape: Shape,
    weight: Weights,
    epilogue: CubeTensor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pointwise,
    Depthwise,
    Dense,
}

/// What a shader needs to know about a convolution and its input. Sizes are height, width.
#[derive(Debug, Clone, Copy)]
struct Shape {
    batch: usize,
    /// In, out.
    channels: [usize; 2],
    groups: usize,
    window: Window,
    input: [usize; 2],
    output: [usize; 2],
}

impl GpuConvolution {
    /// Prepares a convolution for inputs of the shape `[batch, channels in, height, width]`.
    pub(in crate::model) fn new(of: &Convolution, input: [usize; 4], device: &Device) -> Self {
        let tensors = DeviceTensors::of(device).expect("a program's tensors are all on its own device");
        let shape = Shape::of(of, input);
        let kind = Kind::of(&shape);
        let epilogue: Vec<f32> =
            of.epilogue.iter().flat_map(|&Epilogue { bias, above, below, shift }| [bias, above, below, shift]).collect();
        let weight = tensors.weights(&kind.packed(&shape, &of.weight));
        Self { kind, shape, weight, epilogue: tensors.floats(&epilogue) }
    }

    /// Computes the output, `[batch, channels out, ...]`.
    pub(in crate::model) fn run(&self, input: CubeTensor) -> CubeTensor {
        let (input, shape) = (into_contiguous(input), &self.shape);
        let output = [shape.batch, shape.channels[1], shape.output[0], shape.output[1]];
        let (client, device): (Client, CubeDevice) = (input.client.clone(), input.device.clone());
        let handle = client.empty(output.iter().product::<usize>() * size_of::<f32>());
        let output = CubeTensor::new_contiguous(client.clone(), device, output.into(), handle, DType::F32);
        let [across, down] = self.kind.workgroups(shape);
        let reads = [&input, &self.weight.tensor, &self.epilogue];
        let numbers = [shape.numbers(), vec![self.weight.scale.to_bits() as usize]].concat();
        self.kind.shader().with(self.weight.precision).launch(&reads, &output, &numbers, [across, down, shape.batch]);
        output
    }
}

impl Shape {
    fn of(of: &Convolution, [batch, _, height, width]: [usize; 4]) -> Self {
        let Convolution { channels, groups, window, .. } = *of;
        let output = window.output([height, width]).expect("the import checked that the kernel fits");
        Self { batch, channels, groups, window, input: [height, width], output }
    }

    /// Output channels per group.
    fn channels_each(&self) -> usize {
        self.channels[1] / self.groups
    }

    /// In the layout of `shape.wgsl`, without the scale of the weights.
    fn numbers(&self) -> Vec<usize> {
        let Window { kernel, stride, dilation, padding: [[above, _], [left, _]] } = self.window;
        let parts: [&[usize]; 9] = [
            &self.channels,
            &[self.groups],
            &kernel,
            &stride,
            &dilation,
            &[above, left],
            &self.input,
            &self.output,
            &[self.channels_each()],
        ];
        parts.concat()
    }
}

impl Kind {
    fn of(shape: &Shape) -> Self {
        let Window { kernel, stride, padding, .. } = shape.window;
        let is_plain = kernel == [1, 1] && stride == [1, 1] && padding == [[0; 2]; 2];
        match (shape.groups, shape.channels) {
            (1, _) if is_plain => Self::Pointwise,
            (groups, [channels_in, _]) if groups == channels_in => Self::Depthwise,
            _ => Self::Dense,
        }
    }

    fn shader(self) -> Shader {
        /// Prepends the declarations that all convolutions share.
        macro_rules! with_shape {
            ($file:literal) => {
                concat!(include_str!("shape.wgsl"), include_str!($file))
            };
        }
        match self {
            Self::Pointwise => Shader::new("pointwise", with_shape!("pointwise.wgsl"), [16, 4]),
            Self::Depthwise => Shader::new("depthwise", with_shape!("depthwise.wgsl"), [64, 1]),
            Self::Dense => Shader::new("dense", with_shape!("dense.wgsl"), [64, 1]),
        }
    }

    fn workgroups(self, shape: &Shape) -> [usize; 2] {
        let (pixels, channels) = (shape.output.iter().product::<usize>(), shape.channels[1]);
        match self {
            Self::Pointwise => [pixels.div_ceil(16 * 4), channels.div_ceil(4 * 4)],
            Self::Depthwise => [pixels.div_ceil(64), channels],
            Self::Dense => [pixels.div_ceil(64), shape.groups * shape.channels_each().div_ceil(4)],
        }
    }

    /// Packs the weights in the order that the shader reads.
    fn packed(self, shape: &Shape, weight: &[f32]) -> Vec<f32> {
        let taps = weight.len() / shape.channels[1];
        let at = |channel: usize, tap: usize| weight[channel * taps + tap];
        match self {
            Self::Depthwise => weight.to_vec(),
            Self::Pointwise => {
                let mut packed = vec![0.0; shape.channels[1].next_multiple_of(4) * taps.next_multiple_of(4)];
                for (index, value) in packed.iter_mut().enumerate() {
                    let (tap, channel, fours) = (index % 4, index / 4 % 4, index / 16);
                    let (tap, channel) = (fours % taps.div_ceil(4) * 4 + tap, fours / taps.div_ceil(4) * 4 + channel);
                    if tap < taps && channel < shape.channels[1] {
                        *value = at(channel, tap);
                    }
                }
                packed
            }
            Self::Dense => {
                let each = shape.channels_each();
                let mut packed = Vec::with_capacity(weight.len());
                for (group, first) in (0..shape.groups).flat_map(|group| (0..each).step_by(4).map(move |first| (group, first)))
                {
                    let four =
                        |tap| (first..first + 4).map(move |channel| (channel < each).then_some((group * each + channel, tap)));
                    packed.extend((0..taps).flat_map(four).map(|of| of.map_or(0.0, |(channel, tap)| at(channel, tap))));
                }
                packed
            }
        }
    }
}

#[cfg(test)]
mod tests;
