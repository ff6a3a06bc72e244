use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;
use serfiq::report::{MethodReport, Status};

use crate::args::{EmbedFormat, ScoreFormat};
use crate::head::scorer::Scorer;
use crate::output::{Output, Records};
use crate::picture::{EmbeddedFace, Place, ScoredFace};

/// What there is to say of one picture.
#[derive(Debug, Serialize)]
pub struct Record<R, F> {
    pub path: String,
    pub status: Status,
    /// How the numbers were made.
    #[serde(flatten)]
    pub run: R,
    /// Largest first.
    pub faces: Vec<F>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How embeddings were made.
#[derive(Debug, Clone, Serialize)]
pub struct EmbedRun {
    /// Name of the recogniser.
    pub model: String,
    /// SHA-256 of its file.
    pub model_sha256: String,
}

/// How scores by a head on top of the embedding were made.
#[derive(Debug, Clone, Serialize)]
pub struct OnTopRun {
    /// Name of the recogniser.
    model: String,
    /// SHA-256 of its file; `None` for embeddings that do not say it.
    model_sha256: Option<String>,
    /// Which head: scores of two do not compare.
    head: String,
    method: &'static str,
    passes: u32,
    seed: u64,
    dropout: f64,
}

impl OnTopRun {
    /// Scores by a head, of embeddings by the recogniser whose file has this SHA-256.
    pub fn new(Scorer { model, passes, seed, .. }: &Scorer, model_sha256: Option<String>) -> Self {
        Self {
            model: model.recogniser.clone(),
            model_sha256,
            head: model.fingerprint(),
            method: "on_top_mc",
            passes: *passes,
            seed: *seed,
            dropout: model.network.dropout(),
        }
    }
}

/// Prints records, one by one as they come or all at the end.
pub trait Report<R, F> {
    fn add(&mut self, record: &Record<R, F>) -> io::Result<()>;
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How scores were made.
pub trait ScoreRun: Serialize + Clone {
    /// The columns that say so.
    const COLUMNS: &'static [&'static str];
    /// What stands in these columns.
    fn cells(&self) -> Vec<String>;
    /// The same for people.
    fn sentence(&self, backend: &str) -> String;
}

impl ScoreRun for MethodReport {
    const COLUMNS: &'static [&'static str] = &["model", "model_sha256", "method", "passes", "seed", "dropout"];

    fn cells(&self) -> Vec<String> {
        let Self { model, model_sha256, method, passes, seed, dropout } = self;
        vec![model.clone(), model_sha256.clone(), (*method).into(), shown(*passes), shown(*seed), dropout.to_string()]
    }

    fn sentence(&self, backend: &str) -> String {
        let Self { model, model_sha256, method, passes, .. } = self;
        let passes = passes.map(|passes| format!(", {passes} passes")).unwrap_or_default();
        format!("Model {}, method {method}{passes}, on {backend}. Quality is 0 to 100.", named(model, Some(model_sha256)))
    }
}

impl ScoreRun for OnTopRun {
    const COLUMNS: &'static [&'static str] = &["model", "model_sha256", "head", "method", "passes", "seed", "dropout"];

    fn cells(&self) -> Vec<String> {
        let Self { model, model_sha256, head, method, passes, seed, dropout } = self;
        let [model, head] = [model, head].map(String::clone);
        let sha256 = shown(model_sha256.as_ref());
        vec![model, sha256, head, (*method).into(), passes.to_string(), seed.to_string(), dropout.to_string()]
    }

    fn sentence(&self, backend: &str) -> String {
        let Self { model, model_sha256, head, method, passes, .. } = self;
        format!(
            "Model {}, head {head}, method {method}, {passes} passes, on {backend}. A head has no quality from 0 to 100.",
            named(model, model_sha256.as_deref())
        )
    }
}

/// A recogniser for people: its name, and enough of its file's SHA-256 to tell two files apart.
fn named(model: &str, sha256: Option<&str>) -> String {
    match sha256.and_then(|sha256| sha256.get(..12)) {
        Some(start) => format!("{model} (SHA-256 {start}...)"),
        None => model.into(),
    }
}

/// A report of scores.
pub fn scores<R: ScoreRun + 'static>(
    format: ScoreFormat,
    backend: &'static str,
    to: Output,
) -> io::Result<Box<dyn Report<R, ScoredFace>>> {
    Ok(match format {
        ScoreFormat::Table => Box::new(ScoreTable::new(backend, to)),
        ScoreFormat::Jsonl => Box::new(JsonLines(to)),
        ScoreFormat::Csv => Box::new(Csv::new(&[&["path", "status"], R::COLUMNS, &FACE_COLUMNS].concat(), to)?),
    })
}

/// The report of `serfiq embed`, for embeddings of `dimension` numbers.
pub fn embeddings(format: EmbedFormat, dimension: usize, to: Output) -> io::Result<Box<dyn Report<EmbedRun, EmbeddedFace>>> {
    Ok(match format {
        EmbedFormat::Jsonl => Box::new(JsonLines(to)),
        EmbedFormat::Csv => {
            let values: Vec<String> = (0..dimension).map(|index| format!("e{index}")).collect();
            let mut columns = EMBED_COLUMNS.to_vec();
            columns.extend(values.iter().map(String::as_str));
            columns.push("error");
            Box::new(Csv::new(&columns, to)?)
        }
    })
}

impl ScoreFormat {
    /// `None` for what only people read.
    pub fn records(self) -> Option<Records> {
        match self {
            Self::Table => None,
            Self::Jsonl => Some(Records::Jsonl),
            Self::Csv => Some(Records::Csv),
        }
    }
}

impl EmbedFormat {
    pub fn records(self) -> Records {
        match self {
            Self::Jsonl => Records::Jsonl,
            Self::Csv => Records::Csv,
        }
    }
}

/// One JSON object a picture.
struct JsonLines(Output);

impl<R: Serialize, F: Serialize> Report<R, F> for JsonLines {
    fn add(&mut self, record: &Record<R, F>) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.0.writer.write_all(&line)?;
        self.0.writer.flush()
    }
}

const FACE_COLUMNS: [&str; 10] = ["face", "x", "y", "width", "height", "confidence", "raw", "quality", "std_error", "error"];
const EMBED_COLUMNS: [&str; 10] =
    ["path", "status", "model", "model_sha256", "face", "x", "y", "width", "height", "confidence"];

/// One row a face, counted from 1; a picture without a face has one row, with the face's columns empty.
struct Csv {
    writer: csv::Writer<Box<dyn Write>>,
    columns: usize,
}

impl Csv {
    fn new(columns: &[&str], to: Output) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(to.writer);
        if to.is_empty {
            writer.write_record(columns)?;
            writer.flush()?;
        }
        Ok(Self { writer, columns: columns.len() })
    }

    fn write<F>(
        &mut self,
        about: Vec<String>,
        faces: &[F],
        numbers: impl Fn(&F) -> (&Place, Vec<String>),
        error: Option<&str>,
    ) -> io::Result<()> {
        let error = error.unwrap_or_default().to_owned();
        for (index, face) in faces.iter().enumerate() {
            let (place, own) = numbers(face);
            let mut row = about.clone();
            row.push((index + 1).to_string());
            row.extend(place.bounds.map(|bounds| bounds.map(|value| value.to_string())).unwrap_or_default());
            row.push(shown(place.confidence));
            row.extend(own);
            row.push(error.clone());
            self.writer.write_record(row)?;
        }
        if faces.is_empty() {
            let mut row = about;
            row.resize(self.columns - 1, String::new());
            row.push(error);
            self.writer.write_record(row)?;
        }
        self.writer.flush()
    }
}

impl<R: ScoreRun> Report<R, ScoredFace> for Csv {
    fn add(&mut self, record: &Record<R, ScoredFace>) -> io::Result<()> {
        let mut about = vec![record.path.clone(), word(record.status).into()];
        about.extend(record.run.cells());
        let numbers = |face: &ScoredFace| vec![face.raw.to_string(), shown(face.quality), shown(face.std_error)];
        self.write(about, &record.faces, |face| (&face.place, numbers(face)), record.error.as_deref())
    }
}

impl Report<EmbedRun, EmbeddedFace> for Csv {
    fn add(&mut self, record: &Record<EmbedRun, EmbeddedFace>) -> io::Result<()> {
        let EmbedRun { model, model_sha256 } = &record.run;
        let about = vec![record.path.clone(), word(record.status).into(), model.clone(), model_sha256.clone()];
        let numbers = |face: &EmbeddedFace| face.embedding.iter().map(f32::to_string).collect();
        self.write(about, &record.faces, |face| (&face.place, numbers(face)), record.error.as_deref())
    }
}

/// For people: printed at the end, as wide as the terminal.
struct ScoreTable<R> {
    table: Table,
    backend: &'static str,
    run: Option<R>,
    to: Output,
}

impl<R> ScoreTable<R> {
    fn new(backend: &'static str, to: Output) -> Self {
        let mut table = Table::new();
        table
            .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')))
            .set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["Picture", "Face", "Quality", "Raw score", "Std. error"]);
        Self { table, backend, run: None, to }
    }
}

impl<R: ScoreRun> Report<R, ScoredFace> for ScoreTable<R> {
    fn add(&mut self, record: &Record<R, ScoredFace>) -> io::Result<()> {
        self.run = Some(record.run.clone());
        let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        for (index, face) in record.faces.iter().enumerate() {
            self.table.add_row([
                Cell::new(&record.path),
                Cell::new(format!("{} of {}", index + 1, record.faces.len())),
                number(face.quality.map(|quality| format!("{quality:.1}")).unwrap_or_default()),
                number(format!("{:.4}", face.raw)),
                number(face.std_error.map(|error| format!("{error:.4}")).unwrap_or_default()),
            ]);
        }
        match record.status {
            Status::Ok => {}
            Status::NoFace => {
                self.table.add_row([record.path.as_str(), "no face"]);
            }
            Status::Unreadable => {
                self.table.add_row([record.path.as_str(), "unreadable"]);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let writer = &mut self.to.writer;
        writeln!(writer, "{}", self.table)?;
        if let Some(run) = &self.run {
            writeln!(writer, "{}", run.sentence(self.backend))?;
        }
        writer.flush()
    }
}

/// The same words as in the JSON.
fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::NoFace => "no_face",
        Status::Unreadable => "unreadable",
    }
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
