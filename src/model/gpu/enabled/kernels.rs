//! Our own kernels on the GPU. Everything else uses burn's, which are compiled on first use.
use burn::{
    backend::{
        ops::{ActivationOps, FloatTensorOps, InterpolateMode, InterpolateOptions, ModuleOps},
        tensor::FloatTensor,
    },
    tensor::{Device, ops::PadMode},
};
use burn_cubecl::CubeBackend;
use serfiq_network::network::{Convolution, Window};

use super::convolution;
use crate::model::program::kernels::{Kernels, PerChannel, general_max_pool, upload};

type CubeTensor = FloatTensor<CubeBackend>;

/// A function of each channel with its parameters on the device.
pub(in crate::model) struct GpuPerChannel {
    /// Factors for all values, or, without a shift, for negative ones: a PReLU's slopes.
    factors: CubeTensor,
    shift: Option<CubeTensor>,
}

impl Kernels for CubeBackend {
    type Convolution = convolution::GpuConvolution;
    type PerChannel = GpuPerChannel;
    /// The device has a pool of its own.
    type Buffers = ();

    fn convolution(of: &Convolution, input: [usize; 4], device: &Device) -> convolution::GpuConvolution {
        convolution::GpuConvolution::new(of, input, device)
    }

    fn joined(
        _: &convolution::GpuConvolution,
        _: &convolution::GpuConvolution,
        _: [usize; 4],
    ) -> Option<convolution::GpuConvolution> {
        None
    }

    fn joined_max_pool(_: &convolution::GpuConvolution, _: &Window) -> Option<convolution::GpuConvolution> {
        None
    }

    fn convolve(of: &convolution::GpuConvolution, input: CubeTensor, (): &mut ()) -> CubeTensor {
        of.run(input)
    }

    fn per_channel(of: PerChannel<'_>, input: &[usize], device: &Device) -> GpuPerChannel {
        let beside_input = |values: &[f32]| {
            let mut shape = vec![1; input.len()];
            if let (Some(channels), true) = (shape.get_mut(1), values.len() > 1) {
                *channels = values.len();
            }
            upload::<Self>(values.to_vec(), &shape, device)
        };
        match of {
            PerChannel::PRelu { slopes } => GpuPerChannel { factors: beside_input(slopes), shift: None },
            PerChannel::Affine { scale, shift } => {
                GpuPerChannel { factors: beside_input(scale), shift: Some(beside_input(shift)) }
            }
        }
    }

    fn each_channel(GpuPerChannel { factors, shift }: &GpuPerChannel, input: CubeTensor) -> CubeTensor {
        match shift {
            None => Self::prelu(input, factors.clone()),
            Some(shift) => Self::float_add(Self::float_mul(input, factors.clone()), shift.clone()),
        }
    }

    fn rectify(input: CubeTensor) -> CubeTensor {
        Self::relu(input)
    }

    fn logistic(input: CubeTensor) -> CubeTensor {
        Self::sigmoid(input)
    }

    fn sum(a: CubeTensor, b: CubeTensor, (): &mut ()) -> CubeTensor {
        Self::float_add(a, b)
    }

    fn max_pool(window: &Window, _shape: [usize; 4], input: CubeTensor, (): &mut ()) -> CubeTensor {
        general_max_pool::<Self>(window, input)
    }

    fn repeat([down, across]: [usize; 2], [_, _, height, width]: [usize; 4], input: CubeTensor, (): &mut ()) -> CubeTensor {
        Self::interpolate(input, [height * down, width * across], InterpolateOptions::new(InterpolateMode::Nearest))
    }

    fn channels_last(_shape: [usize; 4], input: CubeTensor, (): &mut ()) -> CubeTensor {
        Self::float_permute(input, &[0, 2, 3, 1])
    }

    fn append_channels(count: usize, value: f32, _shape: [usize; 4], input: CubeTensor, (): &mut ()) -> CubeTensor {
        Self::float_pad(input, &[(0, 0), (0, count), (0, 0), (0, 0)], PadMode::Constant(value))
    }
}
