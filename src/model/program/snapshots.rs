//! The steps of the three built-in networks as text, compared with what was reviewed: a change to the import, to a pass or to the choice of
//! kernels shows here. CONTRIBUTING says how to accept one.
use std::fmt::Write;

use burn::{backend::Flex, tensor::Device};
use insta::assert_snapshot;
use serfiq_network::{
    CutRecogniser, Network,
    file::NetworkFile,
    import::{channels_first, network},
    network::{Convolution, Epilogue, Op, Step, ValueId, Window},
};
use serfiq_test_support::engine;

use super::{cpu::CpuConvolution, kernels::Kernels};
use crate::face::{AlignedCrop, MeshRegion};

/// One line for each step: its output value and shape, its operation and inputs, and its kernel on the CPU.
fn dump(network: &Network) -> String {
    let mut text = format!("%0 {:?} = input\n", network.shape(network.input));
    // Values are numbered by step: one more constant must not change every line.
    let made: Vec<ValueId> = [network.input].into_iter().chain(network.steps.iter().map(|step| step.output)).collect();
    let name =
        |value: &ValueId| made.iter().position(|made| made == value).map_or("a constant".into(), |place| format!("%{place}"));
    for step in &network.steps {
        let inputs: Vec<String> = step.inputs.iter().map(name).collect();
        let (output, shape) = (name(&step.output), network.shape(step.output));
        let _ = writeln!(text, "{output} {shape:?} = {} of {}", operation(step, network), inputs.join(", "));
    }
    for (output, value) in &network.outputs {
        let _ = writeln!(text, "output {output} = {}", name(value));
    }
    let _ = writeln!(text, "{} weights", network.parameters());
    text
}

/// The operation without its weights.
fn operation(step: &Step, network: &Network) -> String {
    match &step.op {
        Op::Convolution(of) => {
            let Convolution { channels: [from, to], groups, window, epilogue, .. } = of;
            let input = <[usize; 4]>::try_from(network.shape(step.inputs[0])).unwrap();
            let kernel = match <Flex as Kernels>::convolution(of, input, &Device::flex()) {
                CpuConvolution::Direct { .. } => "direct",
                CpuConvolution::Pointwise { .. } => "pointwise",
                CpuConvolution::Dense { .. } => "dense",
                CpuConvolution::General { .. } => "general",
                CpuConvolution::Separable { .. } => unreachable!("convolutions are joined later"),
            };
            let groups = if *groups == 1 { String::new() } else { format!(" in {groups} groups") };
            let then = epilogue_kind(epilogue);
            format!("convolution {from} -> {to}{groups}, {}, then {then} ({kernel} on the CPU)", of_window(window))
        }
        Op::MaxPool(window) => format!("maximum, {}", of_window(window)),
        Op::PRelu { slopes } => format!("PReLU with {} slopes", slopes.len()),
        Op::Affine { scale, .. } => format!("affine map of {} channels", scale.len()),
        Op::Linear(linear) => format!("linear map to {}", linear.bias.len()),
        op => format!("{op:?}"),
    }
}

fn of_window(Window { kernel, stride, dilation, padding }: &Window) -> String {
    let mut text = format!("{} x {}", kernel[0], kernel[1]);
    for (name, sizes, usual) in [("stride", stride, [1, 1]), ("dilation", dilation, [1, 1])] {
        if *sizes != usual {
            let _ = write!(text, ", {name} {} x {}", sizes[0], sizes[1]);
        }
    }
    if *padding != [[0; 2]; 2] {
        let _ = write!(text, ", padding {padding:?}");
    }
    text
}

/// What the epilogue does to positive and other sums.
fn epilogue_kind(epilogue: &[Epilogue]) -> &'static str {
    if epilogue.iter().all(Epilogue::is_bias) {
        "bias"
    } else if epilogue.iter().all(|of| of.below == 0.0 && of.shift == 0.0) {
        "ReLU"
    } else if epilogue.iter().all(|of| of.shift == 0.0) {
        "PReLU"
    } else {
        "PReLU and an affine map"
    }
}

/// A built-in model's file. The library's own tests must also pass in a clone that has fetched none.
fn file_or_skip(name: &str) -> Option<Vec<u8>> {
    if engine::path(name).exists() {
        return Some(engine::file(name));
    }
    serfiq_skips::skip(&format!("the steps of {name}"), "its file is fetched by `cargo xtask setup`");
    None
}

#[test]
fn the_recogniser() {
    let side = AlignedCrop::SIZE as usize;
    let Some(file) = file_or_skip("sface") else { return };
    let CutRecogniser { trunk, head, scaling, layout, .. } = CutRecogniser::import(&file, side, None, None).unwrap();
    let head = format!("head {} -> {}, dropout {} at {:?}", head.features, head.dimension, head.dropout, head.place);
    assert_snapshot!("sface", format!("{layout:?}, {scaling:?}\n{}{head}\n", dump(&trunk)));
}

#[test]
fn the_detector() {
    let Some(file) = file_or_skip("yunet") else { return };
    let file = NetworkFile::read(&file).unwrap();
    assert_snapshot!("yunet", dump(&network(file, &[1, 3, 480, 640]).unwrap()));
}

#[test]
fn the_face_mesh() {
    let [network_part, _] = crate::ModelCard::landmarks().parts.as_slice() else { panic!("two parts") };
    let Some(file) = file_or_skip("face-mesh") else { return };
    let file = &file[..network_part.bytes as usize];
    let side = MeshRegion::SIZE as usize;
    let mut network = network(NetworkFile::read(file).unwrap(), &[1, side, side, 3]).unwrap();
    assert!(channels_first(&mut network));
    assert_snapshot!("face_mesh", dump(&network));
}
