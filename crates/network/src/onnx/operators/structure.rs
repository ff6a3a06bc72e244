use std::sync::Arc;

use super::{
    super::{Call, format::element},
    Outputs,
};
use crate::{
    Constant,
    builder::Builder,
    constant::{Data, Sign},
};

pub(super) fn identity(builder: &mut Builder, call: &Call) -> Outputs {
    Ok(vec![call.input(builder, 0)?])
}

/// The same value: dropout acts in training only. The ratio, an attribute before opset 12 and an input since, says how the network
/// was trained. The second output, the mask, is not supported.
pub(super) fn dropout(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    if builder.known(x).is_some() {
        return Ok(vec![x]);
    }
    let ratio = call.number(builder, "ratio", 1)?.unwrap_or(0.5);
    Ok(vec![builder.dropout(x, ratio)?])
}

/// A constant from one of several attributes. Reading the file has already turned tensors into initializers.
pub(super) fn constant(builder: &mut Builder, call: &Call) -> Outputs {
    let node = call.node;
    let constant = if let Some(value) = node.attribute("value_float") {
        Constant::scalar(value.f)
    } else if let Some(value) = node.attribute("value_floats") {
        Constant::floats([value.floats.len()], value.floats.clone())
    } else if let Some(value) = node.attribute("value_int") {
        Constant::integers([], vec![value.i])
    } else if let Some(value) = node.attribute("value_ints") {
        Constant::integers([value.ints.len()], value.ints.clone())
    } else {
        let names: Vec<_> = node.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        return Err(builder.error(format!("has the attributes {names:?}; expected a tensor, floats or integers")));
    };
    Ok(vec![builder.constant(constant)])
}

/// A constant whose shape is input 0, filled with the single element of `value`, by default 0.0.
pub(super) fn constant_of_shape(builder: &mut Builder, call: &Call) -> Outputs {
    let sizes = call.constant(builder, 0)?.to_integers();
    let shape: Option<Vec<usize>> = sizes.iter().map(|size| usize::try_from(*size).ok()).collect();
    let shape =
        shape.ok_or_else(|| builder.error(format!("makes a constant of shape {sizes:?}; expected sizes of 0 or more")))?;
    builder.make_room(&shape)?;
    let count = shape.iter().product();
    let value = call.node.attribute("value").and_then(|value| value.t.clone());
    let value = value.map_or(Ok(Constant::scalar(0.0)), |value| value.into_constant())?;
    let filled = match (value.len(), &value.data) {
        (1, Data::Floats(values)) => Data::Floats(Arc::new(vec![values[0]; count])),
        (1, Data::Integers(values)) => Data::Integers(Arc::new(vec![values[0]; count])),
        (1, Data::Bytes(values, sign)) => Data::Bytes(Arc::new(vec![values[0]; count]), *sign),
        (elements, _) => return Err(builder.error(format!("has a value of {elements} elements; expected one"))),
    };
    Ok(vec![builder.constant(Constant { shape, data: filled })])
}

/// The sizes of a value from axis `start` to `end`, as a constant.
pub(super) fn shape(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let sizes: Vec<i64> = builder.shape(x).iter().map(|size| *size as i64).collect();
    let rank = sizes.len() as i64;
    let place = |name: &str, default: i64| {
        let axis = call.node.integer(name, default);
        (if axis < 0 { axis.saturating_add(rank) } else { axis }).clamp(0, rank) as usize
    };
    let (start, end) = (place("start", 0), place("end", rank));
    let sizes = sizes[start..end.max(start)].to_vec();
    Ok(vec![builder.constant(Constant::integers([sizes.len()], sizes))])
}

/// Converts constants. Computed values are 32-bit floats throughout, so a cast to any float type does nothing.
pub(super) fn cast(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let to = i32::try_from(call.node.integer("to", 0)).unwrap_or(0);
    let Some(constant) = builder.known(x).cloned() else {
        return match to {
            element::FLOAT | element::FLOAT16 | element::DOUBLE | element::BFLOAT16 => Ok(vec![x]),
            _ => Err(builder.error(format!(
                "casts values that are only known when the network runs to element type {to}; expected floats, so export the network \
                 without this cast"
            ))),
        };
    };
    builder.make_room(&constant.shape)?;
    let rounded = |round: fn(f32) -> f32| Data::Floats(Arc::new(constant.to_floats().into_iter().map(round).collect()));
    let integers = |cast: fn(i64) -> i64| Data::Integers(Arc::new(constant.to_integers().into_iter().map(cast).collect()));
    let bytes = |sign: Sign| Data::Bytes(Arc::new(constant.to_integers().into_iter().map(|value| value as u8).collect()), sign);
    let data = match (to, &constant.data) {
        (element::FLOAT | element::DOUBLE, Data::Floats(_)) | (element::INT64, Data::Integers(_)) => return Ok(vec![x]),
        (element::FLOAT | element::DOUBLE, _) => Data::Floats(Arc::new(constant.to_floats())),
        (element::FLOAT16, _) => rounded(|value| half::f16::from_f32(value).to_f32()),
        (element::BFLOAT16, _) => rounded(|value| half::bf16::from_f32(value).to_f32()),
        (element::INT64, _) => integers(|value| value),
        (element::INT32, _) => integers(|value| i64::from(value as i32)),
        // Not through integers: 0.5 is true.
        (element::BOOL, Data::Floats(values)) => {
            Data::Integers(Arc::new(values.iter().map(|v| i64::from(*v != 0.0)).collect()))
        }
        (element::BOOL, _) => integers(|value| i64::from(value != 0)),
        (element::INT8, _) => bytes(Sign::Signed),
        (element::UINT8, _) => bytes(Sign::Unsigned),
        _ => return Err(builder.error(format!("casts to element type {to}; expected floats, integers or booleans"))),
    };
    Ok(vec![builder.constant(Constant { shape: constant.shape.clone(), data })])
}

/// The numbers from a start up to a limit, in steps. All three are constants.
pub(super) fn range(builder: &mut Builder, call: &Call) -> Outputs {
    let [start, limit, step] = [call.constant(builder, 0)?, call.constant(builder, 1)?, call.constant(builder, 2)?];
    if [&start, &limit, &step].iter().any(|constant| constant.len() != 1) {
        return Err(builder.error("counts with several numbers; expected one start, one limit and one step"));
    }
    let [first, last, by] = [&start, &limit, &step].map(|constant| match constant.as_integers() {
        Some(integers) => integers[0] as f64,
        None => f64::from(constant.to_floats()[0]),
    });
    let count = ((last - first) / by).ceil();
    if !count.is_finite() {
        return Err(builder.error(format!("counts from {first} to {last} in steps of {by}, which has no end")));
    }
    let count = count.max(0.0) as usize;
    builder.make_room(&[count])?;
    let constant = match (start.as_integers(), step.as_integers()) {
        (Some(start), Some(step)) => {
            let numbers = (0..count as i64).map(|index| start[0].wrapping_add(step[0].wrapping_mul(index)));
            Constant::integers([count], numbers.collect())
        }
        _ => Constant::floats([count], (0..count).map(|index| (first + by * index as f64) as f32).collect()),
    };
    Ok(vec![builder.constant(constant)])
}
