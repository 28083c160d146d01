//! Where computed rows go: straight into the table, or held until a preparation is fitted on them.

use std::path::Path;

use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_feature_store::{FeatureTable, Moments, StoreError};
use trader_features::preparation::{Preparation, TrainingRange};
use trader_storage::{Existing, Fingerprint, TableFormat};

use super::prepare::{self, Held};
use crate::failure::Failure;

/// The table that is asked for.
pub(super) struct Target<'a> {
    pub(super) path: &'a Path,
    pub(super) format: TableFormat,
    pub(super) existing: Existing,
    pub(super) names: &'a [String],
}

impl Target<'_> {
    fn create(&self, timeframe: Timeframe) -> Result<FeatureTable, StoreError> {
        FeatureTable::create(self.path, self.format, self.existing, timeframe, self.names)
    }
}

/// Takes rows.
pub(super) struct Sink<'a> {
    target: Target<'a>,
    way: Way<'a>,
}

enum Way<'a> {
    /// Into the table, which begins with the first rows.
    Written(Option<FeatureTable>),
    /// Held, then prepared.
    Held(Held, &'a (Preparation, TrainingRange)),
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        target: Target<'a>,
        preparation: Option<&'a (Preparation, TrainingRange)>,
    ) -> Self {
        let way = match preparation {
            None => Way::Written(None),
            Some(preparation) => Way::Held(Held::default(), preparation),
        };
        Self { target, way }
    }

    /// Rows of one symbol.
    pub(super) fn rows(
        &mut self,
        symbol: Symbol,
        timeframe: Timeframe,
        times: (&[Timestamp], &[Timestamp]),
        features: &[Vec<f64>],
    ) -> Result<(), StoreError> {
        match &mut self.way {
            Way::Written(table) => {
                open(table, &self.target, timeframe)?.append(symbol, timeframe, times, features)
            }
            Way::Held(held, _) => {
                held.add(symbol, timeframe, times, features);
                Ok(())
            }
        }
    }

    /// Rows of many symbols.
    pub(super) fn moments(&mut self, moments: &Moments) -> Result<(), StoreError> {
        match &mut self.way {
            Way::Written(table) => {
                open(table, &self.target, moments.timeframe)?.append_moments(moments)
            }
            Way::Held(held, _) => {
                held.add_moments(moments);
                Ok(())
            }
        }
    }

    /// Makes the table appear, last of all; `None` when there were no rows.
    pub(super) fn finish(self) -> Result<Option<Fingerprint>, Failure> {
        match self.way {
            Way::Written(None) => Ok(None),
            Way::Written(Some(table)) => Ok(Some(table.finish()?)),
            Way::Held(held, preparation) => {
                let Some(timeframe) = held.timeframe() else {
                    return Ok(None);
                };
                let fitted = held.fit(self.target.names, preparation)?;
                let mut table = self.target.create(timeframe)?;
                held.write(&fitted, &mut table)?;
                // The table is never there without what it was prepared by.
                prepare::save(&fitted, self.target.path, self.target.existing)?;
                Ok(Some(table.finish()?))
            }
        }
    }
}

/// The table, begun if it is not yet.
fn open<'t>(
    table: &'t mut Option<FeatureTable>,
    target: &Target<'_>,
    timeframe: Timeframe,
) -> Result<&'t mut FeatureTable, StoreError> {
    match table {
        Some(table) => Ok(table),
        None => Ok(table.insert(target.create(timeframe)?)),
    }
}
