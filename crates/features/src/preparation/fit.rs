//! Fitting the steps of a preparation on training rows, and on no others.

use super::error::PreparationError;
use super::fitted::{Action, FittedPreparation};
use super::{Outliers, Preparation, Standardizer, Step};

/// Most quantiles that a rank keeps.
const RANKS: usize = 1_001;
/// The median absolute deviation of a normal distribution times this is its standard deviation.
const NORMAL: f64 = 1.482_602_218_505_602;

/// Which rows may be learned from: those available from `from` and before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingRange {
    from: i64,
    until: i64,
}

impl TrainingRange {
    /// From `from` to before `until`, in nanoseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`PreparationError::EmptyRange`].
    pub const fn new(from: i64, until: i64) -> Result<Self, PreparationError> {
        if from < until {
            Ok(Self { from, until })
        } else {
            Err(PreparationError::EmptyRange { from, until })
        }
    }

    /// Whether a row that is available at `time` belongs to it.
    pub const fn contains(&self, time: i64) -> bool {
        self.from <= time && time < self.until
    }
}

/// What a preparation was fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Training {
    /// First instant of the range, nanoseconds since 1970-01-01 UTC.
    pub from: i64,
    /// End of the range, itself outside.
    pub until: i64,
    /// Rows in it.
    pub rows: usize,
}

/// Rows of one symbol, in time order.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// One column per feature, all as long as `available`.
    pub columns: &'a [&'a [f64]],
    /// When each row could be known, nanoseconds since 1970-01-01 UTC.
    pub available: &'a [i64],
}

impl Preparation {
    /// Fits every step on the rows of one symbol whose `available` time lies in `range`; see
    /// [`Preparation::fit_symbols`].
    ///
    /// # Errors
    /// As [`Preparation::fit_symbols`].
    pub fn fit(
        &self,
        names: &[&str],
        columns: &[&[f64]],
        available: &[i64],
        range: TrainingRange,
    ) -> Result<FittedPreparation, PreparationError> {
        self.fit_symbols(names, &[Rows { columns, available }], range)
    }

    /// Fits every step on the rows of all symbols together, those whose `available` time lies in
    /// `range`, step after step: each sees what the steps before it made of those rows. Rows outside
    /// the range change nothing, whatever they hold. Fill steps run within each symbol.
    ///
    /// # Errors
    /// [`PreparationError::Shape`], [`PreparationError::NothingToFit`].
    pub fn fit_symbols(
        &self,
        names: &[&str],
        symbols: &[Rows<'_>],
        range: TrainingRange,
    ) -> Result<FittedPreparation, PreparationError> {
        let mut rows = 0;
        let mut chosen: Vec<Vec<usize>> = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            check("columns", names.len(), symbol.columns.len())?;
            for (name, column) in names.iter().zip(symbol.columns) {
                let what = format!("rows of `{name}`");
                check(&what, symbol.available.len(), column.len())?;
            }
            let times = symbol.available.iter().enumerate();
            let inside: Vec<usize> = times
                .filter(|(_, time)| range.contains(**time))
                .map(|(row, _)| row)
                .collect();
            rows += inside.len();
            chosen.push(inside);
        }
        let mut actions = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let mut training: Vec<Vec<f64>> = symbols
                .iter()
                .zip(&chosen)
                .filter_map(|(symbol, rows)| {
                    let column = symbol.columns.get(index)?;
                    Some(rows.iter().map(|row| column[*row]).collect())
                })
                .collect();
            actions.push(self.fit_column(name, &mut training)?);
        }
        Ok(FittedPreparation::new(
            self.steps.clone(),
            names.iter().map(|name| (*name).to_owned()).collect(),
            actions,
            Training {
                from: range.from,
                until: range.until,
                rows,
            },
        ))
    }

    fn fit_column(
        &self,
        name: &str,
        training: &mut [Vec<f64>],
    ) -> Result<Vec<Action>, PreparationError> {
        let mut actions = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let action = match step {
                Step::ForwardFill { limit } => Action::ForwardFill(*limit),
                Step::BackwardFill { limit } => Action::BackwardFill(*limit),
                Step::Outliers(outliers) => fit_outliers(*outliers, &sorted(name, training)?),
                Step::Standardize(standardizer) => {
                    fit_scale(*standardizer, &sorted(name, training)?)
                }
            };
            for symbol in training.iter_mut() {
                action.apply(symbol);
            }
            actions.push(action);
        }
        Ok(actions)
    }
}

pub(super) fn check(what: &str, expected: usize, found: usize) -> Result<(), PreparationError> {
    if expected == found {
        return Ok(());
    }
    Err(PreparationError::Shape {
        what: what.to_owned(),
        expected,
        found,
    })
}

/// The finite values in order.
fn sorted(name: &str, training: &[Vec<f64>]) -> Result<Vec<f64>, PreparationError> {
    let all = training.iter().flatten().copied();
    let mut values: Vec<f64> = all.filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        return Err(PreparationError::NothingToFit {
            column: name.to_owned(),
            rows: training.iter().map(Vec::len).sum(),
        });
    }
    // Minus zero is zero: sorted by sign it would stand beside it as another value.
    values.iter_mut().for_each(|value| *value += 0.0);
    values.sort_unstable_by(f64::total_cmp);
    Ok(values)
}

fn fit_outliers(outliers: Outliers, sorted: &[f64]) -> Action {
    match outliers {
        Outliers::Winsorize { tail } => Action::Clip {
            low: quantile(sorted, tail),
            high: quantile(sorted, 1.0 - tail),
        },
        Outliers::Clip { limit } => {
            let (low, high) = robust_bounds(sorted, limit);
            Action::Clip { low, high }
        }
        Outliers::Drop { limit } => {
            let (low, high) = robust_bounds(sorted, limit);
            Action::Drop { low, high }
        }
    }
}

fn robust_bounds(sorted: &[f64], limit: f64) -> (f64, f64) {
    let median = quantile(sorted, 0.5);
    let mut distances: Vec<f64> = sorted.iter().map(|value| (value - median).abs()).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let reach = limit * NORMAL * quantile(&distances, 0.5);
    (median - reach, median + reach)
}

fn fit_scale(standardizer: Standardizer, sorted: &[f64]) -> Action {
    let (first, last) = (quantile(sorted, 0.0), quantile(sorted, 1.0));
    let (center, width) = match standardizer {
        Standardizer::ZScore => mean_and_deviation(sorted),
        Standardizer::Robust => (
            quantile(sorted, 0.5),
            quantile(sorted, 0.75) - quantile(sorted, 0.25),
        ),
        Standardizer::MinMax => (first, last - first),
        Standardizer::Rank => return Action::Rank(ranks(sorted)),
    };
    // A constant column: rounding in the mean must not blow its own residue up.
    let constant = first.total_cmp(&last).is_eq() || !(width.is_finite() && width > 0.0);
    Action::Scale {
        center: if constant && first.total_cmp(&last).is_eq() {
            first
        } else {
            center
        },
        width: if constant { 1.0 } else { width },
    }
}

/// Mean and population standard deviation, the mean first (two passes).
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    (mean, (squares.sum::<f64>() / count).sqrt())
}

/// The quantile by linear interpolation between order statistics (R's type 7, numpy's default).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share.clamp(0.0, 1.0) * (sorted.len().saturating_sub(1)) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position inside the slice"
    )]
    let below = position.floor() as usize;
    let part = position - position.floor();
    let at = |index: usize| sorted.get(index).or(sorted.last()).copied();
    match (at(below), at(below + 1)) {
        (Some(a), Some(b)) if part > 0.0 => a + (b - a) * part,
        (Some(a), _) => a,
        _ => f64::NAN,
    }
}

/// Distinct training values, at most [`RANKS`], each with the share of values below it, equal ones
/// counted half.
fn ranks(sorted: &[f64]) -> Vec<(f64, f64)> {
    let count = sorted.len() as f64;
    let mut all: Vec<(f64, f64)> = Vec::new();
    let mut start = 0;
    while let Some(value) = sorted.get(start) {
        let same = sorted[start..].partition_point(|other| other.total_cmp(value).is_eq());
        all.push((*value, (start as f64 + same as f64 / 2.0) / count));
        start += same;
    }
    if all.len() <= RANKS {
        return all;
    }
    (0..RANKS)
        .map(|index| all[index * (all.len() - 1) / (RANKS - 1)])
        .collect()
}
