//! The command line as a process.
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use serfiq_test_support::in_checkout;

/// The program, which runs in the root of the checkout.
pub fn serfiq() -> Command {
    let mut serfiq = Command::new(env!("CARGO_BIN_EXE_serfiq"));
    serfiq.current_dir(in_checkout("."));
    serfiq
}

pub fn run(arguments: &[&str], paths: &[&Path]) -> Output {
    serfiq().args(arguments).args(paths).output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn json_lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An output whose reader has closed it.
pub fn closed() -> Stdio {
    io::pipe().unwrap().1.into()
}

/// An output on a full disk.
#[cfg(target_os = "linux")]
pub fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// Runs a command with unwritable outputs. Its status must be the usual `status`, except when standard output fails. `check`
/// gets the name of each case, to inspect what that run left behind.
#[cfg(target_os = "linux")]
pub fn copes_with_any_output(arguments: &[&str], status: i32, check: impl Fn(&str)) {
    for (stdout, stderr, expected, case) in [
        (closed(), Stdio::piped(), status, "standard output is closed"),
        (full(), Stdio::piped(), 2, "standard output is full"),
        (Stdio::piped(), closed(), status, "standard error is closed"),
        (Stdio::piped(), full(), status, "standard error is full"),
        (full(), full(), 2, "both are full"),
        (closed(), closed(), status, "both are closed"),
    ] {
        let child = serfiq().args(arguments).stdout(stdout).stderr(stderr).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = self::stderr(&output);
        assert_eq!(output.status.code(), Some(expected), "{case}: {arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{case}: {arguments:?}: {said}");
        let is_told = said.contains("cannot be written");
        assert_eq!(is_told, case == "standard output is full", "{case}: {arguments:?}: {said}");
        check(case);
    }
}

/// Creates an empty folder for the test.
pub fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn save(path: &Path, width: u32, height: u32, rgb: &[u8]) {
    image::save_buffer(path, rgb, width, height, image::ColorType::Rgb8).unwrap();
}
