//! TFLite files compared with LiteRT, and damaged ones. `tests/reference/tflite.py` writes the files and the expected outputs.
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use serfiq_network::{
    ImportError,
    file::{Declared, NetworkFile, Unsupported},
    import,
};
use support::interpreter;

/// Maximum difference from LiteRT, relative to the largest output value.
const TOLERANCE: f32 = 1e-5;

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    let path = reference("tflite").join(name).with_extension("tflite");
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(name: &str) -> Value {
    let path = reference(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn shape(value: &Value) -> Vec<usize> {
    list(value).iter().map(|size| size.as_u64().unwrap() as usize).collect()
}

fn floats(value: &Value) -> Vec<f32> {
    list(value).iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| if (a - b).is_nan() { f32::INFINITY } else { (a - b).abs() });
    differences.fold(0.0, f32::max)
}

/// The same as `inputs` in `tflite.py`.
fn input(shape: &[usize]) -> Vec<f32> {
    let values = 0..shape.iter().product::<usize>();
    values.map(|i| (((37 * i + 11) % 97) as f64 - 48.0) / 12.0).map(|value| value as f32).collect()
}

/// The largest difference from LiteRT, as a fraction of the tolerance.
fn judge(case: &Value) -> Result<f32, String> {
    let given = shape(&case["input"]);
    let bytes = bytes(case["name"].as_str().unwrap());
    let read = || NetworkFile::read(&bytes).map_err(|error| error.to_string());
    let plain = read()?.lower(&given).map_err(|error| error.to_string())?;
    let simplified = import::network(read()?, &given).map_err(|error| error.to_string())?;
    let mut worst = 0.0_f32;
    for network in [plain, simplified] {
        let made = interpreter::run(&network, &input(&given));
        let expected = list(&case["outputs"]);
        assert_eq!(made.len(), expected.len());
        for (((name, values), (_, id)), expected) in made.iter().zip(&network.outputs).zip(expected) {
            assert_eq!(name, expected["name"].as_str().unwrap());
            if network.shape(*id) != shape(&expected["shape"]) {
                return Err(format!("has the shape {:?}; expected {}", network.shape(*id), expected["shape"]));
            }
            let expected = floats(&expected["values"]);
            let largest = expected.iter().fold(1.0, |largest: f32, value| largest.max(value.abs()));
            worst = worst.max(largest_difference(values, &expected) / (TOLERANCE * largest));
        }
    }
    if worst > 1.0 { Err(format!("differs by {worst:.2} times the tolerance")) } else { Ok(worst) }
}

#[test]
fn every_operator_computes_what_litert_does() {
    let reference = json("tflite.json");
    let cases = list(&reference["cases"]);
    assert!(cases.len() >= 130, "{} cases", cases.len());
    let mut worst = (0.0, "");
    let mut failures = vec![];
    for case in cases {
        let name = case["name"].as_str().unwrap();
        match judge(case) {
            Ok(difference) if difference > worst.0 => worst = (difference, name),
            Ok(_) => {}
            Err(problem) => failures.push(format!("{name} {problem}")),
        }
    }
    println!("largest difference: {:.1e} of the largest value, in {}", worst.0 * TOLERANCE, worst.1);
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn a_file_tells_what_it_reads_and_does() {
    let file = NetworkFile::read(&bytes("network_residual")).unwrap();
    let picture = Declared { name: "x".into(), shape: Some(vec![Some(1), Some(8), Some(8), Some(3)]) };
    assert_eq!(file.inputs(), [picture]);
    assert_eq!(file.operations(), 31);
    assert_eq!(file.unsupported(), []);
}

#[test]
fn a_network_takes_pictures_of_another_size_than_declared() {
    let file = NetworkFile::read(&bytes("conv_same_stride_odd")).unwrap();
    let network = file.lower(&[1, 20, 30, 2]).unwrap();
    assert_eq!(network.shape(network.outputs[0].1), [1, 10, 15, 3]);
}

#[test]
fn operators_that_are_not_supported_are_listed() {
    let file = NetworkFile::read(&bytes("refused/operators")).unwrap();
    let unsupported = |op: &str, node: &str| Unsupported { op: op.into(), node: node.into() };
    let expected = [unsupported("FLOOR", "v0"), unsupported("STABLEHLO_CBRT", "v1"), unsupported("Mystery", "v2")];
    assert_eq!(file.unsupported(), expected);
    assert!(matches!(file.lower(&[1, 5, 6, 3]), Err(ImportError::Operator { op, node }) if op == "FLOOR" && node == "v0"));
}

#[test]
fn what_cannot_be_imported_is_refused_with_what_to_do() {
    let message = |name: &str| {
        let file = NetworkFile::read(&bytes(&format!("refused/{name}"))).unwrap();
        file.lower(&[1, 5, 6, 3]).unwrap_err().to_string()
    };
    let expected = [
        ("int8_weights", "the node `v0` (CONV_2D) has weights of INT8; expected FLOAT32"),
        ("uint8_input", "the node `x` (input) has the type UINT8; expected FLOAT32"),
        ("computed_weights", "the node `v1` (CONV_2D) computes its input 1 (`v0`); expected a constant"),
        ("channels", "do not fit 3 input channels"),
        ("no_scale", "the node `v0` (DEQUANTIZE) reads `c2`, which has no scale"),
        ("nothing_makes_it", "the node `v0` (ADD) reads `nothing`, which is not a constant"),
        ("activation", "the node `v0` (ADD) has the fused activation TANH, which LiteRT ignores; expected NONE, RELU"),
    ];
    for (name, part) in expected {
        let message = message(name);
        assert!(message.contains(part), "{name}: {message}");
    }
}

/// Files that together contain every table of the schema the import reads.
const TO_DAMAGE: [&str; 12] = [
    "add_int8_channels",
    "average_pool_same_even",
    "concat_widths",
    "linear_keeps_axes",
    "network_gated",
    "network_residual",
    "pad_plane",
    "reshape_by_option",
    "resize_bilinear_other",
    "resize_nearest_neighbor_other",
    "softmax_picture",
    "squeeze",
];

/// Imports damaged bytes; the result must be a network or an error.
fn import(bytes: &[u8]) {
    if let Ok(file) = NetworkFile::read(bytes) {
        file.unsupported();
        let given: Vec<usize> = match file.inputs().as_slice() {
            [Declared { shape: Some(shape), .. }] => shape.iter().map(|size| size.unwrap_or(8).min(64)).collect(),
            _ => vec![1, 8, 8, 3],
        };
        let _ = import::network(file, &given);
    }
}

#[test]
fn a_file_that_ends_early_is_refused() {
    for name in TO_DAMAGE {
        let whole = bytes(name);
        for length in 0..whole.len() {
            import(&whole[..length]);
        }
        let error = NetworkFile::read(&whole[..whole.len() / 2]).unwrap_err();
        assert!(matches!(error, ImportError::NotTflite(_)), "{name}: {error}");
    }
}

#[test]
fn no_number_in_a_file_can_do_harm() {
    for name in TO_DAMAGE {
        let whole = bytes(name);
        for at in (0..whole.len().saturating_sub(3)).step_by(4).filter(|at| *at != 4) {
            for value in [0, 1, -1, 64, 0xffff, 1 << 20, i32::MAX, i32::MIN, whole.len() as i32] {
                let mut damaged = whole.clone();
                damaged[at..at + 4].copy_from_slice(&value.to_le_bytes());
                import(&damaged);
            }
        }
    }
}

#[test]
fn random_damage_does_no_harm() {
    // Knuth's linear congruential generator: the same damage in every run.
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for name in TO_DAMAGE {
        let whole = bytes(name);
        for _ in 0..2000 {
            let mut damaged = whole.clone();
            for _ in 0..=random(8) {
                damaged[8 + random(whole.len() - 8)] ^= 1 << random(8);
            }
            import(&damaged);
        }
    }
}

/// Maximum differences from LiteRT: of a landmark, in pixels of 192, and of the logit that a face is present.
const MESH_TOLERANCE: [f32; 2] = [0.05, 1e-3];

/// The same as `picture` in `mesh.py`; `None` for crops, whose pixels are not committed.
fn picture(formula: &Value) -> Option<Vec<f32>> {
    let number = |name: &str| formula[name].as_f64().unwrap();
    let numbers = |value: &Value| -> Vec<f64> { list(value).iter().map(|number| number.as_f64().unwrap()).collect() };
    let value = |x: f64, y: f64, channel: usize| match formula["kind"].as_str().unwrap() {
        "waves" => Some(0.5 + 0.5 * (number("a") * x + number("b") * y + number("c") * channel as f64).sin()),
        "grey" => Some(number("value")),
        "spots" => {
            let spot = |spot: &Value| {
                let spot = numbers(spot);
                (-((x - spot[0]) / spot[2]).powi(2) - ((y - spot[1]) / spot[3]).powi(2)).exp() * spot[4 + channel]
            };
            let spots = list(&formula["spots"]).iter().map(spot).sum::<f64>();
            Some((numbers(&formula["background"])[channel] + spots).clamp(0.0, 1.0))
        }
        _ => None,
    };
    let places = (0..192 * 192 * 3).map(|i| (f64::from(i / 3 % 192), f64::from(i / 3 / 192), (i % 3) as usize));
    places.map(|(x, y, channel)| value(x, y, channel).map(|value| value as f32)).collect()
}

/// The network of the face mesh, which is the first part of its file.
fn mesh() -> Vec<u8> {
    let card = serfiq_network::card::parse(include_str!("../../../models/face-mesh.toml")).unwrap();
    let length = card.source.as_ref().and_then(|source| source.package()).unwrap().parts[0].bytes as usize;
    let path = std::env::var("SERFIQ_MESH").expect("SERFIQ_MESH names the file");
    let mut bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    bytes.truncate(length);
    bytes
}

#[test]
#[ignore = "needs the file that models/face-mesh.toml names: SERFIQ_MESH=face_mesh.bin"]
fn the_face_mesh_computes_what_litert_does() {
    let bytes = mesh();
    let reference = json("mesh.json");
    let subset = shape(&reference["subset"]);
    let network = import::network(NetworkFile::read(&bytes).unwrap(), &[1, 192, 192, 3]).unwrap();
    let mut compared = 0;
    for row in list(&reference["inputs"]) {
        let (name, Some(input)) = (&row["name"], picture(&row["input"])) else { continue };
        let made = interpreter::run(&network, &input);
        let [(_, points), (_, logit)] = made.as_slice() else { panic!("{} outputs", made.len()) };
        let points: Vec<f32> = match row["complete"].as_bool() {
            Some(true) => points.clone(),
            _ => subset.iter().flat_map(|point| &points[3 * point..3 * point + 3]).copied().collect(),
        };
        let differences = [
            largest_difference(&points, &floats(&row["points"])),
            largest_difference(logit, &[row["logit"].as_f64().unwrap() as f32]),
        ];
        println!("{name}: {:.4} px, logit {:.5}", differences[0], differences[1]);
        assert!(differences.iter().zip(MESH_TOLERANCE).all(|(difference, allowed)| *difference <= allowed), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
#[ignore = "needs the file that models/face-mesh.toml names: SERFIQ_MESH=face_mesh.bin"]
fn damage_to_the_face_mesh_does_no_harm() {
    let whole = mesh();
    (0..4096).for_each(|length| import(&whole[..length]));
    for at in (8..4096).chain(whole.len() - 4096..whole.len() - 3).step_by(4) {
        for value in [-1, 0xffff, i32::MAX, i32::MIN] {
            let mut damaged = whole.clone();
            damaged[at..at + 4].copy_from_slice(&value.to_le_bytes());
            import(&damaged);
        }
    }
}
