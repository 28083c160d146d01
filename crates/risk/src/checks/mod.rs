//! The checks, one small function each, grouped by what they look at.
//!
//! Every function takes the same [`View`] and returns exactly one record. None of them stops the
//! others: [`crate::Gate`] runs all and records all.

pub(crate) mod day_trading;
pub(crate) mod exposure;
pub(crate) mod flow;
pub(crate) mod funds;
pub(crate) mod market;
pub(crate) mod options;
pub(crate) mod short_sale;
pub(crate) mod size;
pub(crate) mod state;
pub(crate) mod terms;

use trader_broker::{AccountKind, CheckId, CheckRecord, Snapshot};
use trader_domain::Side;

use crate::exposure::{Credit, MarginBps, Others, Own};
use crate::judge::{RATE_SCALE, Reading, Sizes, Unit, at_most, ratio_up};
use crate::ledger::Totals;
use crate::limits::Limits;
use crate::options::OptionBook;
use crate::subject::Subject;

/// What all checks of one judgement share, computed once.
pub(crate) struct View<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) margin: MarginBps,
    pub(crate) snapshot: &'a Snapshot<'a>,
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) sizes: Sizes,
    /// Sums over the other instruments; `None` when they do not fit.
    pub(crate) others: Option<Others>,
    /// The proposal's instrument with the whole order working.
    pub(crate) own: Option<Own>,
    /// The account's options; `None` where none are concerned.
    pub(crate) options: Option<&'a OptionBook<'a>>,
    /// Working orders in all other instruments.
    pub(crate) elsewhere: Totals,
    /// Equity; `None` while a position has no price.
    pub(crate) equity: Option<i128>,
}

impl View<'_> {
    /// Reads a figure off the proposal's instrument with `open` units working.
    #[inline]
    pub(crate) fn with_own<R>(&self, open: i64, read: impl FnOnce(&Own) -> Option<R>) -> Option<R> {
        if open == self.sizes.open {
            return read(self.own.as_ref()?);
        }
        read(&Own::with(self.subject, self.options, open)?)
    }

    /// Equity less what all working orders may lose at once.
    pub(crate) fn worst_equity(&self, own: &Own) -> Option<i128> {
        self.equity?
            .checked_sub(self.elsewhere.slippage)?
            .checked_sub(own.buy.slippage)?
            .checked_sub(own.sell.slippage)
    }

    /// The initial requirement of everything, this order included, in an account of this kind.
    pub(crate) fn initial(&self, own: &Own, account: AccountKind) -> Option<i128> {
        let credit = Credit::on(self.subject.instrument?, account);
        let here = own.exposure.initial(credit, self.margin)?;
        let stock = self.others?.initial.checked_add(here)?;
        bps_up(stock)?.checked_add(self.tied_up(own)?)
    }

    /// The maintenance requirement of everything, this order included.
    pub(crate) fn maintenance(&self, own: &Own) -> Option<i128> {
        let credit = Credit::on(self.subject.instrument?, AccountKind::Margin);
        let here = own.exposure.maintenance(credit, self.margin)?;
        let stock = self.others?.maintenance.checked_add(here)?;
        bps_up(stock)?.checked_add(self.tied_up(own)?)
    }

    /// What packages and written options tie up.
    fn tied_up(&self, own: &Own) -> Option<i128> {
        self.elsewhere
            .packages
            .checked_add(own.package)?
            .checked_add(own.obligation)
    }

    /// Judges an amount that grows with the order against a share of worst-case equity.
    pub(crate) fn share_of_equity(
        &self,
        check: CheckId,
        limit: trader_domain::Rate,
        amount: impl Fn(&Own) -> Option<i128>,
    ) -> CheckRecord {
        let limit = i128::from(limit.units());
        at_most(
            check,
            Unit::Rate,
            self.sizes,
            self.limits.warn_share,
            |open| {
                self.with_own(open, |own| {
                    let measured = ratio_up(amount(own)?, self.worst_equity(own)?)?;
                    Some(Reading { measured, limit })
                })
            },
        )
    }

    /// As [`Self::sizes`] for the size of a single order, from which nothing is exempt.
    pub(crate) const fn strict_sizes(&self) -> Sizes {
        Sizes {
            reducing: 0,
            reserved: 0,
            ..self.sizes
        }
    }

    /// Whether the whole order only takes from the position.
    pub(crate) const fn only_reduces(&self) -> bool {
        self.sizes.open <= self.sizes.reducing
    }

    /// Legs of a package that would be new positions.
    pub(crate) fn new_legs(&self, open: i64) -> u64 {
        if open == 0 {
            return 0;
        }
        let legs = self.subject.request.legs.iter();
        let new = legs.filter(|leg| {
            self.snapshot
                .holding(leg.instrument)
                .is_none_or(|holding| holding.quantity.is_zero())
        });
        u64::try_from(new.count()).unwrap_or(u64::MAX)
    }

    /// Whether `open` units would sell more than is held.
    pub(crate) fn short_units(&self, open: i64) -> Option<i64> {
        if self.subject.side == Side::Buy {
            return Some(0);
        }
        let held = self.subject.holding.quantity.units().max(0);
        let base = self.subject.base?;
        let selling = self.with_own(open, |own| Some(own.sell.quantity))?;
        // Short of what is held, less what other orders have sold short before.
        let after = selling.checked_sub(held)?.max(0);
        let before = base.sell.quantity.checked_sub(held)?.max(0);
        after.checked_sub(before)
    }
}

/// `amount` times a rate in units of 10⁻⁹, rounded down; for limits.
pub(crate) fn share_down(amount: i128, rate_units: i128) -> Option<i128> {
    Some(amount.checked_mul(rate_units)?.div_euclid(RATE_SCALE))
}

/// `amount` in hundredths of a percent as whole units, rounded up; for requirements.
pub(crate) fn bps_up(amount: i128) -> Option<i128> {
    let whole = amount.checked_div(crate::exposure::BPS)?;
    if amount > 0 && whole * crate::exposure::BPS != amount {
        return whole.checked_add(1);
    }
    Some(whole)
}
