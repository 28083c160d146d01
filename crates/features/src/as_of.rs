//! Calculators over what was known at an instant, and sets of them.
//!
//! Where a [`crate::FeatureSet`] reads rows, these read a [`Known`]: everything received before a
//! bar's close, and nothing else. Their results are columns like any others: features over rows may
//! read them by name (`sma_20(news_sentiment_1440)`), and [`AsOfSet::of`] makes the set of all that a
//! feature set reads.

use trader_domain::Timestamp;

use crate::columns::Columns;
use crate::error::FeatureError;
use crate::graph::{FeatureSet, Table};
use crate::knowledge::Knowledge;
pub use crate::knowledge::Known;
use crate::registry::{Build, Registry};

/// A calculator over what was known.
///
/// It must be a pure function of its arguments, and finds nothing in `known` that had not been
/// received.
pub trait AsOf: Send + Sync {
    /// Number of outputs.
    fn outputs(&self) -> usize;

    /// Writes the outputs, NaN where there is none; `row` holds one value per input column of the
    /// definition at the same instant (the close, for ratios with the price), NaN where missing.
    fn evaluate(&self, known: &Known<'_>, row: &[f64], out: &mut [f64]);
}

/// A chosen calculator.
struct Chosen {
    calculator: Box<dyn AsOf>,
    /// Where its inputs stand in a row of the set.
    inputs: Vec<usize>,
}

/// A list of features of what was known, in batch and streaming form.
///
/// ```
/// use trader_domain::{Timestamp, VendorId};
/// use trader_features::news::{Analyst, Lexicon};
/// use trader_features::{AsOfSet, Knowledge, Registry};
///
/// let item = trader_domain::NewsItem {
///     id: "1".to_owned(),
///     vendor: VendorId::INTERNAL,
///     published: Timestamp::from_nanos(0),
///     received: Timestamp::from_nanos(5),
///     headline: "Acme beats estimates and raises guidance".to_owned(),
///     body: None,
///     source: "Reuters".to_owned(),
///     symbols: Vec::new(),
///     url: None,
/// };
/// let mut known = Knowledge::new();
/// known.news(Analyst::default().read(&item)?)?;
///
/// let set = AsOfSet::new(Registry::standard(), &["news_sentiment_60", "news_items_60"])?;
/// let mut row = [0.0; 2];
/// set.evaluate(&known.at(Timestamp::from_nanos(5)), &[], &mut row)?; // not before this close
/// assert_eq!(row[1], 0.0);
/// set.evaluate(&known.at(Timestamp::from_nanos(6)), &[], &mut row)?;
/// assert!(row[0] > 0.5 && row[1] == 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsOfSet {
    chosen: Vec<Chosen>,
    names: Vec<String>,
    /// Calculator and output of each name.
    places: Vec<(usize, usize)>,
    inputs: Vec<String>,
}

impl AsOfSet {
    /// Resolves the names.
    ///
    /// # Errors
    /// As [`Registry::resolve`], and [`FeatureError::MalformedName`] for a feature over rows.
    pub fn new<S: AsRef<str>>(registry: &Registry, names: &[S]) -> Result<Self, FeatureError> {
        let mut set = Self {
            chosen: Vec::new(),
            names: Vec::new(),
            places: Vec::new(),
            inputs: Vec::new(),
        };
        let mut calculators: Vec<String> = Vec::new();
        for name in names {
            let name = name.as_ref();
            let resolved = registry.resolve(name)?;
            let Build::AsOf(build) = resolved.definition.build else {
                return Err(FeatureError::MalformedName {
                    name: name.to_owned(),
                    reason: "it is computed from rows, not from what was known at an instant"
                        .to_owned(),
                });
            };
            let key = resolved.calculator_name();
            let place = match calculators.iter().position(|known| *known == key) {
                Some(place) => place,
                None => {
                    let calculator = build(&resolved.arguments)?;
                    let sources = resolved.arguments.sources();
                    let inputs = sources.iter().map(|source| set.input(source)).collect();
                    set.chosen.push(Chosen { calculator, inputs });
                    calculators.push(key);
                    calculators.len() - 1
                }
            };
            set.names.push(resolved.name_of(resolved.output));
            set.places.push((place, resolved.output));
        }
        Ok(set)
    }

    /// All features of what was known that a feature set reads as columns.
    ///
    /// # Errors
    /// As [`AsOfSet::new`].
    pub fn of(registry: &Registry, set: &FeatureSet) -> Result<Self, FeatureError> {
        let read: Vec<&str> = set
            .inputs()
            .filter(|name| {
                registry
                    .resolve(name)
                    .is_ok_and(|found| matches!(found.definition.build, Build::AsOf(_)))
            })
            .collect();
        Self::new(registry, &read)
    }

    fn input(&mut self, column: &str) -> usize {
        match self.inputs.iter().position(|known| known == column) {
            Some(place) => place,
            None => {
                self.inputs.push(column.to_owned());
                self.inputs.len() - 1
            }
        }
    }

    /// Canonical names, in the order chosen.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns of a row, in order.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The features at one instant; NaN where there is none.
    ///
    /// # Errors
    /// [`FeatureError::Arity`] when `row` does not fit [`AsOfSet::inputs`] or `out` the names.
    pub fn evaluate(
        &self,
        known: &Known<'_>,
        row: &[f64],
        out: &mut [f64],
    ) -> Result<(), FeatureError> {
        for (what, expected, found) in [
            ("inputs", self.inputs.len(), row.len()),
            ("outputs", self.names.len(), out.len()),
        ] {
            if expected != found {
                return Err(FeatureError::Arity {
                    what,
                    expected,
                    found,
                });
            }
        }
        let results: Vec<Vec<f64>> = self
            .chosen
            .iter()
            .map(|chosen| {
                let inputs: Vec<f64> = chosen.inputs.iter().map(|at| row[*at]).collect();
                let mut values = vec![f64::NAN; chosen.calculator.outputs()];
                chosen.calculator.evaluate(known, &inputs, &mut values);
                values
            })
            .collect();
        for (out, (calculator, output)) in out.iter_mut().zip(&self.places) {
            *out = results[*calculator][*output];
        }
        Ok(())
    }

    /// The features at each of `closes`, which ascend; `columns` holds one row per close.
    ///
    /// # Errors
    /// [`FeatureError::Unsorted`], [`FeatureError::MissingColumn`], [`FeatureError::LengthMismatch`].
    pub fn batch(
        &self,
        knowledge: &Knowledge,
        closes: &[Timestamp],
        columns: &Columns<'_>,
    ) -> Result<Table, FeatureError> {
        let unsorted = closes.windows(2).position(|pair| pair[0] >= pair[1]);
        if let Some(row) = unsorted {
            return Err(FeatureError::Unsorted { row: row + 1 });
        }
        let read = |name: &String| {
            let column = columns
                .get(name)
                .ok_or_else(|| FeatureError::MissingColumn {
                    column: name.clone(),
                    feature: self.names.join(" "),
                })?;
            if column.len() == closes.len() {
                Ok(column)
            } else {
                Err(FeatureError::LengthMismatch {
                    column: name.clone(),
                    found: column.len(),
                    expected: closes.len(),
                })
            }
        };
        let inputs = self
            .inputs
            .iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        let mut table = Table {
            names: self.names.clone(),
            columns: vec![Vec::with_capacity(closes.len()); self.names.len()],
        };
        let mut out = vec![f64::NAN; self.names.len()];
        for (at, close) in closes.iter().enumerate() {
            let row: Vec<f64> = inputs.iter().map(|column| column[at]).collect();
            self.evaluate(&knowledge.at(*close), &row, &mut out)?;
            for (column, value) in table.columns.iter_mut().zip(&out) {
                column.push(*value);
            }
        }
        Ok(table)
    }
}

impl std::fmt::Debug for AsOfSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsOfSet")
            .field("names", &self.names)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

/// `minutes` before an instant.
pub(crate) fn minutes_before(time: Timestamp, minutes: usize) -> Timestamp {
    let nanos = i64::try_from(minutes)
        .unwrap_or(i64::MAX)
        .saturating_mul(60_000_000_000);
    time.saturating_add(nanos.saturating_neg())
}
