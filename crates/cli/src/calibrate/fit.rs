use serfiq::ModelCalibration;
use serfiq::score::{Calibration, Percentiles, ScoreError};
use serfiq_eval::{Comparison, Comparisons, ComparisonsError, Interval, Resamples, largest_unseen_rate, quantile};
use serfiq_reports::{Pair, are_given, threshold};

use super::CalibrateError;
use super::sample::Sample;
use crate::picture::similarity;
use crate::print;

/// A quantile of the raw scores, and the quality it maps to. Two such points determine a calibration.
const POOR: (f64, f64) = (0.05, 50.0);
const ORDINARY: (f64, f64) = (0.5, 90.0);

/// Minimum number of faces for a table of percentiles: its 1st rests on two of them.
pub const MIN_FOR_TABLES: usize = 200;

/// Resamples of the people for an error rate's interval.
const RESAMPLES: Resamples = Resamples { count: 1000, seed: 0 };

/// A calibration, and the rule that produced it.
pub struct Fit {
    pub calibration: ModelCalibration,
    pub rule: Rule,
}

pub enum Rule {
    /// Two quantiles of the raw scores.
    Quantiles,
    /// One quantile, and the lowest raw score at which the recogniser misses few enough pairs.
    ErrorRate { question: Question, reached: Reached },
}

/// The target: pictures of at least this quality should have this false non-match rate.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub fnmr: f64,
    pub quality: f64,
    /// False match rate at which the recogniser's threshold is set.
    pub fmr: f64,
}

/// The pictures at or above a raw score.
pub struct Reached {
    pub raw: f64,
    /// Share of the pictures that reach it.
    pub images: f64,
    /// Mated pairs whose pictures both reach it.
    pub mated: f64,
    /// False non-match rate of those pairs, and its 95 % confidence interval.
    pub fnmr: f64,
    pub interval: [f64; 2],
}

/// Why no calibration can be fitted.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    #[error(
        "the raw scores are too much alike: {low} at the 5th percentile, {high} at the median; expected pictures of good and of \
         poor quality"
    )]
    Alike { low: f64, high: f64 },
    #[error("a false non-match rate of {fnmr} was asked for; expected one above 0 and below 1")]
    Rate { fnmr: f64 },
    #[error("a quality of {quality} was asked for; expected one above 0 and below {}, which is that of the median", ORDINARY.1)]
    Quality { quality: f64 },
    #[error(
        "the recogniser misses {found:.4} of all mated pairs, which is no more than the {asked} that was asked for: no quality is \
         needed for it. Ask for a lower --fnmr, or calibrate on pictures alone"
    )]
    NotNeeded { found: f64, asked: f64 },
    #[error(
        "whatever quality is asked for, the recogniser misses more than {asked} of the mated pairs; the lowest rate is {lowest:.4}. \
         Ask for a higher --fnmr, or give more pairs"
    )]
    OutOfReach { asked: f64, lowest: f64 },
    #[error(
        "a false non-match rate of {asked} is reached at the raw score {raw:.4} only, where {:.1} % of the pictures are left; expected \
         more than half, since the median is to have quality {}. Ask for a higher --fnmr",
        100.0 * images, ORDINARY.1
    )]
    TooFewLeft { asked: f64, raw: f64, images: f64 },
    #[error(transparent)]
    Score(#[from] ScoreError),
}

impl Question {
    /// Checks the parameters, and whether the pairs suffice, before any picture is read.
    pub fn check(&self, unscored: &Comparisons) -> Result<(), CalibrateError> {
        let &Self { fnmr, quality, fmr } = self;
        if !(fnmr > 0.0 && fnmr < 1.0) {
            return Err(FitError::Rate { fnmr }.into());
        }
        if !(quality > 0.0 && quality < ORDINARY.1) {
            return Err(FitError::Quality { quality }.into());
        }
        Ok(unscored.threshold(fmr).map(drop)?)
    }
}

/// Fits quality 50 to the 5th percentile of the raw scores, and 90 to their median.
pub fn by_quantiles(sample: &Sample) -> Result<Fit, FitError> {
    let raws = sorted(&sample.raws(sample.k)?);
    let [low, high] = [POOR, ORDINARY].map(|(share, quality)| (quantile(&raws, share), quality));
    Ok(Fit { calibration: through(low, high, sample.k)?, rule: Rule::Quantiles })
}

/// Fits the requested quality to the lowest raw score at which few enough mated pairs are missed, and 90 to the median.
pub fn by_error_rate(sample: &Sample, pairs: &[Pair], question: Question) -> Result<Fit, CalibrateError> {
    let raws = sample.raws(sample.k).map_err(FitError::from)?;
    let comparisons = comparisons(sample, pairs, &raws)?;
    let reached = reached(&comparisons, &raws, question)?;
    let (share, quality) = ORDINARY;
    let median = quantile(&sorted(&raws), share);
    if reached.raw >= median {
        return Err(FitError::TooFewLeft { asked: question.fnmr, raw: reached.raw, images: reached.images }.into());
    }
    let calibration = through((reached.raw, question.quality), (median, quality), sample.k)?;
    Ok(Fit { calibration, rule: Rule::ErrorRate { question, reached } })
}

/// Tabulates the raw scores that the calibration is fitted to; `None` for fewer than [`MIN_FOR_TABLES`] faces.
pub fn percentiles(name: &str, sample: &Sample) -> Result<Option<Percentiles>, FitError> {
    let raws = sorted(&sample.raws(sample.k)?);
    if raws.len() < MIN_FOR_TABLES {
        return Ok(None);
    }
    let point = |percent: f64| (percent, rounded(quantile(&raws, percent / 100.0), 5));
    Ok(Percentiles::new(name, Percentiles::USUAL.map(point).into()))
}

fn through(low: (f64, f64), high: (f64, f64), k: f64) -> Result<ModelCalibration, FitError> {
    let Calibration { alpha, r } = Calibration::through(low, high).ok_or(FitError::Alike { low: low.0, high: high.0 })?;
    Ok(ModelCalibration { quality: Calibration { alpha: rounded(alpha, 2), r: rounded(r, 5) }, k: rounded(k, 1) })
}

/// Rounds away digits that the pictures cannot determine, because people read the card.
fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

fn sorted(raws: &[Option<f64>]) -> Vec<f64> {
    let mut raws: Vec<f64> = raws.iter().flatten().copied().collect();
    raws.sort_by(f64::total_cmp);
    raws
}

/// Returns the pairs whose pictures both show a face.
fn comparisons(sample: &Sample, pairs: &[Pair], raws: &[Option<f64>]) -> Result<Comparisons, ComparisonsError> {
    let are_given = are_given(pairs);
    let known: Vec<Comparison> = pairs
        .iter()
        .filter_map(|pair| {
            let [a, b] = pair.images.map(|image| sample.faces[image].as_ref());
            let (a, b) = a.zip(b)?;
            let similarity = match are_given {
                true => pair.similarity?,
                false => similarity(&a.moments.mean, &b.moments.mean),
            };
            Some(Comparison { images: pair.images, mated: pair.mated, similarity })
        })
        .collect();
    // Pictures without a score take part in no comparison.
    let qualities: Vec<f64> = raws.iter().map(|raw| raw.unwrap_or(f64::NAN)).collect();
    Comparisons::new(&known, &qualities)
}

/// Finds the lowest raw score at which the rate is no higher than requested.
fn reached(comparisons: &Comparisons, raws: &[Option<f64>], question: Question) -> Result<Reached, CalibrateError> {
    let mut cautions = Vec::new();
    let threshold = threshold(comparisons, question.fmr, &mut cautions)?;
    for caution in cautions {
        print::problem(format_args!("caution: {caution}"));
    }
    let mut thresholds = sorted(raws);
    thresholds.dedup();
    let kept = comparisons.kept(&thresholds, threshold);
    let asked = question.fnmr;
    match kept.iter().position(|kept| kept.fnmr <= asked) {
        Some(0) => Err(FitError::NotNeeded { found: kept[0].fnmr, asked }.into()),
        None => {
            let lowest = kept.iter().map(|kept| kept.fnmr).fold(f64::INFINITY, f64::min);
            Err(FitError::OutOfReach { asked, lowest }.into())
        }
        Some(index) => {
            let (raw, mated) = (thresholds[index], kept[index].mated * comparisons.mated() as f64);
            let intervals = RESAMPLES.intervals(comparisons.subjects(), |weights| {
                comparisons.resampled_kept(&[raw], question.fmr, weights).iter().map(|kept| kept.fnmr).collect()
            });
            let seen = intervals.of(0).map(|Interval { low, high }| [low, high]);
            let interval = seen.filter(|_| kept[index].fnmr > 0.0).unwrap_or([0.0, largest_unseen_rate(mated)]);
            Ok(Reached { raw, images: kept[index].images, mated, fnmr: kept[index].fnmr, interval })
        }
    }
}
