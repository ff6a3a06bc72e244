use std::io::{self, Write};

use serfiq::measure::{StandardMeasure, StandardValue, Unassessed};
use serfiq::report::FaceReport;

use super::Measured;
use crate::output::Output;
use crate::report::{self, Outcome, Record, Report, ScoreRun, shown};

/// Columns on the picture and its largest face.
const OF_PICTURE: [&str; 7] = ["width", "height", "faces", "raw", "quality", "percentile", "std_error"];
const LAST: [&str; 4] = ["unassessed", "accepted", "issues", "error"];

/// The names of the columns. Native values have OFIQ's names, qualities the same with `.scalar`.
pub fn columns(run: &ScoreRun) -> Vec<String> {
    let run = report::columns(run).into_iter().map(|(name, _)| name);
    let of_picture = ["path", "status"].into_iter().chain(run).chain(OF_PICTURE).map(str::to_owned);
    let natives = StandardMeasure::ALL.into_iter().map(|measure| measure.name().to_owned());
    let qualities = StandardMeasure::ALL.into_iter().map(|measure| format!("{}.scalar", measure.name()));
    of_picture.chain(natives).chain(qualities).chain(LAST.map(str::to_owned)).collect()
}

/// One row per picture.
pub struct Rows {
    writer: csv::Writer<Box<dyn Write>>,
    columns: usize,
}

impl Rows {
    pub fn new(run: &ScoreRun, to: Output) -> io::Result<Self> {
        let columns = columns(run);
        Ok(Self { columns: columns.len(), writer: report::csv_writer(&columns, to)? })
    }
}

impl Report<Measured, ScoreRun> for Rows {
    fn add(&mut self, Record { path, outcome }: &Record<Measured, ScoreRun>) -> io::Result<()> {
        let about = |status: &str, run: &ScoreRun| -> Vec<String> {
            let run = report::columns(run).into_iter().map(|(_, value)| value);
            [path.clone(), status.to_owned()].into_iter().chain(run).collect()
        };
        let row = match outcome {
            Outcome::Read(measured) => {
                let of = &measured.assessment;
                let run = ScoreRun { method: of.method.clone(), threshold: of.threshold };
                let mut row = about(of.status.name(), &run);
                let face = |number: fn(&FaceReport) -> Option<f64>| shown(of.faces.first().and_then(number));
                row.extend([shown(of.width), shown(of.height), of.faces.len().to_string()]);
                row.extend([face(|of| of.raw), face(|of| of.quality), face(|of| of.percentile), face(|of| of.std_error)]);
                row.extend(measured.measures().map(|(_, value)| shown(value.ok().map(|value| value.native))));
                row.extend(measured.measures().map(|(_, value)| shown(value.ok().map(|value| value.quality))));
                let why = |(measure, value): (StandardMeasure, Result<StandardValue, Unassessed>)| {
                    Some(format!("{}:{}", measure.name(), value.err()?.name()))
                };
                row.push(measured.measures().filter_map(why).collect::<Vec<_>>().join(" "));
                let issues: Vec<&str> = of.issues.iter().map(|issue| issue.name()).collect();
                row.extend([of.accepted.to_string(), issues.join(" "), String::new()]);
                row
            }
            Outcome::Unreadable(unreadable) => {
                let mut row = about(unreadable.status.name(), &unreadable.run);
                row.resize(self.columns - 1, String::new());
                row.push(unreadable.error.clone());
                row
            }
        };
        self.writer.write_record(row)?;
        self.writer.flush()
    }
}
