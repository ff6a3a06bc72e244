//! Compares the map of a face with an occlusion map, which asks the recogniser itself: how far does the embedding move if a patch of the crop is
//! grey? 64 patches, on an 8 x 8 grid. Prints Spearman's rank correlations of the two.
//!
//!     cargo run --release --package serfiq-test-support --example occlusion FOLDER [EVERY]
use std::path::{Path, PathBuf};

use pollster::block_on;
use rayon::prelude::*;
use serfiq::{Engine, explain::CellMap, face::AlignedCrop, frame::Frame};
use serfiq_test_support::engine;

const PATCHES: usize = 8;
const SIDE: usize = AlignedCrop::SIZE as usize;
const PATCH: usize = SIDE / PATCHES;

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// How far the embedding moves with each patch.
fn occluded(engine: &Engine, crop: &AlignedCrop) -> Vec<f64> {
    let clear = block_on(engine.embed(crop)).unwrap();
    let places = (0..PATCHES).flat_map(|row| (0..PATCHES).map(move |column| [row * PATCH, column * PATCH]));
    let moved = places.map(|[top, left]| {
        let mut rgb = crop.rgb().to_vec();
        for y in top..top + PATCH {
            rgb[3 * (y * SIDE + left)..][..3 * PATCH].fill(128);
        }
        let frame = Frame::from_rgb(AlignedCrop::SIZE, AlignedCrop::SIZE, rgb).unwrap();
        1.0 - cosine(&clear, &block_on(engine.embed(&AlignedCrop::from_frame(&frame).unwrap())).unwrap())
    });
    moved.collect()
}

/// The map's values in the middles of the patches, interpolated between the middles of the cells.
fn at_patches(map: &CellMap, values: &[f64]) -> Vec<f64> {
    let place = |patch: usize, cells: usize| {
        let place = ((patch as f64 + 0.5) / PATCHES as f64 * cells as f64 - 0.5).clamp(0.0, cells as f64 - 1.0);
        let first = (place as usize).min(cells - 2);
        (first, place - first as f64)
    };
    let at = |row: usize, column: usize| {
        let ((row, down), (column, across)) = (place(row, map.rows), place(column, map.columns));
        let line =
            |row: usize| values[row * map.columns + column] * (1.0 - across) + values[row * map.columns + column + 1] * across;
        line(row) * (1.0 - down) + line(row + 1) * down
    };
    (0..PATCHES).flat_map(|row| (0..PATCHES).map(move |column| (row, column))).map(|(row, column)| at(row, column)).collect()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    order.into_iter().enumerate().for_each(|(rank, index)| ranks[index] = rank as f64);
    ranks
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let centred = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean) as f32).collect::<Vec<_>>()
    };
    cosine(&centred(a), &centred(b))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder of pictures");
    let every = arguments.next().map_or(1, |every| every.parse().expect("a number"));
    let engine = engine::on_cpu();
    let paths: Vec<PathBuf> = pictures(Path::new(&folder)).into_iter().step_by(every).collect();
    let found: Vec<[f64; 2]> = paths
        .par_iter()
        .filter_map(|path| {
            let frame = Frame::decode(&std::fs::read(path).unwrap()).unwrap();
            let (_, crop) = block_on(engine.crops(&frame)).unwrap().into_iter().next()?;
            let map = block_on(engine.cells(&crop)).unwrap()?;
            let reference = ranks(&occluded(&engine, &crop));
            let of = |values: Vec<f64>| correlation(&ranks(&at_patches(&map, &values)), &reference);
            Some([
                of(map.cells.iter().map(|cell| cell.signal).collect()),
                of(map.cells.iter().map(|cell| cell.energy).collect()),
            ])
        })
        .collect();
    for (name, which) in [("signal", 0), ("energy", 1)] {
        let mut values: Vec<f64> = found.iter().map(|found| found[which]).collect();
        values.sort_by(f64::total_cmp);
        let quantile = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
        println!("{name}: {} faces, median {:.2}, tenth {:.2}", values.len(), quantile(0.5), quantile(0.1));
    }
}
