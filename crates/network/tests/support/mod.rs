//! What several tests share.
pub mod interpreter;
