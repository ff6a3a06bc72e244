//! Input that must not become a score: each yields a typed error that names what was found and what was expected.

use pollster::block_on;
use serfiq::{
    BackendChoice, BackendKind, CardError, Engine, EngineError, ModelCard,
    frame::Frame,
    guide::{Instruction, Settings},
    model::ModelError,
    report::Status,
    score::{Method, ScoreError},
};
use serfiq_network::ImportError;
use serfiq_test_support::{engine, reference};

fn load(card: &ModelCard, recogniser: &[u8], detector: &[u8]) -> EngineError {
    let files = engine::with_detector(card, recogniser, detector);
    block_on(Engine::load(files, BackendChoice::Cpu)).err().expect("expected an error")
}

#[test]
fn a_wrong_model_file_is_refused_by_its_hash() {
    let (mut recogniser, detector) = (engine::file("sface"), engine::file("yunet"));
    let sface = ModelCard::recogniser("sface").unwrap();
    let last = recogniser.len() - 1;
    recogniser[last] ^= 1;
    for bytes in [&recogniser[..], &recogniser[..last], &[]] {
        let error = load(sface, bytes, &detector);
        assert!(matches!(error, EngineError::Model(ModelError::Import(ImportError::Hash(_)))), "{error}");
        let words = error.to_string();
        for part in ["face_recognition_sface_2021dec_int8bq.onnx", "expected fb143eea", "found ", "fetch it again"] {
            assert!(words.contains(part), "`{part}` is not in: {words}");
        }
    }
    recogniser[last] ^= 1;
    assert!(load(sface, &recogniser, &recogniser).to_string().contains("face_detection_yunet"));
}

#[test]
fn a_recogniser_of_ones_own_is_refused_with_what_is_missing() {
    let (yunet, sface) = (engine::file("yunet"), engine::file("sface"));
    let load =
        |file: &[u8], card: &str| load(&ModelCard::own("mine.onnx", file, Some(card)).unwrap(), file, &yunet).to_string();
    // Any network that is not a recogniser will do.
    for (file, words) in [(&yunet[..], "[1, 3, 640, 640]; expected [1, 3, 112, 112]"), (b"no network", "not an ONNX model")] {
        let error = load(file, "");
        assert!(error.contains(words), "{words:?} expected: {error}");
    }
    let error = load(&sface, "[dropout]\nnode = \"nowhere\"");
    assert!(error.contains("`nowhere`"), "{error}");
    let error = ModelCard::own("mine.onnx", &sface, Some("[input]\nmeans = 1")).unwrap_err();
    assert!(matches!(&error, CardError::Invalid { name, problem } if name == "mine" && problem.contains("means")), "{error}");
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
        let found = block_on(engine.assess(&frame, &Method::Limit, &Settings::of_photo())).unwrap();
        assert_eq!((found.status, found.faces.len(), found.accepted), (Status::NoFace, 0, false));
        assert_eq!(found.issues, [Instruction::NoFace]);
    }
}

#[test]
fn the_engine_says_what_it_runs_on() {
    let info = engine::on_cpu().info();
    assert_eq!((info.backend, info.model.as_str(), info.dimension), (BackendKind::Cpu, "sface", 128));
    assert_eq!(info.model_sha256, ModelCard::recogniser("sface").unwrap().sha256);
    assert_eq!(info.dropout, 0.4);
    assert_eq!(info.default_method(), Method::Limit);
    // The CPU was requested, so there is nothing to explain.
    assert_eq!(info.fallback_reason, None);
}
