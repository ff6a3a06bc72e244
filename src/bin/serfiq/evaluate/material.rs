use std::path::Path;

use indicatif::ProgressBar;
use serfiq::eval::{Comparison, Comparisons, ComparisonsError};
use serfiq::report::MethodReport;

use super::images::{self, ImageError};
use super::measure::{self, Measure, MeasureError};
use super::pairs::Pairs;
use crate::args::MaterialArgs;
use crate::batch::progress_style;
use crate::engine::{self, LoadError};
use crate::table::TableError;

/// What a report is made of: pairs, how alike their images are, and the qualities of the images.
pub struct Material {
    pub pairs: Pairs,
    /// Of each pair; `None` where an image shows no face.
    similarities: Vec<Option<f64>>,
    pub measures: Vec<Measure>,
    /// What was computed here; `None` where all numbers were given.
    pub engine: Option<MethodReport>,
}

/// The comparisons that all measures have a score for.
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
    Image(#[from] ImageError),
    #[error(transparent)]
    Comparisons(#[from] ComparisonsError),
    #[error("{} and {}: {source}", images[0], images[1])]
    Pair { images: [String; 2], source: ComparisonsError },
}

impl Pairs {
    /// The pairs as if all images were alike and as good: what can be said before a single one is scored.
    pub fn unscored(&self) -> Result<Comparisons, ComparisonsError> {
        let alike = self.pairs.iter().map(|pair| Comparison { images: pair.images, mated: pair.mated, similarity: 0.0 });
        Comparisons::new(&alike.collect::<Vec<_>>(), &vec![0.0; self.images.len()])
    }
}

impl Material {
    /// Reads what is given, and scores and compares what is not. `check` may refuse the pairs before that.
    pub fn gather<E: From<MaterialError>>(
        args: &MaterialArgs,
        check: impl FnOnce(&Comparisons) -> Result<(), E>,
    ) -> Result<Self, E> {
        let pairs = Pairs::read(&args.pairs).map_err(MaterialError::from)?;
        let unscored = pairs.unscored().map_err(|source| match source {
            ComparisonsError::Contradiction { pair } => {
                let images = pairs.pairs[pair - 1].images.map(|image| pairs.images[image].clone());
                MaterialError::Pair { images, source }
            }
            source => MaterialError::Comparisons(source),
        })?;
        check(&unscored)?;
        Ok(Self::with(args, pairs)?)
    }

    fn with(args: &MaterialArgs, pairs: Pairs) -> Result<Self, MaterialError> {
        let beside_the_pairs = args.pairs.parent().unwrap_or(Path::new(""));
        let root = args.images.as_deref().unwrap_or(beside_the_pairs);
        let given = args.scores.iter().map(|(name, path)| measure::read(name, path, &pairs.images, root));
        let measures = given.collect::<Result<Vec<_>, _>>()?;
        let similarities = pairs.pairs.iter().map(|pair| pair.similarity).collect();
        let mut material = Self { pairs, similarities, measures, engine: None };
        if material.measures.is_empty() || !material.pairs.have_similarities() {
            material.compute(args, root)?;
        }
        Ok(material)
    }

    fn compute(&mut self, args: &MaterialArgs, root: &Path) -> Result<(), MaterialError> {
        let engine = engine::load_for(&args.engine, &args.method)?;
        let info = engine.info();
        let method = args.method.get(info.default_method());
        let images = &self.pairs.images;
        let progress = ProgressBar::new(images.len() as u64).with_style(progress_style());
        let threads = args.engine.threads(info.backend);
        let assessed = images::assess(&engine, method, images, root, args.aligned, threads, &progress)?;
        progress.finish_and_clear();
        let report = MethodReport::new(&info, method);
        let qualities = assessed.iter().map(|face| face.as_ref().map(|face| face.raw)).collect();
        self.measures.insert(0, Measure { name: format!("SER-FIQ ({}, {})", report.model, report.method), qualities });
        for (pair, similarity) in
            self.pairs.pairs.iter().zip(&mut self.similarities).filter(|(pair, _)| pair.similarity.is_none())
        {
            let [a, b] = pair.images.map(|image| assessed[image].as_ref());
            *similarity = a.zip(b).map(|(a, b)| a.similarity(b));
        }
        self.engine = Some(report);
        Ok(())
    }

    /// The comparisons on which all measures can be judged alike.
    pub fn judged(&self) -> Judged {
        let all_known = |image: usize| self.measures.iter().all(|measure| measure.qualities[image].is_some());
        let pairs = &self.pairs.pairs;
        let known = pairs.iter().zip(&self.similarities).filter(|(pair, _)| pair.images.iter().all(|image| all_known(*image)));
        let comparisons: Vec<Comparison> = known
            .filter_map(|(pair, similarity)| {
                similarity.map(|similarity| Comparison { images: pair.images, mated: pair.mated, similarity })
            })
            .collect();
        Judged {
            images: self.pairs.images.len(),
            images_without_a_score: (0..self.pairs.images.len()).filter(|image| !all_known(*image)).count(),
            pairs_left_out: pairs.len() - comparisons.len(),
            comparisons,
        }
    }
}

impl Judged {
    /// As if all images were as good: for what is the same whatever measures the quality.
    pub fn as_good(&self) -> Result<Comparisons, ComparisonsError> {
        Comparisons::new(&self.comparisons, &vec![0.0; self.images])
    }

    /// With the qualities of one measure.
    pub fn by(&self, measure: &Measure) -> Result<Comparisons, ComparisonsError> {
        // What is unknown is in none of the comparisons.
        let qualities: Vec<f64> = measure.qualities.iter().map(|quality| quality.unwrap_or(f64::NAN)).collect();
        Comparisons::new(&self.comparisons, &qualities)
    }
}
