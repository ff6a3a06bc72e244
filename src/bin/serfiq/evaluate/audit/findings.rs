use serde::Serialize;
use serfiq::eval::{
    Comparisons, GroupRates, GroupedImage, Groups, Interval, Resamples, Weights, largest_unseen_rate, subjects_of_images,
};

use super::AuditError;
use crate::evaluate::labels::{Attribute, Labels};
use crate::evaluate::material::{Judged, Material};
use crate::evaluate::measure::Measure;

/// With fewer subjects, resamples of them say too little of what other people's images would give.
pub const FEWEST_SUBJECTS: usize = 20;
/// The lowest-quality fractions whose make-up is written down.
pub const LOWEST: [f64; 3] = [0.05, 0.1, 0.2];
/// Parts of the range of qualities in a distribution.
const PARTS: usize = 50;
/// Fractions at which the curve of shares is drawn, in hundredths.
const HUNDREDTHS: u32 = 100;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// False match rate of the recogniser's threshold; `None` without pairs.
    pub fmr: Option<f64>,
    pub resamples: Resamples,
}

/// Groups of images beside each other.
#[derive(Debug, Serialize)]
pub struct Findings {
    pub images: usize,
    pub subjects: usize,
    /// Where it was taken from who is on an image.
    pub subjects_from: SubjectsFrom,
    pub recogniser: Option<Recogniser>,
    pub measures: Vec<OfMeasure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectsFrom {
    /// The file of labels.
    Labels,
    /// The mated pairs.
    Pairs,
    /// Nowhere: every image is taken for one of a person of its own.
    Nowhere,
}

/// Where the recogniser decides, for all groups alike.
#[derive(Debug, Serialize)]
pub struct Recogniser {
    /// As asked for.
    pub fmr: f64,
    /// As it is over all pairs: the largest that is not above.
    pub measured_fmr: f64,
    /// Similarities above it match.
    pub threshold: f64,
    pub fnmr: f64,
    pub pairs_left_out: usize,
}

#[derive(Debug, Serialize)]
pub struct OfMeasure {
    pub name: String,
    pub attributes: Vec<OfAttribute>,
}

#[derive(Debug, Serialize)]
pub struct OfAttribute {
    pub name: String,
    /// Images with an empty cell.
    pub unlabelled: usize,
    /// The ends of the distributions.
    pub range: (f64, f64),
    pub groups: Vec<OfGroup>,
    /// The share of each group among the images of the lowest quality.
    pub shares: Vec<Shares>,
}

#[derive(Debug, Serialize)]
pub struct Shares {
    /// How many of all images are meant, from the lowest quality.
    pub fraction: f64,
    /// In the order of the groups.
    pub shares: Vec<f64>,
}

#[derive(Debug, Serialize)]
pub struct OfGroup {
    pub name: String,
    /// With a quality.
    pub images: usize,
    /// Without one, as without a face.
    pub images_without_a_score: usize,
    pub subjects: usize,
    /// Too small to say anything beyond these very images.
    pub small: bool,
    /// Of the group alone; `None` without images.
    pub summary: Option<Summary>,
    /// Beside all other images; `None` for small groups.
    pub difference: Option<Estimate>,
    /// Cliff's delta beside all other images; `None` for small groups.
    pub cliffs_delta: Option<Estimate>,
    /// How many times as frequent the group is among the lowest qualities as among all images.
    pub among_lowest: Vec<AmongLowest>,
    /// Shares of the group's images in equal parts of the range.
    pub distribution: Vec<f64>,
    pub rates: Option<Rates>,
}

#[derive(Debug, Serialize)]
pub struct Summary {
    pub mean: f64,
    pub q05: f64,
    pub q25: f64,
    pub median: f64,
    pub q75: f64,
    pub q95: f64,
}

/// A number, and its 95 % confidence interval.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub interval: Option<[f64; 2]>,
}

#[derive(Debug, Serialize)]
pub struct AmongLowest {
    pub fraction: f64,
    pub share: f64,
    /// Its share here in terms of its share among all; `None` for small groups.
    pub times: Option<Estimate>,
}

/// The recogniser's errors within a group.
#[derive(Debug, Serialize)]
pub struct Rates {
    pub mated: u64,
    /// `None` without mated pairs.
    pub fnmr: Option<Estimate>,
    pub non_mated: u64,
    pub fmr: Option<Estimate>,
}

/// How large an effect is, by the usual words for Cliff's delta (Romano et al. 2006).
pub fn magnitude(delta: f64) -> &'static str {
    match delta.abs() {
        ..0.147 => "negligible",
        ..0.33 => "small",
        ..0.474 => "medium",
        _ => "large",
    }
}

pub fn findings(material: &Material, labels: &Labels, question: &Question) -> Result<Findings, AuditError> {
    let judged = material.judged();
    let pairs = match question.fmr {
        Some(fmr) => Some((fmr, judged.as_good()?)),
        None => None,
    };
    let recogniser = match &pairs {
        Some((fmr, comparisons)) => Some(recogniser(*fmr, comparisons, &judged)?),
        None => None,
    };
    let (subject_of, subjects_from) = match &labels.subject_of {
        Some(given) => (given.clone(), SubjectsFrom::Labels),
        None if pairs.is_some() => {
            (subjects_of_images(judged.comparisons(), material.images.names().len()).0, SubjectsFrom::Pairs)
        }
        None => ((0..labels.images).collect(), SubjectsFrom::Nowhere),
    };
    let of_measure = |measure: &Measure| -> Result<OfMeasure, AuditError> {
        let attributes = labels.attributes.iter();
        let findings = attributes.map(|attribute| of_attribute(measure, attribute, &subject_of, pairs.as_ref(), question));
        Ok(OfMeasure { name: measure.name.clone(), attributes: findings.collect::<Result<_, _>>()? })
    };
    let mut subjects: Vec<usize> = subject_of.iter().take(labels.images).copied().collect();
    subjects.sort_unstable();
    subjects.dedup();
    Ok(Findings {
        images: labels.images,
        subjects: subjects.len(),
        subjects_from,
        recogniser,
        measures: material.measures.iter().map(of_measure).collect::<Result<_, _>>()?,
    })
}

fn recogniser(fmr: f64, comparisons: &Comparisons, judged: &Judged) -> Result<Recogniser, AuditError> {
    let threshold = comparisons.threshold(fmr)?;
    Ok(Recogniser {
        fmr,
        measured_fmr: threshold.fmr,
        threshold: threshold.above,
        fnmr: comparisons.fnmr(threshold),
        pairs_left_out: judged.pairs_left_out,
    })
}

fn of_attribute(
    measure: &Measure,
    attribute: &Attribute,
    subject_of: &[usize],
    pairs: Option<&(f64, Comparisons)>,
    question: &Question,
) -> Result<OfAttribute, AuditError> {
    let labelled = attribute.group_of.iter().enumerate().filter_map(|(image, group)| Some((image, (*group)?)));
    let scored = labelled.clone().filter_map(|(image, group)| {
        Some(GroupedImage { quality: measure.qualities[image]?, subject: subject_of[image], group })
    });
    let count = attribute.groups.len();
    let groups = Groups::new(scored.collect(), count)
        .map_err(|source| AuditError::Groups { attribute: attribute.name.clone(), source })?;

    let estimates = Estimates::of(&groups, question.resamples);
    let rates = pairs.map(|(fmr, comparisons)| rates(attribute, *fmr, comparisons, question.resamples));
    let all = groups.shares_of_lowest(1.0, &groups.once());
    let of_group = |(index, name): (usize, &String)| {
        let summary = groups.summary(index);
        let (images, subjects) = summary.map_or((0, 0), |summary| (summary.images, summary.subjects));
        let small = subjects < FEWEST_SUBJECTS;
        let told = |estimate: Estimate| (!small && estimate.value.is_finite()).then_some(estimate);
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
            difference: told(estimates.get(index, 0)),
            cliffs_delta: told(estimates.get(index, 1)),
            among_lowest: (LOWEST.iter().enumerate())
                .map(|(which, &fraction)| AmongLowest {
                    fraction,
                    share: estimates.get(index, 2 + which).value * all[index],
                    times: told(estimates.get(index, 2 + which)),
                })
                .collect(),
            distribution: if images > 0 { groups.histogram(index, PARTS) } else { Vec::new() },
            rates: rates.as_ref().and_then(|rates| rates.get(index)).map(|(counts, intervals)| of_rates(counts, *intervals)),
        }
    };
    let shares = (1..=HUNDREDTHS).map(|hundredth| {
        let fraction = f64::from(hundredth) / f64::from(HUNDREDTHS);
        Shares { fraction, shares: groups.shares_of_lowest(fraction, &groups.once()) }
    });
    Ok(OfAttribute {
        name: attribute.name.clone(),
        unlabelled: attribute.group_of.iter().filter(|group| group.is_none()).count(),
        range: groups.range(),
        groups: attribute.groups.iter().enumerate().map(of_group).collect(),
        shares: shares.collect(),
    })
}

/// What is estimated of every group, with intervals.
struct Estimates(Vec<Estimate>);

impl Estimates {
    /// Difference, Cliff's delta, and the shares among the lowest in terms of the share among all.
    const EACH: usize = 2 + LOWEST.len();

    fn of(groups: &Groups, resamples: Resamples) -> Self {
        let numbers = |weights: &Weights| -> Vec<f64> {
            let all = groups.shares_of_lowest(1.0, weights);
            let lowest = LOWEST.map(|fraction| groups.shares_of_lowest(fraction, weights));
            let of_group = |(index, difference): (usize, serfiq::eval::Difference)| {
                let times = lowest.iter().map(|shares| shares[index] / all[index]).collect::<Vec<_>>();
                [difference.mean, difference.cliffs_delta].into_iter().chain(times)
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

/// Of each group the counts, and the intervals of FNMR and FMR.
fn rates(
    attribute: &Attribute,
    fmr: f64,
    comparisons: &Comparisons,
    resamples: Resamples,
) -> Vec<(GroupRates, [Option<[f64; 2]>; 2])> {
    // Images that only the pairs name come after those with labels.
    let within = |weights: &Weights| comparisons.rates_within(&attribute.group_of, attribute.groups.len(), fmr, weights);
    let intervals = resamples.intervals(comparisons.subjects(), |weights| {
        within(weights).iter().flat_map(|rates| [rates.fnmr(), rates.fmr()]).collect()
    });
    let unseen = |pairs: f64| (resamples.count > 0).then(|| [0.0, largest_unseen_rate(pairs)]);
    let with_intervals = |(group, counts): (usize, GroupRates)| {
        let fnmr = if counts.missed > 0.0 { ends(intervals.of(2 * group)) } else { unseen(counts.mated) };
        let fmr = if counts.false_matches > 0.0 { ends(intervals.of(2 * group + 1)) } else { unseen(counts.non_mated) };
        (counts, [fnmr, fmr])
    };
    within(&comparisons.once()).into_iter().enumerate().map(with_intervals).collect()
}

fn of_rates(counts: &GroupRates, [fnmr, fmr]: [Option<[f64; 2]>; 2]) -> Rates {
    let estimate = |value: f64, interval| (!value.is_nan()).then_some(Estimate { value, interval });
    Rates {
        mated: counts.mated as u64,
        fnmr: estimate(counts.fnmr(), fnmr),
        non_mated: counts.non_mated as u64,
        fmr: estimate(counts.fmr(), fmr),
    }
}

fn ends(interval: Option<Interval>) -> Option<[f64; 2]> {
    interval.map(|Interval { low, high }| [low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_have_words() {
        assert_eq!([0.0, 0.147, -0.4, 0.474, -1.0].map(magnitude), ["negligible", "small", "medium", "large", "large"]);
    }
}
