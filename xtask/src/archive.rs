//! Members of the two archive formats that package registries use.
use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use zip::{ZipArchive, result::ZipError};

/// Reads one member of a wheel (zip), or of a source distribution or an npm package (gzipped tar).
pub fn read_member(archive: &Path, member: &str) -> Result<Vec<u8>> {
    let file = File::open(archive).with_context(|| format!("cannot open {}", archive.display()))?;
    let found = if archive.extension().is_some_and(|extension| extension == "gz" || extension == "tgz") {
        read_from_tar(BufReader::new(file), member)
    } else {
        read_from_zip(BufReader::new(file), member)
    };
    let found = found
        .with_context(|| format!("{} is damaged or incomplete; delete it and run this command again", archive.display()))?;
    match found {
        Some(bytes) => Ok(bytes),
        None => bail!("{} has no member {member}; check the name, and the version of the archive", archive.display()),
    }
}

fn read_from_zip(file: BufReader<File>, member: &str) -> Result<Option<Vec<u8>>> {
    let mut archive = ZipArchive::new(file)?;
    let mut member = match archive.by_name(member) {
        Err(ZipError::FileNotFound) => return Ok(None),
        member => member?,
    };
    let mut bytes = Vec::new();
    member.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn read_from_tar(file: BufReader<File>, member: &str) -> Result<Option<Vec<u8>>> {
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.as_os_str() == member {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

#[cfg(test)]
pub mod tests {
    use std::{fs, io::Write};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// A zip file with one member.
    pub fn write_zip(path: &Path, member: &str, contents: &[u8]) {
        let mut zip = ZipWriter::new(File::create(path).unwrap());
        zip.start_file(member, SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
        zip.finish().unwrap();
    }

    fn write_tar_gz(path: &Path, member: &str, contents: &[u8]) {
        let gzip = flate2::write::GzEncoder::new(File::create(path).unwrap(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(gzip);
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        tar.append_data(&mut header, member, contents).unwrap();
        tar.into_inner().unwrap().finish().unwrap();
    }

    /// Incompressible contents, so that half of the archive is not all of it.
    fn noise() -> Vec<u8> {
        (0u32..50_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
    }

    fn each_kind(test: impl Fn(&Path)) {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("package.whl");
        write_zip(&wheel, "package/model.onnx", &noise());
        test(&wheel);
        for name in ["package.tar.gz", "package.tgz"] {
            let source = folder.path().join(name);
            write_tar_gz(&source, "package/model.onnx", &noise());
            test(&source);
        }
    }

    #[test]
    fn a_member_is_read_whole() {
        each_kind(|archive| assert_eq!(read_member(archive, "package/model.onnx").unwrap(), noise()));
    }

    #[test]
    fn a_missing_member_is_named_with_its_archive() {
        each_kind(|archive| {
            let error = format!("{:#}", read_member(archive, "package/other.onnx").unwrap_err());
            assert!(error.contains(archive.to_str().unwrap()) && error.contains("no member package/other.onnx"), "{error}");
        });
    }

    #[test]
    fn a_truncated_archive_is_named_with_what_to_do() {
        each_kind(|archive| {
            let whole = fs::read(archive).unwrap();
            fs::write(archive, &whole[..whole.len() / 2]).unwrap();
            let error = format!("{:#}", read_member(archive, "package/model.onnx").unwrap_err());
            assert!(error.contains(archive.to_str().unwrap()) && error.contains("run this command again"), "{error}");
        });
    }
}
