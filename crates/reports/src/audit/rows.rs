use super::columns::ColumnOfGroup;
use super::findings::{Estimate, Findings, OfGroup};
use crate::explanation::parts;

const COLUMNS: [&str; 46] = [
    "measure",
    "attribute",
    "group",
    "images",
    "images_without_a_score",
    "subjects",
    "small",
    "mean",
    "q05",
    "q25",
    "median",
    "q75",
    "q95",
    "difference",
    "difference_low",
    "difference_high",
    "cliffs_delta",
    "cliffs_delta_low",
    "cliffs_delta_high",
    "share_of_lowest_05",
    "times_among_lowest_05",
    "times_among_lowest_05_low",
    "times_among_lowest_05_high",
    "share_of_lowest_10",
    "times_among_lowest_10",
    "times_among_lowest_10_low",
    "times_among_lowest_10_high",
    "share_of_lowest_20",
    "times_among_lowest_20",
    "times_among_lowest_20_low",
    "times_among_lowest_20_high",
    "worst_10_read_forehead",
    "worst_10_read_eyes",
    "worst_10_read_nose",
    "worst_10_read_mouth",
    "worst_10_read_left",
    "worst_10_read_right",
    "mated",
    "fnmr",
    "fnmr_low",
    "fnmr_high",
    "non_mated",
    "fmr",
    "fmr_low",
    "fmr_high",
    "finding",
];

/// Writes one row for each group of each measure, check and measure of the standard.
pub fn rows(findings: &Findings) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for measure in &findings.measures {
        for attribute in &measure.attributes {
            for group in &attribute.groups {
                writer.write_record([measure.name.clone(), attribute.name.clone()].into_iter().chain(row(group)))?;
            }
        }
    }
    for column in &findings.columns {
        for group in &column.groups {
            writer.write_record([column.name.clone(), column.attribute.clone()].into_iter().chain(row_of_column(group)))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn row(group: &OfGroup) -> Vec<String> {
    let mut cells = vec![
        group.name.clone(),
        group.images.to_string(),
        group.images_without_a_score.to_string(),
        group.subjects.to_string(),
        u8::from(group.small).to_string(),
    ];
    let summary = group.summary.as_ref().map(|of| [of.mean, of.q05, of.q25, of.median, of.q75, of.q95]);
    cells.extend((0..6).map(|index| text(summary.map(|numbers| numbers[index]))));
    cells.extend(with_interval(group.difference));
    cells.extend(with_interval(group.cliffs_delta));
    for lowest in &group.among_lowest {
        cells.push(lowest.share.to_string());
        cells.extend(with_interval(lowest.times));
    }
    let read = group.reading_of_worst.as_ref().map(|reading| parts(&reading.parts).map(|(_, share)| share));
    cells.extend((0..6).map(|part| text(read.map(|shares| shares[part]))));
    cells.push(text(group.rates.map(|rates| rates.mated)));
    cells.extend(with_interval(group.rates.and_then(|rates| rates.fnmr)));
    cells.push(text(group.rates.map(|rates| rates.non_mated)));
    cells.extend(with_interval(group.rates.and_then(|rates| rates.fmr)));
    cells.push(String::new());
    cells
}

/// Leaves the cells that only quality measures have empty.
fn row_of_column(group: &ColumnOfGroup) -> Vec<String> {
    let cell = |name: &str, value: String| (COLUMNS.iter().position(|column| *column == name), value);
    let [difference, low, high] = with_interval(group.difference);
    let [delta, delta_low, delta_high] = with_interval(group.cliffs_delta);
    let mut cells = vec![String::new(); COLUMNS.len()];
    for (column, value) in [
        cell("group", group.name.clone()),
        cell("images", group.images.to_string()),
        cell("mean", text(group.mean)),
        cell("difference", difference),
        cell("difference_low", low),
        cell("difference_high", high),
        cell("cliffs_delta", delta),
        cell("cliffs_delta_low", delta_low),
        cell("cliffs_delta_high", delta_high),
        cell("finding", u8::from(group.finding).to_string()),
    ] {
        if let Some(cell) = column.and_then(|column| cells.get_mut(column)) {
            *cell = value;
        }
    }
    // The first two are the caller's.
    cells.split_off(2)
}

/// Returns a number and the ends of its interval.
fn with_interval(estimate: Option<Estimate>) -> [String; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [estimate.map(|estimate| estimate.value), interval.map(|[low, _]| low), interval.map(|[_, high]| high)].map(text)
}

fn text(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
