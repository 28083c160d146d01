//! Commissions, regulatory fees and slippage on fills.

use trader_domain::*;
use trader_matching::{
    CustomFees, ExchangeConfig, ExchangeFees, FeeModel, RegulatoryFees, Slippage,
};

use crate::harness::*;

fn with_fees(fees: FeeModel) -> Floor {
    Floor::new(ExchangeConfig {
        fees,
        ..ExchangeConfig::default()
    })
}

/// Commission and fees of a market order at a price on 2024-06-03.
fn cost(floor: &mut Floor, minute: i64, request: OrderRequest, text: &str) -> (String, String) {
    floor.place(request);
    let reports = floor.bar(bar(minute, [text; 4], 10_000_000));
    let ReportKind::Filled(fill) = reports[0].kind else {
        panic!("{reports:?}")
    };
    (fill.commission.to_string(), fill.fees.to_string())
}

fn costs(commission: &str, fees: &str) -> (String, String) {
    (commission.into(), fees.into())
}

#[test]
fn alpaca_charges_sales_by_the_day_rounded_up() {
    let mut floor = with_fees(FeeModel::Alpaca);
    let market = OrderKind::Market;
    assert_eq!(
        cost(&mut floor, 0, buy(100, market), "50"),
        costs("0.00", "0.00")
    );
    // SEC 5,000 x 27.80 / 1,000,000 = 0.139 -> 0.14; TAF 100 x 0.000166 = 0.0166 -> 0.02.
    assert_eq!(
        cost(&mut floor, 1, sell(100, market), "50"),
        costs("0.00", "0.16")
    );
    // Totals of the day: SEC 0.1529 -> 0.16, TAF 0.01826 -> 0.02.
    assert_eq!(
        cost(&mut floor, 2, sell(10, market), "50"),
        costs("0.00", "0.02")
    );
}

/// The examples of the broker's page for fixed pricing.
#[test]
fn ib_fixed_follows_the_published_examples() {
    let mut floor = with_fees(FeeModel::IbFixed);
    let market = OrderKind::Market;
    assert_eq!(cost(&mut floor, 0, buy(100, market), "25").0, "1.00");
    assert_eq!(cost(&mut floor, 1, buy(1_000, market), "25").0, "5.00");
    assert_eq!(cost(&mut floor, 2, buy(1_000, market), "0.25").0, "2.50");
    // SEC 2,500 x 0.0000278 + TAF 100 x 0.000166, not rounded.
    assert_eq!(
        cost(&mut floor, 3, sell(100, market), "25"),
        costs("1.00", "0.0861")
    );
}

#[test]
fn the_minimum_is_for_the_order_and_not_for_each_fill() {
    let mut floor = Floor::new(ExchangeConfig {
        fees: FeeModel::IbFixed,
        participation: Some(Rate::from_percent(10)),
        ..ExchangeConfig::default()
    });
    floor.place(buy(300, OrderKind::Market));
    let commissions: Vec<String> = (0..3)
        .map(|minute| {
            let reports = floor.bar(bar(minute, ["50"; 4], 1_000));
            let ReportKind::Filled(fill) = reports[0].kind else {
                panic!("{reports:?}")
            };
            fill.commission.to_string()
        })
        .collect();
    assert_eq!(commissions, ["1.00", "0.00", "0.50"]);
}

/// The broker's example of 200,000 shares sold at 5: commission 700, clearing 40, FINRA 0.39, NYSE
/// 0.12, exchange 600, and 27.80 a million to the SEC, TAF at its cap of 8.30.
#[test]
fn ib_tiered_follows_the_published_example() {
    let mut floor = with_fees(FeeModel::IbTiered(ExchangeFees::default()));
    let (commission, fees) = cost(&mut floor, 0, sell(200_000, OrderKind::Market), "5");
    assert_eq!(commission, "700.00");
    // 40 + 700 x 0.000735 + 600 + 27.80 + 8.30
    assert_eq!(fees, "676.6145");
    // The next 200,000: half at the second tier.
    let (commission, _) = cost(&mut floor, 1, buy(200_000, OrderKind::Market), "5");
    assert_eq!(commission, "550.00");
}

#[test]
fn custom_rates_by_share_and_value_with_bounds() {
    let mut floor = with_fees(FeeModel::Custom(CustomFees {
        per_unit: price("0.01"),
        of_value: Rate::from_bps(10),
        minimum: Money::whole(2),
        maximum_of_value: Some(Rate::from_percent(1)),
        regulatory: RegulatoryFees::None,
    }));
    let market = OrderKind::Market;
    assert_eq!(cost(&mut floor, 0, buy(1_000, market), "10").0, "20.00");
    assert_eq!(cost(&mut floor, 1, buy(100, market), "10").0, "2.00");
    assert_eq!(cost(&mut floor, 2, buy(10, market), "10").0, "1.00");
}

#[test]
fn slippage_stays_inside_the_bar_and_is_reported() {
    let mut floor = Floor::new(ExchangeConfig {
        slippage: Slippage::Fixed(price("0.05")),
        ..ExchangeConfig::default()
    });
    floor.place(buy(100, OrderKind::Market));
    floor.place(sell(100, OrderKind::Market));
    let reports = floor.bar(bar(0, ["100", "100.02", "99", "100"], 1_000));
    assert_eq!(
        said(&reports),
        ["1 filled 100 @ 100.02 at 0", "2 filled 100 @ 99.95 at 0"]
    );
    let slippage: Vec<Money> = reports
        .iter()
        .filter_map(|report| match report.kind {
            ReportKind::Filled(fill) => Some(fill.slippage),
            _ => None,
        })
        .collect();
    assert_eq!(slippage, [Money::whole(2), Money::whole(5)]);
}

#[test]
fn slippage_does_not_pass_a_limit_and_spares_resting_orders() {
    let mut floor = Floor::new(ExchangeConfig {
        slippage: Slippage::OfPrice(Rate::from_percent(1)),
        ..ExchangeConfig::default()
    });
    floor.place(buy(10, limit("100.30")));
    floor.place(buy(10, limit("99.50")));
    assert_eq!(
        said(&floor.bar(bar(0, ["100", "105", "99", "100"], 1_000))),
        ["1 filled 10 @ 100.30 at 0", "2 filled 10 @ 99.50 at 1"]
    );
}
