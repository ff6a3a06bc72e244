use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::embeddings::Embeddings;
use crate::places::{Misfit, Wanted};
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
    /// Unreadable images, and why.
    pub unreadable: Vec<String>,
}

/// Why there is nothing to train on.
#[derive(Debug, thiserror::Error)]
pub enum ExamplesError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(
        "{} has no row for the image {image:?}, which {}, line {line}, names: {looked_for}",
        embeddings.display(), labels.display()
    )]
    UnknownImage { embeddings: PathBuf, labels: PathBuf, line: u64, image: String, looked_for: String },
    #[error("{}: {} and {} are the same image; expected every image once", path.display(), images[0], images[1])]
    Twice { path: PathBuf, images: [String; 2] },
    #[error(
        "{}: {found} identities have two or more images with a face, and {alone} have a single one; expected two or more \
         identities with two or more images each",
        path.display()
    )]
    Identities { path: PathBuf, found: usize, alone: usize },
}

impl Examples {
    /// Finds the embeddings of the images in `labels`, a CSV file with the columns `image` (or `path`) and `subject` (or
    /// `person`). Images may be named as in `file`, the source of the embeddings, or relative to the folder of the labels.
    /// Identities with a single image are left out, because none would remain for validation.
    pub fn read(labels: &Path, embeddings: &Embeddings, file: &Path) -> Result<Self, ExamplesError> {
        let mut table = Table::open(labels)?;
        let (image, subject) = (table.column(&["image", "path"])?, table.column(&["subject", "person"])?);
        let (mut names, mut lines, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
        while table.advance()? {
            names.push(table.text(image).to_owned());
            lines.push(table.line());
            subjects.push(table.filled(subject, "who is on the image")?.to_owned());
        }
        let rows: Vec<&str> = embeddings.images.iter().map(|image| image.name.as_str()).collect();
        let wanted = Wanted { names: &names, folder: labels.parent().unwrap_or(Path::new("")) };
        let indices = wanted.among(&rows, file).map_err(|misfit| match misfit {
            Misfit::Unknown { wanted, looked_for } => ExamplesError::UnknownImage {
                embeddings: file.into(),
                labels: labels.into(),
                line: lines[wanted],
                image: names[wanted].clone(),
                looked_for,
            },
            Misfit::Twice(twice) => ExamplesError::Twice { path: file.into(), images: twice.map(|row| rows[row].to_owned()) },
        })?;
        let mut found: Vec<(&Vec<f32>, String)> = vec![];
        let mut examples = Self::default();
        let mut line_of = HashMap::new();
        for ((index, line), subject) in indices.into_iter().zip(lines).zip(subjects) {
            if let Some(first) = line_of.insert(index, line) {
                let problem = format!("the same image as in line {first}; expected every image once");
                return Err(TableError::Row { path: labels.into(), line, problem }.into());
            }
            let image = &embeddings.images[index];
            match &image.embedding {
                Ok(Some(embedding)) => found.push((embedding, subject)),
                Ok(None) => examples.without_a_face += 1,
                Err(error) => examples.unreadable.push(format!("{}: {error}", image.name)),
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
