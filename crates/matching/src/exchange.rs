//! [`Exchange`]: the door for orders and the dispatcher of market events. Matching itself is in
//! the modules by kind of event; what an execution does to an order is in `execution`.

use trader_domain::{
    BrokerReport, CancelCause, InstrumentId, Instruments, MarketEvent, OrderId, OrderRequest,
    Quantity, RejectReason, ReplaceRequest, ReportKind, TimeInForce, Timestamp,
};

use crate::bar_event::BarEvent;
use crate::config::{ConfigError, ExchangeConfig};
use crate::entry::{Terms, check_terms, expiry, style_of, tradable, working_order};
use crate::id_ring::{IdRing, IdRingError, NONE};
use crate::market::Market;
use crate::outbox::Outbox;
use crate::session::{SessionClock, SessionSchedule};
use crate::working_order::{Slab, WorkingOrder};

/// A simulated exchange and its broker, in simulated time.
///
/// An order acts only on events that begin at or after its arrival; nothing here can read a later
/// event. Same calls, same reports.
pub struct Exchange {
    pub(crate) config: ExchangeConfig,
    pub(crate) sessions: SessionClock,
    pub(crate) markets: Vec<Market>,
    pub(crate) orders: Slab,
    pub(crate) by_id: IdRing,
    pub(crate) oco_groups: IdRing,
    pub(crate) outbox: Outbox,
    pub(crate) bar_event: BarEvent,
    /// The order after the one being matched, kept valid while orders leave the list.
    pub(crate) cursor: u32,
    /// The earliest instant at which something happens without market data.
    pub(crate) deadline: Timestamp,
    pub(crate) ignored_events: u64,
}

impl Exchange {
    /// An exchange for these instruments whose days follow the data.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn new(instruments: &Instruments, config: ExchangeConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            config,
            sessions: SessionClock::default(),
            markets: instruments
                .iter()
                .map(|(_, instrument)| Market::new(instrument))
                .collect(),
            orders: Slab::default(),
            by_id: IdRing::default(),
            oco_groups: IdRing::default(),
            outbox: Outbox::default(),
            bar_event: BarEvent::default(),
            cursor: NONE,
            deadline: Timestamp::MAX,
            ignored_events: 0,
        })
    }

    /// The same exchange with a trading calendar.
    #[must_use]
    pub fn with_schedule(mut self, schedule: Box<dyn SessionSchedule>) -> Self {
        self.sessions = SessionClock::scheduled(schedule);
        self
    }

    /// Books an order.
    ///
    /// Reports `Accepted` or `Rejected`; executions come with later events or [`Self::settle`].
    pub fn submit(
        &mut self,
        request: &OrderRequest,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.outbox.advance(now);
        let now = self.outbox.now();
        let kind = match self.enter(request, now) {
            Ok(_slot) => ReportKind::Accepted {
                broker_order: self.outbox.next_order(),
            },
            Err(reason) => ReportKind::Rejected(reason),
        };
        self.outbox.send(request.id, now, kind, reports);
        self.end_if_oco_group_is_over(request, now, reports);
    }

    fn enter(&mut self, request: &OrderRequest, now: Timestamp) -> Result<u32, RejectReason> {
        let market = tradable(&self.markets, request.instrument)?;
        if !request.legs.is_empty() {
            return Err(RejectReason::Unsupported);
        }
        check_terms(
            &Terms {
                quantity: request.quantity,
                kind: request.kind,
                time_in_force: request.time_in_force,
                session: request.session,
            },
            market,
        )?;
        let at_once = matches!(request.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
        if market.halted && at_once {
            return Err(RejectReason::Halted);
        }
        let style = style_of(request.kind, request.time_in_force);
        let expires = expiry(
            style,
            request.time_in_force,
            request.session,
            now,
            &mut self.sessions,
        )?;
        let order = working_order(request, style, now, expires);
        let slot = self.orders.insert(order).ok_or(RejectReason::Other)?;
        if let Err(problem) = self.by_id.insert(request.id.0, slot) {
            self.orders.release(slot);
            return Err(match problem {
                IdRingError::Used => RejectReason::DuplicateId,
                IdRingError::TooFarAhead => RejectReason::Other,
            });
        }
        self.link(slot, request.instrument);
        self.join_oco(slot);
        self.deadline = self.deadline.min(expires);
        self.bar_event
            .note_arrival(slot, request, style, &self.config, &self.markets, now);
        Ok(slot)
    }

    /// Cancels an order that works.
    pub fn cancel(&mut self, order: OrderId, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.outbox.advance(now);
        let now = self.outbox.now();
        match self.by_id.get(order.0) {
            Some(slot) => self.end(
                slot,
                now,
                ReportKind::Canceled(CancelCause::Requested),
                reports,
            ),
            None => {
                let refused = ReportKind::CancelRejected(RejectReason::UnknownOrder);
                self.outbox.send(order, now, refused, reports);
            }
        }
    }

    /// Changes the terms of an order that works.
    ///
    /// The filled quantity stays. A smaller quantity at the same price keeps the place in the
    /// queue; everything else goes to its end and acts only on what comes after.
    pub fn replace(
        &mut self,
        terms: &ReplaceRequest,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.outbox.advance(now);
        let now = self.outbox.now();
        let kind = match self.change(terms, now) {
            Ok(()) => ReportKind::Replaced(*terms),
            Err(reason) => ReportKind::ReplaceRejected(reason),
        };
        self.outbox.send(terms.order, now, kind, reports);
    }

    fn change(&mut self, terms: &ReplaceRequest, now: Timestamp) -> Result<(), RejectReason> {
        let slot = self
            .by_id
            .get(terms.order.0)
            .ok_or(RejectReason::UnknownOrder)?;
        let order = self.orders.get(slot).ok_or(RejectReason::UnknownOrder)?;
        let (instrument, session) = (order.instrument, order.session);
        let new = Terms {
            quantity: terms.quantity,
            kind: terms.kind,
            time_in_force: terms.time_in_force,
            session,
        };
        check_terms(&new, tradable(&self.markets, instrument)?)?;
        if terms.quantity <= order.filled {
            return Err(RejectReason::InvalidQuantity);
        }
        let style = style_of(terms.kind, terms.time_in_force);
        let expires = if terms.time_in_force == order.time_in_force {
            order.expires
        } else {
            expiry(style, terms.time_in_force, session, now, &mut self.sessions)?
        };
        let same_kind = terms.kind == order.kind;
        let keeps_place = same_kind && terms.quantity <= order.quantity;
        let order = self
            .orders
            .get_mut(slot)
            .ok_or(RejectReason::UnknownOrder)?;
        order.apply(terms, style, expires);
        if !keeps_place {
            order.arrived = now;
            self.unlink(slot);
            self.link(slot, instrument);
        }
        self.deadline = self.deadline.min(expires);
        Ok(())
    }

    /// The market moves.
    pub fn on_market(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>) {
        match event {
            MarketEvent::Bar(bar) => self.on_bar(bar, reports),
            MarketEvent::News(_) => self.on_time(event.received(), reports),
            _ => self.on_time(event.received(), reports),
        }
    }

    /// Time passes: what expires, expires.
    pub fn on_time(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.bar_event.close();
        self.outbox.advance(now);
        if now > self.deadline {
            self.expire(now, reports);
        }
    }

    #[cold]
    pub(crate) fn expire(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.deadline = Timestamp::MAX;
        for index in 0..self.markets.len() {
            let mut slot = self.markets.get(index).map_or(NONE, |market| market.head);
            while let Some(order) = self.orders.get(slot) {
                let (next, expires) = (order.next, order.expires);
                if expires < now {
                    self.end(slot, expires, ReportKind::Expired, reports);
                } else {
                    self.deadline = self.deadline.min(expires);
                }
                slot = next;
            }
        }
    }

    /// The earliest instant at which [`Self::on_time`] would report something; `None` if only
    /// market data can.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        (self.deadline < Timestamp::MAX).then_some(self.deadline.saturating_add(1))
    }

    /// What of an order has filled and is still to trade; `None` when it does not work here.
    pub fn working(&self, order: OrderId) -> Option<(Quantity, Quantity)> {
        let order: &WorkingOrder = self.orders.get(self.by_id.get(order.0)?)?;
        Some((order.filled, order.remaining()))
    }

    /// How many orders work.
    pub const fn working_orders(&self) -> u32 {
        self.orders.live()
    }

    /// How many market events were not usable (inconsistent bars, crossed quotes, prices at or
    /// below zero, instruments that are not known) and therefore filled nothing.
    pub const fn ignored_events(&self) -> u64 {
        self.ignored_events
    }

    pub(crate) fn market_mut(&mut self, id: InstrumentId) -> Option<&mut Market> {
        self.markets.get_mut(id.index())
    }
}
