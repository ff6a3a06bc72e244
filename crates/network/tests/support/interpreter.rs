//! Runs a network in plain loops: the reference for the import and for the engines.
use serfiq_network::{
    Network,
    network::{Binary, Convolution, Linear, Op, Reduction, Step, TransposedConvolution, Unary, ValueId, Window},
};

/// The outputs of a network with their names.
pub fn run(network: &Network, input: &[f32]) -> Vec<(String, Vec<f32>)> {
    assert_eq!(input.len(), count(network.shape(network.input)));
    let mut values: Vec<Option<Vec<f32>>> =
        network.values.iter().map(|value| Some(value.constant.as_ref()?.to_floats())).collect();
    values[network.input.index()] = Some(input.to_vec());
    for step in &network.steps {
        let inputs: Vec<Tensor> = step.inputs.iter().map(|input| tensor(network, &values, *input)).collect();
        let shape = network.shape(step.output);
        let made = compute(step, &inputs, shape);
        assert_eq!(made.len(), count(shape), "{step:?} computes a number of values that does not fit its shape {shape:?}");
        values[step.output.index()] = Some(made);
    }
    let outputs = network.outputs.iter();
    outputs.map(|(name, value)| (name.clone(), tensor(network, &values, *value).values.to_vec())).collect()
}

#[derive(Clone, Copy)]
struct Tensor<'a> {
    shape: &'a [usize],
    values: &'a [f32],
}

fn tensor<'a>(network: &'a Network, values: &'a [Option<Vec<f32>>], id: ValueId) -> Tensor<'a> {
    let values = values[id.index()].as_ref().expect("steps are in execution order");
    Tensor { shape: network.shape(id), values }
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Tensor<'_> {
    /// The value at an index. Axes of length 1 and missing leading axes broadcast.
    fn at(&self, index: &[usize]) -> f64 {
        let index = &index[index.len() - self.shape.len()..];
        let place = self.shape.iter().zip(index).fold(0, |place, (size, i)| place * size + if *size == 1 { 0 } else { *i });
        f64::from(self.values[place])
    }
}

/// Computes a value for each index of a shape.
fn each(shape: &[usize], mut value: impl FnMut(&[usize]) -> f64) -> Vec<f32> {
    let mut index = vec![0; shape.len()];
    let mut values = Vec::with_capacity(count(shape));
    for _ in 0..count(shape) {
        values.push(value(&index) as f32);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    values
}

fn compute(step: &Step, inputs: &[Tensor], shape: &[usize]) -> Vec<f32> {
    let x = inputs[0];
    let of_each = |f: &dyn Fn(f64) -> f64| x.values.iter().map(|value| f(f64::from(*value)) as f32).collect();
    match &step.op {
        Op::Convolution(of) => convolution(of, x, shape),
        Op::TransposedConvolution(of) => transposed_convolution(of, x, shape),
        Op::Linear(of) => linear(of, x, shape),
        Op::MatMul => matmul(x, inputs[1], shape),
        Op::MaxPool(window) => max_pool(window, x, shape),
        Op::Unary(op) => of_each(&|value| unary(*op, value)),
        Op::Clamp { min, max } => of_each(&|value| value.clamp((*min).into(), (*max).into())),
        Op::PRelu { slopes } => each(shape, |index| {
            let slope = if slopes.len() == 1 { slopes[0] } else { slopes[index[1]] };
            let value = x.at(index);
            if value > 0.0 { value } else { value * f64::from(slope) }
        }),
        Op::Affine { scale, shift } => {
            each(shape, |index| x.at(index) * f64::from(scale[index[1]]) + f64::from(shift[index[1]]))
        }
        Op::Binary(op) => each(shape, |index| binary(*op, x.at(index), inputs[1].at(index))),
        Op::Reduce { kind, axes } => reduce(*kind, axes, x, shape),
        Op::Softmax { axis } => softmax(*axis, x, shape),
        Op::Reshape | Op::Dropout { .. } => x.values.to_vec(),
        Op::Transpose { permutation } => each(shape, |index| {
            let mut from = vec![0; index.len()];
            permutation.iter().zip(index).for_each(|(axis, i)| from[*axis] = *i);
            x.at(&from)
        }),
        Op::Slice { axis, start } => each(shape, |index| x.at(&moved(index, *axis, index[*axis] + start))),
        Op::Select { axis, indices } => each(shape, |index| x.at(&moved(index, *axis, indices[index[*axis]]))),
        Op::Concat { axis } => each(shape, |index| {
            let mut place = index[*axis];
            let part = inputs.iter().find(|input| {
                let is_here = place < input.shape[*axis];
                place -= if is_here { 0 } else { input.shape[*axis] };
                is_here
            });
            part.expect("each place lies in one of the parts").at(&moved(index, *axis, place))
        }),
        Op::Pad { padding, value } => each(shape, |index| {
            let inside =
                |((i, [before, _]), size): ((&usize, &[usize; 2]), &usize)| i.checked_sub(*before).filter(|i| i < size);
            let from: Option<Vec<usize>> = index.iter().zip(padding).zip(x.shape).map(inside).collect();
            from.map_or((*value).into(), |from| x.at(&from))
        }),
        Op::Expand => each(shape, |index| x.at(index)),
        Op::Repeat { factors } => {
            each(shape, |index| x.at(&[index[0], index[1], index[2] / factors[0], index[3] / factors[1]]))
        }
    }
}

fn moved(index: &[usize], axis: usize, place: usize) -> Vec<usize> {
    let mut index = index.to_vec();
    index[axis] = place;
    index
}

/// The taps of one window that lie on the input: their positions in the kernel, and on the input.
fn covered(window: &Window, output: [usize; 2], input: &[usize]) -> Vec<([usize; 2], [usize; 2])> {
    let on_axis = |axis: usize| {
        let start = output[axis] * window.stride[axis];
        (0..window.kernel[axis]).filter_map(move |tap| {
            let place = (start + tap * window.dilation[axis]).checked_sub(window.padding[axis][0])?;
            (place < input[axis + 2]).then_some((tap, place))
        })
    };
    on_axis(0).flat_map(|(tap, place)| on_axis(1).map(move |(tap_1, place_1)| ([tap, tap_1], [place, place_1]))).collect()
}

fn convolution(of: &Convolution, x: Tensor, shape: &[usize]) -> Vec<f32> {
    let [each_in, each_out] = of.channels.map(|channels| channels / of.groups);
    let [height, width] = of.window.kernel;
    each(shape, |index| {
        let channel = index[1];
        let mut sum = 0.0;
        for (tap, place) in covered(&of.window, [index[2], index[3]], x.shape) {
            for input in 0..each_in {
                let weight = of.weight[((channel * each_in + input) * height + tap[0]) * width + tap[1]];
                sum += f64::from(weight) * x.at(&[index[0], channel / each_out * each_in + input, place[0], place[1]]);
            }
        }
        let epilogue = of.epilogue[channel];
        let sum = sum + f64::from(epilogue.bias);
        let factor = if sum > 0.0 { epilogue.above } else { epilogue.below };
        sum * f64::from(factor) + f64::from(epilogue.shift)
    })
}

fn transposed_convolution(of: &TransposedConvolution, x: Tensor, shape: &[usize]) -> Vec<f32> {
    let [each_in, each_out] = of.channels.map(|channels| channels / of.groups);
    let [height, width] = of.window.kernel;
    each(shape, |index| {
        let group = index[1] / each_out;
        let mut sum = f64::from(of.bias[index[1]]);
        for (row, column) in (0..x.shape[2]).flat_map(|row| (0..x.shape[3]).map(move |column| (row, column))) {
            let window = &of.window;
            // Each input pixel adds a scaled kernel to the output, where the convolution would read it.
            let tap = covered(window, [row, column], shape).into_iter().find(|(_, place)| *place == [index[2], index[3]]);
            let Some((tap, _)) = tap else { continue };
            for input in group * each_in..(group + 1) * each_in {
                let weight = of.weight[((input * each_out + index[1] % each_out) * height + tap[0]) * width + tap[1]];
                sum += f64::from(weight) * x.at(&[index[0], input, row, column]);
            }
        }
        sum
    })
}

fn linear(of: &Linear, x: Tensor, shape: &[usize]) -> Vec<f32> {
    let features = of.weight.shape[1];
    let weight = of.weight.as_floats().expect("weights are floats");
    let last = shape.len() - 1;
    each(shape, |index| {
        let row = &weight[index[last] * features..][..features];
        let products = row.iter().enumerate().map(|(feature, weight)| f64::from(*weight) * x.at(&moved(index, last, feature)));
        products.sum::<f64>() + f64::from(of.bias[index[last]])
    })
}

fn matmul(a: Tensor, b: Tensor, shape: &[usize]) -> Vec<f32> {
    let rank = shape.len();
    each(shape, |index| {
        let inner = 0..a.shape[rank - 1];
        inner.map(|i| a.at(&moved(index, rank - 1, i)) * b.at(&moved(index, rank - 2, i))).sum()
    })
}

fn max_pool(window: &Window, x: Tensor, shape: &[usize]) -> Vec<f32> {
    each(shape, |index| {
        let places = covered(window, [index[2], index[3]], x.shape);
        places.iter().map(|(_, place)| x.at(&[index[0], index[1], place[0], place[1]])).fold(f64::NEG_INFINITY, f64::max)
    })
}

fn unary(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Abs => x.abs(),
        Unary::Erf => erf(x),
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Neg => -x,
        Unary::Reciprocal => x.recip(),
        Unary::Relu => x.max(0.0),
        Unary::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Unary::Sqrt => x.sqrt(),
        Unary::Tanh => x.tanh(),
    }
}

/// Abramowitz and Stegun, 7.1.6: a series of positive terms, so nothing cancels.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

fn binary(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => a.powf(b),
        Binary::Min => a.min(b),
        Binary::Max => a.max(b),
    }
}

fn reduce(kind: Reduction, axes: &[usize], x: Tensor, shape: &[usize]) -> Vec<f32> {
    let lengths: Vec<usize> = (0..shape.len()).map(|axis| if axes.contains(&axis) { x.shape[axis] } else { 1 }).collect();
    each(shape, |index| {
        let mut values = vec![];
        each(&lengths, |offset| {
            let from: Vec<usize> = index.iter().zip(offset).map(|(i, offset)| i + offset).collect();
            values.push(x.at(&from));
            0.0
        });
        match kind {
            Reduction::Sum => values.iter().sum(),
            Reduction::Mean => values.iter().sum::<f64>() / values.len() as f64,
            Reduction::Min => values.into_iter().fold(f64::INFINITY, f64::min),
            Reduction::Max => values.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    })
}

fn softmax(axis: usize, x: Tensor, shape: &[usize]) -> Vec<f32> {
    each(shape, |index| {
        let along: Vec<f64> = (0..shape[axis]).map(|place| x.at(&moved(index, axis, place))).collect();
        let largest = along.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = along.iter().map(|value| (value - largest).exp()).sum();
        (x.at(index) - largest).exp() / sum
    })
}
