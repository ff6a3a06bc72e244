use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use serfiq_reports::{About, Found, Material, Pair};

use super::images::Images;
use super::material::{Gathered, MaterialError, gather};
use super::{ReportError, about_this_command, files};
use crate::args::SourceArgs;
use crate::print;

/// The steps shared by all reports, in order.
pub struct Making<'a> {
    /// The page to write.
    pub page: &'a Path,
    /// The file that names the images.
    pub file: &'a PathBuf,
    /// Another input file.
    pub other_file: Option<&'a PathBuf>,
    pub source: &'a SourceArgs,
    /// Whether to compare the guide's checks and the standard's measures too.
    pub columns: bool,
    pub resamples: u32,
}

impl Making<'_> {
    /// Makes a report: `read` reads the files and checks them before any image is scored; `find` computes the results; `csv`
    /// and `html` write them. Returns status 1 if an image could not be read.
    pub fn run<F, T: Serialize, E: From<MaterialError> + From<ReportError>>(
        &self,
        read: impl FnOnce(&mut Images) -> Result<(Vec<Pair>, F), E>,
        find: impl FnOnce(&Material, &F) -> Result<Found<T>, E>,
        csv: impl FnOnce(&T) -> csv::Result<Vec<u8>>,
        html: impl FnOnce(&About, &T) -> Result<String, Box<dyn Error>>,
    ) -> Result<ExitCode, E> {
        files::look_for_place(self.page, self.source, [self.file].into_iter().chain(self.other_file))?;
        let mut images = Images::named_in(self.file, self.source.images.as_deref());
        let (pairs, said) = read(&mut images)?;
        let Gathered { material, engine, unreadable } = gather(self.source, &images, pairs, self.columns)?;
        let Found { results, cautions } = find(&material, &said)?;
        for caution in cautions {
            print::problem(format_args!("caution: {caution}"));
        }
        let status = if unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) };
        let about = about_this_command(self.resamples, engine);
        files::write(self.page, &about, &results, csv, html)?;
        Ok(status)
    }
}
