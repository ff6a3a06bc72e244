use std::path::Path;

use pollster::block_on;
use serfiq::report::MethodReport;
use serfiq_eval::{Comparisons, ComparisonsError};
use serfiq_reports::{Computed, Material, Measure, Pair, Readings, are_distances, are_given, unscored};

use super::columns;
use super::images::Images;
use super::measure::{self, MeasureError};
use super::pairs;
use crate::args::SourceArgs;
use crate::faces::{Faces, FacesError};
use crate::picture::similarity;
use crate::print;
use crate::recogniser::{LoadError, Recogniser};
use crate::table::TableError;

/// The input of a report, and how it was gathered.
pub struct Gathered {
    pub material: Material,
    /// How numbers were computed in this run; `None` if all were given.
    pub engine: Option<Computed>,
    /// Number of unreadable images. The engine gives them neither a quality nor a similarity.
    pub unreadable: usize,
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
    #[error("none of the {count} images can be read; image names are relative to the folder of --images, which is {folder}")]
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
    match unscored(&pairs, names.len()) {
        Ok(unscored) => Ok((pairs, unscored)),
        Err(source @ ComparisonsError::Contradiction { pair }) => {
            let images = pairs[pair - 1].images.map(|image| names[image].clone());
            Err(MaterialError::Pair { images, source })
        }
        Err(source) => Err(source.into()),
    }
}

/// Reads the given numbers, and computes the missing ones; with `columns`, also the guide's checks and the standard's measures for
/// each image.
pub fn gather(args: &SourceArgs, images: &Images, pairs: Vec<Pair>, columns: bool) -> Result<Gathered, MaterialError> {
    let measures = measure::read_all(&args.scores, &args.column, images)?;
    let material = Material { images: images.names().len(), pairs, measures, columns: Vec::new(), readings: None };
    if let Some(caution) = are_distances(&material.pairs, material.images) {
        print::problem(format_args!("caution: {caution}"));
    }
    let is_complete = !material.measures.is_empty() && (material.pairs.is_empty() || are_given(&material.pairs));
    if is_complete && !columns {
        return Ok(Gathered { material, engine: None, unreadable: 0 });
    }
    compute(material, args, images, columns)
}

fn compute(mut material: Material, args: &SourceArgs, images: &Images, columns: bool) -> Result<Gathered, MaterialError> {
    let recogniser = Recogniser::find(&args.engine.model)?;
    let engine = recogniser.load_for_scores(&args.engine, &args.method)?;
    let info = engine.info();
    let method = args.method.get(info.default_method());
    let threads = args.engine.model.threads(info.backend);
    let files = images.files();
    let count = files.len();
    let evaluate = |crop: &_| block_on(engine.evaluate(crop, method));
    let faces = Faces::of(files.into_iter(), count, &engine, args.aligned, threads, evaluate)?;
    let unreadable = faces.unreadable.len();
    if unreadable == count {
        return Err(MaterialError::NoImage { count, folder: images.folder_name() });
    }
    let report = MethodReport::new(&info, method);
    let name = format!("SER-FIQ ({}, {})", report.model, report.method);
    let qualities = faces.found.iter().map(|face| face.as_ref().map(|face| face.score.raw)).collect();
    material.measures.insert(0, Measure { name, qualities, calibration: engine.calibration() });
    if !are_given(&material.pairs) {
        for pair in &mut material.pairs {
            let [a, b] = pair.images.map(|image| faces.found[image].as_ref());
            pair.similarity = a.zip(b).map(|(a, b)| similarity(&a.embedding, &b.embedding));
        }
    }
    material.readings = engine.grid().map(|[rows, columns]| Readings {
        rows,
        columns,
        of_images: faces.found.into_iter().map(|face| face?.reading).collect(),
    });
    if columns {
        material.columns = columns::gather(&engine, &method, images, threads)?;
    }
    let engine = Some(recogniser.computed(report, info.backend.name()));
    Ok(Gathered { material, engine, unreadable })
}
