//! Comparing groups of images.
//!
//! | module | owns |
//! |---|---|
//! | `findings` | the report's results, from the numbers of `serfiq_eval` |
//! | `plots` | the plots |
//! | `page` | the HTML page |
//! | `rows` | the CSV file |
mod findings;
mod page;
mod plots;
mod rows;

pub use findings::{
    AmongLowest, ErrorRates, Estimate, Findings, FindingsError, OfAttribute, OfGroup, OfMeasure, Question, Rates, Shares,
    SubjectsFrom, Summary, findings,
};
pub use page::render;
pub use rows::rows;
