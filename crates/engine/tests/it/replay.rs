//! A journalled run, replayed: the same effects and the same state, or the first difference named.

use trader_domain::*;
use trader_engine::driver::backtest::{BacktestDriver, RunObserver};
use trader_engine::driver::replay::{ReplayError, replay};
use trader_engine::journal::{
    JournalRecord, JournalWriter, MemoryStore, read_journal, start_event,
};
use trader_engine::{
    AccountConfig, Command, Context, Core, CoreConfig, DataKinds, DataNeeds, Effects, FillNotice,
    Financing, RestoreError, Strategy,
};
use trader_matching::{Exchange, ExchangeConfig};
use trader_risk::{Gate, GateConfig};
use trader_testkit::market::MinuteBars;
use trader_testkit::{Random, Tier, fixtures};

use crate::invariants::{check_books, check_exits};
use crate::judge::Lenient;
use crate::real_exchange::{List, Market};
use crate::world::{A, B, config, margin};

/// Asks for anything at any time, from a seed.
struct Restless {
    random: Random,
    live: Vec<OrderId>,
}

impl Restless {
    fn act(&mut self, bar: &Bar, context: &mut Context<'_>) {
        let side = if self.random.one_in(2) {
            Side::Buy
        } else {
            Side::Sell
        };
        let quantity = Quantity::from_whole(self.random.between(1, 300)).unwrap();
        let moved = |random: &mut Random, low, high| {
            let percent = random.between(low, high);
            bar.close
                .scale(percent, 1_000, Rounding::HalfEven)
                .unwrap()
                .round_to(Price::from_small_units(10_000_000), Rounding::HalfEven)
                .unwrap()
        };
        let near = moved(&mut self.random, 995, 1_005);
        let (low, high) = (
            moved(&mut self.random, 980, 997),
            moved(&mut self.random, 1_003, 1_020),
        );
        let market = OrderIntent::market(bar.instrument, side, quantity);
        match self.random.below(12) {
            0 | 1 => self.live.push(context.submit(market)),
            2 => {
                let limit = OrderIntent::limit(bar.instrument, side, quantity, near);
                self.live.push(context.submit(limit));
            }
            3 | 4 => {
                let exits = match side {
                    Side::Buy => ContingentExits::bracket(high, low),
                    Side::Sell => ContingentExits::bracket(low, high),
                };
                self.live.push(context.submit(market.with_exits(exits)));
            }
            5 => {
                let target = OrderIntent::limit(bar.instrument, Side::Sell, quantity, high);
                let stop = OrderIntent::market(bar.instrument, Side::Sell, quantity)
                    .with_kind(OrderKind::Stop { trigger: low });
                self.live.extend(context.submit_oco(target, stop));
            }
            6 if !self.live.is_empty() => {
                let which = self.random.index(self.live.len());
                context.cancel(self.live[which]);
            }
            7 if !self.live.is_empty() => {
                let which = self.random.index(self.live.len());
                context.replace(ReplaceRequest {
                    order: self.live[which],
                    quantity,
                    kind: OrderKind::Limit { price: near },
                    time_in_force: TimeInForce::Day,
                });
            }
            8 => {
                let later = context.now().saturating_add(90 * NANOS_PER_SECOND);
                context.set_timer(later);
            }
            _ => {}
        }
    }
}

impl Strategy for Restless {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS.and(DataKinds::BATCHES),
            warm_up: 0,
        }
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.act(bar, context);
    }

    fn on_fill(&mut self, notice: &FillNotice, _context: &mut Context<'_>) {
        self.live.retain(|&order| order != notice.order);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.random.clone().next_u64().to_le_bytes());
    }

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Err(RestoreError {
            reason: "not needed here".to_owned(),
        })
    }
}

fn core_of(seed: u64, cash: i64) -> Core {
    let strategies = (0..2)
        .map(|number| {
            Box::new(Restless {
                random: Random::from_seed(seed * 2 + number),
                live: Vec::new(),
            }) as Box<dyn Strategy>
        })
        .collect();
    let account = AccountConfig {
        financing: Financing {
            margin_interest: Rate::from_percent(8),
            borrow_fee: Rate::from_percent(3),
        },
        ..margin(cash)
    };
    let config = CoreConfig {
        venue_links_oco: true,
        ..config(account)
    };
    let gate = Gate::new(GateConfig::research(), 2).unwrap();
    Core::new(
        config,
        fixtures::stocks(2),
        strategies,
        Box::new(gate),
        Box::new(Lenient),
    )
    .unwrap()
}

fn history(seed: u64, bars: usize) -> Vec<MarketEvent> {
    let series = |seed, instrument| MinuteBars::from_seed(seed).of(instrument).take(bars);
    let pairs = series(seed, A).zip(series(seed + 1_000, B));
    let mut events: Vec<_> = pairs
        .flat_map(|(a, b)| [MarketEvent::Bar(a), MarketEvent::Bar(b)])
        .collect();
    let middle = events.len() / 2;
    let effective = events[middle - 1].received();
    let action = CorporateAction {
        instrument: A,
        effective,
        kind: CorporateActionKind::Split {
            to: 2,
            from: 1,
            cash_in_lieu: None,
        },
    };
    events.insert(middle, MarketEvent::CorporateAction(action));
    events
}

/// Everything that came of one event, without the long list of checks.
fn summary(effects: &Effects) -> String {
    let commands: Vec<_> = effects
        .commands
        .iter()
        .map(|command| match command {
            Command::Submit(order) => format!("{:?}", order.request()),
            other => format!("{other:?}"),
        })
        .collect();
    let decisions: Vec<_> = effects
        .decisions
        .iter()
        .map(|d| (d.order, d.approved, d.assessment.len()))
        .collect();
    format!(
        "{commands:?} {decisions:?} {:?} {:?} {:?} {:?}",
        effects.fills, effects.closed, effects.cash, effects.alerts
    )
}

#[derive(Default)]
struct Summaries(Vec<(u64, String)>);

impl RunObserver for Summaries {
    fn on_effects(&mut self, event: &SequencedEvent, effects: &Effects, _core: &Core) {
        self.0.push((event.sequence, summary(effects)));
    }

    fn on_instant(&mut self, core: &Core, _next: Option<Timestamp>) {
        check_books(core, Money::whole(200_000));
        check_exits(core);
    }
}

struct Recorded {
    bytes: Vec<u8>,
    effects: Vec<(u64, String)>,
    state: u128,
}

fn record(seed: u64, bars: usize) -> Recorded {
    let mut core = core_of(seed, 200_000);
    let exchange = ExchangeConfig {
        participation: Some(Rate::from_percent(2)),
        ..ExchangeConfig::default()
    };
    let mut venue = Market(Exchange::new(core.instruments(), exchange).unwrap());
    let mut observer = Summaries::default();
    let mut writer = JournalWriter::create(MemoryStore::default(), 1).unwrap();
    BacktestDriver::new(&mut core, &mut venue, &mut observer)
        .journalled(&mut writer)
        .run(&mut List(history(seed, bars).into_iter()), &|| false)
        .unwrap();
    Recorded {
        bytes: writer.into_store().bytes,
        effects: observer.0,
        state: core.state_hash(),
    }
}

fn records(bytes: &[u8]) -> Vec<JournalRecord> {
    let mut store = MemoryStore {
        bytes: bytes.to_vec(),
    };
    read_journal(&mut store).unwrap().records
}

#[test]
fn a_hundred_random_runs_replay_to_the_same_effects_and_the_same_state() {
    replay_alike(0..100);
}

#[test]
fn torture_random_runs_replay_to_the_same_effects_and_the_same_state() {
    replay_alike(100..Tier::current().pick(500, 10_000));
}

fn replay_alike(seeds: std::ops::Range<u64>) {
    let (mut orders, mut fills) = (0, 0);
    for seed in seeds {
        let recorded = record(seed, 60);
        let mut core = core_of(seed, 200_000);
        let mut effects = Vec::new();
        replay(&mut core, &records(&recorded.bytes), |record, found| {
            if !found.is_empty() && record.event.sequence > 0 {
                effects.push((record.event.sequence, summary(found)));
            }
            orders += found.submitted().count();
            fills += found.fills.len();
        })
        .unwrap();
        core.stop();
        assert!(effects == recorded.effects, "seed {seed}: other effects");
        assert_eq!(core.state_hash(), recorded.state, "seed {seed}");
    }
    // The runs do something: a replay of nothing would pass.
    assert!(
        orders > 1_000 && fills > 500,
        "{orders} orders, {fills} fills"
    );
}

#[test]
fn the_journal_changes_nothing_about_the_run() {
    let recorded = record(5, 60);
    let mut core = core_of(5, 200_000);
    let exchange = ExchangeConfig {
        participation: Some(Rate::from_percent(2)),
        ..ExchangeConfig::default()
    };
    let mut venue = Market(Exchange::new(core.instruments(), exchange).unwrap());
    BacktestDriver::new(&mut core, &mut venue, &mut ())
        .run(&mut List(history(5, 60).into_iter()), &|| false)
        .unwrap();
    assert_eq!(core.state_hash(), recorded.state);
}

#[test]
fn every_truncation_of_the_last_three_records_replays_without_a_difference() {
    let recorded = record(7, 12);
    let whole = records(&recorded.bytes);
    let mut start_of_third_last = recorded.bytes.len();
    while records(&recorded.bytes[..start_of_third_last - 1]).len() + 3 > whole.len() {
        start_of_third_last -= 1;
    }
    for cut in start_of_third_last..=recorded.bytes.len() {
        let prefix = records(&recorded.bytes[..cut]);
        assert_eq!(prefix, whole[..prefix.len()]);
        let mut core = core_of(7, 200_000);
        replay(&mut core, &prefix, |_, _| {}).unwrap();
    }
}

#[test]
fn another_configuration_is_found_at_the_first_event_after_its_first_other_effect() {
    let recorded = record(3, 60);
    let records = records(&recorded.bytes);
    let first_effect = recorded.effects[0].0;
    let mut core = core_of(4, 200_000);
    match replay(&mut core, &records, |_, _| {}) {
        Err(ReplayError::Diverged { sequence, .. }) => assert!(sequence > 0),
        other => panic!("{other:?}"),
    }
    // A gate that refuses everything differs right after the first order.
    let mut poor = core_of(3, 1);
    match replay(&mut poor, &records, |_, _| {}) {
        Err(ReplayError::Diverged { sequence, .. }) => assert_eq!(sequence, first_effect + 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_journal_without_its_start_is_not_replayed() {
    let recorded = record(1, 5);
    let records = records(&recorded.bytes);
    let mut core = core_of(1, 200_000);
    for part in [&records[1..], &[]] {
        assert_eq!(
            replay(&mut core, part, |_, _| {}),
            Err(ReplayError::NoStart)
        );
    }
    let later = JournalRecord {
        event: SequencedEvent {
            sequence: 3,
            ..start_event(Timestamp::EPOCH)
        },
        effects_before: 0,
    };
    assert!(!later.is_start());
}

/// One to three bits anywhere, or a run of bytes overwritten: found, and never read as something else.
#[test]
fn torture_bit_rot_in_a_journal_is_found() {
    let recorded = record(3, 40);
    let whole = records(&recorded.bytes);
    let seed = 11;
    let mut random = Random::from_seed(seed);
    let rounds = Tier::current().pick(2_000, 10_000);
    println!("seed {seed}, {rounds} damages of {} records", whole.len());
    for round in 0..rounds {
        let mut bytes = recorded.bytes.clone();
        let at = random.index(bytes.len());
        if random.one_in(4) {
            let end = (at + 1 + random.index(64)).min(bytes.len());
            bytes[at..end].fill_with(|| random.next_u64().to_le_bytes()[0]);
        } else {
            for _ in 0..=random.below(3) {
                let place = (at + random.index(16)).min(bytes.len() - 1);
                bytes[place] ^= 1 << random.below(8);
            }
        }
        if bytes == recorded.bytes {
            continue;
        }
        let mut store = MemoryStore { bytes };
        if let Ok(contents) = read_journal(&mut store) {
            // Damage of the last record looks like a torn end; nothing before it may be missing or changed.
            assert_eq!(contents.records.len(), whole.len() - 1, "round {round}");
            assert_eq!(contents.records[..], whole[..whole.len() - 1]);
        }
    }
}
