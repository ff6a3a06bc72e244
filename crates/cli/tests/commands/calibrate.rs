//! Fitting a recogniser's calibration, from pictures and from pairs.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

#[cfg(target_os = "linux")]
use crate::support::process::copes_with_any_output;
use crate::support::process::{folder, json_lines, run, save, stderr, stdout};
use serfiq::face::AlignedCrop;
use serfiq_test_support::degrade::Degradation;
use serfiq_test_support::{in_checkout, portraits, reference};

struct Files {
    folder: PathBuf,
}

impl Files {
    /// Writes aligned crops of every portrait, clean and degraded, and a copy of SFace's card.
    fn new(test: &str) -> Self {
        let folder = folder(test);
        let crops = folder.join("crops");
        fs::create_dir(&crops).unwrap();
        for portrait in reference::faces().portraits {
            let clean = portrait.crop();
            for degradation in Degradation::ALL {
                let path = crops.join(format!("{}__{}.png", portrait.stem(), degradation.name()));
                save(&path, AlignedCrop::SIZE, AlignedCrop::SIZE, degradation.apply(&clean).rgb());
            }
        }
        fs::copy(in_checkout("models/sface.toml"), folder.join("sface.toml")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn card(&self) -> String {
        fs::read_to_string(self.folder.join("sface.toml")).unwrap()
    }

    fn calibrate(&self, arguments: &[&str]) -> Output {
        run(&[&["calibrate", "--card", &self.path("sface.toml")], arguments].concat(), &[])
    }

    /// Names and raw scores of all crops, lowest first.
    fn raws(&self) -> Vec<(String, f64)> {
        let records = json_lines(&run(&["score", "--aligned", "--format", "jsonl"], &[&self.folder.join("crops")]));
        let name = |path: &str| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned();
        let mut raws: Vec<(String, f64)> = records
            .iter()
            .map(|record| (name(record["path"].as_str().unwrap()), record["faces"][0]["raw"].as_f64().unwrap()))
            .collect();
        raws.sort_by(|a, b| a.1.total_cmp(&b.1));
        raws
    }
}

/// Reads a number from the card.
fn number(card: &str, key: &str) -> f64 {
    let line = card.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no {key} in {card}")).parse().unwrap()
}

fn quality(card: &str, raw: f64) -> f64 {
    100.0 / (1.0 + (-number(card, "alpha") * (raw - number(card, "r"))).exp())
}

/// Interpolates between the two nearest of sorted values.
fn quantile(sorted: &[(String, f64)], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let [below, above] = [place.floor(), place.ceil()].map(|place| sorted[place as usize].1);
    below + (above - below) * place.fract()
}

#[test]
fn two_quantiles_make_a_calibration() {
    let files = Files::new("calibrate_quantiles");
    let before = files.card();
    fs::write(files.folder.join("crops/no picture.png"), "no picture").unwrap();
    let output = files.calibrate(&["--aligned", &files.path("crops")]);
    assert_eq!(output.status.code(), Some(1), "one picture cannot be read: {}", stderr(&output));
    assert!(stderr(&output).contains("no picture.png: "), "{}", stderr(&output));
    for words in ["42 faces", "1 unreadable", "Fewer than 200 faces", "alpha", "Quality before"] {
        assert!(stdout(&output).contains(words), "{words:?} expected:\n{}", stdout(&output));
    }
    fs::remove_file(files.folder.join("crops/no picture.png")).unwrap();

    let (card, raws) = (files.card(), files.raws());
    let k = number(&card, "k");
    // LFW's faces have 98 to 119; degraded ones fewer.
    assert!((60.0..120.0).contains(&k), "{k}");
    // These raw scores use the k of the built-in card, which is a little larger.
    for (share, expected) in [(0.05, 50.0), (0.5, 90.0)] {
        let found = quality(&card, quantile(&raws, share));
        assert!((found - expected).abs() < 1.0, "{found} at {share}, expected {expected}");
    }
    let (kept, _) = before.split_once("# q = 50").unwrap();
    let (fitted, cells) = card.split_once("# What clean faces have").unwrap();
    assert!(card.starts_with(kept) && !fitted.contains("LFW"), "other entries stay, fitted ones are replaced: {card}");
    assert!(before.ends_with(cells), "too few faces for the usual values of the cells: {card}");
    assert!(card.contains("images = \"crops: the largest face of each of 43 pictures, 42 in all\""), "{card}");

    // A second run gives the same calibration.
    let again = files.calibrate(&["--aligned", &files.path("crops")]);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(number(&files.card(), "alpha"), number(&card, "alpha"));
}

/// Reads an array of numbers from the card.
fn numbers(card: &str, key: &str) -> Vec<f64> {
    let line = card.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = [")?.strip_suffix(']'));
    line.unwrap_or_else(|| panic!("no {key} in {card}")).split(", ").map(|number| number.parse().unwrap()).collect()
}

#[test]
fn from_enough_faces_the_card_has_percentiles_and_every_score_its_own() {
    let files = Files::new("calibrate_percentiles");
    fs::copy(in_checkout("models/files/face_recognition_sface_2021dec_int8bq.onnx"), files.folder.join("sface.onnx")).unwrap();
    let recogniser = files.path("sface.onnx");
    let calibrate =
        |pictures: &str| run(&["calibrate", "--recogniser", &recogniser, "--aligned"], &[&files.folder.join(pictures)]);
    // Too few faces: the card loses its table, which belongs to the earlier calibration.
    let output = calibrate("crops");
    assert!(stdout(&output).contains("no table of percentiles"), "{}", stdout(&output));
    assert!(!files.card().contains("percentiles"), "{}", files.card());
    let faces = |format: &str| {
        let arguments = ["score", "--format", format, "--recogniser", &recogniser, "--aligned"];
        let output = run(&arguments, &[&files.folder.join("crops")]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        output
    };
    assert!(json_lines(&faces("jsonl")).iter().all(|record| record["faces"][0]["percentile"].is_null()));
    assert!(!stdout(&faces("table")).contains("Percentile:"));

    // Each picture five times: the percentiles stay those of the pictures.
    let many = files.folder.join("our faces");
    fs::create_dir(&many).unwrap();
    let names = files.raws();
    for copy in 0..5 {
        for (name, _) in &names {
            fs::copy(files.folder.join("crops").join(name), many.join(format!("{copy}_{name}"))).unwrap();
        }
    }
    let output = calibrate("our faces");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("Percentiles are those of our faces"), "{}", stdout(&output));
    assert!(stdout(&output).contains("the usual values of the recogniser's 7 x 7 cells"), "{}", stdout(&output));
    let card = files.card();
    let (at, table) = (numbers(&card, "at"), numbers(&card, "raw"));
    assert!(card.contains("[calibration.percentiles]\nof = \"our faces\""), "{card}");
    assert_eq!((at[0], at[at.len() - 1], at.len()), (0.0, 100.0, table.len()));
    // The usual values of the cells are now those of these faces. The entries on covers stay.
    let before = fs::read_to_string(in_checkout("models/sface.toml")).unwrap();
    let cells = |card: &str| {
        card.split_once("[cells]")
            .unwrap()
            .1
            .split_once("[cells.covers.mouth]")
            .map(|(usual, covers)| (usual.to_owned(), covers.to_owned()))
    };
    let (usual, covers) = cells(&card).unwrap();
    let (of_lfw, known) = cells(&before).unwrap();
    assert!(usual != of_lfw && usual.contains("rows = 7\ncolumns = 7\nsignal = [\n    "), "{usual}");
    assert_eq!(covers.trim(), known.trim());
    let records = json_lines(&faces("jsonl"));
    let mut scores: Vec<(f64, f64)> = records
        .iter()
        .map(|record| ["raw", "percentile"].map(|key| record["faces"][0][key].as_f64().unwrap()).into())
        .collect();
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (index, (raw, percentile)) in scores.iter().enumerate() {
        let share = 100.0 * index as f64 / (scores.len() - 1) as f64;
        assert!((percentile - share).abs() < 12.0, "{raw} is better than {share} % of the faces; found {percentile}");
    }
    assert!(scores.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{scores:?}");
    let text = stdout(&faces("table"));
    assert!(text.contains("Percentile: how many in 100 faces of our faces score lower."), "{text}");
    assert!(stdout(&faces("csv")).lines().next().unwrap().contains(",quality,percentile,std_error,"));
}

#[test]
fn a_card_whose_k_gives_no_scores_is_fitted_anew() {
    let files = Files::new("calibrate_bad_k");
    fs::copy(in_checkout("models/files/face_recognition_sface_2021dec_int8bq.onnx"), files.folder.join("sface.onnx")).unwrap();
    let card = files.card();
    let k = card.lines().find(|line| line.starts_with("k = ")).unwrap();
    fs::write(files.path("sface.toml"), card.replace(k, "k = 0.5")).unwrap();
    let output = run(&["calibrate", "--recogniser", &files.path("sface.onnx"), "--aligned", &files.path("crops")], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("none") && number(&files.card(), "k") > 1.0, "{}", stdout(&output));
}

#[test]
#[cfg(target_os = "linux")]
fn a_fit_is_kept_when_it_cannot_be_printed() {
    let files = Files::new("calibrate_unwritable");
    // The minimum for a fit.
    for (name, _) in files.raws().iter().step_by(2) {
        fs::remove_file(files.folder.join("crops").join(name)).unwrap();
    }
    let before = files.card();
    let (card, crops) = (files.path("sface.toml"), files.path("crops"));
    copes_with_any_output(&["calibrate", "--card", &card, "--aligned", &crops], 0, |case| {
        assert!(files.card().contains("crops: the largest face of each of 21 pictures"), "{case}");
        fs::write(&card, &before).unwrap();
    });
}

#[test]
fn one_unreadable_picture_among_the_pairs_leaves_the_others() {
    let files = Files::new("calibrate_unreadable");
    let raws = files.raws();
    fs::write(files.folder.join("crops/pairs.csv"), pairs(&raws, raws[10].1)).unwrap();
    let pairs = files.path("crops/pairs.csv");
    let lost = files.folder.join("crops").join(&raws[20].0);
    let whole = fs::read(&lost).unwrap();
    fs::write(&lost, &whole[..whole.len() / 2]).unwrap();
    let output = files.calibrate(&["--aligned", "--pairs", &pairs, "--fnmr", "0.1", "--fmr", "0.2"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains(&raws[20].0), "{}", stderr(&output));
    assert!(stdout(&output).contains("41 faces; no face in 0 pictures; 1 unreadable"), "{}", stdout(&output));
    assert!(files.card().contains("the largest face of each of 42 pictures, 41 in all"), "{}", files.card());
}

/// Returns all pairs of crops of one portrait, and pairs of clean crops of different portraits. The recogniser misses mated pairs
/// with a crop below `missed_below`.
fn pairs(raws: &[(String, f64)], missed_below: f64) -> String {
    let mut text = String::from("image_a,image_b,same_person,similarity\n");
    let portrait = |name: &str| name.split("__").next().unwrap().to_owned();
    let mut sorted = raws.to_vec();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    for (index, (a, raw_a)) in sorted.iter().enumerate() {
        for (b, raw_b) in &sorted[index + 1..] {
            let mated = portrait(a) == portrait(b);
            let similarity = if mated && raw_a.min(*raw_b) >= missed_below { 0.9 } else { 0.1 };
            if mated || (a.ends_with("none.png") && b.ends_with("none.png")) {
                writeln!(text, "{a},{b},{},{similarity}", u8::from(mated)).unwrap();
            }
        }
    }
    text
}

/// Returns the raw score of the worse crop in the best missed pair of one portrait.
fn best_missed(raws: &[(String, f64)], missed_below: f64) -> f64 {
    let of_a_pair = |(a, b): (&(String, f64), &(String, f64))| {
        let same = a.0.split("__").next() == b.0.split("__").next() && a.0 != b.0;
        (same && a.1.min(b.1) < missed_below).then_some(a.1.min(b.1))
    };
    raws.iter().flat_map(|a| raws.iter().map(move |b| (a, b))).filter_map(of_a_pair).fold(0.0, f64::max)
}

#[test]
fn a_quality_is_tied_to_an_error_rate() {
    let files = Files::new("calibrate_pairs");
    let raws = files.raws();
    let missed_below = raws[10].1;
    fs::write(files.folder.join("crops/pairs.csv"), pairs(&raws, missed_below)).unwrap();
    let best_missed = best_missed(&raws, missed_below);
    let needed = raws.iter().position(|(_, raw)| *raw > best_missed).unwrap();
    let output = files.calibrate(&[
        "--aligned",
        "--pairs",
        &files.path("crops/pairs.csv"),
        "--fnmr",
        "0.001",
        "--fmr",
        "0.2",
        "--quality",
        "30",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let share = format!("{:.1} % of the pictures have, 0.00 % of", 100.0 * (raws.len() - needed) as f64 / raws.len() as f64);
    assert!(stdout(&output).contains(&share), "{share:?} expected:\n{}", stdout(&output));
    let card = files.card();
    let found = quality(&card, raws[needed].1);
    assert!((found - 30.0).abs() < 2.0, "{found}");
    assert!((quality(&card, quantile(&raws, 0.5)) - 90.0).abs() < 1.0);
    let rule = "quality 30 at the lowest score at and above which at most 0.001";
    assert!(card.contains("pairs.csv: ") && card.contains(rule), "{card}");
}

/// Also if there are too few faces in the others.
#[test]
fn pictures_of_other_formats_are_left_out_and_told() {
    let files = Files::new("calibrate_left_out");
    for (name, contents) in [("a.heic", "x"), ("b.TIF", "x")] {
        fs::write(files.folder.join("crops").join(name), contents).unwrap();
    }
    let few = folder("calibrate_left_out_few");
    fs::copy(portraits::path("person_b_1.jpg"), few.join("a.jpg")).unwrap();
    fs::write(few.join("b.heic"), "x").unwrap();
    for (arguments, status, told) in [
        (vec!["--aligned", &files.path("crops")], 0, "2 files in the folders (1 heic, 1 tif) are left out"),
        (vec![few.to_str().unwrap()], 2, "1 file in the folders (1 heic) is left out"),
    ] {
        let output = files.calibrate(&arguments);
        assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{told:?} expected: {}", stderr(&output));
    }
}

#[test]
fn what_is_wrong_is_said_and_the_card_stays() {
    let files = Files::new("calibrate_errors");
    let raws = files.raws();
    let (crops, before) = (files.path("crops"), files.card());
    let write_pairs = |name: &str, text: &str| {
        let path = files.folder.join("crops").join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let few = write_pairs("few.csv", &pairs(&raws, raws[10].1));
    let all_missed = write_pairs("all_missed.csv", &pairs(&raws, 2.0));
    let none_missed = write_pairs("none_missed.csv", &pairs(&raws, 0.0));
    let most_missed = write_pairs("most_missed.csv", &pairs(&raws, raws[26].1));
    let distances = write_pairs(
        "distances.csv",
        &pairs(&raws, raws[10].1).replace(",0.1\n", ",d\n").replace(",0.9\n", ",0.1\n").replace(",d\n", ",0.9\n"),
    );
    let yunet = Path::new("models/yunet.toml").to_str().unwrap();
    for (arguments, words) in [
        (vec![portraits::folder().to_str().unwrap()], "faces were found in 7 of 7 pictures; expected 20 or more"),
        (vec!["--pairs", few.as_str()], "--fnmr"),
        (vec!["--pairs", &few, "--fnmr", "2", "--fmr", "0.2"], "a false non-match rate of 2 was asked for"),
        (vec!["--pairs", &few, "--fnmr", "0.1", "--fmr", "0.2", "--quality", "95"], "a quality of 95 was asked for"),
        (vec!["--pairs", &few, "--fnmr", "0.1", "--fmr", "0.001"], "takes at least 1000 non-mated pairs; there are 21"),
        (vec!["--pairs", &all_missed, "--fnmr", "0.1", "--fmr", "0.2"], "whatever quality is asked for"),
        (vec!["--pairs", &none_missed, "--fnmr", "0.1", "--fmr", "0.2"], "no quality is needed for it"),
        (vec!["--pairs", &most_missed, "--fnmr", "0.001", "--fmr", "0.2"], "expected more than half"),
        (vec!["--pairs", &distances, "--fnmr", "0.1", "--fmr", "0.2"], "worse than chance: the column similarity is lower"),
        (vec!["--recogniser", "nobody", &crops], "no recogniser called nobody"),
    ] {
        let arguments = if arguments[0] == "--pairs" { [&["--aligned"], &arguments[..]].concat() } else { arguments };
        let output = files.calibrate(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        assert_eq!(files.card(), before, "{words}");
    }
    for (card, words) in
        [(yunet, "is the card of \"yunet\"; expected that of the recogniser sface"), ("nowhere.toml", "--card")]
    {
        let output = run(&["calibrate", "--aligned", "--card", card, &crops], &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
    }
}
