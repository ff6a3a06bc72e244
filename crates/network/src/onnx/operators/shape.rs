use super::{super::Call, Outputs};
use crate::builder::Builder;

/// In the new shape, 0 copies the old size (unless `allowzero`), and -1 is the remaining size.
pub(super) fn reshape(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let target = call.integers(builder, "shape", 1)?.ok_or_else(|| builder.error("has no shape"))?;
    let shape = builder.shape_of(x, &target, call.node.integer("allowzero", 0) != 0)?;
    Ok(vec![builder.reshape(x, &shape)?])
}

/// Two dimensions: the product of the axes before `axis`, and of the rest.
pub(super) fn flatten(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let axis = match call.node.integer("axis", 1) {
        // One past the last axis is allowed; then the second dimension is 1.
        axis if usize::try_from(axis) == Ok(rank) => rank,
        axis => builder.axis(axis, rank)?,
    };
    let (first, rest) = builder.shape(x).split_at(axis);
    let shape = [first.iter().product(), rest.iter().product()];
    Ok(vec![builder.reshape(x, &shape)?])
}

/// Removes axes of length 1: the listed ones, or all. The list is an attribute before opset 13 and an input since.
pub(super) fn squeeze(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let shape = builder.shape(x).to_vec();
    let removed: Vec<usize> = match call.integers(builder, "axes", 1)? {
        Some(axes) => axes.iter().map(|axis| builder.axis(*axis, shape.len())).collect::<Result<_, _>>()?,
        None => (0..shape.len()).filter(|axis| shape[*axis] == 1).collect(),
    };
    if let Some(axis) = removed.iter().find(|axis| shape[**axis] != 1) {
        return Err(builder.error(format!("removes axis {axis} of an input of shape {shape:?}; expected an axis of length 1")));
    }
    let kept: Vec<usize> = (0..shape.len()).filter(|axis| !removed.contains(axis)).map(|axis| shape[axis]).collect();
    Ok(vec![builder.reshape(x, &kept)?])
}

/// Inserts axes of length 1 at the listed positions of the result.
pub(super) fn unsqueeze(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let axes = call.integers(builder, "axes", 1)?.ok_or_else(|| builder.error("has no axes"))?;
    let rank = builder.rank(x) + axes.len();
    let mut is_new = vec![false; rank];
    for axis in &axes {
        if std::mem::replace(&mut is_new[builder.axis(*axis, rank)?], true) {
            return Err(builder.error(format!("adds axes {axes:?}; expected each once")));
        }
    }
    let mut old = builder.shape(x).to_vec().into_iter();
    let shape: Vec<usize> = is_new.into_iter().map(|is_new| if is_new { 1 } else { old.next().unwrap_or(1) }).collect();
    Ok(vec![builder.reshape(x, &shape)?])
}

/// Repeats axes of length 1, up to the shape that input and target broadcast to.
pub(super) fn expand(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let target = call.constant(builder, 1)?.to_integers();
    let from = builder.shape(x).to_vec();
    let rank = from.len().max(target.len());
    let size = |axis: usize| {
        let own = (axis + from.len()).checked_sub(rank).map_or(1, |axis| from[axis]);
        let wanted = (axis + target.len()).checked_sub(rank).map_or(1, |axis| target[axis]);
        match usize::try_from(wanted) {
            Ok(wanted) if own == 1 || own == wanted => Some(wanted),
            Ok(1) => Some(own),
            _ => None,
        }
    };
    let shape: Option<Vec<usize>> = (0..rank).map(size).collect();
    let shape =
        shape.ok_or_else(|| builder.error(format!("expands a value of shape {from:?} to {target:?}, which does not fit")))?;
    Ok(vec![builder.expand(x, &shape)?])
}

/// Axis i of the result is axis `perm[i]` of the input; without `perm` the order is reversed.
pub(super) fn transpose(builder: &mut Builder, call: &Call) -> Outputs {
    let x = call.input(builder, 0)?;
    let rank = builder.rank(x);
    let permutation: Vec<usize> = match call.node.integers("perm") {
        Some(axes) => axes.iter().map(|axis| usize::try_from(*axis).unwrap_or(usize::MAX)).collect(),
        None => (0..rank).rev().collect(),
    };
    Ok(vec![builder.transpose(x, &permutation)?])
}

pub(super) fn concat(builder: &mut Builder, call: &Call) -> Outputs {
    let values: Vec<_> = call.inputs().collect();
    let rank = builder.rank(call.input(builder, 0)?);
    let axis = call.node.attribute("axis").ok_or_else(|| builder.error("has no axis"))?.i;
    let axis = builder.axis(axis, rank)?;
    Ok(vec![builder.concat(&values, axis)?])
}
