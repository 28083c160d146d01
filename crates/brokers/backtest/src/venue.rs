//! [`BacktestVenue`]: the door, and nothing behind it but the exchange.

use trader_broker::{ApprovedOrder, ApprovedReplacement, Capabilities, Venue};
use trader_domain::{BrokerReport, Instruments, MarketEvent, OrderId, Timestamp};
use trader_matching::{ConfigError, Exchange, ExchangeConfig, SessionSchedule, accepts};

/// A simulated exchange that takes only approved orders.
pub struct BacktestVenue {
    exchange: Exchange,
}

impl BacktestVenue {
    /// A venue for these instruments, whose trading days follow the data.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn new(instruments: &Instruments, config: ExchangeConfig) -> Result<Self, ConfigError> {
        Exchange::new(instruments, config).map(Self::from)
    }

    /// The same venue with a trading calendar, such as [`trader_domain::MarketCalendar`].
    #[must_use]
    pub fn with_schedule(self, schedule: Box<dyn SessionSchedule>) -> Self {
        Self {
            exchange: self.exchange.with_schedule(schedule),
        }
    }

    /// The exchange, to ask about it.
    pub const fn exchange(&self) -> &Exchange {
        &self.exchange
    }
}

impl From<Exchange> for BacktestVenue {
    /// A venue on an exchange that was set up already (with a calendar, say).
    fn from(exchange: Exchange) -> Self {
        Self { exchange }
    }
}

impl Venue for BacktestVenue {
    fn submit(&mut self, order: ApprovedOrder, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.exchange.submit(order.request(), now, reports);
    }

    fn cancel(&mut self, order: OrderId, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.exchange.cancel(order, now, reports);
    }

    fn replace(
        &mut self,
        terms: ApprovedReplacement,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.exchange.replace(terms.terms(), now, reports);
    }

    #[inline(always)]
    fn on_market(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>) {
        self.exchange.on_market(event, reports);
    }

    #[inline]
    fn settle(&mut self, reports: &mut Vec<BrokerReport>) {
        self.exchange.settle(reports);
    }

    fn on_time(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.exchange.on_time(now, reports);
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            accepts,
            native_oco: true,
            // An order is a multiple of its instrument's lot, which may itself be a fraction of a share.
            fractional: false,
        }
    }
}
