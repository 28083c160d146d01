//! [`Inbox`]: orders, cancellations and replacements on their way to the exchange.

use std::collections::VecDeque;

use trader_domain::{OrderId, OrderRequest, ReplaceRequest, Timestamp};

use crate::generator::Generator;
use crate::latency::Latency;

/// What can be on its way.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    Submit(OrderRequest),
    Cancel(OrderId),
    Replace(ReplaceRequest),
}

/// Messages in order of arrival.
#[derive(Debug)]
pub(crate) struct Inbox {
    latency: Latency,
    generator: Generator,
    on_the_way: VecDeque<(Timestamp, Message)>,
    last_arrival: Timestamp,
}

impl Inbox {
    /// A way in with these delays.
    pub(crate) fn new(latency: Latency) -> Self {
        Self {
            generator: latency.generator(),
            latency,
            on_the_way: VecDeque::new(),
            last_arrival: Timestamp::MIN,
        }
    }

    /// Whether messages arrive at once.
    #[inline]
    pub(crate) const fn is_immediate(&self) -> bool {
        self.latency.is_none()
    }

    /// Sends a message; returns when it arrives.
    pub(crate) fn send(&mut self, now: Timestamp, message: Message) -> Timestamp {
        let delays = self.latency.draw(now, &mut self.generator);
        let arrival = now.saturating_add(delays.order).max(self.last_arrival);
        self.last_arrival = arrival;
        self.on_the_way.push_back((arrival, message));
        arrival
    }

    /// The next message that has arrived by `now`.
    pub(crate) fn receive(&mut self, now: Timestamp) -> Option<(Timestamp, Message)> {
        if self.next_arrival() > now {
            return None;
        }
        self.on_the_way.pop_front()
    }

    /// When the next message arrives; [`Timestamp::MAX`] when none is on its way.
    pub(crate) fn next_arrival(&self) -> Timestamp {
        self.on_the_way
            .front()
            .map_or(Timestamp::MAX, |(arrival, _)| *arrival)
    }
}
