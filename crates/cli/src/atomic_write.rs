use std::fs;
use std::io;
use std::path::Path;

/// Writes a file atomically: to a temporary file, then renamed into place.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    fs::write(&unfinished, contents).and_then(|()| fs::rename(&unfinished, path))
}
