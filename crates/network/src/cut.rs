//! Splits the network at its dropout: the trunk before it, the head after it.
//!
//! The head must be affine, `h(v) = W v + b`: SER-FIQ's passes then need only `W` and `b`, and the limit of infinitely many passes
//! has a closed form. This holds for SFace and for every ArcFace "E" head. A final normalisation to unit length is dropped by `direction`.
use half::f16;

use crate::{
    Constant, ImportError, Network,
    builder::evaluate::{broadcast_strides, places},
    direction,
    network::{Binary, Epilogue, Op, Step, ValueId},
};

/// What follows the dropout: `h(v) = W v + b`.
#[derive(Debug, Clone)]
pub struct AffineHead {
    /// `W`, row-major `[dimension, features]`.
    pub weight: Vec<f32>,
    /// `b`, `[dimension]`.
    pub bias: Vec<f32>,
    /// Length of the embedding.
    pub dimension: usize,
    /// Length of the feature vector the dropout acts on.
    pub features: usize,
    /// Dropout probability p.
    pub dropout: f64,
    /// Whether the network supplies that probability; a network trained without dropout has none.
    pub has_dropout: bool,
    /// How the features lie on the picture; `None` if they do not.
    pub grid: Option<Grid>,
    /// Where the network was cut.
    pub place: Place,
}

/// Features that lie on a grid of cells, row by row from the top left, each with the same number of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of cells in a row.
    pub columns: usize,
    /// Whether a channel's values of all cells follow each other in the feature vector; otherwise a cell's values of all channels do.
    pub channels_first: bool,
}

/// Where a network was cut: at a Dropout, or before a fully connected layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// First output of the node.
    pub node: String,
    /// Its operator.
    pub op: String,
}

/// Cuts `network` at the node the card names, else at the Dropout after which everything is affine, else before its last fully
/// connected layer. A convolution that sees a single pixel counts as fully connected.
///
/// `probability` is for a network without a Dropout to read it from, or with a Dropout of ratio 0.
///
/// # Errors
/// Several outputs that could be the embedding; no such place; a head that is not affine; a probability not between 0 and 1.
pub fn cut(mut network: Network, node: Option<&str>, probability: Option<f32>) -> Result<(Network, AffineHead), ImportError> {
    direction::keep_only(&mut network)?;
    let index = find(&network, node)?;
    let at = &network.steps[index];
    let features = computed_input(&network, at)?;
    // A Dropout of ratio 0 was switched off before export, so it counts as absent.
    let (dropout, has_dropout) = match (&at.op, probability) {
        (Op::Dropout { ratio }, _) if *ratio != 0.0 => (*ratio, true),
        (_, Some(probability)) => (probability, false),
        (Op::Dropout { ratio }, None) => (*ratio, false),
        _ => return Err(ImportError::Probability("not in the graph, which has no Dropout".into())),
    };
    let dropout = as_written(dropout);
    if !(dropout > 0.0 && dropout < 1.0) {
        return Err(ImportError::Probability(dropout.to_string()));
    }
    let place = Place { node: at.origin.node.clone(), op: at.origin.op.clone() };
    let output = network.outputs.first().map(|(_, value)| *value);
    let grid = grid(&network, features);
    let after = network.steps.split_off(index);
    network.outputs = vec![("features".into(), features)];
    let Dense { weight, bias, features } = compose(&network, after, features, output)?;
    network.prune();
    Ok((network, AffineHead { dimension: bias.len(), weight, bias, features, dropout, has_dropout, grid, place }))
}

/// How features lie on the picture: as the planes of a convolution, or, as in a vision transformer, as the tokens of square patches.
fn grid(network: &Network, features: ValueId) -> Option<Grid> {
    let mut value = features;
    loop {
        let step = network.producer(value).map(|index| &network.steps[index]);
        let shape = network.shape(value);
        let moved = step.filter(|step| matches!(&step.op, Op::Transpose { permutation } if *permutation == [0, 2, 3, 1]));
        return match (shape, step.map(|step| &step.op)) {
            (&[1, rows, columns, _], _) if moved.is_some() && rows * columns > 1 => {
                Some(Grid { rows, columns, channels_first: false })
            }
            (&[1, _, rows, columns], _) if rows * columns > 1 => Some(Grid { rows, columns, channels_first: true }),
            (&[1, tokens, channels], _) if channels > 1 && tokens > 1 && tokens.isqrt().pow(2) == tokens => {
                Some(Grid { rows: tokens.isqrt(), columns: tokens.isqrt(), channels_first: false })
            }
            (_, Some(Op::Reshape | Op::Dropout { .. })) => {
                value = step?.inputs[0];
                continue;
            }
            _ => None,
        };
    }
}

/// Index of the step at which to cut.
fn find(network: &Network, named: Option<&str>) -> Result<usize, ImportError> {
    let steps = &network.steps;
    if let Some(name) = named {
        let position = steps.iter().position(|step| step.origin.node == name);
        return position.ok_or_else(|| ImportError::NoCut {
            found: format!("no node whose first output is `{name}`, which the model card names"),
        });
    }
    let dropouts: Vec<_> = (0..steps.len()).filter(|index| matches!(steps[*index].op, Op::Dropout { .. })).collect();
    // Inner layers may have Dropouts too; what follows those is not affine.
    let affine: Vec<_> = dropouts.iter().copied().filter(|index| is_affine_from(network, *index)).collect();
    match (dropouts.as_slice(), affine.as_slice()) {
        ([one], _) | (_, [one]) => Ok(*one),
        ([], _) => steps.iter().rposition(|step| is_fully_connected(network, step)).ok_or_else(|| ImportError::NoCut {
            found: format!("no Dropout and no fully connected layer among its {} steps", steps.len()),
        }),
        (several, _) => {
            let names: Vec<_> = several.iter().map(|index| steps[*index].origin.node.as_str()).collect();
            Err(ImportError::NoCut { found: format!("{} Dropout nodes ({})", several.len(), names.join(", ")) })
        }
    }
}

fn is_affine_from(network: &Network, index: usize) -> bool {
    network.steps[index..].iter().all(|step| match &step.op {
        Op::Reshape | Op::Dropout { .. } | Op::Affine { .. } => true,
        Op::Binary(_) => elementwise(network, step).is_some(),
        _ => is_fully_connected(network, step),
    })
}

/// Whether a step is a fully connected layer over its whole input.
fn is_fully_connected(network: &Network, step: &Step) -> bool {
    let input = network.shape(step.inputs[0]);
    match &step.op {
        Op::Linear(_) => input.iter().rev().skip(1).all(|size| *size == 1),
        // If the kernel covers the whole input, weights and input share one order.
        Op::Convolution(of) => {
            let covers = of.window.kernel == input[2..] && of.window.padding == [[0; 2]; 2] && of.window.dilation == [1, 1];
            of.groups == 1 && covers && input[0] == 1 && of.epilogue.iter().all(Epilogue::is_bias)
        }
        _ => false,
    }
}

/// The decimal number that was meant: 0.4, not the nearest `f32`, 0.4000000059604645, nor the nearest half float, 0.39990234. The
/// masks depend on it.
fn as_written(ratio: f32) -> f64 {
    let half = f16::from_f32(ratio);
    let is_half = half.to_f32() == ratio;
    let is_meant = |number: &f64| if is_half { f16::from_f64(*number) == half } else { *number as f32 == ratio };
    let rounded = |digits: i32| (f64::from(ratio) * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
    (1..=9).map(rounded).find(is_meant).unwrap_or(f64::from(ratio))
}

/// The only input of a step that is not a constant.
fn computed_input(network: &Network, step: &Step) -> Result<ValueId, ImportError> {
    let mut computed = step.inputs.iter().filter(|input| network.constant(**input).is_none());
    match (computed.next(), computed.next()) {
        (Some(input), None) => Ok(*input),
        _ => Err(not_affine(step, "between the cut and the output")),
    }
}

fn not_affine(step: &Step, place: &str) -> ImportError {
    ImportError::NoCut { found: format!("`{}` ({}) {place}", step.origin.node, step.origin.op) }
}

struct Dense {
    weight: Vec<f32>,
    bias: Vec<f32>,
    features: usize,
}

/// The steps so far, as a map of the features.
enum Map {
    /// `scale_j x_j + shift_j`; `None` means 1 and 0.
    Diagonal(Option<(Vec<f32>, Vec<f32>)>),
    Dense(Dense),
}

/// Multiplies steps out to one affine map; the first step reads `value`. Takes the steps by value: their weights are most of a
/// network, and copying them would set the memory peak of loading.
fn compose(network: &Network, steps: Vec<Step>, mut value: ValueId, output: Option<ValueId>) -> Result<Dense, ImportError> {
    let mut map = Map::Diagonal(None);
    for step in steps {
        if computed_input(network, &step)? != value {
            return Err(not_affine(&step, "off the path from the cut to the output"));
        }
        let made = step.output;
        map = match (&step.op, map) {
            (Op::Reshape | Op::Dropout { .. }, map) => map,
            (Op::Affine { .. } | Op::Binary(_), map) => {
                let (scale, shift) =
                    elementwise(network, &step).ok_or_else(|| not_affine(&step, "between the cut and the output"))?;
                then_elementwise(map, scale, shift)
            }
            (_, map) if is_fully_connected(network, &step) => {
                let (weight, bias) = take_weight(step);
                Map::Dense(then_dense(map, weight, bias))
            }
            _ => return Err(not_affine(&step, "between the cut and the output")),
        };
        value = made;
    }
    match map {
        Map::Dense(dense) if Some(value) == output => Ok(dense),
        _ => Err(ImportError::NoCut { found: "no fully connected layer between the cut and the output".into() }),
    }
}

fn take_weight(step: Step) -> (Vec<f32>, Vec<f32>) {
    match step.op {
        Op::Linear(of) => (of.weight.into_floats(), of.bias.to_vec()),
        Op::Convolution(of) => {
            let bias = of.epilogue.iter().map(|epilogue| epilogue.bias).collect();
            let weight = std::sync::Arc::try_unwrap(of.weight).unwrap_or_else(|shared| shared.to_vec());
            (weight, bias)
        }
        _ => unreachable!("the caller checked for a fully connected layer"),
    }
}

fn then_elementwise(map: Map, scale: Vec<f32>, shift: Vec<f32>) -> Map {
    match map {
        Map::Diagonal(None) => Map::Diagonal(Some((scale, shift))),
        Map::Diagonal(Some((mut scales, mut shifts))) => {
            shifts.iter_mut().zip(scale.iter().zip(&shift)).for_each(|(s, (scale, shift))| *s = *s * scale + shift);
            scales.iter_mut().zip(&scale).for_each(|(s, scale)| *s *= scale);
            Map::Diagonal(Some((scales, shifts)))
        }
        Map::Dense(mut dense) => {
            for ((row, bias), (scale, shift)) in
                dense.weight.chunks_exact_mut(dense.features).zip(&mut dense.bias).zip(scale.iter().zip(&shift))
            {
                row.iter_mut().for_each(|weight| *weight *= scale);
                *bias = (f64::from(*bias) * f64::from(*scale) + f64::from(*shift)) as f32;
            }
            Map::Dense(dense)
        }
    }
}

/// `weight` is `[out, in]`.
fn then_dense(map: Map, mut weight: Vec<f32>, mut bias: Vec<f32>) -> Dense {
    let inputs = weight.len() / bias.len();
    match map {
        Map::Diagonal(None) => Dense { weight, bias, features: inputs },
        Map::Diagonal(Some((scale, shift))) => {
            for (row, bias) in weight.chunks_exact_mut(inputs).zip(&mut bias) {
                let sum: f64 = row.iter().zip(&shift).map(|(weight, shift)| f64::from(*weight) * f64::from(*shift)).sum();
                *bias += sum as f32;
                row.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
            }
            Dense { weight, bias, features: inputs }
        }
        Map::Dense(before) => {
            let features = before.features;
            let mut product = vec![0.0_f32; bias.len() * features];
            for (row, to) in weight.chunks_exact(inputs).zip(product.chunks_exact_mut(features)) {
                for (factor, from) in row.iter().zip(before.weight.chunks_exact(features)) {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
                }
            }
            for (row, bias) in weight.chunks_exact(inputs).zip(&mut bias) {
                let sum: f64 = row.iter().zip(&before.bias).map(|(weight, bias)| f64::from(*weight) * f64::from(*bias)).sum();
                *bias += sum as f32;
            }
            Dense { weight: product, bias, features }
        }
    }
}

/// Scale and shift of each element, for a step that does nothing else and keeps the shape.
fn elementwise(network: &Network, step: &Step) -> Option<(Vec<f32>, Vec<f32>)> {
    let shape = network.shape(step.output);
    let spread = |constant: &Constant| -> Option<Vec<f32>> {
        let values = constant.as_floats()?;
        Some(places(shape, &broadcast_strides(&constant.shape), 0).map(|place| values[place]).collect())
    };
    match &step.op {
        Op::Affine { scale, shift } => {
            let mut per_channel = vec![1; shape.len()];
            per_channel[1] = scale.len();
            let spread = |values: &[f32]| spread(&Constant::floats(per_channel.clone(), values.to_vec()));
            Some((spread(scale)?, spread(shift)?))
        }
        Op::Binary(op) => {
            let [a, b] = [step.inputs[0], step.inputs[1]];
            let (x, constant, is_first) = match (network.constant(a), network.constant(b)) {
                (None, Some(constant)) => (a, constant, false),
                (Some(constant), None) => (b, constant, true),
                _ => return None,
            };
            if network.shape(x) != shape {
                return None;
            }
            let values = spread(constant)?;
            let (ones, zeros) = (vec![1.0; values.len()], vec![0.0; values.len()]);
            let each = |f: fn(f32) -> f32| values.iter().map(|value| f(*value)).collect();
            match (op, is_first) {
                (Binary::Add, _) => Some((ones, values)),
                (Binary::Sub, false) => Some((ones, each(|value| -value))),
                (Binary::Sub, true) => Some((vec![-1.0; values.len()], values)),
                (Binary::Mul, _) => Some((values, zeros)),
                (Binary::Div, false) => Some((each(f32::recip), zeros)),
                _ => None,
            }
        }
        _ => None,
    }
}
