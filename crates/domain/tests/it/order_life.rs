//! The life of an order, case by case, and every order of arrival of its reports.

use trader_domain::{
    Applied, BrokerOrderId, CancelCause, CancelStep, ExecutionId, Fill, IgnoredReport,
    InstrumentId, Leg, Money, OrderId, OrderKind, OrderLife, OrderStateError, OrderStatus, Price,
    Quantity, RejectReason, ReplaceRequest, ReportKind, Side, TimeInForce,
};

fn shares(n: i32) -> Quantity {
    Quantity::whole(n)
}

fn fill_of_leg(leg: u8, number: u64, quantity: i32, price: i32) -> ReportKind {
    ReportKind::Filled(Fill {
        execution: ExecutionId::simulated(number),
        leg,
        quantity: shares(quantity),
        price: Price::whole(price),
        commission: Money::ZERO,
        fees: Money::ZERO,
        slippage: Money::ZERO,
    })
}

fn fill(number: u64, quantity: i32, price: i32) -> ReportKind {
    fill_of_leg(0, number, quantity, price)
}

fn accepted() -> ReportKind {
    ReportKind::Accepted {
        broker_order: BrokerOrderId::simulated(1),
    }
}

fn canceled() -> ReportKind {
    ReportKind::Canceled(CancelCause::Requested)
}

fn replace_to(quantity: i32, limit: i32) -> ReplaceRequest {
    ReplaceRequest {
        order: OrderId(1),
        quantity: shares(quantity),
        kind: OrderKind::Limit {
            price: Price::whole(limit),
        },
        time_in_force: TimeInForce::Day,
    }
}

fn sent(quantity: i32) -> OrderLife {
    let mut life = OrderLife::new(shares(quantity)).unwrap();
    life.sent().unwrap();
    life
}

fn working(quantity: i32) -> OrderLife {
    let mut life = sent(quantity);
    assert_eq!(life.apply(&accepted()).unwrap(), Applied::Accepted);
    life
}

#[test]
fn the_plain_life_of_an_order_that_trades_in_two_parts() {
    let mut life = OrderLife::new(shares(100)).unwrap();
    assert_eq!(life.status(), OrderStatus::Created);
    assert!(!life.is_working());
    life.sent().unwrap();
    assert_eq!(life.status(), OrderStatus::PendingNew);
    assert!(life.is_working());
    assert_eq!(life.apply(&accepted()).unwrap(), Applied::Accepted);
    assert_eq!(life.status(), OrderStatus::Accepted);
    assert_eq!(life.apply(&fill(1, 40, 10)).unwrap(), Applied::PartFilled);
    assert_eq!(life.status(), OrderStatus::PartiallyFilled);
    assert_eq!(life.leaves(), shares(60));
    assert_eq!(life.apply(&fill(2, 60, 11)).unwrap(), Applied::Filled);
    assert_eq!(life.status(), OrderStatus::Filled);
    assert!(life.is_terminal());
    assert_eq!(life.leaves(), Quantity::ZERO);
    assert_eq!(life.filled_value(), Money::whole(40 * 10 + 60 * 11));
    assert_eq!(
        life.average_price().unwrap(),
        Some("10.6".parse::<Price>().unwrap())
    );
}

#[test]
fn a_fill_before_the_acceptance_counts() {
    let mut life = sent(100);
    assert_eq!(life.apply(&fill(1, 100, 10)).unwrap(), Applied::Filled);
    let late = Applied::Ignored {
        why: IgnoredReport::AlreadyDone,
    };
    assert_eq!(life.apply(&accepted()).unwrap(), late);
    assert_eq!(life.status(), OrderStatus::Filled);
}

#[test]
fn fills_after_every_kind_of_end_count_and_the_end_stays() {
    let ends = [
        (canceled(), OrderStatus::Canceled),
        (ReportKind::Expired, OrderStatus::Expired),
        (
            ReportKind::Rejected(RejectReason::Halted),
            OrderStatus::Rejected,
        ),
    ];
    for (end, status) in ends {
        let mut life = working(100);
        assert_eq!(life.apply(&end).unwrap(), Applied::Done);
        assert_eq!(life.apply(&fill(1, 30, 10)).unwrap(), Applied::LateFill);
        assert_eq!((life.status(), life.filled()), (status, shares(30)));
        assert_eq!(life.leaves(), Quantity::ZERO);
        for other in [
            canceled(),
            ReportKind::Expired,
            accepted(),
            ReportKind::Suspended,
        ] {
            let before = life;
            assert!(matches!(
                life.apply(&other).unwrap(),
                Applied::Ignored { .. }
            ));
            assert_eq!(life, before, "terminal states absorb {other:?}");
        }
    }
}

#[test]
fn a_fill_beyond_the_ordered_quantity_counts_and_is_named() {
    let mut life = working(100);
    assert_eq!(life.apply(&fill(1, 90, 10)).unwrap(), Applied::PartFilled);
    let over = life.apply(&fill(2, 25, 10)).unwrap();
    assert_eq!(over, Applied::OverFill { excess: shares(15) });
    assert_eq!(life.filled(), shares(115));
    assert_eq!(life.leaves(), Quantity::ZERO);
}

#[test]
fn a_refused_cancellation_returns_to_the_state_before() {
    let mut part = working(100);
    let _ = part.apply(&fill(1, 10, 10)).unwrap();
    for before in [sent(100), working(100), part] {
        let mut life = before;
        assert_eq!(life.cancel_requested().unwrap(), CancelStep::AwaitBroker);
        assert_eq!(life.status(), OrderStatus::PendingCancel);
        assert_eq!(life.cancel_requested().unwrap(), CancelStep::AlreadyPending);
        let refused = ReportKind::CancelRejected(RejectReason::TooLate);
        assert_eq!(life.apply(&refused).unwrap(), Applied::CancelRefused);
        assert_eq!(life, before);
        let twice = Applied::Ignored {
            why: IgnoredReport::NothingPending,
        };
        assert_eq!(life.apply(&refused).unwrap(), twice);
    }
}

#[test]
fn an_order_that_was_never_sent_is_cancelled_without_a_broker() {
    let mut life = OrderLife::new(shares(5)).unwrap();
    assert_eq!(life.cancel_requested().unwrap(), CancelStep::DoneLocally);
    assert_eq!(life.status(), OrderStatus::Canceled);
    assert!(matches!(
        life.sent(),
        Err(OrderStateError::AlreadyDone(OrderStatus::Canceled))
    ));
}

#[test]
fn a_replacement_keeps_what_has_traded() {
    let mut life = working(100);
    let _ = life.apply(&fill(1, 40, 10)).unwrap();
    life.replace_requested(replace_to(70, 9)).unwrap();
    assert_eq!(life.status(), OrderStatus::PendingReplace);
    assert_eq!(life.ordered(), shares(100), "old terms until confirmed");
    let confirmation = ReportKind::Replaced(replace_to(70, 9));
    assert_eq!(life.apply(&confirmation).unwrap(), Applied::Replaced);
    assert_eq!(life.leaves(), shares(30));
    assert!(matches!(
        life.apply(&confirmation).unwrap(),
        Applied::Ignored {
            why: IgnoredReport::Duplicate
        }
    ));
    assert_eq!(life.apply(&fill(2, 30, 9)).unwrap(), Applied::Filled);
}

#[test]
fn a_replacement_without_fills_reads_as_replaced_and_a_refused_one_changes_nothing() {
    let mut life = working(100);
    life.replace_requested(replace_to(50, 9)).unwrap();
    let _ = life
        .apply(&ReportKind::Replaced(replace_to(50, 9)))
        .unwrap();
    assert_eq!(life.status(), OrderStatus::Replaced);
    assert!(life.is_working());
    let before = life;
    life.replace_requested(replace_to(60, 9)).unwrap();
    let refused = ReportKind::ReplaceRejected(RejectReason::TooLate);
    assert_eq!(life.apply(&refused).unwrap(), Applied::ReplaceRefused);
    assert_eq!(life, before);
}

#[test]
fn illegal_changes_are_typed_errors_and_change_nothing() {
    let mut life = working(100);
    let _ = life.apply(&fill(1, 40, 10)).unwrap();
    let before = life;
    assert_eq!(
        life.replace_requested(replace_to(39, 9)),
        Err(OrderStateError::ReplaceBelowFilled {
            asked: shares(39),
            filled: shares(40)
        })
    );
    assert_eq!(
        life.replace_requested(replace_to(0, 9)),
        Err(OrderStateError::QuantityNotPositive(Quantity::ZERO))
    );
    assert_eq!(
        life.apply(&ReportKind::Replaced(replace_to(500, 9))),
        Err(OrderStateError::UnexpectedReplace {
            reported: shares(500)
        })
    );
    assert_eq!(
        life.apply(&fill(2, 0, 10)),
        Err(OrderStateError::FillNotPositive(Quantity::ZERO))
    );
    assert_eq!(
        life.apply(&fill_of_leg(1, 2, 1, 10)),
        Err(OrderStateError::UnknownLeg(1))
    );
    assert_eq!(
        life.sent(),
        Err(OrderStateError::AlreadySent(OrderStatus::PartiallyFilled))
    );
    assert_eq!(
        life.bust(0, shares(41), Price::whole(10)),
        Err(OrderStateError::BustAboveFilled {
            busted: shares(41),
            filled: shares(40)
        })
    );
    let bust = ReportKind::Busted {
        execution: ExecutionId::simulated(1),
    };
    assert_eq!(
        life.apply(&bust),
        Err(OrderStateError::BustNeedsExecution(ExecutionId::simulated(
            1
        )))
    );
    assert_eq!(life, before);
    let mut unsent = OrderLife::new(shares(1)).unwrap();
    assert_eq!(unsent.apply(&accepted()), Err(OrderStateError::NotSent));
    assert_eq!(
        OrderLife::new(Quantity::ZERO),
        Err(OrderStateError::QuantityNotPositive(Quantity::ZERO))
    );
}

#[test]
fn a_cancellation_may_overtake_a_replacement_but_not_the_reverse() {
    let mut life = working(100);
    life.replace_requested(replace_to(150, 9)).unwrap();
    assert_eq!(life.cancel_requested().unwrap(), CancelStep::AwaitBroker);
    assert_eq!(life.status(), OrderStatus::PendingCancel);
    let _ = life
        .apply(&ReportKind::Replaced(replace_to(150, 9)))
        .unwrap();
    assert_eq!(life.status(), OrderStatus::PendingCancel);
    assert_eq!(life.ordered(), shares(150));
    assert_eq!(
        life.replace_requested(replace_to(200, 9)),
        Err(OrderStateError::ChangePending(OrderStatus::PendingCancel))
    );
}

#[test]
fn the_last_fill_does_not_end_an_order_while_a_larger_quantity_is_on_its_way() {
    let mut life = working(100);
    life.replace_requested(replace_to(150, 10)).unwrap();
    assert_eq!(life.apply(&fill(1, 100, 10)).unwrap(), Applied::PartFilled);
    assert_eq!(life.status(), OrderStatus::PendingReplace);
    let mut refused = life;
    let _ = refused
        .apply(&ReportKind::ReplaceRejected(RejectReason::TooLate))
        .unwrap();
    assert_eq!(refused.status(), OrderStatus::Filled);
    let _ = life
        .apply(&ReportKind::Replaced(replace_to(150, 10)))
        .unwrap();
    assert_eq!(life.status(), OrderStatus::PartiallyFilled);
    assert_eq!(life.leaves(), shares(50));
}

#[test]
fn a_bust_revives_a_filled_order_but_not_one_that_ended() {
    let mut life = working(100);
    let _ = life.apply(&fill(1, 100, 10)).unwrap();
    let mut ended = life;
    let _ = ended.apply(&canceled()).unwrap();
    assert_eq!(ended.status(), OrderStatus::Filled);
    for (order, status) in [
        (&mut life, OrderStatus::Accepted),
        (&mut ended, OrderStatus::Canceled),
    ] {
        let busted = order.bust(0, shares(100), Price::whole(10)).unwrap();
        assert_eq!(busted, Applied::Busted);
        assert_eq!(order.status(), status);
        assert_eq!(order.filled_value(), Money::ZERO);
    }
}

#[test]
fn a_suspension_ends_with_the_next_acceptance() {
    let mut life = working(100);
    assert_eq!(
        life.apply(&ReportKind::Suspended).unwrap(),
        Applied::Suspended
    );
    assert_eq!(life.status(), OrderStatus::Suspended);
    assert!(life.is_working());
    assert_eq!(life.apply(&accepted()).unwrap(), Applied::Accepted);
    assert_eq!(life.status(), OrderStatus::Accepted);
}

#[test]
fn a_spread_is_filled_when_its_last_leg_is() {
    let leg = |side, ratio| Leg {
        instrument: InstrumentId(1),
        side,
        ratio,
    };
    let legs = [leg(Side::Buy, 1), leg(Side::Sell, 2)];
    let mut life = OrderLife::with_legs(shares(10), &legs).unwrap();
    life.sent().unwrap();
    assert_eq!(
        life.apply(&fill_of_leg(0, 1, 10, 5)).unwrap(),
        Applied::PartFilled
    );
    assert_eq!(life.filled(), Quantity::ZERO);
    assert_eq!(life.status(), OrderStatus::PartiallyFilled);
    assert!(matches!(
        life.replace_requested(replace_to(9, 1)),
        Err(OrderStateError::ReplaceBelowFilled { .. })
    ));
    let _ = life.apply(&fill_of_leg(1, 2, 8, 2)).unwrap();
    assert_eq!(life.filled(), shares(4));
    assert_eq!(
        life.apply(&fill_of_leg(1, 3, 12, 2)).unwrap(),
        Applied::Filled
    );
    assert_eq!(life.filled_value(), Money::whole(10 * 5 - 20 * 2));
    assert_eq!(life.average_price().unwrap(), Some(Price::whole(1)));
    assert_eq!(
        OrderLife::with_legs(shares(1), &[leg(Side::Buy, 0)]),
        Err(OrderStateError::BadLegs)
    );
    assert_eq!(
        OrderLife::with_legs(shares(1), &[leg(Side::Buy, 1); 5]),
        Err(OrderStateError::BadLegs)
    );
}

/// All orders of `items`, by Heap's algorithm.
fn permutations<T: Copy>(items: &mut Vec<T>, k: usize, visit: &mut impl FnMut(&[T])) {
    if k <= 1 {
        return visit(items);
    }
    for i in 0..k {
        permutations(items, k - 1, visit);
        let swap = if k.is_multiple_of(2) { i } else { 0 };
        items.swap(swap, k - 1);
    }
}

/// Every order of 1 to 6 fills, with the acceptance and the cancellation at every place: the
/// facts decide, not their order.
#[test]
fn every_order_of_up_to_six_fills_an_acceptance_and_a_cancellation_ends_the_same() {
    let quantities = [10, 20, 5, 40, 15, 10];
    for count in 1..=quantities.len() {
        for ordered in [100, 60, 200] {
            let mut reports: Vec<ReportKind> = quantities
                .iter()
                .take(count)
                .zip(1_u64..)
                .map(|(&quantity, number)| fill(number, quantity, 7 + quantity))
                .collect();
            reports.push(accepted());
            reports.push(canceled());
            let mut expected = None;
            let length = reports.len();
            permutations(&mut reports, length, &mut |order| {
                let mut life = sent(ordered);
                for report in order {
                    let _ = life.apply(report).unwrap();
                }
                let found = (
                    life.status(),
                    life.filled(),
                    life.filled_value(),
                    life.leaves(),
                );
                assert_eq!(*expected.get_or_insert(found), found, "{order:?}");
            });
        }
    }
}

#[test]
fn the_last_fill_ends_an_order_whose_pending_replacement_adds_nothing() {
    for quantity in [100, 80] {
        let mut life = working(100);
        life.replace_requested(replace_to(quantity, 9)).unwrap();
        assert_eq!(life.apply(&fill(1, 100, 10)).unwrap(), Applied::Filled);
        assert_eq!(life.status(), OrderStatus::Filled);
    }
}

#[test]
fn requests_end_with_the_order() {
    let mut life = working(100);
    assert_eq!(life.cancel_requested().unwrap(), CancelStep::AwaitBroker);
    assert_eq!(life.apply(&canceled()).unwrap(), Applied::Done);
    let too_late = ReportKind::CancelRejected(RejectReason::TooLate);
    let ignored = Applied::Ignored {
        why: IgnoredReport::NothingPending,
    };
    assert_eq!(life.apply(&too_late).unwrap(), ignored);
    let mut life = working(100);
    life.replace_requested(replace_to(50, 9)).unwrap();
    assert_eq!(life.apply(&ReportKind::Expired).unwrap(), Applied::Done);
    assert_eq!(life.pending_replace(), None);
}

#[test]
fn a_confirmed_replacement_is_proof_that_the_broker_works_the_order() {
    let mut life = sent(100);
    life.replace_requested(replace_to(50, 9)).unwrap();
    let confirmed = ReportKind::Replaced(replace_to(50, 9));
    assert_eq!(life.apply(&confirmed).unwrap(), Applied::Replaced);
    assert_eq!(life.status(), OrderStatus::Replaced);
    assert!(matches!(
        life.apply(&accepted()).unwrap(),
        Applied::Ignored {
            why: IgnoredReport::Duplicate
        }
    ));
}
