//! The synchronous door: a market inside the process (backtest, replayed paper trading).

use trader_domain::{BrokerReport, MarketEvent, OrderId, Timestamp};

use crate::approval::{ApprovedOrder, ApprovedReplacement};
use crate::capabilities::Capabilities;

/// A market that answers at once and in simulated time.
///
/// A driver calls, for every market event: [`Venue::on_market`]; then hands the reports to the
/// core and the core's orders back by [`Venue::submit`]; then [`Venue::settle`] until it reports
/// nothing more, so that exits attached to a fill within the event can still trade in the rest of
/// the same event.
pub trait Venue {
    /// Books an order.
    fn submit(&mut self, order: ApprovedOrder, now: Timestamp, reports: &mut Vec<BrokerReport>);

    /// Asks for cancellation.
    fn cancel(&mut self, order: OrderId, now: Timestamp, reports: &mut Vec<BrokerReport>);

    /// Asks for new terms.
    fn replace(
        &mut self,
        terms: ApprovedReplacement,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    );

    /// The market moves.
    fn on_market(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>);

    /// Lets orders that came in during this event act on what is left of it.
    fn settle(&mut self, reports: &mut Vec<BrokerReport>);

    /// Time passes without market data: expiries, delayed arrivals.
    fn on_time(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>);

    /// What it can do.
    fn capabilities(&self) -> Capabilities;
}
