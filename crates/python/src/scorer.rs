use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use pollster::block_on;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serfiq::face::AlignedCrop;
use serfiq::frame::Frame;
use serfiq::guide::{Settings, Threshold};
use serfiq::report::{MethodReport, Place};
use serfiq::score::{DropoutMasks, Method};
use serfiq::{Assessment, BackendChoice, Engine, ModelCard, ModelFile, ModelFiles};

use crate::error::{EngineError, Failure};
use crate::picture::Picture;
use crate::stream::Stream;

/// More than any machine has cores.
pub const MAX_THREADS: usize = 1024;

/// The loaded engine, and how it scores.
#[pyclass(frozen, module = "serfiq._core")]
pub struct Scorer {
    core: Arc<Core>,
    threads: NonZeroUsize,
    /// Divides each layer of a single picture.
    pool: ThreadPool,
}

/// The part that the threads of a stream share.
pub struct Core {
    engine: Engine,
    method: Method,
    settings: Settings,
    aligned: bool,
    standard_measures: bool,
}

#[pymethods]
impl Scorer {
    /// Loads the models. `recogniser` is the name of a built-in one, or of the user's own file; `card` its card.
    #[new]
    #[pyo3(signature = (*, recogniser, network, card, detector, landmarks, method, passes, seed, dropout, threshold, threads, aligned, standard_measures))]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn new(
        py: Python<'_>,
        recogniser: &str,
        network: &[u8],
        card: Option<&str>,
        detector: &[u8],
        landmarks: &[u8],
        method: Option<&str>,
        passes: Option<u32>,
        seed: Option<u64>,
        dropout: Option<f64>,
        threshold: Option<f64>,
        threads: Option<NonZeroUsize>,
        aligned: bool,
        standard_measures: bool,
    ) -> PyResult<Self> {
        let own;
        let card = match ModelCard::recogniser(recogniser) {
            Some(card) => card,
            None => {
                own = ModelCard::own(recogniser, network, card).map_err(refused)?;
                &own
            }
        };
        let files = ModelFiles {
            recogniser: ModelFile { card, bytes: network },
            detector: ModelFile { card: ModelCard::detector(), bytes: detector },
            landmarks: Some(ModelFile { card: ModelCard::landmarks(), bytes: landmarks }),
        };
        let mut engine = py.detach(|| block_on(Engine::load(files, BackendChoice::Cpu))).map_err(refused)?;
        if let Some(p) = dropout {
            engine.set_dropout(p).map_err(wrong)?;
        }
        let score = threshold.map(|limit| Threshold::new(limit, 0.0)).transpose().map_err(wrong)?;
        let method = chosen(&engine, method, passes, seed)?;
        let threads = threads.unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
        let pool = ThreadPoolBuilder::new().num_threads(threads.get()).build().map_err(refused)?;
        let settings = Settings { score, ..Settings::of_photo() };
        Ok(Self { core: Arc::new(Core { engine, method, settings, aligned, standard_measures }), threads, pool })
    }

    /// Assesses one picture; returns its record as JSON.
    fn assess(&self, py: Python<'_>, picture: Picture) -> PyResult<String> {
        Ok(py.detach(|| self.pool.install(|| self.core.assess(picture)))?)
    }

    /// Assesses one picture and explains the score of its largest face; returns its record as JSON.
    fn explain(&self, py: Python<'_>, picture: Picture) -> PyResult<String> {
        Ok(py.detach(|| self.pool.install(|| self.core.explain(picture)))?)
    }

    /// Returns the places of the faces as JSON, and their embeddings, one after the other.
    fn embed<'py>(&self, py: Python<'py>, picture: Picture) -> PyResult<(String, Bound<'py, PyBytes>)> {
        let (places, embeddings) = py.detach(|| self.pool.install(|| self.core.embed(picture)))?;
        Ok((places, PyBytes::new(py, &embeddings)))
    }

    /// Assesses pictures on all threads; gives the records in order.
    fn stream(&self, pictures: Py<PyAny>) -> PyResult<Stream> {
        Stream::start(&self.core, pictures, self.threads)
    }

    /// How scores are made, as JSON: the fields of every record.
    fn about(&self) -> PyResult<String> {
        Ok(serde_json::to_string(&MethodReport::new(&self.core.engine.info(), self.core.method)).map_err(Failure::from)?)
    }

    /// Length of the embedding.
    #[getter]
    fn dimension(&self) -> usize {
        self.core.engine.info().dimension
    }

    /// Whether the recogniser was trained with dropout.
    #[getter]
    fn trained_with_dropout(&self) -> bool {
        self.core.engine.info().trained_with_dropout
    }

    /// Minimum accepted score, a quality or a raw score.
    #[getter]
    fn threshold(&self) -> Option<f64> {
        let settings = self.core.settings.clone().for_scores(self.core.engine.info().calibrated);
        settings.score.map(|threshold| threshold.limit())
    }

    /// Threads of a stream.
    #[getter]
    fn threads(&self) -> usize {
        self.threads.get()
    }
}

impl Core {
    /// Returns a picture's record as JSON.
    pub fn assess(&self, picture: Picture) -> Result<String, Failure> {
        Ok(serde_json::to_string(&self.assessment(&picture.frame()?)?)?)
    }

    fn explain(&self, picture: Picture) -> Result<String, Failure> {
        let frame = picture.frame()?;
        let assessment = block_on(self.engine.explain(self.assessment(&frame)?, &frame))?;
        Ok(serde_json::to_string(&assessment)?)
    }

    fn assessment(&self, frame: &Frame) -> Result<Assessment, Failure> {
        let assessment = match self.aligned {
            true => block_on(self.engine.assess_crop(&AlignedCrop::from_frame(frame)?, &self.method, &self.settings))?,
            false => block_on(self.engine.assess(frame, &self.method, &self.settings))?,
        };
        Ok(if self.standard_measures { assessment.with_standard_measures(frame) } else { assessment })
    }

    fn embed(&self, picture: Picture) -> Result<(String, Vec<u8>), Failure> {
        let frame = picture.frame()?;
        let crops: Vec<(Place, AlignedCrop)> = match self.aligned {
            true => vec![(Place::aligned(), AlignedCrop::from_frame(&frame)?)],
            false => {
                let crops = block_on(self.engine.crops(&frame))?;
                crops.into_iter().map(|(face, crop)| (Place::from(&face), crop)).collect()
            }
        };
        let (mut places, mut embeddings) = (Vec::with_capacity(crops.len()), Vec::new());
        for (place, crop) in crops {
            places.push(place);
            embeddings.extend(block_on(self.engine.embed(&crop))?.into_iter().flat_map(f32::to_ne_bytes));
        }
        Ok((serde_json::to_string(&places)?, embeddings))
    }
}

/// Returns the method named, or the one that passes or a seed imply, or else the engine's default.
fn chosen(engine: &Engine, name: Option<&str>, passes: Option<u32>, seed: Option<u64>) -> PyResult<Method> {
    let info = engine.info();
    let default = info.default_method();
    let (given, passes) = (passes.is_some() || seed.is_some(), passes.unwrap_or(Method::DEFAULT_PASSES));
    let seed = seed.unwrap_or(Method::DEFAULT_SEED);
    let method = match name {
        None if given => Method::MonteCarlo { passes, seed },
        None => default,
        Some(name) => Method::named(name, passes, seed).ok_or_else(|| {
            PyValueError::new_err(format!("there is no method {name:?}; expected one of {}", Method::NAMES.join(", ")))
        })?,
    };
    if given && method.passes().is_none() {
        return Err(PyValueError::new_err("passes and seed belong to method=\"mc\"; the limit has neither"));
    }
    if method.needs_calibration() && !info.calibrated {
        return Err(PyValueError::new_err(format!(
            "the recogniser {} has no calibration, which the limit needs; use method=\"mc\", or calibrate it with `serfiq \
             calibrate`",
            info.model
        )));
    }
    let range = DropoutMasks::MIN_PASSES..=DropoutMasks::MAX_PASSES;
    if !range.contains(&passes) {
        return Err(wrong(format!("passes={passes}; expected {} to {}", range.start(), range.end())));
    }
    Ok(method)
}

fn refused(error: impl std::fmt::Display) -> PyErr {
    EngineError::new_err(error.to_string())
}

fn wrong(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
