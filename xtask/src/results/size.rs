use anyhow::Result;

use crate::{
    bench::sizes::{Bytes, bytes_of},
    workspace::Workspace,
};

/// The modules of the page, one of which is fetched: their purpose, and their files.
const MODULES: [(&str, &str); 4] = [
    ("CPU", "serfiq_cpu_bg.wasm"),
    ("CPU, several threads", "serfiq_cpu_threads_bg.wasm"),
    ("WebGPU", "serfiq_webgpu_bg.wasm"),
    ("WebGPU, the rest, which few networks need", "serfiq_webgpu_rest.wasm"),
];

pub fn of_modules(workspace: &Workspace) -> Result<Vec<(&'static str, Bytes)>> {
    let folder = workspace.dist().join("serfiq/pkg");
    MODULES.into_iter().map(|(purpose, file)| Ok((purpose, bytes_of(&folder.join(file))?))).collect()
}
