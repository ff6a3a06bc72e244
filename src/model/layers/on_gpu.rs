//! Convolutions as compute shaders, with what follows on them.
//!
//! burn's own are products of matrices for which the input is first copied out, and leave bias and activation to further kernels:
//! 134 dispatches for SFace, of which each costs a GPU more than the sums of most layers do. Here a layer is one dispatch. The
//! shaders need no subgroups and nothing is tuned at run time; shapes reach them as numbers, so that three pipelines do for all
//! layers of a kind.
use burn::tensor::{DType, Device, Tensor};
use burn_cubecl::{CubeBackend, CubeDevice, tensor::CubeTensor};
use cubecl::{
    CubeKernel, PrecompiledSource,
    client::Client,
    ir::{UIntKind, metadata::Info},
    prelude::*,
    server::{KernelArguments, MetadataBindingInfo},
};
use serfiq_kernels::finish::Finish;

use super::Shape;
use crate::model::device_tensors::{DeviceTensors, primitive};

const NOT_ON_CPU: &str = "what is not on the CPU is on the GPU";

/// A convolution with its parameters on the device.
#[derive(Debug)]
pub(crate) struct Convolution {
    shader: Shader,
    weight: CubeTensor,
    finishes: CubeTensor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shader {
    Pointwise,
    Depthwise,
    Dense,
}

impl Convolution {
    /// `weight` is `[channels out, channels in / groups, kernel height, kernel width]`.
    pub(crate) fn new(device: &Device, shape: &Shape, weight: &[f32], finish: &[Finish]) -> Self {
        let tensors = DeviceTensors::of(device).expect(NOT_ON_CPU);
        let shader = Shader::of(shape);
        let finishes: Vec<f32> = finish.iter().flat_map(|f| [f.bias, f.above, f.below, f.shift]).collect();
        Self { shader, weight: tensors.floats(&shader.packed(shape, weight)), finishes: tensors.floats(&finishes) }
    }

    /// The output for an input `[batch, channels in, height, width]`.
    pub(crate) fn run(&self, input: Tensor<4>, shape: &Shape) -> Tensor<4> {
        let (batch, [height, width]) = (input.dims()[0], shape.output());
        let input = primitive(input).expect(NOT_ON_CPU);
        let output = [batch, shape.channels[1], height, width];
        let (client, device): (Client, CubeDevice) = (input.client.clone(), input.device.clone());
        let handle = client.empty(output.iter().product::<usize>() * size_of::<f32>());
        let output = CubeTensor::new_contiguous(client.clone(), device, output.into(), handle, DType::F32);
        let read = |tensor: &CubeTensor| tensor.handle.clone().binding();
        let arguments = KernelArguments::new()
            .with_buffer_io(read(&input), BufferIOAttr::ReadOnly)
            .with_buffer_io(read(&self.weight), BufferIOAttr::ReadOnly)
            .with_buffer_io(read(&self.finishes), BufferIOAttr::ReadOnly)
            .with_buffer_io(read(&output), BufferIOAttr::WriteOnly)
            .with_info(MetadataBindingInfo::custom(shape.words()));
        let [across, down] = self.shader.workgroups(shape);
        client.launch(Box::new(self.shader), CubeCount::Static(across, down, batch as u32), arguments);
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

    /// As `on_gpu/shape.wgsl` reads it, two numbers in a word.
    fn words(&self) -> Vec<u64> {
        let ([channels_in, channels_out], [out_height, out_width]) = (self.channels, self.output());
        let [[above, _], [left, _]] = self.padding;
        let ([kernel_height, kernel_width], [stride_down, stride_across]) = (self.kernel, self.stride);
        let ([dilation_down, dilation_across], [height, width]) = (self.dilation, self.input);
        let pair = |low: usize, high: usize| low as u64 | (high as u64) << 32;
        vec![
            pair(channels_in, channels_out),
            pair(self.groups, kernel_height),
            pair(kernel_width, stride_down),
            pair(stride_across, dilation_down),
            pair(dilation_across, above),
            pair(left, height),
            pair(width, out_height),
            pair(out_width, self.channels_each()),
        ]
    }
}

impl Shader {
    fn of(shape: &Shape) -> Self {
        let is_plain = shape.stride == [1, 1] && shape.padding == [[0; 2]; 2];
        match shape {
            Shape { groups: 1, kernel: [1, 1], .. } if is_plain => Self::Pointwise,
            Shape { groups, channels: [channels_in, _], .. } if groups == channels_in => Self::Depthwise,
            _ => Self::Dense,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Pointwise => include_str!("on_gpu/pointwise.wgsl"),
            Self::Depthwise => include_str!("on_gpu/depthwise.wgsl"),
            Self::Dense => include_str!("on_gpu/dense.wgsl"),
        }
    }

    fn workgroup_size(self) -> CubeDim {
        match self {
            Self::Pointwise => CubeDim::new_2d(16, 4),
            Self::Depthwise | Self::Dense => CubeDim::new_1d(64),
        }
    }

    fn workgroups(self, shape: &Shape) -> [u32; 2] {
        let [height, width] = shape.output();
        let (pixels, channels) = (height * width, shape.channels[1]);
        match self {
            Self::Pointwise => [pixels.div_ceil(16 * 4), channels.div_ceil(4 * 4)],
            Self::Depthwise => [pixels.div_ceil(64), channels],
            Self::Dense => [pixels.div_ceil(64), shape.groups * shape.channels_each().div_ceil(4)],
        }
        .map(|count| count as u32)
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

impl KernelMetadata for Shader {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(*self).cube_dim(self.workgroup_size().0)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Shader {
    /// Nothing: the source is all there is.
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(self.workgroup_size().0, ExecutionMode::Checked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        // Natively tensors share buffers, and a buffer that is written somewhere must not be bound as one that is only read.
        let access = if cfg!(target_family = "wasm") { "read" } else { "read_write" };
        let weight = if *self == Self::Depthwise { "f32" } else { "vec4<f32>" };
        let shape = include_str!("on_gpu/shape.wgsl").replace("ACCESS", access).replace("WEIGHT", weight);
        Some(PrecompiledSource { source: shape + self.code(), entrypoint_name: "main".into(), lang: "wgsl" })
    }
}

#[cfg(test)]
mod tests;
