use std::error::Error;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::About;
use super::chart::{DARK, LIGHT, Palette};

const STYLE: &str = include_str!("page.css");

/// One HTML file that needs nothing else.
pub fn page(title: &str, lead: &str, content: &Markup, about: &About) -> String {
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
                    (made_by(about))
                }
            }
        }
    };
    page.into_string()
}

fn made_by(about: &About) -> Markup {
    html! {
        footer {
            p { "Made by serfiq " (about.version) ":" }
            pre { (about.command) }
            @if let Some(engine) = &about.engine {
                p {
                    "Recogniser " (engine.model) ", method " (engine.method)
                    @if let Some(passes) = engine.passes { ", " (passes) " passes" } ", dropout " (engine.dropout) "."
                }
            }
            p {
                "Error versus discard: ISO/IEC 29794-1; Schlett et al., arXiv 2303.13294. Error rates: ISO/IEC 19795-1. Bias in quality: \
                 Terhörst et al., arXiv 2004.01019. The numbers behind the plots lie beside this file, as JSON and CSV."
            }
        }
    }
}

/// A plot for either colour scheme, of which one is seen.
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
