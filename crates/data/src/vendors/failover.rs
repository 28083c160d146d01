//! Several vendors of the same kind of data, asked in an order of preference.
//!
//! [`Failover`] asks the vendor that its [`Coordinator`] chooses; when that vendor fails a question, the others are
//! asked in turn. [`FailoverBars`] is a source of history made of such vendors.

use std::io;
use std::sync::{Mutex, PoisonError};

use trader_domain::Timestamp;
use trader_storage::store::ReferenceFiles;
use trader_storage::{DataError, Fingerprint, ReadOptions};

use crate::error::with_causes;
use crate::resilience::{Coordinator, Health, Switch};
use crate::source::{Capabilities, HistoricalSource, HistoryRequest, Opened, WorkUnit};

/// A vendor whose health is known.
pub trait Watched: Send + Sync {
    /// Its name, as in the store.
    fn vendor(&self) -> &str;

    /// How it is doing now.
    fn health(&self) -> Health;

    /// Its clock.
    fn now(&self) -> Timestamp;
}

/// Vendors in the order of preference for one kind of data.
#[derive(Debug)]
pub struct Failover<S: ?Sized> {
    members: Vec<Box<S>>,
    coordinator: Mutex<Coordinator<(), usize>>,
}

/// Every vendor failed; each with its reason.
#[derive(Debug)]
pub struct AllFailed<E>(pub Vec<(String, E)>);

impl<E: std::error::Error> AllFailed<E> {
    /// One line.
    pub fn describe(&self) -> String {
        let mut text = "no vendor delivered".to_owned();
        for (vendor, error) in &self.0 {
            text.push_str(&format!("; {vendor}: {}", with_causes(error)));
        }
        text
    }
}

impl<S: ?Sized + Watched> Failover<S> {
    /// The first is asked first.
    pub fn new(members: Vec<Box<S>>) -> Self {
        let mut coordinator = Coordinator::new();
        coordinator.prefer((), (0..members.len()).collect());
        Self {
            members,
            coordinator: Mutex::new(coordinator),
        }
    }

    /// The vendors, in the order of preference.
    pub fn members(&self) -> impl Iterator<Item = &S> {
        self.members.iter().map(Box::as_ref)
    }

    /// Asks the vendor of choice and, when it fails, the others, best health first. Says who answered.
    ///
    /// # Errors
    /// [`AllFailed`].
    pub fn ask<T, E: std::error::Error>(
        &self,
        call: impl Fn(&S) -> Result<T, E>,
    ) -> Result<(&S, T), AllFailed<E>> {
        let mut failures = Vec::new();
        for member in self.sequence() {
            match call(member) {
                Ok(answer) => return Ok((member, answer)),
                Err(error) => {
                    tracing::warn!(vendor = member.vendor(), error = %with_causes(&error), "a vendor failed a question; the next is asked");
                    failures.push((member.vendor().to_owned(), error));
                }
            }
        }
        Err(AllFailed(failures))
    }

    /// Whom to ask in which order now. Vendors in trouble come last: their own limits and breakers refuse what must
    /// not go, and say until when.
    fn sequence(&self) -> Vec<&S> {
        let health: Vec<Health> = self.members().map(Watched::health).collect();
        let of = |index: usize| health.get(index).copied().unwrap_or(Health::Unavailable);
        let Some(now) = self.members().map(Watched::now).max() else {
            return Vec::new();
        };
        let chosen = {
            let mut coordinator = self
                .coordinator
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            coordinator.choose(&(), now, of)
        };
        if let Some((_, Some(Switch { from, to }))) = chosen {
            let name = |index: usize| self.members.get(index).map_or("", |member| member.vendor());
            tracing::warn!(
                from = name(from),
                to = name(to),
                "another vendor is asked from now on"
            );
        }
        let first = chosen.map(|(index, _)| index);
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|&index| (Some(index) != first, of(index), index));
        order
            .into_iter()
            .filter_map(|index| self.members.get(index).map(Box::as_ref))
            .collect()
    }
}

/// A vendor's bars with its health.
pub trait WatchedBars: HistoricalSource + Watched {}

impl<T: HistoricalSource + Watched> WatchedBars for T {}

/// Bars of whichever vendor delivers, in an order of preference; each unit of work records who did.
#[derive(Debug)]
pub struct FailoverBars {
    vendors: Failover<dyn WatchedBars>,
}

impl std::fmt::Debug for dyn WatchedBars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.vendor())
    }
}

impl FailoverBars {
    /// The first is asked first; all must have bars of the same length.
    pub fn new(vendors: Vec<Box<dyn WatchedBars>>) -> Self {
        Self {
            vendors: Failover::new(vendors),
        }
    }

    fn first(&self) -> Result<&dyn WatchedBars, DataError> {
        self.vendors
            .members()
            .next()
            .ok_or_else(|| DataError::Unsupported {
                file: "vendors".to_owned(),
                detail: "none is named".to_owned(),
            })
    }
}

impl HistoricalSource for FailoverBars {
    fn capabilities(&self) -> Capabilities {
        let all: Vec<Capabilities> = self
            .vendors
            .members()
            .map(HistoricalSource::capabilities)
            .collect();
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        let adjustment = all.first().and_then(|one| one.adjustment);
        let same = all.iter().all(|one| one.adjustment == adjustment);
        Capabilities {
            name: names.join(","),
            timeframes: all
                .first()
                .map_or_else(Vec::new, |one| one.timeframes.clone()),
            adjustment: adjustment.filter(|_| same),
            has_references: false,
        }
    }

    /// All vendors cut their work alike, so the first one's plan holds for all.
    fn plan(&self, request: &HistoryRequest) -> Result<Vec<WorkUnit>, DataError> {
        self.first()?.plan(request)
    }

    fn fingerprint(&self, unit: &WorkUnit) -> Result<Fingerprint, DataError> {
        let mut text = "in this order".to_owned();
        for member in self.vendors.members() {
            text.push('\n');
            text.push_str(&member.fingerprint(unit)?.to_string());
        }
        Ok(Fingerprint::of_bytes(text.as_bytes()))
    }

    fn open(&self, unit: &WorkUnit, options: &ReadOptions) -> Result<Opened, DataError> {
        let (_, opened) = self
            .vendors
            .ask(|member| member.open(unit, options))
            .map_err(|failures| DataError::Io {
                file: unit.name.clone(),
                doing: "asking the vendors",
                source: io::Error::other(failures.describe()),
            })?;
        Ok(opened)
    }

    fn references(&self, _request: &HistoryRequest) -> Result<Vec<ReferenceFiles>, DataError> {
        Ok(Vec::new())
    }
}
