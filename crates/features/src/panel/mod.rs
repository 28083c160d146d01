//! Features of many symbols at once: each symbol's own, and where it stands among the others.
//!
//! A [`Panel`] holds one [`FeatureSet`] per symbol and the cross-sectional calculators over them. Its
//! names may be features of one symbol (`rsi_14`), cross-sectional ones over a feature or a column
//! (`cs_rank(ret_20)`, `cs_bucket_5(volume)`), and cross-sectional ones over each other
//! (`cs_z(cs_winsor_005(ret_20))`); expressions may mix them ([`Panel::from_formulas`]).
//!
//! # Moments
//! A moment is one timestamp. Hand in the row of every symbol that has one, then complete the moment.
//! A symbol without a row has no values at that moment and takes no part in the comparison; its own
//! features stay as they were. In the batch form row i of every table is the same moment, and a
//! symbol without a bar has NaN in all its columns there: the same numbers come out.

mod design;

use crate::calculator::present;
use crate::columns::Columns;
use crate::cross_section::Reads;
use crate::error::FeatureError;
use crate::graph::{FeatureSet, Table};
use crate::registry::Registry;
use crate::snapshot::{Snapshot, refused};
use design::{Design, Node, Place, Work};

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
    /// What each of `sets` began as; there is one even without symbols.
    template: FeatureSet,
    /// One per symbol, all with the same features.
    sets: Vec<FeatureSet>,
    inputs: Vec<String>,
    nodes: Vec<Node>,
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

impl Panel {
    /// A panel of as many symbols as there are `groups` (a sector number each; equal numbers where
    /// sectors do not matter).
    ///
    /// # Errors
    /// What [`Panel::from_formulas`] reports.
    pub fn new<S: AsRef<str>>(
        registry: &Registry,
        groups: &[u32],
        names: &[S],
    ) -> Result<Self, FeatureError> {
        Self::from_formulas(registry, groups, names, &[])
    }

    /// A panel of formulas ([`crate::Formula`]), where a later one may read those before it by name, and
    /// an expression features of both kinds: `["score = cs_z(ret_20)", "score > 1 and rsi_14 < 70"]`.
    /// Rows may have the caller's `own_columns` besides the known ones.
    ///
    /// # Errors
    /// What [`FeatureSet::from_formulas`] reports, and [`FeatureError::MalformedName`] for a feature over
    /// rows that reads a cross-sectional one: what comes out of a comparison has no history of its own.
    pub fn from_formulas<S: AsRef<str>>(
        registry: &Registry,
        groups: &[u32],
        formulas: &[S],
        own_columns: &[&str],
    ) -> Result<Self, FeatureError> {
        let mut design = Design::new(registry, own_columns);
        let features = formulas
            .iter()
            .map(|text| design.formula(text.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        design.panel(groups, features)
    }

    /// The chosen features, in order.
    pub fn features(&self) -> &[PanelFeature] {
        &self.features
    }

    /// The columns that a symbol's row holds, in order.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Number of calculators of a symbol and over all of them, shared ones counted once.
    pub fn calculators(&self) -> usize {
        self.template.calculators() + self.nodes.len()
    }

    /// Rows before every feature of a symbol's own has its first value; comparisons that remember
    /// moments add theirs.
    pub fn warm_up(&self) -> usize {
        self.template.warm_up()
    }

    /// Whether any feature compares symbols; if none does, [`FeatureSet`] computes the same.
    pub fn compares(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Whether some feature compares within sectors, so that the groups matter.
    pub fn reads_sectors(&self) -> bool {
        let within = |node: &Node| match &node.work {
            Work::Compare(calculator) => calculator.reads() == Reads::Sectors,
            Work::Evaluate(_) => false,
        };
        self.nodes.iter().any(within)
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
    /// None in practice; those of [`CrossSection::update`](crate::CrossSection::update).
    pub fn complete(&mut self) -> Result<(), FeatureError> {
        let symbols = self.groups.len();
        let mut moment = vec![f64::NAN; symbols];
        let mut row = Vec::new();
        for node in &mut self.nodes {
            let cells = node.first * symbols..(node.first + node.outputs) * symbols;
            let (sets, rows, here) = (&self.sets, &self.rows, &self.here);
            match &mut node.work {
                Work::Compare(calculator) => {
                    let source = node.sources.first().copied().unwrap_or(Place::Column(0));
                    for (symbol, value) in moment.iter_mut().enumerate() {
                        *value = read(sets, rows, here, &self.across, source, symbol);
                    }
                    calculator.update(&moment, &self.groups, &mut self.across[cells])?;
                }
                Work::Evaluate(rule) => {
                    for symbol in 0..symbols {
                        let value =
                            |source: &Place| read(sets, rows, here, &self.across, *source, symbol);
                        row.clear();
                        row.extend(node.sources.iter().map(value));
                        let there = present_at(&rows[symbol], here[symbol]);
                        self.across[cells.start + symbol] =
                            if there { rule.value(&row) } else { f64::NAN };
                    }
                }
            }
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
        let rows = self.rows_of(tables)?;
        let mut own = Vec::with_capacity(symbols);
        let mut columns = Vec::with_capacity(symbols);
        for (set, table) in self.sets.iter().zip(tables) {
            own.push(set.batch(table)?);
            columns.push(self.read_from(table)?);
        }
        let mut results = vec![self.blank(rows); symbols];
        let mut works: Vec<Work> = self.nodes.iter().map(|node| node.work.fresh()).collect();
        let mut across = vec![f64::NAN; self.across.len()];
        let mut moment = vec![f64::NAN; symbols];
        let mut values = Vec::new();
        let mut there = vec![false; symbols];
        for row in 0..rows {
            for (there, columns) in there.iter_mut().zip(&columns) {
                *there = columns.iter().any(|column| !column[row].is_nan());
            }
            let value = |place: Place, symbol: usize, across: &[f64]| match place {
                _ if !there[symbol] => f64::NAN,
                Place::Own(at) => own[symbol].columns[at][row],
                Place::Column(at) => columns[symbol][at][row],
                Place::Across(at) => across[at * symbols + symbol],
            };
            for (node, work) in self.nodes.iter().zip(&mut works) {
                let cells = node.first * symbols..(node.first + node.outputs) * symbols;
                match work {
                    Work::Compare(calculator) => {
                        let source = node.sources.first().copied().unwrap_or(Place::Column(0));
                        for (symbol, cell) in moment.iter_mut().enumerate() {
                            *cell = value(source, symbol, &across);
                        }
                        calculator.update(&moment, &self.groups, &mut across[cells])?;
                    }
                    Work::Evaluate(rule) => {
                        for symbol in 0..symbols {
                            values.clear();
                            let read = |place: &Place| value(*place, symbol, &across);
                            values.extend(node.sources.iter().map(read));
                            let there = columns[symbol].iter().any(|column| !column[row].is_nan());
                            across[cells.start + symbol] =
                                if there { rule.value(&values) } else { f64::NAN };
                        }
                    }
                }
            }
            for (symbol, table) in results.iter_mut().enumerate() {
                for (feature, column) in self.features.iter().zip(&mut table.columns) {
                    column[row] = value(feature.place, symbol, &across);
                }
            }
        }
        Ok(results)
    }

    /// The rows that all tables have.
    fn rows_of(&self, tables: &[Columns<'_>]) -> Result<usize, FeatureError> {
        let symbols = self.groups.len();
        if tables.len() != symbols {
            return Err(FeatureError::Arity {
                what: "symbols",
                expected: symbols,
                found: tables.len(),
            });
        }
        let rows = tables.first().map_or(0, Columns::rows);
        match tables.iter().enumerate().find(|(_, t)| t.rows() != rows) {
            None => Ok(rows),
            Some((symbol, odd)) => Err(FeatureError::LengthMismatch {
                column: format!("symbol {symbol}"),
                found: odd.rows(),
                expected: rows,
            }),
        }
    }

    /// The columns of one symbol's table, in the order of [`Panel::inputs`].
    fn read_from<'t>(&self, table: &Columns<'t>) -> Result<Vec<&'t [f64]>, FeatureError> {
        let read = |name: &String| {
            table.get(name).ok_or_else(|| FeatureError::MissingColumn {
                column: name.clone(),
                feature: "panel".to_owned(),
            })
        };
        self.inputs.iter().map(read).collect()
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
        for node in &self.nodes {
            match &node.work {
                Work::Compare(calculator) => part(&calculator.save()),
                Work::Evaluate(_) => part(&[]),
            }
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
        for node in &mut self.nodes {
            match (&mut node.work, part()?) {
                (Work::Compare(calculator), state) => calculator.load(state)?,
                (Work::Evaluate(_), []) => {}
                (Work::Evaluate(_), _) => return Err(refused("an expression has no state")),
            }
        }
        if part().is_ok() {
            return Err(refused("words too many"));
        }
        self.here.fill(false);
        self.values.fill(f64::NAN);
        Ok(())
    }

    fn identity(&self) -> String {
        let nodes: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        format!(
            "{} symbols: {}; {}",
            self.groups.len(),
            self.template.snapshot().owner(),
            nodes.join(" ")
        )
    }
}

/// Whether a symbol has a row, and anything in it.
fn present_at(row: &[f64], here: bool) -> bool {
    here && row.iter().any(|value| !value.is_nan())
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
    if !present_at(&rows[symbol], here[symbol]) {
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
