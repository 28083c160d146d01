//! The checks, one small function each, grouped by what they look at.
//!
//! Every function takes the same [`View`] and notes exactly one result. None of them stops the
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

use trader_broker::{AccountKind, Assessment, CheckId, Snapshot, Verdict};
use trader_domain::{Rate, Side};

use crate::exposure::{Credit, MarginBps, Own};
use crate::judge::{Share, Sizes, divide_up, share_at_most};
use crate::ledger::Totals;
use crate::limits::Limits;
use crate::options::OptionBook;
use crate::subject::Subject;
use crate::sums::Others;

/// What all checks of one judgement share, computed once.
pub(crate) struct View<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) snapshot: &'a Snapshot<'a>,
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) sizes: Sizes,
    pub(crate) before: Before<'a>,
    /// The account with the whole order working; `None` when a figure does not fit.
    pub(crate) whole: Option<After>,
}

/// The account without the proposal.
pub(crate) struct Before<'a> {
    pub(crate) margin: MarginBps,
    /// Sums over the other instruments; `None` when they do not fit.
    pub(crate) others: Option<Others>,
    /// The account's options; `None` where none are concerned.
    pub(crate) options: Option<&'a OptionBook<'a>>,
    /// Working orders in all other instruments.
    pub(crate) elsewhere: Totals,
    /// Equity; `None` while a position has no price.
    pub(crate) equity: Option<i128>,
}

/// The account with some of the proposal working.
#[derive(Debug, Clone, Copy)]
pub(crate) struct After {
    pub(crate) own: Own,
    /// Equity less what all working orders may lose at once.
    pub(crate) worst_equity: Option<i128>,
    /// The initial requirement of everything, in an account of this kind.
    pub(crate) initial: Option<i128>,
    /// The maintenance requirement of everything; `None` in a cash account, where nothing is lent.
    pub(crate) maintenance: Option<i128>,
}

impl Before<'_> {
    /// The account with `open` units of the proposal working.
    #[inline]
    pub(crate) fn with(
        &self,
        subject: &Subject<'_>,
        account: AccountKind,
        open: i64,
    ) -> Option<After> {
        let own = Own::with(subject, self.options, open)?;
        let instrument = subject.instrument?;
        let tied_up = self
            .elsewhere
            .packages
            .checked_add(own.package)?
            .checked_add(own.obligation);
        let all = |others: i128, here: Option<i128>| {
            divide_up::<BPS>(others.checked_add(here?)?).checked_add(tied_up?)
        };
        let initial = self.others.and_then(|others| {
            let credit = Credit::on(instrument, account);
            all(others.initial, own.exposure.initial(credit, self.margin))
        });
        let maintenance = if account == AccountKind::Margin {
            self.others.and_then(|others| {
                let credit = Credit::on(instrument, account);
                let here = own.exposure.maintenance(credit, self.margin);
                all(others.maintenance, here)
            })
        } else {
            None
        };
        let worst_equity = self.equity.and_then(|equity| {
            equity
                .checked_sub(self.elsewhere.slippage)?
                .checked_sub(own.buy.slippage)?
                .checked_sub(own.sell.slippage)
        });
        Some(After {
            own,
            worst_equity,
            initial,
            maintenance,
        })
    }
}

impl View<'_> {
    /// Reads a figure off the account with `open` units of the proposal working.
    #[inline]
    pub(crate) fn with<R>(&self, open: i64, read: impl FnOnce(&After) -> Option<R>) -> Option<R> {
        if open == self.sizes.open {
            return read(self.whole.as_ref()?);
        }
        let kind = self.snapshot.account.kind;
        read(&self.before.with(self.subject, kind, open)?)
    }

    /// Judges an amount that grows with the order against a share of worst-case equity.
    #[inline]
    pub(crate) fn share_of_equity(
        &self,
        into: &mut Assessment,
        check: CheckId,
        limit: Rate,
        amount: impl Fn(&After) -> Option<i128>,
    ) {
        let rates = (limit, self.limits.warn_share);
        share_at_most(into, check, self.sizes, rates, |open| {
            self.with(open, |after| {
                Some(Share {
                    part: amount(after)?,
                    whole: after.worst_equity?,
                })
            })
        });
    }

    /// The verdict on what reducing orders are only warned of.
    #[inline]
    pub(crate) const fn relieved(&self, holds: bool) -> Verdict {
        if holds {
            Verdict::Pass
        } else if self.only_reduces() {
            Verdict::Warn
        } else {
            Verdict::Reject
        }
    }

    /// As [`Self::sizes`] for the size of a single order, from which nothing is exempt but making
    /// one that works already smaller.
    pub(crate) const fn strict_sizes(&self) -> Sizes {
        Sizes {
            reducing: self.sizes.lowered,
            reserved: 0,
            ..self.sizes
        }
    }

    /// Whether the whole order only takes from the position.
    pub(crate) const fn only_reduces(&self) -> bool {
        self.sizes.open <= self.sizes.reducing
    }

    /// Whether new terms do nothing but lower what the order may trade: a cancellation of a part of
    /// it, which has to pass like one. What it breaks is recorded as a warning.
    pub(crate) const fn only_lowers(&self) -> bool {
        0 < self.sizes.open && self.sizes.open <= self.sizes.lowered
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
        let selling = self.with(open, |after| Some(after.own.sell.quantity))?;
        // Short of what is held, less what other orders have sold short before.
        let after = selling.checked_sub(held)?.max(0);
        let before = base.sell.quantity.checked_sub(held)?.max(0);
        after.checked_sub(before)
    }
}

/// Basis points of one.
pub(crate) const BPS: u32 = 10_000;
