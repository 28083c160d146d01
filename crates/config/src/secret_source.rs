//! Where a secret comes from when it is not in a variable: a file or a command.
//!
//! Called by the loader for the winning layer only, so that a shadowed command never runs. Both
//! sources are bounded (size, time) and refuse what would leak: a file that everybody may read, a
//! command line run by a shell. Errors name the source and never the content.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::Secret;

/// Longest secret accepted from a file or a command, in bytes.
pub const MAX_SECRET_BYTES: u64 = 16 * 1024;

/// Longest time a secret command may take.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A place outside the configuration that holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file with the secret as its whole content; a final line break is dropped.
    File(PathBuf),
    /// A program and its arguments, run without a shell; its standard output is the secret.
    Command(Vec<String>),
}

/// Why a secret could not be had. No variant carries any part of the secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file cannot be opened or read.
    #[error("secret file {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Not a regular file: a pipe or device could block or never end.
    #[error("secret file {path} is not a regular file")]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Other users of the machine may read the file.
    #[error("secret file {path} is readable by everybody (mode {mode:03o}); run `chmod 600` on it")]
    WorldReadable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// File permissions cannot be checked on this platform.
    #[error(
        "secret file {path}: this platform gives no permission bits to check; use a variable or a command"
    )]
    PermissionsUnknown {
        /// The file.
        path: PathBuf,
    },
    /// More bytes than any secret has.
    #[error("the secret from {from} is longer than {MAX_SECRET_BYTES} bytes")]
    TooLong {
        /// File or program.
        from: String,
    },
    /// Bytes that are no UTF-8 text.
    #[error("the secret from {from} is not UTF-8 text")]
    NotText {
        /// File or program.
        from: String,
    },
    /// Nothing but white space.
    #[error("the secret from {from} is empty")]
    Empty {
        /// File or program.
        from: String,
    },
    /// The command is an empty list.
    #[error("the secret command names no program")]
    NoProgram,
    /// The program cannot be started or waited for.
    #[error("secret command `{program}` cannot be run: {source}")]
    CommandFailed {
        /// The program, without its arguments.
        program: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The program ended with a failure status.
    #[error("secret command `{program}` ended with {status}")]
    CommandStatus {
        /// The program, without its arguments.
        program: String,
        /// Its exit status.
        status: std::process::ExitStatus,
    },
    /// The program did not end in time (or wrote more than a pipe holds).
    #[error("secret command `{program}` did not end within {COMMAND_TIMEOUT:?}")]
    CommandTimeout {
        /// The program, without its arguments.
        program: String,
    },
}

impl SecretSource {
    /// Fetches the secret.
    ///
    /// # Errors
    /// [`SecretError`] when the source cannot be read, is not protected, takes too long, or yields
    /// nothing usable.
    pub fn fetch(&self) -> Result<Secret, SecretError> {
        match self {
            Self::File(path) => from_file(path),
            Self::Command(words) => from_command(words),
        }
    }
}

fn from_file(path: &Path) -> Result<Secret, SecretError> {
    let unreadable = |source| SecretError::Unreadable {
        path: path.to_owned(),
        source,
    };
    // Looked at before opening: opening a pipe would block until somebody writes into it.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(SecretError::NotAFile {
            path: path.to_owned(),
        });
    }
    let file = File::open(path).map_err(unreadable)?;
    // Permissions are taken from the open file, so that nobody can swap it in between.
    refuse_world_readable(path, &file.metadata().map_err(unreadable)?)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_SECRET_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    into_secret(&bytes, &path.display().to_string())
}

#[cfg(unix)]
fn refuse_world_readable(path: &Path, metadata: &std::fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 == 0 {
        Ok(())
    } else {
        Err(SecretError::WorldReadable {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_world_readable(path: &Path, _metadata: &std::fs::Metadata) -> Result<(), SecretError> {
    Err(SecretError::PermissionsUnknown {
        path: path.to_owned(),
    })
}

fn from_command(words: &[String]) -> Result<Secret, SecretError> {
    let (program, arguments) = words.split_first().ok_or(SecretError::NoProgram)?;
    let failed = |source| SecretError::CommandFailed {
        program: program.clone(),
        source,
    };
    // No shell: the words are the argument vector, so nothing in them is interpreted. What the
    // program says on standard error is dropped, because it may repeat the secret.
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let status = match wait_bounded(&mut child) {
        Ok(Some(status)) => status,
        Ok(None) => {
            stop(&mut child).map_err(failed)?;
            return Err(SecretError::CommandTimeout {
                program: program.clone(),
            });
        }
        Err(source) => return Err(failed(source)),
    };
    if !status.success() {
        return Err(SecretError::CommandStatus {
            program: program.clone(),
            status,
        });
    }
    let mut bytes = Zeroizing::new(Vec::new());
    if let Some(output) = child.stdout.take() {
        output
            .take(MAX_SECRET_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    into_secret(&bytes, program)
}

/// Waits by polling. Counting naps needs neither a clock nor a second thread, and a nap that
/// lasts longer than asked only makes the wait longer.
fn wait_bounded(child: &mut Child) -> Result<Option<std::process::ExitStatus>, std::io::Error> {
    let naps = COMMAND_TIMEOUT.as_millis() / POLL_INTERVAL.as_millis();
    for _ in 0..naps {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    child.try_wait()
}

fn stop(child: &mut Child) -> Result<(), std::io::Error> {
    child.kill()?;
    child.wait().map(|_status| ())
}

fn into_secret(bytes: &[u8], from: &str) -> Result<Secret, SecretError> {
    if u64::try_from(bytes.len()).map_or(true, |length| length > MAX_SECRET_BYTES) {
        return Err(SecretError::TooLong {
            from: from.to_owned(),
        });
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(SecretError::NotText {
            from: from.to_owned(),
        });
    };
    let mut text = text.strip_suffix('\n').unwrap_or(text).to_owned();
    if text.ends_with('\r') {
        text.pop();
    }
    if text.trim().is_empty() {
        text.zeroize();
        return Err(SecretError::Empty {
            from: from.to_owned(),
        });
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file_with(mode: u32, content: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    fn command(words: &[&str]) -> Result<Secret, SecretError> {
        SecretSource::Command(words.iter().map(|&word| word.to_owned()).collect()).fetch()
    }

    #[test]
    fn a_private_file_yields_its_content_without_the_final_line_break() {
        let file = file_with(0o600, b"s3cr3t value\r\n");
        let secret = SecretSource::File(file.path().to_owned()).fetch().unwrap();
        assert_eq!(secret.expose(), "s3cr3t value");
    }

    #[test]
    fn a_file_that_others_may_touch_is_refused() {
        for mode in [0o604, 0o644, 0o602, 0o601, 0o777] {
            let file = file_with(mode, b"value");
            let error = SecretSource::File(file.path().to_owned())
                .fetch()
                .unwrap_err();
            assert!(
                matches!(error, SecretError::WorldReadable { .. }),
                "{mode:o}: {error}"
            );
        }
    }

    #[test]
    fn an_empty_long_binary_or_missing_file_is_an_error_of_its_own() {
        let fetch = |content: &[u8]| {
            let file = file_with(0o600, content);
            SecretSource::File(file.path().to_owned())
                .fetch()
                .unwrap_err()
        };
        assert!(matches!(fetch(b" \n"), SecretError::Empty { .. }));
        assert!(matches!(
            fetch(&vec![b'a'; 20_000]),
            SecretError::TooLong { .. }
        ));
        assert!(matches!(fetch(&[0xff, 0xfe]), SecretError::NotText { .. }));
        let missing = SecretSource::File("/nonexistent/secret".into())
            .fetch()
            .unwrap_err();
        assert!(matches!(missing, SecretError::Unreadable { .. }));
        let directory = SecretSource::File("/".into()).fetch().unwrap_err();
        assert!(matches!(directory, SecretError::NotAFile { .. }));
    }

    #[test]
    fn a_command_yields_its_output_and_no_shell_reads_it() {
        assert_eq!(
            command(&["printf", "%s", "$HOME;`id`"]).unwrap().expose(),
            "$HOME;`id`"
        );
        assert!(matches!(
            command(&["false"]),
            Err(SecretError::CommandStatus { .. })
        ));
        assert!(matches!(command(&["true"]), Err(SecretError::Empty { .. })));
        assert!(matches!(command(&[]), Err(SecretError::NoProgram)));
        assert!(matches!(
            command(&["no-such-program-here"]),
            Err(SecretError::CommandFailed { .. })
        ));
    }
}
