use std::fs;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serfiq::frame::Frame;

use crate::error::Failure;

/// A picture that Python hands over. Read on the thread that scores it.
pub enum Picture {
    /// A file.
    Path(PathBuf),
    /// A JPEG, PNG or WebP.
    File(Vec<u8>),
    /// Interleaved RGB, `[height, width, 3]`.
    Pixels {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// All of them.
        rgb: Vec<u8>,
    },
    /// What Python could not read, and why.
    Unreadable(String),
}

impl Picture {
    /// Returns its pixels.
    pub fn frame(self) -> Result<Frame, Failure> {
        Ok(match self {
            Self::Path(path) => {
                let bytes = fs::read(&path).map_err(|error| {
                    Failure::Picture(format!("the file cannot be read ({error}); check its name and its permissions"))
                })?;
                Frame::decode(&bytes)?
            }
            Self::File(bytes) => Frame::decode(&bytes)?,
            Self::Pixels { width, height, rgb } => Frame::from_rgb(width, height, rgb)?,
            Self::Unreadable(why) => return Err(Failure::Picture(why)),
        })
    }
}

/// The four kinds, as `serfiq._picture` makes them: `("path", str)`, `("file", bytes)`, `("pixels", width, height, bytes)`,
/// `("unreadable", str)`.
impl FromPyObject<'_, '_> for Picture {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let field = |index: usize| object.get_item(index);
        let bytes = |index: usize| Ok::<_, PyErr>(field(index)?.cast::<PyBytes>()?.as_bytes().to_vec());
        Ok(match field(0)?.extract::<String>()?.as_str() {
            "path" => Self::Path(field(1)?.extract()?),
            "file" => Self::File(bytes(1)?),
            "pixels" => Self::Pixels { width: field(1)?.extract()?, height: field(2)?.extract()?, rgb: bytes(3)? },
            _ => Self::Unreadable(field(1)?.extract()?),
        })
    }
}
