//! What a report is made from. The runner fills these plain structs; nothing here computes.
//!
//! Amounts that an account booked are exact [`Decimal`]s and are shown to the cent; series for
//! charts and statistics are `f64`. Times are exchange-local wall time, ascending. All strings may
//! come from outside (symbols, strategy names, data file names): the report escapes them.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::metrics::{Conventions, Trials};

/// Everything one report shows.
#[derive(Debug, Clone)]
pub struct ReportData {
    /// Headline.
    pub title: String,
    /// What was run, on what, under which rules.
    pub facts: RunFacts,
    /// Annualisation, risk-free rate, confidence, rolling window.
    pub conventions: Conventions,
    /// What the strategies are measured against, usually buy-and-hold.
    pub benchmark: Option<BenchmarkData>,
    /// One or more strategies over the same period.
    pub strategies: Vec<StrategyData>,
    /// Results of parameter sweeps.
    pub surfaces: Vec<ParameterSurface>,
}

/// The facts that make a run reproducible.
#[derive(Debug, Clone, Default)]
pub struct RunFacts {
    /// Name or number of the run.
    pub run: String,
    /// Source of the data in words: file or data set, symbols, resolution.
    pub data: String,
    /// Fingerprint of the data.
    pub data_fingerprint: String,
    /// Version of the code.
    pub code_version: String,
    /// Commissions, fees, slippage and borrow in words.
    pub cost_model: String,
    /// When and at what price orders fill.
    pub fill_rule: String,
    /// Kind of account.
    pub account: String,
    /// Currency code of all amounts.
    pub currency: String,
    /// Seed of the random generator, where the run had one.
    pub seed: Option<u64>,
    /// Further facts: name and value.
    pub further: Vec<(String, String)>,
    /// What a reader must know before believing the figures.
    pub warnings: Vec<String>,
}

/// A series that strategies are measured against.
#[derive(Debug, Clone)]
pub struct BenchmarkData {
    /// Name for people.
    pub name: String,
    /// Price or equity, ascending in time, all above zero.
    pub points: Vec<(NaiveDateTime, f64)>,
}

/// Account value at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EquityPoint {
    /// Exchange-local time.
    pub at: NaiveDateTime,
    /// Cash plus positions at their marks.
    pub equity: f64,
    /// Value of long positions.
    pub long: f64,
    /// Value of short positions as a magnitude.
    pub short: f64,
}

/// One strategy's run.
#[derive(Debug, Clone)]
pub struct StrategyData {
    /// Name for people.
    pub name: String,
    /// One sentence on what it does.
    pub description: String,
    /// Parameters: name and value.
    pub parameters: Vec<(String, String)>,
    /// Capital before the first point of `equity`.
    pub initial_capital: Decimal,
    /// Exact account value at the end.
    pub final_equity: Decimal,
    /// Account value after each bar (or day), ascending in time; the first return is measured from
    /// `initial_capital`. Statistics use the last point of each day.
    pub equity: Vec<EquityPoint>,
    /// All fills, ascending in time.
    pub fills: Vec<FillRecord>,
    /// Closed round trips, ascending in time of closing.
    pub trades: Vec<TradeRecord>,
    /// Positions still open at the end.
    pub positions: Vec<OpenPosition>,
    /// Prices to show fills on: one series per symbol, most important first.
    pub prices: Vec<PriceSeries>,
    /// Costs of holding: borrow and interest.
    pub carry: Vec<CarryCost>,
    /// What the risk and compliance gate refused or cut, by check.
    pub rejections: Vec<Rejection>,
    /// Orders sent to the market.
    pub orders: u64,
    /// The search that these parameters came out of.
    pub trials: Option<Trials>,
    /// Share of volume up to which a fill counts as feasible in the capacity estimate.
    pub participation_limit: f64,
}

impl StrategyData {
    /// A run without fills, costs or refusals; the rest is filled in with struct update syntax. The
    /// capacity estimate allows a tenth of the volume.
    pub fn new(name: &str, initial_capital: Decimal, final_equity: Decimal) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            parameters: Vec::new(),
            initial_capital,
            final_equity,
            equity: Vec::new(),
            fills: Vec::new(),
            trades: Vec::new(),
            positions: Vec::new(),
            prices: Vec::new(),
            carry: Vec::new(),
            rejections: Vec::new(),
            orders: 0,
            trials: None,
            participation_limit: 0.1,
        }
    }
}

/// Side of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillSide {
    /// Bought, to open or to cover.
    Buy,
    /// Sold, to close or short.
    Sell,
}

/// One fill.
#[derive(Debug, Clone, PartialEq)]
pub struct FillRecord {
    /// Exchange-local time.
    pub at: NaiveDateTime,
    /// Symbol.
    pub symbol: String,
    /// Side.
    pub side: FillSide,
    /// Quantity, positive.
    pub quantity: Decimal,
    /// Price per unit.
    pub price: Decimal,
    /// Quantity times price times the contract's multiplier, positive.
    pub value: Decimal,
    /// Broker's commission, a cost when positive.
    pub commission: Decimal,
    /// Regulatory and exchange fees, a cost when positive.
    pub fees: Decimal,
    /// What the fill cost against the price the model started from, a cost when positive; already
    /// inside `price`.
    pub slippage: Decimal,
    /// Quantity over the volume it traded against, where volume is known.
    pub participation: Option<f64>,
}

/// Direction of a round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Bought first.
    Long,
    /// Sold first.
    Short,
}

/// One closed round trip.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeRecord {
    /// Symbol.
    pub symbol: String,
    /// Direction.
    pub direction: Direction,
    /// What made the strategy enter.
    pub signal: String,
    /// What made it leave.
    pub exit_reason: String,
    /// Time of the first entry.
    pub opened: NaiveDateTime,
    /// Time of the last exit.
    pub closed: NaiveDateTime,
    /// Largest quantity held, positive.
    pub quantity: Decimal,
    /// Mean entry price.
    pub entry_price: Decimal,
    /// Mean exit price.
    pub exit_price: Decimal,
    /// Profit after commission, fees and slippage.
    pub profit: Decimal,
    /// `profit` over the entry value.
    pub return_on_entry: f64,
    /// Worst open result, fraction of the entry price, zero or negative.
    pub adverse_excursion: Option<f64>,
    /// Best open result, fraction of the entry price, zero or positive.
    pub favourable_excursion: Option<f64>,
    /// Amount at risk at entry, where the trade had a stop.
    pub initial_risk: Option<f64>,
    /// Bars from entry to exit.
    pub bars_held: u64,
}

/// A position open at the end of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenPosition {
    /// Symbol.
    pub symbol: String,
    /// Signed quantity: negative is short.
    pub quantity: Decimal,
    /// Mean entry price.
    pub entry_price: Decimal,
    /// Last mark.
    pub mark: Decimal,
    /// Signed value at the mark.
    pub value: Decimal,
    /// Profit not yet realised.
    pub unrealised: Decimal,
}

/// Prices of one symbol, for the chart with fills on it.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceSeries {
    /// Symbol, as in fills.
    pub symbol: String,
    /// Close per bar, ascending in time.
    pub closes: Vec<(NaiveDateTime, f64)>,
}

/// Kind of holding cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarryKind {
    /// Stock borrow fee on short positions.
    Borrow,
    /// Interest on a debit balance.
    Interest,
}

/// A holding cost.
#[derive(Debug, Clone, PartialEq)]
pub struct CarryCost {
    /// What for.
    pub kind: CarryKind,
    /// Symbol, for borrow.
    pub symbol: Option<String>,
    /// Amount, a cost when positive.
    pub amount: Decimal,
}

/// Refusals of one check of the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Stable code of the check.
    pub code: String,
    /// What the check guards, in words.
    pub meaning: String,
    /// Proposals refused.
    pub refused: u64,
    /// Proposals cut to size and then approved.
    pub resized: u64,
}

/// A figure over two parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSurface {
    /// What was swept.
    pub title: String,
    /// Name of the figure, for example "Sharpe ratio".
    pub figure: String,
    /// Parameter along the columns.
    pub column_parameter: String,
    /// Its values.
    pub columns: Vec<String>,
    /// Parameter along the rows.
    pub row_parameter: String,
    /// Its values.
    pub rows: Vec<String>,
    /// Figure per row and column; `None` where it is undefined or the combination was not run.
    pub values: Vec<Vec<Option<f64>>>,
    /// Probability that the best cell is better than luck, where it was computed
    /// ([`deflated_sharpe`](crate::metrics::deflated_sharpe)).
    pub deflated: Option<f64>,
}
