//! One load at a time for each key: the others wait and find what the first one brought.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys that somebody is loading.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<String, Arc<Mutex<()>>>>);

impl Flights {
    /// Does `work` while nobody else does work for the same key.
    pub(crate) fn alone<R>(&self, key: &str, work: impl FnOnce() -> R) -> R {
        let turn = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(flights.entry(key.to_owned()).or_default())
        };
        let landing = Landing {
            flights: self,
            key,
            turn: &turn,
        };
        // Whoever panicked before brought nothing; the next one tries.
        let guard = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work();
        drop(guard);
        drop(landing);
        result
    }
}

/// Takes the key out when the last one that waited for it is done.
struct Landing<'a> {
    flights: &'a Flights,
    key: &'a str,
    turn: &'a Arc<Mutex<()>>,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let mut flights = self
            .flights
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // The map's own and this one: nobody else waits.
        if Arc::strong_count(self.turn) <= 2 {
            flights.remove(self.key);
        }
    }
}
