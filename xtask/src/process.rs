//! Running other programs: what is run is printed, what fails is named.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};

/// A cargo command in the workspace root, with the cargo that runs this task.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs to the end with the terminal's output.
///
/// # Errors
/// When the program cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let shown = show(command);
    println!("$ {shown}");
    let status = command
        .status()
        .map_err(|error| not_started(&shown, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{shown}: {status}")))
    }
}

/// Runs to the end, passing each line of standard error on and to `see`.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_watching(command: &mut Command, mut see: impl FnMut(&str)) -> Outcome {
    let shown = show(command);
    println!("$ {shown}");
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&shown, &error))?;
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line.map_err(|error| {
                Failure::new(format!("{shown}: cannot read its output: {error}"))
            })?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            see(&line);
        }
    }
    let status = child.wait().map_err(|error| not_started(&shown, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{shown}: {status}")))
    }
}

/// Runs to the end and returns standard output; standard error is part of the failure.
///
/// # Errors
/// As [`run`].
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let shown = show(command);
    let output = command
        .output()
        .map_err(|error| not_started(&shown, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "{shown}: {}\n{}",
        output.status,
        said.trim_end()
    )))
}

/// Whether the program is there and answers.
pub(crate) fn answers(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(name)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(shown: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run `{shown}`: {error}"))
}
