//! Feature sets: names in, columns or rows of values out, each shared sub-result computed once.
//!
//! A set resolves its names and all features they read into nodes in dependency order. Two
//! features that read the same calculator (`adx_14` and `dx_14`, `kc_upper_20_10_2` and `ema_20`)
//! share its node.

use std::collections::BTreeMap;

use crate::calculator::{Calculator, present};
use crate::columns::{Columns, is_column};
use crate::error::FeatureError;
use crate::formula::{Formula, Rule};
use crate::registry::{Build, MAX_DEPTH, Registry};
use crate::snapshot::{Snapshot, refused};

struct Node {
    name: String,
    /// Cells of the inputs; all lie before `first`.
    inputs: Vec<usize>,
    /// Cell of the first output.
    first: usize,
    outputs: usize,
}

/// A chosen feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Canonical name.
    pub name: String,
    /// Complete rows before the first value.
    pub warm_up: usize,
    cell: usize,
}

/// A list of features with everything they need, in batch and streaming form.
///
/// ```
/// use trader_features::{Columns, FeatureSet, Registry};
///
/// let mut set = FeatureSet::new(Registry::standard(), &["sma_3", "sma_2(volume)"])?;
/// let (close, volume) = ([1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]);
/// let columns = Columns::new().with("close", &close)?.with("volume", &volume)?;
/// let table = set.batch(&columns)?;
/// assert_eq!(table.get("sma_3").unwrap()[2..], [2.0, 3.0]);
///
/// assert_eq!(set.inputs().collect::<Vec<_>>(), ["close", "volume"]);
/// for row in 0..4 {
///     set.update(&[close[row], volume[row]])?;
/// }
/// assert_eq!(set.value(0), Some(3.0));
/// # Ok::<(), trader_features::FeatureError>(())
/// ```
pub struct FeatureSet {
    nodes: Vec<Node>,
    /// One per node.
    calculators: Vec<Box<dyn Calculator>>,
    features: Vec<Feature>,
    /// Input columns and their cells, in the order of streaming rows.
    inputs: Vec<(String, usize)>,
    /// One value per cell (input columns and node outputs), committed.
    cells: Vec<f64>,
    /// The same for a forming bar.
    peeked: Vec<f64>,
    gathered: Vec<f64>,
}

/// Batch results: one column per chosen feature, NaN where missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Canonical names, in the order chosen.
    pub names: Vec<String>,
    /// Values, one vector per name.
    pub columns: Vec<Vec<f64>>,
}

impl Table {
    /// The column of a canonical name.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|existing| existing == name)?;
        self.columns.get(index).map(Vec::as_slice)
    }
}

/// Where names become nodes.
struct Builder<'r> {
    registry: &'r Registry,
    own_columns: &'r [&'r str],
    nodes: Vec<Node>,
    calculators: Vec<Box<dyn Calculator>>,
    inputs: Vec<(String, usize)>,
    warm_ups: Vec<usize>,
    by_name: BTreeMap<String, usize>,
    /// Names that formulas gave themselves, with their cells.
    formulas: Vec<(String, usize)>,
}

impl<'r> Builder<'r> {
    fn new(registry: &'r Registry, own_columns: &'r [&'r str]) -> Self {
        Self {
            registry,
            own_columns,
            nodes: Vec::new(),
            calculators: Vec::new(),
            inputs: Vec::new(),
            warm_ups: Vec::new(),
            by_name: BTreeMap::new(),
            formulas: Vec::new(),
        }
    }

    /// The cell of a column or feature, made if it is new.
    fn cell(&mut self, name: &str, depth: usize) -> Result<usize, FeatureError> {
        if depth > MAX_DEPTH {
            return Err(FeatureError::TooDeep {
                name: name.to_owned(),
                limit: MAX_DEPTH,
            });
        }
        if let Some((_, cell)) = self.formulas.iter().find(|(own, _)| own == name) {
            return Ok(*cell);
        }
        if is_column(name, self.own_columns) {
            return Ok(self.column(name));
        }
        let resolved = self.registry.resolve(name)?;
        if let Build::AsOf(_) = resolved.definition.build {
            return Ok(self.column(&resolved.name_of(resolved.output)));
        }
        let key = resolved.calculator_name();
        if let Some(first) = self.by_name.get(&key) {
            return Ok(first + resolved.output);
        }
        let Build::Series(build) = resolved.definition.build else {
            return Err(FeatureError::MalformedName {
                name: name.to_owned(),
                reason: format!(
                    "{} features are not computed from one symbol's columns; those that compare                      symbols need a panel (`backtest features` makes one)",
                    resolved.definition.family
                ),
            });
        };
        let built = build(&resolved.arguments)?;
        let first = self.node(key, built.calculator, &built.sources, depth)?;
        Ok(first + resolved.output)
    }

    /// The cell of a formula: of the feature it names, or of a new node.
    fn formula(&mut self, formula: &Formula) -> Result<usize, FeatureError> {
        let expression = formula.expression();
        if let Some(input) = expression.lone_input() {
            return self.cell(input, 0);
        }
        // No feature's name begins with `=`.
        let key = format!("={}", expression.canonical());
        if let Some(cell) = self.by_name.get(&key) {
            return Ok(*cell);
        }
        let rule = Box::new(Rule::new(expression.clone()));
        self.node(key, rule, expression.inputs(), 0)
    }

    /// Adds a calculator over its sources; gives the cell of its first output.
    fn node(
        &mut self,
        key: String,
        calculator: Box<dyn Calculator>,
        sources: &[String],
        depth: usize,
    ) -> Result<usize, FeatureError> {
        let inputs = sources
            .iter()
            .map(|source| self.cell(source, depth + 1))
            .collect::<Result<Vec<_>, _>>()?;
        if inputs.len() != calculator.inputs() {
            return Err(FeatureError::Arity {
                what: "inputs",
                expected: calculator.inputs(),
                found: inputs.len(),
            });
        }
        let ready = inputs
            .iter()
            .filter_map(|cell| self.warm_ups.get(*cell))
            .max();
        let ready = ready.copied().unwrap_or(0);
        let first = self.warm_ups.len();
        let own = calculator.warm_up();
        let outputs = own.len();
        self.warm_ups
            .extend(own.into_iter().map(|rows| rows + ready));
        self.by_name.insert(key.clone(), first);
        self.calculators.push(calculator);
        self.nodes.push(Node {
            name: key,
            inputs,
            first,
            outputs,
        });
        Ok(first)
    }

    fn finish(self, features: Vec<Feature>) -> FeatureSet {
        let cells = vec![f64::NAN; self.warm_ups.len()];
        FeatureSet {
            nodes: self.nodes,
            calculators: self.calculators,
            features,
            inputs: self.inputs,
            peeked: cells.clone(),
            cells,
            gathered: Vec::new(),
        }
    }

    fn column(&mut self, name: &str) -> usize {
        if let Some((_, cell)) = self.inputs.iter().find(|(existing, _)| existing == name) {
            return *cell;
        }
        let cell = self.warm_ups.len();
        self.warm_ups.push(0);
        self.inputs.push((name.to_owned(), cell));
        cell
    }
}

impl FeatureSet {
    /// Resolves `names`; the same feature named twice is computed once and listed twice.
    ///
    /// # Errors
    /// What [`Registry::resolve`] reports, and [`FeatureError::TooDeep`].
    pub fn new<S: AsRef<str>>(registry: &Registry, names: &[S]) -> Result<Self, FeatureError> {
        Self::with_columns(registry, names, &[])
    }

    /// As [`FeatureSet::new`], where features may also read the caller's `own_columns`:
    /// `sma_20(spread)`.
    ///
    /// # Errors
    /// As [`FeatureSet::new`].
    pub fn with_columns<S: AsRef<str>>(
        registry: &Registry,
        names: &[S],
        own_columns: &[&str],
    ) -> Result<Self, FeatureError> {
        let mut builder = Builder::new(registry, own_columns);
        let mut features = Vec::with_capacity(names.len());
        for name in names {
            let name = name.as_ref();
            let cell = builder.cell(name, 0)?;
            let resolved = registry.resolve(name)?;
            let warm_up = builder.warm_ups.get(cell).copied().unwrap_or(0);
            features.push(Feature {
                name: resolved.name_of(resolved.output),
                warm_up,
                cell,
            });
        }
        Ok(builder.finish(features))
    }

    /// A set of formulas ([`Formula`]); a later one may read those before it by name:
    /// `["spread = high - low", "sma_20(spread)"]`.
    ///
    /// # Errors
    /// What [`Formula::parse`] and [`FeatureSet::new`] report; [`FeatureError::MalformedName`] when
    /// two formulas have one name.
    pub fn from_formulas<S: AsRef<str>>(
        registry: &Registry,
        formulas: &[S],
        own_columns: &[&str],
    ) -> Result<Self, FeatureError> {
        let mut builder = Builder::new(registry, own_columns);
        let mut features: Vec<Feature> = Vec::with_capacity(formulas.len());
        for text in formulas {
            let mut known = own_columns.to_vec();
            known.extend(builder.formulas.iter().map(|(name, _)| name.as_str()));
            let formula = Formula::parse(text.as_ref(), registry, &known)?;
            let name = formula.name().to_owned();
            if features.iter().any(|feature| feature.name == name) {
                return Err(FeatureError::MalformedName {
                    name,
                    reason: "is given twice in one set".to_owned(),
                });
            }
            let cell = builder.formula(&formula)?;
            features.push(Feature {
                name: name.clone(),
                warm_up: builder.warm_ups.get(cell).copied().unwrap_or(0),
                cell,
            });
            builder.formulas.push((name, cell));
        }
        Ok(builder.finish(features))
    }

    /// The chosen features, in order.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The columns that the set reads, in the order in which streaming rows hold them. Features of
    /// what was known (news, statements) are among them: [`crate::AsOfSet::of`] computes those.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inputs.iter().map(|(name, _)| name.as_str())
    }

    /// Number of calculators, shared ones counted once.
    pub fn calculators(&self) -> usize {
        self.nodes.len()
    }

    /// Rows before every feature has its first value.
    pub fn warm_up(&self) -> usize {
        self.features
            .iter()
            .map(|feature| feature.warm_up)
            .max()
            .unwrap_or(0)
    }

    /// Computes all features over whole columns, from a fresh state.
    ///
    /// # Errors
    /// [`FeatureError::MissingColumn`] when the set reads a column that `columns` lacks.
    pub fn batch(&self, columns: &Columns<'_>) -> Result<Table, FeatureError> {
        let mut table = Table::default();
        self.batch_into(columns, &mut table)?;
        Ok(table)
    }

    /// As [`FeatureSet::batch`], into a table whose allocations are reused.
    ///
    /// # Errors
    /// As [`FeatureSet::batch`].
    pub fn batch_into(&self, columns: &Columns<'_>, table: &mut Table) -> Result<(), FeatureError> {
        let mut fresh: Vec<_> = self.calculators.iter().map(|each| each.fresh()).collect();
        self.plan()
            .run(&mut fresh, columns, table)
            .map(|_last_row| ())
    }

    /// Commits whole columns: the values that [`FeatureSet::update`] would give row by row, at
    /// batch speed. With a snapshot of the state before, new rows alone need to be computed.
    ///
    /// # Errors
    /// As [`FeatureSet::batch`]; nothing is then committed.
    pub fn extend(&mut self, columns: &Columns<'_>) -> Result<Table, FeatureError> {
        let mut table = Table::default();
        let mut calculators = std::mem::take(&mut self.calculators);
        let last_row = self.plan().run(&mut calculators, columns, &mut table);
        self.calculators = calculators;
        if let Some(cells) = last_row? {
            self.cells = cells;
        }
        Ok(table)
    }

    /// The first chosen feature that shows a cell.
    fn shown_first(&self, cell: usize) -> Option<usize> {
        self.features
            .iter()
            .position(|feature| feature.cell == cell)
    }

    fn plan(&self) -> Plan<'_> {
        Plan { set: self }
    }

    fn missing(&self, column: &str, cell: usize) -> FeatureError {
        let reader = self.nodes.iter().find(|node| node.inputs.contains(&cell));
        FeatureError::MissingColumn {
            column: column.to_owned(),
            feature: reader.map_or_else(String::new, |node| node.name.clone()),
        }
    }

    /// Commits one row: one value per entry of [`FeatureSet::inputs`], NaN where missing. Read the
    /// results with [`FeatureSet::value`].
    ///
    /// # Errors
    /// [`FeatureError::Arity`] when `row` has another length; nothing is then committed.
    pub fn update(&mut self, row: &[f64]) -> Result<(), FeatureError> {
        self.check(row)?;
        for ((_, cell), value) in self.inputs.iter().zip(row) {
            self.cells[*cell] = *value;
        }
        for (node, calculator) in self.nodes.iter().zip(&mut self.calculators) {
            let (before, after) = self.cells.split_at_mut(node.first);
            self.gathered.clear();
            self.gathered
                .extend(node.inputs.iter().map(|cell| before[*cell]));
            calculator.update(&self.gathered, &mut after[..node.outputs])?;
        }
        Ok(())
    }

    /// Computes what [`FeatureSet::update`] would give for a forming bar, commits nothing. Read
    /// the results with [`FeatureSet::peeked`].
    ///
    /// # Errors
    /// As [`FeatureSet::update`].
    pub fn peek(&mut self, row: &[f64]) -> Result<(), FeatureError> {
        self.check(row)?;
        for ((_, cell), value) in self.inputs.iter().zip(row) {
            self.peeked[*cell] = *value;
        }
        for (node, calculator) in self.nodes.iter().zip(&mut self.calculators) {
            let (before, after) = self.peeked.split_at_mut(node.first);
            self.gathered.clear();
            self.gathered
                .extend(node.inputs.iter().map(|cell| before[*cell]));
            calculator.peek(&self.gathered, &mut after[..node.outputs])?;
        }
        Ok(())
    }

    fn check(&self, row: &[f64]) -> Result<(), FeatureError> {
        let (expected, found) = (self.inputs.len(), row.len());
        if expected == found {
            Ok(())
        } else {
            Err(FeatureError::Arity {
                what: "inputs",
                expected,
                found,
            })
        }
    }

    /// The value of feature number `index` after the last [`FeatureSet::update`]; `None` while
    /// warming up, when its inputs were missing, or when there is no such feature.
    pub fn value(&self, index: usize) -> Option<f64> {
        present(self.cells[self.features.get(index)?.cell])
    }

    /// The value of feature number `index` after the last [`FeatureSet::peek`].
    pub fn peeked(&self, index: usize) -> Option<f64> {
        present(self.peeked[self.features.get(index)?.cell])
    }

    /// The streaming state of all calculators.
    pub fn snapshot(&self) -> Snapshot {
        let mut words = Vec::new();
        for calculator in &self.calculators {
            let state = calculator.save();
            words.push(state.len() as u64);
            words.extend(state);
        }
        words.extend(self.cells.iter().map(|value| value.to_bits()));
        Snapshot::new(self.identity(), words)
    }

    /// Continues from a snapshot of a set with the same features.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`]; the set is then as new.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), FeatureError> {
        let restored = self.load(snapshot);
        if restored.is_err() {
            self.reset();
        }
        restored
    }

    fn load(&mut self, snapshot: &Snapshot) -> Result<(), FeatureError> {
        if snapshot.owner() != self.identity() {
            return Err(refused(format!("it belongs to `{}`", snapshot.owner())));
        }
        let mut words = snapshot.words();
        for calculator in &mut self.calculators {
            let (length, rest) = words.split_first().ok_or_else(|| refused("cut short"))?;
            let length = usize::try_from(*length).map_err(|_wide| refused("length"))?;
            let (state, rest) = rest
                .split_at_checked(length)
                .ok_or_else(|| refused("cut short"))?;
            calculator.load(state)?;
            words = rest;
        }
        if words.len() != self.cells.len() {
            return Err(refused("another number of values"));
        }
        for (cell, word) in self.cells.iter_mut().zip(words) {
            *cell = f64::from_bits(*word);
        }
        Ok(())
    }

    /// Back to the state before the first row.
    pub fn reset(&mut self) {
        self.calculators
            .iter_mut()
            .for_each(|calculator| calculator.reset());
        self.cells.fill(f64::NAN);
        self.peeked.fill(f64::NAN);
    }

    fn identity(&self) -> String {
        self.nodes
            .iter()
            .map(|node| node.name.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl std::fmt::Debug for FeatureSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FeatureSet")
            .field("features", &self.features)
            .field("calculators", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

/// Rows computed at a time, so that what passes from calculator to calculator stays in the cache.
const BLOCK: usize = 512;

/// The way through a set's nodes, block by block.
struct Plan<'s> {
    set: &'s FeatureSet,
}

impl Plan<'_> {
    /// Runs all rows through `calculators`; gives all cells of the last row, if there is one.
    fn run(
        &self,
        calculators: &mut [Box<dyn Calculator>],
        columns: &Columns<'_>,
        table: &mut Table,
    ) -> Result<Option<Vec<f64>>, FeatureError> {
        let set = self.set;
        let rows = columns.rows();
        let mut sources: Vec<Option<&[f64]>> = vec![None; set.cells.len()];
        for (name, cell) in &set.inputs {
            sources[*cell] = Some(columns.get(name).ok_or_else(|| set.missing(name, *cell))?);
        }
        table.names.clear();
        table
            .names
            .extend(set.features.iter().map(|feature| feature.name.clone()));
        table.columns.resize_with(set.features.len(), Vec::new);
        let mut cells = self.cells(rows, table);
        // Taken out of `cells` while they are written, so that the inputs can be read meanwhile.
        let mut written: Vec<Cell> = Vec::new();
        for start in (0..rows).step_by(BLOCK) {
            let size = BLOCK.min(rows - start);
            for (node, calculator) in set.nodes.iter().zip(&mut *calculators) {
                let outputs = node.first..node.first + node.outputs;
                written.extend(cells[outputs.clone()].iter_mut().map(std::mem::take));
                let inputs = node.inputs.iter().map(|cell| match sources[*cell] {
                    Some(column) => &column[start..start + size],
                    None => cells[*cell].block(start, size),
                });
                let blocks = written.iter_mut().map(|cell| cell.block_mut(start, size));
                run_block(&mut **calculator, inputs, blocks)?;
                for (cell, written) in cells[outputs].iter_mut().zip(written.drain(..)) {
                    *cell = written;
                }
            }
        }
        let last_row = rows.checked_sub(1).map(|last| {
            let value = |(cell, source): (&Cell, &Option<&[f64]>)| match source {
                Some(column) => column[last],
                None => cell.block(last, 1)[0],
            };
            cells.iter().zip(&sources).map(value).collect()
        });
        for (index, feature) in set.features.iter().enumerate() {
            table.columns[index] = match (sources[feature.cell], set.shown_first(feature.cell)) {
                (Some(source), _) => source.to_vec(),
                (None, Some(first)) if first < index => table.columns[first].clone(),
                _ => std::mem::take(&mut cells[feature.cell]).values,
            };
        }
        Ok(last_row)
    }

    /// Room for the values of each cell: of a chosen one all rows, in the table's own memory; of
    /// the others a block.
    fn cells(&self, rows: usize, table: &mut Table) -> Vec<Cell> {
        let set = self.set;
        let room = |cell: usize| match set.shown_first(cell) {
            _ if set.inputs.iter().any(|(_, input)| *input == cell) => Cell::default(),
            Some(index) => {
                let mut values = std::mem::take(&mut table.columns[index]);
                if values.len() != rows {
                    values = vec![0.0; rows];
                }
                Cell {
                    values,
                    is_whole: true,
                }
            }
            None => Cell {
                values: vec![0.0; BLOCK.min(rows)],
                is_whole: false,
            },
        };
        (0..set.cells.len()).map(room).collect()
    }
}

/// Slices that a block's call has room for without allocating.
const FEW: usize = 8;

/// Runs a calculator over one block of each input and output.
fn run_block<'a>(
    calculator: &mut dyn Calculator,
    inputs: impl ExactSizeIterator<Item = &'a [f64]>,
    outputs: impl ExactSizeIterator<Item = &'a mut [f64]>,
) -> Result<(), FeatureError> {
    let (reads, writes) = (inputs.len(), outputs.len());
    if reads > FEW || writes > FEW {
        let (inputs, mut outputs): (Vec<_>, Vec<_>) = (inputs.collect(), outputs.collect());
        return calculator.run(&inputs, &mut outputs);
    }
    let mut read: [&[f64]; FEW] = Default::default();
    read.iter_mut()
        .zip(inputs)
        .for_each(|(slot, input)| *slot = input);
    let mut write: [&mut [f64]; FEW] = Default::default();
    write
        .iter_mut()
        .zip(outputs)
        .for_each(|(slot, output)| *slot = output);
    calculator.run(&read[..reads], &mut write[..writes])
}

/// The values of one cell during a batch.
#[derive(Default)]
struct Cell {
    values: Vec<f64>,
    /// Whether all rows are kept, not just the current block.
    is_whole: bool,
}

impl Cell {
    fn from(&self, row: usize) -> usize {
        if self.is_whole { row } else { row % BLOCK }
    }

    fn block(&self, start: usize, size: usize) -> &[f64] {
        let from = self.from(start);
        &self.values[from..from + size]
    }

    fn block_mut(&mut self, start: usize, size: usize) -> &mut [f64] {
        let from = self.from(start);
        &mut self.values[from..from + size]
    }
}
