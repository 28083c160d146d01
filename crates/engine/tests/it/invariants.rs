//! What holds after every event, whatever the order of events: cash is conserved exactly, positions
//! are the sum of fills, strategies add up to the account, exits never cover more than there is.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use trader_domain::*;
use trader_engine::{AccountConfig, CashReason, Core, Financing};
use trader_testkit::Tier;

use crate::world::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Strategy, instrument, side, shares, with exits or without.
    Order(u16, u32, Side, i32, bool),
    /// Which working order, how many shares at most, price in cents, costs in units of 10⁻⁹.
    Fill(usize, i32, i32, i32),
    /// An execution again.
    Repeat(usize),
    Bust(usize),
    Cancel(usize),
    Bar(u32, i32),
    Split(u32, u32, u32, bool),
    Dividend(u32, i32),
    Night,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let step = prop_oneof![
        4 => (0..2u16, 0..2u32, side, 1..500i32, any::<bool>())
            .prop_map(|(s, i, side, n, exits)| Step::Order(s, i, side, n, exits)),
        8 => (any::<usize>(), 1..500i32, 500..20_000i32, -5_000..900_000_000i32)
            .prop_map(|(o, n, p, c)| Step::Fill(o, n, p, c)),
        1 => any::<usize>().prop_map(Step::Repeat),
        1 => any::<usize>().prop_map(Step::Bust),
        2 => any::<usize>().prop_map(Step::Cancel),
        3 => (0..2u32, 500..20_000i32).prop_map(|(i, p)| Step::Bar(i, p)),
        1 => (0..2u32, 1..4u32, 1..4u32, any::<bool>())
            .prop_map(|(i, to, from, pay)| Step::Split(i, to, from, pay)),
        1 => (0..2u32, 1..300i32).prop_map(|(i, cents)| Step::Dividend(i, cents)),
        1 => Just(Step::Night),
    ];
    proptest::collection::vec(step, 1..60)
}

fn cents(count: i32) -> Price {
    Price::from_small_units(10_000_000)
        .scale(i64::from(count), 1, Rounding::Floor)
        .unwrap()
}

/// The ledger again, as simple as can be: sums.
struct Model {
    cash: Money,
    positions: BTreeMap<InstrumentId, Quantity>,
    executions: Vec<(OrderId, InstrumentId, Side, Fill)>,
}

impl Model {
    fn trade(&mut self, instrument: InstrumentId, side: Side, fill: &Fill, sign: i64) {
        let value = fill.price.notional(fill.quantity);
        let costs = fill.commission.checked_add(fill.fees).unwrap();
        let paid = match side {
            Side::Buy => value,
            Side::Sell => value.negated(),
        };
        let change = paid.checked_add(costs).unwrap().times(-sign).unwrap();
        self.cash = self.cash.checked_add(change).unwrap();
        let held = self.positions.entry(instrument).or_default();
        let units = held.units() + side.sign() * sign * fill.quantity.units();
        *held = Quantity::from_units(units).unwrap();
    }
}

/// The broker does at once what it is asked.
fn obey(world: &mut World) {
    loop {
        let wanted = world.wanted();
        if wanted.is_empty() {
            return;
        }
        for want in wanted {
            match want {
                Wanted::Submit(order) => world.accept(order.id),
                Wanted::Replace(terms) => {
                    world.report(terms.order, ReportKind::Replaced(terms));
                }
                Wanted::Cancel(order) => world.cancelled(order, CancelCause::Requested),
                Wanted::Timer(..) => {}
            }
        }
    }
}

fn pick(world: &World, which: usize) -> Option<OrderId> {
    let working = world.working();
    (!working.is_empty()).then(|| working[which % working.len()].0)
}

fn take(world: &mut World, model: &mut Model, number: u64, step: Step) {
    match step {
        Step::Order(strategy, instrument, side, count, exits) => {
            let mut intent = OrderIntent::market(InstrumentId(instrument), side, shares(count));
            if exits {
                let (near, far) = (price("90"), price("110"));
                intent = intent.with_exits(match side {
                    Side::Buy => ContingentExits::bracket(far, near),
                    Side::Sell => ContingentExits::bracket(near, far),
                });
            }
            world.submit_of(usize::from(strategy), intent);
        }
        Step::Fill(which, count, at, costs) => {
            let Some(order) = pick(world, which) else {
                return;
            };
            let found = world.core.working_orders().find(|o| o.request.id == order);
            let entry = found.unwrap();
            let (instrument, side) = (entry.request.instrument, entry.request.side);
            let fill = Fill {
                fees: Money::from_units(i128::from(costs) * 1_000_000_000).unwrap(),
                ..fill(number, shares(count).min(entry.life.leaves()), cents(at))
            };
            world.report(order, ReportKind::Filled(fill));
            model.trade(instrument, side, &fill, 1);
            model.executions.push((order, instrument, side, fill));
        }
        Step::Repeat(which) => {
            if let Some((order, .., fill)) = nth(&model.executions, which) {
                world.report(order, ReportKind::Filled(fill));
            }
        }
        Step::Bust(which) => {
            if let Some((order, instrument, side, fill)) = nth(&model.executions, which) {
                let execution = fill.execution;
                world.report(order, ReportKind::Busted { execution });
                model.trade(instrument, side, &fill, -1);
                model
                    .executions
                    .retain(|known| known.3.execution != execution);
            }
        }
        Step::Cancel(which) => {
            if let Some(order) = pick(world, which) {
                world.command(OperatorCommand::Cancel(order));
            }
        }
        Step::Bar(instrument, at) => {
            world.market(MarketEvent::Bar(bar(
                InstrumentId(instrument),
                world.now,
                cents(at),
            )));
        }
        Step::Split(instrument, to, from, pay) => {
            split(world, model, InstrumentId(instrument), (to, from), pay);
        }
        Step::Dividend(instrument, amount) => {
            let kind = CorporateActionKind::CashDividend {
                amount: cents(amount),
                payable: world.now.saturating_add(NANOS_PER_DAY),
            };
            world.action(InstrumentId(instrument), kind);
        }
        Step::Night => {
            world.now = world.now.saturating_add(NANOS_PER_DAY);
            world.event(Event::Clock);
        }
    }
}

fn nth<T: Copy>(list: &[T], which: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[which % list.len()])
}

fn split(
    world: &mut World,
    model: &mut Model,
    id: InstrumentId,
    (to, from): (u32, u32),
    pay: bool,
) {
    // The venue takes resting orders out first, as exchanges do for most splits.
    let working = world.core.working_orders();
    let resting: Vec<_> = working
        .filter(|entry| entry.request.instrument == id)
        .map(|entry| entry.request.id)
        .collect();
    for order in resting {
        world.cancelled(order, CancelCause::CorporateAction);
    }
    let cash_in_lieu = pay.then(|| price("100"));
    let kind = CorporateActionKind::Split {
        to,
        from,
        cash_in_lieu,
    };
    world.action(id, kind);
    // A bust of an execution before the split would be in other shares.
    model.executions.retain(|known| known.1 != id);
    let held = model.positions.entry(id).or_default();
    let mut scaled = held
        .scale(i64::from(to), i64::from(from), Rounding::TowardsZero)
        .unwrap();
    if pay {
        scaled = scaled
            .round_to(Quantity::ONE, Rounding::TowardsZero)
            .unwrap();
    }
    *held = scaled;
}

fn check(world: &World, model: &Model, opening: Money) {
    let portfolio = world.core.portfolio();
    let moved = world.cash.iter().map(|record| record.amount);
    assert_eq!(
        portfolio.account().cash,
        moved.fold(model.cash, add),
        "cash"
    );
    for position in portfolio.positions() {
        let id = position.instrument();
        assert_eq!(
            position.quantity(),
            model.positions.get(&id).copied().unwrap_or_default(),
            "position in {id} is the sum of fills"
        );
    }
    check_books(&world.core, opening);
    check_exits(&world.core);
}

fn add(sum: Money, more: Money) -> Money {
    sum.checked_add(more).unwrap()
}

/// Equity is what was there and what was earned, exactly; two strategies add up to the account.
pub(crate) fn check_books(core: &Core, opening: Money) {
    let portfolio = core.portfolio();
    let (account, totals) = (portfolio.account(), portfolio.totals());
    let (mut realised, mut unrealised) = (Money::ZERO, Money::ZERO);
    for position in portfolio.positions() {
        let id = position.instrument();
        let of_strategies = (0..2).fold(Quantity::ZERO, |sum, strategy| {
            let held = portfolio.strategy_position(StrategyId(strategy), id);
            sum.checked_add(held).unwrap()
        });
        assert_eq!(position.quantity(), of_strategies, "strategies in {id}");
        realised = add(realised, position.realised());
        if let Some(mark) = portfolio.mark_price(id) {
            unrealised = add(unrealised, position.unrealised(mark).unwrap());
        }
    }
    assert_eq!(totals.realised, realised);
    let earned = [opening, realised, unrealised, totals.dividends];
    let spent = add(totals.interest, totals.borrow_fees);
    let expected = earned.into_iter().fold(Money::ZERO, add);
    assert_eq!(
        account.equity,
        expected.checked_sub(spent).unwrap(),
        "equity = opening + realised + unrealised + dividends − interest − fees"
    );
}

/// Of every OCO group the largest exit, added up: never more than the strategy's position.
pub(crate) fn check_exits(core: &Core) {
    let mut covered: BTreeMap<_, BTreeMap<_, Quantity>> = BTreeMap::new();
    for entry in core.working_orders() {
        let order = &entry.request;
        if order.parent.is_none() {
            continue;
        }
        let groups = covered
            .entry((order.strategy, order.instrument, order.side))
            .or_default();
        let largest = groups.entry(order.oco).or_default();
        *largest = (*largest).max(entry.life.leaves());
    }
    for ((strategy, instrument, side), groups) in covered {
        let held = core.portfolio().strategy_position(strategy, instrument);
        let total = groups
            .into_values()
            .fold(Quantity::ZERO, |sum, part| sum.checked_add(part).unwrap());
        assert!(
            total <= held.abs() && (held.is_positive() == (side == Side::Sell)),
            "exits over {total} for a position of {held}"
        );
    }
}

/// Takes the steps one by one and looks at the books after each.
fn books_balance(steps: Vec<Step>) {
    let opening = Money::whole(100_000);
    let account = AccountConfig {
        financing: Financing {
            margin_interest: Rate::from_percent(8),
            borrow_fee: Rate::from_percent(3),
        },
        ..AccountConfig::margin(opening)
    };
    let mut world = World::with(config(account), 2);
    let mut model = Model {
        cash: opening,
        positions: BTreeMap::new(),
        executions: Vec::new(),
    };
    for (number, step) in (1..).zip(steps) {
        world.advance(2);
        take(&mut world, &mut model, number, step);
        obey(&mut world);
        check(&world, &model, opening);
    }
    // Whatever still works is cancelled: nothing is pending or reserved any more.
    world.command(OperatorCommand::CancelAll);
    obey(&mut world);
    assert_eq!(world.working(), vec![]);
    assert!(world.judge.0.lock().unwrap().reserved.is_empty());
    world.bar(A, "100");
    world.bar(B, "100");
    assert_eq!(world.notes(0).seen.1, Quantity::ZERO);
    assert_eq!(world.notes(1).seen.1, Quantity::ZERO);
    // What was owed has been paid once its day has come.
    world.now = world.now.saturating_add(3 * NANOS_PER_DAY);
    world.event(Event::Clock);
    let paid = world
        .cash
        .iter()
        .filter(|record| record.reason == CashReason::Dividend)
        .fold(Money::ZERO, |sum, record| {
            sum.checked_add(record.amount).unwrap()
        });
    assert_eq!(paid, world.core.portfolio().totals().dividends);
}

/// Sequences of 60 steps against the plain ledger.
#[test]
fn torture_the_books_balance_whatever_happens() {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: u32::try_from(Tier::current().pick(1_000, 20_000)).unwrap(),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&steps(), |steps| {
        books_balance(steps);
        Ok(())
    });
    outcome.unwrap();
}

proptest! {
    #[test]
    fn the_books_balance_after_every_event(steps in steps()) {
        books_balance(steps);
    }

    #[test]
    fn how_a_trade_is_cut_into_fills_changes_no_total(
        parts in proptest::collection::vec(1..100i32, 1..8),
        at in 100..20_000i32,
        later in 100..20_000i32,
    ) {
        let total: i32 = parts.iter().sum();
        let run = |parts: &[i32]| {
            let mut world = World::with(config(margin(1_000_000)), 1);
            let mut number = 0;
            for (intent, at) in [(buy(total), at), (sell(total), later)] {
                let order = world.submit(intent);
                for &count in parts {
                    number += 1;
                    let fill = Fill {
                        commission: Money::cents(i64::from(count)),
                        ..fill(number, shares(count), cents(at))
                    };
                    world.report(order, ReportKind::Filled(fill));
                }
                world.bar(A, "50");
            }
            let portfolio = world.core.portfolio();
            let totals = *portfolio.totals();
            let account = *portfolio.account();
            (account.cash, account.equity, totals.realised, totals.turnover, totals.commission)
        };
        prop_assert_eq!(run(&parts), run(&[total]));
    }
}
