//! Self-trade prevention: an order that could trade against one of our own is refused.
//!
//! FINRA 5210.02 asks for policies against a pattern of self-trades; the strictest of the usual
//! modes is used, cancel-newest: the new order does not leave. Two orders of one account family
//! meet when one buys at or above the price at which the other sells. A market order reaches some
//! way into the book; a stop rests outside the book until the market gets to its trigger, and then
//! reaches as far.

use trader_domain::{AccountId, OrderKind, Price, Rate, Rounding, Side, Trail};

/// Which accounts have the same beneficial owner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountFamilies {
    /// By account index; accounts beyond its end belong to family zero.
    family: Vec<u16>,
}

impl AccountFamilies {
    /// All accounts are one family unless said otherwise here, by account index.
    pub const fn new(family: Vec<u16>) -> Self {
        Self { family }
    }

    /// Whether two accounts have the same owner.
    pub fn related(&self, one: AccountId, other: AccountId) -> bool {
        let of = |account: AccountId| {
            self.family
                .get(usize::from(account.0))
                .copied()
                .unwrap_or_default()
        };
        of(one) == of(other)
    }
}

/// The prices at which an order can meet another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Rests or trades at this price or better.
    Limit(Price),
    /// Trades at once, as far as this price.
    Market { reach: Price },
    /// Acts from the trigger on, as far as the second price.
    Stop { trigger: Price, reach: Price },
}

fn shape(kind: OrderKind, side: Side, reference: Price, reach: Rate) -> Option<Shape> {
    let far = |from: Price| {
        let distance = from
            .scale(reach.units(), Rate::ONE.units(), Rounding::Ceiling)
            .ok()?;
        match side {
            Side::Buy => from.checked_add(distance).ok(),
            Side::Sell => from.checked_sub(distance).ok(),
        }
    };
    Some(match kind {
        OrderKind::Market | OrderKind::MarketOnOpen | OrderKind::MarketOnClose => Shape::Market {
            reach: far(reference)?,
        },
        OrderKind::Limit { price }
        | OrderKind::LimitOnOpen { price }
        | OrderKind::LimitOnClose { price } => Shape::Limit(price),
        OrderKind::Stop { trigger } => Shape::Stop {
            trigger,
            reach: far(trigger)?,
        },
        OrderKind::StopLimit { trigger, price } => Shape::Stop {
            trigger,
            reach: price,
        },
        OrderKind::TrailingStop { trail } => {
            let distance = match trail {
                Trail::Amount(amount) => amount,
                Trail::Percent(rate) => reference
                    .scale(rate.units(), Rate::ONE.units(), Rounding::HalfUp)
                    .ok()?,
            };
            let trigger = match side {
                Side::Buy => reference.checked_add(distance).ok()?,
                Side::Sell => reference.checked_sub(distance).ok()?,
            };
            Shape::Stop {
                trigger,
                reach: far(trigger)?,
            }
        }
    })
}

/// Whether a purchase and a sale can trade against each other; `None` when a price does not fit.
pub(crate) fn meet(buy: OrderKind, sell: OrderKind, reference: Price, reach: Rate) -> Option<bool> {
    use Shape::{Limit, Market, Stop};
    let bought = shape(buy, Side::Buy, reference, reach)?;
    let sold = shape(sell, Side::Sell, reference, reach)?;
    Some(match (bought, sold) {
        (Limit(bid), Limit(ask)) => bid >= ask,
        (Market { reach }, Limit(ask)) => reach >= ask,
        (Limit(bid), Market { reach }) => bid >= reach,
        (Market { .. }, Market { .. }) => true,
        // A stop whose trigger the market has passed acts at once.
        (Market { .. }, Stop { trigger, .. }) => trigger >= reference,
        (Stop { trigger, .. }, Market { .. }) => trigger <= reference,
        // The limit rests where the triggered stop reaches; prices that the market passes before
        // the trigger have traded by then.
        (Stop { trigger, reach }, Limit(ask)) => trigger <= ask && ask <= reach,
        (Limit(bid), Stop { trigger, reach }) => reach <= bid && bid <= trigger,
        (Stop { trigger: up, .. }, Stop { trigger: down, .. }) => up <= down,
    })
}

#[cfg(test)]
mod tests {
    use super::{AccountFamilies, meet};
    use trader_domain::{AccountId, OrderKind, Price, Rate};

    fn limit(price: i32) -> OrderKind {
        OrderKind::Limit {
            price: Price::whole(price),
        }
    }

    fn stop(trigger: i32) -> OrderKind {
        OrderKind::Stop {
            trigger: Price::whole(trigger),
        }
    }

    fn meets(buy: OrderKind, sell: OrderKind) -> bool {
        meet(buy, sell, Price::whole(100), Rate::from_percent(5)).unwrap()
    }

    #[test]
    fn limits_meet_when_they_cross_or_touch() {
        assert!(meets(limit(101), limit(100)));
        assert!(meets(limit(100), limit(100)));
        assert!(!meets(limit(99), limit(100)));
    }

    #[test]
    fn a_market_order_reaches_its_share_of_the_price() {
        assert!(meets(OrderKind::Market, limit(105)));
        assert!(!meets(OrderKind::Market, limit(106)));
        assert!(meets(limit(95), OrderKind::Market));
        assert!(!meets(limit(94), OrderKind::Market));
    }

    #[test]
    fn a_protective_stop_does_not_forbid_adding_to_the_position() {
        assert!(!meets(OrderKind::Market, stop(90)));
        assert!(!meets(limit(99), stop(90)));
        // A resting bid just below the stop would be hit by it.
        assert!(meets(limit(89), stop(90)));
        assert!(!meets(limit(80), stop(90)));
    }

    #[test]
    fn accounts_are_one_family_unless_said_otherwise() {
        let one = AccountFamilies::default();
        assert!(one.related(AccountId(0), AccountId(7)));
        let two = AccountFamilies::new(vec![1, 2]);
        assert!(!two.related(AccountId(0), AccountId(1)));
    }
}
