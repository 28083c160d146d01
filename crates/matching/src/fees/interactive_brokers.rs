//! Interactive Brokers Pro, US stocks and ETFs: fixed and tiered commissions as published in 2026
//! ("Commissions: Stocks, ETFs, Warrants"). Amounts are not rounded to cents.
//!
//! Exchange fees depend on the venue that a router picks, which a simulation does not know:
//! [`ExchangeFees`] are therefore given by the user.

use trader_domain::{Money, MoneyError, Price, Quantity, Rate, Rounding};

use super::custom::bounded;
use super::dated::month_of;
use super::{FillFacts, OrderCosts};
use crate::reach::Liquidity;

const FIXED_PER_SHARE: Price = Price::from_small_units(5_000_000);
const FIXED_MINIMUM: Money = Money::cents(100);
const TIERED_MINIMUM: Money = Money::cents(35);
const MAXIMUM_OF_VALUE: Rate = Rate::from_percent(1);

/// Monthly shares up to which a tier's price a share holds; applied marginally.
const TIERS: [(i32, Price); 4] = [
    (300_000, Price::from_small_units(3_500_000)),
    (3_000_000, Price::from_small_units(2_000_000)),
    (20_000_000, Price::from_small_units(1_500_000)),
    (100_000_000, Price::from_small_units(1_000_000)),
];
const BEYOND_TIERS: Price = Price::from_small_units(500_000);

/// NSCC and DTC, a share, at most half a percent of the trade's value.
const CLEARING_PER_SHARE: Price = Price::from_small_units(200_000);
const CLEARING_MAXIMUM: Rate = Rate::from_bps(50);
/// Shares of the commission passed on: NYSE 0.000175, FINRA 0.00056.
const PASS_THROUGH: Rate = Rate::from_small_units(175_000 + 560_000);

/// What exchanges charge a share; negative is a rebate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeFees {
    /// For taking liquidity and in auctions.
    pub taken: Price,
    /// For having rested.
    pub made: Price,
}

impl Default for ExchangeFees {
    /// The most that Rule 610(c) allows for taking (0.0030 a share), nothing back for making.
    fn default() -> Self {
        Self {
            taken: Price::from_small_units(3_000_000),
            made: Price::ZERO,
        }
    }
}

pub(super) fn fixed(fill: &FillFacts, costs: &mut OrderCosts) -> Result<Money, MoneyError> {
    let added = FIXED_PER_SHARE.notional(fill.quantity);
    bounded(added, FIXED_MINIMUM, Some(MAXIMUM_OF_VALUE), costs)
}

/// Shares traded in the calendar month, which set the tier.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MonthVolume {
    month: i32,
    shares: Quantity,
}

impl MonthVolume {
    pub(super) fn tiered(
        &mut self,
        day: i32,
        fill: &FillFacts,
        costs: &mut OrderCosts,
    ) -> Result<Money, MoneyError> {
        let month = month_of(day);
        if month != self.month {
            *self = Self {
                month,
                shares: Quantity::ZERO,
            };
        }
        let mut left = fill.quantity;
        let mut added = Money::ZERO;
        for (up_to, per_share) in TIERS {
            let room = Quantity::whole(up_to)
                .checked_sub(self.shares)?
                .max(Quantity::ZERO);
            let part = left.min(room);
            added = added.checked_add(per_share.notional(part))?;
            self.shares = self.shares.checked_add(part)?;
            left = left.checked_sub(part)?;
        }
        added = added.checked_add(BEYOND_TIERS.notional(left))?;
        self.shares = self.shares.checked_add(left)?;
        bounded(added, TIERED_MINIMUM, Some(MAXIMUM_OF_VALUE), costs)
    }
}

/// Clearing, pass-through and exchange fees of a fill under tiered pricing.
pub(super) fn passed_on(
    fill: &FillFacts,
    commission: Money,
    exchange: &ExchangeFees,
) -> Result<Money, MoneyError> {
    let most = fill
        .value
        .abs()
        .at_rate(CLEARING_MAXIMUM, Rounding::HalfUp)?;
    let clearing = CLEARING_PER_SHARE.notional(fill.quantity).min(most);
    let pass_through = commission.at_rate(PASS_THROUGH, Rounding::HalfUp)?;
    let per_share = match fill.liquidity {
        Liquidity::Taken | Liquidity::Auction => exchange.taken,
        Liquidity::Made => exchange.made,
    };
    Money::total([clearing, pass_through, per_share.notional(fill.quantity)])
}
