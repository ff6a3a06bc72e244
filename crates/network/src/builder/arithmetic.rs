use std::sync::Arc;

use super::{Builder, evaluate};
use crate::{
    Constant, ImportError,
    network::{Binary, Op, Reduction, Unary, ValueId},
};

impl Builder {
    /// An elementwise operation.
    pub fn unary(&mut self, op: Unary, x: ValueId) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        if let Some(constant) = self.known(x).cloned() {
            self.make_room(&shape)?;
            if let Some(result) = evaluate::unary(op, &constant) {
                return Ok(self.constant(result));
            }
        }
        self.push(Op::Unary(op), &[x], shape)
    }

    /// Limits values to the range from `min` to `max`, either of which may be infinite.
    pub fn clamp(&mut self, x: ValueId, min: f32, max: f32) -> Result<ValueId, ImportError> {
        if min.is_nan() || max.is_nan() {
            return Err(self.error(format!("clips to the range from {min} to {max}; expected numbers")));
        }
        // The upper limit wins if the lower one is above it.
        let min = min.min(max);
        let shape = self.shape(x).to_vec();
        match (min, max) {
            (f32::NEG_INFINITY, f32::INFINITY) => return Ok(x),
            (0.0, f32::INFINITY) => return self.unary(Unary::Relu, x),
            _ => {}
        }
        if let Some(values) = self.known(x).cloned().as_ref().and_then(Constant::as_floats) {
            self.make_room(&shape)?;
            let clamped = values.iter().map(|value| value.clamp(min, max)).collect();
            return Ok(self.constant(Constant::floats(shape, clamped)));
        }
        self.push(Op::Clamp { min, max }, &[x], shape)
    }

    /// `x` where it is positive, `slope * x` elsewhere; the slopes broadcast.
    pub fn prelu(&mut self, x: ValueId, slopes: ValueId) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        let per_channel = self.known(slopes).and_then(|constant| {
            let slopes = constant.as_floats()?;
            let is_one = slopes.len() == 1;
            (is_one || is_per_axis(&constant.shape, &shape, 1)).then(|| Arc::new(slopes.to_vec()))
        });
        if let Some(slopes) = per_channel {
            return self.push(Op::PRelu { slopes }, &[x], shape);
        }
        // max(x, 0) + slope * min(x, 0), for slopes of any other shape.
        let positive = self.unary(Unary::Relu, x)?;
        let negative = self.clamp(x, f32::NEG_INFINITY, 0.0)?;
        let negative = self.binary(Binary::Mul, negative, slopes)?;
        self.binary(Binary::Add, positive, negative)
    }

    /// `scale * x + shift`, one of each for each channel (axis 1).
    pub fn affine(&mut self, x: ValueId, scale: Vec<f32>, shift: Vec<f32>) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        let channels = shape.get(1).copied().unwrap_or(0);
        if [scale.len(), shift.len()] != [channels; 2] {
            return Err(self.error(format!(
                "has parameters of {} and {} channels; its input of shape {shape:?} has {channels}",
                scale.len(),
                shift.len()
            )));
        }
        self.push(Op::Affine { scale: Arc::new(scale), shift: Arc::new(shift) }, &[x], shape)
    }

    /// Elementwise on two values, with broadcasting.
    pub fn binary(&mut self, op: Binary, a: ValueId, b: ValueId) -> Result<ValueId, ImportError> {
        let rank = self.rank(a).max(self.rank(b));
        let (a, b) = (self.with_rank(a, rank)?, self.with_rank(b, rank)?);
        let shape = self.broadcast(a, b)?;
        if let (Some(left), Some(right)) = (self.known(a).cloned(), self.known(b).cloned()) {
            self.make_room(&shape)?;
            if let Some(result) = evaluate::binary(op, &left, &right, &shape) {
                return Ok(self.constant(result));
            }
            if left.as_integers().is_some() || right.as_integers().is_some() {
                return Err(self.error("overflows with integers or divides them by 0, or mixes integers and floats"));
            }
        }
        self.push(Op::Binary(op), &[a, b], shape)
    }

    /// `x` to a power. Common exponents avoid the general power, which a GPU computes through a logarithm that is undefined for
    /// negative numbers.
    pub fn power(&mut self, x: ValueId, exponent: ValueId) -> Result<ValueId, ImportError> {
        let exponent = match self.known(exponent) {
            Some(constant) if constant.as_floats().is_none() && self.known(x).is_none_or(|x| x.as_floats().is_some()) => {
                let floats = Constant::floats(constant.shape.clone(), constant.to_floats());
                self.constant(floats)
            }
            _ => exponent,
        };
        let single = self.known(exponent).and_then(Constant::as_floats).filter(|values| values.len() == 1).map(|v| v[0]);
        // An exponent of higher rank raises the rank of the result.
        match single.filter(|_| self.rank(exponent) <= self.rank(x)) {
            Some(1.0) => Ok(x),
            Some(2.0) => self.binary(Binary::Mul, x, x),
            Some(3.0) => {
                let square = self.binary(Binary::Mul, x, x)?;
                self.binary(Binary::Mul, square, x)
            }
            Some(0.5) => self.unary(Unary::Sqrt, x),
            Some(-1.0) => self.unary(Unary::Reciprocal, x),
            _ => self.binary(Binary::Pow, x, exponent),
        }
    }

    /// Reduces over axes, which are kept with length 1.
    pub fn reduce(&mut self, kind: Reduction, x: ValueId, axes: &[usize]) -> Result<ValueId, ImportError> {
        let mut axes = axes.to_vec();
        axes.sort_unstable();
        axes.dedup();
        // Reducing a single value changes nothing.
        axes.retain(|axis| self.shape(x)[*axis] != 1);
        if axes.is_empty() {
            return Ok(x);
        }
        let mut shape = self.shape(x).to_vec();
        axes.iter().for_each(|axis| shape[*axis] = 1);
        if let Some(constant) = self.known(x).cloned() {
            self.make_room(&shape)?;
            if let Some(result) = evaluate::reduce(kind, &constant, &axes) {
                return Ok(self.constant(result));
            }
        }
        self.push(Op::Reduce { kind, axes }, &[x], shape)
    }

    /// `exp(x) / sum exp(x)` along an axis.
    pub fn softmax(&mut self, x: ValueId, axis: usize) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        self.push(Op::Softmax { axis }, &[x], shape)
    }

    /// The same value, marked as where dropout acts in training.
    pub fn dropout(&mut self, x: ValueId, ratio: f32) -> Result<ValueId, ImportError> {
        let shape = self.shape(x).to_vec();
        self.push(Op::Dropout { ratio }, &[x], shape)
    }

    /// The broadcast shape of two values of the same rank.
    pub(super) fn broadcast(&self, a: ValueId, b: ValueId) -> Result<Vec<usize>, ImportError> {
        let (left, right) = (self.shape(a), self.shape(b));
        let axis = |(a, b): (&usize, &usize)| match (*a, *b) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        };
        let shape: Option<Vec<usize>> = left.iter().zip(right).map(axis).collect();
        shape.ok_or_else(|| self.error(format!("combines shapes that do not broadcast: {left:?} and {right:?}")))
    }
}

/// Whether a constant of `shape` varies only along `axis` of an input, with one value per position.
pub(crate) fn is_per_axis(shape: &[usize], input: &[usize], axis: usize) -> bool {
    let Some(missing) = input.len().checked_sub(shape.len()) else { return false };
    shape.iter().enumerate().all(|(index, size)| *size == if index + missing == axis { input[axis] } else { 1 })
        && missing <= axis
        && axis < input.len()
}
