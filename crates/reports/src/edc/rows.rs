use super::evaluation::{Evaluation, OfMeasure, Point};

/// Writes one row for each point of each curve.
pub fn rows(evaluation: &Evaluation) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["fmr", "measure", "discarded", "fnmr", "low", "high", "fnmr_refitted"])?;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for at in &evaluation.at {
        for OfMeasure { name, curve, .. } in at.measures.iter().chain([&at.best]) {
            for Point { discarded, fnmr, interval, refitted } in curve {
                let [low, high] = [0, 1].map(|end| number(interval.map(|interval| interval[end])));
                let (rate, discarded, fnmr) = (at.fmr.to_string(), discarded.to_string(), fnmr.to_string());
                writer.write_record([&rate, name, &discarded, &fnmr, &low, &high, &number(*refitted)])?;
            }
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
