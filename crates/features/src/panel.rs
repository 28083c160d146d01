//! Features of many symbols at once: each symbol's own, and where it stands among the others.
//!
//! A [`Panel`] holds one [`FeatureSet`] per symbol and the cross-sectional calculators over them. Its
//! names may be features of one symbol (`rsi_14`), cross-sectional ones over a feature or a column
//! (`cs_rank(ret_20)`, `cs_bucket_5(volume)`), and cross-sectional ones over each other
//! (`cs_z(cs_winsor_005(ret_20))`).
//!
//! # Moments
//! A moment is one timestamp. Hand in the row of every symbol that has one, then complete the moment.
//! A symbol without a row has no values at that moment and takes no part in the comparison; its own
//! features stay as they were. In the batch form row i of every table is the same moment, and a
//! symbol without a bar has NaN in all its columns there: the same numbers come out.

use crate::calculator::present;
use crate::columns::{Columns, is_column};
use crate::cross_section::CrossSection;
use crate::error::FeatureError;
use crate::graph::{FeatureSet, Table};
use crate::registry::{Build, MAX_DEPTH, Registry};
use crate::snapshot::{Snapshot, refused};

/// Where a cross-sectional calculator or a chosen feature reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The symbol's own feature of that number.
    Own(usize),
    /// A column of the row.
    Column(usize),
    /// The output of that number, of all calculators.
    Across(usize),
}

struct Node {
    name: String,
    source: Place,
    first: usize,
    outputs: usize,
}

/// A chosen feature of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelFeature {
    /// Canonical name.
    pub name: String,
    place: Place,
}

/// Features over many symbols, in batch and streaming form.
///
/// ```
/// use trader_features::{Panel, Registry};
///
/// // Three symbols, the first two of one sector.
/// let names = ["ret_1", "cs_rank(ret_1)", "cs_neutral(ret_1)"];
/// let mut panel = Panel::new(Registry::standard(), &[7, 7, 8], &names)?;
/// assert_eq!(panel.inputs(), ["close"]);
/// for closes in [[100.0, 100.0, 50.0], [101.0, 103.0, 51.0]] {
///     for (symbol, close) in closes.into_iter().enumerate() {
///         panel.update(symbol, &[close])?;
///     }
///     panel.complete()?;
/// }
/// assert_eq!(panel.value(1, 0), Some(1.0)); // the smallest return
/// assert!((panel.value(2, 1).unwrap() - 0.01).abs() < 1e-12); // 3 % against 2 % of its sector
/// assert_eq!(panel.value(2, 2), None); // alone in its sector
/// # Ok::<(), trader_features::FeatureError>(())
/// ```
pub struct Panel {
    groups: Vec<u32>,
    /// One per symbol, all with the same features.
    sets: Vec<FeatureSet>,
    inputs: Vec<String>,
    nodes: Vec<Node>,
    /// One per node.
    calculators: Vec<Box<dyn CrossSection>>,
    features: Vec<PanelFeature>,
    /// The rows of the moment by symbol; NaN for a symbol without one.
    rows: Vec<Vec<f64>>,
    /// Whether the symbol has a row at this moment.
    here: Vec<bool>,
    /// Output by output, one value per symbol.
    across: Vec<f64>,
    /// Values of the completed moment, feature by feature, one per symbol.
    values: Vec<f64>,
}

/// Where names become nodes.
struct Builder<'r> {
    registry: &'r Registry,
    own: Vec<String>,
    columns: Vec<String>,
    nodes: Vec<Node>,
    calculators: Vec<Box<dyn CrossSection>>,
    outputs: usize,
}

impl Builder<'_> {
    fn place(&mut self, name: &str, depth: usize) -> Result<Place, FeatureError> {
        if depth > MAX_DEPTH {
            return Err(FeatureError::TooDeep {
                name: name.to_owned(),
                limit: MAX_DEPTH,
            });
        }
        if is_column(name, &[]) {
            return Ok(Place::Column(position(&mut self.columns, name)));
        }
        let resolved = self.registry.resolve(name)?;
        let Build::CrossSection(build) = resolved.definition.build else {
            let canonical = resolved.name_of(resolved.output);
            return Ok(Place::Own(position(&mut self.own, &canonical)));
        };
        let key = resolved.calculator_name();
        if let Some(node) = self.nodes.iter().find(|node| node.name == key) {
            return Ok(Place::Across(node.first + resolved.output));
        }
        let [source] = resolved.arguments.sources() else {
            return Err(FeatureError::Arity {
                what: "inputs",
                expected: 1,
                found: resolved.arguments.sources().len(),
            });
        };
        let source = self.place(source, depth + 1)?;
        let calculator = build(&resolved.arguments)?;
        let (first, outputs) = (self.outputs, calculator.outputs());
        self.outputs += outputs;
        self.nodes.push(Node {
            name: key,
            source,
            first,
            outputs,
        });
        self.calculators.push(calculator);
        Ok(Place::Across(first + resolved.output))
    }
}

/// The position of `name`, added if it is new.
fn position(names: &mut Vec<String>, name: &str) -> usize {
    names
        .iter()
        .position(|known| known == name)
        .unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        })
}

impl Panel {
    /// A panel of as many symbols as there are `groups` (a sector number each; equal numbers where
    /// sectors do not matter).
    ///
    /// # Errors
    /// What [`FeatureSet::new`] reports.
    pub fn new<S: AsRef<str>>(
        registry: &Registry,
        groups: &[u32],
        names: &[S],
    ) -> Result<Self, FeatureError> {
        let mut builder = Builder {
            registry,
            own: Vec::new(),
            columns: Vec::new(),
            nodes: Vec::new(),
            calculators: Vec::new(),
            outputs: 0,
        };
        let mut features = Vec::with_capacity(names.len());
        for name in names {
            let name = name.as_ref();
            let place = builder.place(name, 0)?;
            let resolved = registry.resolve(name)?;
            features.push(PanelFeature {
                name: resolved.name_of(resolved.output),
                place,
            });
        }
        let sets = groups
            .iter()
            .map(|_| FeatureSet::new(registry, &builder.own))
            .collect::<Result<Vec<_>, _>>()?;
        let template = FeatureSet::new(registry, &builder.own)?;
        let mut inputs: Vec<String> = template.inputs().map(str::to_owned).collect();
        // Columns that only the comparison reads come after those of the features.
        let columns: Vec<usize> = builder
            .columns
            .iter()
            .map(|column| position(&mut inputs, column))
            .collect();
        let settle = |place: Place| match place {
            Place::Column(at) => Place::Column(columns.get(at).copied().unwrap_or(at)),
            other => other,
        };
        for node in &mut builder.nodes {
            node.source = settle(node.source);
        }
        for feature in &mut features {
            feature.place = settle(feature.place);
        }
        let symbols = groups.len();
        Ok(Self {
            groups: groups.to_vec(),
            sets,
            rows: vec![vec![f64::NAN; inputs.len()]; symbols],
            inputs,
            across: vec![f64::NAN; builder.outputs * symbols],
            values: vec![f64::NAN; features.len() * symbols],
            here: vec![false; symbols],
            nodes: builder.nodes,
            calculators: builder.calculators,
            features,
        })
    }

    /// The chosen features, in order.
    pub fn features(&self) -> &[PanelFeature] {
        &self.features
    }

    /// The columns that a symbol's row holds, in order.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Number of symbols.
    pub fn symbols(&self) -> usize {
        self.groups.len()
    }

    /// Hands in a symbol's row of the present moment: one value per entry of [`Panel::inputs`].
    ///
    /// # Errors
    /// [`FeatureError::Arity`] for a row of another length, a symbol that the panel does not have, or
    /// a second row of one symbol; nothing is then taken in.
    pub fn update(&mut self, symbol: usize, row: &[f64]) -> Result<(), FeatureError> {
        let arity = |what, expected, found| FeatureError::Arity {
            what,
            expected,
            found,
        };
        let symbols = self.groups.len();
        let (Some(set), Some(own), Some(here)) = (
            self.sets.get_mut(symbol),
            self.rows.get_mut(symbol),
            self.here.get_mut(symbol),
        ) else {
            return Err(arity("symbols", symbols, symbol.saturating_add(1)));
        };
        if row.len() != own.len() {
            return Err(arity("inputs", own.len(), row.len()));
        }
        if *here {
            return Err(arity("rows of one symbol at one moment", 1, 2));
        }
        let read = set.inputs().len();
        set.update(&row[..read])?;
        own.copy_from_slice(row);
        *here = true;
        Ok(())
    }

    /// Ends the moment: compares the symbols whose rows were handed in. [`Panel::value`] gives the
    /// results until the next moment is completed.
    ///
    /// # Errors
    /// None in practice; those of [`CrossSection::update`].
    pub fn complete(&mut self) -> Result<(), FeatureError> {
        let symbols = self.groups.len();
        let mut moment = vec![f64::NAN; symbols];
        for (node, calculator) in self.nodes.iter().zip(&mut self.calculators) {
            for (symbol, value) in moment.iter_mut().enumerate() {
                *value = read(
                    &self.sets,
                    &self.rows,
                    &self.here,
                    &self.across,
                    node.source,
                    symbol,
                );
            }
            let cells = node.first * symbols..(node.first + node.outputs) * symbols;
            calculator.update(&moment, &self.groups, &mut self.across[cells])?;
        }
        for (feature, values) in self
            .features
            .iter()
            .zip(self.values.chunks_mut(symbols.max(1)))
        {
            for (symbol, value) in values.iter_mut().enumerate() {
                let (rows, here) = (&self.rows, &self.here);
                *value = read(&self.sets, rows, here, &self.across, feature.place, symbol);
            }
        }
        self.here.fill(false);
        Ok(())
    }

    /// Feature number `feature` of a symbol at the last completed moment; `None` while warming up,
    /// when the symbol had no row, or where there is no such feature or symbol.
    pub fn value(&self, feature: usize, symbol: usize) -> Option<f64> {
        let symbols = self.groups.len();
        if symbol >= symbols {
            return None;
        }
        let at = feature.checked_mul(symbols)?.checked_add(symbol)?;
        present(*self.values.get(at)?)
    }

    /// Computes all features over whole columns, from a fresh state: one table in and out per symbol,
    /// all of the same rows.
    ///
    /// # Errors
    /// [`FeatureError::Arity`] for another number of tables, [`FeatureError::LengthMismatch`] for
    /// tables of different lengths, [`FeatureError::MissingColumn`].
    pub fn batch(&self, tables: &[Columns<'_>]) -> Result<Vec<Table>, FeatureError> {
        let symbols = self.groups.len();
        if tables.len() != symbols {
            return Err(FeatureError::Arity {
                what: "symbols",
                expected: symbols,
                found: tables.len(),
            });
        }
        let rows = tables.first().map_or(0, Columns::rows);
        if let Some((symbol, odd)) = tables.iter().enumerate().find(|(_, t)| t.rows() != rows) {
            return Err(FeatureError::LengthMismatch {
                column: format!("symbol {symbol}"),
                found: odd.rows(),
                expected: rows,
            });
        }
        let mut own = Vec::with_capacity(symbols);
        let mut columns = Vec::with_capacity(symbols);
        for (set, table) in self.sets.iter().zip(tables) {
            own.push(set.batch(table)?);
            let read = |name: &String| {
                table.get(name).ok_or_else(|| FeatureError::MissingColumn {
                    column: name.clone(),
                    feature: "panel".to_owned(),
                })
            };
            columns.push(
                self.inputs
                    .iter()
                    .map(read)
                    .collect::<Result<Vec<_>, _>>()?,
            );
        }
        let mut results = vec![self.blank(rows); symbols];
        let mut calculators: Vec<_> = self.calculators.iter().map(|each| each.fresh()).collect();
        let mut across = vec![f64::NAN; self.across.len()];
        let mut moment = vec![f64::NAN; symbols];
        for row in 0..rows {
            let value = |place: Place, symbol: usize, across: &[f64]| match place {
                Place::Own(at) => own[symbol].columns[at][row],
                Place::Column(at) => columns[symbol][at][row],
                Place::Across(at) => across[at * symbols + symbol],
            };
            for (node, calculator) in self.nodes.iter().zip(&mut calculators) {
                for (symbol, cell) in moment.iter_mut().enumerate() {
                    *cell = value(node.source, symbol, &across);
                }
                let cells = node.first * symbols..(node.first + node.outputs) * symbols;
                calculator.update(&moment, &self.groups, &mut across[cells])?;
            }
            for (symbol, table) in results.iter_mut().enumerate() {
                for (feature, column) in self.features.iter().zip(&mut table.columns) {
                    column[row] = value(feature.place, symbol, &across);
                }
            }
        }
        Ok(results)
    }

    fn blank(&self, rows: usize) -> Table {
        Table {
            names: self.features.iter().map(|f| f.name.clone()).collect(),
            columns: vec![vec![f64::NAN; rows]; self.features.len()],
        }
    }

    /// The state of all calculators, to be taken between moments.
    pub fn snapshot(&self) -> Snapshot {
        let mut words = Vec::new();
        let mut part = |state: &[u64]| {
            words.push(state.len() as u64);
            words.extend_from_slice(state);
        };
        for set in &self.sets {
            part(set.snapshot().words());
        }
        for calculator in &self.calculators {
            part(&calculator.save());
        }
        Snapshot::new(self.identity(), words)
    }

    /// Continues from a snapshot of a panel with the same features and number of symbols.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`]; the panel is then unchanged.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), FeatureError> {
        if snapshot.owner() != self.identity() {
            return Err(refused(format!("it belongs to `{}`", snapshot.owner())));
        }
        let before = self.snapshot();
        let restored = self.load(snapshot.words());
        if restored.is_err() {
            self.load(before.words())?;
        }
        restored
    }

    fn load(&mut self, mut words: &[u64]) -> Result<(), FeatureError> {
        let mut part = || {
            let (length, rest) = words.split_first().ok_or_else(|| refused("cut short"))?;
            let length = usize::try_from(*length).map_err(|_wide| refused("length"))?;
            let (state, rest) = rest
                .split_at_checked(length)
                .ok_or_else(|| refused("cut short"))?;
            words = rest;
            Ok::<&[u64], FeatureError>(state)
        };
        for set in &mut self.sets {
            let state = Snapshot::new(set.snapshot().owner(), part()?.to_vec());
            set.restore(&state)?;
        }
        for calculator in &mut self.calculators {
            calculator.load(part()?)?;
        }
        if part().is_ok() {
            return Err(refused("words too many"));
        }
        self.here.fill(false);
        self.values.fill(f64::NAN);
        Ok(())
    }

    fn identity(&self) -> String {
        let own = self.sets.first().map(FeatureSet::snapshot);
        let nodes: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        format!(
            "{} symbols: {}; {}",
            self.groups.len(),
            own.as_ref().map_or("", Snapshot::owner),
            nodes.join(" ")
        )
    }
}

/// The value of a place for one symbol at the present moment; NaN for a symbol without a row.
fn read(
    sets: &[FeatureSet],
    rows: &[Vec<f64>],
    here: &[bool],
    across: &[f64],
    place: Place,
    symbol: usize,
) -> f64 {
    if !here[symbol] {
        return f64::NAN;
    }
    match place {
        Place::Own(at) => sets[symbol].value(at).unwrap_or(f64::NAN),
        Place::Column(at) => rows[symbol][at],
        Place::Across(at) => across[at * sets.len() + symbol],
    }
}

impl std::fmt::Debug for Panel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Panel")
            .field("symbols", &self.groups.len())
            .field("features", &self.features)
            .finish_non_exhaustive()
    }
}
