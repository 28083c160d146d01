//! The list of everything that can be computed, by name.
//!
//! # Names
//! `output[_parameter]*[(source,...)]`: `rsi_14`, `bb_upper_20_2`, `sma_20(volume)`,
//! `zscore_20(rsi_14)`, `corr_60(close,close@SPY)`, `rsi_14@SPY` ([`crate::alignment`]). Parameters left
//! out at the end take their defaults; every feature has one *canonical* name with all of them. Reals
//! are written as in [`crate::parameter`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use crate::as_of::AsOf;
use crate::calculator::{Calculator, Kernel, Streaming};
use crate::columns;
use crate::cross_section::CrossSection;
use crate::error::FeatureError;
use crate::parameter::{Arguments, Parameter};

/// Deepest nesting of features that read features.
pub(crate) const MAX_DEPTH: usize = 16;

/// What a calculator measures; one module each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Family {
    Trend,
    Momentum,
    Volatility,
    Volume,
    Candles,
    Statistics,
    Correlation,
    CrossAsset,
    CrossSectional,
    Regime,
    Microstructure,
    Options,
    News,
    Social,
    Events,
    Fundamentals,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trend => "trend",
            Self::Momentum => "momentum",
            Self::Volatility => "volatility",
            Self::Volume => "volume",
            Self::Candles => "candles",
            Self::Statistics => "statistics",
            Self::Correlation => "correlation",
            Self::CrossAsset => "cross-asset",
            Self::CrossSectional => "cross-sectional",
            Self::Regime => "regime",
            Self::Microstructure => "microstructure",
            Self::Options => "options",
            Self::News => "news",
            Self::Social => "social",
            Self::Events => "events",
            Self::Fundamentals => "fundamentals",
        })
    }
}

/// Work per row, as a function of the window length n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Independent of the window (amortised).
    Constant,
    /// Grows with log n.
    Logarithmic,
    /// Grows with n.
    Linear,
    /// Grows with n log n.
    Linearithmic,
    /// Grows with n squared.
    Quadratic,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Constant => "O(1)",
            Self::Logarithmic => "O(log n)",
            Self::Linear => "O(n)",
            Self::Linearithmic => "O(n log n)",
            Self::Quadratic => "O(n^2)",
        })
    }
}

/// A configured calculator and what it reads.
pub struct Built {
    /// The calculator.
    pub calculator: Box<dyn Calculator>,
    /// One column or feature name per input; features named here are computed once per set.
    pub sources: Vec<String>,
}

impl Built {
    /// A kernel that reads the definition's (or the name's) sources as they are.
    pub fn over_sources<const I: usize, const O: usize>(
        arguments: &Arguments,
        kernel: impl Kernel<I, O>,
    ) -> Self {
        Self::reading(kernel, arguments.sources().to_vec())
    }

    /// A kernel that reads other features: `sources` holds one name per input.
    pub fn reading<const I: usize, const O: usize>(
        kernel: impl Kernel<I, O>,
        sources: Vec<String>,
    ) -> Self {
        Self {
            calculator: Box::new(Streaming::new(kernel)),
            sources,
        }
    }
}

/// How a calculator is made, by the shape of its input.
#[derive(Debug, Clone, Copy)]
pub enum Build {
    /// From one symbol's columns; usable in a [`crate::FeatureSet`].
    Series(fn(&Arguments) -> Result<Built, FeatureError>),
    /// From one value per symbol at one moment.
    CrossSection(fn(&Arguments) -> Result<Box<dyn CrossSection>, FeatureError>),
    /// From what was known at an instant (news, posts, calendars, statements); usable in an
    /// [`crate::AsOfSet`], and as an input of features over rows.
    AsOf(fn(&Arguments) -> Result<Box<dyn AsOf>, FeatureError>),
    /// By the API of the family's module; listed so that its names, parameters and conventions are
    /// found here.
    Items,
}

/// One entry of the registry.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Base name, lower case; unique.
    pub name: &'static str,
    /// The family it belongs to.
    pub family: Family,
    /// Base names of the outputs, unique over the registry; often just the base name.
    pub outputs: &'static [&'static str],
    /// Parameters in the order of the name.
    pub parameters: &'static [Parameter],
    /// Columns (or features) read when the name gives none.
    pub inputs: &'static [&'static str],
    /// Work per row.
    pub cost: Cost,
    /// What it says, in one sentence.
    pub description: &'static str,
    /// Formula, seed, smoothing, ddof, annualisation, and where they come from.
    pub convention: &'static str,
    /// Validates what domains cannot express and makes the calculator.
    pub build: Build,
}

/// A feature name, resolved.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The calculator.
    pub definition: &'static Definition,
    /// Which of its outputs.
    pub output: usize,
    /// Parameters and sources.
    pub arguments: Arguments,
}

impl Resolved {
    /// The canonical name of the calculator's output `output`.
    pub fn name_of(&self, output: usize) -> String {
        let base = self
            .definition
            .outputs
            .get(output)
            .copied()
            .unwrap_or(self.definition.name);
        format!("{base}{}", self.tail())
    }

    /// The canonical name of the calculator itself, under which a set shares it.
    pub fn calculator_name(&self) -> String {
        format!("{}{}", self.definition.name, self.tail())
    }

    fn tail(&self) -> String {
        let sources = self.arguments.sources();
        let suffix = self.arguments.suffix();
        if sources.iter().eq(self.definition.inputs.iter()) {
            suffix
        } else {
            format!("{suffix}({})", sources.join(","))
        }
    }
}

/// All calculators by output name.
#[derive(Debug)]
pub struct Registry {
    definitions: Vec<&'static Definition>,
    outputs: BTreeMap<&'static str, (&'static Definition, usize)>,
}

static STANDARD: LazyLock<Registry> = LazyLock::new(|| Registry::new(crate::FAMILIES));

impl Registry {
    /// Every calculator of this crate.
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// A registry of the given lists. Should two entries claim one output name, the first keeps it
    /// (a test rules this out for the standard one).
    pub fn new(families: &[&'static [Definition]]) -> Self {
        let definitions: Vec<_> = families.iter().flat_map(|family| family.iter()).collect();
        let mut outputs = BTreeMap::new();
        for definition in &definitions {
            for (index, output) in definition.outputs.iter().enumerate() {
                outputs.entry(*output).or_insert((*definition, index));
            }
        }
        Self {
            definitions,
            outputs,
        }
    }

    /// All entries, family by family.
    pub fn definitions(&self) -> impl Iterator<Item = &'static Definition> + '_ {
        self.definitions.iter().copied()
    }

    /// Reads a feature name.
    ///
    /// # Errors
    /// [`FeatureError::UnknownFeature`] with the nearest name, [`FeatureError::MalformedName`],
    /// [`FeatureError::InvalidParameter`].
    pub fn resolve(&self, name: &str) -> Result<Resolved, FeatureError> {
        self.resolve_at(name, 0).map_err(|error| match error {
            // Looked for only when somebody will read it: comparing with all names takes long.
            FeatureError::UnknownFeature {
                name,
                nearest: None,
            } => FeatureError::UnknownFeature {
                nearest: self.nearest(name.split('(').next().unwrap_or(&name)),
                name,
            },
            other => other,
        })
    }

    /// Whether `name` stands for a feature.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.resolve_at(name, 0).is_ok()
    }

    fn resolve_at(&self, name: &str, depth: usize) -> Result<Resolved, FeatureError> {
        if depth > MAX_DEPTH {
            return Err(FeatureError::TooDeep {
                name: name.to_owned(),
                limit: MAX_DEPTH,
            });
        }
        let (head, sources) = split_sources(name)?;
        let (head, symbol) = match head.split_once('@') {
            None => (head, None),
            Some((head, _)) => (head, Some(symbol_of(name, sources.is_some())?)),
        };
        let words: Vec<&str> = head.split('_').collect();
        let found = (1..=words.len()).rev().find_map(|count| {
            let base = words.get(..count)?.join("_");
            let (definition, output) = self.outputs.get(base.as_str())?;
            Some((*definition, *output, words.get(count..)?))
        });
        let Some((definition, output, words)) = found else {
            return Err(FeatureError::UnknownFeature {
                name: name.to_owned(),
                nearest: None,
            });
        };
        let sources = match sources {
            None => definition
                .inputs
                .iter()
                .map(|source| match symbol {
                    None => Ok((*source).to_owned()),
                    Some(symbol) => self.canonical(columns::of_symbol(source, symbol), depth + 1),
                })
                .collect::<Result<_, _>>()?,
            Some(sources) if sources.len() == definition.inputs.len() => sources
                .into_iter()
                .map(|source| self.canonical(source, depth + 1))
                .collect::<Result<_, _>>()?,
            Some(sources) => {
                return Err(FeatureError::MalformedName {
                    name: name.to_owned(),
                    reason: format!(
                        "`{}` reads {} sources ({}), {} given",
                        definition.name,
                        definition.inputs.len(),
                        definition.inputs.join(", "),
                        sources.len()
                    ),
                });
            }
        };
        let arguments = Arguments::parse(definition.name, definition.parameters, words, sources)?;
        Ok(Resolved {
            definition,
            output,
            arguments,
        })
    }

    /// A source in canonical form, so that two spellings of one feature share one node. What is
    /// neither a feature nor a known column may be a column of the caller's; the set decides.
    fn canonical(&self, source: String, depth: usize) -> Result<String, FeatureError> {
        match self.resolve_at(&source, depth) {
            Ok(resolved) => Ok(resolved.name_of(resolved.output)),
            Err(FeatureError::UnknownFeature { name, .. }) if name == source => Ok(source),
            Err(other) => Err(other),
        }
    }

    /// The known name closest to `name`, with its parameters, if at most a third of it differs.
    fn nearest(&self, name: &str) -> Option<String> {
        let words: Vec<&str> = name.split('_').collect();
        let numeric = |word: &&&str| word.starts_with(|c: char| c.is_ascii_digit());
        let parameters = words.iter().rev().take_while(numeric).count();
        let (base, tail) = words.split_at(words.len() - parameters);
        let base = base.join("_").to_lowercase();
        let known = self
            .outputs
            .keys()
            .copied()
            .chain(columns::KNOWN.iter().map(|c| c.name));
        let (distance, best) = known
            .map(|known| (edit_distance(&base, known), known))
            .min()?;
        let suffix: String = tail.iter().map(|word| format!("_{word}")).collect();
        (distance <= 1.max(base.chars().count() / 3)).then(|| format!("{best}{suffix}"))
    }
}

/// The symbol of `rsi_14@SPY`.
fn symbol_of(name: &str, has_sources: bool) -> Result<&str, FeatureError> {
    let malformed = |reason: &str| FeatureError::MalformedName {
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    if has_sources {
        return Err(malformed(
            "names a symbol beside its sources; write it there: `sma_20(volume@SPY)`",
        ));
    }
    columns::split_symbol(name)
        .map(|(_, symbol)| symbol)
        .ok_or_else(|| malformed("a symbol is 1 to 32 letters, digits, `.`, `-`, `_` or `^`"))
}

/// Splits `sma_20(volume)` into `sma_20` and its sources, at the outermost parentheses.
fn split_sources(name: &str) -> Result<(&str, Option<Vec<String>>), FeatureError> {
    let malformed = |reason: &str| FeatureError::MalformedName {
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let Some((head, rest)) = name.split_once('(') else {
        return if name.contains([')', ',']) {
            Err(malformed("a parenthesis is missing"))
        } else {
            Ok((name, None))
        };
    };
    let inner = rest
        .strip_suffix(')')
        .ok_or_else(|| malformed("does not end with `)`"))?;
    let mut sources = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, character) in inner.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| malformed("one `)` too many"))?;
            }
            ',' if depth == 0 => {
                sources.push(inner[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(malformed("a `)` is missing"));
    }
    sources.push(inner[start..].trim().to_owned());
    if sources.iter().any(String::is_empty) {
        return Err(malformed("a source is empty"));
    }
    Ok((head, Some(sources)))
}

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: optimal string
/// alignment distance.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    last[b.len()]
}
