//! The command line, as people and scripts use it.
mod audit;
mod batch;
mod calibrate;
mod damage;
mod evaluate;
mod explain;
mod measures;
mod model;
mod on_top;
mod score;
mod snapshots;
mod support;
#[cfg(target_os = "linux")]
mod unwritable;
