//! A circuit breaker: after failures in a row calls are refused for a while, then one probe decides.
//!
//! Pure state, the caller says what time it is. An answer that says "wait" (429) or "you asked wrongly" (4xx) is not
//! a failure of the service and must not be reported as one.

use trader_domain::Timestamp;

/// When it opens and how long it stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open at first, nanoseconds; doubled at every failed probe.
    pub open_nanos: i64,
    /// The longest that it stays open, nanoseconds.
    pub longest_open_nanos: i64,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go.
    Closed,
    /// Calls are refused until this instant.
    Open {
        /// When a probe may go.
        until: Timestamp,
    },
    /// One probe is on its way; other calls are refused.
    Probing,
}

/// The breaker of one provider.
#[derive(Clone, Debug)]
pub struct CircuitBreaker {
    settings: BreakerSettings,
    state: BreakerState,
    in_a_row: u32,
    next_open_nanos: i64,
}

impl CircuitBreaker {
    /// Closed.
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: BreakerState::Closed,
            in_a_row: 0,
            next_open_nanos: settings.open_nanos,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Whether a call may go now; a call that may must be followed by [`Self::succeeded`], [`Self::failed`] or
    /// [`Self::abandoned`].
    ///
    /// # Errors
    /// When the next probe may go; while one is on its way, now.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        match self.state {
            BreakerState::Closed => Ok(()),
            BreakerState::Open { until } if now < until => Err(until),
            BreakerState::Open { .. } => {
                self.state = BreakerState::Probing;
                Ok(())
            }
            BreakerState::Probing => Err(now),
        }
    }

    /// The service answered.
    pub fn succeeded(&mut self) {
        self.state = BreakerState::Closed;
        self.in_a_row = 0;
        self.next_open_nanos = self.settings.open_nanos;
    }

    /// The service did not answer, or answered that it is broken.
    pub fn failed(&mut self, now: Timestamp) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        let probe_failed = self.state == BreakerState::Probing;
        if probe_failed {
            let doubled = self.next_open_nanos.saturating_mul(2);
            self.next_open_nanos = doubled.min(self.settings.longest_open_nanos);
        }
        if probe_failed || self.in_a_row >= self.settings.failures {
            let until = now.saturating_add(self.next_open_nanos);
            self.state = BreakerState::Open { until };
        }
    }

    /// The call ended without telling anything about the service, such as a refusal by a limit or a cancelled task.
    pub fn abandoned(&mut self, now: Timestamp) {
        if self.state == BreakerState::Probing {
            self.state = BreakerState::Open { until: now };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: BreakerSettings = BreakerSettings {
        failures: 3,
        open_nanos: 10,
        longest_open_nanos: 35,
    };

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    fn opened(now: i64) -> CircuitBreaker {
        let mut breaker = CircuitBreaker::new(SETTINGS);
        for _ in 0..3 {
            assert_eq!(breaker.admit(at(now)), Ok(()));
            breaker.failed(at(now));
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        let mut breaker = CircuitBreaker::new(SETTINGS);
        for _ in 0..5 {
            breaker.failed(at(0));
            breaker.failed(at(0));
            breaker.succeeded();
        }
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert_eq!(opened(0).admit(at(9)), Err(at(10)));
    }

    #[test]
    fn one_probe_goes_and_decides() {
        let mut breaker = opened(0);
        assert_eq!(breaker.admit(at(10)), Ok(()));
        assert_eq!(breaker.admit(at(10)), Err(at(10)), "one probe only");
        breaker.succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.failed(at(20));
        assert_eq!(breaker.state(), BreakerState::Closed, "counting anew");
    }

    #[test]
    fn every_failed_probe_doubles_the_wait_up_to_the_longest() {
        let mut breaker = opened(0);
        let mut now = 10;
        for wait in [20, 35, 35] {
            assert_eq!(breaker.admit(at(now)), Ok(()));
            breaker.failed(at(now));
            assert_eq!(
                breaker.state(),
                BreakerState::Open {
                    until: at(now + wait)
                }
            );
            now += wait;
        }
        breaker.succeeded();
        for _ in 0..3 {
            breaker.failed(at(100));
        }
        assert_eq!(breaker.state(), BreakerState::Open { until: at(110) });
    }

    #[test]
    fn an_abandoned_probe_leaves_room_for_the_next() {
        let mut breaker = opened(0);
        assert_eq!(breaker.admit(at(10)), Ok(()));
        breaker.abandoned(at(11));
        assert_eq!(breaker.admit(at(11)), Ok(()));
        let mut closed = CircuitBreaker::new(SETTINGS);
        closed.abandoned(at(0));
        assert_eq!(closed.state(), BreakerState::Closed);
    }
}
