//! The 468 landmarks and the pose, on portraits as they are, and on portraits turned by known angles.
use std::sync::LazyLock;

use image::{Rgb, RgbImage, imageops};
use serde::Deserialize;
use serfiq::{
    Engine, ModelCard, ModelFile, ModelFiles,
    face::{Landmarks, Mesh},
    frame::Frame,
    measure::Pose,
};
use serfiq_test_support::{
    engine, portraits,
    turns::{self, Errors, Head},
};

static ENGINE: LazyLock<Engine> = LazyLock::new(engine::on_cpu);

const PORTRAITS: [&str; 7] = [
    "astronaut.png",
    "impostor_1.jpg",
    "impostor_2.jpg",
    "person_a_1.jpg",
    "person_a_2.jpg",
    "person_b_1.jpg",
    "person_b_2.jpg",
];

fn picture(frame: &Frame) -> RgbImage {
    RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).unwrap()
}

fn frame(picture: &RgbImage) -> Frame {
    Frame::from_rgb(picture.width(), picture.height(), picture.as_raw().clone()).unwrap()
}

fn mesh(picture: &RgbImage) -> Mesh {
    turns::mesh(&ENGINE, picture).unwrap()
}

fn pose(picture: &RgbImage) -> Pose {
    Pose::of_mesh(&mesh(picture))
}

/// Maximum distance from LiteRT's landmarks, in pixels of its crop of 192.
const TOLERANCE: f32 = 0.5;

/// LiteRT runs the network on crops that numpy has cut: `tests/reference/landmarks.py`.
#[test]
fn the_landmarks_are_those_of_litert() {
    #[derive(Deserialize)]
    struct Reference {
        portraits: Vec<Portrait>,
    }
    #[derive(Deserialize)]
    struct Portrait {
        file: String,
        near: Landmarks,
        /// Pixels of the picture per pixel of the crop.
        scale: f32,
        points: Vec<[f32; 3]>,
        logit: f32,
    }
    let Reference { portraits: rows } =
        serde_json::from_str(&std::fs::read_to_string("tests/reference/landmarks.json").unwrap()).unwrap();
    assert_eq!(rows.iter().map(|row| row.file.as_str()).collect::<Vec<_>>(), PORTRAITS);
    for Portrait { file, near, scale, points, logit } in rows {
        let frame = portraits::frame(&file);
        let found = pollster::block_on(ENGINE.mesh(&frame, &near)).unwrap().unwrap();
        assert_eq!((found.points().len(), points.len()), (Mesh::POINTS, Mesh::POINTS));
        let away = |(a, b): (&[f32; 3], &[f32; 3])| a.iter().zip(b).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f32::max);
        let worst = found.points().iter().zip(&points).map(away).fold(0.0, f32::max);
        println!("{file}: {worst:.3} px, logit {} and {logit}", found.logit());
        assert!(worst < TOLERANCE && (found.logit() - logit).abs() < 0.3, "{file}");
    }
}

#[test]
fn a_tilt_is_measured() {
    for file in PORTRAITS {
        let upright = picture(&portraits::frame(file));
        let [.., middle] = [mesh(&upright).points()[0], mesh(&upright).points()[6]];
        let roll = pose(&upright).roll;
        for degrees in [-40.0_f32, -20.0, -5.0, 5.0, 20.0, 40.0] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let tilted = RgbImage::from_fn(upright.width(), upright.height(), |x, y| {
                let (x, y) = (x as f32 - middle[0], y as f32 - middle[1]);
                let from = [middle[0] + x * cos + y * sin, middle[1] - x * sin + y * cos];
                imageops::interpolate_bilinear(&upright, from[0], from[1]).unwrap_or(Rgb([150; 3]))
            });
            let measured = roll - pose(&tilted).roll;
            assert!((measured - degrees).abs() < 2.0, "{file}: tilted by {degrees} degrees, and measured {measured}");
        }
    }
}

/// The portraits' heads, turned: how far the angles are off. `cargo run --package serfiq-test-support --example turns` does it with others.
#[test]
fn a_turn_is_measured() {
    let mut turns = Vec::new();
    for file in PORTRAITS {
        let of_head = Head::of(&ENGINE, &picture(&portraits::frame(file))).expect("a face").turns();
        for turn in &of_head {
            println!("{file} by {:?}: {:.1?}, off by {:.1?}", turn.by, turn.expected, turn.error());
        }
        turns.extend(of_head);
    }
    let of_one: Errors = turns.iter().filter(|turn| !turn.is_both()).collect();
    let of_both: Errors = turns.iter().filter(|turn| turn.is_both()).collect();
    println!("turned or nodded: {of_one}\nboth: {of_both}\nshare of yaw and pitch: {:.3?}", turns::measured(&turns));
    assert!(of_one.len() > 100 && of_both.len() > 100);
    assert!(of_one.at(0.95).iter().all(|error| *error < 5.0), "{of_one}");
    assert!(of_both.at(0.95).iter().all(|error| *error < 6.0), "{of_both}");
}

/// No face is reported where the detector finds one and the mesh does not.
#[test]
fn no_landmarks_where_no_face_is() {
    let wall = frame(&RgbImage::from_fn(300, 300, |x, y| Rgb([(x / 2) as u8, (y / 2) as u8, 120])));
    let nowhere = [[120.0, 120.0], [180.0, 120.0], [150.0, 150.0], [125.0, 190.0], [175.0, 190.0]];
    let found = pollster::block_on(ENGINE.mesh(&wall, &nowhere)).unwrap().unwrap();
    assert!(found.logit() < 0.0, "{found:?}");
    assert_eq!(pollster::block_on(ENGINE.mesh(&wall, &[[5.0; 2]; 5])).unwrap(), None);
    for file in PORTRAITS {
        let logit = mesh(&picture(&portraits::frame(file))).logit();
        assert!(logit > 10.0, "{file}: {logit}");
    }
}

#[test]
fn another_file_is_not_the_face_mesh() {
    let load = |card: &ModelCard, bytes: &[u8]| {
        let (recogniser, detector) = (engine::file("sface"), engine::file("yunet"));
        let files = engine::with_detector(ModelCard::recogniser("sface").unwrap(), &recogniser, &detector);
        let files = ModelFiles { landmarks: Some(ModelFile { card, bytes }), ..files };
        let loaded = pollster::block_on(Engine::load(files, serfiq::BackendChoice::Cpu));
        loaded.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let mut damaged = engine::file("face-mesh");
    assert_eq!(load(ModelCard::landmarks(), &damaged), "");
    *damaged.last_mut().unwrap() ^= 1;
    let error = load(ModelCard::landmarks(), &damaged);
    assert!(error.contains("face_mesh.bin") && error.contains("SHA-256"), "{error}");
    let error = load(ModelCard::detector(), &engine::file("yunet"));
    assert!(error.contains("not the face mesh") && error.contains("0 parts"), "{error}");
}
