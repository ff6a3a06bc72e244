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
    relief::{Relief, rotation},
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

/// The landmarks of the largest face.
fn mesh(picture: &RgbImage) -> Mesh {
    let frame = frame(picture);
    let faces = pollster::block_on(ENGINE.detect(&frame, 640)).unwrap();
    pollster::block_on(ENGINE.mesh(&frame, &faces[0].landmarks)).unwrap().unwrap()
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

/// A head's rotation: the image of its axes, as columns.
type Rotation = [[f64; 3]; 3];

/// `a^T b`.
fn transposed_times(a: &Rotation, b: &Rotation) -> Rotation {
    std::array::from_fn(|row| std::array::from_fn(|column| (0..3).map(|index| a[index][row] * b[index][column]).sum()))
}

fn times(a: &Rotation, b: &Rotation) -> Rotation {
    transposed_times(&std::array::from_fn(|row| std::array::from_fn(|column| a[column][row])), b)
}

/// The rotation of a head: turned and nodded, then tilted.
fn rotation_of(pose: Pose) -> Rotation {
    let (sin, cos) = f64::from(pose.roll).to_radians().sin_cos();
    times(&[[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]], &rotation([pose.yaw, pose.pitch].map(f64::from)))
}

/// The yaw and pitch of a head, in degrees: where it looks, with its own horizontal axis level.
fn yaw_and_pitch(of: &Rotation) -> [f64; 2] {
    let [[across, _, x], [along, _, y], [.., z]] = *of;
    let (sin, cos) = (-along).atan2(across).sin_cos();
    let (aside, below) = (x * cos - y * sin, x * sin + y * cos);
    [aside.atan2(z), below.atan2(aside.hypot(z))].map(f64::to_degrees)
}

/// The square around the head in a portrait, five times as long as its eyes are apart from corner to corner; scaled to 360 pixels.
fn head(portrait: &RgbImage) -> RgbImage {
    const SIDE: f32 = 360.0;
    let mesh = mesh(portrait);
    let [right, left] = [33, 263].map(|outer| mesh.points()[outer]);
    let apart = (left[0] - right[0]).hypot(left[1] - right[1]);
    let middle = [(right[0] + left[0]) / 2.0, (right[1] + left[1]) / 2.0 + 0.4 * apart];
    let [from, to] = [-2.5, 2.5].map(|by| {
        let within = |axis: usize, end: u32| (middle[axis] + by * apart).clamp(0.0, end as f32) as u32;
        [within(0, portrait.width()), within(1, portrait.height())]
    });
    let cut = imageops::crop_imm(portrait, from[0], from[1], to[0] - from[0], to[1] - from[1]).to_image();
    let [width, height] = [cut.width(), cut.height()].map(|side| (side as f32 * SIDE / (5.0 * apart)) as u32);
    imageops::resize(&cut, width, height, imageops::FilterType::Triangle)
}

/// The portraits as reliefs of the canonical face, seen from the side: how far the angles are off.
#[test]
fn a_turn_is_measured() {
    let across = [-40.0, -30.0, -20.0, -10.0, 10.0, 20.0, 30.0, 40.0].map(|yaw| [yaw, 0.0]);
    let along = [-30.0, -20.0, -15.0, -10.0, 10.0, 15.0, 20.0, 30.0].map(|pitch| [0.0, pitch]);
    let both = [-30.0, -20.0, 20.0, 30.0].into_iter().flat_map(|yaw| [-15.0, -10.0, 10.0, 15.0].map(|pitch| [yaw, pitch]));
    let (mut of_one, mut of_both) = (Vec::new(), Vec::new());
    let mut products = [[0.0; 2]; 2];
    for file in PORTRAITS {
        let ahead = head(&picture(&portraits::frame(file)));
        let relief = Relief::of(&ahead, &mesh(&ahead), &ENGINE);
        let found: Vec<([f64; 2], Pose)> = across
            .into_iter()
            .chain(along)
            .chain(both.clone())
            .map(|by| (by, pose(&relief.turned(by))))
            .chain([([0.0, 0.0], pose(&ahead))])
            .collect();
        // How the head is held in the portrait is not known. Each turn tells, turned back.
        let mut held = [[0.0; 3]; 3];
        for (by, pose) in found.iter().filter(|(by, _)| by.contains(&0.0)) {
            let back = transposed_times(&rotation(*by), &rotation_of(*pose));
            held.iter_mut().flatten().zip(back.iter().flatten()).for_each(|(sum, value)| *sum += value);
        }
        for (by, pose) in found {
            let expected = yaw_and_pitch(&times(&rotation(by), &held));
            if by == [0.0, 0.0] || expected.iter().any(|angle| angle.abs() > 40.0) {
                continue;
            }
            let error = [f64::from(pose.yaw) - expected[0], f64::from(pose.pitch) - expected[1]];
            println!("{file} by {by:?}: {expected:.1?}, off by {error:.1?}");
            if by.contains(&0.0) { &mut of_one } else { &mut of_both }.push(error);
            for (axis, [product, square]) in products.iter_mut().enumerate() {
                *product += (expected[axis] + error[axis]) * expected[axis];
                *square += expected[axis] * expected[axis];
            }
        }
    }
    let at = |errors: &[[f64; 2]], share: f64| {
        [0, 1].map(|axis| {
            let mut sizes: Vec<f64> = errors.iter().map(|error| error[axis].abs()).collect();
            sizes.sort_by(f64::total_cmp);
            sizes[(share * (sizes.len() - 1) as f64).round() as usize]
        })
    };
    for (what, errors) in [("turned or nodded", &of_one), ("both", &of_both)] {
        let beyond = errors.iter().filter(|error| error.iter().any(|error| error.abs() > 5.0)).count();
        let [half, most, all] = [0.5, 0.95, 1.0].map(|share| at(errors, share));
        println!("{} {what}, off by {half:.1?} (median), {most:.1?} (95 %), {all:.1?}; {beyond} by more than 5", errors.len());
    }
    println!("of yaw and pitch, {:.3?} are measured", products.map(|[product, square]| product / square));
    assert!(of_one.len() > 100 && of_both.len() > 100);
    // 5 degrees, and a little for processors that round differently.
    assert!(at(&of_one, 1.0).iter().all(|error| *error < 5.2), "{:?}", at(&of_one, 1.0));
    assert!(at(&of_both, 0.95).iter().all(|error| *error < 6.0), "{:?}", at(&of_both, 0.95));
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
