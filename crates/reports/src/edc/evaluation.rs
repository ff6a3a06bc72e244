use serde::Serialize;
use serfiq_eval::{Comparisons, ComparisonsError, Resamples, ThresholdError, best_possible};

use crate::Found;
use crate::interval::{ends, of_rate};
use crate::material::{Material, threshold};

/// False match rates that are reported unless others are asked for, as far as the pairs can measure them.
pub const FMRS: [f64; 3] = [1e-2, 1e-3, 1e-4];
/// Discarded fractions at which curves are sampled: from 0 to 0.95, in hundredths.
const HUNDREDTHS: u32 = 95;
/// Discarded fractions up to which areas are computed.
const AREAS: [f64; 2] = [0.2, 0.3];

/// The parameters of the report.
#[derive(Debug, Clone)]
pub struct Question {
    /// False match rates.
    pub fmrs: Vec<f64>,
    /// Whether an unmeasurable rate is left out instead of reported as an error.
    pub leave_out: bool,
    /// Whether the threshold is also refitted at each fraction.
    pub refit: bool,
    /// Resamples of the bootstrap, and their seed.
    pub resamples: Resamples,
}

/// Error versus discard for some measures on the same comparisons.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// What is compared.
    pub comparisons: Counts,
    /// The recogniser alone.
    pub recogniser: ErrorRates,
    /// One for each false match rate.
    pub at: Vec<AtFmr>,
    /// Rates that the comparisons are too few to measure.
    pub left_out: Vec<LeftOut>,
}

/// Numbers of images, people and comparisons.
#[derive(Debug, Serialize)]
pub struct Counts {
    /// Number of images.
    pub images: usize,
    /// Number of people.
    pub subjects: usize,
    /// Number of mated pairs.
    pub mated: usize,
    /// Number of non-mated pairs.
    pub non_mated: usize,
    /// Images without a similarity or without a quality from some measure, and the pairs left out because of them.
    pub images_without_a_score: usize,
    /// Pairs left out, because an image has no score.
    pub pairs_left_out: usize,
}

/// The recogniser's errors with nothing discarded.
#[derive(Debug, Serialize)]
pub struct ErrorRates {
    /// The rate at which both kinds of error are equally frequent.
    pub equal_error_rate: f64,
    /// 95 % confidence interval; `None` if there are no errors, because the resamples have none either.
    pub equal_error_rate_interval: Option<[f64; 2]>,
    /// At the best threshold for these pairs.
    pub best_accuracy: f64,
    /// Corners of the DET curve, from the highest threshold: false match rate and false non-match rate.
    pub det: Vec<[f64; 2]>,
}

/// The results at one false match rate.
#[derive(Debug, Serialize)]
pub struct AtFmr {
    /// As requested.
    pub fmr: f64,
    /// Measured: the largest rate not above `fmr`.
    pub measured_fmr: f64,
    /// Similarities above it match.
    pub threshold: f64,
    /// With nothing discarded.
    pub fnmr: f64,
    /// 95 % confidence interval.
    pub fnmr_interval: Option<[f64; 2]>,
    /// One for each measure.
    pub measures: Vec<OfMeasure>,
    /// The result of the best possible quality.
    pub best: OfMeasure,
}

/// The results of one measure.
#[derive(Debug, Serialize)]
pub struct OfMeasure {
    /// Its name.
    pub name: String,
    /// Points of the curve, from nothing discarded.
    pub curve: Vec<Point>,
    /// Areas under the curve.
    pub areas: Vec<Area>,
}

/// A point of a curve.
#[derive(Debug, Serialize)]
pub struct Point {
    /// Fraction of the comparisons that are discarded.
    pub discarded: f64,
    /// False non-match rate.
    pub fnmr: f64,
    /// 95 % confidence interval.
    pub interval: Option<[f64; 2]>,
    /// With the threshold refitted.
    pub refitted: Option<f64>,
}

/// The area under a curve (pAUC).
#[derive(Debug, Serialize)]
pub struct Area {
    /// Fraction up to which the area is computed.
    pub to: f64,
    /// The area.
    pub area: f64,
    /// 95 % confidence interval; `None` if there is none.
    pub interval: Option<[f64; 2]>,
    /// Relative to the area when discarding changes nothing: 1 is no better than chance, 0 is no error.
    pub relative: Option<f64>,
}

/// A rate that cannot be measured.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    /// False match rate.
    pub fmr: f64,
    /// Why.
    pub why: String,
}

/// Why there is nothing to report.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// Pairs that contradict each other, or none of one kind.
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    /// A rate that cannot be measured.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// No rate is left.
    #[error("none of the false match rates can be measured: {0}")]
    NoRate(ThresholdError),
}

/// The measurable rates, and those left out.
pub type Rates = (Vec<f64>, Vec<LeftOut>);

/// Returns the rates that the comparisons can measure.
///
/// # Errors
/// A rate that cannot be measured, unless it may be left out; no rate that can.
pub fn rates(all: &Comparisons, question: &Question) -> Result<Rates, EvaluationError> {
    let (mut measurable, mut left_out, mut refused) = (Vec::new(), Vec::new(), None);
    for &fmr in &question.fmrs {
        match all.threshold(fmr) {
            Ok(_) => measurable.push(fmr),
            Err(error @ ThresholdError::TooFew { .. }) if question.leave_out => {
                left_out.push(LeftOut { fmr, why: error.to_string() });
                refused.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match refused {
        Some(error) if measurable.is_empty() => Err(EvaluationError::NoRate(error)),
        _ => Ok((measurable, left_out)),
    }
}

/// `of_all` are the rates that all pairs can measure. Once images without a score are left out, the remaining pairs may be too
/// few for all of these rates; that is not an error.
///
/// # Errors
/// No comparisons are left, or they contradict each other.
pub fn evaluate(material: &Material, question: &Question, of_all: &Rates) -> Result<Found<Evaluation>, EvaluationError> {
    let judged = material.judged();
    let measured = material.measures.iter().map(|measure| Ok((measure.name.clone(), judged.by(measure)?)));
    let measured: Vec<(String, Comparisons)> = measured.collect::<Result<_, ComparisonsError>>()?;
    let constant = judged.as_good()?;
    let (rates, left_out) = rates(&constant, question).unwrap_or_else(|_| of_all.clone());
    let mut cautions = Vec::new();
    let at = rates.into_iter().map(|fmr| at_rate(fmr, &constant, &measured, question, &mut cautions));
    let at = at.collect::<Result<_, _>>()?;
    let comparisons = Counts {
        images: material.images,
        subjects: constant.subjects(),
        mated: constant.mated(),
        non_mated: constant.non_mated(),
        images_without_a_score: judged.images_without_a_score,
        pairs_left_out: judged.pairs_left_out,
    };
    let recogniser = recogniser(&constant, question.resamples);
    Ok(Found { results: Evaluation { comparisons, recogniser, at, left_out }, cautions })
}

fn recogniser(all: &Comparisons, resamples: Resamples) -> ErrorRates {
    let det = all.det();
    let (mated, non_mated) = (all.mated() as f64, all.non_mated() as f64);
    let accuracy = |fmr: f64, fnmr: f64| 1.0 - (fmr * non_mated + fnmr * mated) / (mated + non_mated);
    let equal_error_rate = all.equal_error_rate();
    let intervals = resamples.intervals(all.subjects(), |weights| vec![all.resampled_equal_error_rate(weights)]);
    ErrorRates {
        equal_error_rate,
        equal_error_rate_interval: ends(intervals.of(0)).filter(|_| equal_error_rate > 0.0),
        best_accuracy: det.iter().map(|point| accuracy(point.fmr, point.fnmr)).fold(0.0, f64::max),
        det: corners(det.iter().map(|point| [point.fmr, point.fnmr]).collect()),
    }
}

/// Drops the points on a horizontal or vertical line between their neighbours.
fn corners(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let on_a_line =
        |three: &[[f64; 2]]| (0..2).any(|axis| three[0][axis] == three[1][axis] && three[1][axis] == three[2][axis]);
    let inner = points.windows(3).filter(|three| !on_a_line(three)).map(|three| three[1]);
    points.first().copied().into_iter().chain(inner).chain(points.last().copied()).collect()
}

fn at_rate(
    fmr: f64,
    constant: &Comparisons,
    measured: &[(String, Comparisons)],
    question: &Question,
    cautions: &mut Vec<String>,
) -> Result<AtFmr, EvaluationError> {
    let threshold = threshold(constant, fmr, cautions)?;
    let fnmr = constant.fnmr(threshold);
    let of_all = question.resamples.intervals(constant.subjects(), |weights| vec![constant.resampled_fnmr(fmr, weights)]);
    let fnmr_interval = of_rate(fnmr, constant.mated() as f64, of_all.of(0));
    let mut measures = Vec::new();
    for (name, comparisons) in measured {
        let Some(curve) = comparisons.discard_curve(threshold) else { continue };
        let numbers = |curve: &serfiq_eval::DiscardCurve| -> Vec<f64> {
            fractions().map(|fraction| curve.at(fraction)).chain(AREAS.map(|to| curve.area(to))).collect()
        };
        let not_drawn = || vec![f64::NAN; fractions().count() + AREAS.len()];
        let intervals = question.resamples.intervals(comparisons.subjects(), |weights| {
            comparisons.resampled_discard_curve(fmr, weights).as_ref().map_or_else(not_drawn, numbers)
        });
        let interval = |index: usize| ends(intervals.of(index));
        let refitted = match question.refit {
            true => comparisons.refitted(fmr, &fractions().collect::<Vec<_>>()),
            false => vec![None; fractions().count()],
        };
        let points = fractions().zip(refitted).enumerate().map(|(index, (discarded, refitted))| Point {
            discarded,
            fnmr: curve.at(discarded),
            interval: interval(index),
            refitted,
        });
        let areas = AREAS.iter().enumerate().map(|(index, &to)| {
            let area = curve.area(to);
            let relative = (fnmr > 0.0).then(|| area / (fnmr * to));
            Area { to, area, interval: interval(fractions().count() + index), relative }
        });
        measures.push(OfMeasure { name: name.clone(), curve: points.collect(), areas: areas.collect() });
    }
    let best = best_possible(constant.mated(), fnmr);
    let best = OfMeasure {
        name: "best possible".into(),
        curve: best.iter().flat_map(|curve| fractions().map(|discarded| (discarded, curve.at(discarded)))).map(plain).collect(),
        areas: best
            .iter()
            .flat_map(|curve| AREAS.map(|to| (to, curve.area(to))))
            .map(|(to, area)| Area { to, area, interval: None, relative: (fnmr > 0.0).then(|| area / (fnmr * to)) })
            .collect(),
    };
    Ok(AtFmr { fmr, measured_fmr: threshold.fmr, threshold: threshold.above, fnmr, fnmr_interval, measures, best })
}

fn plain((discarded, fnmr): (f64, f64)) -> Point {
    Point { discarded, fnmr, interval: None, refitted: None }
}

fn fractions() -> impl Iterator<Item = f64> {
    (0..=HUNDREDTHS).map(|hundredth| f64::from(hundredth) / 100.0)
}
