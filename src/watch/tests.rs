//! A camera's frames through networks of a few kilobytes, which report anything bright as a face.
use std::{cell::Cell, num::NonZeroU32};

use pollster::block_on;

use serfiq_score::Method;

use super::*;
use crate::{
    BackendChoice, example,
    guide::{CaptureSettings, Threshold},
};

const METHOD: Method = Method::MonteCarlo { passes: 10, seed: 0 };

fn engine() -> Engine {
    block_on(Engine::load(example::files(), BackendChoice::Cpu)).unwrap()
}

/// Judges only the presence of a face and its motion, because the networks know nothing else.
fn settings() -> Settings {
    let never = |limit| Threshold::new(limit, 0.0).unwrap();
    let [above, below] = [never(1e9), never(-1e9)];
    Settings {
        rival: above,
        room: below,
        inter_eye: below,
        fill: above,
        offset_across: above,
        offset_down: above,
        backlight: above,
        unevenness: above,
        darkest: below,
        brightest: above,
        over_exposed: above,
        chroma: below,
        eyes_open: below,
        mouth_open: above,
        yaw: above,
        pitch: above,
        roll: above,
        sharpness: below,
        shown_ms: 0,
        capture: Some(CaptureSettings { good_frames: NonZeroU32::new(3).unwrap(), steady_ms: 0, ..CaptureSettings::default() }),
        ..Settings::default()
    }
}

fn watch() -> Watch {
    Watch::new(settings(), false)
}

/// A bright disc on a dark background.
fn disc([width, height]: [u32; 2], [x, y]: [i64; 2], radius: i64) -> Frame {
    let is_inside = |column: u32, row: u32| (i64::from(column) - x).pow(2) + (i64::from(row) - y).pow(2) < radius * radius;
    let pixel = |column, row| if is_inside(column, row) { [240, 230, 220] } else { [20, 20, 20] };
    let rgb = (0..height).flat_map(|row| (0..width).flat_map(move |column| pixel(column, row))).collect();
    Frame::from_rgb(width, height, rgb).unwrap()
}

fn face() -> Frame {
    disc([640, 480], [320, 240], 150)
}

fn nobody() -> Frame {
    disc([640, 480], [0, 0], 0)
}

/// A camera at ten frames a second, on a machine whose clock advances by `step` milliseconds at each reading.
struct Camera {
    engine: Engine,
    watch: Watch,
    time: f64,
    machine: Cell<f64>,
    step: f64,
}

impl Camera {
    fn new(watch: Watch) -> Self {
        Self { engine: engine(), watch, time: 0.0, machine: Cell::new(0.0), step: 1.0 }
    }

    fn look(&mut self, picture: &impl Picture, take: Option<Take>) -> Result<Watched, EngineError> {
        self.time += 100.0;
        let clock = || {
            self.machine.set(self.machine.get() + self.step);
            self.machine.get()
        };
        let stopwatch = Stopwatch::start(clock);
        block_on(self.watch.next(&self.engine, picture, self.time, &METHOD, take, &stopwatch))
    }

    fn sees(&mut self, picture: &Frame) -> Watched {
        self.look(picture, None).unwrap()
    }
}

fn is_scored(watched: &Watched) -> bool {
    watched.assessment.faces.first().is_some_and(|face| face.raw.is_some())
}

#[test]
fn a_person_comes_is_taken_and_leaves() {
    let mut camera = Camera::new(watch());
    let said = |watched: &Watched| (watched.instruction, watched.capture);
    let waiting = Capture::Waiting { progress: 0.0 };
    for _ in 0..3 {
        assert_eq!(said(&camera.sees(&nobody())), (Instruction::NoFace, waiting));
    }
    // Two frames of three change a verdict.
    assert_eq!(camera.sees(&face()).instruction, Instruction::NoFace);
    let frames: Vec<Watched> = (0..3).map(|_| camera.sees(&face())).collect();
    assert!(frames.iter().all(|watched| watched.instruction == Instruction::HoldStill), "{frames:?}");
    let Capture::Taken(shot) = frames[2].capture else { panic!("{:?}", frames[2]) };
    assert!((4..=6).contains(&shot.frame) && frames[2].frame == 6 && frames[1].keep.contains(&Some(shot.frame)));
    assert_eq!(frames[2].keep, [Some(shot.frame), None, None]);
    camera.sees(&nobody());
    assert_eq!(said(&camera.sees(&nobody())), (Instruction::NoFace, Capture::Taken(shot)));
}

#[test]
fn a_frame_is_assessed_by_itself() {
    let mut camera = Camera::new(watch());
    let Watched { assessment, instruction, milliseconds, .. } = camera.sees(&face());
    assert_eq!((assessment.width, assessment.height), (Some(640), Some(480)));
    assert_eq!((instruction, assessment.accepted, assessment.threshold), (Instruction::HoldStill, true, None));
    assert_eq!(assessment.issues, []);
    assert!(milliseconds.detect > 0.0 && milliseconds.score > 0.0);
    assert_eq!(milliseconds.total, milliseconds.detect + milliseconds.score);
    let empty = camera.sees(&nobody()).assessment;
    assert_eq!((empty.accepted, empty.issues.as_slice()), (false, &[Instruction::NoFace][..]));
    // A score that is too low is an issue if a threshold was set.
    let strict = Settings { score: Some(Threshold::new(0.999, 0.0).unwrap()), ..settings() };
    let strict = Camera::new(Watch::new(strict, false)).sees(&face()).assessment;
    assert_eq!((strict.accepted, strict.threshold), (false, Some(0.999)));
    assert_eq!(strict.issues, [Instruction::HardToRecognise]);
}

#[test]
fn places_are_in_the_pictures_own_pixels() {
    let look = |picture: &Frame| Camera::new(watch()).sees(picture).assessment;
    let (small, large) = (look(&face()), look(&disc([2560, 1920], [1280, 960], 600)));
    assert_eq!((large.width, large.height), (Some(2560), Some(1920)));
    let boxes = [&small, &large].map(|seen| seen.faces[0].place.bounds.unwrap());
    for (small, large) in boxes[0].iter().zip(boxes[1]) {
        assert!((large - 4.0 * small).abs() < 8.0, "{boxes:?}");
    }
    let inter_eye = |seen: &Assessment| seen.measures.unwrap().face.unwrap().framing.inter_eye;
    assert!((inter_eye(&large) / inter_eye(&small) - 4.0).abs() < 0.05);
}

#[test]
fn nobody_is_followed_into_a_picture_of_another_size() {
    let mut camera = Camera::new(watch());
    camera.sees(&face());
    // The same copy, 640 pixels wide, of a larger picture; then a camera that was turned.
    for picture in [disc([2560, 1920], [1280, 960], 600), disc([480, 640], [240, 320], 150)] {
        let fresh = Camera::new(watch()).sees(&picture);
        let turned = camera.sees(&picture);
        assert_eq!(turned.assessment.faces, fresh.assessment.faces);
        assert_eq!((turned.instruction, turned.speed), (Instruction::HoldStill, None));
    }
}

#[test]
fn a_slow_machine_guides_between_two_scores_unless_a_picture_is_asked_for() {
    let mut camera = Camera::new(watch());
    camera.step = 400.0;
    assert!(is_scored(&camera.sees(&face())), "the first frame, to know how long a score takes");
    // The next frames arrive sooner than a score takes.
    camera.step = 1.0;
    for _ in 0..8 {
        let watched = camera.sees(&face());
        assert!(!is_scored(&watched) && watched.instruction == Instruction::HoldStill, "{watched:?}");
        assert!(!watched.assessment.accepted && watched.assessment.issues.is_empty(), "no score, no verdict");
    }
    for take in [Take::Scored, Take::Accepted] {
        let watched = camera.look(&face(), Some(take)).unwrap();
        assert!(is_scored(&watched) && watched.taken);
    }
}

#[test]
fn only_what_was_asked_for_is_taken() {
    let mut camera = Camera::new(Watch::new(Settings { darkest: Threshold::new(0.99, 0.0).unwrap(), ..settings() }, false));
    assert!(!camera.look(&face(), None).unwrap().taken);
    assert!(camera.look(&face(), Some(Take::Scored)).unwrap().taken);
    assert!(!camera.look(&face(), Some(Take::Accepted)).unwrap().taken, "it is too dark");
    for take in [Take::Scored, Take::Accepted] {
        assert!(!camera.look(&nobody(), Some(take)).unwrap().taken);
    }
}

#[test]
fn a_frame_that_cannot_be_read_ends_nothing() {
    struct Gone;
    impl Picture for Gone {
        fn size(&self) -> [u32; 2] {
            [640, 480]
        }
        fn copy(&self, _size: [u32; 2]) -> Result<Frame, FrameError> {
            Err(FrameError::Unreadable { reason: "the camera is gone".into() })
        }
    }
    let mut camera = Camera::new(watch());
    let before = camera.sees(&face());
    let error = camera.look(&Gone, None).unwrap_err();
    assert!(matches!(&error, EngineError::Frame(_)) && error.to_string().contains("the camera is gone"), "{error}");
    let after = camera.sees(&face());
    assert_eq!((before.frame, after.frame), (0, 1));
    assert_eq!(after.instruction, Instruction::HoldStill);
}

#[test]
fn javascript_reads_it() {
    let json = serde_json::to_value(Camera::new(watch()).sees(&face())).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    for key in
        ["status", "model", "faces", "measures", "issues", "accepted", "threshold", "instruction", "capture", "milliseconds"]
    {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
}
