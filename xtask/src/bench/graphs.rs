//! The ONNX files for onnxruntime: the published graphs with float weights, since it refuses the quantised ones.
use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use serfiq_network::{
    AffineHead, Constant, CutRecogniser,
    card::Role,
    file::NetworkFile,
    onnx::format::{Graph, Model as Header, Node, Tensor, ValueInfo, element},
};

use crate::{
    models::{self, Model},
    step::Step,
    workspace,
    workspace::Workspace,
};

/// Dropout passes per score, as in the paper.
pub const PASSES: usize = 100;

/// Crop to embedding.
pub const EMBED: &str = "embed.onnx";
/// Crop to the embeddings of [`PASSES`] dropout passes.
pub const PASSES_FILE: &str = "passes.onnx";
/// Square picture of 640 pixels to the detector's twelve outputs.
pub const DETECT_640: &str = "detect640.onnx";

/// Side of an aligned crop.
const CROP: usize = 112;

/// ONNX's value for a side that is not known beforehand.
const ANY: i64 = 0;

/// Writes the graphs of the single steps into `folder`, where [`prepare`](super::native::prepare) has left the masks. Each step is one
/// graph, so that nothing is copied midway. The dropout masks are constants of the graph, because ours stay on the device, too.
pub fn write(workspace: &Workspace, folder: &Path) -> Result<()> {
    let step = Step::start("graphs");
    write_recogniser(Floats::read(&model(workspace, Role::Recogniser)?.1)?, folder)?;
    let detector = Floats::read(&model(workspace, Role::Detector)?.1)?;
    for side in [320, 640] {
        detector.clone().of_size(side)?.write(&folder.join(format!("detect{side}.onnx")))?;
    }
    step.done("written");
    Ok(())
}

/// Returns the size of the whole recogniser as floats: its file holds next to nothing else.
pub fn weight_bytes(folder: &Path) -> Result<u64> {
    let path = folder.join(EMBED);
    let file = fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(file.len())
}

/// Writes the graphs for `opencv_pipeline.py` into `folder`: the detector for pictures of any size, crop to features, and the parts of the
/// head that the limit uses.
pub fn write_for_pipeline(workspace: &Workspace, folder: &Path) -> Result<()> {
    let step = Step::start("graphs");
    let (Model { name, card, .. }, onnx) = model(workspace, Role::Recogniser)?;
    let calibration = card.calibration.as_ref().with_context(|| format!("{name} has no calibration"))?;
    let AffineHead { weight, bias, dropout, .. } =
        CutRecogniser::import(&onnx, CROP, card.dropout.node.as_deref(), card.dropout.probability)?.head;
    Floats::read(&onnx)?.features()?.write(&folder.join("features.onnx"))?;
    let weight: Vec<u8> = weight.iter().flat_map(|value| value.to_le_bytes()).collect();
    workspace::write_if_changed(&folder.join("head.f32"), &weight)?;
    let limit = json!({ "k": calibration.k, "dropout": dropout, "bias": bias });
    workspace::write_if_changed(&folder.join("limit.json"), limit.to_string().as_bytes())?;
    Floats::read(&model(workspace, Role::Detector)?.1)?.of_size(ANY)?.write(&folder.join("detect.onnx"))?;
    step.done("written");
    Ok(())
}

/// Returns the model with this role, and its ONNX file.
fn model(workspace: &Workspace, role: Role) -> Result<(Model, Vec<u8>)> {
    let mut models = models::load(&workspace.model_cards())?.into_iter();
    let model = models.find(|model| model.card.role == role).with_context(|| format!("no model in models/ is a {role:?}"))?;
    let path = workspace.model_files().join(model.file_name());
    let onnx = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok((model, onnx))
}

fn write_recogniser(graph: Floats, folder: &Path) -> Result<()> {
    let path = folder.join("masks.f32");
    let masks = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut passes = graph.clone();
    passes.drop_by(masks)?;
    passes.named("embedding")?.write(&folder.join(PASSES_FILE))?;
    graph.named("embedding")?.write(&folder.join(EMBED))
}

/// A published graph with its quantised weights expanded.
#[derive(Clone)]
struct Floats {
    header: Header,
    graph: Graph,
}

impl Floats {
    fn read(onnx: &[u8]) -> Result<Self> {
        let (header, mut graph) = Header::read(onnx)?;
        let (quantised, rest): (Vec<Node>, Vec<Node>) = graph.nodes.into_iter().partition(|node| node.op == "DequantizeLinear");
        // Our import expands them; its tests compare it with onnxruntime.
        let outputs = quantised.iter().map(|node| ValueInfo { name: node.output().to_owned(), kind: None }).collect();
        let weights = Graph { nodes: quantised, outputs, initializers: graph.initializers.clone(), ..Graph::default() };
        graph.nodes = rest;
        graph.initializers.retain(|tensor| graph.nodes.iter().any(|node| node.inputs.contains(&tensor.name)));
        let network = NetworkFile::read(&with_a_reader(&header, weights))?.lower(&[1])?;
        for (name, value) in &network.outputs {
            let Some(weight) = network.constant(*value) else { continue };
            graph.initializers.push(tensor(name, weight)?);
        }
        graph.value_info.clear();
        Ok(Self { header, graph })
    }

    /// Resizes the detector to `side` x `side` pictures, or to [`ANY`] sides. It is fully convolutional and only declares its size.
    fn of_size(mut self, side: i64) -> Result<Self> {
        let kind = self.graph.inputs.first_mut().and_then(|input| input.kind.as_mut()?.tensor.as_mut()?.shape.as_mut());
        let shape = kind.context("the detector's input has no shape")?;
        ensure!(shape.dims.len() == 4, "the detector's input has {} dimensions; expected 4", shape.dims.len());
        shape.dims[2..].iter_mut().for_each(|dimension| dimension.size = side);
        self.graph.outputs.iter_mut().for_each(open_shape);
        Ok(self)
    }

    /// Renames the last output and drops its shape, which follows from the graph.
    fn named(mut self, name: &str) -> Result<Self> {
        let output = self.graph.outputs.first_mut().context("the graph has no output")?;
        let old = std::mem::replace(&mut output.name, name.to_owned());
        open_shape(output);
        self.graph
            .nodes
            .iter_mut()
            .flat_map(|node| &mut node.outputs)
            .filter(|o| **o == old)
            .for_each(|o| *o = name.to_owned());
        Ok(self)
    }

    /// Ends the graph at the Dropout's input, flattened.
    fn features(mut self) -> Result<Self> {
        let dropout = self.dropout()?;
        let features = self.graph.nodes[dropout].inputs[0].clone();
        self.graph.nodes.truncate(dropout);
        self.graph.nodes.push(node("Flatten", &[&features], "flat"));
        self.graph.initializers.retain(|tensor| self.graph.nodes.iter().any(|node| node.inputs.contains(&tensor.name)));
        self.graph.outputs[0].name = "flat".into();
        open_shape(&mut self.graph.outputs[0]);
        Ok(self)
    }

    /// Replaces the Dropout with a multiplication by `masks`, `[PASSES, features]` floats.
    fn drop_by(&mut self, masks: Vec<u8>) -> Result<()> {
        let dropout = self.dropout()?;
        let Node { inputs, outputs, .. } = &self.graph.nodes[dropout];
        let (features, dropped) = (inputs[0].clone(), outputs[0].clone());
        let count = masks.len() / size_of::<f32>();
        ensure!(count > 0 && count.is_multiple_of(PASSES), "the masks are {count} numbers; expected {PASSES} rows");
        let dims = vec![PASSES as i64, (count / PASSES) as i64];
        self.graph.initializers.push(Tensor {
            name: "masks".into(),
            element: element::FLOAT,
            dims,
            raw: masks,
            ..Tensor::default()
        });
        self.graph.nodes[dropout] = node("Flatten", &[&features], "flat");
        self.graph.nodes.insert(dropout + 1, node("Mul", &["flat", "masks"], &dropped));
        Ok(())
    }

    fn dropout(&self) -> Result<usize> {
        let position = self.graph.nodes.iter().position(|node| node.op == "Dropout");
        position.context("the recogniser has no Dropout; the bench needs one")
    }

    fn write(self, path: &Path) -> Result<()> {
        workspace::write_if_changed(path, &self.header.write(self.graph))?;
        Ok(())
    }
}

/// Returns the bytes of a graph that reads no input; an added node reads one, so that it stays the input.
fn with_a_reader(header: &Header, mut graph: Graph) -> Vec<u8> {
    graph.inputs = vec![ValueInfo { name: "nothing".into(), kind: None }];
    graph.nodes.push(node("Identity", &["nothing"], "still nothing"));
    header.write(graph)
}

fn tensor(name: &str, constant: &Constant) -> Result<Tensor> {
    let values = constant.as_floats().context("a weight is not a float")?;
    Ok(Tensor {
        name: name.into(),
        element: element::FLOAT,
        dims: constant.shape.iter().map(|size| *size as i64).collect(),
        raw: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        ..Tensor::default()
    })
}

fn open_shape(value: &mut ValueInfo) {
    if let Some(tensor) = value.kind.as_mut().and_then(|kind| kind.tensor.as_mut()) {
        tensor.shape = None;
    }
}

fn node(op: &str, inputs: &[&str], output: &str) -> Node {
    Node {
        op: op.into(),
        inputs: inputs.iter().map(|name| (*name).into()).collect(),
        outputs: vec![output.into()],
        ..Node::default()
    }
}
