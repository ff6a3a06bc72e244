use super::{super::Call, Outputs};
use crate::{
    Constant,
    builder::Builder,
    network::{Binary, Reduction, Unary},
};

/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta` for each channel, all of them constants. A node in training mode computes
/// mean and variance itself; it has more outputs, or sets `training_mode`.
pub(super) fn batch_normalization(builder: &mut Builder, call: &Call) -> Outputs {
    let is_training =
        call.node.integer("training_mode", 0) != 0 || call.node.outputs.iter().skip(1).any(|name| !name.is_empty());
    if is_training {
        return Err(builder.error("is in training mode; export the network for inference (`model.eval()`)"));
    }
    let x = call.input(builder, 0)?;
    let [gamma, beta, mean, variance] =
        [call.constant(builder, 1)?, call.constant(builder, 2)?, call.constant(builder, 3)?, call.constant(builder, 4)?];
    let shape = gamma.shape.clone();
    if [&beta, &mean, &variance].iter().any(|other| other.shape != shape) {
        return Err(builder.error(format!(
            "has parameters of shapes {shape:?}, {:?}, {:?} and {:?}; expected four of the same",
            beta.shape, mean.shape, variance.shape
        )));
    }
    let epsilon = f64::from(call.node.float("epsilon", 1e-5));
    let [gamma, beta, mean, variance] = [gamma, beta, mean, variance].map(Constant::into_floats);
    let (mut scale, mut shift) = (Vec::with_capacity(gamma.len()), Vec::with_capacity(gamma.len()));
    for (channel, gamma) in gamma.into_iter().enumerate() {
        let factor = f64::from(gamma) / (f64::from(variance[channel]) + epsilon).sqrt();
        let offset = f64::from(beta[channel]) - f64::from(mean[channel]) * factor;
        if !(factor.is_finite() && offset.is_finite()) {
            return Err(builder.error(format!(
                "has variance {} and epsilon {epsilon} in channel {channel}, which cannot be divided by; the file is damaged",
                variance[channel]
            )));
        }
        scale.push(factor as f32);
        shift.push(offset as f32);
    }
    if shape.len() == 1 {
        return Ok(vec![builder.affine(x, scale, shift)?]);
    }
    // Opsets 7 and 8 allow `spatial` = 0, with parameters for each position.
    let (scale, shift) =
        (builder.constant(Constant::floats(shape.clone(), scale)), builder.constant(Constant::floats(shape, shift)));
    let scaled = builder.binary(Binary::Mul, x, scale)?;
    Ok(vec![builder.binary(Binary::Add, scaled, shift)?])
}

/// Standardises each channel by its mean and variance, then scales and shifts it.
pub(super) fn instance_normalization(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let (scale, shift) = (call.constant(builder, 1)?, call.constant(builder, 2)?);
    let rank = builder.rank(x);
    if rank < 3 {
        return Err(builder.error(format!("has an input of {rank} dimensions; expected 3 or more")));
    }
    let axes: Vec<usize> = (2..rank).collect();
    let standard = builder.standardise(x, &axes, call.node.float("epsilon", 1e-5))?;
    Ok(vec![builder.affine(standard, scale.to_floats(), shift.to_floats())?])
}

/// Standardises all axes from `axis` on together, then scales and shifts them by values that broadcast.
pub(super) fn layer_normalization(builder: &mut Builder, call: &Call) -> Outputs {
    let (x, scale) = (call.input(builder, 0)?, call.input(builder, 1)?);
    let rank = builder.rank(x);
    let axis = builder.axis(call.node.integer("axis", -1), rank)?;
    let axes: Vec<usize> = (axis..rank).collect();
    let standard = builder.standardise(x, &axes, call.node.float("epsilon", 1e-5))?;
    let scaled = builder.binary(Binary::Mul, standard, scale)?;
    match call.optional(2) {
        Some(shift) => Ok(vec![builder.binary(Binary::Add, scaled, shift)?]),
        None => Ok(vec![scaled]),
    }
}

/// Divides by the length along an axis: the sum of magnitudes (`p` = 1), or the root of the sum of squares (`p` = 2).
pub(super) fn lp_normalization(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let axis = builder.axis(call.node.integer("axis", -1), builder.rank(x))?;
    let length = match call.node.integer("p", 2) {
        1 => {
            let magnitudes = builder.unary(Unary::Abs, x)?;
            builder.reduce(Reduction::Sum, magnitudes, &[axis])?
        }
        2 => {
            let squares = builder.binary(Binary::Mul, x, x)?;
            let sum = builder.reduce(Reduction::Sum, squares, &[axis])?;
            builder.unary(Unary::Sqrt, sum)?
        }
        p => return Err(builder.error(format!("has p {p}; expected 1 or 2"))),
    };
    // A vector of zeros stays zero, as in onnxruntime.
    let length = builder.clamp(length, f32::MIN_POSITIVE, f32::INFINITY)?;
    Ok(vec![builder.binary(Binary::Div, x, length)?])
}
