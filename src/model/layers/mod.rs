//! burn, as the code that `burn-onnx` writes sees it: with layers of ours in the place of some of burn's.
//!
//! Ours run on our own kernels on the CPU (`serfiq-kernels`), and on burn's elsewhere. And they are made to be loaded, not
//! trained: burn's can draw random weights by every known rule, all of which, down to the QR decomposition of an orthogonal
//! start and the matrix products it needs on a GPU, would be linked into the module, half a megabyte for the page to fetch.
//!
//! | module | owns |
//! |---|---|
//! | `conv` | convolutions |
//! | `activation` | ReLU, PReLU |
//! | `norm` | batch norms that no convolution takes in |
//! | `pool` | pooling |
//! | `on_cpu` | tensors on the CPU as slices |
pub use burn::*;

mod activation;
mod conv;
mod norm;
mod on_cpu;
mod pool;

/// In the place of `burn::nn`.
pub mod nn {
    pub use burn::nn::*;

    pub use super::{
        activation::{PRelu, PReluConfig},
        norm::BatchNormConfig,
    };

    /// In the place of `burn::nn::conv`.
    pub mod conv {
        #[allow(unused_imports, reason = "other models have other layers")]
        pub use burn::nn::conv::*;

        pub use super::super::conv::{Conv2d, Conv2dConfig};
    }

    /// In the place of `burn::nn::pool`.
    pub mod pool {
        #[allow(unused_imports, reason = "other models have other layers")]
        pub use burn::nn::pool::*;

        pub use super::super::pool::{MaxPool2d, MaxPool2dConfig};
    }
}

/// In the place of `burn::tensor`.
pub mod tensor {
    pub use burn::tensor::*;

    /// In the place of `burn::tensor::activation`.
    pub mod activation {
        pub use burn::tensor::activation::*;

        pub use super::super::activation::relu;
    }
}

/// A parameter that is zero until its values are loaded.
fn to_be_loaded<const D: usize>(shape: [usize; D], device: &tensor::Device) -> module::Param<tensor::Tensor<D>> {
    let zeros = move |device: &tensor::Device, _require_grad| tensor::Tensor::zeros(shape, (device, tensor::DType::F32));
    module::Param::uninitialized(module::ParamId::new(), zeros, device.clone(), false, shape.into())
}
