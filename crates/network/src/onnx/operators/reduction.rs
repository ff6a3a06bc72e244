use super::{super::Call, Outputs};
use crate::{
    ImportError,
    builder::Builder,
    network::{Binary, Reduction, Unary, ValueId},
};

/// A function of each value before the reduction, and of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    Nothing,
    Absolute,
    Square,
    SquareAndRoot,
}

/// Axes are an attribute before opset 18 (`ReduceSum`: 13) and an input since. An empty list means all axes, or none with
/// `noop_with_empty_axes`. Then `ReduceL2` still computes the magnitude of each value, as in onnxruntime.
pub(super) fn reduce(builder: &mut Builder, call: &Call, kind: Reduction, applied: Applied) -> Outputs {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let listed = call.integers(builder, "axes", 1)?.unwrap_or_default();
    let axes: Vec<usize> = match listed.as_slice() {
        [] if call.node.integer("noop_with_empty_axes", 0) != 0 => vec![],
        [] => (0..rank).collect(),
        some => some.iter().map(|axis| builder.axis(*axis, rank)).collect::<Result<_, _>>()?,
    };
    let reduced = apply_and_reduce(builder, x, kind, applied, &axes)?;
    if call.node.integer("keepdims", 1) != 0 {
        return Ok(vec![reduced]);
    }
    let shape = builder.shape(reduced).iter().enumerate();
    let kept: Vec<usize> = shape.filter(|(axis, _)| !axes.contains(axis)).map(|(_, size)| *size).collect();
    Ok(vec![builder.reshape(reduced, &kept)?])
}

fn apply_and_reduce(
    builder: &mut Builder,
    x: ValueId,
    kind: Reduction,
    applied: Applied,
    axes: &[usize],
) -> Result<ValueId, ImportError> {
    let values = match applied {
        Applied::Nothing => x,
        Applied::Absolute => builder.unary(Unary::Abs, x)?,
        Applied::Square | Applied::SquareAndRoot => builder.binary(Binary::Mul, x, x)?,
    };
    let reduced = builder.reduce(kind, values, axes)?;
    match applied {
        Applied::SquareAndRoot => builder.unary(Unary::Sqrt, reduced),
        _ => Ok(reduced),
    }
}
