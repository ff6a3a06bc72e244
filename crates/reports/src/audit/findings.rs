use std::collections::HashSet;

use serde::Serialize;
use serfiq_eval::{
    Comparisons, ComparisonsError, Difference, GroupRates, GroupedImage, Groups, GroupsError, Resamples, ThresholdError,
    Weights,
};

use super::columns::{self, OfColumn};
use super::readings::{MeanReading, of_worst};
use crate::Found;
use crate::interval::{ends, of_rate};
use crate::labels::{Attribute, Labels};
use crate::material::{Judged, Material, Measure, Readings, threshold};

/// Minimum number of subjects. Resampling fewer says too little about other people's images.
pub const MIN_SUBJECTS: usize = 20;
/// The lowest-quality fractions whose composition is reported.
pub const LOWEST: [f64; 3] = [0.05, 0.1, 0.2];
/// Number of bins in a distribution of qualities.
const PARTS: usize = 50;
/// Number of fractions, in hundredths, at which the curve of shares is drawn.
const HUNDREDTHS: u32 = 100;

/// The parameters of the report.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// False match rate of the recogniser's threshold; `None` without pairs.
    pub fmr: Option<f64>,
    /// Resamples of the bootstrap, and their seed.
    pub resamples: Resamples,
}

/// The comparison of groups of images.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// Number of images.
    pub images: usize,
    /// Number of people.
    pub subjects: usize,
    /// Source of the images' subjects.
    pub subjects_from: SubjectsFrom,
    /// The recogniser alone.
    pub recogniser: Option<ErrorRates>,
    /// One for each measure.
    pub measures: Vec<OfMeasure>,
    /// The guide's checks and the standard's measures, if they are compared.
    pub columns: Vec<OfColumn>,
}

/// Source of the images' subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectsFrom {
    /// The file of labels.
    Labels,
    /// The mated pairs.
    Pairs,
    /// No source: every image is treated as a different person.
    Nowhere,
}

impl SubjectsFrom {
    /// Names the unit of resampling.
    pub fn drawn(self) -> &'static str {
        match self {
            Self::Labels | Self::Pairs => "people",
            Self::Nowhere => "images",
        }
    }
}

/// The recogniser's operating point, the same for all groups.
#[derive(Debug, Serialize)]
pub struct ErrorRates {
    /// As requested.
    pub fmr: f64,
    /// Measured over all pairs: the largest rate not above `fmr`.
    pub measured_fmr: f64,
    /// Similarities above it match.
    pub threshold: f64,
    /// False non-match rate.
    pub fnmr: f64,
    /// Pairs left out, because an image has no score.
    pub pairs_left_out: usize,
}

/// The results of one measure.
#[derive(Debug, Serialize)]
pub struct OfMeasure {
    /// Its name.
    pub name: String,
    /// One for each attribute.
    pub attributes: Vec<OfAttribute>,
}

/// The results of one attribute.
#[derive(Debug, Serialize)]
pub struct OfAttribute {
    /// Its name.
    pub name: String,
    /// Images with an empty cell.
    pub unlabelled: usize,
    /// The ends of the distributions.
    pub range: (f64, f64),
    /// One for each group, in alphabetical order.
    pub groups: Vec<OfGroup>,
    /// The share of each group among the images of the lowest quality.
    pub shares: Vec<Shares>,
}

/// The groups' shares of the images of the lowest quality.
#[derive(Debug, Serialize)]
pub struct Shares {
    /// Fraction of all images, from the lowest quality up.
    pub fraction: f64,
    /// In the order of the groups.
    pub shares: Vec<f64>,
}

/// The results of one group.
#[derive(Debug, Serialize)]
pub struct OfGroup {
    /// Its name.
    pub name: String,
    /// Images with a quality.
    pub images: usize,
    /// Images without a quality, such as those without a face.
    pub images_without_a_score: usize,
    /// Number of people.
    pub subjects: usize,
    /// Whether the group is too small for conclusions beyond these images.
    pub small: bool,
    /// Statistics of the group alone; `None` without images.
    pub summary: Option<Summary>,
    /// Mean minus that of all other images; `None` if either side has too few people.
    pub difference: Option<Estimate>,
    /// Cliff's delta against all other images; `None` if either side has too few people.
    pub cliffs_delta: Option<Estimate>,
    /// The group's share among the lowest qualities, and relative to its share among all images.
    pub among_lowest: Vec<AmongLowest>,
    /// How much the recogniser reads of the group's worst tenth of images; `None` if unknown.
    pub reading_of_worst: Option<MeanReading>,
    /// Histogram: shares of the group's images in equal bins of the range.
    pub distribution: Vec<f64>,
    /// The recogniser's errors within the group; `None` without pairs.
    pub rates: Option<Rates>,
}

/// Statistics of a group's qualities.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Mean.
    pub mean: f64,
    /// 5th percentile.
    pub q05: f64,
    /// 25th percentile.
    pub q25: f64,
    /// Median.
    pub median: f64,
    /// 75th percentile.
    pub q75: f64,
    /// 95th percentile.
    pub q95: f64,
}

/// A number with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// 95 % confidence interval; `None` if there is none.
    pub interval: Option<[f64; 2]>,
}

impl Estimate {
    /// Whether the number is at least this far from 0, and its interval excludes 0.
    pub(super) fn is_beyond(self, margin: f64) -> bool {
        self.value.abs() >= margin && self.interval.is_some_and(|[low, high]| low > 0.0 || high < 0.0)
    }
}

/// A group's part in the images of the lowest quality.
#[derive(Debug, Serialize)]
pub struct AmongLowest {
    /// Fraction of all images, from the lowest quality up.
    pub fraction: f64,
    /// Share of the group among them.
    pub share: f64,
    /// Its share here divided by its share among all; `None` if `difference` is `None`.
    pub times: Option<Estimate>,
}

/// The recogniser's errors within a group.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rates {
    /// Number of mated pairs.
    pub mated: u64,
    /// Mated pairs that do not match.
    pub missed: u64,
    /// `None` without mated pairs; small groups have no interval.
    pub fnmr: Option<Estimate>,
    /// Number of non-mated pairs.
    pub non_mated: u64,
    /// Non-mated pairs that match.
    pub false_matches: u64,
    /// `None` without non-mated pairs; small groups have no interval.
    pub fmr: Option<Estimate>,
}

/// Returns the usual name for the size of a Cliff's delta (Romano et al. 2006).
pub fn magnitude(delta: f64) -> &'static str {
    match delta.abs() {
        ..0.147 => "negligible",
        ..0.33 => "small",
        ..0.474 => "medium",
        _ => "large",
    }
}

/// Why there is nothing to report.
#[derive(Debug, thiserror::Error)]
pub enum FindingsError {
    /// Pairs that contradict each other, or none of one kind.
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    /// A rate that cannot be measured.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// Images that cannot be compared by group.
    #[error("{attribute}: {source}")]
    Groups {
        /// Name of the attribute.
        attribute: String,
        /// What is wrong.
        source: GroupsError,
    },
}

/// Compares the groups of images by each measure.
///
/// # Errors
/// A measure has no qualities of the labelled images; no comparisons are left; a rate that cannot be measured.
pub fn findings(material: &Material, labels: &Labels, question: &Question) -> Result<Found<Findings>, FindingsError> {
    let mut cautions = Vec::new();
    let judged = material.judged();
    let pairs = match question.fmr {
        Some(fmr) => Some((fmr, judged.as_good()?)),
        None => None,
    };
    let recogniser = match &pairs {
        Some((fmr, comparisons)) => Some(recogniser(*fmr, comparisons, &judged, &mut cautions)?),
        None => None,
    };
    let (subject_of, subjects_from) = match &labels.subject_of {
        Some(given) => (given.clone(), SubjectsFrom::Labels),
        None if pairs.is_some() => (material.subjects(), SubjectsFrom::Pairs),
        None => ((0..labels.images).collect(), SubjectsFrom::Nowhere),
    };
    let rates = |attribute| pairs.as_ref().map(|(fmr, comparisons)| rates(attribute, *fmr, comparisons, question.resamples));
    let rates: Vec<Option<Vec<Rates>>> = labels.attributes.iter().map(rates).collect();
    let of_measure = |measure: &Measure| -> Result<OfMeasure, FindingsError> {
        let attributes = labels.attributes.iter().zip(&rates);
        let readings = material.readings.as_ref();
        let findings = attributes.map(|(attribute, rates)| {
            of_attribute(measure, attribute, &subject_of, rates.as_deref(), readings, question.resamples)
        });
        Ok(OfMeasure { name: measure.name.clone(), attributes: findings.collect::<Result<_, _>>()? })
    };
    let results = Findings {
        images: labels.images,
        subjects: subject_of.iter().take(labels.images).collect::<HashSet<_>>().len(),
        subjects_from,
        recogniser,
        measures: material.measures.iter().map(of_measure).collect::<Result<_, _>>()?,
        columns: columns::compare(&material.columns, labels, &subject_of, question.resamples),
    };
    Ok(Found { results, cautions })
}

fn recogniser(
    fmr: f64,
    comparisons: &Comparisons,
    judged: &Judged,
    cautions: &mut Vec<String>,
) -> Result<ErrorRates, FindingsError> {
    let threshold = threshold(comparisons, fmr, cautions)?;
    Ok(ErrorRates {
        fmr,
        measured_fmr: threshold.fmr,
        threshold: threshold.above,
        fnmr: comparisons.fnmr(threshold),
        pairs_left_out: judged.pairs_left_out,
    })
}

/// `rates` has one entry per group.
fn of_attribute(
    measure: &Measure,
    attribute: &Attribute,
    subject_of: &[usize],
    rates: Option<&[Rates]>,
    readings: Option<&Readings>,
    resamples: Resamples,
) -> Result<OfAttribute, FindingsError> {
    let labelled = attribute.group_of.iter().enumerate().filter_map(|(image, group)| Some((image, (*group)?)));
    let scored = labelled.clone().filter_map(|(image, group)| {
        Some(GroupedImage { quality: measure.qualities[image]?, subject: subject_of[image], group })
    });
    let groups = Groups::new(scored.collect(), attribute.groups.len())
        .map_err(|source| FindingsError::Groups { attribute: attribute.name.clone(), source })?;
    let shares = |fraction| Shares { fraction, shares: groups.shares_of_lowest(fraction, &groups.once()) };
    let (lowest, estimates) = (LOWEST.map(shares), Estimates::of(&groups, resamples));

    let reading_of_worst = |index: usize| {
        let images = labelled.clone().filter(|(_, group)| *group == index);
        of_worst(readings?, images.filter_map(|(image, _)| Some((image, measure.qualities[image]?))))
    };
    let of_group = |(index, name): (usize, &String)| {
        let summary = groups.summary(index);
        let counts = summary.map(|summary| [summary.images, summary.subjects, summary.other_subjects]);
        let [images, subjects, other_subjects] = counts.unwrap_or_default();
        let small = subjects < MIN_SUBJECTS;
        let is_told = !small && other_subjects >= MIN_SUBJECTS;
        let told = |which: usize| is_told.then(|| estimates.get(index, which));
        OfGroup {
            name: name.clone(),
            images,
            images_without_a_score: labelled.clone().filter(|(_, group)| *group == index).count() - images,
            subjects,
            small,
            summary: summary.map(|summary| {
                let [q05, q25, median, q75, q95] = summary.quantiles;
                Summary { mean: summary.mean, q05, q25, median, q75, q95 }
            }),
            difference: told(0),
            cliffs_delta: told(1),
            among_lowest: lowest
                .iter()
                .enumerate()
                .map(|(which, of)| AmongLowest { fraction: of.fraction, share: of.shares[index], times: told(2 + which) })
                .collect(),
            reading_of_worst: reading_of_worst(index),
            distribution: if images > 0 { groups.histogram(index, PARTS) } else { Vec::new() },
            rates: rates.map(|rates| if small { without_intervals(rates[index]) } else { rates[index] }),
        }
    };
    Ok(OfAttribute {
        name: attribute.name.clone(),
        unlabelled: attribute.group_of.iter().filter(|group| group.is_none()).count(),
        range: groups.range(),
        groups: attribute.groups.iter().enumerate().map(of_group).collect(),
        shares: (1..=HUNDREDTHS).map(|hundredth| shares(f64::from(hundredth) / f64::from(HUNDREDTHS))).collect(),
    })
}

/// The estimates for every group, with intervals.
struct Estimates(Vec<Estimate>);

impl Estimates {
    /// Estimates per group: difference, Cliff's delta, and each share among the lowest divided by the share among all.
    const EACH: usize = 2 + LOWEST.len();

    fn of(groups: &Groups, resamples: Resamples) -> Self {
        let numbers = |weights: &Weights| -> Vec<f64> {
            let all = groups.shares_of_lowest(1.0, weights);
            let lowest = LOWEST.map(|fraction| groups.shares_of_lowest(fraction, weights));
            let of_group = |(index, Difference { mean, cliffs_delta }): (usize, Difference)| {
                let times: Vec<f64> = lowest.iter().map(|shares| shares[index] / all[index]).collect();
                [mean, cliffs_delta].into_iter().chain(times)
            };
            groups.differences(weights).into_iter().enumerate().flat_map(of_group).collect()
        };
        let intervals = resamples.intervals(groups.subjects(), numbers);
        let with_interval = |(number, value)| Estimate { value, interval: ends(intervals.of(number)) };
        Self(numbers(&groups.once()).into_iter().enumerate().map(with_interval).collect())
    }

    fn get(&self, group: usize, which: usize) -> Estimate {
        self.0[group * Self::EACH + which]
    }
}

/// Returns the error rates within each group, at one threshold for all.
fn rates(attribute: &Attribute, fmr: f64, comparisons: &Comparisons, resamples: Resamples) -> Vec<Rates> {
    // Images named only in the pairs have indices after the labelled ones.
    let within = |weights: &Weights| comparisons.rates_within(&attribute.group_of, attribute.groups.len(), fmr, weights);
    let intervals = resamples.intervals(comparisons.subjects(), |weights| {
        within(weights).iter().flat_map(|rates| [rates.fnmr(), rates.fmr()]).collect()
    });
    let estimate = |value: f64, pairs: f64, number: usize| {
        (pairs > 0.0).then(|| Estimate { value, interval: of_rate(value, pairs, intervals.of(number)) })
    };
    let of_group = |(group, counts): (usize, GroupRates)| Rates {
        mated: counts.mated as u64,
        missed: counts.missed as u64,
        fnmr: estimate(counts.fnmr(), counts.mated, 2 * group),
        non_mated: counts.non_mated as u64,
        false_matches: counts.false_matches as u64,
        fmr: estimate(counts.fmr(), counts.non_mated, 2 * group + 1),
    };
    within(&comparisons.once()).into_iter().enumerate().map(of_group).collect()
}

fn without_intervals(rates: Rates) -> Rates {
    let without = |estimate: Option<Estimate>| estimate.map(|Estimate { value, .. }| Estimate { value, interval: None });
    Rates { fnmr: without(rates.fnmr), fmr: without(rates.fmr), ..rates }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_have_words() {
        assert_eq!([0.0, 0.147, -0.4, 0.474, -1.0].map(magnitude), ["negligible", "small", "medium", "large", "large"]);
    }
}
