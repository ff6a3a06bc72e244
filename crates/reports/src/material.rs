use serde::Serialize;
use serfiq::score::Calibration;
use serfiq_eval::{Comparison, Comparisons, ComparisonsError, SimilarityThreshold, ThresholdError, subjects_of_images};

/// The input of a report: images, their qualities, and pairs with their similarities.
#[derive(Debug)]
pub struct Material {
    /// Number of images. Pairs and measures name them by index.
    pub images: usize,
    /// Pairs without a similarity are left out.
    pub pairs: Vec<Pair>,
    /// The qualities to be compared.
    pub measures: Vec<Measure>,
    /// Other values that are compared between groups; often none.
    pub columns: Vec<Column>,
    /// How much the recogniser reads of each image, if known.
    pub readings: Option<Readings>,
}

/// How much the recogniser reads in each cell of each aligned face, compared with the usual values.
#[derive(Debug)]
pub struct Readings {
    /// Number of rows of cells, at least 1.
    pub rows: usize,
    /// Number of cells in a row, at least 1.
    pub columns: usize,
    /// For each image, 0 for nothing to 1 for as much as usual, row by row; `None` if unknown, such as for an image without a face.
    pub of_images: Vec<Option<Vec<f32>>>,
}

/// A value of each image that is compared between groups, but not judged by the recogniser's errors.
#[derive(Debug)]
pub struct Column {
    /// Its name in the report.
    pub name: String,
    /// What it is.
    pub kind: ColumnKind,
    /// The value of each image; `None` for an image without one.
    pub values: Vec<Option<f64>>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A check of the guide: 1 if it refuses the image, else 0.
    Check,
    /// The quality, 0 to 100, by a measure of ISO/IEC 29794-5.
    Standard,
}

/// Two images that are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Indices of the images.
    pub images: [usize; 2],
    /// Whether both show the same person.
    pub mated: bool,
    /// Higher for the same person; `None` if unknown, such as for an image without a face.
    pub similarity: Option<f64>,
}

/// A quality measure.
#[derive(Debug)]
pub struct Measure {
    /// Its name in the report.
    pub name: String,
    /// The quality of each image; `None` for an image without one, such as one without a face.
    pub qualities: Vec<Option<f64>>,
    /// Maps raw values to qualities from 0 to 100; `None` for a measure on a scale of its own.
    pub calibration: Option<Calibration>,
}

/// The comparisons for which every measure has scores.
#[derive(Debug)]
pub struct Judged {
    comparisons: Vec<Comparison>,
    images: usize,
    /// Images without a quality from some measure.
    pub images_without_a_score: usize,
    /// Pairs left out because of them, or because they have no similarity.
    pub pairs_left_out: usize,
}

/// Returns comparisons with all similarities and qualities equal, for checks before any image is scored.
///
/// # Errors
/// Too few pairs, or pairs that contradict each other on who is who.
pub fn unscored(pairs: &[Pair], images: usize) -> Result<Comparisons, ComparisonsError> {
    Comparisons::new(&as_if_alike(pairs), &vec![0.0; images])
}

/// Returns the threshold for a rate that all pairs together can measure. `left` are the pairs whose images have a score; a caution is added
/// if these are too few.
///
/// # Errors
/// A rate that is not between 0 and 1; no non-mated pairs.
pub fn threshold(left: &Comparisons, fmr: f64, cautions: &mut Vec<String>) -> Result<SimilarityThreshold, ThresholdError> {
    if let Err(problem @ ThresholdError::TooFew { .. }) = left.threshold(fmr) {
        cautions.push(format!("{problem}, as others are left out; the threshold lets none of them match"));
    }
    left.threshold_of_rest(fmr)
}

/// Whether similarities are given. Then a pair without one has no face that could be compared.
pub fn are_given(pairs: &[Pair]) -> bool {
    pairs.iter().any(|pair| pair.similarity.is_some())
}

/// Says so if the given similarities are reversed. Chance alone gets half of all decisions right.
pub fn are_distances(pairs: &[Pair], images: usize) -> Option<String> {
    let given: Vec<Comparison> = pairs.iter().filter_map(known).collect();
    let rate = Comparisons::new(&given, &vec![0.0; images]).map_or(0.0, |comparisons| comparisons.equal_error_rate());
    (rate > 0.5).then(|| {
        format!(
            "the equal error rate is {:.1} %, worse than chance: the column similarity is lower for the same person than for two. If \
             it holds distances, give similarities instead, such as 1 - distance; else check same_person",
            100.0 * rate
        )
    })
}

fn as_if_alike(pairs: &[Pair]) -> Vec<Comparison> {
    pairs.iter().map(|pair| Comparison { images: pair.images, mated: pair.mated, similarity: 0.0 }).collect()
}

fn known(pair: &Pair) -> Option<Comparison> {
    pair.similarity.map(|similarity| Comparison { images: pair.images, mated: pair.mated, similarity })
}

impl Material {
    /// Returns the subject of each image, from all mated pairs, even those that cannot be judged.
    pub fn subjects(&self) -> Vec<usize> {
        subjects_of_images(&as_if_alike(&self.pairs), self.images).0
    }

    /// Returns the comparisons for which every measure has a quality.
    pub fn judged(&self) -> Judged {
        let all_known = |image: usize| self.measures.iter().all(|measure| measure.qualities[image].is_some());
        let judged = self.pairs.iter().filter(|pair| pair.images.iter().all(|image| all_known(*image)));
        let comparisons: Vec<Comparison> = judged.filter_map(known).collect();
        Judged {
            images: self.images,
            images_without_a_score: (0..self.images).filter(|image| !all_known(*image)).count(),
            pairs_left_out: self.pairs.len() - comparisons.len(),
            comparisons,
        }
    }
}

impl Judged {
    /// Returns the comparisons with equal qualities, for results that do not depend on the measure.
    ///
    /// # Errors
    /// No pairs of one kind are left, or they contradict each other.
    pub fn as_good(&self) -> Result<Comparisons, ComparisonsError> {
        Comparisons::new(&self.comparisons, &vec![0.0; self.images])
    }

    /// Returns the comparisons with the qualities of one measure.
    ///
    /// # Errors
    /// As [`as_good`](Self::as_good).
    pub fn by(&self, measure: &Measure) -> Result<Comparisons, ComparisonsError> {
        // Images without a quality take part in no comparison.
        let qualities: Vec<f64> = measure.qualities.iter().map(|quality| quality.unwrap_or(f64::NAN)).collect();
        Comparisons::new(&self.comparisons, &qualities)
    }
}
