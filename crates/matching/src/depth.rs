//! [`Depth`]: the visible book of one instrument as two short sorted arrays. Almost every change is
//! near the top, so the best level is last and a change moves few entries.

use trader_domain::{BookDelta, BookSide, Price, Quantity};

/// One price level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) price: Price,
    pub(crate) size: Quantity,
    /// What our orders took of it since it was last shown.
    pub(crate) taken: Quantity,
}

impl Level {
    /// What is left for our orders.
    pub(crate) fn left(&self) -> Quantity {
        self.size
            .checked_sub(self.taken)
            .unwrap_or(Quantity::ZERO)
            .max(Quantity::ZERO)
    }
}

/// Both sides; the best level of each is its last entry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Depth {
    bids: Vec<Level>,
    asks: Vec<Level>,
}

impl Depth {
    /// Applies one change.
    pub(crate) fn apply(&mut self, delta: &BookDelta) {
        let (levels, is_bid) = match delta.side {
            BookSide::Bid => (&mut self.bids, true),
            BookSide::Ask => (&mut self.asks, false),
        };
        let behind = |level: &Level| {
            if is_bid {
                level.price < delta.price
            } else {
                level.price > delta.price
            }
        };
        // From the best downwards: the change is seldom deep.
        let place = levels.iter().rposition(behind).map_or(0, |index| index + 1);
        let found = levels
            .get(place)
            .is_some_and(|level| level.price == delta.price);
        let level = Level {
            price: delta.price,
            size: delta.size,
            taken: Quantity::ZERO,
        };
        match (found, delta.size.is_positive()) {
            (true, true) => {
                if let Some(existing) = levels.get_mut(place) {
                    *existing = level;
                }
            }
            (true, false) => {
                levels.remove(place);
            }
            (false, true) => levels.insert(place, level),
            (false, false) => {}
        }
    }

    fn side(&self, side: BookSide) -> &[Level] {
        match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.asks,
        }
    }

    /// The level `rank` places behind the best.
    pub(crate) fn level(&self, side: BookSide, rank: usize) -> Option<Level> {
        self.side(side).iter().rev().nth(rank).copied()
    }

    /// Notes that our orders took `quantity` of a level.
    pub(crate) fn take(&mut self, side: BookSide, rank: usize, quantity: Quantity) {
        let levels = match side {
            BookSide::Bid => &mut self.bids,
            BookSide::Ask => &mut self.asks,
        };
        if let Some(level) = levels.iter_mut().rev().nth(rank) {
            level.taken = level.taken.checked_add(quantity).unwrap_or(level.size);
        }
    }

    /// The size shown at a price; zero where there is none.
    pub(crate) fn size_at(&self, side: BookSide, price: Price) -> Quantity {
        self.side(side)
            .iter()
            .rfind(|level| level.price == price)
            .map_or(Quantity::ZERO, |level| level.size)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Depth;
    use trader_domain::{
        Book, BookDelta, BookSide, InstrumentId, Price, Quantity, Timestamp, VendorId,
    };

    /// Agrees with the domain's map-based book over many changes.
    #[test]
    fn shows_what_the_reference_book_shows() {
        let mut depth = Depth::default();
        let mut book = Book::default();
        let mut generator = crate::generator::Generator::new(3);
        for _ in 0..5_000 {
            let side = if generator.below(2) == 0 {
                BookSide::Bid
            } else {
                BookSide::Ask
            };
            let price = Price::whole(i32::try_from(90 + generator.below(20)).unwrap());
            let size = Quantity::whole(i32::try_from(generator.below(4)).unwrap());
            let delta = BookDelta {
                instrument: InstrumentId(0),
                vendor: VendorId::INTERNAL,
                time: Timestamp::EPOCH,
                received: Timestamp::EPOCH,
                side,
                price,
                size,
            };
            depth.apply(&delta);
            book.apply(&delta);
            let best = |side| depth.level(side, 0).map(|level| (level.price, level.size));
            assert_eq!(best(BookSide::Bid), book.best_bid());
            assert_eq!(best(BookSide::Ask), book.best_ask());
            assert_eq!(depth.size_at(side, price), book.size_at(side, price));
        }
    }
}
