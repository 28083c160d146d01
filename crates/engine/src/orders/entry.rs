//! One order as the core remembers it.

use trader_domain::order::{OrderLife, OrderStateError};
use trader_domain::{ContingentExits, InstrumentId, OrderRequest, Quantity, Side, Timestamp};

/// An order's terms in force, its life so far and the exits that its fills call for.
#[derive(Debug, Clone)]
pub struct OrderEntry {
    /// The terms in force (replacements applied).
    pub request: OrderRequest,
    /// Where it stands.
    pub life: OrderLife,
    /// Exits to attach to its fills.
    pub exits: ContingentExits,
    /// Since when the terms are in force at the broker: an older report about terms is a repeated one.
    pub(crate) terms_since: Timestamp,
    /// What an OCO order still has to shrink by once the change on its way is answered.
    pub(crate) oco_cut: Quantity,
    /// What still counts as pending for the strategy.
    pub(crate) pending: Quantity,
    /// Whether the order manager has filed it as finished.
    pub(crate) finished: bool,
}

impl OrderEntry {
    pub(crate) fn new(
        request: OrderRequest,
        exits: ContingentExits,
    ) -> Result<Self, OrderStateError> {
        let life = OrderLife::with_legs(request.quantity, &request.legs)?;
        Ok(Self {
            terms_since: request.created,
            oco_cut: Quantity::ZERO,
            request,
            life,
            exits,
            pending: Quantity::ZERO,
            finished: false,
        })
    }

    /// The same in the place of an order that nobody needs any more. After an error the place holds
    /// neither.
    pub(crate) fn replace_by(
        &mut self,
        request: &OrderRequest,
        exits: ContingentExits,
    ) -> Result<(), OrderStateError> {
        self.life = OrderLife::with_legs(request.quantity, &request.legs)?;
        self.request.clone_from(request);
        self.exits = exits;
        self.terms_since = request.created;
        self.oco_cut = Quantity::ZERO;
        self.pending = Quantity::ZERO;
        self.finished = false;
        Ok(())
    }

    /// Which instrument and side an execution of leg `leg` trades; `None` for a leg that the order
    /// does not have.
    pub fn traded(&self, leg: u8) -> Option<(InstrumentId, Side)> {
        if self.request.legs.is_empty() {
            return (leg == 0).then_some((self.request.instrument, self.request.side));
        }
        let found = self.request.legs.get(usize::from(leg))?;
        let side = if self.request.side == Side::Buy {
            found.side
        } else {
            found.side.opposite()
        };
        Some((found.instrument, side))
    }
}
