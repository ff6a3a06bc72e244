//! Why a score is low: which parts of the face the recogniser reads little in. `docs/explain.md` has the mathematics, and what was measured.
//!
//! | module | owns |
//! |---|---|
//! | `map` | the score's own sums, split over the cells of the aligned face |
//! | `typical` | the usual values of each cell, and the deviations of a face from them |
//! | `cover` | which part of a face is hidden |
//! | `explanation` | all of it for one face |
mod cover;
mod explanation;
mod map;
mod typical;

use crate::{
    Assessment, Engine, EngineError,
    face::{AlignedCrop, align},
    frame::Frame,
};

pub use cover::Cover;
pub use explanation::{Explanation, Parts};
pub use map::CellMap;

use typical::Deviations;

impl Engine {
    /// Adds an [explanation](Assessment::explanation) of the largest face to the assessment of a picture. Without a face, nothing is
    /// added. `frame` is the picture that was assessed.
    ///
    /// # Errors
    /// [`ModelError::NoGrid`](crate::model::ModelError::NoGrid) for a recogniser whose features do not lie on the face;
    /// [`EngineError::Model`] if the device fails.
    pub async fn explain(&self, assessment: Assessment, frame: &Frame) -> Result<Assessment, EngineError> {
        self.check_explains()?;
        let Some(face) = assessment.faces.first() else { return Ok(assessment) };
        let landmarks = face.place.landmarks;
        let crop = match &landmarks {
            Some(landmarks) => align(frame, landmarks)?,
            None => AlignedCrop::from_frame(frame)?,
        };
        let map = self.cells(&crop).await?;
        let explanation = map.map(|map| Explanation::of(&map, self.usual_cells(), landmarks.as_ref()));
        Ok(Assessment { explanation, ..assessment })
    }

    /// How much the recogniser reads in each cell of a face, as [`Explanation::reading`].
    pub(crate) fn reading_of(&self, map: &CellMap) -> Option<Vec<f32>> {
        Some(Deviations::of(map, self.usual_cells()?).reading())
    }

    /// What covers a face by its cells; `None` if the recogniser's card has no entries on covers.
    pub(crate) fn cover_of(&self, map: &CellMap) -> Option<Cover> {
        let usual = self.usual_cells()?;
        Some(Cover::of(&Deviations::of(map, usual), usual.covers.as_ref()?))
    }
}
