//! burn, as the code that `burn-onnx` writes sees it: with layers of ours in the place of some of burn's.
//!
//! Ours run on our own kernels: on the CPU on those of `serfiq-kernels`, on the GPU, where they are convolutions, on compute shaders
//! of ours. A convolution does what follows on it too, if that is an activation. Their parameters stay on the CPU until the first
//! run, at which they are brought into the order in which a kernel reads them. And they are made to be loaded, not trained: burn's can draw random weights by every known rule, all of which, down to the QR decomposition of an orthogonal
//! start and the matrix products it needs on a GPU, would be linked into the module, half a megabyte for the page to fetch.
//!
//! | module | owns |
//! |---|---|
//! | `conv` | convolutions |
//! | `after` | what follows on a convolution, and is done to its sums |
//! | `activation` | ReLU, PReLU |
//! | `norm` | batch norms that no convolution takes in |
//! | `pool` | pooling |
//! | `on_cpu` | tensors on the CPU as slices |
//! | `shape` | the shape of a convolution, for the GPU |
//! | `on_gpu` | convolutions as compute shaders; `not_on_gpu` in a build without |
pub use burn::*;

mod activation;
mod after;
mod conv;
mod norm;
mod on_cpu;
#[cfg_attr(not(feature = "webgpu"), path = "not_on_gpu.rs")]
pub(super) mod on_gpu;
mod pool;
mod shape;

pub use after::After;
pub(super) use shape::Shape;

/// In the place of `burn::nn`.
pub mod nn {
    pub use burn::nn::*;

    pub use super::{
        activation::{PRelu, PReluConfig},
        norm::{BatchNorm, BatchNormConfig},
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

        #[allow(unused_imports, reason = "most follow on a convolution, which takes them in")]
        pub use super::super::activation::relu;
    }
}

/// A parameter that is zero until its values are loaded. It is on the CPU, where the layer's kernel takes it from.
fn to_be_loaded<const D: usize>(shape: [usize; D]) -> module::Param<tensor::Tensor<D>> {
    let zeros = move |device: &tensor::Device, _require_grad| tensor::Tensor::zeros(shape, (device, tensor::DType::F32));
    module::Param::uninitialized(module::ParamId::new(), zeros, tensor::Device::flex(), false, shape.into())
}
