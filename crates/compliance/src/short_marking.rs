//! The Reg SHO Rule 200(g) mark of a sale, from the net position.
//!
//! A sale is long only if the seller owns what is sold. What other working orders may still sell is
//! spoken for, so it is taken from the position first (of an OCO group only the largest member can
//! trade). A sale that is partly beyond the position is short as a whole: the strategy may split it.

use trader_broker::Snapshot;
use trader_domain::{
    AssetClass, InstrumentId, OrderId, OrderRequest, Quantity, ShortExemption, ShortMark, Side,
};

use crate::working::{Working, WorkingOrders};

/// What is held long and not spoken for by other working sales.
pub(crate) fn free_long(
    instrument: InstrumentId,
    except: OrderId,
    oco: Option<trader_domain::OcoGroupId>,
    orders: &WorkingOrders,
    snapshot: &Snapshot<'_>,
) -> Option<Quantity> {
    let held = snapshot.holding(instrument)?.quantity.max(Quantity::ZERO);
    let sales = orders
        .of(instrument)
        .iter()
        .filter(|order| order.side == Side::Sell && order.order != except);
    let mut spoken_for = Quantity::ZERO;
    for order in sales {
        // Members of the order's own group cannot trade beside it.
        if oco.is_some() && order.oco == oco {
            continue;
        }
        if is_largest_of_group(order, orders.of(instrument), except) {
            spoken_for = spoken_for.checked_add(order.open()).ok()?;
        }
    }
    held.checked_sub(spoken_for).ok()
}

/// Whether an order counts for its OCO group; without a group it does.
fn is_largest_of_group(order: &Working, all: &[Working], except: OrderId) -> bool {
    let Some(group) = order.oco else { return true };
    let rank = |one: &Working| (one.open(), one.order);
    !all.iter().any(|other| {
        other.oco == Some(group)
            && other.side == order.side
            && other.order != except
            && rank(other) > rank(order)
    })
}

/// The mark of an order for `quantity`; `None` for purchases and for what Reg SHO does not cover.
pub(crate) fn mark(
    request: &OrderRequest,
    quantity: Quantity,
    orders: &WorkingOrders,
    snapshot: &Snapshot<'_>,
) -> Option<ShortMark> {
    if request.side == Side::Buy || !request.legs.is_empty() {
        return None;
    }
    let covered = snapshot
        .instruments
        .get(request.instrument)
        .is_none_or(|found| matches!(found.class, AssetClass::Equity | AssetClass::Etf));
    if !covered {
        return None;
    }
    let free = free_long(
        request.instrument,
        request.id,
        request.oco,
        orders,
        snapshot,
    );
    // What is not known to be owned is short.
    Some(match (free, request.short_exempt) {
        (Some(free), _) if quantity <= free => ShortMark::Long,
        (_, ShortExemption::Claimed) => ShortMark::ShortExempt,
        (_, ShortExemption::None) => ShortMark::Short,
    })
}
