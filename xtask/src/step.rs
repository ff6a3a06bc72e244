//! One line for each action of a step, so that a log reads like the screen.
use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use crate::print;

/// A running step.
pub struct Step {
    name: &'static str,
    started: Instant,
}

impl Step {
    /// Starts a step; prints nothing until there is something to report.
    pub fn start(name: &'static str) -> Self {
        Self { name, started: Instant::now() }
    }

    /// Announces the step's next action, if it takes more than a moment.
    pub fn say(&self, message: impl Display) {
        print::message(format_args!("{:<12} {message}", self.name));
    }

    /// Reports that the step is done.
    pub fn done(self, message: impl Display) {
        let elapsed = self.started.elapsed();
        if elapsed < Duration::from_secs(1) {
            self.say(format_args!("ok, {message}"));
        } else {
            self.say(format_args!("ok, {message} ({:.1} s)", elapsed.as_secs_f64()));
        }
    }
}
