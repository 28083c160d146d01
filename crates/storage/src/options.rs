//! How a file is to be read: what the file cannot say about itself, and how strict to be.

use std::collections::BTreeSet;

use trader_domain::{NANOS_PER_DAY, Price, Symbol, Timeframe, Timestamp};

use crate::text::decimal::ExtraDigits;
use crate::text::time::EpochUnit;
use crate::text::zone::Zone;

/// Which end of its interval an intraday bar's time names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BarLabel {
    /// The start, as Alpaca, Massive, Yahoo and LEAN write it.
    #[default]
    Start,
    /// The end, as zipline and some terminals write it.
    End,
}

/// What counts as a gap between two consecutive rows of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapRule {
    /// A whole US trading day lies between them, by the exchanges' calendar from 1990 on.
    MissingSession,
    /// More than this many nanoseconds lie between them.
    LongerThan(i64),
}

/// What to do about gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapPolicy {
    /// Do not look.
    Ignore,
    /// Count them and keep the first few; see [`crate::GapSummary`].
    Report(GapRule),
    /// A gap is a fault.
    Reject(GapRule),
}

/// Ranges outside which a value is taken for a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plausible {
    /// Highest price.
    pub most_price: Price,
    /// Largest ratio of consecutive closes, up or down.
    pub most_move: u32,
    /// Earliest time.
    pub earliest: Timestamp,
}

impl Default for Plausible {
    /// Ten million a share (Berkshire Hathaway A has seen 0.8 million), a hundredfold move, 1946.
    fn default() -> Self {
        Self {
            most_price: Price::whole(10_000_000),
            most_move: 100,
            earliest: Timestamp::from_nanos(-8_766 * NANOS_PER_DAY),
        }
    }
}

/// What to do about faulty rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaultPolicy {
    /// Fail with the first few of them; nothing of the file is used.
    #[default]
    Refuse,
    /// Leave them out and hand them over through [`crate::BarStream::take_rejects`], none unmentioned.
    SetAside,
}

/// Everything a reader needs to know besides the file.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The clock's time; rows dated later are faults.
    pub now: Timestamp,
    /// Zone of times of day written without an offset.
    pub zone: Zone,
    /// Unit of epoch numbers; by default the first one's number of digits decides for the file.
    pub epoch_unit: Option<EpochUnit>,
    /// What to do with digits that do not fit; counted when rounded.
    pub extra_digits: ExtraDigits,
    /// Length of the bars; by default the smallest distance of the first rows decides.
    pub timeframe: Option<Timeframe>,
    /// Which end of the interval a time names.
    pub label: BarLabel,
    /// The symbol of a file without a symbol column; by default the file's name up to the first dot, in capitals.
    pub symbol: Option<Symbol>,
    /// Symbols that may appear; any when `None`.
    pub universe: Option<BTreeSet<Symbol>>,
    /// What to do about gaps.
    pub gaps: GapPolicy,
    /// Ranges of plausible values.
    pub plausible: Plausible,
    /// What to do about faulty rows.
    pub faults: FaultPolicy,
    /// How many faults to collect before giving up, under [`FaultPolicy::Refuse`].
    pub most_problems: usize,
}

impl ReadOptions {
    /// Strict reading as of `now`: exact numbers, UTC, any symbol, missing sessions reported.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            zone: Zone::Utc,
            epoch_unit: None,
            extra_digits: ExtraDigits::Refuse,
            timeframe: None,
            label: BarLabel::Start,
            symbol: None,
            universe: None,
            gaps: GapPolicy::Report(GapRule::MissingSession),
            plausible: Plausible::default(),
            faults: FaultPolicy::Refuse,
            most_problems: 20,
        }
    }
}
