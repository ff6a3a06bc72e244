use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};
use serfiq::ModelCalibration;
use serfiq::score::Percentiles;
use serfiq_eval::quantile;

use super::Fitted;
use super::fit::{MIN_FOR_TABLES, Reached, Rule};

/// Returns the comparison of before and after, as text.
pub fn text(fitted: &Fitted, before: Option<ModelCalibration>) -> String {
    let after = fitted.fit.calibration;
    let faces = fitted.sample.faces.iter().flatten().count();
    let unreadable = fitted.sample.unreadable;
    let without = fitted.sample.faces.len() - faces - unreadable;
    let mut text = format!("{faces} faces; no face in {without} pictures; {unreadable} unreadable\n");
    text += &match &fitted.percentiles {
        Some(percentiles) => {
            format!("Percentiles are those of {}: reports say how many in 100 of its faces score lower.\n", percentiles.of())
        }
        None => format!(
            "Fewer than {MIN_FOR_TABLES} faces: a few more could change the calibration, and the card has no table of percentiles. \
             Use several hundred.\n"
        ),
    };
    if let Some(cells) = &fitted.cells {
        text += &format!("The card now has the usual values of the recogniser's {cells} cells, for `serfiq explain`.\n");
    }
    if let Rule::ErrorRate { question, reached: Reached { raw, images, mated, fnmr, interval: [low, high] } } = &fitted.fit.rule
    {
        text += &format!(
            "At an FMR of {} and raw scores of {raw:.4} or more, which {:.1} % of the pictures have, {:.2} % of {mated} mated pairs are \
             missed (95 % confidence: {:.2} to {:.2} %)\n",
            question.fmr,
            100.0 * images,
            100.0 * fnmr,
            100.0 * low,
            100.0 * high
        );
    }
    text += &format!("\n{}\n\n{}\n", constants(before, after), qualities(fitted, before, after));
    text
}

/// Describes the rule as the card words it.
pub fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Quantiles => "limit scores; quality 50 at their 5th percentile, 90 at their median".into(),
        Rule::ErrorRate { question, reached } => format!(
            "limit scores; quality {} at the lowest score at and above which at most {} of the mated pairs are missed at an FMR of {} \
             (raw {:.4}, {:.4} of {} pairs), 90 at the median",
            question.quality, question.fnmr, question.fmr, reached.raw, reached.fnmr, reached.mated
        ),
    }
}

fn constants(before: Option<ModelCalibration>, after: ModelCalibration) -> Table {
    let mut table = table(["", "Before", "After"]);
    let numbers = |of: ModelCalibration| [of.quality.alpha, of.quality.r, of.k];
    for (index, name) in ["alpha", "r", "k"].into_iter().enumerate() {
        let number = |of: ModelCalibration| numbers(of)[index].to_string();
        table.add_row([Cell::new(name), cell(before.map(number)), cell(Some(number(after)))]);
    }
    table
}

fn qualities(fitted: &Fitted, before: Option<ModelCalibration>, after: ModelCalibration) -> Table {
    let mut table = table(["Percentile", "Raw score", "Quality before", "Quality after"]);
    // Raw scores depend on the calibration's k. With a card's k, there may be no score.
    let sorted = |k: f64| {
        let mut raws: Vec<f64> = fitted.sample.raws(k).unwrap_or_default().into_iter().flatten().collect();
        raws.sort_by(f64::total_cmp);
        raws
    };
    let (raws, before) = (sorted(after.k), before.map(|of| (sorted(of.k), of)));
    for percent in Percentiles::USUAL {
        let at_share = |raws: &[f64]| (!raws.is_empty()).then(|| quantile(raws, percent / 100.0));
        let quality = |raws: &[f64], of: ModelCalibration| at_share(raws).map(|raw| format!("{:.1}", of.quality.quality(raw)));
        table.add_row([
            cell(Some(percent.to_string())),
            cell(at_share(&raws).map(|raw| format!("{raw:.4}"))),
            cell(before.as_ref().and_then(|(raws, of)| quality(raws, *of))),
            cell(quality(&raws, after)),
        ]);
    }
    table
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    table.set_header(header);
    table
}

fn cell(text: Option<String>) -> Cell {
    Cell::new(text.unwrap_or("none".into())).set_alignment(CellAlignment::Right)
}
