//! Operators that only move values.
use super::{Call, activation::fused};
use crate::{ImportError, builder::Builder, network::ValueId, tflite::layout};

pub(super) fn concatenation(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let values: Vec<ValueId> = call.inputs().collect();
    let rank = values.first().map_or(0, |value| builder.rank(*value));
    let axis = builder.axis(call.operator.options.axis.into(), rank)?;
    let joined = builder.concat(&values, layout::axis(axis, rank))?;
    fused(builder, call, joined)
}

/// Pads with zeros; the second input has a pair for each axis.
pub(super) fn pad(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let given = call.integers(builder, 1)?;
    let sizes: Option<Vec<usize>> = given.iter().map(|size| usize::try_from(*size).ok()).collect();
    let pairs =
        sizes.as_ref().map(|sizes| sizes.as_chunks::<2>()).filter(|(pairs, rest)| pairs.len() == rank && rest.is_empty());
    let (pairs, _) = pairs.ok_or_else(|| builder.error(format!("pads by {given:?}; expected {rank} pairs of 0 or more")))?;
    let mut padding = vec![[0; 2]; rank];
    for (axis, pair) in pairs.iter().enumerate() {
        padding[layout::axis(axis, rank)] = *pair;
    }
    builder.pad(x, &padding, 0.0)
}

/// The shape is the second input or, in older files, an option.
pub(super) fn reshape(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let target = match (call.optional(1), &call.operator.options.sizes) {
        (Some(_), _) => call.integers(builder, 1)?,
        (None, Some(sizes)) => sizes.iter().map(|size| i64::from(*size)).collect(),
        (None, None) => return Err(builder.error("has no shape; expected a second input or an option")),
    };
    let x = layout::in_file_order(builder, x)?;
    let shape = builder.shape_of(x, &target, true)?;
    let x = builder.reshape(x, &shape)?;
    layout::keep(builder, x)
}

/// Removes the listed axes, or all axes of length 1 if none is listed.
pub(super) fn squeeze(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let x = layout::in_file_order(builder, x)?;
    let rank = builder.rank(x);
    let listed = call.operator.options.sizes.clone().unwrap_or_default();
    let axes = listed.iter().map(|axis| builder.axis((*axis).into(), rank)).collect::<Result<Vec<_>, _>>()?;
    let is_kept = |axis: usize, size: usize| if axes.is_empty() { size != 1 } else { !axes.contains(&axis) };
    let sizes = builder.shape(x).iter().enumerate().filter(|(axis, size)| is_kept(*axis, **size));
    let shape: Vec<usize> = sizes.map(|(_, size)| *size).collect();
    let x = builder.reshape(x, &shape)?;
    layout::keep(builder, x)
}

pub(super) fn transpose(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let given = call.integers(builder, 1)?;
    let permutation = given.iter().map(|axis| builder.axis(*axis, rank)).collect::<Result<Vec<_>, _>>()?;
    builder.transpose(x, &layout::permutation(&permutation))
}
