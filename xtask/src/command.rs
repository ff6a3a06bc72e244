//! Runs other programs: output is kept for the error, or shown as it comes.
use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// Returns the cargo that runs this program, so that one toolchain builds everything native.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Cargo's arguments for all native packages, in two parts: the workspace's default members with all features, and this package. In one
/// call, this package's dependencies would enable more features of the engine's, and all of burn would be compiled again.
pub const NATIVE_PACKAGES: [&[&str]; 2] = [&[ENGINE_PACKAGES], &["--package=xtask", "--profile=xtask"]];

/// The first of them.
pub const ENGINE_PACKAGES: &str = "--features=serfiq/webgpu,serfiq-cli/webgpu";

/// Runs a program and shows its output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("{} failed ({status}); see the messages above", describe(command));
    }
    Ok(())
}

/// Runs a program quietly and returns its standard output; the error holds its output.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", describe(command)))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}):\n{}{}",
            describe(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Removes cargo's and rustup's toolchain variables, which would confuse another toolchain's cargo.
pub fn forget_toolchain(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        let of_a_toolchain = name.to_str().is_some_and(|name| {
            [
                "CARGO",
                "RUSTC",
                "RUSTDOC",
                "RUSTUP_TOOLCHAIN",
                "RUST_RECURSION_COUNT",
                "LD_LIBRARY_PATH",
                "DYLD_FALLBACK_LIBRARY_PATH",
            ]
            .contains(&name)
                || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix))
        });
        if of_a_toolchain {
            command.env_remove(name);
        }
    }
    command
}

/// Returns the command as typed in a shell.
pub fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"), "{error}");
    }

    #[test]
    fn a_failure_holds_what_the_program_said() {
        let error = output(Command::new(cargo()).arg("no-such-command")).unwrap_err().to_string();
        assert!(error.contains("cargo no-such-command failed") && error.contains("no such command"), "{error}");
    }
}
