//! The backtest driver: history in, simulated venue out, one event at a time.
//!
//! Order of things within one market event, which is what makes look-ahead impossible:
//! 1. orders that were working before the event meet it at the venue;
//! 2. the core books what the venue reports, and exits attached to those fills may still trade in
//!    the rest of the event;
//! 3. the strategies see the event;
//! 4. what they ask for reaches the venue and can trade at the next event at the earliest (or at
//!    this close, where the study chose that rule).
//!
//! With a journal ([`BacktestDriver::journalled`]) every event is appended before the core processes
//! it, and the group is committed before the first command of its effects goes to the venue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use thiserror::Error;
use trader_broker::Venue;
use trader_domain::{BrokerReport, Event, MarketEvent, SequencedEvent, TimerId, Timestamp};

use crate::core::{Command, Core, CoreError, Effects};
use crate::journal::{EventSink, WriteError, start_event};

/// How many events without commands may share one commit, so that memory stays bounded.
const GROUP_EVENTS: u32 = 4_096;

/// History, in the order in which it was received.
pub trait MarketFeed {
    /// What can go wrong while reading.
    type Error: std::error::Error;

    /// The next event, or `None` at the end.
    ///
    /// # Errors
    /// When the source fails; the run ends there.
    fn next_event(&mut self) -> Result<Option<MarketEvent>, Self::Error>;

    /// Puts the next event in the place of `event`, or gives `false` at the end. What the driver
    /// calls for every event but the first: a feed that fills the fields in saves moving an event,
    /// which costs as much as processing an idle one.
    ///
    /// # Errors
    /// As [`Self::next_event`]; `event` is then of no use.
    #[inline]
    fn replace_event(&mut self, event: &mut MarketEvent) -> Result<bool, Self::Error> {
        match self.next_event()? {
            Some(next) => {
                *event = next;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// Watches a run without being able to influence it.
pub trait RunObserver {
    /// Called after every event of the core that had effects.
    fn on_effects(&mut self, event: &SequencedEvent, effects: &Effects, core: &Core);

    /// Called after every market event, with or without effects.
    fn on_market(&mut self, event: &MarketEvent, core: &Core);
}

/// Nobody watches.
impl RunObserver for () {
    fn on_effects(&mut self, _event: &SequencedEvent, _effects: &Effects, _core: &Core) {}

    fn on_market(&mut self, _event: &MarketEvent, _core: &Core) {}
}

/// Why a run ended early.
#[derive(Debug, Error)]
pub enum DriveError<E: std::error::Error> {
    /// The history could not be read.
    #[error("reading market data failed")]
    Feed(#[source] E),
    /// The history is not in the order of receipt.
    #[error("market data goes back in time: {found} after {now}")]
    OutOfOrder {
        /// Time reached.
        now: Timestamp,
        /// Time of the offending event.
        found: Timestamp,
    },
    /// The driver and the core disagree: a defect of ours.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// An event could not be made durable; none of its effects were released.
    #[error("the run cannot be journalled")]
    Journal(#[from] WriteError),
}

/// What a run counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Market events fed.
    pub market_events: u64,
    /// Bars among them.
    pub bars: u64,
    /// Orders sent to the venue.
    pub orders: u64,
    /// Proposals that the gate refused.
    pub refusals: u64,
    /// Executions booked.
    pub fills: u64,
    /// Round trips closed.
    pub trades: u64,
    /// Events of any kind that the core processed.
    pub core_events: u64,
}

/// Runs one core over one history.
#[derive(Debug)]
pub struct BacktestDriver<'a, V, O, J = ()> {
    core: &'a mut Core,
    venue: &'a mut V,
    observer: &'a mut O,
    journal: J,
    /// Events appended since the last commit.
    uncommitted: u32,
    effects: Effects,
    reports: Vec<BrokerReport>,
    timers: BinaryHeap<Reverse<(Timestamp, TimerId)>>,
    sequence: u64,
    now: Timestamp,
    counts: RunCounts,
}

impl<'a, V: Venue, O: RunObserver> BacktestDriver<'a, V, O> {
    /// A driver for a core that has not processed anything yet.
    pub fn new(core: &'a mut Core, venue: &'a mut V, observer: &'a mut O) -> Self {
        let sequence = core.sequence();
        Self {
            core,
            venue,
            observer,
            journal: (),
            uncommitted: 0,
            effects: Effects::new(),
            reports: Vec::new(),
            timers: BinaryHeap::new(),
            sequence,
            now: Timestamp::MIN,
            counts: RunCounts::default(),
        }
    }

    /// The same driver with a journal: what it holds after the run is what
    /// [`crate::driver::replay::replay`] needs to do the run again.
    pub fn journalled<J: EventSink>(self, journal: J) -> BacktestDriver<'a, V, O, J> {
        BacktestDriver {
            core: self.core,
            venue: self.venue,
            observer: self.observer,
            journal,
            uncommitted: 0,
            effects: self.effects,
            reports: self.reports,
            timers: self.timers,
            sequence: self.sequence,
            now: self.now,
            counts: self.counts,
        }
    }
}

impl<V: Venue, O: RunObserver, J: EventSink> BacktestDriver<'_, V, O, J> {
    /// Feeds everything; stops at the end of the history or when `stop` says so (Ctrl-C).
    ///
    /// # Errors
    /// [`DriveError`].
    pub fn run<F: MarketFeed>(
        &mut self,
        feed: &mut F,
        stop: &dyn Fn() -> bool,
    ) -> Result<RunCounts, DriveError<F::Error>> {
        if let Some(first) = feed.next_event().map_err(DriveError::Feed)? {
            self.now = first.received();
            self.record(&start_event(self.now))?;
            self.core.start(self.now, &mut self.effects);
            self.carry_out()?;
            self.feed_all(first, feed, stop)?;
        }
        self.core.stop();
        self.journal.commit()?;
        Ok(self.counts)
    }

    /// One event after the other, all in the same place.
    fn feed_all<F: MarketFeed>(
        &mut self,
        first: MarketEvent,
        feed: &mut F,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), DriveError<F::Error>> {
        let batches = self.core.wants_batches();
        let mut input = SequencedEvent {
            sequence: 0,
            time: self.now,
            event: Event::Market(first),
        };
        loop {
            self.market_event(&mut input)?;
            let Event::Market(event) = &mut input.event else {
                return Ok(());
            };
            let more = feed.replace_event(event).map_err(DriveError::Feed)?;
            if batches && (!more || event.received() > self.now) {
                self.process(Event::Clock)?;
                self.drain()?;
            }
            if !more || (self.counts.market_events.is_multiple_of(4_096) && stop()) {
                return Ok(());
            }
        }
    }

    #[inline]
    fn market_event<E: std::error::Error>(
        &mut self,
        input: &mut SequencedEvent,
    ) -> Result<(), DriveError<E>> {
        let Event::Market(event) = &input.event else {
            return Ok(());
        };
        let time = match event {
            MarketEvent::Bar(bar) => bar.received,
            other => other.received(),
        };
        if time < self.now {
            return Err(DriveError::OutOfOrder {
                now: self.now,
                found: time,
            });
        }
        if self
            .timers
            .peek()
            .is_some_and(|Reverse((at, _))| *at <= time)
        {
            self.fire_timers(time)?;
        }
        self.now = time;
        self.venue.on_market(event, &mut self.reports);
        self.counts.market_events += 1;
        self.counts.bars += u64::from(matches!(event, MarketEvent::Bar(_)));
        if !self.reports.is_empty() {
            self.drain()?;
        }
        self.sequence += 1;
        (input.sequence, input.time) = (self.sequence, time);
        self.record(input)?;
        self.core.process(input, &mut self.effects)?;
        self.after(input)?;
        if !self.reports.is_empty() {
            self.drain()?;
        }
        if let Event::Market(event) = &input.event {
            self.observer.on_market(event, self.core);
        }
        Ok(())
    }

    #[cold]
    fn fire_timers<E: std::error::Error>(&mut self, until: Timestamp) -> Result<(), DriveError<E>> {
        while let Some(&Reverse((at, timer))) = self.timers.peek() {
            if at > until {
                break;
            }
            self.timers.pop();
            self.now = self.now.max(at);
            self.venue.on_time(self.now, &mut self.reports);
            self.drain()?;
            self.process(Event::Timer(timer))?;
            self.drain()?;
        }
        Ok(())
    }

    /// Hands the venue's reports to the core, in order, until neither has anything more to say.
    fn drain<E: std::error::Error>(&mut self) -> Result<(), DriveError<E>> {
        loop {
            // What a report leads to may bring more reports: they come after those that are there.
            let mut next = 0;
            while let Some(&report) = self.reports.get(next) {
                next += 1;
                self.process(Event::Broker(report))?;
            }
            self.reports.clear();
            self.venue.settle(&mut self.reports);
            if self.reports.is_empty() {
                return Ok(());
            }
        }
    }

    fn process<E: std::error::Error>(&mut self, event: Event) -> Result<(), DriveError<E>> {
        self.sequence += 1;
        let input = SequencedEvent {
            sequence: self.sequence,
            time: self.now,
            event,
        };
        self.record(&input)?;
        self.core.process(&input, &mut self.effects)?;
        self.after(&input)
    }

    /// Appends an event before it is processed.
    #[inline]
    fn record(&mut self, input: &SequencedEvent) -> Result<(), WriteError> {
        if self.journal.records() {
            self.journal.append(input, self.core.effects_hash())?;
            self.uncommitted += 1;
            if self.uncommitted >= GROUP_EVENTS {
                self.commit()?;
            }
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        self.uncommitted = 0;
        self.journal.commit()
    }

    #[inline]
    fn after<E: std::error::Error>(&mut self, input: &SequencedEvent) -> Result<(), DriveError<E>> {
        self.counts.core_events += 1;
        if self.effects.any() {
            self.observe_and_carry_out(input)?;
        }
        Ok(())
    }

    fn observe_and_carry_out<E: std::error::Error>(
        &mut self,
        input: &SequencedEvent,
    ) -> Result<(), DriveError<E>> {
        self.counts.fills += self.effects.fills.len() as u64;
        self.counts.trades += self.effects.closed.len() as u64;
        self.counts.refusals += self
            .effects
            .decisions
            .iter()
            .filter(|decision| !decision.approved)
            .count() as u64;
        if !self.effects.commands.is_empty() {
            self.commit()?;
        }
        self.observer.on_effects(input, &self.effects, self.core);
        self.carry_out()
    }

    fn carry_out<E: std::error::Error>(&mut self) -> Result<(), DriveError<E>> {
        if self.uncommitted > 0 && !self.effects.commands.is_empty() {
            self.commit()?;
        }
        for command in self.effects.commands.drain(..) {
            match command {
                Command::Submit(order) => {
                    self.counts.orders += 1;
                    self.venue.submit(order, self.now, &mut self.reports);
                }
                Command::Replace(terms) => self.venue.replace(terms, self.now, &mut self.reports),
                Command::Cancel(order) => self.venue.cancel(order, self.now, &mut self.reports),
                Command::SetTimer { id, at } => self.timers.push(Reverse((at, id))),
            }
        }
        Ok(())
    }
}
