//! The pool of workers; in a module without, nothing.
#[cfg(not(feature = "threads"))]
mod disabled;
#[cfg(feature = "threads")]
mod enabled;

#[cfg(not(feature = "threads"))]
pub(super) use disabled::Call;
#[cfg(feature = "threads")]
pub(super) use enabled::Call;
