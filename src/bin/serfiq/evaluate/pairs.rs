use std::collections::HashMap;
use std::path::Path;

use crate::table::{Table, TableError};

/// The pairs to compare.
#[derive(Debug)]
pub struct Pairs {
    /// Every image once, as the file names it.
    pub images: Vec<String>,
    pub pairs: Vec<Pair>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Indices into the images.
    pub images: [usize; 2],
    pub mated: bool,
    /// `None` in every pair of a file that does not say.
    pub similarity: Option<f64>,
}

impl Pairs {
    /// Reads a CSV file with the columns `image_a`, `image_b`, `same_person` (1 or 0), and perhaps `similarity`.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let mut table = Table::open(path)?;
        let columns = [table.column(&["image_a"])?, table.column(&["image_b"])?];
        let same_person = table.column(&["same_person"])?;
        let similarity = table.optional_column("similarity");
        let (mut index_of, mut all) = (HashMap::<String, usize>::new(), Self { images: Vec::new(), pairs: Vec::new() });
        let mut lines = HashMap::new();
        while table.advance()? {
            let images = columns.map(|column| {
                *index_of.entry(table.text(column).to_owned()).or_insert_with_key(|name| {
                    all.images.push(name.clone());
                    all.images.len() - 1
                })
            });
            if images[0] == images[1] {
                return Err(table.wrong_row("an image is compared with itself".into()));
            }
            let unordered = [images[0].min(images[1]), images[0].max(images[1])];
            if let Some(line) = lines.insert(unordered, table.line()) {
                return Err(table.wrong_row(format!("the same two images as in line {line}; expected every pair once")));
            }
            let similarity = similarity.map(|column| table.number(column)).transpose()?;
            all.pairs.push(Pair { images, mated: table.yes_or_no(same_person)?, similarity });
        }
        Ok(all)
    }

    /// Whether the file itself says how alike the images of the pairs are.
    pub fn have_similarities(&self) -> bool {
        self.pairs.iter().all(|pair| pair.similarity.is_some())
    }
}
