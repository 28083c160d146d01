//! A running 128-bit fingerprint (XXH3) of state and effects, to show that two runs are the same.
//!
//! It finds accidents, not forgery: the audit trail has its own cryptographic chain.

use trader_domain::{Money, OrderKind, OrderRequest, ReplaceRequest, TimeInForce, Trail};
use xxhash_rust::xxh3::Xxh3;

/// Accumulates values in a canonical encoding: little-endian words, a tag before each variant.
#[derive(Clone, Default)]
pub struct Fingerprint(Xxh3);

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({:032x})", self.value())
    }
}

impl Fingerprint {
    /// Of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fingerprint of all that was fed.
    pub fn value(&self) -> u128 {
        self.0.digest128()
    }

    /// Raw bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// An unsigned word.
    pub fn unsigned(&mut self, value: u64) {
        self.0.update(&value.to_le_bytes());
    }

    /// A signed word.
    pub fn signed(&mut self, value: i64) {
        self.0.update(&value.to_le_bytes());
    }

    /// An amount.
    pub fn money(&mut self, value: Money) {
        self.0.update(&value.units().to_le_bytes());
    }

    /// A tag and the number it is of, in one update.
    pub(crate) fn tagged(&mut self, tag: u8, number: u64) {
        let words = u128::from(tag) | (u128::from(number) << 64);
        self.0.update(&words.to_le_bytes());
    }

    pub(crate) fn tag(&mut self, tag: u8) {
        self.unsigned(u64::from(tag));
    }
}

/// A fixed buffer that turns an order into bytes before one hash update.
struct Words<const N: usize> {
    bytes: [u8; N],
    used: usize,
}

impl<const N: usize> Words<N> {
    const fn new() -> Self {
        Self {
            bytes: [0; N],
            used: 0,
        }
    }

    fn put(&mut self, value: i64) {
        let end = self.used + 8;
        if let Some(room) = self.bytes.get_mut(self.used..end) {
            room.copy_from_slice(&value.to_le_bytes());
            self.used = end;
        }
    }

    fn kind(&mut self, kind: OrderKind) {
        let (tag, first, second) = match kind {
            OrderKind::Market => (0, 0, 0),
            OrderKind::Limit { price } => (1, price.units(), 0),
            OrderKind::Stop { trigger } => (2, trigger.units(), 0),
            OrderKind::StopLimit { trigger, price } => (3, trigger.units(), price.units()),
            OrderKind::TrailingStop {
                trail: Trail::Amount(amount),
            } => (4, amount.units(), 0),
            OrderKind::TrailingStop {
                trail: Trail::Percent(rate),
            } => (5, rate.units(), 0),
            OrderKind::MarketOnOpen => (6, 0, 0),
            OrderKind::LimitOnOpen { price } => (7, price.units(), 0),
            OrderKind::MarketOnClose => (8, 0, 0),
            OrderKind::LimitOnClose { price } => (9, price.units(), 0),
        };
        self.put(tag);
        self.put(first);
        self.put(second);
    }

    fn time_in_force(&mut self, tif: TimeInForce) {
        let (tag, until) = match tif {
            TimeInForce::Day => (0, 0),
            TimeInForce::Gtc => (1, 0),
            TimeInForce::Ioc => (2, 0),
            TimeInForce::Fok => (3, 0),
            TimeInForce::Opg => (4, 0),
            TimeInForce::Cls => (5, 0),
            TimeInForce::Gtd(until) => (6, until.nanos()),
        };
        self.put(tag);
        self.put(until);
    }

    fn filled(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or(&self.bytes)
    }
}

impl Fingerprint {
    /// An order's terms.
    pub(crate) fn order(&mut self, order: &OrderRequest) {
        self.order_after(None, order);
    }

    /// An order's terms, after a tag where there is one: the same bytes in one update.
    pub(crate) fn order_after(&mut self, tag: Option<u8>, order: &OrderRequest) {
        // A tag, 15 fixed words, 3 a leg, 4 legs: 28 words fit into 32.
        let mut words = Words::<256>::new();
        if let Some(tag) = tag {
            words.put(i64::from(tag));
        }
        words.put(order.id.0.cast_signed());
        words.put(order.client_order_id.run.cast_signed());
        words.put(i64::from(order.strategy.0) | (i64::from(order.account.0) << 16));
        words.put(i64::from(order.instrument.0));
        words.put(order.side.sign());
        words.put(order.quantity.units());
        words.kind(order.kind);
        words.time_in_force(order.time_in_force);
        let flags = (order.session as i64)
            | ((order.effect as i64) << 8)
            | ((order.short_exempt as i64) << 16)
            | (order.short_mark.map_or(0, |mark| mark as i64 + 1) << 24);
        words.put(flags);
        words.put(order.parent.map_or(-1, |parent| parent.0.cast_signed()));
        words.put(order.oco.map_or(-1, |group| group.0.cast_signed()));
        words.put(order.created.nanos());
        for leg in &order.legs {
            words.put(i64::from(leg.instrument.0));
            words.put(leg.side.sign());
            words.put(i64::from(leg.ratio));
        }
        self.bytes(words.filled());
        if let Some(locate) = order.locate {
            self.bytes(locate.as_str().as_bytes());
        }
    }

    /// An order type with its prices.
    pub(crate) fn kind(&mut self, kind: OrderKind) {
        let mut words = Words::<24>::new();
        words.kind(kind);
        self.bytes(words.filled());
    }

    /// New terms of an order.
    pub(crate) fn terms(&mut self, terms: &ReplaceRequest) {
        let mut words = Words::<64>::new();
        words.put(terms.order.0.cast_signed());
        words.put(terms.quantity.units());
        words.kind(terms.kind);
        words.time_in_force(terms.time_in_force);
        self.bytes(words.filled());
    }
}
