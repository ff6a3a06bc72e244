//! Helpers shared by several tests.
#[allow(dead_code, reason = "not every test program runs networks")]
pub mod interpreter;

/// The ONNX files in `tests/reference/operators.onnx-list`, each preceded by its length.
#[allow(dead_code, reason = "not every test program reads them")]
pub fn operator_files() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/operators.onnx-list");
    let list = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (mut left, mut files) = (list.as_slice(), Vec::new());
    while let Some((length, rest)) = left.split_first_chunk() {
        let (file, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        left = rest;
        files.push(file.to_vec());
    }
    assert!(files.len() > 1300, "{} files in {path}; expected more than 1300", files.len());
    files
}
