//! Everything that decides whether a call to one provider may go, in one place: quota, circuit breaker, health.
//!
//! Shared by all tasks that call the provider. The lock is held for arithmetic only, never while something is awaited.

use std::sync::{Mutex, MutexGuard, PoisonError};

use trader_domain::Timestamp;

use super::breaker::{BreakerSettings, BreakerState, CircuitBreaker};
use super::health::{CallEnd, Health, HealthSettings, HealthWatch};
use super::quota::{Admission, Quota, QuotaLimits, QuotaState};
use super::retry::FailureKind;

/// Why a call may not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The pace is exceeded; wait until then.
    Pace(Timestamp),
    /// The day's quota is used up until then.
    DayUsedUp(Timestamp),
    /// The provider failed too often; a probe may go then.
    CircuitOpen(Timestamp),
}

/// Numbers for people and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardReport {
    /// The judgement now.
    pub health: Health,
    /// Where the breaker stands.
    pub breaker: BreakerState,
    /// Calls left today.
    pub left_today: u32,
    /// Calls that went, attempts counted singly.
    pub calls: u64,
    /// Of them, failed or throttled.
    pub failed: u64,
    /// Calls that were refused here.
    pub refused: u64,
}

#[derive(Debug)]
struct State {
    quota: Quota,
    breaker: CircuitBreaker,
    watch: HealthWatch,
    calls: u64,
    failed: u64,
    refused: u64,
}

/// The guard of one provider.
#[derive(Debug)]
pub struct ProviderGuard {
    state: Mutex<State>,
}

impl ProviderGuard {
    /// Begins with what was saved of the quota.
    pub fn new(
        limits: QuotaLimits,
        saved: QuotaState,
        breaker: BreakerSettings,
        health: HealthSettings,
    ) -> Self {
        Self {
            state: Mutex::new(State {
                quota: Quota::resume(limits, saved),
                breaker: CircuitBreaker::new(breaker),
                watch: HealthWatch::new(health),
                calls: 0,
                failed: 0,
                refused: 0,
            }),
        }
    }

    /// Asks for a call; one that is granted must be ended with [`Self::answered`] or [`Self::failed`].
    ///
    /// # Errors
    /// [`Refusal`]; nothing was counted.
    pub fn admit(&self, now: Timestamp) -> Result<(), Refusal> {
        let mut state = self.lock();
        let outcome = state.admit(now);
        match outcome {
            Ok(()) => state.calls = state.calls.saturating_add(1),
            Err(_) => state.refused = state.refused.saturating_add(1),
        }
        outcome
    }

    /// The call brought a usable answer.
    pub fn answered(&self, now: Timestamp, took_nanos: i64) {
        let mut state = self.lock();
        state.breaker.succeeded();
        state
            .watch
            .record(now, CallEnd::Answered { nanos: took_nanos });
    }

    /// The call failed.
    pub fn failed(&self, now: Timestamp, kind: FailureKind) {
        let mut state = self.lock();
        state.failed = state.failed.saturating_add(1);
        match kind {
            FailureKind::Transient => {
                state.breaker.failed(now);
                state.watch.record(now, CallEnd::Failed);
            }
            FailureKind::Throttled { wait_nanos } => {
                // The service is well; it is we who ask too much.
                state.breaker.abandoned(now);
                if let Some(wait) = wait_nanos {
                    let until = now.saturating_add(wait);
                    state.quota.hold_until(until);
                    state.watch.limited(until);
                }
            }
            // It answered, and it would answer others.
            FailureKind::Permanent => state.breaker.succeeded(),
        }
    }

    /// What to save so that a restart does not open a second quota.
    pub fn quota_state(&self) -> QuotaState {
        self.lock().quota.state().clone()
    }

    /// How the provider is doing.
    pub fn report(&self, now: Timestamp) -> GuardReport {
        let state = self.lock();
        let left_today = state.quota.left_today(now);
        let health = match state.breaker.state() {
            BreakerState::Open { until } if now < until => Health::Unavailable,
            _ if left_today == 0 => Health::RateLimited,
            _ => state.watch.health(now),
        };
        GuardReport {
            health,
            breaker: state.breaker.state(),
            left_today,
            calls: state.calls,
            failed: state.failed,
            refused: state.refused,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The arithmetic under the lock cannot panic half-way; a poisoned lock would only stop the rest.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.breaker.admit(now).map_err(Refusal::CircuitOpen)?;
        let refusal = match self.quota.admit(now) {
            Admission::Granted => return Ok(()),
            Admission::NotBefore(then) => Refusal::Pace(then),
            Admission::DayUsedUp(then) => {
                self.watch.limited(then);
                Refusal::DayUsedUp(then)
            }
        };
        self.breaker.abandoned(now);
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::num::NonZeroU32;

    use super::*;

    fn guard(per_day: u32) -> ProviderGuard {
        let some = |count| NonZeroU32::new(count).unwrap();
        let limits = QuotaLimits {
            per_minute: some(60),
            per_day: some(per_day),
            burst: some(60),
        };
        let breaker = BreakerSettings {
            failures: 2,
            open_nanos: 100,
            longest_open_nanos: 1_000,
        };
        ProviderGuard::new(
            limits,
            QuotaState::default(),
            breaker,
            HealthSettings::default(),
        )
    }

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn a_probe_that_the_quota_refuses_leaves_the_breaker_open_for_the_next() {
        let guard = guard(2);
        for _ in 0..2 {
            guard.admit(at(0)).unwrap();
            guard.failed(at(0), FailureKind::Transient);
        }
        assert_eq!(guard.admit(at(50)), Err(Refusal::CircuitOpen(at(100))));
        assert!(matches!(guard.admit(at(100)), Err(Refusal::DayUsedUp(_))));
        assert!(matches!(guard.admit(at(101)), Err(Refusal::DayUsedUp(_))));
        let report = guard.report(at(101));
        assert_eq!((report.calls, report.failed, report.refused), (2, 2, 3));
        assert_eq!(report.health, Health::RateLimited);
    }

    #[test]
    fn throttling_holds_calls_back_and_does_not_open_the_breaker() {
        let guard = guard(100);
        for _ in 0..5 {
            guard.failed(
                at(0),
                FailureKind::Throttled {
                    wait_nanos: Some(500),
                },
            );
        }
        assert_eq!(guard.admit(at(100)), Err(Refusal::Pace(at(500))));
        assert_eq!(guard.report(at(100)).health, Health::RateLimited);
        assert_eq!(guard.admit(at(500)), Ok(()));
    }

    #[test]
    fn wrong_requests_say_nothing_against_the_service() {
        let guard = guard(100);
        for _ in 0..5 {
            guard.admit(at(0)).unwrap();
            guard.failed(at(0), FailureKind::Permanent);
        }
        assert_eq!(guard.admit(at(0)), Ok(()));
        assert_eq!(guard.report(at(0)).health, Health::Healthy);
    }
}
