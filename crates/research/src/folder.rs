//! The run folder: everything of one run, complete or not there at all.
//!
//! The folder is filled under a temporary name and renamed when it is whole; a run that is
//! interrupted or meets a full disk leaves nothing behind, and nothing is ever overwritten. The
//! same inputs give the same bytes in every file.
//!
//! ```text
//! run.json        what was run: strategy, parameters, rules, data fingerprint, code version, counts
//! metrics.json    all statistics, undefined ones with the reason
//! config.toml     the merged configuration, where the app has one
//! report.html     the tear sheet, self-contained
//! equity.*        account value after each instant (thinned) or day
//! orders.* fills.* trades.* positions.* cash.*     CSV and Parquet
//! ```

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use trader_domain::{Instruments, MoneyError, Side};
use trader_storage::{
    AtomicFolder, Cells, ColumnSpec, DataError, Existing, TableFormat, TableWriter,
};

use crate::report::{ReportError, Tearsheet};
use crate::run::RunOutcome;

/// Why a run folder was not written.
#[derive(Debug, Error)]
pub enum FolderError {
    /// The files could not be written; the folder has not appeared.
    #[error("the run folder could not be written")]
    Storage(#[from] DataError),
    /// The report contradicts itself: a defect of ours.
    #[error("the report could not be made")]
    Report(#[from] ReportError),
    /// An amount does not fit its column.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The facts could not be written as JSON.
    #[error("the run's facts could not be written")]
    Json(#[from] serde_json::Error),
}

/// `run.json`: the facts of a run, enough to compare it and to do it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// Version of this file's form.
    pub format: u32,
    /// The run's name, which is its folder's.
    pub run: String,
    /// Version of the code.
    pub code_version: String,
    /// Strategies with their parameters, in the order of the report.
    pub strategies: Vec<StrategyFile>,
    /// The data in words.
    pub data: String,
    /// Fingerprint of the data.
    pub data_fingerprint: String,
    /// Who delivered the data, where that is recorded.
    #[serde(default)]
    pub vendor: Option<String>,
    /// How its prices are adjusted, in words.
    #[serde(default)]
    pub adjustment: String,
    /// First and last instant at which equity was taken, `--from` and `--to` respected.
    pub period: Option<(String, String)>,
    /// Cost model in words.
    pub costs: String,
    /// Fill rule in words.
    pub fill_rule: String,
    /// Account in words.
    pub account: String,
    /// Seed of the random generator; none when nothing in the run was random.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// One strategy in [`RunFile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategyFile {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<(String, String)>,
    /// Bars fed.
    pub bars: u64,
    /// Orders that left.
    pub orders: u64,
    /// Orders that the gate refused.
    pub refusals: u64,
    /// Executions.
    pub fills: u64,
    /// Closed lots.
    pub trades: u64,
    /// Exact account value at the end.
    pub final_equity: String,
    /// Fingerprint of state and effects.
    pub state_hash: String,
}

impl StrategyFile {
    /// The facts of one outcome.
    pub fn new(name: &str, parameters: Vec<(String, String)>, outcome: &RunOutcome) -> Self {
        Self {
            name: name.to_owned(),
            parameters,
            bars: outcome.counts.bars,
            orders: outcome.counts.orders,
            refusals: outcome.counts.refusals,
            fills: outcome.counts.fills,
            trades: outcome.counts.trades,
            final_equity: outcome.final_equity.to_string(),
            state_hash: format!("{:032x}", outcome.state_hash),
        }
    }
}

/// What a run folder is made of.
#[derive(Debug)]
pub struct RunFolder<'a> {
    /// The facts.
    pub facts: &'a RunFile,
    /// The merged configuration as text.
    pub config: Option<&'a str>,
    /// The analysed report.
    pub tearsheet: &'a Tearsheet<'a>,
    /// Outcomes with the names of their strategies; tables carry the name in a column.
    pub outcomes: &'a [(String, &'a RunOutcome)],
}

impl RunFolder<'_> {
    /// Writes everything to `target`, which must not exist.
    ///
    /// # Errors
    /// [`FolderError`]; `target` has not appeared then.
    pub fn write(&self, target: &Path) -> Result<(), FolderError> {
        let folder = AtomicFolder::create(target)?;
        let path = folder.path();
        write_text(path, "run.json", &pretty(self.facts)?)?;
        write_text(path, "metrics.json", &self.metrics()?)?;
        if let Some(config) = self.config {
            write_text(path, "config.toml", config)?;
        }
        write_text(path, "report.html", &self.tearsheet.html()?)?;
        for format in [TableFormat::Csv, TableFormat::Parquet] {
            self.tables(path, format)?;
        }
        folder.commit()?;
        Ok(())
    }

    fn metrics(&self) -> Result<String, FolderError> {
        let all: Vec<_> = self
            .tearsheet
            .statistics()
            .map(|(name, statistics)| serde_json::json!({ "strategy": name, "statistics": statistics }))
            .collect();
        pretty(&all)
    }

    fn tables(&self, path: &Path, format: TableFormat) -> Result<(), FolderError> {
        self.table(path, "equity", format, equity_columns)?;
        self.table(path, "orders", format, order_columns)?;
        self.table(path, "fills", format, fill_columns)?;
        self.table(path, "trades", format, trade_columns)?;
        self.table(path, "positions", format, position_columns)?;
        self.table(path, "cash", format, cash_columns)
    }

    fn table(
        &self,
        path: &Path,
        name: &str,
        format: TableFormat,
        columns: fn(&str, &RunOutcome) -> Vec<(&'static str, Cells)>,
    ) -> Result<(), FolderError> {
        let extension = match format {
            TableFormat::Csv => "csv",
            TableFormat::Parquet => "parquet",
        };
        let mut writer: Option<TableWriter> = None;
        for (strategy, outcome) in self.outcomes {
            let columns = columns(strategy, outcome);
            let writer = match &mut writer {
                Some(writer) => writer,
                None => {
                    let schema = columns
                        .iter()
                        .map(|(name, cells)| ColumnSpec::optional(name, emptied(cells)))
                        .collect();
                    let file = path.join(format!("{name}.{extension}"));
                    writer.insert(TableWriter::create(&file, schema, format, Existing::Keep)?)
                }
            };
            let cells: Vec<Cells> = columns.into_iter().map(|(_, cells)| cells).collect();
            writer.append(&cells)?;
        }
        if let Some(writer) = writer {
            writer.finish()?;
        }
        Ok(())
    }
}

fn pretty<T: Serialize>(value: &T) -> Result<String, FolderError> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

fn write_text(folder: &Path, name: &str, text: &str) -> Result<(), FolderError> {
    trader_storage::write_file(&folder.join(name), text.as_bytes(), Existing::Keep)?;
    Ok(())
}

/// Cells of the same type without rows.
fn emptied(cells: &Cells) -> Cells {
    match cells {
        Cells::Text(_) => Cells::Text(Vec::new()),
        Cells::Integer(_) => Cells::Integer(Vec::new()),
        Cells::Boolean(_) => Cells::Boolean(Vec::new()),
        Cells::Timestamp(_) => Cells::Timestamp(Vec::new()),
        Cells::Date(_) => Cells::Date(Vec::new()),
        Cells::Price(_) => Cells::Price(Vec::new()),
        Cells::Quantity(_) => Cells::Quantity(Vec::new()),
        Cells::Volume(_) => Cells::Volume(Vec::new()),
        Cells::Money(_) => Cells::Money(Vec::new()),
        Cells::Rate(_) => Cells::Rate(Vec::new()),
        Cells::Float(_) => Cells::Float(Vec::new()),
    }
}

fn name_column(strategy: &str, rows: usize) -> (&'static str, Cells) {
    (
        "strategy",
        Cells::Text(vec![Some(strategy.to_owned()); rows]),
    )
}

fn symbols<'a>(
    instruments: &Instruments,
    ids: impl Iterator<Item = Option<trader_domain::InstrumentId>> + 'a,
) -> Cells {
    Cells::Text(
        ids.map(|id| {
            id.and_then(|id| instruments.get(id))
                .map(|terms| terms.symbol.to_string())
        })
        .collect(),
    )
}

fn side_text(side: Side) -> Option<String> {
    Some(if side == Side::Buy { "buy" } else { "sell" }.to_owned())
}

fn id(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

fn equity_columns(strategy: &str, outcome: &RunOutcome) -> Vec<(&'static str, Cells)> {
    let record = &outcome.record;
    let samples = if record.fine_is_complete() {
        record.fine_equity()
    } else {
        record.daily_equity()
    };
    vec![
        name_column(strategy, samples.len()),
        (
            "time",
            Cells::Timestamp(samples.iter().map(|s| Some(s.time)).collect()),
        ),
        (
            "equity",
            Cells::Money(samples.iter().map(|s| Some(s.equity)).collect()),
        ),
        (
            "long_value",
            Cells::Money(samples.iter().map(|s| Some(s.long)).collect()),
        ),
        (
            "short_value",
            Cells::Money(samples.iter().map(|s| Some(s.short)).collect()),
        ),
    ]
}

fn order_columns(strategy: &str, outcome: &RunOutcome) -> Vec<(&'static str, Cells)> {
    let orders = &outcome.record.orders;
    let instruments = outcome.core.instruments();
    let text = |value: String| Some(value);
    vec![
        name_column(strategy, orders.len()),
        (
            "order",
            Cells::Integer(orders.iter().map(|o| id(o.id.0)).collect()),
        ),
        (
            "time",
            Cells::Timestamp(orders.iter().map(|o| Some(o.created)).collect()),
        ),
        (
            "symbol",
            symbols(instruments, orders.iter().map(|o| Some(o.instrument))),
        ),
        (
            "side",
            Cells::Text(orders.iter().map(|o| side_text(o.side)).collect()),
        ),
        (
            "quantity",
            Cells::Quantity(orders.iter().map(|o| Some(o.quantity)).collect()),
        ),
        (
            "type",
            Cells::Text(
                orders
                    .iter()
                    .map(|o| text(o.kind.name().to_owned()))
                    .collect(),
            ),
        ),
        (
            "limit_price",
            Cells::Price(orders.iter().map(|o| o.kind.limit_price()).collect()),
        ),
        (
            "trigger_price",
            Cells::Price(orders.iter().map(|o| o.kind.trigger_price()).collect()),
        ),
        (
            "parent",
            Cells::Integer(
                orders
                    .iter()
                    .map(|o| o.parent.and_then(|p| id(p.0)))
                    .collect(),
            ),
        ),
    ]
}

fn fill_columns(strategy: &str, outcome: &RunOutcome) -> Vec<(&'static str, Cells)> {
    let fills = &outcome.record.fills;
    let instruments = outcome.core.instruments();
    vec![
        name_column(strategy, fills.len()),
        (
            "execution",
            Cells::Text(
                fills
                    .iter()
                    .map(|f| Some(f.fill.execution.to_string()))
                    .collect(),
            ),
        ),
        (
            "order",
            Cells::Integer(fills.iter().map(|f| id(f.order.0)).collect()),
        ),
        (
            "time",
            Cells::Timestamp(fills.iter().map(|f| Some(f.time)).collect()),
        ),
        (
            "symbol",
            symbols(instruments, fills.iter().map(|f| Some(f.instrument))),
        ),
        (
            "side",
            Cells::Text(fills.iter().map(|f| side_text(f.side)).collect()),
        ),
        (
            "quantity",
            Cells::Quantity(fills.iter().map(|f| Some(f.fill.quantity)).collect()),
        ),
        (
            "price",
            Cells::Price(fills.iter().map(|f| Some(f.fill.price)).collect()),
        ),
        (
            "commission",
            Cells::Money(fills.iter().map(|f| Some(f.fill.commission)).collect()),
        ),
        (
            "fees",
            Cells::Money(fills.iter().map(|f| Some(f.fill.fees)).collect()),
        ),
        (
            "slippage",
            Cells::Money(fills.iter().map(|f| Some(f.fill.slippage)).collect()),
        ),
    ]
}

fn trade_columns(strategy: &str, outcome: &RunOutcome) -> Vec<(&'static str, Cells)> {
    let trades = &outcome.record.trades;
    let instruments = outcome.core.instruments();
    vec![
        name_column(strategy, trades.len()),
        (
            "symbol",
            symbols(instruments, trades.iter().map(|t| Some(t.instrument))),
        ),
        (
            "opened_by",
            Cells::Text(trades.iter().map(|t| side_text(t.opened_by)).collect()),
        ),
        (
            "opened",
            Cells::Timestamp(trades.iter().map(|t| Some(t.opened)).collect()),
        ),
        (
            "closed",
            Cells::Timestamp(trades.iter().map(|t| Some(t.closed)).collect()),
        ),
        (
            "quantity",
            Cells::Quantity(trades.iter().map(|t| Some(t.quantity)).collect()),
        ),
        (
            "cost",
            Cells::Money(trades.iter().map(|t| Some(t.cost)).collect()),
        ),
        (
            "proceeds",
            Cells::Money(trades.iter().map(|t| Some(t.proceeds)).collect()),
        ),
        (
            "costs",
            Cells::Money(trades.iter().map(|t| Some(t.costs)).collect()),
        ),
        (
            "profit",
            Cells::Money(trades.iter().map(|t| Some(t.profit)).collect()),
        ),
        (
            "high",
            Cells::Price(trades.iter().map(|t| Some(t.high)).collect()),
        ),
        (
            "low",
            Cells::Price(trades.iter().map(|t| Some(t.low)).collect()),
        ),
    ]
}

fn position_columns(strategy: &str, outcome: &RunOutcome) -> Vec<(&'static str, Cells)> {
    let portfolio = outcome.core.portfolio();
    let open: Vec<_> = portfolio
        .positions()
        .filter(|position| !position.is_flat())
        .collect();
    let value = |id: trader_domain::InstrumentId| {
        portfolio
            .holdings()
            .get(id)
            .map(|holding| holding.market_value)
    };
    vec![
        name_column(strategy, open.len()),
        (
            "symbol",
            symbols(
                outcome.core.instruments(),
                open.iter().map(|p| Some(p.instrument())),
            ),
        ),
        (
            "quantity",
            Cells::Quantity(open.iter().map(|p| Some(p.quantity())).collect()),
        ),
        (
            "open_value",
            Cells::Money(open.iter().map(|p| Some(p.open_value())).collect()),
        ),
        (
            "mark",
            Cells::Price(
                open.iter()
                    .map(|p| portfolio.mark_price(p.instrument()))
                    .collect(),
            ),
        ),
        (
            "market_value",
            Cells::Money(open.iter().map(|p| value(p.instrument())).collect()),
        ),
    ]
}

fn cash_columns(strategy: &str, outcome: &RunOutcome) -> Vec<(&'static str, Cells)> {
    let moved = &outcome.record.cash;
    vec![
        name_column(strategy, moved.len()),
        (
            "time",
            Cells::Timestamp(moved.iter().map(|c| Some(c.time)).collect()),
        ),
        (
            "symbol",
            symbols(
                outcome.core.instruments(),
                moved.iter().map(|c| c.instrument),
            ),
        ),
        (
            "reason",
            Cells::Text(
                moved
                    .iter()
                    .map(|c| Some(c.reason.name().to_owned()))
                    .collect(),
            ),
        ),
        (
            "amount",
            Cells::Money(moved.iter().map(|c| Some(c.amount)).collect()),
        ),
    ]
}
