//! The execution register against a plain list, and its limits.

use std::collections::VecDeque;

use proptest::prelude::*;
use trader_domain::{
    Execution, ExecutionBust, ExecutionId, ExecutionRegister, Fill, InstrumentId, Money, OrderId,
    Price, Quantity, Registration, Side, Timestamp,
};

pub(crate) fn execution(order: u64, number: u64, quantity: i32, price: i32) -> Execution {
    Execution {
        order: OrderId(order),
        instrument: InstrumentId(0),
        side: Side::Buy,
        time: Timestamp::EPOCH,
        fill: Fill {
            execution: ExecutionId::simulated(number),
            leg: 0,
            quantity: Quantity::whole(quantity),
            price: Price::whole(price),
            commission: Money::ZERO,
            fees: Money::ZERO,
            slippage: Money::ZERO,
        },
    }
}

#[test]
fn the_same_id_under_another_order_is_another_execution() {
    let mut register = ExecutionRegister::with_capacity(8).unwrap();
    assert_eq!(register.insert(execution(1, 7, 10, 5)), Registration::New);
    assert_eq!(
        register.insert(execution(1, 7, 10, 5)),
        Registration::Duplicate
    );
    assert_eq!(register.insert(execution(2, 7, 10, 5)), Registration::New);
}

#[test]
fn a_bust_gives_back_what_was_applied_once_and_may_come_first() {
    let mut register = ExecutionRegister::with_capacity(8).unwrap();
    let applied = execution(1, 7, 10, 5);
    let _ = register.insert(applied);
    let id = applied.fill.execution;
    assert_eq!(
        register.bust(OrderId(1), id),
        ExecutionBust::Reverse(applied)
    );
    assert_eq!(register.bust(OrderId(1), id), ExecutionBust::Duplicate);
    assert_eq!(register.insert(applied), Registration::AlreadyBusted);
    assert_eq!(register.get(OrderId(1), id), None);
    let later = execution(1, 8, 10, 5);
    assert_eq!(
        register.bust(OrderId(1), later.fill.execution),
        ExecutionBust::Unknown
    );
    assert_eq!(register.insert(later), Registration::AlreadyBusted);
}

#[test]
fn no_capacity_is_an_error() {
    assert!(ExecutionRegister::with_capacity(0).is_err());
    assert!(ExecutionRegister::with_capacity(usize::MAX).is_err());
}

/// What the register promises, in the plainest form: a list of the last `capacity` keys.
struct Model {
    capacity: usize,
    known: VecDeque<(u64, u64, bool)>,
}

impl Model {
    fn find(&mut self, order: u64, number: u64) -> Option<&mut (u64, u64, bool)> {
        self.known
            .iter_mut()
            .find(|known| (known.0, known.1) == (order, number))
    }

    fn push(&mut self, order: u64, number: u64, busted: bool) {
        if self.known.len() == self.capacity {
            self.known.pop_front();
        }
        self.known.push_back((order, number, busted));
    }
}

fn register_agrees_with_list(capacity: usize, calls: &[(bool, u64, u64)]) {
    let mut register = ExecutionRegister::with_capacity(capacity).unwrap();
    let mut model = Model {
        capacity,
        known: VecDeque::new(),
    };
    for &(bust, order, number) in calls {
        let seen = model.find(order, number).copied();
        if bust {
            let found = register.bust(OrderId(order), ExecutionId::simulated(number));
            match seen {
                None => {
                    assert_eq!(found, ExecutionBust::Unknown);
                    model.push(order, number, true);
                }
                Some((_, _, true)) => assert_eq!(found, ExecutionBust::Duplicate),
                Some((_, _, false)) => {
                    assert!(matches!(found, ExecutionBust::Reverse(_)));
                    model.find(order, number).unwrap().2 = true;
                }
            }
        } else {
            let found = register.insert(execution(order, number, 1, 1));
            let expected = match seen {
                None => {
                    model.push(order, number, false);
                    Registration::New
                }
                Some((_, _, true)) => Registration::AlreadyBusted,
                Some((_, _, false)) => Registration::Duplicate,
            };
            assert_eq!(found, expected);
        }
        assert_eq!(register.len(), model.known.len());
    }
    let listed: Vec<_> = register
        .iter()
        .map(|execution| (execution.order, execution.fill.execution))
        .collect();
    let expected: Vec<_> = model
        .known
        .iter()
        .filter(|known| !known.2)
        .map(|known| (OrderId(known.0), ExecutionId::simulated(known.1)))
        .collect();
    assert_eq!(listed, expected, "oldest first");
}

proptest! {
    #[test]
    fn the_register_is_a_list_of_the_last_executions(
        capacity in 1_usize..40,
        calls in proptest::collection::vec((any::<bool>(), 0_u64..4, 0_u64..30), 0..400),
    ) {
        register_agrees_with_list(capacity, &calls);
    }
}

#[test]
fn a_hundred_thousand_executions_pass_through_a_small_register() {
    let mut register = ExecutionRegister::with_capacity(1_000).unwrap();
    for number in 0..100_000 {
        assert_eq!(
            register.insert(execution(number / 3, number, 1, 1)),
            Registration::New
        );
        assert_eq!(
            register.insert(execution(number / 3, number, 1, 1)),
            Registration::Duplicate
        );
    }
    assert_eq!(register.len(), 1_000);
}
