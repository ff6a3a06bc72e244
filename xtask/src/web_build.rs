//! The static folder `dist/`: the page's own files, the WebAssembly module with its JavaScript, the models, and licences.
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow};
use serfiq_network::verify;
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    allocator, command,
    credits::{self, Compiled},
    models::{self, Model},
    print, rest,
    split::Parts,
    step::Step,
    wasm_target::{self, Toolchain},
    workspace::{self, Workspace},
};

/// The profile in Cargo.toml for the browser's modules.
const PROFILE: &str = "web";

/// The options used in `generate`, so that a change regenerates the bindings: keep the two in step.
const BINDINGS: &str = "web, typescript, no names, no producers";

/// The folder of the npm package within the page.
pub const NPM_PACKAGE: &str = "serfiq";

/// The engine's builds for browsers, each a package below `crates/web/modules/`: with WebGPU, for the CPU alone, and for several CPU
/// threads.
const MODULES: [Module; 3] = [
    // First, because the page can run with it alone.
    Module { package: "serfiq-cpu", key: "cpu", has_rest: false, shares_memory: false },
    Module { package: "serfiq-cpu-threads", key: "cpuThreads", has_rest: false, shares_memory: true },
    Module { package: "serfiq-webgpu", key: "webgpu", has_rest: true, shares_memory: false },
];

/// The packages of the modules.
pub fn packages() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|module| module.package)
}

struct Module {
    package: &'static str,
    /// The key of the module in JavaScript.
    key: &'static str,
    /// Whether a part of it is fetched only when called.
    has_rest: bool,
    shares_memory: bool,
}

/// The flags for a module whose memory is shared by workers. Its maximum must be declared: 1 GiB, the value in
/// `www/package/worker/threads.js` too.
const SHARED_MEMORY: [&str; 8] = [
    "-Ctarget-feature=+atomics",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=1073741824",
    "-Clink-arg=--export=__wasm_init_tls",
    "-Clink-arg=--export=__tls_size",
    "-Clink-arg=--export=__tls_align",
    "-Clink-arg=--export=__tls_base",
];

/// Brings `dist/` up to date.
pub fn build(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    for module in &MODULES {
        make(workspace, &toolchain, module)?;
    }
    publish(workspace, &MODULES, false)
}

/// Like `build`, but returns as soon as `dist/` has the module for the CPU, and compiles the others in the background.
pub fn build_in_background(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    let (first, others) = MODULES.split_at(1);
    make(workspace, &toolchain, &first[0])?;
    publish(workspace, first, true)?;
    let workspace = workspace.clone();
    thread::spawn(move || {
        let made = others.iter().try_for_each(|module| make(&workspace, &toolchain, module));
        let (modules, what) =
            if made.is_ok() { (&MODULES[..], "all modules") } else { (first, "the module for the CPU alone") };
        match made.and(publish(&workspace, modules, false)) {
            Ok(()) => print::message(format_args!("The page now has {what}")),
            Err(error) => print::message(format_args!("The page still has only {what}: {error:#}")),
        }
    });
    Ok(())
}

/// Compiles and binds a module.
fn make(workspace: &Workspace, toolchain: &Toolchain, module: &Module) -> Result<()> {
    let compiled = compile(workspace, toolchain, module)?;
    bind(module, &compiled, &module.bindings(workspace))
}

impl Module {
    /// Its name in file names.
    fn name(&self) -> String {
        self.package.replace('-', "_")
    }

    /// Where its JavaScript is written.
    fn bindings(&self, workspace: &Workspace) -> PathBuf {
        workspace.web_target().join("bindings").join(self.package)
    }
}

/// Compiles a module; cargo knows what is up to date. One module at a time, because cargo would unify their features; all in one target
/// folder, because they share build scripts and macros. Returns the folder that holds the module.
fn compile(workspace: &Workspace, toolchain: &Toolchain, module: &Module) -> Result<PathBuf> {
    let step = Step::start("wasm");
    let (&Module { package, shares_memory, .. }, target) = (module, workspace.web_target());
    let mut cargo = toolchain.cargo("rustc");
    cargo
        .current_dir(workspace.root())
        .args(["--package", package, "--profile", PROFILE, "--target-dir"])
        .arg(&target)
        // These would override the browser's flags in .cargo/config.toml.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    if shares_memory {
        // Cargo joins these with the browser's flags.
        cargo.arg("--config").arg(format!("target.{}.rustflags={SHARED_MEMORY:?}", wasm_target::TRIPLE));
    }
    step.say(format_args!("compiling {package}; the first time takes many minutes"));
    command::run(&mut cargo)?;
    step.done(format_args!("compiled {package}"));
    Ok(target.join(wasm_target::TRIPLE).join(PROFILE))
}

/// Writes the module's JavaScript, and the module without function names, unless they are up to date.
fn bind(module: &Module, compiled: &Path, package: &Path) -> Result<()> {
    let step = Step::start("bindings");
    let (name, has_rest) = (module.name(), module.has_rest);
    let module = compiled.join(format!("{name}.wasm"));
    let bytes = fs::read(&module).with_context(|| format!("cargo did not produce {}", module.display()))?;
    // By hash, not by time: clones that share a target folder overwrite a module with an older one.
    let rule = if has_rest { rest::rule() } else { String::new() };
    let (stamp, bound) = (package.with_extension("sha256"), format!("{} {BINDINGS} {rule}", verify::sha256(&bytes)));
    let written = package.join(format!("{name}_bg.wasm"));
    if written.is_file() && fs::read_to_string(&stamp).is_ok_and(|found| found == bound) {
        step.done("up to date");
        return Ok(());
    }
    allocator::check(&bytes).with_context(|| format!("{} is not fit to run", module.display()))?;
    generate(&name, bytes, has_rest, package)?;
    if has_rest {
        let whole = fs::read(&written).with_context(|| format!("wasm-bindgen did not produce {}", written.display()))?;
        let Parts { first, rest } = rest::part(&whole).with_context(|| format!("cannot divide {}", written.display()))?;
        workspace::write_if_changed(&written, &first)?;
        workspace::write_if_changed(&package.join(format!("{name}_rest.wasm")), &rest)?;
    }
    workspace::write_if_changed(&stamp, bound.as_bytes())?;
    step.done("written");
    Ok(())
}

/// Returns the module with a rest before it is divided, with function names: its name in file names, and its bytes. It must have been
/// built; intermediate files stay in `folder`.
pub fn undivided(workspace: &Workspace, folder: &Path) -> Result<(String, Vec<u8>)> {
    let name = MODULES.iter().find(|module| module.has_rest).context("no module has a rest")?.name();
    let compiled = workspace.web_target().join(wasm_target::TRIPLE).join(PROFILE).join(format!("{name}.wasm"));
    let bytes = fs::read(&compiled).with_context(|| format!("cargo did not produce {}", compiled.display()))?;
    let written = generate(&name, bytes, true, folder)?;
    let whole = fs::read(&written).with_context(|| format!("wasm-bindgen did not produce {}", written.display()))?;
    Ok((name, whole))
}

/// Writes a module's JavaScript, and the module to match; returns the latter's path.
fn generate(name: &str, module: Vec<u8>, has_names: bool, folder: &Path) -> Result<PathBuf> {
    Bindgen::new()
        .input_bytes(name, module)
        .web(true)
        .and_then(|bindgen| {
            bindgen.typescript(true).remove_name_section(!has_names).remove_producers_section(true).generate(folder)
        })
        .map_err(|error| anyhow!("wasm-bindgen cannot bind {name}: {error:#}"))?;
    Ok(folder.join(format!("{name}_bg.wasm")))
}

/// Makes `dist/` contain exactly what it should. It gets the given `modules`. Each of the others becomes an empty file, because other files
/// import it. `is_compiling` says whether the others will follow.
fn publish(workspace: &Workspace, modules: &[Module], is_compiling: bool) -> Result<()> {
    let step = Step::start("dist");
    let made = workspace.web_target().join("made");
    let mut wanted = BTreeMap::new();
    add_folder(&mut wanted, &workspace.site(), Path::new(""))?;
    let npm = Path::new(NPM_PACKAGE);
    add_folder(&mut wanted, &workspace.package(), npm)?;
    for module in &MODULES {
        if modules.iter().any(|made| made.key == module.key) {
            add_folder(&mut wanted, &module.bindings(workspace), &npm.join("pkg"))?;
        } else {
            let empty = made.join("empty.js");
            workspace::write_if_changed(&empty, b"// Left out of this build.\nexport {};\n")?;
            wanted.insert(npm.join("pkg").join(module.name()).with_extension("js"), empty);
        }
    }
    let models = models::load(&workspace.model_cards())?;
    for model in &models {
        wanted.insert(npm.join("models").join(model.file_name()), workspace.model_files().join(model.file_name()));
    }
    let assets = made.join("assets.js");
    let missing =
        MODULES.iter().map(|module| module.key).filter(|key| modules.iter().all(|module| module.key != *key)).collect();
    workspace::write_if_changed(&assets, asset_list(models.iter().map(Model::file_name), missing, is_compiling).as_bytes())?;
    wanted.insert(npm.join("assets.js"), assets);
    // Beside the files they apply to, wherever those are hosted.
    let licences = workspace.package().join("licences");
    let credits = [
        ("MODELS.txt", credits::models(&models, &licences, "files below models/")),
        ("THIRD-PARTY.txt", credits::crates(workspace, &Compiled::modules())?),
    ];
    for (name, text) in credits {
        let path = made.join(name);
        workspace::write_if_changed(&path, text.as_bytes())?;
        wanted.insert(npm.join(name), path);
    }
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        wanted.insert(npm.join(name), workspace.root().join(name));
    }
    let files = made.join("files.json");
    workspace::write_if_changed(&files, file_list(&wanted)?.as_bytes())?;
    wanted.insert("files.json".into(), files);
    let changed = mirror(&wanted, &workspace.dist())?;
    match changed {
        0 => step.done("up to date"),
        _ => step.done(format_args!("{changed} files changed in {}", workspace.dist().display())),
    }
    Ok(())
}

/// Returns the module that lists the files that no JavaScript imports: spelled out, so that bundlers find them.
fn asset_list<'a>(models: impl Iterator<Item = &'a str>, missing: Vec<&str>, is_compiling: bool) -> String {
    let models: String =
        models.map(|file| format!("    '{file}': () => new URL('./models/{file}', import.meta.url),\n")).collect();
    format!(
        "/** Written by `cargo xtask build`: the locations of the files that no module imports. */\n\
         export const assets = {{\n  \
           modules: {{\n    \
             webgpu: () => new URL('./pkg/serfiq_webgpu_bg.wasm', import.meta.url),\n    \
             webgpuRest: () => new URL('./pkg/serfiq_webgpu_rest.wasm', import.meta.url),\n    \
             cpu: () => new URL('./pkg/serfiq_cpu_bg.wasm', import.meta.url),\n    \
             cpuThreads: () => new URL('./pkg/serfiq_cpu_threads_bg.wasm', import.meta.url),\n  }},\n  \
           /** @type {{Record<string, () => URL>}} by file name */\n  \
           models: {{\n{models}  }},\n  \
           /** Modules that this build lacks. @type {{string[]}} */\n  \
           missing: {missing:?},\n  \
           /** Whether they are still being compiled, and will be added. @type {{boolean}} */\n  \
           compiling: {is_compiling},\n\
         }};\n"
    )
}

/// Returns the page's files for the service worker, by hash: all that a browser requests but the models, which the engine caches itself.
fn file_list(wanted: &BTreeMap<PathBuf, PathBuf>) -> Result<String> {
    let mut files = BTreeMap::new();
    for (name, source) in wanted {
        let extension = name.extension().and_then(OsStr::to_str).unwrap_or_default();
        let is_asked_for = !name.ends_with("offline-worker.js") && !name.starts_with(Path::new(NPM_PACKAGE).join("node"));
        if ["html", "css", "js", "svg", "wasm"].contains(&extension) && is_asked_for {
            let bytes = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
            let path: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(path.join("/"), verify::sha256(&bytes));
        }
    }
    Ok(serde_json::to_string_pretty(&files)? + "\n")
}

/// Adds all files below `folder` except documents, as paths below `prefix`.
pub fn add_folder(wanted: &mut BTreeMap<PathBuf, PathBuf>, folder: &Path, prefix: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        let name = prefix.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            add_folder(wanted, &path, &name)?;
        } else if path.extension().is_none_or(|extension| extension != "md") {
            wanted.insert(name, path);
        }
    }
    Ok(())
}

/// Copies changed files and deletes unwanted ones; returns the number of both.
pub fn mirror(wanted: &BTreeMap<PathBuf, PathBuf>, folder: &Path) -> Result<usize> {
    let mut changed = 0;
    for (name, source) in wanted {
        let bytes = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
        changed += usize::from(workspace::write_if_changed(&folder.join(name), &bytes)?);
    }
    let mut present = BTreeMap::new();
    add_folder(&mut present, folder, Path::new(""))?;
    for (name, path) in present {
        if !wanted.contains_key(&name) {
            fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()))?;
            changed += 1;
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_worker_keeps_what_a_browser_asks_for() {
        let root = tempfile::tempdir().unwrap();
        let mut wanted = BTreeMap::new();
        for name in [
            "index.html",
            "offline-worker.js",
            "serfiq/engine.js",
            "serfiq/node/engine.js",
            "serfiq/pkg/serfiq_cpu.d.ts",
            "serfiq/models/face.onnx",
        ] {
            let path = root.path().join(name);
            workspace::write_if_changed(&path, b"").unwrap();
            wanted.insert(name.into(), path);
        }
        let files: BTreeMap<String, String> = serde_json::from_str(&file_list(&wanted).unwrap()).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["index.html", "serfiq/engine.js"]);
        assert_eq!(files["index.html"], verify::sha256(b""));
    }

    #[test]
    fn a_folder_is_mirrored_without_documents() {
        let root = tempfile::tempdir().unwrap();
        let (www, dist) = (root.path().join("www"), root.path().join("dist"));
        for name in ["index.html", "README.md", "parts/part.js"] {
            workspace::write_if_changed(&www.join(name), name.as_bytes()).unwrap();
        }
        let mut wanted = BTreeMap::new();
        add_folder(&mut wanted, &www, Path::new("")).unwrap();
        assert_eq!(mirror(&wanted, &dist).unwrap(), 2);
        assert_eq!(mirror(&wanted, &dist).unwrap(), 0, "nothing has changed");
        assert_eq!(fs::read_to_string(dist.join("parts/part.js")).unwrap(), "parts/part.js");
        assert!(!dist.join("README.md").exists());
        workspace::write_if_changed(&dist.join("stale.js"), b"").unwrap();
        assert_eq!(mirror(&wanted, &dist).unwrap(), 1);
        assert!(!dist.join("stale.js").exists());
    }
}
