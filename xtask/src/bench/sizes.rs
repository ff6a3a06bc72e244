//! Bytes to download before the first score.
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use super::{Folders, graphs};
use crate::{models, step::Step, web_build::NPM_PACKAGE, workspace::Workspace};

/// Bytes uncompressed, and as sent by a compressing server (gzip, level 9).
#[derive(Default, Clone, Copy, Serialize)]
pub struct Bytes {
    pub raw: u64,
    pub gzipped: u64,
}

impl std::ops::Add for Bytes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzipped: self.gzipped + other.gzipped }
    }
}

/// What an engine needs.
#[derive(Serialize)]
pub struct Download {
    pub wasm: Bytes,
    pub javascript: Bytes,
    pub models: Bytes,
}

impl Download {
    pub fn total(&self) -> Bytes {
        self.wasm + self.javascript + self.models
    }

    fn of(wasm: &[PathBuf], javascript: &[PathBuf], models: &[PathBuf]) -> Result<Self> {
        let sum = |paths: &[PathBuf]| paths.iter().try_fold(Bytes::default(), |sum, path| anyhow::Ok(sum + bytes_of(path)?));
        Ok(Self { wasm: sum(wasm)?, javascript: sum(javascript)?, models: sum(models)? })
    }
}

/// Both sides, for the CPU alone and for WebGPU.
#[derive(Serialize)]
pub struct Sizes {
    pub serfiq_cpu: Download,
    pub serfiq_cpu_threads: Download,
    pub serfiq_webgpu: Download,
    pub onnxruntime_cpu: Download,
    pub onnxruntime_webgpu: Download,
}

impl Sizes {
    pub fn of(workspace: &Workspace, folders: &Folders) -> Result<Self> {
        let step = Step::start("sizes");
        let package = workspace.dist().join(NPM_PACKAGE);
        let theirs = |name: &str| vec![folders.scripts.join("node_modules/onnxruntime-web/dist").join(name)];
        let models = models::load(&workspace.model_cards())?;
        let models: Vec<_> = models.iter().map(|model| package.join("models").join(model.file_name())).collect();
        let graphs = [graphs::EMBED, graphs::DETECT_640].map(|name| folders.data.join(name));
        let ours = |module: &str| Download::of(&[package.join("pkg").join(module)], &modules(&package)?, &models);
        let sizes = Self {
            serfiq_cpu: ours("serfiq_cpu_bg.wasm")?,
            serfiq_cpu_threads: ours("serfiq_cpu_threads_bg.wasm")?,
            serfiq_webgpu: ours("serfiq_webgpu_bg.wasm")?,
            onnxruntime_cpu: Download::of(&theirs("ort-wasm-simd-threaded.wasm"), &theirs("ort.wasm.bundle.min.mjs"), &graphs)?,
            onnxruntime_webgpu: Download::of(
                &theirs("ort-wasm-simd-threaded.asyncify.wasm"),
                &theirs("ort.webgpu.bundle.min.mjs"),
                &graphs,
            )?,
        };
        step.done("weighed");
        Ok(sizes)
    }
}

/// Returns the modules that `index.js` and the worker import: all but the element's.
fn modules(package: &Path) -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for folder in ["", "worker", "pkg"].map(|name| package.join(name)) {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
            // Types only: no module imports this one.
            let of_types = path.ends_with("types.js");
            if path.extension().is_some_and(|extension| extension == "js") && !of_types {
                modules.push(path);
            }
        }
    }
    Ok(modules)
}

pub fn bytes_of(path: &Path) -> Result<Bytes> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    Ok(Bytes { raw: bytes.len() as u64, gzipped: gzip.finish()?.len() as u64 })
}
