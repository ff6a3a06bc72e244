//! Compares every operator with onnxruntime (ONNX) and LiteRT (TFLite), on both backends (`tests/reference/operators.py`, `tflite.py`).
use std::fs;

use serde::Deserialize;
use serfiq_network::{file::NetworkFile, import::network, onnx::format::Model};

use super::Program;
use crate::model::{Backend, BackendChoice};

/// A small graph, its input, and the reference outputs.
struct Case {
    name: String,
    file: NetworkFile,
    shape: Vec<usize>,
    input: Vec<f32>,
    outputs: Vec<(String, Vec<f32>)>,
}

/// Reads ONNX files, each preceded by its length.
fn cases_of_onnx() -> Vec<Case> {
    let list = fs::read("tests/reference/operators.onnx-list").unwrap();
    let (mut left, mut cases) = (list.as_slice(), Vec::new());
    while let Some((length, rest)) = left.split_first_chunk() {
        let (bytes, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        left = rest;
        let (_, graph) = Model::read(bytes).unwrap();
        let (mut given, mut outputs) = (None, Vec::new());
        for tensor in graph.initializers {
            let name = tensor.name.clone();
            if name == "given:x" {
                given = Some(tensor.into_constant().unwrap());
            } else if let Some(output) = name.strip_prefix("expected:") {
                outputs.push((output.to_owned(), tensor.into_constant().unwrap().into_floats()));
            }
        }
        let given = given.unwrap();
        let (shape, input) = (given.shape.clone(), given.into_floats());
        cases.push(Case { name: graph.name, file: NetworkFile::read(bytes).unwrap(), shape, input, outputs });
    }
    cases
}

fn cases_of_tflite() -> Vec<Case> {
    #[derive(Deserialize)]
    struct Reference {
        cases: Vec<Graph>,
    }
    #[derive(Deserialize)]
    struct Graph {
        name: String,
        input: Vec<usize>,
        outputs: Vec<Output>,
    }
    #[derive(Deserialize)]
    struct Output {
        name: String,
        values: Vec<f32>,
    }
    let Reference { cases } = serde_json::from_str(&fs::read_to_string("tests/reference/tflite.json").unwrap()).unwrap();
    let case = |Graph { name, input: shape, outputs }| {
        let file = NetworkFile::read(&fs::read(format!("tests/reference/tflite/{name}.tflite")).unwrap()).unwrap();
        // As `inputs` in `tflite.py`.
        let places = 0..shape.iter().product::<usize>();
        let input = places.map(|i| ((((37 * i + 11) % 97) as f64 - 48.0) / 12.0) as f32).collect();
        Case { name, file, shape, input, outputs: outputs.into_iter().map(|output| (output.name, output.values)).collect() }
    };
    cases.into_iter().map(case).collect()
}

/// Lists the outputs that differ by more than `tolerance`, relative to the largest value if that is above 1.
fn differences(backend: &Backend, tolerance: f32) -> Vec<String> {
    let cases: Vec<Case> = cases_of_onnx().into_iter().chain(cases_of_tflite()).collect();
    assert!(cases.len() > 1400);
    let mut wrong = Vec::new();
    for Case { name, file, shape, input, outputs } in cases {
        let network = match network(file, &shape) {
            Ok(network) => network,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let names: Vec<String> = network.outputs.iter().map(|(name, _)| name.clone()).collect();
        let found = Program::new(network, backend).run(input);
        assert_eq!(found.len(), outputs.len(), "{name}");
        for (name_of, found) in names.iter().zip(found) {
            let found = pollster::block_on(backend.read(found)).unwrap();
            let (_, expected) = outputs.iter().find(|(name, _)| name == name_of).unwrap();
            assert_eq!(found.len(), expected.len(), "{name}: {name_of}");
            let largest =
                expected.iter().filter(|value| value.is_finite()).fold(1.0_f32, |largest, value| largest.max(value.abs()));
            let off = |(a, b): (&f32, &f32)| if a == b || a.is_nan() && b.is_nan() { 0.0 } else { (a - b).abs() / largest };
            let worst = found
                .iter()
                .zip(expected)
                .map(off)
                .fold(0.0, |worst: f32, off| if off > worst || off.is_nan() { off } else { worst });
            if worst.is_nan() || worst > tolerance {
                wrong.push(format!("{name}: {name_of} is {worst:.1e} off"));
            }
        }
    }
    wrong
}

#[test]
fn every_operator_computes_what_its_judge_does_on_the_cpu() {
    let backend = pollster::block_on(Backend::open(BackendChoice::Cpu)).unwrap();
    // 1x1 convolutions are rounded to 16 bits.
    let wrong = differences(&backend, 2e-4);
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_operator_computes_what_its_judge_does_on_the_gpu() {
    let opened = pollster::block_on(Backend::open(BackendChoice::WebGpu));
    let Some(backend) = serfiq_skips::gpu_or_skip("every operator on a GPU", opened) else { return };
    #[cfg(feature = "webgpu")]
    let is_rounded = crate::model::gpu::rounds_weights(&backend);
    #[cfg(not(feature = "webgpu"))]
    let is_rounded = false;
    // Weights of 11 bits, and a network that divides by a small number made with them.
    let wrong = differences(&backend, if is_rounded { 0.1 } else { 1e-3 });
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
