use super::{super::Call, Outputs};
use crate::{Constant, ImportError, builder::Builder, constant::Data};

/// `(q - zero) * scale`. There is one scale and zero point for the whole tensor, one for each position along `axis`, or, since
/// opset 21, one for each block of `block_size` neighbours along it. Only constants are supported.
pub(super) fn dequantize_linear(builder: &mut Builder, call: &Call) -> Outputs {
    let quantised = call.constant(builder, 0).map_err(|_| {
        builder.error("does not read a constant; only quantised weights are supported, so export the activations as floats")
    })?;
    let scale = call.constant(builder, 1)?;
    let Some(scales) = scale.as_floats() else { return Err(builder.error("has a scale of integers; expected floats")) };
    let zeros = call.optional_constant(builder, 2)?.map(|zero| zero.to_integers());
    if let Some(zeros) = zeros.as_ref().filter(|zeros| zeros.len() != scales.len()) {
        return Err(builder.error(format!("has {} zero points and {} scales; expected as many", zeros.len(), scales.len())));
    }
    let blocks = Blocks::of(builder, call, &quantised.shape, &scale.shape)?;
    builder.make_room(&quantised.shape)?;
    // Memory holds the integers and the floats, and nothing else of that size: this is the memory peak of loading.
    let values = match &quantised.data {
        Data::Bytes(bytes, sign) => blocks.expand(bytes, |byte| sign.read(byte).into(), scales, zeros.as_deref()),
        Data::Integers(integers) => blocks.expand(integers, |integer| integer, scales, zeros.as_deref()),
        Data::Floats(_) => return Err(builder.error("reads floats; expected integers")),
    };
    Ok(vec![builder.constant(Constant::floats(quantised.shape, values))])
}

/// Maps each element of an array seen as `[.., axis, inner]` to its scale.
struct Blocks {
    axis: usize,
    inner: usize,
    scales: Scales,
}

enum Scales {
    One,
    /// One for each position along the axis.
    EachPlace,
    /// One for each block of `size` neighbours along the axis, with `count` blocks; separate for each position on other axes.
    EachBlock {
        size: usize,
        count: usize,
    },
}

impl Blocks {
    fn of(builder: &Builder, call: &Call, shape: &[usize], scale: &[usize]) -> Result<Self, ImportError> {
        if scale.iter().all(|size| *size == 1) {
            return Ok(Self { axis: 1, inner: shape.iter().product(), scales: Scales::One });
        }
        let axis = builder.axis(call.node.integer("axis", 1), shape.len())?;
        let block_size = call.node.integer("block_size", 0);
        let mut expected = shape.to_vec();
        let scales = match usize::try_from(block_size) {
            Ok(0) => {
                expected = vec![shape[axis]];
                Scales::EachPlace
            }
            Ok(size) => {
                expected[axis] = shape[axis].div_ceil(size);
                Scales::EachBlock { size, count: expected[axis] }
            }
            Err(_) => return Err(builder.error(format!("has block_size {block_size}; expected 0, for no blocks, or more"))),
        };
        if scale != expected {
            return Err(builder.error(format!(
                "has a scale of shape {scale:?}; expected {expected:?} for weights of shape {shape:?} with axis {axis} and block_size \
                 {block_size}"
            )));
        }
        Ok(Self { axis: shape[axis], inner: shape[axis + 1..].iter().product(), scales })
    }

    fn expand<T: Copy>(&self, quantised: &[T], read: impl Fn(T) -> i64, scales: &[f32], zeros: Option<&[i64]>) -> Vec<f32> {
        // Places along the axis with the same scales: of them, each inner position has its own, or all have one.
        let (places, has_own) = match self.scales {
            Scales::One => (self.axis, false),
            Scales::EachPlace => (1, false),
            // A file may name a block of any size.
            Scales::EachBlock { size, .. } => (size.min(self.axis), self.inner > 1),
        };
        let (width, length) = if has_own { (self.inner, self.inner) } else { (1, places * self.inner) };
        let mut values = Vec::with_capacity(quantised.len());
        for (outer, block) in quantised.chunks((self.axis * self.inner).max(1)).enumerate() {
            for (along, block) in block.chunks((places * self.inner).max(1)).enumerate() {
                let first = match self.scales {
                    Scales::One => 0,
                    Scales::EachPlace => along,
                    Scales::EachBlock { count, .. } => (outer * count + along) * self.inner,
                };
                let scales = &scales[first..first + width];
                let zero = |index: usize| zeros.map_or(0, |zeros| zeros[first + index]);
                for row in block.chunks(length.max(1)) {
                    match *scales {
                        [scale] => {
                            let zero = zero(0);
                            values.extend(row.iter().map(|value| read(*value).wrapping_sub(zero) as f32 * scale));
                        }
                        _ => values.extend(
                            row.iter()
                                .zip(scales)
                                .enumerate()
                                .map(|(index, (value, scale))| read(*value).wrapping_sub(zero(index)) as f32 * scale),
                        ),
                    }
                }
            }
        }
        values
    }
}
