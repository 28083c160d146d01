//! The files tidy looks at: what git tracks or would track, or, without git, the whole tree but
//! build output.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};

/// One text file of the project.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl TextFile {
    /// Whether its name ends in `.<extension>`.
    pub(crate) fn is(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// Its numbered lines, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// Folders that hold what a build or a run left behind.
const LEFT_BEHIND: &[&str] = &[".git", "target", "runs", "corpus", "artifacts"];

/// Every path of the project, from the root.
///
/// # Errors
/// When the tree cannot be listed.
pub(crate) fn paths(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths = if root.join(".git").exists() {
        ask_git(root)?
    } else {
        walk(root, Path::new(""))?
    };
    paths.sort();
    Ok(paths)
}

/// Every file that is UTF-8 text, read whole.
///
/// # Errors
/// When a file that is listed cannot be read.
pub(crate) fn text_files(root: &Path) -> Outcome<Vec<TextFile>> {
    let mut files = Vec::new();
    for path in paths(root)? {
        let full = root.join(&path);
        let bytes = match std::fs::read(&full) {
            Ok(bytes) => bytes,
            // Deleted in the working tree and not yet in the index.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::file("read", &full, &error)),
        };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(TextFile {
                path: path.to_string_lossy().replace('\\', "/"),
                text,
            });
        }
    }
    Ok(files)
}

fn ask_git(root: &Path) -> Outcome<Vec<PathBuf>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .map_err(|error| Failure::new(format!("cannot run git ls-files: {error}")))?;
    if !output.status.success() {
        return Err(Failure::new(format!(
            "git ls-files: {}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    let listed = String::from_utf8_lossy(&output.stdout);
    Ok(listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .collect())
}

fn walk(root: &Path, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let full = root.join(folder);
    let entries = std::fs::read_dir(&full).map_err(|error| Failure::file("list", &full, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file("list", &full, &error))?;
        let path = folder.join(entry.file_name());
        let kind = entry
            .file_type()
            .map_err(|error| Failure::file("read", &path, &error))?;
        if kind.is_dir() {
            if !LEFT_BEHIND.iter().any(|name| entry.file_name() == *name) {
                paths.extend(walk(root, &path)?);
            }
        } else if kind.is_file() {
            paths.push(path);
        }
    }
    Ok(paths)
}
