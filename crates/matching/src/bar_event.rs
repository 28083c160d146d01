//! [`BarEvent`]: what has to be remembered of the bar being processed, so that exits attached to an
//! entry that filled within it can act on the rest of it ([`crate::Exchange::settle`]).

use trader_domain::{InstrumentId, OrderId, OrderRequest, Price, Timestamp};

use crate::config::{ExchangeConfig, FillRule};
use crate::market::Market;
use crate::reach::At;
use crate::working_order::Style;

/// Where in a bar something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// At this price in this stretch of the path.
    OnPath {
        stretch: usize,
        price: Price,
        at: At,
    },
    /// At the very end.
    Close,
}

/// An order that may act on what is left of the bar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) slot: u32,
    pub(crate) order: OrderId,
    pub(crate) instrument: InstrumentId,
    pub(crate) from: Point,
}

/// The bar being processed.
#[derive(Debug, Default)]
pub(crate) struct BarEvent {
    instrument: Option<InstrumentId>,
    executed: Vec<(OrderId, Point)>,
    pub(crate) waiting: Vec<Waiting>,
}

impl BarEvent {
    /// Nothing of an earlier event can be acted on any more.
    #[inline(always)] // at every event
    pub(crate) fn close(&mut self) {
        self.instrument = None;
        if !self.executed.is_empty() {
            self.executed.clear();
        }
        if !self.waiting.is_empty() {
            self.waiting.clear();
        }
    }

    /// A bar of `instrument` is being processed.
    pub(crate) fn open(&mut self, instrument: InstrumentId) {
        self.instrument = Some(instrument);
    }

    /// Whether `instrument`'s bar is being processed.
    pub(crate) fn is_open_for(&self, instrument: InstrumentId) -> bool {
        self.instrument == Some(instrument)
    }

    /// Whether a request is an exit of an entry that executed in the bar being processed.
    #[inline]
    pub(crate) fn has_entry_of(&self, request: &OrderRequest) -> bool {
        request.parent.is_some_and(|parent| {
            self.is_open_for(request.instrument)
                && self.executed.iter().any(|(order, _)| *order == parent)
        })
    }

    /// An order executed there.
    pub(crate) fn executed(&mut self, order: OrderId, point: Point) {
        self.executed.push((order, point));
    }

    /// Remembers an order that may act on the rest of the bar: an exit whose entry executed in it,
    /// and, under [`FillRule::ThisClose`], a market order placed on the bar that just ended.
    pub(crate) fn note_arrival(
        &mut self,
        slot: u32,
        request: &OrderRequest,
        style: Style,
        config: &ExchangeConfig,
        markets: &[Market],
        now: Timestamp,
    ) {
        let entry = request
            .parent
            .filter(|_| self.is_open_for(request.instrument))
            .and_then(|parent| {
                let last = self.executed.iter().rfind(|(order, _)| *order == parent);
                last.map(|(_, point)| *point)
            });
        let this_close = config.fill_rule == FillRule::ThisClose
            && style == Style::Market
            && markets
                .get(request.instrument.index())
                .is_some_and(|market| market.bar.received == now && market.bar.is_consistent());
        let from = match entry {
            Some(point) => point,
            None if this_close => Point::Close,
            None => return,
        };
        self.waiting.push(Waiting {
            slot,
            order: request.id,
            instrument: request.instrument,
            from,
        });
    }
}
