//! The ONNX files that onnxruntime runs. It refuses the quantised ones, so these are what our own import makes of them: the
//! same float weights, the same folded batch norms.
use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use serfiq_models::{
    Detector, Head, Network, Recogniser, Weight,
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

/// What ONNX writes for a side that is not known beforehand.
const ANY: i64 = 0;

/// Writes the graphs of the single steps into `folder`, where [`prepare`](super::native::prepare) has left the masks. Each is one
/// graph, so that nothing is copied in the middle, and the dropout masks are constants of the graph, as ours stay on the device.
pub fn write(workspace: &Workspace, folder: &Path) -> Result<()> {
    let step = Step::start("graphs");
    for (card, onnx) in models(workspace)? {
        match card.role {
            Role::Recogniser => write_recogniser(recogniser(&card, &onnx)?, folder)?,
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

/// Of the whole recogniser as floats: of its file, which holds next to nothing else.
pub fn weight_bytes(folder: &Path) -> Result<u64> {
    let path = folder.join(EMBED);
    let file = fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(file.len())
}

/// Writes what `opencv_pipeline.py` reads into `folder`: the detector for pictures of any size, crop to features, and what the
/// limit takes of the head.
pub fn write_for_pipeline(workspace: &Workspace, folder: &Path) -> Result<()> {
    let step = Step::start("graphs");
    for (card, onnx) in models(workspace)? {
        match card.role {
            Role::Recogniser => {
                let calibration = card.calibration.as_ref().with_context(|| format!("{} has no calibration", card.name))?;
                let Recogniser { trunk, head } = recogniser(&card, &onnx)?;
                let features = flattened(trunk, "flat")?;
                workspace::write_if_changed(&folder.join("features.onnx"), &features.to_onnx())?;
                let Head { weight, bias, dropout, .. } = head;
                let weight: Vec<u8> = weight.iter().flat_map(|value| value.to_le_bytes()).collect();
                workspace::write_if_changed(&folder.join("head.f32"), &weight)?;
                let limit = json!({ "k": calibration.k, "dropout": dropout, "bias": bias });
                workspace::write_if_changed(&folder.join("limit.json"), limit.to_string().as_bytes())?;
            }
            Role::Detector => {
                let detector = resized(Detector::import(&onnx)?.network, ANY)?;
                workspace::write_if_changed(&folder.join("detect.onnx"), &detector.to_onnx())?;
            }
        }
    }
    step.done("written");
    Ok(())
}

/// The cards and ONNX files of all models.
fn models(workspace: &Workspace) -> Result<Vec<(ModelCard, Vec<u8>)>> {
    let with_file = |card: ModelCard| {
        let path = workspace.model_files().join(card.file_name());
        let onnx = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((card, onnx))
    };
    card::load_all(&workspace.model_cards())?.into_iter().map(with_file).collect()
}

fn recogniser(card: &ModelCard, onnx: &[u8]) -> Result<Recogniser> {
    Ok(Recogniser::import(onnx, card.dropout.node.as_deref(), card.dropout.probability)?)
}

fn write_recogniser(Recogniser { trunk, head }: Recogniser, folder: &Path) -> Result<()> {
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
    let mut embed = flattened(trunk, "embedding")?;
    let weights = [
        ("head_weight", vec![head.dimension, head.features], head.weight),
        ("head_bias", vec![head.dimension], head.bias),
        ("masks", vec![PASSES, head.features], masks),
    ];
    embed.weights.extend(weights.map(|(name, shape, values)| (name.to_owned(), Weight { shape, values })));
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

/// The trunk with its features in a row, called `flat`, for a graph whose result is called `output`.
fn flattened(mut trunk: Network, output: &str) -> Result<Network> {
    let features = trunk.graph.outputs.first().context("the trunk has no output")?.name.clone();
    trunk.graph.nodes.push(node("Flatten", &[features.as_str()], "flat", &[]));
    // The shape follows from the graph.
    trunk.graph.outputs = vec![ValueInfo { name: output.into(), kind: float_of_any_shape(&trunk)? }];
    Ok(trunk)
}

/// The detector for pictures of `side` x `side`, or of [`ANY`] sides: it is fully convolutional, and only declares its size.
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
