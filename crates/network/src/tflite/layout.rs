//! Order of the axes.
//!
//! TFLite's pictures are [n, height, width, channels], those of [`Builder`] [n, channels, height, width]. One rule covers both: a
//! four-dimensional value is kept with its last axis moved to the second position, any other value as is. The rule holds for
//! constants too: a convolution's weights [out, height, width, in] are kept as [out, in, height, width].
//!
//! Where the order of the values matters (reshapes, fully connected layers, network outputs), they are moved back.
use crate::{ImportError, builder::Builder, network::ValueId};

/// Axis i of a kept value is axis `KEPT[i]` of the file's value.
const KEPT: [usize; 4] = [0, 3, 1, 2];
/// Axis i of the file's value is axis `IN_FILE[i]` of the kept one.
const IN_FILE: [usize; 4] = [0, 2, 3, 1];

/// Converts a value from file order to kept order.
pub(super) fn keep(builder: &mut Builder, x: ValueId) -> Result<ValueId, ImportError> {
    if builder.rank(x) == 4 { builder.transpose(x, &KEPT) } else { Ok(x) }
}

/// Converts a kept value back to file order.
pub(super) fn in_file_order(builder: &mut Builder, x: ValueId) -> Result<ValueId, ImportError> {
    if builder.rank(x) == 4 { builder.transpose(x, &IN_FILE) } else { Ok(x) }
}

/// A kept value with axes of length 1 prepended in file order, up to a rank.
pub(super) fn with_rank(builder: &mut Builder, x: ValueId, rank: usize) -> Result<ValueId, ImportError> {
    if builder.rank(x) >= rank {
        return Ok(x);
    }
    let x = in_file_order(builder, x)?;
    let x = builder.with_rank(x, rank)?;
    keep(builder, x)
}

/// Position of a file axis in a kept value of this rank.
pub(super) fn axis(axis: usize, rank: usize) -> usize {
    if rank == 4 { IN_FILE.get(axis).copied().unwrap_or(axis) } else { axis }
}

/// Converts a permutation of a file's value to one of the kept value.
pub(super) fn permutation(permutation: &[usize]) -> Vec<usize> {
    match *permutation {
        [_, _, _, _] => KEPT.iter().map(|place| axis(permutation[*place], 4)).collect(),
        _ => permutation.to_vec(),
    }
}

/// Shape of a kept value in file order.
pub(super) fn shape(kept: &[usize]) -> Vec<usize> {
    match kept {
        [n, channels, height, width] => vec![*n, *height, *width, *channels],
        _ => kept.to_vec(),
    }
}
