//! What a fill costs: [`FeeModel`] names a schedule, [`FeeBook`] applies it and keeps what has to
//! be remembered between fills (the day's rounding, the month's volume).
//!
//! | schedule | commission | fees |
//! |---|---|---|
//! | [`FeeModel::Free`] | none | none |
//! | [`FeeModel::Custom`] | as given | as given |
//! | [`FeeModel::Alpaca`] | none | SEC and TAF on sales, each rounded up to the cent over the day |
//! | [`FeeModel::IbFixed`] | 0.005 a share, at least 1.00 an order, at most 1 % of its value | SEC and TAF on sales, not rounded |
//! | [`FeeModel::IbTiered`] | 0.0035 to 0.0005 a share by the month's volume, at least 0.35 an order, at most 1 % of its value | as fixed, and clearing, pass-through and exchange fees |
//!
//! The brokers' schedules are those for US stocks and ETFs published in 2026 and used for all
//! dates; the regulators' rates change by date. A schedule says nothing of options or
//! crypto, so an exchange that uses one refuses orders for them rather than trade them for nothing.

mod custom;
mod dated;
mod interactive_brokers;
mod regulatory;

use trader_domain::{AssetClass, Money, MoneyError, Quantity, Rounding, Side, Timestamp};

pub use custom::{CustomFees, RegulatoryFees};
pub use interactive_brokers::ExchangeFees;

use self::dated::trade_day;
use self::interactive_brokers::MonthVolume;
use self::regulatory::RegulatoryRates;

use crate::reach::Liquidity;

/// A fee schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FeeModel {
    /// Trading costs nothing.
    #[default]
    Free,
    /// Rates of one's own, for every kind of instrument.
    Custom(CustomFees),
    /// Alpaca Securities, US stocks and ETFs.
    Alpaca,
    /// Interactive Brokers Pro, fixed, US stocks and ETFs.
    IbFixed,
    /// Interactive Brokers Pro, tiered, US stocks and ETFs.
    IbTiered(ExchangeFees),
}

impl FeeModel {
    /// Whether the schedule has rates for a kind of instrument.
    pub const fn covers(&self, class: &AssetClass) -> bool {
        match self {
            Self::Free | Self::Custom(_) => true,
            Self::Alpaca | Self::IbFixed | Self::IbTiered(_) => {
                matches!(class, AssetClass::Equity | AssetClass::Etf)
            }
        }
    }
}

/// What one order has cost so far; schedules with a minimum reckon by order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct OrderCosts {
    /// Value traded.
    pub(crate) value: Money,
    /// Commission before minimum and maximum.
    pub(crate) unbounded: Money,
    /// Commission charged.
    pub(crate) commission: Money,
}

/// The facts of a fill that fees depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FillFacts {
    pub(crate) time: Timestamp,
    pub(crate) side: Side,
    pub(crate) quantity: Quantity,
    /// Price times quantity times multiplier.
    pub(crate) value: Money,
    pub(crate) liquidity: Liquidity,
}

/// What a fill is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Charge {
    pub(crate) commission: Money,
    pub(crate) fees: Money,
}

/// A schedule at work.
#[derive(Debug)]
pub(crate) struct FeeBook {
    model: FeeModel,
    day: i32,
    rates: RegulatoryRates,
    /// Fees of the day before rounding, for schedules that round over the day.
    section_31_today: Money,
    activity_today: Money,
    month: MonthVolume,
}

impl FeeBook {
    /// A schedule that nothing was charged by yet.
    pub(crate) fn new(model: FeeModel) -> Self {
        Self {
            model,
            day: i32::MIN,
            rates: RegulatoryRates::on(i32::MIN),
            section_31_today: Money::ZERO,
            activity_today: Money::ZERO,
            month: MonthVolume::default(),
        }
    }

    /// What a fill is charged; `costs` becomes what the order has cost with it.
    pub(crate) fn charge(
        &mut self,
        fill: &FillFacts,
        costs: &mut OrderCosts,
    ) -> Result<Charge, MoneyError> {
        if self.model == FeeModel::Free {
            return Ok(Charge::default());
        }
        self.turn_to(trade_day(fill.time));
        costs.value = costs.value.checked_add(fill.value)?;
        match self.model {
            FeeModel::Free => Ok(Charge::default()),
            FeeModel::Alpaca => Ok(Charge {
                commission: Money::ZERO,
                fees: self.regulatory_over_day(fill)?,
            }),
            FeeModel::Custom(custom) => Ok(Charge {
                commission: custom.commission(fill, costs)?,
                fees: match custom.regulatory {
                    RegulatoryFees::Charged => self.regulatory_exact(fill)?,
                    RegulatoryFees::None => Money::ZERO,
                },
            }),
            FeeModel::IbFixed => Ok(Charge {
                commission: interactive_brokers::fixed(fill, costs)?,
                fees: self.regulatory_exact(fill)?,
            }),
            FeeModel::IbTiered(exchange) => {
                let commission = self.month.tiered(self.day, fill, costs)?;
                let passed_on = interactive_brokers::passed_on(fill, commission, &exchange)?;
                Ok(Charge {
                    commission,
                    fees: self.regulatory_exact(fill)?.checked_add(passed_on)?,
                })
            }
        }
    }

    fn turn_to(&mut self, day: i32) {
        if day != self.day {
            self.day = day;
            self.rates = RegulatoryRates::on(day);
            self.section_31_today = Money::ZERO;
            self.activity_today = Money::ZERO;
        }
    }

    fn regulatory_exact(&self, fill: &FillFacts) -> Result<Money, MoneyError> {
        if fill.side == Side::Buy {
            return Ok(Money::ZERO);
        }
        let fees = self.rates.of_sale(fill.value, fill.quantity)?;
        fees.section_31.checked_add(fees.activity)
    }

    /// Each fee's total of the day is rounded up to the cent, so a fill is charged what it adds to
    /// the rounded total.
    fn regulatory_over_day(&mut self, fill: &FillFacts) -> Result<Money, MoneyError> {
        if fill.side == Side::Buy {
            return Ok(Money::ZERO);
        }
        let fees = self.rates.of_sale(fill.value, fill.quantity)?;
        let section_31 = add_rounded_up(&mut self.section_31_today, fees.section_31)?;
        let activity = add_rounded_up(&mut self.activity_today, fees.activity)?;
        section_31.checked_add(activity)
    }
}

/// Adds to a running total; returns by how much its value rounded up to the cent grew.
fn add_rounded_up(total: &mut Money, amount: Money) -> Result<Money, MoneyError> {
    let before = total.round_to_cents(Rounding::Ceiling)?;
    *total = total.checked_add(amount)?;
    total.round_to_cents(Rounding::Ceiling)?.checked_sub(before)
}
