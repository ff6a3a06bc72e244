//! Prints what each cell adds to the score of the largest face of each picture: a JSON object a line. `tests/reference/cover.py` learns
//! from it what hidden parts of a face do to the cells.
//!
//!     cargo run --release --package serfiq-test-support --example cells FOLDER
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use pollster::block_on;
use rayon::prelude::*;
use serde_json::{Value, json};
use serfiq::{Engine, frame::Frame, score::Method};
use serfiq_test_support::engine;

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| pictures(folder))).collect()
}

fn cells(engine: &Engine, picture: &Path) -> Option<Value> {
    let frame = Frame::decode(&std::fs::read(picture).unwrap()).ok()?;
    let (_, crop) = block_on(engine.crops(&frame)).unwrap().into_iter().next()?;
    let score = block_on(engine.score_crop(&crop, Method::Limit)).unwrap();
    let map = block_on(engine.cells(&crop)).unwrap().unwrap();
    let [signal, noise, energy] = [0, 1, 2].map(|which| {
        let sums = map.cells.iter().map(|cell| [cell.signal, cell.noise, cell.energy][which] as f32);
        sums.collect::<Vec<_>>()
    });
    Some(json!({ "raw": score.raw, "quality": score.quality, "signal": signal, "noise": noise, "energy": energy }))
}

fn main() {
    let folder = std::env::args().nth(1).expect("a folder of pictures");
    let mut paths = pictures(Path::new(&folder));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jpg"));
    paths.sort();
    let engine = engine::on_cpu();
    for paths in paths.chunks(64) {
        let lines: Vec<Value> = paths
            .par_iter()
            .map(|path| {
                let name = path.strip_prefix(&folder).unwrap().to_string_lossy();
                json!({ "file": name, "cells": cells(&engine, path) })
            })
            .collect();
        let mut out = io::stdout().lock();
        lines.iter().for_each(|line| writeln!(out, "{line}").unwrap());
    }
}
