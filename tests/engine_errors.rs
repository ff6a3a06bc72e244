//! What must not become a score: each a typed error that names what was found and what was expected.

mod support;

use pollster::block_on;
use serfiq::{
    BackendChoice, BackendKind, Engine, EngineError, Faces, ModelFiles,
    frame::Frame,
    model::ModelError,
    score::{Method, ScoreError},
};
use serfiq_models::ImportError;
use support::{engine, reference};

fn load(name: &str, recogniser: &[u8], detector: &[u8]) -> EngineError {
    let files = ModelFiles { name, recogniser, detector };
    block_on(Engine::load(files, BackendChoice::Cpu)).err().expect("expected an error")
}

#[test]
fn a_wrong_model_file_is_refused_by_its_hash() {
    let (mut recogniser, detector) = (engine::file("sface"), engine::file("yunet"));
    let last = recogniser.len() - 1;
    recogniser[last] ^= 1;
    for bytes in [&recogniser[..], &recogniser[..last], &[]] {
        let error = load("sface", bytes, &detector);
        assert!(matches!(error, EngineError::Model(ModelError::Import(ImportError::Hash(_)))), "{error}");
        let words = error.to_string();
        for part in ["face_recognition_sface_2021dec_int8bq.onnx", "expected fb143eea", "found ", "fetch it again"] {
            assert!(words.contains(part), "`{part}` is not in: {words}");
        }
    }
    recogniser[last] ^= 1;
    assert!(load("sface", &recogniser, &recogniser).to_string().contains("face_detection_yunet"));
}

#[test]
fn an_unknown_recogniser_is_named_with_those_there_are() {
    let error = load("arcface", &engine::file("sface"), &engine::file("yunet")).to_string();
    assert!(error.contains("`arcface`") && error.contains("sface"), "{error}");
}

#[test]
fn passes_out_of_range_are_refused() {
    let engine = engine::on_cpu();
    let crop = reference::faces().portraits[0].crop();
    for passes in [0, 1, 1001] {
        let error = block_on(engine.score_crop(&crop, Method::MonteCarlo { passes, seed: 0 })).unwrap_err();
        let expected = ScoreError::Passes { passes };
        assert!(matches!(&error, EngineError::Model(ModelError::Score(e)) if *e == expected), "{error}");
    }
}

#[test]
fn a_picture_without_a_face_has_no_score() {
    let engine = engine::on_cpu();
    for (width, height) in [(1, 1), (640, 480), (3, 2000)] {
        let frame = Frame::from_rgb(width, height, vec![128; 3 * (width * height) as usize]).unwrap();
        assert_eq!(block_on(engine.score(&frame, Faces::All, Method::Limit)).unwrap(), []);
    }
}

#[test]
fn the_engine_says_what_it_runs_on() {
    let info = engine::on_cpu().info();
    assert_eq!((info.backend, info.model, info.dimension), (BackendKind::Cpu, "sface", 128));
    assert_eq!(info.dropout, 0.4);
    assert_eq!(info.default_method(), Method::Limit);
    // The CPU was asked for: there is nothing to explain.
    assert_eq!(info.fallback_reason, None);
}
