use std::io::{self, Write};

use csv::Terminator;

use super::Measured;
use crate::output::Output;
use crate::report::{Outcome, Record, Report, ScoreRun};

/// OFIQ's measures, in its order.
const MEASURES: [&str; 28] = [
    "UnifiedQualityScore",
    "BackgroundUniformity",
    "IlluminationUniformity",
    "LuminanceMean",
    "LuminanceVariance",
    "UnderExposurePrevention",
    "OverExposurePrevention",
    "DynamicRange",
    "Sharpness",
    "CompressionArtifacts",
    "NaturalColour",
    "SingleFacePresent",
    "EyesOpen",
    "MouthClosed",
    "EyesVisible",
    "MouthOcclusionPrevention",
    "FaceOcclusionPrevention",
    "InterEyeDistance",
    "HeadSize",
    "LeftwardCropOfTheFaceImage",
    "RightwardCropOfTheFaceImage",
    "MarginAboveOfTheFaceImage",
    "MarginBelowOfTheFaceImage",
    "HeadPoseYaw",
    "HeadPosePitch",
    "HeadPoseRoll",
    "ExpressionNeutrality",
    "NoHeadCoverings",
];

/// OFIQ's value for a measure that it cannot assess. Also used here for measures that serfiq lacks.
const NOT_ASSESSED: &str = "-1";

/// OFIQ's file, column for column: the name of the picture, 28 native values, 28 qualities, and the time in milliseconds. As in
/// OFIQ, only the line of names ends with a semicolon.
pub struct File(csv::Writer<Box<dyn Write>>);

impl File {
    pub fn new(to: Output) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new();
        let mut writer = writer.delimiter(b';').flexible(true).terminator(Terminator::Any(b'\n')).from_writer(to.writer);
        let qualities = MEASURES.iter().map(|name| format!("{name}.scalar"));
        let names = ["Filename"].into_iter().chain(MEASURES).map(str::to_owned).chain(qualities);
        writer.write_record(names.chain(["assessment_time_in_ms", ""].map(str::to_owned)))?;
        writer.flush()?;
        Ok(Self(writer))
    }
}

impl Report<Measured, ScoreRun> for File {
    fn add(&mut self, Record { path, outcome }: &Record<Measured, ScoreRun>) -> io::Result<()> {
        let measured = match outcome {
            Outcome::Read(measured) => Some(measured),
            Outcome::Unreadable(_) => None,
        };
        let value = |name: &str| {
            let mut measures = measured.iter().flat_map(|measured| measured.measures());
            measures.find(|(measure, _)| measure.name() == name).and_then(|(_, value)| value.ok())
        };
        let or_none = |text: Option<String>| text.unwrap_or(NOT_ASSESSED.into());
        let natives = MEASURES.map(|name| or_none(value(name).map(|value| value.native.to_string())));
        let qualities = MEASURES.map(|name| or_none(value(name).map(|value| value.quality.to_string())));
        let took = measured.map_or(0, |measured| measured.took.as_millis()).to_string();
        self.0.write_record([path.clone()].into_iter().chain(natives).chain(qualities).chain([took]))?;
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use serfiq::measure::StandardMeasure;

    use super::MEASURES;

    #[test]
    fn our_measures_are_among_the_columns_and_in_their_order() {
        let ours: Vec<&str> = StandardMeasure::ALL.iter().map(|measure| measure.name()).collect();
        let columns: Vec<&str> = MEASURES.into_iter().filter(|name| ours.contains(name)).collect();
        assert_eq!(columns, ours);
    }
}
