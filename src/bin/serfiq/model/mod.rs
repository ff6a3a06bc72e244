//! `serfiq model`: looking at recognisers, and bringing one's own.
//!
//! | module | owns |
//! |---|---|
//! | `findings` | whether an ONNX file can be a recogniser here, and why not |
//! | `add` | making it one: its card, and the next build |
//! | `built_in` | the models in this build |
mod add;
mod built_in;
mod findings;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use serfiq_models::ImportError;

use crate::args::{CheckArgs, ModelCommand};
use crate::engine::LoadError;
use add::AddError;
use findings::Findings;

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Import { path: PathBuf, source: ImportError },
    #[error(transparent)]
    Add(#[from] AddError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("there is no model {name:?} in this build; it has {}", known.join(", "))]
    Unknown { name: String, known: Vec<&'static str> },
}

pub fn run(command: &ModelCommand) -> Result<ExitCode, ModelError> {
    match command {
        ModelCommand::Check(args) => {
            let (_, findings) = look_into(args)?;
            print!("{findings}");
            Ok(if findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
        ModelCommand::Add(args) => {
            let (onnx, findings) = look_into(&args.check)?;
            print!("{findings}");
            add::run(args, &onnx, &findings)?;
            Ok(ExitCode::SUCCESS)
        }
        ModelCommand::List => {
            println!("{}", built_in::list());
            Ok(ExitCode::SUCCESS)
        }
        ModelCommand::Info { name } => {
            print!("{}", built_in::info(name)?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn look_into(args: &CheckArgs) -> Result<(Vec<u8>, Findings), ModelError> {
    let path = || args.file.clone();
    let onnx = fs::read(&args.file).map_err(|source| ModelError::Read { path: path(), source })?;
    let findings = Findings::of(&onnx, args.cut_at.as_deref());
    Ok((onnx, findings.map_err(|source| ModelError::Import { path: path(), source })?))
}
