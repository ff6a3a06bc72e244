//! The examples that the help of each command shows before everything else.

/// The order of a help text: what the command does, examples, and then the rest.
pub const FIRST: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

pub const SERFIQ: &str = "\
Examples:
  serfiq score photo.jpg                            is this photo good enough? its score, and what is wrong with it
  serfiq score --format csv -o scores.csv photos/   score a folder, on all cores, into a table
  serfiq edc --pairs pairs.csv                      what is the score worth on your own pictures? a report
  serfiq score --recogniser mine.onnx photos/       score for your own recogniser instead of SFace

`serfiq COMMAND --help` has the options of a command, and more examples.";

pub const SCORE: &str = "\
Examples:
  serfiq score photo.jpg                            a table: each face with its quality from 0 to 100, and the verdict
  serfiq score --threshold 60 photos/               accept a quality of 60 or more
  serfiq score --format jsonl photos/*.jpg          one JSON object per picture, for other programs
  serfiq score --format csv -o scores.csv --resume photos/     continue where an interrupted run stopped
  serfiq score --method mc --passes 100 --seed 1 photo.jpg     the paper's Monte Carlo dropout
  serfiq score --recogniser mine.onnx photo.jpg     for your own recogniser";

pub const MEASURES: &str = "\
Examples:
  serfiq measures photo.jpg                         a table: each measure with its value, and its quality from 0 to 100
  serfiq measures --format csv -o measures.csv photos/         a row per picture, for a spreadsheet or for edc
  serfiq measures --format ofiq -o ofiq.csv photos/            the file that OFIQ would write, column for column";

pub const EXPLAIN: &str = "\
Examples:
  serfiq explain photo.jpg                          in words: the parts of the face that the recogniser reads little of
  serfiq explain photo.jpg -o photo.html            a page: the photo beside what the recogniser reads of it
  serfiq explain photo.jpg -o explained.png         the photo with a veil over unread parts
  serfiq explain --format jsonl photos/             one JSON object per picture: the map of every face";

pub const EMBED: &str = "\
Examples:
  serfiq embed photo.jpg                            the embedding of every face, as JSON
  serfiq embed --format csv -o embeddings.csv photos/          a table, as train-on-top reads it";

pub const TRAIN_ON_TOP: &str = "\
Examples:
  serfiq embed --format csv -o embeddings.csv photos/          first: the embeddings
  serfiq train-on-top --embeddings embeddings.csv --labels labels.csv -o on-top.safetensors";

pub const SCORE_EMBEDDINGS: &str = "\
Examples:
  serfiq score-embeddings --on-top on-top.safetensors --embeddings others.csv
  serfiq score-embeddings --on-top on-top.safetensors --embeddings others.csv --format csv -o scores.csv";

pub const EDC: &str = "\
Examples:
  serfiq edc --pairs pairs.csv                      score and compare the images of the pairs; writes edc.html
  serfiq edc --pairs pairs.csv --scores other=other.csv        beside another quality measure
  serfiq edc --pairs pairs.csv --scores ofiq=ofiq.csv --column EyesOpen.scalar
                                                    beside a measure of ISO/IEC 29794-5
  serfiq edc --pairs pairs.csv --fmr 0.001 -o report.html      at one false match rate";

pub const THRESHOLDS: &str = "\
Examples:
  serfiq thresholds --pairs pairs.csv               which quality to require; writes thresholds.html
  serfiq thresholds --pairs pairs.csv --fmr 0.001 -o report.html";

pub const AUDIT: &str = "\
Examples:
  serfiq audit --labels labels.csv                  compare the groups in the columns of the table; writes audit.html
  serfiq audit --labels labels.csv --columns age_group,pose    some of the columns
  serfiq audit --labels labels.csv --measures       also: how often does each check refuse each group?
  serfiq audit --labels labels.csv --pairs pairs.csv           with the recogniser's error rates in each group";

pub const CALIBRATE: &str = "\
Examples:
  serfiq calibrate --recogniser mine.onnx photos/   writes the quality scale into mine.toml
  serfiq calibrate --recogniser mine.onnx --pairs pairs.csv --fnmr 0.01
                                                    quality 50 is where 1 % of the mated pairs are missed";

pub const MODEL: &str = "\
Examples:
  serfiq model list                                 what comes with serfiq
  serfiq model check mine.onnx                      can this file be used as a recogniser?
  serfiq model card mine.onnx --mean 127.5 --scale 0.0078431   then: write its card";

pub const CHECK: &str = "\
Examples:
  serfiq model check mine.onnx
  serfiq model check mine.onnx --cut-at bn3         cut at another node";

pub const CARD: &str = "\
Examples:
  serfiq model card mine.onnx                       for a file that scales its pixels itself
  serfiq model card mine.onnx --mean 127.5 --scale 0.0078431   pixels from -1 to 1, as most recognisers expect
  serfiq model card mine.onnx --colour bgr --mean 127.5 --scale 0.0078431 --dropout 0.4";

pub const LIST: &str = "\
Examples:
  serfiq model list";

pub const INFO: &str = "\
Examples:
  serfiq model info sface                           one that comes with serfiq
  serfiq model info mine.onnx                       your own, with its card";

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Parser};

    use crate::args::Cli;

    /// Every command, with the words that call it.
    fn commands() -> Vec<(String, Command)> {
        let mut waiting = vec![("serfiq".to_owned(), Cli::command())];
        let mut commands = vec![];
        while let Some((name, command)) = waiting.pop() {
            waiting.extend(command.get_subcommands().map(|sub| (format!("{name} {}", sub.get_name()), sub.clone())));
            commands.push((name, command));
        }
        commands
    }

    #[test]
    fn every_example_is_a_valid_command_line() {
        let mut count = 0;
        for (name, command) in commands() {
            let text = command.get_before_help().unwrap_or_else(|| panic!("{name} has no examples")).to_string();
            for line in text.lines().filter(|line| line.starts_with("  serfiq ")) {
                // At least two spaces separate a command from its explanation.
                let words = line.trim().split("  ").next().unwrap_or_default().split(' ');
                Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{name}: {line}: {error}"));
                count += 1;
            }
            assert!(text.contains(&format!("  {name} ")) || text.ends_with(&name), "{name} is in none of its examples");
        }
        assert!(count > 20, "{count} examples");
    }

    #[test]
    fn help_shows_examples_before_the_usage() {
        for (name, mut command) in commands() {
            for help in [command.render_help(), command.render_long_help()] {
                let help = help.to_string();
                let (examples, usage) = (help.find("Examples:\n"), help.find("Usage: "));
                assert!(examples.is_some() && examples < usage, "{name}: {help}");
                assert!(!help.starts_with("Examples"), "{name}: what the command does comes first: {help}");
                assert!(
                    help.lines().all(|line| !line.starts_with("  serfiq") || line.chars().count() <= 120),
                    "{name}: {help}"
                );
            }
        }
    }
}
