//! Registry entries of scores made of several ratios: Piotroski's F and Altman's Z.

use chrono::Days;

use super::item::Item;
use super::ratios::{BASE, gross, gross_to, market_cap, over};
use super::statements::Statements;
use crate::as_of::{AsOf, Known};
use crate::registry::{Build, Definition};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "piotroski_f",
        outputs: &["piotroski_f"],
        description: "Nine signs of financial strength, 0 to 9.",
        convention: "One point each: net income > 0; operating cash flow > 0; return on assets up; cash \
                     flow above net income; long-term debt over assets not up; current ratio up; diluted \
                     shares at most 1 % more (options exercised are no offering); gross margin up; asset turnover up (Piotroski 2000, assets at the \
                     beginning of each year). A company without long-term debt has none. Missing when \
                     any other figure is.",
        build: Build::AsOf(|_| Ok(Box::new(Score(piotroski)))),
        ..BASE
    },
    Definition {
        name: "altman_z",
        outputs: &["altman_z"],
        inputs: &["close"],
        description: "Distance from bankruptcy of a manufacturer: below 1.8 distress, above 3 safe.",
        convention: "1.2 working capital + 1.4 retained earnings + 3.3 EBIT + 0.999 sales, each over \
                     assets, + 0.6 market capitalisation over liabilities (Altman 1968); flows of the \
                     last twelve months. Missing when any figure is.",
        build: Build::AsOf(|_| Ok(Box::new(Score(altman)))),
        ..BASE
    },
];

struct Score(fn(&Known<'_>, f64) -> Option<f64>);

impl AsOf for Score {
    fn outputs(&self) -> usize {
        1
    }

    fn evaluate(&self, known: &Known<'_>, row: &[f64], out: &mut [f64]) {
        let close = row.first().copied().unwrap_or(f64::NAN);
        let score = (self.0)(known, close).filter(|score| score.is_finite());
        out.fill(score.unwrap_or(f64::NAN));
    }
}

fn piotroski(known: &Known<'_>, _close: f64) -> Option<f64> {
    let statements = Statements::new(known);
    let (end, income) = statements.trailing_year(Item::NetIncome)?;
    let before = end.checked_sub_days(Days::new(365))?;
    let earlier = end.checked_sub_days(Days::new(730))?;
    let income_then = statements.year_to(Item::NetIncome, before)?;
    let cash = statements.year_to(Item::OperatingCashFlow, end)?;
    let at = |item: Item, date| statements.balance_near(item, date);
    let (assets, assets_then) = (at(Item::Assets, end)?, at(Item::Assets, before)?);
    let assets_earlier = at(Item::Assets, earlier)?;
    let return_now = over(income, assets_then)?;
    let return_then = over(income_then, assets_earlier)?;
    let debt = |date| at(Item::LongTermDebt, date).or_else(|| at(Item::TotalDebt, date));
    let leverage = over(debt(end).unwrap_or(0.0), assets)?;
    let leverage_then = over(debt(before).unwrap_or(0.0), assets_then)?;
    let current = |date| {
        over(
            at(Item::CurrentAssets, date)?,
            at(Item::CurrentLiabilities, date)?,
        )
    };
    let shares = |date| statements.mean_to(Item::DilutedShares, date);
    let (gross_now, revenue) = gross(&statements)?;
    let (gross_then, revenue_then) = gross_to(&statements, before)?;
    let signs = [
        income > 0.0,
        cash > 0.0,
        return_now > return_then,
        cash > income,
        leverage <= leverage_then,
        current(end)? > current(before)?,
        shares(end)? <= shares(before)? * 1.01,
        over(gross_now, revenue)? > over(gross_then, revenue_then)?,
        over(revenue, assets_then)? > over(revenue_then, assets_earlier)?,
    ];
    Some(signs.iter().filter(|sign| **sign).count() as f64)
}

fn altman(known: &Known<'_>, close: f64) -> Option<f64> {
    let statements = Statements::new(known);
    let balance = |item: Item| statements.balance(item).map(|(_, balance)| balance);
    let flow = |item: Item| statements.trailing_year(item).map(|(_, flow)| flow);
    let assets = balance(Item::Assets)?;
    let working = balance(Item::CurrentAssets)? - balance(Item::CurrentLiabilities)?;
    let kept = balance(Item::RetainedEarnings)?;
    let market = over(market_cap(known, close)?, balance(Item::Liabilities)?)?;
    let sum = 1.2 * working
        + 1.4 * kept
        + 3.3 * flow(Item::OperatingIncome)?
        + 0.999 * flow(Item::Revenue)?;
    Some(over(sum, assets)? + 0.6 * market)
}
