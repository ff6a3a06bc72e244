use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

create_exception!(serfiq, EngineError, PyRuntimeError, "The engine cannot be loaded, or cannot score.");
create_exception!(serfiq, PictureError, PyValueError, "The picture cannot be read.");

/// Why there is no assessment. None of these is a score of zero.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The picture is at fault: a batch continues.
    #[error("{0}")]
    Picture(String),
    /// The engine is at fault.
    #[error(transparent)]
    Engine(#[from] serfiq::EngineError),
    /// A record that cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl From<serfiq::frame::FrameError> for Failure {
    fn from(error: serfiq::frame::FrameError) -> Self {
        Self::Picture(error.to_string())
    }
}

impl From<serfiq::face::FaceError> for Failure {
    fn from(error: serfiq::face::FaceError) -> Self {
        Self::Picture(error.to_string())
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Picture(message) => PictureError::new_err(message),
            other => EngineError::new_err(other.to_string()),
        }
    }
}
