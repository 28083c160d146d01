//! [`PreTradePolicy`]: restricted list, self-trade prevention and short-sale marking together.

use trader_broker::{
    Assessment, CheckId, CheckRecord, CompliancePolicy, Figure, GateEvent, Proposal, Snapshot,
    Unit, Verdict,
};
use trader_domain::{
    OperatorCommand, OrderKind, OrderRequest, Price, Quantity, Rate, ShortMark, Side,
};

use crate::restricted::{RestrictedList, Restriction, RestrictionError};
use crate::self_trade::{AccountFamilies, meet};
use crate::short_marking::{free_long, mark};
use crate::working::WorkingOrders;

/// What a policy is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplianceConfig {
    /// Which accounts have the same owner. Default: all.
    pub families: AccountFamilies,
    /// How far into the book a market order is taken to reach. Default 5 %, as the price collar.
    pub market_reach: Rate,
}

impl Default for ComplianceConfig {
    fn default() -> Self {
        Self {
            families: AccountFamilies::default(),
            market_reach: Rate::from_percent(5),
        }
    }
}

/// The compliance policy.
#[derive(Debug, Clone, Default)]
pub struct PreTradePolicy {
    config: ComplianceConfig,
    list: RestrictedList,
    orders: WorkingOrders,
}

/// The terms under judgement.
struct Terms<'a> {
    request: &'a OrderRequest,
    kind: OrderKind,
    /// What may still trade.
    open: Quantity,
    /// The mark the order carries.
    carried: Option<ShortMark>,
}

impl PreTradePolicy {
    /// A policy with an empty restricted list.
    pub fn new(config: ComplianceConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Puts an entry on the restricted list.
    ///
    /// # Errors
    /// [`RestrictionError`].
    pub fn restrict(&mut self, entry: Restriction) -> Result<(), RestrictionError> {
        self.list.add(entry)
    }

    /// All entries, ended ones included.
    pub fn restrictions(&self) -> &[Restriction] {
        self.list.entries()
    }

    /// C001.
    fn restricted(&self, terms: &Terms<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment) {
        let request = terms.request;
        let legs = request.legs.iter().map(|leg| {
            // A package may be bought or sold: each leg's own side counts.
            let side = match request.side {
                Side::Buy => leg.side,
                Side::Sell => leg.side.opposite(),
            };
            self.list.count(leg.instrument, side, None, snapshot.now)
        });
        let own = self.list.count(
            request.instrument,
            request.side,
            terms.carried,
            snapshot.now,
        );
        let count = own + legs.sum::<usize>();
        let found = u64::try_from(count).unwrap_or(u64::MAX);
        note(
            into,
            CheckId::RestrictedList,
            count == 0,
            Figure::new(Unit::Count, found.into()),
            Figure::new(Unit::Count, 0),
        );
    }

    /// C002.
    fn self_trade(&self, terms: &Terms<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment) {
        let request = terms.request;
        let shown = shown_price(terms.kind);
        let mut opposite = self
            .orders
            .of(request.instrument)
            .iter()
            .filter(|other| {
                other.side != request.side
                    && other.order != request.id
                    && self.config.families.related(other.account, request.account)
            })
            .peekable();
        if opposite.peek().is_none() {
            return note(into, CheckId::SelfTrade, true, shown, Figure::ABSENT);
        }
        // Where the best price on the other side is not known, the last one stands in.
        let reference = snapshot.mark(request.instrument).and_then(|mark| {
            match request.side {
                Side::Buy => mark.ask,
                Side::Sell => mark.bid,
            }
            .or(mark.last)
        });
        let crossing = opposite.find_map(|other| {
            let meets = |reference: Price| {
                other.kinds().any(|theirs| {
                    let (buy, sell) = match request.side {
                        Side::Buy => (terms.kind, theirs),
                        Side::Sell => (theirs, terms.kind),
                    };
                    meet(buy, sell, reference, self.config.market_reach).unwrap_or(true)
                })
            };
            // Not known whether they meet: they may.
            reference.is_none_or(meets).then(|| shown_price(other.kind))
        });
        note(
            into,
            CheckId::SelfTrade,
            crossing.is_none(),
            shown,
            crossing.unwrap_or(Figure::ABSENT),
        );
    }

    /// C003.
    fn marking(&self, terms: &Terms<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment) {
        let request = terms.request;
        let demanded = mark(request, terms.open, &self.orders, snapshot);
        let free = free_long(
            request.instrument,
            request.id,
            request.oco,
            &self.orders,
            snapshot,
        );
        // A sale that is marked short although it could be long is a wrong mark too.
        let right = terms.carried == demanded;
        let measured = Figure::new(Unit::Quantity, terms.open.units().into());
        let limit = free.map_or(Figure::ABSENT, |free| {
            Figure::new(Unit::Quantity, free.units().into())
        });
        if right || terms.carried != Some(ShortMark::Long) {
            return note(into, CheckId::ShortMarking, right, measured, limit);
        }
        into.push(CheckRecord {
            check: CheckId::ShortMarking,
            verdict: Verdict::Reject,
            measured: measured.measure(),
            limit: limit.measure(),
            largest: free
                .map(|free| free.max(Quantity::ZERO))
                .and_then(|free| free.checked_add(filled_of(terms)).ok()),
        });
    }
}

/// What of the order has filled: what is asked for less what is open.
fn filled_of(terms: &Terms<'_>) -> Quantity {
    terms
        .request
        .quantity
        .checked_sub(terms.open)
        .unwrap_or(Quantity::ZERO)
        .max(Quantity::ZERO)
}

/// The price by which people know an order: its limit, else its trigger.
fn shown_price(kind: OrderKind) -> Figure {
    let price = kind.limit_price().or(kind.trigger_price());
    price.map_or(Figure::ABSENT, |price| {
        Figure::new(Unit::Price, price.units().into())
    })
}

#[inline]
fn note(into: &mut Assessment, check: CheckId, holds: bool, measured: Figure, limit: Figure) {
    let verdict = if holds {
        Verdict::Pass
    } else {
        Verdict::Reject
    };
    into.note(check, verdict, measured, limit);
}

impl CompliancePolicy for PreTradePolicy {
    fn mark(&self, request: &OrderRequest, snapshot: &Snapshot<'_>) -> Option<ShortMark> {
        mark(request, request.quantity, &self.orders, snapshot)
    }

    fn assess(&self, proposal: Proposal<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment) {
        let terms = match proposal {
            Proposal::New(request) => Terms {
                request,
                kind: request.kind,
                open: request.quantity,
                carried: request.short_mark,
            },
            Proposal::Replace {
                working,
                filled,
                terms,
            } => Terms {
                request: working,
                kind: terms.kind,
                open: terms.quantity.checked_sub(filled).unwrap_or(terms.quantity),
                carried: working.short_mark,
            },
        };
        self.restricted(&terms, snapshot, into);
        self.self_trade(&terms, snapshot, into);
        self.marking(&terms, snapshot, into);
    }

    fn observe(&mut self, event: GateEvent<'_>, snapshot: &Snapshot<'_>) {
        match event {
            GateEvent::Reserve(order) => self.orders.add(order.request()),
            GateEvent::ReserveReplacement(replacement) => self.orders.ask(replacement.terms()),
            GateEvent::ReplacementSettled {
                order,
                quantity,
                limit,
            } => self.orders.settle(order, quantity, limit),
            GateEvent::Filled {
                order, quantity, ..
            } => self.orders.fill(order, quantity),
            GateEvent::Busted { order, quantity } => self.orders.bust(order, quantity),
            GateEvent::Done { order, .. } => self.orders.remove(order),
            GateEvent::Command(OperatorCommand::Restrict(instrument)) => {
                self.list.restrict(instrument, snapshot.now);
            }
            GateEvent::Command(OperatorCommand::Unrestrict(instrument)) => {
                self.list.unrestrict(instrument, snapshot.now);
            }
            GateEvent::Command(_)
            | GateEvent::CancelSent { .. }
            | GateEvent::ParentOpened { .. }
            | GateEvent::ParentClosed { .. }
            | GateEvent::TradeClosed { .. }
            | GateEvent::NewDay { .. }
            | GateEvent::Split { .. } => {}
        }
    }

    fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        self.list.hash_state(update);
        self.orders.hash_state(update);
    }
}
