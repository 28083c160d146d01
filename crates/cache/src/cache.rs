//! [`Cache`]: memory before Redis before files before the source.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;
use trader_domain::{Bar, Clock, Quote, Timestamp, Trade};

use crate::entry::Entry;
use crate::file_tier::FileTier;
use crate::flights::Flights;
use crate::kind::{Key, Kind, Lifetimes, Market};
use crate::pattern::Pattern;
use crate::redis_tier::RedisTier;
use crate::statistics::{Counter, Statistics};

/// What a slot takes besides its value: key, pointers, times.
const OVERHEAD: u64 = 128;

/// How much memory may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Entries, at least one.
    pub entries: u64,
    /// Bytes of values, as encoded.
    pub bytes: u64,
}

/// What is below memory.
#[derive(Debug, Default)]
pub struct Layers {
    /// A server that several programs share.
    pub redis: Option<Arc<RedisTier>>,
    /// A folder that survives restarts.
    pub files: Option<FileTier>,
}

#[derive(Clone)]
struct Slot {
    value: Arc<dyn Any + Send + Sync>,
    ends: Timestamp,
    weight: u32,
}

/// A cache of several tiers; shared by reference among threads.
pub struct Cache {
    memory: moka::sync::Cache<String, Slot>,
    layers: Layers,
    lifetimes: Lifetimes,
    clock: Arc<dyn Clock>,
    flights: Flights,
    hits: [Counter; 3],
    loads: AtomicU64,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// A cache with memory and what is below it.
    pub fn new(
        bounds: Bounds,
        lifetimes: Lifetimes,
        layers: Layers,
        clock: Arc<dyn Clock>,
    ) -> Self {
        // Both limits in one: an entry weighs at least its share of the bytes.
        let share = bounds.bytes.div_ceil(bounds.entries.max(1));
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        let memory = moka::sync::Cache::builder()
            .max_capacity(bounds.bytes)
            .weigher(move |_key: &String, slot: &Slot| slot.weight.max(share))
            .support_invalidation_closures()
            .build();
        Self {
            memory,
            layers,
            lifetimes,
            clock,
            flights: Flights::default(),
            hits: Default::default(),
            loads: AtomicU64::new(0),
        }
    }

    /// Quotes, from the nearest tier or from `load`.
    ///
    /// # Errors
    /// That of `load`; nothing is kept then.
    pub fn get_quotes<E>(
        &self,
        key: &Key,
        market: Market,
        load: impl FnOnce() -> Result<Vec<Quote>, E>,
    ) -> Result<Arc<Vec<Quote>>, E> {
        self.get(Kind::Quotes, key, market, load)
    }

    /// Trades, from the nearest tier or from `load`.
    ///
    /// # Errors
    /// That of `load`; nothing is kept then.
    pub fn get_trades<E>(
        &self,
        key: &Key,
        market: Market,
        load: impl FnOnce() -> Result<Vec<Trade>, E>,
    ) -> Result<Arc<Vec<Trade>>, E> {
        self.get(Kind::Trades, key, market, load)
    }

    /// Bars, from the nearest tier or from `load`.
    ///
    /// # Errors
    /// That of `load`; nothing is kept then.
    pub fn get_ohlcv<E>(
        &self,
        key: &Key,
        market: Market,
        load: impl FnOnce() -> Result<Vec<Bar>, E>,
    ) -> Result<Arc<Vec<Bar>>, E> {
        self.get(Kind::Ohlcv, key, market, load)
    }

    /// Values of one feature, missing ones as `None`, from the nearest tier or from `load`.
    ///
    /// # Errors
    /// That of `load`; nothing is kept then.
    pub fn get_features<E>(
        &self,
        key: &Key,
        market: Market,
        load: impl FnOnce() -> Result<Vec<Option<f64>>, E>,
    ) -> Result<Arc<Vec<Option<f64>>>, E> {
        self.get(Kind::Features, key, market, load)
    }

    /// What a vendor sent about days that no longer change, from the nearest tier or from `load`.
    ///
    /// # Errors
    /// That of `load`; nothing is kept then.
    pub fn get_answer<E>(
        &self,
        key: &Key,
        load: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Arc<Vec<u8>>, E> {
        self.get(Kind::Answers, key, Market::Closed, load)
    }

    /// Forgets every entry whose key fits, in all tiers that can be reached.
    pub fn invalidate(&self, pattern: &Pattern) {
        let wanted = pattern.clone();
        // Fails only without support for closures, which the cache was built with.
        let id = self
            .memory
            .invalidate_entries_if(move |key, _slot| wanted.matches(key));
        debug_assert!(id.is_ok(), "closures are supported");
        self.memory.run_pending_tasks();
        if let Some(redis) = &self.layers.redis {
            redis.remove(pattern, self.clock.now());
        }
        if let Some(files) = &self.layers.files {
            files.remove(pattern);
        }
    }

    /// Counts since the cache was made.
    pub fn statistics(&self) -> Statistics {
        self.memory.run_pending_tasks();
        let [memory, redis, files] = &self.hits;
        Statistics {
            memory: memory.read(),
            redis: redis.read(),
            files: files.read(),
            loads: self.loads.load(Ordering::Relaxed),
            entries: self.memory.entry_count(),
            bytes: self
                .memory
                .iter()
                .map(|(_, slot)| u64::from(slot.weight))
                .sum(),
        }
    }

    fn get<V, E>(
        &self,
        kind: Kind,
        key: &Key,
        market: Market,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E>
    where
        V: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        debug_assert_eq!(kind, key.kind(), "a key is for one surface");
        let [memory, ..] = &self.hits;
        let found = self.in_memory(key);
        memory.count(found.is_some());
        if let Some(value) = found {
            return Ok(value);
        }
        self.flights.alone(key.as_str(), || {
            // Somebody else may have brought it while this one waited.
            if let Some(value) = self.in_memory(key) {
                return Ok(value);
            }
            if let Some((value, ends, length)) = self.below(key) {
                return Ok(self.remember(key, value, ends, length));
            }
            self.loads.fetch_add(1, Ordering::Relaxed);
            let value = load()?;
            let lifetime = i64::try_from(self.lifetimes.of(kind, market).as_nanos());
            let ends = lifetime
                .ok()
                .and_then(|lifetime| self.clock.now().nanos().checked_add(lifetime))
                .map_or(Timestamp::MAX, Timestamp::from_nanos);
            // What cannot be encoded is not kept.
            let Ok(content) = postcard::to_stdvec(&value) else {
                return Ok(Arc::new(value));
            };
            let length = content.len();
            self.spread(key, ends, content);
            Ok(self.remember(key, value, ends, length))
        })
    }

    fn in_memory<V: Send + Sync + 'static>(&self, key: &Key) -> Option<Arc<V>> {
        let slot = self.memory.get(key.as_str())?;
        if slot.ends <= self.clock.now() {
            self.memory.invalidate(key.as_str());
            return None;
        }
        slot.value.downcast().ok()
    }

    /// From Redis or a file; what is found in a file goes to Redis too.
    fn below<V: DeserializeOwned>(&self, key: &Key) -> Option<(V, Timestamp, usize)> {
        let now = self.clock.now();
        let usable = |bytes: Vec<u8>| {
            let entry = Entry::parse(&bytes).ok()?;
            if entry.key != key.as_str() || entry.ends <= now {
                return None;
            }
            let value = postcard::from_bytes(&entry.content).ok()?;
            Some((value, entry.ends, entry.content.len()))
        };
        let [_, redis, files] = &self.hits;
        if let Some(tier) = &self.layers.redis {
            let found = tier.get(key.as_str(), now).and_then(usable);
            redis.count(found.is_some());
            if found.is_some() {
                return found;
            }
        }
        let tier = self.layers.files.as_ref()?;
        let bytes = tier.get(key.as_str());
        let found = bytes.clone().and_then(usable);
        files.count(found.is_some());
        if let (Some((_, ends, _)), Some(bytes), Some(redis)) = (&found, bytes, &self.layers.redis)
        {
            redis.put(key.as_str(), &bytes, *ends, now);
        }
        found
    }

    /// Writes a fresh value to the tiers below memory.
    fn spread(&self, key: &Key, ends: Timestamp, content: Vec<u8>) {
        if self.layers.redis.is_none() && self.layers.files.is_none() {
            return;
        }
        let entry = Entry {
            key: key.as_str().to_owned(),
            ends,
            content,
        };
        let Some(bytes) = entry.render() else {
            return;
        };
        if let Some(redis) = &self.layers.redis {
            redis.put(key.as_str(), &bytes, ends, self.clock.now());
        }
        if let Some(files) = &self.layers.files {
            files.put(key.as_str(), &bytes);
        }
    }

    fn remember<V: Send + Sync + 'static>(
        &self,
        key: &Key,
        value: V,
        ends: Timestamp,
        length: usize,
    ) -> Arc<V> {
        let value = Arc::new(value);
        let weight = (length as u64).saturating_add(key.as_str().len() as u64 + OVERHEAD);
        let slot = Slot {
            value: Arc::clone(&value) as Arc<dyn Any + Send + Sync>,
            ends,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
        };
        self.memory.insert(key.as_str().to_owned(), slot);
        // Bounds hold at once, not some time later.
        self.memory.run_pending_tasks();
        value
    }
}
