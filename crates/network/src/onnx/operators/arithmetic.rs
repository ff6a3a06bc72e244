use super::{super::Call, Outputs};
use crate::{
    Constant, ImportError,
    builder::Builder,
    network::{Binary, Unary, ValueId},
};

pub(super) fn unary(builder: &mut Builder, call: &Call, op: Unary) -> Outputs {
    let x = call.input(builder, 0)?;
    Ok(vec![builder.unary(op, x)?])
}

pub(super) fn binary(builder: &mut Builder, call: &Call, op: Binary) -> Outputs {
    let (a, b) = (call.input(builder, 0)?, call.input(builder, 1)?);
    Ok(vec![builder.binary(op, a, b)?])
}

pub(super) fn pow(builder: &mut Builder, call: &Call) -> Outputs {
    let (x, exponent) = (call.input(builder, 0)?, call.input(builder, 1)?);
    Ok(vec![builder.power(x, exponent)?])
}

/// `Max`, `Min` and `Sum` take one or more values, which broadcast.
pub(super) fn variadic(builder: &mut Builder, call: &Call, op: Binary) -> Outputs {
    Ok(vec![all(builder, call, op)?])
}

/// The sum of one or more values, divided by their number.
pub(super) fn mean(builder: &mut Builder, call: &Call) -> Outputs {
    let sum = all(builder, call, Binary::Add)?;
    let count = call.inputs().count();
    Ok(vec![builder.scale_shift(sum, 1.0 / count as f32, 0.0)?])
}

fn all(builder: &mut Builder, call: &Call, op: Binary) -> Result<ValueId, ImportError> {
    let first = call.input(builder, 0)?;
    call.inputs().skip(1).try_fold(first, |result, next| builder.binary(op, result, next))
}

/// `Floor` and `Ceil` of constants. Exporters compute shapes with them; engines do not round.
pub(super) fn round(builder: &mut Builder, call: &Call, rounded: fn(f32) -> f32) -> Outputs {
    let constant = call.constant(builder, 0)?;
    let Some(values) = constant.as_floats() else {
        return Err(builder.error("rounds integers; expected floats"));
    };
    builder.make_room(&constant.shape)?;
    let values = values.iter().map(|value| rounded(*value)).collect();
    Ok(vec![builder.constant(Constant::floats(constant.shape.clone(), values))])
}
