//! A toolchain that compiles for the browser: rustup's, else Debian's.
//!
//! Either needs the sources of the standard library, which is compiled too: the precompiled one does not support threads.
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{apt, command, step::Step};

/// rustc's name for the browser.
pub const TRIPLE: &str = "wasm32-unknown-unknown";

/// Debian's compiler for the browser.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-clippy", "rust-web-src"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library/std";

/// A cargo that can build for the browser.
pub enum Toolchain {
    /// The toolchain that runs this program.
    Own,
    /// Debian's.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// Returns the first toolchain found, or else installs one.
    pub fn find_or_install() -> Result<Self> {
        let step = Step::start("wasm target");
        if own_has_sources() {
            step.done("up to date");
            return Ok(Self::Own);
        }
        if let Some(linker) = debian_linker().filter(|linker| debian_is_complete(linker)) {
            step.done("Debian's packages");
            return Ok(Self::Debian { linker });
        }
        step.say("rustup component add rust-src");
        let rustup = command::output(Command::new("rustup").args(["component", "add", "rust-src"]));
        let Err(rustup_error) = rustup else {
            step.done("installed by rustup");
            return Ok(Self::Own);
        };
        if !apt::available() {
            bail!("{}", what_to_install(&format!("{rustup_error:#}")));
        }
        step.say(format_args!("rustup cannot provide one; installing Debian's {}", DEBIAN_PACKAGES.join(", ")));
        let linker = install_debian().with_context(|| what_to_install(&format!("{rustup_error:#}")))?;
        step.done("Debian's packages installed");
        Ok(Self::Debian { linker })
    }

    /// Returns `cargo SUBCOMMAND` for the browser, without further arguments.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let program: OsString = match self {
            Self::Own => command::cargo(),
            Self::Debian { .. } => DEBIAN_CARGO.into(),
        };
        let mut cargo = Command::new(program);
        if let Self::Debian { linker } = self {
            command::forget_toolchain(&mut cargo);
            cargo.env("RUSTC", DEBIAN_RUSTC);
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        // Building the standard library is unstable, and refused without this.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.args([subcommand, "--target", TRIPLE, "-Zbuild-std=std,panic_abort"]);
        cargo
    }
}

/// Returns whether the standard library's sources are installed with the compiler that runs this program.
fn own_has_sources() -> bool {
    sysroot().is_ok_and(|sysroot| has_sources(&sysroot))
}

/// Returns the folder of the compiler that runs this program.
pub fn sysroot() -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Ok(command::output(Command::new(rustc).args(["--print", "sysroot"]))?.trim().into())
}

/// Returns whether the standard library's sources are in a compiler's folder.
pub fn has_sources(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/std").is_dir()
}

fn install_debian() -> Result<PathBuf> {
    apt::install(&DEBIAN_PACKAGES)?;
    let linker = debian_linker().with_context(|| format!("{DEBIAN_RUSTC} does not run, or names no LLVM version"))?;
    if !linker.exists() {
        let name = linker.to_string_lossy();
        let version = name.rsplit('-').next().unwrap_or_default();
        apt::install(&[&format!("lld-{version}")])?;
    }
    if !debian_is_complete(&linker) {
        bail!("expected {DEBIAN_CARGO}, {DEBIAN_LIBRARY} and {} after installing; one is missing", linker.display());
    }
    Ok(linker)
}

/// Returns the linker for Debian's compiler, if that is there; the linker may not be installed.
fn debian_linker() -> Option<PathBuf> {
    let printed = command::output(command::forget_toolchain(&mut Command::new(DEBIAN_RUSTC)).arg("-vV")).ok()?;
    Some(format!("/usr/bin/wasm-ld-{}", llvm_major(&printed)?).into())
}

fn debian_is_complete(linker: &Path) -> bool {
    [Path::new(DEBIAN_CARGO), Path::new(DEBIAN_LIBRARY), linker].iter().all(|path| path.exists())
}

/// Returns the LLVM major version from the output of `rustc -vV`.
fn llvm_major(printed: &str) -> Option<u32> {
    let version = printed.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()?.parse().ok()
}

fn what_to_install(rustup_error: &str) -> String {
    format!(
        "The sources of Rust's standard library, which is compiled into the browser's module, are missing and could not be \
         installed. Install them with `rustup component add rust-src`, or on Debian, as root, with `apt-get install \
         --no-install-recommends {} lld-N`, where N is the LLVM version that `{DEBIAN_RUSTC} -vV` then names. What rustup \
         said: {rustup_error}",
        DEBIAN_PACKAGES.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_llvm_version_is_read() {
        assert_eq!(llvm_major("rustc 1.96.0\nrelease: 1.96.0\nLLVM version: 22.1.8\n"), Some(22));
        assert_eq!(llvm_major("rustc 1.96.0\n"), None);
    }

    #[test]
    fn the_standard_library_is_built_along() {
        for toolchain in [Toolchain::Own, Toolchain::Debian { linker: "/usr/bin/wasm-ld-22".into() }] {
            let cargo = toolchain.cargo("rustc");
            assert!(cargo.get_args().any(|argument| argument == "-Zbuild-std=std,panic_abort"));
            assert!(cargo.get_envs().any(|(key, value)| key == "RUSTC_BOOTSTRAP" && value.is_some()));
        }
    }

    #[test]
    fn debian_builds_with_its_own_compiler() {
        let toolchain = Toolchain::Debian { linker: "/usr/bin/wasm-ld-22".into() };
        let cargo = toolchain.cargo("rustc");
        assert_eq!(cargo.get_program(), DEBIAN_CARGO);
        let set = |name: &str| cargo.get_envs().any(|(key, value)| key == name && value.is_some());
        assert!(set("RUSTC") && set("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER"));
        assert!(!set("CARGO") && !set("RUSTUP_TOOLCHAIN"));
    }

    #[test]
    fn what_to_install_is_said() {
        let message = what_to_install("no network");
        assert!(message.contains("rustup component add rust-src") && message.contains("rustc-web"), "{message}");
    }
}
