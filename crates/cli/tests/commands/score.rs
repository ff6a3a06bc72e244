//! The command line as people and scripts use it, on the real models and portraits.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::process::{folder, json_lines, run, save, serfiq, stderr, stdout};
use serde_json::Value;
use serfiq_test_support::degrade::Degradation;
use serfiq_test_support::{portraits, reference};

const PORTRAIT: &str = "person_b_2.jpg";
const SFACE_SHA256: &str = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee";

#[test]
fn a_portrait_is_scored_with_the_promised_keys() {
    let output = run(&["score", "--format", "jsonl"], &[&portraits::path(PORTRAIT)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "", "no progress bar where stderr is no terminal");
    let records = json_lines(&output);
    let [record] = records.as_slice() else { panic!("one line expected: {records:?}") };
    assert_eq!(record["status"], "ok");
    assert_eq!((&record["model"], &record["model_sha256"]), (&Value::from("sface"), &Value::from(SFACE_SHA256)));
    assert_eq!(record["method"], "limit");
    assert_eq!(record["dropout"], 0.4);
    for of_monte_carlo in ["passes", "seed"] {
        assert!(record.as_object().unwrap().contains_key(of_monte_carlo) && record[of_monte_carlo].is_null());
    }
    assert!(record["path"].as_str().unwrap().ends_with(PORTRAIT));
    assert!(record.get("error").is_none());
    let face = &record["faces"][0];
    assert_eq!(face["box"].as_array().unwrap().len(), 4);
    assert_eq!(face["landmarks"].as_array().unwrap().len(), 5);
    assert!((0.6..=1.0).contains(&face["confidence"].as_f64().unwrap()));
    assert!((0.0..=1.0).contains(&face["raw"].as_f64().unwrap()));
    assert!((0.0..=100.0).contains(&face["quality"].as_f64().unwrap()));
    assert!(face.as_object().unwrap().contains_key("std_error") && face["std_error"].is_null());
}

#[test]
fn monte_carlo_repeats_itself_and_knows_its_error() {
    let path = portraits::path(PORTRAIT);
    let sampled = |seed| run(&["score", "--format", "jsonl", "--passes", "20", "--seed", seed], &[&path]);
    let (first, again, other) = (sampled("7"), sampled("7"), sampled("8"));
    assert_eq!(first.stdout, again.stdout, "the same seed gives the same bytes");
    assert_ne!(first.stdout, other.stdout, "another seed gives other masks");
    let record = &json_lines(&first)[0];
    assert_eq!(record["method"], "mc", "--passes implies Monte Carlo");
    assert_eq!((&record["passes"], &record["seed"]), (&Value::from(20), &Value::from(7)));
    let error = record["faces"][0]["std_error"].as_f64().unwrap();
    assert!(error > 0.0 && error < 0.05);
    let difference = record["faces"][0]["raw"].as_f64().unwrap()
        - json_lines(&run(&["score", "--format", "jsonl"], &[&path]))[0]["faces"][0]["raw"].as_f64().unwrap();
    assert!(difference.abs() < 6.0 * error, "20 passes are {difference} from the limit, with an error of {error}");
}

#[test]
fn less_dropout_moves_the_embedding_less() {
    let path = portraits::path(PORTRAIT);
    for method in ["limit", "mc"] {
        let raw = |dropout: &[&str]| {
            let output = run(&[&["score", "--format", "jsonl", "--method", method], dropout].concat(), &[&path]);
            json_lines(&output)[0]["faces"][0]["raw"].as_f64().unwrap()
        };
        let (own, same, little, next_to_none) =
            (raw(&[]), raw(&["--dropout", "0.4"]), raw(&["--dropout", "0.1"]), raw(&["--dropout", "1e-7"]));
        assert!((own - same).abs() < 1e-6, "SFace's own p is 0.4");
        assert!(own < little && little < next_to_none && next_to_none > 0.999, "{method}: {own}, {little}, {next_to_none}");
    }
}

#[test]
fn what_cannot_be_read_is_reported_and_the_rest_is_scored() {
    let folder = folder("mixed");
    std::fs::write(folder.join("a broken.jpg"), b"no picture at all").unwrap();
    save(&folder.join("b grey.png"), 64, 48, &[128; 3 * 64 * 48]);
    std::fs::create_dir(folder.join("c")).unwrap();
    std::fs::copy(portraits::path(PORTRAIT), folder.join("c/portrait.JPG")).unwrap();
    std::fs::write(folder.join("notes.txt"), b"not looked at").unwrap();
    let missing = folder.join("missing.png");

    let output = run(&["score", "--format", "jsonl"], &[&folder, &missing]);
    assert_eq!(output.status.code(), Some(1));
    let records = json_lines(&output);
    let statuses: Vec<_> = records.iter().map(|record| record["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["unreadable", "no_face", "ok", "unreadable"]);
    assert_eq!(records[0]["faces"], Value::Array(vec![]));
    assert!(records[0]["error"].as_str().unwrap().contains("JPEG, PNG or WebP"));
    assert!(stderr(&output).contains("a broken.jpg") && stderr(&output).contains("missing.png"));

    let output = run(&["score", "--format", "csv"], &[&folder]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "path,status,model,model_sha256,method,passes,seed,dropout,threshold,face,x,y,width,height,confidence,raw,quality,percentile,\
         std_error,accepted,issues,error"
    );
    assert_eq!(lines.len(), 4);
    let empty = ",".repeat(11);
    let made = format!("sface,{SFACE_SHA256},limit,,,0.4,50");
    assert!(lines[1].contains(&format!(",unreadable,{made}{empty},,")), "{}", lines[1]);
    assert!(lines[2].ends_with(&format!(",no_face,{made}{empty}false,no_face,")), "{}", lines[2]);
    assert!(lines[3].contains(&format!(",ok,{made},1,")) && lines[3].ends_with(",true,,"), "{}", lines[3]);

    let output = run(&["score"], &[&folder]);
    assert_eq!(output.status.code(), Some(1));
    let table = stdout(&output);
    for words in ["a broken.jpg", "unreadable", "no face", "1 of 1", "Model sface (SHA-256 fb143eea0783...), method limit"] {
        assert!(table.contains(words), "{words:?} is missing from\n{table}");
    }
}

#[test]
fn a_picture_is_judged_by_all_that_is_wrong_and_by_the_threshold() {
    let folder = folder("judged");
    let portrait = portraits::path(PORTRAIT);
    let record = |arguments: &[&str], picture: &Path| {
        let output = run(&[&["score", "--format", "jsonl"], arguments].concat(), &[picture]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        json_lines(&output).remove(0)
    };
    let good = record(&[], &portrait);
    assert_eq!((&good["accepted"], &good["threshold"]), (&Value::Bool(true), &Value::from(50.0)));
    assert_eq!(good["issues"], Value::Array(vec![]));
    assert!(good["measures"]["face"]["pose"]["yaw"].is_number() && good["width"].is_number());

    let strict = record(&["--threshold", "99.5"], &portrait);
    assert_eq!((&strict["accepted"], &strict["threshold"]), (&Value::Bool(false), &Value::from(99.5)));
    assert_eq!(strict["issues"], serde_json::json!(["hard_to_recognise"]));
    assert_eq!(strict["faces"], good["faces"], "the threshold changes no score");

    let frame = portraits::frame(PORTRAIT);
    let dark = folder.join("dark.png");
    save(&dark, frame.width(), frame.height(), &frame.rgb().iter().map(|sample| sample / 8).collect::<Vec<u8>>());
    let dark = record(&[], &dark);
    assert_eq!((&dark["accepted"], &dark["issues"][0]), (&Value::Bool(false), &Value::from("too_dark")));

    // An aligned crop has only a score.
    let crop = folder.join("crop.png");
    let faces = reference::faces();
    save(&crop, 112, 112, faces.portraits.iter().find(|portrait| portrait.file == PORTRAIT).unwrap().crop().rgb());
    let crop = record(&["--aligned"], &crop);
    assert_eq!((&crop["accepted"], &crop["measures"]), (&Value::Bool(true), &Value::Null));

    let scores = folder.join("scores.csv");
    let to = scores.to_str().unwrap();
    assert_eq!(run(&["score", "--format", "csv", "--output", to], &[&portrait]).status.code(), Some(0));
    let other = run(&["score", "--format", "csv", "--output", to, "--resume", "--threshold", "60"], &[&portrait]);
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("its threshold is"), "{}", stderr(&other));
    let refused = run(&["score", "--threshold", "NaN"], &[&portrait]);
    assert!(refused.status.code() == Some(2) && stderr(&refused).contains("expected a finite number"), "{}", stderr(&refused));
}

#[test]
fn an_explicit_file_is_read_whatever_its_name() {
    let copy = folder("names").join("portrait.of.somebody");
    std::fs::copy(portraits::path(PORTRAIT), &copy).unwrap();
    let output = run(&["score", "--format", "jsonl"], &[&copy]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json_lines(&output)[0]["status"], "ok");
}

#[test]
fn an_aligned_crop_scores_as_the_photo_it_was_cut_from() {
    let folder = folder("aligned");
    let faces = reference::faces();
    let portrait = faces.portraits.iter().find(|portrait| portrait.file == PORTRAIT).unwrap();
    let (clean, dark) = (folder.join("clean.png"), folder.join("dark.png"));
    save(&clean, 112, 112, portrait.crop().rgb());
    save(&dark, 112, 112, Degradation::Dark.apply(&portrait.crop()).rgb());

    let crops = json_lines(&run(&["score", "--format", "jsonl", "--aligned"], &[&clean, &dark]));
    assert_eq!(crops[0]["faces"][0]["box"], serde_json::json!([0.0, 0.0, 112.0, 112.0]));
    assert!(crops[0]["faces"][0]["landmarks"].is_null() && crops[0]["faces"][0]["confidence"].is_null());
    let photo = json_lines(&run(&["score", "--format", "jsonl"], &[&portraits::path(PORTRAIT)]));
    let raw = |record: &Value| record["faces"][0]["raw"].as_f64().unwrap();
    // The photo's landmarks are ours, the crop's are the reference's; they differ by up to a pixel.
    assert!((raw(&crops[0]) - raw(&photo[0])).abs() < 0.01);
    assert!(raw(&crops[1]) < raw(&crops[0]), "a dark picture is a worse one");

    let output = run(&["score", "--aligned", "--format", "jsonl"], &[&portraits::path(PORTRAIT)]);
    assert_eq!(output.status.code(), Some(1), "a photo is no aligned crop");
    assert!(json_lines(&output)[0]["error"].as_str().unwrap().contains("112 x 112"));
}

#[test]
fn embeddings_of_the_same_person_are_closer() {
    let files = ["person_a_2.jpg", "person_b_1.jpg", "person_b_2.jpg"].map(portraits::path);
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let output = run(&["embed"], &paths);
    assert_eq!(output.status.code(), Some(0));
    let embeddings: Vec<Vec<f64>> = json_lines(&output)
        .iter()
        .map(|record| serde_json::from_value(record["faces"][0]["embedding"].clone()).unwrap())
        .collect();
    assert!(embeddings.iter().all(|embedding| embedding.len() == 128));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let cosine = |a: &[f64], b: &[f64]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    let [a, b, same] = embeddings.as_slice() else { panic!("three embeddings expected") };
    // 0.363 is the threshold of SFace's authors.
    assert!(cosine(b, same) > 0.363 && cosine(a, b) < 0.363, "{} and {}", cosine(b, same), cosine(a, b));

    let output = run(&["embed", "--format", "csv"], &paths[..1]);
    let text = stdout(&output);
    let widths: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(widths, [10 + 128 + 1; 2]);
}

#[test]
fn wrong_usage_ends_with_2() {
    let portrait = portraits::path(PORTRAIT);
    let nothing = folder("nothing");
    for (arguments, words) in [
        (vec!["score"], "PATH"),
        (vec!["score", "--method", "guess", "x.jpg"], "guess"),
        (vec!["score", "--passes", "1", "x.jpg"], "2..=1000"),
        (vec!["score", "--method", "limit", "--passes", "9", "x.jpg"], "--method mc"),
        (vec!["score", "--dropout", "1", portrait.to_str().unwrap()], "between 0 and 1"),
        (vec!["score", "--recogniser", "nobody", portrait.to_str().unwrap()], "expected sface, or the path"),
        (vec!["score", "--models-dir", "nowhere", portrait.to_str().unwrap()], "--models-dir"),
        (vec!["score", "--resume", "x.jpg"], "--output"),
        (vec!["score", "--resume", "--output", "x.txt", "x.jpg"], "--format jsonl"),
        (vec!["score", "--stdin", "x.jpg"], "cannot be used with"),
        (vec!["score", "--threads", "0", "x.jpg"], "--threads"),
        (vec!["score", nothing.to_str().unwrap()], "no JPEG, PNG or WebP"),
    ] {
        let output = run(&arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let path = portraits::path(PORTRAIT);
    let mut child = serfiq()
        .args(["score", "--format", "jsonl"])
        .args([&path, &path])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}
