//! Recognisers other than SFace, against onnxruntime on their uncut graphs (`tests/reference/recognisers.py`): an IResNet whose gammas are
//! all equal, a network with squeeze-and-excite, a vision transformer. Their weights are drawn here as in the reference: these tests judge
//! the arithmetic. A recogniser with freely licensed weights is tested through the command line, in `crates/cli/tests/commands/model.rs`.

use pollster::block_on;
use serde::Deserialize;
use serfiq::{BackendChoice, Engine, ModelCard, score::Method};
use serfiq_network::{
    onnx::format::{Model, element},
    verify::sha256,
};
use serfiq_skips::gpu_or_skip;
use serfiq_test_support::{
    degrade::Degradation,
    engine, in_checkout,
    reference::{self, MonteCarlo},
};

/// `tests/reference/recognisers.json`.
#[derive(Deserialize)]
struct Reference {
    recognisers: Vec<Recogniser>,
    crops: Vec<Crop>,
}

#[derive(Deserialize)]
struct Recogniser {
    name: String,
    input: Input,
    /// Dropout probability, whether or not it is in the graph.
    dropout: f64,
    /// For the card, if the graph has none.
    probability: Option<f32>,
    dimension: usize,
    /// SHA-256 of all drawn values, in order.
    weights_sha256: String,
}

#[derive(Deserialize)]
struct Input {
    colour: String,
    mean: f32,
    scale: f32,
}

#[derive(Deserialize)]
struct Crop {
    recogniser: String,
    portrait: String,
    degradation: String,
    rgb_sha256: String,
    embedding: Vec<f64>,
    monte_carlo: MonteCarlo,
}

impl Recogniser {
    /// The graph with its weights drawn: a float tensor with more than two elements but only two stored values is uniform between
    /// these.
    fn file(&self) -> Vec<u8> {
        let path = in_checkout(format!("tests/reference/recognisers/{}.onnx", self.name));
        let (header, mut graph) = Model::read(&std::fs::read(path).unwrap()).unwrap();
        let mut drawn = Vec::new();
        for tensor in &mut graph.initializers {
            let count: i64 = tensor.dims.iter().product();
            if let (element::FLOAT, [low, high], 3..) = (tensor.element, tensor.floats.as_slice(), count) {
                let bytes = draw(&tensor.name, count as usize, f64::from(*low), f64::from(*high));
                drawn.extend_from_slice(&bytes);
                tensor.floats.clear();
                tensor.raw = bytes;
            }
        }
        assert_eq!(sha256(&drawn), self.weights_sha256, "{}: these are not the weights the reference drew", self.name);
        header.write(graph)
    }

    fn engine(&self, backend: BackendChoice) -> Result<Engine, serfiq::EngineError> {
        let Input { colour, mean, scale } = &self.input;
        let mut card = format!("[input]\ncolour = \"{colour}\"\nmean = {mean:?}\nscale = {scale:?}\n");
        if let Some(p) = self.probability {
            card += &format!("[dropout]\nprobability = {p:?}\n");
        }
        let file = self.file();
        let card = ModelCard::own(&format!("{}.onnx", self.name), &file, Some(&card)).unwrap();
        let detector = engine::file("yunet");
        let files = engine::with_detector(&card, &file, &detector);
        block_on(Engine::load(files, backend))
    }

    /// Compares embeddings and scores of every crop; a score may be off by `tolerance`.
    fn check(&self, engine: &Engine, crops: &[Crop], tolerance: f64) {
        let info = engine.info();
        assert_eq!((info.model.as_str(), info.dimension), (self.name.as_str(), self.dimension));
        assert_eq!(info.dropout, self.dropout);
        assert_eq!(info.model_sha256, sha256(&self.file()));
        let (mut worst_cosine, mut worst_score, mut checked) = (1.0_f64, 0.0_f64, 0);
        for expected in crops.iter().filter(|crop| crop.recogniser == self.name) {
            let name = format!("{}: {}, {}", self.name, expected.portrait, expected.degradation);
            let portrait =
                reference::faces().portraits.into_iter().find(|portrait| portrait.stem() == expected.portrait).unwrap();
            let degradation = Degradation::ALL.into_iter().find(|of| of.name() == expected.degradation).unwrap();
            let crop = degradation.apply(&portrait.crop());
            assert_eq!(sha256(crop.rgb()), expected.rgb_sha256, "{name}: these are not the pixels the reference saw");

            let ours = block_on(engine.embed(&crop)).unwrap();
            let cosine = cosine(&ours, &expected.embedding);
            assert!(cosine >= 0.9999, "{name}: cosine {cosine}, expected at least 0.9999");
            let MonteCarlo { seed, passes, raw, std_error } = expected.monte_carlo;
            let ours = block_on(engine.score_crop(&crop, Method::MonteCarlo { passes, seed })).unwrap();
            let difference = (ours.raw - raw).abs();
            assert!(difference <= tolerance, "{name}: s = {}, expected {raw}", ours.raw);
            assert!((ours.std_error.unwrap() - std_error).abs() <= 0.02 * std_error + tolerance, "{name}: standard error");
            (worst_cosine, worst_score, checked) = (worst_cosine.min(cosine), worst_score.max(difference), checked + 1);
        }
        assert!(checked >= 6);
        println!("{}: smallest cosine {worst_cosine:.8}, largest difference of s {worst_score:.1e}", self.name);
    }
}

/// Little-endian floats: `low + (high - low) u`, with u from the top 24 bits of Philox4x32-10 keyed by the CRC-32 of the name.
fn draw(name: &str, count: usize, low: f64, high: f64) -> Vec<u8> {
    let key = [crc32(name.as_bytes()), 0];
    let words = (0..count.div_ceil(4)).flat_map(|four| serfiq::score::philox4x32_10([four as u32, 0, 0, 0], key));
    let value = |word: u32| (low + (high - low) * f64::from(word >> 8) / f64::from(1 << 24)) as f32;
    words.take(count).flat_map(|word| value(word).to_le_bytes()).collect()
}

/// The CRC-32 of zlib.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn cosine(ours: &[f32], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let pairs = || ours.iter().map(|value| f64::from(*value)).zip(theirs.iter().copied());
    let dot: f64 = pairs().map(|(a, b)| a * b).sum();
    let lengths: f64 = pairs().map(|(a, _)| a * a).sum::<f64>().sqrt() * pairs().map(|(_, b)| b * b).sum::<f64>().sqrt();
    dot / lengths
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/recognisers.json")).unwrap()
}

#[test]
fn every_kind_is_onnxruntimes_on_the_cpu() {
    let Reference { recognisers, crops } = reference();
    assert_eq!(recognisers.len(), 3);
    for recogniser in recognisers {
        recogniser.check(&recogniser.engine(BackendChoice::Cpu).unwrap(), &crops, 1e-4);
    }
}

#[test]
fn every_kind_is_onnxruntimes_on_the_gpu() {
    let Reference { recognisers, crops } = reference();
    for recogniser in recognisers {
        let opened = recogniser.engine(BackendChoice::WebGpu);
        let Some(engine) = gpu_or_skip("other kinds of recognisers on a GPU", opened) else { return };
        recogniser.check(&engine, &crops, 1e-3);
    }
}

#[test]
fn features_lie_on_the_grid_of_the_last_layer_before_the_head() {
    let grid = |recogniser: &Recogniser| recogniser.engine(BackendChoice::Cpu).unwrap().grid();
    let grids: Vec<_> = reference().recognisers.iter().map(|recogniser| (recogniser.name.clone(), grid(recogniser))).collect();
    // After a pooling over the whole face there is no grid; the tokens of a transformer are patches, row by row.
    let expected = [("iresnet", Some([7, 7])), ("squeeze_excite", None), ("vit", Some([8, 8]))];
    assert_eq!(grids, expected.map(|(name, grid)| (name.to_owned(), grid)));
}
