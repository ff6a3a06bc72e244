use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use serfiq::guide::{Settings, Threshold};
use serfiq::score::{DropoutMasks, Method};
use serfiq::{BackendChoice, BackendKind};
use serfiq_on_top::Options;

const EXIT_STATUS: &str = "\
Exit status: 0 when every picture was read, 1 when some were not (the others are handled all the same), 2 when the arguments \
are wrong or the model could not be run.";

/// Scores how useful face pictures are for face recognition (SER-FIQ).
#[derive(Debug, Parser)]
#[command(name = "serfiq", version, after_help = EXIT_STATUS)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The arguments of this process; ends it with a message and status 2 where they are wrong.
    pub fn from_process() -> Self {
        let cli = Self::parse();
        if let Command::Score(ScoreArgs { format: ScoreFormat::Table, output: OutputArgs { resume: true, .. }, .. })
        | Command::ScoreEmbeddings(ScoreEmbeddingsArgs {
            format: ScoreFormat::Table,
            output: OutputArgs { resume: true, .. },
            ..
        }) = &cli.command
        {
            let problem = "a table cannot be gone on with; choose --format jsonl or --format csv";
            Self::command().error(ErrorKind::ArgumentConflict, problem).exit();
        }
        let has_no_passes = |args: &MethodArgs| args.method.is_some_and(|method| method.passes().is_none());
        if let Command::Score(ScoreArgs { on_top: Some(_), method, .. }) = &cli.command
            && has_no_passes(method)
        {
            let problem = "--method limit belongs to the recogniser's own dropout; an on-top network has --method mc only";
            Self::command().error(ErrorKind::ArgumentConflict, problem).exit();
        }
        if let Some(method) = cli.command.method()
            && has_no_passes(method)
            && (method.passes.is_some() || method.seed.is_some())
        {
            let problem = "--passes and --seed belong to --method mc; the limit has neither";
            Self::command().error(ErrorKind::ArgumentConflict, problem).exit();
        }
        cli
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Score every face in pictures: how little its embedding moves under dropout.
    ///
    /// Scores of two recognisers do not compare; every report names its recogniser, with the SHA-256 of its file, and its method.
    #[command(after_help = EXIT_STATUS)]
    Score(ScoreArgs),
    /// Print the embedding of every face in pictures, without dropout and not normalised.
    #[command(after_help = EXIT_STATUS)]
    Embed(EmbedArgs),
    /// Train an on-top network on embeddings and identities, to score by: a small network on top of a recogniser without dropout.
    ///
    /// The paper's "on-top model", for recognisers that were trained without dropout; this program need not have them. One in five
    /// embeddings is held out, to tell when to stop. `serfiq score --on-top` then scores pictures, and `serfiq score-embeddings`
    /// embeddings. Trained on a few hundred images, an on-top network says nothing of quality: see with `serfiq edc` what it is worth.
    #[command(after_help = TRAIN_EXIT_STATUS)]
    TrainOnTop(TrainOnTopArgs),
    /// Score embeddings by an on-top network that was trained on others of the same recogniser.
    ///
    /// The scores are those of `serfiq score --on-top`, and are printed alike. An image without an embedding has no face.
    #[command(after_help = SCORE_EMBEDDINGS_EXIT_STATUS)]
    ScoreEmbeddings(ScoreEmbeddingsArgs),
    /// Draw error-versus-discard curves: what a quality measure is worth for a recogniser.
    ///
    /// The pairs say which images show the same person. Images are scored and compared by this program's recogniser, unless
    /// the pairs bring similarities and --scores brings qualities. Every measure is judged on the same pairs: those whose
    /// images all measures have a score for. A report is one HTML file that needs nothing else, and its numbers as JSON and CSV.
    #[command(after_help = REPORT_EXIT_STATUS)]
    Edc(EdcArgs),
    /// Tell what a quality threshold would do: how many images it keeps, and how many of the recogniser's errors are left.
    ///
    /// The pairs say which images show the same person, as for edc. A report is one HTML file that needs nothing else, and its
    /// numbers as JSON and CSV.
    #[command(after_help = REPORT_EXIT_STATUS)]
    Thresholds(ThresholdsArgs),
    /// Compare the qualities of groups of images, to see whether a quality measure treats people or conditions differently.
    ///
    /// The labels say of each image which groups it belongs to: a column for each way of grouping, such as pose or age_group. A
    /// report is one HTML file that needs nothing else, and its numbers as JSON and CSV.
    #[command(after_help = REPORT_EXIT_STATUS)]
    Audit(AuditArgs),
    /// Fit a recogniser's calibration to pictures, and write it into the recogniser's card.
    ///
    /// Quality 90 becomes the median of the raw scores, and quality 50 the 5th percentile; or, given pairs, the stated quality
    /// becomes the lowest raw score from which on the recogniser misses no more than the stated share of mated pairs. Pictures
    /// should be like those that will be scored, a few hundred or more. The k of the limit is fitted too. The next command with
    /// this recogniser uses what was fitted.
    #[command(after_help = CALIBRATE_EXIT_STATUS)]
    Calibrate(CalibrateArgs),
    /// Inspect recognisers, and write a card for your own.
    #[command(subcommand)]
    Model(ModelCommand),
}

impl Command {
    fn method(&self) -> Option<&MethodArgs> {
        match self {
            Self::Score(ScoreArgs { method, .. })
            | Self::Audit(AuditArgs { source: SourceArgs { method, .. }, .. })
            | Self::Edc(EdcArgs { material: MaterialArgs { source: SourceArgs { method, .. }, .. }, .. })
            | Self::Thresholds(ThresholdsArgs { material: MaterialArgs { source: SourceArgs { method, .. }, .. }, .. }) => {
                Some(method)
            }
            Self::Embed(_) | Self::TrainOnTop(_) | Self::ScoreEmbeddings(_) | Self::Calibrate(_) | Self::Model(_) => None,
        }
    }
}

const REPORT_EXIT_STATUS: &str = "Exit status: 0 when the report was written, 2 when it was not; the message says why.";

#[derive(Debug, Args)]
pub struct ScoreArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    #[command(flatten)]
    pub output: OutputArgs,

    /// How to print the results: a table for people, or one JSON object a picture, or CSV with one row a face.
    #[arg(long, value_enum, default_value_t = ScoreFormat::Table)]
    pub format: ScoreFormat,

    /// Score by this on-top network, as train-on-top writes it, on top of the recogniser's embedding, and not by the recogniser's own dropout.
    /// There is then no quality, and no limit.
    #[arg(long, value_name = "FILE", conflicts_with = "dropout")]
    pub on_top: Option<PathBuf>,

    #[command(flatten)]
    pub threshold: ThresholdArgs,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub engine: EngineArgs,
}

/// Which scores are accepted.
#[derive(Debug, Args)]
pub struct ThresholdArgs {
    /// Least score that is accepted: a quality, or a raw score where there are no qualities; `serfiq thresholds` tells what one would do
    /// [default: a quality of 50; any raw score].
    #[arg(long, value_name = "SCORE", value_parser = threshold)]
    pub threshold: Option<Threshold>,
}

impl ThresholdArgs {
    /// What pictures are judged by.
    pub fn settings(&self) -> Settings {
        Settings { score: self.threshold, ..Settings::of_photo() }
    }

    /// The least score that is accepted; `None` where none is too low.
    pub fn limit(&self, are_qualities: bool) -> Option<f64> {
        self.settings().for_scores(are_qualities).score.map(|threshold| threshold.limit())
    }
}

/// One picture is judged at a time: a margin would have nothing to do.
fn threshold(text: &str) -> Result<Threshold, String> {
    let score = text.parse().map_err(|_| "expected a number".to_owned())?;
    Threshold::new(score, 0.0).map_err(|_| "expected a finite number".into())
}

/// How scores are computed.
#[derive(Debug, Args)]
pub struct MethodArgs {
    /// The limit of many passes in closed form, without noise, or the paper's Monte Carlo over random dropout passes, with
    /// its standard error [default: limit on the CPU, mc on WebGPU].
    #[arg(long, value_parser = method_parser())]
    pub method: Option<Method>,

    /// Dropout passes, 2 to 1000; implies --method mc [default: 100].
    #[arg(long, value_parser = clap::value_parser!(u32).range(PASSES))]
    pub passes: Option<u32>,

    /// Seed of the dropout masks; implies --method mc [default: 0].
    #[arg(long)]
    pub seed: Option<u64>,

    /// Dropout probability, between 0 and 1. Scores of two do not compare, and qualities are calibrated for the model's own
    /// [default: the model's own].
    #[arg(long, value_name = "P")]
    pub dropout: Option<f64>,
}

const PASSES: std::ops::RangeInclusive<i64> = DropoutMasks::MIN_PASSES as i64..=DropoutMasks::MAX_PASSES as i64;

impl MethodArgs {
    /// Passes and seed of Monte Carlo: what was asked for, or else the paper's.
    pub fn monte_carlo(&self) -> (u32, u64) {
        (self.passes.unwrap_or(Method::DEFAULT_PASSES), self.seed.unwrap_or(Method::DEFAULT_SEED))
    }

    /// What was asked for, or else the backend's own.
    pub fn get(&self, default: Method) -> Method {
        let (passes, seed) = self.monte_carlo();
        let monte_carlo = Method::MonteCarlo { passes, seed };
        match self.method {
            Some(method) => Method::named(method.name(), passes, seed).unwrap_or(method),
            None if self.passes.is_some() || self.seed.is_some() => monte_carlo,
            None => default,
        }
    }
}

/// A method by its name, with the paper's passes and seed where it has any.
fn method_parser() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::NAMES)
        .try_map(|name| Method::named(&name, Method::DEFAULT_PASSES, Method::DEFAULT_SEED).ok_or("there is no such method"))
}

#[derive(Debug, Args)]
pub struct EmbedArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    #[command(flatten)]
    pub output: OutputArgs,

    /// How to print the embeddings: one JSON object a picture, or CSV with one row a face.
    #[arg(long, value_enum, default_value_t = EmbedFormat::Jsonl)]
    pub format: EmbedFormat,

    #[command(flatten)]
    pub engine: EngineArgs,
}

const TRAIN_EXIT_STATUS: &str = "Exit status: 0 when the on-top network was written, 2 when it was not; the message says why.";

#[derive(Debug, Args)]
pub struct TrainOnTopArgs {
    /// CSV file with the columns path (or image) and e0, e1 and so on, one for each value, as `serfiq embed --format csv` writes it.
    /// Of an image with several faces the first counts.
    #[arg(long, value_name = "FILE.csv")]
    pub embeddings: PathBuf,

    /// CSV file with the columns image (or path) and subject (or person): who is on which image. Whoever has one image only is left
    /// out, and so is every image that is not named.
    #[arg(long, value_name = "FILE.csv")]
    pub labels: PathBuf,

    /// The on-top network, which must not be there yet.
    #[arg(long, short, value_name = "FILE.safetensors")]
    pub output: PathBuf,

    /// The recogniser that computed the embeddings, by its name or its file [default: the name in their column model].
    #[arg(long, value_name = "NAME|FILE")]
    pub recogniser: Option<String>,

    /// How often to go through all examples, at most: the training stops when it gets no better.
    #[arg(long, value_name = "N", default_value_t = Options::default().epochs)]
    pub epochs: u32,

    /// Examples in a step of the optimiser.
    #[arg(long, value_name = "N", default_value_t = Options::default().batch)]
    pub batch: usize,

    /// Factor of the steps that AdaDelta computes.
    #[arg(long, value_name = "RATE", default_value_t = Options::default().learning_rate)]
    pub learning_rate: f64,

    /// Seed of what is held out, of the first weights and of the dropout.
    #[arg(long, default_value_t = Options::default().seed)]
    pub seed: u64,
}

const SCORE_EMBEDDINGS_EXIT_STATUS: &str =
    "Exit status: 0 when the scores were written, 2 when they were not; the message says why.";

#[derive(Debug, Args)]
pub struct ScoreEmbeddingsArgs {
    /// The on-top network, as train-on-top writes it.
    #[arg(long, value_name = "FILE")]
    pub on_top: PathBuf,

    /// CSV file with the columns path (or image) and e0, e1 and so on, one for each value, as `serfiq embed --format csv` writes it.
    /// Of an image with several faces the first counts.
    #[arg(long, value_name = "FILE.csv")]
    pub embeddings: PathBuf,

    #[command(flatten)]
    pub output: OutputArgs,

    /// How to print the results: a table for people, or one JSON object an image, or CSV with one row an image.
    #[arg(long, value_enum, default_value_t = ScoreFormat::Table)]
    pub format: ScoreFormat,

    /// Dropout passes, 2 to 1000.
    #[arg(long, value_parser = clap::value_parser!(u32).range(PASSES), default_value_t = Method::DEFAULT_PASSES)]
    pub passes: u32,

    /// Seed of the dropout masks.
    #[arg(long, default_value_t = Method::DEFAULT_SEED)]
    pub seed: u64,

    #[command(flatten)]
    pub threshold: ThresholdArgs,
}

/// The false match rates of a report that was asked for none.
pub const FMRS: [f64; 3] = [1e-2, 1e-3, 1e-4];

/// Pairs of images, and where their qualities come from.
#[derive(Debug, Args)]
pub struct MaterialArgs {
    /// CSV file with the columns image_a, image_b, same_person (1 or 0), and, where they are known, similarity.
    #[arg(long, value_name = "FILE")]
    pub pairs: PathBuf,

    #[command(flatten)]
    pub source: SourceArgs,
}

/// Where qualities and similarities come from.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// Folder below which the images lie as the CSV file names them [default: the folder of that file].
    #[arg(long, value_name = "FOLDER")]
    pub images: Option<PathBuf>,

    /// Another quality measure: its name and a CSV file with the columns path and raw (or quality, or score), as `serfiq score
    /// --format csv` writes it. May be given several times.
    #[arg(long, value_name = "NAME=FILE", value_parser = name_and_file)]
    pub scores: Vec<(String, PathBuf)>,

    /// The images are 112 x 112 crops, already aligned to the ArcFace template: no face is looked for.
    #[arg(long)]
    pub aligned: bool,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct EdcArgs {
    #[command(flatten)]
    pub material: MaterialArgs,

    /// The report. Its numbers go beside it, as .json and .csv.
    #[arg(long, short, value_name = "FILE.html", default_value = "edc.html", value_parser = html_file)]
    pub output: PathBuf,

    /// False match rates at which the threshold is set [default: those of 0.01, 0.001 and 0.0001 that the pairs can tell].
    #[arg(long, value_delimiter = ',', value_name = "RATE,...")]
    pub fmr: Option<Vec<f64>>,

    /// Show also the curve for which the threshold is fitted anew on what is left.
    #[arg(long)]
    pub refit: bool,

    /// Resamples of the people, for the confidence intervals; 0 for none.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub resamples: u32,
}

#[derive(Debug, Args)]
pub struct ThresholdsArgs {
    #[command(flatten)]
    pub material: MaterialArgs,

    /// The report. Its numbers go beside it, as .json and .csv.
    #[arg(long, short, value_name = "FILE.html", default_value = "thresholds.html", value_parser = html_file)]
    pub output: PathBuf,

    /// False match rate at which the recogniser's threshold is set.
    #[arg(long, default_value_t = FMRS[0], value_name = "RATE")]
    pub fmr: f64,

    /// Resamples of the people, for the confidence intervals; 0 for none.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub resamples: u32,
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    /// CSV file with the column image, perhaps subject (who is on it), and any others, each of which is a way of grouping.
    #[arg(long, value_name = "FILE")]
    pub labels: PathBuf,

    /// The ways of grouping to report on [default: all columns but image and subject].
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub columns: Option<Vec<String>>,

    /// CSV file of pairs, as for edc: with them, the recogniser's error rates within each group are reported too.
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,

    #[command(flatten)]
    pub source: SourceArgs,

    /// The report. Its numbers go beside it, as .json and .csv.
    #[arg(long, short, value_name = "FILE.html", default_value = "audit.html", value_parser = html_file)]
    pub output: PathBuf,

    /// False match rate, over all pairs, at which the recogniser's threshold is set.
    #[arg(long, default_value_t = FMRS[0], value_name = "RATE", requires = "pairs")]
    pub fmr: f64,

    /// Resamples of the people, for the confidence intervals; 0 for none.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub resamples: u32,
}

const CALIBRATE_EXIT_STATUS: &str = "Exit status: 0 when the card was written, 2 when it was not; the message says why.";

#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Pictures, and folders of pictures. In each the largest face counts.
    #[arg(required_unless_present = "pairs", conflicts_with = "pairs", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// CSV file of pairs, as for edc, to calibrate on instead: for --quality to have the --fnmr.
    #[arg(long, value_name = "FILE", requires = "fnmr")]
    pub pairs: Option<PathBuf>,

    /// Folder below which the images lie as the pairs name them [default: the folder of the pairs].
    #[arg(long, value_name = "FOLDER", requires = "pairs")]
    pub images: Option<PathBuf>,

    /// The share of mated pairs that may be missed when both images have at least the --quality.
    #[arg(long, value_name = "RATE", requires = "pairs")]
    pub fnmr: Option<f64>,

    /// The quality that is to have the --fnmr, between 0 and 90.
    #[arg(long, value_name = "Q", default_value_t = 50.0, requires = "pairs")]
    pub quality: f64,

    /// False match rate at which the recogniser's threshold is set.
    #[arg(long, value_name = "RATE", default_value_t = FMRS[0], requires = "pairs")]
    pub fmr: f64,

    /// The pictures are 112 x 112 crops, already aligned to the ArcFace template: no face is looked for.
    #[arg(long)]
    pub aligned: bool,

    /// The card to write into [default: the card beside the recogniser's file; required for a recogniser that comes with serfiq].
    #[arg(long, value_name = "FILE.toml")]
    pub card: Option<PathBuf>,

    #[command(flatten)]
    pub model: ModelArgs,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Check whether an ONNX or TFLite file can be used as a recogniser.
    ///
    /// Prints its input, its embedding, where the dropout is, whether the limit applies, how pixels reach it, its card, and operators
    /// that are not supported.
    #[command(after_help = "Exit status: 0 when it can, 1 when it cannot, 2 when the file cannot be read.")]
    Check(CheckArgs),
    /// Write the card of a recogniser beside its file: mine.toml for mine.onnx.
    ///
    /// The card says what the file cannot: the order of its colours, and how pixels reach it. Both follow from how the recogniser was
    /// trained. Wrong values give wrong scores, not an error.
    #[command(after_help = CARD_EXIT_STATUS)]
    Card(CardArgs),
    /// List the models that come with serfiq.
    List,
    /// Describe a model that comes with serfiq, or a recogniser's file and its card.
    Info {
        /// A name in the list, or a file.
        #[arg(value_name = "NAME|FILE")]
        model: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The file, ONNX or TFLite.
    pub file: PathBuf,

    /// First output of the node to cut at, if the right one is not found: a Dropout, or a fully connected layer.
    #[arg(long, value_name = "NODE")]
    pub cut_at: Option<String>,
}

const CARD_EXIT_STATUS: &str = "Exit status: 0 when the card was written, 2 when it was not; the message says why.";

#[derive(Debug, Args)]
pub struct CardArgs {
    #[command(flatten)]
    pub check: CheckArgs,

    /// Order of the colour channels that the recogniser was trained on.
    #[arg(long, value_enum, default_value_t = ColourName::Rgb)]
    pub colour: ColourName,

    /// What is subtracted from each channel value of 0 to 255 before it is scaled. Required unless the file scales the pixels itself.
    #[arg(long, requires = "scale", allow_negative_numbers = true)]
    pub mean: Option<f64>,

    /// What the difference is multiplied by.
    #[arg(long, requires = "mean", allow_negative_numbers = true)]
    pub scale: Option<f64>,

    /// Dropout probability, between 0 and 1. Required for a network without a Dropout, and for no other.
    #[arg(long, value_name = "P")]
    pub dropout: Option<f64>,

    /// What to call the recogniser in reports [default: the name of the file].
    #[arg(long)]
    pub name: Option<String>,

    /// Who made it.
    #[arg(long)]
    pub author: Option<String>,

    /// SPDX expression of the licence of its weights.
    #[arg(long)]
    pub licence: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColourName {
    Rgb,
    Bgr,
}

fn name_and_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.into(), file.into())),
        _ => Err("expected a name, an equals sign, and a file".into()),
    }
}

fn html_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("html") => Ok(path),
        _ => Err("expected a name that ends in .html".into()),
    }
}

#[derive(Debug, Args)]
pub struct Pictures {
    /// Pictures (JPEG, PNG, WebP, whatever their names), and folders, which are searched for pictures by extension.
    #[arg(required_unless_present_any = ["stdin", "stdin_bytes"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Read the paths of pictures from standard input, one in each line, and answer each at once and in their order.
    #[arg(long, conflicts_with_all = ["paths", "stdin_bytes", "resume"])]
    pub stdin: bool,

    /// Read the pictures themselves from standard input, each after its length (four bytes, the highest first), and answer each
    /// at once and in their order. They are called by their number, from 1.
    #[arg(long, conflicts_with_all = ["paths", "resume"])]
    pub stdin_bytes: bool,

    /// The pictures are 112 x 112 crops, already aligned to the ArcFace template: no face is looked for.
    #[arg(long)]
    pub aligned: bool,
}

#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Write the results into a file, which must not be there yet, instead of to standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Go on where an earlier run with the same options was stopped: what its --output holds is kept and not done again.
    #[arg(long, requires = "output")]
    pub resume: bool,
}

/// A recogniser, and how to run it.
#[derive(Debug, Args)]
pub struct EngineArgs {
    #[command(flatten)]
    pub model: ModelArgs,

    /// Where to run it. The CPU gives the same numbers on every run.
    #[arg(long, value_enum, default_value_t = BackendName::Cpu)]
    pub backend: BackendName,
}

/// A recogniser, and what it needs.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// The recogniser: one that comes with serfiq (see `serfiq model list`), or your own ONNX or TFLite file. A card beside the file
    /// (mine.toml for mine.onnx) says what the file does not.
    #[arg(long, default_value = "sface", value_name = "NAME|FILE")]
    pub recogniser: PathBuf,

    /// Pictures that are worked on at once [default: as many as there are cores; 1 on WebGPU].
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Folder of the models that come with serfiq [default: `models` beside the program, else where it was built].
    #[arg(long, value_name = "FOLDER")]
    pub models_dir: Option<PathBuf>,
}

impl ModelArgs {
    /// What was asked for, or else every core; a GPU does one picture at a time.
    pub fn threads(&self, backend: BackendKind) -> NonZeroUsize {
        self.threads.unwrap_or_else(|| match backend {
            BackendKind::Cpu => every_core(),
            BackendKind::WebGpu => NonZeroUsize::MIN,
        })
    }
}

pub fn every_core() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScoreFormat {
    Table,
    Jsonl,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EmbedFormat {
    Jsonl,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BackendName {
    Auto,
    Cpu,
    Webgpu,
}

impl From<BackendName> for BackendChoice {
    fn from(name: BackendName) -> Self {
        match name {
            BackendName::Auto => Self::Auto,
            BackendName::Cpu => Self::Cpu,
            BackendName::Webgpu => Self::WebGpu,
        }
    }
}
