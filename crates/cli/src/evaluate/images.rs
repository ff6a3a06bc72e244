use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::inputs::Input;
use crate::places::Places;

/// The distinct images of a report, in the order of their first mention in its files. Two spellings of a path are one image.
#[derive(Debug, Default)]
pub struct Images {
    folder: PathBuf,
    names: Vec<String>,
    places: Places,
    index_of: HashMap<PathBuf, usize>,
}

impl Images {
    /// Images are named relative to `folder`, or else to that of the `file` that names them.
    pub fn named_in(file: &Path, folder: Option<&Path>) -> Self {
        let folder = folder.or_else(|| file.parent()).unwrap_or(Path::new("")).to_owned();
        Self { folder, ..Self::default() }
    }

    /// Returns the index of an image; a new one is appended.
    pub fn index_of(&mut self, name: &str) -> usize {
        let next = self.names.len();
        let index = *self.index_of.entry(self.places.of(&self.folder.join(name))).or_insert(next);
        if index == next {
            self.names.push(name.to_owned());
        }
        index
    }

    /// As first mentioned.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder's name for people.
    pub fn folder_name(&self) -> String {
        if self.folder.as_os_str().is_empty() { "this one".into() } else { self.folder.display().to_string() }
    }

    /// Returns the images' files.
    pub fn files(&self) -> Vec<Input> {
        self.names.iter().map(|name| Input::file(self.folder.join(name))).collect()
    }
}
