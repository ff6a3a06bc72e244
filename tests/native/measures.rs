//! The standard's measures on the portraits, compared with an independent implementation: `tests/reference/measures.py`.
use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serfiq::{
    Engine,
    face::{Bounds, Face, Mesh},
    guide::Settings,
    measure::{Measures, StandardMeasure, StandardMeasures, Unassessed},
    score::Method,
};
use serfiq_test_support::{engine, portraits};

static ENGINE: LazyLock<Engine> = LazyLock::new(engine::on_cpu);

/// Maximum difference of a native value from the reference's; relative for those above 1.
const TOLERANCE: f64 = 1e-3;

/// The same for the cheeks' histograms in a JPEG file. Decoders round differently by one, which puts pixels into the next of 256 bins, and the
/// smallest cheek has some 90 pixels.
const TOLERANCE_OF_JPEG: f64 = 0.03;

fn rows<T: for<'a> Deserialize<'a>>(file: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct Reference<T> {
        portraits: Vec<T>,
    }
    let text = std::fs::read_to_string(format!("tests/reference/{file}")).unwrap();
    serde_json::from_str::<Reference<T>>(&text).unwrap().portraits
}

/// Both start from the landmarks that LiteRT found, and from the boxes that onnxruntime found.
#[test]
fn the_values_are_those_of_the_reference() {
    #[derive(Deserialize)]
    struct Found {
        points: Vec<[f32; 3]>,
        logit: f32,
    }
    #[derive(Deserialize)]
    struct Detected {
        faces: Vec<Box>,
    }
    #[derive(Deserialize)]
    struct Box {
        r#box: [f32; 4],
        landmarks: [[f32; 2]; 5],
        confidence: f32,
    }
    #[derive(Deserialize)]
    struct Expected {
        file: String,
        native: BTreeMap<String, f64>,
    }
    let expected: Vec<Expected> = rows("measures.json");
    assert_eq!(expected.len(), 7);
    for (Expected { file, native }, (Found { points, logit }, Detected { faces })) in
        expected.into_iter().zip(rows::<Found>("landmarks.json").into_iter().zip(rows::<Detected>("faces.json")))
    {
        let mesh = ENGINE.mesh_of(points.as_slice().try_into().unwrap(), logit).unwrap();
        let faces: Vec<Face> = faces
            .into_iter()
            .map(|Box { r#box: [x, y, width, height], landmarks, confidence }| Face {
                bounds: Bounds { x, y, width, height },
                landmarks,
                confidence,
            })
            .collect();
        let measures = StandardMeasures::of(&portraits::frame(&file), &faces, Some(&mesh));
        assert_eq!(native.len(), StandardMeasure::ALL.len());
        for (measure, found) in measures.iter() {
            let (found, expected) = (found.unwrap().native, native[measure.name()]);
            let difference = (found - expected).abs() / expected.abs().max(1.0);
            let is_rounded = measure == StandardMeasure::IlluminationUniformity && file.ends_with(".jpg");
            let tolerance = if is_rounded { TOLERANCE_OF_JPEG } else { TOLERANCE };
            assert!(difference < tolerance, "{file}: {} is {found}, expected {expected}", measure.name());
        }
    }
}

/// The whole way, from a picture's file to the measures.
#[test]
fn a_photo_is_measured() {
    let frame = portraits::frame("astronaut.png");
    let assessment = pollster::block_on(ENGINE.assess(&frame, &Method::Limit, &Settings::of_photo())).unwrap();
    let measures = assessment.with_standard_measures(&frame).standard_measures.unwrap();
    let quality = |measure| measures.get(measure).unwrap().quality;
    use StandardMeasure as M;
    for good in [M::LuminanceMean, M::SingleFacePresent, M::EyesOpen, M::HeadPoseYaw, M::HeadPoseRoll, M::NaturalColour] {
        assert!(quality(good) >= 85, "{good:?}: {measures:?}");
    }
    // She shows her teeth, and half of her body.
    assert!(quality(M::MouthClosed) < 97 && quality(M::HeadSize) < 10, "{measures:?}");
}

/// The guide's measures of eyes and mouth are the standard's, and follow the landmarks.
#[test]
fn closed_eyes_and_an_open_mouth_are_measured() {
    let frame = portraits::frame("astronaut.png");
    let faces = pollster::block_on(ENGINE.detect(&frame, 640)).unwrap();
    let mesh = pollster::block_on(ENGINE.mesh(&frame, &faces[0].landmarks)).unwrap().unwrap();
    let openings = |mesh: &Mesh| {
        let face = Measures::of(&frame, &faces, Some(mesh)).face.unwrap();
        let standard = StandardMeasures::of(&frame, &faces, Some(mesh));
        let found = [face.eyes_open, face.mouth_open].map(|opening| f64::from(opening.unwrap()));
        let native = [StandardMeasure::EyesOpen, StandardMeasure::MouthClosed].map(|of| standard.get(of).unwrap().native);
        assert!(found.iter().zip(native).all(|(found, native)| (found - native).abs() < 1e-6), "{found:?} {native:?}");
        found
    };
    let [eyes, mouth] = openings(&mesh);
    assert!(eyes > 0.06 && mouth < 0.15, "{eyes} {mouth}");
    let moved = |pairs: &[[usize; 2]], by: f32| {
        let mut points = mesh.points().to_vec();
        for &[upper, lower] in pairs {
            points[lower][1] = points[upper][1] + by;
            points[lower][0] = points[upper][0];
        }
        ENGINE.mesh_of(points.as_slice().try_into().unwrap(), mesh.logit()).unwrap()
    };
    const LIDS: [[usize; 2]; 7] = [[246, 7], [161, 163], [160, 144], [159, 145], [158, 153], [157, 154], [173, 155]];
    let [closed, _] = openings(&moved(&LIDS, 0.0));
    assert!(closed < 1e-6, "one closed eye is enough: {closed}");
    let [_, open] = openings(&moved(&[[13, 14]], 40.0));
    assert!(open > 0.4, "{open}");
    assert_eq!(Measures::of(&frame, &faces, None).face.unwrap().eyes_open, None);
}

#[test]
fn what_cannot_be_measured_has_a_reason() {
    let frame = portraits::frame("astronaut.png");
    let nobody = StandardMeasures::of(&frame, &[], None);
    assert!(nobody.iter().all(|(_, value)| value == Err(Unassessed::NoFace)));
    let faces = pollster::block_on(ENGINE.detect(&frame, 640)).unwrap();
    let without = StandardMeasures::of(&frame, &faces, None);
    let assessed: Vec<_> = without.iter().filter(|(_, value)| value.is_ok()).map(|(measure, _)| measure.name()).collect();
    assert_eq!(assessed, ["SingleFacePresent", "LeftwardCropOfTheFaceImage", "RightwardCropOfTheFaceImage"]);
    assert!(without.iter().all(|(_, value)| value.is_ok() || value == Err(Unassessed::NoLandmarks)));
    // Far beyond the right edge.
    let mesh = pollster::block_on(ENGINE.mesh(&frame, &faces[0].landmarks)).unwrap().unwrap();
    let away: Vec<[f32; 3]> = mesh.points().iter().map(|[x, y, z]| [x + 900.0, *y, *z]).collect();
    let away: Mesh = ENGINE.mesh_of(away.as_slice().try_into().unwrap(), mesh.logit()).unwrap();
    let beyond = StandardMeasures::of(&frame, &faces, Some(&away));
    for measure in [StandardMeasure::LuminanceMean, StandardMeasure::NaturalColour, StandardMeasure::BackgroundUniformity] {
        assert_eq!(beyond.get(measure), Err(Unassessed::OutOfPicture));
    }
    assert_eq!(beyond.get(StandardMeasure::RightwardCropOfTheFaceImage).unwrap().quality, 0);
}
