//! Reports of a run: an HTML tear sheet in one file, and a summary for the terminal.
//!
//! The runner fills a [`ReportData`]; [`Tearsheet::new`] checks and analyses it once; the page, the
//! summary and the figures for `metrics.json` come from that one analysis, so they agree.
//!
//! Guarantees: the same data gives the same bytes; the page loads nothing from anywhere; no string
//! from outside becomes markup, script or a terminal command.
//!
//! ```
//! use chrono::NaiveDate;
//! use rust_decimal::Decimal;
//! use trader_research::metrics::{Conventions, MetricId};
//! use trader_research::report::{
//!     Color, EquityPoint, ReportData, RunFacts, StrategyData, Tearsheet, TerminalStyle,
//! };
//!
//! let equity = (1..=20).filter_map(|day| {
//!     let at = NaiveDate::from_ymd_opt(2024, 3, day)?.and_hms_opt(16, 0, 0)?;
//!     Some(EquityPoint { at, equity: 100_000.0 + f64::from(day * day), long: 0.0, short: 0.0 })
//! });
//! let data = ReportData {
//!     title: "Momentum".to_owned(),
//!     facts: RunFacts { currency: "USD".to_owned(), ..RunFacts::default() },
//!     conventions: Conventions::daily(),
//!     benchmark: None,
//!     strategies: vec![StrategyData {
//!         equity: equity.collect(),
//!         ..StrategyData::new("Momentum", Decimal::from(100_000), Decimal::from(100_400))
//!     }],
//!     surfaces: Vec::new(),
//! };
//! let tearsheet = Tearsheet::new(&data)?;
//! assert!(tearsheet.html()?.starts_with("<!doctype html>"));
//! print!("{}", tearsheet.terminal(TerminalStyle { width: 100, color: Color::Plain }));
//! for (name, statistics) in tearsheet.statistics() {
//!     println!("{name}: {:?}", statistics.get(MetricId::Sharpe));
//! }
//! # Ok::<(), trader_research::report::ReportError>(())
//! ```

mod analysis;
mod calendar_section;
mod chart;
mod comparison;
mod conventions_section;
mod data;
mod error;
mod figures;
mod fills_chart;
mod format;
mod header;
mod ledger;
mod ledger_section;
mod markup;
mod page;
mod sampling;
mod series;
mod sparkline;
mod strategy_section;
mod surface;
mod table;
mod terminal;

pub use data::{
    BenchmarkData, CarryCost, CarryKind, Direction, EquityPoint, FillRecord, FillSide,
    OpenPosition, ParameterSurface, PriceSeries, Rejection, ReportData, RunFacts, StrategyData,
    TradeRecord,
};
pub use error::ReportError;
pub use sparkline::sparkline;
pub use terminal::{Color, Output, TerminalStyle};

use analysis::Analysis;

use crate::metrics::Statistics;

/// An analysed run, ready to be written in any form.
#[derive(Debug, Clone)]
pub struct Tearsheet<'a> {
    data: &'a ReportData,
    strategies: Vec<Analysis<'a>>,
}

impl<'a> Tearsheet<'a> {
    /// Checks and analyses the data of a run.
    ///
    /// # Errors
    /// [`ReportError`] where the data contradicts itself; what is merely missing or too short is
    /// said inside the report.
    pub fn new(data: &'a ReportData) -> Result<Self, ReportError> {
        if data.strategies.is_empty() {
            return Err(ReportError::NoStrategies);
        }
        let strategies = data
            .strategies
            .iter()
            .map(|strategy| Analysis::new(strategy, data));
        Ok(Self {
            data,
            strategies: strategies.collect::<Result<_, _>>()?,
        })
    }

    /// The whole page, self-contained.
    ///
    /// # Errors
    /// [`ReportError`] for price series or sweeps that contradict themselves.
    pub fn html(&self) -> Result<String, ReportError> {
        page::html(self.data, &self.strategies)
    }

    /// The summary for a terminal, ending with a line break.
    pub fn terminal(&self, style: TerminalStyle) -> String {
        terminal::summary(self.data, &self.strategies, style)
    }

    /// Name and figures of each strategy, in the order given.
    pub fn statistics(&self) -> impl Iterator<Item = (&str, &Statistics)> {
        self.strategies
            .iter()
            .map(|analysis| (analysis.data.name.as_str(), &analysis.statistics))
    }
}
