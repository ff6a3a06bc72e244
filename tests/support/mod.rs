//! What several test programs share. Each of them uses a part. cargo runs them in the root of the checkout.
#![allow(dead_code)]

pub mod cli;
pub mod degrade;
pub mod engine;
pub mod portraits;
pub mod reference;
pub mod report;
