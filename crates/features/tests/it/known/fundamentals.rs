//! Ratios of small made-up companies, by hand.

use chrono::NaiveDate;
use proptest::prelude::*;
use trader_domain::{Fundamentals, StatementPeriod, Symbol, Timestamp, VendorId};
use trader_features::events::{Announcement, EventKind};
use trader_features::fundamentals::{Fact, Item, Statements};
use trader_features::{AsOfSet, Knowledge, Registry};

use super::{assert_near, at, noon};

const NAN: f64 = f64::NAN;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn flow(item: Item, start: &str, end: &str, value: f64, received: &str) -> Fact {
    Fact {
        item,
        rank: 0,
        start: Some(day(start)),
        end: day(end),
        value,
        received: noon(received),
    }
}

fn balance(item: Item, end: &str, value: f64, received: &str) -> Fact {
    Fact {
        item,
        rank: 0,
        start: None,
        end: day(end),
        value,
        received: noon(received),
    }
}

fn known(mut facts: Vec<Fact>) -> Knowledge {
    facts.sort_by_key(|fact| fact.received);
    let mut knowledge = Knowledge::new();
    for fact in facts {
        knowledge.fact(fact).expect("in order");
    }
    knowledge
}

/// Two years of statements; everything in 2023 is a tenth more than in 2022 unless it says otherwise.
fn company() -> Vec<Fact> {
    let mut facts = Vec::new();
    for (year, growth) in [(2021, 1.0), (2022, 1.0), (2023, 1.1)] {
        let filed = format!("{}-02-15", year + 1);
        let (start, end) = (format!("{year}-01-01"), format!("{year}-12-31"));
        for (item, value) in [
            (Item::Revenue, 1000.0),
            (Item::CostOfRevenue, 600.0),
            (Item::OperatingIncome, 200.0),
            (Item::NetIncome, 100.0),
            (Item::OperatingCashFlow, 150.0),
            (Item::CapitalExpenditure, 50.0),
            (Item::Depreciation, 40.0),
            (Item::InterestExpense, 20.0),
            (Item::DividendsPaid, 30.0),
            (Item::DilutedEps, 1.0),
            (Item::DilutedShares, 100.0),
        ] {
            let value = if item == Item::DilutedShares {
                value
            } else {
                value * growth
            };
            facts.push(flow(item, &start, &end, value, &filed));
        }
        for (item, value) in [
            (Item::Assets, 2000.0),
            (Item::CurrentAssets, 800.0),
            (Item::Cash, 100.0),
            (Item::Liabilities, 1200.0),
            (Item::CurrentLiabilities, 400.0),
            (Item::LongTermDebt, 500.0),
            (Item::Equity, 800.0),
            (Item::RetainedEarnings, 300.0),
            (Item::Shares, 100.0),
        ] {
            facts.push(balance(item, &end, value, &filed));
        }
    }
    facts
}

#[test]
fn ratios_are_worked_out_by_hand() {
    let knowledge = known(company());
    let value = [
        "market_cap",
        "pe",
        "earnings_yield",
        "pb",
        "ps",
        "ev_ebitda",
        "fcf_yield",
        "shareholder_yield",
    ];
    assert_near(
        &at(&knowledge, "2024-03-01", &value, &[22.0]),
        &[2200.0, 20.0, 0.05, 2.75, 2.0, 2600.0 / 264.0, 0.05, 0.015],
        "value",
    );
    let quality = [
        "roe",
        "roa",
        "gross_margin",
        "operating_margin",
        "net_margin",
        "accruals",
        "asset_turnover",
        "current_ratio",
        "debt_equity",
        "interest_cover",
    ];
    assert_near(
        &at(&knowledge, "2024-03-01", &quality, &[]),
        &[
            110.0 / 800.0,
            0.055,
            0.4,
            0.2,
            0.1,
            -55.0 / 2000.0,
            0.55,
            2.0,
            0.625,
            10.0,
        ],
        "quality",
    );
    let growth = [
        "revenue_growth",
        "earnings_growth",
        "eps_growth",
        "asset_growth",
        "margin_change",
    ];
    assert_near(
        &at(&knowledge, "2024-03-01", &growth, &[]),
        &[0.1, 0.1, 0.1, 0.0, 0.0],
        "growth",
    );
}

#[test]
fn scores_and_what_was_filed_when_are_worked_out_by_hand() {
    let knowledge = known(company());
    // Points: income, cash flow, return up, cash above income, debt not up, no new shares, turnover up.
    assert_near(
        &at(&knowledge, "2024-03-01", &["piotroski_f"], &[]),
        &[7.0],
        "Piotroski",
    );
    let z = 1.2 * 0.2 + 1.4 * 0.15 + 3.3 * 0.11 + 0.999 * 0.55 + 0.6 * 2200.0 / 1200.0;
    assert_near(
        &at(&knowledge, "2024-03-01", &["altman_z"], &[22.0]),
        &[z],
        "Altman",
    );
    // Before the filing of 2023 the year 2022 counts; before the first filing there is nothing; long
    // after the last one neither.
    assert_near(
        &at(
            &knowledge,
            "2024-02-15",
            &["net_margin", "earnings_growth"],
            &[],
        ),
        &[0.1, 0.0],
        "old",
    );
    assert_near(
        &at(&knowledge, "2022-02-15", &["net_margin"], &[]),
        &[NAN],
        "before",
    );
    assert_near(
        &at(&knowledge, "2026-03-01", &["net_margin"], &[]),
        &[NAN],
        "stale",
    );
    assert_near(
        &at(&knowledge, "2024-03-01", &["pe", "altman_z"], &[NAN]),
        &[NAN, NAN],
        "no price",
    );
}

#[test]
fn a_restatement_does_not_rewrite_history() {
    let mut facts = company();
    facts.push(flow(
        Item::NetIncome,
        "2023-01-01",
        "2023-12-31",
        55.0,
        "2024-06-01",
    ));
    let knowledge = known(facts);
    assert_near(
        &at(&knowledge, "2024-06-01", &["pe"], &[22.0]),
        &[20.0],
        "as known then",
    );
    assert_near(
        &at(&knowledge, "2024-06-02", &["pe"], &[22.0]),
        &[40.0],
        "restated",
    );
}

#[test]
fn losses_have_no_price_to_earnings_but_a_yield() {
    let mut facts = company();
    facts.push(flow(
        Item::NetIncome,
        "2023-01-01",
        "2023-12-31",
        -55.0,
        "2024-06-01",
    ));
    let found = at(
        &known(facts),
        "2024-06-02",
        &["pe", "earnings_yield"],
        &[22.0],
    );
    assert_near(&found, &[NAN, -0.025], "loss");
}

#[test]
fn shares_follow_splits_until_the_next_count() {
    let mut knowledge = known(company());
    knowledge
        .announcement(Announcement {
            kind: EventKind::Split,
            key: "2024-03-01".to_owned(),
            when: Some(noon("2024-03-01")),
            received: noon("2024-02-20"),
            expected: Some(4.0),
            actual: None,
        })
        .expect("first");
    assert_near(
        &at(&knowledge, "2024-02-28", &["market_cap"], &[22.0]),
        &[2200.0],
        "before",
    );
    assert_near(
        &at(&knowledge, "2024-03-02", &["market_cap"], &[5.5]),
        &[2200.0],
        "after",
    );
}

/// Quarters of 10, 20, 30, 40 in the year to 2022 and of 50, 60 ... after it.
#[test]
fn twelve_months_are_made_of_what_was_filed() {
    let revenue = Item::Revenue;
    let year_to_date = known(vec![
        flow(revenue, "2022-01-01", "2022-03-31", 10.0, "2022-04-20"),
        flow(revenue, "2022-01-01", "2022-06-30", 30.0, "2022-07-20"),
        flow(revenue, "2022-01-01", "2022-12-31", 100.0, "2023-02-20"),
        flow(revenue, "2023-01-01", "2023-03-31", 50.0, "2023-04-20"),
        flow(revenue, "2023-01-01", "2023-06-30", 110.0, "2023-07-20"),
    ]);
    let quarters = known(vec![
        flow(revenue, "2022-01-01", "2022-03-31", 10.0, "2022-04-20"),
        flow(revenue, "2022-04-01", "2022-06-30", 20.0, "2022-07-20"),
        flow(revenue, "2022-07-01", "2022-09-30", 30.0, "2022-10-20"),
        flow(revenue, "2022-10-01", "2022-12-31", 40.0, "2023-02-20"),
        flow(revenue, "2023-01-01", "2023-03-31", 50.0, "2023-04-20"),
        flow(revenue, "2023-04-01", "2023-06-30", 60.0, "2023-07-20"),
    ]);
    for (date, expected) in [
        ("2022-08-01", None),
        ("2023-03-01", Some(100.0)),
        ("2023-05-01", Some(140.0)),
        ("2023-08-01", Some(180.0)),
    ] {
        for knowledge in [&year_to_date, &quarters] {
            let known = knowledge.at(noon(date));
            let found = Statements::new(&known).trailing_year(revenue);
            assert_eq!(found.map(|(_, value)| value), expected, "{date}");
        }
    }
}

#[test]
fn records_become_facts() {
    let money = |text: &str| Some(text.parse().expect("money"));
    let record = Fundamentals {
        symbol: Symbol::new("ACME").expect("symbol"),
        vendor: VendorId::INTERNAL,
        published: noon("2024-02-01"),
        received: noon("2024-02-01"),
        period: StatementPeriod {
            fiscal: trader_domain::FiscalPeriod {
                year: 2023,
                quarter: None,
            },
            start: day("2023-01-01"),
            end: day("2023-12-31"),
        },
        revenue: money("1000.5"),
        gross_profit: None,
        operating_income: None,
        net_income: money("-3"),
        diluted_eps: None,
        operating_cash_flow: None,
        capital_expenditure: None,
        total_assets: money("77"),
        total_liabilities: None,
        cash: None,
        debt: None,
        equity: None,
        shares_outstanding: None,
    };
    let facts = Fact::of_record(&record);
    let found: Vec<_> = facts
        .iter()
        .map(|fact| (fact.item, fact.start.is_some(), fact.value))
        .collect();
    assert_eq!(
        found,
        [
            (Item::Revenue, true, 1000.5),
            (Item::NetIncome, true, -3.0),
            (Item::Assets, false, 77.0),
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Odd figures and periods give missing values, not infinities, and the future changes nothing.
    #[test]
    fn any_facts_are_survived_and_the_future_does_not_matter(
        facts in prop::collection::vec((0_usize..8, -400_i32..400, 0_u32..420, prop_oneof![Just(0.0), -1e12..1e12, Just(f64::MAX)], 0_i64..1500), 1..60)
    ) {
        let items = [Item::Revenue, Item::NetIncome, Item::Assets, Item::Equity, Item::Shares, Item::OperatingCashFlow,
            Item::DilutedEps, Item::CurrentAssets];
        let origin = day("2020-01-01");
        let mut facts: Vec<Fact> = facts.into_iter().map(|(item, end, length, value, received)| {
            let end = origin + chrono::TimeDelta::days(i64::from(end));
            let item = items[item];
            Fact {
                item, rank: 0, end, value,
                start: (!item.is_balance()).then(|| end - chrono::TimeDelta::days(i64::from(length))),
                received: Timestamp::from_nanos(noon("2019-06-01").nanos() + received * trader_domain::NANOS_PER_DAY),
            }
        }).collect();
        facts.sort_by_key(|fact| fact.received);
        let names: Vec<&str> = Registry::standard().definitions()
            .filter(|d| d.family.to_string() == "fundamentals").flat_map(|d| d.outputs.iter().copied()).collect();
        let set = AsOfSet::new(Registry::standard(), &names).expect("known");
        let all = known(facts.clone());
        for date in ["2019-12-01", "2020-07-01", "2021-03-01"] {
            let past = known(facts.iter().copied().filter(|fact| fact.received < noon(date)).collect());
            let mut found = [vec![0.0; names.len()], vec![0.0; names.len()]];
            for (out, knowledge) in found.iter_mut().zip([&all, &past]) {
                set.evaluate(&knowledge.at(noon(date)), &[10.0], out).expect("fits");
                prop_assert!(out.iter().all(|value| !value.is_infinite()));
            }
            let bits = |out: &[f64]| out.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&found[0]), bits(&found[1]));
        }
    }
}
