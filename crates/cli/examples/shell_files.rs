//! Writes the shell completions and man pages: `cargo run --package serfiq-cli --example shell_files -- FOLDER`.
//!
//! Not in `serfiq` itself: every build of it would compile these generators too. Below the folder: `completions/` for four shells,
//! and `man/`, with one page per command.
use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

#[allow(dead_code, reason = "only the description of the arguments is used here")]
#[path = "../src/args/mod.rs"]
mod args;

const SHELLS: [Shell; 4] = [Shell::Bash, Shell::Fish, Shell::PowerShell, Shell::Zsh];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("expected the folder to write to")?);
    let (completions, man) = (folder.join("completions"), folder.join("man"));
    for folder in [&completions, &man] {
        fs::create_dir_all(folder)?;
    }
    let mut command = args::Cli::command();
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut command, "serfiq", &completions)?;
    }
    command.build();
    pages(&command, &man)?;
    Ok(())
}

/// Writes the manual page of a command, and those of its subcommands.
fn pages(command: &Command, folder: &Path) -> io::Result<()> {
    let man = Man::new(command.clone());
    let mut page = vec![];
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if let Some(examples) = command.get_before_help() {
        write_examples(&examples.to_string(), &mut page)?;
    }
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if command.get_after_help().is_some() {
        man.render_extra_section(&mut page)?;
    }
    if command.get_version().is_some() {
        man.render_version_section(&mut page)?;
    }
    fs::write(folder.join(man.get_filename()), page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        pages(subcommand, folder)?;
    }
    Ok(())
}

/// Writes the examples as they are, without filling lines.
fn write_examples(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH EXAMPLES\n.nf")?;
    for line in text.lines().skip_while(|line| *line == "Examples:") {
        // In roff, backslashes and hyphens are special, and so are dots and quotes at the start of a line.
        writeln!(page, "\\&{}", line.replace('\\', "\\e").replace('-', "\\-"))?;
    }
    writeln!(page, ".fi")
}
