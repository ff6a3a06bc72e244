//! Every check: what it measures, its threshold, which side of it is bad, and the instruction that follows.

use serde::Serialize;

use super::{
    Instruction, Settings, Threshold,
    verdict::{Bad, Verdict},
};
use crate::measure::{FaceMeasures, Measures};

/// What is known about one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) measures: &'a Measures,
    /// In distances between the eyes per second; `None` while unknown, or without a face.
    pub(super) speed: Option<f64>,
    /// `None` for a face that was not scored.
    pub(super) score: Option<f64>,
}

impl Seen<'_> {
    fn face(&self, measure: fn(&FaceMeasures) -> f32) -> Option<f64> {
        self.measures.face.as_ref().map(|face| measure(face).into())
    }
}

/// A setting of the guide that limits a measure.
struct Setting {
    /// Its name in [`Settings`].
    name: &'static str,
    unit: Unit,
    of: fn(&Settings) -> Threshold,
}

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// A share, 0 to 1, of what the setting describes.
    Share,
    /// Pixels.
    Pixels,
    /// Distances between the eyes.
    EyeDistances,
    /// Distances between the eyes per second.
    EyeDistancesPerSecond,
    /// Stops: one is twice the light.
    Stops,
    /// Relative luminance, 0 to 1.
    Luminance,
    /// Degrees.
    Degrees,
    /// Chroma in CIELAB.
    Chroma,
    /// Distances from the eyes to the chin.
    EyesToChin,
    /// Sharpness, 0 to 1.
    Sharpness,
    /// A quality, 0 to 100, or a raw score, 0 to 1.
    Score,
}

const fn setting(name: &'static str, unit: Unit, of: fn(&Settings) -> Threshold) -> Setting {
    Setting { name, unit, of }
}

const RIVAL: Setting = setting("rival", Unit::Share, |s| s.rival);
const ROOM: Setting = setting("room", Unit::EyeDistances, |s| s.room);
const INTER_EYE: Setting = setting("inter_eye", Unit::Pixels, |s| s.inter_eye);
const FILL: Setting = setting("fill", Unit::Share, |s| s.fill);
const OFFSET_ACROSS: Setting = setting("offset_across", Unit::Share, |s| s.offset_across);
const OFFSET_DOWN: Setting = setting("offset_down", Unit::Share, |s| s.offset_down);
const BACKLIGHT: Setting = setting("backlight", Unit::Stops, |s| s.backlight);
const DARKEST: Setting = setting("darkest", Unit::Luminance, |s| s.darkest);
const BRIGHTEST: Setting = setting("brightest", Unit::Luminance, |s| s.brightest);
const OVER_EXPOSED: Setting = setting("over_exposed", Unit::Share, |s| s.over_exposed);
const UNEVENNESS: Setting = setting("unevenness", Unit::Stops, |s| s.unevenness);
const CHROMA: Setting = setting("chroma", Unit::Chroma, |s| s.chroma);
const ROLL: Setting = setting("roll", Unit::Degrees, |s| s.roll);
const YAW: Setting = setting("yaw", Unit::Degrees, |s| s.yaw);
const PITCH: Setting = setting("pitch", Unit::Degrees, |s| s.pitch);
const EYES_OPEN: Setting = setting("eyes_open", Unit::EyesToChin, |s| s.eyes_open);
const MOUTH_OPEN: Setting = setting("mouth_open", Unit::EyesToChin, |s| s.mouth_open);
const SPEED: Setting = setting("speed", Unit::EyeDistancesPerSecond, |s| s.speed);
const SHARPNESS: Setting = setting("sharpness", Unit::Sharpness, |s| s.sharpness);
const SCORE: Setting = setting("score", Unit::Score, |s| s.score.unwrap_or(Threshold::NONE));

struct Check {
    instruction: Instruction,
    bad: Bad,
    setting: Setting,
    /// `None` if the frame has no such measure: the verdict stays as it was.
    measure: fn(&Seen<'_>) -> Option<f64>,
}

use Bad::{Above, Below};
use Instruction::*;

/// In order of precedence.
#[rustfmt::skip]
const CHECKS: [Check; 26] = [
    check(SeveralFaces, Above, RIVAL, |seen| seen.face(|face| face.rival)),
    check(CutOff, Below, ROOM, |seen| seen.face(|face| face.framing.room)),
    check(TooFar, Below, INTER_EYE, |seen| seen.face(|face| face.framing.inter_eye)),
    check(TooClose, Above, FILL, |seen| seen.face(|face| face.framing.fill)),
    // The left of the picture is to the person's right.
    check(MoveLeft, Above, OFFSET_ACROSS, |seen| seen.face(|face| -face.framing.offset[0])),
    check(MoveRight, Above, OFFSET_ACROSS, |seen| seen.face(|face| face.framing.offset[0])),
    check(MoveUp, Above, OFFSET_DOWN, |seen| seen.face(|face| face.framing.offset[1])),
    check(MoveDown, Above, OFFSET_DOWN, |seen| seen.face(|face| -face.framing.offset[1])),
    // A zone outside the picture counts as flawless.
    check(Backlit, Above, BACKLIGHT, |seen| seen.face(|face| face.backlight.unwrap_or(0.0))),
    check(TooDark, Below, DARKEST, |seen| Some(seen.measures.light.luminance.into())),
    check(TooBright, Above, BRIGHTEST, |seen| Some(seen.measures.light.luminance.into())),
    check(TooBright, Above, OVER_EXPOSED, |seen| Some(seen.measures.light.over_exposed.into())),
    check(LightFromLeft, Above, UNEVENNESS, |seen| seen.face(|face| -face.unevenness.unwrap_or(0.0))),
    check(LightFromRight, Above, UNEVENNESS, |seen| seen.face(|face| face.unevenness.unwrap_or(0.0))),
    check(TooColourless, Below, CHROMA, |seen| seen.face(|face| face.chroma)),
    check(TiltLeft, Above, ROLL, |seen| seen.face(|face| face.pose.roll)),
    check(TiltRight, Above, ROLL, |seen| seen.face(|face| -face.pose.roll)),
    check(TurnLeft, Above, YAW, |seen| seen.face(|face| -face.pose.yaw)),
    check(TurnRight, Above, YAW, |seen| seen.face(|face| face.pose.yaw)),
    check(LookUp, Above, PITCH, |seen| seen.face(|face| face.pose.pitch)),
    check(LookDown, Above, PITCH, |seen| seen.face(|face| -face.pose.pitch)),
    check(EyesClosed, Below, EYES_OPEN, |seen| seen.measures.face?.eyes_open.map(Into::into)),
    check(MouthOpen, Above, MOUTH_OPEN, |seen| seen.measures.face?.mouth_open.map(Into::into)),
    check(Moving, Above, SPEED, |seen| seen.speed),
    check(Blurred, Below, SHARPNESS, |seen| seen.measures.face.map(|_| seen.measures.sharpness.into())),
    check(HardToRecognise, Below, SCORE, |seen| seen.score),
];

const fn check(instruction: Instruction, bad: Bad, setting: Setting, measure: fn(&Seen<'_>) -> Option<f64>) -> Check {
    Check { instruction, bad, setting, measure }
}

/// A rule of the guide, for tables in pages and documentation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// The instruction given when the rule is broken.
    pub instruction: Instruction,
    /// Name in [`Settings`] of the limit and the margin.
    pub setting: &'static str,
    /// Unit of limit and margin.
    pub unit: Unit,
    /// Which side of the limit is bad.
    pub bad: Bad,
    /// Default limit and margin.
    pub default: Threshold,
}

/// Returns every rule of the guide, in order of precedence.
pub fn rules() -> Vec<Rule> {
    let defaults = Settings::default().for_scores(true);
    let rule = |Check { instruction, bad, setting, .. }: &Check| Rule {
        instruction: *instruction,
        setting: setting.name,
        unit: setting.unit,
        bad: *bad,
        default: (setting.of)(&defaults),
    };
    CHECKS.iter().map(rule).collect()
}

/// The verdicts of all checks over the frames so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Checks {
    no_face: Verdict,
    verdicts: [Verdict; CHECKS.len()],
}

impl Checks {
    /// Adds one more frame and returns the resulting instruction.
    pub(super) fn next(&mut self, settings: &Settings, seen: &Seen<'_>) -> Instruction {
        self.no_face.vote(seen.measures.face.is_none());
        for (check, verdict) in CHECKS.iter().zip(&mut self.verdicts) {
            match (check.measure)(seen) {
                Some(value) => verdict.hear(value, check.bad, (check.setting.of)(settings)),
                // The next face may belong to another person.
                None if self.no_face.is_bad() => *verdict = Verdict::default(),
                None => {}
            }
        }
        let bad = CHECKS.iter().zip(&self.verdicts).filter(|(_, verdict)| verdict.is_bad()).map(|(check, _)| check.instruction);
        in_order(self.no_face.is_bad(), bad).first().copied().unwrap_or(HoldStill)
    }
}

/// Everything that is wrong with a frame on its own: no face, or a measure beyond its limit.
pub(super) fn issues(settings: &Settings, seen: &Seen<'_>) -> Vec<Instruction> {
    let beyond = |check: &&Check| (check.measure)(seen).is_some_and(|value| check.bad.is(value, (check.setting.of)(settings)));
    in_order(seen.measures.face.is_none(), CHECKS.iter().filter(beyond).map(|check| check.instruction))
}

/// The instructions to report, in the order of the checks and without repeats. Without a face, only possible causes are kept.
fn in_order(no_face: bool, bad: impl Iterator<Item = Instruction>) -> Vec<Instruction> {
    let mut said: Vec<Instruction> = match no_face {
        // Sharpness is not judged: a bare wall looks like a blur.
        true => bad.filter(|instruction| [TooDark, TooBright].contains(instruction)).chain([NoFace]).collect(),
        false => bad.collect(),
    };
    said.dedup();
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_instructions() {
        assert!(CHECKS.iter().map(|check| check.instruction).is_sorted());
        assert!(NoFace < CHECKS[0].instruction && CHECKS[CHECKS.len() - 1].instruction < HoldStill);
    }

    #[test]
    fn every_setting_has_its_name_and_every_instruction_a_rule() {
        let settings = serde_json::to_value(Settings::default().for_scores(true)).unwrap();
        for Rule { setting, default, .. } in rules() {
            assert_eq!(settings[setting], serde_json::to_value(default).unwrap(), "{setting}");
        }
        let judged = settings.as_object().unwrap().iter().filter(|(_, value)| value.get("margin").is_some());
        assert!(judged.map(|(name, _)| name).all(|name| rules().iter().any(|rule| rule.setting == name)));
        for instruction in Instruction::ALL.iter().filter(|one| ![Turned, NoFace, HoldStill].contains(one)) {
            assert!(rules().iter().any(|rule| rule.instruction == *instruction), "{instruction:?}");
        }
    }
}
