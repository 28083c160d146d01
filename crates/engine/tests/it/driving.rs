//! The backtest driver: in which order things happen, timers, and the journal's place in it.

use std::cell::RefCell;
use std::rc::Rc;

use trader_broker::{ApprovedOrder, ApprovedReplacement, Capabilities, Venue};
use trader_domain::*;
use trader_engine::driver::backtest::{BacktestDriver, DriveError, RunCounts, RunObserver};
use trader_engine::journal::{EventSink, WriteError};
use trader_engine::{Core, DataKinds, Effects};
use trader_testkit::fixtures;

use crate::judge::{Judge, Lenient};
use crate::puppet::{Ask, Puppet};
use crate::real_exchange::List;
use crate::world::{A, B, OPEN, bar, buy, config, margin, price};

/// What happened, in order.
type Diary = Rc<RefCell<Vec<String>>>;

/// A venue that takes everything and fills nothing.
struct Quiet(Diary);

impl Venue for Quiet {
    fn submit(&mut self, order: ApprovedOrder, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        let id = order.request().id;
        self.0.borrow_mut().push(format!("submit {id}"));
        reports.push(BrokerReport {
            order: id,
            time: now,
            received: now,
            kind: ReportKind::Accepted {
                broker_order: BrokerOrderId::simulated(id.0),
            },
        });
    }

    fn cancel(&mut self, order: OrderId, _now: Timestamp, _reports: &mut Vec<BrokerReport>) {
        self.0.borrow_mut().push(format!("cancel {order}"));
    }

    fn replace(
        &mut self,
        _terms: ApprovedReplacement,
        _now: Timestamp,
        _reports: &mut Vec<BrokerReport>,
    ) {
    }

    fn on_market(&mut self, _event: &MarketEvent, _reports: &mut Vec<BrokerReport>) {
        self.0.borrow_mut().push("venue".to_owned());
    }

    fn settle(&mut self, _reports: &mut Vec<BrokerReport>) {}

    fn on_time(&mut self, now: Timestamp, _reports: &mut Vec<BrokerReport>) {
        let seconds = now.nanos_since(OPEN) / NANOS_PER_SECOND;
        self.0.borrow_mut().push(format!("time {seconds}"));
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            accepts: trader_matching::accepts,
            native_oco: false,
            fractional: false,
        }
    }
}

/// A journal that only notes what is asked of it.
struct Spy {
    diary: Diary,
    fail_commit: bool,
}

impl EventSink for Spy {
    fn append(&mut self, event: &SequencedEvent, _before: u128) -> Result<(), WriteError> {
        let line = format!("append {}", event.sequence);
        self.diary.borrow_mut().push(line);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        if self.fail_commit {
            return Err(WriteError::Closed);
        }
        self.diary.borrow_mut().push("commit".to_owned());
        Ok(())
    }
}

struct Noting(Diary);

impl RunObserver for Noting {
    fn on_effects(&mut self, event: &SequencedEvent, _effects: &Effects, _core: &Core) {
        let line = format!("effects {}", event.sequence);
        self.0.borrow_mut().push(line);
    }

    fn on_instant(&mut self, _core: &Core, _next: Option<Timestamp>) {}
}

fn core_of(puppet: &Puppet) -> Core {
    Core::new(
        config(margin(100_000)),
        fixtures::stocks(2),
        vec![Box::new(puppet.clone())],
        Box::new(Judge::default()),
        Box::new(Lenient),
    )
    .unwrap()
}

fn bar_after(seconds: i64, instrument: InstrumentId) -> MarketEvent {
    let end = OPEN.saturating_add(seconds * NANOS_PER_SECOND);
    MarketEvent::Bar(bar(instrument, end, price("100")))
}

fn drive(
    puppet: &Puppet,
    events: Vec<MarketEvent>,
    fail_commit: bool,
) -> (
    Vec<String>,
    Result<RunCounts, DriveError<std::convert::Infallible>>,
) {
    let diary = Diary::default();
    let mut core = core_of(puppet);
    let (mut venue, mut observer) = (Quiet(diary.clone()), Noting(diary.clone()));
    let spy = Spy {
        diary: diary.clone(),
        fail_commit,
    };
    let result = BacktestDriver::new(&mut core, &mut venue, &mut observer)
        .journalled(spy)
        .run(&mut List(events.into_iter()), &|| false);
    let lines = diary.borrow().clone();
    (lines, result)
}

#[test]
fn an_event_is_appended_before_it_is_processed_and_committed_before_its_order_leaves() {
    let puppet = Puppet::wanting(DataKinds::BARS, None);
    // Asked for at the start already.
    puppet
        .notes
        .lock()
        .unwrap()
        .queue
        .push_back(Ask::Submit(buy(1)));
    let (lines, result) = drive(&puppet, vec![bar_after(0, A), bar_after(60, A)], false);
    let expected = [
        "append 0", "commit", "submit 1", "venue", "append 1", "append 2", "venue", "append 3",
        "commit",
    ];
    assert_eq!(lines, expected);
    assert_eq!(result.unwrap().orders, 1);
}

#[test]
fn nothing_reaches_the_venue_when_the_journal_fails() {
    let puppet = Puppet::wanting(DataKinds::BARS, None);
    puppet
        .notes
        .lock()
        .unwrap()
        .queue
        .push_back(Ask::Submit(buy(1)));
    let (lines, result) = drive(&puppet, vec![bar_after(0, A)], true);
    assert!(matches!(
        result,
        Err(DriveError::Journal(WriteError::Closed))
    ));
    assert_eq!(lines, ["append 0"]);
}

#[test]
fn a_timer_fires_between_market_events_at_its_own_time() {
    let puppet = Puppet::wanting(DataKinds::BARS, None);
    let due = OPEN.saturating_add(90 * NANOS_PER_SECOND);
    puppet
        .notes
        .lock()
        .unwrap()
        .queue
        .push_back(Ask::Timer(due));
    let events = vec![bar_after(60, A), bar_after(120, A)];
    let (lines, _) = drive(&puppet, events, false);
    assert!(lines.contains(&"time 90".to_owned()), "{lines:?}");
    let calls = puppet.notes.lock().unwrap().calls.clone();
    assert_eq!(calls, ["start", "bar 0", "timer 1", "bar 0", "stop"]);
}

#[test]
fn all_bars_of_an_instant_come_before_its_batch_call() {
    let puppet = Puppet::wanting(DataKinds::BARS.and(DataKinds::BATCHES), None);
    let events = vec![bar_after(60, A), bar_after(60, B), bar_after(120, A)];
    let (_, result) = drive(&puppet, events, false);
    let calls = puppet.notes.lock().unwrap().calls.clone();
    assert_eq!(
        calls,
        [
            "start",
            "bar 0",
            "bar 1",
            "bars complete",
            "bar 0",
            "bars complete",
            "stop"
        ]
    );
    assert_eq!(result.unwrap().core_events, 5);
}

#[test]
fn data_that_goes_back_in_time_ends_the_run() {
    let puppet = Puppet::new();
    let (_, result) = drive(&puppet, vec![bar_after(60, A), bar_after(0, A)], false);
    assert!(matches!(result, Err(DriveError::OutOfOrder { .. })));
}
