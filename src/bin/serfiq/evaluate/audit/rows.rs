use super::findings::{Estimate, Findings, OfGroup};

const COLUMNS: [&str; 26] = [
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
    "times_among_lowest_05",
    "times_among_lowest_10",
    "times_among_lowest_20",
    "mated",
    "fnmr",
    "non_mated",
    "fmr",
];

/// One row for each group of each measure.
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
    for estimate in [group.difference, group.cliffs_delta] {
        cells.push(text(value(estimate)));
        let interval = estimate.and_then(|estimate| estimate.interval);
        cells.extend([0, 1].map(|end| text(interval.map(|interval| interval[end]))));
    }
    cells.extend(group.among_lowest.iter().map(|lowest| text(value(lowest.times))));
    let rates = group.rates.as_ref();
    cells.push(rates.map(|rates| rates.mated.to_string()).unwrap_or_default());
    cells.push(text(rates.and_then(|rates| value(rates.fnmr))));
    cells.push(rates.map(|rates| rates.non_mated.to_string()).unwrap_or_default());
    cells.push(text(rates.and_then(|rates| value(rates.fmr))));
    cells
}

fn value(estimate: Option<Estimate>) -> Option<f64> {
    estimate.map(|estimate| estimate.value)
}

fn text(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
