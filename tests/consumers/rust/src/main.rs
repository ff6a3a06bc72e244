//! Scores a face with the crates as published.
use std::error::Error;

use serfiq::{blocking::Engine, example, guide::Settings, score::Method};

fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::load(example::files())?;
    let assessment = engine.assess(&example::frame(), &Method::MonteCarlo { passes: 100, seed: 0 }, &Settings::of_photo())?;
    let face = assessment.faces.first().ok_or("there is no face in the example")?;
    let raw = face.raw.ok_or("every face is scored")?;
    let median = serfiq_eval::quantile(&[raw], 0.5);
    println!("{} {:.4} {median:.4} {}", engine.info().model, raw, serfiq_on_top::Options::default().batch);
    Ok(())
}
