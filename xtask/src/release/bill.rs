//! The bill of materials (CycloneDX) of the command line: every crate that it is compiled from, and the models.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{program, target::TARGETS, tools, version::VERSION};
use crate::{
    command, credits,
    models::{self, Model},
    step::Step,
    workspace::{self, Workspace},
};

/// Writes the bill; returns its path.
pub fn write(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut cargo = tools::cargo(workspace, "cyclonedx", "0.5.9")?;
    let step = Step::start("bill");
    let name = format!("serfiq-{VERSION}.cdx");
    let package = workspace.root().join("crates/cli");
    let mut git = Command::new("git");
    let time = command::output(git.args(["log", "-1", "--format=%ct"]).current_dir(workspace.root()))?;
    // The time of the commit, so that the same source has the same bill.
    cargo.env("SOURCE_DATE_EPOCH", time.trim());
    cargo.args(["-qq", "--format=json", "--spec-version=1.5", "--target", TARGETS[0].triple, "--override-filename", &name]);
    command::output(cargo.arg("--manifest-path").arg(package.join("Cargo.toml")))?;
    let text = taken(workspace, &package, &format!("{name}.json"))?;
    // Paths of this machine are not published.
    let text = text.replace(&format!("file://{}", workspace.root().display()), "file://");
    let mut bill: Value = serde_json::from_str(&text).context("cargo cyclonedx did not write JSON")?;
    let mut compiled_in = credits::names(workspace, &program::compiled(&TARGETS[0]))?;
    // The program itself is the subject of the bill, not a part of it.
    compiled_in.remove(&format!("serfiq-cli v{VERSION}"));
    keep(&mut bill, &compiled_in)?;
    add_models(&mut bill, &models::load(&workspace.model_cards())?)?;
    let path = workspace.program_archives().join(format!("{name}.json"));
    workspace::write_if_changed(&path, format!("{bill:#}\n").as_bytes())?;
    step.done(format_args!("{} crates in {}", compiled_in.len(), path.display()));
    Ok(vec![path])
}

/// Returns the text of the bill in `package`. cargo cyclonedx writes one beside every manifest of the workspace; all are deleted.
fn taken(workspace: &Workspace, package: &Path, name: &str) -> Result<String> {
    let path = package.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("cargo cyclonedx did not write {}", path.display()));
    let metadata = command::output(
        Command::new(command::cargo()).args(["metadata", "--no-deps", "--format-version=1"]).current_dir(workspace.root()),
    )?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata did not print JSON")?;
    let manifests = metadata["packages"].as_array().into_iter().flatten().filter_map(|one| one["manifest_path"].as_str());
    for bill in manifests.map(|manifest| Path::new(manifest).with_file_name(name)).filter(|bill| bill.is_file()) {
        fs::remove_file(&bill).with_context(|| format!("cannot delete {}", bill.display()))?;
    }
    text
}

/// Adds the models, which are inside the program too.
fn add_models(bill: &mut Value, models: &[Model]) -> Result<()> {
    let components = bill["components"].as_array_mut().context("the bill of materials has no list of components")?;
    for Model { name, card, package, .. } in models {
        components.push(json!({
            "type": "machine-learning-model",
            "bom-ref": format!("model:{name}"),
            "name": name,
            "author": card.author,
            "description": format!("{} of {} {}", package.file_name(), package.package, package.version),
            "hashes": [{ "alg": "SHA-256", "content": package.sha256 }],
            "licenses": [{ "expression": card.licence }],
        }));
    }
    Ok(())
}

/// Keeps the crates that are compiled in: cargo cyclonedx also lists those of other packages' features. Refuses a bill without one of them.
fn keep(bill: &mut Value, compiled_in: &BTreeSet<String>) -> Result<()> {
    let components = bill["components"].as_array_mut().context("the bill of materials has no list of components")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = |one: &Value| format!("{} v{}", text(&one["name"]), text(&one["version"]));
    components.retain(|one| compiled_in.contains(&name(one)));
    let named: BTreeSet<_> = components.iter().map(name).collect();
    let missing: Vec<_> = compiled_in.difference(&named).map(String::as_str).collect();
    ensure!(missing.is_empty(), "the bill of materials leaves out {}", missing.join(", "));

    let mut references: BTreeSet<_> = components.iter().map(|one| text(&one["bom-ref"])).collect();
    references.insert(text(&bill["metadata"]["component"]["bom-ref"]));
    let dependencies = bill["dependencies"].as_array_mut().context("the bill of materials has no list of dependencies")?;
    dependencies.retain(|one| references.contains(&text(&one["ref"])));
    for on in dependencies.iter_mut().filter_map(|one| one["dependsOn"].as_array_mut()) {
        on.retain(|reference| references.contains(&text(reference)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bill of a program on burn, which is on wgpu in another build.
    fn example() -> Value {
        json!({
            "metadata": { "component": { "bom-ref": "program" } },
            "components": [
                { "bom-ref": "burn-ref", "name": "burn", "version": "1.0.0" },
                { "bom-ref": "wgpu-ref", "name": "wgpu", "version": "2.0.0" },
            ],
            "dependencies": [
                { "ref": "program", "dependsOn": ["burn-ref"] },
                { "ref": "burn-ref", "dependsOn": ["wgpu-ref"] },
                { "ref": "wgpu-ref" },
            ],
        })
    }

    fn crates(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).into()).collect()
    }

    #[test]
    fn a_bill_names_what_is_compiled_in_and_nothing_else() {
        let mut bill = example();
        keep(&mut bill, &crates(&["burn v1.0.0"])).unwrap();
        assert_eq!(bill["components"].as_array().unwrap().len(), 1);
        assert!(!bill.to_string().contains("wgpu"), "{bill}");
        assert_eq!(bill["dependencies"][0]["dependsOn"], json!(["burn-ref"]));
    }

    #[test]
    fn a_bill_that_leaves_out_a_crate_is_refused() {
        let error = keep(&mut example(), &crates(&["burn v1.0.0", "clap v4.0.0"])).unwrap_err().to_string();
        assert!(error.contains("clap v4.0.0") && !error.contains("burn"), "{error}");
        assert!(keep(&mut json!({}), &crates(&[])).is_err());
    }

    #[test]
    fn the_models_are_in_the_bill_with_their_hashes_and_licences() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut bill = json!({ "components": [] });
        add_models(&mut bill, &models::load(&root.join("models")).unwrap()).unwrap();
        let models = bill["components"].as_array().unwrap();
        assert_eq!(models.len(), 3);
        for model in models {
            assert_eq!(model["hashes"][0]["content"].as_str().map(str::len), Some(64), "{model}");
            assert!(model["licenses"][0]["expression"].is_string() && model["author"].is_string(), "{model}");
        }
    }
}
