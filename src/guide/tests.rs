//! The guide as a whole, frame by frame.

use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;
use crate::{
    explain::Cover,
    measure::{FaceMeasures, Framing, Light, Pose},
};
use Instruction::*;

/// A frame with nothing wrong, and its score.
#[derive(Debug, Clone, Copy)]
struct Given {
    measures: Measures,
    score: Option<f64>,
}

const FACE: FaceMeasures = FaceMeasures {
    landmarks: [[260.0, 200.0], [360.0, 200.0], [310.0, 255.0], [270.0, 305.0], [350.0, 305.0]],
    framing: Framing { inter_eye: 100.0, fill: 0.5, room: 1.7, offset: [0.0, -0.05] },
    pose: Pose { yaw: 3.0, pitch: -2.0, roll: 1.0 },
    rival: 0.0,
    backlight: Some(0.5),
    unevenness: Some(-0.2),
    chroma: 20.0,
    eyes_open: Some(0.08),
    mouth_open: Some(0.02),
    cover: Some(CLEAR),
};

const CLEAR: Cover = Cover { mouth: -5.0, eyes: -4.0, face: -3.0 };

const GOOD: Given = Given {
    measures: Measures { light: Light { luminance: 0.3, over_exposed: 0.001 }, sharpness: 0.6, face: Some(FACE) },
    score: Some(80.0),
};

/// A flaw of a frame, and the instruction that it causes.
type Flaw = (Instruction, fn(&mut Given));

/// One for every check, in no particular order.
const FLAWS: [Flaw; 29] = [
    (NoFace, |given| given.measures.face = None),
    (SeveralFaces, |given| face(given).rival = 0.7),
    (CutOff, |given| face(given).framing.room = 0.3),
    (TooFar, |given| face(given).framing.inter_eye = 30.0),
    (TooClose, |given| face(given).framing.fill = 0.95),
    (MoveLeft, |given| face(given).framing.offset[0] = -0.3),
    (MoveRight, |given| face(given).framing.offset[0] = 0.3),
    (MoveUp, |given| face(given).framing.offset[1] = 0.4),
    (MoveDown, |given| face(given).framing.offset[1] = -0.4),
    (Backlit, |given| face(given).backlight = Some(4.0)),
    (TooDark, |given| given.measures.light.luminance = 0.01),
    (TooBright, |given| given.measures.light.luminance = 0.95),
    (TooBright, |given| given.measures.light.over_exposed = 0.4),
    (LightFromLeft, |given| face(given).unevenness = Some(-3.0)),
    (LightFromRight, |given| face(given).unevenness = Some(3.0)),
    (TurnLeft, |given| face(given).pose.yaw = -40.0),
    (TurnRight, |given| face(given).pose.yaw = 40.0),
    (LookUp, |given| face(given).pose.pitch = 30.0),
    (LookDown, |given| face(given).pose.pitch = -30.0),
    (TiltLeft, |given| face(given).pose.roll = 30.0),
    (TiltRight, |given| face(given).pose.roll = -30.0),
    (Blurred, |given| given.measures.sharpness = 0.1),
    (HardToRecognise, |given| given.score = Some(20.0)),
    (TooColourless, |given| face(given).chroma = 0.3),
    (EyesClosed, |given| face(given).eyes_open = Some(0.02)),
    (MouthOpen, |given| face(given).mouth_open = Some(0.3)),
    (MouthCovered, |given| cover(given).mouth = 2.0),
    (EyesCovered, |given| cover(given).eyes = 2.0),
    (FaceCovered, |given| cover(given).face = 2.0),
];

/// A flaw needs a face to apply to, so one is added if missing.
fn face(given: &mut Given) -> &mut FaceMeasures {
    given.measures.face.get_or_insert(FACE)
}

fn cover(given: &mut Given) -> &mut Cover {
    face(given).cover.get_or_insert(CLEAR)
}

fn with(flaws: &[Flaw]) -> Given {
    let mut given = GOOD;
    flaws.iter().for_each(|(_, flaw)| flaw(&mut given));
    given
}

/// A guide with a minimum quality of 50.
fn guide() -> Guide {
    Guide::new(Settings::default().for_scores(true))
}

/// A guide that shows each instruction at once.
fn quick() -> Guide {
    Guide::new(Settings { shown_ms: 0, ..Settings::default() }.for_scores(true))
}

/// The instruction after each frame, `milliseconds` apart.
fn said(guide: &mut Guide, milliseconds: f64, frames: impl IntoIterator<Item = Given>) -> Vec<Instruction> {
    let frames = frames.into_iter().zip(0..);
    frames
        .map(|(given, frame)| guide.next(frame, f64::from(frame) * milliseconds, &given.measures, given.score).instruction)
        .collect()
}

fn without_repeats(mut said: Vec<Instruction>) -> Vec<Instruction> {
    said.dedup();
    said
}

#[test]
fn every_instruction_is_reached() {
    for flaw in FLAWS {
        assert_eq!(said(&mut quick(), 100.0, [with(&[flaw])]), [flaw.0]);
    }
    assert_eq!(said(&mut quick(), 100.0, [GOOD]), [HoldStill]);
    // Two distances between the eyes a second.
    let mut moved = GOOD;
    face(&mut moved).landmarks = FACE.landmarks.map(|[x, y]| [x + 40.0, y]);
    let mut back = moved;
    face(&mut back).landmarks = FACE.landmarks;
    assert_eq!(said(&mut quick(), 200.0, [GOOD, moved, back]), [HoldStill, Moving, Moving]);
}

#[test]
fn of_two_flaws_the_first_in_order_is_said() {
    for first in FLAWS {
        for second in FLAWS.into_iter().filter(|second| second.0 > first.0) {
            let expected = match (first.0, second.0) {
                // A possible cause of the missing face comes before it.
                (NoFace, TooDark | TooBright) => second.0,
                _ => first.0,
            };
            // `first` is applied last, in case both set the same number.
            assert_eq!(said(&mut quick(), 100.0, [with(&[second, first])]), [expected], "{:?} and {:?}", first.0, second.0);
        }
    }
}

#[test]
fn a_person_walks_in() {
    let flaws = |names: &[Instruction]| -> Given {
        let flaws: Vec<Flaw> = FLAWS.into_iter().filter(|flaw| names.contains(&flaw.0)).collect();
        with(&flaws)
    };
    let scenes = [
        (flaws(&[NoFace]), NoFace),
        (flaws(&[CutOff, TooFar, TurnLeft]), CutOff),
        (flaws(&[TooFar, TurnLeft, TooDark, HardToRecognise]), TooFar),
        (flaws(&[MoveRight, TurnLeft, TooDark, HardToRecognise]), MoveRight),
        (flaws(&[TurnLeft, TooDark, HardToRecognise]), TooDark),
        (flaws(&[TurnLeft, Blurred, HardToRecognise]), TurnLeft),
        (flaws(&[HardToRecognise]), HardToRecognise),
        (GOOD, HoldStill),
    ];
    // One second each, whatever the frame rate.
    for milliseconds in [16.0, 40.0, 125.0, 250.0] {
        let frames = scenes.iter().flat_map(|(given, _)| vec![*given; (1000.0 / milliseconds) as usize]);
        let mut guide = guide();
        assert_eq!(without_repeats(said(&mut guide, milliseconds, frames)), scenes.map(|(_, instruction)| instruction));
    }
}

#[test]
fn a_face_that_is_lost_for_a_frame_changes_nothing() {
    let nobody = with(&[FLAWS[0]]);
    let turned = with(&[FLAWS[15]]);
    let frames = [turned, turned, nobody, turned, turned, nobody, turned];
    assert_eq!(without_repeats(said(&mut quick(), 50.0, frames)), [TurnLeft]);
    assert_eq!(said(&mut quick(), 50.0, [turned, nobody, nobody, GOOD, GOOD]), [TurnLeft, TurnLeft, NoFace, NoFace, HoldStill]);
}

#[test]
fn what_is_not_in_the_picture_is_not_held_against_it() {
    let mut nothing_around = GOOD;
    face(&mut nothing_around).backlight = None;
    face(&mut nothing_around).unevenness = None;
    for flaw in [FLAWS[9], FLAWS[13], FLAWS[14]] {
        let frames = [with(&[flaw]), nothing_around, nothing_around];
        assert_eq!(without_repeats(said(&mut quick(), 50.0, frames)), [flaw.0, HoldStill]);
    }
}

#[test]
fn all_that_is_wrong_is_listed_in_order_and_once() {
    let of = |flaws: &[Flaw]| {
        let given = with(flaws);
        issues(&Settings::default().for_scores(true), &given.measures, given.score)
    };
    assert_eq!(of(&[]), []);
    assert_eq!(of(&[FLAWS[22], FLAWS[12], FLAWS[3], FLAWS[11]]), [TooFar, TooBright, HardToRecognise]);
    // Without a face, only possible causes are listed.
    assert_eq!(of(&[FLAWS[0]]), [NoFace]);
    assert_eq!(of(&[FLAWS[0], FLAWS[10], FLAWS[21]]), [TooDark, NoFace]);
    for first in FLAWS {
        for second in FLAWS {
            let said = said(&mut quick(), 100.0, [with(&[first, second])]);
            assert_eq!(of(&[first, second]).first(), said.first(), "{:?} and {:?}", first.0, second.0);
        }
    }
}

#[test]
fn of_scores_that_are_no_qualities_none_is_too_low_unless_asked_for() {
    let raw = |settings: Settings| issues(&settings.for_scores(false), &GOOD.measures, Some(0.2));
    assert_eq!(raw(Settings::default()), []);
    let asked_for = Settings { score: Some(Threshold::new(0.8, 0.0).unwrap()), ..Settings::default() };
    assert_eq!(raw(asked_for), [HardToRecognise]);
}

#[test]
fn after_a_cut_frames_are_believed_at_once() {
    let mut guide = quick();
    assert_eq!(said(&mut guide, 100.0, [GOOD; 3]), [HoldStill; 3]);
    guide.cut();
    let far = with(&[FLAWS[3]]);
    assert_eq!(guide.next(3, 300.0, &far.measures, far.score).instruction, TooFar);
}

#[test]
fn frames_far_apart_are_believed_at_once() {
    let frames = [GOOD, with(&[FLAWS[3]]), GOOD, with(&[FLAWS[0]]), GOOD];
    assert_eq!(said(&mut quick(), 5000.0, frames), [HoldStill, TooFar, HoldStill, NoFace, HoldStill]);
    // The same if the clock runs backwards or returns NaN.
    assert_eq!(said(&mut quick(), -10.0, frames), [HoldStill, TooFar, HoldStill, NoFace, HoldStill]);
    assert_eq!(said(&mut quick(), f64::NAN, frames), [HoldStill, TooFar, HoldStill, NoFace, HoldStill]);
}

#[test]
fn a_face_without_a_score_is_guided_and_not_taken() {
    let not_scored = Given { score: None, ..GOOD };
    let infinite = Given { score: Some(f64::INFINITY), ..GOOD };
    for given in [not_scored, infinite] {
        let mut guide = guide();
        for frame in 0..100 {
            let found = guide.next(frame, f64::from(frame) * 500.0, &given.measures, given.score);
            assert_eq!((found.instruction, found.capture), (HoldStill, Capture::Waiting { progress: 0.0 }));
        }
    }
}

#[test]
fn the_picture_is_taken_only_after_hold_still() {
    let mut guide = guide();
    let turned = with(&[FLAWS[15]]);
    // Two frames change the verdict, but the previous instruction stays for 600 ms; then comes a second of holding still.
    let frames = [turned; 2].into_iter().chain([GOOD; 20]);
    let found: Vec<Guidance> = (0..)
        .zip(frames)
        .map(|(frame, given)| guide.next(frame, f64::from(frame) * 100.0, &given.measures, given.score))
        .collect();
    let first = |wanted: fn(&Guidance) -> bool| found.iter().position(wanted);
    assert_eq!(first(|guidance| guidance.instruction == HoldStill), Some(6));
    assert_eq!(first(|guidance| matches!(guidance.capture, Capture::Taken(_))), Some(16));
    assert_eq!(found[16].keep, [Some(6), None, None]);
}

/// The capture after frames that are each shown for this long, in milliseconds, with a time limit of 10 seconds.
fn capture_after(frames: &[(Given, f64)]) -> Capture {
    let capture = CaptureSettings { time_limit_ms: Some(10_000), ..CaptureSettings::default() };
    let mut guide = Guide::new(Settings { shown_ms: 0, capture: Some(capture), ..Settings::default() }.for_scores(true));
    let mut time = 0.0;
    let mut last = Capture::Off;
    for (frame, (given, milliseconds)) in (0..).zip(frames) {
        last = guide.next(frame, time, &given.measures, given.score).capture;
        time += milliseconds;
    }
    last
}

#[test]
fn when_time_is_up_the_fault_of_most_of_the_time_is_named() {
    let [dark, far, nobody] = [FLAWS[10], FLAWS[3], FLAWS[0]].map(|flaw| with(&[flaw]));
    // Time counts, not frames: seven slow ones against thirty quick ones.
    let mut frames = vec![(dark, 900.0); 7];
    frames.extend([(far, 120.0); 30]);
    frames.push((far, 0.0));
    assert_eq!(capture_after(&frames), Capture::Waiting { progress: 0.0 });
    frames.extend([(far, 100.0), (far, 0.0)]);
    assert_eq!(capture_after(&frames), Capture::TimeUp { fault: Some(TooDark) });
    // The time before the person came does not count.
    let mut late = vec![(nobody, 500.0); 100];
    late.extend(&frames);
    assert_eq!(capture_after(&late), Capture::TimeUp { fault: Some(TooDark) });
    // The time after the person has left does.
    let mut left = vec![(dark, 500.0); 6];
    left.extend([(nobody, 500.0); 20]);
    assert_eq!(capture_after(&left), Capture::TimeUp { fault: Some(NoFace) });
    // Holding still is no fault, however long it was shown: here the following frames have no score.
    let mut unscored = vec![(dark, 300.0); 3];
    unscored.extend([(Given { score: None, ..GOOD }, 500.0); 30]);
    assert_eq!(capture_after(&unscored), Capture::TimeUp { fault: Some(TooDark) });
}

#[test]
fn every_fault_can_be_the_one_of_most_of_the_time() {
    for flaw in FLAWS {
        let mut frames = vec![(with(&[FLAWS[22]]), 250.0)];
        frames.extend([(with(&[flaw]), 250.0); 45]);
        assert_eq!(capture_after(&frames), Capture::TimeUp { fault: Some(flaw.0) }, "{:?}", flaw.0);
    }
}

#[test]
fn nothing_is_taken_unless_asked_for() {
    let mut guide = Guide::new(Settings { capture: None, ..Settings::default() }.for_scores(true));
    for frame in 0..100 {
        let found = guide.next(frame, f64::from(frame) * 500.0, &GOOD.measures, GOOD.score);
        assert_eq!((found.capture, found.keep, found.issues), (Capture::Off, [None; 3], vec![]));
    }
    assert_eq!(guide.next(100, 50_000.0, &GOOD.measures, Some(20.0)).issues, [HardToRecognise]);
}

#[test]
fn only_frames_with_nothing_wrong_are_worth_a_score() {
    let guide = guide();
    for flaw in FLAWS {
        let measures = with(&[flaw]).measures;
        assert_eq!(guide.is_worth_scoring(&measures), flaw.0 == HardToRecognise, "{:?}", flaw.0);
    }
}

#[test]
fn a_low_score_makes_less_evidence_enough() {
    let mut dim = GOOD;
    dim.measures.light.luminance = 0.05;
    dim.measures.sharpness = 0.4;
    let settings = Settings::default().for_scores(true);
    assert_eq!(issues(&settings, &dim.measures, Some(80.0)), []);
    assert_eq!(issues(&settings, &dim.measures, Some(20.0)), [TooDark, Blurred, HardToRecognise]);
    // What is certain comes first.
    let mut open = dim;
    face(&mut open).mouth_open = Some(0.3);
    assert_eq!(issues(&settings, &open.measures, Some(20.0)), [MouthOpen, TooDark, Blurred, HardToRecognise]);
    face(&mut dim).framing.inter_eye = 30.0;
    assert_eq!(issues(&settings, &dim.measures, Some(20.0)), [TooFar, TooDark, Blurred, HardToRecognise]);
    face(&mut dim).framing.inter_eye = 100.0;
    assert_eq!(issues(&settings, &GOOD.measures, Some(20.0)), [HardToRecognise]);
    let mut guide = guide();
    let mut said = |score| {
        let frames =
            (0..3).map(|frame| guide.next(frame, 2000.0 + 40.0 * f64::from(frame), &dim.measures, Some(score)).instruction);
        frames.last().unwrap()
    };
    assert_eq!(said(20.0), TooDark);
}

#[test]
fn javascript_reads_it() {
    let found = guide().next(4, 0.0, &GOOD.measures, GOOD.score);
    let expected = serde_json::json!({
        "instruction": "hold_still",
        "issues": [],
        "speed": null,
        "capture": { "state": "waiting", "progress": 0.0 },
        "keep": [4, 4, null],
    });
    assert_eq!(serde_json::to_value(found).unwrap(), expected);
    let taken = Capture::Taken(Shot { frame: 3, score: 81.5 });
    assert_eq!(serde_json::to_value(taken).unwrap(), serde_json::json!({ "state": "taken", "frame": 3, "score": 81.5 }));
    let time_up = Capture::TimeUp { fault: Some(TooDark) };
    assert_eq!(serde_json::to_value(time_up).unwrap(), serde_json::json!({ "state": "time_up", "fault": "too_dark" }));
    let measures = serde_json::to_value(with(&[FLAWS[0]]).measures).unwrap();
    assert_eq!(measures["face"], serde_json::Value::Null);
    assert!(serde_json::to_value(GOOD.measures).unwrap()["face"]["framing"]["inter_eye"].is_number());
}

/// One number of a frame, its threshold, and which way is bad.
type Number = (fn(&mut Given, f64), fn(&Settings) -> Threshold, f64);

const NUMBERS: [Number; 13] = [
    (|given, value| face(given).rival = value as f32, |s| s.rival, 1.0),
    (|given, value| face(given).framing.room = value as f32, |s| s.room, -1.0),
    (|given, value| face(given).framing.inter_eye = value as f32, |s| s.inter_eye, -1.0),
    (|given, value| face(given).framing.offset[0] = value as f32, |s| s.offset_across, 1.0),
    (|given, value| given.measures.light.luminance = value as f32, |s| s.darkest, -1.0),
    (|given, value| face(given).unevenness = Some(value as f32), |s| s.unevenness, 1.0),
    (|given, value| face(given).chroma = value as f32, |s| s.chroma, -1.0),
    (|given, value| face(given).eyes_open = Some(value as f32), |s| s.eyes_open, -1.0),
    (|given, value| face(given).mouth_open = Some(value as f32), |s| s.mouth_open, 1.0),
    (|given, value| cover(given).mouth = value as f32, |s| s.cover, 1.0),
    (|given, value| face(given).pose.yaw = value as f32, |s| s.yaw, 1.0),
    (|given, value| given.measures.sharpness = value as f32, |s| s.sharpness, -1.0),
    (|given, value| given.score = Some(value), |s| s.score.unwrap(), -1.0),
];

proptest! {
    /// A value that jitters around its limit, by up to nine tenths of its margin, changes the instruction at most once.
    #[test]
    fn trembling_about_a_limit_does_not_flicker(
        which in 0..NUMBERS.len(),
        trembling in prop::collection::vec(-0.9..0.9_f64, 1..80),
        milliseconds in 10.0..500.0_f64,
    ) {
        let (set, threshold, bad) = NUMBERS[which];
        let threshold = threshold(&Settings::default().for_scores(true));
        let frames = trembling.into_iter().map(|by| {
            let mut given = GOOD;
            set(&mut given, threshold.limit() + bad * by * threshold.margin());
            given
        });
        prop_assert!(without_repeats(said(&mut quick(), milliseconds, frames)).len() <= 2);
    }

    /// Whatever the input, each instruction stays long enough to be read.
    #[test]
    fn nothing_is_shown_too_briefly(
        flaws in prop::collection::vec(prop::collection::vec(0..FLAWS.len(), 0..4), 1..120),
        milliseconds in 5.0..400.0_f64,
    ) {
        let frames = flaws.into_iter().map(|flaws| with(&flaws.into_iter().map(|flaw| FLAWS[flaw]).collect::<Vec<_>>()));
        let said = said(&mut guide(), milliseconds, frames);
        // All but the last, which may still be showing.
        let shown: Vec<usize> = said.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
        for frames in &shown[..shown.len() - 1] {
            prop_assert!(*frames as f64 * milliseconds > 599.0, "{frames} frames of {milliseconds} ms: {said:?}");
        }
    }

    /// A captured picture is good by its own measures and score and was kept until then, and nothing is captured afterwards.
    #[test]
    fn what_is_taken_is_good(
        frames in prop::collection::vec(
            (prop::option::weighted(0.3, 0..FLAWS.len()), prop::option::of(0.0..100.0_f64)), 1..150,
        ),
        milliseconds in 10.0..700.0_f64,
        good_frames in 1..4_u32,
        steady_ms in 0..400_u32,
        time_limit_ms in prop::option::of(0..5000_u32),
    ) {
        let capture = CaptureSettings {
            good_frames: NonZeroU32::new(good_frames).unwrap(), steady_ms, time_limit_ms, below_threshold: false,
        };
        let mut guide = Guide::new(Settings { capture: Some(capture), ..Settings::default() }.for_scores(true));
        let given: Vec<Given> = frames.into_iter().map(|(flaw, score)| {
            let mut given = Given { score, ..GOOD };
            if let Some(flaw) = flaw { FLAWS[flaw].1(&mut given) }
            given
        }).collect();
        let mut kept = [None; 3];
        let mut taken = None;
        for (frame, given) in (0..).zip(&given) {
            let found = guide.next(frame, f64::from(frame) * milliseconds, &given.measures, given.score);
            if let Capture::Taken(shot) = found.capture {
                prop_assert!(kept.contains(&Some(shot.frame)) || shot.frame == frame);
                prop_assert!(taken.is_none_or(|taken| taken == shot));
                taken = Some(shot);
            }
            kept = found.keep;
        }
        if let Some(shot) = taken {
            let own = given[shot.frame as usize];
            prop_assert!(shot.score >= 50.0 && own.score == Some(shot.score));
            prop_assert_eq!(said(&mut quick(), 1.0, [own]), [HoldStill]);
        }
    }
}
