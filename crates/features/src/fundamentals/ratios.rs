//! Registry entries of value, quality and growth ratios.

use chrono::NaiveTime;
use trader_domain::eastern_instant;

use super::item::Item;
use super::statements::Statements;
use crate::as_of::{AsOf, Known};
use crate::events::series::split_factor;
use crate::registry::{Build, Cost, Definition, Family};

pub(super) const BASE: Definition = Definition {
    name: "",
    family: Family::Fundamentals,
    outputs: &[],
    parameters: &[],
    inputs: &[],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "value_ratios",
        outputs: &[
            "market_cap",
            "pe",
            "earnings_yield",
            "pb",
            "ps",
            "ev_ebitda",
            "fcf_yield",
            "shareholder_yield",
        ],
        inputs: &["close"],
        description: "What the share costs against what the company earns and owns: market \
                      capitalisation; price to earnings, to book, to sales; enterprise value to EBITDA; \
                      yields of earnings, of free cash flow and of dividends paid.",
        convention: "Close (as traded, not adjusted) times the shares outstanding last reported, \
                     carried over known splits since; flows of the last twelve months, balances last \
                     reported, by what had been filed before the close. P/E and EV/EBITDA are missing \
                     where the divisor is not positive, P/B where equity is not. EV = capitalisation + \
                     debt - cash; EBITDA = operating income + depreciation; free cash flow = operating \
                     cash flow - capital expenditure.",
        build: Build::AsOf(|_| Ok(Box::new(Ratios(value)))),
        ..BASE
    },
    Definition {
        name: "quality_ratios",
        outputs: &[
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
        ],
        description: "How well the company earns and how it is financed: return on equity and assets; \
                      margins; accruals; turnover; current ratio; debt to equity; interest cover.",
        convention: "Flows of the last twelve months over the mean of the balance now and a year \
                     before (ROE, ROA, turnover, accruals), shares of revenue (margins), balances last \
                     reported (current ratio, debt to equity). Accruals = (net income - operating cash \
                     flow) / mean assets (Sloan 1996, from the cash flow statement). Missing where a \
                     figure is not reported or a divisor is not positive.",
        build: Build::AsOf(|_| Ok(Box::new(Ratios(quality)))),
        ..BASE
    },
    Definition {
        name: "growth_ratios",
        outputs: &[
            "revenue_growth",
            "earnings_growth",
            "eps_growth",
            "asset_growth",
            "margin_change",
        ],
        description: "How fast the company grows: revenue, net income, earnings a share, assets; and by \
                      how much its gross margin changed.",
        convention: "Last twelve months over the twelve before, less 1; missing where the earlier \
                     figure is not positive. Assets now over a year before; gross margin in points of 1. \
                     Earnings a share are the sum of four diluted figures.",
        build: Build::AsOf(|_| Ok(Box::new(Ratios(growth)))),
        ..BASE
    },
];

/// A function of statements, what is known and the close.
struct Ratios<const O: usize>(fn(&Known<'_>, f64) -> [Option<f64>; O]);

impl<const O: usize> AsOf for Ratios<O> {
    fn outputs(&self) -> usize {
        O
    }

    fn evaluate(&self, known: &Known<'_>, row: &[f64], out: &mut [f64]) {
        let close = row.first().copied().unwrap_or(f64::NAN);
        let values = (self.0)(known, close);
        for (out, value) in out.iter_mut().zip(values) {
            *out = value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
        }
    }
}

/// `a / b` where b is positive.
pub(super) fn over(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

/// Shares outstanding times the close.
pub(super) fn market_cap(known: &Known<'_>, close: f64) -> Option<f64> {
    let (end, shares) = Statements::new(known).balance(Item::Shares)?;
    let counted = eastern_instant(end, NaiveTime::from_hms_opt(16, 0, 0)?).ok()?;
    let now = shares * split_factor(known, counted);
    (close > 0.0 && now > 0.0).then_some(close * now)
}

/// All debt: as one figure, or its two parts of the same statements. A company that reports neither
/// has none that could be known.
fn debt(statements: &Statements<'_>) -> Option<f64> {
    if let Some((_, total)) = statements.balance(Item::TotalDebt) {
        return Some(total);
    }
    let long = statements.balance(Item::LongTermDebt).map(|(_, debt)| debt);
    let short = statements
        .balance(Item::ShortTermDebt)
        .map(|(_, debt)| debt);
    match (long, short) {
        (None, None) => None,
        (long, short) => Some(long.unwrap_or(0.0) + short.unwrap_or(0.0)),
    }
}

/// Gross profit over the year to the end of the last revenue, reported or as revenue less cost; and
/// that revenue.
pub(super) fn gross(statements: &Statements<'_>) -> Option<(f64, f64)> {
    let (end, revenue) = statements.trailing_year(Item::Revenue)?;
    gross_to(statements, end).or_else(|| {
        let profit = statements.trailing_year(Item::GrossProfit)?;
        (profit.0 == end).then_some((profit.1, revenue))
    })
}

/// The same over the year to a given end.
pub(super) fn gross_to(statements: &Statements<'_>, end: chrono::NaiveDate) -> Option<(f64, f64)> {
    let revenue = statements.year_to(Item::Revenue, end)?;
    let profit = statements.year_to(Item::GrossProfit, end).or_else(|| {
        let cost = statements.year_to(Item::CostOfRevenue, end)?;
        Some(revenue - cost)
    })?;
    Some((profit, revenue))
}

fn value(known: &Known<'_>, close: f64) -> [Option<f64>; 8] {
    let statements = Statements::new(known);
    let flow = |item: Item| statements.trailing_year(item).map(|(_, flow)| flow);
    let balance = |item: Item| statements.balance(item).map(|(_, balance)| balance);
    let cap = market_cap(known, close);
    let to = |figure: Option<f64>| over(cap?, figure?);
    let share = |figure: Option<f64>| over(figure?, cap?);
    let enterprise = || Some(cap? + debt(&statements)? - balance(Item::Cash)?);
    let ebitda = || Some(flow(Item::OperatingIncome)? + flow(Item::Depreciation)?);
    let free = || Some(flow(Item::OperatingCashFlow)? - flow(Item::CapitalExpenditure)?);
    let multiple = || over(enterprise()?, ebitda()?);
    let income = flow(Item::NetIncome);
    [
        cap,
        to(income),
        share(income),
        to(balance(Item::Equity)),
        to(flow(Item::Revenue)),
        multiple(),
        share(free()),
        share(flow(Item::DividendsPaid)),
    ]
}

fn quality(known: &Known<'_>, _close: f64) -> [Option<f64>; 10] {
    let statements = Statements::new(known);
    let flow = |item: Item| statements.trailing_year(item).map(|(_, flow)| flow);
    let balance = |item: Item| statements.balance(item).map(|(_, balance)| balance);
    let mean = |item: Item| {
        let (now, before) = statements.balance_and_year_before(item)?;
        Some(0.5 * (now + before))
    };
    let of = |a: Option<f64>, b: Option<f64>| over(a?, b?);
    let (revenue, income) = (flow(Item::Revenue), flow(Item::NetIncome));
    let assets = mean(Item::Assets);
    let unearned = || Some(income? - flow(Item::OperatingCashFlow)?);
    [
        of(income, mean(Item::Equity)),
        of(income, assets),
        gross(&statements).and_then(|(profit, revenue)| over(profit, revenue)),
        of(flow(Item::OperatingIncome), revenue),
        of(income, revenue),
        of(unearned(), assets),
        of(revenue, assets),
        of(
            balance(Item::CurrentAssets),
            balance(Item::CurrentLiabilities),
        ),
        of(debt(&statements), balance(Item::Equity)),
        of(flow(Item::OperatingIncome), flow(Item::InterestExpense)),
    ]
}

fn growth(known: &Known<'_>, _close: f64) -> [Option<f64>; 5] {
    let statements = Statements::new(known);
    let grown = |pair: Option<(f64, f64)>| {
        let (now, before) = pair?;
        Some(over(now, before)? - 1.0)
    };
    let of = |item: Item| grown(statements.trailing_and_year_before(item));
    let margin_change = || {
        let (end, _) = statements.trailing_year(Item::Revenue)?;
        let (profit, revenue) = gross(&statements)?;
        let before = end.checked_sub_days(chrono::Days::new(365))?;
        let (profit_then, revenue_then) = gross_to(&statements, before)?;
        Some(over(profit, revenue)? - over(profit_then, revenue_then)?)
    };
    [
        of(Item::Revenue),
        of(Item::NetIncome),
        of(Item::DilutedEps),
        grown(statements.balance_and_year_before(Item::Assets)),
        margin_change(),
    ]
}
