//! Credits for `dist/` and the npm package, with licences: the models, and the crates compiled into the WebAssembly module.
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{command, models::Model, wasm_target, workspace::Workspace};

const RULE: &str = "\n--------------------------------------------------------------------------------\n\n";

/// The note for crates whose archives contain no licence text.
const UNWRITTEN: &str = "These come without a licence text. The text of Apache-2.0 is in LICENSE-APACHE.";

/// Returns the models' credits from their cards. Licence texts are separate files in `texts`, named after the model.
pub fn models(models: &[Model], texts: &Path) -> String {
    let mut text = "The models, which are files below models/. Their licences are not the code's.\n".to_string();
    for Model { name, card, package, .. } in models {
        let licence = card.licence.as_deref().unwrap_or("unknown");
        let _ = write!(
            text,
            "\n{name}\n  File:    models/{}\n  SHA-256: {}\n  Author:  {}\n  Licence: {licence}\n  From:    {} {} ({})\n",
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
    manifest_path: PathBuf,
}

/// Returns the crates compiled into the WebAssembly module, with their licence texts.
pub fn crates(workspace: &Workspace) -> Result<String> {
    let compiled_in = compiled_in(workspace)?;
    let mut by_text: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in metadata(workspace)? {
        let id = format!("{} v{}", one.name, one.version);
        if !compiled_in.contains(&id) || one.manifest_path.starts_with(workspace.root()) {
            continue;
        }
        let licence = one.license.as_deref().unwrap_or("a licence of its own");
        let texts = licence_texts(one.manifest_path.parent().unwrap_or(Path::new("")), licence)?;
        let mut line = format!("{} {} ({licence})", one.name, one.version);
        if texts.is_empty() {
            let _ =
                write!(line, ", by {}", if one.authors.is_empty() { "its developers".into() } else { one.authors.join(", ") });
        }
        let text = if texts.is_empty() { UNWRITTEN.to_string() } else { texts };
        by_text.entry(text).or_default().insert(line);
    }
    let mut all =
        "The WebAssembly modules in pkg/ are compiled from these crates (the one for the CPU from fewer), from Rust's standard \
                   library (MIT OR Apache-2.0), and from serfiq's own code.\n"
            .to_string();
    for (text, crates) in by_text {
        all.push_str(RULE);
        for one in crates {
            let _ = writeln!(all, "{one}");
        }
        let _ = write!(all, "\n{}\n", text.trim());
    }
    Ok(all)
}

/// Returns names with versions. Only the tree leaves out build and test dependencies.
fn compiled_in(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let tree = command::output(Command::new(command::cargo()).current_dir(workspace.root()).args([
        "tree",
        "--package=serfiq",
        "--no-default-features",
        "--target",
        wasm_target::TRIPLE,
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format={p}",
    ]))?;
    Ok(tree.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect())
}

fn metadata(workspace: &Workspace) -> Result<Vec<Crate>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Crate>,
    }
    let printed = command::output(Command::new(command::cargo()).current_dir(workspace.root()).args([
        "metadata",
        "--format-version=1",
        "--no-default-features",
        "--filter-platform",
        wasm_target::TRIPLE,
    ]))?;
    let metadata: Metadata = serde_json::from_str(&printed).context("cargo metadata did not print what it should")?;
    Ok(metadata.packages)
}

/// Returns all licence texts in a crate's folder, or the MIT text alone where that is one of its licences.
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
        let text = models(&all, &root.join("www/package/licences"));
        for model in &all {
            assert!(text.contains(model.card.author.as_deref().unwrap()) && text.contains(model.file_name()), "{text}");
        }
        assert!(!text.contains("unknown"), "author and licence of a model that is passed on are known: {text}");
        assert!(!text.contains("not here"), "the licence of a model asks for its text, which is missing: {text}");
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
