//! Reports on what a quality is worth, from the command line. What their numbers must be is tested where they are computed, and
//! `tests/reference/edc.py` computes those of error versus discard once more.

mod support;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use support::cli::{folder, run, stderr, stdout};
use support::portraits;

/// Twenty people with two images each; every fourth person's second image is a bad one. 200 non-mated pairs.
fn pairs() -> String {
    let mut text = String::from("image_a,image_b,same_person,similarity\n");
    for person in 0..20 {
        let similarity = if person % 4 == 0 { 0.1 } else { 0.7 };
        writeln!(text, "p{person}a.jpg,p{person}b.jpg,1,{similarity}").unwrap();
    }
    for (number, (a, b)) in (0..20).flat_map(|a| (0..a).map(move |b| (a, b))).take(190).enumerate() {
        writeln!(text, "p{a}a.jpg,p{b}b.jpg,0,{}", 0.001 * number as f64 + if number == 0 { 0.5 } else { 0.0 }).unwrap();
    }
    text
}

fn scores(of_bad: f64) -> String {
    let quality = |person: u32, image: &str| {
        let bad = image == "b" && person.is_multiple_of(4);
        (if bad { of_bad } else { 0.8 }) + 0.001 * f64::from(person)
    };
    let rows = (0..20).flat_map(|person| ["a", "b"].map(|image| format!("p{person}{image}.jpg,{}\n", quality(person, image))));
    format!("path,raw\n{}", rows.collect::<String>())
}

struct Files {
    folder: PathBuf,
}

impl Files {
    fn new(test: &str) -> Self {
        let folder = folder(test);
        fs::write(folder.join("pairs.csv"), pairs()).unwrap();
        fs::write(folder.join("good.csv"), scores(0.1)).unwrap();
        fs::write(folder.join("useless.csv"), scores(0.9)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn edc(&self, more: &[&str]) -> Output {
        self.command("edc", more)
    }

    fn command(&self, command: &str, more: &[&str]) -> Output {
        let (pairs, good) = (self.path("pairs.csv"), format!("good={}", self.path("good.csv")));
        let report = self.path(&format!("{command}.html"));
        run(&[&[command, "--pairs", &pairs, "--scores", &good, "--output", &report], more].concat(), &[])
    }

    fn report(&self, command: &str) -> Value {
        serde_json::from_slice(&fs::read(self.folder.join(format!("{command}.json"))).unwrap()).unwrap()
    }

    /// The page, which holds some words and needs nothing else.
    fn page_with(&self, command: &str, words: &[&str]) {
        let page = fs::read_to_string(self.folder.join(format!("{command}.html"))).unwrap();
        for words in words.iter().chain(&["<svg", command]) {
            assert!(page.contains(words), "{words:?} is missing from the page");
        }
        for foreign in ["<script", "<link", "src=", "@import", "url("] {
            assert!(!page.contains(foreign), "the page needs something else: {foreign}");
        }
    }
}

#[test]
fn measures_are_told_apart_and_one_file_shows_them() {
    let files = Files::new("edc");
    let useless = format!("useless={}", files.path("useless.csv"));
    let output = files.edc(&["--scores", &useless, "--fmr", "0.01", "--refit", "--resamples", "200"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 3, "the files that were written");

    let report = files.report("edc");
    assert_eq!(report["comparisons"]["subjects"], 20);
    let at = &report["at"][0];
    assert_eq!(at["fnmr"], 0.25);
    let measure = |index: usize| &at["measures"][index];
    assert_eq!((&measure(0)["name"], &measure(1)["name"]), (&Value::from("good"), &Value::from("useless")));
    let fnmr = |index: usize, hundredth: usize| measure(index)["curve"][hundredth]["fnmr"].as_f64().unwrap();
    assert_eq!((fnmr(0, 0), fnmr(0, 25), fnmr(1, 0)), (0.25, 0.0, 0.25));
    let area = |of: &Value| of["areas"][0]["area"].as_f64().unwrap();
    assert_eq!(area(measure(0)), area(&at["best"]), "it discards nothing but errors");
    assert!(area(measure(1)) > area(measure(0)) && measure(1)["areas"][0]["relative"].as_f64().unwrap() > 0.9);

    files.page_with("edc", &["At a false match rate of 1", "good", "useless", "best possible", "--refit"]);
    let rows = fs::read_to_string(files.folder.join("edc.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 3 * 96);
}

#[test]
fn rates_that_the_pairs_cannot_tell_are_left_out_unless_asked_for() {
    let files = Files::new("edc_rates");
    let output = files.edc(&["--resamples", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = files.report("edc");
    assert_eq!((report["at"].as_array().unwrap().len(), report["left_out"].as_array().unwrap().len()), (1, 2));
    assert!(report["left_out"][0]["why"].as_str().unwrap().contains("at least 1000 non-mated pairs; there are 190"));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let files = Files::new("edc_errors");
    let (pairs, scores) = (pairs(), scores(0.1));
    let first_row = |row: &str| pairs.replacen("p0a.jpg,p0b.jpg,1,0.1", row, 1);
    let no_mated: String = pairs.lines().filter(|line| !line.contains(",1,")).map(|line| format!("{line}\n")).collect();
    for (name, contents, words) in [
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg,1,x"), "line 2, column `similarity`: expected a finite number, found \"x\""),
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg,1,NaN"), "expected a finite number, found \"NaN\""),
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg,maybe,0.2"), "line 2, column `same_person`: expected 1 or 0, found \"maybe\""),
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg"), "line 2: expected 4 columns, found 2"),
        ("pairs.csv", first_row("p0a.jpg,p0a.jpg,1,0.2"), "line 2: an image is compared with itself"),
        ("pairs.csv", first_row("p1b.jpg,p1a.jpg,1,0.2"), "line 3: the same two images as in line 2"),
        ("pairs.csv", pairs.replacen("image_b", "other", 1), "expected a column `image_b`; its columns are image_a, other"),
        ("pairs.csv", "image_a,image_b,same_person\n".into(), "has no rows"),
        ("pairs.csv", no_mated, "there are 0 mated and 190 non-mated pairs"),
        ("pairs.csv", first_row("p0a.jpg,stranger.jpg,1,0.2"), "no row for the image \"stranger.jpg\""),
        (
            "good.csv",
            scores.replacen("p1a.jpg,0.801", "p1a.jpg,inf", 1),
            "column `raw`: expected a finite number, found \"inf\"",
        ),
        ("good.csv", scores.replacen("p1a.jpg", "p0a.jpg", 1), "the same image as in line 2"),
        ("good.csv", scores.replacen("raw", "beauty", 1), "expected a column `raw` or `quality` or `score`"),
    ] {
        let path = files.folder.join(name);
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, contents).unwrap();
        let output = files.edc(&[]);
        assert_eq!(output.status.code(), Some(2), "{words}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        fs::write(&path, whole).unwrap();
    }
    for (arguments, words) in [
        (&["--fmr", "0.001"][..], "at least 1000 non-mated pairs; there are 190"),
        (&["--fmr", "2"], "expected one above 0 and below 1"),
        (&["--scores", "nameless"], "expected a name, an equals sign, and a file"),
        (&["--scores", "x=nowhere.csv"], "nowhere.csv cannot be read"),
        (&["--output", "report.pdf"], "cannot be used multiple times"),
    ] {
        let output = files.edc(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
    }
    let left: Vec<_> = fs::read_dir(&files.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "only the inputs: {left:?}");
}

#[test]
fn a_threshold_keeps_images_and_prevents_errors() {
    let files = Files::new("thresholds");
    let useless = format!("useless={}", files.path("useless.csv"));
    let output = files.command("thresholds", &["--scores", &useless, "--resamples", "200"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = files.report("thresholds");
    let row = |measure: usize, percent: u32| {
        let rows = report["measures"][measure]["thresholds"].as_array().unwrap();
        let row = rows.iter().find(|row| (row["images_kept"].as_f64().unwrap() * 100.0).round() as u32 == percent).unwrap();
        let [quality, mated, fnmr] = ["quality", "mated_kept", "fnmr"].map(|key| row[key].as_f64().unwrap());
        (quality, mated, fnmr)
    };
    // Five of the forty images are bad, and each spoils a pair.
    assert_eq!(row(0, 100), (0.1, 1.0, 0.25));
    assert_eq!(row(0, 85), (0.801, 0.75, 0.0));
    assert!(row(1, 93).2 > 0.2, "a useless measure prevents little");
    let interval = &report["measures"][0]["thresholds"][0]["fnmr_interval"];
    assert!(interval[0].as_f64().unwrap() < 0.25 && interval[1].as_f64().unwrap() > 0.25, "{interval}");
    let rows = report["measures"][0]["thresholds"].as_array().unwrap();
    let none_missed = rows.iter().find(|row| row["fnmr"] == 0.0).unwrap();
    let most = none_missed["fnmr_interval"][1].as_f64().unwrap();
    assert!((most - 0.181).abs() < 0.001, "fifteen pairs without an error leave room for one in twenty samples: {most}");
    files.page_with("thresholds", &["Images kept", "good", "useless"]);
    let rows = fs::read_to_string(files.folder.join("thresholds.csv")).unwrap();
    assert_eq!(
        rows.lines().next(),
        Some("measure,quality,images_kept,images_low,images_high,mated_kept,fnmr,fnmr_low,fnmr_high")
    );
}

#[test]
fn a_rate_that_the_pairs_cannot_tell_is_refused_before_an_image_is_read() {
    let folder = folder("thresholds_refused");
    let pairs = folder.join("pairs.csv");
    fs::write(&pairs, pairs_without_similarities()).unwrap();
    for command in ["edc", "thresholds"] {
        let output = run(&[command, "--fmr", "0.001", "--pairs", pairs.to_str().unwrap()], &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("at least 1000 non-mated pairs; there are 190"), "{}", stderr(&output));
    }
}

/// The same pairs, of images that are not there.
fn pairs_without_similarities() -> String {
    pairs().lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect()
}

#[test]
fn the_engine_scores_and_compares_what_is_not_given() {
    let folder = folder("edc_engine");
    let pairs = folder.join("pairs.csv");
    let text = "image_a,image_b,same_person\nperson_a_1.jpg,person_a_2.jpg,1\nperson_b_1.jpg,person_b_2.jpg,1\n\
                person_a_1.jpg,person_b_1.jpg,0\nimpostor_1.jpg,impostor_2.jpg,0\n";
    fs::write(&pairs, text).unwrap();
    let edc = |images: &Path| {
        let (pairs, report) = (pairs.to_str().unwrap(), folder.join("edc.html"));
        let arguments = ["edc", "--fmr", "0.5", "--resamples", "9", "--pairs", pairs, "--output", report.to_str().unwrap()];
        run(&[&arguments[..], &["--images", images.to_str().unwrap()]].concat(), &[])
    };
    let output = edc(&portraits::folder());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&fs::read(folder.join("edc.json")).unwrap()).unwrap();
    assert_eq!(report["at"][0]["fnmr"], 0.0, "the same person is more alike than two");
    assert_eq!(report["at"][0]["measures"][0]["name"], "SER-FIQ (sface, limit)");
    assert_eq!(report["about"]["engine"]["dropout"], 0.4);

    let output = edc(&folder);
    assert_eq!(output.status.code(), Some(2), "the images are not there");
    assert!(stderr(&output).contains("person_a_1.jpg") && stderr(&output).contains("--images"), "{}", stderr(&output));
}
