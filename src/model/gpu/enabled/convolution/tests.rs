//! Compares each shader with our convolution on the CPU.
use std::sync::Arc;

use burn::{
    backend::Flex,
    tensor::{Device, Tensor, TensorData},
};
use burn_cubecl::CubeBackend;
use proptest::prelude::*;
use serfiq_network::network::{Convolution, Epilogue, Window};
use serfiq_skips::gpu_or_skip;

use super::{GpuConvolution, Kind, Shape};
use crate::model::{
    Backend, BackendChoice,
    gpu::enabled::{
        device_tensors::{DeviceTensors, halves, primitive},
        shader::Precision,
    },
    program::kernels::Kernels,
};

/// Opens any adapter; `None` if there is none and none is required.
fn gpu() -> Option<Backend> {
    gpu_or_skip("convolutions on a GPU", pollster::block_on(Backend::open(BackendChoice::WebGpu)))
}

#[derive(Debug)]
struct Case {
    channels: [usize; 2],
    groups: usize,
    window: Window,
    input: [usize; 4],
    seed: f32,
}

impl Case {
    fn numbers(&self, count: usize, step: f32) -> Vec<f32> {
        (0..count).map(|index| (self.seed + step * index as f32).sin()).collect()
    }

    fn convolution(&self) -> Convolution {
        let Self { channels, groups, window, .. } = *self;
        let weight = self.numbers(channels[1] * channels[0] / groups * window.kernel[0] * window.kernel[1], 1.3);
        let numbers = self.numbers(4 * channels[1], 2.1);
        let epilogue =
            numbers.as_chunks::<4>().0.iter().map(|&[bias, above, below, shift]| Epilogue { bias, above, below, shift });
        Convolution { weight: Arc::new(weight), channels, groups, window, epilogue: epilogue.collect() }
    }

    /// Runs ours on the GPU and burn's on the CPU.
    fn run(&self, backend: &Backend) -> [Vec<f32>; 2] {
        let values = self.numbers(self.input.iter().product(), 0.7);
        let mut convolution = self.convolution();
        let on = |device: &Device| Tensor::<4>::from_data(TensorData::new(values.clone(), self.input), device);
        let kernel = GpuConvolution::new(&convolution, self.input, &backend.device);
        let ours = Tensor::<4>::from_primitive::<CubeBackend>(kernel.run(primitive(on(&backend.device)).unwrap()));
        let ours = pollster::block_on(backend.read(ours)).unwrap();

        // Rounded as on the device.
        if DeviceTensors::of(&backend.device).unwrap().precision() == Precision::Half {
            let (halves, scale) = halves(&convolution.weight);
            convolution.weight = Arc::new(halves.into_iter().map(|half| half.to_f32() * scale).collect());
        }
        let cpu = Device::flex();
        let kernel = <Flex as Kernels>::convolution(&convolution, self.input, &cpu);
        let expected =
            <Flex as Kernels>::convolve(&kernel, on(&cpu).try_into_primitive::<Flex>().unwrap(), &mut Default::default());
        let expected = Tensor::<4>::from_primitive::<Flex>(expected).into_data().try_to_vec().unwrap();
        [ours, expected]
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let sides = || [1..4_usize, 1..4_usize];
    let channels = (1..4_usize, 1..10_usize, 1..10_usize);
    // A batch of two, so that the CPU uses burn's own convolution as the reference. With one input channel per group, every channel has its
    // own kernel.
    (channels, sides(), sides(), sides(), [[0..3_usize, 0..3], [0..3, 0..3]], [7..20_usize, 7..20], 0.0..6.0_f32).prop_map(
        |((groups, each_in, each_out), kernel, stride, dilation, padding, [height, width], seed)| {
            let channels = [groups * each_in, groups * each_out];
            let window = Window { kernel, stride, dilation, padding };
            Case { channels, groups, window, input: [2, channels[0], height, width], seed }
        },
    )
}

/// Kinds that random cases seldom contain: 1x1, and one kernel per channel.
fn plain(channels: [usize; 2], groups: usize, kernel: usize) -> Case {
    let window = Window { kernel: [kernel; 2], stride: [1, 1], dilation: [1, 1], padding: [[kernel / 2; 2]; 2] };
    Case { channels, groups, window, input: [2, channels[0], 9, 15], seed: 1.0 }
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
        assert_eq!(Kind::of(&Shape::of(&case.convolution(), case.input)), shader);
        check(case).unwrap();
    }
}

#[test]
#[ignore = "needs an adapter with half floats; `cargo xtask test` runs it where there is one"]
fn weights_are_in_half_floats_where_the_adapter_has_them() {
    let backend = pollster::block_on(Backend::open(BackendChoice::WebGpu)).unwrap();
    assert_eq!(DeviceTensors::of(&backend.device).unwrap().precision(), Precision::Half);
}

#[test]
fn half_floats_are_as_near_as_can_be_whatever_the_size() {
    for size in [1e-30_f32, 1e-6, 1.0, 3e8] {
        let values: Vec<f32> = (0..101).map(|index| size * (index as f32 * 0.7).sin()).collect();
        let (halves, scale) = halves(&values);
        for (half, value) in halves.iter().zip(&values) {
            // To eleven bits, even for values a ten-thousandth of the largest.
            assert!((half.to_f32() * scale - value).abs() <= value.abs() / 2048.0, "{value}");
        }
    }
    assert_eq!(halves(&[0.0, -0.0]).1, 1.0);
}

#[test]
fn what_is_not_finite_stays_so() {
    let Some(backend) = gpu() else { return };
    let case = Case { input: [1, 4, 9, 15], ..plain([4, 4], 1, 1) };
    let rectifier = Epilogue { below: 0.0, ..Epilogue::bias(0.0) };
    let convolution = Convolution { weight: Arc::new(vec![1.0; 16]), epilogue: vec![rectifier; 4], ..case.convolution() };
    let kernel = GpuConvolution::new(&convolution, case.input, &backend.device);
    let mut values = vec![1.0; 4 * 9 * 15];
    values[0] = f32::NAN;
    let input = Tensor::<4>::from_data(TensorData::new(values, case.input), &backend.device);
    let output = Tensor::<4>::from_primitive::<CubeBackend>(kernel.run(primitive(input).unwrap()));
    let output = pollster::block_on(backend.read(output)).unwrap();
    assert!(output[0].is_nan());
    assert_eq!(output[1], 4.0);
}
