//! Loading: layers in, one checked configuration or every problem out.
//!
//! Apps call [`load`] once at start. Order, lowest first: built-in defaults, `config/default.toml`,
//! `config/ENVIRONMENT.toml`, the file named by the operator, variables, flags. The two files of
//! the `config` folder are also compiled in, so that a program starts without any file; a file on
//! disk stands in for its compiled-in copy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::checks;
use crate::document::{self, Entry, MAX_FILE_BYTES};
use crate::key::Reader;
use crate::layers::Layers;
use crate::origin::Origin;
use crate::problem::{ConfigError, Problem, ProblemKind};
use crate::raw::RawValue;
use crate::schema::{Config, Environment};
use crate::value::Setting;
use crate::variables::{Variable, Variables};

/// The compiled-in copy of `config/default.toml`.
pub(crate) const DEFAULT_FILE: &str = include_str!("../../../config/default.toml");

const fn environment_file(environment: Environment) -> &'static str {
    match environment {
        Environment::Dev => include_str!("../../../config/dev.toml"),
        Environment::Test => include_str!("../../../config/test.toml"),
        Environment::Staging => include_str!("../../../config/staging.toml"),
        Environment::Production => include_str!("../../../config/production.toml"),
    }
}

/// A file that the operator names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedFile {
    /// On disk; it has to exist.
    Path(PathBuf),
    /// In memory, with a name for messages.
    Memory {
        /// Name for messages.
        name: String,
        /// Content, as it would be on disk.
        bytes: Vec<u8>,
    },
}

/// Whether `{ command = [...] }` may be run to fetch a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretCommands {
    /// The operator's own files may name commands.
    #[default]
    Run,
    /// Files are not trusted that far (a check of somebody else's file, fuzzing): a command is an
    /// error.
    Refuse,
}

/// Where the layers come from.
#[derive(Clone, Default)]
pub struct Sources {
    /// Folder with `default.toml` and `ENVIRONMENT.toml`; `None` or missing files: the compiled-in
    /// copies.
    pub directory: Option<PathBuf>,
    /// The file named by the operator.
    pub file: Option<NamedFile>,
    /// The environment.
    pub variables: Variables,
    /// `key=value` flags, the last one wins.
    pub overrides: Vec<String>,
    /// Whether commands that print secrets are run.
    pub secret_commands: SecretCommands,
}

/// A configuration that may be used, with the origin of each value.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The typed values.
    pub config: Config,
    /// What should be put right and does not stop the start.
    pub warnings: Vec<Problem>,
    pub(crate) origins: BTreeMap<&'static str, Origin>,
    pub(crate) shadowed: BTreeMap<&'static str, Vec<Origin>>,
}

impl Loaded {
    /// Where the value of a key came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::BuiltIn)
    }

    /// Where the values came from that it won over, lowest layer first.
    pub fn shadowed(&self, key: &str) -> &[Origin] {
        self.shadowed.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Merges the layers, checks everything, and returns the configuration.
///
/// ```
/// use trader_config::{Sources, load};
/// let sources = Sources { overrides: vec!["risk.positions=12".to_owned()], ..Sources::default() };
/// let loaded = load(&sources)?;
/// assert_eq!(loaded.config.risk.positions, 12);
/// assert_eq!(loaded.origin("risk.positions").to_string(), "flag risk.positions=...");
/// # Ok::<(), trader_config::ConfigError>(())
/// ```
///
/// # Errors
/// [`ConfigError`] with every problem of every layer.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let default = folder_file(sources, "default", DEFAULT_FILE, &mut problems);
    let named = named_file(sources, &mut problems);
    let variables = variable_entries(&sources.variables, &mut problems);
    let flags = flag_entries(&sources.overrides, &mut problems);

    let environment =
        chosen_environment([&flags, &variables, &named, &default], &sources.variables);
    let own = folder_file(
        sources,
        environment.as_str(),
        environment_file(environment),
        &mut problems,
    );

    let mut layers = Layers::new(problems);
    for layer in [default, own, named, variables, flags] {
        layers.add(layer);
    }
    let mut failed: BTreeSet<&'static str> = layers
        .resolve(&sources.variables, sources.secret_commands)
        .into_iter()
        .collect();
    let mut reader = Reader {
        values: &layers.winners,
        problems: &mut layers.problems,
        failed: &mut failed,
    };
    let config = Config::read(&mut reader);

    let Layers {
        winners,
        shadowed,
        mut problems,
        mut warnings,
        ..
    } = layers;
    let origins: BTreeMap<&'static str, Origin> = winners
        .into_iter()
        .map(|(key, entry)| (key, entry.origin))
        .collect();
    if let Some(config) = &config {
        let outcome = checks::run(config, environment, &origins, &failed);
        problems.extend(outcome.problems);
        warnings.extend(outcome.warnings);
    }
    match config {
        Some(config) if problems.is_empty() => Ok(Loaded {
            config,
            warnings,
            origins,
            shadowed,
        }),
        _ => Err(ConfigError { problems, warnings }),
    }
}

/// `NAME.toml` of the folder, else its compiled-in copy.
fn folder_file(
    sources: &Sources,
    name: &str,
    embedded: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Entry> {
    let path = sources
        .directory
        .as_ref()
        .map(|directory| directory.join(format!("{name}.toml")));
    if let Some(path) = path {
        match read_bounded(&path) {
            Ok(bytes) => return document::parse(&path.display().to_string(), &bytes, problems),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                problems.push(unreadable(&path, &error));
                return Vec::new();
            }
        }
    }
    document::parse(
        &format!("(embedded) config/{name}.toml"),
        embedded.as_bytes(),
        problems,
    )
}

fn named_file(sources: &Sources, problems: &mut Vec<Problem>) -> Vec<Entry> {
    match &sources.file {
        None => Vec::new(),
        Some(NamedFile::Memory { name, bytes }) => document::parse(name, bytes, problems),
        Some(NamedFile::Path(path)) => match read_bounded(path) {
            Ok(bytes) => document::parse(&path.display().to_string(), &bytes, problems),
            Err(error) => {
                problems.push(unreadable(path, &error));
                Vec::new()
            }
        },
    }
}

/// Reads one byte more than is allowed, so that the parser can refuse the file by its size.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let limit = u64::try_from(MAX_FILE_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let origin = Origin::File {
        path: path.display().to_string().into(),
        line: 1,
    };
    Problem::at(
        ProblemKind::Unreadable,
        "",
        origin,
        format!("the file cannot be read: {error}"),
    )
}

fn variable_entries(variables: &Variables, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (name, key, value) in variables.prefixed() {
        let origin = Origin::Variable {
            name: name.to_owned(),
        };
        match value {
            Variable::Text(text) => entries.push(Entry {
                key,
                value: RawValue::Bare(text.clone()),
                origin,
            }),
            Variable::NotUnicode => {
                problems.push(Problem::at(
                    ProblemKind::Syntax,
                    &key,
                    origin,
                    "the variable is not UTF-8 text",
                ));
            }
        }
    }
    entries
}

fn flag_entries(overrides: &[String], problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for text in overrides {
        let Some((key, value)) = text.split_once('=') else {
            let origin = Origin::Flag { key: text.clone() };
            problems.push(Problem::at(
                ProblemKind::Syntax,
                "",
                origin,
                "an override has the form key=value",
            ));
            continue;
        };
        let key = key.trim().to_owned();
        let origin = Origin::Flag { key: key.clone() };
        let value = RawValue::Bare(Zeroizing::new(value.to_owned()));
        entries.insert(key.clone(), Entry { key, value, origin });
    }
    entries.into_values().collect()
}

/// The environment that the highest of these layers names. What cannot be read is reported later
/// with the other values; until then the checks of production apply, the strictest.
fn chosen_environment(highest_first: [&Vec<Entry>; 4], variables: &Variables) -> Environment {
    let entry = highest_first
        .into_iter()
        .find_map(|layer| layer.iter().find(|entry| entry.key == "environment"));
    let Some(entry) = entry else {
        return Environment::Dev;
    };
    let referenced = match &entry.value {
        RawValue::Text(text) => text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|name| Variables::may_be_referenced(name))
            .and_then(|name| variables.get(name)),
        _ => None,
    };
    let value = match referenced {
        Some(Variable::Text(text)) => RawValue::Bare(text.clone()),
        _ => entry.value.clone(),
    };
    Environment::read(&value, "").unwrap_or(Environment::Production)
}
