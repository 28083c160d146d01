//! The workspace as cargo sees it: packages, what each manifest declares, what each would contain.
//!
//! Read once per task from `cargo metadata`; `layers` and `tidy` judge it. Features are all on, so
//! an edge behind an optional feature is judged too, and the platform is fixed, so that the verdict
//! is the same on every machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::process::{capture, cargo};

/// The platform the dependency graph is read for: what the product is deployed on.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Whether cargo may ask the package registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// Packages that are missing are downloaded.
    Online,
    /// Only what is already on this machine is used.
    Offline,
}

/// Which section of a manifest declares an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EdgeKind {
    /// `[dependencies]`
    Normal,
    /// `[build-dependencies]`
    Build,
    /// `[dev-dependencies]`
    Dev,
}

impl EdgeKind {
    fn parse(value: &Value) -> Self {
        match value.as_str() {
            Some("build") => Self::Build,
            Some("dev") => Self::Dev,
            _ => Self::Normal,
        }
    }

    /// The word used in messages and in the generated document.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Build => "build",
            Self::Dev => "dev",
        }
    }
}

/// What a manifest says in `[package.metadata.trader]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// `layer`, as written: a number, `"test"` or `"tool"`.
    pub(crate) layer: Option<String>,
    /// `pure`
    pub(crate) pure: Option<bool>,
}

/// One dependency line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package's name, whatever it is renamed to.
    pub(crate) package: String,
    /// The name the source uses (`-` already turned into `_`).
    pub(crate) ident: String,
    /// Which section declares it.
    pub(crate) kind: EdgeKind,
    /// Whether only a feature turns it on.
    pub(crate) optional: bool,
}

/// One build target of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `lib`, `bin`, `test`, `bench`, `example`, `proc-macro`, `custom-build`.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Its root source file.
    pub(crate) source: PathBuf,
}

/// One of our own packages.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its description, empty when there is none.
    pub(crate) description: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What it declares about its place.
    pub(crate) declared: Declared,
    /// Its manifest's dependency lines.
    pub(crate) dependencies: Vec<Dependency>,
    /// Its build targets.
    pub(crate) targets: Vec<Target>,
}

/// The packages of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace manifest.
    pub(crate) root: PathBuf,
    /// Its own packages, by name.
    pub(crate) members: BTreeMap<String, Package>,
}

impl Workspace {
    /// Asks cargo for the workspace whose manifest lies in `root`.
    ///
    /// # Errors
    /// When cargo cannot be run, refuses the workspace, or answers something unexpected.
    pub(crate) fn load(root: &Path, network: Network) -> Outcome<Self> {
        let mut command = cargo(root);
        command
            .args(["metadata", "--format-version", "1", "--all-features"])
            .args(["--filter-platform", PLATFORM]);
        if network == Network::Offline {
            command.arg("--offline");
        }
        let answer: Value = serde_json::from_str(&capture(&mut command)?)
            .map_err(|error| Failure::new(format!("cargo metadata answered no JSON: {error}")))?;
        Ok(Self::from_metadata(root, &answer))
    }

    /// Every package that a program using the crate would contain, each with a way to it.
    ///
    /// Asked from `cargo tree`: the graph in `cargo metadata` also holds optional packages that are
    /// only mentioned (`rand?/std`) and never built. Packages that run inside the compiler are left
    /// out.
    ///
    /// # Errors
    /// As [`Workspace::load`].
    pub(crate) fn reach(&self, package: &str, network: Network) -> Outcome<Vec<Vec<String>>> {
        let mut command = cargo(&self.root);
        command
            .args(["tree", "--package", package, "--all-features"])
            .args(["--edges", "normal,no-proc-macro", "--target", PLATFORM])
            .args(["--prefix", "depth", "--format", "{p}"]);
        if network == Network::Offline {
            command.arg("--offline");
        }
        let mut way = Vec::new();
        Ok(capture(&mut command)?
            .lines()
            .filter_map(|line| follow(&mut way, line))
            .collect())
    }

    fn from_metadata(root: &Path, answer: &Value) -> Self {
        let members: Vec<&str> = strings(&answer["workspace_members"]);
        let packages = list(&answer["packages"])
            .iter()
            .filter(|package| members.contains(&text(&package["id"]).as_str()))
            .map(read_package)
            .map(|package| (package.name.clone(), package))
            .collect();
        Self {
            root: root.to_path_buf(),
            members: packages,
        }
    }
}

/// The names at one depth after another on the way to the package that `line` shows.
fn follow(way: &mut Vec<String>, line: &str) -> Option<Vec<String>> {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let depth: usize = line[..digits].parse().ok()?;
    let name = line[digits..].split_whitespace().next()?;
    way.truncate(depth);
    way.push(name.to_owned());
    Some(way.clone())
}

fn read_package(package: &Value) -> Package {
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    let trader = &package["metadata"]["trader"];
    let layer = match &trader["layer"] {
        Value::Number(number) => Some(number.to_string()),
        Value::String(word) => Some(word.clone()),
        _ => None,
    };
    Package {
        name: text(&package["name"]),
        description: text(&package["description"]),
        folder: manifest.parent().map(Path::to_path_buf).unwrap_or_default(),
        declared: Declared {
            layer,
            pure: trader["pure"].as_bool(),
        },
        dependencies: list(&package["dependencies"])
            .iter()
            .map(read_dependency)
            .collect(),
        targets: list(&package["targets"]).iter().map(read_target).collect(),
    }
}

fn read_dependency(dependency: &Value) -> Dependency {
    let package = text(&dependency["name"]);
    let ident = dependency["rename"]
        .as_str()
        .unwrap_or(&package)
        .replace('-', "_");
    Dependency {
        ident,
        package,
        kind: EdgeKind::parse(&dependency["kind"]),
        optional: dependency["optional"].as_bool().unwrap_or(false),
    }
}

fn read_target(target: &Value) -> Target {
    Target {
        kind: strings(&target["kind"])
            .first()
            .copied()
            .unwrap_or_default()
            .to_owned(),
        name: text(&target["name"]),
        source: PathBuf::from(text(&target["src_path"])),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}
