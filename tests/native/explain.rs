//! Explanations of scores: that cells add up to the score's own sums, on real portraits and on copies with a part of the face hidden.

use std::sync::LazyLock;

use image::RgbImage;
use pollster::block_on;
use serfiq::frame::Frame;
use serfiq::guide::{Instruction, Settings};
use serfiq::score::Method;
use serfiq::{Assessment, Engine};
use serfiq_test_support::{covers::Cover, engine, portraits, reference};

static ENGINE: LazyLock<Engine> = LazyLock::new(engine::on_cpu);

fn explained(frame: &Frame, method: Method) -> Assessment {
    let assessment = block_on(ENGINE.assess(frame, &method, &Settings::of_photo())).unwrap();
    block_on(ENGINE.explain(assessment, frame)).unwrap()
}

fn picture(frame: &Frame) -> RgbImage {
    RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).unwrap()
}

const COVERED: [Instruction; 3] = [Instruction::MouthCovered, Instruction::EyesCovered, Instruction::FaceCovered];

/// The covers that are reported.
fn covered(assessment: &Assessment) -> Vec<Instruction> {
    assessment.issues.iter().copied().filter(|issue| COVERED.contains(issue)).collect()
}

#[test]
fn cells_add_up_to_the_sums_of_the_limit() {
    for portrait in &reference::faces().portraits {
        let crop = portrait.crop();
        let map = block_on(ENGINE.cells(&crop)).unwrap().unwrap();
        let (moments, _) = block_on(ENGINE.scatter(&crop)).unwrap();
        assert_eq!((map.rows, map.columns, map.cells.len()), (7, 7, 49));
        let sum = |of: fn(&serfiq::score::CellSums) -> f64| map.cells.iter().map(of).sum::<f64>();
        let across = moments.trace - moments.along;
        assert!((sum(|cell| cell.noise) / across - 1.0).abs() < 1e-5, "{}: {across}", portrait.file);
        // All but the bias's part of the length.
        let length = moments.mean.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        let signal = sum(|cell| cell.signal);
        assert!((signal / length - 1.0).abs() < 0.5 && signal > 0.0, "{}: {signal} of {length}", portrait.file);
    }
}

#[test]
fn clear_faces_are_read_in_every_part() {
    for portrait in &reference::faces().portraits {
        let assessment = explained(&portraits::frame(&portrait.file), Method::Limit);
        assert_eq!(covered(&assessment), [], "{}", portrait.file);
        let explanation = assessment.explanation.unwrap();
        let parts = explanation.parts.unwrap();
        let least =
            [parts.forehead, parts.eyes, parts.nose, parts.mouth, parts.left, parts.right].into_iter().fold(1.0, f32::min);
        assert!(least > 0.6, "{}: {parts:?}", portrait.file);
        // The map lies over the face.
        let face = assessment.faces[0].place.landmarks.unwrap();
        let [[left, top], _, [right, bottom], _] = explanation.corners;
        assert!(face.iter().all(|[x, y]| (left..right).contains(x) && (top..bottom).contains(y)), "{:?}", explanation.corners);
    }
}

#[test]
fn a_covered_part_is_told_by_its_name_and_read_less() {
    for cover in Cover::ALL {
        for portrait in &reference::faces().portraits {
            let frame = portraits::frame(&portrait.file);
            let clear = explained(&frame, Method::Limit);
            let mut drawn = picture(&frame);
            cover.draw(&mut drawn, clear.mesh.as_ref().unwrap());
            let drawn = Frame::from_rgb(drawn.width(), drawn.height(), drawn.into_raw()).unwrap();
            let hidden = explained(&drawn, Method::MonteCarlo { passes: 20, seed: 0 });
            let (clear, parts) =
                (clear.explanation.unwrap().parts.unwrap(), hidden.explanation.as_ref().unwrap().parts.unwrap());
            let (expected, [before, after]) = match cover {
                Cover::Mask => (Instruction::MouthCovered, [clear.mouth, parts.mouth]),
                Cover::Sunglasses => (Instruction::EyesCovered, [clear.eyes, parts.eyes]),
                Cover::Half => (Instruction::FaceCovered, [clear.left, parts.left]),
            };
            assert_eq!(covered(&hidden), [expected], "{}: {:?}", portrait.file, hidden.explanation);
            assert!(after < before - 0.15, "{}, {cover:?}: {before}, then {after}", portrait.file);
        }
    }
}
