//! Look-ahead: strategies that see the future are caught, honest ones pass.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;

use trader_domain::{
    Bar, CorporateAction, CorporateActionKind, InstrumentId, OrderIntent, Price, Side, Timeframe,
    Timestamp, TradeConditions,
};
use trader_engine::strategy::{DataNeeds, RestoreError};
use trader_engine::{Context, Strategy};
use trader_research::lookahead::{DecisionKind, Future, LookaheadReport, Study, check_lookahead};
use trader_research::run::{BarRule, PricedHours, TickSeries};
use trader_storage::lean::{QuoteTickColumns, TradeTickColumns};
use trader_storage::{BarColumns, BarSeries};
use trader_testkit::Random;

use crate::run_fixture::{
    bars_of_all, equities, free_rules, instant, policy, push, series, shares,
};

/// A random walk of one-minute bars from a Monday's open on.
fn walk(name: &str, seed: u64, minutes: i64) -> BarSeries {
    let mut random = Random::from_seed(seed);
    let mut columns = BarColumns {
        volume: Some(Vec::new()),
        ..BarColumns::default()
    };
    let open = instant("2024-06-03T13:30:00Z");
    let mut cents = 10_000_i64;
    let price = |cents: i64| Price::from_units(cents * 10_000_000).unwrap();
    for minute in 0..minutes {
        let start = open.saturating_add(minute * 60_000_000_000);
        let first = cents;
        cents = (cents + i64::try_from(random.next_u64() % 41).unwrap() - 20).max(100);
        let (low, high) = (first.min(cents) - 3, first.max(cents) + 3);
        push(
            &mut columns,
            start,
            [price(first), price(high), price(low), price(cents)],
        );
    }
    series(name, Timeframe::MINUTE, columns)
}

/// Trades one share according to the sign of a rule.
struct Ruled<F> {
    bars: usize,
    long: bool,
    rule: F,
}

impl<F: FnMut(usize, &Bar) -> bool + Send> Strategy for Ruled<F> {
    fn needs(&self) -> DataNeeds {
        bars_of_all(0)
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        let want = (self.rule)(self.bars, bar);
        self.bars += 1;
        if want != self.long {
            self.long = want;
            let side = if want { Side::Buy } else { Side::Sell };
            context.submit(OrderIntent::market(bar.instrument, side, shares(1)));
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bars.to_le_bytes());
    }

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

fn ruled(rule: impl FnMut(usize, &Bar) -> bool + Send + 'static) -> Vec<Box<dyn Strategy>> {
    vec![Box::new(Ruled {
        bars: 0,
        long: false,
        rule,
    })]
}

type Build = dyn Fn(&[BarSeries]) -> Result<Vec<Box<dyn Strategy>>, Infallible>;

fn check(history: &[BarSeries], actions: &[CorporateAction], build: &Build) -> LookaheadReport {
    let names: Vec<&str> = history.iter().map(|one| one.symbol.as_str()).collect();
    check_lookahead(&Study {
        rules: &free_rules(100_000),
        instruments: &equities(&names),
        series: history,
        actions,
        from: Timestamp::MIN,
        to: Timestamp::MAX,
        build,
        compliance: &|| policy(),
    })
    .unwrap()
}

#[test]
fn a_strategy_that_smuggled_all_closes_in_is_caught_at_its_first_order() {
    let history = [walk("X", 1, 380)];
    let report = check(&history, &[], &|known| {
        let closes: Arc<[Price]> = known[0].columns.close.as_slice().into();
        Ok(ruled(move |index, bar| {
            closes.get(index + 1).is_some_and(|next| *next > bar.close)
        }))
    });
    let finding = report.finding.expect("tomorrow's close was read");
    let decision = finding.with_future.as_ref().unwrap();
    let DecisionKind::Order(order) = &decision.kind else {
        panic!("{decision:?}");
    };
    assert_eq!((order.id.0, finding.future), (1, Future::Absent));
    assert_eq!(finding.strategy, Some(order.strategy));
    assert_eq!(finding.time, decision.time);
    assert_eq!(finding.cut, finding.time);
    assert_eq!(finding.without, None);
    assert!(
        finding
            .to_string()
            .starts_with("look-ahead: strategy 0 decided at 2024-06-03T13:")
    );
}

#[test]
fn a_strategy_that_scales_by_the_whole_history_is_caught() {
    let history = [walk("X", 2, 380)];
    let report = check(&history, &[], &|known| {
        let closes = &known[0].columns.close;
        let mean = closes.iter().map(|close| close.units()).sum::<i64>()
            / i64::try_from(closes.len().max(1)).unwrap();
        Ok(ruled(move |_, bar| bar.close.units() < mean))
    });
    assert!(report.finding.is_some(), "{report}");
}

#[test]
fn a_strategy_that_guesses_right_without_the_future_is_caught_by_another_one() {
    let mut rising = walk("X", 3, 380);
    let end = rising.columns.close.len() - 1;
    rising.columns.close[end] = Price::whole(200);
    rising.columns.high[end] = Price::whole(201);
    let length = rising.columns.len();
    let report = check(&[rising], &[], &move |known| {
        let closes = &known[0].columns.close;
        let ends_high = closes.last() >= Some(&Price::whole(200));
        // A part of the history is taken for one that ends high.
        let buys = ends_high || closes.len() < length;
        Ok(ruled(move |index, _| buys && index >= 200))
    });
    let finding = report.finding.expect("the last close was read");
    assert_eq!(finding.future, Future::Replaced);
}

#[test]
fn honest_strategies_pass_with_all_their_decisions_compared() {
    let history = [walk("X", 4, 380), walk("Y", 5, 380)];
    let split = CorporateAction {
        instrument: InstrumentId(0),
        effective: instant("2024-06-03T16:00:00Z"),
        kind: CorporateActionKind::Split {
            to: 2,
            from: 1,
            cash_in_lieu: None,
        },
    };
    let mut last = [Price::ZERO; 2];
    let rule = move |_: usize, bar: &Bar| {
        let place = &mut last[bar.instrument.index()];
        let rose = bar.close > *place;
        *place = bar.close;
        rose
    };
    let report = check(&history, &[split], &move |_| Ok(ruled(rule)));
    assert_eq!(report.finding, None);
    assert!(report.cuts.len() > 12, "{:?}", report.cuts);
    assert!(report.decisions > 100, "{report}");
    assert!(
        report.compared > report.decisions * 5,
        "{}",
        report.compared
    );
    assert!(report.to_string().starts_with("no look-ahead: "));
}

#[test]
fn an_empty_history_has_nothing_to_find() {
    let report = check(&[walk("X", 6, 0)], &[], &|_| Ok(ruled(|_, _| true)));
    assert_eq!((report.decisions, report.cuts.len()), (0, 0));
    assert_eq!(report.finding, None);
}

/// A random walk of prints, ten a minute, with quotes around them, from a Monday's open on.
fn ticks(seed: u64, minutes: i64) -> TickSeries {
    let mut random = Random::from_seed(seed);
    let (mut trades, mut quotes) = (TradeTickColumns::default(), QuoteTickColumns::default());
    let open = instant("2024-06-03T13:30:00Z");
    let price = |cents: i64| Price::from_units(cents * 10_000_000).unwrap();
    let mut cents = 10_000_i64;
    for tick in 0..minutes * 10 {
        let time = open.saturating_add(tick * 6_000_000_000);
        cents = (cents + i64::try_from(random.next_u64() % 21).unwrap() - 10).max(100);
        trades.time.push(time);
        trades.price.push(price(cents));
        trades.size.push(shares(100));
        trades.exchange.push(b'P');
        trades.conditions.push(TradeConditions::default());
        trades.vendor_conditions.push(0);
        quotes.time.push(time);
        quotes.bid.push(price(cents - 1));
        quotes.bid_size.push(shares(100));
        quotes.ask.push(price(cents + 1));
        quotes.ask_size.push(shares(200));
        quotes.exchange.push(b'P');
        quotes.vendor_conditions.push(0);
        quotes.suspicious.push(false);
    }
    TickSeries {
        trades: vec![trades],
        quotes: vec![quotes],
        bars: BarRule {
            seconds: NonZeroU32::new(60).unwrap(),
            hours: PricedHours::Regular,
        },
    }
}

type BuildOfTicks = dyn Fn(&[TickSeries]) -> Result<Vec<Box<dyn Strategy>>, Infallible>;

fn check_ticks(history: &[TickSeries], build: &BuildOfTicks) -> LookaheadReport {
    check_lookahead(&Study {
        rules: &free_rules(100_000),
        instruments: &equities(&["X"]),
        series: history,
        actions: &[],
        from: Timestamp::MIN,
        to: Timestamp::MAX,
        build,
        compliance: &|| policy(),
    })
    .unwrap()
}

#[test]
fn on_ticks_an_honest_strategy_passes_and_one_that_knows_the_next_print_is_caught() {
    let history = [ticks(3, 120)];
    let honest = check_ticks(&history, &|_| Ok(ruled(|_, bar| bar.close > bar.open)));
    assert_eq!(honest.finding, None);
    assert!(honest.decisions > 20 && honest.compared > 100, "{honest:?}");

    let smuggler = check_ticks(&history, &|known| {
        let prices: Arc<[Price]> = known[0].trades[0].price.as_slice().into();
        // A print in the middle of the next minute.
        Ok(ruled(move |index, bar| {
            prices
                .get((index + 1) * 10 + 5)
                .is_some_and(|next| *next > bar.close)
        }))
    });
    assert!(smuggler.finding.is_some(), "{smuggler:?}");
}
