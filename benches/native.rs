//! The engine on the CPU. `cargo xtask bench` runs it in the root of the checkout and times it against onnxruntime:
//!
//! - `native prepare PORTRAIT FOLDER` writes every contender's inputs: the aligned crop and two square pictures (RGB bytes), and
//!   the dropout masks (little-endian `f32`, `[100, features]`).
//! - `native run FOLDER` reads job names, one a line, runs each, and prints its milliseconds and results as JSON.
use std::{
    env,
    error::Error,
    fs,
    io::stdin,
    path::{Path, PathBuf},
    time::Instant,
};

use image::{RgbImage, imageops};
use pollster::block_on;
use serde_json::json;
use serfiq::{
    BackendChoice, Engine, ModelCard, ModelFile, ModelFiles, Role,
    face::AlignedCrop,
    frame::Frame,
    models,
    score::{DropoutMasks, Method},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const MONTE_CARLO: Method = Method::MonteCarlo { passes: Method::DEFAULT_PASSES, seed: Method::DEFAULT_SEED };

fn main() -> Result<()> {
    // `cargo bench` adds its own argument.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prepare", portrait, folder] => prepare(Path::new(portrait), Path::new(folder)),
        ["run", folder] => run(Path::new(folder)),
        _ => {
            println!("`cargo xtask bench` runs this program.");
            Ok(())
        }
    }
}

fn prepare(portrait: &Path, folder: &Path) -> Result<()> {
    let engine = load()?;
    let photo = Frame::decode(&fs::read(portrait)?)?;
    let crops = block_on(engine.crops(&photo))?;
    let (_, crop) = crops.first().ok_or("the portrait shows no face")?;
    fs::write(folder.join("crop.rgb"), crop.rgb())?;

    let photo = RgbImage::from_raw(photo.width(), photo.height(), photo.rgb().to_vec()).ok_or("the frame is incomplete")?;
    for side in [320, 640] {
        let picture = imageops::resize(&photo, side, side, imageops::FilterType::Triangle);
        fs::write(folder.join(format!("picture{side}.rgb")), picture.as_raw())?;
    }

    let side = AlignedCrop::SIZE as usize;
    let head = serfiq_network::CutRecogniser::import(&fs::read(model(Role::Recogniser)?)?, side, None, None)?.head;
    let masks = DropoutMasks::new(Method::DEFAULT_SEED, Method::DEFAULT_PASSES, head.features, head.dropout)?.scaled();
    fs::write(folder.join("masks.f32"), masks.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    Ok(())
}

fn run(folder: &Path) -> Result<()> {
    let engine = load()?;
    let picture = |name: &str, side: u32| -> Result<Frame> { Ok(Frame::from_rgb(side, side, fs::read(folder.join(name))?)?) };
    let crop = AlignedCrop::from_frame(&picture("crop.rgb", AlignedCrop::SIZE)?)?;
    let (small, large) = (picture("picture320.rgb", 320)?, picture("picture640.rgb", 640)?);
    // The highest confidence of any face.
    let detect = |frame: &Frame, side: u32| -> Result<Vec<f64>> {
        let faces = block_on(engine.detect(frame, side))?;
        Ok(faces.iter().map(|face| f64::from(face.confidence)).max_by(f64::total_cmp).into_iter().collect())
    };
    let run = |job: &str| -> Result<Vec<f64>> {
        Ok(match job {
            "embed" => block_on(engine.embed(&crop))?.into_iter().map(f64::from).collect(),
            "limit" => vec![block_on(engine.score_crop(&crop, Method::Limit))?.raw],
            "mc" => vec![block_on(engine.score_crop(&crop, MONTE_CARLO))?.raw],
            "detect320" => detect(&small, 320)?,
            "detect640" => detect(&large, 640)?,
            other => return Err(format!("there is no job `{other}`").into()),
        })
    };
    for line in stdin().lines() {
        let job = line?;
        let start = Instant::now();
        // Inside the rayon pool, whose threads share the work of every layer.
        let values = rayon::scope(|_| run(&job).map_err(|e| e.to_string()))?;
        let milliseconds = 1000.0 * start.elapsed().as_secs_f64();
        println!("{}", json!({ "milliseconds": milliseconds, "values": values }));
    }
    Ok(())
}

fn load() -> Result<Engine> {
    let (recogniser, detector) = (fs::read(model(Role::Recogniser)?)?, fs::read(model(Role::Detector)?)?);
    let card = card(Role::Recogniser)?;
    let files = ModelFiles {
        recogniser: ModelFile { card, bytes: &recogniser },
        detector: ModelFile { card: ModelCard::detector(), bytes: &detector },
        landmarks: None,
    };
    Ok(block_on(Engine::load(files, BackendChoice::Cpu))?)
}

fn model(role: Role) -> Result<PathBuf> {
    Ok(Path::new("models/files").join(&card(role)?.file))
}

fn card(role: Role) -> Result<&'static ModelCard> {
    Ok(models().iter().find(|card| card.role == role).ok_or("there is no such model")?)
}
