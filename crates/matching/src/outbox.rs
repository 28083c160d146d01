//! [`Outbox`]: numbers and times the reports that leave the exchange.

use trader_domain::{BrokerOrderId, BrokerReport, ExecutionId, OrderId, ReportKind, Timestamp};

/// The exchange's way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    now: Timestamp,
    orders: u64,
    executions: u64,
}

impl Outbox {
    /// The exchange's time: that of the newest thing it was told.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Time passes; it never runs back.
    pub(crate) fn advance(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
    }

    /// The next execution's id.
    pub(crate) fn next_execution(&mut self) -> ExecutionId {
        self.executions += 1;
        ExecutionId::simulated(self.executions)
    }

    /// The next order's id here.
    pub(crate) fn next_order(&mut self) -> BrokerOrderId {
        self.orders += 1;
        BrokerOrderId::simulated(self.orders)
    }

    /// Reports what happened to an order at `time`.
    pub(crate) fn send(
        &mut self,
        order: OrderId,
        time: Timestamp,
        kind: ReportKind,
        reports: &mut Vec<BrokerReport>,
    ) {
        reports.push(BrokerReport {
            order,
            time,
            received: self.now.max(time),
            kind,
        });
    }
}
