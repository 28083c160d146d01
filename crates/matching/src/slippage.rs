//! [`Slippage`]: how much worse than the price shown an order that takes liquidity trades.

use trader_domain::{MoneyError, Price, Quantity, Rate, Rounding, Side, TickRule, Volume};

/// A slippage model. It applies to orders that take liquidity, not to resting limit orders nor to
/// auctions, which have one price. The result is rounded to the instrument's tick against the
/// order, and then held within what is possible: the order's limit, the LULD bands, and the bar's
/// low and high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Slippage {
    /// At the price shown.
    #[default]
    None,
    /// A fixed amount a share.
    Fixed(Price),
    /// A share of the price ([`Rate::from_bps`]).
    OfPrice(Rate),
    /// A share of the quoted spread, beyond the quote.
    OfSpread {
        /// The share: 0.5 is half the spread.
        share: Rate,
        /// The spread to reckon with where no two-sided quote is known (bars and prints only).
        without_quote: Price,
    },
    /// Square-root impact: `price × coefficient × √(quantity / volume)`, where volume is that of
    /// the bar or print, or the size quoted. The coefficient is the impact of trading all of it
    /// (Almgren, Thum, Hauptmann, Li: "Direct estimation of equity market impact", 2005, has the
    /// form; daily volatility is the usual coefficient). Where no volume is known nothing fills.
    SquareRoot {
        /// Impact at full volume, as a share of the price.
        coefficient: Rate,
    },
}

/// What the market showed when the order met it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) spread: Option<Price>,
    pub(crate) volume: Volume,
}

impl Slippage {
    /// Whether a parameter is below zero.
    pub(crate) const fn is_negative(self) -> bool {
        match self {
            Self::None => false,
            Self::Fixed(amount) => amount.is_negative(),
            Self::OfPrice(rate) | Self::SquareRoot { coefficient: rate } => rate.is_negative(),
            Self::OfSpread {
                share,
                without_quote,
            } => share.is_negative() || without_quote.is_negative(),
        }
    }

    /// The price after slippage; `None` where the model cannot say or the price would not be
    /// positive.
    pub(crate) fn worsen(
        self,
        side: Side,
        price: Price,
        quantity: Quantity,
        shown: &Shown,
        tick: TickRule,
    ) -> Option<Price> {
        let distance = match self {
            Self::None => return Some(price),
            Self::Fixed(amount) => amount,
            Self::OfPrice(rate) => share_of(price, rate).ok()?,
            Self::OfSpread {
                share,
                without_quote,
            } => share_of(shown.spread.unwrap_or(without_quote), share).ok()?,
            Self::SquareRoot { coefficient } => {
                let root = root_of_share(quantity, shown.volume)?;
                share_of(share_of(price, coefficient).ok()?, root).ok()?
            }
        };
        if distance.is_zero() {
            return Some(price);
        }
        let (moved, rounding) = match side {
            Side::Buy => (price.checked_add(distance), Rounding::Ceiling),
            Side::Sell => (price.checked_sub(distance), Rounding::Floor),
        };
        let moved = moved.ok()?;
        let rounded = moved.round_to(tick.tick_at(moved), rounding).ok()?;
        rounded.is_positive().then_some(rounded)
    }
}

fn share_of(price: Price, rate: Rate) -> Result<Price, MoneyError> {
    price.scale(rate.units(), Rate::ONE.units(), Rounding::AwayFromZero)
}

/// `√(quantity / volume)` at nine decimals, rounded down; `None` without volume.
fn root_of_share(quantity: Quantity, volume: Volume) -> Option<Rate> {
    // Quantities count 10⁻⁹ and volumes 10⁻⁶; the ratio times 10¹⁸ has a root times 10⁹.
    let numerator = u128::from(quantity.units().unsigned_abs()) * 1_000_000_000_000_000_000;
    let denominator = u128::from(volume.units().unsigned_abs()) * 1_000;
    let root = numerator.checked_div(denominator)?.isqrt();
    Rate::from_units(i64::try_from(root).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Shown, Slippage};
    use trader_domain::{Price, Quantity, Rate, Side, TickRule, Volume};

    fn worsened(model: Slippage, side: Side) -> Option<String> {
        let shown = Shown {
            spread: Some("0.04".parse().unwrap()),
            volume: Volume::whole(10_000),
        };
        model
            .worsen(
                side,
                Price::whole(100),
                Quantity::whole(100),
                &shown,
                TickRule::SubPenny,
            )
            .map(|price| price.to_string())
    }

    #[test]
    fn each_model_moves_the_price_against_the_order() {
        let fixed = Slippage::Fixed("0.02".parse().unwrap());
        assert_eq!(worsened(fixed, Side::Buy).unwrap(), "100.02");
        assert_eq!(worsened(fixed, Side::Sell).unwrap(), "99.98");
        let bps = Slippage::OfPrice(Rate::from_bps(5));
        assert_eq!(worsened(bps, Side::Buy).unwrap(), "100.05");
        let spread = Slippage::OfSpread {
            share: Rate::from_percent(50),
            without_quote: Price::ZERO,
        };
        assert_eq!(worsened(spread, Side::Sell).unwrap(), "99.98");
        // 1 % of the volume: a tenth of the coefficient of 2 %.
        let root = Slippage::SquareRoot {
            coefficient: Rate::from_percent(2),
        };
        assert_eq!(worsened(root, Side::Buy).unwrap(), "100.20");
    }

    #[test]
    fn the_result_is_on_the_grid_and_against_the_order() {
        let odd = Slippage::Fixed("0.001".parse().unwrap());
        assert_eq!(worsened(odd, Side::Buy).unwrap(), "100.01");
        assert_eq!(worsened(odd, Side::Sell).unwrap(), "99.99");
    }

    #[test]
    fn square_root_impact_needs_a_volume() {
        let shown = Shown {
            spread: None,
            volume: Volume::ZERO,
        };
        let root = Slippage::SquareRoot {
            coefficient: Rate::ONE,
        };
        let worsened = root.worsen(
            Side::Buy,
            Price::ONE,
            Quantity::ONE,
            &shown,
            TickRule::SubPenny,
        );
        assert_eq!(worsened, None);
    }
}
