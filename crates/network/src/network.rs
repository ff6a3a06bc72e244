//! A network as steps over tensors of known shapes: every file is lowered to this form, and an engine runs it.
//!
//! Each step computes one value from earlier ones. There are few kinds of steps: file operators are composed from them where
//! possible. Shapes are known at import, so steps cannot fail to fit together at run time.
use std::sync::Arc;

use crate::Constant;

/// A value of a network: its input, a constant, or the result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub(crate) usize);

impl ValueId {
    /// Index into [`Network::values`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// Shape of a value, and its elements if known. Computed values are floats.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Its dimensions, row-major.
    pub shape: Vec<usize>,
    /// The elements of a constant.
    pub constant: Option<Constant>,
}

/// A network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Every value, indexed by [`ValueId`].
    pub values: Vec<Value>,
    /// In execution order.
    pub steps: Vec<Step>,
    /// The value it reads.
    pub input: ValueId,
    /// The values it computes, under the file's names.
    pub outputs: Vec<(String, ValueId)>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it does.
    pub op: Op,
    /// The values it reads.
    pub inputs: Vec<ValueId>,
    /// The value it computes.
    pub output: ValueId,
    /// The node of the file it comes from.
    pub origin: Arc<Origin>,
}

/// A node of a file, as errors and cards name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Name of its first output.
    pub node: String,
    /// Its operator, such as `Conv`.
    pub op: String,
}

/// What a step does. Axes count from the first dimension.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// `[n, channels in, height, width]` to `[n, channels out, ...]`.
    Convolution(Convolution),
    /// Its transpose: the gradient of a convolution with respect to its input.
    TransposedConvolution(TransposedConvolution),
    /// `x W^T + b` over the last axis.
    Linear(Linear),
    /// Matrix products over the last two axes of two values of the same rank; the other axes broadcast.
    MatMul,
    /// The largest value in each window of `[n, channels, height, width]`. Padding never wins.
    MaxPool(Window),
    /// Elementwise.
    Unary(Unary),
    /// Limits values to `min..=max`.
    Clamp {
        /// The smallest result.
        min: f32,
        /// The largest result.
        max: f32,
    },
    /// `x` where it is positive, `slope * x` elsewhere: one slope, or one for each channel (axis 1).
    PRelu {
        /// Factors of negative values.
        slopes: Arc<Vec<f32>>,
    },
    /// `scale * x + shift`, one of each for each channel (axis 1).
    Affine {
        /// Multiplied first.
        scale: Arc<Vec<f32>>,
        /// Added then.
        shift: Arc<Vec<f32>>,
    },
    /// Elementwise, on two values of the same rank, with broadcasting.
    Binary(Binary),
    /// Over some axes, which are kept with length 1.
    Reduce {
        /// How the values are combined.
        kind: Reduction,
        /// In ascending order.
        axes: Vec<usize>,
    },
    /// `exp(x) / sum exp(x)` along an axis.
    Softmax {
        /// The axis.
        axis: usize,
    },
    /// The same values in the shape of the output.
    Reshape,
    /// Axis i of the output is axis `permutation[i]` of the input.
    Transpose {
        /// Each axis once.
        permutation: Vec<usize>,
    },
    /// A contiguous range along an axis.
    Slice {
        /// The axis.
        axis: usize,
        /// First position; the output's shape gives the length.
        start: usize,
    },
    /// Any positions along an axis, in any order.
    Select {
        /// The axis.
        axis: usize,
        /// The positions.
        indices: Vec<usize>,
    },
    /// Joins values along an axis.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// A constant border around the values.
    Pad {
        /// Widths before and after, for each axis.
        padding: Vec<[usize; 2]>,
        /// The padding value.
        value: f32,
    },
    /// Repeats axes of length 1 to the output's shape.
    Expand,
    /// Repeats each pixel of `[n, channels, height, width]`.
    Repeat {
        /// How often, down and across.
        factors: [usize; 2],
    },
    /// The identity, unless the network is cut here.
    Dropout {
        /// The probability that a value is dropped in training.
        ratio: f32,
    },
}

/// Elementwise operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Unary {
    Abs,
    Erf,
    Exp,
    Log,
    Neg,
    Reciprocal,
    Relu,
    Sigmoid,
    Sqrt,
    Tanh,
}

/// Operations on two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
}

/// Ways to combine many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Reduction {
    Sum,
    Mean,
    Min,
    Max,
}

/// How a kernel moves over its input. Sizes are height, width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Size of the kernel.
    pub kernel: [usize; 2],
    /// Step sizes down and across.
    pub stride: [usize; 2],
    /// Distance between kernel elements; 1 for adjacent ones.
    pub dilation: [usize; 2],
    /// Rows above and below, columns to the left and right.
    pub padding: [[usize; 2]; 2],
}

impl Window {
    /// A window that covers a whole plane.
    pub(crate) fn whole(size: [usize; 2]) -> Self {
        Self { kernel: size, stride: [1, 1], dilation: [1, 1], padding: [[0; 2]; 2] }
    }

    /// How much of the input the kernel spans, dilation included.
    pub fn span(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.dilation[axis] * (self.kernel[axis] - 1) + 1)
    }

    /// Height and width of the output for an input of this size; `None` if the kernel does not fit.
    pub fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        let mut output = [0; 2];
        for axis in 0..2 {
            let padded = input[axis] + self.padding[axis].iter().sum::<usize>();
            output[axis] = padded.checked_sub(self.span()[axis])? / self.stride[axis] + 1;
        }
        Some(output)
    }

    /// For each of the first `outputs` positions along `axis`, counts the kernel elements between `inside[0]` (inclusive) and
    /// `inside[1]` (exclusive) of the input.
    pub(crate) fn counts(&self, axis: usize, outputs: usize, inside: [i64; 2]) -> impl Iterator<Item = usize> + use<> {
        let [kernel, stride, dilation, before] =
            [self.kernel[axis], self.stride[axis], self.dilation[axis], self.padding[axis][0]].map(|size| size as i64);
        let [first, end] = inside;
        (0..outputs as i64).map(move |output| {
            let start = output * stride - before;
            // Number of kernel elements before a position.
            let before_place = |place: i64| (place - start + dilation - 1).div_euclid(dilation).clamp(0, kernel);
            (before_place(end) - before_place(first)) as usize
        })
    }
}

/// A convolution, with an epilogue on its sums.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// `[channels out, channels in / groups, kernel height, kernel width]`.
    pub weight: Arc<Vec<f32>>,
    /// In, out.
    pub channels: [usize; 2],
    /// Number of channel groups.
    pub groups: usize,
    /// How the kernel moves.
    pub window: Window,
    /// One for each output channel.
    pub epilogue: Vec<Epilogue>,
}

/// A transposed convolution.
#[derive(Debug, Clone, PartialEq)]
pub struct TransposedConvolution {
    /// `[channels in, channels out / groups, kernel height, kernel width]`.
    pub weight: Arc<Vec<f32>>,
    /// One for each output channel.
    pub bias: Arc<Vec<f32>>,
    /// In, out.
    pub channels: [usize; 2],
    /// Number of channel groups.
    pub groups: usize,
    /// The window of the convolution this transposes; its padding is equal on both sides.
    pub window: Window,
    /// Rows and columns added at the end of the output.
    pub padding_out: [usize; 2],
}

/// A fully connected layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// `[out, in]`.
    pub weight: Constant,
    /// `[out]`.
    pub bias: Arc<Vec<f32>>,
}

/// Applied to the sums of an output channel: with `x = sum + bias`, `x * above + shift` where x is positive, and
/// `x * below + shift` elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epilogue {
    /// Added to the sum.
    pub bias: f32,
    /// Factor of positive values.
    pub above: f32,
    /// Factor of the others.
    pub below: f32,
    /// Added last.
    pub shift: f32,
}

impl Epilogue {
    /// A bias alone.
    pub fn bias(bias: f32) -> Self {
        Self { bias, above: 1.0, below: 1.0, shift: 0.0 }
    }

    /// Whether it is only a bias.
    pub fn is_bias(&self) -> bool {
        (self.above, self.below, self.shift) == (1.0, 1.0, 0.0)
    }
}

impl Network {
    /// Shape of a value.
    pub fn shape(&self, value: ValueId) -> &[usize] {
        &self.values[value.0].shape
    }

    /// The elements of a value, if known.
    pub fn constant(&self, value: ValueId) -> Option<&Constant> {
        self.values[value.0].constant.as_ref()
    }

    /// Index of the step that computes a value.
    pub(crate) fn producer(&self, value: ValueId) -> Option<usize> {
        self.steps.iter().position(|step| step.output == value)
    }

    /// Number of step inputs and network outputs that are this value.
    pub(crate) fn readers(&self, value: ValueId) -> usize {
        let reads = self.steps.iter().flat_map(|step| &step.inputs).filter(|input| **input == value).count();
        reads + self.outputs.iter().filter(|(_, output)| *output == value).count()
    }

    /// Replaces every use of `old` by `new`.
    pub(crate) fn replace(&mut self, old: ValueId, new: ValueId) {
        let inputs = self.steps.iter_mut().flat_map(|step| &mut step.inputs);
        let outputs = self.outputs.iter_mut().map(|(_, output)| output);
        inputs.chain(outputs).filter(|value| **value == old).for_each(|value| *value = new);
    }

    /// Removes steps that no output depends on, and the elements of unused constants.
    pub(crate) fn prune(&mut self) {
        let mut needed = vec![false; self.values.len()];
        for (_, output) in &self.outputs {
            needed[output.0] = true;
        }
        for step in self.steps.iter().rev() {
            if needed[step.output.0] {
                step.inputs.iter().for_each(|input| needed[input.0] = true);
            }
        }
        self.steps.retain(|step| needed[step.output.0]);
        for (value, needed) in self.values.iter_mut().zip(needed) {
            if !needed {
                value.constant = None;
            }
        }
    }

    /// Number of weights.
    pub fn parameters(&self) -> usize {
        let constants = self.values.iter().filter_map(|value| value.constant.as_ref()).map(Constant::len).sum::<usize>();
        let of_steps = self.steps.iter().map(|step| match &step.op {
            Op::Convolution(of) => of.weight.len() + of.epilogue.len(),
            Op::TransposedConvolution(of) => of.weight.len() + of.bias.len(),
            Op::Linear(of) => of.weight.len() + of.bias.len(),
            Op::PRelu { slopes } => slopes.len(),
            Op::Affine { scale, shift } => scale.len() + shift.len(),
            _ => 0,
        });
        constants + of_steps.sum::<usize>()
    }
}
