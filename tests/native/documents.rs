//! Checks the documentation's statements about the code.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serfiq::guide::{Bad, CaptureSettings, Instruction, Rule, Settings, rules};
use serfiq::score::{DropoutMasks, Method};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// `docs/guidance.md` lists exactly the existing rules, each with its setting, limit and margin.
#[test]
fn the_table_of_guidance_is_that_of_the_guide() {
    let mut expected = BTreeSet::new();
    for Rule { instruction, setting, bad, default, .. } in rules() {
        let side = if bad == Bad::Above { "above" } else { "below" };
        expected.insert(format!("{} {setting} {side} {} {}", instruction.name(), default.limit(), default.margin()));
    }
    let mut found = BTreeSet::new();
    for line in read("docs/guidance.md").lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [instructions, setting, _, limit, margin, _] = cells[..] else { continue };
        let names = instructions.split(", ").filter_map(|name| name.strip_prefix('`')?.strip_suffix('`'));
        found.extend(names.map(|name| format!("{name} {} {limit} {margin}", setting.trim_matches('`'))));
    }
    assert_eq!(found, expected);
}

/// So does its table of what is suspected to be the reason for a low score.
#[test]
fn the_table_of_suspicions_is_that_of_the_guide() {
    let mut expected = BTreeSet::new();
    for Rule { instruction, setting, bad, suspected, .. } in rules() {
        let side = if bad == Bad::Above { "above" } else { "below" };
        expected.extend(suspected.map(|limit| format!("{} {setting} {side} {limit}", instruction.name())));
    }
    let mut found = BTreeSet::new();
    for line in read("docs/guidance.md").lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [instructions, setting, limit] = cells[..] else { continue };
        let names = instructions.split(", ").filter_map(|name| name.strip_prefix('`')?.strip_suffix('`'));
        found.extend(names.map(|name| format!("{name} {} {limit}", setting.trim_matches('`'))));
    }
    assert_eq!(found, expected);
}

/// The members of a type in `types.js`: the strings of a union, or the properties of an object.
fn members(types: &str, name: &str) -> Vec<String> {
    if let Some((_, object)) = types.split_once(&format!("@typedef {{object}} {name}\n")) {
        let comment = object.split("*/").next().unwrap_or_default();
        let property = |line: &str| Some(line.split_once("@property ")?.1.split_once("} [")?.1.split_once(']')?.0.to_owned());
        return comment.lines().filter_map(property).collect();
    }
    let definitions = types.split("@typedef {").filter_map(|definition| definition.split_once('}'));
    let (union, _) = definitions
        .into_iter()
        .find(|(_, rest)| rest.trim_start().split(|c: char| !c.is_alphanumeric()).next() == Some(name))
        .unwrap_or_else(|| panic!("there is no type {name}"));
    union.split('\'').skip(1).step_by(2).map(Into::into).collect()
}

/// The package's types match the library's.
#[test]
fn the_packages_types_are_the_librarys() {
    let types = read("www/package/types.js");
    let instructions: Vec<&str> = Instruction::ALL.iter().map(|instruction| instruction.name()).collect();
    assert_eq!(members(&types, "Instruction"), instructions);
    let methods = read("www/package/methods.js");
    let names = methods.split_once("([").unwrap().1.split(']').next().unwrap_or_default();
    assert_eq!(names.split('\'').skip(1).step_by(2).collect::<Vec<_>>(), Method::NAMES);
    let [min, max] = [DropoutMasks::MIN_PASSES, DropoutMasks::MAX_PASSES];
    let bounds = format!("{{ min: {min}, max: {max}, default: {} }}", Method::DEFAULT_PASSES);
    assert!(methods.contains(&bounds) && methods.contains(&format!("DEFAULT_SEED = {}", Method::DEFAULT_SEED)), "{bounds}");
    let keys = |value: serde_json::Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let settings = keys(serde_json::to_value(Settings::default()).unwrap());
    assert_eq!(members(&types, "GuideSettings").into_iter().collect::<BTreeSet<_>>(), settings);
    let capture = keys(serde_json::to_value(CaptureSettings::default()).unwrap());
    assert_eq!(members(&types, "CaptureSettings").into_iter().collect::<BTreeSet<_>>(), capture);
}

/// The strings of a list in a source, in Rust or Python. `start` is what comes before the type or the value of the list.
fn strings_of<'a>(source: &'a str, start: &str) -> Vec<&'a str> {
    let (_, list) =
        source.split_once(start).and_then(|(_, rest)| rest.split_once("= [")).unwrap_or_else(|| panic!("there is no {start}"));
    list.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2).collect()
}

/// The example with Apache Spark takes the same files of a folder as the command line, and counts the same ones that are not read.
#[test]
fn the_extensions_in_the_example_with_spark_are_the_command_lines() {
    let [program, example] = ["crates/cli/src/inputs.rs", "docs/many-machines/score_with_spark.py"].map(read);
    for name in ["EXTENSIONS", "NOT_READ"] {
        let expected = strings_of(&program, &format!("\nconst {name}"));
        assert!(expected.len() > 1, "{name}");
        assert_eq!(strings_of(&example, &format!("\n{name}")), expected, "{name}");
    }
}

/// The files below these folders with one of the words outside a comment line. Excludes tests, languages and generated files.
fn files_with(words: &[&str], folders: &[&str]) -> BTreeSet<String> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).collect();
    let mut found = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["tests", "messages", "node_modules", "api"].contains(&name.as_str()) {
                waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        } else if name != "tests.rs" && [".rs", ".js", ".md"].iter().any(|ending| name.ends_with(ending)) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            if code.into_iter().any(|line| words.iter().any(|word| line.contains(word))) {
                let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                found.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}

/// Adding a measure takes six places and the languages, adding a quality four, as CONTRIBUTING says. The examples are backlight
/// and the limit method.
#[test]
fn a_measure_and_a_quality_are_at_the_places_that_contributing_names() {
    let measure = files_with(&["backlight", "Backlit", "backlit"], &["src", "crates", "www", "docs"]);
    let places = [
        "docs/guidance.md",
        "src/guide/checks.rs",
        "src/guide/instruction.rs",
        "src/guide/settings.rs",
        "src/measure/mod.rs",
        "www/package/types.js",
        // One extra place: the measures that the page shows next to two photos.
        "www/site/measures.js",
    ];
    assert_eq!(measure, places.map(Into::into).into());
    let quality = files_with(&["Method::Limit", "Self::Limit", "'limit'"], &["src", "crates", "www/package"]);
    let places = [
        "crates/score/src/method.rs",
        "src/model/recogniser.rs",
        "www/package/methods.js",
        // One extra place: the default method.
        "src/engine.rs",
    ];
    assert_eq!(quality, places.map(Into::into).into());
    let contributing = read("CONTRIBUTING.md");
    for place in [
        "src/measure/",
        "src/guide/settings.rs",
        "www/package/types.js",
        "crates/score/src/method.rs",
        "src/model/recogniser.rs",
        "www/package/methods.js",
    ] {
        assert!(contributing.contains(place), "{place}");
    }
}

/// The readers of networks and the mathematics of the score can be used without burn.
#[test]
fn networks_and_scores_know_nothing_of_burn() {
    for folder in ["crates/network", "crates/score", "crates/kernels", "crates/eval", "crates/reports"] {
        assert_eq!(files_with(&["burn::", "burn_", "use burn"], &[folder]), BTreeSet::new());
        let manifest = read(&format!("{folder}/Cargo.toml"));
        assert!(!manifest.lines().any(|line| line.starts_with("burn")), "{folder}");
    }
}

/// A third party's WebAssembly module gets only the functions it calls: no exports, no start function, no allocator.
#[test]
fn the_library_adds_nothing_to_a_strangers_program() {
    let hijackers = ["no_mangle", "export_name", "wasm_bindgen", "global_allocator", "link_section", "ctor"];
    let folders = ["src", "crates/score", "crates/kernels", "crates/network", "crates/eval", "crates/on-top", "crates/reports"];
    assert_eq!(files_with(&hijackers.map(|word| format!("[{word}")).each_ref().map(String::as_str), &folders), BTreeSet::new());
    assert_eq!(
        files_with(&hijackers.map(|word| format!("unsafe({word}")).each_ref().map(String::as_str), &folders),
        BTreeSet::new()
    );
    // The browser layer has them, which shows that the search finds them.
    assert!(!files_with(&["[global_allocator"], &["crates/web"]).is_empty());
}
