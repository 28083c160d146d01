//! Money, instruments, market data, orders, positions, calendar: the vocabulary of the whole system.
//!
//! This crate does no I/O, reads no clock and holds no global state. Everyone may use it; it uses
//! nobody.

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
    AnalystRating, EarningsEvent, EconomicRelease, FiscalPeriod, Fundamentals, Importance,
    InsiderRole, InsiderTrade, Rating, RatingAction, Record, RecordError, ReportTime, SocialPost,
    StatementPeriod, TransactionCode,
};
pub use signal::{Direction, Signal, SignalError, UnitInterval};
pub use time::{Clock, NANOS_PER_DAY, NANOS_PER_SECOND, SimulatedClock, TimeError, Timestamp};
pub use vendors::{VendorError, Vendors};
