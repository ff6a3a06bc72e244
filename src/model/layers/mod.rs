//! burn, as the code that `burn-onnx` writes sees it: with layers that are made to be loaded, not trained.
//!
//! burn's own layers can draw random weights by every known rule. All of them, down to the QR decomposition of an orthogonal
//! start and the matrix products it needs on a GPU, would be linked into the module: half a megabyte for the page to fetch.
pub use burn::*;

pub mod nn {
    pub use burn::nn::*;
    use burn::{
        module::{Param, ParamId},
        tensor::{DType, Device, Tensor},
    };

    /// A parameter that is zero until its values are loaded.
    fn to_be_loaded<const D: usize>(shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
        let zeros = move |device: &Device, _require_grad| Tensor::zeros(shape, (device, DType::F32));
        Param::uninitialized(ParamId::new(), zeros, device.clone(), false, shape.into())
    }

    /// Takes the place of [`burn::nn::PReluConfig`].
    #[derive(burn::config::Config, Debug)]
    pub struct PReluConfig {
        #[config(default = 1)]
        num_parameters: usize,
    }

    impl PReluConfig {
        pub fn init(&self, device: &Device) -> PRelu {
            PRelu { alpha: to_be_loaded([self.num_parameters], device), alpha_value: 0.0 }
        }
    }

    /// Takes the place of [`burn::nn::BatchNormConfig`].
    #[derive(burn::config::Config, Debug)]
    pub struct BatchNormConfig {
        num_features: usize,
        #[config(default = 1e-5)]
        epsilon: f64,
        #[config(default = 0.1)]
        momentum: f64,
    }

    impl BatchNormConfig {
        pub fn init(&self, device: &Device) -> BatchNorm {
            let (shape, &Self { epsilon, momentum, .. }) = ([self.num_features], self);
            BatchNorm {
                gamma: to_be_loaded(shape, device),
                beta: to_be_loaded(shape, device),
                training: Param::from_bool(false),
                running_mean: burn::module::RunningState::new(Tensor::zeros(shape, device)),
                running_var: burn::module::RunningState::new(Tensor::zeros(shape, device)),
                momentum,
                epsilon,
            }
        }
    }

    pub mod conv {
        pub use burn::nn::conv::*;
        use burn::{nn::PaddingConfig2d, tensor::Device};

        use super::to_be_loaded;

        /// Takes the place of [`burn::nn::conv::Conv2dConfig`].
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

        impl Conv2dConfig {
            pub fn init(&self, device: &Device) -> Conv2d {
                let ([channels_in, channels_out], [height, width]) = (self.channels, self.kernel_size);
                Conv2d {
                    weight: to_be_loaded([channels_out, channels_in / self.groups, height, width], device),
                    bias: self.bias.then(|| to_be_loaded([channels_out], device)),
                    stride: self.stride,
                    kernel_size: self.kernel_size,
                    dilation: self.dilation,
                    groups: self.groups,
                    padding: self.padding.clone(),
                }
            }
        }
    }
}
