//! The pool of workers; a no-op in a module without threads.
#[cfg(not(feature = "threads"))]
mod disabled;
#[cfg(feature = "threads")]
mod enabled;

#[cfg(not(feature = "threads"))]
pub(super) use disabled::Call;
#[cfg(feature = "threads")]
pub(super) use enabled::Call;
