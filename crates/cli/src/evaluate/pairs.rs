use std::collections::HashMap;
use std::path::Path;

use serfiq_reports::Pair;

use super::images::Images;
use crate::table::{Table, TableError};

/// Reads a CSV file with the columns `image_a`, `image_b`, `same_person` (1 or 0), and optionally `similarity`, which is empty
/// where there was no face to compare.
pub fn read(path: &Path, images: &mut Images) -> Result<Vec<Pair>, TableError> {
    let mut table = Table::open(path)?;
    let columns = [table.column(&["image_a"])?, table.column(&["image_b"])?];
    let same_person = table.column(&["same_person"])?;
    let similarity = table.optional_column("similarity");
    let (mut pairs, mut lines) = (Vec::new(), HashMap::new());
    while table.advance()? {
        let [a, b] = [table.filled(columns[0], "an image")?, table.filled(columns[1], "an image")?];
        let [a, b] = [a, b].map(|name| images.index_of(name));
        if a == b {
            return Err(table.wrong_row("an image is compared with itself".into()));
        }
        if let Some(line) = lines.insert([a.min(b), a.max(b)], table.line()) {
            return Err(table.wrong_row(format!("the same two images as in line {line}; expected every pair once")));
        }
        let similarity = similarity.map(|column| table.number_or_nothing(column)).transpose()?.flatten();
        pairs.push(Pair { images: [a, b], mated: table.yes_or_no(same_person)?, similarity });
    }
    Ok(pairs)
}
