//! Exact arithmetic against an independent decimal library, at its limits, and as text.

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use trader_domain::{Money, MoneyError, Price, Quantity, Rate, Rounding, Volume};

const ROUNDINGS: [(Rounding, RoundingStrategy); 6] = [
    (Rounding::HalfUp, RoundingStrategy::MidpointAwayFromZero),
    (Rounding::HalfEven, RoundingStrategy::MidpointNearestEven),
    (Rounding::Floor, RoundingStrategy::ToNegativeInfinity),
    (Rounding::Ceiling, RoundingStrategy::ToPositiveInfinity),
    (Rounding::TowardsZero, RoundingStrategy::ToZero),
    (Rounding::AwayFromZero, RoundingStrategy::AwayFromZero),
];

fn any_price() -> impl Strategy<Value = Price> {
    any::<i64>().prop_filter_map("the one value without a mirror image", |units| {
        Price::from_units(units).ok()
    })
}

fn any_quantity() -> impl Strategy<Value = Quantity> {
    any::<i64>().prop_filter_map("the one value without a mirror image", |units| {
        Quantity::from_units(units).ok()
    })
}

fn any_money() -> impl Strategy<Value = Money> {
    any::<i128>().prop_filter_map("the one value without a mirror image", |units| {
        Money::from_units(units).ok()
    })
}

/// A decimal with four places, small enough that products stay within 28 digits.
fn four_places() -> impl Strategy<Value = (Decimal, i64)> {
    (-100_000_000_000_i64..100_000_000_000)
        .prop_map(|units| (Decimal::new(units, 4), units * 100_000))
}

proptest! {
    #[test]
    fn sums_and_products_are_those_of_rust_decimal(
        (a, a_units) in four_places(),
        (b, b_units) in four_places(),
    ) {
        let price = Price::from_units(a_units).unwrap();
        let other = Price::from_units(b_units).unwrap();
        let quantity = Quantity::from_units(b_units).unwrap();
        prop_assert_eq!(price, Price::try_from(a).unwrap());
        prop_assert_eq!(price.checked_add(other), Price::try_from(a + b));
        prop_assert_eq!(price.checked_sub(other), Price::try_from(a - b));
        prop_assert_eq!(price.notional(quantity), Money::try_from(a * b).unwrap());
        prop_assert_eq!(price.cmp(&other), a.cmp(&b));
    }

    #[test]
    fn rounding_is_that_of_rust_decimal(
        units in -1_000_000_000_000_000_i64..1_000_000_000_000_000,
        places in 0_u32..9,
        exact_half in any::<bool>(),
    ) {
        let step = 10_i64.pow(9 - places);
        let units = if exact_half { units / step * step + step / 2 } else { units };
        let price = Price::from_units(units).unwrap();
        let decimal = Decimal::new(units, 9);
        for (ours, theirs) in ROUNDINGS {
            let rounded = price.round_to(Price::from_units(step).unwrap(), ours).unwrap();
            let expected = decimal.round_dp_with_strategy(places, theirs);
            prop_assert_eq!(Decimal::try_from(rounded).unwrap(), expected, "{:?}", ours);
        }
    }

    #[test]
    fn a_price_a_unit_times_its_quantity_is_the_amount_to_within_the_rounding(
        cents in -1_000_000_000_i64..1_000_000_000,
        quantity in 1_i64..1_000_000_000_000_000,
    ) {
        let amount = Money::cents(cents);
        let quantity = Quantity::from_units(quantity).unwrap();
        let floor = amount.per_unit(quantity, Rounding::Floor);
        let ceiling = amount.per_unit(quantity, Rounding::Ceiling);
        if let (Ok(floor), Ok(ceiling)) = (floor, ceiling) {
            prop_assert!(floor.notional(quantity) <= amount);
            prop_assert!(ceiling.notional(quantity) >= amount);
            prop_assert!(ceiling.units() - floor.units() <= 1);
        }
    }

    #[test]
    fn sums_do_not_depend_on_their_order(
        amounts in proptest::collection::vec(-1_000_000_000_000_000_000_000_i128..1_000_000_000_000_000_000_000, 0..50),
    ) {
        let amounts: Vec<Money> = amounts.into_iter().map(|u| Money::from_units(u).unwrap()).collect();
        let mut sorted = amounts.clone();
        sorted.sort();
        prop_assert_eq!(Money::total(amounts), Money::total(sorted));
    }

    #[test]
    fn shares_of_an_amount_add_up_to_it(
        amount in any_money(),
        whole in 1_i64..i64::MAX,
        cut in any::<prop::sample::Index>(),
        rounding in prop::sample::select(ROUNDINGS.map(|pair| pair.0).to_vec()),
    ) {
        let part = i64::try_from(cut.index(usize::try_from(whole).unwrap())).unwrap();
        let (part, whole) = (Quantity::from_units(part).unwrap(), Quantity::from_units(whole).unwrap());
        let share = amount.pro_rata(part, whole, rounding).unwrap();
        let rest = amount.checked_sub(share).unwrap();
        prop_assert_eq!(share.checked_add(rest).unwrap(), amount);
        prop_assert!(share.abs() <= amount.abs());
    }

    /// floor(v × n / d) is q with 0 <= v × n - q × d < d; the product leaves 128 bits, so the
    /// identity is checked modulo 2^128, and the size of the quotient as a float.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "an independent estimate of the size")]
    fn products_beyond_128_bits_divide_exactly(
        value in any::<i128>(),
        numerator in any::<i64>(),
        denominator in 1_i128..i128::MAX,
    ) {
        let numerator = i128::from(numerator);
        let floor = Rounding::Floor.multiply_divide(value, numerator, denominator);
        let estimate = value as f64 * numerator as f64 / denominator as f64;
        if let Ok(quotient) = floor {
            let rest = value
                .wrapping_mul(numerator)
                .wrapping_sub(quotient.wrapping_mul(denominator));
            prop_assert!((0..denominator).contains(&rest));
            prop_assert!((quotient as f64 - estimate).abs() <= 2.0 + estimate.abs() * 1e-12);
            for (rounding, _) in ROUNDINGS {
                let other = rounding.multiply_divide(value, numerator, denominator).unwrap();
                let step = other - quotient;
                prop_assert!(step == 0 || (step == 1 && rest != 0));
            }
        } else {
            prop_assert!(estimate.abs() > 1.7e38);
        }
    }

    #[test]
    fn every_value_reads_back_from_its_text_and_json(
        price in any_price(),
        quantity in any_quantity(),
        money in any_money(),
    ) {
        prop_assert_eq!(price.to_string().parse(), Ok(price));
        prop_assert_eq!(quantity.to_string().parse(), Ok(quantity));
        prop_assert_eq!(money.to_string().parse(), Ok(money));
        let json = serde_json::to_string(&(price, quantity, money)).unwrap();
        let back: (Price, Quantity, Money) = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back, (price, quantity, money));
    }

    #[test]
    fn a_decimal_holds_every_price_exactly(price in any_price()) {
        let decimal = Decimal::try_from(price).unwrap();
        prop_assert_eq!(Price::try_from(decimal), Ok(price));
        prop_assert_eq!(decimal.to_string().parse(), Ok(price));
    }

    #[test]
    fn overflow_is_an_error_exactly_where_the_result_does_not_fit(a in any_price(), b in any_price()) {
        let sum = i128::from(a.units()) + i128::from(b.units());
        let fits = sum.abs() <= i128::from(i64::MAX);
        prop_assert_eq!(a.checked_add(b).is_ok(), fits);
        let difference = i128::from(a.units()) - i128::from(b.units());
        prop_assert_eq!(a.checked_sub(b).is_ok(), difference.abs() <= i128::from(i64::MAX));
    }

    #[test]
    fn text_of_any_kind_never_panics(text in any::<Vec<u8>>(), digits in "[-+]?[0-9]{0,40}[.]?[0-9]{0,40}") {
        let _ = Price::parse_bytes(&text);
        let _ = Money::parse_bytes(&text);
        if let Ok(money) = Money::parse_bytes(digits.as_bytes()) {
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }
    }

    #[test]
    fn floats_come_in_rounded_to_the_nearest_unit(value in -1e9_f64..1e9) {
        let price = Price::from_f64_rounded(value).unwrap();
        prop_assert!((price.to_f64_lossy() - value).abs() <= 1e-9 + value.abs() * 1e-15);
    }
}

#[test]
fn what_has_no_exact_answer_is_an_error() {
    let overflow = |result: Result<Money, MoneyError>| {
        assert!(
            matches!(result, Err(MoneyError::Overflow { .. })),
            "{result:?}"
        );
    };
    overflow(Money::MAX.checked_add("0.000000000000000001".parse().unwrap()));
    overflow(Money::MIN.checked_sub("0.000000000000000001".parse().unwrap()));
    overflow(Money::MAX.scale(2, 1, Rounding::Floor));
    overflow(Money::MAX.times(2));
    assert_eq!(Money::cents(-25).times(100), Ok(Money::whole(-25)));
    overflow(Money::from_units(i128::MIN));
    assert!(Price::from_units(i64::MIN).is_err());
    assert!(Price::from_whole(9_223_372_037).is_err());
    assert!(Price::MAX.checked_add(Price::MAX).is_err());
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(
            Price::from_f64_rounded(value),
            Err(MoneyError::NotFinite { kind: "Price" })
        );
        assert!(Money::from_f64_rounded_to_cents(value).is_err());
    }
    assert!(matches!(
        Price::from_f64_rounded(1e300),
        Err(MoneyError::Overflow { .. })
    ));
    let zero_divisors = [
        Money::whole(1)
            .per_unit(Quantity::ZERO, Rounding::Floor)
            .err(),
        Money::whole(1)
            .quantity_at(Price::ZERO, Rounding::Floor)
            .err(),
        Money::whole(1).scale(1, 0, Rounding::Floor).err(),
        Money::whole(1)
            .pro_rata(Quantity::ZERO, Quantity::ZERO, Rounding::Floor)
            .err(),
        Price::ONE.round_to(Price::ZERO, Rounding::Floor).err(),
        Rate::of(Money::MAX, Money::ZERO, Rounding::Floor).err(),
    ];
    for error in zero_divisors {
        assert!(
            matches!(error, Some(MoneyError::DivisionByZero { .. })),
            "{error:?}"
        );
    }
    assert!(matches!(
        "1.0000000001".parse::<Price>(),
        Err(MoneyError::Inexact { decimals: 9, .. })
    ));
    let decimal: Decimal = "0.0000000000000000001".parse().unwrap();
    assert!(matches!(
        Money::try_from(decimal),
        Err(MoneyError::Inexact { .. })
    ));
}

#[test]
fn a_wide_product_that_divides_evenly_has_no_remainder() {
    for rounding in ROUNDINGS.map(|pair| pair.0) {
        let found = rounding.multiply_divide(3 << 124, 8, 1 << 125);
        assert_eq!(found, Ok(12), "{rounding:?}");
        let found = rounding.multiply_divide(-(3 << 124), 8, 1 << 125);
        assert_eq!(found, Ok(-12), "{rounding:?}");
    }
}

#[test]
fn large_amounts_scale_exactly() {
    let trillions = Money::whole(3_000_000_000_000);
    assert_eq!(
        trillions.at_rate(Rate::ONE, Rounding::Floor).unwrap(),
        trillions
    );
    assert_eq!(
        trillions
            .at_rate("0.333333333".parse().unwrap(), Rounding::Floor)
            .unwrap(),
        Money::whole(999_999_999_000)
    );
    assert_eq!(
        Rate::of(Money::MAX, Money::MAX, Rounding::Floor).unwrap(),
        Rate::ONE
    );
    assert_eq!(
        Rate::of(Money::whole(1), Money::whole(3), Rounding::AwayFromZero).unwrap(),
        "0.333333334".parse().unwrap()
    );
}

#[test]
fn figures_print_as_people_write_them() {
    let price = |text: &str| text.parse::<Price>().unwrap();
    assert_eq!(price("101.5").to_string(), "101.50");
    assert_eq!(price("0.0001").to_string(), "0.0001");
    assert_eq!(price("-3").to_string(), "-3.00");
    assert_eq!(Quantity::whole(7).to_string(), "7");
    assert_eq!("0.5".parse::<Quantity>().unwrap().to_string(), "0.5");
    assert_eq!(format!("[{:>9}]", Money::cents(-1_234)), "[   -12.34]");
    assert_eq!(format!("[{:<8}]", Quantity::ONE), "[1       ]");
    assert_eq!(format!("{:?}", Money::cents(5)), "Money(0.05)");
    assert_eq!(
        Money::MIN.to_string(),
        "-170141183460469231731.687303715884105727"
    );
}

#[test]
fn json_numbers_are_refused_because_they_are_floats() {
    assert!(serde_json::from_str::<Price>("101.25").is_err());
    assert_eq!(
        serde_json::from_str::<Price>("\"101.25\"").unwrap(),
        "101.25".parse().unwrap()
    );
}

#[test]
fn rates_and_volumes_say_what_they_are() {
    assert_eq!(Rate::from_percent(5), Rate::from_bps(500));
    let volume: Volume = "1000.5".parse().unwrap();
    assert_eq!(
        volume.share(Rate::from_percent(10)).unwrap(),
        "100.05".parse().unwrap()
    );
    assert_eq!(Volume::from_quantity(Quantity::whole(3)), Volume::whole(3));
    assert!(Volume::MAX.share(Rate::ONE).is_err());
}
