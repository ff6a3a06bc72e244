use std::sync::Arc;

use super::Builder;
use crate::{
    Constant, ImportError,
    network::{Convolution, Epilogue, Linear, Op, TransposedConvolution, ValueId, Window},
};

/// The largest kernel, stride, dilation and padding: the product of two fits in the browser's 32-bit sizes.
const MAX_WINDOW: usize = 1 << 15;

/// Weights and window of a convolution.
#[derive(Debug)]
pub struct Convolve {
    /// `[channels out, channels in / groups, kernel height, kernel width]`.
    pub weight: Constant,
    /// One for each output channel; `None` means zeros.
    pub bias: Option<Vec<f32>>,
    /// Number of channel groups.
    pub groups: usize,
    /// Step sizes down and across.
    pub stride: [usize; 2],
    /// Distance between kernel elements.
    pub dilation: [usize; 2],
    /// Rows above and below, columns to the left and right.
    pub padding: [[usize; 2]; 2],
}

/// Weights of a transposed convolution.
#[derive(Debug)]
pub struct Deconvolve {
    /// The convolution it transposes, but with weights `[channels in, channels out / groups, ...]`.
    pub of: Convolve,
    /// Rows and columns added at the end of the output.
    pub padding_out: [usize; 2],
}

impl Builder {
    /// A convolution of `[n, channels in, height, width]`.
    pub fn convolution(&mut self, x: ValueId, of: Convolve) -> Result<ValueId, ImportError> {
        let (window, [n, channels_in, height, width]) = self.window(x, &of)?;
        let &[channels_out, each, ..] = of.weight.shape.as_slice() else {
            unreachable!("`window` checked for four dimensions")
        };
        if Some(channels_in) != each.checked_mul(of.groups) || channels_out % of.groups != 0 {
            return Err(self.error(format!(
                "has weights of shape {:?} in {} groups, which do not fit {channels_in} input channels",
                of.weight.shape, of.groups
            )));
        }
        let bias = self.bias(of.bias, channels_out)?;
        let [out_height, out_width] = window.output([height, width]).ok_or_else(|| {
            self.error(format!("has a kernel of {:?}, which is larger than its input of {height} x {width}", window.kernel))
        })?;
        let convolution = Convolution {
            weight: of.weight.into_shared_floats(),
            channels: [channels_in, channels_out],
            groups: of.groups,
            window,
            epilogue: bias.into_iter().map(Epilogue::bias).collect(),
        };
        self.push(Op::Convolution(convolution), &[x], vec![n, channels_out, out_height, out_width])
    }

    /// A transposed convolution of `[n, channels in, height, width]`.
    pub fn transposed_convolution(&mut self, x: ValueId, mut of: Deconvolve) -> Result<ValueId, ImportError> {
        let padding = of.of.padding;
        if padding.iter().all(|[before, behind]| before == behind) {
            return self.symmetric_transposed_convolution(x, of);
        }
        // Backends support only equal padding on both sides, so this pads nothing and crops the result instead.
        of.of.padding = [[0; 2]; 2];
        let wanted = of.padding_out;
        for axis in 0..2 {
            of.padding_out[axis] = wanted[axis].saturating_sub(padding[axis][1]);
        }
        let padded_out = of.padding_out;
        let mut result = self.symmetric_transposed_convolution(x, of)?;
        for axis in 0..2 {
            let [before, behind] = padding[axis];
            let full = (self.shape(result)[2 + axis] + wanted[axis]).checked_sub(padded_out[axis] + before + behind);
            let length = full.filter(|length| *length > 0);
            let length =
                length.ok_or_else(|| self.error(format!("has padding {padding:?}, which leaves nothing of its output")))?;
            result = self.slice(result, 2 + axis, before, length)?;
        }
        Ok(result)
    }

    fn symmetric_transposed_convolution(
        &mut self,
        x: ValueId,
        Deconvolve { of, padding_out }: Deconvolve,
    ) -> Result<ValueId, ImportError> {
        let (window, [n, channels_in, height, width]) = self.window(x, &of)?;
        let &[weights_in, each, ..] = of.weight.shape.as_slice() else { unreachable!("`window` checked for four dimensions") };
        if weights_in != channels_in || channels_in % of.groups != 0 {
            return Err(self.error(format!(
                "has weights of shape {:?} in {} groups, which do not fit {channels_in} input channels",
                of.weight.shape, of.groups
            )));
        }
        let channels_out = each.saturating_mul(of.groups);
        let bias = self.bias(of.bias, channels_out)?;
        let size = |axis: usize, input: usize| {
            let covered = input.saturating_sub(1).checked_mul(window.stride[axis])?.checked_add(window.span()[axis])?;
            covered.checked_add(padding_out[axis])?.checked_sub(window.padding[axis].iter().sum()).filter(|size| *size > 0)
        };
        let (Some(out_height), Some(out_width)) = (size(0, height), size(1, width)) else {
            return Err(self.error(format!(
                "has padding {:?} and output padding {padding_out:?}, which leave an output that is empty or too large",
                window.padding
            )));
        };
        let convolution = TransposedConvolution {
            weight: of.weight.into_shared_floats(),
            bias: Arc::new(bias),
            channels: [channels_in, channels_out],
            groups: of.groups,
            window,
            padding_out,
        };
        self.push(Op::TransposedConvolution(convolution), &[x], vec![n, channels_out, out_height, out_width])
    }

    /// `x W^T + b` over the last axis, with `weight` `[out, in]`.
    pub fn linear(&mut self, x: ValueId, weight: Constant, bias: Option<Vec<f32>>) -> Result<ValueId, ImportError> {
        let mut shape = self.shape(x).to_vec();
        let (&[out, features], Some(last)) = (weight.shape.as_slice(), shape.last_mut()) else {
            return Err(self.error(format!("has weights of shape {:?}; expected two dimensions", weight.shape)));
        };
        if *last != features {
            return Err(self.error(format!("has weights for {features} features; its input has {last}")));
        }
        *last = out;
        let bias = self.bias(bias, out)?;
        self.push(Op::Linear(Linear { weight, bias: Arc::new(bias) }), &[x], shape)
    }

    /// Matrix products over the last two axes, as in `numpy.matmul`: a vector is a matrix of one row or one column.
    pub fn matmul(&mut self, a: ValueId, b: ValueId) -> Result<ValueId, ImportError> {
        let (left, right) = (self.shape(a).to_vec(), self.shape(b).to_vec());
        let (Some(&inner), Some(&columns)) = (left.last(), right.last()) else {
            return Err(self.error("multiplies a number without dimensions; expected vectors or matrices"));
        };
        let rows = right.len().checked_sub(2).map_or(columns, |axis| right[axis]);
        if inner != rows {
            return Err(self.error(format!("multiplies values of shapes {left:?} and {right:?}, which do not fit")));
        }
        let a_is_vector = left.len() == 1;
        let b_is_vector = right.len() == 1;
        // A single matrix shared by the whole batch is a fully connected layer, whatever its rank.
        if let [ones @ .., rows, columns] = right.as_slice()
            && !ones.is_empty()
            && ones.iter().all(|size| *size == 1)
            && right.len() <= left.len()
        {
            let b = self.reshape(b, &[*rows, *columns])?;
            return self.matmul(a, b);
        }
        let weight = self.known(b).filter(|constant| constant.as_floats().is_some() && right.len() <= 2);
        if let (Some(_), None) = (weight, self.known(a)) {
            let weight = if b_is_vector { self.reshape(b, &[1, inner])? } else { self.transpose(b, &[1, 0])? };
            let weight = self.known(weight).cloned().ok_or_else(|| self.error("lost its weights"))?;
            let product = self.linear(a, weight, None)?;
            return match b_is_vector {
                true => self.reshape(product, &left[..left.len() - 1]),
                false => Ok(product),
            };
        }
        let b = if b_is_vector { self.reshape(b, &[inner, 1])? } else { b };
        let rank = left.len().max(self.rank(b)).max(2);
        let (a, b) = (self.with_rank(a, rank)?, self.with_rank(b, rank)?);
        let mut shape = Vec::with_capacity(rank);
        for axis in 0..rank - 2 {
            shape.push(match (self.shape(a)[axis], self.shape(b)[axis]) {
                (a, b) if a == b || b == 1 => a,
                (1, b) => b,
                _ => return Err(self.error(format!("multiplies values of shapes {left:?} and {right:?}, which do not fit"))),
            });
        }
        let sides = [self.shape(a)[rank - 2], self.shape(b)[rank - 1]];
        shape.extend(sides);
        let product = self.push(Op::MatMul, &[a, b], shape.clone())?;
        if b_is_vector {
            shape.pop();
        }
        if a_is_vector {
            shape.remove(rank - 2);
        }
        self.reshape(product, &shape)
    }

    /// The four dimensions of a picture, or an error.
    pub fn picture(&self, x: ValueId) -> Result<[usize; 4], ImportError> {
        let shape = self.shape(x);
        shape.try_into().map_err(|_| self.error(format!("has an input of shape {shape:?}; expected four dimensions")))
    }

    fn window(&self, x: ValueId, of: &Convolve) -> Result<(Window, [usize; 4]), ImportError> {
        let &[_, _, kernel_height, kernel_width] = of.weight.shape.as_slice() else {
            return Err(self.error(format!("has weights of shape {:?}; expected four dimensions", of.weight.shape)));
        };
        let Convolve { stride, dilation, padding, .. } = *of;
        let window = Window { kernel: [kernel_height, kernel_width], stride, dilation, padding };
        self.check_window(&window)?;
        if of.groups == 0 {
            return Err(self.error("has 0 groups; expected 1 or more"));
        }
        if of.weight.as_floats().is_none() {
            return Err(self.error("has weights that are not floats"));
        }
        Ok((window, self.picture(x)?))
    }

    pub(crate) fn check_window(&self, window: &Window) -> Result<(), ImportError> {
        let Window { kernel, stride, dilation, padding } = window;
        let too_large = |sizes: &[usize]| sizes.iter().any(|size| *size > MAX_WINDOW);
        if [kernel, stride, dilation].iter().any(|sizes| sizes.contains(&0) || too_large(*sizes))
            || too_large(padding.as_flattened())
        {
            return Err(self.error(format!(
                "has kernel {kernel:?}, strides {stride:?}, dilations {dilation:?} and padding {padding:?}; expected sizes from 1 to \
                 {MAX_WINDOW}, and padding up to that"
            )));
        }
        Ok(())
    }

    fn bias(&self, bias: Option<Vec<f32>>, channels: usize) -> Result<Vec<f32>, ImportError> {
        match bias {
            None => Ok(vec![0.0; channels]),
            Some(bias) if bias.len() == channels => Ok(bias),
            Some(bias) => Err(self.error(format!("has a bias of {} numbers; expected {channels}", bias.len()))),
        }
    }
}
