//! The command line, as people and scripts use it.
mod audit;
mod batch;
mod calibrate;
mod evaluate;
mod head;
mod model;
mod score;
mod support;
