//! Finds the embedding among a network's outputs, and drops operations that change only its length.
//!
//! The score normalises embeddings itself, so only their direction matters. Exports often divide by the length, multiply by a constant,
//! or return the length as a second output. All of these multiply the embedding by one number that is never negative.
use crate::{
    Constant, ImportError, Network,
    network::{Binary, Op, Step, Unary, ValueId},
};

/// Keeps one output: the embedding, up to its length.
///
/// # Errors
/// Several outputs that differ in more than length.
pub(crate) fn keep_only(network: &mut Network) -> Result<(), ImportError> {
    let nonnegative = nonnegative(network);
    let mut directions: Vec<(String, ValueId)> = Vec::new();
    for (name, output) in &network.outputs {
        // For example, a length beside the embedding.
        if network.outputs.len() > 1 && is_scalar(network, *output) {
            continue;
        }
        let direction = unscaled(network, &nonnegative, *output);
        if directions.iter().all(|(_, known)| *known != direction) {
            directions.push((name.clone(), direction));
        }
    }
    if directions.len() > 1 {
        let found = directions.iter().map(|(name, value)| format!("`{name}` {:?}", network.shape(*value)));
        return Err(ImportError::Outputs { found: found.collect() });
    }
    network.outputs = directions;
    network.prune();
    Ok(())
}

/// The value that `output` is a multiple of. The factor is the same for all elements and never negative.
fn unscaled(network: &Network, nonnegative: &[bool], output: ValueId) -> ValueId {
    let is_factor = |value: ValueId| match network.constant(value) {
        Some(constant) => constant.as_floats().is_some_and(is_one_factor),
        None => {
            let value = unexpanded(network, value);
            is_scalar(network, value) && nonnegative[value.index()]
        }
    };
    let (mut found, mut value) = (output, output);
    while let Some(step) = producer(network, value) {
        value = match (&step.op, step.inputs.as_slice()) {
            // It stays unless a factor follows.
            (Op::Reshape, [x]) => {
                value = *x;
                continue;
            }
            (Op::Affine { scale, shift }, [x]) if is_one_factor(scale) && shift.iter().all(|shift| *shift == 0.0) => *x,
            (Op::Binary(Binary::Mul | Binary::Div), [x, factor]) if is_factor(*factor) => *x,
            (Op::Binary(Binary::Mul), [factor, x]) if is_factor(*factor) => *x,
            _ => break,
        };
        found = value;
    }
    found
}

/// The value before it was repeated or reshaped.
fn unexpanded(network: &Network, mut value: ValueId) -> ValueId {
    while let Some(Step { op: Op::Expand | Op::Reshape, inputs, .. }) = producer(network, value) {
        value = inputs[0];
    }
    value
}

fn is_one_factor(values: &[f32]) -> bool {
    values.first().is_some_and(|first| *first > 0.0 && first.is_finite() && values.iter().all(|value| value == first))
}

fn is_scalar(network: &Network, value: ValueId) -> bool {
    network.shape(value).iter().product::<usize>() == 1
}

/// For each value, whether its computation keeps all elements from being negative.
fn nonnegative(network: &Network) -> Vec<bool> {
    let of_constant = |constant: &Constant| constant.as_floats().is_some_and(|values| values.iter().all(|value| *value >= 0.0));
    let mut nonnegative: Vec<bool> =
        network.values.iter().map(|value| value.constant.as_ref().is_some_and(of_constant)).collect();
    for step in &network.steps {
        let of = |index: usize| nonnegative[step.inputs[index].index()];
        nonnegative[step.output.index()] = match &step.op {
            Op::Unary(Unary::Abs | Unary::Exp | Unary::Relu | Unary::Sigmoid | Unary::Sqrt) | Op::Softmax { .. } => true,
            Op::Clamp { min, max } => *min >= 0.0 || (*max >= 0.0 && of(0)),
            Op::Unary(Unary::Reciprocal) | Op::Reduce { .. } | Op::Reshape | Op::Slice { .. } | Op::Expand => of(0),
            Op::Affine { scale, shift } => of(0) && scale.iter().chain(shift.iter()).all(|value| *value >= 0.0),
            Op::Binary(Binary::Max) => of(0) || of(1),
            Op::Binary(Binary::Add | Binary::Min | Binary::Div) => of(0) && of(1),
            Op::Binary(Binary::Mul) => step.inputs[0] == step.inputs[1] || (of(0) && of(1)),
            Op::Binary(Binary::Pow) => of(0) || network.constant(step.inputs[1]).is_some_and(has_even_exponents),
            _ => false,
        };
    }
    nonnegative
}

fn has_even_exponents(constant: &Constant) -> bool {
    constant.as_floats().is_some_and(|exponents| exponents.iter().all(|exponent| exponent % 2.0 == 0.0))
}

fn producer(network: &Network, value: ValueId) -> Option<&Step> {
    network.producer(value).map(|index| &network.steps[index])
}
