//! Logic on constants. Exporters compute shapes with it; engines do not compare at run time.
use std::cmp::Ordering;

use super::{super::Call, Outputs};
use crate::{
    Constant, ImportError,
    builder::{
        Builder,
        evaluate::{broadcast_strides, places},
    },
    network::{Binary, ValueId},
};

/// `Equal`, `Less` and so on, as 0 and 1. Comparisons with NaN are 0.
pub(super) fn compare(builder: &mut Builder, call: &Call, accepts: fn(Ordering) -> bool) -> Outputs {
    let [a, b] = constants(builder, call)?;
    let (shape, pairs) = broadcast(builder, &a, &b)?;
    let results: Vec<i64> = match (a.as_integers(), b.as_integers()) {
        (Some(a), Some(b)) => pairs.map(|(i, j)| i64::from(accepts(a[i].cmp(&b[j])))).collect(),
        _ => {
            let (a, b) = (a.to_floats(), b.to_floats());
            pairs.map(|(i, j)| i64::from(a[i].partial_cmp(&b[j]).is_some_and(accepts))).collect()
        }
    };
    Ok(vec![builder.constant(Constant::integers(shape, results))])
}

/// `And` and `Or`.
pub(super) fn combine(builder: &mut Builder, call: &Call, combined: fn(bool, bool) -> bool) -> Outputs {
    let [a, b] = constants(builder, call)?;
    let (shape, pairs) = broadcast(builder, &a, &b)?;
    let (a, b) = (a.to_integers(), b.to_integers());
    let results = pairs.map(|(i, j)| i64::from(combined(a[i] != 0, b[j] != 0))).collect();
    Ok(vec![builder.constant(Constant::integers(shape, results))])
}

pub(super) fn not(builder: &mut Builder, call: &Call) -> Outputs {
    let constant = condition(builder, call, 0)?;
    builder.make_room(&constant.shape)?;
    let results = constant.to_integers().into_iter().map(|value| i64::from(value == 0)).collect();
    Ok(vec![builder.constant(Constant::integers(constant.shape, results))])
}

/// `Where`: the first value where a constant condition holds, the second elsewhere. Computed values are multiplied by a mask of 1
/// and 0, so an infinite value becomes NaN where it is masked out.
pub(super) fn select(builder: &mut Builder, call: &Call) -> Outputs {
    let condition = condition(builder, call, 0)?;
    let (holds, fails) = (call.input(builder, 1)?, call.input(builder, 2)?);
    if let (Some(holds), Some(fails)) = (builder.known(holds).cloned(), builder.known(fails).cloned()) {
        return Ok(vec![select_constant(builder, &condition, &holds, &fails)?]);
    }
    let holds = masked(builder, &condition, holds, true)?;
    let fails = masked(builder, &condition, fails, false)?;
    Ok(vec![builder.binary(Binary::Add, holds, fails)?])
}

/// The value where the condition equals `taken`, and 0 elsewhere.
fn masked(builder: &mut Builder, condition: &Constant, value: ValueId, taken: bool) -> Result<ValueId, ImportError> {
    if let Some(constant) = builder.known(value).cloned() {
        let zero = Constant::scalar(0.0);
        let (holds, fails) = if taken { (&constant, &zero) } else { (&zero, &constant) };
        return select_constant(builder, condition, holds, fails);
    }
    let mask = condition.to_integers().into_iter().map(|holds| if (holds != 0) == taken { 1.0 } else { 0.0 }).collect();
    let mask = builder.constant(Constant::floats(condition.shape.clone(), mask));
    builder.binary(Binary::Mul, value, mask)
}

fn select_constant(
    builder: &mut Builder,
    condition: &Constant,
    holds: &Constant,
    fails: &Constant,
) -> Result<ValueId, ImportError> {
    let shape = common_shape(builder, &[&condition.shape, &holds.shape, &fails.shape])?;
    builder.make_room(&shape)?;
    let [of_condition, of_holds, of_fails] = [condition, holds, fails].map(|constant| strided(&shape, &constant.shape));
    let taken = condition.to_integers();
    let taken = of_condition.map(|place| taken[place] != 0);
    let rows = taken.zip(of_holds.zip(of_fails));
    let selected = match (holds.as_integers(), fails.as_integers(), holds.as_floats(), fails.as_floats()) {
        (Some(holds), Some(fails), ..) => {
            Constant::integers(shape, rows.map(|(taken, (i, j))| if taken { holds[i] } else { fails[j] }).collect())
        }
        (_, _, Some(holds), Some(fails)) => {
            Constant::floats(shape, rows.map(|(taken, (i, j))| if taken { holds[i] } else { fails[j] }).collect())
        }
        _ => return Err(builder.error("selects between integers and floats; expected two values of the same type")),
    };
    Ok(builder.constant(selected))
}

fn constants(builder: &Builder, call: &Call) -> Result<[Constant; 2], ImportError> {
    Ok([condition(builder, call, 0)?, condition(builder, call, 1)?])
}

fn condition(builder: &Builder, call: &Call, index: usize) -> Result<Constant, ImportError> {
    let value = call.input(builder, index)?;
    builder.known(value).cloned().ok_or_else(|| {
        builder.error(
            "decides by values that are only known when the network runs; only constants can be compared, so export the network \
             without this condition",
        )
    })
}

/// The common shape of two constants, and the position in each for every element.
#[allow(clippy::type_complexity, reason = "an iterator has no shorter name")]
fn broadcast(
    builder: &mut Builder,
    a: &Constant,
    b: &Constant,
) -> Result<(Vec<usize>, impl Iterator<Item = (usize, usize)> + use<>), ImportError> {
    let shape = common_shape(builder, &[&a.shape, &b.shape])?;
    builder.make_room(&shape)?;
    let pairs = strided(&shape, &a.shape).zip(strided(&shape, &b.shape));
    Ok((shape, pairs))
}

/// The shape that all shapes broadcast to.
fn common_shape(builder: &Builder, shapes: &[&[usize]]) -> Result<Vec<usize>, ImportError> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut common = vec![1; rank];
    for shape in shapes {
        for (to, size) in common[rank - shape.len()..].iter_mut().zip(*shape) {
            match (*to, *size) {
                (to, size) if to == size || size == 1 => {}
                (1, size) => *to = size,
                _ => return Err(builder.error(format!("combines shapes that do not broadcast: {shapes:?}"))),
            }
        }
    }
    Ok(common)
}

/// For each element of `shape`, its position in a constant of shape `of` that broadcasts to it.
fn strided(shape: &[usize], of: &[usize]) -> impl Iterator<Item = usize> + use<> {
    let mut strides = vec![0; shape.len() - of.len()];
    strides.extend(broadcast_strides(of));
    places(shape, &strides, 0)
}
