//! [`HaltState`]: whether trading is allowed, why not, and how that survives a restart.
//!
//! Three causes are kept apart: what an operator ordered, a loss limit of the day, and the limits
//! that only an operator releases. The strictest holds. A system that was stopped starts stopped:
//! [`crate::Gate::halt_state`] is journaled and given back to [`crate::Gate::restore_halt_state`].

use trader_broker::Account;
use trader_domain::{Money, Rate, TradingState};

use crate::judge::Share;
use crate::limits::Limits;

/// Why trading is restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HaltState {
    /// What an operator (or a breaker acting for one) ordered.
    pub ordered: TradingState,
    /// Set by the daily loss limit; `Reducing` until the next trading day.
    pub day: TradingState,
    /// Set by the drawdown limit; `Reducing` until an operator sets the state.
    pub latched: TradingState,
}

/// What a review of the account found: as long as it covers the account, [`HaltState::hold`] changes
/// nothing. Whoever changes the halt state or the limits drops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) day_start_equity: Money,
    pub(crate) peak_equity: Money,
    /// As [`HaltState::tolerated_fall`] of these; a higher peak tolerates no less.
    pub(crate) tolerated_fall: Money,
}

impl Vouched {
    /// Whether the account, as it stands, is one that it was found for.
    #[inline]
    pub(crate) fn covers(&self, account: &Account) -> bool {
        account.unpriced_positions == 0
            && account.day_start_equity == self.day_start_equity
            && account.peak_equity >= self.peak_equity
            && account
                .peak_equity
                .checked_sub(account.equity)
                .is_ok_and(|fall| fall <= self.tolerated_fall)
    }
}

impl HaltState {
    /// What holds: the strictest of all causes.
    pub fn effective(&self) -> TradingState {
        self.ordered.max(self.day).max(self.latched)
    }

    /// Holds the account against the loss limits.
    pub(crate) fn hold(&mut self, account: &Account, limits: &Limits) {
        if is_breached(account, account.day_start_equity, limits.daily_loss) {
            self.day = TradingState::Reducing;
        }
        if is_breached(account, account.peak_equity, limits.drawdown) {
            self.latched = TradingState::Reducing;
        }
    }

    /// How far equity may stand below its peak before [`Self::hold`] can change anything: at most
    /// what the limits that are not breached yet allow.
    pub(crate) fn tolerated_fall(&self, account: &Account, limits: &Limits) -> Money {
        if account.unpriced_positions > 0 {
            return Money::MIN;
        }
        let (start, peak) = (account.day_start_equity, account.peak_equity);
        let in_the_day = if self.day == TradingState::Active && start.is_positive() {
            peak.checked_sub(start)
                .and_then(|risen| risen.checked_add(allowed_loss(start, limits.daily_loss)))
                .unwrap_or(Money::MIN)
        } else {
            Money::MAX
        };
        let from_peak = match self.latched {
            TradingState::Active if peak.is_positive() => allowed_loss(peak, limits.drawdown),
            // A peak that is not positive has no limit until it rises.
            TradingState::Active => Money::MIN,
            TradingState::Reducing | TradingState::Halted => Money::MAX,
        };
        in_the_day.min(from_peak)
    }
}

fn is_breached(account: &Account, start: Money, limit: Rate) -> bool {
    let share = loss(account, start);
    share.and_then(|share| share.exceeds(limit.units())) == Some(true)
}

/// A loss that `limit` allows for certain: up to 7 % less than the exact amount, because it divides
/// by 2³⁰ instead of 10⁹.
fn allowed_loss(start: Money, limit: Rate) -> Money {
    Money::from_units(start.units() >> 30)
        .and_then(|part| part.times(limit.units()))
        .unwrap_or(Money::ZERO)
}

/// The fall of equity from `start` as a share of it, zero for a gain; `None` when equity is not
/// known or `start` is not positive.
#[inline]
pub(crate) fn loss(account: &Account, start: Money) -> Option<Share> {
    if account.unpriced_positions > 0 || !start.is_positive() {
        return None;
    }
    Some(Share {
        part: start.units().checked_sub(account.equity.units())?.max(0),
        whole: start.units(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_limit_is_breached_by_a_loss_that_it_allows(
            start in 1_i64..2_000_000,
            limit in 0_i64..2_000_000_000,
            later in 0_i64..1_000_000,
        ) {
            let limit = Rate::from_units(limit).unwrap();
            let start = Money::cents(start);
            let equity = start.checked_sub(allowed_loss(start, limit)).unwrap();
            let account = Account { equity, ..Account::default() };
            prop_assert!(!is_breached(&account, start, limit));
            // What is tolerated below one peak is tolerated below a higher one.
            let higher = start.checked_add(Money::cents(later)).unwrap();
            prop_assert!(allowed_loss(higher, limit) >= allowed_loss(start, limit));
        }

        #[test]
        fn no_limit_is_breached_within_the_tolerated_fall(
            start in 1_i64..2_000_000,
            peak in 0_i64..2_000_000,
            daily in 0_i64..1_000_000_000,
            drawdown in 0_i64..1_000_000_000,
            risen in 0_i64..1_000_000,
        ) {
            let limits = Limits {
                daily_loss: Rate::from_units(daily).unwrap(),
                drawdown: Rate::from_units(drawdown).unwrap(),
                ..Limits::research()
            };
            let mut account = Account {
                day_start_equity: Money::cents(start),
                peak_equity: Money::cents(start + peak),
                ..Account::default()
            };
            let mut halt = HaltState::default();
            let tolerated = halt.tolerated_fall(&account, &limits);
            account.peak_equity = Money::cents(start + peak + risen);
            account.equity = account.peak_equity.checked_sub(tolerated).unwrap();
            halt.hold(&account, &limits);
            prop_assert_eq!(halt, HaltState::default());
        }

        #[test]
        fn what_a_review_vouches_for_changes_nothing(
            (start, peak) in (1_i64..2_000_000, 1_i64..2_000_000),
            daily in 0_i64..1_500_000_000,
            drawdown in 0_i64..1_500_000_000,
            later in proptest::collection::vec((-2_000_000_i64..4_000_000, 0_i64..500_000, 0_u32..8), 1..40),
        ) {
            let limits = Limits {
                daily_loss: Rate::from_units(daily).unwrap(),
                drawdown: Rate::from_units(drawdown).unwrap(),
                ..Limits::research()
            };
            let mut account = Account {
                day_start_equity: Money::cents(start),
                peak_equity: Money::cents(peak.max(start)),
                ..Account::default()
            };
            let (mut held, mut vouched) = (HaltState::default(), None::<Vouched>);
            for (equity, risen, unpriced) in later {
                account.equity = Money::cents(equity);
                account.peak_equity = account
                    .peak_equity
                    .max(account.equity)
                    .checked_add(Money::cents(risen))
                    .unwrap();
                account.unpriced_positions = unpriced / 7;
                let before = held;
                held.hold(&account, &limits);
                if vouched.is_some_and(|vouched| vouched.covers(&account)) {
                    prop_assert_eq!(held, before);
                } else {
                    vouched = Some(Vouched {
                        day_start_equity: account.day_start_equity,
                        peak_equity: account.peak_equity,
                        tolerated_fall: held.tolerated_fall(&account, &limits),
                    });
                }
            }
        }
    }
}
