use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use walkdir::{DirEntry, WalkDir};

/// Extensions of pictures inside a folder. Most belong to JPEG.
const EXTENSIONS: [&str; 9] = ["jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "pjp", "png", "webp"];

/// Extensions of picture formats that cannot be read: those of phones, editors and scanners, and cameras' raw formats.
const NOT_READ: [&str; 58] = [
    "heic", "heif", "hif", "avif", "avifs", "tif", "tiff", "bmp", "dib", "gif", "apng", "jxl", "jp2", "j2k", "jpf", "jpx",
    "jxr", "psd", "psb", "xcf", "tga", "pcx", "ppm", "pgm", "pbm", "pnm", "pam", "exr", "hdr", "qoi", "ico", "svg", "dng",
    "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf", "srw", "orf", "raf", "rw2", "rwl", "raw", "pef", "x3f", "3fr",
    "fff", "iiq", "erf", "mrw", "mos", "dcr", "kdc", "gpr",
];

/// Maximum size of a picture on standard input, in bytes: a larger length means a malformed stream.
const MAX_BYTES: u32 = 256 << 20;

/// A picture to read, or a path that could not be read.
#[derive(Debug)]
pub struct Input {
    /// Name in the report.
    pub name: String,
    pub source: Source,
}

/// Where a picture's bytes come from.
#[derive(Debug)]
pub enum Source {
    File(PathBuf),
    Bytes(Vec<u8>),
    Nothing(io::Error),
}

/// Why standard input could not be read to the end.
#[derive(Debug, thiserror::Error)]
pub enum StdinError {
    #[error("standard input cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("standard input is a list in UTF-16; expected one in UTF-8, with a path in each line: save it as UTF-8")]
    Utf16,
    #[error(
        "standard input ends within picture {picture}: expected {expected} bytes, got {found}; send each picture as its length \
         (four bytes, big-endian), then that many bytes"
    )]
    Ends { picture: u64, expected: u32, found: usize },
    #[error(
        "picture {picture} on standard input has a length of {length} bytes, expected at most {MAX_BYTES}; send each picture as \
         its length (four bytes, big-endian), then that many bytes"
    )]
    Length { picture: u64, length: u32 },
}

impl Source {
    /// Returns the bytes of the picture's file.
    pub fn read(self) -> io::Result<Vec<u8>> {
        match self {
            Self::File(path) => fs::read(path),
            Self::Bytes(bytes) => Ok(bytes),
            Self::Nothing(problem) => Err(problem),
        }
    }
}

impl Input {
    pub fn file(path: PathBuf) -> Self {
        Self { name: path.to_string_lossy().into_owned(), source: Source::File(path) }
    }
}

/// Files in folders that look like pictures but have an unsupported format, counted by extension. Clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct LeftOut(Arc<Mutex<BTreeMap<&'static str, usize>>>);

impl LeftOut {
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn add(&self, extension: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(extension).or_default() += 1;
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let of_each = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list: Vec<String> = of_each.iter().map(|(extension, count)| format!("{count} {extension}")).collect();
        let count: usize = of_each.values().sum();
        let (files, are) = if count == 1 { ("file", "is") } else { ("files", "are") };
        write!(
            f,
            "{count} {files} in the folders ({}) {are} left out, because only JPEG, PNG and WebP are read; convert them to one of \
             these",
            list.join(", ")
        )
    }
}

/// Finds the pictures in `paths`, lazily and in order. A file is taken whatever its name. A folder is searched recursively,
/// sorted by name, so that two runs print the same. Pictures in an unsupported format are counted in `left_out`. Hidden files
/// and folders are skipped, such as those that a Mac puts beside its files (`._x.jpg`).
pub fn find(paths: Vec<PathBuf>, left_out: &LeftOut) -> impl Iterator<Item = Input> + Send + use<> {
    let left_out = left_out.clone();
    paths.into_iter().flat_map(move |path| {
        let folder = path.is_dir().then(|| in_folder(path.clone(), left_out.clone()));
        let file = folder.is_none().then(|| Input::file(path));
        folder.into_iter().flatten().chain(file)
    })
}

fn in_folder(folder: PathBuf, left_out: LeftOut) -> impl Iterator<Item = Input> + Send {
    let entries = WalkDir::new(&folder).follow_links(true).sort_by_file_name().into_iter();
    entries.filter_entry(|entry| !is_hidden(entry)).filter_map(move |entry| match entry {
        Ok(entry) if !entry.file_type().is_file() => None,
        Ok(entry) if extension_in(&EXTENSIONS, entry.path()).is_some() => Some(Input::file(entry.into_path())),
        Ok(entry) => {
            if let Some(extension) = extension_in(&NOT_READ, entry.path()) {
                left_out.add(extension);
            }
            None
        }
        Err(error) if error.path().is_some_and(|path| is_passed_over(path, &folder, &error)) => None,
        Err(error) => {
            let name = error.path().unwrap_or(&folder).to_string_lossy().into_owned();
            Some(Input { name, source: Source::Nothing(error.into()) })
        }
    })
}

/// Whether no picture is lost with this path: it is hidden, as Emacs' lock files are; or a link back to a folder around it; or a
/// link to nowhere that is not named like a picture.
fn is_passed_over(path: &Path, folder: &Path, error: &walkdir::Error) -> bool {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let is_hidden = below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
    let leads_nowhere = error.io_error().is_some_and(|error| error.kind() != io::ErrorKind::PermissionDenied);
    let is_other_link = path.is_symlink() && extension_in(&EXTENSIONS, path).is_none();
    is_hidden || error.loop_ancestor().is_some() || (is_other_link && leads_nowhere)
}

/// The folder itself was requested, whatever its name.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Returns the extension of a file if it is one of the given ones.
fn extension_in(extensions: &[&'static str], path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?;
    extensions.iter().copied().find(|known| extension.eq_ignore_ascii_case(known))
}

/// Returns the pictures whose paths are in `lines`, one per line. A leading byte order mark is ignored.
pub fn named_in(lines: impl Read + Send) -> impl Iterator<Item = Result<Input, StdinError>> + Send {
    let mut is_utf16 = false;
    BufReader::new(lines).split(b'\n').enumerate().map_while(move |(index, line)| {
        let mut line = match line {
            Ok(line) => line,
            Err(error) => return Some(Err(error.into())),
        };
        if index == 0 {
            is_utf16 = line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff");
            if is_utf16 {
                return Some(Err(StdinError::Utf16));
            }
            if line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
        }
        line.pop_if(|last| *last == b'\r');
        let input = match String::from_utf8(line) {
            Ok(path) => Input::file(path.into()),
            Err(error) => {
                let name = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let problem = io::Error::new(io::ErrorKind::InvalidData, "expected a path in UTF-8");
                Input { name, source: Source::Nothing(problem) }
            }
        };
        (!is_utf16).then_some(Ok(input))
    })
}

/// Returns the pictures in `stream`. Each is a length of four bytes, big-endian, followed by that many bytes. Pictures are
/// named by number, from 1.
pub fn sent_in(stream: impl Read + Send) -> impl Iterator<Item = Result<Input, StdinError>> + Send {
    let mut stream = BufReader::new(stream);
    let mut ended = false;
    (1_u64..).map_while(move |picture| {
        let next = if ended { None } else { next_sent(&mut stream, picture).transpose() };
        ended = !matches!(next, Some(Ok(_)));
        next
    })
}

fn next_sent(stream: &mut impl BufRead, picture: u64) -> Result<Option<Input>, StdinError> {
    let mut length = Vec::with_capacity(4);
    stream.take(4).read_to_end(&mut length)?;
    let length = match <[u8; 4]>::try_from(length.as_slice()) {
        Ok(bytes) => u32::from_be_bytes(bytes),
        Err(_) if length.is_empty() => return Ok(None),
        Err(_) => return Err(StdinError::Ends { picture, expected: 4, found: length.len() }),
    };
    if length > MAX_BYTES {
        return Err(StdinError::Length { picture, length });
    }
    // Grows with the bytes that arrive, not with the announced length.
    let mut bytes = Vec::new();
    stream.take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize {
        return Err(StdinError::Ends { picture, expected: length, found: bytes.len() });
    }
    Ok(Some(Input { name: picture.to_string(), source: Source::Bytes(bytes) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_taken_apart_by_their_lengths() {
        let stream = [&[0, 0, 0, 3][..], b"abc", &[0, 0, 0, 0], &[0, 0, 1, 0], &[7; 256]].concat();
        let pictures: Vec<_> = sent_in(stream.as_slice())
            .map(|input| input.unwrap())
            .map(|i| (i.name.clone(), i.source.read().unwrap()))
            .collect();
        assert_eq!(pictures, [("1".into(), b"abc".to_vec()), ("2".into(), vec![]), ("3".into(), vec![7; 256])]);
    }

    #[test]
    fn what_is_not_whole_is_an_error_and_the_end() {
        for (stream, words) in [
            (&[0, 0, 0, 3, 1, 2][..], "picture 1: expected 3 bytes, got 2"),
            (&[0, 0], "picture 1: expected 4 bytes, got 2"),
            (&[255, 255, 255, 255, 1], "4294967295 bytes"),
        ] {
            let all: Vec<_> = sent_in(stream).collect();
            let [Err(error)] = all.as_slice() else { panic!("one error expected: {all:?}") };
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn every_line_is_a_path() {
        let inputs: Vec<_> = named_in(&b"a b.jpg\r\n\nc\xff.png\nlast"[..]).map(|input| input.unwrap()).collect();
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["a b.jpg", "", "c\u{fffd}.png", "last"]);
        assert!(matches!(inputs[2].source, Source::Nothing(_)));
    }
}
