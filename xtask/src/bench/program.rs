//! A contender's process: reads a job as a line, such as its name, and answers with a line of JSON.
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A process that answers lines until its standard input ends. Its standard error is passed through.
pub struct Program {
    name: String,
    child: Child,
    /// `None` once it has been told to end.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Program {
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {name}"))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = BufReader::new(answers.context("a process started with a pipe has none")?);
        Ok(Self { name, child, questions, answers })
    }

    pub fn ask<T: for<'de> Deserialize<'de>>(&mut self, question: &str) -> Result<T> {
        super::answer(&self.ask_all(&[question])?.concat())
    }

    /// Sends all questions at once; returns the answer lines in order.
    pub fn ask_all(&mut self, questions: &[&str]) -> Result<Vec<String>> {
        let Self { name, questions: input, answers, .. } = self;
        let input = input.as_mut().context("the process was told to end")?;
        let lines: String = questions.iter().flat_map(|question| [question, "\n"]).collect();
        thread::scope(|scope| {
            // Written on its own thread: a process may stop reading until its answers are taken. One that has ended shows as a missing
            // answer, whether or not the question could still be written.
            scope.spawn(|| input.write_all(lines.as_bytes()));
            let answer = |question: &&str| {
                let mut line = String::new();
                match answers.read_line(&mut line)? {
                    0 => bail!("{name} ended when asked for `{question}`; see the messages above"),
                    _ => Ok(line),
                }
            };
            questions.iter().map(answer).collect()
        })
    }

    /// Returns the process's peak memory in bytes; available on Linux only.
    pub fn most_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(1024 * line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.questions = None;
        // Nothing can be done about a process that cannot be waited for.
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::python_with_pip;

    #[test]
    fn lines_are_answered_and_an_end_is_named() {
        // Python is available wherever xtask runs: it fetches the models.
        let python = |code: &str| Program::start(Command::new(python_with_pip().unwrap()).args(["-c", code])).unwrap();
        let mut echo = python("import sys\nfor line in sys.stdin: print(line, end='', flush=True)");
        assert_eq!(echo.ask::<u32>("17").unwrap(), 17);
        let many = ["18"; 100_000];
        assert_eq!(echo.ask_all(&many).unwrap(), ["18\n"; 100_000], "more than any pipe holds");
        let error = echo.ask::<u32>("word").unwrap_err().to_string();
        assert!(error.contains("word"), "{error}");
        assert!(!cfg!(target_os = "linux") || echo.most_memory().unwrap() > 1 << 20);
        let mut ended = python("pass");
        let error = ended.ask::<u32>("17").unwrap_err().to_string();
        assert!(error.contains("ended when asked for `17`"), "{error}");
    }
}
