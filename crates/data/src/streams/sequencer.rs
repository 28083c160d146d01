//! Puts the messages of each topic into order: duplicates go, gaps are told, what came too early waits its turn.
//!
//! How much can be told depends on the vendor's [`Numbering`]. Pure: the caller says what time it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use trader_domain::{NANOS_PER_SECOND, Timestamp};

use super::event::{Body, Code, Origin, StreamEvent};
use super::protocol::{Numbering, Topic};

/// Bounds of a sequencer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequencerSettings {
    /// Messages of one topic that wait for an earlier one, at most.
    pub hold: usize,
    /// How long they wait, nanoseconds.
    pub wait_nanos: i64,
    /// Numbers or identifiers of one topic that are remembered to tell duplicates.
    pub remember: usize,
    /// Gaps of one topic that can still be filled.
    pub open_gaps: usize,
}

impl Default for SequencerSettings {
    fn default() -> Self {
        Self {
            hold: 1_000,
            wait_nanos: 5 * NANOS_PER_SECOND,
            remember: 1_000,
            open_gaps: 100,
        }
    }
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequenced {
    /// The next event.
    Event(StreamEvent),
    /// These numbers did not come; they may still be filled.
    Gap(SequenceGap),
}

/// Numbers that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceGap {
    /// Whose.
    pub topic: Topic,
    /// First missing number.
    pub first: u64,
    /// Last missing number.
    pub last: u64,
}

/// What a sequencer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SequencerStatistics {
    /// Events passed on.
    pub delivered: u64,
    /// Events seen before.
    pub duplicates: u64,
    /// Events that came behind later ones and were passed on nevertheless.
    pub late: u64,
    /// Events too old to tell whether they were seen before; not passed on.
    pub too_old: u64,
    /// Gaps told.
    pub gaps: u64,
    /// Numbers in these gaps.
    pub missing: u64,
    /// Missing numbers that came after all.
    pub filled: u64,
    /// Most events that waited at once.
    pub most_held: usize,
}

/// The order of all topics of one vendor.
#[derive(Debug)]
pub struct Sequencer {
    numbering: Numbering,
    settings: SequencerSettings,
    topics: BTreeMap<Topic, TopicOrder>,
    held: usize,
    statistics: SequencerStatistics,
}

#[derive(Debug, Default)]
struct TopicOrder {
    /// Consecutive: the number that comes next. Ascending: the highest seen.
    mark: Option<u64>,
    held: BTreeMap<u64, (StreamEvent, Timestamp)>,
    gaps: VecDeque<(u64, u64)>,
    numbers: BTreeSet<u64>,
    prints: BTreeSet<(Timestamp, Code, Code)>,
    last: Option<StreamEvent>,
}

impl Sequencer {
    /// Nothing seen yet.
    pub fn new(numbering: Numbering, settings: SequencerSettings) -> Self {
        Self {
            numbering,
            settings,
            topics: BTreeMap::new(),
            held: 0,
            statistics: SequencerStatistics::default(),
        }
    }

    /// Takes an event; what may be passed on is added to `out`.
    pub fn accept(&mut self, event: StreamEvent, now: Timestamp, out: &mut Vec<Sequenced>) {
        let topic = Topic {
            channel: event.channel(),
            symbol: event.symbol,
        };
        let order = self.topics.entry(topic).or_default();
        match (self.numbering, event.sequence) {
            (Numbering::Consecutive, Some(number)) => {
                self.consecutive(topic, number, event, now, out);
            }
            (Numbering::Ascending, Some(number)) => {
                let verdict = order.ascending(number, self.settings.remember);
                self.judged(verdict, event, out);
            }
            _ => {
                let verdict = order.unnumbered(&event, self.settings.remember);
                self.judged(verdict, event, out);
            }
        }
    }

    /// Gives up on what has been missing for too long.
    pub fn tick(&mut self, now: Timestamp, out: &mut Vec<Sequenced>) {
        let wait = self.settings.wait_nanos;
        let overdue: Vec<Topic> = self
            .topics
            .iter()
            .filter(|(_, order)| {
                order
                    .held
                    .values()
                    .any(|(_, since)| now.nanos_since(*since) >= wait)
            })
            .map(|(topic, _)| *topic)
            .collect();
        for topic in overdue {
            self.give_up(topic, out);
        }
    }

    /// When [`Self::tick`] has something to do, if nothing comes before.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.topics
            .values()
            .flat_map(|order| order.held.values())
            .map(|(_, since)| since.saturating_add(self.settings.wait_nanos))
            .min()
    }

    /// What was done so far.
    pub const fn statistics(&self) -> SequencerStatistics {
        self.statistics
    }

    fn judged(&mut self, verdict: Verdict, event: StreamEvent, out: &mut Vec<Sequenced>) {
        let count = match verdict {
            Verdict::Next => None,
            Verdict::Late => Some(&mut self.statistics.late),
            Verdict::Duplicate => Some(&mut self.statistics.duplicates),
            Verdict::TooOld => Some(&mut self.statistics.too_old),
        };
        if let Some(count) = count {
            *count += 1;
        }
        if matches!(verdict, Verdict::Next | Verdict::Late) {
            self.statistics.delivered += 1;
            out.push(Sequenced::Event(event));
        }
    }

    fn consecutive(
        &mut self,
        topic: Topic,
        number: u64,
        event: StreamEvent,
        now: Timestamp,
        out: &mut Vec<Sequenced>,
    ) {
        let Some(order) = self.topics.get_mut(&topic) else {
            return;
        };
        let next = *order.mark.get_or_insert(number);
        if number < next {
            if order.fill(number) {
                self.statistics.filled += 1;
                self.judged(Verdict::Late, event, out);
            } else {
                self.judged(Verdict::Duplicate, event, out);
            }
            return;
        }
        if number > next {
            if order.held.insert(number, (event, now)).is_some() {
                self.statistics.duplicates += 1;
            } else {
                self.held += 1;
                self.statistics.most_held = self.statistics.most_held.max(self.held);
            }
            if order.held.len() > self.settings.hold {
                self.give_up(topic, out);
            }
            return;
        }
        order.mark = number.checked_add(1);
        self.judged(Verdict::Next, event, out);
        self.release(topic, out);
    }

    /// Passes on what waited and is next now.
    fn release(&mut self, topic: Topic, out: &mut Vec<Sequenced>) {
        while let Some(order) = self.topics.get_mut(&topic) {
            let Some(next) = order.mark else { return };
            let Some((event, _)) = order.held.remove(&next) else {
                return;
            };
            order.mark = next.checked_add(1);
            self.held = self.held.saturating_sub(1);
            self.judged(Verdict::Next, event, out);
        }
    }

    /// Tells the gap before the first event that waits, and passes that on.
    fn give_up(&mut self, topic: Topic, out: &mut Vec<Sequenced>) {
        let most = self.settings.open_gaps;
        let Some(order) = self.topics.get_mut(&topic) else {
            return;
        };
        let (Some(next), Some((first, _))) = (order.mark, order.held.first_key_value()) else {
            return;
        };
        let first = *first;
        if let Some(last) = first.checked_sub(1).filter(|last| *last >= next) {
            order.gaps.push_back((next, last));
            if order.gaps.len() > most {
                order.gaps.pop_front();
            }
            self.statistics.gaps += 1;
            self.statistics.missing += last - next + 1;
            out.push(Sequenced::Gap(SequenceGap {
                topic,
                first: next,
                last,
            }));
        }
        order.mark = Some(first);
        self.release(topic, out);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Next,
    Late,
    Duplicate,
    TooOld,
}

impl TopicOrder {
    /// Takes a number out of a gap; false when it is in none.
    fn fill(&mut self, number: u64) -> bool {
        let at = self
            .gaps
            .iter()
            .position(|(first, last)| (*first..=*last).contains(&number));
        let Some((first, last)) = at.and_then(|at| self.gaps.remove(at)) else {
            return false;
        };
        if let Some(before) = number.checked_sub(1).filter(|before| *before >= first) {
            self.gaps.push_back((first, before));
        }
        if let Some(after) = number.checked_add(1).filter(|after| *after <= last) {
            self.gaps.push_back((after, last));
        }
        true
    }

    fn ascending(&mut self, number: u64, remember: usize) -> Verdict {
        let is_next = self.mark.is_none_or(|highest| number > highest);
        if !is_next {
            if self.numbers.contains(&number) {
                return Verdict::Duplicate;
            }
            let is_full = self.numbers.len() >= remember;
            if is_full && self.numbers.first().is_some_and(|oldest| number < *oldest) {
                return Verdict::TooOld;
            }
        }
        self.numbers.insert(number);
        if self.numbers.len() > remember {
            self.numbers.pop_first();
        }
        if is_next {
            self.mark = Some(number);
            Verdict::Next
        } else {
            Verdict::Late
        }
    }

    /// Prints are told apart by time, exchange and identifier, everything else by being the same as the one before.
    fn unnumbered(&mut self, event: &StreamEvent, remember: usize) -> Verdict {
        let newest = self.last.map_or(Timestamp::MIN, |last| last.time);
        match event.body {
            Body::Trade(print) if !print.id.is_empty() => {
                let key = (event.time, print.exchange, print.id);
                if self.prints.contains(&key) {
                    return Verdict::Duplicate;
                }
                let is_full = self.prints.len() >= remember;
                if is_full && self.prints.first().is_some_and(|oldest| key.0 < oldest.0) {
                    return Verdict::TooOld;
                }
                self.prints.insert(key);
                if self.prints.len() > remember {
                    self.prints.pop_first();
                }
            }
            _ => {
                let is_same =
                    |last: &StreamEvent| last.time == event.time && last.body == event.body;
                if self.last.as_ref().is_some_and(is_same) {
                    return Verdict::Duplicate;
                }
            }
        }
        if event.time < newest {
            return Verdict::Late;
        }
        // What history fills in must not hide what the stream says next.
        if event.origin == Origin::Live || self.last.is_none() {
            self.last = Some(*event);
        }
        Verdict::Next
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use proptest::prelude::*;
    use trader_domain::{Price, Quantity, Symbol, TradeConditions};

    use super::*;
    use crate::streams::event::Print;

    fn trade(number: u64) -> StreamEvent {
        StreamEvent {
            vendor: "test",
            symbol: Symbol::new("SPY").unwrap(),
            time: at(i64::try_from(number).unwrap()),
            received: at(0),
            origin: Origin::Live,
            sequence: Some(number),
            body: Body::Trade(Print {
                id: Code::from(&number.to_string()).unwrap(),
                exchange: Code::new(),
                price: Price::whole(1),
                size: Quantity::whole(1),
                conditions: TradeConditions::REGULAR,
                codes: Code::new(),
            }),
        }
    }

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    fn numbers(out: &[Sequenced]) -> Vec<u64> {
        out.iter()
            .filter_map(|one| match one {
                Sequenced::Event(event) => event.sequence,
                Sequenced::Gap(_) => None,
            })
            .collect()
    }

    #[test]
    fn what_comes_too_early_waits_and_what_comes_twice_goes() {
        let mut sequencer = Sequencer::new(Numbering::Consecutive, SequencerSettings::default());
        let mut out = Vec::new();
        for number in [1, 3, 3, 4, 2, 2, 1, 5] {
            sequencer.accept(trade(number), at(0), &mut out);
        }
        assert_eq!(numbers(&out), [1, 2, 3, 4, 5]);
        let did = sequencer.statistics();
        assert_eq!((did.duplicates, did.gaps, did.most_held), (3, 0, 2));
    }

    #[test]
    fn a_gap_is_told_after_five_seconds_and_can_be_filled_once() {
        let mut sequencer = Sequencer::new(Numbering::Consecutive, SequencerSettings::default());
        let mut out = Vec::new();
        for number in [1, 4, 5] {
            sequencer.accept(trade(number), at(0), &mut out);
        }
        assert_eq!(sequencer.deadline(), Some(at(5 * NANOS_PER_SECOND)));
        sequencer.tick(at(5 * NANOS_PER_SECOND - 1), &mut out);
        assert_eq!(numbers(&out), [1]);
        sequencer.tick(at(5 * NANOS_PER_SECOND), &mut out);
        assert!(matches!(
            out[1],
            Sequenced::Gap(SequenceGap {
                first: 2,
                last: 3,
                ..
            })
        ));
        for number in [2, 2, 3, 3] {
            sequencer.accept(trade(number), at(0), &mut out);
        }
        assert_eq!(numbers(&out), [1, 4, 5, 2, 3]);
        let did = sequencer.statistics();
        assert_eq!((did.missing, did.filled, did.duplicates), (2, 2, 2));
    }

    #[test]
    fn no_more_than_a_thousand_wait() {
        let mut sequencer = Sequencer::new(Numbering::Consecutive, SequencerSettings::default());
        let mut out = Vec::new();
        sequencer.accept(trade(1), at(0), &mut out);
        for number in 3..=1_003 {
            sequencer.accept(trade(number), at(0), &mut out);
        }
        assert_eq!(sequencer.statistics().gaps, 1);
        assert_eq!(numbers(&out).len(), 1_002);
        assert_eq!(sequencer.deadline(), None);
    }

    #[test]
    fn ascending_numbers_may_have_holes() {
        let mut sequencer = Sequencer::new(Numbering::Ascending, SequencerSettings::default());
        let mut out = Vec::new();
        for number in [10, 17, 12, 17, 12, 40] {
            sequencer.accept(trade(number), at(0), &mut out);
        }
        assert_eq!(numbers(&out), [10, 17, 12, 40]);
        let did = sequencer.statistics();
        assert_eq!((did.late, did.duplicates, did.gaps), (1, 2, 0));
    }

    proptest! {
        #[test]
        fn each_number_comes_out_once_and_none_is_lost_unmentioned(
            order in Just((1..200_u64).collect::<Vec<_>>()).prop_shuffle(),
            lost in prop::collection::btree_set(2..200_u64, 0..20),
            again in prop::collection::vec(1..200_usize, 0..50),
        ) {
            let mut sequencer = Sequencer::new(
                Numbering::Consecutive,
                SequencerSettings { hold: 20, ..SequencerSettings::default() },
            );
            let mut out = Vec::new();
            sequencer.accept(trade(0), at(0), &mut out);
            let sent: Vec<u64> = order.into_iter().filter(|number| !lost.contains(number)).collect();
            for (step, number) in sent.iter().enumerate() {
                sequencer.accept(trade(*number), at(0), &mut out);
                if again.contains(&step) {
                    sequencer.accept(trade(*number), at(0), &mut out);
                }
            }
            for _ in 0..200 {
                sequencer.tick(at(i64::MAX), &mut out);
            }
            let mut came = numbers(&out);
            came.sort_unstable();
            let mut expected = vec![0];
            expected.extend(sent.iter().copied());
            expected.sort_unstable();
            prop_assert_eq!(came, expected);
        }

        #[test]
        fn unnumbered_prints_come_out_once_each(order in prop::collection::vec(0..50_u64, 0..300)) {
            let mut sequencer = Sequencer::new(Numbering::None, SequencerSettings::default());
            let mut out = Vec::new();
            for number in &order {
                sequencer.accept(trade(*number), at(0), &mut out);
            }
            let distinct: BTreeSet<u64> = order.into_iter().collect();
            prop_assert_eq!(numbers(&out).len(), distinct.len());
        }
    }
}
