use std::error::Error;

use maud::{Markup, html};

use super::findings::{
    Estimate, FEWEST_SUBJECTS, Findings, LOWEST, OfAttribute, OfGroup, OfMeasure, Recogniser, SubjectsFrom, magnitude,
};
use super::plots;
use crate::evaluate::About;
use crate::evaluate::chart::percent;
use crate::evaluate::page::{figure, page};

/// The report as one HTML file.
pub fn render(about: &About, findings: &Findings) -> Result<String, Box<dyn Error>> {
    let measures = findings.measures.iter().map(measure).collect::<Result<Vec<_>, _>>()?;
    let content = html! {
        dl.facts {
            div { dt { "Images" } dd { (findings.images) } }
            @if findings.subjects_from != SubjectsFrom::Nowhere { div { dt { "People" } dd { (findings.subjects) } } }
            @if let Some(Recogniser { measured_fmr, fnmr, .. }) = &findings.recogniser {
                div { dt { "FMR of all pairs" } dd { (percent(*measured_fmr)) } }
                div { dt { "FNMR of all pairs" } dd { (percent(*fnmr)) } }
            }
        }
        @if findings.subjects_from == SubjectsFrom::Nowhere {
            p.note {
                "Nothing says who is on which image: every one is taken for an image of another person. Where a person has several, the \
                 intervals are too narrow; a column " code { "subject" } " mends that."
            }
        }
        @if let Some(Recogniser { pairs_left_out: 1.., .. }) = &findings.recogniser {
            p.note { "Pairs with an image in which no face was found, or that has no score, are left out." }
        }
        @for measure in &measures { (measure) }
        (reading(about, findings))
    };
    let lead = "Does the quality measure treat all groups alike? Groups that score lower are turned away more often when a quality \
                threshold is applied.";
    Ok(page("Quality by group", lead, &content, about))
}

fn measure(measure: &OfMeasure) -> Result<Markup, Box<dyn Error>> {
    let attributes = measure.attributes.iter().map(|of| attribute(&measure.name, of)).collect::<Result<Vec<_>, _>>()?;
    Ok(html! {
        @for attribute in &attributes { (attribute) }
    })
}

fn attribute(measure: &str, attribute: &OfAttribute) -> Result<Markup, Box<dyn Error>> {
    let name = &attribute.name;
    let distributions =
        figure(|palette| plots::distributions(attribute, palette).map(Some), &format!("Distribution of quality by {name}"))?;
    let shares = figure(
        |palette| plots::shares(attribute, palette).map(Some),
        &format!("Share of each {name} among the lowest qualities"),
    )?;
    let small: Vec<&str> = attribute.groups.iter().filter(|group| group.small).map(|group| group.name.as_str()).collect();
    Ok(html! {
        section {
            h2 { (name) span.soft { " by " (measure) } }
            @if !small.is_empty() {
                p.note {
                    "Fewer than " (FEWEST_SUBJECTS) " people: " (small.join(", ")) ". That is too few to say anything beyond these very \
                     images; no comparison is made."
                }
            }
            @if attribute.unlabelled > 0 {
                p.note { (attribute.unlabelled) " images have no value for " (name) " and are left out." }
            }
            @if let Some(plot) = &distributions { (plot) }
            p {
                "How the qualities of each group are distributed, all to the same scale; the upright line is the median. It shows where a group \
                 lies and how wide it spreads, not why: groups may also differ in light, pose, camera or age."
            }
            (summaries(attribute))
        }
        section {
            h3 { "Who is among the lowest qualities" }
            @if let Some(plot) = &shares { (plot) }
            ul.legend {
                @for (index, group) in attribute.groups.iter().enumerate() {
                    li { span.swatch.block.pale[index >= 6].{ "m" (index % 6) } {} (group.name) }
                }
            }
            p {
                "At the right edge all images are counted: there each group has its share of the whole. The further to the left, the more only \
                 the lowest qualities are counted. Level bands mean that all groups are alike; a band that widens to the left belongs to a group \
                 that a quality threshold turns away more often than others. The left edge rests on few images."
            }
            (lowest(attribute))
        }
        section {
            h3 { "Each group beside the others" }
            (differences(attribute))
            p {
                "Cliff's delta says how much more often an image of the group has the higher quality than the lower one, when it is put beside an \
                 image of the others: 0 is no difference, 1 always the higher. The usual words for it are Romano's (negligible below 0.147, small, \
                 medium from 0.33, large from 0.474). An interval that holds 0 tells no difference. Of twenty intervals one is expected to miss \
                 the truth."
            }
        }
        @if attribute.groups.iter().any(|group| group.rates.is_some()) {
            section {
                h3 { "The recogniser's errors within each group" }
                (rates(attribute))
                p {
                    "Of the pairs whose images both belong to the group, at the one threshold for all. A group whose quality is low and whose FNMR \
                     is high is recognised worse: the measure is right to warn. A low quality without a high FNMR is a measure that is unfair to \
                     the group."
                }
            }
        }
    })
}

fn summaries(attribute: &OfAttribute) -> Markup {
    let number = |value: f64| format!("{value:.3}");
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Group" }
                    th scope="col" { "Images" }
                    th scope="col" { "People" }
                    th scope="col" { "No score" }
                    th scope="col" { "Mean" }
                    th scope="col" { "5 %" }
                    th scope="col" { "25 %" }
                    th scope="col" { "Median" }
                    th scope="col" { "75 %" }
                    th scope="col" { "95 %" }
                }
            }
            tbody {
                @for group in &attribute.groups {
                    tr.small[group.small] {
                        (name(group))
                        td { (group.images) }
                        td { (group.subjects) }
                        td { (group.images_without_a_score) }
                        @match &group.summary {
                            Some(summary) => {
                                @for value in [summary.mean, summary.q05, summary.q25, summary.median, summary.q75, summary.q95] {
                                    td { (number(value)) }
                                }
                            }
                            None => { td colspan="6" { "no quality" } }
                        }
                    }
                }
            }
        }
    }
}

fn lowest(attribute: &OfAttribute) -> Markup {
    html! {
        table {
            caption { "Share of the group among the lowest qualities, and how many times its share of all images that is." }
            thead {
                tr {
                    th scope="col" { "Group" }
                    @for fraction in LOWEST { th scope="col" { "Lowest " (percent(fraction)) } }
                }
            }
            tbody {
                @for group in attribute.groups.iter().filter(|group| group.images > 0) {
                    tr.small[group.small] {
                        (name(group))
                        @for lowest in &group.among_lowest {
                            td {
                                (percent(lowest.share))
                                @if let Some(times) = lowest.times { ", " (estimate(times, |times| format!("{times:.2}×"))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn differences(attribute: &OfAttribute) -> Markup {
    let signed = |value: f64| format!("{value:+.4}");
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Group" }
                    th scope="col" { "Mean less that of the others" }
                    th scope="col" { "Cliff's delta" }
                    th scope="col" { "Effect" }
                }
            }
            tbody {
                @for group in &attribute.groups {
                    tr.small[group.small] {
                        (name(group))
                        @match (group.difference, group.cliffs_delta) {
                            (Some(difference), Some(delta)) => {
                                td { (estimate(difference, signed)) }
                                td { (estimate(delta, |value| format!("{value:+.3}"))) }
                                td { (magnitude(delta.value)) }
                            }
                            _ => { td colspan="3" { "too few people" } }
                        }
                    }
                }
            }
        }
    }
}

fn rates(attribute: &OfAttribute) -> Markup {
    let cell = |rate: Option<Estimate>| {
        html! { td { @match rate { Some(rate) => (estimate(rate, percent)), None => "no pairs" } } }
    };
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Group" }
                    th scope="col" { "Mated pairs" }
                    th scope="col" { "FNMR" }
                    th scope="col" { "Non-mated pairs" }
                    th scope="col" { "FMR" }
                }
            }
            tbody {
                @for group in &attribute.groups {
                    @if let Some(rates) = &group.rates {
                        tr.small[group.small] {
                            (name(group))
                            td { (rates.mated) }
                            (cell(rates.fnmr))
                            td { (rates.non_mated) }
                            (cell(rates.fmr))
                        }
                    }
                }
            }
        }
    }
}

fn name(group: &OfGroup) -> Markup {
    html! { th scope="row" { (group.name) } }
}

fn estimate(Estimate { value, interval }: Estimate, text: impl Fn(f64) -> String) -> Markup {
    html! {
        (text(value))
        @if let Some([low, high]) = interval { span.soft { " (" (text(low)) " to " (text(high)) ")" } }
    }
}

fn reading(about: &About, findings: &Findings) -> Markup {
    let drawn = match findings.subjects_from {
        SubjectsFrom::Nowhere => "images",
        SubjectsFrom::Labels | SubjectsFrom::Pairs => "people",
    };
    html! {
        section {
            h2 { "How to read this" }
            p {
                "Brackets are 95 % confidence intervals by a bootstrap over " (drawn)
                @if about.resamples == 0 { ": none was asked for" } @else { " (" (about.resamples) " resamples)" }
                ". Of n pairs without an error, the upper end is about 3 / n. They say what chance does with this many " (drawn) ", not how \
                 other pictures differ from these."
            }
            p {
                "A difference between groups is a fact about these pictures and this measure. It may come from the recogniser, whose bias a score \
                 made of its embeddings takes over, or from how the pictures of a group were taken. To tell these apart, compare groups within \
                 the same pose, light and camera. And groups are as good as their labels."
            }
        }
    }
}
