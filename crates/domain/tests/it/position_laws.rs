//! What holds for positions after any sequence of fills.

use std::collections::VecDeque;

use proptest::prelude::*;
use trader_domain::{
    BustedFill, LotMethod, LotSelection, Money, Position, PositionFill, Price, Quantity, Side,
    Timestamp,
};

use crate::position::Book;

#[derive(Debug, Clone, Copy)]
struct Deal {
    side: Side,
    /// 10⁻⁹ shares.
    quantity: i64,
    /// 10⁻⁹ dollars.
    price: i64,
    /// Costs a 10⁻⁹ share in 10⁻¹⁸ dollars, so that any part of a fill has exact costs.
    cost_rate: i64,
}

impl Deal {
    fn quantity(&self) -> Quantity {
        Quantity::from_units(self.quantity).unwrap()
    }

    fn price(&self) -> Price {
        Price::from_units(self.price).unwrap()
    }

    fn costs_of(&self, quantity: Quantity) -> Money {
        Money::from_units(i128::from(self.cost_rate) * i128::from(quantity.units())).unwrap()
    }

    fn fill(&self, time: i64, quantity: Quantity) -> PositionFill {
        PositionFill {
            time: Timestamp::from_nanos(time),
            side: self.side,
            quantity,
            price: self.price(),
            costs: self.costs_of(quantity),
        }
    }
}

fn quantity() -> impl Strategy<Value = i64> {
    prop_oneof![
        (1_i64..500).prop_map(|shares| shares * 1_000_000_000),
        1_i64..3_000_000_000_000,
        1_i64..10,
    ]
}

fn deal() -> impl Strategy<Value = Deal> {
    (
        any::<bool>(),
        quantity(),
        1_i64..900_000_000_000,
        -1_000_000_i64..5_000_000,
    )
        .prop_map(|(buys, quantity, price, cost_rate)| Deal {
            side: if buys { Side::Buy } else { Side::Sell },
            quantity,
            price,
            cost_rate,
        })
}

fn deals() -> impl Strategy<Value = Vec<Deal>> {
    proptest::collection::vec(deal(), 1..40)
}

fn add(a: Money, b: Money) -> Money {
    a.checked_add(b).unwrap()
}

fn method(lifo: bool) -> LotSelection<'static> {
    LotSelection::Method(if lifo {
        LotMethod::Lifo
    } else {
        LotMethod::Fifo
    })
}

fn check_sums(book: &Book) {
    let position = &book.position;
    let sum = |of: fn(&trader_domain::Lot) -> Money| Money::total(position.lots().map(of)).unwrap();
    assert_eq!(sum(|lot| lot.value().unwrap()), position.open_value());
    assert_eq!(sum(|lot| lot.costs().unwrap()), position.open_costs());
    let held: i64 = position.lots().map(|lot| lot.quantity().units()).sum();
    assert_eq!(held, position.quantity().abs().units());
    assert!(position.lots().all(|lot| lot.quantity().is_positive()));
    let profit = Money::total(book.closed.iter().map(|lot| lot.profit)).unwrap();
    assert_eq!(profit, position.realised());
    for price in ["0", "17.23", "431.000000001"] {
        let price: Price = price.parse().unwrap();
        assert_eq!(
            add(position.realised(), position.unrealised(price).unwrap()),
            add(book.cash, position.market_value(price).unwrap()),
            "profit is the change of equity"
        );
    }
    if position.is_flat() {
        assert_eq!(book.cash, position.realised());
        assert_eq!(position.open_value(), Money::ZERO);
        assert_eq!(position.open_costs(), Money::ZERO);
    }
}

fn run(deals: &[Deal], multiplier: u32, lifo: bool) -> Book {
    let mut book = Book::new(multiplier);
    for (time, deal) in (0_i64..).zip(deals) {
        let _ = book.apply(&deal.fill(time, deal.quantity()), method(lifo));
    }
    book
}

/// Profit by the definition of FIFO: one entry a unit of 10⁻⁹ would be too many, so entries of
/// equal price, matched one by one from the front.
fn profit_by_definition(deals: &[Deal]) -> (Money, i128) {
    let mut queue: VecDeque<(Side, i64, i64)> = VecDeque::new();
    let mut profit = 0_i128;
    for deal in deals {
        let mut left = deal.quantity;
        while left > 0 && queue.front().is_some_and(|open| open.0 != deal.side) {
            let open = queue.front_mut().unwrap();
            let part = left.min(open.1);
            let gain = i128::from(deal.price - open.2) * i128::from(part);
            profit += if open.0 == Side::Buy { gain } else { -gain };
            open.1 -= part;
            left -= part;
            if open.1 == 0 {
                queue.pop_front();
            }
        }
        if left > 0 {
            queue.push_back((deal.side, left, deal.price));
        }
    }
    let open = queue
        .iter()
        .map(|(_, quantity, price)| i128::from(*quantity) * i128::from(*price))
        .sum();
    (Money::from_units(profit).unwrap(), open)
}

proptest! {
    #[test]
    fn cash_positions_at_cost_and_costs_are_conserved(
        deals in deals(),
        multiplier in prop_oneof![Just(1_u32), Just(100)],
        lifo in any::<bool>(),
    ) {
        let mut book = Book::new(multiplier);
        for (time, deal) in (0_i64..).zip(&deals) {
            let before = book.closed.len();
            let effect = book.apply(&deal.fill(time, deal.quantity()), method(lifo));
            prop_assert_eq!(
                effect.opened.checked_add(effect.closed).unwrap(),
                deal.quantity()
            );
            let produced = Money::total(book.closed[before..].iter().map(|lot| lot.profit));
            prop_assert_eq!(produced.unwrap(), effect.realised);
            check_sums(&book);
        }
    }

    #[test]
    fn fifo_profit_is_what_its_definition_says(deals in deals()) {
        let free: Vec<Deal> = deals.iter().map(|deal| Deal { cost_rate: 0, ..*deal }).collect();
        let book = run(&free, 1, false);
        let (profit, open) = profit_by_definition(&free);
        prop_assert_eq!(book.position.realised(), profit);
        prop_assert_eq!(book.position.open_value().units(), open);
    }

    #[test]
    fn a_fill_in_any_number_of_parts_gives_the_same_position_cost_and_profit(
        deals in deals(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
        lifo in any::<bool>(),
    ) {
        // LIFO takes the youngest lot: parts of one purchase stay together, so it holds there too.
        let whole = run(&deals, 1, lifo);
        let mut parts = Book::new(1);
        for (time, deal) in (0_i64..).zip(&deals) {
            let mut left = deal.quantity();
            for cut in &cuts {
                let units = cut.index(usize::try_from(left.units()).unwrap());
                let part = Quantity::from_units(i64::try_from(units).unwrap()).unwrap();
                if part.is_positive() {
                    let _ = parts.apply(&deal.fill(time, part), method(lifo));
                    left = left.checked_sub(part).unwrap();
                }
            }
            let _ = parts.apply(&deal.fill(time, left), method(lifo));
        }
        check_sums(&parts);
        let figures = |position: &Position| (
            position.quantity(),
            position.open_value(),
            position.open_costs(),
            position.realised(),
            position.realised_costs(),
            position.average_cost(),
        );
        prop_assert_eq!(figures(&parts.position), figures(&whole.position));
    }

    #[test]
    fn the_order_of_purchases_does_not_change_quantity_or_cost(
        deals in deals().prop_shuffle(),
    ) {
        let buys = |deal: &Deal| Deal { side: Side::Buy, ..*deal };
        let mut sorted = deals.clone();
        sorted.sort_by_key(|deal| (deal.price, deal.quantity, deal.cost_rate));
        let one = run(&deals.iter().map(buys).collect::<Vec<_>>(), 1, false);
        let other = run(&sorted.iter().map(buys).collect::<Vec<_>>(), 1, false);
        prop_assert_eq!(one.position.open_value(), other.position.open_value());
        prop_assert_eq!(one.position.open_costs(), other.position.open_costs());
        prop_assert_eq!(one.position.quantity(), other.position.quantity());
        prop_assert_eq!(one.cash, other.cash);
    }

    #[test]
    fn the_lot_method_moves_profit_in_time_but_not_in_total(deals in deals()) {
        let (fifo, lifo) = (run(&deals, 1, false), run(&deals, 1, true));
        prop_assert_eq!(fifo.position.quantity(), lifo.position.quantity());
        prop_assert_eq!(fifo.cash, lifo.cash);
        let price = Price::whole(50);
        let total = |book: &Book| {
            add(book.position.realised(), book.position.unrealised(price).unwrap())
        };
        prop_assert_eq!(total(&fifo), total(&lifo));
    }

    /// Whatever was built on it since, a busted fill leaves no trace in quantity, cash and total.
    #[test]
    fn a_busted_fill_leaves_no_trace_in_quantity_cash_and_total_profit(
        deals in deals(),
        which in any::<prop::sample::Index>(),
        keeps_lots in any::<bool>(),
    ) {
        let which = which.index(deals.len());
        let mut without = deals.clone();
        without.remove(which);
        let expected = run(&without, 1, false);
        let mut book = Book::new(1);
        let mut busted = None;
        for (index, deal) in deals.iter().enumerate() {
            let time = i64::try_from(index).unwrap();
            let before = book.closed.len();
            let fill = deal.fill(time, deal.quantity());
            let effect = book.apply(&fill, LotSelection::FIFO);
            if index == which {
                let produced = book.closed[before..].to_vec();
                let lot = effect.lot;
                busted = Some((BustedFill { fill, lot, time: Timestamp::from_nanos(99) }, produced));
            }
        }
        let (busted, mut produced) = busted.unwrap();
        if !keeps_lots {
            produced.clear();
        }
        let undone = book.position.bust(&busted, &produced, &mut book.closed).unwrap();
        book.cash = add(book.cash, undone.cash);
        prop_assert_eq!(book.cash, expected.cash);
        prop_assert_eq!(book.position.quantity(), expected.position.quantity());
        let price = Price::whole(50);
        let total = |position: &Position| {
            add(position.realised(), position.unrealised(price).unwrap())
        };
        prop_assert_eq!(total(&book.position), total(&expected.position));
        // Lots that were brought back took their profit back: the log of closed lots is theirs
        // no more, so only the sums over open lots are checked here.
        let value = Money::total(book.position.lots().map(|lot| lot.value().unwrap())).unwrap();
        prop_assert_eq!(value, book.position.open_value());
    }
}

#[test]
fn a_hundred_thousand_fills_leave_no_more_than_the_open_lots() {
    let mut book = Book::new(1);
    for round in 0..100_000_i32 {
        let side = if round % 2 == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        book.fill(
            side,
            Quantity::whole(10),
            Price::whole(50 + round % 7),
            Money::ZERO,
        );
        book.closed.clear();
    }
    assert_eq!(book.position.lots().len(), 0);
    assert_eq!(book.cash, book.position.realised());
}
