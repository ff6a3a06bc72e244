//! `serfiq model`: inspecting recognisers, and writing cards.
//!
//! | module | owns |
//! |---|---|
//! | `findings` | whether a file can be a recogniser, and why not |
//! | `card` | the card of a recogniser, written beside its file |
//! | `info` | what is known about a model |
mod card;
mod findings;
mod info;

use std::path::PathBuf;
use std::process::ExitCode;

use serfiq_network::ImportError;

use crate::args::ModelCommand;
use crate::own_file::{OwnFile, OwnFileError};
use crate::print::{self, PrintError};
use crate::recogniser::LoadError;
use card::WriteCardError;
use findings::Findings;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error(transparent)]
    File(#[from] OwnFileError),
    #[error("{}: {source}", path.display())]
    Import { path: PathBuf, source: ImportError },
    #[error(transparent)]
    Card(#[from] WriteCardError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Print(#[from] PrintError),
}

pub fn run(command: &ModelCommand) -> Result<ExitCode, ModelError> {
    match command {
        ModelCommand::Check(args) => {
            let file = OwnFile::read(&args.file)?;
            let findings = findings(&file, args.cut_at.as_deref())?;
            print::result(&findings)?;
            return Ok(if findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) });
        }
        ModelCommand::Card(args) => {
            let file = OwnFile::read(&args.check.file)?;
            card::write(args, &file, &findings(&file, args.check.cut_at.as_deref())?)?;
        }
        ModelCommand::List => print::result(format_args!("{}\n", info::list()))?,
        ModelCommand::Info { model } => print::result(info::info(model)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn findings<'a>(file: &'a OwnFile, cut_at: Option<&str>) -> Result<Findings<'a>, ModelError> {
    Findings::of(file, cut_at).map_err(|source| ModelError::Import { path: file.path.clone(), source })
}
