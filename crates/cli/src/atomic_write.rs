use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {source}", path.display())]
pub struct WriteError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), WriteError> {
    write_all(&[(path, contents)])
}

/// Whether the path is that of a device or a pipe, such as `/dev/stdout`, which cannot be replaced.
pub fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Opens a device or a pipe.
pub fn device(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}

/// Writes several files, each whole or not at all. All are on the disk before any is moved into place. Devices and pipes are written last,
/// as they are.
pub fn write_all(files: &[(impl AsRef<Path>, impl AsRef<[u8]>)]) -> Result<(), WriteError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| WriteError { path, source }
    };
    let (devices, files): (Vec<_>, Vec<_>) =
        files.iter().map(|(path, contents)| (path.as_ref(), contents.as_ref())).partition(|(path, _)| is_device(path));
    let mut written = Vec::with_capacity(files.len());
    for (path, contents) in files {
        written.push((path, prepared(path, contents).map_err(failed(path))?));
    }
    for (path, (file, place)) in written {
        file.persist(place).map_err(|error| failed(path)(error.error))?;
    }
    for (path, contents) in devices {
        device(path).and_then(|mut device| device.write_all(contents)).map_err(failed(path))?;
    }
    Ok(())
}

/// Writes a temporary file, which is deleted unless it is moved into place; also returns that place.
fn prepared(path: &Path, contents: &[u8]) -> io::Result<(NamedTempFile, PathBuf)> {
    // A link stays a link: its target is replaced.
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Created with the usual permissions: `tempfile` makes private files.
    let open = |path: &Path| File::options().write(true).create_new(true).open(path);
    let mut file = Builder::new().prefix(".serfiq-").make_in(folder, open)?;
    if let Ok(replaced) = fs::metadata(&place) {
        // Not every file system has permissions.
        let _ = file.as_file().set_permissions(replaced.permissions());
    }
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    Ok((file, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_left_of_files_that_cannot_all_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let [first, nowhere] = ["first", "nowhere/second"].map(|name| folder.path().join(name));
        let error = write_all(&[(&first, "1"), (&nowhere, "2")]).unwrap_err();
        assert!(error.to_string().contains("second cannot be written"), "{error}");
        assert_eq!(names(folder.path()), Vec::<String>::new());
        // A folder cannot be replaced by a file.
        fs::create_dir(&first).unwrap();
        fs::write(first.join("inside"), "").unwrap();
        assert_eq!(write(&first, "1").unwrap_err().path, first);
        assert_eq!(names(folder.path()), ["first"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_device_is_written_and_stays() {
        use std::os::unix::fs::{FileTypeExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        symlink("/dev/null", &link).unwrap();
        write_all(&[(&link, "1"), (&file, "2")]).unwrap();
        assert!(fs::metadata(&link).unwrap().file_type().is_char_device());
        assert_eq!(fs::read_to_string(&file).unwrap(), "2");
        assert_eq!(names(folder.path()), ["file", "link"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_is_as_readable_as_the_one_it_replaces_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let [file, link, new, usual] = ["file", "link", "new", "usual"].map(|name| folder.path().join(name));
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        write(&link, "after").unwrap();
        write(&new, "new").unwrap();
        fs::write(&usual, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((fs::read_to_string(&file).unwrap(), mode(&file)), ("after".into(), 0o640));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&new), mode(&usual));
    }
}
