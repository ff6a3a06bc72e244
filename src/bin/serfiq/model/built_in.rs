use std::fmt::Write;

use comfy_table::{LineStyle, Table, TableStyle};
use serfiq::{BackendChoice, ModelCalibration, ModelCard, Role, models};

use super::ModelError;
use crate::args::ModelArgs;
use crate::engine::{self, default_folder};

/// One row for each model.
pub fn list() -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    table.set_header(["Model", "Role", "Calibrated", "Licence", "From"]);
    for card in models() {
        let calibrated = match (card.role, card.calibration) {
            (Role::Detector, _) => "",
            (Role::Recogniser, Some(_)) => "yes",
            (Role::Recogniser, None) => "no",
        };
        table.add_row([card.name, role(card), calibrated, card.licence, card.source]);
    }
    table
}

/// All that is known of a model.
pub fn info(name: &str) -> Result<String, ModelError> {
    let known = || models().iter().map(|card| card.name).collect();
    let card = models().iter().find(|card| card.name == name);
    let card = card.ok_or_else(|| ModelError::Unknown { name: name.into(), known: known() })?;
    let is_there = default_folder().join(card.file).is_file();
    let mut text = String::new();
    let mut line = |key: &str, words: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key:<11} {words}");
    };
    line("Name", card.name.into());
    line("Role", role(card).into());
    line("Author", card.author.into());
    line("Licence", card.licence.into());
    line("From", card.source.into());
    line("File", format!("{}, {} bytes{}", card.file, card.bytes, if is_there { "" } else { ", which is not there" }));
    line("SHA-256", card.sha256.into());
    if card.role == Role::Detector {
        return Ok(text);
    }
    match card.calibration {
        Some(ModelCalibration { quality, k }) => {
            line("Calibration", format!("alpha {}, r {}, k {k}", quality.alpha, quality.r));
        }
        None => line("Calibration", format!("none: raw scores only, no limit; serfiq calibrate --model {name} PICTURES")),
    }
    if is_there {
        let args = ModelArgs { name: name.into(), threads: None, models_dir: None };
        let info = engine::load(&args, BackendChoice::Cpu)?.info();
        let trained = if info.trained_with_dropout { "which it was trained with" } else { "without which it was trained" };
        line("Dropout", format!("p = {}, {trained}", info.dropout));
        line("Embedding", format!("{} numbers", info.dimension));
    }
    Ok(text)
}

fn role(card: &ModelCard) -> &'static str {
    match card.role {
        Role::Recogniser => "recogniser",
        Role::Detector => "detector",
    }
}
