//! How each operator is lowered: one function per operator, which takes the builder and the operator's inputs.
//!
//! | module | owns |
//! |---|---|
//! | `activation` | elementwise functions; activations fused into other operators |
//! | `arithmetic` | operators on two values and over axes; dequantisation of weights |
//! | `layers` | convolutions, fully connected layers |
//! | `pool` | pooling |
//! | `resize` | upsampling and downsampling |
//! | `shape` | operators that only move values |
mod activation;
mod arithmetic;
mod layers;
mod pool;
mod resize;
mod shape;

use super::Call;
use crate::{ImportError, builder::Builder, network::ValueId};

/// Builds an operator; returns the value of its output.
pub(super) type Build = fn(&mut Builder, &Call) -> Result<ValueId, ImportError>;

/// Every operator, in alphabetical order.
const OPERATORS: &[(&str, Build)] = &[
    ("ADD", arithmetic::add),
    ("AVERAGE_POOL_2D", pool::average_pool_2d),
    ("CONCATENATION", shape::concatenation),
    ("CONV_2D", layers::conv_2d),
    ("DEPTHWISE_CONV_2D", layers::depthwise_conv_2d),
    ("DEQUANTIZE", arithmetic::dequantize),
    ("DIV", arithmetic::div),
    ("FULLY_CONNECTED", layers::fully_connected),
    ("HARD_SWISH", activation::hard_swish),
    ("L2_NORMALIZATION", arithmetic::l2_normalization),
    ("LEAKY_RELU", activation::leaky_relu),
    ("LOGISTIC", activation::logistic),
    ("MAXIMUM", arithmetic::maximum),
    ("MAX_POOL_2D", pool::max_pool_2d),
    ("MEAN", arithmetic::mean),
    ("MINIMUM", arithmetic::minimum),
    ("MUL", arithmetic::mul),
    ("PAD", shape::pad),
    ("PRELU", activation::prelu),
    ("RELU", activation::relu),
    ("RELU6", activation::relu6),
    ("RELU_N1_TO_1", activation::relu_n1_to_1),
    ("RESHAPE", shape::reshape),
    ("RESIZE_BILINEAR", resize::resize_bilinear),
    ("RESIZE_NEAREST_NEIGHBOR", resize::resize_nearest_neighbor),
    ("SOFTMAX", activation::softmax),
    ("SQUEEZE", shape::squeeze),
    ("SUB", arithmetic::sub),
    ("SUM", arithmetic::sum),
    ("TANH", activation::tanh),
    ("TRANSPOSE", shape::transpose),
];

/// The function that builds an operator.
pub(super) fn find(op: &str) -> Option<Build> {
    let place = OPERATORS.binary_search_by_key(&op, |(name, _)| name).ok()?;
    Some(OPERATORS[place].1)
}

#[cfg(test)]
mod tests {
    use super::OPERATORS;

    #[test]
    fn the_table_is_in_order() {
        assert!(OPERATORS.is_sorted_by_key(|(name, _)| name));
    }
}
