//! Why pictures score as they do: each picture beside a copy with a veil over unread parts, and a sentence.
use data_encoding::BASE64;
use maud::{Markup, html};
use serfiq::Assessment;
use serfiq::explain::{Cover, Explanation, Parts};

use crate::About;
use crate::page;

/// Below this share, a part counts as read little.
const LITTLE: f32 = 0.5;

const LEAD: &str = "A score is low where the recogniser reads little. Each photo stands beside a copy with a veil: clear parts are \
                    read as usual, veiled parts little or not at all.";
const SOURCES: &str = "The map splits the score's own terms over the cells of the face that the recogniser sees; the usual values \
                       of each cell were learned from clean faces. No other network is involved. SER-FIQ: Terhörst et al., arXiv \
                       2003.09373.";

/// A picture for the page.
#[derive(Debug)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// Its assessment, with the explanation.
    pub assessment: Assessment,
    /// The picture, as a JPEG file.
    pub photo: Vec<u8>,
    /// The picture with the veil, as a JPEG file; `None` if there is nothing to explain.
    pub veiled: Option<Vec<u8>>,
    /// Width and height of both.
    pub size: [u32; 2],
}

/// The parts of a face by name, and how much of each is read, 0 to 1.
pub fn parts(read: &Parts) -> [(&'static str, f32); 6] {
    let Parts { forehead, eyes, nose, mouth, left, right, .. } = *read;
    [
        ("forehead", forehead),
        ("eyes", eyes),
        ("nose", nose),
        ("mouth and chin", mouth),
        ("left half of the picture's face", left),
        ("right half of the picture's face", right),
    ]
}

/// An explanation in words: what hides the face, and what is read little.
pub fn sentence(explanation: &Explanation) -> String {
    let Some(read) = &explanation.parts else {
        return "The recogniser's card has no usual values, so it is not known which parts are read little.".into();
    };
    let hidden = explanation.cover.and_then(|cover| hidden(&cover));
    let little: Vec<&str> = parts(read).into_iter().filter(|(_, share)| *share < LITTLE).map(|(name, _)| name).collect();
    let read = match little.as_slice() {
        [] if hidden.is_some() => None,
        [] => Some("The recogniser reads every part of the face about as usual.".into()),
        [one] => Some(format!("The recogniser reads little of the {one}.")),
        [several @ .., last] => Some(format!("The recogniser reads little of the {} and the {last}.", several.join(", the "))),
    };
    hidden.map(str::to_owned).into_iter().chain(read).collect::<Vec<_>>().join(" ")
}

/// The likeliest cover, if it is likelier than none.
fn hidden(Cover { mouth, eyes, face, .. }: &Cover) -> Option<&'static str> {
    let covers = [(mouth, "The mouth is hidden."), (eyes, "The eyes are hidden."), (face, "Much of the face is hidden.")];
    covers.into_iter().filter(|(odds, _)| **odds > 0.0).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, words)| words)
}

/// Renders one self-contained HTML file.
pub fn page(pictures: &[Shown], about: &About) -> String {
    let content = html! {
        ul.legend {
            li { span.swatch.block.clear {} "clear: read as usual" }
            li { span.swatch.block.ink {} "veiled: the recogniser reads little or nothing here" }
        }
        @for picture in pictures { (one(picture)) }
    };
    page::page("Why pictures score as they do", LEAD, &content, about, SOURCES)
}

fn one(Shown { name, assessment, photo, veiled, size: [width, height] }: &Shown) -> Markup {
    let face = assessment.faces.first();
    let said = match &assessment.explanation {
        Some(explanation) => sentence(explanation),
        None => "No face was found.".into(),
    };
    let issues: Vec<_> = assessment.issues.iter().map(|issue| issue.name().replace('_', " ")).collect();
    html! {
        section {
            h2 { (name) }
            p {
                @if let Some(quality) = face.and_then(|face| face.quality) { "Quality " b { (format!("{quality:.0}")) } " of 100, " }
                @else if let Some(raw) = face.and_then(|face| face.raw) { "Raw score " b { (format!("{raw:.4}")) } ", " }
                @if assessment.accepted { "accepted." } @else { (issues.join(", ")) "." }
            }
            p { (said) }
            div.pair {
                img src=(data(photo)) width=(width) height=(height) alt="the photo";
                @if let Some(veiled) = veiled { img src=(data(veiled)) width=(width) height=(height) alt=(said); }
            }
            @if let Some(read) = assessment.explanation.as_ref().and_then(|explanation| explanation.parts.as_ref()) {
                dl.facts {
                    @for (name, share) in parts(read) { div { dt { (name) } dd { (format!("{:.0} %", 100.0 * share)) } } }
                }
            }
        }
    }
}

fn data(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", BASE64.encode(jpeg))
}
