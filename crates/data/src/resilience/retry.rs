//! What is tried again, how often, and after how long.
//!
//! Only calls that change nothing are tried again (all calls of this crate read). Waits grow exponentially with full
//! jitter (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015); what the vendor says in
//! `Retry-After` is a lower bound. Randomness is given by the caller.

/// How a call failed, as far as trying again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The service did not answer or says that it is broken: connection, timeout, 5xx, a body cut short.
    Transient,
    /// The service says that we ask too much, and perhaps for how long, in nanoseconds.
    Throttled {
        /// From `Retry-After`.
        wait_nanos: Option<i64>,
    },
    /// Asking the same again gives the same answer: wrong key, wrong request, unknown symbol, a body that is none.
    Permanent,
}

/// How often and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Calls in all, the first one included.
    pub attempts: u32,
    /// Upper bound of the first wait, nanoseconds; doubled each time.
    pub first_wait_nanos: i64,
    /// Upper bound of any wait that we choose, nanoseconds.
    pub longest_wait_nanos: i64,
    /// The longest `Retry-After` that is waited for, nanoseconds; beyond it the call fails.
    pub longest_told_nanos: i64,
}

impl RetryPolicy {
    /// Nanoseconds to wait before the next attempt; `None` when there is none.
    ///
    /// `attempt` counts the calls made so far, from 1; `random` is a fresh random number.
    pub fn wait(&self, attempt: u32, failure: FailureKind, random: u64) -> Option<i64> {
        if attempt >= self.attempts {
            return None;
        }
        let told = match failure {
            FailureKind::Permanent => return None,
            FailureKind::Transient => 0,
            FailureKind::Throttled { wait_nanos } => wait_nanos.unwrap_or(0).max(0),
        };
        if told > self.longest_told_nanos {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(62);
        let bound = self.first_wait_nanos.saturating_mul(1_i64 << doublings);
        let bound = bound.clamp(0, self.longest_wait_nanos);
        // Full jitter: uniform from zero to the bound. The multiplication keeps the distribution without a remainder.
        let jitter = (u128::from(random) * u128::from(bound.unsigned_abs())) >> 64;
        let jitter = i64::try_from(jitter).unwrap_or(bound);
        Some(told.saturating_add(jitter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        attempts: 5,
        first_wait_nanos: 100,
        longest_wait_nanos: 300,
        longest_told_nanos: 10_000,
    };

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let bounds: Vec<_> = (1..=5)
            .map(|attempt| POLICY.wait(attempt, FailureKind::Transient, u64::MAX))
            .collect();
        assert_eq!(bounds, [Some(99), Some(199), Some(299), Some(299), None]);
        assert_eq!(POLICY.wait(1, FailureKind::Transient, 0), Some(0));
        assert_eq!(POLICY.wait(2, FailureKind::Transient, 1 << 63), Some(100));
    }

    #[test]
    fn what_fails_for_good_is_not_tried_again() {
        assert_eq!(POLICY.wait(1, FailureKind::Permanent, 7), None);
    }

    #[test]
    fn the_vendor_s_wait_is_a_lower_bound_and_too_long_a_one_ends_it() {
        let told = |wait_nanos| FailureKind::Throttled { wait_nanos };
        assert_eq!(POLICY.wait(1, told(Some(5_000)), 0), Some(5_000));
        assert_eq!(POLICY.wait(1, told(Some(5_000)), u64::MAX), Some(5_099));
        assert_eq!(POLICY.wait(1, told(None), 0), Some(0));
        assert_eq!(POLICY.wait(1, told(Some(10_001)), 0), None);
        assert_eq!(POLICY.wait(1, told(Some(-5)), 0), Some(0));
    }

    #[test]
    fn no_attempt_number_overflows() {
        let endless = RetryPolicy {
            attempts: u32::MAX,
            ..POLICY
        };
        assert_eq!(
            endless.wait(u32::MAX - 1, FailureKind::Transient, u64::MAX),
            Some(299)
        );
    }
}
