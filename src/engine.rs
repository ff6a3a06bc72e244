//! Recogniser and detector on their devices: frame to faces, aligned crop to score and embedding.
use serde::Serialize;

use serfiq_network::card::CellsCard;
use serfiq_score::{Calibration, Method, Moments, Percentiles, Robustness, monte_carlo};

use crate::{
    explain::{CellMap, Cover},
    face::{AlignedCrop, Face, FaceError, Landmarks, Mesh, MeshRegion},
    frame::{Frame, FrameError, Region},
    model::{Backend, BackendChoice, BackendKind, DetectError, Detector, FaceMesh, GpuLost, ModelCard, ModelError, Recogniser},
};

/// A model: its card, and its file, ONNX or TFLite.
#[derive(Debug, Clone, Copy)]
pub struct ModelFile<'a> {
    /// For a bundled model: [`ModelCard::recogniser`], [`ModelCard::detector`] or [`ModelCard::landmarks`]. For your own: [`ModelCard::own`] or
    /// [`ModelCard::own_detector`].
    pub card: &'a ModelCard,
    /// The whole file.
    pub bytes: &'a [u8],
}

/// The models of an engine.
#[derive(Debug, Clone, Copy)]
pub struct ModelFiles<'a> {
    /// Turns an aligned face into an embedding.
    pub recogniser: ModelFile<'a>,
    /// Turns a picture into faces.
    pub detector: ModelFile<'a>,
    /// Turns a face into 468 landmarks. Without it, the pose is estimated from the detector's five.
    pub landmarks: Option<ModelFile<'a>>,
}

/// How useful a face is for recognition, according to one recogniser. Scores of two recognisers are not comparable.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Score {
    /// Raw SER-FIQ score s, in (0, 1].
    pub raw: f64,
    /// Quality q, 0 to 100, by the recogniser's calibration; `None` if it has none.
    pub quality: Option<f64>,
    /// Percentage of known faces, 0 to 100, that score lower, by the table in the recogniser's card; `None` if it has none.
    pub percentile: Option<f64>,
    /// Standard error of `raw`; `None` for the limit, which has none.
    pub std_error: Option<f64>,
}

impl From<Robustness> for Score {
    /// A score without a quality and a percentile.
    fn from(Robustness { raw, std_error, .. }: Robustness) -> Self {
        Self { raw, quality: None, percentile: None, std_error }
    }
}

/// A recogniser's results for one aligned face.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// How useful it is.
    pub score: Score,
    /// As [`Engine::embed`] gives it.
    pub embedding: Vec<f32>,
    /// How much is read in each cell of [`Engine::grid`], as [`Explanation::reading`](crate::explain::Explanation::reading); `None` for a
    /// recogniser whose card has no usual values.
    pub reading: Option<Vec<f32>>,
}

/// What the engine runs on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EngineInfo {
    /// Where the recogniser runs.
    pub backend: BackendKind,
    /// Name of the GPU.
    pub adapter: Option<String>,
    /// Why the recogniser fell back from WebGPU to the CPU.
    pub fallback_reason: Option<String>,
    /// Name of the recogniser.
    pub model: String,
    /// SHA-256 of the recogniser's file, in hexadecimal.
    pub model_sha256: String,
    /// Dropout probability p.
    pub dropout: f64,
    /// Length of the embedding.
    pub dimension: usize,
    /// Whether the recogniser is calibrated. Without a calibration it has only raw scores, and no limit.
    pub calibrated: bool,
    /// Whether the recogniser was trained with dropout. If not, its scores are less informative.
    pub trained_with_dropout: bool,
}

impl EngineInfo {
    /// Returns the names of the methods that this recogniser supports.
    pub fn methods(&self) -> Vec<&'static str> {
        let needs =
            |name| Method::named(name, Method::DEFAULT_PASSES, Method::DEFAULT_SEED).is_some_and(Method::needs_calibration);
        Method::NAMES.into_iter().filter(|name| self.calibrated || !needs(name)).collect()
    }

    /// Dropout passes on the GPU, as in the paper; their limit on the CPU, where a hundred passes cost as much as everything else. A
    /// recogniser without calibration has no limit, so it uses passes on either.
    pub fn default_method(&self) -> Method {
        match self.backend {
            BackendKind::Cpu if self.calibrated => Method::Limit,
            _ => Method::MonteCarlo { passes: Method::DEFAULT_PASSES, seed: Method::DEFAULT_SEED },
        }
    }
}

/// Why there is no score. None of these is a score of zero.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A model could not be loaded or run, or its result is not a number.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The detector's outputs have the wrong length or are not finite, or a face cannot be aligned.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// The pixels of a camera's frame cannot be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A quality that is not the recogniser's own cannot score a face.
    #[error(transparent)]
    Quality(Box<dyn std::error::Error + Send + Sync>),
}

impl From<DetectError> for EngineError {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Model(e) => Self::Model(e),
            DetectError::Face(e) => Self::Face(e),
        }
    }
}

/// Recogniser, detector and face mesh, loaded and ready. Can be shared between threads.
pub struct Engine {
    backend: Backend,
    /// The detector always runs on the CPU: it is small and its twelve outputs must be read back. Faces are therefore found in the same
    /// places on every backend.
    detector_backend: Backend,
    recogniser: Recogniser,
    detector: Detector,
    /// On the CPU as well: its results are read back for each face.
    face_mesh: Option<FaceMesh>,
}

/// Checks that a recogniser can be used, by loading it on the CPU and dropping it.
///
/// # Errors
/// As [`Engine::load`], for the recogniser alone.
pub fn check_recogniser(recogniser: ModelFile<'_>) -> Result<(), ModelError> {
    let backend = pollster::block_on(Backend::open(BackendChoice::Cpu))?;
    Recogniser::load(recogniser.card, recogniser.bytes, &backend).map(drop)
}

impl Engine {
    /// Opens the backend and loads the models.
    ///
    /// # Errors
    /// WebGPU requested but unavailable; a model file that does not match its card; a recogniser that cannot be used, for the reason in the
    /// error.
    pub async fn load(files: ModelFiles<'_>, choice: BackendChoice) -> Result<Self, EngineError> {
        let backend = Backend::open(choice).await?;
        let detector_backend = Backend::open(BackendChoice::Cpu).await?;
        let detector = Detector::load(files.detector.card, files.detector.bytes, &detector_backend)?;
        let recogniser = Recogniser::load(files.recogniser.card, files.recogniser.bytes, &backend)?;
        let load = |file: ModelFile<'_>| FaceMesh::load(file.card, file.bytes, &detector_backend);
        let face_mesh = files.landmarks.map(load).transpose()?;
        Ok(Self { backend, detector_backend, recogniser, detector, face_mesh })
    }

    /// What the engine runs on.
    pub fn info(&self) -> EngineInfo {
        EngineInfo {
            backend: self.backend.kind,
            adapter: self.backend.adapter.clone(),
            fallback_reason: self.backend.fallback_reason.clone(),
            model: self.recogniser.card().name.clone(),
            model_sha256: self.recogniser.card().sha256.clone(),
            dropout: self.recogniser.dropout(),
            dimension: self.recogniser.dimension(),
            calibrated: self.recogniser.is_calibrated(),
            trained_with_dropout: self.recogniser.trained_with_dropout(),
        }
    }

    /// Rows and columns of the recogniser's features over the aligned face; `None` if they lie on no grid. Scores can be explained where they do.
    pub fn grid(&self) -> Option<[usize; 2]> {
        self.recogniser.grid()
    }

    /// Returns the calibration that turns raw scores into qualities; `None` for a recogniser without one.
    pub fn calibration(&self) -> Option<Calibration> {
        self.recogniser.calibration()
    }

    /// Returns how the raw scores of known faces are distributed; `None` for a recogniser whose card does not say.
    pub fn percentiles(&self) -> Option<&Percentiles> {
        self.recogniser.percentiles()
    }

    /// Changes the dropout probability p, between 0 and 1. Raw scores under two values of p are not comparable, and qualities are
    /// calibrated for the model's own p.
    ///
    /// # Errors
    /// A p that is not between 0 and 1.
    pub fn set_dropout(&mut self, p: f64) -> Result<(), EngineError> {
        Ok(self.recogniser.set_dropout(p)?)
    }

    /// Returns the future that completes when the GPU is lost; `None` on the CPU, and after the first call.
    pub fn take_gpu_lost(&mut self) -> Option<GpuLost> {
        self.backend.take_lost()
    }

    /// Finds the faces in `frame`, largest first, in a copy whose long side has at most `long_side` pixels
    /// (for a photo [`PHOTO_LONG_SIDE`](crate::PHOTO_LONG_SIDE)).
    ///
    /// # Errors
    /// [`EngineError::Model`] if the detector's network cannot run at this size; [`EngineError::Face`] if its outputs have the wrong
    /// length or are not finite.
    pub async fn detect(&self, frame: &Frame, long_side: u32) -> Result<Vec<Face>, EngineError> {
        self.detect_in(Region::whole(frame), long_side).await
    }

    pub(crate) async fn detect_in(&self, region: Region<'_>, long_side: u32) -> Result<Vec<Face>, EngineError> {
        Ok(self.detector.detect(&self.detector_backend, region, long_side).await?)
    }

    /// Finds the 468 landmarks of a face near the detector's. `None` if the engine was loaded without the face mesh, or if the five
    /// landmarks or the 468 do not form a face.
    ///
    /// # Errors
    /// [`ModelError::Device`] if the device fails.
    pub async fn mesh(&self, frame: &Frame, near: &Landmarks) -> Result<Option<Mesh>, EngineError> {
        match MeshRegion::of(near) {
            Some(region) => Ok(self.mesh_in(frame, region).await?.map(|(mesh, _)| mesh)),
            None => Ok(None),
        }
    }

    /// As [`mesh`](Self::mesh), in a known region; also returns the region that served in the end.
    pub(crate) async fn mesh_in(&self, frame: &Frame, region: MeshRegion) -> Result<Option<(Mesh, MeshRegion)>, EngineError> {
        match &self.face_mesh {
            Some(face_mesh) => Ok(face_mesh.find(&self.detector_backend, frame, region).await?),
            None => Ok(None),
        }
    }

    /// The mesh of a face whose 468 landmarks, as [`Mesh::points`] gives them, and logit are known already. `None` if they do not form a face,
    /// or if the engine was loaded without the canonical face.
    pub fn mesh_of(&self, points: &[[f32; 3]; Mesh::POINTS], logit: f32) -> Option<Mesh> {
        Mesh::new(points.to_vec(), logit, self.face_mesh.as_ref()?.canonical())
    }

    /// The triangles between the 468 landmarks, as indices of their corners; empty if the engine was loaded without them.
    pub fn mesh_triangles(&self) -> &[[usize; 3]] {
        self.face_mesh.as_ref().map_or(&[], |face_mesh| face_mesh.canonical().triangles())
    }

    /// Where the 468 landmarks of an average face lie in space, in centimetres: x to the right and y down as a picture of it shows it, z
    /// towards the viewer. Empty if the engine was loaded without them.
    pub fn canonical_face(&self) -> &[[f64; 3]] {
        self.face_mesh.as_ref().map_or(&[], |face_mesh| face_mesh.canonical().points())
    }

    /// Scores one aligned face.
    ///
    /// # Errors
    /// [`ModelError::Uncalibrated`] for the limit of a recogniser without calibration; [`ModelError::Score`] for a number of passes out of
    /// range, and for embeddings that are zero or not finite; [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub async fn score_crop(&self, crop: &AlignedCrop, method: Method) -> Result<Score, EngineError> {
        Ok(self.calibrated(self.recogniser.robustness(&self.backend, crop, method).await?))
    }

    /// Scores and embeds one aligned face, and maps how much the recogniser reads of it, faster than three calls. The embedding equals
    /// that of [`embed`](Self::embed).
    ///
    /// # Errors
    /// As [`score_crop`](Self::score_crop).
    pub async fn evaluate(&self, crop: &AlignedCrop, method: Method) -> Result<Evaluation, EngineError> {
        let (robustness, map, embedding) = self.recogniser.robustness_cells_and_embedding(&self.backend, crop, method).await?;
        let reading = map.and_then(|map| self.reading_of(&map));
        Ok(Evaluation { score: self.calibrated(robustness), embedding, reading })
    }

    fn calibrated(&self, robustness: Robustness) -> Score {
        let (quality, percentile) = (self.recogniser.quality(robustness.raw), self.recogniser.percentile(robustness.raw));
        Score { quality, percentile, ..robustness.into() }
    }

    /// As [`score_crop`](Self::score_crop), with what covers the face, for little more time; `None` if the recogniser's card has no entries
    /// on covers.
    ///
    /// # Errors
    /// As [`score_crop`](Self::score_crop).
    pub async fn score_and_cover(&self, crop: &AlignedCrop, method: Method) -> Result<(Score, Option<Cover>), EngineError> {
        if self.usual_cells().is_none_or(|usual| usual.covers.is_none()) {
            return Ok((self.score_crop(crop, method).await?, None));
        }
        let (robustness, map) = self.recogniser.robustness_and_cells(&self.backend, crop, method).await?;
        Ok((self.calibrated(robustness), map.and_then(|map| self.cover_of(&map))))
    }

    /// The values of clean faces in each cell, if the recogniser's card has them.
    pub(crate) fn usual_cells(&self) -> Option<&CellsCard> {
        self.recogniser.card().cells.as_ref()
    }

    /// Checks that scores can be explained.
    pub(crate) fn check_explains(&self) -> Result<(), ModelError> {
        let model = &self.recogniser.card().name;
        if self.grid().is_some() { Ok(()) } else { Err(ModelError::NoGrid { model: model.clone() }) }
    }

    /// Returns what each cell of the recogniser's features adds to the score of one aligned face; `None` for a recogniser whose features lie on
    /// no grid.
    ///
    /// # Errors
    /// [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub async fn cells(&self, crop: &AlignedCrop) -> Result<Option<CellMap>, EngineError> {
        Ok(self.recogniser.cells(&self.backend, crop).await?)
    }

    /// Returns the data that a calibration is fitted to, for one aligned face: the moments from which the limit computes a score, and the
    /// number of dimensions in which dropout scatters the embedding. CPU only.
    ///
    /// # Errors
    /// [`ModelError::NeedsCpu`] on another backend; [`ModelError::Score`] for an embedding that is not finite, is zero, or does not
    /// scatter.
    pub async fn scatter(&self, crop: &AlignedCrop) -> Result<(Moments, f64), EngineError> {
        Ok(self.recogniser.scatter(&self.backend, crop).await?)
    }

    /// Returns the embedding of each dropout pass of one aligned face: rows of [`EngineInfo::dimension`] numbers, neither normalised nor
    /// checked to be finite.
    ///
    /// # Errors
    /// [`ModelError::Score`] for a number of passes out of range; [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub async fn pass_embeddings(&self, crop: &AlignedCrop, passes: u32, seed: u64) -> Result<Vec<f32>, EngineError> {
        Ok(self.recogniser.pass_embeddings(&self.backend, crop, passes, seed).await?)
    }

    /// Scores a face from the embeddings of all its dropout passes, `[passes, dimension]`, row-major.
    ///
    /// # Errors
    /// [`ModelError::Score`] unless there are at least two rows of [`EngineInfo::dimension`] numbers, and for embeddings that are zero or
    /// not finite.
    pub fn score_passes(&self, embeddings: &[f32]) -> Result<Score, EngineError> {
        let robustness = monte_carlo(embeddings, self.recogniser.dimension()).map_err(ModelError::from)?;
        Ok(self.calibrated(robustness))
    }

    /// Returns the embedding of one aligned face without dropout: [`EngineInfo::dimension`] numbers, not normalised.
    ///
    /// # Errors
    /// [`ModelError::Score`] if one of them is not finite; [`ModelError::GpuLost`] and [`ModelError::Device`] if the device fails.
    pub async fn embed(&self, crop: &AlignedCrop) -> Result<Vec<f32>, EngineError> {
        Ok(self.recogniser.embed(&self.backend, crop).await?)
    }
}
