//! [`Reservation`]: what one order may still do at worst, and [`SideLoad`]: their sum for one
//! instrument and side.

use trader_domain::{Price, Quantity};

/// The part of an order that can still trade, at the worst price it can trade at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Terms {
    /// Quantity that may still trade.
    pub(crate) open: Quantity,
    /// The highest value that a unit may have once it has traded.
    pub(crate) price: Price,
    /// What a unit may cost; zero for a sale.
    pub(crate) cost: Price,
    /// What a unit may lose at once against the reference (spread, slippage, an aggressive limit).
    pub(crate) slippage: Price,
    /// Units of the underlying in one.
    pub(crate) multiplier: i64,
}

/// Quantity, notional and instant loss that an order may still cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reservation {
    /// Units of 10⁻⁹.
    pub(crate) quantity: i64,
    /// Units of 10⁻¹⁸.
    pub(crate) notional: i128,
    /// Cash that it may take, units of 10⁻¹⁸.
    pub(crate) cost: i128,
    /// Units of 10⁻¹⁸.
    pub(crate) slippage: i128,
    /// Highest worst price, units of 10⁻⁹ times the multiplier.
    pub(crate) unit_price: i128,
}

impl Terms {
    /// The reservation for these terms; `None` when it does not fit.
    pub(crate) fn reservation(self) -> Option<Reservation> {
        if self.open.is_zero() {
            return Some(Reservation::default());
        }
        // 64 by 64 bits always fits into 128.
        let wide = |a: i64, b: i64| i128::from(a) * i128::from(b);
        let quantity = self.open.units();
        if self.multiplier == 1 {
            return Some(Reservation {
                quantity,
                notional: wide(self.price.units(), quantity),
                cost: wide(self.cost.units(), quantity),
                slippage: wide(self.slippage.units(), quantity),
                unit_price: self.price.units().into(),
            });
        }
        let unit_price = wide(self.price.units(), self.multiplier);
        let unit_slippage = wide(self.slippage.units(), self.multiplier);
        let times_quantity = |unit: i128| match i64::try_from(unit) {
            Ok(unit) => Some(wide(unit, quantity)),
            Err(_wide) => unit.checked_mul(i128::from(quantity)),
        };
        Some(Reservation {
            quantity,
            notional: times_quantity(unit_price)?,
            cost: times_quantity(wide(self.cost.units(), self.multiplier))?,
            slippage: times_quantity(unit_slippage)?,
            unit_price,
        })
    }
}

impl Reservation {
    /// Whether nothing is reserved.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.quantity == 0
    }

    /// The larger of two, figure by figure: covers whichever turns out to be in force.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            quantity: self.quantity.max(other.quantity),
            notional: self.notional.max(other.notional),
            cost: self.cost.max(other.cost),
            slippage: self.slippage.max(other.slippage),
            unit_price: self.unit_price.max(other.unit_price),
        }
    }
}

/// All reservations of one instrument and side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SideLoad {
    /// Units of 10⁻⁹.
    pub(crate) quantity: i64,
    /// Units of 10⁻¹⁸.
    pub(crate) notional: i128,
    /// Units of 10⁻¹⁸.
    pub(crate) cost: i128,
    /// Units of 10⁻¹⁸.
    pub(crate) slippage: i128,
    /// At least the highest worst price of any of them, as [`Reservation::unit_price`]; falls back
    /// to zero only when nothing is reserved.
    pub(crate) unit_price: i128,
}

impl SideLoad {
    /// Nothing reserved.
    pub(crate) const NONE: Self = Self {
        quantity: 0,
        notional: 0,
        cost: 0,
        slippage: 0,
        unit_price: 0,
    };

    /// With one more; `None` when the sum does not fit.
    pub(crate) fn plus(self, more: Reservation) -> Option<Self> {
        Some(Self {
            quantity: self.quantity.checked_add(more.quantity)?,
            notional: self.notional.checked_add(more.notional)?,
            cost: self.cost.checked_add(more.cost)?,
            slippage: self.slippage.checked_add(more.slippage)?,
            unit_price: self.unit_price.max(more.unit_price),
        })
    }

    /// With one less; `None` when more is released than was reserved.
    pub(crate) fn minus(self, less: Reservation) -> Option<Self> {
        let quantity = self.quantity.checked_sub(less.quantity)?;
        let notional = self.notional.checked_sub(less.notional)?;
        let cost = self.cost.checked_sub(less.cost)?;
        let slippage = self.slippage.checked_sub(less.slippage)?;
        if quantity < 0 || notional < 0 || cost < 0 || slippage < 0 {
            return None;
        }
        Some(Self {
            quantity,
            notional,
            cost,
            slippage,
            unit_price: if quantity == 0 { 0 } else { self.unit_price },
        })
    }
}
