use std::{fmt::Write, time::Duration};

use anyhow::{Context, Result};

use super::{discard::Report, speed::Speed, ways_in::Way};
use crate::bench::{SeenByNode, sizes::Bytes};

pub fn render(machine: &SeenByNode, ways: &[Way], report: &Report, speed: &Speed, modules: &[(&str, Bytes)]) -> Result<String> {
    Ok(format!(
        "# Results

Written by `cargo xtask results`; do not edit. Measured on {machine}, except where another machine is named.

## What a score is worth

{discard}
## How fast it is

{speed}
[benchmarks.md](benchmarks.md) has all of it, and how it was measured.

## How large it is

{size}
## How it is installed

{ways}",
        machine = machine.in_words(),
        discard = of_discard(report)?,
        speed = of_speed(speed)?,
        size = of_modules(modules)?,
        ways = of_ways(ways)?,
    ))
}

fn of_discard(report: &Report) -> Result<String> {
    let Report { comparisons, recogniser, at } = report;
    let at = at.first().context("the report of `serfiq edc` has no false match rate")?;
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let mut text = format!(
        "Discard the pictures with the lowest quality: how many genuine comparisons does the recogniser (SFace) still miss? {mated} mated and \
         {non_mated} non-mated comparisons of {images} images of {subjects} people, at a false match rate of {fmr}. Nothing discarded: {fnmr} are \
         missed; the equal error rate is {equal}. {left_out} pairs are left out, because a measure could not be made.\n\n\
         | quality | 10 % discarded | 20 % | 30 % | area to 20 %, in ‰ (95 % interval) | of chance |\n|---|---|---|---|---|---|\n",
        mated = comparisons.mated,
        non_mated = comparisons.non_mated,
        images = comparisons.images,
        subjects = comparisons.subjects,
        fmr = percent(at.fmr),
        fnmr = percent(at.fnmr),
        equal = percent(recogniser.equal_error_rate),
        left_out = comparisons.pairs_left_out,
    );
    for measure in at.measures.iter().chain([&at.best]) {
        let rates = [0.1, 0.2, 0.3].map(|share| measure.at(share).map_or("none".into(), percent)).join(" | ");
        let area = measure.areas.iter().find(|area| (area.to - 0.2).abs() < 1e-9).context("the report has no area to 20 %")?;
        let interval = area.interval.map(|[low, high]| format!(" ({:.2} to {:.2})", 1e3 * low, 1e3 * high)).unwrap_or_default();
        let relative = area.relative.map_or("none".into(), |relative| format!("{relative:.2}"));
        writeln!(text, "| {} | {rates} | {:.2}{interval} | {relative} |", name(&measure.name), 1e3 * area.area)?;
    }
    text += "\nThe smaller the area under the curve, the better a quality finds the pictures that will be missed; 1 of chance means that it does \
             not. The last row is the best that any quality could do. The measures are those of ISO/IEC 29794-5 ([measures.md](measures.md)); each \
             sees one fault, whereas the score depends on what the recogniser makes of all of them. How it is computed: [evaluate.md](evaluate.md).\n";
    Ok(text)
}

/// A measure's name as a reader knows it.
fn name(measure: &str) -> &str {
    measure.strip_prefix("iso ").unwrap_or(measure).trim_end_matches(".scalar")
}

fn of_speed(Speed { made, rows }: &Speed) -> Result<String> {
    let mut text = format!(
        "{}.\n\n| | measured | budget |\n|---|---|---|\n",
        made.iter().map(|[name, value]| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
    );
    for [name, measured, budget] in rows {
        writeln!(text, "| {name} | {measured} | {budget} |")?;
    }
    Ok(text)
}

fn of_modules(modules: &[(&str, Bytes)]) -> Result<String> {
    let mut text = String::from(
        "A page fetches one of the modules, and the models (12 MB, which hardly compress).\n\n\
         | module | MB | gzipped |\n|---|---|---|\n",
    );
    for (purpose, Bytes { raw, gzipped }) in modules {
        writeln!(text, "| {purpose} | {:.2} | {:.2} |", *raw as f64 / 1e6, *gzipped as f64 / 1e6)?;
    }
    Ok(text)
}

fn of_ways(ways: &[Way]) -> Result<String> {
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    let mut text = String::from(
        "Each in an empty folder, without the repository, from the files that a release publishes; the time begins after the download of that \
         file, and includes that of its dependencies. All score the same portrait, `person_b_2.jpg` of `tests/portraits.toml`.\n\n\
         | | | download | installed in | first score after | raw score |\n|---|---|---|---|---|---|\n",
    );
    for Way { name, lines: [install, score], size, install: installed, score: scored, raw } in ways {
        writeln!(
            text,
            "| {name} | `{install}`<br>`{score}` | {:.1} MB | {} | {} | {raw} |",
            *size as f64 / 1e6,
            seconds(*installed),
            seconds(*scored)
        )?;
    }
    Ok(text)
}
