use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment};
use serfiq_reports::explanation::{parts, sentence};

use super::Explained;
use crate::output::Output;
use crate::report::{Outcome, Record, Report, ScoreRun, named, table};

/// One table per picture, printed as it arrives.
pub struct Tables {
    run: ScoreRun,
    to: Output,
    has_faces: bool,
}

impl Tables {
    pub fn new(run: ScoreRun, to: Output) -> Self {
        Self { run, to, has_faces: false }
    }
}

impl Report<Explained, ScoreRun> for Tables {
    fn add(&mut self, Record { path, outcome }: &Record<Explained, ScoreRun>) -> io::Result<()> {
        let writer = &mut self.to.writer;
        let assessment = match outcome {
            Outcome::Read(explained) => &explained.assessment,
            Outcome::Unreadable(_) => return writeln!(writer, "{path}: unreadable\n"),
        };
        let (Some(face), Some(explanation)) = (assessment.faces.first(), &assessment.explanation) else {
            return writeln!(writer, "{path}: no face\n");
        };
        self.has_faces = true;
        let score = match (face.quality, face.raw) {
            (Some(quality), _) => format!("quality {quality:.0}"),
            (None, Some(raw)) => format!("raw score {raw:.4}"),
            (None, None) => "not scored".into(),
        };
        let issues: Vec<_> = assessment.issues.iter().map(|issue| issue.name().replace('_', " ")).collect();
        let verdict = if assessment.accepted { "accepted".into() } else { issues.join(", ") };
        writeln!(writer, "{path}: {score}, {verdict}\n{}", sentence(explanation))?;
        if let Some(read) = &explanation.parts {
            let mut table = table(["Part", "Read"]);
            for (name, share) in parts(read) {
                let percent = Cell::new(format!("{:.0} %", 100.0 * share)).set_alignment(CellAlignment::Right);
                table.add_row([Cell::new(name), percent]);
            }
            let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
            writeln!(writer, "{}", lines.join("\n"))?;
        }
        writeln!(writer)?;
        writer.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.has_faces {
            let model = named(&self.run.method.model, self.run.method.model_sha256.as_deref());
            writeln!(
                self.to.writer,
                "Read: how much the recogniser finds in a part of the face, compared with what is usual there. Model {model}, method {}. \
                 With -o explained.html, a page that shows it on the pictures.",
                self.run.method.method
            )?;
        }
        self.to.writer.flush()
    }
}
