//! The scaling of the pixels, taken out of a network: what its first steps do to every value alike, whoever gives it the pixels can
//! do on the way.
use crate::{Network, passes::fold::affine_along};

/// What becomes of each value v: `(v - mean) * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Subtracted first.
    pub mean: f64,
    /// Multiplied then.
    pub scale: f64,
}

impl Scaling {
    /// Nothing.
    pub const NONE: Self = Self { mean: 0.0, scale: 1.0 };

    /// What follows after a subtraction of this mean and a multiplication by this scale.
    pub fn of(mean: f32, scale: f32) -> Self {
        Self { mean: mean.into(), scale: scale.into() }
    }

    /// This one first, then `next`.
    pub fn then(self, next: Self) -> Self {
        Self { mean: self.mean + next.mean / self.scale, scale: self.scale * next.scale }
    }
}

/// Removes the steps that scale the whole input alike, and returns what they did.
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

/// Whether the network begins with a scaling, be it another one for each channel.
pub fn is_within(network: &Network) -> bool {
    let first = network.steps.iter().find(|step| step.inputs.contains(&network.input));
    first.is_some_and(|step| (0..network.shape(network.input).len()).any(|axis| affine_along(network, step, axis).is_some()))
}

/// The step that is the only one to read the input, where all it does is to scale.
fn first_step(network: &Network) -> Option<(usize, Scaling)> {
    let index = network.steps.iter().position(|step| step.inputs.contains(&network.input))?;
    // A network that is nothing but a scaling keeps its last step.
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
