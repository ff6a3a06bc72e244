//! Tensors on the CPU as slices.
use burn::{
    backend::{Flex, ops::ModuleOps},
    tensor::{Device, Tensor, TensorData, ops::ConvOptions},
};

/// Whether our own kernels can have this tensor.
pub(super) fn is_on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.device() == Device::flex()
}

/// The tensor that `run` writes of the values of one on the CPU, row-major.
pub(super) fn map<const D: usize>(tensor: Tensor<D>, shape: [usize; D], run: impl FnOnce(&[f32], &mut [f32])) -> Tensor<D> {
    let device = tensor.device();
    let tensor = on_cpu(tensor).to_contiguous();
    let mut output = vec![0.0; shape.iter().product()];
    run(tensor.as_slice().expect("a contiguous tensor of f32"), &mut output);
    Tensor::from_data(TensorData::new(output, shape), &device)
}

/// The tensor on the CPU with its values changed; in place, where nobody else holds it.
pub(super) fn change<const D: usize>(tensor: Tensor<D>, run: impl FnOnce(&mut [f32])) -> Tensor<D> {
    let mut tensor = on_cpu(tensor).to_contiguous();
    run(tensor.storage_mut());
    Tensor::from_primitive::<Flex>(tensor)
}

/// burn's convolution, without a bias.
pub(super) fn conv2d(input: Tensor<4>, weight: Tensor<4>, options: ConvOptions<2>) -> Tensor<4> {
    // Not by way of burn's own function, which would bring the convolutions of every other backend into the module.
    Tensor::from_primitive::<Flex>(Flex::conv2d(on_cpu(input), on_cpu(weight), None, options))
}

/// The values of a parameter on the CPU.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    on_cpu(tensor).to_contiguous().as_slice().expect("a contiguous tensor of f32").to_vec()
}

fn on_cpu<const D: usize>(tensor: Tensor<D>) -> <Flex as burn::backend::BackendTypes>::FloatTensorPrimitive {
    tensor.try_into_primitive::<Flex>().expect("the caller has looked where the tensor is")
}
