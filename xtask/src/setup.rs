//! `cargo xtask setup`: installs what the other tasks need and this machine lacks, or names the
//! command that does.
//!
//! Each task calls [`ensure`] with what it needs, so that a new machine works without this step.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// A program that a task needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Lists the project's files.
    Git,
    /// Links every binary and compiles the C parts of compression libraries.
    CCompiler,
    /// Runs the tests.
    Nextest,
    /// Checks licences, bans, sources and advisories.
    Deny,
    /// Runs the peers of the benchmark in virtual environments.
    Python,
    /// Is started, killed and frozen by the tests of the cache.
    Redis,
    /// The database server that tests start for themselves.
    Postgres,
}

/// Everything `setup` looks for.
const ALL: &[Tool] = &[
    Tool::Git,
    Tool::CCompiler,
    Tool::Nextest,
    Tool::Deny,
    Tool::Python,
    Tool::Redis,
    Tool::Postgres,
];

/// How a missing tool comes onto the machine.
enum Source {
    /// `cargo install --locked NAME --version VERSION`; the version is known to build on our compiler.
    Cargo(&'static str, &'static str),
    /// `apt-get install NAME...`
    Debian(&'static [&'static str]),
}

impl Tool {
    fn present(self) -> bool {
        match self {
            Self::Git => process::answers("git", &["--version"]),
            Self::CCompiler => process::answers("cc", &["--version"]),
            Self::Nextest => process::answers("cargo", &["nextest", "--version"]),
            Self::Deny => process::answers("cargo", &["deny", "--version"]),
            Self::Redis => process::answers("redis-server", &["--version"]),
            Self::Python => process::answers("python3", &["-c", "import venv, ensurepip"]),
            Self::Postgres => postgres_is_there(),
        }
    }

    fn source(self) -> Source {
        match self {
            Self::Git => Source::Debian(&["git"]),
            Self::CCompiler => Source::Debian(&["build-essential"]),
            Self::Nextest => Source::Cargo("cargo-nextest", "0.9.151"),
            Self::Deny => Source::Cargo("cargo-deny", "0.20.2"),
            Self::Redis => Source::Debian(&["redis-server"]),
            Self::Python => Source::Debian(&["python3", "python3-venv"]),
            Self::Postgres => Source::Debian(&["postgresql"]),
        }
    }
}

/// Whether a server is in the path, or where Debian puts it: `/usr/lib/postgresql/VERSION/bin`.
fn postgres_is_there() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    versions
        .flatten()
        .any(|version| version.path().join("bin/initdb").is_file())
        || process::answers("initdb", &["--version"])
}

/// Installs everything that is missing.
///
/// # Errors
/// Names each tool that could not be installed and the command that would.
pub(crate) fn all() -> Outcome {
    ensure(ALL)?;
    println!("setup: everything is there");
    Ok(())
}

/// Installs those of the tools that are missing.
///
/// # Errors
/// As [`all`].
pub(crate) fn ensure(tools: &[Tool]) -> Outcome {
    let missing: Vec<Tool> = tools
        .iter()
        .copied()
        .filter(|tool| !tool.present())
        .collect();
    let failures: Vec<String> = missing
        .into_iter()
        .filter_map(|tool| install(tool).err())
        .map(|error| error.to_string())
        .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(failures.join("\n")))
    }
}

fn install(tool: Tool) -> Outcome {
    println!("setup: {tool:?} is missing");
    match tool.source() {
        Source::Cargo(name, version) => {
            // Outside the workspace's target folder: an interrupted install leaves nothing there.
            process::run(
                Command::new("cargo")
                    .args(["install", "--locked", name, "--version", version])
                    .env_remove("CARGO_TARGET_DIR"),
            )
        }
        Source::Debian(packages) => debian(packages),
    }
}

fn debian(packages: &[&str]) -> Outcome {
    let by_hand = format!(
        "install it with: sudo apt-get install --yes {}",
        packages.join(" ")
    );
    if !process::answers("apt-get", &["--version"]) {
        return Err(Failure::new(format!(
            "no apt-get here; on Debian, {by_hand}"
        )));
    }
    let is_root = process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root {
        return Err(Failure::new(by_hand));
    }
    process::run(Command::new("apt-get").arg("update"))
        .and_then(|()| {
            process::run(
                Command::new("apt-get")
                    .args(["install", "--yes", "--no-install-recommends"])
                    .args(packages),
            )
        })
        .map_err(|error| Failure::new(format!("{error}\n{by_hand}")))
}
