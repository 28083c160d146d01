//! The README's first command, run as a stranger would: from an empty folder to a report.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::process::{self, cargo};

/// Runs it into a folder of its own and looks for what it promises.
///
/// # Errors
/// When the command fails or leaves no report behind.
pub(crate) fn check(root: &Path) -> Outcome {
    let folder = std::env::temp_dir().join(format!("trader-first-run-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, &error))?;
    let outcome = run_into(root, &folder);
    std::fs::remove_dir_all(&folder).map_err(|error| Failure::file("remove", &folder, &error))?;
    outcome
}

fn run_into(root: &Path, folder: &Path) -> Outcome {
    let manifest = root.join("Cargo.toml");
    process::run(
        cargo(root)
            .args(["run", "--release", "--bin", "backtest", "--manifest-path"])
            .arg(manifest)
            .current_dir(folder),
    )?;
    let reports: Vec<PathBuf> = pages(folder)?;
    if reports.is_empty() {
        return Err(Failure::new(
            "the first command ended well and wrote no report",
        ));
    }
    println!("first run: {} pages of report", reports.len());
    Ok(())
}

/// Every page of HTML below the folder that is not empty.
fn pages(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut pages = Vec::new();
    let entries =
        std::fs::read_dir(folder).map_err(|error| Failure::file("list", folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file("list", folder, &error))?;
        let path = entry.path();
        let about = entry
            .metadata()
            .map_err(|error| Failure::file("read", &path, &error))?;
        if about.is_dir() {
            pages.extend(self::pages(&path)?);
        } else if about.len() > 0
            && path
                .extension()
                .is_some_and(|extension| extension == "html")
        {
            pages.push(path);
        }
    }
    Ok(pages)
}
