use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serfiq_reports::{Attribute, Disagreement, GroupsError, Labels, MAX_GROUPS, Pair};

use super::images::Images;
use crate::table::{Table, TableError};

/// Why labels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{} has no column to group its images by: expected one beside image and subject", path.display())]
    NoAttribute { path: PathBuf },
    #[error(
        "{}: the column `{column}` has {found} different values; expected at most {MAX_GROUPS}: put the values into classes, or \
         name the other columns with --columns",
        path.display()
    )]
    TooManyGroups { path: PathBuf, column: String, found: usize },
    #[error(
        "{}: the column `{column}` has no two different values; expected two or more groups: name the other columns with \
         --columns",
        path.display()
    )]
    OneGroup { path: PathBuf, column: String },
    #[error("{}: the column `{column}` appears twice; expected distinct names", path.display())]
    SameName { path: PathBuf, column: String },
    #[error(
        "{} and {}: the pairs and the labels do not agree on whether both show the same person; expected the same in both files",
        images[0], images[1]
    )]
    OtherSubjects { images: [String; 2] },
    #[error("no pair has two images with labels in {}; expected the same image names in both files", path.display())]
    OtherImages { path: PathBuf },
}

/// Reads a CSV file with a column `image` (or `path`), optionally `subject` (or `person`), and columns to group by: those in
/// `wanted`, or all others if it is `None`.
pub fn read(path: &Path, wanted: Option<&[String]>, images: &mut Images) -> Result<Labels, LabelsError> {
    let mut table = Table::open(path)?;
    let image = table.column(&["image", "path"])?;
    let subject = table.optional_column("subject").or_else(|| table.optional_column("person"));
    let columns: Vec<usize> = match wanted {
        Some(wanted) => wanted.iter().map(|name| table.column(&[name])).collect::<Result<_, _>>()?,
        None => {
            // Programs that number the rows leave that column unnamed.
            let groups = |column: &usize| *column != image && Some(*column) != subject && !table.names()[*column].is_empty();
            (0..table.names().len()).filter(groups).collect()
        }
    };
    if columns.is_empty() {
        return Err(LabelsError::NoAttribute { path: path.into() });
    }
    let names: Vec<String> = columns.iter().map(|column| table.names()[*column].to_owned()).collect();
    if let Some((_, twice)) = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name)) {
        return Err(LabelsError::SameName { path: path.into(), column: twice.clone() });
    }
    let mut cells: Vec<Vec<String>> = columns.iter().map(|_| Vec::new()).collect();
    let (mut lines, mut subjects, mut subject_of) = (Vec::new(), HashMap::<String, usize>::new(), Vec::new());
    while table.advance()? {
        let index = images.index_of(table.filled(image, "an image")?);
        if let Some(line) = lines.get(index) {
            return Err(table.wrong_row(format!("the same image as in line {line}; expected every image once")).into());
        }
        lines.push(table.line());
        if let Some(column) = subject {
            let next = subjects.len();
            let name = table.filled(column, "who is on the image")?;
            subject_of.push(*subjects.entry(name.to_owned()).or_insert(next));
        }
        columns.iter().zip(&mut cells).for_each(|(column, cells)| cells.push(table.text(*column).to_owned()));
    }
    let attribute = |(name, cells): (String, Vec<String>)| {
        Attribute::new(name.clone(), &cells).map_err(|problem| match problem {
            GroupsError::OneGroup => LabelsError::OneGroup { path: path.into(), column: name },
            GroupsError::TooMany { found } => LabelsError::TooManyGroups { path: path.into(), column: name, found },
        })
    };
    let attributes = names.into_iter().zip(cells).map(attribute).collect::<Result<_, _>>()?;
    Ok(Labels { images: lines.len(), subject_of: subject.map(|_| subject_of), attributes })
}

/// Checks that some pairs use images labelled in `path`, and that pairs and labels agree on who is who.
pub fn agree(labels: &Labels, pairs: &[Pair], path: &Path, images: &Images) -> Result<(), LabelsError> {
    labels.agree_with(pairs).map_err(|disagreement| match disagreement {
        Disagreement::OtherImages => LabelsError::OtherImages { path: path.into() },
        Disagreement::OtherSubjects(of) => LabelsError::OtherSubjects { images: of.map(|image| images.names()[image].clone()) },
    })
}
