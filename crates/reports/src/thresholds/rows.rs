use serde::Serialize;
use serfiq_eval::{ComparisonsError, Resamples, ThresholdError};

use crate::Found;
use crate::interval::{ends, of_rate};
use crate::material::{Material, threshold};

/// Shares of the images to keep, in percent.
const KEPT: [u32; 13] = [100, 99, 98, 97, 96, 95, 90, 85, 80, 75, 70, 60, 50];

/// The effect of thresholds on several measures.
#[derive(Debug, Serialize)]
pub struct Thresholds {
    /// As requested.
    pub fmr: f64,
    /// Measured: the largest rate not above `fmr`.
    pub measured_fmr: f64,
    /// Similarities above it match.
    pub similarity: f64,
    /// Number of mated pairs.
    pub mated: usize,
    /// Number of non-mated pairs.
    pub non_mated: usize,
    /// Number of people.
    pub subjects: usize,
    /// Images without a quality.
    pub images_without_a_score: usize,
    /// Pairs left out, because an image has no score.
    pub pairs_left_out: usize,
    /// One for each measure.
    pub measures: Vec<OfMeasure>,
}

/// The results of one measure.
#[derive(Debug, Serialize)]
pub struct OfMeasure {
    /// Its name.
    pub name: String,
    /// One for each threshold, from the lowest.
    pub thresholds: Vec<Row>,
}

/// The effect of one quality threshold.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Images of at least this quality are kept. On the measure's own scale.
    pub raw: f64,
    /// The same from 0 to 100; `None` for a given measure, and for an uncalibrated model.
    pub quality: Option<f64>,
    /// Share of the images that are kept.
    pub images_kept: f64,
    /// 95 % confidence interval.
    pub images_kept_interval: Option<[f64; 2]>,
    /// Share of mated comparisons whose images are both kept.
    pub mated_kept: f64,
    /// False non-match rate of those comparisons; `null` if there are none.
    pub fnmr: Option<f64>,
    /// 95 % confidence interval.
    pub fnmr_interval: Option<[f64; 2]>,
}

/// Why there is nothing to report.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdsError {
    /// Pairs that contradict each other, or none of one kind.
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    /// A rate that cannot be measured.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
}

/// Returns what thresholds on each measure keep and prevent.
///
/// # Errors
/// No comparisons are left, or they contradict each other; a rate that cannot be measured.
pub fn thresholds(material: &Material, fmr: f64, resamples: Resamples) -> Result<Found<Thresholds>, ThresholdsError> {
    let mut cautions = Vec::new();
    let judged = material.judged();
    let recogniser = judged.as_good()?;
    let threshold = threshold(&recogniser, fmr, &mut cautions)?;
    let mut measures = Vec::new();
    for measure in &material.measures {
        let comparisons = judged.by(measure)?;
        let mut raws: Vec<f64> = KEPT.map(|percent| comparisons.quality_that_keeps(f64::from(percent) / 100.0)).into();
        raws.dedup();
        let intervals = resamples.intervals(comparisons.subjects(), |weights| {
            let kept = comparisons.resampled_kept(&raws, fmr, weights);
            kept.iter().flat_map(|kept| [kept.images, kept.fnmr]).collect()
        });
        let kept = comparisons.kept(&raws, threshold);
        let rows = raws.iter().zip(kept).enumerate().map(|(index, (&raw, kept))| Row {
            raw,
            quality: measure.calibration.map(|calibration| calibration.quality(raw)),
            images_kept: kept.images,
            images_kept_interval: ends(intervals.of(2 * index)),
            mated_kept: kept.mated,
            fnmr: Some(kept.fnmr).filter(|fnmr| !fnmr.is_nan()),
            fnmr_interval: of_rate(kept.fnmr, kept.mated * comparisons.mated() as f64, intervals.of(2 * index + 1)),
        });
        measures.push(OfMeasure { name: measure.name.clone(), thresholds: rows.collect() });
    }
    let results = Thresholds {
        fmr,
        measured_fmr: threshold.fmr,
        similarity: threshold.above,
        mated: recogniser.mated(),
        non_mated: recogniser.non_mated(),
        subjects: recogniser.subjects(),
        images_without_a_score: judged.images_without_a_score,
        pairs_left_out: judged.pairs_left_out,
        measures,
    };
    Ok(Found { results, cautions })
}

/// Writes one row for each threshold of each measure.
pub fn csv(thresholds: &Thresholds) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = [
        "measure",
        "raw",
        "quality",
        "images_kept",
        "images_low",
        "images_high",
        "mated_kept",
        "fnmr",
        "fnmr_low",
        "fnmr_high",
    ];
    writer.write_record(columns)?;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for measure in &thresholds.measures {
        for row in &measure.thresholds {
            let ends = |interval: Option<[f64; 2]>| [0, 1].map(|end| number(interval.map(|interval| interval[end])));
            let ([images_low, images_high], [fnmr_low, fnmr_high]) = (ends(row.images_kept_interval), ends(row.fnmr_interval));
            let [raw, images, mated] = [row.raw, row.images_kept, row.mated_kept].map(|value| value.to_string());
            let (name, quality, fnmr) = (measure.name.clone(), number(row.quality), number(row.fnmr));
            writer.write_record([name, raw, quality, images, images_low, images_high, mated, fnmr, fnmr_low, fnmr_high])?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
