//! The tear sheet seen from outside: complete, self-contained, the same every time, and closed to
//! markup from outside.

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use rust_decimal::Decimal;
use trader_research::metrics::{Conventions, MetricId, Undefined};
use trader_research::report::{
    BenchmarkData, EquityPoint, ParameterSurface, PriceSeries, ReportData, ReportError, RunFacts,
    StrategyData, Tearsheet,
};

use crate::report_fixture::report;

fn page(data: &ReportData) -> String {
    Tearsheet::new(data).unwrap().html().unwrap()
}

fn moment(day: u64, minute: u64) -> NaiveDateTime {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1)
        .unwrap()
        .and_hms_opt(9, 30, 0)
        .unwrap();
    start + chrono::TimeDelta::minutes(i64::try_from(day * 1440 + minute).unwrap())
}

/// A run with the given account values, one a day.
fn small(values: &[f64]) -> ReportData {
    let equity = values.iter().enumerate().map(|(day, value)| EquityPoint {
        at: moment(day as u64, 0),
        equity: *value,
        long: 0.0,
        short: 0.0,
    });
    ReportData {
        title: "Small".to_owned(),
        facts: RunFacts::default(),
        conventions: Conventions::daily(),
        benchmark: None,
        strategies: vec![StrategyData {
            equity: equity.collect(),
            ..StrategyData::new("Small", Decimal::from(100), Decimal::from(100))
        }],
        surfaces: Vec::new(),
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let first = page(&report());
    assert_eq!(first, page(&report()));
    // For people who want to look at it.
    std::fs::write(
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("tearsheet.html"),
        first,
    )
    .unwrap();
}

#[test]
fn the_page_loads_nothing() {
    let html = page(&report());
    assert!(html.contains("default-src &#39;none&#39;"));
    let outside = html
        .replace("http://www.w3.org/2000/svg", "")
        .replace("href=\"data:,\"", "");
    for token in [
        "http:", "https:", "src=", "href=", "@import", "fetch(", "XMLHttp", "url(h", "//cdn",
    ] {
        assert!(!outside.contains(token), "{token}");
    }
}

#[test]
fn the_page_has_every_part() {
    let html = page(&report());
    for part in [
        "Ten stocks, three ideas",
        "2023-01-04-0007",
        "blake3:7f0c2a91d4b83e56",
        "this close",
        "Comparison",
        "Growth of 100",
        "Correlation of daily returns",
        "Equity",
        "Drawdown",
        "Monthly returns",
        "Yearly returns",
        "Distribution of daily returns",
        "Rolling Sharpe ratio, 126 days",
        "Rolling volatility, 126 days",
        "Rolling beta, 126 days",
        "Worst drawdowns",
        "Trades on price",
        "Adverse excursion and result",
        "Exposure",
        "Monthly turnover",
        "Cost attribution",
        "By symbol",
        "By entry signal",
        "Open at the end",
        "Refused or cut by the risk gate",
        "position_weight",
        "Parameter surface: SMA crossover",
        "How each figure is defined",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for id in MetricId::ALL {
        assert!(html.contains(id.label()), "{}", id.label());
    }
}

#[test]
fn exact_amounts_are_shown_to_the_cent() {
    let data = report();
    let html = page(&data);
    for strategy in &data.strategies {
        let cents = strategy.final_equity.round_dp(2).to_string();
        let (whole, fraction) = cents.split_once('.').unwrap();
        let (thousands, units) = whole.split_at(whole.len() - 3);
        assert!(
            html.contains(&format!("{thousands},{units}.{fraction}")),
            "{cents}"
        );
    }
}

#[test]
fn hostile_names_stay_text() {
    const HOSTILE: &str =
        "</script><img src=x onerror=alert(1)>\"'--><svg/onload=alert(2)>\u{202e}";
    let mut data = report();
    let clean = page(&data);
    data.title = HOSTILE.to_owned();
    data.facts.run = HOSTILE.to_owned();
    data.facts.further = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
    data.facts.warnings = vec![HOSTILE.to_owned()];
    data.benchmark.as_mut().unwrap().name = HOSTILE.to_owned();
    data.surfaces[0].title = HOSTILE.to_owned();
    data.surfaces[0].columns[0] = HOSTILE.to_owned();
    for strategy in &mut data.strategies {
        strategy.name = HOSTILE.to_owned();
        strategy.description = HOSTILE.to_owned();
        strategy.parameters[0] = (HOSTILE.to_owned(), HOSTILE.to_owned());
        strategy.prices[0].symbol = HOSTILE.to_owned();
        strategy
            .fills
            .iter_mut()
            .for_each(|fill| fill.symbol = HOSTILE.to_owned());
        for trade in &mut strategy.trades {
            trade.symbol = HOSTILE.to_owned();
            trade.signal = HOSTILE.to_owned();
            trade.exit_reason = HOSTILE.to_owned();
        }
        for rejection in &mut strategy.rejections {
            rejection.code = HOSTILE.to_owned();
            rejection.meaning = HOSTILE.to_owned();
        }
    }
    let html = page(&data);
    for token in ["<img", "<svg/", "onerror=alert(1)>", "\u{202e}"] {
        assert!(!html.contains(token), "{token}");
    }
    for tag in ["<script", "</script>"] {
        assert_eq!(
            html.matches(tag).count(),
            clean.matches(tag).count(),
            "{tag}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_changes_the_markup(name in ".*") {
        let tags = |html: &str| (html.matches('<').count(), html.matches('>').count());
        let mut data = small(&[100.0, 101.0, 99.0]);
        let before = tags(&page(&data));
        data.title.clone_from(&name);
        data.facts.warnings = vec!["w".to_owned()];
        let with_warning = {
            let mut plain = small(&[100.0, 101.0, 99.0]);
            plain.facts.warnings = vec!["w".to_owned()];
            tags(&page(&plain))
        };
        prop_assert!(with_warning > before);
        data.facts.warnings = vec![name.clone()];
        data.strategies[0].name = name;
        prop_assert_eq!(tags(&page(&data)), with_warning);
    }

    #[test]
    fn any_account_values_make_a_page_or_a_typed_error(values in prop::collection::vec(
        prop_oneof![
            4 => -1e9..1e9_f64,
            4 => 1.0..1e6_f64,
            1 => prop::num::f64::ANY,
            1 => Just(0.0),
        ],
        0..40,
    )) {
        let data = small(&values);
        if let Ok(sheet) = Tearsheet::new(&data) {
            let html = sheet.html().unwrap();
            prop_assert!(html.ends_with("</html>\n"));
            prop_assert!(!html.contains("NaN") || html.matches("NaN").count() == page(&small(&[100.0])).matches("NaN").count());
        }
    }
}

#[test]
fn what_is_too_short_says_so() {
    let data = small(&[100.0]);
    let sheet = Tearsheet::new(&data).unwrap();
    let (_, statistics) = sheet.statistics().next().unwrap();
    assert_eq!(
        statistics.get(MetricId::Sharpe),
        Err(Undefined::TooFew { needed: 2, got: 1 })
    );
    let html = sheet.html().unwrap();
    assert!(html.contains("title=\"needs 2 observations, has 1\""));
    assert!(html.contains("title=\"benchmark not available\""));
    assert!(html.contains("shorter than the window"));
    assert!(html.contains("Nothing was traded."));
    assert!(!html.contains("<h2>Comparison</h2>"));
}

#[test]
fn a_ruined_account_ends_its_statistics_and_says_when() {
    let data = small(&[100.0, 120.0, -5.0, 50.0, 60.0]);
    let sheet = Tearsheet::new(&data).unwrap();
    let (_, statistics) = sheet.statistics().next().unwrap();
    assert_eq!(
        statistics.get(MetricId::Cagr),
        Err(Undefined::Ruined { index: 2 })
    );
    assert!(
        sheet
            .html()
            .unwrap()
            .contains("equity reached zero on 2024-01-03")
    );
}

#[test]
fn intraday_points_show_their_time_and_count_one_return_a_day() {
    let mut data = small(&[]);
    data.strategies[0].equity = (0..3)
        .flat_map(|day| (0..390).map(move |minute| (day, minute)))
        .map(|(day, minute)| EquityPoint {
            at: moment(day, minute),
            equity: 100.0 + f64::from(u32::try_from(day * 390 + minute).unwrap()) / 100.0,
            long: 50.0,
            short: 0.0,
        })
        .collect();
    let html = page(&data);
    assert!(html.contains("\"unit\":\"m\""));
    assert!(html.contains("3 trading days"));
}

#[test]
fn data_that_contradicts_itself_is_refused() {
    let refused = |data: &ReportData| match Tearsheet::new(data) {
        Ok(sheet) => sheet.html().unwrap_err(),
        Err(error) => error,
    };
    let mut data = small(&[100.0, 101.0]);
    data.strategies.clear();
    assert_eq!(refused(&data), ReportError::NoStrategies);
    assert!(matches!(refused(&small(&[])), ReportError::NoEquity { .. }));
    assert!(matches!(
        refused(&small(&[1.0, f64::NAN])),
        ReportError::Series { index: 1, .. }
    ));

    let mut data = small(&[100.0, 101.0]);
    data.strategies[0].initial_capital = Decimal::ZERO;
    assert!(matches!(refused(&data), ReportError::Capital { .. }));

    let mut data = small(&[100.0, 101.0]);
    data.strategies[0].equity.swap(0, 1);
    assert!(matches!(
        refused(&data),
        ReportError::Series { index: 1, .. }
    ));

    let mut data = small(&[100.0, 101.0]);
    let points = vec![(moment(0, 0), 10.0), (moment(1, 0), 0.0)];
    data.benchmark = Some(BenchmarkData {
        name: "b".to_owned(),
        points,
    });
    assert!(matches!(
        refused(&data),
        ReportError::Series { index: 1, .. }
    ));

    let mut data = small(&[100.0, 101.0]);
    let closes = vec![(moment(1, 0), 10.0), (moment(0, 0), 10.0)];
    data.strategies[0].prices = vec![PriceSeries {
        symbol: "X".to_owned(),
        closes,
    }];
    assert!(matches!(
        refused(&data),
        ReportError::Series { index: 1, .. }
    ));

    let mut data = small(&[100.0, 101.0]);
    data.surfaces.push(ParameterSurface {
        title: "s".to_owned(),
        figure: "Sharpe".to_owned(),
        column_parameter: "a".to_owned(),
        columns: vec!["1".to_owned(), "2".to_owned()],
        row_parameter: "b".to_owned(),
        rows: vec!["1".to_owned()],
        values: vec![vec![Some(1.0)]],
        deflated: None,
    });
    assert!(matches!(
        refused(&data),
        ReportError::Surface {
            rows: 1,
            columns: 2,
            ..
        }
    ));

    let mut data = small(&[100.0, 101.0]);
    data.strategies[0].final_equity = Decimal::MIN;
    assert!(matches!(refused(&data), ReportError::Overflow { .. }));
}
