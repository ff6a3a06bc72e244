//! The results of the guide's checks and the standard's measures for each image.
use std::num::NonZeroUsize;

use serfiq::guide::{Instruction, Settings};
use serfiq::measure::StandardMeasure;
use serfiq::score::Method;
use serfiq::{Assessment, Engine};
use serfiq_reports::{Column, ColumnKind};

use super::images::Images;
use crate::faces::{Faces, FacesError};
use crate::measures::measure;

/// Instructions for live pictures only: position and motion are not checked in a photo.
const LIVE_ONLY: [Instruction; 6] = [
    Instruction::MoveLeft,
    Instruction::MoveRight,
    Instruction::MoveUp,
    Instruction::MoveDown,
    Instruction::Moving,
    Instruction::HoldStill,
];

/// Assesses every image. An unreadable one has no values; scoring has reported it already.
pub fn gather(engine: &Engine, method: &Method, images: &Images, threads: NonZeroUsize) -> Result<Vec<Column>, FacesError> {
    let (files, settings) = (images.files(), Settings::of_photo());
    let count = files.len();
    let assess = |bytes: &[u8]| measure(engine, bytes, method, &settings).map(Some);
    let assessed = Faces::of_pictures(files.into_iter(), count, threads, assess, |_| {})?.found;
    let column = |name: &str, kind, value: &dyn Fn(&Assessment) -> Option<f64>| Column {
        name: name.into(),
        kind,
        values: assessed.iter().map(|assessment| value(assessment.as_ref()?)).collect(),
    };
    let checks = Instruction::ALL.iter().filter(|check| !LIVE_ONLY.contains(check));
    let checks = checks.map(|check| column(check.name(), ColumnKind::Check, &|of| sent_back(of, *check)));
    let measures = StandardMeasure::ALL.into_iter();
    let measures = measures.map(|measure| column(measure.name(), ColumnKind::Standard, &|of| quality(of, measure)));
    Ok(checks.chain(measures).collect())
}

/// 1 if the check refuses the image, else 0; `None` if it is not made: without an upright face, only that is reported.
fn sent_back(assessment: &Assessment, check: Instruction) -> Option<f64> {
    let alone = [Instruction::NoFace, Instruction::Turned];
    let is_made = alone.contains(&check) || !alone.iter().any(|issue| assessment.issues.contains(issue));
    is_made.then(|| f64::from(u8::from(assessment.issues.contains(&check))))
}

fn quality(assessment: &Assessment, measure: StandardMeasure) -> Option<f64> {
    let value = assessment.standard_measures.as_ref()?.get(measure).ok()?;
    Some(value.quality.into())
}
