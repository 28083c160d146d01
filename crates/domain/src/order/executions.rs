//! [`ExecutionRegister`]: which executions have been applied, so that each counts exactly once.
//!
//! Brokers repeat executions after every reconnect. The core asks the register before it applies
//! a fill to an order and a position, and asks it what a bust has to take back. It holds a fixed
//! number of executions, forgets the oldest first, allocates everything when it is made, and is a
//! pure function of the calls made on it (no hash seed), so that a replay ends in the same state.

use thiserror::Error;

use crate::ids::{ExecutionId, InstrumentId, OrderId};
use crate::order::{Fill, Side};
use crate::time::Timestamp;

/// One execution as it was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// Of which order.
    pub order: OrderId,
    /// What was traded (the leg's instrument, in a multi-leg order).
    pub instrument: InstrumentId,
    /// Bought or sold.
    pub side: Side,
    /// When it happened at the broker.
    pub time: Timestamp,
    /// Quantity, price, costs.
    pub fill: Fill,
}

/// What the register says about an execution that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only a new execution may be applied"]
pub enum Registration {
    /// Not seen before: apply it.
    New,
    /// Applied before: leave it.
    Duplicate,
    /// Its bust is here already: leave it.
    AlreadyBusted,
}

/// What the register says about a bust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an applied execution has to be taken back from its order and position"]
pub enum ExecutionBust {
    /// It was applied: take it back.
    Reverse(Execution),
    /// It was taken back before.
    Duplicate,
    /// Not seen (or forgotten): nothing to take back; should the fill come later it will not
    /// count. The caller notes it, because a forgotten execution needs a person to look at it.
    Unknown,
}

/// A register without room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an execution register holds 1 to {max} executions, asked for {asked}")]
pub struct RegisterCapacityError {
    /// The capacity asked for.
    pub asked: usize,
    /// The largest one possible.
    pub max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Applied(Execution),
    /// Taken back, or announced as busted before the fill came.
    Busted(OrderId, ExecutionId),
}

/// One slot of the hash table. It knows the hash of what it points to, so that searching and
/// closing gaps look at no entry but the one that is wanted: entries lie far apart in memory.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    /// Of the entry; [`VACANT`] for none.
    index: u32,
}

/// No entry.
const VACANT: u32 = u32::MAX;
const EMPTY: Slot = Slot {
    hash: 0,
    index: VACANT,
};
const MAX_CAPACITY: usize = 1 << 30;

/// The executions of the recent past, keyed by order and execution id.
///
/// Lookups take constant time: open addressing with linear probing at a load of at most one half,
/// and deletion by shifting back, over a ring of entries in order of arrival.
#[derive(Debug, Clone)]
pub struct ExecutionRegister {
    /// Entries in a ring; the slot table points here.
    entries: Vec<Entry>,
    /// Where the next entry goes once the ring is full.
    oldest: usize,
    slots: Vec<Slot>,
    capacity: usize,
}

impl ExecutionRegister {
    /// A register that remembers the last `capacity` executions.
    ///
    /// # Errors
    /// [`RegisterCapacityError`] for zero or more than 2³⁰.
    pub fn with_capacity(capacity: usize) -> Result<Self, RegisterCapacityError> {
        if capacity == 0 || capacity > MAX_CAPACITY {
            return Err(RegisterCapacityError {
                asked: capacity,
                max: MAX_CAPACITY,
            });
        }
        Ok(Self {
            entries: Vec::with_capacity(capacity),
            oldest: 0,
            slots: vec![EMPTY; (capacity * 2).next_power_of_two()],
            capacity,
        })
    }

    /// Notes an execution that is reported, and says whether it may be applied. The oldest one is
    /// forgotten when there is no room.
    pub fn insert(&mut self, execution: Execution) -> Registration {
        let key = Key::of(execution.order, &execution.fill.execution);
        match self.find(&key) {
            Some(Entry::Applied(_)) => Registration::Duplicate,
            Some(Entry::Busted(..)) => Registration::AlreadyBusted,
            None => {
                let hash = key.hash;
                self.push(hash, Entry::Applied(execution));
                Registration::New
            }
        }
    }

    /// Notes that the venue cancelled an execution, and says what has to be taken back.
    pub fn bust(&mut self, order: OrderId, execution: ExecutionId) -> ExecutionBust {
        let key = Key::of(order, &execution);
        let Some(entry) = self
            .position(&key)
            .and_then(|index| self.entries.get_mut(index))
        else {
            self.push(key.hash, Entry::Busted(order, execution));
            return ExecutionBust::Unknown;
        };
        match std::mem::replace(entry, Entry::Busted(order, execution)) {
            Entry::Applied(applied) => ExecutionBust::Reverse(applied),
            Entry::Busted(..) => ExecutionBust::Duplicate,
        }
    }

    /// An execution that was applied and not busted.
    pub fn get(&self, order: OrderId, execution: ExecutionId) -> Option<&Execution> {
        match self.find(&Key::of(order, &execution))? {
            Entry::Applied(applied) => Some(applied),
            Entry::Busted(..) => None,
        }
    }

    /// Executions applied and not busted, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Execution> {
        let (newer, older) = self.entries.split_at(self.oldest.min(self.entries.len()));
        older.iter().chain(newer).filter_map(|entry| match entry {
            Entry::Applied(applied) => Some(applied),
            Entry::Busted(..) => None,
        })
    }

    /// How many executions are remembered, busted ones included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many can be remembered.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    fn find(&self, key: &Key<'_>) -> Option<&Entry> {
        self.entries.get(self.position(key)?)
    }

    fn position(&self, key: &Key<'_>) -> Option<usize> {
        let slot = self.slot_of(key)?;
        self.slots.get(slot).map(|slot| slot.index as usize)
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    fn home(&self, hash: u32) -> usize {
        hash as usize & self.mask()
    }

    /// The slot that points to the entry with this key.
    fn slot_of(&self, key: &Key<'_>) -> Option<usize> {
        let mut place = self.home(key.hash);
        // At most half of the slots are taken: a vacant one ends every search.
        loop {
            let slot = self.slots.get(place)?;
            if slot.index == VACANT {
                return None;
            }
            if slot.hash == key.hash && key.is_of(self.entries.get(slot.index as usize)?) {
                return Some(place);
            }
            place = (place + 1) & self.mask();
        }
    }

    fn push(&mut self, hash: u32, entry: Entry) {
        let index = if self.entries.len() < self.capacity {
            self.entries.push(entry);
            self.entries.len() - 1
        } else {
            let index = self.oldest;
            self.forget(index);
            if let Some(place) = self.entries.get_mut(index) {
                *place = entry;
            }
            self.oldest = if index + 1 == self.capacity {
                0
            } else {
                index + 1
            };
            index
        };
        let mut place = self.home(hash);
        while self.index_at(place) != VACANT {
            place = (place + 1) & self.mask();
        }
        let index = u32::try_from(index).unwrap_or(VACANT);
        self.set_slot(place, Slot { hash, index });
    }

    fn index_at(&self, place: usize) -> u32 {
        self.slots.get(place).map_or(VACANT, |slot| slot.index)
    }

    fn set_slot(&mut self, place: usize, slot: Slot) {
        if let Some(room) = self.slots.get_mut(place) {
            *room = slot;
        }
    }

    /// Takes an entry out of the slot table and closes the gap, so that every probe still reaches
    /// its entry (Knuth, TAOCP vol. 3, 6.4, algorithm R).
    fn forget(&mut self, index: usize) {
        let Some(hash) = self
            .entries
            .get(index)
            .map(|entry| Key::of_entry(entry).hash)
        else {
            return;
        };
        let mut gap = self.home(hash);
        loop {
            match self.index_at(gap) {
                VACANT => return,
                found if found as usize == index => break,
                _ => gap = (gap + 1) & self.mask(),
            }
        }
        let mut place = gap;
        loop {
            place = (place + 1) & self.mask();
            let Some(slot) = self.slots.get(place).filter(|slot| slot.index != VACANT) else {
                break;
            };
            let (slot, home) = (*slot, self.home(slot.hash));
            let from_home = place.wrapping_sub(home) & self.mask();
            let from_gap = place.wrapping_sub(gap) & self.mask();
            if from_home >= from_gap {
                self.set_slot(gap, slot);
                gap = place;
            }
        }
        self.set_slot(gap, EMPTY);
    }
}

/// What an execution is found by.
struct Key<'a> {
    hash: u32,
    order: OrderId,
    execution: &'a ExecutionId,
}

impl<'a> Key<'a> {
    fn of(order: OrderId, execution: &'a ExecutionId) -> Self {
        Self {
            hash: hash(order, execution),
            order,
            execution,
        }
    }

    fn of_entry(entry: &'a Entry) -> Self {
        match entry {
            Entry::Applied(applied) => Self::of(applied.order, &applied.fill.execution),
            Entry::Busted(order, execution) => Self::of(*order, execution),
        }
    }

    fn is_of(&self, entry: &Entry) -> bool {
        let (order, execution) = match entry {
            Entry::Applied(applied) => (&applied.order, &applied.fill.execution),
            Entry::Busted(order, execution) => (order, execution),
        };
        self.order == *order && self.execution == execution
    }
}

/// FNV-1a over the order number and the id's text, eight bytes at a time, finished with a
/// multiply-shift: the same on every machine and in every run.
fn hash(order: OrderId, execution: &ExecutionId) -> u32 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let mix = |state: u64, word: u64| {
        let mixed = (state ^ word).wrapping_mul(PRIME);
        // A multiplication carries upwards only; the next word must meet all of it.
        mixed ^ (mixed >> 32)
    };
    let (words, rest) = execution.as_bytes().as_chunks::<8>();
    let mut state = mix(start, order.0);
    for word in words {
        state = mix(state, u64::from_le_bytes(*word));
    }
    let last = rest
        .iter()
        .fold(0, |word, &byte| (word << 8) | u64::from(byte));
    let spread = mix(state, last).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "32 bits are more than any table has slots"
    )]
    let hash = spread as u32;
    hash
}
