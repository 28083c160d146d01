//! History as one stream of events in the order of receipt, from columns in memory or from files read batch
//! by batch.
//!
//! One source is read straight through; several are merged by a tournament ([`super::merge`]). Of one instant,
//! corporate actions come first, then bars (which end there), quotes, and prints (which begin the next
//! interval), each by instrument. Nothing is sorted: a source that goes back in time is an error of the run.

use thiserror::Error;
use trader_domain::{
    CorporateAction, Event, InstrumentId, MarketEvent, SequencedEvent, Symbol, Timestamp, VendorId,
};
use trader_engine::driver::backtest::MarketFeed;
use trader_storage::DataError;

use super::lane::{Lane, SessionBounds, Source};
use super::merge::{OVER, Tournament};

/// Why history cannot be read on.
#[derive(Debug, Error)]
pub enum FeedError {
    /// The source failed or is faulty.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A session bar before the zone rules begin.
    #[error("{file}: bar {row} is dated before 1946, where New York time is not known")]
    TimeUnknown {
        /// The source.
        file: String,
        /// Row of the series or batch, from 1.
        row: usize,
    },
    /// A stream changed its time frame or has none.
    #[error("{file}: the length of the bars is not known; name it with --timeframe")]
    NoTimeframe {
        /// The source.
        file: String,
    },
    /// A stream is of one instrument.
    #[error(
        "{file}: holds {first} and {other}, a stream can hold one symbol only; split the file by symbol or load it into memory"
    )]
    SeveralSymbols {
        /// The source.
        file: String,
        /// The first symbol.
        first: Symbol,
        /// The second.
        other: Symbol,
    },
}

/// Merges sources and corporate actions by time of receipt.
pub struct HistoryFeed<'a> {
    lanes: Vec<Lane<'a>>,
    sessions: SessionBounds,
    /// When the only source's next event is received, where there is one source.
    alone: Timestamp,
    tournament: Tournament,
    actions: Vec<CorporateAction>,
    next_action: usize,
    /// When the next corporate action takes effect; [`OVER`] after the last.
    action_due: Timestamp,
    primed: bool,
    /// The source that gave the last event and has not moved on yet.
    moving: Option<usize>,
    /// Why the feed ends after the events that were given.
    failed: Option<FeedError>,
    from: Timestamp,
    to: Timestamp,
}

impl<'a> HistoryFeed<'a> {
    /// All events received from `from` (inclusive) to `to` (exclusive).
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            lanes: Vec::new(),
            sessions: SessionBounds::new(),
            alone: OVER,
            tournament: Tournament::new(&[]),
            actions: Vec::new(),
            next_action: 0,
            action_due: OVER,
            primed: false,
            moving: None,
            failed: None,
            from,
            to,
        }
    }

    /// Adds a source of an instrument's history; an instrument may have several (days of ticks, say). All are
    /// added before the first event is asked for.
    pub fn add(&mut self, instrument: InstrumentId, vendor: VendorId, source: Source<'a>) {
        self.lanes.push(Lane::new(instrument, vendor, source));
    }

    /// Adds corporate actions; they take effect before any bar received at the same instant.
    ///
    /// Those before the feed begins are left out, and so are those after the last event: nothing trades then.
    pub fn add_actions(&mut self, actions: impl IntoIterator<Item = CorporateAction>) {
        let from = self.from;
        self.actions.extend(
            actions
                .into_iter()
                .filter(|action| action.effective >= from),
        );
        self.actions
            .sort_by_key(|action| (action.effective, action.instrument));
        self.action_due = self.due();
    }

    fn due(&self) -> Timestamp {
        self.actions
            .get(self.next_action)
            .map_or(OVER, |action| action.effective)
    }

    #[cold]
    fn prime(&mut self) -> Result<(), FeedError> {
        self.primed = true;
        // Stable, so that sources of one instrument and kind keep the order in which they were added.
        self.lanes
            .sort_by_key(|lane| (lane.rank(), lane.instrument));
        let mut heads = Vec::with_capacity(self.lanes.len());
        for lane in &mut self.lanes {
            let mut head = lane.head(&mut self.sessions)?;
            while head < self.from {
                lane.take();
                head = lane.head(&mut self.sessions)?;
            }
            heads.push(within(head, self.to));
        }
        if let [head] = heads.as_slice() {
            self.alone = *head;
        }
        self.tournament = Tournament::new(&heads);
        Ok(())
    }

    #[cold]
    fn next_action(&mut self) -> Next {
        let action = self.next_action;
        self.next_action += 1;
        self.action_due = self.due();
        Next::Action(action)
    }

    fn action(&self, index: usize) -> Option<MarketEvent> {
        let action = self.actions.get(index).copied();
        action.map(MarketEvent::CorporateAction)
    }

    /// Decides what comes next.
    #[inline(always)] // at every event; the other caller is there for tests and small tools
    fn next(&mut self) -> Result<Next, FeedError> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        // The source that gave the last event moves on now and not then: its event is made after this, as
        // the last thing, and written once, to where the caller wants it.
        match self.moving {
            Some(source) => self.advance(source)?,
            None if !self.primed => self.prime()?,
            None => {}
        }
        let (source, time) = self.first();
        if time == OVER {
            return Ok(Next::Over);
        }
        if self.action_due <= time {
            return Ok(self.next_action());
        }
        self.moving = Some(source);
        Ok(Next::At(source))
    }

    /// Puts what comes next into places, and what certainly follows it; gives how many it filled.
    #[inline(always)] // in the loop over a block
    fn put(&mut self, next: Next, places: &mut [SequencedEvent]) -> usize {
        let (Some(first), alone) = (places.first_mut(), self.lanes.len() == 1) else {
            return 0;
        };
        match next {
            Next::Over => 0,
            Next::Action(index) => self.action(index).map_or(0, |action| {
                first.event = Event::Market(action);
                1
            }),
            Next::At(source) => {
                let Some(lane) = self.lanes.get_mut(source) else {
                    return 0;
                };
                if alone {
                    let until = self.to.min(self.action_due);
                    return lane.put_until(until, &mut self.sessions, places);
                }
                usize::from(lane.put(&mut first.event))
            }
        }
    }

    /// Moves a source to its next event.
    #[inline(always)]
    fn advance(&mut self, source: usize) -> Result<(), FeedError> {
        self.moving = None;
        let Some(lane) = self.lanes.get_mut(source) else {
            return Ok(());
        };
        let head = within(lane.head(&mut self.sessions)?, self.to);
        if self.lanes.len() == 1 {
            self.alone = head;
        } else {
            self.tournament.replace(source, head);
        }
        Ok(())
    }

    #[inline]
    fn first(&self) -> (usize, Timestamp) {
        if self.lanes.len() == 1 {
            (0, self.alone)
        } else {
            self.tournament.first()
        }
    }
}

/// What comes next.
#[derive(Clone, Copy)]
enum Next {
    /// Nothing.
    Over,
    /// The corporate action with this index.
    Action(usize),
    /// What this source holds at its present row.
    At(usize),
}

/// The head, or [`OVER`] when it lies beyond the feed's end.
#[inline]
fn within(head: Timestamp, to: Timestamp) -> Timestamp {
    if head < to { head } else { OVER }
}

impl MarketFeed for HistoryFeed<'_> {
    type Error = FeedError;

    fn next_event(&mut self) -> Result<Option<MarketEvent>, FeedError> {
        Ok(match self.next()? {
            Next::Over => None,
            Next::Action(index) => self.action(index),
            Next::At(source) => self.lanes.get_mut(source).and_then(Lane::take),
        })
    }

    fn fill(&mut self, block: &mut [SequencedEvent]) -> Result<usize, FeedError> {
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let put = match self.next().map(|next| self.put(next, rest)) {
                Ok(put) => put,
                Err(error) if filled == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    0
                }
            };
            if put == 0 {
                break;
            }
            filled += put;
        }
        Ok(filled)
    }
}
