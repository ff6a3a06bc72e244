use super::{super::Call, Outputs};
use crate::{Constant, ImportError, builder::Builder, network::ValueId};

/// Pads with a constant, or with values of the input. Negative padding removes values. The amounts are an attribute before opset 11
/// and an input since; since opset 18 they may apply to some `axes` only.
pub(super) fn pad(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let pads = amounts(builder, call, x)?;
    let cut = crop(builder, x, &pads)?;
    let added: Vec<[usize; 2]> = pads.iter().map(|pair| pair.map(|amount| usize::try_from(amount).unwrap_or(0))).collect();
    let place: fn(i64, i64) -> i64 = match call.node.string("mode", "constant") {
        "constant" => {
            let value = call.number(builder, "value", 2)?.unwrap_or(0.0);
            return Ok(vec![builder.pad(cut, &added, value)?]);
        }
        "edge" => |place, size| place.clamp(0, size - 1),
        // The border is not repeated: 2 1 | 0 1 2 | 1 0.
        "reflect" => |place, size| {
            let period = (2 * (size - 1)).max(1);
            let place = place.rem_euclid(period);
            place.min(period - place).min(size - 1)
        },
        "wrap" => |place, size| place.rem_euclid(size),
        other => return Err(builder.error(format!("has mode `{other}`; expected constant, edge, reflect or wrap"))),
    };
    if builder.shape(cut).contains(&0) {
        return Err(builder.error("pads a value without elements; expected some to repeat"));
    }
    let mut padded = cut;
    for (axis, [before, behind]) in added.into_iter().enumerate().filter(|(_, pair)| *pair != [0, 0]) {
        let mut shape = builder.shape(padded).to_vec();
        let size = shape[axis];
        shape[axis] = size.saturating_add(before).saturating_add(behind);
        builder.check_size(&shape)?;
        let places = (0..shape[axis]).map(|index| place(index as i64 - before as i64, size as i64) as usize);
        padded = builder.select(padded, axis, &places.collect::<Vec<_>>())?;
    }
    Ok(vec![padded])
}

/// How many values to add before and after along each axis; negative amounts remove values. Files list all amounts before, then all
/// amounts after.
fn amounts(builder: &Builder, call: &Call, x: ValueId) -> Result<Vec<[i64; 2]>, ImportError> {
    let rank = builder.rank(x);
    let pads = call.integers(builder, "pads", 1)?.ok_or_else(|| builder.error("has no pads"))?;
    let axes: Vec<usize> = match call.optional_constant(builder, 3)?.as_ref().map(Constant::to_integers) {
        Some(axes) => axes.iter().map(|axis| builder.axis(*axis, rank)).collect::<Result<_, _>>()?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(builder.error(format!("has {} pads for {} axes; expected two for each", pads.len(), axes.len())));
    }
    let mut amounts = vec![[0; 2]; rank];
    for (index, axis) in axes.iter().enumerate() {
        amounts[*axis] = [pads[index], pads[axes.len() + index]];
    }
    Ok(amounts)
}

/// Removes values where padding is negative.
fn crop(builder: &mut Builder, x: ValueId, pads: &[[i64; 2]]) -> Result<ValueId, ImportError> {
    let mut cropped = x;
    for (axis, pair) in pads.iter().enumerate().filter(|(_, pair)| pair.iter().any(|amount| *amount < 0)) {
        let size = builder.shape(cropped)[axis];
        let [before, behind] = pair.map(|amount| usize::try_from(amount.min(0).unsigned_abs()).unwrap_or(usize::MAX));
        let left = size.checked_sub(before).and_then(|left| left.checked_sub(behind)).filter(|left| *left > 0);
        let left =
            left.ok_or_else(|| builder.error(format!("removes {before} and {behind} of the {size} values along axis {axis}")))?;
        cropped = builder.slice(cropped, axis, before, left)?;
    }
    Ok(cropped)
}
