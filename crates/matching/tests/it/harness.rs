//! A small exchange with one or two instruments, and short ways to say orders and bars.

use trader_domain::*;
use trader_matching::{Exchange, ExchangeConfig, SessionSchedule, SessionTimes};

pub(crate) const A: InstrumentId = InstrumentId(0);
pub(crate) const MINUTE: i64 = 60 * NANOS_PER_SECOND;

/// 2024-06-03T13:30:00Z, a Monday's open in New York.
pub(crate) const OPEN: i64 = 1_717_421_400 * NANOS_PER_SECOND;

pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_nanos(OPEN + minutes * MINUTE)
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn shares(count: i32) -> Quantity {
    Quantity::whole(count)
}

/// The minute bar that starts `minute` minutes after the open.
pub(crate) fn bar(minute: i64, ohlc: [&str; 4], volume: i32) -> Bar {
    let [open, high, low, close] = ohlc.map(price);
    Bar {
        instrument: A,
        vendor: VendorId::INTERNAL,
        timeframe: Timeframe::MINUTE,
        start: at(minute),
        time: at(minute + 1),
        received: at(minute + 1),
        open,
        high,
        low,
        close,
        volume: Volume::whole(volume),
        vwap: None,
        trade_count: None,
    }
}

/// A session bar of day `day`, 13:30 to 20:00 UTC.
pub(crate) fn daily(day: i64, ohlc: [&str; 4]) -> Bar {
    let start = Timestamp::from_nanos(OPEN + day * NANOS_PER_DAY);
    let end = start.saturating_add(390 * MINUTE);
    Bar {
        timeframe: Timeframe::Session,
        start,
        time: end,
        received: end,
        ..bar(0, ohlc, 1_000_000)
    }
}

/// A quote `seconds` after the open; a side of zero size is absent.
pub(crate) fn quote(seconds: i64, bid: (&str, i32), ask: (&str, i32)) -> Quote {
    let time = at(0).saturating_add(seconds * NANOS_PER_SECOND);
    Quote {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        bid: price(bid.0),
        bid_size: shares(bid.1),
        ask: price(ask.0),
        ask_size: shares(ask.1),
    }
}

/// A print `seconds` after the open.
pub(crate) fn print(seconds: i64, at_price: &str, size: i32) -> Trade {
    let time = at(0).saturating_add(seconds * NANOS_PER_SECOND);
    Trade {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        price: price(at_price),
        size: shares(size),
        conditions: TradeConditions::REGULAR,
    }
}

/// A book level `seconds` after the open.
pub(crate) fn level(seconds: i64, side: BookSide, at_price: &str, size: i32) -> BookDelta {
    let time = at(0).saturating_add(seconds * NANOS_PER_SECOND);
    BookDelta {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        side,
        price: price(at_price),
        size: shares(size),
    }
}

pub(crate) fn status(minute: i64, kind: StatusKind) -> MarketEvent {
    MarketEvent::Status(TradingStatus {
        instrument: A,
        time: at(minute),
        received: at(minute),
        kind,
    })
}

/// Every UTC day: 08:00, 13:30, 20:00, 24:00.
pub(crate) struct EveryDay;

impl SessionSchedule for EveryDay {
    fn session_after(&self, at: Timestamp) -> Option<SessionTimes> {
        let midnight = at.nanos().div_euclid(NANOS_PER_DAY) * NANOS_PER_DAY;
        let hour = |minutes: i64| Timestamp::from_nanos(midnight + minutes * MINUTE);
        Some(SessionTimes {
            extended_open: hour(8 * 60),
            open: hour(13 * 60 + 30),
            close: hour(20 * 60),
            extended_close: hour(24 * 60),
        })
    }
}

pub(crate) fn equities(count: usize) -> Instruments {
    let mut instruments = Instruments::new();
    for symbol in ["AAA", "BBB", "CCC"].into_iter().take(count) {
        let symbol = Symbol::new(symbol).unwrap();
        instruments.add(Instrument::equity(symbol)).unwrap();
    }
    instruments
}

/// An exchange, the reports of the last call, and the next order's number.
pub(crate) struct Floor {
    pub(crate) exchange: Exchange,
    pub(crate) now: Timestamp,
    next: u64,
}

impl Floor {
    pub(crate) fn new(config: ExchangeConfig) -> Self {
        Self::with(Exchange::new(&equities(2), config).unwrap())
    }

    pub(crate) fn with(exchange: Exchange) -> Self {
        Self {
            exchange,
            now: at(0),
            next: 1,
        }
    }

    /// Numbers and submits an order now.
    pub(crate) fn submit(&mut self, request: OrderRequest) -> (OrderId, Vec<BrokerReport>) {
        let id = OrderId(self.next);
        self.next += 1;
        let mut reports = Vec::new();
        let request = OrderRequest { id, ..request };
        self.exchange.submit(&request, self.now, &mut reports);
        (id, reports)
    }

    /// Submits an order that must be accepted.
    pub(crate) fn place(&mut self, request: OrderRequest) -> OrderId {
        let (id, reports) = self.submit(request);
        assert!(
            matches!(reports[0].kind, ReportKind::Accepted { .. }),
            "{reports:?}"
        );
        id
    }

    /// Submits an order that must be refused.
    pub(crate) fn refused(&mut self, request: OrderRequest) -> RejectReason {
        let (_, reports) = self.submit(request);
        match reports[..] {
            [
                BrokerReport {
                    kind: ReportKind::Rejected(reason),
                    ..
                },
            ] => reason,
            _ => panic!("not refused: {reports:?}"),
        }
    }

    pub(crate) fn event(&mut self, event: MarketEvent) -> Vec<BrokerReport> {
        let mut reports = Vec::new();
        self.now = self.now.max(event.received());
        self.exchange.on_market(&event, &mut reports);
        reports
    }

    pub(crate) fn bar(&mut self, bar: Bar) -> Vec<BrokerReport> {
        self.event(MarketEvent::Bar(bar))
    }

    pub(crate) fn settle(&mut self) -> Vec<BrokerReport> {
        let mut reports = Vec::new();
        self.exchange.settle(&mut reports);
        reports
    }

    pub(crate) fn time(&mut self, now: Timestamp) -> Vec<BrokerReport> {
        let mut reports = Vec::new();
        self.now = now;
        self.exchange.on_time(now, &mut reports);
        reports
    }

    pub(crate) fn cancel(&mut self, order: OrderId) -> Vec<BrokerReport> {
        let mut reports = Vec::new();
        self.exchange.cancel(order, self.now, &mut reports);
        reports
    }

    pub(crate) fn replace(&mut self, terms: ReplaceRequest) -> Vec<BrokerReport> {
        let mut reports = Vec::new();
        self.exchange.replace(&terms, self.now, &mut reports);
        reports
    }
}

pub(crate) fn order(side: Side, quantity: i32, kind: OrderKind) -> OrderRequest {
    OrderRequest {
        id: OrderId(0),
        client_order_id: ClientOrderId::default(),
        strategy: StrategyId(0),
        account: AccountId(0),
        instrument: A,
        side,
        quantity: shares(quantity),
        kind,
        time_in_force: TimeInForce::Day,
        session: Session::Regular,
        effect: PositionEffect::Any,
        legs: Default::default(),
        parent: None,
        oco: None,
        locate: None,
        short_exempt: ShortExemption::None,
        short_mark: None,
        created: Timestamp::EPOCH,
    }
}

pub(crate) fn buy(quantity: i32, kind: OrderKind) -> OrderRequest {
    order(Side::Buy, quantity, kind)
}

pub(crate) fn sell(quantity: i32, kind: OrderKind) -> OrderRequest {
    order(Side::Sell, quantity, kind)
}

pub(crate) fn limit(text: &str) -> OrderKind {
    OrderKind::Limit { price: price(text) }
}

pub(crate) fn stop(text: &str) -> OrderKind {
    OrderKind::Stop {
        trigger: price(text),
    }
}

/// Reports in short: `3 filled 10 @ 99.50 at 2`, the time in minutes after the open.
pub(crate) fn said(reports: &[BrokerReport]) -> Vec<String> {
    reports
        .iter()
        .map(|report| {
            let minutes = report.time.nanos_since(at(0)) as f64 / MINUTE as f64;
            let what = match report.kind {
                ReportKind::Accepted { .. } => "accepted".into(),
                ReportKind::Rejected(reason) => format!("rejected {reason:?}"),
                ReportKind::Filled(fill) => format!("filled {} @ {}", fill.quantity, fill.price),
                ReportKind::Busted { .. } => "busted".into(),
                ReportKind::Canceled(cause) => format!("canceled {cause:?}"),
                ReportKind::Expired => "expired".into(),
                ReportKind::Replaced(terms) => format!(
                    "replaced {} {}",
                    terms.quantity,
                    terms
                        .kind
                        .limit_price()
                        .or(terms.kind.trigger_price())
                        .map_or("-".into(), |price| price.to_string())
                ),
                ReportKind::ReplaceRejected(reason) => format!("replace rejected {reason:?}"),
                ReportKind::CancelRejected(reason) => format!("cancel rejected {reason:?}"),
                ReportKind::Suspended => "suspended".into(),
            };
            format!("{} {what} at {minutes}", report.order)
        })
        .collect()
}
