//! Pooling, and the windows of kernels.
use super::{Call, activation::fused};
use crate::{
    ImportError,
    builder::Builder,
    network::{ValueId, Window},
    tflite::schema::{SAME, VALID},
};

pub(super) fn max_pool_2d(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let window = pooling_window(builder, call, x)?;
    let result = builder.max_pool(x, window)?;
    fused(builder, call, result)
}

/// Padding does not count: at the edges, the mean covers fewer values.
pub(super) fn average_pool_2d(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let window = pooling_window(builder, call, x)?;
    let result = builder.average_pool(x, window, [[0; 2]; 2])?;
    fused(builder, call, result)
}

/// The window for a kernel of this height and width on a picture.
pub(super) fn window(builder: &Builder, call: &Call, x: ValueId, kernel: [usize; 2]) -> Result<Window, ImportError> {
    let [_, _, height, width] = builder.picture(x)?;
    let options = &call.operator.options;
    let size = |size: i32| {
        let size = usize::try_from(size).ok().filter(|size| *size > 0);
        size.ok_or_else(|| {
            let (stride, dilation) = (options.stride, options.dilation);
            builder.error(format!("has strides {stride:?} and dilations {dilation:?}; expected 1 or more"))
        })
    };
    let [down, across] = options.stride;
    let stride = [size(down)?, size(across)?];
    let [down, across] = options.dilation;
    let dilation = [size(down)?, size(across)?];
    let input = [height, width];
    let padding = match options.padding {
        VALID => [[0; 2]; 2],
        SAME => [0, 1].map(|axis| same(input[axis], kernel[axis], stride[axis], dilation[axis])),
        other => return Err(builder.error(format!("has the padding {other}; expected SAME or VALID"))),
    };
    Ok(Window { kernel, stride, dilation, padding })
}

/// Padding before and after, for an output length of the input length divided by the stride, rounded up. An odd total puts the
/// extra zero after. The builder refuses sizes that saturate.
fn same(input: usize, kernel: usize, stride: usize, dilation: usize) -> [usize; 2] {
    let span = kernel.saturating_sub(1).saturating_mul(dilation).saturating_add(1);
    let last = input.div_ceil(stride).saturating_sub(1).saturating_mul(stride);
    let padding = last.saturating_add(span).saturating_sub(input);
    [padding / 2, padding.div_ceil(2)]
}

fn pooling_window(builder: &Builder, call: &Call, x: ValueId) -> Result<Window, ImportError> {
    let [height, width] = call.operator.options.kernel;
    match (usize::try_from(height), usize::try_from(width)) {
        (Ok(height), Ok(width)) if height > 0 && width > 0 => window(builder, call, x, [height, width]),
        _ => Err(builder.error(format!("has a window of {height} x {width}; expected 1 or more"))),
    }
}
