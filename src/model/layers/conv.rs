use std::sync::{Arc, OnceLock};

use burn::{
    module::{Module, Param},
    nn::PaddingConfig2d,
    tensor::{Device, Tensor, ops::ConvOptions},
};
use serfiq_kernels::{
    direct::Direct,
    finish::{Finish, finish},
    pointwise::Pointwise,
};

use super::{After, Shape, on_cpu, on_gpu, to_be_loaded};

/// In the place of [`burn::nn::conv::Conv2dConfig`].
#[derive(burn::config::Config, Debug)]
pub struct Conv2dConfig {
    /// In, out.
    channels: [usize; 2],
    kernel_size: [usize; 2],
    #[config(default = "[1, 1]")]
    stride: [usize; 2],
    #[config(default = "[1, 1]")]
    dilation: [usize; 2],
    #[config(default = "1")]
    groups: usize,
    #[config(default = "PaddingConfig2d::Valid")]
    padding: PaddingConfig2d,
    #[config(default = true)]
    bias: bool,
}

/// In the place of [`burn::nn::conv::Conv2d`].
#[derive(Module, Debug)]
pub struct Conv2d {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    config: Conv2dConfig,
    /// Made at the first run, when the weights are there and it is known where the input is and what follows.
    #[module(skip)]
    kernel: OnceLock<Kernel>,
}

/// How a convolution is run.
#[derive(Debug, Clone)]
enum Kernel {
    Direct(Arc<Direct>),
    Pointwise(Arc<Pointwise>),
    /// burn's, on the CPU.
    General(Arc<[Finish]>),
    OnGpu(Arc<on_gpu::Convolution>),
}

impl Conv2dConfig {
    pub fn init(&self, _device: &Device) -> Conv2d {
        let ([channels_in, channels_out], [height, width]) = (self.channels, self.kernel_size);
        Conv2d {
            weight: to_be_loaded([channels_out, channels_in / self.groups, height, width]),
            bias: self.bias.then(|| to_be_loaded([channels_out])),
            config: self.clone(),
            kernel: OnceLock::new(),
        }
    }

    /// Whether every output channel reads so few input channels that a product of matrices does not pay: those of a picture, or
    /// one of its own.
    fn is_direct(&self) -> bool {
        self.channels[0] / self.groups <= 3 && self.dilation == [1, 1] && self.padding != PaddingConfig2d::Same
    }

    fn is_pointwise(&self) -> bool {
        self.kernel_size == [1, 1] && self.stride == [1, 1] && self.groups == 1 && self.padding == PaddingConfig2d::Valid
    }

    /// Rows of zeros above and below an input of this height and width, columns of zeros to the left and right.
    fn padding(&self, input: [usize; 2]) -> [[usize; 2]; 2] {
        match self.padding {
            PaddingConfig2d::Valid => [[0; 2]; 2],
            PaddingConfig2d::Explicit(top, left, bottom, right) => [[top, bottom], [left, right]],
            // As many outputs as strides fit; of an odd number of zeros, one more goes behind.
            PaddingConfig2d::Same => [0, 1].map(|axis| {
                let outputs = input[axis].div_ceil(self.stride[axis]);
                let covered = outputs.saturating_sub(1) * self.stride[axis] + self.kernel_size[axis];
                let zeros = covered.saturating_sub(input[axis]);
                [zeros / 2, zeros - zeros / 2]
            }),
        }
    }

    /// What a kernel on the GPU has to know.
    fn shape(&self, input: [usize; 2]) -> Shape {
        let Self { channels, kernel_size: kernel, stride, dilation, groups, .. } = *self;
        Shape { channels, groups, kernel, stride, dilation, padding: self.padding(input), input }
    }
}

impl Conv2d {
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.forward_then(input, After::default())
    }

    /// The convolution, and what always follows on it. This is what `serfiq-models` makes of the code that `burn-onnx` writes.
    pub fn forward_then(&self, input: Tensor<4>, after: After<'_>) -> Tensor<4> {
        let [batch, _, height, width] = input.dims();
        let channels = self.config.channels[1];
        if !after.fits(channels) {
            return after.apply(self.forward(input));
        }
        match self.kernel.get_or_init(|| self.kernel(&input, after.finishes(self.biases()))) {
            Kernel::Direct(kernel) => {
                let [out_height, out_width] = kernel.output_size([height, width]);
                on_cpu::map(input, [1, channels, out_height, out_width], |values, output| {
                    kernel.run(values, [height, width], output)
                })
            }
            Kernel::Pointwise(kernel) => {
                on_cpu::map(input, [1, channels, height, width], |values, output| kernel.run(values, output))
            }
            Kernel::General(finishes) => {
                let padding = self.config.padding([height, width]).map(|[before, behind]| (before, behind));
                let Conv2dConfig { stride, dilation, groups, .. } = self.config;
                let options = ConvOptions::new_with_padding(stride, padding, dilation, groups);
                let sums = on_cpu::conv2d(input, self.weight.val(), options);
                on_cpu::change(sums, |sums| {
                    let item = sums.len() / batch;
                    sums.chunks_exact_mut(item.max(1)).for_each(|sums| finish(sums, finishes));
                })
            }
            Kernel::OnGpu(kernel) => kernel.run(input, &self.config.shape([height, width])),
        }
    }

    fn biases(&self) -> Vec<f32> {
        self.bias.as_ref().map_or_else(|| vec![0.0; self.config.channels[1]], |bias| on_cpu::values(bias.val()))
    }

    fn kernel(&self, input: &Tensor<4>, finish: Vec<Finish>) -> Kernel {
        let ([batch, _, height, width], config) = (input.dims(), &self.config);
        let weight = || on_cpu::values(self.weight.val());
        if !on_cpu::is_on_cpu(input) {
            let shape = config.shape([height, width]);
            return Kernel::OnGpu(Arc::new(on_gpu::Convolution::new(&input.device(), &shape, &weight(), &finish)));
        }
        // The networks are run on one picture at a time, but may have made a batch of its parts.
        if batch == 1 && config.is_direct() {
            let Conv2dConfig { groups, kernel_size: kernel, stride, .. } = *config;
            let padding = config.padding([height, width]);
            return Kernel::Direct(Arc::new(Direct { weight: weight(), finish, groups, kernel, stride, padding }));
        }
        if batch == 1 && config.is_pointwise() {
            return Kernel::Pointwise(Arc::new(Pointwise::new(&weight(), finish)));
        }
        Kernel::General(finish.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_is_padded_to_behind_first() {
        let of = |kernel, stride| Conv2dConfig::new([1, 1], kernel).with_stride(stride).with_padding(PaddingConfig2d::Same);
        assert_eq!(of([3, 3], [2, 1]).padding([7, 8]), [[1, 1], [1, 1]]);
        assert_eq!(of([2, 3], [1, 2]).padding([5, 8]), [[0, 1], [0, 1]]);
        assert_eq!(of([1, 1], [3, 1]).padding([7, 8]), [[0, 0], [0, 0]]);
    }

    #[test]
    fn a_slope_for_each_pixel_is_no_finish_and_still_counts() {
        let device = Device::flex();
        let mut conv = Conv2dConfig::new([1, 1], [1, 1]).with_bias(false).init(&device);
        conv.weight = Param::from_tensor(Tensor::ones([1, 1, 1, 1], &device));
        let prelu = super::super::activation::PReluConfig::new().with_num_parameters(4).init_with(&[1.0, 2.0, 3.0, 4.0]);
        let input = Tensor::<1>::from_floats([-1.0, -1.0, -1.0, 5.0], &device).reshape([1, 1, 2, 2]);
        let output = on_cpu::values(conv.forward_then(input, After::prelu(&prelu)));
        assert_eq!(output, [-1.0, -2.0, -3.0, 5.0]);
    }
}
