use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use csv::Terminator;
use serde::Serialize;
use serfiq::Assessment;
use serfiq::report::{MethodReport, Place, Status};

use crate::args::{EmbedFormat, ScoreFormat};
use crate::output::{Output, Records};
use crate::picture::EmbeddedFace;
use crate::resume::LineEnd;

/// The result for one picture.
#[derive(Debug, Serialize)]
pub struct Record<A, R> {
    pub path: String,
    #[serde(flatten)]
    pub outcome: Outcome<A, R>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome<A, R> {
    Read(A),
    Unreadable(Unreadable<R>),
}

#[derive(Debug, Serialize)]
pub struct Unreadable<R> {
    pub status: Status,
    #[serde(flatten)]
    pub run: R,
    faces: [(); 0],
    pub error: String,
}

impl<R> Unreadable<R> {
    pub fn new(run: R, error: String) -> Self {
        Self { status: Status::Unreadable, run, faces: [], error }
    }
}

/// How scores were made and judged.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreRun {
    #[serde(flatten)]
    pub method: MethodReport,
    /// As in [`Assessment`].
    pub threshold: Option<f64>,
}

/// How embeddings were made.
#[derive(Debug, Clone, Serialize)]
pub struct EmbedRun {
    /// Name of the recogniser.
    pub model: String,
    /// SHA-256 of its file.
    pub model_sha256: String,
}

/// The embeddings of the faces of one picture, largest first.
#[derive(Debug, Serialize)]
pub struct Embedded {
    status: Status,
    #[serde(flatten)]
    run: EmbedRun,
    faces: Vec<EmbeddedFace>,
}

impl Embedded {
    pub fn new(run: EmbedRun, faces: Vec<EmbeddedFace>) -> Self {
        Self { status: if faces.is_empty() { Status::NoFace } else { Status::Ok }, run, faces }
    }
}

/// Prints records, each as it arrives or all at the end.
pub trait Report<A, R> {
    fn add(&mut self, record: &Record<A, R>) -> io::Result<()>;
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns how scores were made, as columns.
pub fn columns(ScoreRun { method, threshold }: &ScoreRun) -> Vec<(&'static str, String)> {
    let MethodReport { model, model_sha256, on_top, method, passes, seed, dropout } = method;
    let mut columns = vec![("model", model.clone()), ("model_sha256", shown(model_sha256.as_ref()))];
    columns.extend(on_top.clone().map(|on_top| ("on_top", on_top)));
    columns.extend([
        ("method", (*method).to_owned()),
        ("passes", shown(*passes)),
        ("seed", shown(*seed)),
        ("dropout", dropout.to_string()),
        ("threshold", shown(*threshold)),
    ]);
    columns
}

/// Returns the same as an English sentence.
fn sentence(ScoreRun { method, threshold }: &ScoreRun, backend: &str, has_quality: bool, faces: Option<&str>) -> String {
    let MethodReport { model, model_sha256, on_top, method, passes, .. } = method;
    let on_top = on_top.as_ref().map(|on_top| format!(", on-top network {on_top}")).unwrap_or_default();
    let passes = passes.map(|passes| format!(", {passes} passes")).unwrap_or_default();
    let scale = if has_quality { "Quality is 0 to 100" } else { "Without a calibration there is no quality, 0 to 100" };
    let accepted = match threshold {
        Some(threshold) => format!("{threshold} or more is accepted if nothing else is wrong"),
        None => "no raw score is too low".into(),
    };
    let percentile =
        faces.map(|faces| format!(" Percentile: how many in 100 faces of {faces} score lower.")).unwrap_or_default();
    format!(
        "Model {}{on_top}, method {method}{passes}, on {backend}. {scale}; {accepted}.{percentile}",
        named(model, model_sha256.as_deref())
    )
}

/// Returns a recogniser's name for display, with enough of its file's SHA-256 to tell two files apart.
pub fn named(model: &str, sha256: Option<&str>) -> String {
    match sha256.and_then(|sha256| sha256.get(..12)) {
        Some(start) => format!("{model} (SHA-256 {start}...)"),
        None => model.into(),
    }
}

/// Returns the machine-readable format of scores; `None` for a table.
pub fn score_records(format: ScoreFormat, run: &ScoreRun) -> Option<Records> {
    match format {
        ScoreFormat::Table => None,
        ScoreFormat::Jsonl => Some(Records::Jsonl),
        ScoreFormat::Csv => {
            let run = columns(run).into_iter().map(|(name, _)| name);
            let columns = ["path", "status"].into_iter().chain(run).chain(FACE_COLUMNS).map(str::to_owned);
            Some(Records::Csv { columns: columns.collect() })
        }
    }
}

/// Returns the format of `serfiq embed`, for embeddings of `dimension` numbers.
pub fn embed_records(format: EmbedFormat, dimension: usize) -> Records {
    match format {
        EmbedFormat::Jsonl => Records::Jsonl,
        EmbedFormat::Csv => {
            let values = (0..dimension).map(|index| format!("e{index}"));
            let columns = EMBED_COLUMNS.into_iter().map(str::to_owned).chain(values).chain(["error".to_owned()]);
            Records::Csv { columns: columns.collect() }
        }
    }
}

/// Creates a report of scores. `faces` names those that percentiles refer to.
pub fn scores(
    records: Option<&Records>,
    backend: &'static str,
    faces: Option<&str>,
    run: &ScoreRun,
    to: Output,
) -> io::Result<Box<dyn Report<Assessment, ScoreRun>>> {
    Ok(match records {
        None => Box::new(ScoreTable::new(backend, faces, run.clone(), to)),
        Some(Records::Jsonl) => Box::new(JsonLines::new(to)),
        Some(Records::Csv { columns }) => Box::new(Csv::new(columns, to)?),
    })
}

/// Creates the report of `serfiq embed`.
pub fn embeddings(records: &Records, to: Output) -> io::Result<Box<dyn Report<Embedded, EmbedRun>>> {
    Ok(match records {
        Records::Jsonl => Box::new(JsonLines::new(to)),
        Records::Csv { columns } => Box::new(Csv::new(columns, to)?),
    })
}

/// One JSON object per picture.
pub struct JsonLines(Output);

impl JsonLines {
    pub fn new(to: Output) -> Self {
        Self(to)
    }
}

impl<A: Serialize, R: Serialize> Report<A, R> for JsonLines {
    fn add(&mut self, record: &Record<A, R>) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.extend_from_slice(self.0.line_end.bytes());
        self.0.writer.write_all(&line)?;
        self.0.writer.flush()
    }
}

const FACE_COLUMNS: [&str; 13] = [
    "face",
    "x",
    "y",
    "width",
    "height",
    "confidence",
    "raw",
    "quality",
    "percentile",
    "std_error",
    "accepted",
    "issues",
    "error",
];
const EMBED_COLUMNS: [&str; 10] =
    ["path", "status", "model", "model_sha256", "face", "x", "y", "width", "height", "confidence"];

/// One row per face, counted from 1; a picture without a face has one row, with the face's columns empty.
struct Csv {
    writer: csv::Writer<Box<dyn Write>>,
    columns: usize,
}

/// Starts CSV output, or continues that of an earlier run.
pub fn csv_writer(columns: &[String], to: Output) -> io::Result<csv::Writer<Box<dyn Write>>> {
    let terminator = match to.line_end {
        LineEnd::Lf => Terminator::Any(b'\n'),
        LineEnd::CrLf => Terminator::CRLF,
    };
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(to.writer);
    if to.is_empty {
        writer.write_record(columns)?;
        writer.flush()?;
    }
    Ok(writer)
}

/// A table for people, as wide as the terminal.
pub fn table<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

impl Csv {
    fn new(columns: &[String], to: Output) -> io::Result<Self> {
        Ok(Self { columns: columns.len(), writer: csv_writer(columns, to)? })
    }

    /// Writes the rows of a picture: `about` it, then each face's place and `numbers`, and finally `last`, its verdict or
    /// error.
    fn write(&mut self, about: &[String], faces: Vec<(&Place, Vec<String>)>, last: &[String]) -> io::Result<()> {
        let found = !faces.is_empty();
        for (index, (place, numbers)) in faces.into_iter().enumerate() {
            let mut row = about.to_vec();
            row.push((index + 1).to_string());
            row.extend(place.bounds.map_or_else(Default::default, |bounds| bounds.map(|value| value.to_string())));
            row.push(shown(place.confidence));
            row.extend(numbers);
            row.extend_from_slice(last);
            self.writer.write_record(row)?;
        }
        if !found {
            let mut row = about.to_vec();
            row.resize(self.columns - last.len(), String::new());
            row.extend_from_slice(last);
            self.writer.write_record(row)?;
        }
        self.writer.flush()
    }
}

impl Report<Assessment, ScoreRun> for Csv {
    fn add(&mut self, Record { path, outcome }: &Record<Assessment, ScoreRun>) -> io::Result<()> {
        let about = |status: Status, run: &ScoreRun| -> Vec<String> {
            [path.clone(), status.name().into()].into_iter().chain(columns(run).into_iter().map(|(_, value)| value)).collect()
        };
        match outcome {
            Outcome::Read(assessment) => {
                let run = ScoreRun { method: assessment.method.clone(), threshold: assessment.threshold };
                let faces = assessment.faces.iter().map(|face| {
                    (&face.place, vec![shown(face.raw), shown(face.quality), shown(face.percentile), shown(face.std_error)])
                });
                let issues: Vec<&str> = assessment.issues.iter().map(|issue| issue.name()).collect();
                let last = [assessment.accepted.to_string(), issues.join(" "), String::new()];
                self.write(&about(assessment.status, &run), faces.collect(), &last)
            }
            Outcome::Unreadable(Unreadable { status, run, error, .. }) => {
                self.write(&about(*status, run), vec![], &[String::new(), String::new(), error.clone()])
            }
        }
    }
}

impl Report<Embedded, EmbedRun> for Csv {
    fn add(&mut self, Record { path, outcome }: &Record<Embedded, EmbedRun>) -> io::Result<()> {
        let about = |status: Status, EmbedRun { model, model_sha256 }: &EmbedRun| {
            [path.clone(), status.name().into(), model.clone(), model_sha256.clone()]
        };
        match outcome {
            Outcome::Read(Embedded { status, run, faces }) => {
                let faces =
                    faces.iter().map(|face| (&face.place, face.embedding.iter().map(f32::to_string).collect())).collect();
                self.write(&about(*status, run), faces, &[String::new()])
            }
            Outcome::Unreadable(Unreadable { status, run, error, .. }) => {
                self.write(&about(*status, run), vec![], std::slice::from_ref(error))
            }
        }
    }
}

/// A table of scores, printed at the end.
struct ScoreTable {
    table: Table,
    backend: &'static str,
    run: ScoreRun,
    has_quality: bool,
    /// Names the faces that percentiles refer to.
    faces: Option<String>,
    has_percentile: bool,
    to: Output,
}

impl ScoreTable {
    fn new(backend: &'static str, faces: Option<&str>, run: ScoreRun, to: Output) -> Self {
        let table = table(["Picture", "Face", "Quality", "Percentile", "Raw score", "Std. error", "Verdict"]);
        Self { table, backend, run, has_quality: false, faces: faces.map(Into::into), has_percentile: false, to }
    }
}

impl Report<Assessment, ScoreRun> for ScoreTable {
    fn add(&mut self, Record { path, outcome }: &Record<Assessment, ScoreRun>) -> io::Result<()> {
        let Outcome::Read(Assessment { faces, issues, accepted, .. }) = outcome else {
            self.table.add_row([path, "unreadable"]);
            return Ok(());
        };
        let verdict = match accepted {
            true => "accepted".into(),
            false => issues.iter().map(|issue| issue.name().replace('_', " ")).collect::<Vec<_>>().join(", "),
        };
        if faces.is_empty() {
            self.table.add_row([path, "no face", "", "", "", "", verdict.as_str()]);
        }
        let number = |value: Option<f64>, digits: usize| {
            Cell::new(value.map(|value| format!("{value:.digits$}")).unwrap_or_default()).set_alignment(CellAlignment::Right)
        };
        for (index, face) in faces.iter().enumerate() {
            self.has_quality |= face.quality.is_some();
            self.has_percentile |= face.percentile.is_some();
            self.table.add_row([
                Cell::new(path),
                Cell::new(format!("{} of {}", index + 1, faces.len())),
                number(face.quality, 1),
                number(face.percentile, 0),
                number(face.raw, 4),
                number(face.std_error, 4),
                // The verdict on the largest face applies to the whole picture.
                Cell::new(if index == 0 { verdict.as_str() } else { "" }),
            ]);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let faces = self.faces.as_deref().filter(|_| self.has_percentile);
        let mut text = format!("{}\n", self.table);
        if self.table.row_count() > 0 {
            text += &sentence(&self.run, self.backend, self.has_quality, faces);
            text.push('\n');
        }
        self.to.write_whole(text.as_bytes())
    }
}

pub fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
