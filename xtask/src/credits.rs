//! Credits for what is passed on, with licences: the models, and the crates compiled into the WebAssembly modules or the command line.
//!
//! cargo-about is not used. As a tool or as a library it compiles a hundred more crates, with TLS and zstd in C, and the first
//! `cargo xtask serve` would wait for them. `spdx`, by the same authors, is a single crate with the part that matters: what a
//! licence expression requires, and the licences' texts.
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use spdx::{Expression, LicenseReq, Licensee, ParseMode};

use crate::{command, models::Model, wasm_target, web_build, workspace::Workspace};

const RULE: &str = "\n--------------------------------------------------------------------------------\n\n";

/// Stands in for a text that has its own file.
const APACHE: &str = "These come without a licence text. One of their licences is Apache-2.0; its text is in LICENSE-APACHE.";

/// Returns the models' credits from their cards; `place` says where the models are. Licence texts are separate files in `texts`, named
/// after the model.
pub fn models(models: &[Model], texts: &Path, place: &str) -> String {
    let mut text = format!("The models, which are {place}. Their licences are not the code's.\n");
    for Model { name, card, package, .. } in models {
        let licence = card.licence.as_deref().unwrap_or("unknown");
        let _ = write!(
            text,
            "\n{name}\n  File:    {}\n  SHA-256: {}\n  Author:  {}\n  Licence: {licence}\n  From:    {} {} ({})\n",
            package.file_name(),
            package.sha256,
            card.author.as_deref().unwrap_or("unknown"),
            package.package,
            package.version,
            package.archive,
        );
        let own = format!("{name}.txt");
        let licence = match licence {
            "Apache-2.0" => "LICENSE-APACHE".to_string(),
            _ if texts.join(&own).is_file() => format!("licences/{own}"),
            _ => "not here".to_string(),
        };
        let _ = writeln!(text, "  Text:    {licence}");
    }
    text
}

/// A crate's metadata, as needed for credits.
#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    license: Option<String>,
    authors: Vec<String>,
    /// Where its source is: some licences require this.
    repository: Option<String>,
    manifest_path: PathBuf,
}

/// A program, or a set of modules, that is passed on.
pub struct Compiled<'a> {
    /// Its packages in this workspace.
    pub packages: Vec<&'a str>,
    /// rustc's name for the system that it runs on.
    pub triple: &'a str,
    /// Introduces the list of its crates.
    pub introduction: &'a str,
}

impl Compiled<'_> {
    /// The WebAssembly modules.
    pub fn modules() -> Self {
        Self {
            packages: web_build::packages().collect(),
            triple: wasm_target::TRIPLE,
            introduction: "The WebAssembly modules in pkg/ are compiled from these crates (those for the CPU from fewer)",
        }
    }
}

/// Returns the crates that something is compiled from, with their licence texts.
///
/// # Errors
/// A crate's licence has no text.
pub fn crates(workspace: &Workspace, compiled: &Compiled) -> Result<String> {
    let accepted = accepted(&workspace.root().join("deny.toml"))?;
    let mut by_text: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in compiled_in(workspace, compiled)? {
        let licence = one.license.as_deref().unwrap_or("a licence of its own");
        let own = licence_texts(one.manifest_path.parent().unwrap_or(Path::new("")), licence)?;
        let mut line = format!("{} {} ({licence})", one.name, one.version);
        if let Some(repository) = &one.repository {
            let _ = write!(line, ", {repository}");
        }
        let text = if own.is_empty() {
            let authors = if one.authors.is_empty() { "its developers".into() } else { one.authors.join(", ") };
            let _ = write!(line, ", by {authors}");
            standard_texts(licence, &accepted).with_context(|| format!("{} has no text of its licence", one.name))?
        } else {
            own
        };
        by_text.entry(text).or_default().insert(line);
    }
    let mut all =
        format!("{}, from Rust's standard library (MIT OR Apache-2.0), and from serfiq's own code.\n", compiled.introduction);
    for (text, crates) in by_text {
        all.push_str(RULE);
        for one in crates {
            let _ = writeln!(all, "{one}");
        }
        let _ = write!(all, "\n{}\n", text.trim());
    }
    Ok(all)
}

/// Returns the third-party crates that something is compiled from.
fn compiled_in(workspace: &Workspace, compiled: &Compiled) -> Result<Vec<Crate>> {
    let names = names(workspace, compiled)?;
    let mut crates = metadata(workspace, compiled.triple)?;
    crates.retain(|one| {
        let is_compiled_in = names.contains(&format!("{} v{}", one.name, one.version));
        is_compiled_in && !one.manifest_path.starts_with(workspace.root())
    });
    Ok(crates)
}

/// Returns the names, with versions, of the crates that something is compiled from. Only the tree omits build and test dependencies.
pub fn names(workspace: &Workspace, compiled: &Compiled) -> Result<BTreeSet<String>> {
    let mut tree = Command::new(command::cargo());
    tree.current_dir(workspace.root()).args([
        "tree",
        "--target",
        compiled.triple,
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format={p}",
    ]);
    // All at once: the crates have the features of every module.
    tree.args(compiled.packages.iter().flat_map(|package| ["--package", package]));
    let tree = command::output(&mut tree)?;
    Ok(tree.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect())
}

fn metadata(workspace: &Workspace, triple: &str) -> Result<Vec<Crate>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Crate>,
    }
    let printed = command::output(Command::new(command::cargo()).current_dir(workspace.root()).args([
        "metadata",
        "--format-version=1",
        "--filter-platform",
        triple,
    ]))?;
    let metadata: Metadata = serde_json::from_str(&printed).context("cargo metadata did not print what it should")?;
    Ok(metadata.packages)
}

/// Returns the licences that `deny.toml` accepts. Apache-2.0 comes first, because its text has its own file.
fn accepted(deny: &Path) -> Result<Vec<Licensee>> {
    #[derive(Deserialize)]
    struct Deny {
        licenses: Licences,
    }
    #[derive(Deserialize)]
    struct Licences {
        allow: Vec<String>,
        exceptions: Vec<Exception>,
    }
    #[derive(Deserialize)]
    struct Exception {
        allow: Vec<String>,
    }
    let text = fs::read_to_string(deny).with_context(|| format!("cannot read {}", deny.display()))?;
    let Deny { licenses: Licences { mut allow, exceptions } } =
        toml::from_str(&text).with_context(|| format!("{} is not as expected", deny.display()))?;
    allow.sort_by_key(|name| name != "Apache-2.0");
    let names = allow.into_iter().chain(exceptions.into_iter().flat_map(|exception| exception.allow));
    names.map(|name| Licensee::parse(&name).with_context(|| format!("{}: {name}", deny.display()))).collect()
}

/// Returns the licence texts that a crate's expression requires, for a crate that includes none.
fn standard_texts(licence: &str, accepted: &[Licensee]) -> Result<String> {
    let expression = Expression::parse_mode(licence, ParseMode::LAX).map_err(|error| anyhow!("{error}"))?;
    let needed = expression.minimized_requirements(accepted).with_context(|| format!("deny.toml does not allow {licence}"))?;
    let text = |requirement: &LicenseReq| {
        let id = requirement.license.id().with_context(|| format!("{requirement} is not a licence of SPDX"))?;
        anyhow::ensure!(requirement.addition.is_none(), "{requirement} is more than a licence");
        Ok(if id.name == "Apache-2.0" { APACHE.to_owned() } else { id.text().to_owned() })
    };
    Ok(needed.iter().map(text).collect::<Result<Vec<_>>>()?.join("\n"))
}

/// Returns all licence texts in a crate's folder, or only the MIT text if that is one of its licences.
fn licence_texts(folder: &Path, licence: &str) -> Result<String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_file() && ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"].iter().any(|word| name.starts_with(word))
        {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            texts.insert(name, String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
        }
    }
    let mit = texts.iter().find(|(name, _)| licence.contains("MIT") && name.contains("MIT"));
    Ok(match mit {
        Some((_, text)) => text.clone(),
        None => texts.into_values().collect::<Vec<_>>().join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::load;

    #[test]
    fn every_model_is_credited_with_a_licence_whose_text_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let all = load(&root.join("models")).unwrap();
        let text = models(&all, &root.join("www/package/licences"), "files below models/");
        for model in &all {
            assert!(text.contains(model.card.author.as_deref().unwrap()) && text.contains(model.file_name()), "{text}");
        }
        assert!(!text.contains("unknown"), "author and licence of a model that is passed on are known: {text}");
        assert!(!text.contains("not here"), "the licence of a model asks for its text, which is missing: {text}");
    }

    /// The GPU crates were once left out.
    #[test]
    fn every_crate_in_the_modules_is_credited_with_the_text_of_its_licence() {
        let workspace = Workspace::find().unwrap();
        let compiled_in = compiled_in(&workspace, &Compiled::modules()).unwrap();
        let text = crates(&workspace, &Compiled::modules()).unwrap();
        for known in ["burn-flex", "js-sys", "rayon", "wasm-bindgen", "wgpu"] {
            assert!(compiled_in.iter().any(|one| one.name == known), "{known}");
        }
        for one in &compiled_in {
            assert!(text.contains(&format!("\n{} {} (", one.name, one.version)), "{}", one.name);
        }
        for development in ["\nproptest ", "\ninsta ", "\nsyn ", "\nserfiq"] {
            assert!(!text.contains(development), "{development}is not in the modules");
        }
    }

    #[test]
    fn a_licence_without_a_text_in_the_crate_has_the_standard_one() {
        let accepted = ["Apache-2.0", "MIT", "MPL-2.0"].map(|name| Licensee::parse(name).unwrap());
        assert_eq!(standard_texts("MIT/Apache-2.0", &accepted).unwrap(), APACHE);
        assert!(standard_texts("MIT", &accepted).unwrap().contains("THE SOFTWARE IS PROVIDED \"AS IS\""));
        assert!(standard_texts("MPL-2.0", &accepted).unwrap().starts_with("Mozilla Public License Version 2.0"));
        let both = standard_texts("MIT AND MPL-2.0", &accepted).unwrap();
        assert!(both.contains("Mozilla") && both.contains("AS IS"));
        for wrong in ["GPL-3.0-only", "a licence of its own", ""] {
            assert!(standard_texts(wrong, &accepted).is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_two_licences_the_shorter_text_is_given() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("LICENSE-MIT"), "MIT\r\nCopyright").unwrap();
        fs::write(folder.path().join("LICENSE-APACHE"), "Apache").unwrap();
        assert_eq!(licence_texts(folder.path(), "MIT OR Apache-2.0").unwrap(), "MIT\nCopyright");
        assert_eq!(licence_texts(folder.path(), "Apache-2.0").unwrap(), "Apache\nMIT\nCopyright");
    }
}
