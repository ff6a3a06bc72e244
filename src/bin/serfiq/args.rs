use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use serfiq::BackendChoice;
use serfiq::score::{DropoutMasks, Method};

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
        if let Command::Score(ScoreArgs { method: Some(MethodName::Limit), passes, seed, .. }) = &cli.command
            && (passes.is_some() || seed.is_some())
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
    /// Scores of two models do not compare; every report names its model and method.
    #[command(after_help = EXIT_STATUS)]
    Score(ScoreArgs),
    /// Print the embedding of every face in pictures, without dropout and not normalised.
    #[command(after_help = EXIT_STATUS)]
    Embed(EmbedArgs),
}

#[derive(Debug, Args)]
pub struct ScoreArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    /// How to print the results: a table for people, or one JSON object a picture, or CSV with one row a face.
    #[arg(long, value_enum, default_value_t = ScoreFormat::Table)]
    pub format: ScoreFormat,

    /// The limit of many passes in closed form, without noise, or the paper's Monte Carlo over random dropout passes, with
    /// its standard error [default: limit on the CPU, mc on WebGPU].
    #[arg(long, value_enum)]
    pub method: Option<MethodName>,

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

    #[command(flatten)]
    pub engine: EngineArgs,
}

const PASSES: std::ops::RangeInclusive<i64> = DropoutMasks::MIN_PASSES as i64..=DropoutMasks::MAX_PASSES as i64;

impl ScoreArgs {
    /// What was asked for, or else the backend's own.
    pub fn method(&self, default: Method) -> Method {
        let monte_carlo = Method::MonteCarlo {
            passes: self.passes.unwrap_or(Method::DEFAULT_PASSES),
            seed: self.seed.unwrap_or(Method::DEFAULT_SEED),
        };
        match self.method {
            Some(MethodName::Mc) => monte_carlo,
            Some(MethodName::Limit) => Method::Limit,
            None if self.passes.is_some() || self.seed.is_some() => monte_carlo,
            None => default,
        }
    }
}

#[derive(Debug, Args)]
pub struct EmbedArgs {
    #[command(flatten)]
    pub pictures: Pictures,

    /// How to print the embeddings: one JSON object a picture, or CSV with one row a face.
    #[arg(long, value_enum, default_value_t = EmbedFormat::Jsonl)]
    pub format: EmbedFormat,

    #[command(flatten)]
    pub engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct Pictures {
    /// Pictures (JPEG, PNG, WebP, whatever their names), and folders, which are searched for pictures by extension.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The pictures are 112 x 112 crops, already aligned to the ArcFace template: no face is looked for.
    #[arg(long)]
    pub aligned: bool,
}

#[derive(Debug, Args)]
pub struct EngineArgs {
    /// The recogniser.
    #[arg(long, default_value = "sface")]
    pub model: String,

    /// Where to run it. The CPU gives the same numbers on every run.
    #[arg(long, value_enum, default_value_t = BackendName::Cpu)]
    pub backend: BackendName,

    /// Folder of the ONNX files [default: `models` beside the program, else where it was built].
    #[arg(long, value_name = "FOLDER")]
    pub models_dir: Option<PathBuf>,
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
pub enum MethodName {
    Limit,
    Mc,
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
