//! Choosing a backend.
use burn::tensor::Device;

use super::{Backend, BackendChoice, BackendKind, ModelError, gpu};

impl Backend {
    /// Opens the backend of `choice`.
    ///
    /// # Errors
    /// [`ModelError::NoWebGpu`] if WebGPU was requested explicitly but cannot be used. The CPU is always available.
    pub(crate) async fn open(choice: BackendChoice) -> Result<Self, ModelError> {
        match choice {
            BackendChoice::Cpu => Ok(Self::cpu(None)),
            BackendChoice::WebGpu => gpu::open(true).await.map_err(ModelError::NoWebGpu),
            BackendChoice::Auto => Ok(gpu::open(false).await.unwrap_or_else(|reason| Self::cpu(Some(reason)))),
        }
    }

    fn cpu(fallback_reason: Option<String>) -> Self {
        let device = Device::flex();
        Self { device, kind: BackendKind::Cpu, adapter: None, fallback_reason, failure: Default::default(), lost: None }
    }
}
