//! Corporate actions from LEAN's files: against known facts, and raw runs with events against adjusted ones.

use trader_domain::{
    CorporateAction, CorporateActionKind, InstrumentId, MarketCalendar, Timeframe,
};
use trader_research::run::{CorporateError, corporate_actions, symbol_on};
use trader_storage::lean::{
    AdjustmentMode, FactorFile, LeanFolder, LeanRequest, LeanResolution, MapFile, Security,
};
use trader_storage::{BarSeries, ReadOptions, collect_series};

use crate::run_fixture::{
    Reinvest, date, equities, feed_of, flat_days, free_rules, instant, price, run_one, shared,
    symbol,
};

/// Rows of `factor_files/aapl.csv` and the map file in `QuantConnect/Lean` (Apache-2.0).
const AAPL_FACTORS: &str = "19980102,0.8613657,0.00892857,1\n20000620,0.8613657,0.00892857,101\n\
    20050225,0.8613657,0.01785710,88.97\n20120808,0.8613657,0.03571430,619.86\n\
    20121106,0.8650639,0.03571430,582.86\n20130206,0.8690150,0.03571430,457.35\n\
    20130508,0.8740796,0.03571430,463.84\n20130807,0.8798652,0.03571430,464.98\n\
    20131105,0.8856747,0.03571430,525.62\n20140205,0.8908440,0.03571430,512.59\n\
    20140507,0.8961764,0.03571430,592.33\n20140606,0.9011818,0.03571430,645.57\n\
    20140806,0.9011818,0.25,94.97\n20141105,0.9056639,0.25,108.86\n20200828,0.9967882,0.25,499.23\n\
    20501231,1,1,0\n";

fn security(name: &str, factors: &str, map: &str) -> Security {
    Security {
        symbol: symbol(name),
        map: Some(MapFile::parse(map.as_bytes(), "map.csv", name).unwrap()),
        factors: Some(FactorFile::parse(factors.as_bytes(), "factors.csv").unwrap()),
    }
}

fn actions(
    security: &Security,
    series: &BarSeries,
) -> Result<Vec<CorporateAction>, CorporateError> {
    let calendar = MarketCalendar::us_equities();
    corporate_actions(security, InstrumentId(0), series, &calendar)
}

#[test]
fn apples_dividends_and_splits_are_what_apple_announced() {
    let apple = security("AAPL", AAPL_FACTORS, "19980102,aapl,Q\n20501231,aapl,Q\n");
    let raw = flat_days("AAPL", &[("2012-08-09", "620.73")]);
    let found = actions(&apple, &raw).unwrap();
    let dividend = |day: &str, amount: &str| {
        let effective = instant(day);
        CorporateAction {
            instrument: InstrumentId(0),
            effective,
            kind: CorporateActionKind::CashDividend {
                amount: price(amount),
                payable: effective,
            },
        }
    };
    let split = |day: &str, to| CorporateAction {
        instrument: InstrumentId(0),
        effective: instant(day),
        kind: CorporateActionKind::Split {
            to,
            from: 1,
            cash_in_lieu: None,
        },
    };
    // Apple paid 2.65 (the file's rounded factors say 2.650067 the first time), 3.05 from 2013-05-09 and 3.29 on
    // 2014-05-08 a share, 0.47 after seven shares had been made of one.
    assert_eq!(
        found[..9],
        [
            dividend("2012-11-07T14:30:00Z", "2.6501"),
            dividend("2013-02-07T14:30:00Z", "2.65"),
            dividend("2013-05-09T13:30:00Z", "3.05"),
            dividend("2013-08-08T13:30:00Z", "3.05"),
            dividend("2013-11-06T14:30:00Z", "3.05"),
            dividend("2014-02-06T14:30:00Z", "3.05"),
            dividend("2014-05-08T13:30:00Z", "3.29"),
            split("2014-06-09T13:30:00Z", 7),
            dividend("2014-08-07T13:30:00Z", "0.47"),
        ]
    );
    assert!(found.contains(&split("2020-08-31T13:30:00Z", 4)));
}

#[test]
fn nothing_of_the_first_session_or_before_is_told() {
    let apple = security("AAPL", AAPL_FACTORS, "19980102,aapl,Q\n20501231,aapl,Q\n");
    let raw = flat_days("AAPL", &[("2014-06-09", "93.70")]);
    let first = actions(&apple, &raw).unwrap()[0];
    assert_eq!(first.effective, instant("2014-08-07T13:30:00Z"));
    assert!(actions(&apple, &flat_days("AAPL", &[])).unwrap().is_empty());
}

#[test]
fn prices_within_the_day_change_before_the_pre_market() {
    let apple = security("AAPL", AAPL_FACTORS, "19980102,aapl,Q\n20501231,aapl,Q\n");
    let mut raw = flat_days("AAPL", &[("2014-06-06", "645.57")]);
    raw.timeframe = Timeframe::MINUTE;
    raw.columns.start[0] = instant("2014-06-06T13:30:00Z");
    let first = actions(&apple, &raw).unwrap()[0];
    assert_eq!(first.effective, instant("2014-06-09T08:00:00Z"));
}

#[test]
fn a_dividend_comes_before_the_split_of_the_same_day_because_it_is_paid_on_old_shares() {
    let both = security(
        "X",
        "20200102,0.98,0.5,100\n20501231,1,1,0\n",
        "20100104,x,N\n20501231,x,N\n",
    );
    let found = actions(&both, &flat_days("X", &[("2020-01-02", "100")])).unwrap();
    assert!(matches!(
        found.as_slice(),
        [
            CorporateAction { kind: CorporateActionKind::CashDividend { amount, .. }, .. },
            CorporateAction { kind: CorporateActionKind::Split { to: 2, from: 1, .. }, .. },
        ] if *amount == price("2")
    ));
}

#[test]
fn files_that_contradict_themselves_are_refused() {
    let map = "20100104,x,N\n20501231,x,N\n";
    let raw = flat_days("X", &[("2020-01-02", "100")]);
    let told = |factors: &str| actions(&security("X", factors, map), &raw);
    assert!(matches!(
        told("20200102,1,0.31415,100\n20501231,1,1,0\n"),
        Err(CorporateError::NoFraction { .. })
    ));
    assert!(matches!(
        told("20200102,1,1,100\n20501231,0.98,1,0\n"),
        Err(CorporateError::NegativeDividend { .. })
    ));
    assert!(matches!(
        told("20200102,0.98,1,0\n20501231,1,1,0\n"),
        Err(CorporateError::NoReference { .. })
    ));
    assert!(matches!(
        told("20991231,0.98,1,100\n21600102,1,1,0\n"),
        Err(CorporateError::Calendar { .. })
    ));
}

#[test]
fn a_delisted_share_is_worth_its_last_close_on_the_next_trading_day() {
    // `map_files/fb.1.csv`: the FB that was delisted in 2003, not Facebook.
    let old = security(
        "FB",
        "19990929,1,1,0\n20501231,1,1,0\n",
        "19990929,fb\n20030328,fb\n",
    );
    let raw = flat_days("FB", &[("2003-03-27", "4.10"), ("2003-03-28", "4.02")]);
    let found = actions(&old, &raw).unwrap();
    assert_eq!(
        found,
        [CorporateAction {
            instrument: InstrumentId(0),
            effective: instant("2003-03-31T14:30:00Z"),
            kind: CorporateActionKind::Delisting {
                value: price("4.02")
            },
        }]
    );
}

#[test]
fn a_security_is_followed_through_its_names() {
    // `map_files/wm.csv`: USA Waste, then Waste Management under two tickers.
    let waste = security(
        "WM",
        "19980102,1,1,0\n20501231,1,1,0\n",
        "19980102,uw,N\n19980716,uw,N\n20090804,wmi,N\n20501231,wm,N\n",
    );
    let names = |first: &str| -> Vec<(String, String)> {
        let raw = flat_days("WM", &[(first, "50")]);
        let renames = actions(&waste, &raw).unwrap();
        renames
            .iter()
            .map(|action| match action.kind {
                CorporateActionKind::SymbolChange { symbol } => {
                    (action.effective.to_string(), symbol.to_string())
                }
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let both = names("1998-01-02");
    assert_eq!(both.len(), 2);
    assert!(both[0].0.starts_with("1998-07-17T13:30"), "{both:?}");
    assert_eq!(both[0].1, "WMI");
    assert!(both[1].0.starts_with("2009-08-05T13:30"), "{both:?}");
    assert_eq!(both[1].1, "WM");
    assert_eq!(names("1998-07-17").len(), 1);
    assert_eq!(symbol_on(&waste, date("1998-07-16")).unwrap(), symbol("UW"));
    assert_eq!(symbol_on(&waste, date("2009-08-05")).unwrap(), symbol("WM"));
}

/// The raw daily bars of a security and what its files say.
fn lean_daily(ticker: &str, as_of: &str) -> Option<(Security, BarSeries)> {
    let folder = LeanFolder::open(&shared("data/lean")?).unwrap();
    let request = LeanRequest {
        ticker: ticker.to_owned(),
        as_of: date(as_of),
        resolution: LeanResolution::Daily,
        from: None,
        to: None,
    };
    let options = ReadOptions {
        gaps: trader_storage::GapPolicy::Ignore,
        ..ReadOptions::new(instant("2022-01-01T00:00:00Z"))
    };
    let mut stream = folder.bars(&request, &options).unwrap();
    let series = collect_series(&mut stream).unwrap().remove(0);
    Some((folder.security(ticker, date(as_of)).unwrap(), series))
}

/// Two runs that put all cash into one share: at raw prices with dividends reinvested at the open after the
/// ex-date, and at prices into which dividends were folded. They differ by how far the price moves between
/// the ex-date's eve and that open (each dividend's share of it, up and down alike), by whole shares, and by
/// seven-digit factors: less than a tenth of a percent of the final value over 23 years and 90 dividends.
#[test]
fn a_raw_run_with_events_earns_the_total_return_of_the_adjusted_series() {
    for ticker in ["aapl", "ibm", "spy"] {
        let Some((security, raw)) = lean_daily(ticker, "2021-03-31") else {
            return;
        };
        let factors = security.factors.as_ref().unwrap();
        let adjusted = factors
            .adjusted(&raw, date("2021-03-31"), AdjustmentMode::SplitsAndDividends)
            .unwrap();
        let events = actions(&security, &raw).unwrap();
        let rules = free_rules(100_000_000);
        let instruments = || equities(&[&ticker.to_uppercase()]);

        let raw = [raw];
        let mut feed = feed_of(&raw);
        feed.add_actions(events.iter().copied());
        let with_events = run_one(&rules, instruments(), Reinvest, &mut feed);
        let adjusted = [adjusted];
        let folded = run_one(&rules, instruments(), Reinvest, &mut feed_of(&adjusted));

        let left = with_events.final_equity.to_f64_lossy();
        let right = folded.final_equity.to_f64_lossy();
        println!(
            "{ticker}: {left:.0} with events, {right:.0} adjusted, {:+.3} %",
            (left / right - 1.0) * 100.0
        );
        assert!(
            (left / right - 1.0).abs() < 0.001,
            "{ticker}: {left} {right}"
        );
        assert_eq!(with_events.record.alerts, []);
    }
}

#[test]
fn every_factor_and_map_file_is_understood() {
    let Some(root) = shared("data/lean") else {
        return;
    };
    let folder = LeanFolder::open(&root).unwrap();
    let mut told = 0;
    for (ticker, as_of) in [
        ("AAA", "2021-03-31"),
        ("AIG", "2021-03-31"),
        ("BAC", "2021-03-31"),
        ("EEM", "2021-03-31"),
        ("GOOG", "2021-03-31"),
        ("GOOGL", "2021-03-31"),
        ("IWM", "2021-03-31"),
        ("QQQ", "2021-03-31"),
        ("WM", "2021-03-31"),
        ("TWX", "2018-06-01"),
        ("FOXA", "2018-06-01"),
        ("VXX", "2021-03-31"),
    ] {
        let security = folder.security(ticker, date(as_of)).unwrap();
        let raw = flat_days(ticker, &[("1998-01-02", "10"), ("2021-03-31", "10")]);
        let found = actions(&security, &raw).unwrap_or_else(|error| panic!("{error}"));
        for action in &found {
            if !matches!(action.kind, CorporateActionKind::CashDividend { .. }) {
                println!("{ticker} {action:?}");
            }
        }
        told += found.len();
    }
    assert!(told > 500, "{told}");
}

#[test]
fn googles_two_classes_swap_their_names_on_the_same_morning() {
    let (Some((class_a, a_bars)), Some((class_c, c_bars))) = (
        lean_daily("googl", "2021-03-31"),
        lean_daily("goog", "2021-03-31"),
    ) else {
        return;
    };
    assert_eq!(a_bars.columns.start[0], instant("2004-08-19T00:00:00Z"));
    assert_eq!(c_bars.columns.start[0], instant("2014-03-27T00:00:00Z"));
    let morning = instant("2014-04-03T13:30:00Z");
    let on_morning = |security: &Security, bars: &BarSeries| -> Vec<CorporateActionKind> {
        let found = actions(security, bars).unwrap();
        found
            .iter()
            .filter(|action| action.effective == morning)
            .map(|action| action.kind)
            .collect()
    };
    let renamed = |name: &str| CorporateActionKind::SymbolChange {
        symbol: symbol(name),
    };
    let split = CorporateActionKind::Split {
        to: 2,
        from: 1,
        cash_in_lieu: None,
    };
    assert_eq!(on_morning(&class_a, &a_bars), [split, renamed("GOOGL")]);
    assert_eq!(on_morning(&class_c, &c_bars), [renamed("GOOG")]);
}

#[test]
fn the_same_letters_name_another_company_at_another_time() {
    let (Some((old, old_bars)), Some((facebook, new_bars))) = (
        lean_daily("fb", "2003-03-28"),
        lean_daily("fb", "2021-03-31"),
    ) else {
        return;
    };
    assert_eq!(new_bars.columns.start[0], instant("2012-05-18T00:00:00Z"));
    assert!(actions(&facebook, &new_bars).unwrap().is_empty());
    let end = *actions(&old, &old_bars).unwrap().last().unwrap();
    assert!(
        matches!(end.kind, CorporateActionKind::Delisting { value } if Some(&value) == old_bars.columns.close.last())
    );
}
