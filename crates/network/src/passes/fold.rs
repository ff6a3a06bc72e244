use std::sync::Arc;

use crate::{
    Network,
    builder::is_per_axis,
    network::{Binary, Op, Step, ValueId},
};

/// Scale and shift of each channel, or each feature.
pub(crate) struct Affine {
    pub(crate) scale: Vec<f32>,
    pub(crate) shift: Vec<f32>,
}

impl Affine {
    /// Applies `self` first, then `next`.
    fn then(&mut self, next: &Self) {
        for (index, (scale, shift)) in self.scale.iter_mut().zip(&mut self.shift).enumerate() {
            *scale *= next.scale[index];
            *shift = (f64::from(*shift) * f64::from(next.scale[index]) + f64::from(next.shift[index])) as f32;
        }
    }
}

/// What a step does to its computed input, if it only scales and shifts along `axis` by constants.
pub(crate) fn affine_along(network: &Network, step: &Step, axis: usize) -> Option<(ValueId, Affine)> {
    match &step.op {
        Op::Affine { scale, shift } if axis == 1 => {
            Some((step.inputs[0], Affine { scale: scale.to_vec(), shift: shift.to_vec() }))
        }
        Op::Binary(op) => {
            let [a, b] = [step.inputs[0], step.inputs[1]];
            let (x, constant, constant_is_first) = match (network.constant(a), network.constant(b)) {
                (None, Some(constant)) => (a, constant, false),
                (Some(constant), None) => (b, constant, true),
                _ => return None,
            };
            let shape = network.shape(x);
            // A constant of several values broadcast over a dimension of 1 would change the shape.
            if shape != network.shape(step.output) {
                return None;
            }
            let values = constant.as_floats()?;
            let is_single = values.len() == 1;
            if !is_single && !is_per_axis(&constant.shape, shape, axis) {
                return None;
            }
            let each: Vec<f32> = values.iter().cycle().take(*shape.get(axis)?).copied().collect();
            let (zeros, ones) = (vec![0.0; each.len()], vec![1.0; each.len()]);
            let negative = |values: &[f32]| values.iter().map(|value| -value).collect();
            let affine = match (op, constant_is_first) {
                (Binary::Add, _) => Affine { scale: ones, shift: each },
                (Binary::Sub, false) => Affine { scale: ones, shift: negative(&each) },
                (Binary::Sub, true) => Affine { scale: negative(&ones), shift: each },
                (Binary::Mul, _) => Affine { scale: each, shift: zeros },
                (Binary::Div, false) if !each.contains(&0.0) => {
                    Affine { scale: each.iter().map(|value| 1.0 / value).collect(), shift: zeros }
                }
                _ => return None,
            };
            Some((x, affine))
        }
        _ => None,
    }
}

/// Merges consecutive steps that scale and shift channels.
pub(super) fn merge_affine(network: &mut Network) {
    let mut index = 0;
    while index < network.steps.len() {
        let Some(Merged { before, input, affine }) = merged(network, index) else {
            index += 1;
            continue;
        };
        let step = &mut network.steps[index];
        step.inputs = vec![input];
        step.op = Op::Affine { scale: Arc::new(affine.scale), shift: Arc::new(affine.shift) };
        network.steps.remove(before);
        // The merged step may follow another such step, and is now one position earlier.
        index -= 1;
    }
}

/// Two consecutive steps that only scale and shift channels.
struct Merged {
    /// Index of the first.
    before: usize,
    /// The value it reads.
    input: ValueId,
    /// Their combined effect.
    affine: Affine,
}

/// The step at `index` merged with the one before it.
fn merged(network: &Network, index: usize) -> Option<Merged> {
    let (x, next) = affine_along(network, &network.steps[index], 1)?;
    let before = network.producer(x)?;
    let (input, mut affine) = affine_along(network, &network.steps[before], 1)?;
    if network.readers(x) != 1 {
        return None;
    }
    affine.then(&next);
    Some(Merged { before, input, affine })
}

/// Folds scales and shifts into the preceding convolution or fully connected layer, if nothing else reads its result.
pub(super) fn into_layers(network: &mut Network) {
    let mut index = 0;
    while index < network.steps.len() {
        match fold(network, index) {
            true => {}
            false => index += 1,
        }
    }
}

fn fold(network: &mut Network, index: usize) -> bool {
    let step = &network.steps[index];
    let candidates = step.inputs.iter().filter_map(|input| network.producer(*input));
    let Some(layer) = candidates.into_iter().find(|layer| is_layer(&network.steps[*layer].op)) else { return false };
    let output = network.steps[layer].output;
    let axis = match &network.steps[layer].op {
        Op::Linear(_) => network.shape(output).len() - 1,
        _ => 1,
    };
    let Some((x, affine)) = affine_along(network, step, axis) else { return false };
    if x != output || network.readers(output) != 1 {
        return false;
    }
    let result = step.output;
    let finite = affine.scale.iter().chain(&affine.shift).all(|value| value.is_finite());
    if !finite || !apply(&mut network.steps[layer].op, &affine) {
        return false;
    }
    network.steps[layer].output = result;
    network.steps.remove(index);
    // The layer now computes the result, at its old position.
    true
}

fn is_layer(op: &Op) -> bool {
    match op {
        Op::Convolution(of) => of.epilogue.iter().all(crate::network::Epilogue::is_bias),
        Op::TransposedConvolution(_) | Op::Linear(_) => true,
        _ => false,
    }
}

/// Scales the rows of the weights, and scales and shifts the bias.
fn apply(op: &mut Op, affine: &Affine) -> bool {
    let shifted = |bias: f32, channel: usize| {
        (f64::from(bias) * f64::from(affine.scale[channel]) + f64::from(affine.shift[channel])) as f32
    };
    match op {
        Op::Convolution(of) => {
            scale_rows(Arc::make_mut(&mut of.weight).as_mut_slice(), &affine.scale);
            of.epilogue.iter_mut().enumerate().for_each(|(channel, epilogue)| epilogue.bias = shifted(epilogue.bias, channel));
        }
        Op::Linear(of) => {
            let mut weight = std::mem::replace(&mut of.weight, crate::Constant::scalar(0.0));
            let shape = std::mem::take(&mut weight.shape);
            let mut values = weight.into_floats();
            scale_rows(&mut values, &affine.scale);
            of.weight = crate::Constant::floats(shape, values);
            Arc::make_mut(&mut of.bias).iter_mut().enumerate().for_each(|(channel, bias)| *bias = shifted(*bias, channel));
        }
        Op::TransposedConvolution(of) => {
            // `[channels in, channels out / groups, taps]`: output channels are numbered within each group of input channels.
            let each_out = of.channels[1] / of.groups;
            let each_in = of.channels[0] / of.groups;
            let taps = of.window.kernel.iter().product();
            for (row, values) in Arc::make_mut(&mut of.weight).chunks_exact_mut(taps).enumerate() {
                let channel = row / each_out / each_in * each_out + row % each_out;
                values.iter_mut().for_each(|value| *value *= affine.scale[channel]);
            }
            Arc::make_mut(&mut of.bias).iter_mut().enumerate().for_each(|(channel, bias)| *bias = shifted(*bias, channel));
        }
        _ => return false,
    }
    true
}

fn scale_rows(weight: &mut [f32], scale: &[f32]) {
    let each = weight.len() / scale.len();
    for (row, scale) in weight.chunks_exact_mut(each).zip(scale) {
        row.iter_mut().for_each(|value| *value *= scale);
    }
}
