//! What may be asked of a core from outside, and the fingerprints by which two runs are compared.

use trader_domain::{Instruments, Timestamp, TradingState};

use super::Core;
use crate::fingerprint::Fingerprint;
use crate::orders::{OrderEntry, exit_kind};
use crate::portfolio::Portfolio;
use crate::strategy::DataKinds;

impl Core {
    /// The account, positions and results.
    pub const fn portfolio(&self) -> &Portfolio {
        &self.portfolio
    }

    /// The run's instruments.
    pub const fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// The time of the last event.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The number of the last event.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The trading day the core is in; `None` before the first event.
    pub const fn trading_day(&self) -> Option<chrono::NaiveDate> {
        self.session.day()
    }

    /// Until when the trading day certainly does not change.
    pub const fn session_until(&self) -> Timestamp {
        self.session.until()
    }

    /// Orders that may be live at the broker, oldest first.
    pub fn working_orders(&self) -> impl Iterator<Item = &OrderEntry> {
        self.orders.working()
    }

    /// The trading state in force: the strictest of what an operator ordered, what a break led to,
    /// and what the gate's loss limits allow.
    pub fn trading_state(&self) -> TradingState {
        self.trading_state.max(self.reviewed.state())
    }

    /// Whether any strategy decides over all bars of an instant together, so that the driver must
    /// send `Event::Clock` after each instant.
    pub fn wants_batches(&self) -> bool {
        self.strategies
            .iter()
            .any(|slot| slot.kinds.contains(DataKinds::BATCHES))
    }

    /// The running fingerprint of all effects so far.
    pub fn effects_hash(&self) -> u128 {
        self.effects_seen.value()
    }

    /// A fingerprint of everything that influences later decisions and of all effects so far.
    pub fn state_hash(&self) -> u128 {
        let mut print = Fingerprint::new();
        print.unsigned(self.sequence);
        print.signed(self.now.nanos());
        print.unsigned(self.next_order);
        print.unsigned(self.next_timer);
        print.tag(self.trading_state() as u8);
        self.portfolio.fingerprint(&mut print);
        self.market.fingerprint(&mut print);
        for entry in self.orders.working() {
            print.order(&entry.request);
            print.tag(entry.life.status() as u8);
            print.signed(entry.life.ordered().units());
            print.signed(entry.life.filled().units());
            if let Some(asked) = entry.life.pending_replace() {
                print.terms(asked);
            }
        }
        for bracket in self.brackets.iter() {
            print.unsigned(bracket.entry.0);
            print.signed(bracket.protected.units());
            print.tag(u8::from(bracket.exiting));
            for exit in bracket.exits {
                print.unsigned(exit.map_or(0, |exit| exit.0));
            }
            for mode in bracket.modes.iter() {
                print.kind(exit_kind(mode));
            }
        }
        for (timer, strategy) in &self.timers {
            print.unsigned(timer.0);
            print.unsigned(u64::from(strategy.0));
        }
        self.risk.hash_state(&mut |bytes| print.bytes(bytes));
        self.compliance.hash_state(&mut |bytes| print.bytes(bytes));
        let mut state = Vec::new();
        for slot in &self.strategies {
            print.tag(u8::from(slot.paused));
            state.clear();
            slot.strategy.snapshot(&mut state);
            print.bytes(&state);
        }
        print.bytes(&self.effects_seen.value().to_le_bytes());
        print.value()
    }
}
