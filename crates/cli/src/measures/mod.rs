//! `serfiq measures`: the measures of ISO/IEC 29794-5 of each picture.
//!
//! | module | owns |
//! |---|---|
//! | `table` | tables for people |
//! | `rows` | CSV: one row per picture |
//! | `ofiq` | the file that OFIQ, the standard's reference implementation, writes |
mod ofiq;
mod rows;
mod table;

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use pollster::block_on;
use serde::Serialize;
use serfiq::frame::Frame;
use serfiq::guide::Settings;
use serfiq::measure::{StandardMeasure, StandardValue, Unassessed};
use serfiq::score::Method;
use serfiq::{Assessment, Engine, Quality};

use crate::args::{MeasuresArgs, MeasuresFormat};
use crate::batch::{Batch, BatchError};
use crate::output::{Output, Records};
use crate::picture::PictureError;
use crate::report::{JsonLines, Report, ScoreRun};

/// One picture's record.
#[derive(Debug, Serialize)]
pub struct Measured {
    #[serde(flatten)]
    assessment: Assessment,
    /// Not in records, so that two runs give the same.
    #[serde(skip)]
    took: Duration,
}

impl Measured {
    /// All measures, in OFIQ's order.
    fn measures(&self) -> impl Iterator<Item = (StandardMeasure, Result<StandardValue, Unassessed>)> + '_ {
        self.assessment.standard_measures.iter().flat_map(|measures| measures.iter())
    }
}

/// Scores and measures pictures.
pub fn run(args: &MeasuresArgs, engine: &Engine, method: &Method) -> Result<ExitCode, BatchError> {
    let info = engine.info();
    let settings = Settings::of_photo();
    let threshold = settings.clone().for_scores(method.is_calibrated(&info)).score.map(|threshold| threshold.limit());
    let run = ScoreRun { method: method.report(&info), threshold };
    let records = match args.format {
        MeasuresFormat::Table | MeasuresFormat::Ofiq => None,
        MeasuresFormat::Jsonl => Some(Records::Jsonl),
        MeasuresFormat::Csv => Some(Records::Csv { columns: rows::columns(&run) }),
    };
    let batch = Batch { output: &args.output, records: records.as_ref(), threads: args.engine.model.threads(info.backend) };
    batch.pictures(
        &args.pictures,
        run.clone(),
        |to| report(args.format, &run, to),
        |bytes| {
            let start = Instant::now();
            let assessment = measure(engine, bytes, method, &settings)?;
            Ok(Measured { assessment, took: start.elapsed() })
        },
    )
}

/// Scores, judges and measures a picture.
pub fn measure(engine: &Engine, bytes: &[u8], method: &Method, settings: &Settings) -> Result<Assessment, PictureError> {
    let frame = Frame::decode(bytes)?;
    Ok(block_on(engine.assess(&frame, method, settings))?.with_standard_measures(&frame))
}

fn report(format: MeasuresFormat, run: &ScoreRun, to: Output) -> io::Result<Box<dyn Report<Measured, ScoreRun>>> {
    Ok(match format {
        MeasuresFormat::Table => Box::new(table::Tables::new(run.clone(), to)),
        MeasuresFormat::Jsonl => Box::new(JsonLines::new(to)),
        MeasuresFormat::Csv => Box::new(rows::Rows::new(run, to)?),
        MeasuresFormat::Ofiq => Box::new(ofiq::File::new(to)?),
    })
}
