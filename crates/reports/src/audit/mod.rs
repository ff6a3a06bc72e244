//! Comparing groups of images.
//!
//! | module | owns |
//! |---|---|
//! | `findings` | the report's results, from the numbers of `serfiq_eval` |
//! | `columns` | the guide's checks and the standard's measures, group by group |
//! | `readings` | how much the recogniser reads of a group's worst images |
//! | `plots` | the plots |
//! | `face_map` | drawings of how much is read |
//! | `page` | the HTML page |
//! | `rows` | the CSV file |
mod columns;
mod face_map;
mod findings;
mod page;
mod plots;
mod readings;
mod rows;

pub use columns::{ColumnOfGroup, OfColumn};
pub use findings::{
    AmongLowest, ErrorRates, Estimate, Findings, FindingsError, OfAttribute, OfGroup, OfMeasure, Question, Rates, Shares,
    SubjectsFrom, Summary, findings,
};
pub use page::render;
pub use readings::MeanReading;
pub use rows::rows;
