//! The ONNX files that onnxruntime runs. It refuses the quantised ones, so these are what our own import makes of them: the
//! same float weights, the same folded batch norms. Each is one graph, so that nothing is copied in the middle, and the
//! dropout masks are constants of the graph, as ours stay on the device.
use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serfiq_models::{
    Detector, Network, Recogniser, Weight,
    card::{self, ModelCard, Role},
    onnx::{Attribute, Node, Type, ValueInfo},
};

use crate::{step::Step, workspace, workspace::Workspace};

/// Dropout passes a score, as in the paper.
pub const PASSES: usize = 100;

/// Crop to embedding.
pub const EMBED: &str = "embed.onnx";
/// Crop to the embeddings of [`PASSES`] dropout passes.
pub const PASSES_FILE: &str = "passes.onnx";
/// Square picture to the twelve outputs of the detector, of 640 pixels.
pub const DETECT_640: &str = "detect640.onnx";

/// Writes all graphs into `folder`, where [`prepare`](super::native::prepare) has left the masks.
pub fn write(workspace: &Workspace, folder: &Path) -> Result<()> {
    let step = Step::start("graphs");
    for card in card::load_all(&workspace.model_cards())? {
        let path = workspace.model_files().join(card.file_name());
        let onnx = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        match card.role {
            Role::Recogniser => write_recogniser(&card, &onnx, folder)?,
            Role::Detector => {
                for side in [320, 640] {
                    let detector = resized(Detector::import(&onnx)?.network, side)?;
                    workspace::write_if_changed(&folder.join(format!("detect{side}.onnx")), &detector.to_onnx())?;
                }
            }
        }
    }
    step.done("written");
    Ok(())
}

fn write_recogniser(card: &ModelCard, onnx: &[u8], folder: &Path) -> Result<()> {
    let Recogniser { trunk, head } = Recogniser::import(onnx, card.dropout.node.as_deref(), card.dropout.probability)?;
    let path = folder.join("masks.f32");
    let masks = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let masks: Vec<f32> = masks.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect();
    ensure!(
        masks.len() == PASSES * head.features,
        "{} holds {} numbers; expected {PASSES} x {}",
        path.display(),
        masks.len(),
        head.features
    );
    let mut embed = trunk;
    let features = embed.graph.outputs.first().context("the trunk has no output")?.name.clone();
    embed.graph.nodes.push(node("Flatten", &[features.as_str()], "flat", &[]));
    let weights = [
        ("head_weight", vec![head.dimension, head.features], head.weight),
        ("head_bias", vec![head.dimension], head.bias),
        ("masks", vec![PASSES, head.features], masks),
    ];
    embed.weights.extend(weights.map(|(name, shape, values)| (name.to_owned(), Weight { shape, values })));
    // The shape follows from the graph.
    embed.graph.outputs = vec![ValueInfo { name: "embedding".into(), kind: float_of_any_shape(&embed)? }];
    let mut passes = embed.clone();
    let product = |features: &str| node("Gemm", &[features, "head_weight", "head_bias"], "embedding", &[("transB", 1)]);
    embed.graph.nodes.push(product("flat"));
    passes.graph.nodes.push(node("Mul", &["flat", "masks"], "masked", &[]));
    passes.graph.nodes.push(product("masked"));
    // `to_onnx` leaves out the masks where nothing reads them.
    workspace::write_if_changed(&folder.join(EMBED), &embed.to_onnx())?;
    workspace::write_if_changed(&folder.join(PASSES_FILE), &passes.to_onnx())?;
    Ok(())
}

/// The detector for pictures of `side` x `side`: it is fully convolutional, and only declares its size.
fn resized(mut network: Network, side: i64) -> Result<Network> {
    let kind = network.graph.inputs.first_mut().and_then(|input| input.kind.as_mut()?.tensor.as_mut()?.shape.as_mut());
    let shape = kind.context("the detector's input has no shape")?;
    ensure!(shape.dims.len() == 4, "the detector's input has {} dimensions; expected 4", shape.dims.len());
    shape.dims[2..].iter_mut().for_each(|dimension| dimension.size = side);
    for output in &mut network.graph.outputs {
        if let Some(tensor) = output.kind.as_mut().and_then(|kind| kind.tensor.as_mut()) {
            tensor.shape = None;
        }
    }
    network.graph.value_info.clear();
    Ok(network)
}

/// A type like that of the network's input, but of a shape that is left open.
fn float_of_any_shape(network: &Network) -> Result<Option<Type>> {
    let mut kind = network.graph.inputs.first().context("the trunk has no input")?.kind.clone();
    if let Some(tensor) = kind.as_mut().and_then(|kind| kind.tensor.as_mut()) {
        tensor.shape = None;
    }
    Ok(kind)
}

fn node(op: &str, inputs: &[&str], output: &str, integers: &[(&str, i64)]) -> Node {
    /// `AttributeProto.INT`.
    const INTEGER: i32 = 2;
    let attribute = |(name, i): &(&str, i64)| Attribute { name: (*name).into(), i: *i, kind: INTEGER, ..Default::default() };
    Node {
        op: op.into(),
        inputs: inputs.iter().map(|name| (*name).into()).collect(),
        outputs: vec![output.into()],
        attributes: integers.iter().map(attribute).collect(),
        ..Default::default()
    }
}
