use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Where a measure begins to be bad, and how far inside it has to come back to be good again, so that a value near the limit
/// does not go to and fro.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Threshold {
    limit: f64,
    margin: f64,
}

impl Threshold {
    /// Beyond which nothing is.
    pub(super) const NONE: Self = Self { limit: f64::NEG_INFINITY, margin: 0.0 };
    /// Of a quality, 0 to 100, by default.
    const QUALITY: Self = Self { limit: 50.0, margin: 5.0 };

    /// A limit and a margin in the unit of the measure.
    ///
    /// # Errors
    /// A limit that is not finite; a margin that is not finite or below 0.
    pub fn new(limit: f64, margin: f64) -> Result<Self, ThresholdError> {
        let usable = limit.is_finite() && margin.is_finite() && margin >= 0.0;
        if usable { Ok(Self { limit, margin }) } else { Err(ThresholdError { limit, margin }) }
    }

    /// Beyond this, a measure is bad.
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// So far inside of the limit, what was bad is good again. At least 0.
    pub fn margin(&self) -> f64 {
        self.margin
    }
}

/// Numbers that are no threshold.
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

/// Every threshold of the guide, by default those for a camera. `docs/guidance.md` says where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Most size of the second face, as a share of the largest one's.
    pub rival: Threshold,
    /// Least distance from eyes and mouth to the frame's edges, in distances between the eyes.
    pub room: Threshold,
    /// Least distance between the eyes, in pixels.
    pub inter_eye: Threshold,
    /// Most share of the frame's width or height.
    pub fill: Threshold,
    /// Most distance from the frame's middle, either way, as a share of its width.
    pub offset_across: Threshold,
    /// Most distance from the frame's middle, up or down, as a share of its height.
    pub offset_down: Threshold,
    /// Most light around the face, in stops above that on the face.
    pub backlight: Threshold,
    /// Least relative luminance, 0 to 1.
    pub darkest: Threshold,
    /// Most relative luminance, 0 to 1.
    pub brightest: Threshold,
    /// Most share of over-exposed pixels.
    pub over_exposed: Threshold,
    /// Most difference of light between the cheeks, in stops.
    pub unevenness: Threshold,
    /// Most turn of the face, in degrees.
    pub yaw: Threshold,
    /// Most look up or down, in degrees.
    pub pitch: Threshold,
    /// Most tilt of the head, in degrees, as the landmarks show it: YuNet shows about half of a large tilt.
    pub roll: Threshold,
    /// Most motion, in distances between the eyes per second.
    pub speed: Threshold,
    /// Least sharpness, 0 to 1.
    pub sharpness: Threshold,
    /// Least score, on the scale on which scores are given: a quality of 0 to 100, or a raw score of 0 to 1 with a recogniser
    /// that is not calibrated. No picture below the limit is taken unless asked for. `None` for the default: a quality of 50, margin 5;
    /// of raw scores none is too low, since nobody knows which is good enough.
    pub score: Option<Threshold>,
    /// Least time, in milliseconds, that an instruction stays, so that it can be read.
    pub shown_ms: u32,
    /// When a picture is taken by itself; `None` for never.
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
            darkest: threshold(0.04, 0.01),
            brightest: threshold(0.8, 0.05),
            over_exposed: threshold(0.15, 0.05),
            unevenness: threshold(2.0, 0.4),
            yaw: threshold(25.0, 5.0),
            pitch: threshold(20.0, 4.0),
            roll: threshold(8.0, 2.0),
            speed: threshold(1.0, 0.3),
            sharpness: threshold(0.25, 0.04),
            score: None,
            shown_ms: 600,
            capture: Some(CaptureSettings::default()),
        }
    }
}

impl Settings {
    /// Of a photo: as of a camera, but for the place of the face. Nobody can move it any more, and a recogniser does not mind.
    pub fn of_photo() -> Self {
        let anywhere = Threshold { limit: 1.0, margin: 0.0 };
        Self { offset_across: anywhere, offset_down: anywhere, ..Self::default() }
    }

    /// The same with a threshold for the score wherever there is one: by default only for qualities.
    pub fn for_scores(mut self, are_qualities: bool) -> Self {
        self.score = self.score.or(are_qualities.then_some(Threshold::QUALITY));
        self
    }
}

/// When a picture is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CaptureSettings {
    /// So many good frames in a row: one picture of them is taken.
    pub good_frames: NonZeroU32,
    /// And they must span at least so many milliseconds: what "in a row" means must not depend on the frame rate.
    pub steady_ms: u32,
    /// After so many milliseconds the best frame so far is taken; `None` to go on without an end.
    pub time_limit_ms: Option<u32>,
    /// Whether, at the time limit, a frame below the threshold of the score is better than none.
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
