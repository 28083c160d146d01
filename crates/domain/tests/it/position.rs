//! Positions by example: lots, methods, flips, busts, and what an error leaves behind.

use trader_domain::{
    BustedFill, ClosedLot, FillEffect, InstrumentId, LotId, LotSelection, Money, Position,
    PositionError, PositionFill, Price, Quantity, Side, Timestamp,
};

/// A position with its log of closed lots and the cash that went through it.
pub(crate) struct Book {
    pub(crate) position: Position,
    pub(crate) closed: Vec<ClosedLot>,
    pub(crate) cash: Money,
    clock: i64,
}

impl Book {
    pub(crate) fn new(multiplier: u32) -> Self {
        Self {
            position: Position::new(InstrumentId(3), multiplier).unwrap(),
            closed: Vec::new(),
            cash: Money::ZERO,
            clock: 0,
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        self.clock += 1;
        Timestamp::from_nanos(self.clock)
    }

    pub(crate) fn apply(&mut self, fill: &PositionFill, lots: LotSelection<'_>) -> FillEffect {
        let effect = self
            .position
            .apply_fill(fill, lots, &mut self.closed)
            .unwrap();
        self.cash = self.cash.checked_add(effect.cash).unwrap();
        effect
    }

    pub(crate) fn fill(&mut self, side: Side, quantity: Quantity, price: Price, costs: Money) {
        let time = self.now();
        let fill = PositionFill {
            time,
            side,
            quantity,
            price,
            costs,
        };
        let _ = self.apply(&fill, LotSelection::FIFO);
    }

    pub(crate) fn trade(&mut self, side: Side, quantity: i32, price: i32) -> FillEffect {
        let fill = PositionFill {
            time: self.now(),
            side,
            quantity: Quantity::whole(quantity),
            price: Price::whole(price),
            costs: Money::whole(1),
        };
        self.apply(&fill, LotSelection::FIFO)
    }
}

pub(crate) fn shares(n: i32) -> Quantity {
    Quantity::whole(n)
}

#[test]
fn the_oldest_lot_is_closed_first_and_carries_its_share_of_the_costs() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 10);
    let _ = book.trade(Side::Buy, 100, 12);
    let effect = book.trade(Side::Sell, 150, 15);
    assert_eq!(effect.closed, shares(150));
    assert_eq!(book.closed.len(), 2);
    let first = book.closed[0];
    assert_eq!(
        (first.cost, first.proceeds),
        (Money::whole(1_000), Money::whole(1_500))
    );
    assert_eq!(first.holding_nanos(), 2);
    assert_eq!(first.opening_costs, Money::whole(1));
    let second = book.closed[1];
    assert_eq!(second.quantity, shares(50));
    assert_eq!(second.cost, Money::whole(600));
    assert_eq!(second.opening_costs, Money::cents(50));
    // 500 + 150 gross, less 1.50 of opening and 1 of closing.
    assert_eq!(book.position.realised(), Money::cents(64_750));
    assert_eq!(book.position.realised_costs(), Money::cents(250));
    assert_eq!(book.position.open_value(), Money::whole(600));
    assert_eq!(book.position.open_costs(), Money::cents(50));
    assert_eq!(
        book.position.average_cost().unwrap(),
        Some(Price::whole(12))
    );
}

#[test]
fn the_youngest_or_named_lots_can_be_closed_instead() {
    let mut book = Book::new(1);
    for price in [10, 12, 11] {
        let _ = book.trade(Side::Buy, 100, price);
    }
    let mut sell = PositionFill {
        time: book.now(),
        side: Side::Sell,
        quantity: shares(100),
        price: Price::whole(15),
        costs: Money::ZERO,
    };
    let mut lifo = book.position.clone();
    let mut closed = Vec::new();
    let _ = lifo
        .apply_fill(&sell, LotSelection::LIFO, &mut closed)
        .unwrap();
    assert_eq!(closed[0].cost, Money::whole(1_100));
    sell.quantity = shares(150);
    let wanted = [LotId(2), LotId(1)];
    let _ = book.apply(&sell, LotSelection::Specific(&wanted));
    let costs: Vec<_> = book.closed.iter().map(|lot| (lot.lot, lot.cost)).collect();
    assert_eq!(
        costs,
        [
            (LotId(2), Money::whole(1_200)),
            (LotId(1), Money::whole(500))
        ]
    );
    let left: Vec<_> = book
        .position
        .lots()
        .map(|lot| (lot.id(), lot.quantity()))
        .collect();
    assert_eq!(left, [(LotId(1), shares(50)), (LotId(3), shares(100))]);
}

#[test]
fn wrong_lots_are_errors_that_change_nothing() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 10);
    let _ = book.trade(Side::Buy, 100, 12);
    let sell = PositionFill {
        time: book.now(),
        side: Side::Sell,
        quantity: shares(150),
        price: Price::whole(15),
        costs: Money::ZERO,
    };
    let before = book.position.clone();
    let cases: [(&[LotId], PositionError); 4] = [
        (&[LotId(9)], PositionError::UnknownLot(LotId(9))),
        (&[LotId(1), LotId(1)], PositionError::DuplicateLot(LotId(1))),
        (
            &[LotId(1)],
            PositionError::LotsTooSmall {
                missing: shares(50),
            },
        ),
        (
            &[],
            PositionError::LotsTooSmall {
                missing: shares(150),
            },
        ),
    ];
    for (lots, expected) in cases {
        let mut closed = Vec::new();
        let found = book
            .position
            .apply_fill(&sell, LotSelection::Specific(lots), &mut closed);
        assert_eq!(found, Err(expected));
        assert_eq!(book.position, before);
        assert!(closed.is_empty());
    }
    let nothing = PositionFill {
        quantity: Quantity::ZERO,
        ..sell
    };
    assert_eq!(
        book.position
            .apply_fill(&nothing, LotSelection::FIFO, &mut Vec::new()),
        Err(PositionError::QuantityNotPositive(Quantity::ZERO))
    );
    assert_eq!(
        Position::new(InstrumentId(0), 0),
        Err(PositionError::ZeroMultiplier)
    );
}

#[test]
fn an_overflow_changes_nothing() {
    let mut book = Book::new(1);
    let huge = PositionFill {
        time: book.now(),
        side: Side::Buy,
        quantity: Quantity::MAX,
        price: Price::MAX,
        costs: Money::ZERO,
    };
    let _ = book.apply(&huge, LotSelection::FIFO);
    let before = book.position.clone();
    let again = book
        .position
        .apply_fill(&huge, LotSelection::FIFO, &mut Vec::new());
    assert!(matches!(again, Err(PositionError::Money(_))));
    assert_eq!(book.position, before);
}

#[test]
fn a_sale_beyond_the_position_flips_it_and_divides_its_costs() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 10);
    let effect = book.trade(Side::Sell, 250, 14);
    assert_eq!((effect.closed, effect.opened), (shares(100), shares(150)));
    assert_eq!(book.position.quantity(), shares(-150));
    assert_eq!(book.position.side(), Some(Side::Sell));
    assert_eq!(book.closed[0].closing_costs, Money::cents(40));
    assert_eq!(book.position.open_costs(), Money::cents(60));
    assert_eq!(book.position.open_value(), Money::whole(150 * 14));
    // Short at 14, now 12: 300 less 0.60 paid to open.
    assert_eq!(
        book.position.unrealised(Price::whole(12)).unwrap(),
        Money::cents(29_940)
    );
    let _ = book.trade(Side::Buy, 150, 12);
    assert!(book.position.is_flat());
    assert_eq!(book.position.realised(), book.cash);
    assert_eq!(book.closed[1].opened_by, Side::Sell);
    assert_eq!(book.closed[1].proceeds, Money::whole(150 * 14));
}

#[test]
fn an_option_contract_counts_a_hundred_times_its_price() {
    let mut book = Book::new(100);
    let _ = book.trade(Side::Buy, 2, 3);
    assert_eq!(book.position.open_value(), Money::whole(600));
    assert_eq!(book.position.average_cost().unwrap(), Some(Price::whole(3)));
    assert_eq!(
        book.position.market_value(Price::whole(4)).unwrap(),
        Money::whole(800)
    );
    assert_eq!(book.cash, Money::whole(-601));
}

fn bust(book: &mut Book, fill: PositionFill, effect: &FillEffect, produced: &[ClosedLot]) {
    let busted = BustedFill {
        fill,
        lot: effect.lot,
        time: book.now(),
    };
    let undone = book
        .position
        .bust(&busted, produced, &mut book.closed)
        .unwrap();
    book.cash = book.cash.checked_add(undone.cash).unwrap();
}

#[test]
fn a_busted_sale_brings_the_lots_back_with_their_age_and_cost() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 10);
    let _ = book.trade(Side::Buy, 100, 12);
    let before = (book.position.clone(), book.cash);
    for quantity in [60, 100, 150, 200, 270] {
        let fill = PositionFill {
            time: book.now(),
            side: Side::Sell,
            quantity: shares(quantity),
            price: Price::whole(15),
            costs: "0.07".parse().unwrap(),
        };
        book.closed.clear();
        let effect = book.apply(&fill, LotSelection::FIFO);
        let produced = book.closed.clone();
        bust(&mut book, fill, &effect, &produced);
        let lots = |position: &Position| -> Vec<_> {
            position
                .lots()
                .map(|lot| {
                    (
                        lot.id(),
                        lot.opened(),
                        lot.quantity(),
                        lot.value(),
                        lot.costs(),
                    )
                })
                .collect()
        };
        assert_eq!(lots(&book.position), lots(&before.0), "{quantity}");
        assert_eq!(book.position.realised(), before.0.realised());
        assert_eq!(book.position.realised_costs(), before.0.realised_costs());
        assert_eq!(book.position.open_value(), before.0.open_value());
        assert_eq!(book.position.quantity(), before.0.quantity());
        assert_eq!(book.cash, before.1);
    }
}

#[test]
fn a_busted_purchase_that_was_sold_since_is_traded_back() {
    let mut book = Book::new(1);
    let fill = PositionFill {
        time: book.now(),
        side: Side::Buy,
        quantity: shares(100),
        price: Price::whole(10),
        costs: Money::whole(1),
    };
    let effect = book.apply(&fill, LotSelection::FIFO);
    let _ = book.trade(Side::Sell, 70, 15);
    bust(&mut book, fill, &effect, &[]);
    // Without the purchase there is a sale of 70 at 15 and its cost of 1.
    assert_eq!(book.position.quantity(), shares(-70));
    assert_eq!(book.cash, Money::whole(70 * 15 - 1));
    let total = book
        .position
        .realised()
        .checked_add(book.position.unrealised(Price::whole(11)).unwrap())
        .unwrap();
    assert_eq!(total, Money::whole(70 * (15 - 11) - 1));
}

#[test]
fn a_bust_with_lots_of_another_fill_is_refused() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 10);
    let _ = book.trade(Side::Sell, 100, 12);
    let other = ClosedLot {
        instrument: InstrumentId(99),
        ..book.closed[0]
    };
    let busted = BustedFill {
        fill: PositionFill {
            time: Timestamp::EPOCH,
            side: Side::Sell,
            quantity: shares(100),
            price: Price::whole(12),
            costs: Money::whole(1),
        },
        lot: None,
        time: Timestamp::EPOCH,
    };
    let before = book.position.clone();
    let found = book.position.bust(&busted, &[other], &mut Vec::new());
    assert_eq!(found, Err(PositionError::ForeignLots));
    assert_eq!(book.position, before);
}
