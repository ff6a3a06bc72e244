use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// The limit at which a measure becomes bad, and the margin by which it must come back inside to be good again, so that a value near the
/// limit does not flicker.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Threshold {
    limit: f64,
    margin: f64,
}

impl Threshold {
    /// A threshold that nothing exceeds.
    pub(super) const NONE: Self = Self { limit: f64::NEG_INFINITY, margin: 0.0 };
    /// Default for a quality, 0 to 100.
    const QUALITY: Self = Self { limit: 50.0, margin: 5.0 };

    /// Makes a threshold from a limit and a margin, in the unit of the measure.
    ///
    /// # Errors
    /// A limit that is not finite; a margin that is not finite or below 0.
    pub fn new(limit: f64, margin: f64) -> Result<Self, ThresholdError> {
        let usable = limit.is_finite() && margin.is_finite() && margin >= 0.0;
        if usable { Ok(Self { limit, margin }) } else { Err(ThresholdError { limit, margin }) }
    }

    /// Another limit with the same margin.
    pub(super) fn with_limit(self, limit: f64) -> Self {
        Self { limit, ..self }
    }

    /// A measure beyond this is bad.
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// How far inside the limit a bad measure must come back to be good again. At least 0.
    pub fn margin(&self) -> f64 {
        self.margin
    }
}

/// Numbers that do not form a threshold.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a threshold of {limit} with a margin of {margin}; both must be finite, and the margin at least 0")]
pub struct ThresholdError {
    limit: f64,
    margin: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    limit: f64,
    margin: f64,
}

impl TryFrom<Unchecked> for Threshold {
    type Error = ThresholdError;

    fn try_from(Unchecked { limit, margin }: Unchecked) -> Result<Self, ThresholdError> {
        Self::new(limit, margin)
    }
}

/// Every threshold of the guide. The defaults are for a camera. `docs/guidance.md` gives their sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Maximum size of the second-largest face, as a share of the largest one's.
    pub rival: Threshold,
    /// Minimum distance from eyes and mouth to the frame's edges, in distances between the eyes.
    pub room: Threshold,
    /// Minimum distance between the eyes, in pixels.
    pub inter_eye: Threshold,
    /// Maximum size of the face, as a share of the frame's width or height.
    pub fill: Threshold,
    /// Maximum horizontal distance from the frame's middle, as a share of its width.
    pub offset_across: Threshold,
    /// Maximum vertical distance from the frame's middle, as a share of its height.
    pub offset_down: Threshold,
    /// Maximum light around the face, in stops above that on the face.
    pub backlight: Threshold,
    /// Minimum relative luminance, 0 to 1.
    pub darkest: Threshold,
    /// Maximum relative luminance, 0 to 1.
    pub brightest: Threshold,
    /// Maximum share of over-exposed pixels.
    pub over_exposed: Threshold,
    /// Maximum difference of light between the cheeks, in stops.
    pub unevenness: Threshold,
    /// Minimum chroma of the face, in units of CIELAB: less is a camera without colour.
    pub chroma: Threshold,
    /// Maximum turn of the face, in degrees.
    pub yaw: Threshold,
    /// Maximum angle up or down, in degrees.
    pub pitch: Threshold,
    /// Maximum tilt of the head, in degrees. Without the 468 landmarks, about half of a large tilt is seen.
    pub roll: Threshold,
    /// Maximum of the natural logarithm of a cover's odds against none.
    pub cover: Threshold,
    /// Minimum opening of the less open eye, in distances from the eyes to the chin.
    pub eyes_open: Threshold,
    /// Maximum opening of the mouth, in distances from the eyes to the chin.
    pub mouth_open: Threshold,
    /// Maximum speed, in distances between the eyes per second.
    pub speed: Threshold,
    /// Minimum sharpness, 0 to 1.
    pub sharpness: Threshold,
    /// Minimum score, on the scale of the scores: a quality of 0 to 100, or a raw score of 0 to 1 from a recogniser without calibration. No
    /// picture below the limit is captured unless requested. `None` for the default: a quality of 50, margin 5; for raw scores no limit,
    /// since no sensible one is known.
    pub score: Option<Threshold>,
    /// Minimum time, in milliseconds, that an instruction stays, so that it can be read.
    pub shown_ms: u32,
    /// When a picture is captured automatically; `None` for never.
    pub capture: Option<CaptureSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        let threshold = |limit, margin| Threshold { limit, margin };
        Self {
            rival: threshold(0.5, 0.1),
            room: threshold(0.5, 0.1),
            inter_eye: threshold(40.0, 4.0),
            fill: threshold(0.8, 0.05),
            offset_across: threshold(0.2, 0.04),
            offset_down: threshold(0.25, 0.04),
            backlight: threshold(3.5, 0.4),
            darkest: threshold(0.015, 0.005),
            brightest: threshold(0.8, 0.05),
            over_exposed: threshold(0.15, 0.05),
            unevenness: threshold(2.0, 0.4),
            chroma: threshold(2.0, 0.5),
            yaw: threshold(30.0, 5.0),
            pitch: threshold(25.0, 4.0),
            roll: threshold(15.0, 3.0),
            cover: threshold(0.0, 1.0),
            eyes_open: threshold(0.037, 0.004),
            mouth_open: threshold(0.2, 0.03),
            speed: threshold(1.0, 0.3),
            sharpness: threshold(0.25, 0.04),
            score: None,
            shown_ms: 600,
            capture: Some(CaptureSettings::default()),
        }
    }
}

impl Settings {
    /// Settings for a photo: as for a camera, but the face may be anywhere, since its position can no longer change and does not affect
    /// recognition.
    pub fn of_photo() -> Self {
        let anywhere = Threshold { limit: 1.0, margin: 0.0 };
        Self { offset_across: anywhere, offset_down: anywhere, ..Self::default() }
    }

    /// Sets the default threshold for the score if none is set; only qualities have a default.
    pub fn for_scores(mut self, are_qualities: bool) -> Self {
        self.score = self.score.or(are_qualities.then_some(Threshold::QUALITY));
        self
    }
}

/// When a picture is captured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CaptureSettings {
    /// Good frames in a row that are required; the best of them is captured.
    pub good_frames: NonZeroU32,
    /// Minimum time that these frames must span, in milliseconds, so that "in a row" does not depend on the frame rate.
    pub steady_ms: u32,
    /// Milliseconds after which the best frame so far is captured; `None` for no limit.
    pub time_limit_ms: Option<u32>,
    /// Whether, at the time limit, a frame below the score's threshold is captured rather than none.
    pub below_threshold: bool,
}

impl Default for CaptureSettings {
    fn default() -> Self {
        let three = NonZeroU32::MIN.saturating_add(2);
        Self { good_frames: three, steady_ms: 1000, time_limit_ms: Some(20_000), below_threshold: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_threshold_is_refused() {
        assert!(Threshold::new(0.0, 0.0).is_ok());
        for (limit, margin) in [(f64::NAN, 1.0), (f64::INFINITY, 1.0), (1.0, f64::NAN), (1.0, f64::INFINITY), (1.0, -0.1)] {
            assert!(Threshold::new(limit, margin).is_err(), "{limit} {margin}");
        }
    }

    #[test]
    fn settings_are_read_with_what_is_left_out() {
        let read = |json: &str| serde_json::from_str::<Settings>(json);
        assert_eq!(read("{}").unwrap(), Settings::default());
        let settings =
            read(r#"{"yaw": {"limit": 10, "margin": 2.5}, "capture": {"good_frames": 5, "time_limit_ms": null}}"#).unwrap();
        assert_eq!(settings.yaw, Threshold::new(10.0, 2.5).unwrap());
        let capture = settings.capture.unwrap();
        assert_eq!((capture.good_frames.get(), capture.time_limit_ms), (5, None));
        assert_eq!(capture.steady_ms, CaptureSettings::default().steady_ms);
        assert_eq!(read(r#"{"capture": null}"#).unwrap().capture, None);
        for wrong in [
            r#"{"jaw": {"limit": 10, "margin": 2}}"#,
            r#"{"yaw": 10}"#,
            r#"{"yaw": {"limit": 10, "margin": -1}}"#,
            r#"{"capture": {"good_frames": 0}}"#,
            r#"{"shown_ms": -1}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn settings_are_written_as_they_are_read() {
        let written = serde_json::to_string(&Settings::default()).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&written).unwrap(), Settings::default());
    }
}
