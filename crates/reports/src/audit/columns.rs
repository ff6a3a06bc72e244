//! The comparisons beside those of quality measures: how often each check of the guide refuses an image, and the measures of the
//! standard.

use serde::Serialize;
use serfiq_eval::{GroupedImage, Groups, Resamples, Weights};

use super::findings::{Estimate, MIN_SUBJECTS};
use crate::interval::ends;
use crate::labels::{Attribute, Labels};
use crate::material::{Column, ColumnKind};

/// A check is a finding from this difference between a group's rate and that of all others, if the interval excludes 0.
pub const MARGIN: f64 = 0.05;
/// A measure is a finding from this Cliff's delta, "medium" by Romano et al., if the interval excludes 0.
const DELTA: f64 = 0.33;

/// A check or a measure, compared between the groups of one attribute.
#[derive(Debug, Serialize)]
pub struct OfColumn {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ColumnKind,
    /// Name of the attribute.
    pub attribute: String,
    /// One for each group, in alphabetical order.
    pub groups: Vec<ColumnOfGroup>,
}

/// A check or a measure of one group.
#[derive(Debug, Serialize)]
pub struct ColumnOfGroup {
    /// Name of the group.
    pub name: String,
    /// Images with a value.
    pub images: usize,
    /// The share of them that is refused, 0 to 1, or their mean quality, 0 to 100; `None` without images.
    pub mean: Option<f64>,
    /// Mean minus that of all other images; `None` if either side has too few people.
    pub difference: Option<Estimate>,
    /// Cliff's delta against all other images; `None` if either side has too few people.
    pub cliffs_delta: Option<Estimate>,
    /// Whether the difference is certain, and large enough to matter.
    pub finding: bool,
}

impl OfColumn {
    /// Whether any image is refused; always true for a measure.
    pub fn has_anything(&self) -> bool {
        self.kind == ColumnKind::Standard || self.groups.iter().any(|group| group.mean.is_some_and(|mean| mean > 0.0))
    }
}

/// Compares each column between the groups of each attribute. Left out where fewer than two groups have values.
pub fn compare(columns: &[Column], labels: &Labels, subject_of: &[usize], resamples: Resamples) -> Vec<OfColumn> {
    let of = |attribute| columns.iter().filter_map(move |column| of_attribute(column, attribute, subject_of, resamples));
    labels.attributes.iter().flat_map(of).collect()
}

fn of_attribute(column: &Column, attribute: &Attribute, subject_of: &[usize], resamples: Resamples) -> Option<OfColumn> {
    let grouped = |(image, group): (usize, &Option<usize>)| {
        Some(GroupedImage { quality: column.values[image]?, subject: subject_of[image], group: (*group)? })
    };
    let images = attribute.group_of.iter().enumerate().filter_map(grouped).collect();
    let groups = Groups::new(images, attribute.groups.len()).ok()?;
    let numbers = |weights: &Weights| -> Vec<f64> {
        groups.differences(weights).into_iter().flat_map(|difference| [difference.mean, difference.cliffs_delta]).collect()
    };
    let intervals = resamples.intervals(groups.subjects(), numbers);
    let values = numbers(&groups.once());
    let of_group = |(index, name): (usize, &String)| {
        let summary = groups.summary(index);
        let is_told = summary.is_some_and(|of| of.subjects >= MIN_SUBJECTS && of.other_subjects >= MIN_SUBJECTS);
        let estimate =
            |number: usize| is_told.then(|| Estimate { value: values[number], interval: ends(intervals.of(number)) });
        let (difference, cliffs_delta) = (estimate(2 * index), estimate(2 * index + 1));
        ColumnOfGroup {
            name: name.clone(),
            images: summary.map_or(0, |summary| summary.images),
            mean: summary.map(|summary| summary.mean),
            difference,
            cliffs_delta,
            finding: match column.kind {
                ColumnKind::Check => difference.is_some_and(|difference| difference.is_beyond(MARGIN)),
                ColumnKind::Standard => cliffs_delta.is_some_and(|delta| delta.is_beyond(DELTA)),
            },
        }
    };
    Some(OfColumn {
        name: column.name.clone(),
        kind: column.kind,
        attribute: attribute.name.clone(),
        groups: attribute.groups.iter().enumerate().map(of_group).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups of 100 people with an image each; of the second, `bad` are refused, of the first 5.
    fn compared(bad: usize, resamples: u32) -> OfColumn {
        let cells: Vec<String> = (0..200).map(|image| if image < 100 { "a" } else { "b" }.to_owned()).collect();
        let attribute = Attribute::new("group".into(), &cells).unwrap();
        let values = (0..200).map(|image| Some(f64::from(u8::from(image < 5 || (100..100 + bad).contains(&image))))).collect();
        let column = Column { name: "too_dark".into(), kind: ColumnKind::Check, values };
        let subjects: Vec<usize> = (0..200).collect();
        of_attribute(&column, &attribute, &subjects, Resamples { count: resamples, seed: 0 }).unwrap()
    }

    #[test]
    fn a_check_that_sends_one_group_back_more_often_is_a_finding() {
        let found = compared(30, 500);
        assert_eq!(found.groups.iter().map(|group| group.mean.unwrap()).collect::<Vec<_>>(), [0.05, 0.3]);
        assert!((found.groups[1].difference.unwrap().value - 0.25).abs() < 1e-12);
        assert!(found.groups.iter().all(|group| group.finding) && found.has_anything());
        // Chance may do this, or it is too little to matter.
        for bad in [5, 8] {
            assert!(!compared(bad, 500).groups[1].finding, "{bad} of 100");
        }
        // Without intervals nothing is certain.
        assert!(!compared(30, 0).groups[1].finding);
    }
}
