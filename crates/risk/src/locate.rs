//! The locate book: borrow confirmations for short sales, with quantity and expiry.
//!
//! Reg SHO Rule 203(b)(1) wants a locate before the sale. An order draws its short part from a
//! locate when it is approved; what does not trade goes back when the order is done.

use thiserror::Error;
use trader_domain::{InstrumentId, LocateId, OrderId, Quantity, Timestamp};

/// A broker's word that shares are there to borrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locate {
    /// The broker's id for it.
    pub id: LocateId,
    /// Of what.
    pub instrument: InstrumentId,
    /// How many; positive.
    pub quantity: Quantity,
    /// From when on it is void (usually the end of the day).
    pub expires: Timestamp,
}

/// Why a locate was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LocateError {
    /// The id is in the book already.
    #[error("locate {0} is in the book already")]
    Duplicate(LocateId),
    /// Nothing was located.
    #[error("locate {0} is for nothing")]
    NotPositive(LocateId),
}

#[derive(Debug, Clone, Copy)]
struct Line {
    locate: Locate,
    left: Quantity,
}

/// All locates that have not expired, and who draws on them.
#[derive(Debug, Clone, Default)]
pub(crate) struct LocateBook {
    lines: Vec<Line>,
    draws: Vec<(OrderId, LocateId, Quantity)>,
}

impl LocateBook {
    /// Takes a locate in.
    pub(crate) fn add(&mut self, locate: Locate) -> Result<(), LocateError> {
        if !locate.quantity.is_positive() {
            return Err(LocateError::NotPositive(locate.id));
        }
        if self.lines.iter().any(|line| line.locate.id == locate.id) {
            return Err(LocateError::Duplicate(locate.id));
        }
        self.lines.push(Line {
            locate,
            left: locate.quantity,
        });
        Ok(())
    }

    /// What is left of a locate; zero when unknown, for another instrument or expired.
    pub(crate) fn remaining(
        &self,
        id: LocateId,
        instrument: InstrumentId,
        now: Timestamp,
    ) -> Quantity {
        self.lines
            .iter()
            .find(|line| line.locate.id == id)
            .filter(|line| line.locate.instrument == instrument && now < line.locate.expires)
            .map_or(Quantity::ZERO, |line| line.left)
    }

    /// What an order has drawn and not given back.
    pub(crate) fn drawn_by(&self, order: OrderId) -> Quantity {
        self.draws
            .iter()
            .find(|draw| draw.0 == order)
            .map_or(Quantity::ZERO, |draw| draw.2)
    }

    /// An approved order draws up to `quantity` in all (a replacement may raise what it drew).
    pub(crate) fn draw(&mut self, order: OrderId, id: LocateId, quantity: Quantity) {
        let before = self.drawn_by(order);
        let Ok(more) = quantity.checked_sub(before) else {
            return;
        };
        if !more.is_positive() {
            return;
        }
        if let Some(line) = self.lines.iter_mut().find(|line| line.locate.id == id) {
            let left = line.left.checked_sub(more).unwrap_or(Quantity::ZERO);
            line.left = left.max(Quantity::ZERO);
        }
        match self.draws.iter_mut().find(|draw| draw.0 == order) {
            Some(draw) => draw.2 = quantity,
            None => self.draws.push((order, id, quantity)),
        }
    }

    /// New terms of an order that draws on a locate: it draws up to `quantity` in all.
    pub(crate) fn draw_more(&mut self, order: OrderId, quantity: Quantity) {
        if let Some(id) = self.draws.iter().find(|d| d.0 == order).map(|d| d.1) {
            self.draw(order, id, quantity);
        }
    }

    /// The order is done: `unused` of what it drew goes back.
    pub(crate) fn give_back(&mut self, order: OrderId, unused: Quantity) {
        let Some(at) = self.draws.iter().position(|draw| draw.0 == order) else {
            return;
        };
        let (_, id, drawn) = self.draws.swap_remove(at);
        let back = drawn.min(unused);
        if let Some(line) = self.lines.iter_mut().find(|line| line.locate.id == id)
            && let Ok(left) = line.left.checked_add(back)
        {
            line.left = left.min(line.locate.quantity);
        }
    }

    /// Forgets what has expired and is not drawn on.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let draws = &self.draws;
        self.lines.retain(|line| {
            now < line.locate.expires || draws.iter().any(|draw| draw.1 == line.locate.id)
        });
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        for line in &self.lines {
            update(line.locate.id.as_str().as_bytes());
            update(&line.left.units().to_le_bytes());
        }
    }
}
