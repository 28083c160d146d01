//! What is let in: ticks that are plausible by themselves, in session, in order, and new under their identifier.

use std::collections::BTreeMap;

use trader_domain::calendar::CalendarError;
use trader_domain::{MarketCalendar, Phase, PhaseSpan, Timestamp};
use trader_storage::store::{Identity, TickFault, TickRow};

use crate::record_source::{Delivery, Reject};

/// Checks the ticks of one source in the order in which they come.
#[derive(Debug)]
pub struct TickCheck<R> {
    calendar: MarketCalendar,
    now: Timestamp,
    /// The part of the trading day in which the last tick was: most ticks need no look at the calendar.
    span: Option<(Timestamp, PhaseSpan)>,
    last: Option<Timestamp>,
    named: BTreeMap<Identity, R>,
}

impl<R: TickRow> TickCheck<R> {
    /// A check of ticks that are read now.
    pub fn new(now: Timestamp) -> Self {
        Self {
            calendar: MarketCalendar::us_equities(),
            now,
            span: None,
            last: None,
            named: BTreeMap::new(),
        }
    }

    /// Whether a tick is let in.
    ///
    /// # Errors
    /// The first [`TickFault`].
    pub fn check(&mut self, row: &R) -> Result<(), TickFault> {
        row.validate()?;
        let time = row.time();
        if time > self.now {
            return Err(TickFault::Future);
        }
        if self.last.is_some_and(|last| time < last) {
            return Err(TickFault::OutOfOrder);
        }
        if self.phase(time).is_ok_and(|phase| phase == Phase::Closed) {
            return Err(TickFault::OffSession);
        }
        let identity = row.identity();
        if matches!(identity, Identity::Named(..)) {
            // The same tick twice is no fault: it is stored once.
            let known = self.named.entry(identity).or_insert(*row);
            if known.updated(row) != *known {
                return Err(TickFault::DuplicateId);
            }
        }
        self.last = Some(time);
        Ok(())
    }

    /// The phase of the market; an error for days that the calendar does not cover, which are not judged.
    fn phase(&mut self, time: Timestamp) -> Result<Phase, CalendarError> {
        if let Some((from, span)) = self.span
            && from <= time
            && time < span.until
        {
            return Ok(span.phase);
        }
        let span = self.calendar.phase_at(time)?;
        self.span = Some((time, span));
        Ok(span.phase)
    }

    /// Sets aside what is not let in.
    pub fn sift(&mut self, rows: impl IntoIterator<Item = R>) -> Delivery<R> {
        let mut delivery = Delivery::default();
        for row in rows {
            match self.check(&row) {
                Ok(()) => delivery.records.push(row),
                Err(fault) => delivery.rejects.push(Reject {
                    reason: fault.name(),
                    detail: fault.to_string(),
                    raw: format!("{row:?}"),
                }),
            }
        }
        delivery
    }
}
