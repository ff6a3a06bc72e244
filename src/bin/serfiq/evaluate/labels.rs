use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::images::Images;
use crate::table::{Table, TableError};

/// More groups than this are not told apart in a plot, and mostly not meant as groups.
const MOST_GROUPS: usize = 12;

/// What the file of labels says of its images, which are the first of the report's.
#[derive(Debug)]
pub struct Labels {
    /// How many images it names.
    pub images: usize,
    /// Who is on each of them, numbered from 0; `None` if the file does not say.
    pub subject_of: Option<Vec<usize>>,
    pub attributes: Vec<Attribute>,
}

/// A way of grouping: a column of the file.
#[derive(Debug)]
pub struct Attribute {
    pub name: String,
    /// In alphabetical order.
    pub groups: Vec<String>,
    /// Of each image; `None` where the cell is empty.
    pub group_of: Vec<Option<usize>>,
}

/// Why labels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{} has no column to group its images by: expected one beside image and subject", path.display())]
    NoAttribute { path: PathBuf },
    #[error(
        "{}: the column `{column}` has {found} different values; expected at most {MOST_GROUPS}: put the values into classes, or \
         name the other columns with --columns",
        path.display()
    )]
    TooManyGroups { path: PathBuf, column: String, found: usize },
    #[error(
        "{}: the column `{column}` has the same value in every row; expected two or more groups: name the other columns with \
         --columns",
        path.display()
    )]
    OneGroup { path: PathBuf, column: String },
}

impl Labels {
    /// Reads a CSV file with a column `image` (or `path`), perhaps `subject` (or `person`), and others, of which `wanted` names
    /// those that count; all do if it does not.
    pub fn read(path: &Path, wanted: Option<&[String]>, images: &mut Images) -> Result<Self, LabelsError> {
        let mut table = Table::open(path)?;
        let image = table.column(&["image", "path"])?;
        let subject = table.optional_column("subject").or_else(|| table.optional_column("person"));
        let columns: Vec<usize> = match wanted {
            Some(wanted) => wanted.iter().map(|name| table.column(&[name])).collect::<Result<_, _>>()?,
            None => (0..table.names().len()).filter(|column| *column != image && Some(*column) != subject).collect(),
        };
        if columns.is_empty() {
            return Err(LabelsError::NoAttribute { path: path.into() });
        }
        let mut cells: Vec<Vec<String>> = columns.iter().map(|_| Vec::new()).collect();
        let (mut lines, mut subjects, mut subject_of) = (Vec::new(), HashMap::<String, usize>::new(), Vec::new());
        while table.advance()? {
            let index = images.index_of(table.text(image));
            if let Some(line) = lines.get(index) {
                return Err(table.wrong_row(format!("the same image as in line {line}; expected every image once")).into());
            }
            lines.push(table.line());
            if let Some(column) = subject {
                if table.text(column).is_empty() {
                    return Err(table.wrong(column, "who is on the image").into());
                }
                let next = subjects.len();
                subject_of.push(*subjects.entry(table.text(column).to_owned()).or_insert(next));
            }
            columns.iter().zip(&mut cells).for_each(|(column, cells)| cells.push(table.text(*column).to_owned()));
        }
        let attribute = |(column, cells): (&usize, Vec<String>)| Attribute::new(path, &table.names()[*column], &cells);
        let attributes = columns.iter().zip(cells).map(attribute).collect::<Result<_, _>>()?;
        Ok(Self { images: lines.len(), subject_of: subject.map(|_| subject_of), attributes })
    }
}

impl Attribute {
    fn new(path: &Path, name: &str, cells: &[String]) -> Result<Self, LabelsError> {
        let groups: Vec<String> =
            cells.iter().filter(|cell| !cell.is_empty()).collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let (path, column) = (path.into(), name.to_owned());
        match groups.len() {
            0 | 1 => Err(LabelsError::OneGroup { path, column }),
            found if found > MOST_GROUPS => Err(LabelsError::TooManyGroups { path, column, found }),
            _ => {
                let group_of = cells.iter().map(|cell| groups.binary_search(cell).ok()).collect();
                Ok(Self { name: column, groups, group_of })
            }
        }
    }
}
