//! docs/results.md: what serfiq is worth, for a reader, measured by one command.
//!
//! | module | owns |
//! |---|---|
//! | `ways_in` | installing what is published, as a stranger would, and the score of one portrait by each way |
//! | `discard` | error versus discard on pairs of pictures, beside other measures |
//! | `speed` | speed, from docs/benchmarks.md |
//! | `size` | what a page downloads |
//! | `page` | the page |
mod discard;
mod page;
mod size;
mod speed;
mod ways_in;

use std::path::Path;

use anyhow::Result;

use crate::{
    bench::SeenByNode,
    npm_package, portraits, print,
    release::{self, Target},
    web_build, wheel,
    workspace::{self, Workspace},
};

/// Builds everything that users install, measures it, and writes the page. `pairs` is a file as for `serfiq edc`.
pub fn write(workspace: &Workspace, pairs: &Path) -> Result<()> {
    // What cannot be read is an error before anything is built.
    let speed = speed::of_benchmarks(&workspace.root().join("docs/benchmarks.md"))?;
    portraits::fetch(workspace)?;
    let archive = release::archive(workspace, None)?;
    let wheel = wheel::build(workspace)?;
    web_build::build(workspace)?;
    let npm = npm_package::pack(workspace)?;
    let target = Target::of_this_machine()?;
    let ways = ways_in::try_all(workspace, target, &archive, &wheel, &npm)?;
    let discard = discard::measure(&workspace.target().join("release").join(target.program()), pairs)?;
    let machine = SeenByNode::ask(workspace)?;
    let page = page::render(&machine, &ways, &discard, &speed, &size::of_modules(workspace)?)?;
    workspace::write_if_changed(&workspace.root().join("docs/results.md"), page.as_bytes())?;
    print::result(page.trim_end())
}
