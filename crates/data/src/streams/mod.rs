//! Real-time streams: vendors' WebSocket feeds as checked, ordered, bounded events.
//!
//! | file | is |
//! |---|---|
//! | `event` | what comes out: typed events without heap memory |
//! | `protocol` | [`StreamingSource`]: a vendor's protocol without I/O; faults and their remedies |
//! | `wire`, `sale_conditions` | JSON and msgpack as fields; what sale conditions mean |
//! | `alpaca`, `massive` | the vendors |
//! | `session`, `pool` | a connection's life, and all of a provider's connections, without I/O |
//! | `sequencer` | order, duplicates, gaps |
//! | `buffer` | the bounded buffer: quotes are conflated, prints wait |
//! | `live` | sockets, tasks, waiting |
//! | `gap_filler` | what an outage left out, from history |
//! | `bar_builder`, `window` | bars of time, ticks, volume, money; windows by count and time |
//! | `recorder` | into the store |
//! | `metrics` | the report as gauges |

mod alpaca;
mod bar_builder;
mod buffer;
mod event;
mod gap_filler;
mod live;
mod massive;
mod metrics;
mod pool;
mod protocol;
mod recorder;
pub(crate) mod sale_conditions;
mod sequencer;
mod session;
mod window;
mod wire;

pub use alpaca::{AlpacaStream, Encoding};
pub use bar_builder::{
    AggregationError, BarBuilder, BarRule, BuiltBar, LeftOut, SaleRules, Tick, TickEnd,
};
pub use buffer::{BufferStatistics, EventBuffer};
pub use event::{
    BarUpdate, Body, Channel, Code, LONGEST_ID, Origin, Print, QuoteUpdate, StatusMeaning,
    StatusUpdate, StreamEvent,
};
pub use gap_filler::{BarGapFiller, Filled, GapFiller};
pub use live::{DataExpected, LiveStream, NextEvent, Notice, StreamReport, StreamSettings};
pub use massive::MassiveStream;
pub use metrics::StreamMetrics;
pub use pool::{Outage, Pool, PoolNews, PoolSettings, PoolStatistics};
pub use protocol::{
    BadMessage, Endpoint, Frame, Incoming, Numbering, Remedy, StreamCapabilities, StreamFault,
    StreamingSource, Topic,
};
pub use recorder::{RecordError, Recorded, Recorder};
pub use sequencer::{SequenceGap, Sequenced, Sequencer, SequencerSettings, SequencerStatistics};
pub use session::{Command, Input, Session, SessionNews, SessionSettings};
pub use window::Window;
pub use wire::WireFault;
