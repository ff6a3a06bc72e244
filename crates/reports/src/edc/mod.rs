//! Error versus discard.
//!
//! | module | owns |
//! |---|---|
//! | `evaluation` | the report's results, from the numbers of `serfiq_eval` |
//! | `plots` | the plots |
//! | `page` | the HTML page |
//! | `rows` | the CSV file |
mod evaluation;
mod page;
mod plots;
mod rows;

pub use evaluation::{
    Area, AtFmr, Counts, ErrorRates, Evaluation, EvaluationError, FMRS, LeftOut, OfMeasure, Point, Question, Rates, evaluate,
    rates,
};
pub use page::render;
pub use rows::rows;
