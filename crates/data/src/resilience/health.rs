//! How a provider is doing, from its last calls: how many failed, how long they took, what its quota leaves.

use std::collections::VecDeque;

use trader_domain::{NANOS_PER_SECOND, Timestamp};

/// What a provider is good for now, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Fast and without many errors.
    Healthy,
    /// Answers, but slowly or with too many errors.
    Degraded,
    /// Answers that we ask too much, or has no quota left.
    RateLimited,
    /// Does not answer.
    Unavailable,
}

/// From when on a provider counts as degraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// Calls that are looked at.
    pub window: usize,
    /// Calls older than this do not count, nanoseconds.
    pub age_nanos: i64,
    /// Calls needed for a judgement other than healthy.
    pub enough: usize,
    /// Mean time of successful calls above which it is degraded, nanoseconds.
    pub slow_nanos: i64,
    /// Share of failed calls above which it is degraded, percent.
    pub error_percent: u32,
}

impl Default for HealthSettings {
    fn default() -> Self {
        Self {
            window: 50,
            age_nanos: 300 * NANOS_PER_SECOND,
            enough: 5,
            slow_nanos: 5 * NANOS_PER_SECOND,
            error_percent: 10,
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// With an answer, after this many nanoseconds.
    Answered {
        /// From sending to the whole body.
        nanos: i64,
    },
    /// Without one.
    Failed,
}

/// The last calls of one provider.
#[derive(Clone, Debug)]
pub struct HealthWatch {
    settings: HealthSettings,
    calls: VecDeque<(Timestamp, CallEnd)>,
    limited_until: Option<Timestamp>,
}

impl HealthWatch {
    /// Nothing known yet: healthy until shown otherwise.
    pub fn new(settings: HealthSettings) -> Self {
        Self {
            settings,
            calls: VecDeque::with_capacity(settings.window),
            limited_until: None,
        }
    }

    /// Takes note of a call.
    pub fn record(&mut self, now: Timestamp, end: CallEnd) {
        if self.calls.len() >= self.settings.window {
            self.calls.pop_front();
        }
        self.calls.push_back((now, end));
    }

    /// The provider, or our own account of its quota, says to wait.
    pub fn limited(&mut self, until: Timestamp) {
        self.limited_until = Some(self.limited_until.map_or(until, |known| known.max(until)));
    }

    /// The judgement at an instant.
    pub fn health(&self, now: Timestamp) -> Health {
        let recent = || {
            let oldest = now.saturating_add(-self.settings.age_nanos);
            self.calls.iter().filter(move |call| call.0 >= oldest)
        };
        let answered = recent().filter_map(|call| match call.1 {
            CallEnd::Answered { nanos } => Some(nanos),
            CallEnd::Failed => None,
        });
        let (count, sum) = answered.fold((0_u32, 0_i128), |(count, sum), nanos| {
            (count.saturating_add(1), sum + i128::from(nanos))
        });
        let all = u32::try_from(recent().count()).unwrap_or(u32::MAX);
        let enough = u32::try_from(self.settings.enough).unwrap_or(u32::MAX);
        let failed = all.saturating_sub(count);
        if all >= enough && count == 0 {
            return Health::Unavailable;
        }
        if self.limited_until.is_some_and(|until| now < until) {
            return Health::RateLimited;
        }
        let many_errors =
            u64::from(failed) * 100 > u64::from(self.settings.error_percent) * u64::from(all);
        let slow = sum > i128::from(self.settings.slow_nanos) * i128::from(count);
        if all >= enough && (many_errors || slow) {
            Health::Degraded
        } else {
            Health::Healthy
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(calls: &[CallEnd]) -> HealthWatch {
        let mut watch = HealthWatch::new(HealthSettings::default());
        for (second, &end) in (0..).zip(calls) {
            watch.record(at(second), end);
        }
        watch
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_nanos(second * NANOS_PER_SECOND)
    }

    fn answered(seconds: i64) -> CallEnd {
        CallEnd::Answered {
            nanos: seconds * NANOS_PER_SECOND,
        }
    }

    #[test]
    fn few_calls_judge_nobody() {
        assert_eq!(watch(&[]).health(at(0)), Health::Healthy);
        assert_eq!(watch(&[CallEnd::Failed; 4]).health(at(4)), Health::Healthy);
    }

    #[test]
    fn above_ten_percent_of_errors_or_five_seconds_it_is_degraded() {
        let mut calls = vec![answered(1); 9];
        calls.push(CallEnd::Failed);
        assert_eq!(
            watch(&calls).health(at(10)),
            Health::Healthy,
            "exactly 10 %"
        );
        calls.push(CallEnd::Failed);
        assert_eq!(watch(&calls).health(at(11)), Health::Degraded);
        assert_eq!(
            watch(&[answered(5); 6]).health(at(6)),
            Health::Healthy,
            "exactly 5 s"
        );
        assert_eq!(watch(&[answered(6); 6]).health(at(6)), Health::Degraded);
    }

    #[test]
    fn without_any_answer_it_is_unavailable_and_after_a_while_it_gets_another_chance() {
        let watch = watch(&[CallEnd::Failed; 5]);
        assert_eq!(watch.health(at(5)), Health::Unavailable);
        assert_eq!(watch.health(at(305)), Health::Healthy);
    }

    #[test]
    fn limits_hold_until_their_time() {
        let mut watch = watch(&[answered(1); 6]);
        watch.limited(at(30));
        watch.limited(at(20));
        assert_eq!(watch.health(at(29)), Health::RateLimited);
        assert_eq!(watch.health(at(30)), Health::Healthy);
    }
}
