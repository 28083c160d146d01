//! A process that answers each line with one line of JSON.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::study::Answer;
use crate::failure::{Failure, Outcome};

/// The process; ended when dropped.
pub(crate) struct Lines {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Lines {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::new(format!("cannot start: {error}")))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new("no pipe to the process"));
        };
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// What it says without being asked.
    ///
    /// # Errors
    /// When it ends or says something else.
    pub(crate) fn greeting(&mut self) -> Outcome<Answer> {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .map_err(|error| Failure::new(format!("cannot read its answer: {error}")))?;
        if line.is_empty() {
            return Err(Failure::new("it ended without an answer"));
        }
        Answer::parse(&line)
    }

    /// Its answer to a line.
    ///
    /// # Errors
    /// When it is gone or answers something else.
    pub(crate) fn ask(&mut self, line: &str) -> Outcome<Answer> {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|error| Failure::new(format!("it is gone: {error}")))?;
        self.greeting()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("bench: cannot end a process: {error}");
        }
    }
}
