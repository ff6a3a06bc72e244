//! Helpers shared by the tests of several commands.
pub mod process;
pub mod report;
