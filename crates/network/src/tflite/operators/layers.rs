//! Layers with weights. Four-dimensional weights are kept as [out, in, height, width], as [`layout`] explains.
use super::{Call, activation::fused, pool};
use crate::{
    Constant, ImportError,
    builder::{Builder, Convolve},
    network::ValueId,
    tflite::layout,
};

/// Weights [out, height, width, in / groups] in the file.
pub(super) fn conv_2d(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let weight = call.weights(builder, 1)?;
    let [_, channels, ..] = builder.picture(call.input(builder, 0)?)?;
    let groups = weight.shape.get(1).and_then(|each| channels.checked_div(*each)).map_or(1, |groups| groups.max(1));
    convolution(builder, call, weight, groups)
}

/// Weights [1, height, width, channels * multiplier] in the file: output channel i is computed from channel i / multiplier.
pub(super) fn depthwise_conv_2d(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    let weight = call.weights(builder, 1)?;
    let &[1, channels_out, height, width] = weight.shape.as_slice() else {
        let shape = layout::shape(&weight.shape);
        return Err(builder.error(format!("has weights of shape {shape:?}; expected four dimensions, the first of them 1")));
    };
    let [_, channels, ..] = builder.picture(call.input(builder, 0)?)?;
    let weight = weight.reshaped(&[channels_out, 1, height, width]);
    convolution(builder, call, weight, channels)
}

/// Weights [out, in]. The input is read as rows of `in` values, whatever its shape.
pub(super) fn fully_connected(builder: &mut Builder, call: &Call) -> Result<ValueId, ImportError> {
    if call.operator.options.is_shuffled {
        return Err(builder.error("has shuffled weights; expected the default order"));
    }
    let (weight, bias) = (call.weights(builder, 1)?, call.bias(builder, 2)?);
    let &[channels_out, features] = weight.shape.as_slice() else {
        return Err(builder.error(format!("has weights of shape {:?}; expected two dimensions", weight.shape)));
    };
    let x = call.input(builder, 0)?;
    let x = layout::in_file_order(builder, x)?;
    let shape = builder.shape(x).to_vec();
    let count: usize = shape.iter().product();
    let rows = count.checked_div(features).filter(|rows| rows * features == count);
    let rows =
        rows.ok_or_else(|| builder.error(format!("has weights for {features} features; its input has the shape {shape:?}")))?;
    let x = builder.reshape(x, &[rows, features])?;
    let result = builder.linear(x, weight, bias)?;
    let result = match shape.split_last() {
        Some((_, front)) if call.operator.options.keeps_axes => builder.reshape(result, &[front, &[channels_out]].concat())?,
        _ => result,
    };
    let result = layout::keep(builder, result)?;
    fused(builder, call, result)
}

/// `weight` is [out, in / groups, height, width].
fn convolution(builder: &mut Builder, call: &Call, weight: Constant, groups: usize) -> Result<ValueId, ImportError> {
    let x = call.input(builder, 0)?;
    let &[_, _, height, width] = weight.shape.as_slice() else {
        return Err(builder.error(format!("has weights of shape {:?}; expected four dimensions", weight.shape)));
    };
    let window = pool::window(builder, call, x, [height, width])?;
    let bias = call.bias(builder, 2)?;
    let (stride, dilation, padding) = (window.stride, window.dilation, window.padding);
    let result = builder.convolution(x, Convolve { weight, bias, groups, stride, dilation, padding })?;
    fused(builder, call, result)
}
