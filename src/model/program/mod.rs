//! Runs networks: steps of `serfiq-network` on burn's tensors, with our own kernels where we have them.
//!
//! One executor for both backends. A step runs on our own kernel if there is one, otherwise as an operation of burn's backend. burn's
//! backends are called directly: its tensor type would link every backend into each browser module. Nothing is trained here, so these are
//! not burn modules with parameters.
//!
//! | module | owns |
//! |---|---|
//! | `steps` | every kind of step, prepared and run |
//! | `kernels` | the interface of a backend's own kernels |
//! | `cpu` | these kernels on the CPU; `gpu::kernels` has those on the GPU |
mod cpu;
pub(super) mod kernels;
mod steps;

use burn::{
    backend::Flex,
    tensor::{Device, Tensor, TensorData},
};
use serfiq_network::Network;

use super::{Backend, BackendKind};
use steps::Steps;

/// A network on its device, for inputs of one shape.
pub(crate) struct Program {
    device: Device,
    input: Vec<usize>,
    on: On,
}

/// The backend that the network runs on.
enum On {
    Cpu(Steps<Flex>),
    #[cfg(feature = "webgpu")]
    Gpu(Steps<burn_cubecl::CubeBackend>),
}

impl Program {
    /// Uploads the weights to the device, in the order that the kernels read.
    pub(crate) fn new(network: Network, backend: &Backend) -> Self {
        let device = backend.device.clone();
        let input = network.shape(network.input).to_vec();
        let on = match backend.kind {
            BackendKind::Cpu => On::Cpu(Steps::new(network, &device)),
            #[cfg(feature = "webgpu")]
            BackendKind::WebGpu => On::Gpu(Steps::new(network, &device)),
            #[cfg(not(feature = "webgpu"))]
            BackendKind::WebGpu => unreachable!("a build for the CPU alone opens no GPU"),
        };
        Self { device, input, on }
    }

    /// Computes the outputs for an input of the network's shape, row-major: each `[1, elements]`, in the order of the file.
    pub(crate) fn run(&self, input: Vec<f32>) -> Vec<Tensor<2>> {
        let input = Tensor::<1>::from_data(TensorData::new(input, [self.input.iter().product::<usize>()]), &self.device);
        match &self.on {
            On::Cpu(steps) => steps.run(input),
            #[cfg(feature = "webgpu")]
            On::Gpu(steps) => steps.run(input),
        }
    }
}

#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod tests;
