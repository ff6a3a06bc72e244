use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// What counts as a picture inside a folder.
const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// A picture to read, or a place that could not be looked into.
#[derive(Debug)]
pub struct Input {
    pub path: PathBuf,
    pub problem: Option<io::Error>,
}

/// The pictures that `paths` mean, in their order: a file is taken whatever its name, a folder is searched with all below
/// it, sorted by name, so that two runs print the same.
pub fn find(paths: &[PathBuf]) -> Vec<Input> {
    paths
        .iter()
        .flat_map(|path| if path.is_dir() { in_folder(path) } else { vec![Input { path: path.clone(), problem: None }] })
        .collect()
}

fn in_folder(folder: &Path) -> Vec<Input> {
    WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_map(|entry| match entry {
            Ok(entry) => (entry.file_type().is_file() && is_picture(entry.path()))
                .then(|| Input { path: entry.into_path(), problem: None }),
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                Some(Input { path, problem: Some(error.into()) })
            }
        })
        .collect()
}

fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}
