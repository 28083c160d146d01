//! Splits, stock dividends, mergers and dividends on lots.

use proptest::prelude::*;
use trader_domain::{
    BustedFill, InstrumentId, LotSelection, MergerTerms, Money, Position, PositionError,
    PositionFill, Price, Quantity, Side, Timestamp,
};

use crate::position::{Book, shares};

const NOON: Timestamp = Timestamp::from_nanos(1_000);

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn add(a: Money, b: Money) -> Money {
    a.checked_add(b).unwrap()
}

#[test]
fn a_four_for_one_split_multiplies_shares_and_keeps_cost_and_age() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 400);
    let _ = book.trade(Side::Buy, 50, 500);
    let cost = book.position.open_value();
    let opened: Vec<_> = book
        .position
        .lots()
        .map(trader_domain::Lot::opened)
        .collect();
    let effect = book
        .position
        .split(NOON, (4, 1), None, &mut book.closed)
        .unwrap();
    assert_eq!((effect.cash, effect.realised), (Money::ZERO, Money::ZERO));
    assert_eq!(book.position.quantity(), shares(600));
    assert_eq!(book.position.open_value(), cost);
    let after: Vec<_> = book
        .position
        .lots()
        .map(trader_domain::Lot::opened)
        .collect();
    assert_eq!(after, opened);
    let _ = book.trade(Side::Sell, 400, 110);
    assert_eq!(book.closed[0].cost, Money::whole(40_000));
    assert_eq!(book.closed[0].proceeds, Money::whole(44_000));
}

/// One for eight of 150 shares: 18 shares stay and 6 old shares' worth is paid in cash.
#[test]
fn a_reverse_split_pays_cash_for_the_fraction() {
    for (side, sign) in [(Side::Buy, 1), (Side::Sell, -1)] {
        let mut book = Book::new(1);
        let _ = book.trade(side, 150, 10);
        let effect = book
            .position
            .split(NOON, (1, 8), Some(price("9.876")), &mut book.closed)
            .unwrap();
        assert_eq!(book.position.quantity(), shares(sign * 18));
        // 6 × 9.876 = 59.256, paid in cents.
        assert_eq!(effect.cash, Money::cents(i64::from(sign) * 5_926));
        assert_eq!(book.closed[0].quantity, shares(6));
        assert_eq!(book.position.open_value(), Money::whole(1_440));
        assert_eq!(effect.realised, book.closed[0].profit);
    }
}

#[test]
fn a_stock_dividend_is_a_split_and_fractions_are_held_when_no_cash_is_paid() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 33, 100);
    let _ = book
        .position
        .split(NOON, (105, 100), None, &mut book.closed)
        .unwrap();
    assert_eq!(
        book.position.quantity(),
        "34.65".parse::<Quantity>().unwrap()
    );
    assert_eq!(book.position.open_value(), Money::whole(3_300));
}

#[test]
fn a_lot_too_small_for_the_new_shares_leaves_its_cost_to_the_next() {
    let mut book = Book::new(1);
    book.fill(
        Side::Buy,
        "0.000000003".parse().unwrap(),
        price("10"),
        Money::whole(1),
    );
    let _ = book.trade(Side::Buy, 100, 10);
    let (value, costs) = (book.position.open_value(), book.position.open_costs());
    let _ = book
        .position
        .split(NOON, (1, 10), None, &mut book.closed)
        .unwrap();
    assert_eq!(book.position.lots().len(), 1);
    let lot = book.position.lots().next().unwrap();
    assert_eq!((lot.value(), lot.costs()), (Ok(value), Ok(costs)));
}

/// 100.5 shares split three for one are 301.5: half a new share, a sixth of an old one, is paid off.
/// What stays behind must be enough for the 301, so the sixth is rounded down.
#[test]
fn the_fraction_paid_off_never_takes_from_whole_shares() {
    let mut book = Book::new(1);
    book.fill(
        Side::Buy,
        "100.5".parse().unwrap(),
        price("30"),
        Money::ZERO,
    );
    let effect = book
        .position
        .split(NOON, (3, 1), Some(price("30")), &mut book.closed)
        .unwrap();
    assert_eq!(book.closed[0].quantity, "0.166666666".parse().unwrap());
    assert_eq!(effect.cash, Money::whole(5));
    assert_eq!(book.position.quantity(), shares(301));
}

#[test]
fn a_bust_after_a_split_conserves_equity() {
    let mut book = Book::new(1);
    let fill = PositionFill {
        time: book.now(),
        side: Side::Buy,
        quantity: shares(100),
        price: Price::whole(10),
        costs: Money::whole(1),
    };
    let effect = book.apply(&fill, LotSelection::FIFO);
    let _ = book
        .position
        .split(NOON, (2, 1), None, &mut book.closed)
        .unwrap();
    let busted = BustedFill {
        fill,
        lot: effect.lot,
        time: NOON,
    };
    let undone = book.position.bust(&busted, &[], &mut book.closed).unwrap();
    book.cash = add(book.cash, undone.cash);
    assert_eq!(book.cash, Money::ZERO);
    let (equity, profit) = equity(&book, Price::whole(5));
    assert_eq!(equity, profit);
}

#[test]
fn a_dividend_is_owed_to_longs_and_by_shorts() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Sell, 200, 10);
    assert_eq!(
        book.position.dividend(price("0.235")).unwrap(),
        Money::whole(-47)
    );
}

#[test]
fn a_ratio_with_a_zero_is_refused() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 10, 10);
    let before = book.position.clone();
    for ratio in [(0, 1), (1, 0)] {
        let found = book.position.split(NOON, ratio, None, &mut book.closed);
        let (to, from) = ratio;
        assert_eq!(found, Err(PositionError::BadRatio { to, from }));
    }
    assert_eq!(book.position, before);
}

#[test]
fn a_cash_merger_closes_the_position_at_the_offer() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 40);
    let terms = MergerTerms {
        to: 0,
        from: 0,
        cash: price("54.2"),
    };
    let effect = book
        .position
        .merge(None, NOON, &terms, &mut book.closed)
        .unwrap();
    assert!(book.position.is_flat());
    assert_eq!(effect.cash, Money::whole(5_420));
    assert_eq!(effect.realised, Money::whole(1_419));
}

#[test]
fn a_merger_for_shares_and_cash_carries_cost_and_age_over() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 40);
    let mut acquirer = Position::new(InstrumentId(9), 1).unwrap();
    let terms = MergerTerms {
        to: 1,
        from: 2,
        cash: price("10"),
    };
    let effect = book
        .position
        .merge(Some(&mut acquirer), NOON, &terms, &mut book.closed)
        .unwrap();
    assert!(book.position.is_flat());
    assert_eq!(book.position.open_value(), Money::ZERO);
    assert_eq!(
        (effect.cash, effect.realised),
        (Money::whole(1_000), Money::ZERO)
    );
    assert_eq!(acquirer.quantity(), shares(50));
    assert_eq!(acquirer.open_value(), Money::whole(3_000));
    assert_eq!(acquirer.open_costs(), Money::whole(1));
    let lot = acquirer.lots().next().unwrap();
    assert_eq!(lot.opened(), Timestamp::from_nanos(1));
}

#[test]
fn merger_cash_above_the_cost_is_profit() {
    let mut book = Book::new(1);
    let _ = book.trade(Side::Buy, 100, 4);
    let mut acquirer = Position::new(InstrumentId(9), 1).unwrap();
    let terms = MergerTerms {
        to: 1,
        from: 1,
        cash: price("10"),
    };
    let effect = book
        .position
        .merge(Some(&mut acquirer), NOON, &terms, &mut book.closed)
        .unwrap();
    assert_eq!(effect.realised, Money::whole(600));
    assert_eq!(acquirer.open_value(), Money::ZERO);
    assert_eq!(book.closed[0].quantity, Quantity::ZERO);
}

/// Merger arbitrage: long the target, short the acquirer. The shares received close the short.
#[test]
fn shares_received_close_a_short_in_the_acquirer() {
    let mut target = Book::new(1);
    let _ = target.trade(Side::Buy, 100, 40);
    let mut acquirer = Book::new(1);
    let _ = acquirer.trade(Side::Sell, 60, 50);
    let terms = MergerTerms {
        to: 1,
        from: 1,
        cash: Price::ZERO,
    };
    let effect = target
        .position
        .merge(
            Some(&mut acquirer.position),
            NOON,
            &terms,
            &mut target.closed,
        )
        .unwrap();
    assert_eq!(acquirer.position.quantity(), shares(40));
    assert_eq!(acquirer.position.open_value(), Money::whole(1_600));
    // 60 × (50 − 40), less 1 for the short and 0.60 of the purchase.
    assert_eq!(effect.realised, Money::cents(59_840));
}

fn random_book(deals: &[(bool, i64, i64)]) -> Book {
    let mut book = Book::new(1);
    for &(buys, quantity, price) in deals {
        book.fill(
            if buys { Side::Buy } else { Side::Sell },
            Quantity::from_units(quantity).unwrap(),
            Price::from_units(price).unwrap(),
            Money::from_units(i128::from(price) * 7).unwrap(),
        );
    }
    book
}

fn deals() -> impl Strategy<Value = Vec<(bool, i64, i64)>> {
    proptest::collection::vec(
        (
            any::<bool>(),
            1_i64..900_000_000_000,
            1_i64..900_000_000_000,
        ),
        1..12,
    )
}

fn equity(book: &Book, price: Price) -> (Money, Money) {
    let worth = book.position.market_value(price).unwrap();
    let profit = add(
        book.position.realised(),
        book.position.unrealised(price).unwrap(),
    );
    (add(book.cash, worth), profit)
}

proptest! {
    #[test]
    fn a_split_conserves_equity_at_cost(
        deals in deals(),
        to in 1_u32..200,
        from in 1_u32..200,
        in_lieu in proptest::option::of(1_i64..900_000_000_000),
    ) {
        let mut book = random_book(&deals);
        let in_lieu = in_lieu.map(|units| Price::from_units(units).unwrap());
        let effect = book.position.split(NOON, (to, from), in_lieu, &mut book.closed).unwrap();
        book.cash = add(book.cash, effect.cash);
        let (equity, profit) = equity(&book, Price::whole(31));
        prop_assert_eq!(equity, profit);
        if in_lieu.is_some() {
            prop_assert!(book.position.quantity().is_multiple_of(Quantity::ONE));
        }
        let value = Money::total(book.position.lots().map(|lot| lot.value().unwrap())).unwrap();
        prop_assert_eq!(value, book.position.open_value());
        let held: i64 = book.position.lots().map(|lot| lot.quantity().units()).sum();
        prop_assert_eq!(held, book.position.quantity().abs().units());
    }

    #[test]
    fn a_merger_conserves_equity(
        target in deals(),
        acquirer in deals(),
        to in 1_u32..50,
        from in 1_u32..50,
        cash in 0_i64..900_000_000_000,
    ) {
        let mut target = random_book(&target);
        let mut acquirer = random_book(&acquirer);
        let terms = MergerTerms { to, from, cash: Price::from_units(cash).unwrap() };
        let effect = target
            .position
            .merge(Some(&mut acquirer.position), NOON, &terms, &mut target.closed)
            .unwrap();
        target.cash = add(target.cash, effect.cash);
        prop_assert!(target.position.is_flat());
        let at = Price::whole(31);
        let (one, other) = (equity(&target, at), equity(&acquirer, at));
        prop_assert_eq!(add(one.0, other.0), add(one.1, other.1));
    }
}
