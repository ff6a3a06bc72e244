use std::path::PathBuf;

use serfiq::model::ModelError;
use serfiq::{CardError, ModelCard, ModelFile, check_recogniser};
use serfiq_network::verify::sha256;
use toml_edit::{DocumentMut, Item, Table, Value, value};

use super::findings::Findings;
use crate::args::{CardArgs, ColourName};
use crate::atomic_write::{self, WriteError};
use crate::own_file::OwnFile;
use crate::print::{self, PrintError};

/// Why no card was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteCardError {
    #[error("{} is there already; edit it, or delete it to write another one", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be a recogniser; the problems are listed above", path.display())]
    Unusable { path: PathBuf },
    #[error(
        "{} does not scale its pixels itself; say how it was trained: --mean 127.5 --scale 0.0078431 for values from -1 to 1, which is \
         usual, or --mean 0 --scale 0.0039216 for values from 0 to 1",
        path.display()
    )]
    NoRange { path: PathBuf },
    #[error(
        "{} has no Dropout; say with --dropout which share of its {features} features a pass drops (0.4 and 0.5 are usual in training)",
        path.display()
    )]
    NoProbability { path: PathBuf, features: usize },
    #[error(
        "{} has a Dropout with p = {found}; expected no --dropout, which is for a network without one (`serfiq score --dropout` sets another)",
        path.display()
    )]
    Probability { path: PathBuf, found: f64 },
    #[error("--dropout is {found}; expected a number above 0 and below 1")]
    NoShare { found: f64 },
    #[error("{}: {source}", path.display())]
    Card { path: PathBuf, source: CardError },
    #[error("{} cannot be loaded with this card: {source}", path.display())]
    Load { path: PathBuf, source: ModelError },
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Print(#[from] PrintError),
}

/// Writes a card beside a file, after checking that the recogniser loads with it.
pub fn write(args: &CardArgs, file: &OwnFile, findings: &Findings) -> Result<(), WriteCardError> {
    let (path, card_path) = (file.path.clone(), file.card_path());
    if file.card.is_some() {
        return Err(WriteCardError::Exists { path: card_path });
    }
    let (Some(found), true) = (findings.recogniser(), findings.problems.is_empty()) else {
        print::result(findings)?;
        return Err(WriteCardError::Unusable { path });
    };
    match (found.dropout, args.dropout) {
        (None, None) => return Err(WriteCardError::NoProbability { path, features: found.features }),
        (Some(found), Some(_)) => return Err(WriteCardError::Probability { path, found }),
        (_, Some(found)) if !(found > 0.0 && found < 1.0) => return Err(WriteCardError::NoShare { found }),
        _ => {}
    }
    if !found.scales_itself && args.mean.is_none() {
        return Err(WriteCardError::NoRange { path });
    }
    let text = text(args, file);
    let card = ModelCard::own(&path.to_string_lossy(), &file.bytes, Some(&text));
    let card = card.map_err(|source| WriteCardError::Card { path: card_path.clone(), source })?;
    check_recogniser(ModelFile { card: &card, bytes: &file.bytes }).map_err(|source| WriteCardError::Load { path, source })?;
    atomic_write::write(&card_path, &text)?;
    let (name, recogniser) = (&card.name, file.argument());
    print::result(format_args!(
        "Written: {}\nThe recogniser {name} is ready: serfiq score --recogniser {recogniser} PICTURES\nIt has raw scores, no qualities and no \
         limit until it is calibrated: serfiq calibrate --recogniser {recogniser} PICTURES\n",
        card_path.display()
    ))?;
    Ok(())
}

fn text(args: &CardArgs, file: &OwnFile) -> String {
    let table = |entries: Vec<(&str, Option<Value>)>| {
        let mut table = Table::new();
        for (key, entry) in entries {
            if let Some(entry) = entry {
                table.insert(key, value(entry));
            }
        }
        Item::Table(table)
    };
    let colour = match args.colour {
        ColourName::Rgb => "rgb",
        ColourName::Bgr => "bgr",
    };
    let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
    let mut card = DocumentMut::new();
    card["name"] = value(args.name.as_deref().unwrap_or(&stem));
    for (key, text) in [("author", &args.author), ("licence", &args.licence)] {
        if let Some(text) = text {
            card[key] = value(text);
        }
    }
    card["source"] = table(vec![("registry", Some("file".into())), ("sha256", Some(sha256(&file.bytes).into()))]);
    card["input"] = table(vec![
        ("colour", Some(colour.into())),
        ("mean", args.mean.map(Value::from)),
        ("scale", args.scale.map(Value::from)),
    ]);
    if args.dropout.is_some() || args.check.cut_at.is_some() {
        let node = args.check.cut_at.as_deref().map(Value::from);
        card["dropout"] = table(vec![("probability", args.dropout.map(Value::from)), ("node", node)]);
    }
    card.to_string()
}
