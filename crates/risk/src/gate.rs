//! [`Gate`]: the risk policy of the system: checks, reservations, halt state.
//!
//! `assess` is a pure function of the gate's state, the snapshot and the proposal: it runs every
//! check and records every one. `observe` is the only thing that changes the gate, in constant
//! time an event and without allocation once every instrument has traded.

use trader_broker::{Assessment, GateEvent, Proposal, Resize, RiskPolicy, Snapshot};
use trader_domain::{
    InstrumentId, Money, NANOS_PER_DAY, OperatorCommand, OrderId, OrderRequest, Quantity, Side,
    Timestamp, TradingState,
};

use crate::checks::{
    View, day_trading, exposure, flow, funds, market, options, short_sale, size, state, terms,
};
use crate::day_trading::{DayTradeRecord, DayTradingRule, DayTradingSchedule};
use crate::exposure::{Coverage, MarginBps, Others, Own, Scan};
use crate::flow::Flow;
use crate::halt::{HaltState, LossReading};
use crate::judge::Sizes;
use crate::ledger::{Booked, Busted, Ledger, Slot, Terms, Totals};
use crate::limit_change::{
    Author, AuthorisationError, AuthorisedChange, LimitChange, Person, first_looser,
};
use crate::limits::{LimitErrors, Limits};
use crate::locate::{Locate, LocateBook, LocateError};
use crate::options::{OptionBook, contract, leg_units};
use crate::parents::Parents;
use crate::subject::{Subject, worst_price};

/// What a gate is built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GateConfig {
    /// The limits.
    pub limits: Limits,
    /// Whether a refused order may be shrunk.
    pub resize: Resize,
    /// When the account's broker changes the day-trading rule.
    pub day_trading: DayTradingSchedule,
}

impl GateConfig {
    /// For studies on history: [`Limits::research`], no resizing.
    pub fn research() -> Self {
        Self {
            limits: Limits::research(),
            ..Self::default()
        }
    }
}

/// The risk policy of one account.
#[derive(Debug, Clone)]
pub struct Gate {
    limits: Limits,
    margin: MarginBps,
    resize: Resize,
    schedule: DayTradingSchedule,
    ledger: Ledger,
    /// Instruments with a position or a working order, in the order in which they came up.
    active: Vec<InstrumentId>,
    /// By instrument index: whether it is in `active`.
    is_active: Vec<bool>,
    flow: Flow,
    parents: Parents,
    locates: LocateBook,
    day_trades: DayTradeRecord,
    halt: HaltState,
}

impl Gate {
    /// A gate for a table of `instruments` (it grows when more are traded).
    ///
    /// # Errors
    /// [`LimitErrors`] lists every limit that is out of range.
    pub fn new(config: GateConfig, instruments: usize) -> Result<Self, LimitErrors> {
        config.limits.validate()?;
        let limits = config.limits;
        Ok(Self {
            limits,
            margin: MarginBps::new(&limits.margin),
            resize: config.resize,
            schedule: config.day_trading,
            ledger: Ledger::with_instruments(instruments),
            active: Vec::with_capacity(instruments.min(1_024)),
            is_active: vec![false; instruments],
            flow: Flow::new(limits.message_rate, limits.loop_rate, instruments),
            parents: Parents::default(),
            locates: LocateBook::default(),
            day_trades: DayTradeRecord::new(instruments),
            halt: HaltState::default(),
        })
    }

    /// The limits in force.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lowers limits; anybody may, a model too. Whatever would be looser is refused as a whole.
    ///
    /// # Errors
    /// [`AuthorisationError::Looser`], [`AuthorisationError::OutOfRange`],
    /// [`AuthorisationError::NoReason`].
    pub fn lower_limits(
        &mut self,
        limits: &Limits,
        name: Person,
        reason: &str,
        at: Timestamp,
    ) -> Result<LimitChange, AuthorisationError> {
        if let Some(limit) = first_looser(&self.limits, limits) {
            return Err(AuthorisationError::Looser { limit });
        }
        if reason.trim().is_empty() {
            return Err(AuthorisationError::NoReason);
        }
        limits.validate()?;
        let reason = reason.trim().to_owned();
        Ok(self.apply_limits(limits, Author::Lowering { name, reason }, at))
    }

    /// Puts limits in force that two people stand for.
    pub fn change_limits(&mut self, change: AuthorisedChange, at: Timestamp) -> LimitChange {
        let (limits, author) = change.into_parts();
        self.apply_limits(&limits, author, at)
    }

    fn apply_limits(&mut self, limits: &Limits, author: Author, at: Timestamp) -> LimitChange {
        let before = std::mem::replace(&mut self.limits, *limits);
        self.margin = MarginBps::new(&limits.margin);
        self.flow
            .set_windows(limits.message_rate, limits.loop_rate, at);
        LimitChange {
            at,
            author,
            before,
            after: *limits,
        }
    }

    /// Whether trading is allowed, and why not.
    pub const fn halt_state(&self) -> HaltState {
        self.halt
    }

    /// What holds of [`Gate::halt_state`].
    pub fn trading_state(&self) -> TradingState {
        self.halt.effective()
    }

    /// Takes over the halt state of an earlier run: what was stopped starts stopped.
    pub const fn restore_halt_state(&mut self, halt: HaltState) {
        self.halt = halt;
    }

    /// Takes a locate in.
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn add_locate(&mut self, locate: Locate) -> Result<(), LocateError> {
        self.locates.add(locate)
    }

    /// Worst-case cost of all working purchases.
    pub fn reserved_cash(&self) -> Money {
        Money::from_units(self.ledger.totals().cost).unwrap_or(Money::MAX)
    }

    /// Quantities of working purchases and sales in one instrument; of an OCO group the largest.
    pub fn working(&self, instrument: InstrumentId) -> (Quantity, Quantity) {
        let load = self.ledger.load(instrument);
        let shown = |units| Quantity::from_units(units).unwrap_or(Quantity::MAX);
        (shown(load.buy.quantity), shown(load.sell.quantity))
    }

    /// How many orders hold a reservation.
    pub fn working_orders(&self) -> u32 {
        self.ledger.totals().orders
    }

    fn activate(&mut self, instrument: InstrumentId) {
        let index = instrument.index();
        if index >= self.is_active.len() {
            self.is_active.resize(index + 1, false);
        }
        if let Some(active) = self.is_active.get_mut(index)
            && !*active
        {
            *active = true;
            self.active.push(instrument);
        }
    }

    /// Keeps only instruments with a position or a working order.
    fn refresh_active(&mut self, snapshot: &Snapshot<'_>) {
        self.active.clear();
        self.is_active.fill(false);
        for index in 0..snapshot.instruments.len() {
            let Ok(number) = u32::try_from(index) else {
                break;
            };
            let id = InstrumentId(number);
            let held = snapshot
                .holding(id)
                .is_some_and(|holding| !holding.quantity.is_zero());
            if held || self.ledger.load(id).orders > 0 {
                self.activate(id);
            }
        }
    }

    /// Forgets an instrument that neither holds a position nor works an order.
    fn retire(&mut self, instrument: InstrumentId, snapshot: &Snapshot<'_>) {
        let held = snapshot
            .holding(instrument)
            .is_some_and(|holding| !holding.quantity.is_zero());
        if held || self.ledger.load(instrument).orders > 0 {
            return;
        }
        if let Some(place) = self.active.iter().position(|&id| id == instrument) {
            self.active.swap_remove(place);
            if let Some(active) = self.is_active.get_mut(instrument.index()) {
                *active = false;
            }
        }
    }

    fn others(&self, subject: &Subject<'_>, snapshot: &Snapshot<'_>) -> Option<Others> {
        let (sector, industry) = subject
            .instrument
            .map_or((None, None), |found| (found.sector, found.industry));
        let scan = Scan {
            snapshot,
            ledger: &self.ledger,
            except: Some(subject.id_of_instrument),
            sector,
            industry,
            margin: self.margin,
        };
        Others::sum(scan, &self.active)
    }

    /// The account's options; `None` when there are more than can be judged. The book is large:
    /// only orders of accounts with options pay for it.
    #[inline(never)]
    fn option_book<'a>(
        &'a self,
        others: Option<&Others>,
        snapshot: &'a Snapshot<'a>,
    ) -> Option<OptionBook<'a>> {
        let level = self.limits.option_level;
        if others.is_some_and(|others| others.list == Coverage::Active) {
            let active = self.active.iter().copied();
            OptionBook::new(snapshot, &self.ledger, level, active)
        } else {
            let held = snapshot.instruments.iter().map(|(id, _)| id).filter(|&id| {
                let holding = snapshot.holding(id);
                holding.is_some_and(|holding| !holding.quantity.is_zero())
                    || self.ledger.load(id).orders > 0
            });
            OptionBook::new(snapshot, &self.ledger, level, held)
        }
    }

    /// Judges an order where options are concerned.
    #[inline(never)]
    fn assess_with_options(
        &self,
        subject: &Subject<'_>,
        others: Option<Others>,
        snapshot: &Snapshot<'_>,
        into: &mut Assessment,
    ) {
        let book = self.option_book(others.as_ref(), snapshot);
        let mut view = self.view(subject, others, book.as_ref(), snapshot);
        if book.is_none() {
            // Where the options cannot be judged, nothing that rests on them can.
            (view.others, view.own) = (None, None);
        }
        self.assess_view(&view, into);
    }

    fn view<'a>(
        &'a self,
        subject: &'a Subject<'a>,
        others: Option<Others>,
        book: Option<&'a OptionBook<'a>>,
        snapshot: &'a Snapshot<'a>,
    ) -> View<'a> {
        let here = self.ledger.load(subject.id_of_instrument);
        let totals = self.ledger.totals();
        let elsewhere = Totals {
            buys: totals.buys.saturating_sub(here.buy.notional),
            sells: totals.sells.saturating_sub(here.sell.notional),
            cost: totals.cost.saturating_sub(here.buy.cost),
            slippage: totals
                .slippage
                .saturating_sub(here.buy.slippage)
                .saturating_sub(here.sell.slippage),
            ..*totals
        };
        let account = snapshot.account;
        let own = Own::with(subject, book, subject.open.units());
        View {
            limits: &self.limits,
            margin: self.margin,
            snapshot,
            subject,
            sizes: Sizes {
                open: subject.open.units(),
                lot: subject.lot,
                filled: subject.filled.units(),
                reducing: reducing(subject, snapshot, &self.ledger),
            },
            others,
            own,
            options: book,
            elsewhere,
            equity: (account.unpriced_positions == 0).then(|| account.equity.units()),
        }
    }

    /// The rule of the day; before the first day was seen to begin, of the UTC date.
    fn day_trading_rule(&self, now: Timestamp) -> DayTradingRule {
        let day = self.day_trades.day().unwrap_or_else(|| {
            i32::try_from(now.nanos().div_euclid(NANOS_PER_DAY)).unwrap_or(i32::MAX)
        });
        self.schedule.rule_on(day)
    }

    /// Other instruments with a working order that were not opened today: each may add a day trade.
    fn may_open(&self, subject: &Subject<'_>) -> u32 {
        let count = self
            .active
            .iter()
            .filter(|&&id| {
                id != subject.id_of_instrument
                    && self.ledger.load(id).orders > 0
                    && !self.day_trades.opened_today(id)
            })
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn assess_view(&self, view: &View<'_>, into: &mut Assessment) {
        into.push(terms::quantity_positive(view));
        into.push(terms::price_positive(view));
        into.push(terms::tick(view));
        into.push(terms::lot(view));
        into.push(terms::tradable(view));
        into.push(terms::session_open(view));
        into.push(terms::order_terms(view));
        into.push(terms::reduce_only(view));
        into.push(market::snapshot_fresh(view));
        into.push(market::reference_present(view));
        into.push(market::reference_fresh(view));
        into.push(market::quote_not_crossed(view));
        into.push(market::price_collar(view));
        into.push(market::luld_band(view));
        into.push(market::not_halted(view));
        into.push(size::max_quantity(view));
        into.push(size::max_notional(view));
        into.push(size::adv_share(view));
        into.push(funds::buying_power(view));
        into.push(funds::settled_cash(view));
        into.push(funds::initial_margin(view));
        into.push(funds::maintenance_margin(view));
        into.push(funds::minimum_equity(view));
        into.push(day_trading::day_trading(
            view,
            self.day_trading_rule(view.snapshot.now),
            &self.day_trades,
            self.may_open(view.subject),
        ));
        into.push(options::option_level(view));
        into.push(exposure::position_weight(view));
        into.push(exposure::utilisation(view));
        into.push(exposure::max_positions(view));
        into.push(exposure::gross_leverage(view));
        into.push(exposure::net_leverage(view));
        into.push(exposure::sector_weight(view));
        into.push(exposure::industry_weight(view));
        into.push(size::liquidity(view));
        into.push(short_sale::shortable(view));
        into.push(short_sale::locate(view, &self.locates));
        into.push(short_sale::price_test(view));
        into.push(flow::duplicate(view, &self.flow));
        into.push(flow::message_rate(view, &self.flow));
        into.push(flow::loop_throttle(view, &self.flow));
        into.push(size::open_orders(view));
        into.push(flow::cancel_ratio(view, &self.flow));
        into.push(flow::parent_child(view, &self.parents));
        into.push(size::basket_notional(view));
        into.push(state::trading_state(
            view,
            self.halt.effective(),
            self.ledger.fault(),
        ));
        into.push(state::daily_loss(view));
        into.push(state::drawdown(view));
        into.push(state::loss_streak(view));
    }

    fn on_reserve(&mut self, request: &OrderRequest, snapshot: &Snapshot<'_>) {
        self.flow.on_order(request, snapshot.now);
        self.activate(request.instrument);
        let holding = snapshot
            .holding(request.instrument)
            .copied()
            .unwrap_or_default();
        self.day_trades
            .synchronise(request.instrument, holding.quantity);
        let held = holding.quantity.units().max(0);
        let sold_before = self.ledger.load(request.instrument).sell.quantity;
        let Some(booked) = self.book(request, request.quantity, request.kind, snapshot) else {
            self.ledger.set_fault();
            return;
        };
        let mut slot = Slot::new(request.id, request.instrument, request.side, booked);
        slot.oco = request.oco;
        slot.parent = request.parent;
        if !request.legs.is_empty() {
            match self.package_reservation(request, snapshot) {
                Some(package) => slot.package = package,
                None => self.ledger.set_fault(),
            }
            for leg in &request.legs {
                self.activate(leg.instrument);
            }
        }
        self.ledger.reserve(slot);
        if let Some(parent) = request.parent {
            self.parents
                .commit(request.id, parent, request.quantity.units());
        }
        if let Some(locate) = request.locate.filter(|_| request.side == Side::Sell) {
            let sold = self.ledger.load(request.instrument).sell.quantity;
            let short = (sold - held).max(0) - (sold_before - held).max(0);
            if let Ok(short) = Quantity::from_units(short) {
                self.locates.draw(request.id, locate, short);
            }
        }
    }

    /// What an approved order reserves: its whole open quantity at its worst price.
    fn book(
        &self,
        request: &OrderRequest,
        total: Quantity,
        kind: trader_domain::OrderKind,
        snapshot: &Snapshot<'_>,
    ) -> Option<Booked> {
        let instrument = snapshot.instruments.get(request.instrument)?;
        let reference = snapshot
            .mark(request.instrument)?
            .reference(snapshot.now, self.limits.reference_age_nanos)
            .ok()?;
        let worst = worst_price(kind, request.side, reference, self.limits.market_reserve)?;
        // The legs of a package are not the underlying: what it ties up is reserved as a whole.
        let total = if request.legs.is_empty() {
            total
        } else {
            Quantity::ZERO
        };
        Some(Booked {
            total,
            limit: kind.limit_price(),
            terms: Terms {
                open: total,
                price: worst.price,
                cost: worst.cost,
                slippage: worst.slippage,
                multiplier: i64::from(instrument.multiplier),
            },
        })
    }

    /// What an approved package ties up beyond what its account's options tie up already.
    fn package_reservation(&self, request: &OrderRequest, snapshot: &Snapshot<'_>) -> Option<i128> {
        let subject = self.subject(Proposal::New(request), snapshot);
        let others = self.others(&subject, snapshot);
        let book = self.option_book(others.as_ref(), snapshot)?;
        let before = book.with_package(&subject, 0)?;
        let after = book.with_package(&subject, subject.open.units())?;
        let more = after.cash.checked_sub(before.cash)?.max(0);
        more.checked_add(subject.package_cost(subject.open.units())?)
    }

    fn subject<'a>(&self, proposal: Proposal<'a>, snapshot: &'a Snapshot<'a>) -> Subject<'a> {
        Subject::new(
            proposal,
            snapshot,
            &self.ledger,
            self.limits.reference_age_nanos,
            self.limits.market_reserve,
        )
    }

    fn on_reserve_replacement(
        &mut self,
        terms: &trader_domain::ReplaceRequest,
        snapshot: &Snapshot<'_>,
    ) {
        self.flow.on_replacement(snapshot.now);
        let Some(slot) = self.ledger.get(terms.order).copied() else {
            self.ledger.set_fault();
            return;
        };
        let booked = snapshot
            .instruments
            .get(slot.instrument)
            .and_then(|instrument| {
                let reference = snapshot
                    .mark(slot.instrument)?
                    .reference(snapshot.now, self.limits.reference_age_nanos)
                    .ok()?;
                let worst =
                    worst_price(terms.kind, slot.side, reference, self.limits.market_reserve)?;
                Some(Booked {
                    total: terms.quantity,
                    limit: terms.kind.limit_price(),
                    terms: Terms {
                        open: terms.quantity.checked_sub(slot.filled).ok()?,
                        price: worst.price,
                        cost: worst.cost,
                        slippage: worst.slippage,
                        multiplier: i64::from(instrument.multiplier),
                    },
                })
            });
        match booked {
            Some(booked) => self.ledger.reserve_replacement(terms.order, booked),
            None => self.ledger.set_fault(),
        }
        self.recommit(terms.order);
    }

    /// Brings a child's share of its parent up to date.
    fn recommit(&mut self, order: OrderId) {
        let Some(slot) = self.ledger.get(order) else {
            return;
        };
        let Some(parent) = slot.parent else { return };
        let open = slot
            .pending
            .map_or(slot.current.terms.open, |pending| {
                pending.terms.open.max(slot.current.terms.open)
            })
            .units();
        let committed = slot.filled.units().saturating_add(open);
        self.parents.commit(order, parent, committed);
    }

    fn on_done(&mut self, order: OrderId, snapshot: &Snapshot<'_>) {
        let Some(slot) = self.ledger.release(order) else {
            return;
        };
        if let Some(parent) = slot.parent {
            self.parents.child_done(order, parent, slot.filled.units());
        }
        self.locates.give_back(order, slot.current.terms.open);
        self.retire(slot.instrument, snapshot);
    }

    fn on_new_day(&mut self, day: i32, snapshot: &Snapshot<'_>) {
        self.refresh_active(snapshot);
        self.flow.on_new_day();
        self.locates.expire(snapshot.now);
        let excess = self.maintenance_excess(snapshot);
        // De minimis: the lesser of $1,000 and 5 % of equity.
        let equity = snapshot.account.equity.units().max(0);
        let tolerated = Money::whole(1_000).units().min(equity / 20);
        let deficit = excess.is_none_or(|excess| excess < -tolerated);
        let is_margin = snapshot.account.kind == trader_broker::AccountKind::Margin;
        self.day_trades
            .on_new_day(day, excess, is_margin && deficit);
        self.halt.day = TradingState::Active;
    }

    /// Equity less maintenance requirement; `None` when either is not known.
    fn maintenance_excess(&self, snapshot: &Snapshot<'_>) -> Option<i128> {
        let scan = Scan {
            snapshot,
            ledger: &self.ledger,
            except: None,
            sector: None,
            industry: None,
            margin: self.margin,
        };
        let required = Others::sum(scan, &self.active)?.maintenance;
        if snapshot.account.unpriced_positions > 0 {
            return None;
        }
        snapshot
            .account
            .equity
            .units()
            .checked_sub(crate::checks::bps_up(required)?)
    }

    fn on_command(&mut self, command: OperatorCommand) {
        if let OperatorCommand::SetTradingState(state) = command {
            self.halt.ordered = state;
            if state == TradingState::Active {
                self.halt.day = TradingState::Active;
                self.halt.latched = TradingState::Active;
            }
        }
    }
}

/// How much of the order only takes from the position, given the other working orders.
fn reducing(subject: &Subject<'_>, snapshot: &Snapshot<'_>, ledger: &Ledger) -> i64 {
    if subject.is_package() {
        return closing_packages(subject, snapshot, ledger);
    }
    let Some(base) = subject.base else { return 0 };
    let held = subject.holding.quantity.units();
    let (opposite, working) = match subject.side {
        Side::Buy => (-held, base.buy.quantity),
        Side::Sell => (held, base.sell.quantity),
    };
    opposite.saturating_sub(working).max(0)
}

/// A package reduces when every leg does and no leg is being traded otherwise.
fn closing_packages(subject: &Subject<'_>, snapshot: &Snapshot<'_>, ledger: &Ledger) -> i64 {
    let open = subject.open.units();
    let closes = subject.request.legs.iter().all(|leg| {
        let held = snapshot
            .holding(leg.instrument)
            .map_or(0, |holding| holding.quantity.units());
        leg_units(subject.side, leg.side, leg.ratio, open).is_some_and(|traded| {
            ledger.load(leg.instrument).orders == 0
                && held.signum() == -traded.signum()
                && traded.saturating_abs() <= held.saturating_abs()
        })
    });
    if closes { open } else { 0 }
}

impl RiskPolicy for Gate {
    fn assess(&self, proposal: Proposal<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment) {
        let subject = self.subject(proposal, snapshot);
        let others = self.others(&subject, snapshot);
        let options = subject.is_package()
            || others.is_some_and(|others| others.options)
            || subject
                .instrument
                .is_some_and(|found| contract(found).is_some());
        if options {
            self.assess_with_options(&subject, others, snapshot, into);
        } else {
            let view = self.view(&subject, others, None, snapshot);
            self.assess_view(&view, into);
        }
    }

    fn observe(&mut self, event: GateEvent<'_>, snapshot: &Snapshot<'_>) {
        match event {
            GateEvent::Reserve(order) => self.on_reserve(order.request(), snapshot),
            GateEvent::ReserveReplacement(replacement) => {
                self.on_reserve_replacement(replacement.terms(), snapshot);
            }
            GateEvent::ReplacementSettled {
                order,
                quantity,
                limit,
            } => {
                self.ledger.settle_replacement(order, quantity, limit);
                self.recommit(order);
            }
            GateEvent::Filled {
                order,
                instrument,
                side,
                quantity,
                ..
            } => {
                self.ledger.fill(order, quantity);
                self.day_trades.on_fill(instrument, side, quantity);
                self.activate(instrument);
                self.flow.on_fill();
                self.recommit(order);
            }
            GateEvent::Busted { order, quantity } => {
                if self.ledger.bust(order, quantity) == Busted::Unknown {
                    // Nobody knows whether it may trade again: an operator looks first.
                    self.halt.latched = TradingState::Reducing;
                }
                self.recommit(order);
            }
            GateEvent::Done { order, .. } => self.on_done(order, snapshot),
            GateEvent::CancelSent { now, .. } => self.flow.on_cancel(now),
            GateEvent::ParentOpened { order, quantity } => self.parents.open(order, quantity),
            GateEvent::ParentClosed { order } => self.parents.close(order),
            GateEvent::NewDay { day } => self.on_new_day(day, snapshot),
            GateEvent::Command(command) => self.on_command(command),
            GateEvent::TradeClosed { .. } | GateEvent::Split { .. } => {}
        }
        self.review(snapshot);
    }

    /// Applies the loss limits to the account as it stands; `observe` does so with every event.
    fn review(&mut self, snapshot: &Snapshot<'_>) -> TradingState {
        let account = snapshot.account;
        let breached = |start, limit| {
            LossReading::of(account, start, limit).is_some_and(|reading| reading.breached)
        };
        if breached(account.day_start_equity, self.limits.daily_loss) {
            self.halt.day = TradingState::Reducing;
        }
        if breached(account.peak_equity, self.limits.drawdown) {
            self.halt.latched = TradingState::Reducing;
        }
        self.halt.effective()
    }

    fn resize(&self) -> Resize {
        self.resize
    }

    fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        self.ledger.hash_state(update);
        self.flow.hash_state(update);
        self.parents.hash_state(update);
        self.locates.hash_state(update);
        self.day_trades.hash_state(update);
        for state in [self.halt.ordered, self.halt.day, self.halt.latched] {
            update(&[match state {
                TradingState::Active => 0,
                TradingState::Reducing => 1,
                TradingState::Halted => 2,
            }]);
        }
    }
}
