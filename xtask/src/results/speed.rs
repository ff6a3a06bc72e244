use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

/// Speed as docs/benchmarks.md has it.
pub struct Speed {
    /// Of the machine, and of the measurement: name and value.
    pub made: Vec<[String; 2]>,
    /// What was measured, the value, and the budget.
    pub rows: Vec<[String; 3]>,
}

/// Facts about the machine that the page shows.
const MADE: [&str; 4] = ["machine", "browser", "serfiq", "date"];
/// The rows that the page shows, by their beginnings.
const TOLD: [&str; 7] = [
    "embed on WebAssembly",
    "mc on WebAssembly",
    "embed on WebGPU",
    "embed natively on one thread",
    "photos a second",
    "a whole live frame",
    "first score on the CPU",
];

pub fn of_benchmarks(page: &Path) -> Result<Speed> {
    let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let speed = read(&text);
    ensure!(
        speed.made.len() == MADE.len() && speed.rows.len() >= TOLD.len(),
        "{} is not as expected; write it again with `cargo xtask bench`",
        page.display()
    );
    Ok(speed)
}

fn read(text: &str) -> Speed {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = || text.lines().filter(|line| line.starts_with("| ")).map(cells);
    let made = rows().filter_map(|row| <[String; 2]>::try_from(row).ok());
    let is_number = |value: &str| value.starts_with(|first: char| first.is_ascii_digit());
    let told = rows().filter(|row| row.len() == 4 && is_number(&row[1])).filter_map(|mut row| {
        row.pop();
        <[String; 3]>::try_from(row).ok()
    });
    Speed {
        made: made.filter(|[name, _]| MADE.contains(&name.as_str())).collect(),
        rows: told.filter(|[name, ..]| TOLD.iter().any(|told| name.starts_with(told))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_benchmarks_has_what_is_told() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md");
        let speed = of_benchmarks(&page).unwrap();
        assert_eq!(speed.rows[0][0], "embed on WebAssembly, relative to onnxruntime-web");
        assert!(speed.rows[0][2].starts_with("at most "));
        assert!(of_benchmarks(Path::new("nowhere.md")).is_err());
        assert!(read("| machine | a |\n").rows.is_empty());
    }
}
