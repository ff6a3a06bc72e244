use plotters::prelude::*;

use super::evaluation::{AtFmr, ErrorRates, OfMeasure};
use crate::chart::{Palette, Plot, builder, draw, labelled_mesh, mesh, round_percent, stairs};

/// Draws FNMR over the discarded fraction, with confidence bands and, dashed, the best possible curve.
pub fn error_versus_discard(at: &AtFmr, palette: &Palette) -> Plot {
    let highest =
        |of: &OfMeasure| of.curve.iter().map(|point| point.interval.map_or(point.fnmr, |[_, high]| high)).fold(0.0, f64::max);
    let top = at.measures.iter().map(highest).fold(at.fnmr, f64::max).clamp(1e-4, 1.0);
    draw(|root| {
        let mut chart = builder(root).build_cartesian_2d(0.0..0.95, 0.0..top * 1.05)?;
        mesh(&mut chart, palette, "discarded comparisons, those of the lowest quality first", "FNMR of the others")?;
        for (measure, colour) in at.measures.iter().zip(palette.measures.iter().cycle()) {
            let end = |which: usize| {
                stairs(measure.curve.iter().filter_map(move |point| Some((point.discarded, point.interval?[which]))))
            };
            let band: Vec<(f64, f64)> = end(0).into_iter().chain(end(1).into_iter().rev()).collect();
            chart.draw_series([Polygon::new(band, colour.mix(palette.band).filled())])?;
        }
        for (measure, colour) in at.measures.iter().zip(palette.measures.iter().cycle()) {
            let curve = stairs(measure.curve.iter().map(|point| (point.discarded, point.fnmr)));
            chart.draw_series(LineSeries::new(curve, colour.stroke_width(2)))?;
            let refitted = stairs(measure.curve.iter().filter_map(|point| Some((point.discarded, point.refitted?))));
            chart.draw_series(DashedLineSeries::new(refitted, 2, 3, colour.stroke_width(2)))?;
        }
        let best = stairs(at.best.curve.iter().map(|point| (point.discarded, point.fnmr)));
        chart.draw_series(DashedLineSeries::new(best, 6, 4, palette.ink.stroke_width(1)))?;
        Ok(())
    })
}

/// Draws FNMR over FMR, both on logarithmic axes (DET); `None` if the two kinds of pairs do not overlap.
pub fn det(recogniser: &ErrorRates, palette: &Palette) -> Option<Plot> {
    let points: Vec<(f64, f64)> =
        recogniser.det.iter().map(|&[fmr, fnmr]| (fmr, fnmr)).filter(|(fmr, fnmr)| *fmr > 0.0 && *fnmr > 0.0).collect();
    let (&(least_fmr, _), &(_, least_fnmr)) = (points.first()?, points.last()?);
    Some(draw(|root| {
        let (across, up) = ((least_fmr * 0.9..1.0).log_scale(), (least_fnmr * 0.9..1.0).log_scale());
        let mut chart = builder(root).build_cartesian_2d(across, up)?;
        labelled_mesh(&mut chart, palette, "FMR", "FNMR", round_percent)?;
        chart.draw_series(LineSeries::new(points, palette.measures[0].stroke_width(2)))?;
        Ok(())
    }))
}
