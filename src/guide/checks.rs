//! Every check: what it measures, on which side of which threshold that is bad, and what is to be said then.

use super::{
    FaceMeasures, Instruction, Measures, Settings, Threshold,
    verdict::{Bad, Verdict},
};

/// What is known of one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) measures: &'a Measures,
    /// In distances between the eyes per second; `None` while it is not known, or there is no face.
    pub(super) speed: Option<f64>,
    /// `None` for a face that was not scored.
    pub(super) score: Option<f64>,
}

impl Seen<'_> {
    fn face(&self, measure: fn(&FaceMeasures) -> f32) -> Option<f64> {
        self.measures.face.as_ref().map(|face| measure(face).into())
    }
}

struct Check {
    instruction: Instruction,
    /// `None` where the frame does not tell: the verdict stays.
    measure: fn(&Seen<'_>) -> Option<f64>,
    bad: Bad,
    threshold: fn(&Settings) -> Threshold,
}

use Bad::{Above, Below};
use Instruction::*;

/// In order of precedence.
#[rustfmt::skip]
const CHECKS: [Check; 23] = [
    check(SeveralFaces, Above, |s| s.rival, |seen| seen.face(|face| face.rival)),
    check(CutOff, Below, |s| s.room, |seen| seen.face(|face| face.framing.room)),
    check(TooFar, Below, |s| s.inter_eye, |seen| seen.face(|face| face.framing.inter_eye)),
    check(TooClose, Above, |s| s.fill, |seen| seen.face(|face| face.framing.fill)),
    // The left of the picture is to the person's right.
    check(MoveLeft, Above, |s| s.offset_across, |seen| seen.face(|face| -face.framing.offset[0])),
    check(MoveRight, Above, |s| s.offset_across, |seen| seen.face(|face| face.framing.offset[0])),
    check(MoveUp, Above, |s| s.offset_down, |seen| seen.face(|face| face.framing.offset[1])),
    check(MoveDown, Above, |s| s.offset_down, |seen| seen.face(|face| -face.framing.offset[1])),
    // What is not in the picture is not held against it.
    check(Backlit, Above, |s| s.backlight, |seen| seen.face(|face| face.backlight.unwrap_or(0.0))),
    check(TooDark, Below, |s| s.darkest, |seen| Some(seen.measures.light.luminance.into())),
    check(TooBright, Above, |s| s.brightest, |seen| Some(seen.measures.light.luminance.into())),
    check(TooBright, Above, |s| s.over_exposed, |seen| Some(seen.measures.light.over_exposed.into())),
    check(LightFromLeft, Above, |s| s.unevenness, |seen| seen.face(|face| -face.unevenness.unwrap_or(0.0))),
    check(LightFromRight, Above, |s| s.unevenness, |seen| seen.face(|face| face.unevenness.unwrap_or(0.0))),
    check(TiltLeft, Above, |s| s.roll, |seen| seen.face(|face| face.pose.roll)),
    check(TiltRight, Above, |s| s.roll, |seen| seen.face(|face| -face.pose.roll)),
    check(TurnLeft, Above, |s| s.yaw, |seen| seen.face(|face| -face.pose.yaw)),
    check(TurnRight, Above, |s| s.yaw, |seen| seen.face(|face| face.pose.yaw)),
    check(LookUp, Above, |s| s.pitch, |seen| seen.face(|face| face.pose.pitch)),
    check(LookDown, Above, |s| s.pitch, |seen| seen.face(|face| -face.pose.pitch)),
    check(Moving, Above, |s| s.speed, |seen| seen.speed),
    check(Blurred, Below, |s| s.sharpness, |seen| seen.measures.face.map(|_| seen.measures.sharpness.into())),
    check(HardToRecognise, Below, |s| s.score, |seen| seen.score),
];

const fn check(
    instruction: Instruction,
    bad: Bad,
    threshold: fn(&Settings) -> Threshold,
    measure: fn(&Seen<'_>) -> Option<f64>,
) -> Check {
    Check { instruction, measure, bad, threshold }
}

/// The verdicts of all checks over the frames so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Checks {
    no_face: Verdict,
    verdicts: [Verdict; CHECKS.len()],
}

impl Checks {
    /// Hears one more frame; the one instruction that follows.
    pub(super) fn next(&mut self, settings: &Settings, seen: &Seen<'_>) -> Instruction {
        self.no_face.vote(seen.measures.face.is_none());
        for (check, verdict) in CHECKS.iter().zip(&mut self.verdicts) {
            match (check.measure)(seen) {
                Some(value) => verdict.hear(value, check.bad, (check.threshold)(settings)),
                // Whoever comes next is somebody else.
                None if self.no_face.is_bad() => *verdict = Verdict::default(),
                None => {}
            }
        }
        let mut said =
            CHECKS.iter().zip(&self.verdicts).filter(|(_, verdict)| verdict.is_bad()).map(|(check, _)| check.instruction);
        match self.no_face.is_bad() {
            // Light may be why there is no face. Sharpness is not judged: a bare wall is no more than a blur.
            true => said.find(|instruction| [TooDark, TooBright].contains(instruction)).unwrap_or(NoFace),
            false => said.next().unwrap_or(HoldStill),
        }
    }
}

/// Whether a frame passes every check by itself, with a face and nothing beyond a limit.
pub(super) fn passes(settings: &Settings, seen: &Seen<'_>) -> bool {
    let beyond = |check: &Check| (check.measure)(seen).is_some_and(|value| check.bad.is(value, (check.threshold)(settings)));
    seen.measures.face.is_some() && !CHECKS.iter().any(beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_instructions() {
        assert!(CHECKS.iter().map(|check| check.instruction).is_sorted());
        assert!(NoFace < CHECKS[0].instruction && CHECKS[CHECKS.len() - 1].instruction < HoldStill);
    }
}
