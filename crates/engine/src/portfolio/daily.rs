//! What happens between two trading days: settlement, dividends paid, interest, borrow fees.

use chrono::NaiveDate;
use trader_domain::{Money, Rounding, Timestamp};

use super::Portfolio;
use super::ledger::LedgerError;
use crate::core::{CashReason, CashRecord};

/// Interest is counted on a year of 360 days (the US broker call convention).
const DAYS_IN_INTEREST_YEAR: i64 = 360;

impl Portfolio {
    /// Ends `previous` (when there was one) and begins `day`; cash that moves is noted in `moved`.
    ///
    /// # Errors
    /// [`LedgerError`] when an amount leaves its range.
    pub(crate) fn begin_day(
        &mut self,
        previous: Option<NaiveDate>,
        day: NaiveDate,
        now: Timestamp,
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        while let Some(&(due, amount)) = self.unsettled.front() {
            if due > day {
                break;
            }
            self.unsettled.pop_front();
            self.account.settled_cash = self.account.settled_cash.checked_add(amount)?;
        }
        let nights = previous.map_or(0, |before| day.signed_duration_since(before).num_days());
        self.accrue(nights, now, moved)?;
        self.pay_receivables(now, moved)?;
        self.account.day_start_equity = self.account.equity;
        Ok(())
    }

    fn accrue(
        &mut self,
        nights: i64,
        now: Timestamp,
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        // Proceeds of short sales secure the loan of the shares; they do not reduce the debit.
        let own = self.account.cash.checked_sub(self.account.short_value)?;
        let debit = if own.is_negative() {
            own.negated()
        } else {
            Money::ZERO
        };
        let financing = self.config.financing;
        let interest = for_nights(debit, financing.margin_interest, nights)?;
        let fee = for_nights(self.account.short_value, financing.borrow_fee, nights)?;
        for (amount, reason) in [
            (interest, CashReason::MarginInterest),
            (fee, CashReason::BorrowFee),
        ] {
            if amount.is_zero() {
                continue;
            }
            self.receive(amount.negated())?;
            let total = match reason {
                CashReason::BorrowFee => &mut self.totals.borrow_fees,
                _ => &mut self.totals.interest,
            };
            *total = total.checked_add(amount)?;
            moved.push(CashRecord {
                time: now,
                instrument: None,
                reason,
                amount: amount.negated(),
            });
        }
        Ok(())
    }

    fn pay_receivables(
        &mut self,
        now: Timestamp,
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        let mut index = 0;
        while let Some(due) = self.receivables.get(index).copied() {
            if due.payable > now {
                index += 1;
                continue;
            }
            self.receivables.remove(index);
            self.accrued = self.accrued.checked_sub(due.amount)?;
            self.receive(due.amount)?;
            moved.push(CashRecord {
                time: now,
                instrument: Some(due.instrument),
                reason: CashReason::Dividend,
                amount: due.amount,
            });
        }
        Ok(())
    }

    /// How far equity is below the maintenance requirement (FINRA 4210(c)); `None` when it is not,
    /// and for cash accounts.
    ///
    /// # Errors
    /// [`LedgerError`] when an amount leaves its range.
    pub(crate) fn margin_deficit(&self) -> Result<Option<Money>, LedgerError> {
        if self.config.kind == trader_broker::AccountKind::Cash {
            return Ok(None);
        }
        // Requirements round up: towards safety.
        let long = self
            .account
            .long_value
            .at_rate(self.config.maintenance_long, Rounding::Ceiling)?;
        let short = self
            .account
            .short_value
            .at_rate(self.config.maintenance_short, Rounding::Ceiling)?;
        let deficit = long.checked_add(short)?.checked_sub(self.account.equity)?;
        Ok(deficit.is_positive().then_some(deficit))
    }
}

/// `amount × rate × nights / 360`, half-up to the cent as brokers bill it.
fn for_nights(amount: Money, rate: trader_domain::Rate, nights: i64) -> Result<Money, LedgerError> {
    if amount.is_zero() || rate.is_zero() || nights <= 0 {
        return Ok(Money::ZERO);
    }
    Ok(amount
        .at_rate(rate, Rounding::HalfUp)?
        .scale(nights, DAYS_IN_INTEREST_YEAR, Rounding::HalfUp)?
        .round_to_cents(Rounding::HalfUp)?)
}
