//! The journal under torn writes, bit rot and failing disks.

use std::io;

use proptest::prelude::*;
use trader_domain::*;
use trader_engine::journal::{
    FileStore, JournalError, JournalStore, JournalWriter, MemoryStore, RecordError, WriteError,
    decode, read_journal, start_event,
};

use crate::world::{A, OPEN, bar, fill, price, shares};

const HEADER: usize = 24;
const RUN: u64 = 0xfeed_f00d;

/// A start and one event of each of several kinds.
fn events(count: u64) -> Vec<SequencedEvent> {
    let of = |sequence: u64| {
        let time = OPEN.saturating_add(sequence as i64);
        let event = match sequence % 5 {
            0 => Event::Clock,
            1 => Event::Market(MarketEvent::Bar(bar(A, time, price("100.25")))),
            2 => Event::Broker(BrokerReport {
                order: OrderId(sequence),
                time,
                received: time,
                kind: ReportKind::Filled(fill(sequence, shares(100), price("99.99"))),
            }),
            3 => Event::Timer(TimerId(sequence)),
            _ => Event::Command(OperatorCommand::CancelAll),
        };
        SequencedEvent {
            sequence,
            time,
            event,
        }
    };
    std::iter::once(start_event(OPEN))
        .chain((1..count).map(of))
        .collect()
}

/// The bytes of a journal and where each record ends (the header's end first).
fn written(events: &[SequencedEvent]) -> (Vec<u8>, Vec<usize>) {
    let mut writer = JournalWriter::create(MemoryStore::default(), RUN).unwrap();
    let mut ends = vec![HEADER];
    let mut so_far = Vec::new();
    for event in events {
        writer.append(event, u128::from(event.sequence)).unwrap();
        writer.commit().unwrap();
        so_far.push(event.clone());
        let mut alone = JournalWriter::create(MemoryStore::default(), RUN).unwrap();
        for event in &so_far {
            alone.append(event, u128::from(event.sequence)).unwrap();
        }
        alone.commit().unwrap();
        ends.push(alone.into_store().bytes.len());
    }
    (writer.into_store().bytes, ends)
}

fn read(bytes: &[u8]) -> Result<trader_engine::journal::JournalContents, JournalError> {
    read_journal(&mut MemoryStore {
        bytes: bytes.to_vec(),
    })
}

#[test]
fn what_was_written_is_read_back_in_order_whether_committed_one_by_one_or_together() {
    let events = events(12);
    let (bytes, _) = written(&events);
    let contents = read(&bytes).unwrap();
    assert_eq!(contents.run, RUN);
    assert_eq!(
        (contents.valid_bytes, contents.torn_bytes),
        (bytes.len() as u64, 0)
    );
    let found: Vec<_> = contents.records.iter().map(|r| r.event.clone()).collect();
    assert_eq!(found, events);
    assert!(contents.records[0].is_start());
    assert!(
        contents.records[1..]
            .iter()
            .all(|record| !record.is_start())
    );
}

#[test]
fn every_kind_of_event_comes_back_as_it_was() {
    let (mut writer, mut sequence) = (
        JournalWriter::create(MemoryStore::default(), RUN).unwrap(),
        0,
    );
    let events: Vec<_> = crate::every_event::all()
        .into_iter()
        .map(|event| {
            sequence += 1;
            SequencedEvent {
                sequence,
                time: OPEN,
                event,
            }
        })
        .collect();
    for event in &events {
        writer.append(event, u128::MAX).unwrap();
    }
    writer.commit().unwrap();
    let contents = read(&writer.into_store().bytes).unwrap();
    let found: Vec<_> = contents.records.into_iter().map(|r| r.event).collect();
    assert_eq!(found, events);
}

#[test]
fn an_empty_journal_has_no_records() {
    let (bytes, _) = written(&[]);
    assert_eq!(read(&bytes).unwrap().records, []);
}

#[test]
fn every_truncation_of_the_last_three_records_recovers_the_whole_records_before_it() {
    let events = events(9);
    let (bytes, ends) = written(&events);
    for cut in ends[6]..=bytes.len() {
        let mut store = MemoryStore {
            bytes: bytes[..cut].to_vec(),
        };
        let contents = read_journal(&mut store).unwrap();
        let whole = ends.iter().filter(|&&end| end <= cut).count() - 1;
        assert_eq!(contents.records.len(), whole, "cut at {cut}");
        assert_eq!(contents.valid_bytes, ends[whole] as u64);
        assert_eq!(contents.torn_bytes, (cut - ends[whole]) as u64);
        assert_eq!(store.bytes, &bytes[..ends[whole]], "the tail is cut off");

        // And the journal goes on from there.
        let mut writer = JournalWriter::append_to(store);
        for event in &events[whole..] {
            writer.append(event, u128::from(event.sequence)).unwrap();
        }
        writer.commit().unwrap();
        assert_eq!(writer.into_store().bytes, bytes);
    }
}

#[test]
fn every_single_flipped_bit_is_found() {
    let events = events(6);
    let (bytes, ends) = written(&events);
    let last = ends[ends.len() - 2];
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1 << bit;
            match read(&damaged) {
                Err(_) => {}
                Ok(contents) => {
                    assert!(position >= last, "byte {position} bit {bit} went unnoticed");
                    assert_eq!(contents.records.len(), events.len() - 1);
                    assert_eq!(contents.torn_bytes, (bytes.len() - last) as u64);
                }
            }
        }
    }
}

#[test]
fn damage_before_a_whole_record_names_its_place_and_leaves_the_store_alone() {
    let (bytes, ends) = written(&events(6));
    let mut damaged = bytes.clone();
    damaged[ends[2] + 12] ^= 0xff;
    let mut store = MemoryStore {
        bytes: damaged.clone(),
    };
    match read_journal(&mut store) {
        Err(JournalError::Corrupt {
            offset,
            after,
            reason,
        }) => {
            assert_eq!((offset, after), (ends[2] as u64, 1));
            assert_eq!(reason, RecordError::Checksum);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(store.bytes, damaged);
}

#[test]
fn a_missing_or_doubled_record_is_found() {
    let (bytes, ends) = written(&events(6));
    let without = [&bytes[..ends[2]], &bytes[ends[3]..]].concat();
    assert!(matches!(
        read(&without),
        Err(JournalError::Sequence {
            after: 1,
            found: 3,
            ..
        })
    ));
    let doubled = [&bytes[..ends[3]], &bytes[ends[2]..]].concat();
    assert!(matches!(
        read(&doubled),
        Err(JournalError::Sequence {
            after: 2,
            found: 2,
            ..
        })
    ));
}

#[test]
fn another_version_is_named_and_a_damaged_header_refused() {
    let (bytes, _) = written(&events(2));
    let mut newer = bytes.clone();
    newer[8] = 2;
    let checksum = crc32fast::hash(&newer[..HEADER - 4]).to_le_bytes();
    newer[HEADER - 4..HEADER].copy_from_slice(&checksum);
    assert!(matches!(
        read(&newer),
        Err(JournalError::Version { found: 2 })
    ));
    for cut in 0..HEADER {
        assert!(matches!(read(&bytes[..cut]), Err(JournalError::Header(_))));
    }
    assert!(matches!(
        read(b"timestamp,open,high,low,close,volume"),
        Err(JournalError::Header(_))
    ));
}

/// Fails the `fuse`-th call of `append` or `sync`, having written a part.
struct Faulty {
    bytes: Vec<u8>,
    fuse: usize,
}

impl Faulty {
    fn burn(&mut self) -> io::Result<()> {
        if self.fuse == 0 {
            return Err(io::Error::other("no space left on device"));
        }
        self.fuse -= 1;
        Ok(())
    }
}

impl JournalStore for Faulty {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.burn() {
            self.bytes.extend_from_slice(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.burn()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.bytes.truncate(length as usize);
        Ok(())
    }
}

#[test]
fn a_failed_write_or_barrier_closes_the_writer_and_no_acknowledged_record_is_lost() {
    let events = events(8);
    let mut survived = 0;
    for fuse in 0.. {
        let store = Faulty {
            bytes: Vec::new(),
            fuse,
        };
        let Ok(mut writer) = JournalWriter::create(store, RUN) else {
            continue;
        };
        let (mut acknowledged, mut failed) = (0, false);
        for pair in events.chunks(2) {
            for event in pair {
                match writer.append(event, 0) {
                    Ok(()) => assert!(!failed),
                    Err(error) => assert!(failed && matches!(error, WriteError::Closed)),
                }
            }
            match writer.commit() {
                Ok(count) => acknowledged += count as usize,
                Err(WriteError::Store(_)) => failed = true,
                Err(error) => assert!(failed && matches!(error, WriteError::Closed)),
            }
        }
        let mut store = writer.into_store();
        let contents = read_journal(&mut store).unwrap();
        assert!(contents.records.len() >= acknowledged, "fuse {fuse}");
        assert!(contents.records.len() <= acknowledged + 2);
        if !failed {
            assert_eq!(acknowledged, events.len());
            break;
        }
        survived += 1;
    }
    assert_eq!(
        survived, 8,
        "every append and every barrier has failed once"
    );
}

#[test]
fn an_event_that_is_too_large_is_refused_and_the_group_goes_on() {
    let mut writer = JournalWriter::create(MemoryStore::default(), RUN).unwrap();
    writer.append(&start_event(OPEN), 0).unwrap();
    let signal = Signal {
        instrument: A,
        direction: Direction::Flat,
        strength: UnitInterval::ZERO,
        confidence: UnitInterval::ZERO,
        created: OPEN,
        horizon_nanos: 0,
        expires: OPEN,
        source: "x".repeat(trader_engine::journal::MAX_RECORD_BYTES),
        reasons: Vec::new(),
    };
    let large = SequencedEvent {
        sequence: 1,
        time: OPEN,
        event: Event::Signal(signal),
    };
    assert!(matches!(
        writer.append(&large, 0),
        Err(WriteError::Record(RecordError::Length(_)))
    ));
    assert_eq!(writer.commit().unwrap(), 1);
    assert_eq!(read(&writer.into_store().bytes).unwrap().records.len(), 1);
}

#[test]
fn a_file_is_never_overwritten_and_goes_on_after_recovery() {
    let name = format!("journal-{}.bin", std::process::id());
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_file(&path));
    let events = events(4);
    let mut writer = JournalWriter::create(FileStore::create(&path).unwrap(), RUN).unwrap();
    for event in &events[..3] {
        writer.append(event, 0).unwrap();
    }
    writer.commit().unwrap();
    drop(writer);
    assert_eq!(
        FileStore::create(&path).unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    // A crash in the middle of the next record.
    let mut store = FileStore::open(&path).unwrap();
    store.append(&[77, 0, 0, 0, 1]).unwrap();
    drop(store);
    let mut store = FileStore::open(&path).unwrap().without_barrier();
    assert_eq!(read_journal(&mut store).unwrap().torn_bytes, 5);
    let mut writer = JournalWriter::append_to(store);
    writer.append(&events[3], 0).unwrap();
    writer.commit().unwrap();
    let contents = read_journal(&mut FileStore::open(&path).unwrap()).unwrap();
    assert_eq!((contents.records.len(), contents.torn_bytes), (4, 0));
    std::fs::remove_file(&path).unwrap();
}

proptest! {
    #[test]
    fn any_bytes_can_be_given_to_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((_, taken)) = decode(&bytes) {
            prop_assert!(taken <= bytes.len());
        }
    }

    #[test]
    fn any_content_behind_a_right_checksum_can_be_given_to_the_decoder(
        body in proptest::collection::vec(any::<u8>(), 32..400),
    ) {
        let length = (body.len() as u32).to_le_bytes();
        let checksum = crc32fast::hash(&[&length[..], &body].concat()).to_le_bytes();
        let record = [&length[..], &checksum, &body].concat();
        match decode(&record) {
            Ok((_, taken)) => prop_assert_eq!(taken, record.len()),
            Err(error) => prop_assert!(matches!(error, RecordError::Content(_)), "{error:?}"),
        }
    }
}
