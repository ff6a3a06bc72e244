//! Everything specific to a GPU. In a build without one, `disabled` reports that.
#[cfg(not(feature = "webgpu"))]
mod disabled;
#[cfg(feature = "webgpu")]
mod enabled;

#[cfg(not(feature = "webgpu"))]
pub(super) use disabled::{GpuHead, open};
#[cfg(all(test, feature = "webgpu"))]
pub(super) use enabled::rounds_weights;
#[cfg(feature = "webgpu")]
pub(super) use enabled::{GpuHead, open};
