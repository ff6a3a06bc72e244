//! Running other programs: what they print is kept for the error, or shown as it comes.
use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The cargo that runs this program, so that everything native is built by one toolchain.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Every package that runs natively, in two parts, as cargo is to be asked for them: the workspace's default members with all that
/// they can do, and this one. Together, this one's dependencies would give those of the engine more features, and all of burn would be
/// compiled once more.
pub const NATIVE_PACKAGES: [&[&str]; 2] = [&[ENGINE_PACKAGES], &["--package=xtask", "--profile=xtask"]];

/// The first of them.
pub const ENGINE_PACKAGES: &str = "--features=serfiq/webgpu,serfiq-cli/webgpu";

/// Runs a program whose output people want to see.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("{} failed ({status}); what went wrong stands above", describe(command));
    }
    Ok(())
}

/// Runs a program quietly and returns its standard output; the error holds what it said.
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

/// Takes away what cargo and rustup tell their children about the toolchain, which would confuse another toolchain's cargo.
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

/// The command as one would type it.
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
