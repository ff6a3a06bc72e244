use std::path::Path;

use pollster::block_on;
use serfiq::ModelCard;
use serfiq::report::MethodReport;
use serfiq_eval::{Comparison, Comparisons, ComparisonsError, SimilarityThreshold, ThresholdError, subjects_of_images};

use super::Computed;
use super::images::Images;
use super::measure::{self, Measure, MeasureError};
use super::pairs::{self, Pair};
use crate::args::SourceArgs;
use crate::faces::{Faces, FacesError};
use crate::picture::similarity;
use crate::print;
use crate::recogniser::{LoadError, Recogniser};
use crate::table::TableError;

/// The input of a report: images, their qualities, and pairs with their similarities.
pub struct Material {
    pub images: Images,
    /// Has no similarity if an image shows no face or could not be read.
    pairs: Vec<Pair>,
    pub measures: Vec<Measure>,
    /// How numbers were computed in this run; `None` if all were given.
    pub engine: Option<Computed>,
    /// Number of unreadable images. The engine gives them neither a quality nor a similarity.
    pub unreadable: usize,
}

/// The comparisons for which every measure has scores.
pub struct Judged {
    comparisons: Vec<Comparison>,
    images: usize,
    pub images_without_a_score: usize,
    pub pairs_left_out: usize,
}

/// Why there is nothing to report on.
#[derive(Debug, thiserror::Error)]
pub enum MaterialError {
    #[error(transparent)]
    Pairs(#[from] TableError),
    #[error(transparent)]
    Measure(#[from] MeasureError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Faces(#[from] FacesError),
    #[error(
        "none of the {count} images can be read; images are named as they lie in the folder of --images, which is {folder}"
    )]
    NoImage { count: usize, folder: String },
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    #[error("{} and {}: {source}", images[0], images[1])]
    Pair { images: [String; 2], source: ComparisonsError },
}

/// Reads a file of pairs. Also returns comparisons with all similarities and qualities equal, for checks before any image is
/// scored.
pub fn read_pairs(path: &Path, images: &mut Images) -> Result<(Vec<Pair>, Comparisons), MaterialError> {
    let pairs = pairs::read(path, images)?;
    let names = images.names();
    match Comparisons::new(&as_if_alike(&pairs), &vec![0.0; names.len()]) {
        Ok(unscored) => Ok((pairs, unscored)),
        Err(source @ ComparisonsError::Contradiction { pair }) => {
            let images = pairs[pair - 1].images.map(|image| names[image].clone());
            Err(MaterialError::Pair { images, source })
        }
        Err(source) => Err(source.into()),
    }
}

/// Returns the threshold for a rate that all pairs together can measure. `left` are the pairs whose images have a score.
pub fn threshold(left: &Comparisons, fmr: f64) -> Result<SimilarityThreshold, ThresholdError> {
    if let Err(problem @ ThresholdError::TooFew { .. }) = left.threshold(fmr) {
        print::problem(format_args!("caution: {problem}, as others are left out; the threshold lets none of them match"));
    }
    left.threshold_of_rest(fmr)
}

fn as_if_alike(pairs: &[Pair]) -> Vec<Comparison> {
    pairs.iter().map(|pair| Comparison { images: pair.images, mated: pair.mated, similarity: 0.0 }).collect()
}

impl Material {
    /// Reads the given numbers, and computes the missing ones.
    pub fn gather(args: &SourceArgs, images: Images, pairs: Vec<Pair>) -> Result<Self, MaterialError> {
        let measures = measure::read_all(&args.scores, &images)?;
        let mut material = Self { images, pairs, measures, engine: None, unreadable: 0 };
        material.warn_of_distances();
        if material.measures.is_empty() || material.pairs.iter().any(|pair| pair.similarity.is_none()) {
            material.compute(args)?;
        }
        Ok(material)
    }

    fn compute(&mut self, args: &SourceArgs) -> Result<(), MaterialError> {
        let recogniser = Recogniser::find(&args.engine.model)?;
        let engine = recogniser.load_for_scores(&args.engine, &args.method)?;
        let info = engine.info();
        let method = args.method.get(info.default_method());
        let threads = args.engine.model.threads(info.backend);
        let files = self.images.files();
        let count = files.len();
        let score = |crop: &_| block_on(engine.score_and_embed(crop, method));
        let faces = Faces::of(files.into_iter(), count, &engine, args.aligned, threads, score)?;
        self.unreadable = faces.unreadable.len();
        if self.unreadable == count {
            return Err(MaterialError::NoImage { count, folder: self.images.folder_name() });
        }
        let report = MethodReport::new(&info, method);
        let name = format!("SER-FIQ ({}, {})", report.model, report.method);
        let qualities = faces.found.iter().map(|face| face.as_ref().map(|(score, _)| score.raw)).collect();
        self.measures.insert(0, Measure { name, qualities, calibration: engine.calibration() });
        for pair in self.pairs.iter_mut().filter(|pair| pair.similarity.is_none()) {
            let [a, b] = pair.images.map(|image| faces.found[image].as_ref());
            pair.similarity = a.zip(b).map(|((_, a), (_, b))| similarity(a, b));
        }
        let ModelCard { file, source, .. } = recogniser.card().clone();
        self.engine = Some(Computed { method: report, backend: info.backend.name(), file, source });
        Ok(())
    }

    /// Warns if the given similarities are reversed. Chance alone gets half of all decisions right.
    fn warn_of_distances(&self) {
        let given = self.pairs.iter().filter_map(|pair| {
            pair.similarity.map(|similarity| Comparison { images: pair.images, mated: pair.mated, similarity })
        });
        let comparisons = Comparisons::new(&given.collect::<Vec<_>>(), &vec![0.0; self.images.names().len()]);
        let rate = comparisons.map_or(0.0, |comparisons| comparisons.equal_error_rate());
        if rate > 0.5 {
            print::problem(format_args!(
                "caution: the equal error rate is {:.1} %, worse than chance: the column similarity is lower for the same person than \
                 for two. If it holds distances, give similarities instead, such as 1 - distance; else check same_person",
                100.0 * rate
            ));
        }
    }

    /// Returns the subject of each image, from all mated pairs, even those that cannot be judged.
    pub fn subjects(&self) -> Vec<usize> {
        subjects_of_images(&as_if_alike(&self.pairs), self.images.names().len()).0
    }

    /// Returns the comparisons for which every measure has a quality.
    pub fn judged(&self) -> Judged {
        let images = self.images.names().len();
        let all_known = |image: usize| self.measures.iter().all(|measure| measure.qualities[image].is_some());
        let known = self.pairs.iter().filter(|pair| pair.images.iter().all(|image| all_known(*image)));
        let comparisons: Vec<Comparison> = known
            .filter_map(|pair| {
                pair.similarity.map(|similarity| Comparison { images: pair.images, mated: pair.mated, similarity })
            })
            .collect();
        Judged {
            images,
            images_without_a_score: (0..images).filter(|image| !all_known(*image)).count(),
            pairs_left_out: self.pairs.len() - comparisons.len(),
            comparisons,
        }
    }
}

impl Judged {
    /// Returns the comparisons with equal qualities, for results that do not depend on the measure.
    pub fn as_good(&self) -> Result<Comparisons, ComparisonsError> {
        Comparisons::new(&self.comparisons, &vec![0.0; self.images])
    }

    /// Returns the comparisons with the qualities of one measure.
    pub fn by(&self, measure: &Measure) -> Result<Comparisons, ComparisonsError> {
        // Images without a quality take part in no comparison.
        let qualities: Vec<f64> = measure.qualities.iter().map(|quality| quality.unwrap_or(f64::NAN)).collect();
        Comparisons::new(&self.comparisons, &qualities)
    }
}
