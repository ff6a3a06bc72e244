use std::error::Error;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::About;
use super::evaluation::{Area, AtFmr, Evaluation, OfMeasure};
use super::plots::{self, DARK, LIGHT, Palette, percent};

const STYLE: &str = include_str!("page.css");

/// The report as one HTML file that needs nothing else.
pub fn render(about: &About, evaluation: &Evaluation) -> Result<String, Box<dyn Error>> {
    let Evaluation { comparisons, recogniser, at, left_out } = evaluation;
    let sections = at.iter().map(section).collect::<Result<Vec<_>, _>>()?;
    let det = figure(|palette| plots::det(recogniser, palette).transpose(), "DET curve: FNMR over FMR, on logarithmic axes")?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Error versus discard" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Error versus discard" }
                    p.lead {
                        "How many errors does the recogniser make on what is left when the comparisons of the lowest quality are \
                         discarded? A quality measure is as good as its curve is steep."
                    }
                    dl.facts {
                        div { dt { "Mated pairs" } dd { (comparisons.mated) } }
                        div { dt { "Non-mated pairs" } dd { (comparisons.non_mated) } }
                        div { dt { "People" } dd { (comparisons.subjects) } }
                        div { dt { "Images" } dd { (comparisons.images) } }
                        div { dt { "Equal error rate" } dd { (percent(recogniser.equal_error_rate)) } }
                        div { dt { "Best accuracy" } dd { (percent(recogniser.best_accuracy)) } }
                    }
                    @if comparisons.pairs_left_out > 0 {
                        p.note {
                            (comparisons.pairs_left_out) " pairs are left out, because of " (comparisons.images_without_a_face)
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
                            "Both kinds of error at every threshold, with nothing discarded. The best accuracy is that of the \
                             threshold which is best for these very pairs, and therefore a little too good."
                        }
                    }
                    (reading(about))
                }
            }
        }
    };
    Ok(page.into_string())
}

fn section(at: &AtFmr) -> Result<Markup, Box<dyn Error>> {
    let words = format!("Error versus discard at an FMR of {}", percent(at.fmr));
    let plot = figure(|palette| plots::error_versus_discard(at, palette).map(Some), &words)?;
    let refitted = at.measures.iter().any(|measure| measure.curve.iter().any(|point| point.refitted.is_some()));
    Ok(html! {
        section {
            h2 { "At a false match rate of " (percent(at.fmr)) }
            p {
                "Similarities above " (format!("{:.4}", at.threshold)) " match; " (percent(at.measured_fmr)) " of the non-mated pairs do. \
                 With nothing discarded, " (percent(at.fnmr)) " of the mated pairs do not."
            }
            @if let Some(plot) = plot { (plot) }
            ul.legend {
                @for (index, measure) in at.measures.iter().enumerate() {
                    li { span.swatch.{ "m" (index % 6) } {} (measure.name) }
                }
                @if refitted { li { span.swatch.dots {} "threshold fitted anew on what is left" } }
                li { span.swatch.dashes {} (at.best.name) }
            }
            table {
                caption {
                    "Area under the curve (pAUC): the smaller, the better. Beside it, in terms of what discarding by chance leaves: 1 is chance, 0 \
                     no error at all."
                }
                thead {
                    tr {
                        th scope="col" { "Measure" }
                        @for area in &at.best.areas {
                            th scope="col" { "Up to " (percent(area.to)) " discarded" }
                            th scope="col" { "of chance" }
                        }
                    }
                }
                tbody {
                    @for measure in at.measures.iter().chain([&at.best]) { (row(measure)) }
                }
            }
        }
    })
}

fn row(measure: &OfMeasure) -> Markup {
    html! {
        tr {
            th scope="row" { (measure.name) }
            @for Area { area, interval, relative, .. } in &measure.areas {
                td {
                    (thousandths(*area)) " \u{2030}"
                    @if let Some([low, high]) = interval { span.soft { " (" (thousandths(*low)) " to " (thousandths(*high)) ")" } }
                }
                td { @match relative { Some(relative) => (format!("{relative:.2}")), None => "no error" } }
            }
        }
    }
}

/// Areas are small.
fn thousandths(area: f64) -> String {
    format!("{:.2}", area * 1000.0)
}

/// A plot for either colour scheme, of which one is seen.
fn figure(
    plot: impl Fn(&Palette) -> Result<Option<String>, Box<dyn Error>>,
    words: &str,
) -> Result<Option<Markup>, Box<dyn Error>> {
    let (Some(light), Some(dark)) = (plot(&LIGHT)?, plot(&DARK)?) else {
        return Ok(None);
    };
    Ok(Some(html! {
        figure role="img" aria-label=(words) {
            div.light { (PreEscaped(light)) }
            div.dark { (PreEscaped(dark)) }
        }
    }))
}

fn reading(about: &About) -> Markup {
    html! {
        section {
            h2 { "How to read this" }
            p {
                "The quality of a pair is the lower one of its two images. From left to right more and more of the mated pairs (two \
                 images of one person) are discarded, those of the lowest quality first, and all of the same quality together. The threshold of the \
                 recogniser stays where the false match rate of all pairs has put it. A measure that says nothing gives a level line; \
                 the dashed line is the best that any measure could do: it discards nothing but errors."
            }
            p {
                "Bands and brackets are 95 % confidence intervals by a bootstrap over people"
                @if about.resamples == 0 { ": none was asked for" } @else { " (" (about.resamples) " resamples)" }
                ". Where few errors are left, the right part of a curve rests on a handful of pairs: the band says how few. Curves \
                 hold for this recogniser and these pictures; of another recogniser they say nothing."
            }
        }
        footer {
            p { "Made by serfiq " (about.version) ":" }
            pre { (about.command) }
            @if let Some(engine) = &about.engine {
                p { "Recogniser " (engine.model) ", method " (engine.method)
                    @if let Some(passes) = engine.passes { ", " (passes) " passes" } ", dropout " (engine.dropout) "." }
            }
            p {
                "Error versus discard: ISO/IEC 29794-1; Schlett et al., arXiv 2303.13294. Error rates: ISO/IEC 19795-1. The numbers \
                 behind the plots lie beside this file, as JSON and CSV."
            }
        }
    }
}
