//! Outputs that cannot be written. The tests of `calibrate` and `train-on-top` are beside those of their other output.
use std::fs;

use crate::support::process::{copes_with_any_output, folder};
use serfiq_test_support::{in_checkout, portraits};

#[test]
fn help_and_lists_need_no_reader() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["help", "score"],
        &["score", "--help"],
        &["model", "list"],
        &["model", "info", "yunet"],
        &["model", "info", "sface"],
        &["model", "check", "models/files/face_recognition_sface_2021dec_int8bq.onnx"],
    ] {
        copes_with_any_output(arguments, 0, |_| ());
    }
    let folder = folder("unwritable_card");
    let [model, card] = ["mine.onnx", "mine.toml"].map(|name| folder.join(name).to_str().unwrap().to_owned());
    fs::copy(in_checkout("models/files/face_recognition_sface_2021dec_int8bq.onnx"), &model).unwrap();
    copes_with_any_output(&["model", "card", &model], 0, |case| {
        fs::remove_file(&card).unwrap_or_else(|error| panic!("{case}: {card}: {error}"));
    });
}

#[test]
fn wrong_arguments_and_failures_keep_their_status() {
    use crate::support::process::{closed, full, serfiq};

    for arguments in [&["--nonsense"][..], &[], &["model", "info", "nobody"], &["score", "nowhere"]] {
        let usual = serfiq().args(arguments).output().unwrap().status.code();
        for stderr in [closed, full] {
            let status = serfiq().args(arguments).stderr(stderr()).output().unwrap().status.code();
            assert_eq!(status, usual, "{arguments:?}");
        }
    }
}

#[test]
fn results_of_pictures_need_no_reader() {
    let portrait = portraits::path("person_b_1.jpg");
    let portrait = portrait.to_str().unwrap();
    for format in ["table", "csv", "jsonl"] {
        copes_with_any_output(&["score", "--format", format, portrait], 0, |_| ());
    }
    for format in ["csv", "jsonl"] {
        copes_with_any_output(&["embed", "--format", format, portrait], 0, |_| ());
    }
    for format in ["table", "csv", "jsonl", "ofiq"] {
        copes_with_any_output(&["measures", "--format", format, portrait], 0, |_| ());
    }
    for format in ["table", "jsonl", "html"] {
        copes_with_any_output(&["explain", "--format", format, portrait], 0, |_| ());
    }
}

#[test]
fn results_go_to_a_file_whatever_happens_to_the_messages() {
    use crate::support::process::{closed, full, serfiq};

    let folder = folder("unwritable_messages");
    let [nonsense, scores] = ["nonsense.jpg", "scores.csv"].map(|name| folder.join(name));
    fs::write(&nonsense, "no picture").unwrap();
    for stderr in [closed, full] {
        let arguments = ["score", "--format", "csv", "--output"];
        let portrait = portraits::path("person_b_1.jpg");
        let output = serfiq().args(arguments).args([&scores, &nonsense, &portrait]).stderr(stderr()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "one picture cannot be read");
        assert_eq!(fs::read_to_string(&scores).unwrap().lines().count(), 3);
        fs::remove_file(&scores).unwrap();
    }
}

#[test]
fn reports_are_written_before_anything_is_printed() {
    let folder = folder("unwritable_reports");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    fs::write(path("pairs.csv"), "image_a,image_b,same_person,similarity\n1,2,1,0.9\n3,4,1,0.8\n1,3,0,0.1\n2,4,0,0.2\n")
        .unwrap();
    fs::write(path("scores.csv"), "path,raw\n1,0.5\n2,0.6\n3,0.7\n4,0.8\n").unwrap();
    fs::write(path("labels.csv"), "image,pose\n1,a\n2,a\n3,b\n4,b\n").unwrap();
    let (pairs, labels, scores) = (path("pairs.csv"), path("labels.csv"), format!("q={}", path("scores.csv")));
    for (command, file) in [("edc", ["--pairs", &pairs]), ("thresholds", ["--pairs", &pairs]), ("audit", ["--labels", &labels])]
    {
        let report = path("report.html");
        let arguments = [command, file[0], file[1], "--scores", &scores, "--output", &report, "--resamples", "0"];
        let rate = if command == "audit" { &[][..] } else { &["--fmr", "0.5"] };
        copes_with_any_output(&[&arguments[..], rate].concat(), 0, |case| {
            for end in ["html", "csv", "json"] {
                let file = path(&format!("report.{end}"));
                fs::remove_file(&file).unwrap_or_else(|error| panic!("{command}, {case}: {file}: {error}"));
            }
        });
    }
}
