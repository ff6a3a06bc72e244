use std::error::Error;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serfiq_eval::Resamples;
use serfiq_reports::{
    self as reports, About, Attribute, Disagreement, Found, Labels, Material, Measure, Pair, Readings, are_distances, unscored,
};

/// Two images by index, whether they show the same person, and their similarity, if it is known.
type PairParts = (usize, usize, bool, Option<f64>);

/// Rows and columns of the maps, and the map of each image, if it is known.
type ReadingParts = (usize, usize, Vec<Option<Vec<f32>>>);

/// The numbers as JSON, the page as HTML, and cautions.
type Report = (String, String, Vec<String>);

/// The input of a report, as Python passes it. Each measure has a score for each image, or `None`.
#[derive(FromPyObject)]
pub struct Input {
    images: Vec<String>,
    pairs: Vec<PairParts>,
    measures: Vec<(String, Vec<Option<f64>>)>,
    resamples: u32,
    call: String,
}

impl Input {
    fn split(self) -> (Material, About, Resamples) {
        let pair = |(a, b, mated, similarity)| Pair { images: [a, b], mated, similarity };
        let measure = |(name, qualities)| Measure { name, qualities, calibration: None };
        let material = Material {
            images: self.images.len(),
            pairs: self.pairs.into_iter().map(pair).collect(),
            measures: self.measures.into_iter().map(measure).collect(),
            columns: vec![],
            readings: None,
        };
        let (about, count) = (About::new(self.call, self.resamples, None), self.resamples);
        (material, about, Resamples { count, seed: 0 })
    }
}

/// Error versus discard.
#[pyfunction]
#[pyo3(signature = (input, fmr, refit))]
pub fn edc(py: Python<'_>, input: Input, fmr: Option<Vec<f64>>, refit: bool) -> PyResult<Report> {
    let (material, about, resamples) = input.split();
    let leave_out = fmr.is_none();
    let question = reports::edc::Question { fmrs: fmr.unwrap_or(reports::edc::FMRS.into()), leave_out, refit, resamples };
    py.detach(|| {
        let of_all =
            reports::edc::rates(&unscored(&material.pairs, material.images).map_err(wrong)?, &question).map_err(wrong)?;
        report(&material, &about, reports::edc::evaluate(&material, &question, &of_all).map_err(wrong)?, reports::edc::render)
    })
}

/// What a quality threshold keeps, and what it prevents.
#[pyfunction]
pub fn thresholds(py: Python<'_>, input: Input, fmr: f64) -> PyResult<Report> {
    let (material, about, resamples) = input.split();
    py.detach(|| {
        unscored(&material.pairs, material.images).map_err(wrong)?.threshold(fmr).map_err(wrong)?;
        let found = reports::thresholds::thresholds(&material, fmr, resamples).map_err(wrong)?;
        report(&material, &about, found, reports::thresholds::render)
    })
}

/// Compares groups of images. The labelled images come first.
#[pyfunction]
#[pyo3(signature = (input, labelled, attributes, subjects, fmr, readings))]
pub fn audit(
    py: Python<'_>,
    input: Input,
    labelled: usize,
    attributes: Vec<(String, Vec<String>)>,
    subjects: Option<Vec<usize>>,
    fmr: Option<f64>,
    readings: Option<ReadingParts>,
) -> PyResult<Report> {
    let names = input.images.clone();
    let (material, about, resamples) = input.split();
    let readings = readings.map(|(rows, columns, of_images)| Readings { rows, columns, of_images });
    let material = Material { readings, ..material };
    let attribute = |(name, labels): (String, Vec<String>)| {
        Attribute::new(name.clone(), &labels).map_err(|problem| wrong(format!("the column {name:?} {problem}")))
    };
    let attributes = attributes.into_iter().map(attribute).collect::<PyResult<_>>()?;
    let labels = Labels { images: labelled, subject_of: subjects, attributes };
    py.detach(|| {
        if let Some(fmr) = fmr {
            unscored(&material.pairs, material.images).map_err(wrong)?.threshold(fmr).map_err(wrong)?;
            labels.agree_with(&material.pairs).map_err(|disagreement| match disagreement {
                Disagreement::OtherImages => wrong("no pair has two labelled images; expected the same image names in both"),
                Disagreement::OtherSubjects([a, b]) => {
                    let [a, b] = [a, b].map(|image| &names[image]);
                    wrong(format!("{a} and {b}: the pairs and the labels do not agree on whether both show the same person"))
                }
            })?;
        }
        let found =
            reports::audit::findings(&material, &labels, &reports::audit::Question { fmr, resamples }).map_err(wrong)?;
        report(&material, &about, found, reports::audit::render)
    })
}

fn report<T: Serialize>(
    material: &Material,
    about: &About,
    found: Found<T>,
    render: impl FnOnce(&About, &T) -> Result<String, Box<dyn Error>>,
) -> PyResult<Report> {
    let Found { results, mut cautions } = found;
    cautions.splice(0..0, are_distances(&material.pairs, material.images));
    let html = render(about, &results).map_err(|error| wrong(format!("the report cannot be drawn: {error}")))?;
    Ok((serde_json::to_string(&results).map_err(wrong)?, html, cautions))
}

fn wrong(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
