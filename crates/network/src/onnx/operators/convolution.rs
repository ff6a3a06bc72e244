use super::{
    super::Call,
    Outputs,
    kernel::{Kernel, Padding, Plane},
};
use crate::{
    Constant, ImportError,
    builder::{Builder, Convolve, Deconvolve},
    network::Window,
};

/// Weights have the shape `[channels out, channels in / group, ...]`.
pub(super) fn conv(builder: &mut Builder, call: &Call) -> Outputs {
    let plane = Plane::of(builder, call)?;
    let (weight, size) = weight(builder, call, &plane)?;
    let window = Kernel::read(builder, call, &plane, Some(size))?.window(builder, plane.size)?;
    let of = convolve(builder, call, weight, window)?;
    let result = builder.convolution(plane.value, of)?;
    Ok(vec![plane.restore(builder, result)?])
}

/// Weights have the shape `[channels in, channels out / group, ...]`. Explicit padding determines the output size. With
/// `output_shape`, or SAME (which means `input * stride`), the output size determines the padding.
pub(super) fn conv_transpose(builder: &mut Builder, call: &Call) -> Outputs {
    let plane = Plane::of(builder, call)?;
    let (weight, size) = weight(builder, call, &plane)?;
    let kernel = Kernel::read(builder, call, &plane, Some(size))?;
    let mut padding_out = plane.sizes(builder, call, "output_padding")?.unwrap_or([0, 0]);
    let mut window = Window { kernel: size, stride: kernel.stride, dilation: kernel.dilation, padding: [[0; 2]; 2] };
    builder.check_window(&window)?;
    let wanted = match (plane.sizes(builder, call, "output_shape")?, kernel.padding) {
        (None, Padding::Explicit(padding)) => {
            window.padding = padding;
            None
        }
        (None, Padding::SameUpper | Padding::SameLower) => {
            Some([0, 1].map(|axis| plane.size[axis].saturating_mul(kernel.stride[axis])))
        }
        (Some(shape), _) => Some(shape),
    };
    for (axis, wanted) in wanted.into_iter().flatten().enumerate() {
        let covered =
            (plane.size[axis].saturating_sub(1)).saturating_mul(kernel.stride[axis]).saturating_add(window.span()[axis]);
        let all = covered.saturating_add(padding_out[axis]);
        match all.checked_sub(wanted) {
            Some(total) => window.padding[axis] = kernel.padding.divide(total),
            // The kernel does not reach the end of the output; the rest holds only the bias.
            None => padding_out[axis] = wanted - covered,
        }
    }
    let of = convolve(builder, call, weight, window)?;
    let result = builder.transposed_convolution(plane.value, Deconvolve { of, padding_out })?;
    Ok(vec![plane.restore(builder, result)?])
}

/// The weights in four dimensions, and their kernel size.
fn weight(builder: &mut Builder, call: &Call, plane: &Plane) -> Result<(Constant, [usize; 2]), ImportError> {
    let weight = call.input(builder, 1)?;
    let (shape, plane_shape) = (builder.shape(weight).to_vec(), builder.shape(plane.value).to_vec());
    let shape = match (shape.as_slice(), plane.is_line) {
        (&[first, second, height, width], false) => [first, second, height, width],
        (&[first, second, length], true) => [first, second, 1, length],
        _ => {
            return Err(builder.error(format!(
                "has weights of shape {shape:?} for an input of shape {plane_shape:?}; expected as many dimensions"
            )));
        }
    };
    let weight = builder.reshape(weight, &shape)?;
    let Some(constant) = builder.known(weight).cloned() else {
        return Err(
            builder.error("computes its weights at run time; only constant weights are supported, so export it with them")
        );
    };
    let [.., height, width] = shape;
    Ok((constant, [height, width]))
}

fn convolve(builder: &Builder, call: &Call, weight: Constant, window: Window) -> Result<Convolve, ImportError> {
    let group = call.node.integer("group", 1);
    let groups = usize::try_from(group).map_err(|_| builder.error(format!("has {group} groups; expected 1 or more")))?;
    let bias = call.optional_constant(builder, 2)?.map(|bias| bias.to_floats());
    let Window { stride, dilation, padding, .. } = window;
    Ok(Convolve { weight, bias, groups, stride, dilation, padding })
}
