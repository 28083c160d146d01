//! A strategy that orders at every event and at every execution of its own (the accident of 1 August 2012): the gate
//! with its default rates refuses from the first second on, and in a minute no more leaves than the rates allow.

use trader_domain::*;
use trader_engine::driver::backtest::{BacktestDriver, RunObserver};
use trader_engine::{
    Context, Core, CoreConfig, DataKinds, DataNeeds, Effects, FillNotice, RestoreError, Strategy,
};
use trader_matching::{Exchange, ExchangeConfig};
use trader_risk::{Gate, GateConfig, Limits};
use trader_testkit::{Random, Tier, fixtures};

use crate::judge::Lenient;
use crate::real_exchange::{List, Market};
use crate::world::{A, OPEN, config, margin, price, shares};

struct Runaway(Random);

impl Runaway {
    fn order(&mut self, context: &mut Context<'_>) {
        for _ in 0..=self.0.below(3) {
            let side = if self.0.one_in(2) {
                Side::Buy
            } else {
                Side::Sell
            };
            let count = i32::try_from(self.0.between(1, 40)).unwrap();
            context.submit(OrderIntent::market(A, side, shares(count)));
        }
    }
}

impl Strategy for Runaway {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::QUOTES,
            warm_up: 0,
        }
    }

    fn on_quote(&mut self, _quote: &Quote, context: &mut Context<'_>) {
        self.order(context);
    }

    fn on_fill(&mut self, _notice: &FillNotice, context: &mut Context<'_>) {
        self.order(context);
    }

    fn snapshot(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

/// When what left, and how much was refused.
#[derive(Default)]
struct Log {
    sent: Vec<(Timestamp, Side)>,
    refused: u64,
    first_refused: Option<Timestamp>,
}

impl RunObserver for Log {
    fn on_effects(&mut self, event: &SequencedEvent, effects: &Effects, _core: &Core) {
        let sent = effects.submitted().map(|order| (event.time, order.side));
        self.sent.extend(sent);
        let judged = effects.decisions.iter();
        let refused = judged.filter(|decision| !decision.approved).count() as u64;
        self.refused += refused;
        if refused > 0 {
            self.first_refused.get_or_insert(event.time);
        }
    }

    fn on_instant(&mut self, _core: &Core, _next: Option<Timestamp>) {}
}

/// A quote each millisecond.
fn quotes(count: i64) -> Vec<MarketEvent> {
    (0..count)
        .map(|number| {
            let time = OPEN.saturating_add(number * 1_000_000);
            MarketEvent::Quote(Quote {
                instrument: A,
                vendor: VendorId::INTERNAL,
                time,
                received: time,
                bid: price("99.99"),
                bid_size: shares(100_000),
                ask: price("100.01"),
                ask_size: shares(100_000),
            })
        })
        .collect()
}

/// The most of these within a window.
fn most_within(times: &[Timestamp], window: i64) -> usize {
    let starts = times.iter();
    let counts = starts.map(|&start| {
        let within = times
            .iter()
            .filter(|&&time| time >= start && time < start.saturating_add(window));
        within.count()
    });
    counts.max().unwrap_or(0)
}

#[test]
fn torture_a_runaway_strategy_is_stopped_within_a_second() {
    let limits = Limits {
        // Daily volumes are not known here; everything else is as it ships.
        adv_share: None,
        liquidity_days: None,
        ..Limits::default()
    };
    for seed in 0..Tier::current().pick(20, 1_000) {
        let gate = GateConfig {
            limits,
            ..GateConfig::default()
        };
        let gate = Gate::new(gate, 1).unwrap();
        let runaway = Runaway(Random::from_seed(seed));
        let settings = CoreConfig {
            venue_links_oco: true,
            ..config(margin(1_000_000))
        };
        let strategies: Vec<Box<dyn Strategy>> = vec![Box::new(runaway)];
        let stocks = fixtures::stocks(1);
        let mut core = Core::new(
            settings,
            stocks,
            strategies,
            Box::new(gate),
            Box::new(Lenient),
        )
        .unwrap();
        let exchange = Exchange::new(core.instruments(), ExchangeConfig::default()).unwrap();
        let mut log = Log::default();
        BacktestDriver::new(&mut core, &mut Market(exchange), &mut log)
            .run(&mut List(quotes(5_000).into_iter()), &|| false)
            .unwrap();
        let times: Vec<_> = log.sent.iter().map(|&(time, _)| time).collect();
        assert!(
            most_within(&times, limits.message_rate.window_nanos)
                <= limits.message_rate.count as usize
        );
        for side in [Side::Buy, Side::Sell] {
            let of_side = log.sent.iter().filter(|sent| sent.1 == side);
            let times: Vec<_> = of_side.map(|sent| sent.0).collect();
            assert!(
                most_within(&times, limits.loop_rate.window_nanos)
                    <= limits.loop_rate.count as usize
            );
        }
        let allowed = 2 * limits.loop_rate.count as usize;
        assert!(times.len() <= allowed, "seed {seed}: {} left", times.len());
        let tripped = log.first_refused.unwrap().nanos() - times[0].nanos();
        assert!(tripped <= NANOS_PER_SECOND, "seed {seed}: {tripped} ns");
        assert!(log.refused > 1_000, "seed {seed}: {} refused", log.refused);
    }
}
