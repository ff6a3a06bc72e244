//! What a quality threshold keeps, and what it prevents.
//!
//! | module | owns |
//! |---|---|
//! | `rows` | the numbers, and the CSV file |
//! | `page` | the HTML page and its plot |
mod page;
mod rows;

pub use page::render;
pub use rows::{OfMeasure, Row, Thresholds, ThresholdsError, csv, thresholds};
