//! What a stream delivers: typed events with vendor, event time and receive time.
//!
//! Decoders make them, sequencer, buffer and recorder pass them on. They are plain values without heap memory, so a
//! bounded number of events is a bounded number of bytes.

use arrayvec::ArrayString;
use trader_domain::{LuldBands, Price, Quantity, Symbol, Timestamp, TradeConditions, Volume};

/// Longest identifier that a vendor gives a trade, bytes.
pub const LONGEST_ID: usize = 24;

/// A short text of a vendor: exchange, codes, identifiers.
pub type Code = ArrayString<LONGEST_ID>;

/// A kind of messages that can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Prints.
    Trades,
    /// Best bid and offer.
    Quotes,
    /// Minute bars at their end.
    Bars,
    /// Minute bars that late prints changed.
    UpdatedBars,
    /// Bars of a second (Massive's `A`).
    SecondBars,
    /// Bars of the day so far.
    DailyBars,
    /// Halts and resumptions.
    Statuses,
    /// Limit-up/limit-down bands.
    Bands,
    /// Prints that replace earlier ones; they come with [`Channel::Trades`].
    Corrections,
    /// Prints taken back; they come with [`Channel::Trades`].
    Cancels,
}

impl Channel {
    /// All.
    pub const ALL: [Self; 10] = [
        Self::Trades,
        Self::Quotes,
        Self::Bars,
        Self::UpdatedBars,
        Self::SecondBars,
        Self::DailyBars,
        Self::Statuses,
        Self::Bands,
        Self::Corrections,
        Self::Cancels,
    ];

    /// The word in arguments, metrics and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trades => "trades",
            Self::Quotes => "quotes",
            Self::Bars => "bars",
            Self::UpdatedBars => "updated_bars",
            Self::SecondBars => "second_bars",
            Self::DailyBars => "daily_bars",
            Self::Statuses => "statuses",
            Self::Bands => "lulds",
            Self::Corrections => "corrections",
            Self::Cancels => "cancels",
        }
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The stream itself.
    Live,
    /// History, to fill a gap of the stream.
    History,
}

/// One message of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    /// Who delivered it, as in the store.
    pub vendor: &'static str,
    /// What it is about.
    pub symbol: Symbol,
    /// When it happened; of bars, their end.
    pub time: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// From the stream or from history.
    pub origin: Origin,
    /// The vendor's number, where it gives one.
    pub sequence: Option<u64>,
    /// What it says.
    pub body: Body,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// A print.
    Trade(Print),
    /// The best bid and offer.
    Quote(QuoteUpdate),
    /// A finished bar, or one that changed.
    Bar(BarUpdate),
    /// A halt or a resumption.
    Status(StatusUpdate),
    /// New limit-up/limit-down bands.
    Bands(LuldBands),
    /// A print that replaces another.
    Correction {
        /// The vendor's identifier of the print that was wrong.
        original: Code,
        /// What is right.
        corrected: Print,
    },
    /// A print that is taken back.
    Cancel {
        /// The vendor's identifier of the print.
        original: Code,
        /// Its price.
        price: Price,
        /// Its size.
        size: Quantity,
    },
}

/// A print on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// The vendor's identifier; empty where it gives none.
    pub id: Code,
    /// The vendor's code of the exchange.
    pub exchange: Code,
    /// Price.
    pub price: Price,
    /// Shares.
    pub size: Quantity,
    /// What the sale conditions mean for last, high/low and volume.
    pub conditions: TradeConditions,
    /// The conditions as the vendor wrote them, comma-separated.
    pub codes: Code,
}

/// The best bid and offer; a price of zero means that the side is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteUpdate {
    /// Best bid.
    pub bid: Price,
    /// Shares at the bid.
    pub bid_size: Quantity,
    /// Exchange of the bid.
    pub bid_exchange: Code,
    /// Best offer.
    pub ask: Price,
    /// Shares at the offer.
    pub ask_size: Quantity,
    /// Exchange of the offer.
    pub ask_exchange: Code,
}

/// A bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarUpdate {
    /// Which of the channels with bars.
    pub channel: Channel,
    /// Start of the interval.
    pub start: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Shares.
    pub volume: Volume,
    /// Volume-weighted average price, rounded half to even at 10⁻⁹.
    pub vwap: Option<Price>,
    /// Number of trades.
    pub trades: Option<u32>,
}

/// A change of trading status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusUpdate {
    /// What it means.
    pub meaning: StatusMeaning,
    /// The vendor's code of the status.
    pub code: Code,
    /// The vendor's code of the reason.
    pub reason: Code,
}

/// What a status code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusMeaning {
    /// Trading stands still.
    Halted,
    /// Trading goes on.
    Trading,
    /// A code that this version does not know; whoever decides must take it for the worse.
    Unknown,
}

impl StreamEvent {
    /// The channel that the event belongs to.
    pub const fn channel(&self) -> Channel {
        match self.body {
            Body::Trade(_) => Channel::Trades,
            Body::Quote(_) => Channel::Quotes,
            Body::Bar(bar) => bar.channel,
            Body::Status(_) => Channel::Statuses,
            Body::Bands(_) => Channel::Bands,
            Body::Correction { .. } => Channel::Corrections,
            Body::Cancel { .. } => Channel::Cancels,
        }
    }
}
