//! [`Subject`]: one proposal, new or replacement, in the form that all checks read.

use trader_broker::{Holding, Mark, Proposal, ReferenceError, Snapshot};
use trader_domain::{
    Instrument, InstrumentId, OrderId, OrderKind, OrderRequest, Price, Quantity, Rate, Session,
    Side, TimeInForce, Trail,
};

use crate::ledger::{Base, Ledger, Reservation, Terms};

/// Whether the order exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// A new order.
    New,
    /// New terms for a working one.
    Replacement,
}

/// Worst price and instant loss of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorstPrice {
    /// What a unit may be worth once it has traded: its worst price, or the reference where that
    /// is higher (a passive purchase may fill in a dip that is over at once).
    pub(crate) price: Price,
    /// What a unit may cost; zero for a sale.
    pub(crate) cost: Price,
    /// What a unit may lose at once against the reference.
    pub(crate) slippage: Price,
}

/// A proposal with everything about its instrument looked up once.
pub(crate) struct Subject<'a> {
    pub(crate) novelty: Novelty,
    pub(crate) request: &'a OrderRequest,
    pub(crate) id: OrderId,
    pub(crate) id_of_instrument: InstrumentId,
    pub(crate) instrument: Option<&'a Instrument>,
    pub(crate) mark: Option<&'a Mark>,
    pub(crate) holding: Holding,
    pub(crate) side: Side,
    pub(crate) kind: OrderKind,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) session: Session,
    /// Total quantity, filled part included.
    pub(crate) quantity: Quantity,
    /// What has filled.
    pub(crate) filled: Quantity,
    /// What may still trade; may be zero or negative in a bad replacement.
    pub(crate) open: Quantity,
    pub(crate) reference: Result<Price, ReferenceError>,
    pub(crate) worst: Option<WorstPrice>,
    pub(crate) multiplier: i64,
    pub(crate) lot: i64,
    /// Up to how many units new terms only lower what the order may trade already; zero for a new
    /// order, and for another type, price or time in force, which are judged as what they are.
    pub(crate) lowered: i64,
    /// The ledger without this order; `None` when it does not add up.
    pub(crate) base: Option<Base>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        proposal: Proposal<'a>,
        snapshot: &'a Snapshot<'a>,
        ledger: &Ledger,
        max_age_nanos: i64,
        market_reserve: Rate,
    ) -> Self {
        let (request, novelty, quantity, filled, kind, time_in_force) = match proposal {
            Proposal::New(request) => (
                request,
                Novelty::New,
                request.quantity,
                Quantity::ZERO,
                request.kind,
                request.time_in_force,
            ),
            Proposal::Replace {
                working,
                filled,
                terms,
            } => (
                working,
                Novelty::Replacement,
                terms.quantity,
                filled,
                terms.kind,
                terms.time_in_force,
            ),
        };
        let id = request.instrument;
        let instrument = snapshot.instruments.get(id);
        let mark = snapshot.mark(id);
        let reference = mark
            .ok_or(ReferenceError::Missing)
            .and_then(|mark| mark.reference(snapshot.now, max_age_nanos))
            .and_then(|price| {
                if price.is_positive() {
                    Ok(price)
                } else {
                    Err(ReferenceError::Missing)
                }
            });
        let worst = if request.legs.is_empty() {
            reference
                .ok()
                .and_then(|price| worst_price(kind, request.side, price, market_reserve))
        } else {
            // The net price of a package, whichever way it goes, is what it is worth.
            kind.limit_price().map(|net| WorstPrice {
                price: net.abs(),
                cost: Price::ZERO,
                slippage: Price::ZERO,
            })
        };
        Self {
            novelty,
            request,
            id: request.id,
            id_of_instrument: id,
            instrument,
            mark,
            holding: snapshot.holding(id).copied().unwrap_or_default(),
            side: request.side,
            kind,
            time_in_force,
            session: request.session,
            quantity,
            filled,
            open: quantity.checked_sub(filled).unwrap_or(Quantity::ZERO),
            reference,
            worst,
            multiplier: multiplier(request, instrument, snapshot),
            lot: instrument.map_or(1, |found| found.lot.units()),
            lowered: lowered(proposal, ledger),
            base: ledger.base(id, request.side, request.id, request.oco),
        }
    }

    /// Up to how many units the order adds nothing to what is reserved for it, or for its OCO
    /// group, already; zero for an order that stands alone.
    pub(crate) fn reserved_already(&self) -> i64 {
        let Some(already) = self.base.as_ref().map(|base| base.own.max(base.group)) else {
            return 0;
        };
        if already.quantity == 0 {
            return 0;
        }
        let one = self.terms(1).and_then(Terms::reservation);
        let Some(one) = one.filter(|one| one.unit_price <= already.unit_price) else {
            return 0;
        };
        [
            (already.notional, one.notional),
            (already.cost, one.cost),
            (already.slippage, one.slippage),
        ]
        .into_iter()
        .filter(|(_, unit)| *unit > 0)
        .map(|(figure, unit)| i64::try_from(figure / unit).unwrap_or(i64::MAX))
        .fold(already.quantity, i64::min)
    }

    /// What `open` units of a package cost at its net price; a credit costs nothing.
    pub(crate) fn package_cost(&self, open: i64) -> Option<i128> {
        let net = i128::from(self.kind.limit_price()?.units())
            .checked_mul(i128::from(self.side.sign()))?
            .max(0);
        net.checked_mul(i128::from(self.multiplier))?
            .checked_mul(i128::from(open))
    }

    /// Whether the order is a package of legs.
    pub(crate) fn is_package(&self) -> bool {
        !self.request.legs.is_empty()
    }

    /// What `open` units (10⁻⁹) would reserve; `None` without a price or when it does not fit.
    pub(crate) fn terms(&self, open: i64) -> Option<Terms> {
        let worst = self.worst?;
        Some(Terms {
            open: Quantity::from_units(open).ok()?,
            price: worst.price,
            cost: worst.cost,
            slippage: worst.slippage,
            multiplier: self.multiplier,
        })
    }

    /// What the order and its OCO group would reserve with `open` units. A replacement covers the
    /// terms that work now as well, until the broker has answered.
    pub(crate) fn candidate(&self, open: i64) -> Option<Reservation> {
        let base = self.base.as_ref()?;
        // The legs of a package are not the underlying: what it ties up is counted as a whole.
        let own = if open > 0 && !self.is_package() {
            self.terms(open)?.reservation()?
        } else {
            Reservation::default()
        };
        Some(if base.is_alone() {
            own
        } else {
            own.max(base.own).max(base.group)
        })
    }
}

/// What of an order may trade at least, if new terms leave its type, prices and time in force.
fn lowered(proposal: Proposal<'_>, ledger: &Ledger) -> i64 {
    let Proposal::Replace { working, terms, .. } = proposal else {
        return 0;
    };
    if (terms.kind, terms.time_in_force) != (working.kind, working.time_in_force) {
        return 0;
    }
    ledger.get(working.id).map_or(0, |slot| {
        let current = slot.current.terms.open;
        let pending = slot.pending.map_or(current, |pending| pending.terms.open);
        current.min(pending).units()
    })
}

/// Units of the underlying in one; of a package, in one of its legs.
fn multiplier(
    request: &OrderRequest,
    instrument: Option<&Instrument>,
    snapshot: &Snapshot<'_>,
) -> i64 {
    let leg = request
        .legs
        .iter()
        .find_map(|leg| snapshot.instruments.get(leg.instrument));
    leg.or(instrument)
        .map_or(1, |found| i64::from(found.multiplier))
}

/// The worst price at which an order of this kind can trade, and how much worse than the
/// reference (or, for a stop, than its trigger) that is.
pub(crate) fn worst_price(
    kind: OrderKind,
    side: Side,
    reference: Price,
    reserve: Rate,
) -> Option<WorstPrice> {
    let anchor = match kind {
        OrderKind::Market | OrderKind::MarketOnOpen | OrderKind::MarketOnClose => reference,
        OrderKind::Limit { price }
        | OrderKind::LimitOnOpen { price }
        | OrderKind::LimitOnClose { price } => return limited(side, price, reference),
        OrderKind::StopLimit { trigger, price } => {
            let worst = limited(side, price, trigger)?;
            return Some(WorstPrice {
                price: worst.price.max(reference),
                ..worst
            });
        }
        OrderKind::Stop { trigger } => trigger.max(reference),
        OrderKind::TrailingStop { trail } => {
            let distance = match trail {
                Trail::Amount(amount) => amount,
                Trail::Percent(rate) => share_up(reference, rate)?,
            };
            match side {
                Side::Buy => reference.checked_add(distance).ok()?,
                Side::Sell => reference,
            }
        }
    };
    let slippage = share_up(anchor, reserve)?;
    Some(match side {
        Side::Buy => {
            let cost = anchor.checked_add(slippage).ok()?;
            WorstPrice {
                price: cost,
                cost,
                slippage,
            }
        }
        Side::Sell => WorstPrice {
            price: anchor,
            cost: Price::ZERO,
            slippage,
        },
    })
}

fn limited(side: Side, price: Price, reference: Price) -> Option<WorstPrice> {
    let (cost, loss) = match side {
        Side::Buy => (price, price.checked_sub(reference).ok()?),
        Side::Sell => (Price::ZERO, reference.checked_sub(price).ok()?),
    };
    Some(WorstPrice {
        price: price.max(reference),
        cost,
        slippage: loss.max(Price::ZERO),
    })
}

/// `price × rate`, rounded up.
pub(crate) fn share_up(price: Price, rate: Rate) -> Option<Price> {
    let scale = Rate::ONE.units();
    match price.units().checked_mul(rate.units()) {
        // The common case stays in 64 bits, where division is cheap.
        Some(product) if product >= 0 => {
            let whole = product / scale;
            let units = if product % scale == 0 {
                whole
            } else {
                whole + 1
            };
            Price::from_units(units).ok()
        }
        _ => price
            .scale(rate.units(), scale, trader_domain::Rounding::Ceiling)
            .ok(),
    }
}
