//! Operators on two values and over axes; dequantisation of weights.
use super::{Call, activation::fused};
use crate::{
    ImportError,
    builder::Builder,
    constant::Data,
    network::{Binary, Reduction, Unary, ValueId},
    tflite::layout,
};

pub(super) fn add(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    binary(builder, call, Binary::Add)
}

pub(super) fn sub(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    binary(builder, call, Binary::Sub)
}

pub(super) fn mul(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    binary(builder, call, Binary::Mul)
}

pub(super) fn div(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    binary(builder, call, Binary::Div)
}

pub(super) fn maximum(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    binary(builder, call, Binary::Max)
}

pub(super) fn minimum(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    binary(builder, call, Binary::Min)
}

pub(super) fn mean(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    reduce(builder, call, Reduction::Mean)
}

pub(super) fn sum(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    reduce(builder, call, Reduction::Sum)
}

/// Scales to length 1 along the last axis.
pub(super) fn l2_normalization(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    /// The smallest divisor in LiteRT.
    const EPSILON: f32 = 1e-6;
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let last = rank.checked_sub(1).ok_or_else(|| builder.error("has an input without dimensions"))?;
    let squares = builder.binary(Binary::Mul, x, x)?;
    let sum = builder.reduce(Reduction::Sum, squares, &[layout::axis(last, rank)])?;
    let length = builder.unary(Unary::Sqrt, sum)?;
    let length = builder.clamp(length, EPSILON, f32::INFINITY)?;
    let result = builder.binary(Binary::Div, x, length)?;
    fused(builder, call, result)
}

/// Half floats were already converted to floats on reading.
pub(super) fn dequantize(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let Some(constant) = builder.known(x).filter(|constant| matches!(constant.data, Data::Bytes(..))) else { return Ok(x) };
    let tensor = call.tensor(0).ok_or_else(|| builder.error("has no input"))?;
    let Some(quantisation) = &tensor.quantisation else {
        return Err(builder.error(format!("reads `{}`, which has no scale; expected quantised values", tensor.name)));
    };
    let axis = usize::try_from(quantisation.axis).ok().map(|axis| layout::axis(axis, constant.shape.len()));
    let floats = quantisation.floats(constant, axis).ok_or_else(|| {
        let (scales, zero_points) = (quantisation.scales.len(), quantisation.zero_points.len());
        let shape = layout::shape(&constant.shape);
        builder.error(format!(
            "reads values of shape {shape:?} with {scales} scales and {zero_points} zero points along axis {}; \
             expected one of each, or as many as the axis is long",
            quantisation.axis
        ))
    })?;
    Ok(builder.constant(floats))
}

/// Elementwise on two values, with broadcasting.
fn binary(builder: &mut Builder, call: &Call, op: Binary) -> Result<ValueId, ImportError> {
    let (a, b) = (call.input(builder, 0)?, call.input(builder, 1)?);
    let rank = builder.rank(a).max(builder.rank(b));
    let (a, b) = (layout::with_rank(builder, a, rank)?, layout::with_rank(builder, b, rank)?);
    let result = builder.binary(op, a, b)?;
    fused(builder, call, result)
}

/// Reduces over the axes the second input lists.
fn reduce(builder: &mut Builder, call: &Call, kind: Reduction) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let axes = call.integers(builder, 1)?;
    let axes = axes.into_iter().map(|axis| builder.axis(axis, rank)).collect::<Result<Vec<_>, _>>()?;
    let kept_axes: Vec<usize> = axes.iter().map(|axis| layout::axis(*axis, rank)).collect();
    let result = builder.reduce(kind, x, &kept_axes)?;
    if call.operator.options.keeps_axes {
        return Ok(result);
    }
    let result = layout::in_file_order(builder, result)?;
    let sizes = builder.shape(result).iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
    let shape: Vec<usize> = sizes.map(|(_, size)| *size).collect();
    let result = builder.reshape(result, &shape)?;
    layout::keep(builder, result)
}
