use std::error::Error;

use maud::{Markup, html};
use plotters::prelude::*;

use super::rows::{OfMeasure, Row, Thresholds};
use crate::About;
use crate::chart::{Palette, Plot, builder, draw, mesh, percent};
use crate::page::{EVALUATION, bracket, figure, page, table};

/// Renders the report as one HTML file.
pub fn render(about: &About, thresholds: &Thresholds) -> Result<String, Box<dyn Error>> {
    let words = "FNMR of the remaining pairs, over the share of discarded images";
    let plot = figure(|palette| plot(thresholds, palette).map(Some), words)?;
    let content = html! {
        dl.facts {
            div { dt { "Mated pairs" } dd { (thresholds.mated) } }
            div { dt { "Non-mated pairs" } dd { (thresholds.non_mated) } }
            div { dt { "People" } dd { (thresholds.subjects) } }
            div { dt { "FMR" } dd { (percent(thresholds.measured_fmr)) } }
            div { dt { "Similarity above" } dd { (format!("{:.4}", thresholds.similarity)) } }
        }
        @if thresholds.pairs_left_out > 0 {
            p.note {
                "Pairs left out: " (thresholds.pairs_left_out) ". Images without a face or without a score: "
                (thresholds.images_without_a_score) ". A quality threshold would discard them too."
            }
        }
        @if let Some(plot) = plot { (plot) }
        ul.legend {
            @for (index, measure) in thresholds.measures.iter().enumerate() {
                li { span.swatch.{ "m" (index % 6) } {} (measure.name) }
            }
        }
        @for measure in &thresholds.measures { (thresholds_of(measure)) }
        section {
            h2 { "How to read this" }
            p {
                "Each row is a minimum quality. The columns show how many images like these pass, and how often the recogniser \
                 still misses a person when both of their images pass. The false match rate is that of all pairs: the \
                 recogniser's own threshold does not change."
            }
            p {
                "Brackets are 95 % confidence intervals by a bootstrap over people"
                @if about.resamples == 0 { ": none was requested" } @else { " (" (about.resamples) " resamples)" }
                ". For n pairs without an error, the upper end is about 3 / n. They cover the effect of chance with this number of \
                 people, not how other pictures would differ: measure on pictures like those you expect. Qualities of different \
                 recognisers or methods are not comparable."
            }
        }
    };
    let lead = "How many images does a quality threshold keep, and how many errors does it prevent?";
    Ok(page("Quality thresholds", lead, &content, about, EVALUATION))
}

fn thresholds_of(measure: &OfMeasure) -> Markup {
    let of_score: &[&str] = match measure.thresholds.iter().any(|row| row.quality.is_some()) {
        true => &["Quality at least", "Raw score"],
        false => &["Quality at least"],
    };
    let rows = html! {
        @for Row { raw, quality, images_kept, images_kept_interval, mated_kept, fnmr, fnmr_interval } in &measure.thresholds {
            tr {
                @if let Some(quality) = quality { th scope="row" { (format!("{quality:.1}")) } }
                th scope="row" { (format!("{raw:.4}")) }
                td { (percent(*images_kept)) (bracket(*images_kept_interval, percent)) }
                td { (percent(*mated_kept)) }
                td {
                    @match fnmr {
                        Some(fnmr) => { (percent(*fnmr)) (bracket(*fnmr_interval, percent)) }
                        None => "no pairs left",
                    }
                }
            }
        }
    };
    html! {
        section {
            h2 { (measure.name) }
            (table(None, &[of_score, &["Images kept", "Mated pairs kept", "FNMR of those"]].concat(), &rows))
        }
    }
}

fn plot(thresholds: &Thresholds, palette: &Palette) -> Plot {
    let rows = || thresholds.measures.iter().flat_map(|measure| &measure.thresholds);
    let top = rows().filter_map(|row| row.fnmr_interval.map(|[_, high]| high).or(row.fnmr)).fold(1e-4, f64::max);
    let end = rows().map(|row| 1.0 - row.images_kept).fold(0.01, f64::max);
    draw(|root| {
        let mut chart = builder(root).build_cartesian_2d(0.0..end, 0.0..top * 1.05)?;
        mesh(&mut chart, palette, "discarded images, lowest quality first", "FNMR of the remaining pairs")?;
        for (measure, colour) in thresholds.measures.iter().zip(palette.measures.iter().cycle()) {
            let end = |which: usize| {
                let rows = measure.thresholds.iter();
                rows.filter_map(move |row| Some((1.0 - row.images_kept, row.fnmr_interval?[which]))).collect::<Vec<_>>()
            };
            let band: Vec<(f64, f64)> = end(0).into_iter().chain(end(1).into_iter().rev()).collect();
            chart.draw_series([Polygon::new(band, colour.mix(palette.band).filled())])?;
        }
        for (measure, colour) in thresholds.measures.iter().zip(palette.measures.iter().cycle()) {
            let points: Vec<(f64, f64)> =
                measure.thresholds.iter().filter_map(|row| Some((1.0 - row.images_kept, row.fnmr?))).collect();
            chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?;
            chart.draw_series(points.into_iter().map(|point| Circle::new(point, 3, colour.filled())))?;
        }
        Ok(())
    })
}
