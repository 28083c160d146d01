//! How many calls a provider takes: a burst, a number in any minute, a number a day.
//!
//! Three rules hold together. Calls come at the pace of the limit with a burst above it (generic cell rate algorithm,
//! ITU-T I.371); never more than the limit in any 60 seconds, burst included, because vendors count so; never more
//! than the daily quota between two midnights UTC. The state can be saved and taken up again, so that a restart does
//! not open a second quota. No clock is read here: the caller says what time it is.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use trader_domain::{NANOS_PER_SECOND, Timestamp};

const MINUTE: i64 = 60 * NANOS_PER_SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// What a provider allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaLimits {
    /// Calls in any 60 seconds.
    pub per_minute: NonZeroU32,
    /// Calls between two midnights UTC.
    pub per_day: NonZeroU32,
    /// Calls that may come at once.
    pub burst: NonZeroU32,
}

/// What is left and when the next call may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Counted; the call may go.
    Granted,
    /// Not counted; ask again at this instant.
    NotBefore(Timestamp),
    /// Not counted; the day's quota is used up until this instant.
    DayUsedUp(Timestamp),
}

/// What has been used; the part that survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaState {
    /// When the next call would come if all came at the pace of the limit, nanoseconds since 1970.
    next_at_pace: i64,
    /// Calls of the last minute, oldest first, nanoseconds since 1970.
    last_minute: VecDeque<i64>,
    /// Days since 1970 and the calls on that day.
    day: i64,
    used_today: u32,
}

/// The account of one provider.
#[derive(Clone, Debug)]
pub struct Quota {
    limits: QuotaLimits,
    state: QuotaState,
}

impl Quota {
    /// Nothing used yet.
    pub fn new(limits: QuotaLimits) -> Self {
        Self::resume(limits, QuotaState::default())
    }

    /// Goes on from what was saved.
    pub fn resume(limits: QuotaLimits, state: QuotaState) -> Self {
        Self { limits, state }
    }

    /// What to save.
    pub fn state(&self) -> &QuotaState {
        &self.state
    }

    /// Calls still free today.
    pub fn left_today(&self, now: Timestamp) -> u32 {
        let used = if self.state.day == day_of(now) {
            self.state.used_today
        } else {
            0
        };
        self.limits.per_day.get().saturating_sub(used)
    }

    /// Counts a call if it may go now.
    pub fn admit(&mut self, now: Timestamp) -> Admission {
        let at = now.nanos();
        if self.left_today(now) == 0 {
            let midnight = day_of(now).saturating_add(1).saturating_mul(DAY);
            return Admission::DayUsedUp(Timestamp::from_nanos(midnight));
        }
        let pace = MINUTE / i64::from(self.limits.per_minute.get());
        let ahead = pace.saturating_mul(i64::from(self.limits.burst.get()) - 1);
        let earliest = self.state.next_at_pace.saturating_sub(ahead);
        let earliest = earliest.max(self.free_in_window(at));
        if at < earliest {
            return Admission::NotBefore(Timestamp::from_nanos(earliest));
        }
        self.count(at, pace);
        Admission::Granted
    }

    /// What the vendor says overrides what was counted: nothing goes before `until`.
    pub fn hold_until(&mut self, until: Timestamp) {
        let pace = MINUTE / i64::from(self.limits.per_minute.get());
        let ahead = pace.saturating_mul(i64::from(self.limits.burst.get()) - 1);
        let next = until.nanos().saturating_add(ahead);
        self.state.next_at_pace = self.state.next_at_pace.max(next);
    }

    /// The first instant at which the window of a minute has room.
    fn free_in_window(&mut self, at: i64) -> i64 {
        let window = &mut self.state.last_minute;
        while window
            .front()
            .is_some_and(|&oldest| oldest <= at.saturating_sub(MINUTE))
        {
            window.pop_front();
        }
        let limit = usize::try_from(self.limits.per_minute.get()).unwrap_or(usize::MAX);
        if window.len() < limit {
            return i64::MIN;
        }
        // Lower limits than before a restart leave more calls in the window than fit.
        let blocking = window.len() - limit;
        window
            .get(blocking)
            .map_or(i64::MIN, |&call| call.saturating_add(MINUTE))
    }

    fn count(&mut self, at: i64, pace: i64) {
        let state = &mut self.state;
        state.next_at_pace = state.next_at_pace.max(at).saturating_add(pace);
        state.last_minute.push_back(at);
        let today = at.div_euclid(DAY);
        if state.day != today {
            state.day = today;
            state.used_today = 0;
        }
        state.used_today = state.used_today.saturating_add(1);
    }
}

fn day_of(time: Timestamp) -> i64 {
    time.nanos().div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    fn limits(per_minute: u32, per_day: u32, burst: u32) -> QuotaLimits {
        let some = |count| NonZeroU32::new(count).unwrap();
        QuotaLimits {
            per_minute: some(per_minute),
            per_day: some(per_day),
            burst: some(burst),
        }
    }

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
        let mut quota = Quota::new(limits(60, 1_000, 3));
        let now = 20_000 * DAY;
        for _ in 0..3 {
            assert_eq!(quota.admit(at(now)), Admission::Granted);
        }
        let next = at(now + NANOS_PER_SECOND);
        assert_eq!(quota.admit(at(now)), Admission::NotBefore(next));
        assert_eq!(quota.admit(next), Admission::Granted);
    }

    #[test]
    fn the_day_s_quota_ends_at_midnight_utc() {
        let mut quota = Quota::new(limits(60, 2, 60));
        let noon = 20_000 * DAY + DAY / 2;
        assert_eq!(quota.admit(at(noon)), Admission::Granted);
        assert_eq!(quota.admit(at(noon)), Admission::Granted);
        let midnight = at(20_001 * DAY);
        assert_eq!(quota.admit(at(noon)), Admission::DayUsedUp(midnight));
        assert_eq!(quota.left_today(at(noon)), 0);
        assert_eq!(quota.admit(midnight), Admission::Granted);
        assert_eq!(quota.left_today(midnight), 1);
    }

    #[test]
    fn what_the_vendor_says_holds() {
        let mut quota = Quota::new(limits(60, 1_000, 10));
        let now = 20_000 * DAY;
        let until = at(now + 30 * NANOS_PER_SECOND);
        quota.hold_until(until);
        assert_eq!(quota.admit(at(now)), Admission::NotBefore(until));
        assert_eq!(quota.admit(until), Admission::Granted);
    }

    proptest! {
        /// Callers that wait as told, with restarts in between: never above any of the three limits.
        #[test]
        fn no_limit_is_ever_exceeded(
            per_minute in 1..20_u32,
            per_day in 1..60_u32,
            burst in 1..25_u32,
            steps in proptest::collection::vec((0..90_000_000_000_i64, any::<bool>()), 1..200),
        ) {
            let limits = limits(per_minute, per_day, burst);
            let mut quota = Quota::new(limits);
            let (mut now, mut granted) = (20_000 * DAY + DAY - 20 * MINUTE, Vec::new());
            for (pause, restart) in steps {
                if restart {
                    let saved = serde_json::to_string(quota.state()).unwrap();
                    quota = Quota::resume(limits, serde_json::from_str(&saved).unwrap());
                }
                match quota.admit(at(now)) {
                    Admission::Granted => granted.push(now),
                    Admission::NotBefore(then) => {
                        prop_assert!(then.nanos() > now);
                        now = then.nanos();
                        prop_assert_eq!(quota.admit(at(now)), Admission::Granted);
                        granted.push(now);
                    }
                    Admission::DayUsedUp(then) => prop_assert!(then.nanos() > now),
                }
                now += pause / 8;
            }
            for (index, &start) in granted.iter().enumerate() {
                let within = |span: i64| granted[index..].iter().filter(|&&call| call < start + span).count();
                prop_assert!(within(MINUTE) <= per_minute as usize);
                prop_assert!(within(1) <= burst as usize);
                let same_day = granted.iter().filter(|&&call| call.div_euclid(DAY) == start.div_euclid(DAY));
                prop_assert!(same_day.count() <= per_day as usize);
            }
        }
    }
}
