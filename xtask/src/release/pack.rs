//! Packing and unpacking the archives of the command line.
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::target::Target;

/// Returns the archive of some files: their paths in the target's folder, and where they are. Same files, same bytes.
pub fn pack(target: &Target, files: &BTreeMap<PathBuf, PathBuf>) -> Result<Vec<u8>> {
    let mut contents = Vec::new();
    for (name, path) in files {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mode = if name == Path::new(target.program()) { 0o755 } else { 0o644 };
        let name = Path::new(&target.folder()).join(name).to_string_lossy().replace('\\', "/");
        contents.push((name, mode, bytes));
    }
    if target.is_zipped() { zip(&contents) } else { tar(&contents) }
}

type Contents = [(String, u32, Vec<u8>)];

fn tar(contents: &Contents) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (name, mode, bytes) in contents {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        header.set_mtime(0);
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn zip(contents: &Contents) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, bytes) in contents {
        archive.start_file(name, SimpleFileOptions::default().unix_permissions(*mode))?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Unpacks an archive below a folder.
pub fn unpack(target: &Target, archive: &Path, folder: &Path) -> Result<()> {
    let file = File::open(archive).with_context(|| format!("cannot open {}", archive.display()))?;
    let unpacked = match target.is_zipped() {
        true => ZipArchive::new(file).and_then(|mut archive| archive.extract(folder)).map_err(anyhow::Error::from),
        false => tar::Archive::new(GzDecoder::new(file)).unpack(folder).map_err(anyhow::Error::from),
    };
    unpacked.with_context(|| format!("cannot unpack {}", archive.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::target::TARGETS;

    #[test]
    fn an_archive_has_one_folder_and_is_the_same_each_time() {
        for target in &TARGETS {
            let source = tempfile::tempdir().unwrap();
            let path = source.path().join("file");
            fs::write(&path, "contents").unwrap();
            let files = BTreeMap::from([(target.program().into(), path.clone()), ("man/serfiq.1".into(), path)]);
            let bytes = pack(target, &files).unwrap();
            assert_eq!(pack(target, &files).unwrap(), bytes, "{}", target.triple);
            let (archive, unpacked) = (source.path().join("archive"), source.path().join("unpacked"));
            fs::write(&archive, &bytes).unwrap();
            unpack(target, &archive, &unpacked).unwrap();
            let folder = unpacked.join(target.folder());
            assert_eq!(fs::read_dir(&unpacked).unwrap().count(), 1, "{}", target.triple);
            assert_eq!(fs::read_to_string(folder.join("man/serfiq.1")).unwrap(), "contents");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = |name| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o111;
                assert_eq!((mode(target.program()), mode("man/serfiq.1")), (0o111, 0), "{}", target.triple);
            }
        }
    }

    #[test]
    fn a_damaged_archive_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("serfiq.tar.gz");
        fs::write(&archive, "no archive").unwrap();
        for target in &TARGETS {
            let error = unpack(target, &archive, folder.path()).unwrap_err().to_string();
            assert!(error.contains("serfiq.tar.gz"), "{error}");
        }
    }
}
