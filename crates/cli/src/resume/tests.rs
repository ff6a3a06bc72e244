//! Runs that are killed at every byte of their results, and resumed.
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serfiq::Assessment;
use serfiq::guide::{Settings, Threshold};
use serfiq::report::{FaceReport, MethodReport, Place};
use tempfile::TempDir;

use super::Unreadable;
use crate::args::{OutputArgs, ScoreFormat};
use crate::batch::{Batch, BatchError};
use crate::output::Records;
use crate::picture::PictureError;
use crate::report::{self, ScoreRun};

/// Names that a format must quote, and letters of several bytes; one picture is named twice. `0` has no face, and `2` has two.
const PICTURES: [&str; 9] = [
    "ä_1.jpg",
    "a, b_1.jpg",
    "say \"ü\"_2.jpg",
    "li\nne\r\n_1.jpg",
    "写真_1.jpg",
    "\"_0.jpg",
    "ä_1.jpg",
    ",\"\n_2.jpg",
    "z_1.jpg",
];

fn run_of() -> ScoreRun {
    let method = MethodReport {
        model: "test".into(),
        model_sha256: None,
        on_top: None,
        method: "mc",
        passes: Some(100),
        seed: Some(0),
        dropout: 0.5,
    };
    ScoreRun { method, threshold: Some(0.25) }
}

fn handle(name: String) -> Result<Assessment, PictureError> {
    let face = || {
        let mut face = FaceReport::new(Place::UNKNOWN, None);
        (face.raw, face.std_error) = (Some(0.5), Some(0.25));
        face
    };
    let settings = Settings { score: Threshold::new(0.25, 0.0).ok(), ..Settings::of_photo() };
    let mut assessed = Assessment::of_score(run_of().method, (!name.contains("_0")).then(face), &settings);
    if name.contains("_2") {
        assessed.faces.push(face());
    }
    Ok(assessed)
}

/// Runs a batch of all pictures.
fn run(output: &Path, records: &Records) -> Result<ExitCode, BatchError> {
    let args = OutputArgs { output: Some(output.into()), resume: true };
    let batch = Batch { output: &args, records: Some(records), threads: NonZeroUsize::MIN };
    let items = PICTURES.map(|name| Ok((name.to_owned(), name.to_owned())));
    let run = run_of();
    let report = |to| report::scores(Some(records), "cpu", None, &run, to);
    batch.run(items.into_iter(), || PICTURES.len(), run.clone(), report, handle)
}

/// Kills and resumes a file of results, in each format and with each line end.
struct Killed {
    folder: TempDir,
    records: Records,
    whole: Vec<u8>,
}

impl Killed {
    fn of_each_kind() -> Vec<Self> {
        let formats = [ScoreFormat::Jsonl, ScoreFormat::Csv];
        let of = |format| {
            let folder = tempfile::tempdir().unwrap();
            let records = report::score_records(format, &run_of()).unwrap();
            let file = folder.path().join("results");
            run(&file, &records).unwrap();
            let whole = fs::read(&file).unwrap();
            Self { folder, records, whole }
        };
        let with_crlf = |mut killed: Self| {
            let lines = String::from_utf8(killed.whole).unwrap();
            killed.whole = with_crlf(&lines, killed.records == Records::Jsonl).into_bytes();
            killed
        };
        formats.into_iter().flat_map(|format| [of(format), with_crlf(of(format))]).collect()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("results")
    }

    fn resume(&self, torn: &[u8]) -> Result<Vec<u8>, BatchError> {
        fs::write(self.file(), torn).unwrap();
        run(&self.file(), &self.records)?;
        Ok(fs::read(self.file()).unwrap())
    }
}

/// Changes the line ends between records, but not those within quoted names.
fn with_crlf(lines: &str, is_json: bool) -> String {
    let mut is_quoted = false;
    let mut changed = String::new();
    for letter in lines.chars() {
        is_quoted ^= letter == '"' && !is_json;
        if letter == '\n' && !is_quoted {
            changed.push('\r');
        }
        changed.push(letter);
    }
    changed
}

#[test]
fn a_file_that_is_cut_at_any_byte_is_made_whole_again() {
    for killed in Killed::of_each_kind() {
        for end in 0..=killed.whole.len() {
            let resumed = killed.resume(&killed.whole[..end]);
            let resumed = resumed.unwrap_or_else(|error| panic!("{:?} cut at {end}: {error}", killed.records));
            // Without a complete line, nothing shows which line ends the file uses.
            let has_line = killed.whole[..end].contains(&b'\n');
            let records = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n");
            assert_eq!(records(&resumed), records(&killed.whole), "{:?} cut at {end}", killed.records);
            assert!(!has_line || resumed == killed.whole, "{:?} cut at {end}: other line ends", killed.records);
        }
    }
}

#[test]
fn a_byte_order_mark_stays_and_may_be_torn() {
    for killed in Killed::of_each_kind() {
        let marked = [b"\xef\xbb\xbf", &killed.whole[..]].concat();
        for end in (0..100).chain([killed.whole.len() / 2, marked.len()]) {
            let resumed = killed.resume(&marked[..end]).unwrap();
            let expected = if end < 3 { &marked[3..] } else { &marked };
            let records = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n");
            assert_eq!(records(&resumed), records(expected), "{:?} cut at {end}", killed.records);
        }
    }
}

#[test]
fn a_torn_record_may_be_ended_by_an_editor_or_by_zeros() {
    for killed in Killed::of_each_kind() {
        let line_end = if killed.whole.ends_with(b"\r\n") { &b"\r\n"[..] } else { b"\n" };
        let first = killed.whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for end in (first..killed.whole.len()).step_by(7) {
            for added in [line_end, &[0; 7]] {
                let torn = [&killed.whole[..end], added].concat();
                // A cut that happens to leave a valid record keeps it.
                let is_record = added == line_end && killed.whole[..end].trim_ascii_end().ends_with(b"}");
                let resumed = killed.resume(&torn).unwrap_or_else(|error| panic!("cut at {end}: {error}"));
                assert!(is_record || resumed == killed.whole, "{:?} cut at {end}", killed.records);
            }
        }
    }
}

#[test]
fn a_file_of_something_else_is_refused_and_stays() {
    for killed in Killed::of_each_kind() {
        let text = String::from_utf8(killed.whole.clone()).unwrap();
        let header = text.split_inclusive('\n').next().unwrap();
        let mac = text.replace("\r\n", "\n").replace('\n', "\r");
        let latin1 = killed.whole.iter().map(|byte| if *byte < 128 { *byte } else { 0xe4 }).collect::<Vec<u8>>();
        let open_quote = [header, "\"", &header.repeat((1 << 20) / header.len() + 1)].concat();
        let mut others: Vec<Vec<u8>> = vec![b"hello".into(), b"hello\n".into(), b"path;status\n".into(), mac.into(), latin1];
        others.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        others.push(text.replacen("test", "other", 1).into());
        if killed.records != Records::Jsonl {
            others.push(open_quote.into());
            others.push(text.replacen("status", "state", 1).into());
        }
        for other in others {
            let refused = killed.resume(&other);
            assert!(refused.is_err(), "{:?}: {}", killed.records, String::from_utf8_lossy(&other));
            assert!(fs::read(killed.file()).unwrap() == other, "it was changed");
        }
    }
}

#[test]
fn a_million_unreadable_pictures_are_counted_and_the_first_are_named() {
    let mut unreadable = Unreadable::default();
    assert_eq!(unreadable.problems().count(), 0);
    for number in 1..=20 {
        unreadable.add(format!("{number}.jpg: empty"));
    }
    assert_eq!(unreadable.problems().last().unwrap(), "20.jpg: empty");
    for number in 21..=1_000_000 {
        unreadable.add(format!("{number}.jpg: empty"));
    }
    let problems: Vec<String> = unreadable.problems().collect();
    assert_eq!((unreadable.count, problems.len()), (1_000_000, 21));
    assert_eq!(problems[20], "999980 more could not be read before; their records say why");
}
