//! The command-line arguments.
mod examples;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use serfiq::guide::{Settings, Threshold};
use serfiq::score::Method;
use serfiq::{BackendChoice, BackendKind};
use serfiq_on_top::Options;
use serfiq_reports::{FMR, RESAMPLES};

const EXIT_STATUS: &str = "\
Exit status: 0 when every picture was read, 1 when some were not (the others are still processed), 2 when the arguments \
are wrong or the model could not be run.";

/// Scores how useful face pictures are for face recognition (SER-FIQ).
#[derive(Debug, Parser)]
#[command(name = "serfiq", version, before_help = examples::SERFIQ, help_template = examples::FIRST, after_help = EXIT_STATUS)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Parses the process's arguments. The error is clap's answer: the problem, or the requested help.
    pub fn from_process() -> Result<Self, clap::Error> {
        let cli = Self::try_parse()?;
        let conflict = |problem| Self::command().error(ErrorKind::ArgumentConflict, problem);
        if let Command::Score(ScoreArgs { format: ScoreFormat::Table, output: OutputArgs { resume: true, .. }, .. })
        | Command::ScoreEmbeddings(ScoreEmbeddingsArgs {
            format: ScoreFormat::Table,
            output: OutputArgs { resume: true, .. },
            ..
        }) = &cli.command
        {
            let problem = "--format table cannot be resumed; choose --format jsonl or --format csv";
            return Err(conflict(problem));
        }
        if let Command::Measures(MeasuresArgs { format, output: OutputArgs { resume: true, .. }, .. }) = &cli.command
            && matches!(format, MeasuresFormat::Table | MeasuresFormat::Ofiq)
        {
            let problem = "this format does not say how scores were made, so a run cannot be resumed; choose --format jsonl or --format csv";
            return Err(conflict(problem));
        }
        if let Command::Explain(args @ ExplainArgs { output: OutputArgs { resume: true, .. }, .. }) = &cli.command
            && ExplainFormat::of(args) != ExplainFormat::Jsonl
        {
            return Err(conflict("only records can be resumed; choose --format jsonl"));
        }
        let has_no_passes = |args: &MethodArgs| args.method.is_some_and(|method| method.passes().is_none());
        if let Command::Score(ScoreArgs { on_top: Some(_), method, .. }) = &cli.command
            && has_no_passes(method)
        {
            let problem = "--method limit belongs to the recogniser's own dropout; an on-top network has --method mc only";
            return Err(conflict(problem));
        }
        if let Some(method) = cli.command.method()
            && has_no_passes(method)
            && (method.passes.is_some() || method.seed.is_some())
        {
            let problem = "--passes and --seed belong to --method mc; the limit has neither";
            return Err(conflict(problem));
        }
        Ok(cli)
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Score every face in pictures by how little its embedding moves under dropout.
    ///
    /// Scores of different recognisers are not comparable; every report names its method, and its recogniser with the SHA-256 of
    /// the file.
    #[command(before_help = examples::SCORE, help_template = examples::FIRST, after_help = EXIT_STATUS)]
    Score(ScoreArgs),
    /// Print the measures of ISO/IEC 29794-5 of pictures: light, background, eyes, mouth, size, position, pose.
    ///
    /// Twenty of the standard's 28 measures: each with its native value, and a quality from 0 to 100. They describe the largest face of
    /// a picture, from 468 landmarks, and stand beside its SER-FIQ score. docs/measures.md defines them.
    #[command(before_help = examples::MEASURES, help_template = examples::FIRST, after_help = EXIT_STATUS)]
    Measures(MeasuresArgs),
    /// Explain why a picture scores as it does: which parts of the face the recogniser reads little in.
    ///
    /// Splits the score's own terms over the cells of the face that the recogniser sees, and compares them with those of clean
    /// faces. docs/explain.md has the mathematics, and what was measured.
    #[command(before_help = examples::EXPLAIN, help_template = examples::FIRST, after_help = EXIT_STATUS)]
    Explain(ExplainArgs),
    /// Print the embedding of every face in pictures, without dropout and not normalised.
    #[command(before_help = examples::EMBED, help_template = examples::FIRST, after_help = EXIT_STATUS)]
    Embed(EmbedArgs),
    /// Train an on-top network on embeddings and identities: a small network that scores for a recogniser without dropout.
    ///
    /// The paper's "on-top model", for recognisers trained without dropout; the recogniser itself is not needed. One in five
    /// embeddings is held out to decide when to stop. `serfiq score --on-top` then scores pictures, and `serfiq score-embeddings`
    /// embeddings. Trained on a few hundred images, an on-top network does not measure quality: check it with `serfiq edc`.
    #[command(before_help = examples::TRAIN_ON_TOP, help_template = examples::FIRST, after_help = TRAIN_EXIT_STATUS)]
    TrainOnTop(TrainOnTopArgs),
    /// Score embeddings with an on-top network trained on other embeddings of the same recogniser.
    ///
    /// Scores and output formats are those of `serfiq score --on-top`. An image without an embedding has no face.
    #[command(before_help = examples::SCORE_EMBEDDINGS, help_template = examples::FIRST, after_help = SCORE_EMBEDDINGS_EXIT_STATUS)]
    ScoreEmbeddings(ScoreEmbeddingsArgs),
    /// Draw error-versus-discard curves, which show how useful a quality measure is for a recogniser.
    ///
    /// The pairs state which images show the same person. The recogniser scores and compares the images, unless the pairs include
    /// similarities and --scores provides qualities. Every measure is judged on the same pairs: those whose images have a score
    /// from every measure. A report is one self-contained HTML file, and its numbers as JSON and CSV.
    #[command(before_help = examples::EDC, help_template = examples::FIRST, after_help = REPORT_EXIT_STATUS)]
    Edc(EdcArgs),
    /// Show what a quality threshold would do: how many images it keeps, and how many of the recogniser's errors remain.
    ///
    /// The pairs state which images show the same person, as for edc. A report is one self-contained HTML file, and its numbers as
    /// JSON and CSV.
    #[command(before_help = examples::THRESHOLDS, help_template = examples::FIRST, after_help = REPORT_EXIT_STATUS)]
    Thresholds(ThresholdsArgs),
    /// Compare the qualities of groups of images, to see whether a quality measure treats people or conditions differently.
    ///
    /// The labels assign each image to groups, with a column for each way of grouping, such as pose or age_group. A report is one
    /// self-contained HTML file, and its numbers as JSON and CSV.
    #[command(before_help = examples::AUDIT, help_template = examples::FIRST, after_help = REPORT_EXIT_STATUS)]
    Audit(AuditArgs),
    /// Fit a recogniser's calibration to pictures, and write it into the recogniser's card.
    ///
    /// The median of the raw scores becomes quality 90, and their 5th percentile quality 50. Given pairs, --quality is instead
    /// assigned to the lowest raw score at and above which the recogniser misses at most --fnmr of the mated pairs. Use a few
    /// hundred pictures or more, like those that will be scored. The k of the limit is fitted too. From 200 faces, the card also gets
    /// a table of percentiles: reports then say what percentage of these faces a score exceeds. The next command with this recogniser
    /// uses the new calibration.
    #[command(before_help = examples::CALIBRATE, help_template = examples::FIRST, after_help = CALIBRATE_EXIT_STATUS)]
    Calibrate(CalibrateArgs),
    /// Inspect recognisers, and write a card for your own.
    #[command(subcommand, before_help = examples::MODEL, help_template = examples::FIRST)]
    Model(ModelCommand),
}

impl Command {
    fn method(&self) -> Option<&MethodArgs> {
        match self {
            Self::Score(ScoreArgs { method, .. })
            | Self::Measures(MeasuresArgs { method, .. })
            | Self::Explain(ExplainArgs { method, .. })
            | Self::Audit(AuditArgs { source: SourceArgs { method, .. }, .. })
            | Self::Edc(EdcArgs { material: MaterialArgs { source: SourceArgs { method, .. }, .. }, .. })
            | Self::Thresholds(ThresholdsArgs { material: MaterialArgs { source: SourceArgs { method, .. }, .. }, .. }) => {
                Some(method)
            }
            Self::Embed(_) | Self::TrainOnTop(_) | Self::ScoreEmbeddings(_) | Self::Calibrate(_) | Self::Model(_) => None,
        }
    }
}

const REPORT_EXIT_STATUS: &str = "\
Exit status: 0 when the report was written, 1 when it was written without the images that could not be read, 2 when it was not; \
the messages say why.";

#[derive(Debug, Args)]
pub struct ScoreArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    #[command(flatten)]
    pub crops: CropArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// Output format: a table for people, one JSON object per picture, or CSV with one row per face.
    #[arg(long, value_enum, default_value_t = ScoreFormat::Table)]
    pub format: ScoreFormat,

    /// Score the recogniser's embedding with this on-top network, written by train-on-top, instead of with the recogniser's own
    /// dropout. There is then no quality, and no limit.
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
    /// Minimum accepted score: a quality, or a raw score if there are no qualities; `serfiq thresholds` shows what one would do
    /// [default: a quality of 50; any raw score].
    #[arg(long, value_name = "SCORE", value_parser = threshold)]
    pub threshold: Option<Threshold>,
}

impl ThresholdArgs {
    /// Returns the settings by which pictures are judged.
    pub fn settings(&self) -> Settings {
        Settings { score: self.threshold, ..Settings::of_photo() }
    }

    /// Returns the minimum accepted score; `None` if every score is accepted.
    pub fn limit(&self, are_qualities: bool) -> Option<f64> {
        self.settings().for_scores(are_qualities).score.map(|threshold| threshold.limit())
    }
}

/// Each picture is judged on its own, so a margin would have no effect.
fn threshold(text: &str) -> Result<Threshold, String> {
    let score = text.parse().map_err(|_| "expected a number".to_owned())?;
    Threshold::new(score, 0.0).map_err(|_| "expected a finite number".into())
}

/// How scores are computed.
#[derive(Debug, Args)]
pub struct MethodArgs {
    /// The noise-free limit of many passes in closed form, or the paper's Monte Carlo over random dropout passes, with its standard
    /// error [default: limit on the CPU, mc on WebGPU].
    #[arg(long, value_parser = method_parser())]
    pub method: Option<Method>,

    /// Dropout passes, 2 to 1000; implies --method mc [default: 100].
    #[arg(long, value_parser = clap::value_parser!(u32).range(bounds::PASSES))]
    pub passes: Option<u32>,

    /// Seed of the dropout masks; implies --method mc [default: 0].
    #[arg(long)]
    pub seed: Option<u64>,

    /// Dropout probability, between 0 and 1. Scores at different probabilities are not comparable, and qualities are calibrated for
    /// the model's own [default: the model's own].
    #[arg(long, value_name = "P")]
    pub dropout: Option<f64>,
}

/// The bounds of numbers. The help names them too.
mod bounds {
    use std::ops::RangeInclusive;

    use serfiq::score::DropoutMasks;
    use serfiq_eval::Resamples;

    /// Those of the engine.
    pub const PASSES: RangeInclusive<i64> = DropoutMasks::MIN_PASSES as i64..=DropoutMasks::MAX_PASSES as i64;
    /// More than any machine has cores.
    pub const THREADS: RangeInclusive<i64> = 1..=1024;
    pub const RESAMPLES: RangeInclusive<i64> = 0..=Resamples::MAX as i64;
}

impl MethodArgs {
    /// Returns the passes and the seed of Monte Carlo: those given, or else the paper's.
    pub fn monte_carlo(&self) -> (u32, u64) {
        (self.passes.unwrap_or(Method::DEFAULT_PASSES), self.seed.unwrap_or(Method::DEFAULT_SEED))
    }

    /// Returns the method given, or else `default`, the backend's own.
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

/// Parses a method's name; passes and seed, if it has any, are the paper's.
fn method_parser() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::NAMES)
        .try_map(|name| Method::named(&name, Method::DEFAULT_PASSES, Method::DEFAULT_SEED).ok_or("there is no such method"))
}

#[derive(Debug, Args)]
pub struct MeasuresArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    #[command(flatten)]
    pub output: OutputArgs,

    /// Output format: a table for people, one JSON object per picture, CSV with one row per picture, or OFIQ's own file format, with
    /// -1 for measures that serfiq lacks.
    #[arg(long, value_enum, default_value_t = MeasuresFormat::Table)]
    pub format: MeasuresFormat,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    #[command(flatten)]
    pub crops: CropArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// Output format: a table for people, one JSON object per picture, an HTML page of the pictures with a veil over unread
    /// parts, or one picture as PNG [default: what the name of --output ends with, or else table].
    #[arg(long, value_enum)]
    pub format: Option<ExplainFormat>,

    #[command(flatten)]
    pub threshold: ThresholdArgs,

    #[command(flatten)]
    pub method: MethodArgs,

    #[command(flatten)]
    pub engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct EmbedArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    #[command(flatten)]
    pub crops: CropArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// Output format: one JSON object per picture, or CSV with one row per face.
    #[arg(long, value_enum, default_value_t = EmbedFormat::Jsonl)]
    pub format: EmbedFormat,

    #[command(flatten)]
    pub engine: EngineArgs,
}

const TRAIN_EXIT_STATUS: &str = "\
Exit status: 0 when the on-top network was written, 1 when it was trained without the images that could not be read, 2 when it was \
not written; the messages say why.";

#[derive(Debug, Args)]
pub struct TrainOnTopArgs {
    /// CSV file with the columns path (or image) and e0, e1 and so on, one for each value, as written by `serfiq embed --format
    /// csv`. Only the first face of each image counts.
    #[arg(long, value_name = "FILE.csv")]
    pub embeddings: PathBuf,

    /// CSV file with the columns image (or path) and subject (or person): who is on which image. Subjects with a single image are
    /// left out, and so are images that are not listed.
    #[arg(long, value_name = "FILE.csv")]
    pub labels: PathBuf,

    /// The on-top network to write, which must not exist yet.
    #[arg(long, short, value_name = "FILE.safetensors")]
    pub output: PathBuf,

    /// The recogniser that computed the embeddings, by its name or its file [default: the name in the column model].
    #[arg(long, value_name = "NAME|FILE")]
    pub recogniser: Option<String>,

    /// Maximum number of epochs; training stops earlier if it no longer improves.
    #[arg(long, value_name = "N", default_value_t = Options::default().epochs)]
    pub epochs: u32,

    /// Batch size: examples per step of the optimiser.
    #[arg(long, value_name = "N", default_value_t = Options::default().batch)]
    pub batch: usize,

    /// Learning rate: factor applied to AdaDelta's steps.
    #[arg(long, value_name = "RATE", default_value_t = Options::default().learning_rate)]
    pub learning_rate: f64,

    /// Seed of the held-out split, the initial weights and the dropout.
    #[arg(long, default_value_t = Options::default().seed)]
    pub seed: u64,
}

const SCORE_EMBEDDINGS_EXIT_STATUS: &str = "\
Exit status: 0 when the scores were written, 1 when some images could not be read when they were to be embedded, 2 when the scores \
were not written; the messages say why.";

#[derive(Debug, Args)]
pub struct ScoreEmbeddingsArgs {
    /// The on-top network, as written by train-on-top.
    #[arg(long, value_name = "FILE")]
    pub on_top: PathBuf,

    /// CSV file with the columns path (or image) and e0, e1 and so on, one for each value, as written by `serfiq embed --format
    /// csv`. Only the first face of each image counts.
    #[arg(long, value_name = "FILE.csv")]
    pub embeddings: PathBuf,

    #[command(flatten)]
    pub output: OutputArgs,

    /// Output format: a table for people, one JSON object per image, or CSV with one row per image.
    #[arg(long, value_enum, default_value_t = ScoreFormat::Table)]
    pub format: ScoreFormat,

    /// Dropout passes, 2 to 1000.
    #[arg(long, value_parser = clap::value_parser!(u32).range(bounds::PASSES), default_value_t = Method::DEFAULT_PASSES)]
    pub passes: u32,

    /// Seed of the dropout masks.
    #[arg(long, default_value_t = Method::DEFAULT_SEED)]
    pub seed: u64,

    #[command(flatten)]
    pub threshold: ThresholdArgs,
}

/// Pairs of images, and where their qualities come from.
#[derive(Debug, Args)]
pub struct MaterialArgs {
    /// CSV file with the columns image_a, image_b, same_person (1 or 0, true or false, yes or no) and, optionally, similarity.
    #[arg(long, value_name = "FILE")]
    pub pairs: PathBuf,

    #[command(flatten)]
    pub source: SourceArgs,
}

/// Where qualities and similarities come from.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// Folder that the image names in the CSV file are relative to [default: the folder of that file].
    #[arg(long, value_name = "FOLDER")]
    pub images: Option<PathBuf>,

    /// Another quality measure: its name and a CSV file with the columns path (or image, or file) and raw (or quality, or score), as
    /// written by `serfiq score --format csv`. May be given several times.
    #[arg(long, value_name = "NAME=FILE", value_parser = name_and_file)]
    pub scores: Vec<(String, PathBuf)>,

    /// The column to read from the files of --scores instead, such as EyesOpen.scalar from `serfiq measures --format csv` or from a file
    /// that OFIQ wrote. Higher must be better. May be given several times.
    #[arg(long, value_name = "NAME", requires = "scores")]
    pub column: Vec<String>,

    /// The images are 112 x 112 crops, already aligned to the ArcFace template; face detection is skipped.
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

    /// False match rates at which the threshold is set [default: those of 0.01, 0.001 and 0.0001 that the pairs can measure].
    #[arg(long, value_delimiter = ',', value_name = "RATE,...")]
    pub fmr: Option<Vec<f64>>,

    /// Also show the curve with the threshold refitted to the remaining comparisons.
    #[arg(long)]
    pub refit: bool,

    /// Resamples of the people, for the confidence intervals, up to 1000000; 0 for none.
    #[arg(long, default_value_t = RESAMPLES, value_name = "N", value_parser = clap::value_parser!(u32).range(bounds::RESAMPLES))]
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
    #[arg(long, default_value_t = FMR, value_name = "RATE")]
    pub fmr: f64,

    /// Resamples of the people, for the confidence intervals, up to 1000000; 0 for none.
    #[arg(long, default_value_t = RESAMPLES, value_name = "N", value_parser = clap::value_parser!(u32).range(bounds::RESAMPLES))]
    pub resamples: u32,
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    /// CSV file with the column image, optionally subject (who is on it), and one column for each way of grouping.
    #[arg(long, value_name = "FILE")]
    pub labels: PathBuf,

    /// The columns to group by [default: all but image and subject].
    #[arg(long, value_delimiter = ',', value_name = "NAME,...")]
    pub columns: Option<Vec<String>>,

    /// CSV file of pairs, as for edc; adds the recogniser's error rates within each group to the report.
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,

    /// Also compare how often each check of the guide refuses the images of each group, and the measures of ISO/IEC 29794-5.
    #[arg(long, conflicts_with = "aligned")]
    pub measures: bool,

    #[command(flatten)]
    pub source: SourceArgs,

    /// The report. Its numbers go beside it, as .json and .csv.
    #[arg(long, short, value_name = "FILE.html", default_value = "audit.html", value_parser = html_file)]
    pub output: PathBuf,

    /// False match rate, over all pairs, at which the recogniser's threshold is set.
    #[arg(long, default_value_t = FMR, value_name = "RATE", requires = "pairs")]
    pub fmr: f64,

    /// Resamples of the people, for the confidence intervals, up to 1000000; 0 for none.
    #[arg(long, default_value_t = RESAMPLES, value_name = "N", value_parser = clap::value_parser!(u32).range(bounds::RESAMPLES))]
    pub resamples: u32,
}

const CALIBRATE_EXIT_STATUS: &str = "\
Exit status: 0 when the card was written, 1 when it was written without the pictures that could not be read, 2 when it was not; \
the messages say why.";

#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Pictures, and folders of pictures. Only the largest face of each picture counts.
    #[arg(required_unless_present = "pairs", conflicts_with = "pairs", value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// CSV file of pairs, as for edc, to calibrate on instead, so that --quality has the --fnmr.
    #[arg(long, value_name = "FILE", requires = "fnmr")]
    pub pairs: Option<PathBuf>,

    /// Folder that the image names in the pairs are relative to [default: the folder of the pairs].
    #[arg(long, value_name = "FOLDER", requires = "pairs")]
    pub images: Option<PathBuf>,

    /// The share of mated pairs that may be missed when both images have at least the --quality.
    #[arg(long, value_name = "RATE", requires = "pairs")]
    pub fnmr: Option<f64>,

    /// The quality that should have the --fnmr, between 0 and 90.
    #[arg(long, value_name = "Q", default_value_t = 50.0, requires = "pairs")]
    pub quality: f64,

    /// False match rate at which the recogniser's threshold is set.
    #[arg(long, value_name = "RATE", default_value_t = FMR, requires = "pairs")]
    pub fmr: f64,

    /// The pictures are 112 x 112 crops, already aligned to the ArcFace template; face detection is skipped.
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
    /// Prints its input, its embedding, where its dropout is, whether the limit applies, how its pixels are scaled, its card, and
    /// unsupported operators.
    #[command(before_help = examples::CHECK, help_template = examples::FIRST, after_help = "Exit status: 0 when it can, 1 when it cannot, 2 when the file cannot be read.")]
    Check(CheckArgs),
    /// Write the card of a recogniser beside its file: mine.toml for mine.onnx.
    ///
    /// The card states what the file cannot: the order of the colours and the scaling of the pixels. Both depend on how the
    /// recogniser was trained. Wrong values give wrong scores, not an error.
    #[command(before_help = examples::CARD, help_template = examples::FIRST, after_help = CARD_EXIT_STATUS)]
    Card(CardArgs),
    /// List the models that come with serfiq.
    #[command(before_help = examples::LIST, help_template = examples::FIRST)]
    List,
    /// Describe a model that comes with serfiq, or a recogniser's file and its card.
    #[command(before_help = examples::INFO, help_template = examples::FIRST)]
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

    /// Value subtracted from each channel value of 0 to 255 before scaling. Required unless the file scales the pixels itself.
    #[arg(long, requires = "scale", allow_negative_numbers = true)]
    pub mean: Option<f64>,

    /// Factor that the difference is multiplied by.
    #[arg(long, requires = "mean", allow_negative_numbers = true)]
    pub scale: Option<f64>,

    /// Dropout probability, between 0 and 1. Required for a network without a Dropout, refused for any other.
    #[arg(long, value_name = "P")]
    pub dropout: Option<f64>,

    /// Name of the recogniser in reports [default: the name of the file].
    #[arg(long)]
    pub name: Option<String>,

    /// Author of the recogniser.
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
    /// Pictures (JPEG, PNG, WebP, under any name), and folders, which are searched for pictures by extension.
    #[arg(required_unless_present_any = ["stdin", "stdin_bytes"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Read the paths of pictures from standard input, one per line; each result is printed at once, in input order.
    #[arg(long, conflicts_with_all = ["paths", "stdin_bytes", "resume"])]
    pub stdin: bool,

    /// Read the pictures themselves from standard input, each after its length (four bytes, big-endian); each result is printed at
    /// once, in input order. Pictures are named by their number, from 1.
    #[arg(long, conflicts_with_all = ["paths", "resume"])]
    pub stdin_bytes: bool,
}

/// Whether faces are to be found.
#[derive(Debug, Args)]
pub struct CropArgs {
    /// The pictures are 112 x 112 crops, already aligned to the ArcFace template; face detection is skipped.
    #[arg(long)]
    pub aligned: bool,
}

#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Write the results to a file, which must not exist yet, instead of to standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Continue an interrupted run with the same options: results already in --output are kept and not recomputed.
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
    /// The recogniser: one that comes with serfiq (see `serfiq model list`), or your own ONNX or TFLite file. A card beside the
    /// file (mine.toml for mine.onnx) supplies what the file does not state.
    #[arg(long, default_value = "sface", value_name = "NAME|FILE")]
    pub recogniser: PathBuf,

    /// Pictures processed in parallel, 1 to 1024 [default: the number of cores; 1 on WebGPU].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(bounds::THREADS))]
    pub threads: Option<u16>,

    /// Folder of the models that come with serfiq [default: those inside the program, else `models` beside it, else
    /// where it was built].
    #[arg(long, value_name = "FOLDER")]
    pub models_dir: Option<PathBuf>,
}

impl ModelArgs {
    /// Returns the number of threads given, or else one per core; a GPU processes one picture at a time.
    pub fn threads(&self, backend: BackendKind) -> NonZeroUsize {
        let given = self.threads.and_then(|threads| NonZeroUsize::new(threads.into()));
        given.unwrap_or_else(|| match backend {
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
pub enum MeasuresFormat {
    Table,
    Jsonl,
    Csv,
    Ofiq,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    Table,
    Jsonl,
    Html,
    Png,
}

impl ExplainFormat {
    /// The format asked for, or else the one that the output's name ends with.
    pub fn of(args: &ExplainArgs) -> Self {
        let extension = args.output.output.as_deref().and_then(Path::extension).map(|extension| extension.to_ascii_lowercase());
        args.format.unwrap_or_else(|| match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("html" | "htm") => Self::Html,
            Some("png") => Self::Png,
            Some("jsonl") => Self::Jsonl,
            _ => Self::Table,
        })
    }
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
