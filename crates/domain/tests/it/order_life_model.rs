//! An order's life against a ledger: random requests and reports, any of them late, twice or
//! out of order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trader_domain::{
    BrokerOrderId, CancelCause, ExecutionBust, ExecutionRegister, Money, OrderId, OrderKind,
    OrderLife, OrderStatus, Quantity, Registration, RejectReason, ReplaceRequest, ReportKind,
    TimeInForce,
};

use crate::executions::execution;

#[derive(Debug, Clone, Copy)]
enum Step {
    Fill(u64),
    Bust(u64),
    Report(u8),
    AskCancel,
    AskReplace(i32),
    ConfirmReplace,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u64..24).prop_map(Step::Fill),
        1 => (0_u64..24).prop_map(Step::Bust),
        2 => (0_u8..12).prop_map(Step::Report),
        1 => Just(Step::AskCancel),
        1 => (1_i32..300).prop_map(Step::AskReplace),
        1 => Just(Step::ConfirmReplace),
    ]
}

fn report(number: u8) -> ReportKind {
    match number {
        0 => ReportKind::Canceled(CancelCause::Requested),
        1 => ReportKind::Expired,
        2 => ReportKind::Rejected(RejectReason::Halted),
        3..5 => ReportKind::Suspended,
        5..7 => ReportKind::CancelRejected(RejectReason::TooLate),
        7..9 => ReportKind::ReplaceRejected(RejectReason::TooLate),
        _ => ReportKind::Accepted {
            broker_order: BrokerOrderId::simulated(1),
        },
    }
}

/// Quantity and price of the execution with this number: a pure function, as a broker repeats
/// the same execution with the same terms.
fn terms(number: u64) -> (i32, i32) {
    let n = i32::try_from(number).unwrap();
    (1 + n * 7 % 31, 5 + n % 4)
}

/// What must be true of an order: the sum of its live executions, and the first end.
struct Ledger {
    ordered: i32,
    /// Executions by number; `false` once busted.
    executions: BTreeMap<u64, bool>,
    ended: Option<OrderStatus>,
}

impl Ledger {
    fn filled(&self) -> i32 {
        self.live().map(|(quantity, _)| quantity).sum()
    }

    fn value(&self) -> i64 {
        self.live()
            .map(|(quantity, price)| i64::from(quantity) * i64::from(price))
            .sum()
    }

    fn live(&self) -> impl Iterator<Item = (i32, i32)> {
        self.executions
            .iter()
            .filter(|(_, live)| **live)
            .map(|(number, _)| terms(*number))
    }
}

fn check(life: &OrderLife, ledger: &Ledger) {
    assert_eq!(life.filled(), Quantity::whole(ledger.filled()));
    assert_eq!(life.filled_value(), Money::whole(ledger.value()));
    assert_eq!(life.ordered(), Quantity::whole(ledger.ordered));
    let whole = ledger.filled() >= ledger.ordered;
    let status = life.status();
    if let Some(end) = ledger.ended {
        assert_eq!(status, if whole { OrderStatus::Filled } else { end });
    } else if !whole {
        assert!(!status.is_terminal(), "{status:?}");
        assert_eq!(
            life.leaves(),
            Quantity::whole(ledger.ordered - ledger.filled())
        );
    }
    assert_eq!(life.is_terminal(), status.is_terminal());
    if life.is_terminal() {
        assert_eq!(life.leaves(), Quantity::ZERO);
    }
}

struct World {
    life: OrderLife,
    register: ExecutionRegister,
    ledger: Ledger,
}

impl World {
    fn new(ordered: i32) -> Self {
        let mut life = OrderLife::new(Quantity::whole(ordered)).unwrap();
        life.sent().unwrap();
        Self {
            life,
            register: ExecutionRegister::with_capacity(64).unwrap(),
            ledger: Ledger {
                ordered,
                executions: BTreeMap::new(),
                ended: None,
            },
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Fill(number) => self.fill(number),
            Step::Bust(number) => self.bust(number),
            Step::Report(number) => self.report(&report(number)),
            Step::AskCancel => {
                let done = self.life.is_terminal();
                assert_eq!(self.life.cancel_requested().is_err(), done);
            }
            Step::AskReplace(quantity) => self.ask_replace(quantity),
            Step::ConfirmReplace => {
                if let Some(asked) = self.life.pending_replace().copied() {
                    let _ = self.life.apply(&ReportKind::Replaced(asked)).unwrap();
                    let whole = asked.quantity.units() / Quantity::ONE.units();
                    self.ledger.ordered = whole.try_into().unwrap();
                }
            }
        }
    }

    fn fill(&mut self, number: u64) {
        let (quantity, price) = terms(number);
        let reported = execution(1, number, quantity, price);
        let known = self.ledger.executions.contains_key(&number);
        let registration = self.register.insert(reported);
        assert_eq!(registration == Registration::New, !known);
        if registration == Registration::New {
            let _ = self.life.apply(&ReportKind::Filled(reported.fill)).unwrap();
            self.ledger.executions.insert(number, true);
        }
    }

    fn bust(&mut self, number: u64) {
        let (quantity, price) = terms(number);
        let reported = execution(1, number, quantity, price);
        let was_live = self.ledger.executions.insert(number, false) == Some(true);
        let found = self.register.bust(OrderId(1), reported.fill.execution);
        assert_eq!(matches!(found, ExecutionBust::Reverse(_)), was_live);
        if let ExecutionBust::Reverse(applied) = found {
            let fill = applied.fill;
            let _ = self.life.bust(fill.leg, fill.quantity, fill.price).unwrap();
        }
    }

    fn report(&mut self, report: &ReportKind) {
        let _ = self.life.apply(report).unwrap();
        let end = match report {
            ReportKind::Canceled(_) => Some(OrderStatus::Canceled),
            ReportKind::Expired => Some(OrderStatus::Expired),
            ReportKind::Rejected(_) => Some(OrderStatus::Rejected),
            _ => None,
        };
        self.ledger.ended = self.ledger.ended.or(end);
    }

    fn ask_replace(&mut self, quantity: i32) {
        let before = self.life;
        let asked = self.life.replace_requested(ReplaceRequest {
            order: OrderId(1),
            quantity: Quantity::whole(quantity),
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Day,
        });
        if quantity < self.ledger.filled() || before.is_terminal() {
            assert!(asked.is_err());
        }
        if asked.is_err() {
            assert_eq!(self.life, before, "an error changes nothing");
        }
    }
}

fn run(ordered: i32, steps: &[Step]) {
    let mut world = World::new(ordered);
    for &step in steps {
        world.step(step);
        check(&world.life, &world.ledger);
        if world.ledger.ended.is_some() {
            assert!(world.life.is_terminal(), "an ended order never lives again");
        }
    }
}

fn run_cases(cases: u32, length: usize) {
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let input = (1_i32..250, proptest::collection::vec(step(), length));
    runner
        .run(&input, |(ordered, steps)| {
            run(ordered, &steps);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_order_agrees_with_the_ledger_of_its_executions() {
    run_cases(100, 60);
}

#[test]
fn torture_an_order_agrees_with_the_ledger_over_a_million_transitions() {
    run_cases(10_000, 100);
}

proptest! {
    /// Any arrival order, with any report repeated: the same end.
    #[test]
    fn shuffled_and_repeated_fills_end_the_same(
        ordered in 1_i32..200,
        arrivals in proptest::collection::vec(0_u64..10, 0..40),
        ended in any::<bool>(),
    ) {
        let mut unique = arrivals.clone();
        unique.sort_unstable();
        unique.dedup();
        let result = |numbers: &[u64]| {
            let mut life = OrderLife::new(Quantity::whole(ordered)).unwrap();
            life.sent().unwrap();
            if ended {
                let _ = life.apply(&ReportKind::Expired).unwrap();
            }
            let mut register = ExecutionRegister::with_capacity(64).unwrap();
            for &number in numbers {
                let (quantity, price) = terms(number);
                let reported = execution(1, number, quantity, price);
                if register.insert(reported) == Registration::New {
                    let _ = life.apply(&ReportKind::Filled(reported.fill)).unwrap();
                }
            }
            life
        };
        prop_assert_eq!(result(&arrivals), result(&unique));
    }
}
