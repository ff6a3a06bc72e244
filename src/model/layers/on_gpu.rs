//! Convolutions as compute shaders, with what follows on them.
//!
//! burn's own are products of matrices for which the input is first copied out, and leave bias and activation to further kernels:
//! 134 dispatches for SFace, of which each costs a GPU more than the sums of most layers do. Here a layer is one dispatch. The
//! shaders need no subgroups and nothing is tuned at run time; shapes reach them as numbers, so that three pipelines do for all
//! layers of a kind.
use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::{CubeBackend, CubeDevice, tensor::CubeTensor};
use cubecl::client::Client;
use serfiq_kernels::finish::Finish;

use super::Shape;
use crate::model::{
    device_tensors::{DeviceTensors, Weights, primitive},
    shader::Shader,
};

const NOT_ON_CPU: &str = "what is not on the CPU is on the GPU";

/// A convolution with its parameters on the device.
#[derive(Debug)]
pub(crate) struct Convolution {
    kind: Kind,
    weight: Weights,
    finishes: CubeTensor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pointwise,
    Depthwise,
    Dense,
}

impl Convolution {
    /// `weight` is `[channels out, channels in / groups, kernel height, kernel width]`.
    pub(crate) fn new(device: &Device, shape: &Shape, weight: &[f32], finish: &[Finish]) -> Self {
        let tensors = DeviceTensors::of(device).expect(NOT_ON_CPU);
        let kind = Kind::of(shape);
        let finishes: Vec<f32> = finish.iter().flat_map(|f| [f.bias, f.above, f.below, f.shift]).collect();
        Self { kind, weight: tensors.weights(&kind.packed(shape, weight)), finishes: tensors.floats(&finishes) }
    }

    /// The output for an input `[batch, channels in, height, width]`.
    pub(crate) fn run(&self, input: Tensor<4>, shape: &Shape) -> Tensor<4> {
        let (batch, [height, width]) = (input.dims()[0], shape.output());
        let input = primitive(input).expect(NOT_ON_CPU);
        let output = [batch, shape.channels[1], height, width];
        let (client, device): (Client, CubeDevice) = (input.client.clone(), input.device.clone());
        let handle = client.empty(output.iter().product::<usize>() * size_of::<f32>());
        let output = CubeTensor::new_contiguous(client.clone(), device, output.into(), handle, DType::F32);
        let [across, down] = self.kind.workgroups(shape);
        let reads = [&input, &self.weight.tensor, &self.finishes];
        let numbers = [shape.numbers(), vec![self.weight.scale.to_bits() as usize]].concat();
        self.kind.shader().with(self.weight.precision).launch(&reads, &output, &numbers, [across, down, batch]);
        Tensor::from_primitive::<CubeBackend>(output)
    }
}

impl Shape {
    fn output(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let covered = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            let padded = self.input[axis] + self.padding[axis].iter().sum::<usize>();
            padded.saturating_sub(covered) / self.stride[axis] + 1
        })
    }

    /// Output channels of a group.
    fn channels_each(&self) -> usize {
        self.channels[1] / self.groups
    }

    /// As `on_gpu/shape.wgsl` reads it, but for the scale of the weights.
    fn numbers(&self) -> Vec<usize> {
        let [[above, _], [left, _]] = self.padding;
        let parts: [&[usize]; 9] = [
            &self.channels,
            &[self.groups],
            &self.kernel,
            &self.stride,
            &self.dilation,
            &[above, left],
            &self.input,
            &self.output(),
            &[self.channels_each()],
        ];
        parts.concat()
    }
}

impl Kind {
    fn of(shape: &Shape) -> Self {
        let is_plain = shape.stride == [1, 1] && shape.padding == [[0; 2]; 2];
        match shape {
            Shape { groups: 1, kernel: [1, 1], .. } if is_plain => Self::Pointwise,
            Shape { groups, channels: [channels_in, _], .. } if groups == channels_in => Self::Depthwise,
            _ => Self::Dense,
        }
    }

    fn shader(self) -> Shader {
        /// With the declarations that all convolutions share.
        macro_rules! with_shape {
            ($file:literal) => {
                concat!(include_str!("on_gpu/shape.wgsl"), include_str!($file))
            };
        }
        match self {
            Self::Pointwise => Shader::new("pointwise", with_shape!("on_gpu/pointwise.wgsl"), [16, 4]),
            Self::Depthwise => Shader::new("depthwise", with_shape!("on_gpu/depthwise.wgsl"), [64, 1]),
            Self::Dense => Shader::new("dense", with_shape!("on_gpu/dense.wgsl"), [64, 1]),
        }
    }

    fn workgroups(self, shape: &Shape) -> [usize; 2] {
        let [height, width] = shape.output();
        let (pixels, channels) = (height * width, shape.channels[1]);
        match self {
            Self::Pointwise => [pixels.div_ceil(16 * 4), channels.div_ceil(4 * 4)],
            Self::Depthwise => [pixels.div_ceil(64), channels],
            Self::Dense => [pixels.div_ceil(64), shape.groups * shape.channels_each().div_ceil(4)],
        }
    }

    /// The weights in the order in which the shader reads them.
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
