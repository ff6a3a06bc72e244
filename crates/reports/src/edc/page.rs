use std::error::Error;

use maud::{Markup, html};

use super::evaluation::{Area, AtFmr, Evaluation, OfMeasure};
use super::plots;
use crate::About;
use crate::chart::percent;
use crate::page::{self, bracket, figure, table};

/// Renders the report as one HTML file.
pub fn render(about: &About, evaluation: &Evaluation) -> Result<String, Box<dyn Error>> {
    let Evaluation { comparisons, recogniser, at, left_out } = evaluation;
    let sections = at.iter().map(section).collect::<Result<Vec<_>, _>>()?;
    let det = figure(|palette| plots::det(recogniser, palette).transpose(), "DET curve: FNMR over FMR, on logarithmic axes")?;
    let content = html! {
        dl.facts {
            div { dt { "Mated pairs" } dd { (comparisons.mated) } }
            div { dt { "Non-mated pairs" } dd { (comparisons.non_mated) } }
            div { dt { "People" } dd { (comparisons.subjects) } }
            div { dt { "Images" } dd { (comparisons.images) } }
            div {
                dt { "Equal error rate" }
                dd { (percent(recogniser.equal_error_rate)) (bracket(recogniser.equal_error_rate_interval, percent)) }
            }
            div { dt { "Best accuracy" } dd { (percent(recogniser.best_accuracy)) } }
        }
        @if comparisons.pairs_left_out > 0 {
            p.note {
                "Pairs left out: " (comparisons.pairs_left_out) ". Images without a face or without a score: "
                (comparisons.images_without_a_score) "."
            }
        }
        @for rate in left_out {
            p.note { "Not shown: " (rate.why) "." }
        }
        @for section in sections { (section) }
        section {
            h2 { "The recogniser alone" }
            @match det {
                Some(det) => (det),
                None => p { "No threshold produces errors of both kinds, so there is no curve." },
            }
            p {
                "Both kinds of error at every threshold, with nothing discarded. The best accuracy belongs to the threshold that \
                 is best for these pairs, so it is slightly optimistic."
            }
        }
        (reading(about.resamples))
    };
    let lead = "How many errors does the recogniser make on the remaining comparisons when those of the lowest quality are discarded? \
                The better a quality measure, the steeper its curve.";
    Ok(page::page("Error versus discard", lead, &content, about, page::EVALUATION))
}

fn section(at: &AtFmr) -> Result<Markup, Box<dyn Error>> {
    let words = format!("Error versus discard at an FMR of {}", percent(at.fmr));
    let plot = figure(|palette| plots::error_versus_discard(at, palette).map(Some), &words)?;
    let refitted = at.measures.iter().any(|measure| measure.curve.iter().any(|point| point.refitted.is_some()));
    let mut columns = vec!["Measure".to_owned()];
    columns.extend(
        at.best.areas.iter().flat_map(|area| [format!("Up to {} discarded", percent(area.to)), "of chance".to_owned()]),
    );
    Ok(html! {
        section {
            h2 { "At a false match rate of " (percent(at.fmr)) }
            p {
                "Similarities above " (format!("{:.4}", at.threshold)) " match; " (percent(at.measured_fmr)) " of the non-mated pairs do. \
                 With nothing discarded, " (percent(at.fnmr)) (bracket(at.fnmr_interval, percent)) " of the mated pairs do not."
            }
            @if let Some(plot) = plot { (plot) }
            ul.legend {
                @for (index, measure) in at.measures.iter().enumerate() {
                    li { span.swatch.{ "m" (index % 6) } {} (measure.name) }
                }
                @if refitted { li { span.swatch.dots {} "threshold refitted on the remaining pairs" } }
                li { span.swatch.dashes {} (at.best.name) }
            }
            (table(
                Some(
                    "Area under the curve (pAUC); smaller is better. Beside it, the area relative to that of discarding at random: \
                     1 is as good as random, 0 means no errors.",
                ),
                &columns,
                &html! { @for measure in at.measures.iter().chain([&at.best]) { (row(measure)) } },
            ))
        }
    })
}

fn row(measure: &OfMeasure) -> Markup {
    html! {
        tr {
            th scope="row" { (measure.name) }
            @for Area { area, interval, relative, .. } in &measure.areas {
                td {
                    (thousandths(*area)) " \u{2030}" (bracket(*interval, thousandths))
                }
                td { @match relative { Some(relative) => (format!("{relative:.2}")), None => "no error" } }
            }
        }
    }
}

/// Formats an area in thousandths, since areas are small.
fn thousandths(area: f64) -> String {
    format!("{:.2}", area * 1000.0)
}

fn reading(resamples: u32) -> Markup {
    html! {
        section {
            h2 { "How to read this" }
            p {
                "The quality of a pair is the lower quality of its two images. From left to right, more and more mated pairs \
                 (two images of one person) are discarded: lowest quality first, pairs of equal quality together. The \
                 recogniser's threshold stays at the false match rate of all pairs. A measure without information gives a \
                 level line. The dashed line is the best possible measure, which discards only errors."
            }
            p {
                "Bands and brackets are 95 % confidence intervals by a bootstrap over people"
                @if resamples == 0 { ": none was requested" } @else { " (" (resamples) " resamples)" }
                ". Where few errors remain, a curve depends on a handful of pairs, and its band is wide. Where none remains there is \
                 no band: n pairs without an error are compatible with a rate of up to about 3 / n. Curves hold only for this \
                 recogniser and these pictures."
            }
        }
    }
}
