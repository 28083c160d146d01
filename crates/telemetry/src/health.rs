//! Who is healthy: states of components with reasons, and their sum.
//!
//! Components report to one [`Health`] when their state changes or regularly; health endpoints
//! and alerts read [`Health::report`]. A component that is expected to report and has gone silent
//! counts as unhealthy: no news is bad news.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use trader_domain::Timestamp;

/// State of a component or of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Does all it should.
    Healthy,
    /// Does less than it should; trading may go on.
    Degraded,
    /// Does not do what it should.
    Unhealthy,
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        })
    }
}

/// What a component's failure means for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ComponentKind {
    /// The whole is no better than this component.
    Critical,
    /// The whole is at worst degraded by it.
    Optional,
}

/// State of one component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComponentHealth {
    /// State.
    pub status: Status,
    /// Why; empty when healthy.
    pub reason: String,
    /// What its failure means.
    pub kind: ComponentKind,
    /// Since when it has this state, nanoseconds UTC.
    pub since: Timestamp,
    /// When it last reported, nanoseconds UTC.
    pub reported: Timestamp,
}

/// State of everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthReport {
    /// The sum.
    pub status: Status,
    /// Each component by name.
    pub components: BTreeMap<String, ComponentHealth>,
}

/// A change of a component's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Which component.
    pub component: String,
    /// State before.
    pub from: Status,
    /// State now.
    pub to: Status,
    /// Why.
    pub reason: String,
}

struct Component {
    health: ComponentHealth,
    max_silence: Option<Duration>,
}

/// All components of the process.
#[derive(Default)]
pub struct Health {
    components: Mutex<BTreeMap<String, Component>>,
}

impl Health {
    /// No components yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Expects a component. Until its first report it is unhealthy: what has not started is not
    /// ready. `max_silence` is the longest time between reports; `None` for one that only reports
    /// changes.
    pub fn expect(
        &self,
        component: &str,
        kind: ComponentKind,
        max_silence: Option<Duration>,
        now: Timestamp,
    ) {
        let health = ComponentHealth {
            status: Status::Unhealthy,
            reason: "has not reported yet".to_owned(),
            kind,
            since: now,
            reported: now,
        };
        self.lock().insert(
            component.to_owned(),
            Component {
                health,
                max_silence,
            },
        );
    }

    /// Takes a component's report. A change is logged and returned. One that nobody expected is
    /// taken as optional.
    pub fn set(
        &self,
        component: &str,
        status: Status,
        reason: &str,
        now: Timestamp,
    ) -> Option<Transition> {
        let mut components = self.lock();
        let entry = components
            .entry(component.to_owned())
            .or_insert_with(|| Component {
                health: ComponentHealth {
                    status: Status::Healthy,
                    reason: String::new(),
                    kind: ComponentKind::Optional,
                    since: now,
                    reported: now,
                },
                max_silence: None,
            });
        let from = entry.health.status;
        if from != status {
            entry.health.since = now;
        }
        entry.health.status = status;
        reason.clone_into(&mut entry.health.reason);
        entry.health.reported = now;
        drop(components);
        if from == status {
            return None;
        }
        if status == Status::Healthy {
            tracing::info!(target: "trader::health", component, %from, to = %status, "component recovered");
        } else {
            tracing::warn!(target: "trader::health", component, %from, to = %status, reason, "component not healthy");
        }
        Some(Transition {
            component: component.to_owned(),
            from,
            to: status,
            reason: reason.to_owned(),
        })
    }

    /// The state of everything at `now`. Without any component the whole is unhealthy.
    pub fn report(&self, now: Timestamp) -> HealthReport {
        let components: BTreeMap<String, ComponentHealth> = self
            .lock()
            .iter()
            .map(|(name, component)| (name.clone(), component.at(now)))
            .collect();
        let status = components
            .values()
            .map(|health| match health.kind {
                ComponentKind::Critical => health.status,
                ComponentKind::Optional => health.status.min(Status::Degraded),
            })
            .max()
            .unwrap_or(Status::Unhealthy);
        HealthReport { status, components }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Component>> {
        self.components
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Component {
    /// Its state at `now`, with silence taken into account.
    fn at(&self, now: Timestamp) -> ComponentHealth {
        let mut health = self.health.clone();
        let silence = u64::try_from(now.nanos_since(health.reported))
            .map_or(Duration::ZERO, Duration::from_nanos);
        if let Some(allowed) = self.max_silence
            && silence > allowed
        {
            health.status = Status::Unhealthy;
            health.reason = format!(
                "no report for {} s; at least one in {} s is expected",
                silence.as_secs(),
                allowed.as_secs()
            );
            // It became unhealthy when the allowed silence ended.
            let allowed = i64::try_from(allowed.as_nanos()).unwrap_or(i64::MAX);
            health.since = health.reported.saturating_add(allowed);
        }
        health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_nanos(number * 1_000_000_000)
    }

    #[test]
    fn the_whole_is_the_worst_of_what_is_critical() {
        let health = Health::new();
        assert_eq!(
            health.report(second(0)).status,
            Status::Unhealthy,
            "nothing runs yet"
        );
        health.expect("broker", ComponentKind::Critical, None, second(0));
        health.expect("news", ComponentKind::Optional, None, second(0));
        assert_eq!(
            health.report(second(0)).status,
            Status::Unhealthy,
            "the broker has not reported"
        );
        health.set("broker", Status::Healthy, "", second(1));
        assert_eq!(
            health.report(second(1)).status,
            Status::Degraded,
            "news is still missing"
        );
        health.set("news", Status::Healthy, "", second(1));
        assert_eq!(health.report(second(1)).status, Status::Healthy);
        health.set("news", Status::Unhealthy, "no answer", second(2));
        assert_eq!(
            health.report(second(2)).status,
            Status::Degraded,
            "an optional component only degrades"
        );
        health.set("broker", Status::Degraded, "slow", second(3));
        health.set("broker", Status::Unhealthy, "disconnected", second(4));
        assert_eq!(health.report(second(4)).status, Status::Unhealthy);
    }

    #[test]
    fn only_changes_are_transitions_and_the_reason_is_kept() {
        let health = Health::new();
        health.expect("database", ComponentKind::Critical, None, second(0));
        let change = health
            .set("database", Status::Healthy, "", second(1))
            .unwrap();
        assert_eq!(
            (change.from, change.to),
            (Status::Unhealthy, Status::Healthy)
        );
        assert_eq!(health.set("database", Status::Healthy, "", second(2)), None);
        health.set("database", Status::Degraded, "pool at 85 %", second(3));
        let report = health.report(second(9));
        let database = &report.components["database"];
        assert_eq!(
            (database.reason.as_str(), database.since, database.reported),
            ("pool at 85 %", second(3), second(3))
        );
    }

    #[test]
    fn silence_is_unhealthy_and_a_report_heals_it() {
        let health = Health::new();
        health.expect(
            "stream",
            ComponentKind::Critical,
            Some(Duration::from_secs(30)),
            second(0),
        );
        health.set("stream", Status::Healthy, "", second(10));
        assert_eq!(health.report(second(40)).status, Status::Healthy);
        let silent = health.report(second(41));
        assert_eq!(silent.status, Status::Unhealthy);
        assert_eq!(silent.components["stream"].since, second(40));
        assert!(
            silent.components["stream"]
                .reason
                .starts_with("no report for 31 s")
        );
        health.set("stream", Status::Healthy, "", second(50));
        assert_eq!(health.report(second(50)).status, Status::Healthy);
    }

    #[test]
    fn the_report_is_json_for_the_endpoint() {
        let health = Health::new();
        health.expect("broker", ComponentKind::Critical, None, second(1));
        let json = serde_json::to_string(&health.report(second(1))).unwrap();
        assert_eq!(
            json,
            r#"{"status":"unhealthy","components":{"broker":{"status":"unhealthy","reason":"has not reported yet","kind":"critical","since":1000000000,"reported":1000000000}}}"#
        );
    }
}
