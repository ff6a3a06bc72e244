//! Assesses one picture: faces, scores, measures, everything that is wrong, and the verdict.
use serde::Serialize;

use crate::{
    Engine, EngineError, Quality,
    explain::Explanation,
    face::{AlignedCrop, Face, Mesh, align},
    frame::Frame,
    guide::{self, Instruction, Settings},
    measure::{Measures, StandardMeasures},
    report::{FaceReport, MethodReport, Milliseconds, Place, Status, Stopwatch},
};

/// Long side, in pixels, of the copy in which a photo's faces are detected: the size that YuNet's graph declares.
pub const PHOTO_LONG_SIDE: u32 = 640;

/// Everything known about one picture. The command line adds the path, the browser the time taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Assessment {
    /// Whether there is a face.
    pub status: Status,
    /// How the scores were made.
    #[serde(flatten)]
    pub method: MethodReport,
    /// Width of the picture in pixels; `null` for an embedding, which has no picture.
    pub width: Option<u32>,
    /// Height of the picture in pixels; `null` if there is no picture.
    pub height: Option<u32>,
    /// The faces, largest first.
    pub faces: Vec<FaceReport>,
    /// Measures of the picture and its largest face; `null` for an aligned crop or an embedding.
    pub measures: Option<Measures>,
    /// Everything that is wrong with the picture and its largest face, in order of precedence. Suspected reasons for a low score follow the
    /// certain ones.
    pub issues: Vec<Instruction>,
    /// The verdict: the largest face was scored, and nothing is wrong.
    pub accepted: bool,
    /// Minimum accepted score: a quality, or a raw score if the recogniser has no qualities; `null` if every score is accepted.
    pub threshold: Option<f64>,
    /// The measures of ISO/IEC 29794-5, if [asked for](Self::with_standard_measures).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_measures: Option<StandardMeasures>,
    /// Why the score of the largest face is what it is, if [asked for](crate::Engine::explain).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The 468 landmarks of the largest face, in pixels of the picture; `None` without a face, or for an engine without them. Too many for a
    /// record.
    #[serde(skip)]
    pub mesh: Option<Mesh>,
}

impl Assessment {
    /// Judges a face known only by its score: an aligned crop, or an embedding. `None` for no face.
    pub fn of_score(method: MethodReport, face: Option<FaceReport>, settings: &Settings) -> Self {
        let too_low = |score: f64| settings.score.is_some_and(|threshold| score < threshold.limit());
        let issues = match &face {
            None => vec![Instruction::NoFace],
            Some(face) if face.judged().is_some_and(too_low) => vec![Instruction::HardToRecognise],
            Some(_) => vec![],
        };
        Self::new(method, [None; 2], face.into_iter().collect(), None, issues, settings)
    }

    /// Adds the measures of ISO/IEC 29794-5. `frame` is the picture that was assessed.
    #[must_use]
    pub fn with_standard_measures(self, frame: &Frame) -> Self {
        let faces: Vec<Face> = self.faces.iter().filter_map(|face| face.place.as_face()).collect();
        let measures = StandardMeasures::of(frame, &faces, self.mesh.as_ref());
        Self { standard_measures: Some(measures), ..self }
    }

    pub(crate) fn new(
        method: MethodReport,
        [width, height]: [Option<u32>; 2],
        faces: Vec<FaceReport>,
        measures: Option<Measures>,
        issues: Vec<Instruction>,
        settings: &Settings,
    ) -> Self {
        Self {
            status: if faces.is_empty() { Status::NoFace } else { Status::Ok },
            accepted: issues.is_empty() && faces.first().is_some_and(|face| face.raw.is_some()),
            threshold: settings.score.map(|threshold| threshold.limit()),
            standard_measures: None,
            explanation: None,
            method,
            width,
            height,
            faces,
            measures,
            issues,
            mesh: None,
        }
    }
}

impl Engine {
    /// Finds, scores and judges the faces of a photo, by [`Settings::of_photo`] or other settings.
    ///
    /// # Errors
    /// As [`detect`](Self::detect) and [`Quality::score`]; [`EngineError::Face`] for a face that cannot be aligned.
    pub async fn assess(&self, frame: &Frame, quality: &impl Quality, settings: &Settings) -> Result<Assessment, EngineError> {
        Ok(self.assess_timed(frame, quality, settings, &Stopwatch::start(|| 0.0)).await?.0)
    }

    /// [`assess`](Self::assess), with the time elapsed since the stopwatch was started.
    ///
    /// # Errors
    /// As [`assess`](Self::assess).
    pub async fn assess_timed(
        &self,
        frame: &Frame,
        quality: &impl Quality,
        settings: &Settings,
        stopwatch: &Stopwatch<impl Fn() -> f64>,
    ) -> Result<(Assessment, Milliseconds), EngineError> {
        let info = self.info();
        let settings = settings.clone().for_scores(quality.is_calibrated(&info));
        let (faces, meshes): (Vec<Face>, Vec<Option<Mesh>>) = self.faces(frame).await?.into_iter().unzip();
        let mesh = meshes.into_iter().next().flatten();
        let is_turned = self.is_turned(frame, &faces).await?;
        let mut measures = Measures::of(frame, &faces, mesh.as_ref());
        let detected = stopwatch.now();
        let mut reports = Vec::with_capacity(faces.len());
        for (index, face) in faces.iter().enumerate() {
            let crop = align(frame, &face.landmarks)?;
            let score = match &mut measures.face {
                Some(measures) if index == 0 => {
                    let (score, cover) = quality.score_and_cover(self, &crop).await?;
                    measures.cover = cover;
                    score
                }
                _ => quality.score(self, &crop).await?,
            };
            reports.push(FaceReport::new(face, Some(score)));
        }
        // Light, pose and score of a face that is not upright say nothing about the person.
        let issues = match is_turned {
            true => vec![Instruction::Turned],
            false => guide::issues(&settings, &measures, reports.first().and_then(FaceReport::judged)),
        };
        let size = [frame.width(), frame.height()].map(Some);
        let assessment = Assessment::new(quality.report(&info), size, reports, Some(measures), issues, &settings);
        let assessment = Assessment { mesh, ..assessment };
        Ok((assessment, stopwatch.took(detected, stopwatch.now())))
    }

    /// Scores and judges a face that is already aligned. Only its score is judged: the crop is not measured.
    ///
    /// # Errors
    /// As [`Quality::score`].
    pub async fn assess_crop(
        &self,
        crop: &AlignedCrop,
        quality: &impl Quality,
        settings: &Settings,
    ) -> Result<Assessment, EngineError> {
        let info = self.info();
        let settings = settings.clone().for_scores(quality.is_calibrated(&info));
        let face = FaceReport::new(Place::aligned(), Some(quality.score(self, crop).await?));
        let size = Some(AlignedCrop::SIZE);
        let judged = Assessment::of_score(quality.report(&info), Some(face), &settings);
        Ok(Assessment { width: size, height: size, ..judged })
    }

    /// Returns the faces of a photo, largest first, each with its aligned crop.
    ///
    /// # Errors
    /// As [`detect`](Self::detect); [`EngineError::Face`] for a face that cannot be aligned.
    pub async fn crops(&self, frame: &Frame) -> Result<Vec<(Face, AlignedCrop)>, EngineError> {
        let faces = self.faces(frame).await?;
        faces.into_iter().map(|(face, _)| Ok((face.clone(), align(frame, &face.landmarks)?))).collect()
    }

    /// The faces of a photo, largest first, each with its 468 landmarks, which also steady the five. Drops detections that the face mesh
    /// denies.
    async fn faces(&self, frame: &Frame) -> Result<Vec<(Face, Option<Mesh>)>, EngineError> {
        let mut faces = Vec::new();
        for face in self.detect(frame, PHOTO_LONG_SIDE).await? {
            let mesh = self.mesh(frame, &face.landmarks).await?;
            if !mesh.as_ref().is_some_and(Mesh::is_denied) {
                let mesh = mesh.filter(Mesh::is_face);
                faces.push((face.steadied(mesh.as_ref()), mesh));
            }
        }
        Ok(faces)
    }
}
