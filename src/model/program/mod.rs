//! Running networks: steps of `serfiq-network` on burn's tensors, with our own kernels where we have them.
//!
//! One executor for both backends. A step runs on a kernel of ours where there is one, and otherwise is an operation of burn's backend.
//! burn's backends are called directly: by way of its tensor type every backend would be linked into each module for browsers.
//! Nothing is trained here, so that these are no modules of burn's with parameters.
//!
//! | module | owns |
//! |---|---|
//! | `steps` | every kind of step, prepared and run |
//! | `kernels` | what a backend does with kernels of ours |
//! | `cpu` | these on the CPU; `gpu::kernels` has those on the GPU |
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

/// Where it runs.
enum On {
    Cpu(Steps<Flex>),
    #[cfg(feature = "webgpu")]
    Gpu(Steps<burn_cubecl::CubeBackend>),
}

impl Program {
    /// Brings the weights to the device, in the order in which the kernels read them.
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

    /// The outputs for an input of the network's shape, row-major: each `[1, elements]`, in the order of the file.
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
mod tests;
