//! Tables that are truncated or have wrong bytes give a report or an error, and never a panic.

use std::{fs, process::Output};

use proptest::sample::Index;
use proptest::{prelude::*, test_runner::TestRunner};

use crate::support::process::{run, stderr};
use crate::support::report::ReportFolder;

/// Each case is a run of the program.
const CASES: u32 = 64;

/// A small table of each kind, with everything that the commands read.
const TABLES: [(&str, &str); 3] = [
    (
        "pairs.csv",
        "image_a,image_b,same_person,similarity\na1,a2,1,0.7\nb1,b2,1,0.6\nc1,c2,1,0.2\na1,b1,0,0.1\na1,c1,0,0.3\nb1,c1,0,0.25\n",
    ),
    ("scores.csv", "path,raw\na1,0.8\na2,0.7\nb1,0.6\nb2,0.65\nc1,0.9\nc2,0.1\n"),
    ("labels.csv", "image,subject,\"glasses, any\"\na1,A,no\na2,A,yes\nb1,B,no\nb2,B,yes\nc1,C,no\nc2,C,\n"),
];

fn edc(folder: &ReportFolder) -> Output {
    let scores = format!("mine={}", folder.path("scores.csv"));
    let arguments = ["--pairs", &folder.path("pairs.csv"), "--scores", &scores, "--output", &folder.path("edc.html")];
    run(&[&["edc", "--resamples", "0"], &arguments[..]].concat(), &[])
}

fn audit(folder: &ReportFolder) -> Output {
    let scores = format!("mine={}", folder.path("scores.csv"));
    let arguments = ["--labels", &folder.path("labels.csv"), "--scores", &scores, "--output", &folder.path("audit.html")];
    run(&[&["audit", "--resamples", "0"], &arguments[..]].concat(), &[])
}

/// Damages one table at a time, and runs a command that reads it.
fn survives(test: &str, damaged: &str, command: impl Fn(&ReportFolder) -> Output) {
    let folder = ReportFolder::new(test);
    TABLES.iter().for_each(|(name, table)| folder.write(name, table));
    let whole = TABLES.iter().find(|(name, _)| *name == damaged).unwrap().1.as_bytes();
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b",\"\n\r-e9 \0\xff".to_vec())];
    let mut runner = TestRunner::new(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&(any::<Index>(), byte, prop::bool::weighted(0.2)), |(place, byte, ends)| {
        let (mut bytes, place) = (whole.to_vec(), place.index(whole.len()));
        bytes[place] = byte;
        bytes.truncate(if ends { place } else { whole.len() });
        fs::write(folder.path(damaged), &bytes).unwrap();
        let output = command(&folder);
        prop_assert!(matches!(output.status.code(), Some(0 | 2)), "{:?}: {}", output.status, stderr(&output));
        prop_assert!(output.status.success() || stderr(&output).starts_with("serfiq: "), "{}", stderr(&output));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{damaged}: {error}"));
}

#[test]
fn no_damage_makes_a_table_of_pairs_panic() {
    survives("damaged_pairs", "pairs.csv", edc);
}

#[test]
fn no_damage_makes_a_table_of_scores_panic() {
    survives("damaged_scores", "scores.csv", edc);
}

#[test]
fn no_damage_makes_a_table_of_labels_panic() {
    survives("damaged_labels", "labels.csv", audit);
}
