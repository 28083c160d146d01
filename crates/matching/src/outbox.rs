//! [`Outbox`]: numbers and times the reports that leave the exchange, and holds back those that
//! latency keeps on their way.

use std::collections::VecDeque;

use trader_domain::{BrokerOrderId, BrokerReport, ExecutionId, OrderId, ReportKind, Timestamp};

use crate::generator::Generator;
use crate::latency::Latency;

/// The exchange's way out.
#[derive(Debug)]
pub(crate) struct Outbox {
    now: Timestamp,
    orders: u64,
    executions: u64,
    latency: Latency,
    generator: Generator,
    on_the_way: VecDeque<BrokerReport>,
    last_received: Timestamp,
}

impl Outbox {
    /// A way out with these delays.
    pub(crate) fn new(latency: Latency) -> Self {
        Self {
            now: Timestamp::MIN,
            orders: 0,
            executions: 0,
            // Another stream than that of the orders on their way in.
            generator: Generator::new(latency.generator().next()),
            latency,
            on_the_way: VecDeque::new(),
            last_received: Timestamp::MIN,
        }
    }

    /// The exchange's time: that of the newest thing it was told.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Time passes; it never runs back.
    #[inline]
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
    #[inline]
    pub(crate) fn send(
        &mut self,
        order: OrderId,
        time: Timestamp,
        kind: ReportKind,
        reports: &mut Vec<BrokerReport>,
    ) {
        if self.latency.is_none() {
            reports.push(BrokerReport {
                order,
                time,
                received: self.now.max(time),
                kind,
            });
            return;
        }
        let delays = self.latency.draw(time, &mut self.generator);
        let received = time
            .saturating_add(delays.report)
            .max(self.now)
            .max(self.last_received);
        self.last_received = received;
        let report = BrokerReport {
            order,
            time,
            received,
            kind,
        };
        if received <= self.now && self.on_the_way.is_empty() {
            reports.push(report);
        } else {
            self.on_the_way.push_back(report);
        }
    }

    /// Hands over what has arrived by now.
    pub(crate) fn deliver(&mut self, reports: &mut Vec<BrokerReport>) {
        while let Some(report) = self.on_the_way.front()
            && report.received <= self.now
        {
            reports.push(*report);
            self.on_the_way.pop_front();
        }
    }

    /// Whether reports are on their way.
    #[inline]
    pub(crate) fn holds_reports(&self) -> bool {
        !self.on_the_way.is_empty()
    }

    /// When the next report arrives; [`Timestamp::MAX`] when none is on its way.
    pub(crate) fn next_delivery(&self) -> Timestamp {
        self.on_the_way
            .front()
            .map_or(Timestamp::MAX, |report| report.received)
    }
}
