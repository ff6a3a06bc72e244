//! Takes the pixel scaling out of a network: if its first steps treat every value alike, the caller can apply them while filling
//! the input.
use crate::{Network, passes::fold::affine_along};

/// Maps each value v to `(v - mean) * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Subtracted first.
    pub mean: f64,
    /// Multiplied second.
    pub scale: f64,
}

impl Scaling {
    /// The identity.
    pub const NONE: Self = Self { mean: 0.0, scale: 1.0 };

    /// Subtracts this mean, then multiplies by this scale.
    pub fn of(mean: f32, scale: f32) -> Self {
        Self { mean: mean.into(), scale: scale.into() }
    }

    /// Applies this scaling first, then `next`.
    pub fn then(self, next: Self) -> Self {
        Self { mean: self.mean + next.mean / self.scale, scale: self.scale * next.scale }
    }
}

/// Removes the steps that scale the whole input uniformly, and returns their combined scaling.
pub fn take(network: &mut Network) -> Scaling {
    let mut scaling = Scaling::NONE;
    while let Some((index, step)) = first_step(network) {
        let step_output = network.steps.remove(index).output;
        network.replace(step_output, network.input);
        scaling = scaling.then(step);
    }
    network.prune();
    scaling
}

/// Whether the network begins with a scaling, uniform or per channel.
pub fn is_within(network: &Network) -> bool {
    let first = network.steps.iter().find(|step| step.inputs.contains(&network.input));
    first.is_some_and(|step| (0..network.shape(network.input).len()).any(|axis| affine_along(network, step, axis).is_some()))
}

/// The only step that reads the input, if all it does is scale.
fn first_step(network: &Network) -> Option<(usize, Scaling)> {
    let index = network.steps.iter().position(|step| step.inputs.contains(&network.input))?;
    // A network that consists only of a scaling keeps its last step.
    if network.readers(network.input) != 1 || network.outputs.iter().any(|(_, output)| *output == network.steps[index].output) {
        return None;
    }
    let (_, affine) = affine_along(network, &network.steps[index], 1)?;
    let (scale, shift) = (*affine.scale.first()?, *affine.shift.first()?);
    let is_uniform = affine.scale.iter().all(|other| *other == scale) && affine.shift.iter().all(|other| *other == shift);
    let is_usable = scale != 0.0 && scale.is_finite() && shift.is_finite();
    let scaling = Scaling { mean: -f64::from(shift) / f64::from(scale), scale: scale.into() };
    (is_uniform && is_usable).then_some((index, scaling))
}
