//! `docs/benchmarks.md`.
use std::fmt::Write;

use anyhow::{Context, Result};

use super::{
    FirstScore, Results,
    growth::{self, Cost, Growth, Memory},
    measure,
    measure::{Ratio, Times},
    native,
    sizes::{Bytes, Download, Sizes},
    throughput::{self, Throughput},
    times_of,
    web::{self, Asked, WebGpu},
};

/// The project's targets. The page shows targets that are not reached as missed.
const MAX_OF_ONNXRUNTIME: f64 = 0.5;
const MAX_OF_ONNXRUNTIME_NATIVELY: f64 = 1.0;
const MAX_LIMIT_OVER_EMBED: f64 = 1.02;
const MAX_GZIPPED_MODULE: u64 = 1_200_000;
const MAX_GZIPPED_CPU_MODULE: u64 = 800_000;
const MAX_FRAME_OVER_EMBED: f64 = 1.35;
const MAX_MS_TO_WARM_SCORE: f64 = 1000.0;
const MIN_OF_PYTHON: f64 = 1.5;
const MIN_OF_TWO_CORES: f64 = 1.7;

/// Returns the page, in Markdown.
pub fn page(results: &Results) -> Result<String> {
    let Results { native, wasm, on_all_cores, on_one_and_all, webgpu, first_score, sizes, profile, .. } = results;
    let machine = machine(results);
    let (native, wasm, webgpu) =
        (native_cpu(native, profile)?, web_assembly(wasm, on_all_cores, on_one_and_all)?, web_gpu(webgpu)?);
    let (many_photos, growth) = (many_photos(&results.throughput, profile)?, growth(&results.growth));
    let (budgets, first_score, sizes) = (budgets(results)?, first_scores(first_score), downloads(sizes));
    Ok(format!(
        "# Benchmarks

Written by `cargo xtask bench`; do not edit. serfiq compared with onnxruntime, natively and in the browser, on one face
(`{portrait}` of `tests/portraits.toml`), and with a whole pipeline in Python, on many.

{machine}
## Budgets

{budgets}
[performance.md](performance.md) explains missed budgets.

## How

- Both sides get the same float weights with the same batch norms folded: onnxruntime runs graphs written by serfiq's own import. Each
  graph is whole, so that nothing is copied between trunk and head, and has the dropout masks as constants, because serfiq keeps them on
  the device, too. onnxruntime computes in floats. On the CPU serfiq rounds the operands of most 1x1 convolutions, and the weights of the
  head, to 16 bits.
- The contenders run in turn, in reverse order every other round, so that other load on the machine affects all alike. Warm-ups do
  not count. Before anything is timed, all must agree: embeddings to a cosine of 0.9999, scores to 0.001.
- Times are milliseconds, the median, and in brackets the quartiles. \"Ratio\" is the ratio of the medians, and after it the
  median of the ratios within each round, which the budgets use. Below 1, serfiq is faster.
- *embed*: crop to embedding, without dropout. *mc*: crop to the embeddings of 100 dropout passes; serfiq's time includes the score.
  *detect*: the detector on a square picture; serfiq's time includes converting the pixels and decoding the faces, onnxruntime's only
  the network. *limit*: crop to score by the limit, which onnxruntime does not have.

{native}
{many_photos}
{wasm}
{growth}
{webgpu}
## First score

Milliseconds from the start of the navigation to the first score of a 512 x 512 photo, in a page with nothing but the client. The
files come from this machine, so downloading takes almost no time. Cold: a browser that has never run. Warm: a new page in the same
browser.

{first_score}
## Download

Bytes before the first score. \"gzipped\" is `gzip -9`. Without a GPU, serfiq fetches only its CPU module. Its models are
quantised; onnxruntime-web rejects these files. It has separate modules for CPU and WebGPU.

{sizes}
## What these numbers do not say

- The machine is small and shared: compare within one table, not with another machine's numbers.
- A headless browser's adapter may be software that computes on the CPU. A real GPU is many times as fast, and the ratio may
  differ there.
- onnxruntime runs as its packages come, with its default graph optimisations.
",
        portrait = native::PORTRAIT,
    ))
}

/// Natively, on all cores and on one.
pub fn native_cpu(times: &[Times], profile: &str) -> Result<String> {
    let mut section = format!("## Native, CPU\n\n{} rounds; serfiq in cargo's profile `{profile}`.\n\n", rounds(times));
    for (ours, theirs) in native::OURS.into_iter().zip(native::THEIRS) {
        writeln!(section, "{}", table(times, ours, theirs, &["embed", "mc", "detect320", "detect640"])?)?;
    }
    for ours in native::OURS {
        section.push_str(&limit(times, ours)?);
    }
    Ok(section)
}

/// In a browser, on the CPU.
pub fn web_assembly(times: &[Times], on_all_cores: &[Times], on_one_and_all: &[Times]) -> Result<String> {
    let (rounds, one) = (rounds(times), table(times, web::OURS, web::THEIRS, &["embed", "mc"])?);
    let (limit, frame) = (limit(times, web::OURS)?, frame(times)?);
    let all = table(on_all_cores, web::OURS_ON_ALL_CORES, web::THEIRS_ON_ALL_CORES, &["embed", "mc"])?;
    let (embed_sooner, frame_sooner) =
        (sooner_on_all_cores(on_one_and_all, "embed")?, sooner_on_all_cores(on_one_and_all, "frame")?);
    Ok(format!(
        "## In the browser, WebAssembly

One thread each, SIMD; {rounds} rounds; both engines in workers of one page.

{one}
{limit}{frame}One thread per core, in a cross-origin isolated page, where workers may share memory:

{all}
An embedding is {embed_sooner:.2} times as fast as with one thread in the same page, a whole camera frame {frame_sooner:.2} times.
"
    ))
}

/// Returns how many times sooner a job of ours finishes on all cores.
fn sooner_on_all_cores(times: &[Times], job: &str) -> Result<f64> {
    Ok(times_of(times, web::OURS, job)?.over(times_of(times, web::OURS_ON_ALL_CORES, job)?).of_pairs)
}

/// In a browser, on its GPU.
pub fn web_gpu(WebGpu { times, adapter, counts, weight_bytes }: &WebGpu) -> Result<String> {
    let (rounds, table) = (rounds(times), table(times, web::OURS, web::THEIRS, &["embed", "mc"])?);
    let (limit, frame, counts) = (limit(times, web::OURS)?, frame(times)?, gpu_counts(counts, *weight_bytes)?);
    Ok(format!(
        "## In the browser, WebGPU

On {adapter}; {rounds} rounds.

{table}
{limit}{frame}
{counts}"
    ))
}

fn machine(results: &Results) -> String {
    let machine = &results.machine;
    let seen = &machine.seen_by_node;
    [
        ("machine", format!("{}, {} cores, {:.0} GB", seen.cpu, seen.cores, seen.memory_gb)),
        ("system", seen.system.clone()),
        ("browser", machine.browser.clone()),
        ("GPU adapter", results.webgpu.adapter.clone()),
        ("onnxruntime", format!("{} (Python), {} (onnxruntime-web)", machine.onnxruntime, machine.onnxruntime_web)),
        ("OpenCV", format!("{} (Python)", results.throughput.opencv)),
        ("serfiq", format!("commit {}", machine.commit)),
        ("date", seen.date.clone()),
    ]
    .iter()
    .fold(String::from("| | |\n|---|---|\n"), |table, (name, value)| format!("{table}| {name} | {value} |\n"))
}

fn budgets(results: &Results) -> Result<String> {
    let Results { native, wasm, on_one_and_all, webgpu, sizes, .. } = results;
    let ratio = |times: &[Times], ours, theirs, jobs: [&str; 2]| {
        anyhow::Ok(times_of(times, ours, jobs[0])?.over(times_of(times, theirs, jobs[1])?).of_pairs)
    };
    let mut table = String::from("| | measured | budget | |\n|---|---|---|---|\n");
    let mut add = |what: &str, measured: String, budget: String, met: bool| {
        let verdict = if met { "met" } else { "**missed**" };
        writeln!(table, "| {what} | {measured} | {budget} | {verdict} |")
    };
    for (place, times) in [("WebAssembly", wasm), ("WebGPU", &webgpu.times)] {
        for job in ["embed", "mc"] {
            let of = ratio(times, web::OURS, web::THEIRS, [job; 2])?;
            let what = format!("{job} on {place}, relative to onnxruntime-web");
            add(&what, format!("{of:.2}"), format!("at most {MAX_OF_ONNXRUNTIME}"), of <= MAX_OF_ONNXRUNTIME)?;
        }
    }
    let asked = |contender| {
        let counts = webgpu.counts.iter().find(|counts| counts.contender == contender && counts.job == "embed");
        counts.map(|counts| counts.asked.dispatches as f64).context("dispatches were not counted")
    };
    let of = asked(web::OURS)? / asked(web::THEIRS)?;
    let what = "dispatches on WebGPU, relative to onnxruntime-web";
    add(what, format!("{of:.2}"), format!("at most {MAX_OF_ONNXRUNTIME}"), of <= MAX_OF_ONNXRUNTIME)?;
    let sooner = sooner_on_all_cores(on_one_and_all, "embed")?;
    let what = "embed on WebAssembly, speed-up by one thread per core";
    add(what, format!("{sooner:.2}"), format!("at least {MIN_OF_TWO_CORES}"), sooner >= MIN_OF_TWO_CORES)?;
    let of = ratio(native, native::OURS[1], native::THEIRS[1], ["embed"; 2])?;
    let what = "embed natively on one thread, relative to onnxruntime";
    let budget = format!("at most {MAX_OF_ONNXRUNTIME_NATIVELY:.1}");
    add(what, format!("{of:.2}"), budget, of <= MAX_OF_ONNXRUNTIME_NATIVELY)?;
    for (place, times, ours) in [
        ("natively on one thread", native, native::OURS[1]),
        ("on WebAssembly", wasm, web::OURS),
        ("on WebGPU", &webgpu.times, web::OURS),
    ] {
        let of = ratio(times, ours, ours, ["limit", "embed"])?;
        let what = format!("limit relative to embed, {place}");
        add(&what, format!("{of:.3}"), format!("at most {MAX_LIMIT_OVER_EMBED}"), of <= MAX_LIMIT_OVER_EMBED)?;
    }
    for (ours, what) in [
        (throughput::OURS, "photos a second, relative to the pipeline in Python"),
        (throughput::WHEEL, "photos a second in Python by the wheel, relative to that pipeline"),
    ] {
        let photos = rate_of_python(&results.throughput, ours)?.of_pairs;
        add(what, format!("{photos:.2}"), format!("at least {MIN_OF_PYTHON:.1}"), photos >= MIN_OF_PYTHON)?;
    }
    let frame = ratio(wasm, web::OURS, web::OURS, ["frame", "embed"])?;
    let what = "a whole live frame relative to embed, on WebAssembly";
    add(what, format!("{frame:.2}"), format!("at most {MAX_FRAME_OVER_EMBED}"), frame <= MAX_FRAME_OVER_EMBED)?;
    for first in results.first_score.iter().filter(|first| first.backend == "cpu") {
        let warm = measure::quantile(&first.times.warm, 0.5);
        let budget = format!("at most {MAX_MS_TO_WARM_SCORE:.0} ms");
        add("first score on the CPU with a warm cache", format!("{warm:.0} ms"), budget, warm <= MAX_MS_TO_WARM_SCORE)?;
    }
    let Memory { first_frames, frames, steady, .. } = &results.growth.memory;
    let grown = steady.module - first_frames.module;
    let what = format!("growth of the module's memory over {frames} frames of a camera");
    add(&what, format!("{:.1} MB", megabytes(grown)), "none".into(), grown == 0)?;
    for (module, Download { wasm, .. }, most) in [
        ("the WebGPU module, gzipped", &sizes.serfiq_webgpu, MAX_GZIPPED_MODULE),
        ("the CPU module, gzipped", &sizes.serfiq_cpu, MAX_GZIPPED_CPU_MODULE),
        ("the multithreaded CPU module, gzipped", &sizes.serfiq_cpu_threads, MAX_GZIPPED_CPU_MODULE),
    ] {
        let budget = format!("at most {:.1} MB", megabytes(most));
        add(module, format!("{:.2} MB", megabytes(wasm.gzipped)), budget, wasm.gzipped <= most)?;
    }
    Ok(table)
}

/// Returns the section on growing cost.
pub fn growth(growth: &Growth) -> String {
    let table = |what: &str, costs: &[Cost]| {
        let cells = |of: &dyn Fn(&Cost) -> String| costs.iter().map(of).collect::<Vec<_>>().join(" | ");
        let (head, row) = (cells(&|cost| cost.of.to_string()), cells(&|cost| format!("{:.1}", cost.milliseconds)));
        format!("| {what} | {head} |\n|---|{}\n| ms | {row} |\n", "---|".repeat(costs.len()))
    };
    let Memory { loaded, first_frames, frames, steady, peak } = &growth.memory;
    let held = |bytes: &growth::Bytes| format!("{:.1} | {:.1}", megabytes(bytes.module), megabytes(bytes.script));
    format!(
        "## How the cost grows

In the browser on the CPU, serfiq alone; medians. A crop and its dropout passes:

{}
Faces in a picture of 1280 x 960 pixels, each scored by the limit:

{}
One face in a picture with a long side of this many pixels, scored by the limit:

{}
Memory of the engine's worker. The module's memory never shrinks, so each value is the peak so far; that of the scripts is measured
after a garbage collection:

| MB | module | scripts |
|---|---|---|
| with the models | {} |
| after the first frames of a camera | {} |
| after {frames} frames | {} |
| after the pictures above | {} |
",
        table("passes", &growth.passes),
        table("faces", &growth.faces),
        table("pixels", &growth.sides),
        held(loaded),
        held(first_frames),
        held(steady),
        held(peak),
    )
}

/// Returns the section on many photos.
pub fn many_photos(throughput: &Throughput, profile: &str) -> Result<String> {
    let Throughput { photos, faces, apart, opencv, times, most_memory } = throughput;
    let (ours, wheel, theirs) = (throughput::OURS, throughput::WHEEL, throughput::THEIRS);
    let a_second = |contender| -> Result<String> {
        let times = times_of(times, contender, throughput::JOB)?;
        let rate = |milliseconds: f64| 1000.0 * *photos as f64 / milliseconds;
        let [quarter, three_quarters] = times.quartiles().map(rate);
        Ok(format!("{:.1} ({three_quarters:.1} to {quarter:.1})", rate(times.median())))
    };
    let mut rows = String::new();
    for (contender, memory) in most_memory {
        let Ratio { of_medians, of_pairs } = rate_of_python(throughput, contender)?;
        let memory = memory.map_or("?".into(), |bytes| format!("{:.0} MB", megabytes(bytes)));
        rows += &format!("| {contender} | {} | {of_medians:.2}, {of_pairs:.2} | {memory} |\n", a_second(contender)?);
    }
    let rounds = rounds(times);
    Ok(format!(
        "## Many photos

A folder of {photos} JPEG photos with {faces} faces, 250, 640 and 1280 pixels long, made from all portraits; {rounds} rounds.

| all cores | photos a second | relative to {theirs} | peak memory, with the models |
|---|---|---|---|
{rows}
- Here a ratio above 1 means faster than {theirs}.
- All decode the files, detect faces at up to 640 pixels, align each face, run SFace on it and score it by the limit.
  serfiq also finds 468 landmarks, and crops by them. They agree on the faces, and on their raw scores to {apart:.4}.
- All read paths from standard input and answer each with a line of JSON. A time runs from the first path to the last
  answer, after the models were loaded and all photos scored once.
- {ours} is the unmodified command line, `serfiq score --format jsonl --stdin`, in cargo's profile `{profile}`.
- {wheel} is `serfiq.Scorer().many(paths)` (`xtask/bench/wheel_pipeline.py`), installed from the file that `cargo xtask python` builds.
- {theirs} is `xtask/bench/opencv_pipeline.py`: OpenCV {opencv} decodes, scales and aligns, onnxruntime runs both networks, NumPy
  computes the limit; each core works on its own photo.
"
    ))
}

/// Returns a contender's photos per second relative to those of the pipeline in Python.
fn rate_of_python(Throughput { times, .. }: &Throughput, contender: &str) -> Result<Ratio> {
    let of = |contender| times_of(times, contender, throughput::JOB);
    Ok(of(throughput::THEIRS)?.over(of(contender)?))
}

fn table(times: &[Times], ours: &str, theirs: &str, jobs: &[&str]) -> Result<String> {
    let mut table = format!("| ms | {ours} | {theirs} | ratio |\n|---|---|---|---|\n");
    for job in jobs {
        let (our_times, their_times) = (times_of(times, ours, job)?, times_of(times, theirs, job)?);
        let Ratio { of_medians, of_pairs } = our_times.over(their_times);
        writeln!(
            table,
            "| {job} | {} | {} | {of_medians:.2}, {of_pairs:.2} |",
            milliseconds(our_times),
            milliseconds(their_times)
        )?;
    }
    Ok(table)
}

/// Returns what both engines ask of the GPU.
fn gpu_counts(counts: &[web::Counts], weight_bytes: u64) -> Result<String> {
    let mut table = format!(
        "What a run asks of the GPU, which is the same on every adapter. Pipelines: compiled since the start. Bound: total size of
the buffers bound to dispatches, which is what they read or write if they touch each byte once. All weights as floats are
{:.1} MB. Copied: written from the CPU, or from buffer to buffer. Held: in all buffers, after the run and at most.

| | serfiq, embed | onnxruntime, embed | serfiq, mc | onnxruntime, mc |\n|---|---|---|---|---|\n",
        megabytes(weight_bytes)
    );
    let columns = ["embed", "mc"].into_iter().flat_map(|job| [web::OURS, web::THEIRS].map(|contender| (contender, job)));
    let columns = columns.map(|(contender, job)| asked(counts, contender, job)).collect::<Result<Vec<_>>>()?;
    let mb = |bytes: u64| format!("{:.1}", megabytes(bytes));
    let mut row = |name: &str, cell: &dyn Fn(&Asked) -> String| {
        let cells: Vec<String> = columns.iter().map(cell).collect();
        writeln!(table, "| {name} | {} |", cells.join(" | "))
    };
    row("dispatches", &|asked| asked.dispatches.to_string())?;
    row("submissions", &|asked| asked.submissions.to_string())?;
    row("read-backs", &|asked| asked.read_backs.to_string())?;
    row("pipelines", &|asked| asked.pipelines.to_string())?;
    row("bound, MB", &|asked| mb(asked.bound_bytes))?;
    row("copied, MB", &|asked| mb(asked.copied_bytes))?;
    row("held, MB", &|asked| format!("{}, {}", mb(asked.gpu_bytes), mb(asked.most_gpu_bytes)))?;
    Ok(table)
}

fn asked(counts: &[web::Counts], contender: &str, job: &str) -> Result<Asked> {
    let found = counts.iter().find(|counts| counts.contender == contender && counts.job == job);
    Ok(found.with_context(|| format!("what {contender} asks of the GPU for {job} was not counted"))?.asked)
}

/// Returns the time of a whole camera frame.
fn frame(times: &[Times]) -> Result<String> {
    let (frame, embed) = (times_of(times, web::OURS, "frame")?, times_of(times, web::OURS, "embed")?);
    let Ratio { of_medians, of_pairs } = frame.over(embed);
    Ok(format!(
        "A whole camera frame, 640 x 480 pixels, from its pixels to the score and the instruction (*frame*): {}, which is \
         {of_medians:.2}, {of_pairs:.2} times the embedding.\n\n",
        milliseconds(frame)
    ))
}

fn limit(times: &[Times], ours: &str) -> Result<String> {
    let (limit, embed) = (times_of(times, ours, "limit")?, times_of(times, ours, "embed")?);
    let Ratio { of_medians, of_pairs } = limit.over(embed);
    Ok(format!("Limit, {ours}: {}, which is {of_medians:.3}, {of_pairs:.3} times the embedding.\n\n", milliseconds(limit)))
}

fn milliseconds(times: &Times) -> String {
    let [quarter, three_quarters] = times.quartiles();
    format!("{:.1} ({quarter:.1} to {three_quarters:.1})", times.median())
}

fn rounds(times: &[Times]) -> usize {
    times.iter().map(Times::rounds).min().unwrap_or(0)
}

fn first_scores(first_scores: &[FirstScore]) -> String {
    let median = |visits: &[f64]| measure::quantile(visits, 0.5);
    first_scores.iter().fold(
        String::from("| ms | cold | warm | visits |\n|---|---|---|---|\n"),
        |table, FirstScore { backend, times }| {
            let (cold, warm) = (median(&times.cold), median(&times.warm));
            format!("{table}| {backend} | {cold:.0} | {warm:.0} | {} |\n", times.cold.len())
        },
    )
}

fn downloads(sizes: &Sizes) -> String {
    let Sizes { serfiq_cpu, serfiq_cpu_threads, serfiq_webgpu, onnxruntime_cpu, onnxruntime_webgpu } = sizes;
    [
        ("serfiq, CPU", serfiq_cpu),
        ("serfiq, CPU, threads", serfiq_cpu_threads),
        ("serfiq, WebGPU and CPU", serfiq_webgpu),
        ("onnxruntime-web, CPU", onnxruntime_cpu),
        ("onnxruntime-web, WebGPU", onnxruntime_webgpu),
    ]
    .iter()
    .fold(
        String::from("| MB (gzipped) | WebAssembly | JavaScript | models | total |\n|---|---|---|---|---|\n"),
        |table, (name, download)| {
            let Download { wasm, javascript, models } = download;
            let cells = [*wasm, *javascript, *models, download.total()].map(size).join(" | ");
            format!("{table}| {name} | {cells} |\n")
        },
    )
}

fn size(Bytes { raw, gzipped }: Bytes) -> String {
    format!("{:.2} ({:.2})", megabytes(raw), megabytes(gzipped))
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
