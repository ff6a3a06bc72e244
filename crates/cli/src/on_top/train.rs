use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serfiq_on_top::{Epoch, FileError, OnTopModel, Options, TrainError, train};

use super::embeddings::{Embeddings, EmbeddingsError};
use super::examples::{Examples, ExamplesError};
use crate::args::TrainOnTopArgs;
use crate::own_file::{OwnFile, OwnFileError};
use crate::print::{self, PrintError};

/// Why no on-top network was trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainOnTopError {
    #[error("{} is there already; name another file, or delete it", path.display())]
    Exists { path: PathBuf },
    #[error(transparent)]
    Embeddings(#[from] EmbeddingsError),
    #[error("{} does not name the recogniser of its embeddings; name it with --recogniser", path.display())]
    Unnamed { path: PathBuf },
    #[error("the embeddings in {} are of {found}, but --recogniser names {named}; leave it out", path.display())]
    OtherModel { path: PathBuf, found: String, named: String },
    #[error(transparent)]
    Recogniser(#[from] OwnFileError),
    #[error(transparent)]
    Examples(#[from] ExamplesError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Print(#[from] PrintError),
}

/// Trains an on-top network, saves it, and prints a summary. Returns status 1 if an image could not be read.
pub fn run(args: &TrainOnTopArgs) -> Result<ExitCode, TrainOnTopError> {
    if args.output.exists() {
        return Err(TrainOnTopError::Exists { path: args.output.clone() });
    }
    let embeddings = Embeddings::read(&args.embeddings)?;
    let recogniser = recogniser(args, &embeddings)?;
    let examples = Examples::read(&args.labels, &embeddings, &args.embeddings)?;
    for problem in &examples.unreadable {
        print::problem(problem);
    }
    let &TrainOnTopArgs { epochs, batch, learning_rate, seed, .. } = args;
    let options = Options { epochs, batch, learning_rate, seed };

    // Hidden unless stderr is a terminal.
    let progress = ProgressBar::new(epochs.into()).with_style(progress_style());
    let model = train(&recogniser, &examples.embeddings, &examples.identities, &options, |epoch| {
        let Epoch { loss, held_out_loss, accuracy, .. } = epoch;
        progress.set_message(format!("loss {loss:.3}, held out {held_out_loss:.3}, {:.1} % right", 100.0 * accuracy));
        progress.inc(1);
    });
    let epochs_run = progress.position();
    progress.finish_and_clear();
    let model = model?;
    model.save(&args.output)?;
    print::result(format_args!("{}\nfile        {}\n", summary(&model, &examples, epochs_run), args.output.display()))?;
    Ok(if examples.unreadable.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Returns the recogniser of the embeddings. The on-top network works with no other, so its name is never guessed.
fn recogniser(args: &TrainOnTopArgs, embeddings: &Embeddings) -> Result<String, TrainOnTopError> {
    let path = args.embeddings.clone();
    match (args.recogniser.as_deref().map(name).transpose()?, &embeddings.model) {
        (Some(named), Some(found)) if named != *found => Err(TrainOnTopError::OtherModel { path, found: found.clone(), named }),
        (Some(name), _) => Ok(name),
        (None, Some(name)) => Ok(name.clone()),
        (None, None) => Err(TrainOnTopError::Unnamed { path }),
    }
}

/// Returns a recogniser's name; if `named` is a file, the name comes from the file and its card.
fn name(named: &str) -> Result<String, OwnFileError> {
    let path = Path::new(named);
    match path.is_file() {
        true => Ok(OwnFile::read(path)?.model_card()?.name),
        false => Ok(named.into()),
    }
}

fn summary(model: &OnTopModel, examples: &Examples, epochs_run: u64) -> String {
    let training = &model.training;
    let Examples { without_a_face, alone, unreadable, .. } = examples;
    let unreadable = if unreadable.is_empty() { String::new() } else { format!("; {} unreadable left out", unreadable.len()) };
    [
        format!("network     {}, for {}", model.fingerprint(), model.recogniser),
        format!(
            "images      {}, {} of them held out; {without_a_face} without a face left out{unreadable}",
            training.images, training.held_out
        ),
        format!("identities  {}; {alone} with a single image left out", training.identities),
        format!("accuracy    {:.1} % of the images held out", 100.0 * training.accuracy()),
        format!("epochs      {}, the best of {epochs_run}", training.epochs),
    ]
    .join("\n")
}

fn progress_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} epoch {human_pos}/{human_len}  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
