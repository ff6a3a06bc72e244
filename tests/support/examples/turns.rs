//! How far the pose is off on the heads of other portraits, turned by known angles: a row a turn, and at the end what share of a turn is
//! measured, what a turn still adds to pitch, and how far the angles are off, also if yaw were stretched differently. Only heads that look
//! ahead are turned: of another, the relief has seen one side.
//!
//!     cargo run --package serfiq-test-support --example turns FOLDER [EVERY]
use std::path::PathBuf;

use rayon::prelude::*;
use serfiq::measure::Pose;
use serfiq_test_support::{
    engine,
    turns::{self, Errors, Head, Turn},
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
        let head = Head::of(&engine, &portrait)?;
        let name = file.file_name().unwrap().to_string_lossy();
        for Turn { by, expected, found } in head.turns() {
            let known = [by[0], by[1], expected[0], expected[1]].map(|value| format!("{value:.2}")).join(",");
            println!("{name},{known},{:.2},{:.2},{:.2}", found.yaw, found.pitch, found.roll);
        }
        Some(head)
    };
    println!("file,by_yaw,by_pitch,expected_yaw,expected_pitch,yaw,pitch,roll");
    let heads: Vec<Head> = files.par_iter().step_by(every).filter_map(of_file).collect();
    assert!(!heads.is_empty(), "{folder}: no picture of a head that looks ahead; expected portraits");
    let turns = |stretch: f32| heads.iter().flat_map(|head| head.turns_with_yaw(stretch)).collect::<Vec<Turn>>();
    let as_measured = turns(1.0);
    eprintln!(
        "{} heads\nshare of yaw and pitch: {:.3?}\nleft of pitch: {:.5} times the square of yaw",
        heads.len(),
        turns::measured(&as_measured),
        turns::pitch_of_turn(&as_measured)
    );
    for stretch in [0.9, 0.925, 0.95, 0.975, 1.0, 1.025, 1.05] {
        let turns = turns(stretch);
        let of = |is_both: bool| turns.iter().filter(|turn| turn.is_both() == is_both).collect::<Errors>();
        eprintln!("yaw times {stretch:.3}\n  turned or nodded: {}\n  both: {}", of(false), of(true));
    }
}
