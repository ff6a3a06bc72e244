//! A network as steps over tensors of known shapes: what every file becomes, and what an engine runs.
//!
//! A step makes one value of those before it. There are few kinds of steps: whatever an operator of a file can be composed of, it
//! is composed of. Shapes are known, so that nothing can go wrong between the steps when they run.
use std::sync::Arc;

use crate::Constant;

/// A value of a network: its input, a constant, or the result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub(crate) usize);

impl ValueId {
    /// Place in [`Network::values`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// Shape of a value, and its elements if they are known. Values that a step makes are floats.
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
    /// Every value, by its number.
    pub values: Vec<Value>,
    /// In the order in which they run.
    pub steps: Vec<Step>,
    /// What it reads.
    pub input: ValueId,
    /// What it makes, by the names of the file.
    pub outputs: Vec<(String, ValueId)>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it does.
    pub op: Op,
    /// What it reads.
    pub inputs: Vec<ValueId>,
    /// What it makes.
    pub output: ValueId,
    /// The node of the file that it comes from.
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
    /// The same, transposed: gradients of a convolution's input.
    TransposedConvolution(TransposedConvolution),
    /// `x W^T + b` over the last axis.
    Linear(Linear),
    /// Products of matrices in the last two axes of two values of the same rank; the other axes broadcast.
    MatMul,
    /// The largest value in each window of `[n, channels, height, width]`. Padding never wins.
    MaxPool(Window),
    /// Of each value alone.
    Unary(Unary),
    /// Values below `min` become it, those above `max` that.
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
    /// Of two values of the same rank, which broadcast.
    Binary(Binary),
    /// Over some axes, which keep a length of 1.
    Reduce {
        /// What becomes of the values.
        kind: Reduction,
        /// In ascending order.
        axes: Vec<usize>,
    },
    /// `exp(x) / sum exp(x)` along an axis.
    Softmax {
        /// Along which.
        axis: usize,
    },
    /// The same values in the shape of the output.
    Reshape,
    /// Axis i of the output is axis `permutation[i]` of the input.
    Transpose {
        /// Each axis once.
        permutation: Vec<usize>,
    },
    /// Neighbours along an axis.
    Slice {
        /// Along which.
        axis: usize,
        /// The first of them; the output's shape says how many.
        start: usize,
    },
    /// Any along an axis, in any order.
    Select {
        /// Along which.
        axis: usize,
        /// Their places.
        indices: Vec<usize>,
    },
    /// One value after the other along an axis.
    Concat {
        /// Along which.
        axis: usize,
    },
    /// A constant around the values: how many before and behind along each axis.
    Pad {
        /// One pair for each axis.
        padding: Vec<[usize; 2]>,
        /// What to pad with.
        value: f32,
    },
    /// Axes of length 1 repeated to the output's shape.
    Expand,
    /// Each pixel of `[n, channels, height, width]` repeated so often down and across.
    Repeat {
        /// Down, across.
        factors: [usize; 2],
    },
    /// Nothing, unless the network is cut here.
    Dropout {
        /// The probability that a value is dropped in training.
        ratio: f32,
    },
}

/// Of each value alone.
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

/// Of two values.
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

/// Of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Reduction {
    Sum,
    Mean,
    Min,
    Max,
}

/// Where a kernel is put on its input. Sizes are height, width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Size of the kernel.
    pub kernel: [usize; 2],
    /// Steps down and across.
    pub stride: [usize; 2],
    /// Distance of its values, 1 for neighbours.
    pub dilation: [usize; 2],
    /// Rows above and below, columns to the left and right.
    pub padding: [[usize; 2]; 2],
}

impl Window {
    /// All of a plane.
    pub(crate) fn whole(size: [usize; 2]) -> Self {
        Self { kernel: size, stride: [1, 1], dilation: [1, 1], padding: [[0; 2]; 2] }
    }

    /// How much of the input the kernel spans.
    pub fn span(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.dilation[axis] * (self.kernel[axis] - 1) + 1)
    }

    /// Height and width of the output for an input of this size; `None` where the kernel does not fit.
    pub fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        let mut output = [0; 2];
        for axis in 0..2 {
            let padded = input[axis] + self.padding[axis].iter().sum::<usize>();
            output[axis] = padded.checked_sub(self.span()[axis])? / self.stride[axis] + 1;
        }
        Some(output)
    }

    /// For each of the first `outputs` places along `axis`: how many of the kernel's values lie from `inside[0]` up to `inside[1]`
    /// of the input.
    pub(crate) fn counts(&self, axis: usize, outputs: usize, inside: [i64; 2]) -> impl Iterator<Item = usize> + use<> {
        let [kernel, stride, dilation, before] =
            [self.kernel[axis], self.stride[axis], self.dilation[axis], self.padding[axis][0]].map(|size| size as i64);
        let [first, end] = inside;
        (0..outputs as i64).map(move |output| {
            let start = output * stride - before;
            // How many of the kernel's values lie before some place.
            let before_place = |place: i64| (place - start + dilation - 1).div_euclid(dilation).clamp(0, kernel);
            (before_place(end) - before_place(first)) as usize
        })
    }
}

/// A convolution, with what follows on its sums.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// `[channels out, channels in / groups, kernel height, kernel width]`.
    pub weight: Arc<Vec<f32>>,
    /// In, out.
    pub channels: [usize; 2],
    /// How many groups the channels are divided into.
    pub groups: usize,
    /// Where the kernel is put.
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
    /// How many groups the channels are divided into.
    pub groups: usize,
    /// The window of the convolution of which this is the transpose; its padding is the same on both sides.
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

/// What becomes of the sums of an output channel: with `x = sum + bias`, `x * above + shift` where x is positive, and
/// `x * below + shift` elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epilogue {
    /// Added to the sum.
    pub bias: f32,
    /// Factor of positive values.
    pub above: f32,
    /// Factor of the others.
    pub below: f32,
    /// Added in the end.
    pub shift: f32,
}

impl Epilogue {
    /// The bias alone.
    pub fn bias(bias: f32) -> Self {
        Self { bias, above: 1.0, below: 1.0, shift: 0.0 }
    }

    /// Whether it is a bias and nothing else.
    pub fn is_bias(&self) -> bool {
        (self.above, self.below, self.shift) == (1.0, 1.0, 0.0)
    }
}

impl Network {
    /// Shape of a value.
    pub fn shape(&self, value: ValueId) -> &[usize] {
        &self.values[value.0].shape
    }

    /// The elements of a value, if they are known.
    pub fn constant(&self, value: ValueId) -> Option<&Constant> {
        self.values[value.0].constant.as_ref()
    }

    /// Index of the step that makes a value.
    pub(crate) fn producer(&self, value: ValueId) -> Option<usize> {
        self.steps.iter().position(|step| step.output == value)
    }

    /// How many inputs of steps are this value; an output of the network counts too.
    pub(crate) fn readers(&self, value: ValueId) -> usize {
        let reads = self.steps.iter().flat_map(|step| &step.inputs).filter(|input| **input == value).count();
        reads + self.outputs.iter().filter(|(_, output)| *output == value).count()
    }

    /// Has everybody who read `old` read `new`.
    pub(crate) fn replace(&mut self, old: ValueId, new: ValueId) {
        let inputs = self.steps.iter_mut().flat_map(|step| &mut step.inputs);
        let outputs = self.outputs.iter_mut().map(|(_, output)| output);
        inputs.chain(outputs).filter(|value| **value == old).for_each(|value| *value = new);
    }

    /// Removes the steps that no output depends on, and the elements of constants that nobody reads.
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

    /// How many numbers its weights are.
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
