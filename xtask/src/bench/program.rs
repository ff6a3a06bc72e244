//! A contender's process: it is sent the name of a job in a line, and answers with a line of JSON.
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A process that answers lines until its standard input ends. What it complains of is shown as it comes.
pub struct Program {
    name: String,
    child: Child,
    /// `None` once it was told to end.
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
        let questions = self.questions.as_mut().context("the process was told to end")?;
        let mut line = String::new();
        // One that has ended shows as an empty answer, whether or not the question could still be written.
        let written = writeln!(questions, "{question}").and_then(|()| questions.flush());
        if written.is_err() || self.answers.read_line(&mut line)? == 0 {
            bail!("{} ended when asked for `{question}`; what went wrong stands above", self.name);
        }
        super::answer(&line)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.questions = None;
        // Nothing is left to do for a process that cannot be waited for.
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prerequisites::python_with_pip;

    #[test]
    fn lines_are_answered_and_an_end_is_named() {
        // Python is there wherever xtask runs: it fetches the models.
        let python = |code: &str| Program::start(Command::new(python_with_pip().unwrap()).args(["-c", code])).unwrap();
        let mut echo = python("import sys\nfor line in sys.stdin: print(line, end='', flush=True)");
        assert_eq!(echo.ask::<u32>("17").unwrap(), 17);
        let error = echo.ask::<u32>("word").unwrap_err().to_string();
        assert!(error.contains("word"), "{error}");
        let mut ended = python("pass");
        let error = ended.ask::<u32>("17").unwrap_err().to_string();
        assert!(error.contains("ended when asked for `17`"), "{error}");
    }
}
