use std::error::Error;

use maud::{Markup, html};

use super::columns::{MARGIN, OfColumn};
use super::findings::{ErrorRates, Estimate, Findings, LOWEST, MIN_SUBJECTS, OfAttribute, OfGroup, SubjectsFrom, magnitude};
use super::readings::MeanReading;
use super::{face_map, plots};
use crate::chart::percent;
use crate::explanation::parts;
use crate::page::{EVALUATION, bracket, figure, page, table};
use crate::{About, ColumnKind};

/// Renders the report as one HTML file.
pub fn render(about: &About, findings: &Findings) -> Result<String, Box<dyn Error>> {
    let from = findings.subjects_from;
    let measures = findings.measures.iter();
    let attributes = measures.flat_map(|measure| measure.attributes.iter().map(move |of| attribute(&measure.name, of, from)));
    let attributes = attributes.collect::<Result<Vec<_>, _>>()?;
    let content = html! {
        dl.facts {
            div { dt { "Images" } dd { (findings.images) } }
            @if from != SubjectsFrom::Nowhere { div { dt { "People" } dd { (findings.subjects) } } }
            @if let Some(ErrorRates { measured_fmr, fnmr, .. }) = &findings.recogniser {
                div { dt { "FMR of all pairs" } dd { (percent(*measured_fmr)) } }
                div { dt { "FNMR of all pairs" } dd { (percent(*fnmr)) } }
            }
        }
        @if from == SubjectsFrom::Nowhere {
            p.note {
                "The labels do not say who is in each image, so every image counts as a different person. If a person has several \
                 images, the intervals are too narrow. Add a column " code { "subject" } " to correct this."
            }
        }
        @if let Some(ErrorRates { pairs_left_out: left_out @ 1.., .. }) = &findings.recogniser {
            p.note {
                "Some images have no face, or no score. Pairs left out because of them: " (left_out) "."
            }
        }
        @for attribute in &attributes { (attribute) }
        (columns(findings))
        (reading(about, from.drawn()))
    };
    let lead = "Does the quality measure treat all groups alike? Groups that score lower are turned away more often when a quality \
                threshold is applied.";
    Ok(page("Quality by group", lead, &content, about, EVALUATION))
}

fn attribute(measure: &str, attribute: &OfAttribute, from: SubjectsFrom) -> Result<Markup, Box<dyn Error>> {
    let (name, drawn) = (&attribute.name, from.drawn());
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
                    "Fewer than " (MIN_SUBJECTS) " " (drawn) ": " (small.join(", "))
                    ". These groups are too small for conclusions beyond these images. They are not compared, and have no \
                     intervals."
                }
            }
            @if attribute.unlabelled > 0 {
                p.note { "Images left out because they have no value for " (name) ": " (attribute.unlabelled) "." }
            }
            @if let Some(plot) = &distributions { (plot) }
            p {
                "Distribution of the qualities in each group. All are drawn to the same height, and the vertical line marks the \
                 median. The plot shows the position and spread of a group. It does not show how many images a group has, or \
                 why groups differ: their light, pose, camera or age may differ as well."
            }
            (summaries(attribute, from))
        }
        section {
            h3 { "Groups among the lowest qualities" }
            @if let Some(plot) = &shares { (plot) }
            ul.legend {
                @for (index, group) in attribute.groups.iter().enumerate() {
                    li { span.swatch.block.pale[index >= 6].{ "m" (index % 6) } {} (group.name) }
                }
            }
            p {
                "The right edge counts all images, so each group has its overall share there. Further to the left, only images \
                 of lower and lower quality count. Level bands mean that all groups are treated alike. A band that widens to the \
                 left belongs to a group that a quality threshold rejects more often than others. The plot does not show whether \
                 the recogniser fails on those images. Its left edge depends on few images."
            }
            (lowest(attribute))
        }
        section {
            h3 { "Each group compared with the others" }
            (differences(attribute, drawn))
            p {
                "Each group is compared with all images of the other groups. Cliff's delta is the probability that an image of \
                 the group has a higher quality than an image of the others, minus the probability that it has a lower one: 0 \
                 means no difference, 1 always higher, -1 always lower. Its sizes are named as by Romano et al. (negligible \
                 below 0.147, medium from 0.33, large from 0.474). If an interval contains 0, no difference is shown. One in \
                 twenty intervals is expected to miss the true value."
            }
        }
        @if attribute.groups.iter().any(|group| group.reading_of_worst.is_some()) {
            section {
                h3 { "Unread parts of each group's worst images" }
                (not_read(attribute))
            }
        }
        @if attribute.groups.iter().any(|group| group.rates.is_some()) {
            section {
                h3 { "The recogniser's errors within each group" }
                (rates(attribute))
                p {
                    "Errors among the pairs whose images both belong to the group, at the same threshold for all groups. If a \
                     group has a low quality and a high FNMR, it is recognised worse, and the measure is right to warn. A low \
                     quality without a higher FNMR suggests that the measure is unfair to the group. If the intervals are \
                     wide, neither conclusion is possible."
                }
            }
        }
    })
}

/// The guide's checks and the standard's measures, with a table for each attribute.
fn columns(findings: &Findings) -> Markup {
    let of_kind = |kind| findings.columns.iter().filter(move |column| column.kind == kind);
    html! {
        @for by_attribute in of_kind(ColumnKind::Check).collect::<Vec<_>>().chunk_by(|a, b| a.attribute == b.attribute) {
            section {
                h2 { "Images refused by the guide" span.soft { " by " (by_attribute[0].attribute) } }
                (sent_back_more_often(by_attribute))
                (compared("Check", by_attribute, percent, points))
                @let never: Vec<&str> = by_attribute.iter().filter(|of| !of.has_anything()).map(|of| of.name.as_str()).collect();
                @if !never.is_empty() { p { "No image is refused for: " (never.join(", ")) "." } }
                p {
                    "The share of a group's images that a check of the guide refuses, and the difference in percentage points from all \
                     other images. ● marks a finding: the interval excludes 0, and the difference is " (percent(MARGIN)) " or more. A check \
                     may be right to refuse those images: light, pose and camera may differ between the groups."
                }
            }
        }
        @for by_attribute in of_kind(ColumnKind::Standard).collect::<Vec<_>>().chunk_by(|a, b| a.attribute == b.attribute) {
            section {
                h2 { "Measures of ISO/IEC 29794-5" span.soft { " by " (by_attribute[0].attribute) } }
                (compared("Measure", by_attribute, |value| format!("{value:.1}"), |value| format!("{value:+.1}")))
                p {
                    "The mean quality of a group's images, 0 to 100, and the difference from the mean of all other images. ● marks a finding: \
                     the interval excludes 0, and Cliff's delta is at least medium."
                }
            }
        }
    }
}

/// In percentage points.
fn points(value: f64) -> String {
    format!("{:+.1}", 100.0 * value)
}

/// The findings against a group, in words.
fn sent_back_more_often(checks: &[&OfColumn]) -> Markup {
    let groups = checks.iter().flat_map(|check| check.groups.iter().map(move |group| (check, group)));
    let differences = groups.filter_map(|(check, group)| Some((check, group, group.difference.filter(|_| group.finding)?)));
    let findings: Vec<_> = differences.filter(|(.., difference)| difference.value > 0.0).collect();
    html! {
        @if findings.is_empty() {
            p { "No check refuses a group more often than the others by a margin that chance does not explain." }
        }
        @for (check, group, difference) in findings {
            p.note {
                strong { (check.name) } " refuses " (group.name) " more often than the others: by " (estimate(difference, points))
                " percentage points."
            }
        }
    }
}

/// A row for each column, a cell for each group.
fn compared(
    what: &str,
    columns: &[&OfColumn],
    text: impl Fn(f64) -> String + Copy,
    of_difference: impl Fn(f64) -> String + Copy,
) -> Markup {
    let groups = columns[0].groups.iter().map(|group| group.name.as_str());
    let names: Vec<&str> = [what].into_iter().chain(groups).collect();
    let rows = html! {
        @for column in columns.iter().filter(|column| column.has_anything()) {
            tr {
                th scope="row" { (column.name) }
                @for group in &column.groups {
                    td.finding[group.finding] {
                        @match group.mean {
                            Some(mean) => (text(mean)),
                            None => { span.soft { "no image" } }
                        }
                        @if let Some(difference) = group.difference { br; (estimate(difference, of_difference)) }
                    }
                }
            }
        }
    };
    table(None, &names, &rows)
}

fn summaries(attribute: &OfAttribute, from: SubjectsFrom) -> Markup {
    let number = |value: f64| format!("{value:.3}");
    let people: &[&str] = if from == SubjectsFrom::Nowhere { &[] } else { &["People"] };
    let columns = [&["Group", "Images"], people, &["No score", "Mean", "5 %", "25 %", "Median", "75 %", "95 %"]].concat();
    let rows = html! {
        @for group in &attribute.groups {
            tr.small[group.small] {
                (name(group))
                td { (group.images) }
                @if from != SubjectsFrom::Nowhere { td { (group.subjects) } }
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
    };
    table(None, &columns, &rows)
}

fn lowest(attribute: &OfAttribute) -> Markup {
    let mut columns = vec!["Group".to_owned()];
    columns.extend(LOWEST.map(|fraction| format!("Lowest {}", percent(fraction))));
    let rows = html! {
        @for group in attribute.groups.iter().filter(|group| group.images > 0) {
            tr.small[group.small] {
                (name(group))
                @for lowest in &group.among_lowest {
                    td {
                        (percent(lowest.share))
                        @if let Some(times) = lowest.times { br; (estimate(times, |times| format!("{times:.2}×"))) }
                    }
                }
            }
        }
    };
    let caption = "Share of the group among the lowest qualities, and its ratio to the group's share of all images.";
    table(Some(caption), &columns, &rows)
}

fn differences(attribute: &OfAttribute, drawn: &str) -> Markup {
    let signed = |value: f64| format!("{value:+.4}");
    let rows = html! {
        @for group in &attribute.groups {
            tr.small[group.small] {
                (name(group))
                @match (group.difference, group.cliffs_delta) {
                    (Some(difference), Some(delta)) => {
                        td { (estimate(difference, signed)) }
                        td { (estimate(delta, |value| format!("{value:+.3}"))) }
                        td { (magnitude(delta.value)) }
                    }
                    _ => {
                        td.soft colspan="3" {
                            "too few " (drawn)
                            @if !group.small { " in the other groups" }
                        }
                    }
                }
            }
        }
    };
    table(None, &["Group", "Difference of means", "Cliff's delta", "Effect"], &rows)
}

/// A map for each group, and a table of the parts of a face.
fn not_read(attribute: &OfAttribute) -> Markup {
    let known = || attribute.groups.iter().filter_map(|group| Some((group, group.reading_of_worst.as_ref()?)));
    let columns = known().next().map(|(_, reading)| parts(&reading.parts).map(|(part, _)| part)).into_iter().flatten();
    let columns: Vec<&str> = ["Group"].into_iter().chain(columns).collect();
    let rows = html! {
        @for (group, reading) in known() {
            tr.small[group.small] {
                (name(group))
                @for (_, share) in parts(&reading.parts) { td { (whole_percent(share)) } }
            }
        }
    };
    html! {
        ul.faces {
            @for (group, reading) in known() {
                li {
                    (face_map::draw(reading, &least_read(reading)))
                    strong { (group.name) }
                    span.count { (reading.images) @if reading.images == 1 { " image" } @else { " images" } }
                    (least_read(reading))
                }
            }
        }
        ul.legend {
            li { span.swatch.block.clear {} "clear: read as usual" }
            li { span.swatch.block.ink {} "veiled: the recogniser reads little or nothing here" }
        }
        (table(None, &columns, &rows))
        p {
            "The mean over the tenth of each group's images that has the lowest qualities: how much the recogniser reads in each cell of the \
             aligned face, compared with what is usual for clean faces. The drawn face only shows where a cell lies. A part that is read less \
             in one group than in another is where to look for the cause, such as hair, a veil, glasses, shadow or a turned head. A group whose \
             worst images are read as usual everywhere has a low quality for another reason."
        }
    }
}

/// The part of a face that is read least, in words.
fn least_read(reading: &MeanReading) -> String {
    let least = parts(&reading.parts).into_iter().min_by(|(_, a), (_, b)| a.total_cmp(b));
    least.map(|(part, share)| format!("least read: {part}, {}", whole_percent(share))).unwrap_or_default()
}

fn whole_percent(share: f32) -> String {
    format!("{:.0}\u{a0}%", 100.0 * share)
}

fn rates(attribute: &OfAttribute) -> Markup {
    let cells = |rate: Option<Estimate>, errors: u64, pairs: u64| {
        html! {
            td { (errors) " of " (pairs) }
            td { @match rate { Some(rate) => (estimate(rate, percent)), None => { span.soft { "no pairs" } } } }
        }
    };
    let rows = html! {
        @for group in &attribute.groups {
            @if let Some(rates) = &group.rates {
                tr.small[group.small] {
                    (name(group))
                    (cells(rates.fnmr, rates.missed, rates.mated))
                    (cells(rates.fmr, rates.false_matches, rates.non_mated))
                }
            }
        }
    };
    table(None, &["Group", "Missed mated pairs", "FNMR", "Non-mated pairs that match", "FMR"], &rows)
}

fn name(group: &OfGroup) -> Markup {
    html! { th scope="row" { (group.name) } }
}

fn estimate(Estimate { value, interval }: Estimate, text: impl Fn(f64) -> String + Copy) -> Markup {
    html! {
        (text(value)) (bracket(interval, text))
    }
}

fn reading(about: &About, drawn: &str) -> Markup {
    html! {
        section {
            h2 { "How to read this" }
            p {
                "Brackets are 95 % confidence intervals by a bootstrap over " (drawn)
                @if about.resamples == 0 { ": none was requested" } @else { " (" (about.resamples) " resamples)" }
                ". For n pairs without an error, the upper end is about 3 / n. They cover the effect of chance with this number of " (drawn) ", \
                 not how other pictures would differ from these."
            }
            p {
                "A difference between groups is a fact about these pictures and this measure. Its cause may be the recogniser, \
                 because a score computed from its embeddings inherits its bias, or the way in which the pictures of a group \
                 were taken. To separate the two, compare groups within the same pose, light and camera. Groups are only as \
                 reliable as their labels."
            }
        }
    }
}
