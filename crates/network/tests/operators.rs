//! Every operator against onnxruntime. `tests/reference/operators.py` writes the graphs, with an input and the expected outputs.
mod support;

use std::collections::HashMap;

use serfiq_network::{
    Network,
    file::NetworkFile,
    import,
    onnx::format::{Graph, Model},
};
use support::{interpreter, operator_files};

/// Absolute and relative tolerance: onnxruntime computes in `f32`.
const TOLERANCE: f64 = 1e-5;

/// The input and outputs that a file stores beside its graph.
struct Expected {
    shape: Vec<usize>,
    input: Vec<f32>,
    outputs: HashMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Expected {
    fn of(graph: Graph) -> Self {
        let (mut input, mut outputs) = (None, HashMap::new());
        for tensor in graph.initializers {
            let name = tensor.name.clone();
            if name == "given:x" {
                input = Some(tensor.into_constant().unwrap());
            } else if let Some(output) = name.strip_prefix("expected:") {
                let constant = tensor.into_constant().unwrap();
                outputs.insert(output.to_owned(), (constant.shape.clone(), constant.to_floats()));
            }
        }
        let input = input.expect("a case has an input");
        Self { shape: input.shape.clone(), input: input.to_floats(), outputs }
    }

    /// The largest difference, as a multiple of the tolerance.
    fn worst(&self, network: &Network) -> Result<f64, String> {
        let mut worst = 0.0_f64;
        let made = interpreter::run(network, &self.input);
        for ((name, values), (_, id)) in made.iter().zip(&network.outputs) {
            let (shape, expected) = self.outputs.get(name).ok_or_else(|| format!("no output `{name}` is expected"))?;
            if network.shape(*id) != shape {
                return Err(format!("`{name}` has the shape {:?}; expected {shape:?}", network.shape(*id)));
            }
            for (a, b) in values.iter().zip(expected) {
                let (a, b) = (f64::from(*a), f64::from(*b));
                let difference = (a - b).abs() / (TOLERANCE + TOLERANCE * b.abs());
                worst = if difference.is_nan() { f64::INFINITY } else { worst.max(difference) };
            }
        }
        match made.len() == self.outputs.len() {
            true => Ok(worst),
            false => Err(format!("{} outputs; expected {}", made.len(), self.outputs.len())),
        }
    }
}

fn judge(bytes: &[u8]) -> Result<(), String> {
    let (_, graph) = Model::read(bytes).map_err(|error| error.to_string())?;
    let expected = Expected::of(graph);
    let read = || NetworkFile::read(bytes).map_err(|error| error.to_string());
    let plain = read()?.lower(&expected.shape).map_err(|error| error.to_string())?;
    let simplified = import::network(read()?, &expected.shape).map_err(|error| error.to_string())?;
    for (kind, network) in [("as it is", plain), ("simplified", simplified)] {
        let worst = expected.worst(&network).map_err(|problem| format!("{kind}: {problem}"))?;
        if worst > 1.0 {
            return Err(format!("{kind}: differs by {worst:.2} times the tolerance"));
        }
    }
    Ok(())
}

#[test]
fn every_operator_computes_what_onnxruntime_does() {
    let files = operator_files();
    let mut failures = Vec::new();
    for bytes in &files {
        if let Err(problem) = judge(bytes) {
            failures.push(format!("{}: {problem}", Model::read(bytes).unwrap().1.name));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), files.len(), failures.join("\n"));
}
