use std::error::Error;

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use crate::chart::{DARK, LIGHT, Palette};
use crate::{About, Computed};

const STYLE: &str = include_str!("page.css");

/// Where the numbers of an evaluation are defined.
pub const EVALUATION: &str = "Error versus discard: ISO/IEC 29794-1; Schlett et al., arXiv 2303.13294. Error rates: ISO/IEC 19795-1. Bias \
                              in quality: Terhörst et al., arXiv 2004.01019. The numbers behind the plots lie beside this file, as JSON \
                              and CSV.";

/// Renders one self-contained HTML file. `sources` says where its numbers come from.
pub fn page(title: &str, lead: &str, content: &Markup, about: &About, sources: &str) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p.lead { (lead) }
                    (content)
                    (made_by(about, sources))
                }
            }
        }
    };
    page.into_string()
}

fn made_by(about: &About, sources: &str) -> Markup {
    html! {
        footer {
            p { "Made by serfiq " (about.version) ":" }
            pre { (about.command) }
            @if let Some(Computed { method, backend, file, source }) = &about.engine {
                p {
                    "Recogniser " (method.model) ", method " (method.method)
                    @if let Some(passes) = method.passes { ", " (passes) " passes" }
                    @if let Some(seed) = method.seed { ", seed " (seed) }
                    ", dropout " (method.dropout) ", backend " (backend) ". Its file " (file) " (" (source) ") has the SHA-256 "
                    code { (method.model_sha256.as_deref().unwrap_or_default()) } "."
                }
            }
            p { (sources) }
        }
    }
}

/// Renders a table with a heading for each column. Scrolls sideways where it is too wide.
pub fn table(caption: Option<&str>, columns: &[impl Render], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table {
                @if let Some(caption) = caption { caption { (caption) } }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// Renders an interval, for placement after its number.
pub fn bracket(interval: Option<[f64; 2]>, text: impl Fn(f64) -> String) -> Markup {
    html! {
        @if let Some([low, high]) = interval { span.soft { " (" (text(low)) " to " (text(high)) ")" } }
    }
}

/// Renders a plot for both colour schemes; the page shows one.
pub fn figure(
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
