//! The npm package `serfiq`: the folder of the same name in `dist/`, with declarations for TypeScript, a description of the element for
//! editors, and a README.
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    command,
    npm::{self, npm},
    step::Step,
    web_build::{self, NPM_PACKAGE},
    workspace::{self, Workspace},
};

/// The compiler options that derive declarations from comments.
const DECLARATIONS: [&str; 14] = [
    "--ignoreConfig",
    "--allowJs",
    "--strict",
    "--declaration",
    "--emitDeclarationOnly",
    "--newLine",
    "lf",
    "--target",
    "es2022",
    "--moduleResolution",
    "bundler",
    "--lib",
    "es2023,dom,dom.iterable,dom.asynciterable,esnext.disposable",
    "--skipLibCheck",
];

/// Types should not make a page fetch a module, so only the declarations re-export them.
const SHAPES: &str = "export type * from './types.js';\nexport type { Band } from './quality-bands.js';\n\
                      export type { PictureSource } from './pictures.js';\n";

/// The element's description, for editors and documentation tools. `package.json` names it too.
const CUSTOM_ELEMENTS: &str = "custom-elements.json";

/// The folder of the modules that run in Node.
const NODE: &str = "node";

/// Assembles the package from `dist/`, which must be up to date, and packs it; returns the archive.
pub fn pack(workspace: &Workspace) -> Result<PathBuf> {
    npm::install(&workspace.browser_tests())?;
    let folder = assemble(workspace)?;
    let step = Step::start("package");
    let archives = workspace.npm_archives();
    fs::create_dir_all(&archives).with_context(|| format!("cannot create {}", archives.display()))?;
    let printed = command::output(
        Command::new(npm()?).args(["pack", "--json", "--pack-destination"]).arg(&archives).current_dir(&folder),
    )?;
    let [packed] = <[Packed; 1]>::try_from(serde_json::from_str::<Vec<Packed>>(&printed).context("npm pack printed no JSON")?)
        .map_err(|all| anyhow::anyhow!("npm pack made {} archives, expected one", all.len()))?;
    let archive = archives.join(&packed.filename);
    step.done(format_args!(
        "{}: {} files, {:.1} MB packed, {:.1} MB unpacked",
        archive.display(),
        packed.entry_count,
        packed.size as f64 / 1e6,
        packed.unpacked_size as f64 / 1e6
    ));
    Ok(archive)
}

/// npm's description of an archive.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Packed {
    filename: String,
    size: u64,
    unpacked_size: u64,
    entry_count: u64,
}

/// Lays out the folder to be packed.
pub fn assemble(workspace: &Workspace) -> Result<PathBuf> {
    let step = Step::start("declarations");
    let (source, made) = (workspace.dist().join(NPM_PACKAGE), workspace.web_target().join("npm"));
    let declarations = made.join("declarations");
    declare(workspace, &source, &declarations)?;
    let mut wanted = BTreeMap::new();
    web_build::add_folder(&mut wanted, &source, Path::new(""))?;
    web_build::add_folder(&mut wanted, &declarations, Path::new(""))?;
    wanted.insert("README.md".into(), workspace.package().join("README.md"));
    let elements = made.join(CUSTOM_ELEMENTS);
    let described = command::output(Command::new("node").arg(workspace.root().join("xtask/src/custom_elements.mjs")))?;
    workspace::write_if_changed(&elements, described.as_bytes())?;
    wanted.insert(CUSTOM_ELEMENTS.into(), elements);
    let folder = workspace.npm_package();
    let changed = web_build::mirror(&wanted, &folder)?;
    step.done(format_args!("{changed} files changed in {}", folder.display()));
    Ok(folder)
}

/// Writes a declaration for every module below `source` that has none.
fn declare(workspace: &Workspace, source: &Path, declarations: &Path) -> Result<()> {
    if declarations.is_dir() {
        fs::remove_dir_all(declarations).with_context(|| format!("cannot delete {}", declarations.display()))?;
    }
    let mut files = BTreeMap::new();
    web_build::add_folder(&mut files, source, Path::new(""))?;
    let (node, browser): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|(_, path)| {
            path.extension().is_some_and(|extension| extension == "js") && !path.with_extension("d.ts").exists()
        })
        .partition(|(name, _)| name.starts_with(NODE));
    let tests = workspace.browser_tests();
    let tsc = |modules: Vec<(PathBuf, PathBuf)>, more: &[&OsStr]| {
        let mut tsc = Command::new("node");
        tsc.arg(tests.join("node_modules/typescript/bin/tsc")).args(DECLARATIONS).args(more);
        tsc.arg("--rootDir").arg(source).arg("--outDir").arg(declarations).args(modules.into_iter().map(|(_, path)| path));
        command::output(&mut tsc)
    };
    let types = tests.join("node_modules/@types");
    // First, because it also writes declarations of modules for the browser, but with Node's types.
    tsc(node, &["--types".as_ref(), "node".as_ref(), "--typeRoots".as_ref(), types.as_os_str()])?;
    tsc(browser, &[])?;
    let index = declarations.join("index.d.ts");
    let text = fs::read_to_string(&index).with_context(|| format!("the compiler did not write {}", index.display()))?;
    workspace::write_if_changed(&index, format!("{text}{SHAPES}").as_bytes())?;
    Ok(())
}
