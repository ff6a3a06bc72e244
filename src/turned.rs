//! Whether a photo lies on its side or upside down, as one does when the orientation that its camera wrote down is lost.
use crate::{
    Engine, EngineError,
    assess::PHOTO_LONG_SIDE,
    face::Face,
    frame::{Frame, Scale},
};

/// The detector finds 95 % of upright faces with at least this confidence, and no turned one. This and the other two limits were
/// measured with YuNet: 310 photos of LFW, 190 of them degraded, in all four turns.
const CERTAIN: f32 = 0.91;

/// A face that is upright in another turn is found there with so much more confidence. The detector told 97 % of turned photos this way,
/// and called 2 of 310 upright ones turned, both with a quality of almost 0.
const GAIN: f32 = 0.03;

/// The least confidence of a face that is upright in another turn.
const LEAST: f32 = 0.8;

impl Engine {
    /// Whether the largest face of a photo is upright after one of the other three turns. `faces` are those found as it is; most photos
    /// need no second look.
    pub(crate) async fn is_turned(&self, frame: &Frame, faces: &[Face]) -> Result<bool, EngineError> {
        let found = confidence(faces);
        if found >= CERTAIN {
            return Ok(false);
        }
        let copy = Scale::to_fit([frame.width(), frame.height()], PHOTO_LONG_SIDE).copy();
        let mut turned = frame.resized(copy)?;
        for _ in 0..3 {
            turned = turned.turned();
            if confidence(&self.detect(&turned, PHOTO_LONG_SIDE).await?) >= LEAST.max(found + GAIN) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn confidence(faces: &[Face]) -> f32 {
    faces.first().map_or(0.0, |largest| largest.confidence)
}
