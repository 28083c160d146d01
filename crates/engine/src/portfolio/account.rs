//! What kind of account it is and what borrowing costs.

use trader_broker::AccountKind;
use trader_domain::position::LotMethod;
use trader_domain::{Money, Rate};

/// Interest and fees of borrowed cash and shares, accrued for each calendar day on a 360-day year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Financing {
    /// Annual rate on a debit balance.
    pub margin_interest: Rate,
    /// Annual rate on the market value of short positions.
    pub borrow_fee: Rate,
}

impl Financing {
    /// Nothing is charged.
    pub const FREE: Self = Self {
        margin_interest: Rate::ZERO,
        borrow_fee: Rate::ZERO,
    };
}

/// Settings of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountConfig {
    /// Cash or margin.
    pub kind: AccountKind,
    /// Cash at the start, settled.
    pub opening_cash: Money,
    /// Which lots a sale closes first.
    pub lot_method: LotMethod,
    /// What borrowing costs.
    pub financing: Financing,
    /// Share of a long position's value that must be covered by equity (FINRA 4210(c)(1)).
    pub maintenance_long: Rate,
    /// Share of a short position's value that must be covered by equity (FINRA 4210(c)(3)).
    pub maintenance_short: Rate,
}

impl AccountConfig {
    /// A Reg T margin account: maintenance 25 % long and 30 % short, no financing cost.
    pub const fn margin(opening_cash: Money) -> Self {
        Self {
            kind: AccountKind::Margin,
            opening_cash,
            lot_method: LotMethod::Fifo,
            financing: Financing::FREE,
            maintenance_long: Rate::from_percent(25),
            maintenance_short: Rate::from_percent(30),
        }
    }

    /// A cash account.
    pub const fn cash(opening_cash: Money) -> Self {
        Self {
            kind: AccountKind::Cash,
            ..Self::margin(opening_cash)
        }
    }
}
