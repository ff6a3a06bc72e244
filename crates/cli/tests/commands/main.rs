//! The command line, as people and scripts use it.
mod audit;
mod batch;
mod calibrate;
mod evaluate;
mod model;
mod on_top;
mod score;
mod support;
#[cfg(target_os = "linux")]
mod unwritable;
