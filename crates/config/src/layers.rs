//! Merging of layers, lowest first, with the origin of every value.
//!
//! Called by the loader. Knows which names exist (schema, renamed keys, the sources of a secret)
//! and which layer may hold what: no secret in a file or flag, no reference outside files.

use std::collections::BTreeMap;

use crate::document::Entry;
use crate::key::KeySpec;
use crate::loader::SecretCommands;
use crate::origin::Origin;
use crate::problem::{Problem, ProblemKind, quoted};
use crate::raw::RawValue;
use crate::secret::Secret;
use crate::secret_source::SecretSource;
use crate::variables::{Variable, Variables};
use crate::{renames, schema, suggest};

/// Unknown keys that get a suggestion; more are a wrong file, not typing errors.
const MAX_SUGGESTIONS: usize = 50;

/// The layers so far.
pub(crate) struct Layers {
    known: BTreeMap<&'static str, &'static KeySpec>,
    /// The winning value of each key.
    pub(crate) winners: BTreeMap<&'static str, Entry>,
    /// Origins of the values it won over, lowest layer first.
    pub(crate) shadowed: BTreeMap<&'static str, Vec<Origin>>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    unknown: usize,
}

/// What a name in a layer stands for.
struct Target {
    spec: &'static KeySpec,
    /// `file` or `command` when the name is that of a secret's source.
    source: Option<&'static str>,
}

impl Layers {
    /// Layer zero: the built-in defaults.
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        let mut winners = BTreeMap::new();
        for spec in schema::keys() {
            if let Some(text) = spec.default {
                let value = RawValue::bare(text);
                let entry = Entry {
                    key: spec.key.to_owned(),
                    value,
                    origin: Origin::BuiltIn,
                };
                winners.insert(spec.key, entry);
            }
        }
        let known = schema::keys().map(|spec| (spec.key, spec)).collect();
        Self {
            known,
            winners,
            shadowed: BTreeMap::new(),
            problems,
            warnings: Vec::new(),
            unknown: 0,
        }
    }

    /// Puts a layer on top.
    pub(crate) fn add(&mut self, entries: Vec<Entry>) {
        let mut in_this_layer: BTreeMap<&'static str, Origin> = BTreeMap::new();
        for entry in entries {
            let Some(target) = self.target(&entry) else {
                continue;
            };
            let key = target.spec.key;
            if let Some(first) = in_this_layer.get(key) {
                let keys = vec![(key.to_owned(), first.clone()), (entry.key, entry.origin)];
                let advice = "the same value is given twice in one layer; keep one".to_owned();
                self.problems.push(Problem {
                    kind: ProblemKind::Contradiction,
                    keys,
                    found: None,
                    advice,
                });
                continue;
            }
            in_this_layer.insert(key, entry.origin.clone());
            let Some(entry) = self.admitted(&target, entry) else {
                continue;
            };
            if let Some(lower) = self.winners.insert(key, entry) {
                self.shadowed.entry(key).or_default().push(lower.origin);
            }
        }
    }

    fn target(&mut self, entry: &Entry) -> Option<Target> {
        let name = entry.key.as_str();
        if let Some(spec) = self.known.get(name) {
            return Some(Target { spec, source: None });
        }
        for source in ["file", "command"] {
            let parent = name
                .strip_suffix(source)
                .and_then(|rest| rest.strip_suffix('.'));
            if let Some(spec) = parent.and_then(|parent| self.known.get(parent))
                && spec.secret
            {
                return Some(Target {
                    spec,
                    source: Some(source),
                });
            }
        }
        if let Some(rename) = renames::find(name)
            && let Some(spec) = self.known.get(rename.new)
        {
            let version = rename.removed_in_minor;
            let advice = format!(
                "now called `{}`; the old name ends with version 0.{version}",
                rename.new
            );
            self.warnings.push(Problem::at(
                ProblemKind::Renamed,
                name,
                entry.origin.clone(),
                advice,
            ));
            return Some(Target { spec, source: None });
        }
        self.report_unknown(entry);
        None
    }

    fn report_unknown(&mut self, entry: &Entry) {
        self.unknown += 1;
        let suggestion = if self.unknown <= MAX_SUGGESTIONS {
            suggest::nearest(&entry.key, self.known.keys().copied())
        } else {
            None
        };
        // The value is not shown: it may be a secret under a mistyped name.
        let advice = match (
            suggestion,
            schema::sections()
                .iter()
                .find(|section| starts(section.path, &entry.key)),
        ) {
            (Some(nearest), _) => format!("no such key; did you mean `{nearest}`?"),
            (None, Some(section)) => {
                let name = section.path.trim_end_matches('.');
                format!("no such key; docs/configuration.md lists those of `{name}`")
            }
            (None, None) => "no such key; docs/configuration.md lists all".to_owned(),
        };
        let key: String = entry.key.chars().take(120).collect();
        self.problems.push(Problem::at(
            ProblemKind::UnknownKey,
            &key,
            entry.origin.clone(),
            advice,
        ));
    }

    /// Checks that this layer may hold this value, and gives secrets their protected form.
    fn admitted(&mut self, target: &Target, entry: Entry) -> Option<Entry> {
        let Entry { key, value, origin } = entry;
        let from_file = matches!(origin, Origin::File { .. });
        if let RawValue::Bare(text) = &value
            && text.trim().is_empty()
            && matches!(origin, Origin::Variable { .. })
        {
            let advice = "the variable is set but empty; give it a value or unset it";
            self.problems
                .push(Problem::at(ProblemKind::InvalidValue, &key, origin, advice));
            return None;
        }
        if !target.spec.secret {
            return Some(Entry { key, value, origin });
        }
        let value = match (target.source, value) {
            (Some("file"), RawValue::Text(path) | RawValue::Bare(path)) => {
                RawValue::SecretSource(SecretSource::File(path.as_str().into()))
            }
            (Some("command"), RawValue::List(words)) => match texts(words) {
                Some(words) => RawValue::SecretSource(SecretSource::Command(words)),
                None => {
                    return self.secret_problem(
                        &key,
                        origin,
                        "the command is a list of texts: program and arguments",
                    );
                }
            },
            (Some(_), _) => {
                let advice =
                    "`file` is a path and `command` a list of texts (the latter in a file only)";
                return self.secret_problem(&key, origin, advice);
            }
            (None, RawValue::Text(text)) if from_file && reference_name(&text).is_some() => {
                RawValue::Text(text)
            }
            (None, RawValue::Bare(text)) if matches!(origin, Origin::Variable { .. }) => {
                RawValue::Secret(Secret::new(text.to_string()))
            }
            (None, _) => {
                let variable = crate::variables::variable_of_key(target.spec.key);
                let advice = format!(
                    "a secret is never written into a file or onto a command line; set {variable}, or name a \
                     `${{VARIABLE}}`, `{{ file = \"PATH\" }}` or `{{ command = [\"PROGRAM\"] }}`"
                );
                return self.secret_problem(&key, origin, &advice);
            }
        };
        Some(Entry { key, value, origin })
    }

    fn secret_problem(&mut self, key: &str, origin: Origin, advice: &str) -> Option<Entry> {
        self.problems
            .push(Problem::at(ProblemKind::Secret, key, origin, advice));
        None
    }

    /// Replaces references and secret sources of the winning values by what they stand for.
    /// Returns the keys for which that failed.
    pub(crate) fn resolve(
        &mut self,
        variables: &Variables,
        commands: SecretCommands,
    ) -> Vec<&'static str> {
        let mut failed = Vec::new();
        for (key, entry) in &mut self.winners {
            let secret = self.known.get(key).is_some_and(|spec| spec.secret);
            let outcome = match &entry.value {
                RawValue::Text(text) if matches!(entry.origin, Origin::File { .. }) => {
                    follow_reference(text, &mut entry.origin, variables, secret)
                }
                RawValue::List(items) => items.iter().try_for_each(no_reference).map(|()| None),
                RawValue::SecretSource(SecretSource::Command(_))
                    if commands == SecretCommands::Refuse =>
                {
                    Err((ProblemKind::Secret, "commands are not run here".to_owned()))
                }
                RawValue::SecretSource(source) => match source.fetch() {
                    Ok(secret) => Ok(Some(RawValue::Secret(secret))),
                    Err(error) => Err((ProblemKind::Secret, error.to_string())),
                },
                _ => Ok(None),
            };
            match outcome {
                Ok(None) => {}
                Ok(Some(value)) => entry.value = value,
                Err((kind, advice)) => {
                    self.problems
                        .push(Problem::at(kind, key, entry.origin.clone(), advice));
                    failed.push(*key);
                }
            }
        }
        failed
    }
}

fn starts(section: &str, key: &str) -> bool {
    !section.is_empty() && key.starts_with(section)
}

fn texts(items: Vec<RawValue>) -> Option<Vec<String>> {
    items
        .into_iter()
        .map(|item| match item {
            RawValue::Text(text) => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

/// `NAME` of a text that is exactly `${NAME}`.
fn reference_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains(['$', '{', '}'])).then_some(name)
}

type Fault = (ProblemKind, String);

fn no_reference(item: &RawValue) -> Result<(), Fault> {
    match item {
        RawValue::Text(text) if text.contains("${") => Err((
            ProblemKind::Reference,
            "a reference cannot stand inside a list".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// The value that a text refers to; `None` when it is no reference. The variable's text takes the
/// place of the whole value and is then checked by type; it is never put into a longer text.
fn follow_reference(
    text: &str,
    origin: &mut Origin,
    variables: &Variables,
    secret: bool,
) -> Result<Option<RawValue>, Fault> {
    if !text.contains("${") {
        return Ok(None);
    }
    let fault = |advice: String| Err((ProblemKind::Reference, advice));
    let Some(name) = reference_name(text) else {
        return fault(format!(
            "{} is not allowed: a reference is the whole value, `${{NAME}}`",
            quoted(text)
        ));
    };
    if !Variables::may_be_referenced(name) {
        return fault(format!(
            "the variable {} may not be referenced; allowed: {}",
            quoted(name),
            crate::variables::ALLOWED_REFERENCES.join(", ")
        ));
    }
    let value = match variables.get(name) {
        None => return fault(format!("the required variable {name} is not set")),
        Some(Variable::NotUnicode) => {
            return fault(format!("the variable {name} is not UTF-8 text"));
        }
        Some(Variable::Text(value)) if value.trim().is_empty() => {
            return fault(format!("the required variable {name} is empty"));
        }
        Some(Variable::Text(value)) => value,
    };
    if let Origin::File { path, line } = origin {
        *origin = Origin::Reference {
            path: std::sync::Arc::clone(path),
            line: *line,
            variable: name.to_owned(),
        };
    }
    Ok(Some(if secret {
        RawValue::Secret(Secret::new(value.to_string()))
    } else {
        RawValue::Bare(value.clone())
    }))
}
