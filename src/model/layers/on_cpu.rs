//! Tensors on the CPU as slices.
use burn::{
    backend::Flex,
    tensor::{Device, Tensor, TensorData},
};

/// Whether our own kernels can have this tensor.
pub(super) fn is_on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.device() == Device::flex()
}

/// The tensor that `run` makes of the values of one on the CPU, row-major.
pub(super) fn map<const D: usize>(tensor: Tensor<D>, shape: [usize; D], run: impl FnOnce(&[f32]) -> Vec<f32>) -> Tensor<D> {
    let device = tensor.device();
    let tensor = on_cpu(tensor).to_contiguous();
    let output = run(tensor.as_slice().expect("a contiguous tensor of f32"));
    Tensor::from_data(TensorData::new(output, shape), &device)
}

/// The tensor on the CPU with its values changed; in place, where nobody else holds it.
pub(super) fn change<const D: usize>(tensor: Tensor<D>, run: impl FnOnce(&mut [f32])) -> Tensor<D> {
    let mut tensor = on_cpu(tensor).to_contiguous();
    run(tensor.storage_mut());
    Tensor::from_primitive::<Flex>(tensor)
}

/// The values of a parameter on the CPU.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    on_cpu(tensor).to_contiguous().as_slice().expect("a contiguous tensor of f32").to_vec()
}

fn on_cpu<const D: usize>(tensor: Tensor<D>) -> <Flex as burn::backend::BackendTypes>::FloatTensorPrimitive {
    tensor.try_into_primitive::<Flex>().expect("the caller has looked where the tensor is")
}
