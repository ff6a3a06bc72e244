use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Extensions of pictures inside a folder.
const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Maximum size of a picture on standard input, in bytes: a larger length means a malformed stream.
const MAX_BYTES: u32 = 256 << 20;

/// A picture to read, or a path that could not be read.
#[derive(Debug)]
pub struct Input {
    /// Name in the report.
    pub name: String,
    pub source: Source,
}

/// Where a picture's bytes are.
#[derive(Debug)]
pub enum Source {
    File(PathBuf),
    Bytes(Vec<u8>),
    Nothing(io::Error),
}

/// Why standard input could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum StdinError {
    #[error("standard input cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error(
        "standard input ends within picture {picture}: expected {expected} bytes, got {found}; every picture is its length, four \
         bytes with the highest first, and then that many bytes"
    )]
    Ends { picture: u64, expected: u32, found: usize },
    #[error(
        "picture {picture} on standard input is said to have {length} bytes, expected at most {MAX_BYTES}; every picture is its \
         length, four bytes with the highest first, and then that many bytes"
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
    fn file(path: PathBuf) -> Self {
        Self { name: path.to_string_lossy().into_owned(), source: Source::File(path) }
    }
}

/// Finds the pictures in `paths`, lazily and in order. A file is taken whatever its name. A folder is searched recursively, sorted
/// by name, so that two runs print the same.
pub fn find(paths: Vec<PathBuf>) -> impl Iterator<Item = Input> + Send {
    paths.into_iter().flat_map(|path| {
        let folder = path.is_dir().then(|| in_folder(path.clone()));
        let file = folder.is_none().then(|| Input::file(path));
        folder.into_iter().flatten().chain(file)
    })
}

fn in_folder(folder: PathBuf) -> impl Iterator<Item = Input> + Send {
    WalkDir::new(&folder).follow_links(true).sort_by_file_name().into_iter().filter_map(move |entry| match entry {
        Ok(entry) => (entry.file_type().is_file() && is_picture(entry.path())).then(|| Input::file(entry.into_path())),
        Err(error) => {
            let name = error.path().unwrap_or(&folder).to_string_lossy().into_owned();
            Some(Input { name, source: Source::Nothing(error.into()) })
        }
    })
}

fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// Returns the pictures whose paths are in `lines`, one per line.
pub fn named_in(lines: impl Read + Send) -> impl Iterator<Item = Result<Input, StdinError>> + Send {
    BufReader::new(lines).split(b'\n').map(|line| {
        let mut line = line?;
        line.pop_if(|last| *last == b'\r');
        Ok(match String::from_utf8(line) {
            Ok(path) => Input::file(path.into()),
            Err(error) => {
                let name = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let problem = io::Error::new(io::ErrorKind::InvalidData, "expected a path in UTF-8");
                Input { name, source: Source::Nothing(problem) }
            }
        })
    })
}

/// Returns the pictures in `stream`, each a length of four bytes, big-endian, and then its bytes. Their names are their numbers,
/// from 1.
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
