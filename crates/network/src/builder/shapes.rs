use super::{
    Builder,
    evaluate::{self, broadcast_strides, places, strides},
};
use crate::{
    ImportError,
    network::{Op, ValueId},
};

impl Builder {
    /// The same values in another shape.
    pub fn reshape(&mut self, x: ValueId, shape: &[usize]) -> Result<ValueId, ImportError> {
        let from = self.shape(x);
        if from == shape {
            return Ok(x);
        }
        let count = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        if count != Some(from.iter().product()) {
            return Err(self.error(format!("reshapes a value of shape {from:?} to {shape:?}, which does not fit")));
        }
        if let Some(constant) = self.known(x) {
            let reshaped = constant.reshaped(shape);
            return Ok(self.constant(reshaped));
        }
        let x = match self.step_of(x) {
            Some(step) if step.op == Op::Reshape => step.inputs[0],
            _ => x,
        };
        if self.shape(x) == shape {
            return Ok(x);
        }
        self.push(Op::Reshape, &[x], shape.to_vec())
    }

    /// Resolves a shape as files write it: 0 keeps the existing size, -1 takes whatever is left.
    pub fn shape_of(&self, x: ValueId, target: &[i64], zero_is_zero: bool) -> Result<Vec<usize>, ImportError> {
        let from = self.shape(x);
        let wrong = || self.error(format!("reshapes a value of shape {from:?} to {target:?}, which does not fit"));
        let mut shape = Vec::with_capacity(target.len());
        let mut open = None;
        for (axis, size) in target.iter().enumerate() {
            shape.push(match *size {
                -1 if open.replace(axis).is_some() => return Err(wrong()),
                -1 => 1,
                0 if !zero_is_zero => *from.get(axis).ok_or_else(wrong)?,
                size => usize::try_from(size).map_err(|_| wrong())?,
            });
        }
        let known = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size)).ok_or_else(wrong)?;
        if let Some(axis) = open {
            let count: usize = from.iter().product();
            shape[axis] = count.checked_div(known).ok_or_else(wrong)?;
        }
        Ok(shape)
    }

    /// Adds leading axes of length 1, up to a rank.
    pub fn with_rank(&mut self, x: ValueId, rank: usize) -> Result<ValueId, ImportError> {
        let shape = self.shape(x);
        let missing = rank.saturating_sub(shape.len());
        let shape: Vec<usize> = std::iter::repeat_n(1, missing).chain(shape.iter().copied()).collect();
        self.reshape(x, &shape)
    }

    /// Axis i of the result is axis `permutation[i]` of `x`.
    pub fn transpose(&mut self, x: ValueId, permutation: &[usize]) -> Result<ValueId, ImportError> {
        let from = self.shape(x).to_vec();
        let mut sorted = permutation.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..from.len()) {
            return Err(self.error(format!("permutes {} axes by {permutation:?}; expected each once", from.len())));
        }
        let shape: Vec<usize> = permutation.iter().map(|axis| from[*axis]).collect();
        if let Some(constant) = self.known(x).cloned() {
            self.make_room(&shape)?;
            let steps = strides(&from);
            let steps: Vec<usize> = permutation.iter().map(|axis| steps[*axis]).collect();
            let transposed = constant.picked(shape.clone(), places(&shape, &steps, 0));
            return Ok(self.constant(transposed));
        }
        // If only axes of length 1 move, the values stay in place.
        if permutation.iter().filter(|axis| from[**axis] != 1).is_sorted() {
            return self.reshape(x, &shape);
        }
        self.push(Op::Transpose { permutation: permutation.to_vec() }, &[x], shape)
    }

    /// `length` consecutive values along an axis.
    pub fn slice(&mut self, x: ValueId, axis: usize, start: usize, length: usize) -> Result<ValueId, ImportError> {
        let mut shape = self.shape(x).to_vec();
        if start.checked_add(length).is_none_or(|end| end > shape[axis]) {
            return Err(self.error(format!(
                "takes {length} values from place {start} on along axis {axis}; its input of shape {shape:?} has fewer"
            )));
        }
        if length == shape[axis] {
            return Ok(x);
        }
        if let Some(constant) = self.known(x).cloned() {
            let steps = strides(&shape);
            let first = start * steps[axis];
            shape[axis] = length;
            self.make_room(&shape)?;
            let slice = constant.picked(shape.clone(), places(&shape, &steps, first));
            return Ok(self.constant(slice));
        }
        shape[axis] = length;
        self.push(Op::Slice { axis, start }, &[x], shape)
    }

    /// The values at these positions along an axis, in this order.
    pub fn select(&mut self, x: ValueId, axis: usize, indices: &[usize]) -> Result<ValueId, ImportError> {
        let mut shape = self.shape(x).to_vec();
        if let Some(wrong) = indices.iter().find(|index| **index >= shape[axis]) {
            return Err(self.error(format!("takes place {wrong} along axis {axis} of an input of shape {shape:?}")));
        }
        if let Some(first) = indices.first()
            && indices.iter().copied().eq(*first..first + indices.len())
        {
            return self.slice(x, axis, *first, indices.len());
        }
        if let Some(constant) = self.known(x).cloned() {
            let (count, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
            let outer: usize = shape[..axis].iter().product();
            shape[axis] = indices.len();
            self.make_room(&shape)?;
            let rows = (0..outer).flat_map(|row| indices.iter().map(move |index| (row * count + index) * inner));
            let selected = constant.picked(shape, rows.flat_map(|first| first..first + inner));
            return Ok(self.constant(selected));
        }
        shape[axis] = indices.len();
        self.push(Op::Select { axis, indices: indices.to_vec() }, &[x], shape)
    }

    /// Joins values along an axis.
    pub fn concat(&mut self, values: &[ValueId], axis: usize) -> Result<ValueId, ImportError> {
        let Some((first, rest)) = values.split_first() else { return Err(self.error("joins no values")) };
        let mut shape = self.shape(*first).to_vec();
        for value in rest {
            let other = self.shape(*value);
            let fits =
                axis < shape.len() && other.len() == shape.len() && (0..shape.len()).all(|i| i == axis || other[i] == shape[i]);
            if !fits {
                return Err(self.error(format!("joins values of shapes {shape:?} and {other:?} along axis {axis}")));
            }
            shape[axis] = shape[axis].saturating_add(other[axis]);
        }
        // Exporters join shapes with empty ones. Dropping those spares engines values without elements.
        let values: Vec<_> = values.iter().copied().filter(|value| self.shape(*value)[axis] > 0).collect();
        if let [] | [_] = values.as_slice() {
            return Ok(values.first().copied().unwrap_or(*first));
        }
        let constants: Option<Vec<_>> = values.iter().map(|value| self.known(*value).cloned()).collect();
        if let Some(constants) = constants {
            self.make_room(&shape)?;
            if let Some(joined) = evaluate::concat(&constants, axis, shape.clone()) {
                return Ok(self.constant(joined));
            }
        }
        self.push(Op::Concat { axis }, &values, shape)
    }

    /// Adds a constant border: widths before and after, for each axis.
    pub fn pad(&mut self, x: ValueId, padding: &[[usize; 2]], value: f32) -> Result<ValueId, ImportError> {
        let from = self.shape(x);
        if padding.len() != from.len() {
            return Err(self.error(format!("pads {} axes of an input of {} dimensions", padding.len(), from.len())));
        }
        if padding.iter().all(|pair| *pair == [0, 0]) {
            return Ok(x);
        }
        let sizes =
            from.iter().zip(padding).map(|(size, [before, behind])| size.saturating_add(*before).saturating_add(*behind));
        let shape = sizes.collect();
        self.push(Op::Pad { padding: padding.to_vec(), value }, &[x], shape)
    }

    /// Repeats axes of length 1, to a shape of at least as many axes.
    pub fn expand(&mut self, x: ValueId, shape: &[usize]) -> Result<ValueId, ImportError> {
        let x = self.with_rank(x, shape.len())?;
        let from = self.shape(x).to_vec();
        let fits = from.len() == shape.len() && from.iter().zip(shape).all(|(from, to)| from == to || *from == 1);
        if !fits {
            return Err(self.error(format!("expands a value of shape {from:?} to {shape:?}")));
        }
        if from == shape {
            return Ok(x);
        }
        if let Some(constant) = self.known(x).cloned() {
            self.make_room(shape)?;
            let expanded = constant.picked(shape.to_vec(), places(shape, &broadcast_strides(&from), 0));
            return Ok(self.constant(expanded));
        }
        self.push(Op::Expand, &[x], shape.to_vec())
    }
}
