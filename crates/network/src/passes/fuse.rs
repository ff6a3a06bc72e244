use crate::{
    Network,
    network::{Convolution, Epilogue, Op, Unary},
    passes::fold::affine_along,
};

/// Fuses activations, and the scales and shifts after them, into the epilogue of the preceding convolution: one pass over its
/// output instead of several, and on a GPU one dispatch.
pub(super) fn into_convolutions(network: &mut Network) {
    let mut index = 0;
    while index < network.steps.len() {
        match fused(network, index) {
            Some((before, epilogue)) => {
                let output = network.steps[index].output;
                let Op::Convolution(convolution) = &mut network.steps[before].op else { unreachable!("`fused` has seen one") };
                convolution.epilogue = epilogue;
                network.steps[before].output = output;
                network.steps.remove(index);
            }
            None => index += 1,
        }
    }
}

/// The convolution before the step at `index`, and its epilogue with this step fused in.
fn fused(network: &Network, index: usize) -> Option<(usize, Vec<Epilogue>)> {
    let step = &network.steps[index];
    let before =
        step.inputs.iter().find_map(|input| network.producer(*input).filter(|before| is_convolution(network, *before)))?;
    let (Op::Convolution(convolution), output) = (&network.steps[before].op, network.steps[before].output) else { return None };
    if network.readers(output) != 1 {
        return None;
    }
    let epilogue = match &step.op {
        Op::Unary(Unary::Relu) => with_slopes(convolution, &[0.0])?,
        Op::PRelu { slopes } => with_slopes(convolution, slopes)?,
        _ => {
            let (x, affine) = affine_along(network, step, 1)?;
            if x != output {
                return None;
            }
            let channels = convolution.epilogue.iter().zip(affine.scale.iter().zip(&affine.shift));
            let scaled = channels.map(|(epilogue, (scale, shift))| Epilogue {
                bias: epilogue.bias,
                above: epilogue.above * scale,
                below: epilogue.below * scale,
                shift: epilogue.shift * scale + shift,
            });
            scaled.collect()
        }
    };
    epilogue
        .iter()
        .all(|e| [e.bias, e.above, e.below, e.shift].iter().all(|value| value.is_finite()))
        .then_some((before, epilogue))
}

fn is_convolution(network: &Network, step: usize) -> bool {
    matches!(network.steps[step].op, Op::Convolution(_))
}

/// One slope per channel, or one for all; applies only to sums with nothing but a bias added.
fn with_slopes(convolution: &Convolution, slopes: &[f32]) -> Option<Vec<Epilogue>> {
    let is_plain = convolution.epilogue.iter().all(Epilogue::is_bias);
    let fits = is_plain && (slopes.len() == 1 || slopes.len() == convolution.channels[1]);
    let channels = convolution.epilogue.iter().zip(slopes.iter().cycle());
    fits.then(|| channels.map(|(epilogue, slope)| Epilogue { below: *slope, ..*epilogue }).collect())
}
