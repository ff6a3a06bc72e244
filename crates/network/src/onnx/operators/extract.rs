use super::{super::Call, Outputs};
use crate::{ImportError, builder::Builder, network::ValueId};

/// From `starts` to `ends` along `axes`, in `steps`: attributes before opset 10, inputs since. Negative positions count from the
/// end; positions outside the input are clamped to it.
pub(super) fn slice(builder: &mut Builder, call: &Call) -> Outputs {
    let mut x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let list = |name: &str, index: usize| call.integers(builder, name, index);
    let (starts, ends) = (list("starts", 1)?.unwrap_or_default(), list("ends", 2)?.unwrap_or_default());
    let axes = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = list("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [&ends, &axes, &steps].iter().any(|list| list.len() != starts.len()) {
        return Err(builder.error(format!(
            "has {} starts, {} ends, {} axes and {} steps; expected as many of each",
            starts.len(),
            ends.len(),
            axes.len(),
            steps.len()
        )));
    }
    for (((start, end), axis), step) in starts.into_iter().zip(ends).zip(axes).zip(steps) {
        let axis = builder.axis(axis, rank)?;
        x = slice_axis(builder, x, axis, [start, end], step)?;
    }
    Ok(vec![x])
}

fn slice_axis(
    builder: &mut Builder,
    x: ValueId,
    axis: usize,
    [start, end]: [i64; 2],
    step: i64,
) -> Result<ValueId, ImportError> {
    let size = builder.shape(x)[axis] as i64;
    let from_start = |place: i64| if place < 0 { place.saturating_add(size) } else { place };
    let (start, end) = (from_start(start), from_start(end));
    if step == 1 {
        let start = start.clamp(0, size);
        let length = (end.clamp(0, size) - start).max(0);
        return builder.slice(x, axis, start as usize, length as usize);
    }
    // With a negative step, an end of -1 includes the first value.
    let places: Vec<usize> = match step {
        1.. => (start.clamp(0, size)..end.clamp(0, size)).step_by(step as usize).map(|place| place as usize).collect(),
        0 => return Err(builder.error("has a step of 0; expected 1 or more, or a negative one")),
        _ => {
            let (first, last) = (start.max(0).min(size - 1), end.clamp(-1, size - 1));
            let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
            (last + 1..=first).rev().step_by(step).map(|place| place as usize).collect()
        }
    };
    builder.select(x, axis, &places)
}

/// Splits an axis into parts. Their sizes are an attribute before opset 13 and an input since. Without sizes the parts are equal;
/// since opset 18 the last one may be smaller.
pub(super) fn split(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let axis = builder.axis(call.node.integer("axis", 0), builder.rank(x))?;
    let (size, parts) = (builder.shape(x)[axis], call.node.outputs.len());
    let sizes = match call.integers(builder, "split", 1)? {
        Some(sizes) => sizes.into_iter().map(|size| usize::try_from(size).unwrap_or(usize::MAX)).collect(),
        None => {
            let each = size.div_ceil(parts.max(1));
            (0..parts).map(|part| size.saturating_sub(part * each).min(each)).collect::<Vec<_>>()
        }
    };
    let sum = sizes.iter().fold(0_usize, |sum, size| sum.saturating_add(*size));
    if sizes.len() != parts || sum != size || sizes.contains(&0) {
        return Err(builder
            .error(format!("splits axis {axis} of length {size} into {parts} parts of sizes {sizes:?}, which do not fit")));
    }
    let mut start = 0;
    let mut values = Vec::with_capacity(parts);
    for size in sizes {
        values.push(builder.slice(x, axis, start, size)?);
        start += size;
    }
    Ok(values)
}

/// The values at `indices` along an axis. The shape of `indices` replaces the axis, so a single number removes it.
pub(super) fn gather(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let axis = builder.axis(call.node.integer("axis", 0), builder.rank(x))?;
    let indices = call.constant(builder, 1)?;
    let Some(numbers) = indices.as_integers() else { return Err(builder.error("has indices that are not integers")) };
    let shape = builder.shape(x).to_vec();
    let size = shape[axis] as i64;
    let place = |index: &i64| {
        let place = if *index < 0 { index.saturating_add(size) } else { *index };
        (0..size).contains(&place).then_some(place as usize)
    };
    let places: Option<Vec<usize>> = numbers.iter().map(place).collect();
    let places = places.ok_or_else(|| {
        builder.error(format!(
            "takes places {:?} along axis {axis} of an input of shape {shape:?}",
            &numbers[..numbers.len().min(8)]
        ))
    })?;
    let selected = builder.select(x, axis, &places)?;
    let gathered: Vec<usize> = shape[..axis].iter().chain(&indices.shape).chain(&shape[axis + 1..]).copied().collect();
    Ok(vec![builder.reshape(selected, &gathered)?])
}
