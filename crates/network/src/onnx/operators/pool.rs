use super::{
    super::Call,
    Outputs,
    kernel::{Kernel, Padding, Plane},
};
use crate::{
    ImportError,
    builder::Builder,
    network::{Reduction, Window},
};

/// The largest value in each window, ignoring padding. The second output, the positions of these values, is not supported.
pub(super) fn max_pool(builder: &mut Builder, call: &Call) -> Outputs {
    let plane = Plane::of(builder, call)?;
    let (window, _) = window(builder, call, &plane)?;
    let result = builder.max_pool(plane.value, window)?;
    Ok(vec![plane.restore(builder, result)?])
}

/// The mean of each window. Padding counts if `count_include_pad`; the extra padding of `ceil_mode` never does.
pub(super) fn average_pool(builder: &mut Builder, call: &Call) -> Outputs {
    let plane = Plane::of(builder, call)?;
    let (window, padding) = window(builder, call, &plane)?;
    let counted = if call.node.integer("count_include_pad", 0) != 0 { padding } else { [[0; 2]; 2] };
    let result = builder.average_pool(plane.value, window, counted)?;
    Ok(vec![plane.restore(builder, result)?])
}

/// `GlobalAveragePool` and `GlobalMaxPool`: over all axes but batch and channels. Those axes keep a length of 1.
pub(super) fn global(builder: &mut Builder, call: &Call, kind: Reduction) -> Outputs {
    let x = call.input(builder, 0)?;
    let axes: Vec<usize> = (2..builder.rank(x)).collect();
    if axes.is_empty() {
        return Err(builder.error(format!("has an input of shape {:?}; expected 3 dimensions or more", builder.shape(x))));
    }
    Ok(vec![builder.reduce(kind, x, &axes)?])
}

/// The window, and the padding the node asks for. With `ceil_mode` the last window may extend beyond that padding, which adds
/// padding at the end; but no window may begin there.
fn window(builder: &Builder, call: &Call, plane: &Plane) -> Result<(Window, [[usize; 2]; 2]), ImportError> {
    let kernel = Kernel::read(builder, call, plane, None)?;
    let mut window = kernel.window(builder, plane.size)?;
    let padding = window.padding;
    if call.node.integer("ceil_mode", 0) == 0 || !matches!(kernel.padding, Padding::Explicit(_)) {
        return Ok((window, padding));
    }
    for (axis, [before, behind]) in padding.into_iter().enumerate() {
        let (stride, span) = (window.stride[axis], window.span()[axis]);
        let end = before + plane.size[axis];
        // A kernel larger than the padded input is an error, reported later.
        let Some(rest) = (end + behind).checked_sub(span) else { continue };
        let mut steps = rest.div_ceil(stride);
        if steps > 0 && steps * stride >= end {
            steps -= 1;
        }
        window.padding[axis][1] = (steps * stride + span).saturating_sub(end);
    }
    Ok((window, padding))
}
