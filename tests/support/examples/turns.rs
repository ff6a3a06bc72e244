//! How far the pose is off on the heads of other portraits, turned by known angles: a row a turn, and at the end how far they are off, and
//! what share of a turn is measured. Only heads that look ahead are turned: of another, the relief has seen one side.
//!
//!     cargo run --package serfiq-test-support --example turns FOLDER [EVERY]
use std::path::PathBuf;

use rayon::prelude::*;
use serfiq::measure::Pose;
use serfiq_test_support::{
    engine,
    turns::{self, Errors, Turn},
};

/// In degrees of yaw and of pitch.
const AHEAD: [f32; 2] = [10.0, 12.0];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("FOLDER [EVERY]");
    let every = arguments.next().map_or(1, |every| every.parse().expect("every how many files"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let engine = engine::on_cpu();
    let of_file = |file: &PathBuf| {
        let portrait = image::open(file).unwrap().to_rgb8();
        let pose = Pose::of_mesh(&turns::mesh(&engine, &portrait)?);
        if [pose.yaw, pose.pitch].iter().zip(AHEAD).any(|(angle, most)| angle.abs() > most) {
            return None;
        }
        let turns = turns::of(&engine, &portrait)?;
        let name = file.file_name().unwrap().to_string_lossy();
        for Turn { by, expected, found } in &turns {
            let known = [by[0], by[1], expected[0], expected[1]].map(|value| format!("{value:.2}")).join(",");
            println!("{name},{known},{:.2},{:.2},{:.2}", found.yaw, found.pitch, found.roll);
        }
        Some(turns)
    };
    println!("file,by_yaw,by_pitch,expected_yaw,expected_pitch,yaw,pitch,roll");
    let heads: Vec<Vec<Turn>> = files.par_iter().step_by(every).filter_map(of_file).collect();
    let count = heads.len();
    assert!(count > 0, "{folder}: no picture of a head that looks ahead; expected portraits");
    let turns: Vec<Turn> = heads.into_iter().flatten().collect();
    let of_one: Errors = turns.iter().filter(|turn| !turn.is_both()).collect();
    let of_both: Errors = turns.iter().filter(|turn| turn.is_both()).collect();
    eprintln!(
        "{count} heads\nturned or nodded: {of_one}\nboth: {of_both}\nshare of yaw and pitch: {:.3?}",
        turns::measured(&turns)
    );
}
