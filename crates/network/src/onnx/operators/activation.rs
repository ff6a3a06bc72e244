use super::{super::Call, Outputs};
use crate::{
    ImportError,
    builder::Builder,
    network::{Binary, Unary, ValueId},
};

/// `x` where it is positive, `slope * x` elsewhere. Slopes broadcast like any operand, so a plain list applies to the last axis.
pub(super) fn prelu(builder: &mut Builder, call: &Call) -> Outputs {
    let (x, slopes) = (call.input(builder, 0)?, call.input(builder, 1)?);
    Ok(vec![builder.prelu(x, slopes)?])
}

/// `PRelu` with a single slope, `alpha`.
pub(super) fn leaky_relu(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let slope = builder.scalar(call.node.float("alpha", 0.01));
    Ok(vec![builder.prelu(x, slope)?])
}

/// `x` where it is positive, `alpha * (e^x - 1)` elsewhere.
pub(super) fn elu(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let alpha = call.node.float("alpha", 1.0);
    let positive = builder.unary(Unary::Relu, x)?;
    // Clamped first: `e^x` overflows for large x.
    let negative = builder.clamp(x, f32::NEG_INFINITY, 0.0)?;
    let power = builder.unary(Unary::Exp, negative)?;
    let negative = builder.scale_shift(power, alpha, -alpha)?;
    Ok(vec![builder.binary(Binary::Add, positive, negative)?])
}

pub(super) fn hard_sigmoid(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let (alpha, beta) = (call.node.float("alpha", 0.2), call.node.float("beta", 0.5));
    Ok(vec![builder.hard_sigmoid(x, alpha, beta)?])
}

pub(super) fn hard_swish(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    Ok(vec![builder.hard_swish(x)?])
}

pub(super) fn gelu(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let approximate = match call.node.string("approximate", "none") {
        "none" => false,
        "tanh" => true,
        other => return Err(builder.error(format!("has approximate `{other}`; expected `none` or `tanh`"))),
    };
    Ok(vec![builder.gelu(x, approximate)?])
}

pub(super) fn softplus(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    Ok(vec![log_of_one_plus_exp(builder, x)?])
}

/// `x * tanh(softplus(x))`.
pub(super) fn mish(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let softplus = log_of_one_plus_exp(builder, x)?;
    let gate = builder.unary(Unary::Tanh, softplus)?;
    Ok(vec![builder.binary(Binary::Mul, x, gate)?])
}

/// `log(1 + e^x)`, computed as `max(x, 0) + log(1 + e^-|x|)` because `e^x` overflows for large x.
fn log_of_one_plus_exp(builder: &mut Builder, x: ValueId) -> Result<ValueId, ImportError> {
    let positive = builder.unary(Unary::Relu, x)?;
    let distance = builder.unary(Unary::Abs, x)?;
    let distance = builder.unary(Unary::Neg, distance)?;
    let power = builder.unary(Unary::Exp, distance)?;
    let sum = builder.scale_shift(power, 1.0, 1.0)?;
    let rest = builder.unary(Unary::Log, sum)?;
    builder.binary(Binary::Add, positive, rest)
}

/// Limits are attributes before opset 11 and inputs since.
pub(super) fn clip(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    if builder.known(x).is_some_and(|constant| constant.as_floats().is_none()) {
        // Integer constants are shapes; their limits are integers too.
        let mut clipped = x;
        for (index, op) in [(1, Binary::Max), (2, Binary::Min)] {
            if let Some(limit) = call.optional(index) {
                clipped = builder.binary(op, clipped, limit)?;
            }
        }
        return Ok(vec![clipped]);
    }
    // Old exporters write the largest float to mean no limit.
    let min = call.number(builder, "min", 1)?.filter(|min| *min > f32::MIN).unwrap_or(f32::NEG_INFINITY);
    let max = call.number(builder, "max", 2)?.filter(|max| *max < f32::MAX).unwrap_or(f32::INFINITY);
    Ok(vec![builder.clamp(x, min, max)?])
}

/// Along `axis`. Before opset 13, `axis` and all axes after it are flattened into one first.
pub(super) fn softmax(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let shape = builder.shape(x).to_vec();
    let is_flattened = call.opset < 13;
    let axis = builder.axis(call.node.integer("axis", if is_flattened { 1 } else { -1 }), shape.len())?;
    let inner: usize = shape[axis + 1..].iter().product();
    if !is_flattened || inner == 1 {
        return Ok(vec![builder.softmax(x, axis)?]);
    }
    let flat = builder.reshape(x, &[shape[..axis].iter().product(), shape[axis] * inner])?;
    let result = builder.softmax(flat, 1)?;
    Ok(vec![builder.reshape(result, &shape)?])
}
