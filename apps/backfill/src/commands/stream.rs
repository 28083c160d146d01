//! `backfill stream`: record a vendor's real-time stream.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use trader_data::HistoricalSource;
use trader_data::streams::{
    BarGapFiller, Channel, DataExpected, Encoding, GapFiller, LiveStream, NextEvent, Notice,
    PoolNews, PoolSettings, Recorded, Recorder, StreamFault, StreamMetrics, StreamReport,
    StreamSettings, Topic,
};
use trader_domain::{MarketCalendar, NANOS_PER_SECOND, Phase, Timeframe, Timestamp};
use trader_telemetry::Metrics;

use crate::cli::{StreamArgs, StreamChannel};
use crate::failure::Failure;

use crate::output::{self, SystemClock, grouped, now};
use crate::pick::symbol;
use crate::progress::watch_interrupts;
use crate::provider;
use crate::session::Session;
use crate::stream_source;

/// Bars in a commit, and how long they wait for it.
const BATCH: usize = 500;
const BATCH_NANOS: i64 = 30 * NANOS_PER_SECOND;

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Debug, Serialize)]
struct Report {
    vendor: &'static str,
    seconds: i64,
    events: BTreeMap<&'static str, u64>,
    bars_added: u64,
    bars_replaced: u64,
    partial_minutes: u64,
    late_prints: u64,
    revised_prints: u64,
    duplicates: u64,
    conflated_quotes: u64,
    high_water: usize,
    disconnects: BTreeMap<&'static str, u64>,
    quarantined: BTreeMap<&'static str, u64>,
    outages: u64,
    filled: usize,
    missing: Vec<String>,
    series: Vec<String>,
    run: String,
    store: String,
    version: &'static str,
}

pub(super) fn stream(args: &StreamArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let longest = duration(&args.longest)?;
    let encoding = if args.json_frames {
        Encoding::Json
    } else {
        Encoding::MessagePack
    };
    let source = stream_source::open(args.provider, encoding, &session)?;
    let vendor = source.capabilities().vendor;
    let topics = topics(args, &source.capabilities().channels, vendor)?;
    let store = session.create_store()?;
    let asked = [args.provider.provider()];
    let history = provider::bars(&asked, &session, Some(Timeframe::MINUTE), None)?.0;
    let history: Arc<dyn HistoricalSource> = Arc::from(history);
    let filler: Arc<dyn GapFiller> = Arc::new(BarGapFiller::new(history, vendor));
    // Several machines that start together must not knock alike.
    let seed = now().nanos().unsigned_abs() ^ u64::from(std::process::id());
    let live = LiveStream::start(
        source,
        &topics,
        settings(args.connections),
        Arc::new(SystemClock),
        seed,
        Some(filler),
        market_hours(),
    )
    .map_err(|source| Failure::File {
        path: vendor.to_owned(),
        action: "starting threads for the stream",
        source,
    })?;
    let began = now();
    let mut recording = Recording {
        recorder: Recorder::new(store.clone(), began, BATCH, BATCH_NANOS),
        live,
        topics: topics.len(),
        is_complete: false,
        has_begun: false,
        filled: 0,
        missing: Vec::new(),
        bar: bar(args, longest),
    };
    let interrupted = watch_interrupts();
    let over = recording.until(began.saturating_add(longest), &interrupted)?;
    let run = recording.recorder.run().to_owned();
    let report = recording.live.report();
    show_metrics(vendor, &report);
    let recorded = recording.recorder.finish(now())?;
    let seconds = now().nanos_since(began) / NANOS_PER_SECOND;
    let report = summary(
        vendor,
        seconds,
        recorded,
        report,
        recording.filled,
        recording.missing,
        run,
        store.shown(),
    );
    if args.store.common.json {
        output::json(&report)?;
    } else {
        output::print(&text(&report));
    }
    over.map_or(Ok(()), |fault| Err(Failure::Stream(fault)))
}

fn settings(connections: u8) -> StreamSettings {
    StreamSettings {
        pool: PoolSettings {
            connections: usize::from(connections),
            ..PoolSettings::default()
        },
        ..StreamSettings::default()
    }
}

struct Recording {
    live: LiveStream,
    recorder: Recorder,
    topics: usize,
    /// All topics are subscribed.
    is_complete: bool,
    /// They were once.
    has_begun: bool,
    filled: usize,
    missing: Vec<String>,
    bar: ProgressBar,
}

impl Recording {
    /// Records until then, until somebody interrupts, or until the stream is over, and then why.
    fn until(
        &mut self,
        end: Timestamp,
        interrupted: &AtomicBool,
    ) -> Result<Option<StreamFault>, Failure> {
        let began = now();
        loop {
            let time = now();
            if time >= end || interrupted.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.live.next(Duration::from_millis(200)) {
                NextEvent::Event(event) => self.recorder.record(&event, now())?,
                NextEvent::Nothing => {}
                NextEvent::Over(fault) => return Ok(Some(fault)),
            }
            self.look_after(now(), began)?;
        }
    }

    fn look_after(&mut self, now: Timestamp, began: Timestamp) -> Result<(), Failure> {
        for notice in self.live.notices() {
            match notice {
                Notice::Pool(PoolNews::Down { fault, .. }) => {
                    tracing::warn!(%fault, "a connection ended");
                    let silent = match &fault {
                        StreamFault::Mute { seconds } => seconds.saturating_mul(NANOS_PER_SECOND),
                        _ => NANOS_PER_SECOND,
                    };
                    self.recorder.blind(now.saturating_add(-silent));
                    self.is_complete = false;
                }
                Notice::Pool(PoolNews::Bad(bad)) => {
                    tracing::warn!(reason = %bad.fault, message = bad.excerpt, "a message was set aside");
                }
                Notice::Pool(PoolNews::Gap(gap)) => {
                    self.missing.push(format!(
                        "{}: numbers {} to {}",
                        gap.topic, gap.first, gap.last
                    ));
                }
                Notice::Pool(_) => {}
                Notice::Gap {
                    outage,
                    filled,
                    missing,
                } => {
                    self.filled += filled;
                    let span = format!("{} to {}", outage.from, outage.until);
                    let missing = missing.iter().map(|one| format!("{span}: {one}"));
                    self.missing.extend(missing);
                }
            }
        }
        let complete = self.live.report().live_topics == self.topics;
        if complete && !self.is_complete {
            self.is_complete = true;
            self.recorder.sighted(now);
            if !self.has_begun {
                self.has_begun = true;
                self.recorder.begin(now);
            }
        }
        self.recorder.advance(now)?;
        let seconds = now.nanos_since(began) / NANOS_PER_SECOND;
        self.bar.set_position(u64::try_from(seconds).unwrap_or(0));
        let events: u64 = self.recorder.recorded().events.values().sum();
        self.bar
            .set_message(format!("{} messages", grouped(events)));
        Ok(())
    }
}

/// 9:30 to 16:00 on trading days: then silence is a fault.
fn market_hours() -> DataExpected {
    let calendar = MarketCalendar::us_equities();
    Arc::new(move |time| {
        calendar
            .phase_at(time)
            .is_ok_and(|span| span.phase == Phase::Regular)
    })
}

fn bar(args: &StreamArgs, longest: i64) -> ProgressBar {
    let is_hidden =
        args.store.common.quiet || args.store.common.json || !std::io::stderr().is_terminal();
    let seconds = u64::try_from(longest / NANOS_PER_SECOND).unwrap_or(0);
    let bar = if is_hidden {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(seconds)
    };
    let template = "{msg:<24!} [{bar:28}] {pos}/{len} s";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn topics(args: &StreamArgs, known: &[Channel], vendor: &str) -> Result<BTreeSet<Topic>, Failure> {
    let mut topics = BTreeSet::new();
    for chosen in &args.channels {
        let channel = match chosen {
            StreamChannel::Trades => Channel::Trades,
            StreamChannel::Quotes => Channel::Quotes,
            StreamChannel::Bars => Channel::Bars,
            StreamChannel::UpdatedBars => Channel::UpdatedBars,
            StreamChannel::Statuses => Channel::Statuses,
            StreamChannel::Lulds => Channel::Bands,
        };
        if !known.contains(&channel) {
            return Err(Failure::Usage(format!(
                "{vendor} has no stream of {channel}; leave it out of --channels"
            )));
        }
        for text in &args.symbols {
            let symbol = symbol(text)?;
            topics.insert(Topic { channel, symbol });
        }
    }
    Ok(topics)
}

/// `90s`, `10m`, `6h` in nanoseconds.
fn duration(text: &str) -> Result<i64, Failure> {
    let wrong = || Failure::Usage(format!("`{text}` is no duration; write 90s, 10m or 6h"));
    let at = text.len().checked_sub(1).ok_or_else(wrong)?;
    let (number, unit) = text.split_at_checked(at).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_error| wrong())?;
    if number == 0 {
        return Err(wrong());
    }
    i64::from(number)
        .checked_mul(seconds * NANOS_PER_SECOND)
        .ok_or_else(wrong)
}

/// The stream's levels and high-water marks, as they would be scraped, go to the log.
fn show_metrics(vendor: &str, report: &StreamReport) {
    let metrics = Metrics::new();
    let shown = StreamMetrics::register(&metrics).and_then(|stream| {
        stream.show(vendor, report);
        metrics.encode()
    });
    match shown {
        Ok(text) => tracing::info!(metrics = text, "stream ended"),
        Err(error) => tracing::warn!(%error, "metrics of the stream"),
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one report")]
fn summary(
    vendor: &'static str,
    seconds: i64,
    recorded: Recorded,
    report: StreamReport,
    filled: usize,
    missing: Vec<String>,
    run: String,
    store: String,
) -> Report {
    Report {
        vendor,
        seconds,
        events: recorded.events,
        bars_added: recorded.committed.added,
        bars_replaced: recorded.committed.replaced,
        partial_minutes: recorded.partial_minutes,
        late_prints: recorded.late_prints,
        revised_prints: recorded.revised_prints,
        duplicates: report.sequencing.duplicates,
        conflated_quotes: report.buffer.conflated,
        high_water: report.buffer.high_water,
        disconnects: report.pool.faults,
        quarantined: report.pool.bad,
        outages: report.pool.outages,
        filled,
        missing,
        series: recorded.series.iter().map(ToString::to_string).collect(),
        run,
        store,
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn text(report: &Report) -> String {
    let counts = |map: &BTreeMap<&str, u64>| -> String {
        let parts: Vec<String> = map
            .iter()
            .map(|(name, count)| format!("{name} {}", grouped(*count)))
            .collect();
        if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        }
    };
    let mut text = format!(
        "vendor      {}\ntime        {} s\nmessages    {}\nbars        {} new, {} replaced\n\
         left out    {} minutes not seen whole, {} late prints, {} revised prints\n\
         dropped     {} duplicates, {} quotes conflated\nquarantined {}\ndisconnects {}\n\
         outages     {}, {} events filled in\n",
        report.vendor,
        report.seconds,
        counts(&report.events),
        grouped(report.bars_added),
        grouped(report.bars_replaced),
        grouped(report.partial_minutes),
        grouped(report.late_prints),
        grouped(report.revised_prints),
        grouped(report.duplicates),
        grouped(report.conflated_quotes),
        counts(&report.quarantined),
        counts(&report.disconnects),
        grouped(report.outages),
        report.filled,
    );
    for missing in &report.missing {
        text.push_str(&format!("missing     {missing}\n"));
    }
    for series in &report.series {
        text.push_str(&format!("series      {series}\n"));
    }
    text.push_str(&format!(
        "run         {}\nstore       {}\n",
        report.run, report.store
    ));
    text
}
