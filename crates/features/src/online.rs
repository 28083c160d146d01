//! The online side of features: the last row of each symbol, where live code reads it, and the check
//! that it says what the offline side says.

use std::collections::BTreeMap;
use std::convert::Infallible;

use trader_domain::{Symbol, Timestamp};

/// The features of one symbol at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct OnlineRow {
    /// What the row is about: the start of its bar.
    pub event: Timestamp,
    /// From when it could be known.
    pub available: Timestamp,
    /// One value per feature of the set, NaN where missing.
    pub values: Vec<f64>,
}

/// What became of a row that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is the latest now.
    Stored,
    /// A later event, or a later revision of this one, is there already; nothing changed.
    Older,
}

/// What a cache knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// The latest row.
    Fresh(OnlineRow),
    /// The latest row is older than asked for; its event time.
    Stale(Timestamp),
    /// Nothing, or nothing that could be known yet.
    Unknown,
}

/// Where live code keeps and finds the latest features. A set is named `name@version`, so that rows of
/// different versions never meet.
pub trait OnlineStore {
    /// Why the store fails; [`Infallible`] in memory.
    type Error: std::error::Error;

    /// Keeps a row unless a later one is there.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn put(&mut self, set: &str, symbol: Symbol, row: OnlineRow) -> Result<Put, Self::Error>;

    /// The latest row as of `now`, if its event is at most `max_age` nanoseconds ago.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn get(
        &self,
        set: &str,
        symbol: Symbol,
        now: Timestamp,
        max_age: i64,
    ) -> Result<Lookup, Self::Error>;
}

/// A cache in memory, one row per set and symbol.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    rows: BTreeMap<(String, Symbol), OnlineRow>,
}

impl OnlineStore for MemoryStore {
    type Error = Infallible;

    fn put(&mut self, set: &str, symbol: Symbol, row: OnlineRow) -> Result<Put, Infallible> {
        let key = (set.to_owned(), symbol);
        if let Some(known) = self.rows.get(&key)
            && (known.event, known.available) > (row.event, row.available)
        {
            return Ok(Put::Older);
        }
        self.rows.insert(key, row);
        Ok(Put::Stored)
    }

    fn get(
        &self,
        set: &str,
        symbol: Symbol,
        now: Timestamp,
        max_age: i64,
    ) -> Result<Lookup, Infallible> {
        let Some(row) = self.rows.get(&(set.to_owned(), symbol)) else {
            return Ok(Lookup::Unknown);
        };
        Ok(if row.available > now {
            Lookup::Unknown
        } else if now.nanos_since(row.event) > max_age {
            Lookup::Stale(row.event)
        } else {
            Lookup::Fresh(row.clone())
        })
    }
}

/// Whether an online value is the offline one: both missing, or equal to 1e-9, relative beyond 1.
pub fn agree(offline: f64, online: f64) -> bool {
    if offline.is_finite() && online.is_finite() {
        (offline - online).abs() <= 1e-9 * offline.abs().max(1.0)
    } else {
        !offline.is_finite() && !online.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(event: i64, available: i64, value: f64) -> OnlineRow {
        OnlineRow {
            event: Timestamp::from_nanos(event),
            available: Timestamp::from_nanos(available),
            values: vec![value],
        }
    }

    #[test]
    fn the_latest_row_is_kept_and_never_seen_early() {
        let mut store = MemoryStore::default();
        let symbol = Symbol::new("ABC").unwrap();
        let at = Timestamp::from_nanos;
        let get = |store: &MemoryStore, now| store.get("a@1", symbol, at(now), 100).unwrap();
        assert_eq!(get(&store, 50), Lookup::Unknown);
        assert_eq!(store.put("a@1", symbol, row(10, 20, 1.0)), Ok(Put::Stored));
        assert_eq!(get(&store, 19), Lookup::Unknown);
        assert_eq!(get(&store, 20), Lookup::Fresh(row(10, 20, 1.0)));
        assert_eq!(store.put("a@1", symbol, row(9, 30, 2.0)), Ok(Put::Older));
        assert_eq!(store.put("a@1", symbol, row(10, 30, 3.0)), Ok(Put::Stored));
        assert_eq!(get(&store, 110), Lookup::Fresh(row(10, 30, 3.0)));
        assert_eq!(get(&store, 111), Lookup::Stale(at(10)));
        assert_eq!(store.get("a@2", symbol, at(50), 100), Ok(Lookup::Unknown));
    }

    #[test]
    fn agreement_is_relative_and_missing_is_missing() {
        assert!(agree(1e6, 1e6 + 1e-4) && agree(f64::NAN, f64::NAN));
        assert!(!agree(1.0, 1.0 + 1e-8) && !agree(1.0, f64::NAN) && !agree(f64::NAN, 0.0));
    }
}
