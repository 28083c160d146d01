//! Why a report cannot be made. Everything else (too few days, no benchmark, no trades) is shown
//! inside the report.

/// Data that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Nothing to report on.
    #[error("a report needs at least one strategy")]
    NoStrategies,
    /// A strategy without account values.
    #[error("strategy {strategy}: no equity points")]
    NoEquity {
        /// Name of the strategy.
        strategy: String,
    },
    /// The starting capital cannot be the base of a return.
    #[error("strategy {strategy}: initial capital {capital} is not above zero")]
    Capital {
        /// Name of the strategy.
        strategy: String,
        /// The capital given.
        capital: String,
    },
    /// A series with a value that is no number, not above zero where it must be, or out of order.
    #[error("{series}: point {index} is out of order or not a valid number")]
    Series {
        /// Which series.
        series: String,
        /// Position of the offending point.
        index: usize,
    },
    /// Sums of amounts leave the range of exact decimals.
    #[error("strategy {strategy}: amounts are too large to add up exactly")]
    Overflow {
        /// Name of the strategy.
        strategy: String,
    },
    /// A table of a sweep whose rows and columns do not match its values.
    #[error("surface {title}: values do not match {rows} rows of {columns} columns")]
    Surface {
        /// Title of the surface.
        title: String,
        /// Number of row labels.
        rows: usize,
        /// Number of column labels.
        columns: usize,
    },
}
