//! `serfiq measures`, and what other commands do with its output and with OFIQ's.

use std::fs;
use std::path::Path;

use serde_json::Value;
use serfiq::measure::StandardMeasure;
use serfiq_test_support::portraits;

use crate::support::process::{folder, json_lines, run, save, stderr, stdout};
use crate::support::report::{ReportFolder, is_refused};

const PORTRAIT: &str = "person_b_2.jpg";

fn measures(format: &str, paths: &[&Path]) -> std::process::Output {
    run(&["measures", "--format", format], paths)
}

/// Two portraits, a picture without a face, and a file that is no picture.
fn pictures(test: &str) -> Vec<std::path::PathBuf> {
    let folder = folder(test);
    let (empty, torn) = (folder.join("empty.png"), folder.join("torn.jpg"));
    save(&empty, 64, 64, &[120; 3 * 64 * 64]);
    fs::write(&torn, "no picture").unwrap();
    vec![portraits::path(PORTRAIT), portraits::path("astronaut.png"), empty, torn]
}

#[test]
fn every_measure_has_a_value_a_quality_and_a_mark_in_json() {
    let output = measures("jsonl", &[&portraits::path(PORTRAIT)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let record = &json_lines(&output)[0];
    let score = &json_lines(&run(&["score", "--format", "jsonl"], &[&portraits::path(PORTRAIT)]))[0];
    for (key, value) in score.as_object().unwrap() {
        assert_eq!(&record[key], value, "{key} is that of `serfiq score`");
    }
    let measures = record["standard_measures"].as_object().unwrap();
    assert_eq!(measures.len(), StandardMeasure::ALL.len());
    for measure in StandardMeasure::ALL {
        let of = &measures[measure.name()];
        assert!(of["native"].is_number() && (0.0..=100.0).contains(&of["quality"].as_f64().unwrap()), "{of}");
        assert_eq!((&of["unassessed"], &of["approximate"]), (&Value::Null, &measure.is_approximate().into()));
    }
}

#[test]
fn what_is_not_assessed_has_a_reason_and_no_number() {
    let pictures = pictures("measures_unassessed");
    let output = measures("jsonl", &pictures.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "one file is no picture");
    let records = json_lines(&output);
    let nobody = &records[2]["standard_measures"]["EyesOpen"];
    assert_eq!((&nobody["native"], &nobody["quality"], &nobody["unassessed"]), (&Value::Null, &Value::Null, &"no_face".into()));
    assert_eq!(records[3]["status"], "unreadable");
    assert!(records[3].get("standard_measures").is_none());
}

#[test]
fn csv_has_a_row_for_each_picture_and_can_be_resumed() {
    let pictures = pictures("measures_csv");
    let paths: Vec<&Path> = pictures.iter().map(AsRef::as_ref).collect();
    let printed = stdout(&measures("csv", &paths));
    let mut reader = csv::Reader::from_reader(printed.as_bytes());
    let columns: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| rows[row][columns.iter().position(|column| column == name).unwrap()].to_owned();
    assert_eq!(rows.len(), 4);
    for measure in StandardMeasure::ALL {
        let quality: u8 = cell(0, &format!("{}.scalar", measure.name())).parse().unwrap();
        let native: f64 = cell(0, measure.name()).parse().unwrap();
        assert!(quality <= 100 && native.is_finite());
        assert_eq!((cell(2, measure.name()), cell(3, measure.name())), (String::new(), String::new()));
    }
    assert_eq!((cell(0, "faces"), cell(2, "faces"), cell(3, "status")), ("1".into(), "0".into(), "unreadable".into()));
    assert!(cell(2, "unassessed").starts_with("BackgroundUniformity:no_face "));
    assert!(cell(3, "error").contains("JPEG"), "{}", cell(3, "error"));

    let part = folder("measures_resume").join("measures.csv");
    let first = stdout(&measures("csv", &paths[..2]));
    fs::write(&part, first).unwrap();
    let resumed = run(&["measures", "--format", "csv", "--resume", "--output", part.to_str().unwrap()], &paths);
    assert_eq!(resumed.status.code(), Some(1), "{}", stderr(&resumed));
    assert_eq!(fs::read_to_string(part).unwrap(), printed);
}

#[test]
fn people_get_a_table() {
    let pictures = pictures("measures_table");
    let printed = stdout(&run(&["measures"], &pictures.iter().map(AsRef::as_ref).collect::<Vec<_>>()));
    for words in ["SER-FIQ", "EyesOpen", "≈", "empty.png: no face", "torn.jpg: unreadable", "OFIQ has 98", "model sface"] {
        assert!(printed.contains(words), "{words:?} expected: {printed}");
    }
    assert_eq!(printed.matches("HeadPoseRoll").count(), 2);
}

/// OFIQ ends the line of names with a semicolon, and no other line.
#[test]
fn ofiqs_file_has_its_columns() {
    let pictures = pictures("measures_ofiq");
    let printed = stdout(&measures("ofiq", &pictures.iter().map(AsRef::as_ref).collect::<Vec<_>>()));
    let lines: Vec<Vec<&str>> = printed.lines().map(|line| line.split(';').collect()).collect();
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [59, 58, 58, 58, 58]);
    assert_eq!((lines[0][0], lines[0][1], lines[0][28]), ("Filename", "UnifiedQualityScore", "NoHeadCoverings"));
    assert_eq!((lines[0][29], lines[0][57], lines[0][58]), ("UnifiedQualityScore.scalar", "assessment_time_in_ms", ""));
    let at = |line: usize, name: &str| lines[line][lines[0].iter().position(|column| *column == name).unwrap()];
    let jsonl = json_lines(&measures("jsonl", &[&pictures[0]]));
    let expected = &jsonl[0]["standard_measures"]["EyesOpen"];
    assert_eq!(at(1, "EyesOpen").parse::<f64>().unwrap(), expected["native"].as_f64().unwrap());
    assert_eq!(at(1, "EyesOpen.scalar").parse::<u64>().unwrap(), expected["quality"].as_u64().unwrap());
    for missing in ["UnifiedQualityScore", "Sharpness.scalar", "NoHeadCoverings.scalar"] {
        assert_eq!(at(1, missing), "-1", "serfiq does not have it");
    }
    for line in [3, 4] {
        assert!(lines[line][1..57].iter().all(|cell| *cell == "-1"), "no number is made up: {:?}", lines[line]);
    }
}

#[test]
fn what_cannot_be_resumed_is_refused() {
    let output = folder("measures_no_resume").join("ofiq.csv");
    for format in ["ofiq", "table"] {
        let arguments = ["measures", "--format", format, "--resume", "--output", output.to_str().unwrap()];
        is_refused(&run(&arguments, &[&portraits::path(PORTRAIT)]), "cannot be resumed; choose --format jsonl");
    }
    assert!(!output.exists());
}

/// As OFIQ 1.1 writes it: eyes that are not assessed have -1 as their quality, and 0 as their native value.
const OF_OFIQ: &str = "\
Filename;UnifiedQualityScore.native;EyesOpen.native;UnifiedQualityScore.scalar;EyesOpen.scalar;assessment_time_in_ms;
p0a.jpg;27.1;0.07;83;99;812
p0b.jpg;20;0.01;24;25;790
p1a.jpg;26;0;78;-1;801
p1b.jpg;25.5;0.06;70;98;799
";

#[test]
fn error_versus_discard_reads_a_column_of_ofiq_and_of_ours() {
    let folder = ReportFolder::new("edc_column");
    folder.write("ofiq.csv", OF_OFIQ);
    folder.write("pairs.csv", "image_a,image_b,same_person,similarity\np0a.jpg,p0b.jpg,1,0.4\np1a.jpg,p1b.jpg,1,0.8\np0a.jpg,p1b.jpg,0,0.1\np0b.jpg,p1a.jpg,0,0.2\n");
    let (pairs, scores, report) =
        (folder.path("pairs.csv"), format!("ofiq={}", folder.path("ofiq.csv")), folder.path("edc.html"));
    let edc = |columns: &[&str]| {
        let columns: Vec<&str> = columns.iter().flat_map(|column| ["--column", column]).collect();
        let arguments =
            ["edc", "--pairs", &pairs, "--scores", &scores, "--output", &report, "--fmr", "0.5", "--resamples", "0"];
        run(&[&arguments[..], &columns].concat(), &[])
    };
    is_refused(
        &edc(&[]),
        "ofiq.csv: expected a column `raw`, `quality` or `score`, or another one named with --column; its columns are Filename, ",
    );
    is_refused(&edc(&["Sharpness"]), "expected a column `Sharpness`");

    let done = |columns: &[&str]| {
        let output = edc(columns);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        folder.numbers("edc")
    };
    let names = |report: &Value| -> Vec<String> {
        let measures = report["at"][0]["measures"].as_array().unwrap();
        measures.iter().map(|measure| measure["name"].as_str().unwrap().to_owned()).collect()
    };
    let whole = done(&["UnifiedQualityScore.scalar"]);
    assert_eq!((names(&whole), &whole["comparisons"]["images_without_a_score"]), (vec!["ofiq".to_owned()], &0.into()));
    for column in ["EyesOpen.scalar", "EyesOpen.native"] {
        // Without that image two pairs are left, one of each kind.
        assert_eq!(done(&[column])["comparisons"]["images_without_a_score"], 1, "{column}: -1 is no quality");
    }
    let both = done(&["UnifiedQualityScore.scalar", "EyesOpen.scalar"]);
    assert_eq!(names(&both), ["ofiq UnifiedQualityScore.scalar", "ofiq EyesOpen.scalar"]);
}

/// Forty people: the pictures of half of them are dark.
#[test]
fn an_audit_finds_the_check_that_sends_one_group_back() {
    let folder = ReportFolder::new("audit_measures");
    let frame = portraits::frame(PORTRAIT);
    let dark: Vec<u8> = frame.rgb().iter().map(|value| value / 8).collect();
    let mut labels = String::from("image,subject,light\n");
    for person in 0..40 {
        let (name, of, light) = if person < 20 { ("bright", frame.rgb(), "bright") } else { ("dark", &dark[..], "dark") };
        let file = format!("{name}{person}.png");
        save(folder.path(&file).as_ref(), frame.width(), frame.height(), of);
        labels += &format!("{file},{person},{light}\n");
    }
    folder.write("torn.jpg", "no picture");
    labels += "torn.jpg,99,dark\n";
    folder.write("labels.csv", &labels);
    let (labels, report) = (folder.path("labels.csv"), folder.path("audit.html"));
    let output = run(&["audit", "--labels", &labels, "--measures", "--output", &report, "--resamples", "100"], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("torn.jpg").count(), 1, "an unreadable image is named once: {}", stderr(&output));
    let numbers = folder.numbers("audit");
    let column = |name: &str| {
        let columns = numbers["columns"].as_array().unwrap();
        columns.iter().find(|column| column["name"] == name).unwrap_or_else(|| panic!("no {name}"))
    };
    let too_dark = column("too_dark");
    assert_eq!((&too_dark["groups"][0]["mean"], &too_dark["groups"][1]["mean"]), (&0.0.into(), &1.0.into()));
    assert_eq!((&too_dark["kind"], &too_dark["groups"][1]["finding"]), (&"check".into(), &true.into()));
    assert_eq!(column("too_bright")["groups"][1]["finding"], false);
    assert_eq!(column("LuminanceMean")["groups"][1]["finding"], true);
    folder.page_with(
        "audit",
        &[
            "Images refused by the guide",
            "<strong>too_dark</strong> refuses dark more often",
            "Measures of ISO/IEC 29794-5",
            "No image is refused for",
        ],
    );
    assert!(folder.read("audit.csv").lines().any(|line| line.starts_with("too_dark,light,dark,20,")));
}
