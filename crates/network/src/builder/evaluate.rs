//! Evaluates steps on constants.
use std::sync::Arc;

use crate::{
    Constant,
    constant::Data,
    network::{Binary, Reduction, Unary},
};

/// Positions in a row-major tensor, for each element of `shape` in order: each step along axis i moves by `strides[i]`.
pub(crate) fn places(shape: &[usize], strides: &[usize], first: usize) -> impl Iterator<Item = usize> + use<> {
    let (shape, strides) = (shape.to_vec(), strides.to_vec());
    let count: usize = shape.iter().product();
    let mut index = vec![0; shape.len()];
    let mut place = first;
    (0..count).map(move |_| {
        let here = place;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
        here
    })
}

/// Distance between neighbours along each axis.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The same, with stride 0 for axes of length 1, which are repeated.
pub(crate) fn broadcast_strides(shape: &[usize]) -> Vec<usize> {
    strides(shape).into_iter().zip(shape).map(|(stride, size)| if *size == 1 { 0 } else { stride }).collect()
}

/// `None` if it is not computed here; it then becomes an ordinary step.
pub(super) fn unary(op: Unary, constant: &Constant) -> Option<Constant> {
    let of_floats = |f: fn(f32) -> f32| {
        let values = constant.as_floats()?.iter().map(|value| f(*value)).collect();
        Some(Constant::floats(constant.shape.clone(), values))
    };
    if let (Unary::Neg, Some(integers)) = (op, constant.as_integers()) {
        let values = integers.iter().map(|value| value.wrapping_neg()).collect();
        return Some(Constant::integers(constant.shape.clone(), values));
    }
    match op {
        Unary::Abs => of_floats(f32::abs),
        Unary::Erf => None,
        Unary::Exp => of_floats(f32::exp),
        Unary::Log => of_floats(f32::ln),
        Unary::Neg => of_floats(|x| -x),
        Unary::Reciprocal => of_floats(f32::recip),
        Unary::Relu => of_floats(|x| x.max(0.0)),
        Unary::Sigmoid => of_floats(|x| 1.0 / (1.0 + (-x).exp())),
        Unary::Sqrt => of_floats(f32::sqrt),
        Unary::Tanh => of_floats(f32::tanh),
    }
}

/// On two constants of the same rank that broadcast to `shape`. `None` if integers overflow or are divided by zero, and for mixed types.
pub(super) fn binary(op: Binary, a: &Constant, b: &Constant, shape: &[usize]) -> Option<Constant> {
    let pairs = places(shape, &broadcast_strides(&a.shape), 0).zip(places(shape, &broadcast_strides(&b.shape), 0));
    if let (Some(a), Some(b)) = (a.as_floats(), b.as_floats()) {
        let of = |a: f32, b: f32| match op {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Pow => a.powf(b),
            Binary::Min => a.min(b),
            Binary::Max => a.max(b),
        };
        return Some(Constant::floats(shape, pairs.map(|(i, j)| of(a[i], b[j])).collect()));
    }
    let (a, b) = (a.as_integers()?, b.as_integers()?);
    let of = |a: i64, b: i64| match op {
        Binary::Add => a.checked_add(b),
        Binary::Sub => a.checked_sub(b),
        Binary::Mul => a.checked_mul(b),
        Binary::Div => a.checked_div(b),
        Binary::Pow => a.checked_pow(u32::try_from(b).ok()?),
        Binary::Min => Some(a.min(b)),
        Binary::Max => Some(a.max(b)),
    };
    let values: Option<Vec<i64>> = pairs.map(|(i, j)| of(a[i], b[j])).collect();
    Some(Constant::integers(shape, values?))
}

/// Reduces axes to length 1. `None` for a mean of integers.
pub(super) fn reduce(kind: Reduction, constant: &Constant, axes: &[usize]) -> Option<Constant> {
    let mut shape = constant.shape.clone();
    axes.iter().for_each(|axis| shape[*axis] = 1);
    let to = places(&constant.shape, &broadcast_strides(&shape), 0);
    let count: usize = shape.iter().product();
    match &constant.data {
        Data::Floats(values) => {
            let start = match kind {
                Reduction::Sum | Reduction::Mean => 0.0,
                Reduction::Min => f64::INFINITY,
                Reduction::Max => f64::NEG_INFINITY,
            };
            let mut results = vec![start; count];
            for (place, value) in to.zip(values.iter()) {
                let (result, value) = (&mut results[place], f64::from(*value));
                *result = match kind {
                    Reduction::Sum | Reduction::Mean => *result + value,
                    Reduction::Min => result.min(value),
                    Reduction::Max => result.max(value),
                };
            }
            let divisor = if kind == Reduction::Mean { (values.len() / count.max(1)) as f64 } else { 1.0 };
            Some(Constant::floats(shape, results.into_iter().map(|result| (result / divisor) as f32).collect()))
        }
        Data::Integers(values) => {
            let mut results: Vec<Option<i64>> = vec![None; count];
            for (place, value) in to.zip(values.iter()) {
                results[place] = Some(match (results[place], kind) {
                    (_, Reduction::Mean) => return None,
                    (None, _) => *value,
                    (Some(result), Reduction::Sum) => result.checked_add(*value)?,
                    (Some(result), Reduction::Min) => result.min(*value),
                    (Some(result), Reduction::Max) => result.max(*value),
                });
            }
            Some(Constant::integers(shape, results.into_iter().collect::<Option<_>>()?))
        }
        Data::Bytes(..) => None,
    }
}

/// Joins constants along an axis; `None` for mixed types.
pub(super) fn concat(constants: &[Constant], axis: usize, shape: Vec<usize>) -> Option<Constant> {
    fn joined<T: Copy>(parts: &[(&[T], usize)], outer: usize) -> Vec<T> {
        (0..outer)
            .flat_map(|row| parts.iter().flat_map(move |(values, each)| &values[row * each..(row + 1) * each]))
            .copied()
            .collect()
    }
    let outer: usize = shape[..axis].iter().product();
    let each = |constant: &Constant| constant.shape[axis..].iter().product::<usize>();
    if constants.iter().all(|constant| constant.as_floats().is_some()) {
        let parts: Vec<_> = constants.iter().filter_map(|c| Some((c.as_floats()?, each(c)))).collect();
        return Some(Constant { shape, data: Data::Floats(Arc::new(joined(&parts, outer))) });
    }
    let parts: Option<Vec<_>> = constants.iter().map(|c| Some((c.as_integers()?, each(c)))).collect();
    Some(Constant { shape, data: Data::Integers(Arc::new(joined(&parts?, outer))) })
}
