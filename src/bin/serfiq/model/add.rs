use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use serfiq::face::AlignedCrop;
use serfiq_models::card::{CardError, load_all};
use serfiq_models::verify::sha256;
use toml_edit::{DocumentMut, Item, Table, value};

use super::findings::Findings;
use crate::args::{AddArgs, ColourName};
use crate::sources::{NoSources, Sources};
use crate::whole_file;

/// Why a recogniser was not added. The sources are as they were.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error(transparent)]
    Sources(#[from] NoSources),
    #[error("{} cannot be added; what is in the way stands above", path.display())]
    Unusable { path: PathBuf },
    #[error(
        "the recogniser has no Dropout; say with --dropout which share of its {features} features a pass is to drop. Recognisers that \
         are trained with dropout have 0.4 or 0.5"
    )]
    NoProbability { features: usize },
    #[error("the recogniser has a Dropout with p = {found}; expected no --dropout, which is for recognisers without one")]
    Probability { found: f64 },
    #[error("--dropout is {found}; expected a number above 0 and below 1")]
    NoShare { found: f64 },
    #[error("{} is there already; choose another --name, or delete it first", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Card(#[from] CardError),
    #[error("cargo cannot be started: {source}; install Rust, which builds the recogniser in")]
    NoCargo { source: io::Error },
    #[error(
        "the recogniser cannot be built; what went wrong stands above. Its card and its file are taken out again, and nothing has \
         changed"
    )]
    Build,
}

/// Writes the card of an ONNX file that was looked into, puts the file beside those of the other models, and builds the program.
pub fn run(args: &AddArgs, onnx: &[u8], findings: &Findings) -> Result<(), AddError> {
    let (Some(input), Some(head), true) = (findings.input(), findings.head(), findings.problems.is_empty()) else {
        return Err(AddError::Unusable { path: args.check.file.clone() });
    };
    match (head.dropout, args.dropout) {
        (None, None) => return Err(AddError::NoProbability { features: head.features }),
        (Some(found), Some(_)) => return Err(AddError::Probability { found }),
        (_, Some(found)) if !(found > 0.0 && found < 1.0) => return Err(AddError::NoShare { found }),
        _ => {}
    }
    let sources = Sources::find(args.sources.as_deref(), "--sources FOLDER")?;
    let added = Added::write(&sources, args, onnx, input)?;
    // A name or a card that cannot be is found here, before the build.
    load_all(&sources.models())?;
    println!("\nWritten: {}. Building the program with it:", added.card.display());
    let program = build(sources.root())?;
    println!(
        "\n{name} is a recogniser now, of {program}. It is not calibrated: it has raw scores, no qualities and no limit yet.\n\
         Next: {program} calibrate --model {name} PICTURES, and build again.",
        name = args.name,
    );
    added.keep();
    Ok(())
}

/// What was written: deleted again unless the build succeeds, since it would be in the way of the next.
struct Added {
    card: PathBuf,
    file: PathBuf,
    kept: bool,
}

impl Added {
    fn write(sources: &Sources, args: &AddArgs, onnx: &[u8], input: &str) -> Result<Self, AddError> {
        let file_name = format!("{}.onnx", args.name);
        let files = sources.models().join("files");
        let (card, file) = (sources.card(&args.name), files.join(&file_name));
        if let Some(path) = [&card, &file].into_iter().find(|path| path.exists()) {
            return Err(AddError::Exists { path: path.clone() });
        }
        let added = Self { card, file, kept: false };
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| AddError::Write { path, source }
        };
        fs::create_dir_all(&files).map_err(failed(&files))?;
        whole_file::write(&added.file, onnx).map_err(failed(&added.file))?;
        let card = card_text(args, &file_name, onnx, input);
        whole_file::write(&added.card, card).map_err(failed(&added.card))?;
        Ok(added)
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Added {
    fn drop(&mut self) {
        if !self.kept {
            // Whichever of them was written.
            let _ = fs::remove_file(&self.card);
            let _ = fs::remove_file(&self.file);
        }
    }
}

fn card_text(args: &AddArgs, file_name: &str, onnx: &[u8], input: &str) -> String {
    let table = |entries: &[(&str, toml_edit::Value)]| {
        let mut table = Table::new();
        entries.iter().for_each(|(key, entry)| drop(table.insert(key, value(entry.clone()))));
        Item::Table(table)
    };
    let side = i64::from(AlignedCrop::SIZE);
    let colour = match args.colour {
        ColourName::Rgb => "rgb",
        ColourName::Bgr => "bgr",
    };
    let mut card = DocumentMut::new();
    card["name"] = value(&args.name);
    card["role"] = value("recogniser");
    card["author"] = value(&args.author);
    card["licence"] = value(&args.licence);
    card["source"] = table(&[
        ("registry", "file".into()),
        ("file", file_name.into()),
        ("sha256", sha256(onnx).into()),
        ("bytes", (onnx.len() as i64).into()),
    ]);
    card["input"] = table(&[
        ("name", input.into()),
        ("width", side.into()),
        ("height", side.into()),
        ("colour", colour.into()),
        ("mean", args.mean.into()),
        ("scale", args.scale.into()),
    ]);
    let mut dropout: Vec<(&str, toml_edit::Value)> = Vec::new();
    dropout.extend(args.check.cut_at.as_deref().map(|node| ("node", node.into())));
    dropout.extend(args.dropout.map(|p| ("probability", p.into())));
    card["dropout"] = table(&dropout);
    card.to_string()
}

/// Builds the program as this one was built, and returns where it is.
fn build(sources: &Path) -> Result<String, AddError> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--bin", "serfiq", "--message-format", "json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let cargo = cargo.current_dir(sources).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = cargo.output().map_err(|source| AddError::NoCargo { source })?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let is_ours = message["target"]["name"] == "serfiq";
        message["executable"].as_str().filter(|_| is_ours).map(str::to_owned)
    });
    program.filter(|_| output.status.success()).ok_or(AddError::Build)
}
