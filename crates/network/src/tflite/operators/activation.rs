//! Elementwise functions, and activations fused into other operators.
use super::Call;
use crate::{
    Constant, ImportError,
    builder::Builder,
    network::{Unary, ValueId},
    tflite::layout,
};

/// Applies the activation fused into an operator to its result.
pub(super) fn fused(builder: &mut Builder, call: &Call, x: ValueId) -> Result<ValueId, ImportError> {
    let refused = match call.operator.options.activation {
        0 => return Ok(x),
        1 => return builder.unary(Unary::Relu, x),
        2 => return builder.clamp(x, -1.0, 1.0),
        3 => return builder.clamp(x, 0.0, 6.0),
        // The schema has these for recurrent networks. In other operators LiteRT ignores them silently, or rejects the file.
        4 => "TANH, which LiteRT ignores".into(),
        5 => "SIGN_BIT, which LiteRT ignores".into(),
        other => other.to_string(),
    };
    let expected = "expected NONE, RELU, RELU_N1_TO_1 or RELU6: export it as an operator of its own";
    Err(builder.error(format!("has the fused activation {refused}; {expected}")))
}

pub(super) fn logistic(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    builder.unary(Unary::Sigmoid, x)
}

pub(super) fn relu(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    builder.unary(Unary::Relu, x)
}

pub(super) fn relu6(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    builder.clamp(x, 0.0, 6.0)
}

pub(super) fn relu_n1_to_1(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    builder.clamp(x, -1.0, 1.0)
}

pub(super) fn tanh(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    builder.unary(Unary::Tanh, x)
}

pub(super) fn hard_swish(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    builder.hard_swish(x)
}

pub(super) fn leaky_relu(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let slope = builder.constant(Constant::floats([1], vec![call.operator.options.factor]));
    builder.prelu(x, slope)
}

/// The slopes have the input's shape without the batch, or one that broadcasts to it.
pub(super) fn prelu(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let (x, slopes) = (call.input(builder, 0)?, call.input(builder, 1)?);
    let rank = builder.rank(x);
    if builder.rank(slopes) > rank {
        return Err(builder.error(format!("has slopes of {} dimensions; its input has {rank}", builder.rank(slopes))));
    }
    let slopes = layout::with_rank(builder, slopes, rank)?;
    builder.prelu(x, slopes)
}

/// Along the last axis, of the input times `beta`.
pub(super) fn softmax(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let last = rank.checked_sub(1).ok_or_else(|| builder.error("has an input without dimensions"))?;
    let x = builder.scale_shift(x, call.operator.options.factor, 0.0)?;
    builder.softmax(x, layout::axis(last, rank))
}
