//! [`IdRing`]: from ascending outside numbers (order ids, OCO group ids) to slots, in constant time
//! and without hashing. Used by the exchange for every submit, cancel and replace.
//!
//! Numbers are handed out in ascending order, so the live ones lie in a window; the ring holds one
//! slot per number of that window and drops finished numbers at its old end.

use std::collections::VecDeque;

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;
/// The number was used and is finished.
const DONE: u32 = u32::MAX - 1;
/// Finished numbers kept, so that numbers that come slightly out of order are still told apart
/// from numbers used twice.
const KEPT: usize = 1_024;
/// A jump ahead by more than this is refused: it would cost memory without bound.
const LARGEST_JUMP: u64 = 1 << 24;

/// Why a number cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdRingError {
    /// It was entered before, or is older than everything kept.
    Used,
    /// It is too far ahead of the numbers in use.
    TooFarAhead,
}

/// The window of numbers in use.
#[derive(Debug, Default)]
pub(crate) struct IdRing {
    /// The number of the first entry.
    base: u64,
    slots: VecDeque<u32>,
    live: usize,
}

impl IdRing {
    /// Enters a number.
    pub(crate) fn insert(&mut self, number: u64, slot: u32) -> Result<(), IdRingError> {
        if self.slots.is_empty() {
            self.base = number;
        }
        let offset = number.checked_sub(self.base).ok_or(IdRingError::Used)?;
        let end = self.slots.len() as u64;
        if offset >= end {
            if offset - end > LARGEST_JUMP {
                if self.live > 0 {
                    return Err(IdRingError::TooFarAhead);
                }
                self.slots.clear();
                self.base = number;
            }
            while self.base + (self.slots.len() as u64) < number {
                self.slots.push_back(NONE);
            }
            self.slots.push_back(slot);
            self.live += 1;
            return Ok(());
        }
        match usize::try_from(offset)
            .ok()
            .and_then(|at| self.slots.get_mut(at))
        {
            Some(entry) if *entry == NONE => {
                *entry = slot;
                self.live += 1;
                Ok(())
            }
            _ => Err(IdRingError::Used),
        }
    }

    /// The slot of a live number.
    pub(crate) fn get(&self, number: u64) -> Option<u32> {
        let offset = usize::try_from(number.checked_sub(self.base)?).ok()?;
        self.slots
            .get(offset)
            .copied()
            .filter(|&slot| slot != NONE && slot != DONE)
    }

    /// Points a live number to another slot.
    pub(crate) fn set(&mut self, number: u64, slot: u32) {
        if self.get(number).is_some()
            && let Some(offset) = number
                .checked_sub(self.base)
                .and_then(|offset| usize::try_from(offset).ok())
            && let Some(entry) = self.slots.get_mut(offset)
        {
            *entry = slot;
        }
    }

    /// Ends a number: it never resolves again and cannot be entered again.
    pub(crate) fn finish(&mut self, number: u64) {
        if self.get(number).is_none() {
            return;
        }
        self.set(number, DONE);
        self.live -= 1;
        while self.slots.len() > KEPT && matches!(self.slots.front(), Some(&(NONE | DONE))) {
            self.slots.pop_front();
            self.base += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{IdRing, IdRingError};

    #[test]
    fn finds_live_numbers_and_refuses_used_ones() {
        let mut ring = IdRing::default();
        ring.insert(10, 0).unwrap();
        ring.insert(13, 1).unwrap();
        assert_eq!(ring.get(10), Some(0));
        assert_eq!(ring.get(11), None);
        assert_eq!(ring.insert(10, 2), Err(IdRingError::Used));
        ring.insert(12, 2).unwrap();
        ring.finish(10);
        assert_eq!(ring.get(10), None);
        assert_eq!(ring.insert(10, 3), Err(IdRingError::Used));
        assert_eq!(ring.insert(9, 3), Err(IdRingError::Used));
    }

    #[test]
    fn stays_small_when_numbers_end_in_order() {
        let mut ring = IdRing::default();
        for number in 1..100_000 {
            ring.insert(number, 0).unwrap();
            ring.finish(number);
        }
        assert!(ring.slots.len() <= super::KEPT + 1);
    }

    #[test]
    fn a_jump_restarts_an_idle_ring_and_is_refused_by_a_busy_one() {
        let mut ring = IdRing::default();
        ring.insert(1, 0).unwrap();
        assert_eq!(ring.insert(1 << 40, 1), Err(IdRingError::TooFarAhead));
        ring.finish(1);
        ring.insert(1 << 40, 1).unwrap();
        assert_eq!(ring.get(1 << 40), Some(1));
    }
}
