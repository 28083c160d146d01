//! What is to be computed: features of each symbol by itself, or a panel of all of them.

use std::collections::BTreeMap;

use trader_domain::Symbol;
use trader_feature_store::{
    BAR_COLUMNS, BarSource, Companions, Computed, MemoryBudget, StoreError, compute_all,
    compute_panel,
};
use trader_features::{FeatureSet, Panel, Registry, SetDefinition};

use super::sink::Sink;
use crate::failure::Failure;
use crate::progress::Progress;

/// A feature set as one computation over bars.
pub(super) enum Computation {
    /// Each symbol by itself.
    Alone(FeatureSet),
    /// All symbols moment by moment; without symbols until those are known.
    Together(Box<Panel>),
}

impl Computation {
    /// Of a set: a panel if any of its features compares symbols.
    pub(super) fn new(definition: &SetDefinition) -> Result<Self, Failure> {
        let panel = panel(definition, &[])?;
        if panel.compares() {
            return Ok(Self::Together(Box::new(panel)));
        }
        let set = definition.build(Registry::standard(), BAR_COLUMNS);
        Ok(Self::Alone(set.map_err(StoreError::from)?))
    }

    /// Makes room for the source's symbols, in the sectors that `--sector` puts them in.
    pub(super) fn over(
        &mut self,
        definition: &SetDefinition,
        source: &BarSource,
        sectors: &[String],
    ) -> Result<(), Failure> {
        let sectors = sectors_of(sectors)?;
        if let Self::Together(panel) = self {
            let group = |symbol: Symbol| match sectors.get(symbol.as_str()) {
                Some(sector) => Ok(*sector),
                None if panel.reads_sectors() => Err(Failure::Usage(format!(
                    "a feature compares within sectors, and {symbol} is in none; say --sector \
                     NAME={symbol},..."
                ))),
                None => Ok(0),
            };
            let groups = source.symbols().into_iter().map(group);
            let groups = groups.collect::<Result<Vec<_>, _>>()?;
            **panel = self::panel(definition, &groups)?;
        }
        Ok(())
    }

    /// Names of the features.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Alone(set) => set.features().iter().map(|one| one.name.clone()).collect(),
            Self::Together(panel) => panel
                .features()
                .iter()
                .map(|one| one.name.clone())
                .collect(),
        }
    }

    /// The columns that are read.
    pub(super) fn inputs(&self) -> Vec<String> {
        match self {
            Self::Alone(set) => set.inputs().map(str::to_owned).collect(),
            Self::Together(panel) => panel.inputs().to_vec(),
        }
    }

    pub(super) fn calculators(&self) -> usize {
        match self {
            Self::Alone(set) => set.calculators(),
            Self::Together(panel) => panel.calculators(),
        }
    }

    pub(super) fn warm_up(&self) -> usize {
        match self {
            Self::Alone(set) => set.warm_up(),
            Self::Together(panel) => panel.warm_up(),
        }
    }

    /// Computes over all bars.
    pub(super) fn run(
        &mut self,
        source: &BarSource,
        companions: &Companions,
        budget: MemoryBudget,
        progress: &Progress,
        sink: &mut Sink<'_>,
    ) -> Result<Computed, StoreError> {
        let mut watch = |rows| progress.reached(rows);
        match self {
            Self::Alone(set) => compute_all(
                set,
                source,
                companions,
                budget,
                &mut watch,
                |series, inputs, features| {
                    let times = (inputs.start.as_slice(), inputs.available.as_slice());
                    sink.rows(series.symbol, series.timeframe, times, &features.columns)
                },
            ),
            Self::Together(panel) => {
                compute_panel(panel, source, companions, budget, &mut watch, |moments| {
                    sink.moments(moments)
                })
            }
        }
    }
}

fn panel(definition: &SetDefinition, groups: &[u32]) -> Result<Panel, Failure> {
    let registry = Registry::standard();
    let panel = Panel::from_formulas(registry, groups, definition.formulas(), BAR_COLUMNS);
    Ok(panel.map_err(StoreError::from)?)
}

/// The number of each symbol's sector, from `NAME=A,B`.
fn sectors_of(texts: &[String]) -> Result<BTreeMap<&str, u32>, Failure> {
    let mut found = BTreeMap::new();
    let mut names = Vec::new();
    for (number, text) in (1_u32..).zip(texts) {
        let (name, members) = text
            .split_once('=')
            .filter(|(name, members)| !name.is_empty() && !members.is_empty())
            .ok_or_else(|| Failure::Usage(format!("--sector {text}: write it as NAME=A,B")))?;
        if names.contains(&name) {
            return Err(Failure::Usage(format!("--sector {name} is given twice")));
        }
        names.push(name);
        for symbol in members.split(',') {
            if found.insert(symbol, number).is_some() {
                return Err(Failure::Usage(format!("{symbol} is in two sectors")));
            }
        }
    }
    Ok(found)
}
