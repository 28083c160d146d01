//! A strategy on strings: it asks for what the test has queued and writes down what it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use trader_domain::{
    Bar, BookDelta, InstrumentId, NewsItem, OrderId, OrderIntent, Quantity, Quote, ReplaceRequest,
    Signal, TimerId, Timestamp, Trade,
};
use trader_engine::{
    Context, DataKinds, DataNeeds, FillNotice, OrderStatusChange, RestoreError, Strategy,
};

/// Something to ask the core for.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Submit(OrderIntent),
    Oco(Box<[OrderIntent; 2]>),
    Cancel(OrderId),
    Replace(ReplaceRequest),
    Timer(Timestamp),
}

/// What the strategy was told, and what it saw of its own state at its last call.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) queue: VecDeque<Ask>,
    /// Numbers of the orders asked for.
    pub(crate) orders: Vec<OrderId>,
    pub(crate) timers_set: Vec<TimerId>,
    pub(crate) calls: Vec<String>,
    pub(crate) fills: Vec<FillNotice>,
    pub(crate) changes: Vec<OrderStatusChange>,
    /// Asks the same again at every refusal.
    pub(crate) stubborn: Option<OrderIntent>,
    /// The position and pending quantity of instrument 0 at the last call.
    pub(crate) seen: (Quantity, Quantity),
}

/// Test and strategy share the notes.
#[derive(Debug, Clone)]
pub(crate) struct Puppet {
    pub(crate) notes: Arc<Mutex<Notes>>,
    pub(crate) needs: DataNeeds,
}

impl Puppet {
    /// One that wants everything.
    pub(crate) fn new() -> Self {
        let kinds = DataKinds::BARS
            .and(DataKinds::QUOTES)
            .and(DataKinds::TRADES)
            .and(DataKinds::BOOK)
            .and(DataKinds::NEWS)
            .and(DataKinds::SIGNALS);
        Self {
            notes: Arc::default(),
            needs: DataNeeds {
                instruments: None,
                kinds,
                warm_up: 0,
            },
        }
    }

    pub(crate) fn wanting(kinds: DataKinds, instruments: Option<Vec<InstrumentId>>) -> Self {
        let needs = DataNeeds {
            instruments,
            kinds,
            warm_up: 0,
        };
        Self {
            needs,
            ..Self::new()
        }
    }

    fn called(&self, name: &str, context: &mut Context<'_>) {
        let mut notes = self.notes.lock().unwrap();
        notes.calls.push(name.to_owned());
        let here = InstrumentId(0);
        notes.seen = (context.position(here), context.pending(here));
        while let Some(ask) = notes.queue.pop_front() {
            match ask {
                Ask::Submit(intent) => {
                    let id = context.submit(intent);
                    notes.orders.push(id);
                }
                Ask::Oco(pair) => {
                    let [first, second] = *pair;
                    let ids = context.submit_oco(first, second);
                    notes.orders.extend(ids);
                }
                Ask::Cancel(order) => context.cancel(order),
                Ask::Replace(terms) => context.replace(terms),
                Ask::Timer(at) => {
                    let id = context.set_timer(at);
                    notes.timers_set.push(id);
                }
            }
        }
    }
}

impl Strategy for Puppet {
    fn needs(&self) -> DataNeeds {
        self.needs.clone()
    }

    fn on_start(&mut self, context: &mut Context<'_>) {
        self.called("start", context);
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.called(&format!("bar {}", bar.instrument), context);
    }

    fn on_bars_complete(&mut self, _time: Timestamp, context: &mut Context<'_>) {
        self.called("bars complete", context);
    }

    fn on_quote(&mut self, _quote: &Quote, context: &mut Context<'_>) {
        self.called("quote", context);
    }

    fn on_trade(&mut self, _trade: &Trade, context: &mut Context<'_>) {
        self.called("trade", context);
    }

    fn on_book(&mut self, _delta: &BookDelta, context: &mut Context<'_>) {
        self.called("book", context);
    }

    fn on_news(&mut self, _item: &NewsItem, context: &mut Context<'_>) {
        self.called("news", context);
    }

    fn on_signal(&mut self, _signal: &Signal, context: &mut Context<'_>) {
        self.called("signal", context);
    }

    fn on_fill(&mut self, notice: &FillNotice, context: &mut Context<'_>) {
        self.notes.lock().unwrap().fills.push(*notice);
        self.called("fill", context);
    }

    fn on_order(&mut self, change: &OrderStatusChange, context: &mut Context<'_>) {
        let stubborn = {
            let mut notes = self.notes.lock().unwrap();
            notes.changes.push(*change);
            notes.stubborn.clone()
        };
        if let Some(intent) = stubborn {
            context.submit(intent);
        }
        self.called("order", context);
    }

    fn on_split(&mut self, _instrument: InstrumentId, to: u32, from: u32) {
        let call = format!("split {to}:{from}");
        self.notes.lock().unwrap().calls.push(call);
    }

    fn on_timer(&mut self, timer: TimerId, context: &mut Context<'_>) {
        self.called(&format!("timer {timer}"), context);
    }

    fn on_stop(&mut self, context: &mut Context<'_>) {
        self.called("stop", context);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        let calls = self.notes.lock().unwrap().calls.len();
        out.extend_from_slice(&calls.to_le_bytes());
    }

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Err(RestoreError {
            reason: "a puppet has no state of its own".to_owned(),
        })
    }
}
