//! [`Flow`]: the stream of messages: rates, repeated orders, cancellations against executions.

use trader_domain::{AccountId, InstrumentId, OrderKind, OrderRequest, Quantity, Side, Timestamp};

use crate::limits::RateLimit;
use crate::subject::Subject;
use crate::window::WindowCounter;

/// How many recent orders of an instrument are remembered for the duplicate check.
const REMEMBERED: usize = 16;

/// What makes two orders equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    account: AccountId,
    side: Side,
    quantity: Quantity,
    kind: OrderKind,
}

/// The recent orders of one instrument.
#[derive(Debug, Clone)]
struct InstrumentFlow {
    /// Newest last, at most [`REMEMBERED`].
    recent: Vec<(Timestamp, Fingerprint)>,
    buys: WindowCounter,
    sells: WindowCounter,
}

/// Counters of the message stream.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    messages: WindowCounter,
    loop_window_nanos: i64,
    /// By instrument index; filled when its first order leaves.
    instruments: Vec<Option<Box<InstrumentFlow>>>,
    fills_today: u64,
    cancels_today: u64,
}

impl Flow {
    pub(crate) fn new(messages: RateLimit, loops: RateLimit, instruments: usize) -> Self {
        Self {
            messages: WindowCounter::new(messages.window_nanos),
            loop_window_nanos: loops.window_nanos,
            instruments: vec![None; instruments],
            fills_today: 0,
            cancels_today: 0,
        }
    }

    fn of(&self, instrument: InstrumentId) -> Option<&InstrumentFlow> {
        self.instruments.get(instrument.index())?.as_deref()
    }

    /// Messages in the window that ends `now`.
    pub(crate) fn messages(&self, now: Timestamp) -> u64 {
        self.messages.count(now)
    }

    /// Orders of an instrument and side in the loop window that ends `now`.
    pub(crate) fn orders(&self, instrument: InstrumentId, side: Side, now: Timestamp) -> u64 {
        self.of(instrument).map_or(0, |flow| match side {
            Side::Buy => flow.buys.count(now),
            Side::Sell => flow.sells.count(now),
        })
    }

    /// How long ago an equal order left, if within `window`. When more orders left within the
    /// window than are remembered, the oldest remembered one answers for those forgotten.
    pub(crate) fn age_of_equal(
        &self,
        subject: &Subject<'_>,
        now: Timestamp,
        window: i64,
    ) -> Option<i64> {
        let flow = self.of(subject.id_of_instrument)?;
        let wanted = fingerprint(subject.request);
        for (sent, found) in flow.recent.iter().rev() {
            let age = now.nanos_since(*sent);
            if age > window {
                return None;
            }
            if *found == wanted {
                return Some(age);
            }
        }
        flow.recent
            .first()
            .filter(|_| flow.recent.len() == REMEMBERED)
            .map(|(sent, _)| now.nanos_since(*sent))
    }

    /// An order leaves.
    pub(crate) fn on_order(&mut self, request: &OrderRequest, now: Timestamp) {
        self.messages.record(now);
        let index = request.instrument.index();
        if index >= self.instruments.len() {
            self.instruments.resize(index + 1, None);
        }
        let window = self.loop_window_nanos;
        let Some(room) = self.instruments.get_mut(index) else {
            return;
        };
        let flow = room.get_or_insert_with(|| {
            Box::new(InstrumentFlow {
                recent: Vec::with_capacity(REMEMBERED),
                buys: WindowCounter::new(window),
                sells: WindowCounter::new(window),
            })
        });
        match request.side {
            Side::Buy => flow.buys.record(now),
            Side::Sell => flow.sells.record(now),
        }
        if flow.recent.len() == REMEMBERED {
            flow.recent.remove(0);
        }
        flow.recent.push((now, fingerprint(request)));
    }

    /// A replacement leaves.
    pub(crate) fn on_replacement(&mut self, now: Timestamp) {
        self.messages.record(now);
    }

    /// A cancellation leaves.
    pub(crate) fn on_cancel(&mut self, now: Timestamp) {
        self.messages.record(now);
        self.cancels_today = self.cancels_today.saturating_add(1);
    }

    /// Something traded.
    pub(crate) fn on_fill(&mut self) {
        self.fills_today = self.fills_today.saturating_add(1);
    }

    /// A new day.
    pub(crate) fn on_new_day(&mut self) {
        self.fills_today = 0;
        self.cancels_today = 0;
    }

    /// Changed windows take over what the old ones hold, as if it had just happened.
    pub(crate) fn set_windows(&mut self, messages: RateLimit, loops: RateLimit, now: Timestamp) {
        self.messages = self.messages.over(messages.window_nanos, now);
        if loops.window_nanos != self.loop_window_nanos {
            self.loop_window_nanos = loops.window_nanos;
            for flow in self.instruments.iter_mut().flatten() {
                flow.buys = flow.buys.over(loops.window_nanos, now);
                flow.sells = flow.sells.over(loops.window_nanos, now);
            }
        }
    }

    pub(crate) const fn fills_today(&self) -> u64 {
        self.fills_today
    }

    pub(crate) const fn cancels_today(&self) -> u64 {
        self.cancels_today
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        self.messages.hash_state(update);
        update(&self.fills_today.to_le_bytes());
        update(&self.cancels_today.to_le_bytes());
        for flow in self.instruments.iter().flatten() {
            flow.buys.hash_state(update);
            flow.sells.hash_state(update);
            if let Some((sent, last)) = flow.recent.last() {
                update(&sent.nanos().to_le_bytes());
                update(&last.quantity.units().to_le_bytes());
            }
        }
    }
}

fn fingerprint(request: &OrderRequest) -> Fingerprint {
    Fingerprint {
        account: request.account,
        side: request.side,
        quantity: request.quantity,
        kind: request.kind,
    }
}
