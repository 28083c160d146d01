//! The restricted list: what may not be traded, in which direction, from when to when, and why.

use thiserror::Error;
use trader_domain::{InstrumentId, ShortMark, Side, Timestamp};

/// Which orders a restriction concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionScope {
    /// All orders.
    All,
    /// Purchases.
    Buys,
    /// Sales, long and short.
    Sells,
    /// Sales marked short.
    ShortSales,
}

impl RestrictionScope {
    const fn concerns(self, side: Side, mark: Option<ShortMark>) -> bool {
        match (self, side) {
            (Self::All, _) | (Self::Buys, Side::Buy) | (Self::Sells, Side::Sell) => true,
            (Self::ShortSales, Side::Sell) => {
                matches!(mark, Some(ShortMark::Short | ShortMark::ShortExempt))
            }
            _ => false,
        }
    }
}

/// One entry; kept after it has ended, as a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// What.
    pub instrument: InstrumentId,
    /// Which orders.
    pub scope: RestrictionScope,
    /// From when.
    pub from: Timestamp,
    /// Until when; [`Timestamp::MAX`] until it is lifted.
    pub until: Timestamp,
    /// Why; never empty.
    pub reason: String,
}

/// Why an entry was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RestrictionError {
    /// It ends before it starts.
    #[error("a restriction must end after it starts")]
    EndsBeforeStart,
    /// Nobody could say later why it was there.
    #[error("a restriction needs a reason")]
    NoReason,
}

/// The list.
#[derive(Debug, Clone, Default)]
pub(crate) struct RestrictedList {
    entries: Vec<Restriction>,
}

/// The reason noted for a restriction that an operator's command set.
pub(crate) const OPERATOR: &str = "operator command";

impl RestrictedList {
    pub(crate) fn add(&mut self, entry: Restriction) -> Result<(), RestrictionError> {
        if entry.until <= entry.from {
            return Err(RestrictionError::EndsBeforeStart);
        }
        if entry.reason.trim().is_empty() {
            return Err(RestrictionError::NoReason);
        }
        self.entries.push(entry);
        Ok(())
    }

    pub(crate) fn entries(&self) -> &[Restriction] {
        &self.entries
    }

    /// How many entries forbid the order now.
    pub(crate) fn count(
        &self,
        instrument: InstrumentId,
        side: Side,
        mark: Option<ShortMark>,
        now: Timestamp,
    ) -> usize {
        self.entries
            .iter()
            .filter(|entry| {
                entry.instrument == instrument
                    && entry.from <= now
                    && now < entry.until
                    && entry.scope.concerns(side, mark)
            })
            .count()
    }

    pub(crate) fn restrict(&mut self, instrument: InstrumentId, now: Timestamp) {
        self.entries.push(Restriction {
            instrument,
            scope: RestrictionScope::All,
            from: now,
            until: Timestamp::MAX,
            reason: OPERATOR.to_owned(),
        });
    }

    /// Ends what operators' commands set; entries from the list itself stay.
    pub(crate) fn unrestrict(&mut self, instrument: InstrumentId, now: Timestamp) {
        for entry in &mut self.entries {
            if entry.instrument == instrument && entry.reason == OPERATOR && now < entry.until {
                entry.until = now;
            }
        }
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        for entry in &self.entries {
            update(&entry.instrument.0.to_le_bytes());
            update(&entry.from.nanos().to_le_bytes());
            update(&entry.until.nanos().to_le_bytes());
            update(entry.reason.as_bytes());
        }
    }
}
