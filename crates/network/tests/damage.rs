//! A damaged file yields an error or another network, but never a panic.
mod support;

use serfiq_network::{
    CutRecogniser,
    file::NetworkFile,
    import,
    inspect::inspect,
    onnx::format::{Graph, Model, element},
};
use support::operator_files;

/// How often each file is damaged in each way. `DAMAGE=1000 cargo test --test damage` searches longer.
fn rounds() -> usize {
    std::env::var("DAMAGE").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(8)
}

/// Knuth's linear congruential generator: failures are reproducible.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    fn one_of<'a, T>(&mut self, list: &'a mut [T]) -> Option<&'a mut T> {
        let place = self.next(list.len());
        list.get_mut(place)
    }

    /// Implausible sizes, axes and positions.
    fn integer(&mut self) -> i64 {
        [0, 1, -1, 2, 3, -2, 7, 100, 1 << 20, 1 << 31, 1 << 40, i64::MAX, i64::MIN, -(1 << 31)][self.next(14)]
    }

    fn float(&mut self) -> f32 {
        [0.0, -1.0, 0.5, 1e-30, 1e30, f32::NAN, f32::INFINITY, f32::NEG_INFINITY][self.next(8)]
    }
}

fn damage_bytes(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..1 + numbers.next(3) {
        let place = numbers.next(damaged.len());
        damaged[place] = [0, 1, 0x7f, 0x80, 0xff, numbers.next(256) as u8][numbers.next(6)];
    }
    damaged
}

/// A readable file with a wrong graph.
fn damage_graph(header: &Model, mut graph: Graph, numbers: &mut Numbers) -> Vec<u8> {
    let names: Vec<String> = graph.nodes.iter().flat_map(|node| node.inputs.iter().chain(&node.outputs).cloned()).collect();
    let opset = if numbers.next(4) == 0 { 7 + numbers.next(16) as i64 } else { header.opsets[0].version };
    for _ in 0..1 + numbers.next(2) {
        let Some(node) = numbers.one_of(&mut graph.nodes) else { break };
        match numbers.next(7) {
            0 => drop(numbers.one_of(&mut node.attributes).map(|attribute| attribute.i = numbers.integer())),
            1 => drop(numbers.one_of(&mut node.attributes).map(|attribute| match numbers.one_of(&mut attribute.ints) {
                Some(integer) => *integer = numbers.integer(),
                None => attribute.f = numbers.float(),
            })),
            2 => drop(numbers.one_of(&mut node.attributes).map(|attribute| match numbers.next(2) {
                0 => attribute.ints.push(numbers.integer()),
                _ => drop(attribute.ints.pop()),
            })),
            3 => drop(numbers.one_of(&mut node.inputs).map(|input| {
                *input = if numbers.next(4) == 0 { String::new() } else { names[numbers.next(names.len())].clone() };
            })),
            4 => drop(node.inputs.pop()),
            _ => {
                // Not `given:x` and `expected:NAME`, which no node reads.
                let mut tensors: Vec<_> = graph.initializers.iter_mut().filter(|tensor| !tensor.name.contains(':')).collect();
                let Some(tensor) = numbers.one_of(&mut tensors) else { continue };
                match tensor.element {
                    element::INT64 => {
                        let mut integers: Vec<i64> =
                            tensor.raw.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b)).collect();
                        match numbers.next(4) {
                            0 => tensor.dims = vec![0],
                            1 => drop(tensor.dims.pop()),
                            _ => drop(numbers.one_of(&mut integers).map(|integer| *integer = numbers.integer())),
                        }
                        integers.truncate(tensor.dims.iter().product::<i64>() as usize);
                        tensor.raw = integers.iter().flat_map(|integer| integer.to_le_bytes()).collect();
                    }
                    _ => {
                        // The same elements in another shape, or no elements.
                        let count: i64 = tensor.dims.iter().product();
                        tensor.dims = match numbers.next(4) {
                            0 => vec![count],
                            1 => vec![1, count],
                            2 => vec![count, 1, 1, 1],
                            _ => vec![1 << 30, 0, 1 << 30],
                        };
                        if tensor.dims.contains(&0) {
                            tensor.raw.clear();
                            tensor.floats.clear();
                            tensor.ints.clear();
                        }
                    }
                }
            }
        }
    }
    let mut header = header.clone();
    header.opsets[0].version = opset;
    header.write(graph)
}

/// The input shape of a reference case.
fn input(graph: &Graph) -> Vec<usize> {
    let given = graph.initializers.iter().find(|tensor| tensor.name == "given:x").unwrap();
    given.dims.iter().map(|size| *size as usize).collect()
}

/// Imports damaged bytes: the result must be a network or an error.
fn import(damaged: &[u8], shape: &[usize]) {
    if let Ok(file) = NetworkFile::read(damaged) {
        let _ = import::network(file, shape);
    }
}

#[test]
fn no_damage_makes_the_import_panic() {
    let mut numbers = Numbers(1);
    for bytes in operator_files() {
        let (header, graph) = Model::read(&bytes).unwrap();
        let shape = input(&graph);
        for _ in 0..rounds() {
            import(&damage_bytes(&bytes, &mut numbers), &shape);
            import(&damage_graph(&header, graph.clone(), &mut numbers), &shape);
        }
    }
}

/// One file in twenty, with each kind of operator and each kind of field.
#[test]
fn no_file_that_ends_early_makes_the_import_panic() {
    for bytes in operator_files().into_iter().step_by(20) {
        let shape = input(&Model::read(&bytes).unwrap().1);
        (0..bytes.len()).for_each(|length| import(&bytes[..length], &shape));
    }
}

/// The recogniser of the library's examples, put through everything: inspected, and cut.
#[test]
fn no_damage_makes_a_recogniser_panic() {
    let whole = include_bytes!("../../../src/example/recogniser.onnx");
    let check = |bytes: &[u8]| {
        let _ = inspect(bytes, 112, None);
        let _ = CutRecogniser::import(bytes, 112, None, Some(0.4));
    };
    assert!(CutRecogniser::import(whole, 112, None, None).is_ok());
    (0..whole.len()).step_by(7).for_each(|length| check(&whole[..length]));
    let mut numbers = Numbers(2);
    for _ in 0..50 * rounds() {
        check(&damage_bytes(whole, &mut numbers));
    }
}
