//! Scores a face with the crates as others get them.
use std::error::Error;

use serfiq::{Faces, blocking::Engine, example, score::Method};

fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::load(example::files())?;
    let scored = engine.score(&example::frame(), Faces::Largest, Method::MonteCarlo { passes: 100, seed: 0 })?;
    let face = scored.first().ok_or("there is no face in the example")?;
    let score = face.score.ok_or("the largest face is scored")?;
    let median = serfiq_eval::quantile(&[score.raw], 0.5);
    println!("{} {:.4} {median:.4} {}", engine.info().model, score.raw, serfiq_on_top::Options::default().batch);
    Ok(())
}
