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

/// How many events are asked for at a time: few enough to stay in the first-level cache.
const BLOCK_EVENTS: usize = 32;

/// After how many events the caller is asked whether to stop.
const EVENTS_PER_STOP: u64 = 4_096;

/// History, in the order in which it was received.
pub trait MarketFeed {
    /// What can go wrong while reading.
    type Error: std::error::Error;

    /// The next event, or `None` at the end.
    ///
    /// # Errors
    /// When the source fails; the run ends there.
    fn next_event(&mut self) -> Result<Option<MarketEvent>, Self::Error>;

    /// Puts the next events into `block`, from its front, and gives how many: none at the end only. What
    /// the driver calls. It numbers and times the events; the feed sets what happened, and best in place,
    /// because moving an event costs as much as processing an idle one.
    ///
    /// # Errors
    /// As [`Self::next_event`]; events that come before the failure are given first.
    fn fill(&mut self, block: &mut [SequencedEvent]) -> Result<usize, Self::Error> {
        let Some(first) = block.first_mut() else {
            return Ok(0);
        };
        match self.next_event()? {
            Some(event) => {
                first.event = Event::Market(event);
                Ok(1)
            }
            None => Ok(0),
        }
    }
}

/// Watches a run without being able to influence it.
pub trait RunObserver {
    /// Called after every event of the core that had effects.
    fn on_effects(&mut self, event: &SequencedEvent, effects: &Effects, core: &Core);

    /// Called when the market events of an instant, the core's time, were all processed, before anything
    /// later happens. `next` is when the next market event comes; `None` at the end of the run.
    fn on_instant(&mut self, core: &Core, next: Option<Timestamp>);
}

/// Nobody watches.
impl RunObserver for () {
    fn on_effects(&mut self, _event: &SequencedEvent, _effects: &Effects, _core: &Core) {}

    fn on_instant(&mut self, _core: &Core, _next: Option<Timestamp>) {}
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
    /// Whether a strategy wants to be told when all bars of an instant are there.
    batches: bool,
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
            batches: false,
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
            batches: self.batches,
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
        let begun = self.sequence;
        self.batches = self.core.wants_batches();
        let mut block = vec![start_event(self.now); BLOCK_EVENTS];
        let filled = feed.fill(&mut block).map_err(DriveError::Feed)?;
        if let Some(first) = received(&block, filled) {
            self.now = first;
            self.record(&start_event(self.now))?;
            self.core.start(self.now, &mut self.effects);
            self.carry_out()?;
            self.feed_all(&mut block, filled, feed, stop)?;
        }
        self.core.stop();
        self.journal.commit()?;
        self.counts.core_events = self.sequence - begun;
        Ok(self.counts)
    }

    /// One event after the other, block by block.
    #[inline(never)] // the loop gets the registers to itself
    fn feed_all<F: MarketFeed>(
        &mut self,
        block: &mut [SequencedEvent],
        mut filled: usize,
        feed: &mut F,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), DriveError<F::Error>> {
        let mut until_stop = EVENTS_PER_STOP;
        loop {
            if let Some(events) = block.get_mut(..filled) {
                for input in events {
                    self.market_event(input)?;
                }
            }
            let given = filled as u64;
            self.counts.market_events += given;
            until_stop = until_stop.saturating_sub(given);
            filled = feed.fill(block).map_err(DriveError::Feed)?;
            let next = received(block, filled);
            let stopping = until_stop == 0 && next.is_some() && {
                until_stop = EVENTS_PER_STOP;
                stop()
            };
            if stopping || next.is_none() {
                self.observer.on_instant(self.core, None);
                if self.batches && next.is_none_or(|time| time > self.now) {
                    self.complete_instant()?;
                }
                return Ok(());
            }
        }
    }

    #[inline(always)] // the loop that a run consists of
    fn market_event<E: std::error::Error>(
        &mut self,
        input: &mut SequencedEvent,
    ) -> Result<(), DriveError<E>> {
        let Event::Market(event) = &input.event else {
            return Ok(());
        };
        let time = match event {
            MarketEvent::Bar(bar) => {
                self.counts.bars += 1;
                bar.received
            }
            other => other.received(),
        };
        if time < self.now {
            return Err(DriveError::OutOfOrder {
                now: self.now,
                found: time,
            });
        }
        if time > self.now {
            self.observer.on_instant(self.core, Some(time));
            if self.batches {
                self.complete_instant()?;
            }
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
        if !self.reports.is_empty() {
            self.drain()?;
        }
        self.sequence += 1;
        (input.sequence, input.time) = (self.sequence, time);
        self.record(input)?;
        self.core.process(input, &mut self.effects)?;
        if self.effects.any() {
            self.observe_and_carry_out(input)?;
            if !self.reports.is_empty() {
                self.drain()?;
            }
        }
        Ok(())
    }

    /// All bars of the present instant were delivered.
    fn complete_instant<E: std::error::Error>(&mut self) -> Result<(), DriveError<E>> {
        self.process_now(Event::Clock)?;
        self.drain()
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
            self.process_now(Event::Timer(timer))?;
            self.drain()?;
        }
        Ok(())
    }

    /// Hands the venue's reports to the core, in order, until neither has anything more to say.
    fn drain<E: std::error::Error>(&mut self) -> Result<(), DriveError<E>> {
        loop {
            // What a report leads to may bring more reports: they come after those that are there.
            let mut next = 0;
            while let Some(report) = self.reports.get(next) {
                next += 1;
                let input = SequencedEvent {
                    sequence: self.sequence + 1,
                    time: self.now,
                    event: Event::Broker(*report),
                };
                self.process(&input)?;
            }
            self.reports.clear();
            self.venue.settle(&mut self.reports);
            if self.reports.is_empty() {
                return Ok(());
            }
        }
    }

    /// An event that is not the market's, present now.
    fn process_now<E: std::error::Error>(&mut self, event: Event) -> Result<(), DriveError<E>> {
        self.process(&SequencedEvent {
            sequence: self.sequence + 1,
            time: self.now,
            event,
        })
    }

    fn process<E: std::error::Error>(
        &mut self,
        input: &SequencedEvent,
    ) -> Result<(), DriveError<E>> {
        self.sequence = input.sequence;
        self.record(input)?;
        self.core.process(input, &mut self.effects)?;
        if self.effects.any() {
            self.observe_and_carry_out(input)?;
        }
        Ok(())
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

    #[inline(never)] // one event in a hundred
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

/// When the first event of a block was received, if it has any.
fn received(block: &[SequencedEvent], filled: usize) -> Option<Timestamp> {
    match &block.get(..filled)?.first()?.event {
        Event::Market(event) => Some(event.received()),
        _ => None,
    }
}
