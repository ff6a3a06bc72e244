//! | module | owns |
//! |---|---|
//! | `adapter` | the GPU, opened and checked |
//! | `shader` | our own shaders, launched |
//! | `device_tensors` | what they read and write |
//! | `kernels` | the steps of a network for which there are such shaders |
//! | `convolution` | the most important of these |
//! | `head` | what follows the dropout |
mod adapter;
mod convolution;
mod device_tensors;
mod head;
mod kernels;
mod shader;

pub(in crate::model) use adapter::open;
pub(in crate::model) use head::GpuHead;
