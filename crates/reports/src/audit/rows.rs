use super::findings::{Estimate, Findings, OfGroup};

const COLUMNS: [&str; 39] = [
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
    "mated",
    "fnmr",
    "fnmr_low",
    "fnmr_high",
    "non_mated",
    "fmr",
    "fmr_low",
    "fmr_high",
];

/// Writes one row for each group of each measure.
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
    cells.extend(with_interval(group.difference));
    cells.extend(with_interval(group.cliffs_delta));
    for lowest in &group.among_lowest {
        cells.push(lowest.share.to_string());
        cells.extend(with_interval(lowest.times));
    }
    cells.push(text(group.rates.map(|rates| rates.mated)));
    cells.extend(with_interval(group.rates.and_then(|rates| rates.fnmr)));
    cells.push(text(group.rates.map(|rates| rates.non_mated)));
    cells.extend(with_interval(group.rates.and_then(|rates| rates.fmr)));
    cells
}

/// Returns a number and the ends of its interval.
fn with_interval(estimate: Option<Estimate>) -> [String; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [estimate.map(|estimate| estimate.value), interval.map(|[low, _]| low), interval.map(|[_, high]| high)].map(text)
}

fn text(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
