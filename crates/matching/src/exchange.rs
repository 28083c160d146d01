//! [`Exchange`]: the door for orders and the dispatcher of market events. Matching itself is in
//! the modules by kind of event; what an execution does to an order is in `execution`.

use trader_domain::{
    BrokerReport, CancelCause, InstrumentId, Instruments, MarketEvent, OrderId, OrderRequest,
    Quantity, RejectReason, ReplaceRequest, ReportKind, TimeInForce, Timestamp,
};

use crate::bar_event::BarEvent;
use crate::config::{ConfigError, ExchangeConfig};
use crate::entry::{Terms, check_terms, expiry, style_of, tradable, working_order};
use crate::fees::FeeBook;
use crate::generator::Generator;
use crate::id_ring::{IdRing, IdRingError, NONE};
use crate::inbox::{Inbox, Message};
use crate::market::Market;
use crate::multi_leg::{Combination, check_legs};
use crate::outbox::Outbox;
use crate::queue::QueuePlace;
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
    /// Working multi-leg orders; they are in no instrument's list.
    pub(crate) combinations: Vec<Combination>,
    /// The order after the one being matched, kept valid while orders leave the list.
    pub(crate) cursor: u32,
    pub(crate) inbox: Inbox,
    pub(crate) fees: FeeBook,
    pub(crate) queue_generator: Generator,
    /// The earliest expiry of a working order.
    pub(crate) expiry: Timestamp,
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
            sessions: SessionClock::default(),
            markets: instruments
                .iter()
                .map(|(_, instrument)| Market::new(instrument, &config.fees))
                .collect(),
            orders: Slab::default(),
            by_id: IdRing::default(),
            oco_groups: IdRing::default(),
            outbox: Outbox::new(config.latency.clone()),
            inbox: Inbox::new(config.latency.clone()),
            fees: FeeBook::new(config.fees),
            queue_generator: config.queue.generator(),
            config,
            bar_event: BarEvent::default(),
            combinations: Vec::new(),
            cursor: NONE,
            expiry: Timestamp::MAX,
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

    /// Takes an order.
    ///
    /// Reports `Accepted` or `Rejected` when it has arrived; executions come with later events or
    /// [`Self::settle`]. Exits of an entry that filled in the bar being processed are at the
    /// exchange already and arrive without latency.
    pub fn submit(
        &mut self,
        request: &OrderRequest,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.outbox.advance(now);
        let now = self.outbox.now();
        if self.inbox.is_immediate() || self.bar_event.has_entry_of(request) {
            self.arrive(request, now, reports);
        } else {
            let arrival = self.inbox.send(now, Message::Submit(request.clone()));
            self.deadline = self.deadline.min(arrival);
        }
    }

    fn arrive(&mut self, request: &OrderRequest, at: Timestamp, reports: &mut Vec<BrokerReport>) {
        let kind = match self.enter(request, at) {
            Ok(()) => ReportKind::Accepted {
                broker_order: self.outbox.next_order(),
            },
            Err(reason) => ReportKind::Rejected(reason),
        };
        self.outbox.send(request.id, at, kind, reports);
        if request.oco.is_some() {
            self.end_if_oco_group_is_over(request, at, reports);
        }
        self.note_deliveries();
    }

    fn enter(&mut self, request: &OrderRequest, now: Timestamp) -> Result<(), RejectReason> {
        if request.legs.is_empty() {
            self.check(request)?;
        } else {
            check_legs(request, &self.markets)?;
        }
        let style = style_of(request.kind, request.time_in_force);
        let expires = expiry(
            style,
            request.time_in_force,
            request.session,
            now,
            &mut self.sessions,
            self.config.auction_cutoffs,
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
        self.note_expiry(expires);
        if !request.legs.is_empty() {
            self.add_combination(slot, &request.legs);
            return Ok(());
        }
        self.link(slot, request.instrument);
        self.join_oco(slot);
        self.bar_event
            .note_arrival(slot, request, style, &self.config, &self.markets, now);
        Ok(())
    }

    fn check(&self, request: &OrderRequest) -> Result<(), RejectReason> {
        let market = tradable(&self.markets, request.instrument)?;
        let terms = Terms {
            quantity: request.quantity,
            kind: request.kind,
            time_in_force: request.time_in_force,
            session: request.session,
        };
        check_terms(&terms, market)?;
        let at_once = matches!(request.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
        if market.halted && at_once {
            return Err(RejectReason::Halted);
        }
        Ok(())
    }

    fn note_expiry(&mut self, expires: Timestamp) {
        self.expiry = self.expiry.min(expires);
        self.deadline = self.deadline.min(expires.saturating_add(1));
    }

    /// Reports may have been put on their way.
    #[inline(never)]
    fn note_deliveries(&mut self) {
        self.deadline = self.deadline.min(self.outbox.next_delivery());
    }

    /// Cancels an order that works.
    pub fn cancel(&mut self, order: OrderId, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.outbox.advance(now);
        let now = self.outbox.now();
        if self.inbox.is_immediate() {
            self.cancel_arrived(order, now, reports);
        } else {
            let arrival = self.inbox.send(now, Message::Cancel(order));
            self.deadline = self.deadline.min(arrival);
        }
    }

    fn cancel_arrived(&mut self, order: OrderId, at: Timestamp, reports: &mut Vec<BrokerReport>) {
        let requested = ReportKind::Canceled(CancelCause::Requested);
        match self.by_id.get(order.0) {
            Some(slot) => self.end(slot, at, requested, reports),
            None => {
                let refused = ReportKind::CancelRejected(RejectReason::UnknownOrder);
                self.outbox.send(order, at, refused, reports);
            }
        }
        self.note_deliveries();
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
        if self.inbox.is_immediate() {
            self.replace_arrived(terms, now, reports);
        } else {
            let arrival = self.inbox.send(now, Message::Replace(*terms));
            self.deadline = self.deadline.min(arrival);
        }
    }

    fn replace_arrived(
        &mut self,
        terms: &ReplaceRequest,
        at: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let kind = match self.change(terms, at) {
            Ok(()) => ReportKind::Replaced(*terms),
            Err(reason) => ReportKind::ReplaceRejected(reason),
        };
        self.outbox.send(terms.order, at, kind, reports);
        self.note_deliveries();
    }

    fn change(&mut self, terms: &ReplaceRequest, now: Timestamp) -> Result<(), RejectReason> {
        let slot = self
            .by_id
            .get(terms.order.0)
            .ok_or(RejectReason::UnknownOrder)?;
        if self.combinations.iter().any(|other| other.slot == slot) {
            return Err(RejectReason::Unsupported);
        }
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
            expiry(
                style,
                terms.time_in_force,
                session,
                now,
                &mut self.sessions,
                self.config.auction_cutoffs,
            )?
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
            order.rests = false;
            order.queue = QueuePlace::default();
            self.unlink(slot);
            self.link(slot, instrument);
        }
        self.note_expiry(expires);
        Ok(())
    }

    /// The market moves.
    #[inline(always)] // a bar without orders in its instrument is a few moves
    pub fn on_market(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>) {
        if let MarketEvent::Bar(bar) = event {
            self.on_bar(bar, reports);
        } else {
            self.on_other(event, reports);
        }
        if self.outbox.holds_reports() {
            self.note_deliveries();
        }
    }

    #[inline(never)]
    fn on_other(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>) {
        match event {
            MarketEvent::Bar(bar) => self.on_bar(bar, reports),
            MarketEvent::Quote(quote) => self.on_quote(quote, reports),
            MarketEvent::Trade(trade) => self.on_trade(trade, reports),
            MarketEvent::Book(delta) => self.on_book(delta, reports),
            MarketEvent::Status(status) => self.on_status(status, reports),
            MarketEvent::CorporateAction(action) => self.on_corporate_action(action, reports),
            MarketEvent::News(item) => self.on_time(item.received, reports),
        }
    }

    /// Time passes: messages arrive, orders expire, reports come in.
    #[inline(always)]
    pub fn on_time(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.bar_event.close();
        self.outbox.advance(now);
        if now >= self.deadline {
            self.catch_up(now, reports);
        }
    }

    #[cold]
    fn catch_up(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        while let Some((at, message)) = self.inbox.receive(now) {
            self.expire_before(at, reports);
            match message {
                Message::Submit(request) => self.arrive(&request, at, reports),
                Message::Cancel(order) => self.cancel_arrived(order, at, reports),
                Message::Replace(terms) => self.replace_arrived(&terms, at, reports),
            }
        }
        self.expire_before(now, reports);
        self.outbox.deliver(reports);
        let expiry = self.expiry.saturating_add(1);
        self.deadline = expiry
            .min(self.inbox.next_arrival())
            .min(self.outbox.next_delivery());
    }

    fn expire_before(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        if now <= self.expiry {
            return;
        }
        self.expiry = Timestamp::MAX;
        for index in 0..self.markets.len() {
            let mut slot = self.markets.get(index).map_or(NONE, |market| market.head);
            while let Some(order) = self.orders.get(slot) {
                let (next, expires) = (order.next, order.expires);
                if expires < now {
                    self.end(slot, expires, ReportKind::Expired, reports);
                } else {
                    self.expiry = self.expiry.min(expires);
                }
                slot = next;
            }
        }
        let mut index = 0;
        while let Some(slot) = self.combinations.get(index).map(|c| c.slot) {
            match self.orders.get(slot).map(|order| order.expires) {
                Some(expires) if expires < now => {
                    self.end(slot, expires, ReportKind::Expired, reports);
                }
                Some(expires) => {
                    self.expiry = self.expiry.min(expires);
                    index += 1;
                }
                None => index += 1,
            }
        }
    }

    /// The earliest instant at which [`Self::on_time`] would report something; `None` if only
    /// market data can.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        (self.deadline < Timestamp::MAX).then_some(self.deadline)
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
