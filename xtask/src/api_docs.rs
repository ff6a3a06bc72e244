//! `docs/api/`: the npm package's reference, generated from its declarations.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{command, npm, npm_package, step::Step, web_build, workspace, workspace::Workspace};

/// The package's import names and the declarations behind them. The names become page names.
const ENTRIES: [(&str, &str); 3] =
    [("serfiq", "./index.js"), ("serfiq-capture", "./capture/types.js"), ("serfiq-node", "./node/types.js")];

/// Element tags and the titles of their lists; the generator would make each tag a heading.
const LISTS: [(&str, &str); 4] =
    [("@fires", "Events"), ("@slot", "Slots"), ("@csspart", "Parts"), ("@cssprop", "CSS custom properties")];

const OPTIONS: [&str; 23] = [
    "--plugin",
    "typedoc-plugin-markdown",
    "--name",
    "serfiq",
    "--readme",
    "none",
    "--excludeInternal",
    "--excludePrivate",
    "--excludeExternals",
    "--disableSources",
    "--hidePageHeader",
    "--hideBreadcrumbs",
    "--outputFileStrategy",
    "modules",
    "--parametersFormat",
    "table",
    "--propertiesFormat",
    "table",
    "--typeDeclarationFormat",
    "table",
    "--logLevel",
    "Warn",
    "--treatWarningsAsErrors",
];

/// Regenerates `docs/api/`.
pub fn write(workspace: &Workspace) -> Result<()> {
    let made = generate(workspace)?;
    let step = Step::start("api docs");
    let folder = workspace.api_docs();
    let mut changed = 0;
    for (name, text) in &made {
        changed += usize::from(workspace::write_if_changed(&folder.join(name), text.as_bytes())?);
    }
    for name in pages(&folder)?.into_keys().filter(|name| !made.contains_key(name)) {
        fs::remove_file(folder.join(&name)).with_context(|| format!("cannot delete {name} in {}", folder.display()))?;
        changed += 1;
    }
    step.done(format_args!("{changed} files changed in {}", folder.display()));
    Ok(())
}

/// Checks that `docs/api/` is what `write` would produce.
pub fn check(workspace: &Workspace) -> Result<()> {
    let made = generate(workspace)?;
    let step = Step::start("api docs");
    if pages(&workspace.api_docs())? != made {
        bail!("docs/api/ is out of date: run `cargo xtask docs`, and commit what it changes");
    }
    step.done("up to date");
    Ok(())
}

/// Generates the pages by name from the package as packed.
fn generate(workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    npm::install(&workspace.browser_tests())?;
    let package = npm_package::assemble(workspace)?;
    let step = Step::start("api docs");
    let source = workspace.web_target().join("npm/api-source");
    let made = workspace.web_target().join("npm/api");
    for folder in [&source, &made] {
        if folder.is_dir() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot delete {}", folder.display()))?;
        }
    }
    let mut files = BTreeMap::new();
    web_build::add_folder(&mut files, &package, Path::new(""))?;
    for (name, path) in files.into_iter().filter(|(name, _)| name.to_string_lossy().ends_with(".d.ts")) {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // The generator would leave out error types.
        let text = text.replace("@throws {SerfiqError}", "@throws `SerfiqError`");
        workspace::write_if_changed(&source.join(name), with_properties(&with_lists(&text)).as_bytes())?;
    }
    let mut entries = Vec::new();
    for (name, module) in ENTRIES {
        let entry = source.join(name).with_extension("d.ts");
        workspace::write_if_changed(&entry, format!("export * from '{module}';\n").as_bytes())?;
        entries.push(entry);
    }
    let compiler = serde_json::json!({
        "compilerOptions": { "strict": true, "target": "es2022", "module": "esnext", "moduleResolution": "bundler",
            "lib": ["es2023", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"] },
        "files": entries,
    });
    let compiler_options = source.join("tsconfig.json");
    workspace::write_if_changed(&compiler_options, compiler.to_string().as_bytes())?;
    let mut typedoc = Command::new("node");
    typedoc.current_dir(workspace.browser_tests()).arg("node_modules/typedoc/bin/typedoc").args(OPTIONS);
    typedoc.arg("--tsconfig").arg(&compiler_options).arg("--basePath").arg(&source).arg("--out").arg(&made);
    for entry in &entries {
        typedoc.arg("--entryPoints").arg(entry);
    }
    command::output(&mut typedoc)?;
    let pages = pages(&made)?;
    step.say(format_args!("{} pages generated", pages.len()));
    Ok(pages)
}

/// Returns a folder's pages by name; none if it does not exist.
fn pages(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(pages) };
    for entry in entries {
        let path: PathBuf = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        pages.insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text);
    }
    Ok(pages)
}

/// Turns element tags into lists of their descriptions.
fn with_lists(text: &str) -> String {
    let mut lines = Vec::new();
    let mut last = "";
    for line in text.lines() {
        let Some((tag, title)) = LISTS.into_iter().find(|(tag, _)| line.trim_start().starts_with(&format!("* {tag} "))) else {
            lines.push(line.to_string());
            continue;
        };
        if tag != last {
            lines.extend([" *".to_string(), format!(" * **{title}**"), " *".to_string()]);
            last = tag;
        }
        for item in line.split(tag).skip(1) {
            let item = item.trim();
            let (name, meaning) = item.split_once(" - ").unwrap_or((item, ""));
            lines.push(format!(" * - `{name}` {meaning}").trim_end().to_string());
        }
    }
    lines.join("\n") + "\n"
}

/// Replaces accessors with properties: that is how they are used, and each becomes one table row.
fn with_properties(text: &str) -> String {
    let setters: BTreeSet<_> =
        text.lines().filter_map(|line| line.trim_start().strip_prefix("set ")?.split('(').next()).collect();
    let mut lines = Vec::new();
    for line in text.lines() {
        let declared = line.trim_start();
        let getter = declared.strip_prefix("get ").and_then(|rest| rest.split_once("(): "));
        match getter {
            Some((name, kind)) if setters.contains(name) => lines.push(format!("    {name}: {kind}")),
            Some((name, kind)) => lines.push(format!("    readonly {name}: {kind}")),
            None if declared.starts_with("set ") => {}
            None => lines.push(line.to_string()),
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_elements_become_lists() {
        let text = "/**\n * An element.\n *\n * @fires one @fires two\n * @slot idle - first\n * @slot footer - last\n */\n";
        let expected = "/**\n * An element.\n *\n *\n * **Events**\n *\n * - `one`\n * - `two`\n *\n * **Slots**\n *\n \
                        * - `idle` first\n * - `footer` last\n */\n";
        assert_eq!(with_lists(text), expected);
    }

    #[test]
    fn accessors_become_properties() {
        let text =
            "class A {\n    set b(value: number);\n    /** B. */\n    get b(): number;\n    get c(): string | null;\n}\n";
        let expected = "class A {\n    /** B. */\n    b: number;\n    readonly c: string | null;\n}\n";
        assert_eq!(with_properties(text), expected);
    }
}
