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
    last_sent: Timestamp,
    last_arrival: Timestamp,
}

impl Inbox {
    /// A way in with these delays.
    pub(crate) fn new(latency: Latency) -> Self {
        Self {
            generator: latency.generator(),
            latency,
            on_the_way: VecDeque::new(),
            last_sent: Timestamp::MIN,
            last_arrival: Timestamp::MIN,
        }
    }

    /// Whether messages arrive at once.
    #[inline]
    pub(crate) const fn is_immediate(&self) -> bool {
        self.latency.is_none()
    }

    /// Sends a message; returns when it arrives. Messages of one instant travel together, so that
    /// no leg of an OCO group can trade before the others are there.
    pub(crate) fn send(&mut self, now: Timestamp, message: Message) -> Timestamp {
        if now != self.last_sent {
            let delays = self.latency.draw(now, &mut self.generator);
            self.last_arrival = now.saturating_add(delays.order).max(self.last_arrival);
            self.last_sent = now;
        }
        self.on_the_way.push_back((self.last_arrival, message));
        self.last_arrival
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
