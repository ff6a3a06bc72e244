use std::fmt::Write;
use std::path::Path;

use comfy_table::{LineStyle, Table, TableStyle};
use serfiq::{BackendChoice, EngineInfo, ModelCalibration, ModelCard, Role, models};

use crate::args::ModelArgs;
use crate::recogniser::{LoadError, Recogniser, is_here};

const UNKNOWN: &str = "unknown";

/// Returns a table with one row per built-in model.
pub fn list() -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    table.set_header(["Model", "Role", "Calibrated", "Licence", "From"]);
    for card in models() {
        let calibrated = match (card.role, card.calibration) {
            (Role::Detector | Role::Landmarks, _) => "",
            (Role::Recogniser, Some(_)) => "yes",
            (Role::Recogniser, None) => "no",
        };
        let licence = card.licence.as_deref().unwrap_or(UNKNOWN);
        table.add_row([&card.name, card.role.name(), calibrated, licence, &card.source]);
    }
    table
}

/// Describes a model: a built-in one, or a recogniser's file.
pub fn info(model: &Path) -> Result<String, LoadError> {
    let built_in = models().iter().find(|card| model.to_str() == Some(&card.name));
    if let Some(card) = built_in
        && (card.role != Role::Recogniser || !is_here(card))
    {
        return Ok(text(card, None, None));
    }
    let args = ModelArgs { recogniser: model.into(), threads: None, models_dir: None };
    let recogniser = Recogniser::find(&args)?;
    let info = recogniser.load(&args, BackendChoice::Cpu)?.info();
    let own_card = recogniser.own_file().map(|file| {
        let path = file.card_path();
        if file.card.is_some() { path.display().to_string() } else { format!("none: there is no {}", path.display()) }
    });
    Ok(text(recogniser.card(), own_card, Some((info, recogniser.argument()))))
}

/// `own_card` describes the card of the user's own file. `loaded` is the engine's information about a recogniser, and its name
/// on the command line.
fn text(card: &ModelCard, own_card: Option<String>, loaded: Option<(EngineInfo, String)>) -> String {
    let mut text = String::new();
    let mut line = |key: &str, words: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key:<11} {words}");
    };
    let is_there = loaded.is_some() || is_here(card);
    line("Name", &card.name);
    line("Role", card.role.name());
    line("Author", card.author.as_deref().unwrap_or(UNKNOWN));
    line("Licence", card.licence.as_deref().unwrap_or(UNKNOWN));
    line("From", &card.source);
    line("File", &format!("{}, {} bytes{}", card.file, card.bytes, if is_there { "" } else { ", which is not there" }));
    line("SHA-256", &card.sha256);
    if let Some(own_card) = own_card {
        line("Card", &own_card);
    }
    if card.role != Role::Recogniser {
        return text;
    }
    match (card.calibration, &loaded) {
        (Some(ModelCalibration { quality, k }), _) => {
            line("Calibration", &format!("alpha {}, r {}, k {k}", quality.alpha, quality.r));
            let percentiles = card.percentiles.as_ref().map(|percentiles| format!("of the faces of {}", percentiles.of()));
            line("Percentiles", &percentiles.unwrap_or_else(|| "none in the card".into()));
        }
        (None, loaded) => {
            let recogniser = loaded.as_ref().map_or(&card.name, |(_, argument)| argument);
            let command = format!("serfiq calibrate --recogniser {recogniser} PICTURES");
            line("Calibration", &format!("none: raw scores only, no limit; {command}"));
        }
    }
    if let Some((info, _)) = loaded {
        let trained = if info.trained_with_dropout { "as in training" } else { "but it was trained without dropout" };
        line("Dropout", &format!("p = {}, {trained}", info.dropout));
        line("Embedding", &format!("{} numbers", info.dimension));
    }
    text
}
