//! Our own binary files, after a disk or a person has been at them: journal and feature snapshots.

use trader_domain::{
    Event, InstrumentId, MarketEvent, OperatorCommand, SequencedEvent, TimerId, Timestamp,
    TradingState,
};
use trader_engine::journal::{
    JournalContents, JournalError, JournalWriter, MemoryStore, read_journal,
};
use trader_features::Snapshot;
use trader_testkit::market::{MinuteBars, Tick, Ticks};

use crate::Verdict;

/// The run that the seeds are journals of.
const RUN: u64 = 7;
/// Length and checksum in front of a record.
const RECORD_PREFIX: usize = 8;

fn read(bytes: Vec<u8>) -> Result<JournalContents, JournalError> {
    read_journal(&mut MemoryStore { bytes })
}

/// A whole journal.
pub fn journal(data: &[u8]) -> Verdict {
    Verdict::from(&read(data.to_vec()))
}

/// The content of one record, behind a right header, length and checksum: what damage cannot reach and
/// another version of the program can.
///
/// # Panics
/// When a record that was read does not come back from being written.
pub fn journal_record(data: &[u8]) -> Verdict {
    let Ok(length) = u32::try_from(data.len()) else {
        return Verdict::Refused;
    };
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&length.to_le_bytes());
    checksum.update(data);
    let mut bytes = write(&[]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&checksum.finalize().to_le_bytes());
    bytes.extend_from_slice(data);
    let Ok(contents) = read(bytes) else {
        return Verdict::Refused;
    };
    let Some(record) = contents.records.first() else {
        return Verdict::Refused;
    };
    let again = read(write(&[(record.event.clone(), record.effects_before)]));
    assert!(
        again.is_ok_and(|again| again.records == contents.records),
        "{record:?} does not come back"
    );
    Verdict::Accepted
}

/// A feature snapshot.
///
/// # Panics
/// When a snapshot that was read does not come back from being written.
pub fn feature_snapshot(data: &[u8]) -> Verdict {
    let read = Snapshot::from_bytes(data);
    if let Ok(snapshot) = &read {
        let again = Snapshot::from_bytes(&snapshot.to_bytes());
        assert!(
            again.is_ok_and(|again| again == *snapshot),
            "{snapshot:?} does not come back"
        );
    }
    Verdict::from(&read)
}

/// A journal of these events; nothing when one does not fit.
fn write(events: &[(SequencedEvent, u128)]) -> Vec<u8> {
    let written = || {
        let mut writer = JournalWriter::create(MemoryStore::default(), RUN).ok()?;
        for (event, effects) in events {
            writer.append(event, *effects).ok()?;
        }
        writer.commit().ok()?;
        Some(writer.into_store().bytes)
    };
    written().unwrap_or_default()
}

fn events() -> Vec<(SequencedEvent, u128)> {
    let bars = MinuteBars::from_seed(RUN).take(3).map(MarketEvent::Bar);
    let ticks = Ticks::from_seed(RUN).take(8).map(|tick| match tick {
        Tick::Trade(trade) => MarketEvent::Trade(trade),
        Tick::Quote(quote) => MarketEvent::Quote(quote),
    });
    let market = bars.chain(ticks).map(Event::Market);
    let others = [
        Event::Timer(TimerId(3)),
        Event::Command(OperatorCommand::SetTradingState(TradingState::Reducing)),
        Event::Command(OperatorCommand::Restrict(InstrumentId(1))),
        Event::Clock,
    ];
    (1_u64..)
        .zip(market.chain(others))
        .map(|(sequence, event)| {
            let time = Timestamp::from_nanos(1_735_689_600_000_000_000)
                .saturating_add(i64::try_from(sequence).unwrap_or(0));
            (
                SequencedEvent {
                    sequence,
                    time,
                    event,
                },
                u128::from(sequence),
            )
        })
        .collect()
}

pub(super) fn journal_seeds() -> Vec<Vec<u8>> {
    vec![write(&[]), write(&events())]
}

pub(super) fn record_seeds() -> Vec<Vec<u8>> {
    let header = write(&[]).len();
    events()
        .into_iter()
        .map(|event| write(&[event]).split_off(header + RECORD_PREFIX))
        .collect()
}

pub(super) fn snapshot_seeds() -> Vec<Vec<u8>> {
    [
        Snapshot::new("sma(length=3)", vec![3, 1, 0x3ff0_0000_0000_0000, 7]),
        Snapshot::new("", Vec::new()),
    ]
    .iter()
    .map(Snapshot::to_bytes)
    .collect()
}
