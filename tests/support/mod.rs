//! What several test programs share. Each of them uses a part.
#![allow(dead_code)]

pub mod degrade;
pub mod engine;
pub mod portraits;
pub mod reference;
