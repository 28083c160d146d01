//! [`Reach`]: which prices a stretch of market data is known to have passed, and whether an order
//! acts within it. The one place that decides at which price a stop or limit trades.
//!
//! A bar tells its extremes but not their order. What an order may assume follows from which side
//! of the doubt hurts: a stop may be hit by any price that *possibly* came after the order was
//! there, a limit fills only at prices that *certainly* did.

use trader_domain::{Price, Side, Trail};

use crate::config::{LimitFill, PathModel};
use crate::market::LastBar;
use crate::working_order::{Style, WorkingOrder};

/// Prices of a stretch of time, seen from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The price at the beginning.
    pub(crate) first: Price,
    /// Highest price that certainly comes.
    up: Price,
    /// Lowest price that certainly comes.
    down: Price,
    /// Highest price that may come.
    possible_up: Price,
    /// Lowest price that may come.
    possible_down: Price,
    /// The price at the end.
    last: Price,
}

/// Where in a stretch an order acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// At its first price: known to the instant.
    First,
    /// Somewhere later.
    Within,
}

/// Whether the order takes liquidity or waited for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Liquidity {
    /// Took what was offered: slippage applies.
    Taken,
    /// Rested and was taken.
    Made,
    /// Traded in an auction at its one price.
    Auction,
}

/// An order acts: at this price, before slippage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) price: Price,
    pub(crate) at: At,
    pub(crate) liquidity: Liquidity,
}

impl Reach {
    /// One price only.
    pub(crate) const fn point(price: Price) -> Self {
        Self::segment(price, price, price, price)
    }

    const fn segment(first: Price, up: Price, down: Price, last: Price) -> Self {
        Self {
            first,
            up,
            down,
            possible_up: up,
            possible_down: down,
            last,
        }
    }

    fn line(from: Price, to: Price) -> Self {
        Self::segment(from, from.max(to), from.min(to), to)
    }

    /// What is left after an order acted at `price` in here.
    pub(crate) fn after(self, price: Price, at: At) -> Self {
        let sure = |up, down| Self {
            first: price,
            up,
            down,
            ..self
        };
        let is_line = self.up.max(self.down) == self.first.max(self.last)
            && self.up.min(self.down) == self.first.min(self.last);
        match at {
            At::First => Self {
                first: price,
                ..self
            },
            At::Within if is_line => Self::line(price, self.last),
            // The market moved up to `price`: the high comes now or later, the low may be past.
            At::Within if price > self.first => sure(self.up, price.min(self.last)),
            At::Within => sure(price.max(self.last), self.down),
        }
    }

    /// Whether a stop of `side` at `trigger` may be hit in here.
    pub(crate) fn may_trigger(&self, side: Side, trigger: Price) -> bool {
        match side {
            Side::Buy => self.possible_up >= trigger || self.first >= trigger,
            Side::Sell => self.possible_down <= trigger || self.first <= trigger,
        }
    }

    fn stop(&self, side: Side, trigger: Price) -> Option<(Price, At)> {
        let beyond = match side {
            Side::Buy => self.first >= trigger,
            Side::Sell => self.first <= trigger,
        };
        if beyond {
            Some((self.first, At::First))
        } else if self.may_trigger(side, trigger) {
            Some((trigger, At::Within))
        } else {
            None
        }
    }

    fn limit(&self, side: Side, limit: Price, rule: LimitFill) -> Option<Hit> {
        let passes = |price: Price| match (side, rule) {
            (Side::Buy, LimitFill::Touch) => price <= limit,
            (Side::Buy, LimitFill::Through) => price < limit,
            (Side::Sell, LimitFill::Touch) => price >= limit,
            (Side::Sell, LimitFill::Through) => price > limit,
        };
        let extreme = match side {
            Side::Buy => self.down,
            Side::Sell => self.up,
        };
        if passes(self.first) {
            let price = self.first;
            let liquidity = Liquidity::Taken;
            Some(Hit {
                price,
                at: At::First,
                liquidity,
            })
        } else if passes(extreme) {
            let (at, liquidity) = (At::Within, Liquidity::Made);
            Some(Hit {
                price: limit,
                at,
                liquidity,
            })
        } else {
            None
        }
    }

    /// Lets a continuous-trading order act in here; a triggered stop changes its style for good.
    pub(crate) fn attempt(&self, order: &mut WorkingOrder, rule: LimitFill) -> Option<Hit> {
        match order.style {
            Style::Market => Some(Hit {
                price: self.first,
                at: At::First,
                liquidity: Liquidity::Taken,
            }),
            Style::Limit => self.limit(order.side, order.limit, rule),
            Style::Stop => {
                let (price, at) = self.stop(order.side, order.trigger)?;
                order.style = Style::Market;
                Some(Hit {
                    price,
                    at,
                    liquidity: Liquidity::Taken,
                })
            }
            Style::StopLimit => {
                let (price, at) = self.stop(order.side, order.trigger)?;
                order.style = Style::Limit;
                let mut hit =
                    self.after(price, at)
                        .limit(order.side, order.limit, LimitFill::Touch)?;
                if at == At::Within {
                    hit.at = At::Within;
                }
                Some(hit)
            }
            Style::Trailing(trail) => {
                let (price, at) = self.trail(order, trail)?;
                order.style = Style::Market;
                Some(Hit {
                    price,
                    at,
                    liquidity: Liquidity::Taken,
                })
            }
            Style::AtOpen | Style::LimitAtOpen | Style::AtClose | Style::LimitAtClose => None,
        }
    }

    /// The old trigger is tried first (the extreme against the order may come first), then the
    /// trigger follows the market, and only a later price that is certain can hit the new one.
    fn trail(&self, order: &mut WorkingOrder, trail: Trail) -> Option<(Price, At)> {
        if !order.trigger.is_zero()
            && let Some(hit) = self.stop(order.side, order.trigger)
        {
            return Some(hit);
        }
        let best = match order.side {
            Side::Sell => self.up.max(self.first),
            Side::Buy => self.down.min(self.first),
        };
        follow(order, trail, best);
        let hit = match order.side {
            _ if order.trigger.is_zero() => false,
            Side::Sell => self.last <= order.trigger,
            Side::Buy => self.last >= order.trigger,
        };
        hit.then_some((order.trigger, At::Within))
    }
}

/// Moves the trigger of a trailing stop behind `best`; it only ever tightens.
pub(crate) fn follow(order: &mut WorkingOrder, trail: Trail, best: Price) {
    let Some(candidate) = trailing_trigger(order.side, trail, best) else {
        return;
    };
    let tighter = match order.side {
        Side::Sell => candidate > order.trigger,
        Side::Buy => candidate < order.trigger,
    };
    if order.trigger.is_zero() || tighter {
        order.trigger = candidate;
    }
}

/// The trigger at its distance from `best`, rounded away from the market at 10⁻⁹; `None` when it
/// would not be a positive price.
fn trailing_trigger(side: Side, trail: Trail, best: Price) -> Option<Price> {
    let distance = match trail {
        Trail::Amount(amount) => amount,
        Trail::Percent(rate) => best
            .scale(
                rate.units(),
                trader_domain::Rate::ONE.units(),
                trader_domain::Rounding::Ceiling,
            )
            .ok()?,
    };
    let trigger = match side {
        Side::Sell => best.checked_sub(distance),
        Side::Buy => best.checked_add(distance),
    };
    trigger.ok().filter(|price| price.is_positive())
}

/// A bar as the stretches that a path model makes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path {
    reaches: [Reach; 3],
    count: usize,
}

impl Path {
    /// One price only.
    pub(crate) const fn point(price: Price) -> Self {
        Self {
            reaches: [Reach::point(price); 3],
            count: 1,
        }
    }

    /// The stretches of a bar.
    pub(crate) fn of(bar: &LastBar, model: PathModel) -> Self {
        let whole = Reach::segment(bar.open, bar.high, bar.low, bar.close);
        let through = |first: Price, second: Price| Self {
            reaches: [
                Reach::line(bar.open, first),
                Reach::line(first, second),
                Reach::line(second, bar.close),
            ],
            count: 3,
        };
        match model {
            PathModel::WorstCase => Self {
                reaches: [whole; 3],
                count: 1,
            },
            PathModel::HighFirst => through(bar.high, bar.low),
            PathModel::LowFirst => through(bar.low, bar.high),
            PathModel::NearestFirst => {
                let up = bar.high.units() - bar.open.units();
                let down = bar.open.units() - bar.low.units();
                if up < down || (up == down && bar.close < bar.open) {
                    through(bar.high, bar.low)
                } else {
                    through(bar.low, bar.high)
                }
            }
        }
    }

    /// All stretches, in order.
    pub(crate) fn reaches(&self) -> &[Reach] {
        self.reaches.get(..self.count).unwrap_or(&[])
    }

    /// What is left of the bar after something happened at `price` in stretch `index`.
    pub(crate) fn rest(&self, index: usize, price: Price, at: At) -> Self {
        let mut reaches = self.reaches;
        let mut count = 0;
        for (position, reach) in self.reaches().iter().enumerate().skip(index) {
            let left = if position == index {
                reach.after(price, at)
            } else {
                *reach
            };
            if let Some(place) = reaches.get_mut(count) {
                *place = left;
                count += 1;
            }
        }
        Self { reaches, count }
    }

    /// Whether a stop may be hit anywhere on the path.
    pub(crate) fn may_trigger(&self, side: Side, trigger: Price) -> bool {
        self.reaches()
            .iter()
            .any(|reach| reach.may_trigger(side, trigger))
    }
}
