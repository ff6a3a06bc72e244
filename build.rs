//! Turns each model card in `models/` into Rust: its constants, and its network as burn code.
//!
//! Recognisers are cut at their dropout first (`serfiq-models`); `burn-onnx` then writes the code of the trunk. Weights stay
//! outside: the engine loads them at run time from the same ONNX files. Which constant of the graph each parameter of the
//! burn module is, this script finds out by their values.
use std::{
    collections::HashMap,
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use burn_onnx::{LoadStrategy, ModelGen};
use serfiq_models::{
    Detector, Network, Recogniser,
    card::{Colour, ModelCard, Role, load_all},
    fuse::fuse,
    scaling,
    verify::check_sha256,
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=models");
    let models = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("models");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let cards = load_all(&models)?;
    let mut code = String::from("pub(crate) static CARDS: &[ModelCard] = &[\n");
    for card in &cards {
        writeln!(code, "    {},", card_constant(card))?;
    }
    code.push_str("];\n");
    let mut with_dropout = Vec::new();
    for card in &cards {
        with_dropout.push(write_network(&models, &out, card, &mut code)?);
    }
    write_registry(&cards, &with_dropout, &mut code)?;
    fs::write(out.join("models.rs"), code)?;
    Ok(())
}

fn card_constant(card: &ModelCard) -> String {
    let calibration = card.calibration.as_ref().map(|c| {
        format!("Some(ModelCalibration {{ quality: Calibration {{ alpha: {:?}, r: {:?} }}, k: {:?} }})", c.alpha, c.r, c.k)
    });
    format!(
        "ModelCard {{ name: {:?}, role: Role::{:?}, file: {:?}, bytes: {}, sha256: {:?}, licence: {:?}, author: {:?}, source: {:?}, \
         calibration: {}, input: Input {{ bgr: {}, mean: {:?}, scale: {:?} }}, dropout: Dropout {{ node: {:?}, probability: {:?} }} }}",
        card.name,
        card.role,
        card.file_name(),
        card.source.bytes(),
        card.source.sha256(),
        card.licence,
        card.author,
        card.source.to_string(),
        calibration.unwrap_or("None".into()),
        card.input.colour == Colour::Bgr,
        card.input.mean,
        card.input.scale,
        card.dropout.node,
        card.dropout.probability,
    )
}

/// The burn code of one network, its parameters, and the trait that makes it usable. Tells whether the network has a Dropout.
fn write_network(models: &Path, out: &Path, card: &ModelCard, code: &mut String) -> Result<bool, Box<dyn Error>> {
    let path = models.join("files").join(card.file_name());
    let onnx = fs::read(&path)
        .map_err(|e| format!("cannot read {} ({e}); fetch the models with `cargo xtask setup`", path.display()))?;
    check_sha256(&path.display().to_string(), &onnx, card.source.sha256())?;
    let (network, implementation, has_dropout) = match card.role {
        Role::Recogniser => {
            let mut model = Recogniser::import(&onnx, card.dropout.node.as_deref(), card.dropout.probability)?;
            // The engine gives the pixels scaled.
            scaling::take(&mut model.trunk);
            let features = model.head.features;
            let body =
                format!("fn features(&self, crop: Tensor<4>) -> Tensor<2> {{ self.forward(crop).reshape([1, {features}]) }}");
            let has_dropout = model.head.place.op == "Dropout";
            (model.trunk, format!("impl Trunk for {}::Model {{ {body} }}", card.name), has_dropout)
        }
        Role::Detector => {
            let model = Detector::import(&onnx)?;
            let body = "fn detect(&self, picture: Tensor<4>) -> DetectorTensors { self.forward(picture).into() }";
            (model.network, format!("impl DetectorNetwork for {}::Model {{ {body} }}", card.name), false)
        }
    };
    let trunk = out.join(format!("{}.onnx", card.name));
    fs::write(&trunk, network.to_onnx())?;
    ModelGen::new().input(&trunk.display().to_string()).out_dir("burn").load_strategy(LoadStrategy::None).run_from_script();
    let burn = out.join("burn").join(format!("{}.rs", card.name));
    fs::write(&burn, fuse(&fs::read_to_string(&burn)?))?;

    let name = &card.name;
    writeln!(
        code,
        "mod {name} {{ use crate::model::layers as burn; include!(concat!(env!(\"OUT_DIR\"), \"/burn/{name}.rs\")); }}"
    )?;
    writeln!(code, "{implementation}")?;
    writeln!(code, "static {}_PARAMETERS: &[Parameter] = &[", name.to_uppercase())?;
    for Parameter { path, constant, shape } in parameters(&out.join("burn").join(format!("{name}.bpk")), &network)? {
        writeln!(code, "    Parameter {{ path: {path:?}, constant: {constant:?}, shape: &{shape:?} }},")?;
    }
    writeln!(code, "];")?;
    Ok(has_dropout)
}

/// A parameter of the burn module, as `src/model/network.rs` needs to know it.
struct Parameter {
    path: String,
    constant: String,
    shape: Vec<usize>,
}

/// Each parameter of the burn module, with the constant of `network` that has the same values, and its shape.
fn parameters(weights: &Path, network: &Network) -> Result<Vec<Parameter>, Box<dyn Error>> {
    let bytes = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let constants: HashMap<Vec<u8>, &String> = network.weights.iter().map(|(name, w)| (bytes(&w.values), name)).collect();
    let mut parameters = Vec::new();
    for tensor in burn_pack::Reader::from_file(weights)?.into_tensors()? {
        let shape: Vec<usize> = tensor.shape.iter().copied().collect();
        let constant = constants.get(&tensor.to_bytes()?.to_vec()).ok_or_else(|| {
            format!(
                "burn-onnx made a parameter `{}` of shape {shape:?} that is no constant of the graph; cut before it",
                tensor.name
            )
        })?;
        parameters.push(Parameter { path: tensor.name.clone(), constant: (*constant).clone(), shape });
    }
    Ok(parameters)
}

/// The list of recognisers, and the one detector.
fn write_registry(cards: &[ModelCard], with_dropout: &[bool], code: &mut String) -> Result<(), Box<dyn Error>> {
    let load = |name: &str| {
        format!(
            "|network, device| Ok(Box::new(load({name}::Model::new(device), {name:?}, {}_PARAMETERS, network)?))",
            name.to_uppercase()
        )
    };
    code.push_str("pub(crate) static RECOGNISERS: &[Recogniser] = &[\n");
    for (index, card) in cards.iter().enumerate() {
        if card.role == Role::Recogniser {
            let (trained, load) = (with_dropout[index], load(&card.name));
            writeln!(code, "    Recogniser {{ card: &CARDS[{index}], trained_with_dropout: {trained}, load: {load} }},")?;
        }
    }
    code.push_str("];\n");
    let detectors: Vec<usize> = (0..cards.len()).filter(|i| cards[*i].role == Role::Detector).collect();
    let &[index] = detectors.as_slice() else {
        return Err(format!("there are {} detectors among the model cards; expected one", detectors.len()).into());
    };
    let load = load(&cards[index].name);
    writeln!(code, "pub(crate) static DETECTOR: Detector = Detector {{ card: &CARDS[{index}], load: {load} }};")?;
    Ok(())
}
