//! The on-top network from the command line: trained on embeddings, then used to score embeddings and pictures.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

#[cfg(target_os = "linux")]
use crate::support::process::copes_with_any_output;
use crate::support::process::{folder, json_lines, run, stderr, stdout};
use serde_json::Value;
use serfiq_test_support::portraits;

const PEOPLE: usize = 20;
const IMAGES: usize = 8;
/// Number of directions in which people differ; all others are noise.
const DIRECTIONS: usize = 8;
const DIMENSION: usize = 32;

/// Quick training, and good enough for such different people.
const WELL: [&str; 4] = ["--epochs", "60", "--batch", "32"];

/// Pseudo-random numbers of mean 0 and variance 1: sums of twelve uniform ones.
struct Numbers(f64);

impl Numbers {
    fn next(&mut self) -> f64 {
        let mut uniform = || {
            self.0 = (self.0 * 997.0 + 0.618_033_988_749_895).fract();
            self.0
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }

    fn take(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.next()).collect()
    }
}

/// Returns the embedding of a person, without noise.
fn person(number: usize, dimension: usize) -> Vec<f64> {
    let directions = Numbers(0.5).take(DIRECTIONS * dimension);
    let places = Numbers(0.01 * (number + 1) as f64).take(DIRECTIONS);
    (0..dimension)
        .map(|value| (0..DIRECTIONS).map(|along| places[along] * directions[along * dimension + value]).sum())
        .collect()
}

/// Embeddings as written by `serfiq embed --format csv`, without the unneeded columns.
fn csv(rows: impl Iterator<Item = (String, usize, f64)>, dimension: usize) -> String {
    let mut text = format!("path{}\n", (0..dimension).map(|index| format!(",e{index}")).collect::<String>());
    let mut numbers = Numbers(0.25);
    for (name, of, noise) in rows {
        text += &name;
        for value in person(of, dimension) {
            write!(text, ",{}", value + noise * (DIRECTIONS as f64).sqrt() * numbers.next()).unwrap();
        }
        text += "\n";
    }
    text
}

/// Embeddings of people, their labels, and embeddings of other people with low and with high noise.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn new(test: &str) -> Self {
        Self::of_dimension(test, DIMENSION)
    }

    fn of_dimension(test: &str, dimension: usize) -> Self {
        let folder = folder(test);
        let names = || (0..PEOPLE * IMAGES).map(|index| (format!("{index}.jpg"), index % PEOPLE));
        fs::write(folder.join("train.csv"), csv(names().map(|(name, of)| (name, of, 0.3)), dimension)).unwrap();
        let labels: String = names().map(|(name, of)| format!("{name},person {of}\n")).collect();
        fs::write(folder.join("labels.csv"), format!("image,subject\n{labels}")).unwrap();
        let strangers = (50..70).flat_map(|of| [(format!("good{of}"), of, 0.1), (format!("bad{of}"), of, 1.5)]);
        fs::write(folder.join("strangers.csv"), csv(strangers, dimension)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn train(&self, on_top: &str, more: &[&str]) -> Output {
        let [embeddings, labels, on_top] = ["train.csv", "labels.csv", on_top].map(|name| self.path(name));
        let arguments = ["train-on-top", "--embeddings", &embeddings, "--labels", &labels, "--output", &on_top];
        run(&[&arguments, more].concat(), &[])
    }

    /// Trains an on-top network for the recogniser `test`.
    fn trained(&self, on_top: &str, more: &[&str]) -> Output {
        let output = self.train(on_top, &[&["--recogniser", "test"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        output
    }

    fn score(&self, on_top: &str, more: &[&str]) -> Output {
        let [on_top, embeddings] = [on_top, "strangers.csv"].map(|name| self.path(name));
        run(&[&["score-embeddings", "--on-top", &on_top, "--embeddings", &embeddings], more].concat(), &[])
    }

    fn names(&self) -> Vec<PathBuf> {
        let mut names: Vec<_> = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    }
}

/// Returns the cells of each row by column name.
fn rows(text: &str) -> Vec<HashMap<&str, &str>> {
    let mut lines = text.lines().map(|line| line.split(','));
    let names: Vec<&str> = lines.next().unwrap().collect();
    lines.map(|cells| names.iter().copied().zip(cells).collect()).collect()
}

/// Returns the content of a line of the training summary.
fn said<'a>(summary: &'a str, of: &str) -> &'a str {
    summary.lines().find_map(|line| line.strip_prefix(of)).unwrap_or_else(|| panic!("{of} is missing from\n{summary}")).trim()
}

#[test]
fn an_on_top_network_scores_noisy_embeddings_of_strangers_lower() {
    let files = Files::new("on_top");
    let output = files.trained("a.safetensors", &WELL);
    assert_eq!(stderr(&output), "", "no progress bar where stderr is no terminal");
    let summary = stdout(&output);
    assert_eq!(said(&summary, "images"), "160, 32 of them held out; 0 without a face left out");
    assert_eq!(said(&summary, "identities"), "20; 0 with a single image left out");
    let accuracy: f64 = said(&summary, "accuracy").split_once(' ').unwrap().0.parse().unwrap();
    assert!(accuracy > 80.0, "{summary}");
    assert_eq!(said(&summary, "file"), files.path("a.safetensors"));
    let (on_top, recogniser) = said(&summary, "network").split_once(", for ").unwrap();
    assert_eq!(recogniser, "test");

    let output = files.score("a.safetensors", &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let rows = rows(&text);
    assert_eq!(rows.len(), 40);
    let raw = |row: &HashMap<&str, &str>| row["raw"].parse::<f64>().unwrap();
    for row in &rows {
        let expected = [("status", "ok"), ("model", "test"), ("on_top", on_top), ("method", "on_top_mc"), ("passes", "100")];
        assert!(expected.iter().all(|(column, value)| row[column] == *value), "{row:?}");
        assert_eq!((row["seed"], row["dropout"], row["face"], row["quality"], row["x"]), ("0", "0.5", "1", "", ""));
        assert!(raw(row) > 0.0 && raw(row) <= 1.0 && (1e-6..0.05).contains(&row["std_error"].parse().unwrap()), "{row:?}");
    }
    let lower = rows.chunks(2).filter(|of_one| raw(&of_one[1]) < raw(&of_one[0])).count();
    assert!(lower >= 18, "of 20 people, {lower} have a lower score with more noise");

    let records = json_lines(&files.score("a.safetensors", &["--format", "jsonl"]));
    for (record, row) in records.iter().zip(&rows) {
        assert_eq!((record["path"].as_str(), record["on_top"].as_str()), (Some(row["path"]), Some(on_top)));
        assert!(record.as_object().unwrap().contains_key("model_sha256") && record["model_sha256"].is_null(), "not known");
        let face = &record["faces"][0];
        assert_eq!(face["raw"].as_f64(), Some(raw(row)));
        assert!(face["quality"].is_null() && face["box"].is_null());
    }
    let table = stdout(&files.score("a.safetensors", &[]));
    assert!(table.contains(&format!("Model test, on-top network {on_top}, method on_top_mc, 100 passes, on cpu.")), "{table}");
}

#[test]
fn an_error_versus_discard_curve_takes_its_scores() {
    let files = Files::new("on_top_edc");
    files.trained("a.safetensors", &WELL);
    let scores = files.path("scores.csv");
    files.score("a.safetensors", &["--format", "csv", "--output", &scores]);
    let mated = (50..70).map(|of| format!("good{of},bad{of},1,{}\n", if of % 4 == 0 { 0.1 } else { 0.8 }));
    let others = (50..69).flat_map(|of| (of + 1..70).map(move |other| format!("good{of},good{other},0,0.2\n")));
    let pairs = files.path("pairs.csv");
    fs::write(&pairs, format!("image_a,image_b,same_person,similarity\n{}", mated.chain(others).collect::<String>())).unwrap();
    let (measure, report) = (format!("on-top network={scores}"), files.path("edc.html"));
    let output = run(&["edc", "--pairs", &pairs, "--scores", &measure, "--output", &report, "--resamples", "0"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fs::read_to_string(&report).unwrap().contains("on-top network"));
}

#[test]
fn a_seed_makes_the_same_on_top_network_and_the_same_scores() {
    let files = Files::new("on_top_seeds");
    for (on_top, seed) in [("a", "1"), ("again", "1"), ("b", "2")] {
        files.trained(on_top, &["--seed", seed, "--epochs", "3"]);
    }
    let on_top = |name| fs::read(files.folder.join(name)).unwrap();
    assert!(on_top("a") == on_top("again"), "the same seed, another file");
    assert!(on_top("a") != on_top("b"), "another seed, the same file");

    let csv = ["--format", "csv"];
    let scores = |on_top, seed| files.score(on_top, &[&csv[..], &["--passes", "20", "--seed", seed]].concat()).stdout;
    assert_eq!(scores("a", "5"), scores("again", "5"));
    assert_ne!(scores("a", "5"), scores("a", "6"));

    // Scores of two on-top networks cannot be in the same file.
    let to = files.path("scores.csv");
    let file = [&csv[..], &["--output", &to]].concat();
    assert_eq!(files.score("a", &file).status.code(), Some(0));
    let whole = fs::read(&to).unwrap();
    assert_eq!(files.score("a", &[&file[..], &["--resume"]].concat()).status.code(), Some(0));
    let refused = files.score("b", &[&file[..], &["--resume"]].concat());
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("its on_top is"), "{}", stderr(&refused));
    assert_eq!(fs::read(&to).unwrap(), whole);
}

#[test]
fn who_has_one_image_and_who_has_no_face_is_left_out() {
    let files = Files::new("on_top_left_out");
    let columns: String = (0..DIMENSION).map(|index| format!(",e{index}")).collect();
    let row = |(name, face, value): (&str, &str, Option<f64>)| {
        let value = |index| value.map(|value| (value * f64::from(index)).sin().to_string()).unwrap_or_default();
        let values: Vec<String> = (1..=DIMENSION as u32).map(value).collect();
        format!("{},arcface,{face},{}\n", files.path(name), values.join(","))
    };
    // A picture with two faces, one without a face, and one without a label.
    let rows_of_all: String = [
        ("a1", "1", Some(0.1)),
        ("a1", "2", Some(2.0)),
        ("a2", "1", Some(0.11)),
        ("b1", "1", Some(0.5)),
        ("b2", "1", Some(0.51)),
        ("lonely", "1", Some(0.9)),
        ("c1", "1", Some(1.3)),
        ("c2", "", None),
        ("nobody's", "1", Some(1.7)),
    ]
    .map(row)
    .concat();
    fs::write(files.folder.join("train.csv"), format!("path,model,face{columns}\n{rows_of_all}")).unwrap();
    // Images may be named as in the file of embeddings, or relative to the folder of the labels.
    let labels = format!("path,person\na1,a\n{},a\nb1,b\nb2,b\nlonely,d\nc1,c\nc2,c\n", files.path("a2"));
    fs::write(files.folder.join("labels.csv"), labels).unwrap();
    let output = files.train("on-top.safetensors", &["--epochs", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary = stdout(&output);
    assert_eq!(said(&summary, "images"), "4, 1 of them held out; 1 without a face left out");
    assert_eq!(said(&summary, "identities"), "2; 2 with a single image left out");
    assert!(said(&summary, "network").ends_with(", for arcface"), "{summary}");

    let [on_top, embeddings] = ["on-top.safetensors", "train.csv"].map(|name| files.path(name));
    let text = stdout(&run(&["score-embeddings", "--on-top", &on_top, "--embeddings", &embeddings, "--format", "csv"], &[]));
    let rows = rows(&text);
    assert_eq!(rows.len(), 8, "every image once: {text}");
    assert!(rows.iter().all(|row| (row["status"] == "no_face") == row["path"].ends_with("c2")), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_network_is_kept_when_nothing_can_be_printed() {
    let files = Files::new("on_top_unwritable");
    let [embeddings, labels, on_top] = ["train.csv", "labels.csv", "on-top.safetensors"].map(|name| files.path(name));
    let arguments = ["train-on-top", "--embeddings", &embeddings, "--labels", &labels, "--output", &on_top];
    copes_with_any_output(&[&arguments[..], &["--recogniser", "test", "--epochs", "1"]].concat(), 0, |case| {
        fs::remove_file(&on_top).unwrap_or_else(|error| panic!("{case}: {error}"));
    });
    files.trained("on-top.safetensors", &["--epochs", "1"]);
    for format in ["table", "csv", "jsonl"] {
        let embeddings = files.path("strangers.csv");
        let arguments = ["score-embeddings", "--on-top", &on_top, "--embeddings", &embeddings, "--format", format];
        copes_with_any_output(&arguments, 0, |_| ());
    }
}

#[test]
fn an_image_that_could_not_be_embedded_is_named_and_has_no_verdict() {
    let files = Files::new("on_top_unreadable");
    let with_errors = |text: &str| -> String {
        let row = |(line, row): (usize, &str)| match line {
            0 => format!("{row},error\n"),
            3 => format!("{}{},\"cut short, here\"\n", row.split(',').next().unwrap(), ",".repeat(DIMENSION)),
            _ => format!("{row},\n"),
        };
        text.lines().enumerate().map(row).collect()
    };
    for name in ["train.csv", "strangers.csv"] {
        let path = files.folder.join(name);
        fs::write(&path, with_errors(&fs::read_to_string(&path).unwrap())).unwrap();
    }
    let output = files.train("on-top.safetensors", &["--recogniser", "test", "--epochs", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("2.jpg: cut short, here"), "{}", stderr(&output));
    let images = stdout(&output);
    let images = said(&images, "images");
    assert!(images.starts_with("159, ") && images.ends_with("; 0 without a face left out; 1 unreadable left out"), "{images}");

    let output = files.score("on-top.safetensors", &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("good51: cut short, here"), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("good51,unreadable,test,") && !text.contains("no_face"), "{text}");
    assert_eq!(text.matches(",ok,").count(), 39, "{text}");
}

#[test]
fn labels_find_their_embeddings_however_the_paths_are_spelled() {
    let files = Files::new("on_top_spelled");
    let path = files.folder.join("labels.csv");
    let labels = fs::read_to_string(&path).unwrap();
    let spelled = |row: &str| format!("./elsewhere//../{row}\n");
    let absolute = |row: &str| format!("{}\n", files.path(row));
    let header = "image,subject\n";
    for labels in [labels.lines().skip(1).map(spelled).collect::<String>(), labels.lines().skip(1).map(absolute).collect()] {
        fs::write(&path, format!("{header}{labels}")).unwrap();
        let output = files.train("on-top.safetensors", &["--recogniser", "test", "--epochs", "1"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fs::remove_file(files.folder.join("on-top.safetensors")).unwrap();
    }
    fs::write(&path, labels.replacen("3.jpg", "33.jpeg", 1)).unwrap();
    let output = files.train("on-top.safetensors", &["--recogniser", "test"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("33.jpeg; its images are \"0.jpg\", \"1.jpg\""), "{}", stderr(&output));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let files = Files::new("on_top_errors");
    files.trained("on-top.safetensors", &["--epochs", "1"]);
    let [train, labels, strangers] =
        ["train.csv", "labels.csv", "strangers.csv"].map(|name| fs::read_to_string(files.folder.join(name)).unwrap());
    let damaged = |text: &str, line: usize, change: &dyn Fn(&str) -> String| -> String {
        text.lines()
            .enumerate()
            .map(|(index, row)| if index + 1 == line { change(row) } else { row.to_owned() } + "\n")
            .collect()
    };
    let cell = |value: &'static str| move |row: &str| [&row[..row.rfind(',').unwrap() + 1], value].concat();
    let named = |name: &'static str| move |row: &str| [name, &row[row.find(',').unwrap()..]].concat();
    let zeros = |row: &str| [row.split(',').next().unwrap(), &",0".repeat(DIMENSION)].concat();
    let only =
        |of: &str| labels.lines().filter(|row| row.ends_with(of) || row.starts_with("image")).collect::<Vec<_>>().join("\n");
    let names = files.names();
    for (name, contents, words) in [
        (
            "train.csv",
            damaged(&train, 3, &cell("NaN")),
            "train.csv, line 3, column `e31`: expected a finite number, found \"NaN\"",
        ),
        ("train.csv", damaged(&train, 3, &cell("")), "line 3, column `e31`: expected a finite number, found \"\""),
        ("train.csv", damaged(&train, 3, &cell("1e39")), "line 3, column `e31`: expected a number that 32 bits can hold"),
        ("train.csv", damaged(&train, 3, &cell("1,2")), "line 3: expected 33 columns, found 34"),
        ("train.csv", damaged(&train, 3, &zeros), "line 3: all values of the embedding are 0"),
        ("train.csv", damaged(&train, 3, &named("0.jpg")), "line 3: the same image as in line 2"),
        ("train.csv", damaged(&train, 1, &cell("e32")), "there is no e31"),
        ("train.csv", damaged(&train, 1, &|row| row.replace(",e", ",f")), "there is no e0"),
        ("train.csv", train.replacen("path", "file", 1), "expected a column `path` or `image`"),
        ("labels.csv", damaged(&labels, 4, &named("stranger.jpg")), "no row for the image \"stranger.jpg\", which"),
        ("labels.csv", damaged(&labels, 4, &named("0.jpg")), "line 4: the same image as in line 2"),
        ("labels.csv", damaged(&labels, 4, &cell("")), "labels.csv, line 4, column `subject`: expected who is on the image"),
        ("labels.csv", labels.replacen("subject", "who", 1), "expected a column `subject` or `person`"),
        ("labels.csv", "image,subject\n".into(), "has no rows"),
        ("labels.csv", only("person 3"), "1 identities have two or more images with a face, and 0 have a single one"),
    ] {
        let path = files.folder.join(name);
        let whole = fs::read_to_string(&path).unwrap();
        assert_ne!(whole, contents, "{words}");
        fs::write(&path, contents).unwrap();
        let output = files.train("new.safetensors", &["--recogniser", "test"]);
        assert_eq!(output.status.code(), Some(2), "{words}: {}", stdout(&output));
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        fs::write(&path, whole).unwrap();
    }
    for (more, words) in [
        (&[][..], "name it with --recogniser"),
        (&["--recogniser", "test", "--epochs", "0"], "the number of epochs is 0; expected one or more"),
        (&["--recogniser", "test", "--batch", "0"], "the batch size is 0"),
        (&["--recogniser", "test", "--learning-rate", "0"], "the learning rate is 0"),
        (&["--recogniser", "test", "--learning-rate", "1e300"], "train with a smaller learning rate"),
    ] {
        let output = files.train("new.safetensors", more);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
    }
    let there = fs::read(files.folder.join("on-top.safetensors")).unwrap();
    let output = files.train("on-top.safetensors", &["--recogniser", "test"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("on-top.safetensors is there already"), "{}", stderr(&output));
    assert_eq!(fs::read(files.folder.join("on-top.safetensors")).unwrap(), there);

    let narrow = strangers.lines().map(|row| row.rsplit_once(',').unwrap().0.to_owned() + "\n").collect::<String>();
    for (contents, words) in [
        (damaged(&strangers, 2, &cell("inf")), "strangers.csv, line 2, column `e31`"),
        (narrow, "scores embeddings of 32 values, as test makes them; found embeddings of 31"),
        (with_model(&strangers, "other"), "was trained for the recogniser test, and cannot score embeddings of other"),
        (damaged(&with_model(&strangers, "test"), 3, &|row| row.replacen("test", "other", 1)), "line 3, column `model`"),
    ] {
        let path = files.folder.join("strangers.csv");
        fs::write(&path, contents).unwrap();
        let output = files.score("on-top.safetensors", &["--format", "csv", "--output", &files.path("scores.csv")]);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        fs::write(&path, &strangers).unwrap();
    }
    for (on_top, more, words) in [
        ("nowhere.safetensors", &[][..], "nowhere.safetensors cannot be read"),
        ("labels.csv", &[], "labels.csv is not a whole on-top model"),
        ("on-top.safetensors", &["--passes", "1"], "2..=1000"),
        ("on-top.safetensors", &["--resume", "--output", "x"], "--format jsonl"),
    ] {
        let output = files.score(on_top, more);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
    }
    assert_eq!(files.names(), names, "a file was left behind");
}

fn with_model(embeddings: &str, model: &str) -> String {
    let row = |(index, row): (usize, &str)| {
        let (path, values) = row.split_once(',').unwrap();
        format!("{path},{},{values}\n", if index == 0 { "model" } else { model })
    };
    embeddings.lines().enumerate().map(row).collect()
}

#[test]
fn pictures_are_scored_as_their_embeddings_are() {
    let files = Files::of_dimension("on_top_pictures", 128);
    files.train("sface.safetensors", &["--recogniser", "sface", "--epochs", "2"]);
    files.train("other.safetensors", &["--recogniser", "other", "--epochs", "1"]);
    let [sface, other] = ["sface.safetensors", "other.safetensors"].map(|name| files.path(name));
    let pictures = ["person_b_2.jpg", "person_a_1.jpg"].map(portraits::path);
    let paths = pictures.each_ref().map(PathBuf::as_path);

    let score = |more: &[&str]| run(&[&["score", "--format", "jsonl"], more].concat(), &paths);
    let output = score(&["--on-top", &sface, "--passes", "30", "--seed", "4"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let records = json_lines(&output);
    let sha256 = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee";
    for record in &records {
        assert_eq!(record["model_sha256"], sha256);
        assert_eq!((&record["model"], &record["method"]), (&Value::from("sface"), &Value::from("on_top_mc")));
        assert_eq!((&record["passes"], &record["seed"], &record["dropout"]), (&30.into(), &4.into(), &0.5.into()));
        let face = &record["faces"][0];
        assert_eq!(face["box"].as_array().unwrap().len(), 4);
        assert!(face["quality"].is_null() && face["std_error"].as_f64().unwrap() > 0.0);
    }

    let embeddings = files.path("portraits.csv");
    run(&["embed", "--format", "csv", "--output", &embeddings], &paths);
    let arguments = ["score-embeddings", "--on-top", &sface, "--embeddings", &embeddings, "--passes", "30", "--seed", "4"];
    let of_embeddings = json_lines(&run(&[&arguments[..], &["--format", "jsonl"]].concat(), &[]));
    for (record, expected) in of_embeddings.iter().zip(&records) {
        assert_eq!((&record["path"], &record["on_top"]), (&expected["path"], &expected["on_top"]));
        assert_eq!(record["model_sha256"], sha256, "as the embeddings say");
        assert_eq!(record["faces"][0]["raw"], expected["faces"][0]["raw"]);
    }
    let own = json_lines(&score(&["--passes", "30", "--seed", "4"]));
    assert_ne!(own[0]["faces"][0]["raw"], records[0]["faces"][0]["raw"], "the recogniser's own dropout scores differently");

    let small = Files::new("on_top_pictures_small");
    small.train("on-top.safetensors", &["--recogniser", "sface", "--epochs", "1"]);
    let small = small.path("on-top.safetensors");
    for (arguments, words) in [
        (&["--on-top", &other][..], "was trained for the recogniser other, and cannot score embeddings of sface"),
        (&["--on-top", &small], "scores embeddings of 32 values, as sface makes them; found embeddings of 128"),
        (&["--on-top", &sface, "--method", "limit"], "an on-top network has --method mc only"),
        (&["--on-top", &sface, "--dropout", "0.2"], "cannot be used with"),
    ] {
        let output = score(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{words:?} expected: {}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}
