//! Money, instruments, market data, orders, positions, calendar: the vocabulary of the whole system.
//!
//! This crate does no I/O, reads no clock and holds no global state. Everyone may use it; it uses
//! nobody. What it promises:
//!
//! - money, prices and quantities are exact or an error, never a float ([`money`]);
//! - an order's life absorbs reports that come late, twice or out of order, and every execution
//!   counts once ([`order`]);
//! - a position's lots conserve every unit of cost, whatever is done to them ([`position`]);
//! - each record knows who delivered it and when we had it ([`market`], [`records`]);
//! - the calendar knows every trading day and half day since 1990 ([`calendar`]).
//!
//! # A tour
//!
//! An order is made, sent, filled in two parts, one of which is reported twice, and sold again:
//!
//! ```
//! use trader_domain::{
//!     Applied, Execution, ExecutionId, ExecutionRegister, Fill, Instrument, Instruments,
//!     LotSelection, Money, OrderId, OrderLife, OrderStatus, Position, PositionFill, Price,
//!     Quantity, Registration, ReportKind, Side, Symbol, Timestamp,
//! };
//!
//! let mut instruments = Instruments::new();
//! let instrument = instruments.add(Instrument::equity(Symbol::new("AAPL")?))?;
//!
//! let mut life = OrderLife::new(Quantity::whole(100))?;
//! let mut register = ExecutionRegister::with_capacity(1_000)?;
//! let mut position = Position::new(instrument, 1)?;
//! let mut closed = Vec::new();
//! life.sent()?;
//!
//! let time: Timestamp = "2024-06-03T13:30:00Z".parse()?;
//! for (number, quantity, price) in [(1, 60, "190.10"), (1, 60, "190.10"), (2, 40, "190.12")] {
//!     let fill = Fill {
//!         execution: ExecutionId::simulated(number),
//!         leg: 0,
//!         quantity: Quantity::whole(quantity),
//!         price: price.parse()?,
//!         commission: Money::ZERO,
//!         fees: Money::cents(1),
//!         slippage: Money::ZERO,
//!     };
//!     let order = OrderId(1);
//!     let side = Side::Buy;
//!     let execution = Execution { order, instrument, side, time, fill };
//!     if register.insert(execution) != Registration::New {
//!         continue; // reported before
//!     }
//!     assert!(matches!(
//!         life.apply(&ReportKind::Filled(fill))?,
//!         Applied::PartFilled | Applied::Filled
//!     ));
//!     let (quantity, price) = (fill.quantity, fill.price);
//!     let costs = fill.commission.checked_add(fill.fees)?;
//!     let fill = PositionFill { time, side, quantity, price, costs };
//!     position.apply_fill(&fill, LotSelection::FIFO, &mut closed)?;
//! }
//! assert_eq!(life.status(), OrderStatus::Filled);
//! assert_eq!(position.average_cost()?, Some("190.108".parse()?));
//!
//! let sale = PositionFill {
//!     time: time.saturating_add(60_000_000_000),
//!     side: Side::Sell,
//!     quantity: Quantity::whole(100),
//!     price: Price::whole(191),
//!     costs: Money::cents(3),
//! };
//! let effect = position.apply_fill(&sale, LotSelection::FIFO, &mut closed)?;
//! // 100 × 191 − 60 × 190.10 − 40 × 190.12, less five cents of fees.
//! assert_eq!(effect.realised, "89.15".parse()?);
//! assert_eq!(closed.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod calendar;
pub mod corporate_action;
pub mod event;
pub mod ids;
pub mod instrument;
pub mod market;
pub mod money;
pub mod news;
pub mod option_chain;
pub mod option_contract;
pub mod order;
pub mod portfolio;
pub mod position;
pub mod records;
pub mod signal;
pub mod time;
pub mod vendors;

pub use calendar::{
    CalendarError, Closure, DayPlan, EasternTime, MarketCalendar, MonthlyExpiry, Phase, PhaseSpan,
    SettlementKind, TradingDay, eastern_instant,
};
pub use corporate_action::{CorporateAction, CorporateActionKind};
pub use event::{Event, MarketEvent, OperatorCommand, SequencedEvent, TradingState};
pub use ids::{
    AccountId, BrokerOrderId, ClientOrderId, ExecutionId, InstrumentId, LocateId, OcoGroupId,
    OrderId, SectorId, StrategyId, Symbol, TimerId, VendorId,
};
pub use instrument::{
    AssetClass, Borrow, Instrument, InstrumentError, Instruments, LuldTier, TickRule,
};
pub use market::{
    Bar, BarError, Book, BookDelta, BookSide, HaltReason, LuldBands, Quote, StatusKind, Timeframe,
    Trade, TradeConditions, TradingStatus,
};
pub use money::{Money, MoneyError, Price, Quantity, Rate, Rounding, Volume};
pub use news::NewsItem;
pub use option_chain::{OptionChain, OptionChainError, OptionQuote};
pub use option_contract::{ExerciseStyle, OccError, OptionContract, OptionRight};
pub use order::{
    Applied, BrokerReport, CancelCause, CancelStep, ContingentExits, Execution, ExecutionBust,
    ExecutionRegister, ExitMode, Fill, IgnoredReport, Leg, OrderEnd, OrderIntent, OrderKind,
    OrderLife, OrderRequest, OrderSize, OrderStateError, OrderStatus, PositionEffect,
    RegisterCapacityError, Registration, RejectReason, ReplaceRequest, ReportKind, Session,
    ShortExemption, ShortMark, Side, TimeInForce, Trail,
};
pub use portfolio::{
    MarginRequirement, PortfolioParts, PortfolioSnapshot, PositionSnapshot, SectorExposure,
};
pub use position::{
    BustedFill, ClosedLot, CorporateEffect, FillEffect, Lot, LotId, LotMethod, LotSelection,
    MergerTerms, Position, PositionError, PositionFill,
};
pub use records::{
    AnalystRating, AnnouncedAction, AnnouncedTerms, EarningsEvent, EconomicRelease, Filing,
    FiscalPeriod, Fundamentals, Importance, InsiderRole, InsiderTrade, ListedClass, Listing,
    ListingStatus, Rating, RatingAction, Record, RecordError, ReportTime, SocialPost,
    StatementPeriod, TransactionCode,
};
pub use signal::{Direction, Signal, SignalError, UnitInterval};
pub use time::{Clock, NANOS_PER_DAY, NANOS_PER_SECOND, SimulatedClock, TimeError, Timestamp};
pub use vendors::{MAX_VENDOR_NAME, VendorError, Vendors};
