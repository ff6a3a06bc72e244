//! Only a file with the SHA-256 its model card names is run.
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// A file is not the requested one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file} has the wrong SHA-256: expected {expected}, found {found} ({bytes} bytes). It is another version, was changed, or \
     is incomplete; delete it and fetch it again"
)]
pub struct HashMismatch {
    /// Name of the file.
    pub file: String,
    /// SHA-256 the model card names, in hexadecimal.
    pub expected: String,
    /// SHA-256 of the bytes received, in hexadecimal.
    pub found: String,
    /// Number of bytes received.
    pub bytes: usize,
}

/// SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Checks that `bytes` have the SHA-256 `expected` (hexadecimal, either case); `file` names them in the error.
pub fn check_sha256(file: &str, bytes: &[u8], expected: &str) -> Result<(), HashMismatch> {
    let found = sha256(bytes);
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(HashMismatch { file: file.into(), expected: expected.into(), found, bytes: bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_the_standard_says() {
        // FIPS 180-4, example "abc".
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_wrong_hash_names_file_expected_and_found() {
        let error = check_sha256("face.onnx", b"abc", &"0".repeat(64)).unwrap_err().to_string();
        assert!(error.contains("face.onnx") && error.contains(&"0".repeat(64)) && error.contains("ba7816bf"), "{error}");
    }
}
