//! CPU or WebGPU: choosing, opening, checking, and hearing of its loss.
use std::sync::{Arc, OnceLock};

use burn::tensor::{Device, Tensor, TensorData, module::conv2d, ops::ConvOptions};
use burn_wgpu::{RuntimeOptions, WgpuSetup, try_init_device, wgpu};
use futures_channel::oneshot;

use super::ModelError;

/// Which backend to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackendChoice {
    /// WebGPU where there is a hardware adapter and it works, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// WebGPU, be it a software adapter; an error where there is none.
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

/// An open device, and how it came to be chosen.
#[derive(Debug)]
pub struct Backend {
    pub(crate) device: Device,
    /// Which kind it is.
    pub kind: BackendKind,
    /// Name of the GPU, as far as the system tells.
    pub adapter: Option<String>,
    /// Why WebGPU is not in use though it might have been.
    pub fallback_reason: Option<String>,
    failure: Failure,
    lost: Option<GpuLost>,
}

/// Completes with the reason when the GPU is lost: unplugged, reset by its driver, or taken by the system.
pub type GpuLost = oneshot::Receiver<String>;

/// The first thing that went wrong on a GPU. wgpu reports it on the side, not where the result is read.
#[derive(Debug, Clone, Default)]
struct Failure(Arc<OnceLock<String>>);

impl Backend {
    /// Opens the backend of `choice`.
    ///
    /// # Errors
    /// [`ModelError::NoWebGpu`] if WebGPU was asked for by name and cannot be used. The CPU can always be used.
    pub async fn open(choice: BackendChoice) -> Result<Self, ModelError> {
        match choice {
            BackendChoice::Cpu => Ok(Self::cpu(None)),
            BackendChoice::WebGpu => Self::webgpu(true).await.map_err(ModelError::NoWebGpu),
            BackendChoice::Auto => Ok(Self::webgpu(false).await.unwrap_or_else(|reason| Self::cpu(Some(reason)))),
        }
    }

    fn cpu(fallback_reason: Option<String>) -> Self {
        let device = Device::flex();
        Self { device, kind: BackendKind::Cpu, adapter: None, fallback_reason, failure: Failure::default(), lost: None }
    }

    async fn webgpu(software_too: bool) -> Result<Self, String> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options =
            wgpu::RequestAdapterOptions { power_preference: wgpu::PowerPreference::HighPerformance, ..Default::default() };
        let adapter = instance.request_adapter(&options).await.map_err(|e| format!("there is no adapter ({e})"))?;
        let info = adapter.get_info();
        if info.device_type == wgpu::DeviceType::Cpu && !software_too {
            return Err(format!("the only adapter is software ({}), which is slower than the CPU backend", name_of(&info)));
        }
        let (device, queue) =
            adapter.request_device(&descriptor(&adapter)).await.map_err(|e| format!("the adapter gave no device ({e})"))?;
        let setup = WgpuSetup { instance, adapter, device: device.clone(), queue, backend: info.backend };
        let options = RuntimeOptions::try_default().map_err(|e| e.to_string())?;
        let registered = try_init_device(setup, options).map_err(|e| e.to_string())?;

        // After burn's own handlers, which panic: an error on the GPU is a state here, and a panic would end the module.
        let failure = Failure::default();
        let lost = watch(&device, failure.clone());
        let backend = Self {
            device: Device::new(registered),
            kind: BackendKind::WebGpu,
            adapter: Some(name_of(&info)),
            fallback_reason: None,
            failure,
            lost: Some(lost),
        };
        backend.check_arithmetic().await?;
        Ok(backend)
    }

    /// A convolution whose result is known: an adapter that gets it wrong, or refuses the shader, is not used.
    async fn check_arithmetic(&self) -> Result<(), String> {
        let tensor =
            |values: [f32; 4], shape: [usize; 4]| Tensor::<4>::from_data(TensorData::new(values.to_vec(), shape), &self.device);
        let (picture, weight) = (tensor([1.0, 2.0, 3.0, 4.0], [1, 2, 1, 2]), tensor([1.0, 2.0, 3.0, 4.0], [2, 2, 1, 1]));
        let result = conv2d(picture, weight, None, ConvOptions::new([1, 1], [0, 0], [1, 1], 1));
        let result = self.read(result).await.map_err(|e| e.to_string())?;
        match result == [7.0, 10.0, 15.0, 22.0] {
            true => Ok(()),
            false => Err(format!("it gets a convolution of two channels wrong: {result:?}")),
        }
    }

    /// Reads a tensor back, row-major.
    pub(crate) async fn read<const D: usize>(&self, tensor: Tensor<D>) -> Result<Vec<f32>, ModelError> {
        let data = tensor.into_data_async().await;
        if let Some(reason) = self.failure.0.get() {
            return Err(ModelError::GpuLost(reason.clone()));
        }
        let data = data.map_err(|e| ModelError::Device(e.to_string()))?;
        data.try_into_vec().map_err(|e| ModelError::Device(format!("{e:?}")))
    }

    /// The future that completes when the GPU is lost; `None` on the CPU, and after the first call.
    pub fn take_lost(&mut self) -> Option<GpuLost> {
        self.lost.take()
    }
}

/// All that the adapter offers, but what is experimental or of no use to compute shaders.
fn descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
    let unwanted = wgpu::Features::MAPPABLE_PRIMARY_BUFFERS | wgpu::Features::all_experimental_mask();
    wgpu::DeviceDescriptor {
        label: Some("serfiq"),
        required_features: adapter.features().difference(unwanted),
        required_limits: adapter.limits(),
        memory_hints: wgpu::MemoryHints::MemoryUsage,
        ..Default::default()
    }
}

fn name_of(info: &wgpu::AdapterInfo) -> String {
    match info.name.trim() {
        "" => "an adapter that does not tell its name".into(),
        name => name.into(),
    }
}

fn watch(device: &wgpu::Device, failure: Failure) -> GpuLost {
    let (sender, receiver) = oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let lost = failure.clone();
    device.set_device_lost_callback(move |reason, message| {
        let words = match message.as_str() {
            "" => format!("the GPU was lost ({reason:?})"),
            message => format!("the GPU was lost ({message})"),
        };
        // Only the first reason counts, and a receiver that is gone need not be told.
        let _ = lost.0.set(words.clone());
        if let Some(sender) = sender.lock().ok().and_then(|mut s| s.take()) {
            let _ = sender.send(words);
        }
    });
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let _ = failure.0.set(error.to_string());
    }));
    receiver
}
