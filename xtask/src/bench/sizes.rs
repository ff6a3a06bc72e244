//! Bytes to download before the first score.
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serfiq_models::card;

use super::{Folders, graphs};
use crate::{step::Step, workspace::Workspace};

/// Bytes as they are, and as a server sends them that compresses (gzip, level 9).
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

/// Both sides. Ours has the CPU and WebGPU in one module; onnxruntime-web has a module for each.
#[derive(Serialize)]
pub struct Sizes {
    pub serfiq: Download,
    pub onnxruntime_cpu: Download,
    pub onnxruntime_webgpu: Download,
}

impl Sizes {
    pub fn of(workspace: &Workspace, folders: &Folders) -> Result<Self> {
        let step = Step::start("sizes");
        let dist = |names: &[&str]| names.iter().map(|name| workspace.dist().join(name)).collect::<Vec<_>>();
        let theirs = |name: &str| vec![folders.scripts.join("node_modules/onnxruntime-web/dist").join(name)];
        let models: Vec<_> = card::load_all(&workspace.model_cards())?
            .iter()
            .map(|card| workspace.dist().join("models").join(card.file_name()))
            .collect();
        let graphs = [graphs::EMBED, graphs::DETECT_640].map(|name| folders.data.join(name));
        let sizes = Self {
            serfiq: Download::of(&dist(&["pkg/serfiq_bg.wasm"]), &dist(&["client.js", "worker.js", "pkg/serfiq.js"]), &models)?,
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

fn bytes_of(path: &Path) -> Result<Bytes> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    Ok(Bytes { raw: bytes.len() as u64, gzipped: gzip.finish()?.len() as u64 })
}
