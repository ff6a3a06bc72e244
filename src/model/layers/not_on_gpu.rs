//! In the place of `on_gpu`, in a build without a GPU: a convolution that nobody makes, since no tensor is elsewhere.
use burn::tensor::{Device, Tensor};
use serfiq_kernels::finish::Finish;

use super::Shape;

#[derive(Debug)]
pub(crate) struct Convolution;

impl Convolution {
    pub(crate) fn new(_device: &Device, _shape: &Shape, _weight: &[f32], _finish: &[Finish]) -> Self {
        unreachable!("a build for the CPU alone has no other device")
    }

    pub(crate) fn run(&self, _input: Tensor<4>, _shape: &Shape) -> Tensor<4> {
        unreachable!("a build for the CPU alone has no other device")
    }
}
