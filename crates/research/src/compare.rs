//! Two run folders side by side: what was different about the runs, and what came of it.
//!
//! Reads `run.json` and `metrics.json` as [`crate::folder`] writes them; nothing else of a folder is needed.
//! Facts are compared word for word, figures in the catalogue's sense of better. Whether both runs read the
//! same data is told by its fingerprint: where they did not, the figures say little about the strategies.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use trader_storage::DataError;

use crate::folder::{RunFile, StrategyFile};
use crate::metrics::{Better, MetricId, Unit};

/// The form of `run.json` that is understood.
const FORMAT: u32 = 1;
/// No file of facts is as long as this; what is, is something else.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// Why two runs cannot be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// A file is not there or cannot be read.
    #[error("not a run folder, or not a readable one")]
    Unreadable(#[from] DataError),
    /// A file is not what a run writes.
    #[error("{file}: is not the file of a run: {reason}")]
    Foreign {
        /// The file.
        file: String,
        /// What is wrong with it, with line and column.
        reason: String,
    },
    /// A file of another version of the program.
    #[error(
        "{file}: has form {found}, this program reads form {FORMAT}; use the program that wrote it"
    )]
    Format {
        /// The file.
        file: String,
        /// Its form.
        found: u32,
    },
}

/// The facts and figures of one run folder.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// `run.json`.
    pub facts: RunFile,
    /// `metrics.json`: figures by strategy; `None` is a figure without a value.
    pub figures: BTreeMap<String, BTreeMap<MetricId, Option<f64>>>,
}

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the left run.
    pub left: String,
    /// Name of the right run.
    pub right: String,
    /// Whether both read the same data.
    pub same_data: bool,
    /// What was different about the runs.
    pub facts: Vec<FactDifference>,
    /// Strategies that are in both.
    pub strategies: Vec<StrategyComparison>,
    /// Strategies of the left run without a counterpart.
    pub only_left: Vec<String>,
    /// Strategies of the right run without a counterpart.
    pub only_right: Vec<String>,
}

/// A fact that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactDifference {
    /// Which.
    pub fact: String,
    /// In the left run; `None` when it does not have it.
    pub left: Option<String>,
    /// In the right run.
    pub right: Option<String>,
}

/// One strategy's results in both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StrategyComparison {
    /// Its name in the left run.
    pub left: String,
    /// Its name in the right run.
    pub right: String,
    /// Whether both runs came to the same state by the same effects.
    pub identical: bool,
    /// Parameters and counts that differ.
    pub facts: Vec<FactDifference>,
    /// Figures that at least one run has, in the catalogue's order.
    pub figures: Vec<FigureComparison>,
}

/// One figure in both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureComparison {
    /// Which.
    pub metric: MetricId,
    /// In the left run.
    pub left: Option<f64>,
    /// In the right run.
    pub right: Option<f64>,
    /// Right minus left.
    pub difference: Option<f64>,
    /// Which one is better; `None` when they are equal, one is missing, or neither direction is better.
    pub better: Option<RunSide>,
}

/// One of the two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunSide {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// One entry of `metrics.json`, as far as it is compared.
#[derive(Debug, Deserialize)]
struct StrategyFigures {
    strategy: String,
    statistics: Figures,
}

#[derive(Debug, Deserialize)]
struct Figures {
    values: Vec<FigureEntry>,
}

#[derive(Debug, Deserialize)]
struct FigureEntry {
    metric: String,
    value: Option<f64>,
}

impl RunSummary {
    /// Reads a run folder.
    ///
    /// # Errors
    /// [`CompareError`].
    pub fn read(folder: &Path) -> Result<Self, CompareError> {
        let path = folder.join("run.json");
        let file = path.display().to_string();
        // The form comes first: a later one may have other fields.
        let whole: serde_json::Value = read_json(&path)?;
        let form = whole.get("format").and_then(serde_json::Value::as_u64);
        match form.map(|form| u32::try_from(form).unwrap_or(u32::MAX)) {
            Some(FORMAT) => {}
            Some(found) => return Err(CompareError::Format { file, found }),
            None => return Err(foreign(&path, "it names no format")),
        }
        let facts =
            serde_json::from_value(whole).map_err(|error| foreign(&path, &error.to_string()))?;
        let path = folder.join("metrics.json");
        let strategies: Vec<StrategyFigures> = read_json(&path)?;
        let mut figures = BTreeMap::new();
        for one in strategies {
            let mut known = BTreeMap::new();
            for entry in one.statistics.values {
                let metric = MetricId::ALL.iter().find(|id| id.key() == entry.metric);
                let metric = metric.ok_or_else(|| {
                    foreign(&path, &format!("there is no figure `{}`", entry.metric))
                })?;
                known.insert(*metric, entry.value);
            }
            figures.insert(one.strategy, known);
        }
        Ok(Self { facts, figures })
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, CompareError> {
    let failed = |error| DataError::from_io(path, "reading", error);
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let length = file
        .take(LARGEST_FILE)
        .read_to_end(&mut text)
        .map_err(failed)?;
    if length as u64 == LARGEST_FILE {
        return Err(foreign(path, "it is too long"));
    }
    serde_json::from_slice(&text).map_err(|error| foreign(path, &error.to_string()))
}

fn foreign(path: &Path, reason: &str) -> CompareError {
    CompareError::Foreign {
        file: path.display().to_string(),
        reason: reason.to_owned(),
    }
}

/// Reads and compares two run folders.
///
/// # Errors
/// [`CompareError`].
pub fn compare_folders(left: &Path, right: &Path) -> Result<Comparison, CompareError> {
    Ok(compare(&RunSummary::read(left)?, &RunSummary::read(right)?))
}

/// Compares two runs. Strategies pair up by name; two runs of one strategy each compare these.
pub fn compare(left: &RunSummary, right: &RunSummary) -> Comparison {
    let (one, other) = (&left.facts, &right.facts);
    let lonely = one.strategies.len() == 1 && other.strategies.len() == 1;
    let mut strategies = Vec::new();
    let mut only_left = Vec::new();
    let mut paired = vec![false; other.strategies.len()];
    for strategy in &one.strategies {
        let place = (0..other.strategies.len()).find(|&place| {
            let free = paired.get(place) == Some(&false);
            let named = other.strategies.get(place).map(|other| &other.name);
            free && (lonely || named == Some(&strategy.name))
        });
        match place.and_then(|place| Some((place, other.strategies.get(place)?))) {
            Some((place, counterpart)) => {
                if let Some(mark) = paired.get_mut(place) {
                    *mark = true;
                }
                strategies.push(compare_strategies((left, strategy), (right, counterpart)));
            }
            None => only_left.push(strategy.name.clone()),
        }
    }
    let unpaired = other.strategies.iter().zip(&paired);
    Comparison {
        left: one.run.clone(),
        right: other.run.clone(),
        same_data: one.data_fingerprint == other.data_fingerprint,
        facts: differences(&run_facts(one), &run_facts(other)),
        strategies,
        only_left,
        only_right: unpaired
            .filter(|(_, paired)| !**paired)
            .map(|(strategy, _)| strategy.name.clone())
            .collect(),
    }
}

fn run_facts(run: &RunFile) -> Vec<(String, String)> {
    let (first, last) = run.period.clone().unwrap_or_default();
    [
        ("code version", run.code_version.clone()),
        ("data", run.data.clone()),
        ("data fingerprint", run.data_fingerprint.clone()),
        ("begin", first),
        ("end", last),
        ("costs", run.costs.clone()),
        ("fill rule", run.fill_rule.clone()),
        ("account", run.account.clone()),
    ]
    .map(|(fact, value)| (fact.to_owned(), value))
    .to_vec()
}

fn strategy_facts(strategy: &StrategyFile) -> Vec<(String, String)> {
    let mut facts = vec![("strategy".to_owned(), strategy.name.clone())];
    facts.extend(strategy.parameters.iter().cloned());
    let counts = [
        ("bars", strategy.bars),
        ("orders", strategy.orders),
        ("refusals", strategy.refusals),
        ("fills", strategy.fills),
        ("closed lots", strategy.trades),
    ];
    facts.extend(counts.map(|(fact, count)| (fact.to_owned(), count.to_string())));
    facts.push(("final equity".to_owned(), strategy.final_equity.clone()));
    facts
}

/// The facts that are not in both with the same value, those of the left run first.
fn differences(left: &[(String, String)], right: &[(String, String)]) -> Vec<FactDifference> {
    fn value(of: &[(String, String)], fact: &str) -> Option<String> {
        let found = of.iter().find(|(name, _)| name == fact);
        found.map(|(_, value)| value.clone())
    }
    let mut names: Vec<&String> = left.iter().map(|(name, _)| name).collect();
    for (name, _) in right {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| FactDifference {
            fact: name.clone(),
            left: value(left, name),
            right: value(right, name),
        })
        .filter(|difference| difference.left != difference.right)
        .collect()
}

fn compare_strategies(
    (left_run, left): (&RunSummary, &StrategyFile),
    (right_run, right): (&RunSummary, &StrategyFile),
) -> StrategyComparison {
    let figure = |run: &RunSummary, name: &str, id: MetricId| -> Option<f64> {
        run.figures.get(name)?.get(&id).copied().flatten()
    };
    let figures = MetricId::ALL.iter().filter_map(|&id| {
        let values = (
            figure(left_run, &left.name, id),
            figure(right_run, &right.name, id),
        );
        (values != (None, None)).then(|| compare_figures(id, values))
    });
    StrategyComparison {
        left: left.name.clone(),
        right: right.name.clone(),
        identical: left.state_hash == right.state_hash,
        facts: differences(&strategy_facts(left), &strategy_facts(right)),
        figures: figures.collect(),
    }
}

fn compare_figures(
    metric: MetricId,
    (left, right): (Option<f64>, Option<f64>),
) -> FigureComparison {
    let difference = left.zip(right).map(|(left, right)| right - left);
    let better = difference.and_then(|difference| {
        let right_is_higher = difference > 0.0;
        let right_is_lower = difference < 0.0;
        match metric.better() {
            Better::Neutral => None,
            Better::Higher if right_is_higher => Some(RunSide::Right),
            Better::Lower if right_is_lower => Some(RunSide::Right),
            _ if right_is_higher || right_is_lower => Some(RunSide::Left),
            _ => None,
        }
    });
    FigureComparison {
        metric,
        left,
        right,
        difference,
        better,
    }
}

/// The text for a terminal: facts that differ, then a table of figures; `*` marks the better one.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (left) and {} (right)", self.left, self.right)?;
        if !self.same_data {
            writeln!(
                f,
                "The runs read different data: their figures cannot be set against each other."
            )?;
        }
        write_facts(f, &self.facts)?;
        for strategy in &self.strategies {
            writeln!(f)?;
            strategy.fmt(f)?;
        }
        for (side, names) in [("left", &self.only_left), ("right", &self.only_right)] {
            if !names.is_empty() {
                writeln!(f, "\nOnly in the {side} run: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

fn write_facts(f: &mut fmt::Formatter<'_>, facts: &[FactDifference]) -> fmt::Result {
    for fact in facts {
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        let (left, right) = (told(&fact.left), told(&fact.right));
        writeln!(f, "  {}: {left} | {right}", fact.fact)?;
    }
    Ok(())
}

impl fmt::Display for StrategyComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.left == self.right {
            writeln!(f, "{}", self.left)?;
        } else {
            writeln!(f, "{} | {}", self.left, self.right)?;
        }
        if self.identical {
            return writeln!(f, "  identical: the same orders, fills and results");
        }
        write_facts(f, &self.facts)?;
        let label_width = self
            .figures
            .iter()
            .map(|figure| figure.metric.label().len());
        let width = label_width.max().unwrap_or(0);
        writeln!(
            f,
            "  {:width$} {:>16}  {:>16}  {:>16}",
            "", "left", "right", "difference"
        )?;
        for figure in &self.figures {
            let mut line = String::new();
            let mark = |side| {
                if figure.better == Some(side) {
                    '*'
                } else {
                    ' '
                }
            };
            write!(
                line,
                "  {:width$} {:>16}{} {:>16}{} {:>16}",
                figure.metric.label(),
                shown(figure.metric, figure.left),
                mark(RunSide::Left),
                shown(figure.metric, figure.right),
                mark(RunSide::Right),
                shown(figure.metric, figure.difference),
            )?;
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A figure in its unit; `-` where there is none.
fn shown(metric: MetricId, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    match metric.unit() {
        Unit::Percent => format!("{:.2}%", value * 100.0),
        Unit::Ratio => format!("{value:.3}"),
        Unit::Count | Unit::Periods => format!("{value:.0}"),
        Unit::Money => format!("{value:.2}"),
    }
}
