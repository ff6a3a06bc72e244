//! | module | owns |
//! |---|---|
//! | `adapter` | the GPU, opened and checked |
//! | `shader` | launching our own shaders |
//! | `device_tensors` | the tensors that they read and write |
//! | `kernels` | the network steps that have such shaders |
//! | `convolution` | the most important of them |
//! | `head` | everything after the dropout |
mod adapter;
mod convolution;
mod device_tensors;
mod head;
mod kernels;
mod shader;

pub(in crate::model) use adapter::open;
pub(in crate::model) use head::GpuHead;

/// Whether weights are rounded to half floats.
#[cfg(test)]
pub(in crate::model) fn rounds_weights(backend: &crate::model::Backend) -> bool {
    device_tensors::DeviceTensors::of(&backend.device).unwrap().precision() == shader::Precision::Half
}
