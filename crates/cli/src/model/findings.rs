use std::fmt;

use serfiq::ModelCard;
use serfiq_network::ImportError;
use serfiq_network::card::Input;
use serfiq_network::file::{Declared, Unsupported};
use serfiq_network::import::Layout;
use serfiq_network::inspect::{Found, Inspection};
use serfiq_network::scaling::Scaling;

use crate::own_file::{OwnFile, OwnFileError};

/// Range of a picture's channel values.
const PIXELS: [f64; 2] = [0.0, 255.0];

/// A scaling for values from 0 to 1 maps values from 0 to 255 beyond this limit; a scaling for 0 to 255 does not.
const TOO_FAR: f64 = 200.0;

/// What a file contains, and why it cannot be a recogniser.
#[derive(Debug)]
pub struct Findings<'a> {
    file: &'a OwnFile,
    /// The file and its card combined.
    card: Result<ModelCard, OwnFileError>,
    inspection: Inspection,
    /// One message per problem, with what was found and expected; empty for a usable recogniser.
    pub problems: Vec<String>,
}

impl<'a> Findings<'a> {
    /// Inspects a file and its card. `cut_at` is the output of the node to cut at; it overrides the card's entry.
    pub fn of(file: &'a OwnFile, cut_at: Option<&str>) -> Result<Self, ImportError> {
        let inspection = file.inspect(cut_at)?;
        let card = file.model_card();
        let unsupported = inspection.unsupported.iter();
        let mut problems: Vec<String> = unsupported
            .map(|Unsupported { op, node }| format!("the operator `{op}` (node `{node}`) is not supported"))
            .collect();
        match &inspection.recogniser {
            // Already listed among the unsupported operators above.
            Err(ImportError::Operator { .. }) if !problems.is_empty() => {}
            Err(error) => problems.push(error.to_string()),
            Ok(_) => {}
        }
        problems.extend(card.as_ref().err().map(ToString::to_string));
        Ok(Self { file, card, inspection, problems })
    }

    /// Returns the recogniser, if the network is one.
    pub fn recogniser(&self) -> Option<&Found> {
        self.inspection.recogniser.as_ref().ok()
    }

    fn card_line(&self) -> String {
        let path = self.file.card_path();
        match (&self.file.card, &self.card) {
            (None, _) => format!("none: there is no {}", path.display()),
            (Some(_), Err(_)) => format!("{}, not valid", path.display()),
            (Some(_), Ok(card)) => {
                let is_complete = self.recogniser().is_some_and(|found| !self.file.missing(found).any());
                let complete = if is_complete { "complete" } else { "incomplete" };
                let calibrated = if card.calibration.is_some() { "calibrated" } else { "not calibrated" };
                format!("{}, valid, {complete}, {calibrated}", path.display())
            }
        }
    }

    /// Says what to do next with a usable recogniser.
    fn next(&self, found: &Found) -> String {
        let missing = self.file.missing(found);
        let argument = self.file.argument();
        if missing.any() {
            return match self.file.card {
                None => format!("usable with a card; {}\n            ({})", self.file.remedy(missing), missing.usual()),
                Some(_) => {
                    format!("usable with a complete card; {}\n            ({})", self.file.remedy(missing), missing.usual())
                }
            };
        }
        let is_calibrated = self.card.as_ref().is_ok_and(|card| card.calibration.is_some());
        match is_calibrated {
            true => format!("ready: serfiq score --recogniser {argument} PICTURES"),
            false => format!(
                "ready: serfiq score --recogniser {argument} PICTURES\n            For qualities and the limit: serfiq calibrate \
                 --recogniser {argument} PICTURES"
            ),
        }
    }
}

impl fmt::Display for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection { inputs, operations, recogniser, .. } = &self.inspection;
        let sha256 = serfiq_network::verify::sha256(&self.file.bytes);
        writeln!(f, "File        {}, {} bytes", self.file.path.display(), self.file.bytes.len())?;
        writeln!(f, "SHA-256     {sha256}")?;
        for input in inputs {
            let layout = match recogniser {
                Ok(Found { layout: Layout::ChannelsLast, .. }) => ", channels last",
                _ => "",
            };
            writeln!(f, "Input       {} {}{layout}", input.name, shape_text(input))?;
        }
        match recogniser {
            Ok(Found { steps, parameters, .. }) => {
                writeln!(f, "Network     {operations} operations, {steps} steps after the import, {parameters} parameters")?;
            }
            Err(_) => writeln!(f, "Network     {operations} operations")?,
        }
        if let Ok(found) = recogniser {
            writeln!(f, "Embedding   {} numbers, an affine map of {} features", found.dimension, found.features)?;
            match found.dropout {
                Some(p) => writeln!(f, "Dropout     at `{}`, p = {p}", found.place.node)?,
                None => {
                    let probability = self.file.said_by_card().dropout.probability;
                    let probability = probability.map(|p| format!(", p = {p} by the card")).unwrap_or_default();
                    let place = &found.place;
                    writeln!(f, "Dropout     none; passes drop inputs of `{}` ({}){probability}", place.node, place.op)?;
                    writeln!(
                        f,
                        "            As far as the file tells, it was trained without dropout: its scores may follow quality less closely."
                    )?;
                }
            }
            writeln!(f, "Limit       applies, once the recogniser is calibrated")?;
            writeln!(f, "Pixels      {}", pixels(found, &self.file.said_by_card().input))?;
        }
        writeln!(f, "Card        {}", self.card_line())?;
        match (self.problems.as_slice(), recogniser) {
            ([], Ok(found)) => writeln!(f, "Result      {}", self.next(found)),
            (problems, _) => problems.iter().try_for_each(|problem| writeln!(f, "Problem     {problem}")),
        }
    }
}

/// Describes how a network's pixels are scaled.
fn pixels(found: &Found, Input { mean, scale, .. }: &Input) -> String {
    let by_card = mean.zip(*scale).map(|(mean, scale)| format!("scaled by the card: {}", formula(mean.into(), scale.into())));
    let by_graph = match found.scaling {
        _ if !found.scales_itself => None,
        scaling if scaling == Scaling::NONE => Some("scaled in the graph, each channel in its own way".into()),
        Scaling { mean, scale } => {
            let mut text = format!("scaled in the graph: {}", formula(mean, scale));
            let far = PIXELS.map(|v| ((v - mean) * scale).abs()).into_iter().fold(0.0, f64::max);
            if by_card.is_none() && far > TOO_FAR {
                text += &format!(
                    ", up to {far:.0}. If the graph expects values from 0 to 1, write its card with --mean 0 --scale 0.0039216"
                );
            }
            Some(text)
        }
    };
    match (by_card, by_graph) {
        (None, None) => "not scaled in the graph: a card must say how".into(),
        (Some(text), None) | (None, Some(text)) => text,
        (Some(card), Some(graph)) => format!("{card}; then {graph}"),
    }
}

fn formula(mean: f64, scale: f64) -> String {
    // Six digits: the last digits of a 32-bit float are rounding errors.
    let rounded = |number: f64| format!("{number:.5e}").parse().unwrap_or(number);
    format!("(v - {}) * {}", rounded(mean), rounded(scale))
}

/// Formats a shape, with `?` for an open dimension.
fn shape_text(Declared { shape, .. }: &Declared) -> String {
    let size = |size: &Option<usize>| size.map_or("?".into(), |size| size.to_string());
    match shape {
        Some(shape) => format!("[{}]", shape.iter().map(size).collect::<Vec<_>>().join(", ")),
        None => "of no declared shape".into(),
    }
}
