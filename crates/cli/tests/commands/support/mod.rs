//! What the tests of several commands share.
pub mod process;
pub mod report;
