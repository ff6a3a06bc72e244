//! Reports on how useful a quality is, from the command line. The numbers are tested where they are computed;
//! `tests/reference/edc.py` recomputes those of error versus discard.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::process::{json_lines, run, stderr, stdout};
use crate::support::report::{ReportFolder, is_refused};
use serde_json::Value;
use serfiq_test_support::portraits;

/// Twenty people with two images each; every fourth person's second image is bad. 200 non-mated pairs.
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
    folder: ReportFolder,
}

impl Files {
    fn new(test: &str) -> Self {
        let folder = ReportFolder::new(test);
        folder.write("pairs.csv", &pairs());
        folder.write("good.csv", &scores(0.1));
        folder.write("useless.csv", &scores(0.9));
        Self { folder }
    }

    fn edc(&self, more: &[&str]) -> Output {
        self.command("edc", more)
    }

    fn command(&self, command: &str, more: &[&str]) -> Output {
        let (pairs, good) = (self.folder.path("pairs.csv"), format!("good={}", self.folder.path("good.csv")));
        let report = self.folder.path(&format!("{command}.html"));
        run(&[&[command, "--pairs", &pairs, "--scores", &good, "--output", &report], more].concat(), &[])
    }
}

#[test]
fn measures_are_told_apart_and_one_file_shows_them() {
    let files = Files::new("edc");
    let useless = format!("useless={}", files.folder.path("useless.csv"));
    let output = files.edc(&["--scores", &useless, "--fmr", "0.01", "--refit", "--resamples", "200"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 3, "the files that were written");

    let report = files.folder.numbers("edc");
    assert_eq!(report["comparisons"]["subjects"], 20);
    let at = &report["at"][0];
    assert_eq!(at["fnmr"], 0.25);
    // Five of twenty independent pairs: the normal distribution gives 0.06 to 0.44.
    let interval = |of: &Value| [0, 1].map(|end| of[end].as_f64().unwrap());
    let [low, high] = interval(&at["fnmr_interval"]);
    assert!((0.02..0.12).contains(&low) && (0.38..0.5).contains(&high), "{low} to {high}");
    let recogniser = &report["recogniser"];
    let ([low, high], rate) =
        (interval(&recogniser["equal_error_rate_interval"]), recogniser["equal_error_rate"].as_f64().unwrap());
    assert!(low < rate && rate < high && high < 0.5, "{low} to {high} around {rate}");
    let measure = |index: usize| &at["measures"][index];
    assert_eq!((&measure(0)["name"], &measure(1)["name"]), (&Value::from("good"), &Value::from("useless")));
    let fnmr = |index: usize, hundredth: usize| measure(index)["curve"][hundredth]["fnmr"].as_f64().unwrap();
    assert_eq!((fnmr(0, 0), fnmr(0, 25), fnmr(1, 0)), (0.25, 0.0, 0.25));
    let area = |of: &Value| of["areas"][0]["area"].as_f64().unwrap();
    assert_eq!(area(measure(0)), area(&at["best"]), "it discards nothing but errors");
    assert!(area(measure(1)) > area(measure(0)) && measure(1)["areas"][0]["relative"].as_f64().unwrap() > 0.9);

    files.folder.page_with("edc", &["At a false match rate of 1", "good", "useless", "best possible", "--refit"]);
    let rows = files.folder.read("edc.csv");
    assert_eq!(rows.lines().count(), 1 + 3 * 96);
}

#[test]
fn rates_that_the_pairs_cannot_tell_are_left_out_unless_asked_for() {
    let files = Files::new("edc_rates");
    let output = files.edc(&["--resamples", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = files.folder.numbers("edc");
    assert_eq!((report["at"].as_array().unwrap().len(), report["left_out"].as_array().unwrap().len()), (1, 2));
    assert!(report["left_out"][0]["why"].as_str().unwrap().contains("at least 1000 non-mated pairs; there are 190"));
    assert!(report["at"][0]["fnmr_interval"].is_null() && report["recogniser"]["equal_error_rate_interval"].is_null());
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let files = Files::new("edc_errors");
    let (pairs, scores) = (pairs(), scores(0.1));
    let first_row = |row: &str| pairs.replacen("p0a.jpg,p0b.jpg,1,0.1", row, 1);
    let no_mated: String = pairs.lines().filter(|line| !line.contains(",1,")).map(|line| format!("{line}\n")).collect();
    for (name, contents, words) in [
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg,1,x"), "line 2, column `similarity`: expected a finite number, found \"x\""),
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg,1,inf"), "expected a finite number, found \"inf\""),
        (
            "pairs.csv",
            first_row("p0a.jpg,p0b.jpg,maybe,0.2"),
            "line 2, column `same_person`: expected 1 or 0, true or false, or yes or no, found \"maybe\"",
        ),
        ("pairs.csv", first_row("p0a.jpg,p0b.jpg"), "line 2: expected 4 columns, found 2"),
        ("pairs.csv", first_row(",p0b.jpg,1,0.2"), "line 2, column `image_a`: expected an image, found \"\""),
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
        (
            "good.csv",
            scores.replacen("raw", "beauty", 1),
            "expected a column `raw`, `quality` or `score`, or another one named with --column",
        ),
    ] {
        files.folder.refused(name, &contents, || files.edc(&[]), words);
    }
    for (arguments, words) in [
        (&["--fmr", "0.001"][..], "at least 1000 non-mated pairs; there are 190"),
        (&["--fmr", "2"], "expected one above 0 and below 1"),
        (&["--scores", "nameless"], "expected a name, an equals sign, and a file"),
        (&["--scores", "x=nowhere.csv"], "nowhere.csv cannot be read"),
        (&["--output", "report.pdf"], "cannot be used multiple times"),
    ] {
        is_refused(&files.edc(arguments), words);
    }
    assert_eq!(files.folder.names(), ["good.csv", "pairs.csv", "useless.csv"], "only the inputs");
}

#[test]
fn a_threshold_keeps_images_and_prevents_errors() {
    let files = Files::new("thresholds");
    let useless = format!("useless={}", files.folder.path("useless.csv"));
    let output = files.command("thresholds", &["--scores", &useless, "--resamples", "200"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = files.folder.numbers("thresholds");
    let row = |measure: usize, percent: u32| {
        let rows = report["measures"][measure]["thresholds"].as_array().unwrap();
        let row = rows.iter().find(|row| (row["images_kept"].as_f64().unwrap() * 100.0).round() as u32 == percent).unwrap();
        let [quality, mated, fnmr] = ["raw", "mated_kept", "fnmr"].map(|key| row[key].as_f64().unwrap());
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
    assert!(row(0, 100).0 == 0.1 && rows[0]["quality"].is_null(), "the scale of a given measure is unknown");
    assert!((most - 0.181).abs() < 0.001, "upper 95 % bound for fifteen pairs without an error: {most}");
    files.folder.page_with("thresholds", &["Images kept", "good", "useless"]);
    let rows = files.folder.read("thresholds.csv");
    assert_eq!(
        rows.lines().next(),
        Some("measure,raw,quality,images_kept,images_low,images_high,mated_kept,fnmr,fnmr_low,fnmr_high")
    );
}

#[test]
fn a_rate_that_the_pairs_cannot_tell_is_refused_before_an_image_is_read() {
    let folder = ReportFolder::new("thresholds_refused");
    folder.write("pairs.csv", &pairs_without_similarities());
    let pairs = folder.path("pairs.csv");
    for command in ["edc", "thresholds"] {
        let output = run(&[command, "--fmr", "0.001", "--pairs", &pairs], &[]);
        is_refused(&output, "at least 1000 non-mated pairs; there are 190");
        let output = run(&[command, "--pairs", &pairs, "--output", &folder.path("nowhere/report.html")], &[]);
        is_refused(&output, "there is no folder");
        let output = run(&[command, "--pairs", &pairs, "--output", &folder.path("pairs.html")], &[]);
        is_refused(&output, "pairs.csv is read for this report and would be overwritten");
    }
}

/// Returns the same pairs without similarities, for images that do not exist.
fn pairs_without_similarities() -> String {
    pairs().lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect()
}

#[test]
fn the_engine_scores_and_compares_what_is_not_given() {
    let folder = ReportFolder::new("edc_engine");
    folder.write(
        "pairs.csv",
        "image_a,image_b,same_person\nperson_a_1.jpg,person_a_2.jpg,1\nperson_b_1.jpg,person_b_2.jpg,1\n\
         person_a_1.jpg,person_b_1.jpg,0\nimpostor_1.jpg,impostor_2.jpg,0\n",
    );
    let (pairs, images) = (folder.path("pairs.csv"), portraits::folder());
    let command = |command: &str, images: &Path| {
        let report = folder.path(&format!("{command}.html"));
        let arguments = [command, "--fmr", "0.5", "--resamples", "9", "--pairs", &pairs, "--output", &report];
        run(&[&arguments[..], &["--images", images.to_str().unwrap()]].concat(), &[])
    };
    let output = command("edc", &images);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = folder.numbers("edc");
    assert_eq!(report["at"][0]["fnmr"], 0.0, "images of one person are more similar");
    assert_eq!(report["at"][0]["measures"][0]["name"], "SER-FIQ (sface, limit)");
    let engine = &report["about"]["engine"];
    assert_eq!((&engine["dropout"], &engine["backend"]), (&Value::from(0.4), &Value::from("cpu")));
    folder.page_with("edc", &["Recogniser sface, method limit", engine["model_sha256"].as_str().unwrap()]);

    let output = command("thresholds", &images);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let row = &folder.numbers("thresholds")["measures"][0]["thresholds"][0];
    let [raw, quality] = ["raw", "quality"].map(|key| row[key].as_f64().unwrap());
    let scored = |row: &Value| (row["faces"][0]["raw"].as_f64().unwrap(), row["faces"][0]["quality"].as_f64().unwrap());
    let paths: Vec<_> = ["person_a_1", "person_a_2", "person_b_1", "person_b_2", "impostor_1", "impostor_2"]
        .map(|name| images.join(format!("{name}.jpg")))
        .into();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let scores = run(&["score", "--format", "jsonl"], &paths);
    let lowest = json_lines(&scores).iter().map(scored).reduce(|a, b| if b.0 < a.0 { b } else { a }).unwrap();
    assert_eq!((raw, quality), lowest, "the quality of the worst image by `score`");
    folder.page_with("thresholds", &["Quality at least", "Raw score", &format!(">{quality:.1}<")]);

    let output = command("edc", Path::new(&folder.path("")));
    assert_eq!(output.status.code(), Some(2), "the images are not there");
    assert!(stderr(&output).contains("person_a_1.jpg") && stderr(&output).contains("--images"), "{}", stderr(&output));
    assert!(stderr(&output).contains("none of the 6 images can be read"), "{}", stderr(&output));
}

#[test]
fn one_unreadable_picture_leaves_the_others() {
    let folder = ReportFolder::new("edc_unreadable");
    for name in ["person_a_1", "person_a_2", "person_b_1", "person_b_2", "impostor_1", "impostor_2"] {
        fs::copy(portraits::path(&format!("{name}.jpg")), folder.path(&format!("{name}.jpg"))).unwrap();
    }
    let cut = &fs::read(portraits::path("impostor_2.jpg")).unwrap()[..6000];
    for (unreadable, contents) in [("cut.jpg", Some(cut)), ("empty.jpg", Some(&[][..])), ("missing.jpg", None)] {
        if let Some(contents) = contents {
            fs::write(folder.path(unreadable), contents).unwrap();
        }
        folder.write(
            "pairs.csv",
            &format!(
                "image_a,image_b,same_person\nperson_a_1.jpg,person_a_2.jpg,1\nperson_b_1.jpg,person_b_2.jpg,1\n\
                 person_a_1.jpg,person_b_1.jpg,0\nimpostor_1.jpg,impostor_2.jpg,0\nimpostor_1.jpg,{unreadable},1\n"
            ),
        );
        folder.write("labels.csv", &format!("image,light\nperson_a_1.jpg,day\nperson_b_1.jpg,night\n{unreadable},night\n"));
        let [pairs, labels] = ["pairs.csv", "labels.csv"].map(|name| folder.path(name));
        for (command, file) in
            [("edc", ["--pairs", &pairs]), ("thresholds", ["--pairs", &pairs]), ("audit", ["--labels", &labels])]
        {
            let report = folder.path(&format!("{command}.html"));
            let rate = if command == "audit" { &[][..] } else { &["--fmr", "0.5"] };
            let arguments = [command, file[0], file[1], "--resamples", "0", "--output", &report];
            let output = run(&[&arguments[..], rate].concat(), &[]);
            assert_eq!(output.status.code(), Some(1), "{command}, {unreadable}: {}", stderr(&output));
            assert!(stderr(&output).contains(&folder.path(unreadable)), "{command}: {}", stderr(&output));
            assert_eq!(stderr(&output).lines().count(), 1, "{command}: {}", stderr(&output));
            assert_eq!(stdout(&output).lines().count(), 3, "the report is written");
        }
        let counts = &folder.numbers("edc")["comparisons"];
        assert_eq!((&counts["images_without_a_score"], &counts["pairs_left_out"]), (&Value::from(1), &Value::from(1)));
        assert_eq!(folder.numbers("thresholds")["images_without_a_score"], 1);
        let groups = &folder.numbers("audit")["measures"][0]["attributes"][0]["groups"];
        let without: u64 = groups.as_array().unwrap().iter().map(|of| of["images_without_a_score"].as_u64().unwrap()).sum();
        assert_eq!(without, 1);
    }
}

#[test]
fn a_rate_that_only_all_pairs_can_tell_does_not_lose_the_others() {
    let folder = ReportFolder::new("edc_few_left");
    for name in ["person_a_1", "person_a_2", "person_b_1", "person_b_2"] {
        fs::copy(portraits::path(&format!("{name}.jpg")), folder.path(&format!("{name}.jpg"))).unwrap();
    }
    folder.write("cut.jpg", "no picture");
    folder.write(
        "pairs.csv",
        "image_a,image_b,same_person\nperson_a_1.jpg,person_a_2.jpg,1\nperson_b_1.jpg,person_b_2.jpg,1\n\
         person_a_1.jpg,cut.jpg,0\nperson_a_2.jpg,person_b_1.jpg,0\n",
    );
    folder.write("labels.csv", "image,light\nperson_a_1.jpg,day\nperson_a_2.jpg,day\nperson_b_1.jpg,night\ncut.jpg,night\n");
    let [pairs, labels] = ["pairs.csv", "labels.csv"].map(|name| folder.path(name));
    for (command, more) in [("edc", &[][..]), ("thresholds", &[]), ("audit", &["--labels", &labels])] {
        let report = folder.path(&format!("{command}.html"));
        let arguments = [command, "--pairs", &pairs, "--fmr", "0.5", "--resamples", "0", "--output", &report];
        let output = run(&[&arguments, more].concat(), &[]);
        assert_eq!(output.status.code(), Some(1), "{command}: {}", stderr(&output));
        let said = stderr(&output);
        assert!(
            said.contains("cut.jpg: ") && said.contains("at least 2 non-mated pairs; there are 1, as others are"),
            "{said}"
        );
        let report = folder.numbers(command);
        let of = [&report, &report["at"][0], &report["recogniser"]].into_iter().find(|of| of["measured_fmr"].is_number());
        assert_eq!(of.unwrap()["measured_fmr"], 0.0, "{command}");
    }
}

#[test]
fn a_score_file_fits_however_its_paths_are_spelled() {
    let files = Files::new("edc_spelled");
    let scores = scores(0.1);
    let folder = files.folder.path("");
    let folder = folder.trim_end_matches('/');
    let expected = {
        assert_eq!(files.edc(&["--resamples", "0"]).status.code(), Some(0));
        files.folder.numbers("edc")["at"].clone()
    };
    for prefix in
        ["./", ".//", "elsewhere/../", "./elsewhere/.././", &format!("{folder}/"), &format!("{folder}/../edc_spelled//")]
    {
        files.folder.write("good.csv", &scores.replace("\np", &format!("\n{prefix}p")));
        let output = files.edc(&["--resamples", "0"]);
        assert_eq!(output.status.code(), Some(0), "{prefix}: {}", stderr(&output));
        assert_eq!(files.folder.numbers("edc")["at"], expected, "{prefix}");
    }
    // The pairs may spell paths in several ways, too.
    files.folder.write("good.csv", &scores);
    files.folder.write("pairs.csv", &pairs().replace(",p1", ",./p1").replace("\np2", &format!("\n{folder}/p2")));
    let output = files.edc(&["--resamples", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(files.folder.numbers("edc")["at"], expected);

    files.folder.write("pairs.csv", &pairs());
    let twice = scores.replacen("p1a.jpg", "./p1b.jpg", 1) + "p1a.jpg,0.5\n";
    files.folder.refused("good.csv", &twice, || files.edc(&[]), "line 5: the same image as in line 4");
    let elsewhere = scores.replace("\np", "\nelsewhere/p");
    let words = "p0a.jpg; its images are \"elsewhere/p0a.jpg\", \"elsewhere/p0b.jpg\", \"elsewhere/p1a.jpg\", ... (40 in all)";
    files.folder.refused("good.csv", &elsewhere, || files.edc(&[]), words);
}

#[test]
fn tables_of_other_programs_are_taken() {
    let files = Files::new("edc_tables");
    assert_eq!(files.edc(&["--resamples", "0"]).status.code(), Some(0));
    let expected = files.folder.numbers("edc")["at"].clone();
    let (pairs, scores) = (pairs(), scores(0.1));
    let spreadsheet = |text: &str| text.replace(',', ";").replace("0.", "0,").replace('\n', "\r\n");
    // As written by the demo page.
    let page = scores.replacen("path,raw", "file,face,raw", 1).replace(".jpg,", ".jpg,1,").replace('\n', "\r\n");
    for (pairs, scores) in [
        (pairs.replace(",1,", ",True,").replace(",0,", ",False,"), scores.clone()),
        (pairs.replace(",1,", ",TRUE,").replace(",0,", ",no,"), scores.replace(',', "\t")),
        (format!("\u{feff}{}", spreadsheet(&pairs)), spreadsheet(&scores)),
        (pairs.clone(), format!("\u{feff}{page}")),
        (pairs.clone(), page),
    ] {
        files.folder.write("pairs.csv", &pairs);
        files.folder.write("good.csv", &scores);
        let output = files.edc(&["--resamples", "0"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(files.folder.numbers("edc")["at"], expected);
        assert_eq!(stderr(&output), "");
    }
    // The page protects spreadsheets from such names.
    files.folder.write("pairs.csv", &pairs.replace("p1a.jpg", "=p1a.jpg").replace("p2b.jpg", "-p2b.jpg"));
    files.folder.write("good.csv", &scores.replace("p1a.jpg", "'=p1a.jpg").replace("p2b.jpg", "'-p2b.jpg"));
    let output = files.edc(&["--resamples", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// Other programs leave out, in their own ways, the similarity of two images of which one shows no face.
#[test]
fn a_pair_without_a_similarity_is_left_out() {
    let files = Files::new("edc_without_similarity");
    for nothing in ["", "NaN", "nan", "NA", "None", "null", "<NA>", "#N/A"] {
        files.folder.write("pairs.csv", &pairs().replacen("p1a.jpg,p1b.jpg,1,0.7", &format!("p1a.jpg,p1b.jpg,1,{nothing}"), 1));
        for (command, place) in [("edc", "/comparisons/pairs_left_out"), ("thresholds", "/pairs_left_out")] {
            let output = files.command(command, &["--resamples", "0"]);
            assert_eq!(output.status.code(), Some(0), "{nothing:?}: {}", stderr(&output));
            let report = files.folder.numbers(command);
            assert_eq!(report.pointer(place).and_then(Value::as_u64), Some(1), "{command}, {nothing:?}: {report}");
        }
    }
    let none: String = pairs().lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect();
    files.folder.write("pairs.csv", &none);
    let output = files.edc(&["--resamples", "0"]);
    assert_eq!(output.status.code(), Some(2), "without any similarity, the images are needed");
}

#[test]
fn distances_in_the_place_of_similarities_are_noticed() {
    let files = Files::new("edc_distances");
    let distances: String = pairs()
        .lines()
        .map(|line| match line.rsplit_once(',') {
            Some((pair, number)) if number != "similarity" => format!("{pair},{}\n", 1.0 - number.parse::<f64>().unwrap()),
            _ => format!("{line}\n"),
        })
        .collect();
    for (contents, is_warned) in [(pairs(), false), (distances, true)] {
        files.folder.write("pairs.csv", &contents);
        for command in ["edc", "thresholds"] {
            let output = files.command(command, &["--resamples", "0"]);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            let said = stderr(&output);
            assert_eq!(said.contains("worse than chance") && said.contains("1 - distance"), is_warned, "{command}: {said}");
        }
    }
}
