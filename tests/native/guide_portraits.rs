//! The guide on real faces: unchanged portraits, and copies spoilt in one way each.

use std::sync::LazyLock;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use serfiq::frame::Frame;
use serfiq::guide::{Capture, Instruction, Settings};
use serfiq::measure::FaceMeasures;
use serfiq::report::Stopwatch;
use serfiq::score::Method;
use serfiq::{Assessment, Engine, Take, Watch};
use serfiq_test_support::{engine, portraits, relief::Relief};

static ENGINE: LazyLock<Engine> = LazyLock::new(engine::on_cpu);

/// Every portrait, and its expected instruction.
const PORTRAITS: [(&str, Instruction); 7] = [
    // Half-length portrait: the face is near the upper edge.
    ("astronaut.png", Instruction::MoveDown),
    ("impostor_1.jpg", Instruction::HoldStill),
    ("impostor_2.jpg", Instruction::HoldStill),
    // 204 pixels wide, 33 between the eyes.
    ("person_a_1.jpg", Instruction::TooFar),
    ("person_a_2.jpg", Instruction::HoldStill),
    ("person_b_1.jpg", Instruction::HoldStill),
    ("person_b_2.jpg", Instruction::HoldStill),
];

fn picture(file: &str) -> RgbImage {
    let frame = portraits::frame(file);
    RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).unwrap()
}

fn frame(picture: &RgbImage) -> Frame {
    Frame::from_rgb(picture.width(), picture.height(), picture.as_raw().clone()).unwrap()
}

fn assessed(picture: &RgbImage) -> Assessment {
    pollster::block_on(ENGINE.assess(&frame(picture), &Method::Limit, &Settings::default())).unwrap()
}

/// The first issue of a still picture.
fn said(picture: &RgbImage) -> Instruction {
    let assessment = assessed(picture);
    println!("{assessment:?}");
    assessment.issues.first().copied().unwrap_or(Instruction::HoldStill)
}

fn measured(picture: &RgbImage) -> FaceMeasures {
    assessed(picture).measures.unwrap().face.unwrap()
}

fn each_sample(picture: &RgbImage, change: impl Fn(u32, u32, f32) -> f32) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        Rgb(picture.get_pixel(x, y).0.map(|sample| change(x, y, f32::from(sample)).round() as u8))
    })
}

/// Scaled and placed on a grey canvas; the upper left corner may lie outside.
fn placed(picture: &RgbImage, scale: f32, canvas: [u32; 2], corner: [i64; 2]) -> RgbImage {
    let side = |length: u32| (length as f32 * scale).round() as u32;
    let scaled = imageops::resize(picture, side(picture.width()), side(picture.height()), FilterType::Triangle);
    let mut canvas = RgbImage::from_pixel(canvas[0], canvas[1], Rgb([150; 3]));
    imageops::replace(&mut canvas, &scaled, corner[0], corner[1]);
    canvas
}

/// Turned about a point, clockwise as seen; grey beyond the edges.
fn turned(picture: &RgbImage, degrees: f32, [cx, cy]: [f32; 2]) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (x, y) = (x as f32 - cx, y as f32 - cy);
        let from = [cx + x * cos + y * sin, cy - x * sin + y * cos];
        imageops::interpolate_bilinear(picture, from[0], from[1]).unwrap_or(Rgb([150; 3]))
    })
}

/// The head turned by `degrees` to the person's left.
fn head_turned(picture: &RgbImage, degrees: f64) -> RgbImage {
    let mesh = assessed(picture).mesh.unwrap();
    Relief::of(picture, &mesh, &ENGINE).turned([degrees, 0.0])
}

/// Centre of the largest face.
fn middle(picture: &RgbImage) -> [f32; 2] {
    let offset = measured(picture).framing.offset;
    [(offset[0] + 0.5) * picture.width() as f32, (offset[1] + 0.5) * picture.height() as f32]
}

/// The face is large, centred, upright, and looks ahead.
fn portrait() -> RgbImage {
    picture("person_b_1.jpg")
}

#[test]
fn portraits_are_judged() {
    for (file, expected) in PORTRAITS {
        assert_eq!(said(&picture(file)), expected, "{file}");
    }
}

#[test]
fn light_is_judged() {
    let portrait = portrait();
    let [x, y] = middle(&portrait);
    assert_eq!(said(&each_sample(&portrait, |_, _, sample| 0.15 * sample)), Instruction::TooDark);
    assert_eq!(said(&each_sample(&portrait, |_, _, sample| 1.8 * sample)), Instruction::TooBright);
    // A window behind the head, and a tenth of the light on the face.
    let head =
        |x_at: u32, y_at: u32| ((x_at as f32 - x) / 190.0).hypot((y_at as f32 - y) / 260.0) < 1.0 || y_at as f32 > y + 200.0;
    let backlit = each_sample(&portrait, |x, y, sample| if head(x, y) { 0.35 * sample } else { 250.0 });
    assert_eq!(said(&backlit), Instruction::Backlit);
    // Light falls off from left to right across the face, to a tenth. The right of the picture is the person's left.
    let shade = |x_at: u32| (1.0 - (x_at as f32 - x + 100.0) / 200.0).clamp(0.0, 1.0);
    let from_the_right = each_sample(&portrait, |x, _, sample| (0.2 + 0.8 * shade(x)) * sample);
    assert_eq!(said(&from_the_right), Instruction::LightFromLeft);
    assert_eq!(said(&imageops::flip_horizontal(&from_the_right)), Instruction::LightFromRight);
}

#[test]
fn blur_is_judged() {
    let portrait = portrait();
    // A tenth of the distance between the eyes.
    assert_eq!(said(&imageops::blur(&portrait, 14.0)), Instruction::Blurred);
    assert_eq!(said(&imageops::blur(&portrait, 2.0)), Instruction::HoldStill);
}

#[test]
fn tilt_is_judged() {
    let portrait = portrait();
    let at = middle(&portrait);
    // Clockwise in the picture is towards the person's left shoulder.
    assert_eq!(said(&turned(&portrait, 30.0, at)), Instruction::TiltRight);
    assert_eq!(said(&turned(&portrait, -30.0, at)), Instruction::TiltLeft);
    let roll = |degrees: f32| measured(&turned(&portrait, degrees, at)).pose.roll;
    let upright = roll(0.0);
    for degrees in [-30.0, -10.0, 10.0, 30.0] {
        let tilt = upright - roll(degrees);
        assert!((tilt - degrees).abs() < 2.0, "turned by {degrees} degrees, and measured {tilt}");
    }
}

/// As a camera stores a picture whose orientation is lost on the way.
#[test]
fn a_turned_photo_is_told_from_an_upright_one() {
    for (file, _) in PORTRAITS {
        let portrait = picture(file);
        for scale in [1.0, 0.4] {
            let upright = placed(&portrait, scale, [portrait.width(), portrait.height()], [0, 0]);
            assert_ne!(said(&upright), Instruction::Turned, "{file}");
            let turned = [imageops::rotate90(&upright), imageops::rotate180(&upright), imageops::rotate270(&upright)];
            for (turned, degrees) in turned.iter().zip([90, 180, 270]) {
                let assessment = assessed(turned);
                assert_eq!(assessment.issues, [Instruction::Turned], "{file}, {degrees} degrees");
                assert!(!assessment.accepted);
            }
        }
    }
    // Neither an empty picture nor a tilted head is a turned photo.
    assert_eq!(said(&RgbImage::from_pixel(480, 640, Rgb([150; 3]))), Instruction::NoFace);
    let portrait = portrait();
    for degrees in [-40.0, 40.0] {
        assert_ne!(said(&turned(&portrait, degrees, middle(&portrait))), Instruction::Turned, "{degrees} degrees");
    }
}

#[test]
fn the_place_is_judged() {
    // The face is then at the centre of 900 x 700 pixels.
    let portrait = portrait();
    let [x, y] = middle(&portrait).map(|at| at as i64);
    let at = |across: i64, down: i64| said(&placed(&portrait, 1.0, [900, 700], [450 - x + across, 350 - y + down]));
    assert_eq!(at(0, 0), Instruction::HoldStill);
    assert_eq!(at(250, 0), Instruction::MoveRight);
    assert_eq!(at(-250, 0), Instruction::MoveLeft);
    assert_eq!(at(400, 0), Instruction::CutOff);
    assert_eq!(at(-400, 0), Instruction::CutOff);
    let tall = |down: i64| said(&placed(&portrait, 0.5, [700, 900], [350 - x / 2, 450 - y / 2 + down]));
    assert_eq!(tall(280), Instruction::MoveUp);
    assert_eq!(tall(-280), Instruction::MoveDown);
}

#[test]
fn the_size_is_judged() {
    let portrait = portrait();
    let [x, y] = middle(&portrait);
    let scaled = |scale: f32| {
        let corner = [450.0 - scale * x, 350.0 - scale * y].map(|at| at as i64);
        said(&placed(&portrait, scale, [900, 700], corner))
    };
    assert_eq!(scaled(0.25), Instruction::TooFar);
    assert_eq!(scaled(0.6), Instruction::HoldStill);
    assert_eq!(scaled(1.55), Instruction::TooClose);
}

#[test]
fn who_is_there_is_judged() {
    let (first, second) = (portrait(), picture("impostor_1.jpg"));
    let beside = |scale: f32| {
        let mut both = placed(&first, 0.7, [1100, 640], [50, 0]);
        let other = imageops::resize(&second, (scale * 500.0) as u32, (scale * 600.0) as u32, FilterType::Triangle);
        imageops::replace(&mut both, &other, 580, 20);
        said(&both)
    };
    assert_eq!(beside(1.0), Instruction::SeveralFaces);
    assert_ne!(beside(0.3), Instruction::SeveralFaces);
    let wall = RgbImage::from_pixel(640, 480, Rgb([150; 3]));
    assert_eq!(said(&wall), Instruction::NoFace);
    assert_eq!(said(&each_sample(&wall, |_, _, _| 5.0)), Instruction::TooDark);
}

#[test]
fn a_board_over_eyes_and_nose_hides_the_face() {
    let portrait = picture("person_b_2.jpg");
    let [x, y] = middle(&portrait).map(|at| at as u32);
    let mut covered = portrait.clone();
    for (x, y) in (y - 100..y + 40).flat_map(|y| (x - 130..x + 130).map(move |x| (x, y))) {
        covered.put_pixel(x, y, Rgb([20; 3]));
    }
    assert_eq!(said(&covered), Instruction::FaceCovered);
}

/// The instructions frame after frame, without repeats, and whether a picture was taken.
fn live(frames: impl IntoIterator<Item = RgbImage>, milliseconds: f64) -> (Vec<Instruction>, bool) {
    let mut watch = Watch::new(Settings { shown_ms: 0, ..Settings::default() }, true);
    let (mut said, mut taken) = (Vec::new(), false);
    for (frame, picture) in (0..).zip(frames) {
        let picture = self::frame(&picture);
        let time = f64::from(frame) * milliseconds;
        let stopwatch = Stopwatch::start(|| 0.0);
        let watched = pollster::block_on(watch.next(&ENGINE, &picture, time, &Method::Limit, None, &stopwatch)).unwrap();
        said.push(watched.instruction);
        taken |= matches!(watched.capture, Capture::Taken(_));
    }
    println!("{said:?}");
    said.dedup();
    (said, taken)
}

/// The portrait before a camera of 640 x 640 pixels, with its face `across` pixels from the centre.
fn before_the_camera(scale: f32, across: f32) -> RgbImage {
    let portrait = portrait();
    let [x, y] = middle(&portrait).map(|at| at * scale);
    placed(&portrait, scale, [640, 640], [(320.0 - x + across) as i64, (320.0 - y) as i64])
}

#[test]
fn somebody_who_holds_still_is_taken() {
    let still = before_the_camera(0.7, 0.0);
    assert_eq!(live(vec![still; 16], 100.0), (vec![Instruction::HoldStill], true));
}

/// The tracker must not feed on itself: only the picture may move the score.
#[test]
fn a_still_face_has_a_still_score() {
    for (scale, across) in [(0.35, 0.0), (0.5, -40.0), (0.7, 0.0), (0.7, 25.0)] {
        let picture = frame(&before_the_camera(scale, across));
        let mut watch = Watch::new(Settings::default(), true);
        let mut raw = |number: u32| {
            let (time, stopwatch) = (f64::from(number) * 100.0, Stopwatch::start(|| 0.0));
            let watched = watch.next(&ENGINE, &picture, time, &Method::Limit, Some(Take::Scored), &stopwatch);
            pollster::block_on(watched).unwrap().assessment.faces[0].raw.unwrap()
        };
        let scores: Vec<f64> = (0..24).map(&mut raw).collect();
        let [least, most] = [f64::min, f64::max].map(|end| scores.iter().copied().reduce(end).unwrap());
        assert!(most - least < 0.0003, "at {scale}, {across}: {scores:?}");
    }
}

#[test]
fn somebody_walks_in_and_is_taken() {
    let steps = (0..10).map(|step| before_the_camera(0.14 + 0.05 * step as f32, 0.0));
    let stays = std::iter::repeat_n(before_the_camera(0.6, 0.0), 16);
    let (said, taken) = live(steps.chain(stays), 150.0);
    assert_eq!((said[0], said[said.len() - 1], taken), (Instruction::TooFar, Instruction::HoldStill, true), "{said:?}");
}

#[test]
fn somebody_leaves() {
    let steps = (0..12).map(|step| before_the_camera(0.6, 60.0 * step as f32));
    let (said, taken) = live(steps.chain(std::iter::repeat_n(before_the_camera(0.6, 2000.0), 4)), 150.0);
    assert_eq!((said[0], said[said.len() - 1], taken), (Instruction::HoldStill, Instruction::NoFace, false), "{said:?}");
}

#[test]
fn a_second_person_comes() {
    let alone = before_the_camera(0.55, -90.0);
    let mut both = alone.clone();
    let second = picture("person_a_2.jpg");
    let second = imageops::resize(&second, 260, 260 * second.height() / second.width(), FilterType::Triangle);
    imageops::replace(&mut both, &second, 400, 200);
    let (said, taken) = live([alone, both].into_iter().flat_map(|picture| std::iter::repeat_n(picture, 8)), 100.0);
    assert_eq!((said[0], said[said.len() - 1], taken), (Instruction::HoldStill, Instruction::SeveralFaces, false), "{said:?}");
}

#[test]
fn somebody_turns_away_and_back() {
    let ahead = before_the_camera(0.7, 0.0);
    for (side, expected) in [(1.0_f64, Instruction::TurnRight), (-1.0, Instruction::TurnLeft)] {
        let away: Vec<RgbImage> = (0..=6).map(|step| head_turned(&ahead, side * 6.0 * f64::from(step))).collect();
        let yaws = [&ahead, &away[3], &away[6]].map(|picture| measured(picture).pose.yaw * side as f32);
        assert!(yaws.is_sorted() && yaws[2] > yaws[0] + 20.0, "the head turns: {yaws:?}");
        let back = away.clone().into_iter().rev();
        let stays = std::iter::repeat_n(ahead.clone(), 16);
        let (said, taken) = live(std::iter::repeat_n(ahead.clone(), 3).chain(away).chain(back).chain(stays), 150.0);
        let turns: Vec<Instruction> = said.iter().copied().filter(|said| *said != Instruction::Moving).collect();
        assert_eq!((turns, taken), (vec![Instruction::HoldStill, expected, Instruction::HoldStill], true), "{said:?}");
    }
}

/// First the person is ready, then something is wrong for a while, then nothing is.
#[track_caller]
fn spoilt_for_a_while(spoil: impl Fn(&RgbImage) -> RgbImage, expected: Instruction) {
    let good = before_the_camera(0.7, 0.0);
    let bad = spoil(&good);
    let frames = [(good.clone(), 3), (bad, 6), (good, 16)];
    let (said, taken) = live(frames.into_iter().flat_map(|(picture, times)| std::iter::repeat_n(picture, times)), 100.0);
    assert_eq!((said, taken), (vec![Instruction::HoldStill, expected, Instruction::HoldStill], true));
}

#[test]
fn light_goes_and_comes_back() {
    spoilt_for_a_while(|good| each_sample(good, |_, _, sample| 0.15 * sample), Instruction::TooDark);
}

#[test]
fn the_camera_loses_its_colours_and_finds_them() {
    let grey = |good: &RgbImage| {
        let mut grey = good.clone();
        for pixel in grey.pixels_mut() {
            pixel.0 = [pixel.0[1]; 3];
        }
        grey
    };
    spoilt_for_a_while(grey, Instruction::TooColourless);
}

#[test]
fn the_camera_loses_focus_and_finds_it() {
    spoilt_for_a_while(|good| imageops::blur(good, 10.0), Instruction::Blurred);
}

#[test]
fn the_face_is_covered_for_a_while() {
    // Eyes and nose.
    let cover = |good: &RgbImage| {
        let mut covered = good.clone();
        let [x, y] = middle(good).map(|at| at as i64);
        imageops::replace(&mut covered, &RgbImage::from_pixel(300, 180, Rgb([20; 3])), x - 150, y - 120);
        covered
    };
    let good = before_the_camera(0.7, 0.0);
    let bad = cover(&good);
    let (said, _) = live(std::iter::repeat_n(good, 3).chain(std::iter::repeat_n(bad, 6)), 100.0);
    // The instruction depends on the cover, but a covered face must not pass as good.
    assert!(said.len() > 1 && said[0] == Instruction::HoldStill && *said.last().unwrap() != Instruction::HoldStill, "{said:?}");
}

#[test]
fn motion_is_judged() {
    let frames = [0, 0, 60, 0, 60, 60, 60, 60, 60, 60].map(|across| before_the_camera(0.7, across as f32));
    let (said, _) = live(frames, 200.0);
    assert_eq!(said, [Instruction::HoldStill, Instruction::Moving, Instruction::HoldStill]);
}
