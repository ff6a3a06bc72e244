//! One function for each operator. It reads a node and adds the operator's steps to the builder.
//!
//! | module | owns |
//! |---|---|
//! | `activation` | elementwise functions of one value |
//! | `arithmetic` | functions of one or more values, which broadcast |
//! | `convolution` | convolutions, in one and two dimensions |
//! | `coordinates` | which input positions a resized axis samples |
//! | `extract` | parts of a value: Slice, Split, Gather |
//! | `kernel` | kernel sizes, strides, dilations, padding |
//! | `linear` | Gemm, MatMul |
//! | `logic` | comparisons of constants |
//! | `norm` | normalisations |
//! | `pad` | padding |
//! | `pool` | pooling |
//! | `quantisation` | quantised weights to floats |
//! | `reduction` | sums, means and the like over axes |
//! | `resize` | upsampling and downsampling |
//! | `shape` | the same values in another shape or order |
//! | `structure` | constants, casts, and nodes that do nothing |
mod activation;
mod arithmetic;
mod convolution;
mod coordinates;
mod extract;
mod kernel;
mod linear;
mod logic;
mod norm;
mod pad;
mod pool;
mod quantisation;
mod reduction;
mod resize;
mod shape;
mod structure;

use super::Call;
use crate::{
    ImportError,
    builder::Builder,
    network::{Binary, Reduction, Unary, ValueId},
};
use reduction::Applied;

/// The values of a node's outputs. Other nodes cannot read omitted ones.
type Outputs = Result<Vec<ValueId>, ImportError>;

/// Adds the steps of a node.
pub(super) type Operator = fn(&mut Builder, &Call) -> Outputs;

/// Every operator, in alphabetical order.
const OPERATORS: &[(&str, Operator)] = &[
    ("Abs", |builder, call| arithmetic::unary(builder, call, Unary::Abs)),
    ("Add", |builder, call| arithmetic::binary(builder, call, Binary::Add)),
    ("And", |builder, call| logic::combine(builder, call, |a, b| a && b)),
    ("AveragePool", pool::average_pool),
    ("BatchNormalization", norm::batch_normalization),
    ("Cast", structure::cast),
    ("Ceil", |builder, call| arithmetic::round(builder, call, f32::ceil)),
    ("Clip", activation::clip),
    ("Concat", shape::concat),
    ("Constant", structure::constant),
    ("ConstantOfShape", structure::constant_of_shape),
    ("Conv", convolution::conv),
    ("ConvTranspose", convolution::conv_transpose),
    ("DequantizeLinear", quantisation::dequantize_linear),
    ("Div", |builder, call| arithmetic::binary(builder, call, Binary::Div)),
    ("Dropout", structure::dropout),
    ("Elu", activation::elu),
    ("Equal", |builder, call| logic::compare(builder, call, |order| order.is_eq())),
    ("Erf", |builder, call| arithmetic::unary(builder, call, Unary::Erf)),
    ("Exp", |builder, call| arithmetic::unary(builder, call, Unary::Exp)),
    ("Expand", shape::expand),
    ("Flatten", shape::flatten),
    ("Floor", |builder, call| arithmetic::round(builder, call, f32::floor)),
    ("Gather", extract::gather),
    ("Gelu", activation::gelu),
    ("Gemm", linear::gemm),
    ("GlobalAveragePool", |builder, call| pool::global(builder, call, Reduction::Mean)),
    ("GlobalMaxPool", |builder, call| pool::global(builder, call, Reduction::Max)),
    ("Greater", |builder, call| logic::compare(builder, call, |order| order.is_gt())),
    ("GreaterOrEqual", |builder, call| logic::compare(builder, call, |order| order.is_ge())),
    ("HardSigmoid", activation::hard_sigmoid),
    ("HardSwish", activation::hard_swish),
    ("Identity", structure::identity),
    ("InstanceNormalization", norm::instance_normalization),
    ("LayerNormalization", norm::layer_normalization),
    ("LeakyRelu", activation::leaky_relu),
    ("Less", |builder, call| logic::compare(builder, call, |order| order.is_lt())),
    ("LessOrEqual", |builder, call| logic::compare(builder, call, |order| order.is_le())),
    ("Log", |builder, call| arithmetic::unary(builder, call, Unary::Log)),
    ("LpNormalization", norm::lp_normalization),
    ("MatMul", linear::matmul),
    ("Max", |builder, call| arithmetic::variadic(builder, call, Binary::Max)),
    ("MaxPool", pool::max_pool),
    ("Mean", arithmetic::mean),
    ("Min", |builder, call| arithmetic::variadic(builder, call, Binary::Min)),
    ("Mish", activation::mish),
    ("Mul", |builder, call| arithmetic::binary(builder, call, Binary::Mul)),
    ("Neg", |builder, call| arithmetic::unary(builder, call, Unary::Neg)),
    ("Not", logic::not),
    ("Or", |builder, call| logic::combine(builder, call, |a, b| a || b)),
    ("PRelu", activation::prelu),
    ("Pad", pad::pad),
    ("Pow", arithmetic::pow),
    ("Range", structure::range),
    ("Reciprocal", |builder, call| arithmetic::unary(builder, call, Unary::Reciprocal)),
    ("ReduceL1", |builder, call| reduction::reduce(builder, call, Reduction::Sum, Applied::Absolute)),
    ("ReduceL2", |builder, call| reduction::reduce(builder, call, Reduction::Sum, Applied::SquareAndRoot)),
    ("ReduceMax", |builder, call| reduction::reduce(builder, call, Reduction::Max, Applied::Nothing)),
    ("ReduceMean", |builder, call| reduction::reduce(builder, call, Reduction::Mean, Applied::Nothing)),
    ("ReduceMin", |builder, call| reduction::reduce(builder, call, Reduction::Min, Applied::Nothing)),
    ("ReduceSum", |builder, call| reduction::reduce(builder, call, Reduction::Sum, Applied::Nothing)),
    ("ReduceSumSquare", |builder, call| reduction::reduce(builder, call, Reduction::Sum, Applied::Square)),
    ("Relu", |builder, call| arithmetic::unary(builder, call, Unary::Relu)),
    ("Reshape", shape::reshape),
    ("Resize", resize::resize),
    ("Shape", structure::shape),
    ("Sigmoid", |builder, call| arithmetic::unary(builder, call, Unary::Sigmoid)),
    ("Slice", extract::slice),
    ("Softmax", activation::softmax),
    ("Softplus", activation::softplus),
    ("Split", extract::split),
    ("Sqrt", |builder, call| arithmetic::unary(builder, call, Unary::Sqrt)),
    ("Squeeze", shape::squeeze),
    ("Sub", |builder, call| arithmetic::binary(builder, call, Binary::Sub)),
    ("Sum", |builder, call| arithmetic::variadic(builder, call, Binary::Add)),
    ("Tanh", |builder, call| arithmetic::unary(builder, call, Unary::Tanh)),
    ("Transpose", shape::transpose),
    ("Unsqueeze", shape::unsqueeze),
    ("Upsample", resize::upsample),
    ("Where", logic::select),
];

/// The function for an operator.
pub(super) fn find(op: &str) -> Option<Operator> {
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
