use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::embeddings::Embeddings;
use crate::table::{Table, TableError};

/// Embeddings and their identities, at least two for each identity.
#[derive(Debug, Default)]
pub struct Examples {
    pub embeddings: Vec<Vec<f32>>,
    /// Identity of each embedding.
    pub identities: Vec<String>,
    /// Images that show no face.
    pub without_a_face: usize,
    /// Identities with a single image that shows a face.
    pub alone: usize,
}

/// Why there is nothing to train on.
#[derive(Debug, thiserror::Error)]
pub enum ExamplesError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{} has no row for the image {image:?}, which {}, line {line}, names", embeddings.display(), labels.display())]
    UnknownImage { embeddings: PathBuf, labels: PathBuf, line: u64, image: String },
    #[error(
        "{}: two or more images with a face are there of {found} identities, and a single one of {alone}; expected two identities \
         with two images each, or more",
        path.display()
    )]
    Identities { path: PathBuf, found: usize, alone: usize },
}

impl Examples {
    /// Finds the embeddings of the images in `labels`, a CSV file with the columns `image` (or `path`) and `subject` (or `person`).
    /// Images may be named as in `file`, the source of the embeddings, or relative to the folder of the labels. Identities with a
    /// single image are left out: none would be left to validate on.
    pub fn read(labels: &Path, embeddings: &Embeddings, file: &Path) -> Result<Self, ExamplesError> {
        let mut table = Table::open(labels)?;
        let (image, subject) = (table.column(&["image", "path"])?, table.column(&["subject", "person"])?);
        let root = labels.parent().unwrap_or(Path::new(""));
        let by_name: HashMap<&Path, usize> =
            embeddings.images.iter().enumerate().map(|(index, image)| (Path::new(&image.name), index)).collect();
        let mut lines = HashMap::new();
        let mut found: Vec<(&Vec<f32>, String)> = vec![];
        let mut examples = Self::default();
        while table.advance()? {
            let name = table.text(image);
            let index = by_name.get(Path::new(name)).or_else(|| by_name.get(root.join(name).as_path()));
            let index = index.ok_or_else(|| ExamplesError::UnknownImage {
                embeddings: file.into(),
                labels: labels.into(),
                line: table.line(),
                image: name.to_owned(),
            })?;
            if let Some(line) = lines.insert(index, table.line()) {
                return Err(table.wrong_row(format!("the same image as in line {line}; expected every image once")).into());
            }
            if table.text(subject).is_empty() {
                return Err(table.wrong(subject, "who is on the image").into());
            }
            match &embeddings.images[*index].embedding {
                Some(embedding) => found.push((embedding, table.text(subject).to_owned())),
                None => examples.without_a_face += 1,
            }
        }
        let mut images: HashMap<&str, usize> = HashMap::new();
        for (_, identity) in &found {
            *images.entry(identity).or_default() += 1;
        }
        examples.alone = images.values().filter(|count| **count == 1).count();
        let identities = images.len() - examples.alone;
        if identities < 2 {
            return Err(ExamplesError::Identities { path: labels.into(), found: identities, alone: examples.alone });
        }
        for (embedding, identity) in found.iter().filter(|(_, identity)| images[identity.as_str()] > 1) {
            examples.embeddings.push(embedding.to_vec());
            examples.identities.push(identity.clone());
        }
        Ok(examples)
    }
}
