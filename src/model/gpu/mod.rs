//! All that only a GPU needs; in a build without one, `disabled` says so.
#[cfg(not(feature = "webgpu"))]
mod disabled;
#[cfg(feature = "webgpu")]
mod enabled;

#[cfg(not(feature = "webgpu"))]
pub(super) use disabled::{GpuHead, open};
#[cfg(feature = "webgpu")]
pub(super) use enabled::{GpuHead, open};
