//! The engine for Python, as the module `serfiq._core`; only translates. What users see is the package in `python/serfiq/`.
//!
//! Records cross as JSON, so that they are those of the command line to the last digit; pixels and embeddings as bytes.
use std::collections::HashMap;

use pyo3::prelude::*;
use scorer::MAX_THREADS;
use serfiq::{ModelCard, Role, models};
use serfiq_eval::Resamples;

mod error;
mod picture;
mod reports;
mod scorer;
mod stream;

/// The compiled part of `serfiq`.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::error::{EngineError, PictureError};
    #[pymodule_export]
    use super::reports::{audit, edc, thresholds};
    #[pymodule_export]
    use super::scorer::Scorer;
    #[pymodule_export]
    use super::stream::Stream;

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let recognisers = models().iter().filter(|card| card.role == Role::Recogniser);
        module.add("RECOGNISERS", recognisers.map(|card| (&card.name, &card.file)).collect::<HashMap<_, _>>())?;
        module.add("DETECTOR", &ModelCard::detector().file)?;
        module.add("LANDMARKS", &ModelCard::landmarks().file)?;
        module.add("FMR", serfiq_reports::FMR)?;
        module.add("RESAMPLES", serfiq_reports::RESAMPLES)?;
        module.add("MAX_RESAMPLES", Resamples::MAX)?;
        module.add("MAX_THREADS", MAX_THREADS)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
