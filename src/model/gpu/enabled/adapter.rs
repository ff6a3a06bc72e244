//! Opens a GPU as a burn device.
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use burn_cubecl::CubeBackend;
use burn_wgpu::{RuntimeOptions, WgpuSetup, try_init_device, wgpu};
use futures_channel::oneshot;
use serfiq_network::network::{Convolution, Epilogue, Window};

use super::{convolution::GpuConvolution, device_tensors::primitive};
use crate::model::{
    Backend, BackendKind,
    backend::{Failure, GpuLost},
};

/// Maximum number of kernels in a submission: more than a frame needs, so that a frame is one submission.
const MAX_TASKS: usize = 512;

/// Opens the best adapter; a software adapter only if `software_too`. Otherwise returns the reason.
pub(in crate::model) async fn open(software_too: bool) -> Result<Backend, String> {
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
    let options = RuntimeOptions::with_tasks_max(Some(MAX_TASKS)).map_err(|e| e.to_string())?;
    let registered = try_init_device(setup, options).map_err(|e| e.to_string())?;

    // Set after burn's own handlers, which panic: a panic would end the module. Ours record the error instead.
    let failure = Failure::default();
    let lost = watch(&device, failure.clone());
    let backend = Backend {
        device: Device::new(registered),
        kind: BackendKind::WebGpu,
        adapter: Some(name_of(&info)),
        fallback_reason: None,
        failure,
        lost: Some(lost),
    };
    check_arithmetic(&backend).await?;
    Ok(backend)
}

/// Runs a convolution with a known result. An adapter that computes it wrongly, or rejects the shader, is not used.
async fn check_arithmetic(backend: &Backend) -> Result<(), String> {
    let window = Window { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [[0; 2]; 2] };
    let weight = Arc::new(vec![1.0, 2.0, 3.0, 4.0]);
    let convolution = Convolution { weight, channels: [2, 2], groups: 1, window, epilogue: vec![Epilogue::bias(0.0); 2] };
    let kernel = GpuConvolution::new(&convolution, [1, 2, 1, 2], &backend.device);
    let picture = TensorData::new(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 1, 2]);
    let picture = primitive(Tensor::<4>::from_data(picture, &backend.device)).map_err(|e| e.to_string())?;
    let result =
        backend.read(Tensor::<4>::from_primitive::<CubeBackend>(kernel.run(picture))).await.map_err(|e| e.to_string())?;
    match result == [7.0, 10.0, 15.0, 22.0] {
        true => Ok(()),
        false => Err(format!("it computes a convolution of two channels wrongly: {result:?}")),
    }
}

/// Everything that the adapter offers, except what is experimental or useless to compute shaders.
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
        "" => "an unnamed adapter".into(),
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
        // Only the first reason counts. The receiver may be gone.
        let _ = lost.0.set(words.clone());
        if let Some(sender) = sender.lock().ok().and_then(|mut s| s.take()) {
            let _ = sender.send(words);
        }
    });
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let _ = failure.0.set(error.to_string());
    }));
    GpuLost(receiver)
}
