//! An open CPU or WebGPU backend: reads results back and reports its loss.
use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use burn::tensor::{Device, Tensor};
use futures_channel::oneshot;

use super::ModelError;

/// Which backend to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum BackendChoice {
    /// WebGPU if there is a working hardware adapter, otherwise the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// WebGPU, on a software adapter if need be; an error if there is none.
    WebGpu,
}

/// A backend in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendKind {
    /// burn-flex: SIMD kernels on the CPU.
    Cpu,
    /// Compute shaders, in the browser and natively.
    WebGpu,
}

impl BackendKind {
    /// The name in reports and in JavaScript: `cpu` or `webgpu`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
        }
    }
}

/// An open device, and why it was chosen.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) device: Device,
    /// Which kind it is.
    pub(crate) kind: BackendKind,
    /// Name of the GPU, if the system reveals it.
    pub(crate) adapter: Option<String>,
    /// Why the CPU is used instead of WebGPU.
    pub(crate) fallback_reason: Option<String>,
    pub(super) failure: Failure,
    pub(super) lost: Option<GpuLost>,
}

/// Completes with the reason when the GPU is lost: unplugged, reset by its driver, or reclaimed by the system. Completes with `None` if the
/// GPU is released instead.
#[derive(Debug)]
pub struct GpuLost(pub(super) oneshot::Receiver<String>);

impl Future for GpuLost {
    type Output = Option<String>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<String>> {
        Pin::new(&mut self.0).poll(context).map(Result::ok)
    }
}

/// The first failure on a GPU. wgpu reports it through a callback, not where the result is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Failure(pub(super) Arc<OnceLock<String>>);

impl Backend {
    /// Reads a tensor back, row-major.
    pub(crate) async fn read<const D: usize>(&self, tensor: Tensor<D>) -> Result<Vec<f32>, ModelError> {
        let data = tensor.into_data_async().await;
        if let Some(reason) = self.failure.0.get() {
            return Err(ModelError::GpuLost(reason.clone()));
        }
        let data = data.map_err(|e| ModelError::Device(e.to_string()))?;
        data.try_into_vec().map_err(|e| ModelError::Device(format!("{e:?}")))
    }

    /// Returns the future that completes when the GPU is lost; `None` on the CPU, and after the first call.
    pub(crate) fn take_lost(&mut self) -> Option<GpuLost> {
        self.lost.take()
    }
}
