//! Each shader beside burn's convolution on the CPU.
use burn::tensor::{Device, Tensor, TensorData, ops::ConvOptions};
use proptest::prelude::*;
use serfiq_kernels::finish::{Finish, finish};

use super::{super::on_cpu, Convolution, Kind, Shape};
use crate::model::{
    Backend, BackendChoice,
    device_tensors::{DeviceTensors, halves},
    shader::Precision,
};

/// Said by `cargo xtask test`, which knows where there is an adapter, be it a software one.
const REQUIRED: &str = "SERFIQ_ADAPTER_REQUIRED";

/// Said by it too, where the adapter has half floats.
const HALF_FLOATS_REQUIRED: &str = "SERFIQ_HALF_FLOATS_REQUIRED";

/// Any adapter; `None` where there is none and none has to be.
fn gpu() -> Option<Backend> {
    match pollster::block_on(Backend::open(BackendChoice::WebGpu)) {
        Ok(backend) => Some(backend),
        Err(reason) if std::env::var_os(REQUIRED).is_none() => {
            eprintln!("skipped: {reason}");
            None
        }
        Err(reason) => panic!("{reason}"),
    }
}

#[derive(Debug)]
struct Case {
    shape: Shape,
    batch: usize,
    seed: f32,
}

impl Case {
    fn numbers(&self, count: usize, step: f32) -> Vec<f32> {
        (0..count).map(|index| (self.seed + step * index as f32).sin()).collect()
    }

    /// Ours on the GPU, and what is expected.
    fn run(&self, backend: &Backend) -> [Vec<f32>; 2] {
        let Shape { channels: [channels_in, channels_out], groups, kernel, stride, dilation, padding, input } = self.shape;
        let (weight_shape, input_shape) =
            ([channels_out, channels_in / groups, kernel[0], kernel[1]], [self.batch, channels_in, input[0], input[1]]);
        let weight = self.numbers(weight_shape.iter().product(), 1.3);
        let values = self.numbers(input_shape.iter().product(), 0.7);
        let numbers = self.numbers(4 * channels_out, 2.1);
        let finishes =
            numbers.as_chunks::<4>().0.iter().map(|&[bias, above, below, shift]| Finish { bias, above, below, shift });
        let finishes: Vec<Finish> = finishes.collect();

        let on = |device: &Device| Tensor::<4>::from_data(TensorData::new(values.clone(), input_shape), device);
        let ours = Convolution::new(&backend.device, &self.shape, &weight, &finishes).run(on(&backend.device), &self.shape);
        let ours = pollster::block_on(backend.read(ours)).unwrap();

        let padding = padding.map(|[before, behind]| (before, behind));
        let options = ConvOptions::new_with_padding(stride, padding, dilation, groups);
        // As the device has them.
        let weight = match DeviceTensors::of(&backend.device).unwrap().precision() {
            Precision::Single => weight,
            Precision::Half => {
                let (halves, scale) = halves(&weight);
                halves.into_iter().map(|half| half.to_f32() * scale).collect()
            }
        };
        let weight = Tensor::from_data(TensorData::new(weight, weight_shape), &Device::flex());
        let mut expected = on_cpu::values(on_cpu::conv2d(on(&Device::flex()), weight, options));
        let item = expected.len() / self.batch;
        expected.chunks_exact_mut(item).for_each(|sums| finish(sums, &finishes));
        [ours, expected]
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let sides = || [1..4_usize, 1..4_usize];
    let channels = (1..4_usize, 1..10_usize, 1..10_usize);
    // With one channel in, and groups, every channel has a kernel of its own.
    (channels, sides(), sides(), sides(), [[0..3_usize, 0..3], [0..3, 0..3]], [7..20_usize, 7..20], 1..3_usize, 0.0..6.0_f32)
        .prop_map(|((groups, each_in, each_out), kernel, stride, dilation, padding, input, batch, seed)| {
            let channels = [groups * each_in, groups * each_out];
            Case { shape: Shape { channels, groups, kernel, stride, dilation, padding, input }, batch, seed }
        })
}

/// Kinds that chance seldom draws: 1x1, and a kernel for each channel.
fn plain(channels: [usize; 2], groups: usize, kernel: usize) -> Case {
    let padding = [[kernel / 2; 2]; 2];
    let shape = Shape { channels, groups, kernel: [kernel; 2], stride: [1, 1], dilation: [1, 1], padding, input: [9, 15] };
    Case { shape, batch: 2, seed: 1.0 }
}

#[test]
fn every_shape_is_burns_convolution() {
    let Some(backend) = gpu() else { return };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 64, ..ProptestConfig::default() });
    let check = |case: Case| {
        let [ours, expected] = case.run(&backend);
        prop_assert_eq!(ours.len(), expected.len());
        for (a, b) in ours.iter().zip(&expected) {
            prop_assert!((a - b).abs() < 1e-4, "{} and {}", a, b);
        }
        Ok(())
    };
    runner.run(&cases(), check).unwrap();
    for (case, shader) in [
        (plain([8, 12], 1, 1), Kind::Pointwise),
        (plain([7, 5], 1, 1), Kind::Pointwise),
        (plain([6, 6], 6, 3), Kind::Depthwise),
        (plain([3, 6], 3, 5), Kind::Depthwise),
        (plain([6, 9], 3, 3), Kind::Dense),
    ] {
        assert_eq!(Kind::of(&case.shape), shader);
        check(case).unwrap();
    }
}

#[test]
fn weights_are_in_half_floats_where_the_adapter_has_them() {
    let Some(backend) = gpu() else { return };
    let precision = DeviceTensors::of(&backend.device).unwrap().precision();
    assert!(precision == Precision::Half || std::env::var_os(HALF_FLOATS_REQUIRED).is_none());
}

#[test]
fn half_floats_are_as_near_as_can_be_whatever_the_size() {
    for size in [1e-30_f32, 1e-6, 1.0, 3e8] {
        let values: Vec<f32> = (0..101).map(|index| size * (index as f32 * 0.7).sin()).collect();
        let (halves, scale) = halves(&values);
        for (half, value) in halves.iter().zip(&values) {
            // To eleven bits, also those a ten thousandth of the largest.
            assert!((half.to_f32() * scale - value).abs() <= value.abs() / 2048.0, "{value}");
        }
    }
    assert_eq!(halves(&[0.0, -0.0]).1, 1.0);
}

#[test]
fn what_is_not_finite_stays_so() {
    let Some(backend) = gpu() else { return };
    let case = plain([4, 4], 1, 1);
    let convolution = Convolution::new(&backend.device, &case.shape, &[1.0; 16], &[Finish::bias(0.0).then_relu(0.0); 4]);
    let mut values = vec![1.0; 4 * 9 * 15];
    values[0] = f32::NAN;
    let input = Tensor::<4>::from_data(TensorData::new(values, [1, 4, 9, 15]), &backend.device);
    let output = pollster::block_on(backend.read(convolution.run(input, &case.shape))).unwrap();
    assert!(output[0].is_nan());
    assert_eq!(output[1], 4.0);
}
