//! Two networks of a few kilobytes and a picture, for trying the engine or testing code built on it without real models.
//!
//! They know nothing of faces: the detector reports any bright spot as a face, and the recogniser's weights are random. Inputs and outputs
//! have the shapes and units of real ones. `tests/reference/tiny.py` in the repository writes them.
use std::sync::LazyLock;

use crate::{ModelCard, ModelFile, ModelFiles, frame::Frame};

const RECOGNISER: &[u8] = include_bytes!("recogniser.onnx");
const DETECTOR: &[u8] = include_bytes!("detector.onnx");

static CARDS: LazyLock<[ModelCard; 2]> = LazyLock::new(|| {
    let valid = "a card with at most a role is valid";
    [
        ModelCard::own("example-recogniser.onnx", RECOGNISER, None).expect(valid),
        ModelCard::own_detector("example-detector.onnx", DETECTOR, Some("role = \"detector\"")).expect(valid),
    ]
});

/// The recogniser (dropout 0.4, 16 values in an embedding, not calibrated) and the detector.
pub fn files() -> ModelFiles<'static> {
    let [recogniser, detector] = &*CARDS;
    ModelFiles {
        recogniser: ModelFile { card: recogniser, bytes: RECOGNISER },
        detector: ModelFile { card: detector, bytes: DETECTOR },
        landmarks: None,
    }
}

/// A picture of 640 x 480 pixels: one bright, lightly textured disc, which is the face, on a dark background.
pub fn frame() -> Frame {
    let pixel = |x: i32, y: i32| match (x - 336).pow(2) + (y - 240).pow(2) {
        ..6400 => [220, 200 + (x % 16) as u8, 180 + (y % 32) as u8],
        _ => [24, 24, 32],
    };
    let rgb = (0..480).flat_map(|y| (0..640).flat_map(move |x| pixel(x, y))).collect();
    Frame::from_rgb(640, 480, rgb).expect("the buffer holds 640 x 480 RGB pixels")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serfiq_score::Method;

    use crate::{PHOTO_LONG_SIDE, blocking::Engine, guide::Settings};

    #[test]
    fn the_disc_is_the_only_face() {
        let faces = Engine::load(files()).unwrap().detect(&frame(), PHOTO_LONG_SIDE).unwrap();
        let [face] = faces.as_slice() else { panic!("{faces:?}") };
        let centre = [face.bounds.x + face.bounds.width / 2.0, face.bounds.y + face.bounds.height / 2.0];
        assert!((centre[0] - 336.0).abs() < 16.0 && (centre[1] - 240.0).abs() < 16.0, "{face:?}");
    }

    #[test]
    fn the_detectors_card_is_obeyed() {
        let faces = |card: &str| {
            let card = format!("role = \"detector\"\n{card}");
            let card = ModelCard::own_detector("example-detector.onnx", DETECTOR, Some(&card)).unwrap();
            let files = ModelFiles { detector: ModelFile { card: &card, bytes: DETECTOR }, ..files() };
            Engine::load(files).unwrap().detect(&frame(), PHOTO_LONG_SIDE).unwrap().len()
        };
        assert_eq!(faces("[input]\nmean = 0\nscale = 1"), 1);
        assert_eq!(faces("[input]\nmean = 255\nscale = 1"), 0, "then nothing is bright");
    }

    #[test]
    fn its_score_is_one_of_a_recogniser_with_dropout() {
        let score = |passes| {
            let engine = Engine::load(files()).unwrap();
            let assessment = engine.assess(&frame(), &Method::MonteCarlo { passes, seed: 0 }, &Settings::of_photo()).unwrap();
            let face = &assessment.faces[0];
            (face.raw.unwrap(), face.std_error.unwrap())
        };
        let (few, many) = (score(100), score(1000));
        assert!(many.0 > 0.2 && many.0 < 0.95, "{many:?}");
        assert!((few.0 - many.0).abs() < 5.0 * few.1, "{few:?}, {many:?}");
    }
}
