//! Compares the output with reviewed snapshots: `snapshots/` beside this file. CONTRIBUTING says how to accept a change.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serfiq_test_support::in_checkout;

use crate::support::process::{folder, save, serfiq, stderr, stdout};

/// Runs the program in a folder, and returns what it prints.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = serfiq().current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.code() != Some(2), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// The names below `Commands:` in a help text.
fn commands(help: &str) -> Vec<String> {
    let (_, list) = help.split_once("\nCommands:\n").unwrap_or_default();
    let names = list.lines().take_while(|line| !line.is_empty());
    // A name is indented by two spaces; the following lines of its description by more.
    let names = names.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.split(' ').next());
    names.filter(|name| *name != "help").map(Into::into).collect()
}

#[test]
fn help_of_every_command() {
    let mut waiting: Vec<Vec<String>> = vec![vec![]];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = printed(&in_checkout("."), &arguments).replace("serfiq.exe", "serfiq");
        assert_snapshot!([&["help".to_owned()], command.as_slice()].concat().join("_"), help);
        waiting.extend(commands(&help).into_iter().map(|name| [command.as_slice(), &[name]].concat()));
        seen += 1;
    }
    assert!(seen > 10, "{seen} commands");
}

#[test]
fn the_list_of_models() {
    assert_snapshot!(printed(&in_checkout("."), &["model", "list"]));
}

/// The recogniser of the library's examples, with a card beside it.
fn example(test: &str) -> PathBuf {
    let folder = folder(test);
    fs::copy(in_checkout("src/example/recogniser.onnx"), folder.join("mine.onnx")).unwrap();
    let card = "name = \"mine\"\nauthor = \"Somebody\"\nlicence = \"MIT\"\n\n[calibration]\nalpha = 4.0\nr = 0.5\nk = 9.5\n\
                images = \"none\"\nmethod = \"made up\"\n";
    fs::write(folder.join("mine.toml"), card).unwrap();
    folder
}

#[test]
fn what_is_known_of_a_model() {
    for name in ["sface", "yunet", "face-mesh"] {
        assert_snapshot!(format!("model_info_{name}"), printed(&in_checkout("."), &["model", "info", name]));
    }
    assert_snapshot!("model_info_own", printed(&example("snapshot_info"), &["model", "info", "mine.onnx"]));
    assert_snapshot!("model_check_own", printed(&example("snapshot_check"), &["model", "check", "mine.onnx"]));
}

/// Rounds every number of more than two decimals to some significant digits: the last digits depend on the processor.
fn rounded(text: &str, digits: i32) -> String {
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
    let round = |part: &str| match (part.split_once('.'), part.parse::<f64>()) {
        (Some((_, decimals)), Ok(number)) if decimals.len() > 2 && number > 0.0 => {
            let places = (digits - 1 - number.log10().floor() as i32).max(0) as usize;
            format!("{number:.places$}")
        }
        _ => part.to_owned(),
    };
    let ends_number = |part: &str| part.ends_with(|c| !is_of_number(c));
    text.split_inclusive(|c| !is_of_number(c))
        .map(|part| match part.char_indices().last().filter(|_| ends_number(part)) {
            Some((end, last)) => format!("{}{last}", round(&part[..end])),
            None => round(part),
        })
        .collect()
}

#[test]
fn numbers_are_rounded_and_nothing_else() {
    let text = "0.5909157,58.992690,\"0.4\" 1.1.1 50 0.006145 12.25 4e899746f4e 123.456";
    assert_eq!(rounded(text, 2), "0.59,59,\"0.4\" 1.1.1 50 0.0061 12.25 4e899746f4e 123");
}

#[test]
fn scores_in_every_format() {
    let folder = example("snapshot_score");
    let crop: Vec<u8> = (0..3 * 112 * 112_u32).map(|index| (index * 37 / 112 % 251) as u8).collect();
    save(&folder.join("a crop.png"), 112, 112, &crop);
    fs::write(folder.join("broken.jpg"), "no picture").unwrap();
    save(&folder.join("small.png"), 64, 64, &crop[..3 * 64 * 64]);
    for method in ["limit", "mc"] {
        for format in ["table", "csv", "jsonl"] {
            let passes: &[&str] = if method == "mc" { &["--passes", "50"] } else { &[] };
            let arguments = ["score", "--recogniser", "mine.onnx", "--aligned", "--method", method, "--format", format];
            let arguments = [&arguments[..], passes].concat();
            let text = printed(&folder, &[&arguments[..], &["a crop.png", "broken.jpg", "small.png"]].concat());
            assert_snapshot!(format!("score_{method}_{format}"), rounded(&text, 2));
        }
    }
}

/// The pictures in a page are of the picture's own pixels, and left out here.
fn without_pictures(page: &str) -> String {
    let mut parts = page.split(";base64,");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| page + ";base64,..." + part.trim_start_matches(|c| c != '"'))
}

#[test]
fn explanations_in_every_format() {
    let folder = example("snapshot_explain");
    let crop: Vec<u8> = (0..3 * 112 * 112_u32).map(|index| (index * 37 / 112 % 251) as u8).collect();
    save(&folder.join("a crop.png"), 112, 112, &crop);
    fs::write(folder.join("broken.jpg"), "no picture").unwrap();
    for format in ["table", "jsonl", "html"] {
        let arguments = ["explain", "--recogniser", "mine.onnx", "--aligned", "--method", "limit", "--format", format];
        let text = printed(&folder, &[&arguments[..], &["a crop.png", "broken.jpg"]].concat());
        let text = without_pictures(&text).replace("><", ">\n<").replace(env!("CARGO_BIN_EXE_serfiq"), "serfiq");
        assert_snapshot!(format!("explain_{format}"), rounded(&text, 2));
    }
}

/// A folder with the committed tables.
fn tables(test: &str) -> PathBuf {
    let folder = folder(test);
    for name in ["pairs.csv", "scores.csv", "labels.csv"] {
        fs::copy(in_checkout("crates/cli/tests/commands/tables").join(name), folder.join(name)).unwrap();
    }
    folder
}

/// The page of a report, one element per line.
fn page(command: &str, arguments: &[&str]) -> String {
    let folder = tables(&format!("snapshot_{command}"));
    printed(&folder, &[&[command, "--scores", "mine=scores.csv", "--resamples", "100"], arguments].concat());
    let page = fs::read_to_string(folder.join(command).with_extension("html")).unwrap();
    // The page shows how it was made.
    rounded(&page.replace("><", ">\n<"), 5).replace(env!("CARGO_BIN_EXE_serfiq"), "serfiq")
}

#[test]
fn the_report_of_error_versus_discard() {
    assert_snapshot!("report_edc", page("edc", &["--pairs", "pairs.csv", "--fmr", "0.05"]));
}

#[test]
fn the_report_of_thresholds() {
    assert_snapshot!("report_thresholds", page("thresholds", &["--pairs", "pairs.csv", "--fmr", "0.05"]));
}

#[test]
fn the_report_of_an_audit() {
    assert_snapshot!("report_audit", page("audit", &["--labels", "labels.csv", "--pairs", "pairs.csv", "--fmr", "0.05"]));
}
