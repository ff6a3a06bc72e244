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
                (comparisons.pairs_left_out) " pairs are left out, because of " (comparisons.images_without_a_score)
                " images in which no face was found or that have no score."
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
                None => p { "No threshold makes an error of both kinds: there is no curve to draw." },
            }
            p {
                "Both kinds of error at every threshold, with nothing discarded. The best accuracy is that of the threshold \
                 which is best for these very pairs, and therefore a little too good."
            }
        }
        (reading(about.resamples))
    };
    let lead = "How many errors does the recogniser make on what is left when the comparisons of the lowest quality are discarded? A \
                quality measure is as good as its curve is steep.";
    Ok(page::page("Error versus discard", lead, &content, about))
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
                @if refitted { li { span.swatch.dots {} "threshold fitted anew on what is left" } }
                li { span.swatch.dashes {} (at.best.name) }
            }
            (table(
                Some(
                    "Area under the curve (pAUC): the smaller, the better. Beside it, in terms of what discarding by chance \
                     leaves: 1 is chance, 0 no error at all.",
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
                "The quality of a pair is the lower one of its two images. From left to right more and more of the mated pairs \
                 (two images of one person) are discarded, those of the lowest quality first, and all of the same quality \
                 together. The threshold of the recogniser stays where the false match rate of all pairs has put it. A measure \
                 that says nothing gives a level line; the dashed line is the best that any measure could do: it discards \
                 nothing but errors."
            }
            p {
                "Bands and brackets are 95 % confidence intervals by a bootstrap over people"
                @if resamples == 0 { ": none was asked for" } @else { " (" (resamples) " resamples)" }
                ". Where few errors are left, the right part of a curve rests on a handful of pairs: the band says how few. \
                 Where none is left it says nothing: n pairs without an error allow for a rate of up to about 3 / n. Curves \
                 hold for this recogniser and these pictures; of another recogniser they say nothing."
            }
        }
    }
}
