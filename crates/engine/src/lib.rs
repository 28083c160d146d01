//! The deterministic core, its order manager, portfolio, journal and drivers.
//!
//! ```text
//! events in  -> [ Core: strategies -> gate -> orders -> portfolio ] -> effects out
//! ```
//!
//! - [`Core`] is the state machine; nothing in it does I/O or reads a clock.
//! - [`Strategy`] is what users write; the same code runs everywhere.
//! - [`driver`] has what feeds the core: history ([`driver::backtest`]) or a recorded journal
//!   ([`driver::replay`]).
//! - [`journal`] keeps the events durable, in order, and finds damage.
//! - [`Portfolio`] is the account's ledger.
//!
//! A strategy that buys the first bar with a stop and a target, over three bars:
//!
//! ```
//! use trader_domain::*;
//! use trader_engine::driver::backtest::{BacktestDriver, MarketFeed};
//! use trader_engine::*;
//!
//! struct BuyOnce { asked: bool }
//!
//! impl Strategy for BuyOnce {
//!     fn needs(&self) -> DataNeeds {
//!         DataNeeds { instruments: None, kinds: DataKinds::BARS, warm_up: 0 }
//!     }
//!     fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
//!         if !std::mem::replace(&mut self.asked, true) {
//!             let exits = ContingentExits::bracket(Price::whole(110), Price::whole(90));
//!             let order = OrderIntent::market(bar.instrument, Side::Buy, Quantity::whole(100));
//!             context.submit(order.with_exits(exits));
//!         }
//!     }
//!     fn snapshot(&self, out: &mut Vec<u8>) { out.push(u8::from(self.asked)); }
//!     fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
//!         self.asked = bytes == [1];
//!         Ok(())
//!     }
//! }
//! # use trader_broker::{ApprovedOrder, ApprovedReplacement, Assessment, Capabilities, CheckId};
//! # use trader_broker::{CheckRecord, CompliancePolicy, GateEvent, Measure, Proposal, Snapshot};
//! # use trader_broker::{Venue, Verdict};
//! # use trader_matching::{Exchange, ExchangeConfig};
//! # struct Market(Exchange);
//! # impl Venue for Market {
//! #     fn submit(&mut self, o: ApprovedOrder, now: Timestamp, r: &mut Vec<BrokerReport>) {
//! #         self.0.submit(o.request(), now, r);
//! #     }
//! #     fn cancel(&mut self, o: OrderId, now: Timestamp, r: &mut Vec<BrokerReport>) {
//! #         self.0.cancel(o, now, r);
//! #     }
//! #     fn replace(&mut self, t: ApprovedReplacement, now: Timestamp, r: &mut Vec<BrokerReport>) {
//! #         self.0.replace(t.terms(), now, r);
//! #     }
//! #     fn on_market(&mut self, e: &MarketEvent, r: &mut Vec<BrokerReport>) {
//! #         self.0.on_market(e, r);
//! #     }
//! #     fn settle(&mut self, r: &mut Vec<BrokerReport>) { self.0.settle(r); }
//! #     fn on_time(&mut self, now: Timestamp, r: &mut Vec<BrokerReport>) { self.0.on_time(now, r); }
//! #     fn capabilities(&self) -> Capabilities {
//! #         Capabilities { accepts: trader_matching::accepts, native_oco: true, fractional: true }
//! #     }
//! # }
//! # struct NoRestrictions;
//! # impl CompliancePolicy for NoRestrictions {
//! #     fn mark(&self, order: &OrderRequest, _: &Snapshot<'_>) -> Option<ShortMark> {
//! #         (order.side == Side::Sell).then_some(ShortMark::Long)
//! #     }
//! #     fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, into: &mut Assessment) {
//! #         let (measured, limit) = (Measure::Absent, Measure::Absent);
//! #         let (check, verdict) = (CheckId::RestrictedList, Verdict::Pass);
//! #         into.push(CheckRecord { check, verdict, measured, limit, largest: None });
//! #     }
//! #     fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
//! #     fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
//! # }
//! # struct Days(Vec<MarketEvent>);
//! # impl MarketFeed for Days {
//! #     type Error = std::convert::Infallible;
//! #     fn next_event(&mut self) -> Result<Option<MarketEvent>, Self::Error> { Ok(self.0.pop()) }
//! # }
//! # let day = |number: i64, close: i32| {
//! #     let start = Timestamp::from_nanos(1_717_421_400_000_000_000 + number * NANOS_PER_DAY);
//! #     let end = start.saturating_add(390 * 60 * NANOS_PER_SECOND);
//! #     let price = Price::whole(close);
//! #     MarketEvent::Bar(Bar {
//! #         instrument: InstrumentId(0), vendor: VendorId::INTERNAL, timeframe: Timeframe::Session,
//! #         start, time: end, received: end, open: price, high: price, low: price, close: price,
//! #         volume: Volume::whole(1_000_000), vwap: None, trade_count: None,
//! #     })
//! # };
//! # let mut feed = Days(vec![day(2, 85), day(1, 100), day(0, 99)]);
//!
//! let mut instruments = Instruments::new();
//! instruments.add(Instrument::equity(Symbol::new("AAPL")?))?;
//! let mut venue = Market(Exchange::new(&instruments, ExchangeConfig::default())?);
//! let gate = trader_risk::Gate::new(trader_risk::GateConfig::research(), instruments.len())?;
//! let config = CoreConfig {
//!     run: 0,
//!     account_id: AccountId(0),
//!     account: AccountConfig::margin(Money::whole(100_000)),
//!     calendar: SessionCalendar::UsEquities,
//!     venue_links_oco: true,
//!     retained_orders: 1_024,
//!     retained_executions: 4_096,
//! };
//! let strategies: Vec<Box<dyn Strategy>> = vec![Box::new(BuyOnce { asked: false })];
//! let compliance = Box::new(NoRestrictions);
//! let mut core = Core::new(config, instruments, strategies, Box::new(gate), compliance)?;
//!
//! // Closes of 99, 100 and 85: bought at 100, stopped out at the open of the third day.
//! let counts =
//!     BacktestDriver::new(&mut core, &mut venue, &mut ()).run(&mut feed, &|| false)?;
//! assert_eq!((counts.bars, counts.fills, counts.trades), (3, 2, 1));
//! assert_eq!(core.portfolio().account().equity, Money::whole(98_500));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod core;
pub mod driver;
pub mod fingerprint;
pub mod journal;
pub mod orders;
pub mod portfolio;
pub mod strategy;

pub use crate::core::{
    Alert, CashReason, CashRecord, Command, Core, CoreConfig, CoreError, DecisionRecord, Decisions,
    Effects, FillRecord, SessionCalendar,
};
pub use orders::OrderStatusChange;
pub use portfolio::{AccountConfig, ClosedBy, ClosedTrade, Financing, Portfolio, Totals};
pub use strategy::{Context, DataKinds, DataNeeds, FillNotice, RestoreError, Strategy};
