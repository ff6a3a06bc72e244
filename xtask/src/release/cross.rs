//! Compiling for ARM64 on Linux x86-64, and running what was compiled in QEMU.
use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::target::Target;
use crate::{apt, command, step::Step, wasm_target};

const TRIPLE: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const EMULATOR: &str = "qemu-aarch64";
const DEBIAN_PACKAGES: [&str; 3] = ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"];

/// The C library for ARM64, where Debian's packages put it.
const SYSTEM: &str = "/usr/aarch64-linux-gnu";

/// Returns whether the target can be compiled and tested here, though it is not this machine.
pub fn is_possible(target: &Target) -> bool {
    target.triple == TRIPLE && cfg!(target_os = "linux")
}

/// Finds or installs the linker and the emulator.
pub fn find_or_install() -> Result<()> {
    let step = Step::start("ARM64");
    let is_complete = || [LINKER, EMULATOR].iter().all(|program| which::which(program).is_ok()) && Path::new(SYSTEM).is_dir();
    if is_complete() {
        step.done("up to date");
        return Ok(());
    }
    let packages = DEBIAN_PACKAGES.join(" ");
    if !apt::available() {
        bail!(
            "compiling for ARM64 needs {LINKER}, {EMULATOR} and {SYSTEM}; install them (Debian: `apt-get install {packages}`)"
        );
    }
    step.say(format_args!("installing Debian's {packages}"));
    apt::install(&DEBIAN_PACKAGES)?;
    step.done("installed");
    Ok(())
}

/// Adds to `cargo build` what compiles for ARM64. Where rustup has no standard library for it, that is compiled too.
pub fn compile_for(cargo: &mut Command) -> Result<()> {
    cargo.args(["--target", TRIPLE]).env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
    let sysroot = wasm_target::sysroot()?;
    let installed = sysroot.join("lib/rustlib").join(TRIPLE);
    if installed.is_dir() || command::output(Command::new("rustup").args(["target", "add", TRIPLE])).is_ok() {
        return Ok(());
    }
    if !wasm_target::has_sources(&sysroot) {
        bail!(
            "Rust's standard library for {TRIPLE} is missing. Install it with `rustup target add {TRIPLE}`, or its sources with \
             `rustup component add rust-src`"
        );
    }
    // Building the standard library is unstable, and refused without this.
    cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_unwind");
    Ok(())
}

/// Returns a command that runs a program compiled for ARM64.
pub fn run(program: &Path) -> Result<Command> {
    let emulator = which::which(EMULATOR).with_context(|| format!("{EMULATOR} is missing: it runs programs for ARM64"))?;
    let mut run = Command::new(emulator);
    run.args(["-L", SYSTEM]).arg(program);
    Ok(run)
}
