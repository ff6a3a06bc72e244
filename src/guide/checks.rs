//! Every check: what it measures, its threshold, which side of it is bad, and the instruction that follows.

use serde::Serialize;

use super::{
    Instruction, Settings, Threshold,
    verdict::{Bad, Verdict},
};
use crate::{
    explain::Cover,
    measure::{FaceMeasures, Measures},
};

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
    /// The logarithm of the odds of a cover against none, if it is the likeliest.
    fn cover(&self, of: fn(&Cover) -> f32) -> Option<f64> {
        Some(of(&self.measures.face?.cover?.likeliest()).into())
    }

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
    /// A natural logarithm of odds.
    LogOdds,
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
const COVER: Setting = setting("cover", Unit::LogOdds, |s| s.cover);
const EYES_OPEN: Setting = setting("eyes_open", Unit::EyesToChin, |s| s.eyes_open);
const MOUTH_OPEN: Setting = setting("mouth_open", Unit::EyesToChin, |s| s.mouth_open);
const SPEED: Setting = setting("speed", Unit::EyeDistancesPerSecond, |s| s.speed);
const SHARPNESS: Setting = setting("sharpness", Unit::Sharpness, |s| s.sharpness);
const SCORE: Setting = setting("score", Unit::Score, |s| s.score.unwrap_or(Threshold::NONE));

struct Check {
    instruction: Instruction,
    bad: Bad,
    setting: Setting,
    /// Beyond this, with the default limit, the measure is suspected to be the reason for a low score. One in twenty clean faces (View 1
    /// of LFW) is beyond it; for brightness and darkness fewer, since a light or a dark face in good light is no fault. `None` for a
    /// measure that does not make a face hard to recognise.
    suspected: Option<f64>,
    /// `None` if the frame has no such measure: the verdict stays as it was.
    measure: fn(&Seen<'_>) -> Option<f64>,
}

use Bad::{Above, Below};
use Instruction::*;

/// In order of precedence.
#[rustfmt::skip]
const CHECKS: [Check; 29] = [
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
    check(TooDark, Below, DARKEST, |seen| Some(seen.measures.light.luminance.into())).suspected(0.055),
    check(TooBright, Above, BRIGHTEST, |seen| Some(seen.measures.light.luminance.into())).suspected(0.47),
    check(TooBright, Above, OVER_EXPOSED, |seen| Some(seen.measures.light.over_exposed.into())),
    check(LightFromLeft, Above, UNEVENNESS, |seen| seen.face(|face| -face.unevenness.unwrap_or(0.0))).suspected(1.7),
    check(LightFromRight, Above, UNEVENNESS, |seen| seen.face(|face| face.unevenness.unwrap_or(0.0))).suspected(1.7),
    check(TooColourless, Below, CHROMA, |seen| seen.face(|face| face.chroma)),
    check(TiltLeft, Above, ROLL, |seen| seen.face(|face| face.pose.roll)).suspected(6.5),
    check(TiltRight, Above, ROLL, |seen| seen.face(|face| -face.pose.roll)).suspected(6.5),
    check(TurnLeft, Above, YAW, |seen| seen.face(|face| -face.pose.yaw)),
    check(TurnRight, Above, YAW, |seen| seen.face(|face| face.pose.yaw)),
    check(LookUp, Above, PITCH, |seen| seen.face(|face| face.pose.pitch)).suspected(23.0),
    check(LookDown, Above, PITCH, |seen| seen.face(|face| -face.pose.pitch)).suspected(23.0),
    check(MouthCovered, Above, COVER, |seen| seen.cover(|cover| cover.mouth)).suspected(-2.3),
    check(EyesCovered, Above, COVER, |seen| seen.cover(|cover| cover.eyes)).suspected(-2.3),
    check(FaceCovered, Above, COVER, |seen| seen.cover(|cover| cover.face)).suspected(-2.5),
    check(EyesClosed, Below, EYES_OPEN, |seen| seen.measures.face?.eyes_open.map(Into::into)),
    check(MouthOpen, Above, MOUTH_OPEN, |seen| seen.measures.face?.mouth_open.map(Into::into)),
    check(Moving, Above, SPEED, |seen| seen.speed),
    check(Blurred, Below, SHARPNESS, |seen| seen.measures.face.map(|_| seen.measures.sharpness.into())).suspected(0.47),
    check(HardToRecognise, Below, SCORE, |seen| seen.score),
];

const fn check(instruction: Instruction, bad: Bad, setting: Setting, measure: fn(&Seen<'_>) -> Option<f64>) -> Check {
    Check { instruction, bad, setting, suspected: None, measure }
}

impl Check {
    const fn suspected(self, limit: f64) -> Self {
        Self { suspected: Some(limit), ..self }
    }

    fn threshold(&self, settings: &Settings) -> Threshold {
        (self.setting.of)(settings)
    }

    /// The threshold beyond which the measure is suspected; `None` if it never is. It moves with the limit: a check that is switched off by its
    /// limit is not suspected either.
    fn suspicion(&self, settings: &Settings) -> Option<Threshold> {
        let (threshold, default) = (self.threshold(settings), self.threshold(&Settings::default()));
        Some(threshold.with_limit(threshold.limit() + (self.suspected? - default.limit())))
    }

    fn is_beyond(&self, threshold: Threshold, seen: &Seen<'_>) -> bool {
        (self.measure)(seen).is_some_and(|value| self.bad.is(value, threshold))
    }
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
    /// Limit beyond which the measure is suspected to be the reason for a low score, with the default limit; it moves with the limit. `None` for
    /// a measure that does not make a face hard to recognise.
    pub suspected: Option<f64>,
}

/// Returns every rule of the guide, in order of precedence.
pub fn rules() -> Vec<Rule> {
    let defaults = Settings::default().for_scores(true);
    let rule = |Check { instruction, bad, setting, suspected, .. }: &Check| Rule {
        instruction: *instruction,
        setting: setting.name,
        unit: setting.unit,
        bad: *bad,
        default: (setting.of)(&defaults),
        suspected: *suspected,
    };
    CHECKS.iter().map(rule).collect()
}

/// The verdicts of all checks over the frames so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Checks {
    no_face: Verdict,
    verdicts: [Verdict; CHECKS.len()],
    suspicions: [Verdict; CHECKS.len()],
}

impl Checks {
    /// Adds one more frame and returns the resulting instruction.
    pub(super) fn next(&mut self, settings: &Settings, seen: &Seen<'_>) -> Instruction {
        self.no_face.vote(seen.measures.face.is_none());
        for (check, (verdict, suspicion)) in CHECKS.iter().zip(self.verdicts.iter_mut().zip(&mut self.suspicions)) {
            match (check.measure)(seen) {
                Some(value) => {
                    verdict.hear(value, check.bad, check.threshold(settings));
                    if let Some(threshold) = check.suspicion(settings) {
                        suspicion.hear(value, check.bad, threshold);
                    }
                }
                // The next face may belong to another person.
                None if self.no_face.is_bad() => (*verdict, *suspicion) = Default::default(),
                None => {}
            }
        }
        let bad = |verdicts: &[Verdict]| {
            let bad = CHECKS.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_bad());
            bad.map(|(check, _)| check.instruction).collect::<Vec<_>>()
        };
        let said = in_order(self.no_face.is_bad(), bad(&self.verdicts).into_iter());
        with_suspicions(said, || bad(&self.suspicions)).first().copied().unwrap_or(HoldStill)
    }
}

/// Everything that is wrong with a frame on its own: no face, or a measure beyond its limit.
pub(super) fn issues(settings: &Settings, seen: &Seen<'_>) -> Vec<Instruction> {
    let beyond = CHECKS.iter().filter(|check| check.is_beyond(check.threshold(settings), seen));
    let said = in_order(seen.measures.face.is_none(), beyond.map(|check| check.instruction));
    let is_suspected = |check: &&Check| check.suspicion(settings).is_some_and(|threshold| check.is_beyond(threshold, seen));
    with_suspicions(said, || CHECKS.iter().filter(is_suspected).map(|check| check.instruction).collect())
}

/// Adds the suspected reasons for a low score, after the certain ones. Limits must spare good pictures, so a measure beyond its limit is
/// reason enough on its own. A low score shows that something is wrong, and less evidence is then enough to say what.
fn with_suspicions(mut said: Vec<Instruction>, suspected: impl Fn() -> Vec<Instruction>) -> Vec<Instruction> {
    // It is the last.
    if let Some(score) = said.pop_if(|last| *last == HardToRecognise) {
        let mut suspected = suspected();
        suspected.retain(|instruction| !said.contains(instruction));
        suspected.dedup();
        said.extend(suspected);
        said.push(score);
    }
    said
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
