//! Our own working orders, by instrument: what self-trade prevention and short-sale marking look at.

use trader_domain::{
    AccountId, InstrumentId, OcoGroupId, OrderId, OrderKind, OrderRequest, Price, Quantity,
    ReplaceRequest, Side,
};

/// One working order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Working {
    pub(crate) order: OrderId,
    pub(crate) account: AccountId,
    pub(crate) side: Side,
    pub(crate) kind: OrderKind,
    /// Terms that were asked for and not answered yet; both count until then.
    pub(crate) asked: Option<(OrderKind, Quantity)>,
    pub(crate) oco: Option<OcoGroupId>,
    /// Total in force.
    pub(crate) quantity: Quantity,
    pub(crate) filled: Quantity,
}

impl Working {
    /// The most that may still trade.
    pub(crate) fn open(&self) -> Quantity {
        let total = self
            .asked
            .map_or(self.quantity, |(_, asked)| asked.max(self.quantity));
        total
            .checked_sub(self.filled)
            .unwrap_or(Quantity::ZERO)
            .max(Quantity::ZERO)
    }

    /// The terms under which it may trade.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = OrderKind> {
        std::iter::once(self.kind).chain(self.asked.map(|(kind, _)| kind))
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct WorkingOrders {
    /// By instrument index.
    by_instrument: Vec<Vec<Working>>,
    /// Order number and instrument, sorted by number.
    index: Vec<(OrderId, InstrumentId)>,
}

impl WorkingOrders {
    pub(crate) fn of(&self, instrument: InstrumentId) -> &[Working] {
        self.by_instrument
            .get(instrument.index())
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, request: &OrderRequest) {
        let index = request.instrument.index();
        if index >= self.by_instrument.len() {
            self.by_instrument.resize(index + 1, Vec::new());
        }
        let Err(place) = self.find(request.id) else {
            return;
        };
        self.index.insert(place, (request.id, request.instrument));
        if let Some(list) = self.by_instrument.get_mut(index) {
            list.push(Working {
                order: request.id,
                account: request.account,
                side: request.side,
                kind: request.kind,
                asked: None,
                oco: request.oco,
                quantity: request.quantity,
                filled: Quantity::ZERO,
            });
        }
    }

    fn find(&self, order: OrderId) -> Result<usize, usize> {
        // New orders have the highest number: the end is the place in nearly all cases.
        if self.index.last().is_none_or(|last| last.0 < order) {
            return Err(self.index.len());
        }
        self.index.binary_search_by_key(&order, |entry| entry.0)
    }

    fn change(&mut self, order: OrderId, change: impl FnOnce(&mut Working)) {
        let Ok(place) = self.find(order) else { return };
        let found = self.index.get(place).and_then(|(_, instrument)| {
            self.by_instrument
                .get_mut(instrument.index())?
                .iter_mut()
                .find(|working| working.order == order)
        });
        if let Some(working) = found {
            change(working);
        }
    }

    pub(crate) fn ask(&mut self, terms: &ReplaceRequest) {
        self.change(terms.order, |working| {
            working.asked = Some((terms.kind, terms.quantity));
        });
    }

    pub(crate) fn settle(&mut self, order: OrderId, quantity: Quantity, limit: Option<Price>) {
        self.change(order, |working| {
            if let Some((kind, asked)) = working.asked.take()
                && asked == quantity
                && kind.limit_price() == limit
            {
                working.kind = kind;
            }
            working.quantity = quantity;
        });
    }

    pub(crate) fn fill(&mut self, order: OrderId, quantity: Quantity) {
        self.change(order, |working| {
            working.filled = working
                .filled
                .checked_add(quantity)
                .unwrap_or(working.filled);
        });
    }

    pub(crate) fn bust(&mut self, order: OrderId, quantity: Quantity) {
        self.change(order, |working| {
            working.filled = working
                .filled
                .checked_sub(quantity)
                .unwrap_or(Quantity::ZERO)
                .max(Quantity::ZERO);
        });
    }

    pub(crate) fn remove(&mut self, order: OrderId) {
        let Ok(place) = self.find(order) else { return };
        let (_, instrument) = self.index.remove(place);
        if let Some(list) = self.by_instrument.get_mut(instrument.index())
            && let Some(at) = list.iter().position(|working| working.order == order)
        {
            list.swap_remove(at);
        }
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        for (order, instrument) in &self.index {
            update(&order.0.to_le_bytes());
            update(&instrument.0.to_le_bytes());
        }
        for working in self.by_instrument.iter().flatten() {
            update(&working.order.0.to_le_bytes());
            update(&working.quantity.units().to_le_bytes());
            update(&working.filled.units().to_le_bytes());
        }
    }
}
