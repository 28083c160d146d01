//! The bounded buffer between connections and whoever works on the events.
//!
//! Policy by kind: quotes are conflated once the buffer is half full (the newest of a symbol takes the place of the
//! one that waits), everything else is never dropped: when there is no room the sender gets it back and must wait,
//! which is back-pressure down to the socket. So the buffer never holds more than its capacity, whatever comes.

use std::collections::{BTreeMap, VecDeque};

use trader_domain::Symbol;

use super::event::{Body, StreamEvent};

/// What a buffer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BufferStatistics {
    /// Events put in.
    pub accepted: u64,
    /// Quotes that a newer one replaced before anybody saw them.
    pub conflated: u64,
    /// Times that a sender had to wait.
    pub refused: u64,
    /// Most events at once.
    pub high_water: usize,
}

/// The buffer.
#[derive(Debug)]
pub struct EventBuffer {
    capacity: usize,
    waiting: VecDeque<StreamEvent>,
    /// Place of each symbol's newest quote, counted since the beginning.
    quotes: BTreeMap<Symbol, u64>,
    taken: u64,
    statistics: BufferStatistics,
}

impl EventBuffer {
    /// An empty buffer for at most `capacity` events (at least one).
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            waiting: VecDeque::new(),
            quotes: BTreeMap::new(),
            taken: 0,
            statistics: BufferStatistics::default(),
        }
    }

    /// Puts an event in; gives it back when there is no room: wait and try again.
    #[must_use]
    pub fn push(&mut self, event: StreamEvent) -> Option<StreamEvent> {
        let is_quote = matches!(event.body, Body::Quote(_));
        if is_quote
            && self.waiting.len() >= self.capacity / 2
            && let Some(waiting) = self.waiting_quote(event.symbol)
        {
            // The place in the queue stays, so that a symbol that changes all the time is seen nevertheless.
            *waiting = event;
            self.statistics.accepted += 1;
            self.statistics.conflated += 1;
            return None;
        }
        if self.waiting.len() >= self.capacity {
            self.statistics.refused += 1;
            return Some(event);
        }
        if is_quote {
            let place = self.taken + self.waiting.len() as u64;
            self.quotes.insert(event.symbol, place);
        }
        self.waiting.push_back(event);
        self.statistics.accepted += 1;
        self.statistics.high_water = self.statistics.high_water.max(self.waiting.len());
        None
    }

    /// The event that waited longest.
    pub fn pop(&mut self) -> Option<StreamEvent> {
        let event = self.waiting.pop_front()?;
        if matches!(event.body, Body::Quote(_))
            && self.quotes.get(&event.symbol) == Some(&self.taken)
        {
            self.quotes.remove(&event.symbol);
        }
        self.taken += 1;
        Some(event)
    }

    /// Events in it.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What was done so far.
    pub const fn statistics(&self) -> BufferStatistics {
        self.statistics
    }

    fn waiting_quote(&mut self, symbol: Symbol) -> Option<&mut StreamEvent> {
        let place = self.quotes.get(&symbol)?.checked_sub(self.taken)?;
        self.waiting.get_mut(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use trader_domain::{Price, Quantity, Timestamp, TradeConditions};

    use super::*;
    use crate::streams::event::{Code, Origin, Print, QuoteUpdate};

    fn event(symbol: &str, number: i64, body: Body) -> StreamEvent {
        StreamEvent {
            vendor: "test",
            symbol: Symbol::new(symbol).unwrap(),
            time: Timestamp::from_nanos(number),
            received: Timestamp::from_nanos(number),
            origin: Origin::Live,
            sequence: None,
            body,
        }
    }

    fn trade(symbol: &str, number: i64) -> StreamEvent {
        let print = Print {
            id: Code::new(),
            exchange: Code::new(),
            price: Price::whole(1),
            size: Quantity::whole(1),
            conditions: TradeConditions::REGULAR,
            codes: Code::new(),
        };
        event(symbol, number, Body::Trade(print))
    }

    fn quote(symbol: &str, number: i64) -> StreamEvent {
        let quote = QuoteUpdate {
            bid: Price::whole(1),
            bid_size: Quantity::whole(1),
            bid_exchange: Code::new(),
            ask: Price::whole(2),
            ask_size: Quantity::whole(1),
            ask_exchange: Code::new(),
        };
        event(symbol, number, Body::Quote(quote))
    }

    #[test]
    fn ten_times_too_much_is_conflated_or_waits_and_no_print_is_lost() {
        let mut buffer = EventBuffer::new(64);
        let (mut prints_in, mut prints_out, mut newest) = (0, 0, BTreeMap::new());
        let symbols = ["A", "B", "C", "D"];
        for step in 0..100_000_i64 {
            let symbol = symbols[usize::try_from(step % 4).unwrap()];
            let _waits = buffer.push(quote(symbol, step));
            if step % 7 == 0 {
                let mut print = trade(symbol, step);
                prints_in += 1;
                // The sender waits while the reader works.
                while let Some(back) = buffer.push(print) {
                    let seen = buffer.pop().unwrap();
                    prints_out += i32::from(matches!(seen.body, Body::Trade(_)));
                    print = back;
                }
            }
            assert!(buffer.len() <= 64);
            // The reader manages a tenth.
            if step % 10 == 0 {
                let seen = buffer.pop().unwrap();
                if matches!(seen.body, Body::Quote(_)) {
                    newest.insert(seen.symbol, seen.time);
                } else {
                    prints_out += 1;
                }
            }
        }
        while let Some(seen) = buffer.pop() {
            prints_out += i32::from(matches!(seen.body, Body::Trade(_)));
            if matches!(seen.body, Body::Quote(_)) {
                newest.insert(seen.symbol, seen.time);
            }
        }
        assert_eq!(prints_in, prints_out);
        assert_eq!(newest.len(), 4);
        let did = buffer.statistics();
        assert!(did.conflated > 50_000, "{did:?}");
        assert_eq!(did.high_water, 64);
    }

    #[test]
    fn while_there_is_room_every_quote_is_seen() {
        let mut buffer = EventBuffer::new(10);
        for number in 0..5 {
            assert_eq!(buffer.push(quote("A", number)), None);
        }
        let seen = std::iter::from_fn(|| buffer.pop()).count();
        assert_eq!((seen, buffer.statistics().conflated), (5, 0));
    }
}
