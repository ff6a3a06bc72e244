use burn::{
    backend::{DispatchKindConversion, DispatchTensor, tensor::FloatTensor},
    tensor::{
        Device, Int, Slice, Tensor, TensorData,
        ops::{ConvTransposeOptions, PadMode},
    },
};
use serfiq_network::{
    Constant, Network,
    network::{Binary, Linear, Op, Reduction, Step, TransposedConvolution, Unary, ValueId},
};

use super::kernels::{Kernels, PerChannel, primitive, upload};

/// The steps of a network, ready to run on a backend.
pub(super) struct Steps<B: Kernels> {
    steps: Vec<Ready<B>>,
    /// Constants that steps read like any other value, each with its index.
    constants: Vec<(usize, FloatTensor<B>)>,
    /// Number of values.
    values: usize,
    input: usize,
    input_shape: Vec<usize>,
    outputs: Vec<usize>,
}

/// A step with its parameters on the device.
struct Ready<B: Kernels> {
    action: Action<B>,
    inputs: Vec<Read>,
    output: usize,
}

/// A value that a step reads.
#[derive(Clone, Copy)]
struct Read {
    value: usize,
    /// Whether no later step reads it, so that this step may overwrite it.
    is_last: bool,
}

/// What a step does.
enum Action<B: Kernels> {
    Convolution(B::Convolution),
    TransposedConvolution {
        weight: FloatTensor<B>,
        bias: FloatTensor<B>,
        options: ConvTransposeOptions<2>,
    },
    Linear {
        weight: FloatTensor<B>,
        bias: Option<FloatTensor<B>>,
    },
    MatMul,
    MaxPool {
        window: serfiq_network::network::Window,
        shape: [usize; 4],
    },
    Repeat {
        factors: [usize; 2],
        shape: [usize; 4],
    },
    Unary(Unary),
    Clamp {
        min: f32,
        max: f32,
    },
    PerChannel(B::PerChannel),
    /// Adds two values of the same shape.
    Sum,
    Binary {
        op: Binary,
        shape: Vec<usize>,
    },
    /// A value and a number, on either side.
    Scalar {
        op: Binary,
        number: f32,
        number_is_first: bool,
    },
    Reduce {
        kind: Reduction,
        axes: Vec<usize>,
    },
    Softmax {
        axis: usize,
    },
    Reshape {
        shape: Vec<usize>,
    },
    Transpose {
        permutation: Vec<usize>,
    },
    /// Moves the channels of an input of this shape behind the other axes.
    ChannelsLast {
        shape: [usize; 4],
    },
    Slice {
        slices: Vec<Slice>,
    },
    Select {
        axis: usize,
        indices: B::IntTensorPrimitive,
    },
    Concat {
        axis: usize,
    },
    Pad {
        padding: Vec<(usize, usize)>,
        value: f32,
    },
    /// Appends channels to an input of this shape.
    AppendChannels {
        count: usize,
        value: f32,
        shape: [usize; 4],
    },
    Expand {
        shape: Vec<usize>,
    },
    Nothing,
}

impl<B: Kernels> Steps<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    /// Moves the weights out of the network, so that each is in memory only once on its way to the device.
    pub(super) fn new(mut network: Network, device: &Device) -> Self {
        let steps = std::mem::take(&mut network.steps);
        let mut ready = Vec::with_capacity(steps.len());
        let mut reads: Vec<Vec<ValueId>> = Vec::with_capacity(steps.len());
        for step in steps {
            let output = step.output.index();
            let (action, inputs) = action::<B>(step, &network, device);
            ready.push(Ready { action, inputs: vec![], output });
            reads.push(inputs);
        }
        join(&mut ready, &mut reads, &network);
        let mut is_needed = vec![false; network.values.len()];
        network.outputs.iter().for_each(|(_, output)| is_needed[output.index()] = true);
        for (step, inputs) in ready.iter_mut().zip(reads).rev() {
            step.inputs =
                inputs.iter().map(|input| Read { value: input.index(), is_last: !is_needed[input.index()] }).collect();
            // A value that a step reads twice is moved only at its last use.
            for place in 0..step.inputs.len() {
                let value = step.inputs[place].value;
                step.inputs[place].is_last &= step.inputs[place + 1..].iter().all(|later| later.value != value);
            }
            inputs.iter().for_each(|input| is_needed[input.index()] = true);
        }
        let constants = network.values.iter_mut().enumerate().filter(|(index, _)| is_needed[*index]);
        let constants = constants.filter_map(|(index, value)| Some((index, value.constant.take()?, value.shape.clone())));
        let constants = constants.map(|(index, constant, shape)| (index, upload::<B>(constant.into_floats(), &shape, device)));
        Self {
            steps: ready,
            constants: constants.collect(),
            values: network.values.len(),
            input: network.input.index(),
            input_shape: network.shape(network.input).to_vec(),
            outputs: network.outputs.iter().map(|(_, output)| output.index()).collect(),
        }
    }

    /// Computes the outputs, each `[1, elements]`.
    pub(super) fn run(&self, input: Tensor<1>) -> Vec<Tensor<2>> {
        let mut values: Vec<Option<FloatTensor<B>>> = vec![None; self.values];
        let mut buffers = B::Buffers::default();
        values[self.input] = Some(B::float_reshape(primitive(input), self.input_shape.as_slice().into()));
        for (place, constant) in &self.constants {
            values[*place] = Some(constant.clone());
        }
        for step in &self.steps {
            let inputs = step.inputs.iter().map(|read| {
                let value = if read.is_last { values[read.value].take() } else { values[read.value].clone() };
                value.expect("steps are in execution order")
            });
            let inputs = inputs.collect();
            values[step.output] = Some(run::<B>(&step.action, inputs, &mut buffers));
        }
        let output = |place: &usize| {
            let value = values[*place].clone().expect("every output is computed");
            let count = burn::backend::TensorMetadata::shape(&value).num_elements();
            Tensor::from_primitive::<B>(B::float_reshape(value, [1, count].into()))
        };
        self.outputs.iter().map(output).collect()
    }
}

/// Joins each convolution with the next step where its backend is faster that way.
fn join<B: Kernels>(ready: &mut Vec<Ready<B>>, reads: &mut Vec<Vec<ValueId>>, network: &Network) {
    let mut index = 1;
    while index < ready.len() {
        match joined(ready, reads, network, index) {
            Some(joined) => {
                // Reads what the first reads, and makes what the second makes.
                ready[index].action = Action::Convolution(joined);
                ready.remove(index - 1);
                reads.remove(index);
            }
            None => index += 1,
        }
    }
}

/// The step at `index` and the one before it as one, if it reads only that one, and nothing else does.
fn joined<B: Kernels>(ready: &[Ready<B>], reads: &[Vec<ValueId>], network: &Network, index: usize) -> Option<B::Convolution> {
    let between = ready[index - 1].output;
    let reads_it = |value: &ValueId| value.index() == between;
    let outputs = network.outputs.iter().map(|(_, output)| output);
    let is_alone = reads.iter().flatten().chain(outputs).filter(|value| reads_it(value)).count() == 1;
    match (&ready[index - 1].action, &ready[index].action) {
        _ if !is_alone || !reads[index].iter().any(reads_it) => None,
        (Action::Convolution(first), Action::Convolution(second)) => {
            B::joined(first, second, network.values[between].shape.as_slice().try_into().ok()?)
        }
        (Action::Convolution(first), Action::MaxPool { window, .. }) => B::joined_max_pool(first, window),
        _ => None,
    }
}

/// The action of a step, and the values that it reads, without constants that became parameters.
fn action<B: Kernels>(step: Step, network: &Network, device: &Device) -> (Action<B>, Vec<ValueId>)
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let Step { op, mut inputs, output, .. } = step;
    let shape = network.shape(output).to_vec();
    let input = network.shape(inputs[0]).to_vec();
    let picture = || <[usize; 4]>::try_from(input.as_slice()).expect("the import checked for four dimensions");
    let action = match op {
        Op::Convolution(of) => Action::Convolution(B::convolution(&of, picture(), device)),
        Op::TransposedConvolution(of) => transposed_convolution(of, device),
        Op::Linear(of) => linear(of, input.len(), device),
        Op::MatMul => Action::MatMul,
        Op::MaxPool(window) => Action::MaxPool { window, shape: picture() },
        Op::Repeat { factors } => Action::Repeat { factors, shape: picture() },
        Op::Unary(op) => Action::Unary(op),
        Op::Clamp { min, max } => Action::Clamp { min, max },
        Op::PRelu { slopes } => Action::PerChannel(B::per_channel(PerChannel::PRelu { slopes: &slopes }, &input, device)),
        Op::Affine { scale, shift } => {
            Action::PerChannel(B::per_channel(PerChannel::Affine { scale: &scale, shift: &shift }, &input, device))
        }
        Op::Binary(Binary::Add) if inputs.iter().all(|input| network.shape(*input) == shape) => Action::Sum,
        Op::Binary(op) => {
            let number = |value: ValueId| network.constant(value).and_then(Constant::as_floats).filter(|n| n.len() == 1);
            let numbers = [number(inputs[0]), number(inputs[1])].map(|number| number.map(|number| number[0]));
            match numbers {
                // The other side has the shape of the result.
                [None, Some(number)] if input == shape && op != Binary::Min && op != Binary::Max => {
                    inputs.truncate(1);
                    Action::Scalar { op, number, number_is_first: false }
                }
                [Some(number), None]
                    if network.shape(inputs[1]) == shape
                        && [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div].contains(&op) =>
                {
                    inputs.remove(0);
                    Action::Scalar { op, number, number_is_first: true }
                }
                _ => Action::Binary { op, shape },
            }
        }
        Op::Reduce { kind, axes } => Action::Reduce { kind, axes },
        Op::Softmax { axis } => Action::Softmax { axis },
        Op::Reshape => Action::Reshape { shape },
        // Where only axes of length 1 move, the values stay in order.
        Op::Transpose { permutation } if permutation.iter().filter(|axis| input[**axis] > 1).is_sorted() => {
            Action::Reshape { shape }
        }
        Op::Transpose { permutation } if permutation == [0, 2, 3, 1] => Action::ChannelsLast { shape: picture() },
        Op::Transpose { permutation } => Action::Transpose { permutation },
        Op::Slice { axis, start } => {
            let of_axis = |index: usize| if index == axis { start..start + shape[axis] } else { 0..shape[index] };
            Action::Slice { slices: (0..shape.len()).map(|index| Slice::from(of_axis(index))).collect() }
        }
        Op::Select { axis, indices } => {
            let indices: Vec<i32> = indices.into_iter().map(|index| index as i32).collect();
            let tensor = Tensor::<1, Int>::from_data(TensorData::from(indices.as_slice()), device);
            let indices = tensor.try_into_primitive::<B>().expect("a program's tensors are all on its own device");
            Action::Select { axis, indices }
        }
        Op::Concat { axis } => Action::Concat { axis },
        Op::Pad { padding, value } if input[0] == 1 && matches!(padding[..], [[0, 0], [0, _], [0, 0], [0, 0]]) => {
            Action::AppendChannels { count: padding[1][1], value, shape: picture() }
        }
        Op::Pad { padding, value } => {
            Action::Pad { padding: padding.into_iter().map(|[before, behind]| (before, behind)).collect(), value }
        }
        Op::Expand => Action::Expand { shape },
        Op::Dropout { .. } => Action::Nothing,
    };
    (action, inputs)
}

fn transposed_convolution<B: Kernels>(of: TransposedConvolution, device: &Device) -> Action<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let TransposedConvolution { weight, bias, channels: [channels_in, channels_out], groups, window, padding_out } = of;
    let shape = [channels_in, channels_out / groups, window.kernel[0], window.kernel[1]];
    let padding = window.padding.map(|[both, _]| both);
    Action::TransposedConvolution {
        weight: upload::<B>(weight.to_vec(), &shape, device),
        bias: upload::<B>(bias.to_vec(), &[channels_out], device),
        options: ConvTransposeOptions::new(window.stride, padding, padding_out, window.dilation, groups),
    }
}

fn linear<B: Kernels>(of: Linear, rank: usize, device: &Device) -> Action<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let Linear { weight, bias } = of;
    let ([out, features], rank) = ([weight.shape[0], weight.shape[1]], rank.max(2));
    let mut shape = vec![1; rank];
    shape[rank - 2..].copy_from_slice(&[out, features]);
    let weight = B::float_swap_dims(upload::<B>(weight.into_floats(), &shape, device), rank - 2, rank - 1);
    let bias = bias.iter().any(|bias| *bias != 0.0).then(|| {
        shape[rank - 2..].copy_from_slice(&[1, out]);
        upload::<B>(bias.to_vec(), &shape, device)
    });
    Action::Linear { weight, bias }
}

/// Runs the steps of the bundled networks: on our own kernels, except for steps that only move values.
fn run<B: Kernels>(action: &Action<B>, mut inputs: Vec<FloatTensor<B>>, buffers: &mut B::Buffers) -> FloatTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let mut next = || inputs.remove(0);
    match action {
        Action::Convolution(of) => B::convolve(of, next(), buffers),
        Action::MaxPool { window, shape } => B::max_pool(window, *shape, next(), buffers),
        Action::Repeat { factors, shape } => B::repeat(*factors, *shape, next(), buffers),
        Action::PerChannel(of) => B::each_channel(of, next()),
        Action::Unary(Unary::Relu) => B::rectify(next()),
        Action::Unary(Unary::Sigmoid) => B::logistic(next()),
        Action::Sum => B::sum(next(), next(), buffers),
        Action::Reshape { shape } => B::float_reshape(next(), shape.as_slice().into()),
        Action::Transpose { permutation } => B::float_permute(next(), permutation),
        Action::ChannelsLast { shape } => B::channels_last(*shape, next(), buffers),
        Action::AppendChannels { count, value, shape } => B::append_channels(*count, *value, *shape, next(), buffers),
        Action::Nothing => next(),
        _ => run_general::<B>(action, inputs),
    }
}

/// Runs all other steps with burn's operations. A separate function, so that a page fetches it and them only when a network has such a step
/// (`xtask/src/rest/mod.rs`).
#[inline(never)]
fn run_general<B: Kernels>(action: &Action<B>, inputs: Vec<FloatTensor<B>>) -> FloatTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let mut inputs = inputs.into_iter();
    let mut next = || inputs.next().expect("every input that the step reads is given");
    match action {
        Action::TransposedConvolution { weight, bias, options } => {
            B::conv_transpose2d(next(), weight.clone(), Some(bias.clone()), options.clone())
        }
        Action::Linear { weight, bias } => {
            let product = B::float_matmul(next(), weight.clone());
            match bias {
                Some(bias) => B::float_add(product, bias.clone()),
                None => product,
            }
        }
        Action::MatMul => B::float_matmul(next(), next()),
        Action::Unary(op) => unary::<B>(*op, next()),
        Action::Clamp { min, max } => match (min.is_finite(), max.is_finite()) {
            (true, false) => B::float_clamp_min(next(), (*min).into()),
            (false, true) => B::float_clamp_max(next(), (*max).into()),
            _ => B::float_clamp(next(), (*min).into(), (*max).into()),
        },
        Action::Binary { op, shape } => binary::<B>(*op, next(), next(), shape),
        Action::Scalar { op, number, number_is_first } => with_number::<B>(*op, next(), *number, *number_is_first),
        Action::Reduce { kind, axes } => axes.iter().fold(next(), |x, axis| match kind {
            Reduction::Sum => B::float_sum_dim(x, *axis),
            Reduction::Mean => B::float_mean_dim(x, *axis),
            Reduction::Min => B::float_min_dim(x, *axis),
            Reduction::Max => B::float_max_dim(x, *axis),
        }),
        Action::Softmax { axis } => B::softmax(next(), *axis),
        Action::Slice { slices } => B::float_slice(next(), slices),
        Action::Select { axis, indices } => B::float_select(next(), *axis, indices.clone()),
        Action::Concat { axis } => B::float_cat(inputs.collect(), *axis),
        Action::Pad { padding, value } => B::float_pad(next(), padding, PadMode::Constant(*value)),
        Action::Expand { shape } => B::float_expand(next(), shape.as_slice().into()),
        Action::Convolution(_)
        | Action::MaxPool { .. }
        | Action::Repeat { .. }
        | Action::PerChannel(_)
        | Action::Sum
        | Action::Reshape { .. }
        | Action::Transpose { .. }
        | Action::ChannelsLast { .. }
        | Action::AppendChannels { .. }
        | Action::Nothing => unreachable!("`run` runs these"),
    }
}

fn unary<B: Kernels>(op: Unary, x: FloatTensor<B>) -> FloatTensor<B> {
    match op {
        Unary::Abs => B::float_abs(x),
        Unary::Erf => B::float_erf(x),
        Unary::Exp => B::float_exp(x),
        Unary::Log => B::float_log(x),
        Unary::Neg => B::float_neg(x),
        Unary::Reciprocal => B::float_recip(x),
        Unary::Relu => B::rectify(x),
        Unary::Sigmoid => B::logistic(x),
        Unary::Sqrt => B::float_sqrt(x),
        // For large inputs, GPUs divide infinity by infinity. At these bounds tanh already rounds to 1 in single precision.
        Unary::Tanh => B::float_tanh(B::float_clamp(x, (-10.0).into(), 10.0.into())),
    }
}

/// For two values that broadcast to `shape`.
fn binary<B: Kernels>(op: Binary, a: FloatTensor<B>, b: FloatTensor<B>, shape: &[usize]) -> FloatTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    match op {
        Binary::Add => B::float_add(a, b),
        Binary::Sub => B::float_sub(a, b),
        Binary::Mul => B::float_mul(a, b),
        Binary::Div => B::float_div(a, b),
        Binary::Pow => B::float_powf(a, b),
        // Only burn's tensor type provides these.
        Binary::Min | Binary::Max => {
            let count = shape.iter().product::<usize>();
            let [a, b] = [a, b].map(|x| {
                let x = B::float_reshape(B::float_expand(x, shape.into()), [count].into());
                Tensor::<1>::from_primitive::<B>(x)
            });
            let result = if op == Binary::Min { a.min_pair(b) } else { a.max_pair(b) };
            B::float_reshape(primitive(result), shape.into())
        }
    }
}

fn with_number<B: Kernels>(op: Binary, x: FloatTensor<B>, number: f32, number_is_first: bool) -> FloatTensor<B> {
    let scalar = number.into();
    match (op, number_is_first) {
        (Binary::Add, _) => B::float_add_scalar(x, scalar),
        (Binary::Mul, _) => B::float_mul_scalar(x, scalar),
        (Binary::Sub, false) => B::float_sub_scalar(x, scalar),
        (Binary::Sub, true) => B::float_add_scalar(B::float_neg(x), scalar),
        (Binary::Div, false) => B::float_div_scalar(x, scalar),
        (Binary::Div, true) => B::float_mul_scalar(B::float_recip(x), scalar),
        (Binary::Pow, _) => B::float_powf_scalar(x, scalar),
        (Binary::Min | Binary::Max, _) => unreachable!("min and max take two tensors"),
    }
}
