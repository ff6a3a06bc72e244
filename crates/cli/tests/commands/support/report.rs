//! A folder for a report: one page, and its numbers beside it.
use std::fs;
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use super::process::{folder, stderr};

pub struct ReportFolder(PathBuf);

impl ReportFolder {
    /// Creates an empty folder for the test.
    pub fn new(test: &str) -> Self {
        Self(folder(test))
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, contents: &str) {
        fs::write(self.0.join(name), contents).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Returns the names of all files in it.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Reads the JSON file of a report.
    pub fn numbers(&self, report: &str) -> Value {
        serde_json::from_str(&self.read(&format!("{report}.json"))).unwrap()
    }

    /// Returns the page, after checking that it contains some words and loads nothing else.
    pub fn page_with(&self, report: &str, words: &[&str]) -> String {
        let page = self.read(&format!("{report}.html"));
        for words in words.iter().chain(&["<svg", report]) {
            assert!(page.contains(words), "{words:?} is missing from the page");
        }
        for foreign in ["<script", "<link", "src=", "@import", "url("] {
            assert!(!page.contains(foreign), "the page needs something else: {foreign}");
        }
        page
    }

    /// Changes a file for one run, which must be rejected with these words.
    pub fn refused(&self, name: &str, contents: &str, run: impl FnOnce() -> Output, words: &str) {
        let whole = self.read(name);
        self.write(name, contents);
        is_refused(&run(), words);
        self.write(name, &whole);
    }
}

pub fn is_refused(output: &Output, words: &str) {
    assert_eq!(output.status.code(), Some(2), "{words}: {}", stderr(output));
    assert!(stderr(output).contains(words), "{words:?} expected: {}", stderr(output));
}
