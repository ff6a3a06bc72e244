//! One line for each thing a step does, so that a log reads like the screen.
use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// A step under way.
pub struct Step {
    name: &'static str,
    started: Instant,
}

impl Step {
    /// Starts a step; nothing is shown until it has something to say.
    pub fn start(name: &'static str) -> Self {
        Self { name, started: Instant::now() }
    }

    /// Says what the step is about to do: for whatever takes more than a moment.
    pub fn say(&self, message: impl Display) {
        eprintln!("{:<12} {message}", self.name);
    }

    /// Says that the step has done its work.
    pub fn done(self, message: impl Display) {
        let elapsed = self.started.elapsed();
        if elapsed < Duration::from_secs(1) {
            self.say(format_args!("ok, {message}"));
        } else {
            self.say(format_args!("ok, {message} ({:.1} s)", elapsed.as_secs_f64()));
        }
    }
}
