use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Table};

use super::Measured;
use crate::output::Output;
use crate::report::{Outcome, Record, Report, ScoreRun, named, table};

/// Marks measures that follow the standard's definition only approximately.
const APPROXIMATE: &str = "≈";

/// One table per picture, printed as it arrives.
pub struct Tables {
    run: ScoreRun,
    to: Output,
    has_measures: bool,
}

impl Tables {
    pub fn new(run: ScoreRun, to: Output) -> Self {
        Self { run, to, has_measures: false }
    }
}

impl Report<Measured, ScoreRun> for Tables {
    fn add(&mut self, Record { path, outcome }: &Record<Measured, ScoreRun>) -> io::Result<()> {
        let writer = &mut self.to.writer;
        let measured = match outcome {
            Outcome::Read(measured) if !measured.assessment.faces.is_empty() => measured,
            Outcome::Read(_) => return writeln!(writer, "{path}: no face\n"),
            Outcome::Unreadable(_) => return writeln!(writer, "{path}: unreadable\n"),
        };
        self.has_measures = true;
        let number = |text: Option<String>| Cell::new(text.unwrap_or_default()).set_alignment(CellAlignment::Right);
        let mut table = table(["Measure", "Value", "Quality", ""]);
        let Some(face) = measured.assessment.faces.first() else { return Ok(()) };
        let quality = face.quality.map(|quality| format!("{quality:.0}"));
        table.add_row([Cell::new("SER-FIQ"), number(face.raw.map(native)), number(quality), Cell::new("")]);
        if let Some(measures) = measured.assessment.measures {
            let sharpness = number(Some(native(measures.sharpness.into())));
            table.add_row([Cell::new("Sharpness (serfiq's)"), sharpness, Cell::new(""), Cell::new("")]);
        }
        for (measure, value) in measured.measures() {
            let [value, quality, remark] = match value {
                Ok(value) => {
                    let approximate = measure.is_approximate().then(|| APPROXIMATE.to_owned());
                    [Some(native(value.native)), Some(value.quality.to_string()), approximate]
                }
                Err(why) => [None, None, Some(format!("not assessed: {}", why.name().replace('_', " ")))],
            };
            table.add_row([Cell::new(measure.name()), number(value), number(quality), Cell::new(remark.unwrap_or_default())]);
        }
        let faces = measured.assessment.faces.len();
        let others = if faces > 1 { format!(", the largest of {faces} faces") } else { String::new() };
        writeln!(writer, "{path}{others}\n{}\n", shown(&table))?;
        writer.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.has_measures {
            let model = named(&self.run.method.model, self.run.method.model_sha256.as_deref());
            writeln!(
                self.to.writer,
                "Measures of ISO/IEC 29794-5 by the names of OFIQ, from 468 landmarks (OFIQ has 98). Quality is 0 to 100; 100 is best. \
                 {APPROXIMATE} follows the standard only approximately. SER-FIQ: model {model}, method {}.",
                self.run.method.method
            )?;
        }
        self.to.writer.flush()
    }
}

fn shown(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Four significant digits or so.
fn native(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:.3}") } else { format!("{value:.1}") }
}
