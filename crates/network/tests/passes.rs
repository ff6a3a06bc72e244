//! The passes never change what a network computes.
mod support;

use proptest::prelude::*;
use serfiq_network::{
    Constant, ImportError, Network,
    builder::{Builder, Convolve, Deconvolve},
    network::{Binary, Unary, ValueId},
    passes::simplify,
};
use support::interpreter;

const CHANNELS: usize = 4;
const INPUT: [usize; 4] = [1, CHANNELS, 4, 3];

/// A step of a random network. A `usize` is an offset into a list of random numbers, or the index of an earlier value.
#[derive(Debug, Clone)]
enum Random {
    Affine(usize),
    /// With a constant as the left or right operand: a scalar, one number for each channel, or one for each value.
    Arithmetic {
        op: Binary,
        spread: usize,
        from_left: bool,
        numbers: usize,
    },
    Convolution {
        padding: usize,
        groups: usize,
        numbers: usize,
    },
    Deconvolution {
        groups: usize,
        numbers: usize,
    },
    Relu,
    PRelu {
        each: bool,
        numbers: usize,
    },
    Dropout,
    /// Adds an earlier value, which then has more than one reader.
    Shortcut(usize),
}

fn step() -> impl Strategy<Value = Random> {
    let numbers = 0..100_usize;
    let groups = prop_oneof![Just(1), Just(2), Just(CHANNELS)];
    let op = prop_oneof![Just(Binary::Add), Just(Binary::Sub), Just(Binary::Mul), Just(Binary::Div)];
    prop_oneof![
        numbers.clone().prop_map(Random::Affine),
        (op, 0..3_usize, any::<bool>(), numbers.clone()).prop_map(|(op, spread, from_left, numbers)| Random::Arithmetic {
            op,
            spread,
            from_left,
            numbers
        }),
        (0..2_usize, groups.clone(), numbers.clone()).prop_map(|(padding, groups, numbers)| Random::Convolution {
            padding,
            groups,
            numbers
        }),
        (groups, numbers.clone()).prop_map(|(groups, numbers)| Random::Deconvolution { groups, numbers }),
        Just(Random::Relu),
        (any::<bool>(), numbers.clone()).prop_map(|(each, numbers)| Random::PRelu { each, numbers }),
        Just(Random::Dropout),
        numbers.prop_map(Random::Shortcut),
    ]
}

/// `count` numbers of a list, starting at an offset.
fn some(numbers: &[f32], place: usize, count: usize) -> Vec<f32> {
    numbers.iter().cycle().skip(place).take(count).copied().collect()
}

fn network(steps: &[Random], head: &[usize], numbers: &[f32]) -> Result<Network, ImportError> {
    let mut builder = Builder::new(&INPUT);
    let mut values = vec![builder.input()];
    for step in steps {
        let x = values[values.len() - 1];
        let made = add(&mut builder, x, &values, step, numbers)?;
        values.push(made);
    }
    let mut x = values[values.len() - 1];
    if !head.is_empty() {
        let features: usize = builder.shape(x).iter().product();
        x = builder.reshape(x, &[1, features])?;
    }
    // Fully connected layers, each followed by a norm and a bias.
    for place in head {
        let features = builder.shape(x)[1];
        let weight: Vec<f32> = some(numbers, *place, 4 * features).iter().map(|number| number / features as f32).collect();
        let layer = builder.linear(x, Constant::floats([4, features], weight), Some(some(numbers, *place, 4)))?;
        let normed = builder.affine(layer, some(numbers, place + 1, 4), some(numbers, place + 2, 4))?;
        let added = builder.constant(Constant::floats([4], some(numbers, place + 3, 4)));
        x = builder.binary(Binary::Add, added, normed)?;
    }
    Ok(builder.finish(vec![("out".into(), x)]))
}

fn add(builder: &mut Builder, x: ValueId, values: &[ValueId], step: &Random, numbers: &[f32]) -> Result<ValueId, ImportError> {
    let shape = builder.shape(x).to_vec();
    match step {
        Random::Affine(place) => builder.affine(x, some(numbers, *place, CHANNELS), some(numbers, place + 7, CHANNELS)),
        Random::Arithmetic { op, spread, from_left, numbers: place } => {
            let spread: &[usize] = [&[][..], &[CHANNELS, 1, 1], &shape][*spread];
            // A computed divisor could be 0.
            let op = if *from_left && *op == Binary::Div { Binary::Mul } else { *op };
            let constant = Constant::floats(spread, some(numbers, *place, spread.iter().product()));
            let constant = builder.constant(constant);
            let [a, b] = if *from_left { [constant, x] } else { [x, constant] };
            builder.binary(op, a, b)
        }
        Random::Convolution { padding, groups, numbers: place } => {
            let size = 1 + 2 * padding;
            let shape = [CHANNELS, CHANNELS / groups, size, size];
            let count = shape.iter().product();
            let weight: Vec<f32> =
                some(numbers, *place, count).iter().map(|number| number / (count / CHANNELS) as f32).collect();
            let padding = [[*padding; 2]; 2];
            let bias = (place % 2 == 0).then(|| some(numbers, *place, CHANNELS));
            let weight = Constant::floats(shape, weight);
            builder.convolution(x, Convolve { weight, bias, groups: *groups, stride: [1, 1], dilation: [1, 1], padding })
        }
        Random::Deconvolution { groups, numbers: place } => {
            let shape = [CHANNELS, CHANNELS / groups, 1, 1];
            let weight = Constant::floats(shape, some(numbers, *place, shape.iter().product()));
            let (bias, padding) = (Some(some(numbers, *place, CHANNELS)), [[0; 2]; 2]);
            let of = Convolve { weight, bias, groups: *groups, stride: [1, 1], dilation: [1, 1], padding };
            builder.transposed_convolution(x, Deconvolve { of, padding_out: [0, 0] })
        }
        Random::Relu => builder.unary(Unary::Relu, x),
        Random::PRelu { each, numbers: place } => {
            let shape = if *each { [CHANNELS, 1, 1] } else { [1; 3] };
            let slopes = builder.constant(Constant::floats(shape, some(numbers, *place, shape.iter().product())));
            builder.prelu(x, slopes)
        }
        Random::Dropout => builder.dropout(x, 0.4),
        Random::Shortcut(place) => builder.binary(Binary::Add, x, values[place % values.len()]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn passes_keep_what_a_network_computes(
        steps in prop::collection::vec(step(), 1..9),
        head in prop::collection::vec(0..100_usize, 0..3),
        numbers in prop::collection::vec(prop_oneof![0.3_f32..1.5, -1.5_f32..-0.3], 40),
        input in prop::collection::vec(-1.0_f32..1.0, INPUT.iter().product::<usize>()),
    ) {
        let plain = network(&steps, &head, &numbers).unwrap();
        let mut simplified = plain.clone();
        simplify(&mut simplified);
        prop_assert!(simplified.steps.len() <= plain.steps.len());
        // Folding changes the rounding errors. Each of at most 15 steps sums in f64 and rounds by 2^-24 of the largest value on the way.
        let mut observed = plain.clone();
        observed.outputs.extend(plain.steps.iter().map(|step| (String::new(), step.output)));
        let (expected, made) = (interpreter::run(&observed, &input), interpreter::run(&simplified, &input));
        let values = expected.iter().flat_map(|(_, values)| values);
        let largest = values.fold(1.0_f32, |largest, value| largest.max(value.abs()));
        for (a, b) in made[0].1.iter().zip(&expected[0].1) {
            prop_assert!((a - b).abs() <= 1e-5 * largest, "{a} instead of {b}");
        }
    }
}
