//! [`CustomFees`]: a schedule of one's own.

use trader_domain::{Money, MoneyError, Price, Rate, Rounding};

use super::{FillFacts, OrderCosts};

/// Whether SEC and TAF fees are added to sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegulatoryFees {
    /// No.
    #[default]
    None,
    /// Yes, at the rates of the day, not rounded.
    Charged,
}

/// Commission by share and by value, with bounds for the whole order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CustomFees {
    /// For every share, contract or coin.
    pub per_unit: Price,
    /// Share of the value traded.
    pub of_value: Rate,
    /// Least for an order that trades at all.
    pub minimum: Money,
    /// Most for an order, as a share of the value traded; where it is below the minimum, it wins.
    pub maximum_of_value: Option<Rate>,
    /// SEC and TAF fees on sales.
    pub regulatory: RegulatoryFees,
}

impl CustomFees {
    pub(super) fn commission(
        &self,
        fill: &FillFacts,
        costs: &mut OrderCosts,
    ) -> Result<Money, MoneyError> {
        let by_value = fill.value.at_rate(self.of_value, Rounding::HalfUp)?;
        let added = self
            .per_unit
            .notional(fill.quantity)
            .checked_add(by_value)?;
        bounded(added, self.minimum, self.maximum_of_value, costs)
    }
}

/// What an order owes more than it has paid, when `added` comes to its commission before bounds.
pub(super) fn bounded(
    added: Money,
    minimum: Money,
    maximum_of_value: Option<Rate>,
    costs: &mut OrderCosts,
) -> Result<Money, MoneyError> {
    costs.unbounded = costs.unbounded.checked_add(added)?;
    let mut owed = costs.unbounded.max(minimum);
    if let Some(rate) = maximum_of_value {
        owed = owed.min(costs.value.abs().at_rate(rate, Rounding::HalfUp)?);
    }
    let due = owed.checked_sub(costs.commission)?;
    costs.commission = owed;
    Ok(due)
}
