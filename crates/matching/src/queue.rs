//! [`QueueModel`]: where a resting limit order stands among the shares shown at its price, and
//! when its turn comes. Used with quotes and books, which show sizes.

use trader_domain::{Quantity, Rounding};

use crate::generator::Generator;

/// How a resting limit order at the best price is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum QueueModel {
    /// No queue: [`crate::LimitFill`] decides.
    #[default]
    None,
    /// Behind everything that was there, and cancellations happen behind us as long as they can.
    RiskAverse,
    /// Behind everything that was there; each cancellation is ahead of us with the probability
    /// of our place, ahead / level.
    Probabilistic {
        /// Seed of the generator.
        seed: u64,
    },
    /// No priority: each print is shared among all that rests, in proportion to size.
    ProRata,
}

impl QueueModel {
    /// The generator that the model asks for.
    pub(crate) const fn generator(self) -> Generator {
        match self {
            Self::Probabilistic { seed } => Generator::new(seed),
            Self::None | Self::RiskAverse | Self::ProRata => Generator::new(0),
        }
    }
}

/// One order's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct QueuePlace {
    /// Shares before us; `None` while the level's size is not known.
    ahead: Option<Quantity>,
    /// Shares of others at the level, as last shown less what has traded since.
    level: Quantity,
}

impl QueuePlace {
    /// Joins a level that shows `size`, at its end.
    pub(crate) const fn join(size: Quantity) -> Self {
        Self {
            ahead: Some(size),
            level: size,
        }
    }

    /// Whether it stands somewhere.
    pub(crate) const fn is_known(&self) -> bool {
        self.ahead.is_some()
    }

    /// The level shows a new size: what is missing beyond the trades seen was cancelled.
    pub(crate) fn on_size(&mut self, model: QueueModel, size: Quantity, generator: &mut Generator) {
        let Some(ahead) = self.ahead else { return };
        let gone = self.level.checked_sub(size).unwrap_or(Quantity::ZERO);
        let mut left = ahead;
        if gone.is_positive() && matches!(model, QueueModel::Probabilistic { .. }) {
            let level = self.level.units().unsigned_abs();
            if generator.below(level) < ahead.units().unsigned_abs() {
                left = ahead.checked_sub(gone).unwrap_or(Quantity::ZERO);
            }
        }
        self.level = size;
        self.ahead = Some(left.min(size).max(Quantity::ZERO));
    }

    /// A print of `size` at our price: how much of it is ours.
    pub(crate) fn on_trade(
        &mut self,
        model: QueueModel,
        size: Quantity,
        remaining: Quantity,
        lot: Quantity,
    ) -> Quantity {
        let Some(ahead) = self.ahead else {
            return Quantity::ZERO;
        };
        let rest = |from: Quantity| from.checked_sub(size).unwrap_or(Quantity::ZERO);
        let level = self.level;
        self.level = rest(level).max(Quantity::ZERO);
        if model == QueueModel::ProRata {
            return pro_rata(size, remaining, level, lot);
        }
        self.ahead = Some(rest(ahead).max(Quantity::ZERO));
        size.checked_sub(ahead)
            .unwrap_or(Quantity::ZERO)
            .max(Quantity::ZERO)
            .min(remaining)
    }
}

/// `size × remaining / (level + remaining)`, in whole lots, rounded down.
fn pro_rata(size: Quantity, remaining: Quantity, level: Quantity, lot: Quantity) -> Quantity {
    level
        .checked_add(remaining)
        .and_then(|all| size.scale(remaining.units(), all.units(), Rounding::Floor))
        .and_then(|share| share.round_to(lot, Rounding::Floor))
        .unwrap_or(Quantity::ZERO)
        .min(remaining)
}

#[cfg(test)]
mod tests {
    use super::{QueueModel, QueuePlace};
    use crate::generator::Generator;
    use trader_domain::Quantity;

    fn shares(count: i32) -> Quantity {
        Quantity::whole(count)
    }

    fn trade(place: &mut QueuePlace, model: QueueModel, size: i32) -> Quantity {
        place.on_trade(model, shares(size), shares(100), Quantity::ONE)
    }

    #[test]
    fn behind_all_waits_for_the_queue_to_trade() {
        let mut place = QueuePlace::join(shares(500));
        assert_eq!(trade(&mut place, QueueModel::RiskAverse, 300), shares(0));
        assert_eq!(trade(&mut place, QueueModel::RiskAverse, 250), shares(50));
    }

    #[test]
    fn cancellations_are_behind_us_as_long_as_they_can() {
        let mut place = QueuePlace::join(shares(500));
        let generator = &mut Generator::new(1);
        place.on_size(QueueModel::RiskAverse, shares(900), generator);
        place.on_size(QueueModel::RiskAverse, shares(600), generator);
        assert_eq!(place.ahead, Some(shares(500)));
        place.on_size(QueueModel::RiskAverse, shares(200), generator);
        assert_eq!(place.ahead, Some(shares(200)));
    }

    #[test]
    fn trades_are_not_taken_for_cancellations() {
        let mut place = QueuePlace::join(shares(500));
        let generator = &mut Generator::new(1);
        let model = QueueModel::Probabilistic { seed: 1 };
        assert_eq!(trade(&mut place, model, 100), shares(0));
        place.on_size(model, shares(400), generator);
        assert_eq!(place.ahead, Some(shares(400)));
    }

    #[test]
    fn a_cancellation_is_ahead_with_the_probability_of_our_place() {
        let model = QueueModel::Probabilistic { seed: 7 };
        let generator = &mut Generator::new(7);
        let mut moved = 0;
        for _ in 0..10_000 {
            let mut place = QueuePlace::join(shares(250));
            place.on_size(model, shares(1_000), generator);
            place.on_size(model, shares(990), generator);
            moved += i32::from(place.ahead == Some(shares(240)));
        }
        assert!((2_300..2_700).contains(&moved), "{moved} of 10,000");
    }

    #[test]
    fn pro_rata_shares_each_print() {
        let mut place = QueuePlace::join(shares(300));
        assert_eq!(trade(&mut place, QueueModel::ProRata, 80), shares(20));
    }
}
