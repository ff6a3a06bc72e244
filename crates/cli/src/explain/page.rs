use std::io;

use serfiq_reports::About;
use serfiq_reports::explanation::{Shown, page};

use super::Explained;
use crate::output::Output;
use crate::report::{Outcome, Record, Report, ScoreRun};

/// One HTML page of all pictures, written at the end.
pub struct Page {
    about: About,
    to: Output,
    pictures: Vec<Shown>,
}

impl Page {
    pub fn new(about: About, to: Output) -> Self {
        Self { about, to, pictures: Vec::new() }
    }
}

impl Report<Explained, ScoreRun> for Page {
    fn add(&mut self, Record { path, outcome }: &Record<Explained, ScoreRun>) -> io::Result<()> {
        // Unreadable pictures are reported on standard error.
        if let Outcome::Read(Explained { assessment, drawing: Some(drawing) }) = outcome {
            self.pictures.push(Shown {
                name: path.clone(),
                assessment: assessment.clone(),
                photo: drawing.photo.clone(),
                veiled: drawing.veiled.clone(),
                size: drawing.size,
            });
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.to.write_whole(page(&self.pictures, &self.about).as_bytes())
    }
}
