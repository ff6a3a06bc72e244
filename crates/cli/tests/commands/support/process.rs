//! The command line as a process.
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
