//! `serfiq explain`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use image::RgbImage;
use serde_json::Value;
use serfiq_test_support::portraits;

use crate::support::process::{folder, json_lines, run, save, serfiq, stderr, stdout};

const PORTRAIT: &str = "person_b_2.jpg";

/// The portrait with a board over its lower half.
fn covered(test: &str) -> std::path::PathBuf {
    let portrait = portraits::path(PORTRAIT);
    let record = &json_lines(&run(&["score", "--format", "jsonl"], &[&portrait]))[0];
    let at = |point: usize, axis: usize| record["faces"][0]["landmarks"][point][axis].as_f64().unwrap() as u32;
    let mut picture = image::open(&portrait).unwrap().to_rgb8();
    let (left, right, nose) = (at(0, 0), at(1, 0), at(2, 1));
    let eyes = right - left;
    for y in nose - eyes / 8..(nose + eyes * 3 / 2).min(picture.height()) {
        for x in left - eyes / 2..right + eyes / 2 {
            picture.put_pixel(x, y, image::Rgb([90, 130, 170]));
        }
    }
    let path = folder(test).join("covered.png");
    picture.save(&path).unwrap();
    path
}

#[test]
fn records_are_those_of_score_with_an_explanation() {
    let portrait = portraits::path(PORTRAIT);
    let [explained, score] =
        ["explain", "score"].map(|command| json_lines(&run(&[command, "--format", "jsonl"], &[&portrait])).remove(0));
    for (key, value) in score.as_object().unwrap() {
        assert_eq!(&explained[key], value, "{key} is that of `serfiq score`");
    }
    let explanation = &explained["explanation"];
    assert_eq!((&explanation["rows"], &explanation["columns"]), (&7.into(), &7.into()));
    for map in ["signal", "noise", "energy", "reading"] {
        let values: Vec<f64> = explanation[map].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
        assert!(values.len() == 49 && (map == "signal" || values.iter().all(|value| *value >= 0.0)), "{map}: {values:?}");
    }
    assert_eq!(explanation["cover"], score["measures"]["face"]["cover"]);
}

#[test]
fn what_is_hidden_is_said_in_words() {
    let (clear, covered) = (portraits::path(PORTRAIT), covered("explain_words"));
    let output = run(&["explain"], &[&clear, &covered]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let (clear, covered) = text.split_once("covered.png: ").unwrap();
    assert!(clear.contains("accepted\nThe recogniser reads every part of the face about as usual."), "{text}");
    assert!(covered.contains("mouth covered") && covered.contains("\nThe mouth is hidden."), "{text}");
    assert!(covered.contains(" forehead ") && covered.contains(" %"), "{text}");
}

#[test]
fn a_page_shows_every_picture_beside_what_is_read() {
    let covered = covered("explain_page");
    let (page, empty) = (covered.with_file_name("page.html"), covered.with_file_name("empty.png"));
    save(&empty, 64, 64, &[120; 3 * 64 * 64]);
    let output = run(&["explain", "-o", page.to_str().unwrap()], &[&portraits::path(PORTRAIT), &covered, &empty]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let html = fs::read_to_string(&page).unwrap();
    // Two of each with a face, one of that without.
    assert_eq!((html.matches("<img src=\"data:image/jpeg;base64,").count(), html.matches("<h2>").count()), (5, 3));
    assert!(
        html.contains("The mouth is hidden.") && html.contains("No face was found.") && html.contains("serfiq explain"),
        "{html}"
    );
    assert!(!html.contains("http"), "nothing is fetched");
}

#[test]
fn a_drawing_veils_what_is_not_read_and_nothing_else() {
    let covered = covered("explain_png");
    let drawn = covered.with_file_name("drawn.png");
    let output = run(&["explain", "-o", drawn.to_str().unwrap()], &[&covered]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{}", stderr(&output));
    let [before, after] = [&covered, &drawn].map(|path| image::open(path).unwrap().to_rgb8());
    assert_eq!(before.dimensions(), after.dimensions());
    let record = &json_lines(&run(&["explain", "--format", "jsonl"], &[&covered]))[0];
    let corner = |index: usize, axis: usize| record["explanation"]["corners"][index][axis].as_f64().unwrap();
    let moved = |picture: &RgbImage, x: u32, y: u32| picture.get_pixel(x, y) != before.get_pixel(x, y);
    let mut changed = 0;
    for (x, y, _) in after.enumerate_pixels().filter(|(x, y, _)| moved(&after, *x, *y)) {
        // The crop is hardly rotated; its corners bound it.
        let [left, top] = [0, 1].map(|axis| corner(0, axis).min(corner(3, axis)).min(corner(1, axis)));
        let [right, bottom] = [0, 1].map(|axis| corner(2, axis).max(corner(1, axis)).max(corner(3, axis)));
        assert!((left..right).contains(&x.into()) && (top..bottom).contains(&y.into()), "{x}, {y}");
        changed += 1;
    }
    assert!(changed > 500, "{changed} pixels are veiled");
}

/// A page and a table are written whole, at the end.
#[test]
fn a_run_that_ends_early_leaves_no_part_of_a_page() {
    let folder = folder("explain_stopped");
    for (command, name) in [("explain", "page.html"), ("score", "table.txt")] {
        let to = folder.join(name);
        let arguments = [command, "--stdin", "--output", to.to_str().unwrap()];
        let mut child = serfiq().args(arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        writeln!(stdin, "{}\nnowhere.jpg", portraits::path(PORTRAIT).display()).unwrap();
        // It tells of the second picture once it is through with the first.
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("nowhere.jpg"), "{said}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "{command}");
    }
    let words =
        [("explain", "page.html", "delete it, or name another file"), ("score", "t.jsonl", "continue it with --resume")];
    for (command, name, words) in words {
        let there = folder.join(name);
        fs::write(&there, "mine").unwrap();
        let format = if command == "score" { &["--format", "jsonl"][..] } else { &[] };
        let output = run(&[&[command, "-o", there.to_str().unwrap()], format].concat(), &[&portraits::path(PORTRAIT)]);
        assert!(output.status.code() == Some(2) && stderr(&output).contains(words), "{}", stderr(&output));
        assert_eq!(fs::read_to_string(&there).unwrap(), "mine");
    }
    for format in ["html", "table", "jsonl"] {
        let arguments = ["explain", "--format", format, "-o", folder.to_str().unwrap()];
        let output = run(&arguments, &[&portraits::path(PORTRAIT)]);
        assert!(output.status.code() == Some(2) && stderr(&output).contains("is a folder"), "{}", stderr(&output));
    }
    let nowhere = folder.join("nowhere/page.html");
    let output = run(&["explain", "-o", nowhere.to_str().unwrap()], &[&portraits::path(PORTRAIT)]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("cannot be opened"), "{}", stderr(&output));
}

/// `/dev/stdout`, or a pipe that another program reads.
#[test]
#[cfg(unix)]
fn an_output_may_be_a_device() {
    let portrait = portraits::path(PORTRAIT);
    for (command, format) in
        [("explain", "html"), ("explain", "table"), ("explain", "jsonl"), ("score", "table"), ("score", "csv")]
    {
        let arguments = [command, "--format", format];
        let whole = stdout(&run(&arguments, &[&portrait]));
        let output = run(&[&arguments[..], &["-o", "/dev/stdout"]].concat(), &[&portrait]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        // A page names its command.
        assert_eq!(stdout(&output).replace(" -o /dev/stdout", ""), whole, "{command} {format}");
    }
}

#[test]
fn what_cannot_be_drawn_is_said_and_leaves_no_file() {
    let folder = folder("explain_refused");
    let (empty, torn, png) = (folder.join("empty.png"), folder.join("torn.jpg"), folder.join("drawn.png"));
    save(&empty, 64, 64, &[120; 3 * 64 * 64]);
    fs::write(&torn, "no picture").unwrap();
    let (portrait, to) = (portraits::path(PORTRAIT), png.to_str().unwrap());
    for (pictures, words) in [
        (vec![&portrait, &portrait], "a PNG file shows one picture"),
        (vec![&folder], "a PNG file shows one picture"),
        (vec![&empty], "no face was found"),
        (vec![&torn], "torn.jpg: "),
    ] {
        let pictures: Vec<&std::path::Path> = pictures.iter().map(|path| path.as_path()).collect();
        let output = run(&["explain", "-o", to], &pictures);
        assert!(output.status.code() == Some(2) && stderr(&output).contains(words), "{words:?}: {}", stderr(&output));
        assert!(!png.exists(), "{words:?}");
    }
    fs::write(&png, "mine").unwrap();
    let output = run(&["explain", "-o", to], &[&portrait]);
    assert!(stderr(&output).contains("is there already"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&png).unwrap(), "mine");
    let output = run(&["explain", "--resume", "-o", "page.html"], &[&portrait]);
    assert!(stderr(&output).contains("only records can be resumed"), "{}", stderr(&output));
}

#[test]
fn a_picture_without_a_face_has_no_explanation() {
    let empty = folder("explain_empty").join("empty.png");
    save(&empty, 64, 64, &[120; 3 * 64 * 64]);
    let output = run(&["explain", "--format", "jsonl"], &[&empty]);
    let record: &Value = &json_lines(&output)[0];
    assert_eq!((&record["status"], record.get("explanation")), (&"no_face".into(), None));
    assert!(stdout(&run(&["explain"], &[&empty])).contains("empty.png: no face"));
}
