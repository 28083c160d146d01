//! The events that are both logged and counted, in one call.
//!
//! Order submissions, fills, rejections, limit breaches, feed gaps, feature failures and database
//! errors. Whoever handles such an event calls [`Operations::record`]; there is no way to count
//! without logging or the reverse.

use crate::context::TradeContext;
use crate::metrics::{CounterFamily, MetricError, Metrics};

/// Something that operators count. Texts are codes with few values (they become labels); what is
/// particular to the event goes into its [`TradeContext`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// An order was handed to a broker.
    Submission {
        /// Which broker.
        broker: &'a str,
    },
    /// An order, or a part of it, was executed.
    Fill {
        /// Which broker.
        broker: &'a str,
    },
    /// An order was refused.
    Rejection {
        /// By whom: `gate`, or a broker.
        source: &'a str,
        /// Stable reason code.
        code: &'a str,
    },
    /// A limit was breached.
    LimitBreach {
        /// Code of the check.
        check: &'a str,
        /// What was measured, with unit.
        measured: &'a str,
        /// What is allowed, with unit.
        limit: &'a str,
    },
    /// Market data are missing.
    FeedGap {
        /// Which feed.
        source: &'a str,
        /// Messages missing; 0 when unknown.
        missing: u64,
    },
    /// A feature could not be computed.
    FeatureFailure {
        /// Which feature, e.g. `rsi_14`.
        feature: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// A database operation failed.
    DatabaseError {
        /// Which operation.
        operation: &'a str,
        /// Why.
        reason: &'a str,
    },
}

/// The counters behind [`Operation`].
#[derive(Clone)]
pub struct Operations {
    submissions: CounterFamily<1>,
    fills: CounterFamily<1>,
    rejections: CounterFamily<2>,
    limit_breaches: CounterFamily<1>,
    feed_gaps: CounterFamily<1>,
    feature_failures: CounterFamily<1>,
    database_errors: CounterFamily<1>,
}

impl Operations {
    /// Registers the counters; once per [`Metrics`].
    ///
    /// # Errors
    /// [`MetricError::Duplicate`] the second time.
    pub fn register(metrics: &Metrics) -> Result<Self, MetricError> {
        Ok(Self {
            submissions: metrics.counter(
                "order_submissions",
                "Orders handed to a broker",
                ["broker"],
            )?,
            fills: metrics.counter("order_fills", "Executions", ["broker"])?,
            rejections: metrics.counter(
                "order_rejections",
                "Orders refused",
                ["source", "code"],
            )?,
            limit_breaches: metrics.counter("limit_breaches", "Limits breached", ["check"])?,
            feed_gaps: metrics.counter("feed_gaps", "Gaps in market data", ["source"])?,
            feature_failures: metrics.counter(
                "feature_failures",
                "Features that failed",
                ["feature"],
            )?,
            database_errors: metrics.counter(
                "database_errors",
                "Database operations that failed",
                ["operation"],
            )?,
        })
    }

    /// Counts the event and logs it with its context.
    pub fn record(&self, operation: &Operation<'_>, context: &TradeContext<'_>) {
        let [order_id, symbol, strategy, account, correlation_id] = context.fields();
        /// One log line of target `trader::operations` with the five context fields.
        macro_rules! log {
            ($level:ident, $event:literal $(, $field:ident)*) => {
                tracing::$level!(
                    target: "trader::operations",
                    event = $event,
                    order_id,
                    symbol,
                    strategy,
                    account,
                    correlation_id,
                    $($field,)*
                    $event
                )
            };
        }
        match *operation {
            Operation::Submission { broker } => {
                self.submissions.increment([broker]);
                log!(info, "order_submitted", broker);
            }
            Operation::Fill { broker } => {
                self.fills.increment([broker]);
                log!(info, "order_filled", broker);
            }
            Operation::Rejection { source, code } => {
                self.rejections.increment([source, code]);
                log!(warn, "order_rejected", source, code);
            }
            Operation::LimitBreach {
                check,
                measured,
                limit,
            } => {
                self.limit_breaches.increment([check]);
                log!(warn, "limit_breached", check, measured, limit);
            }
            Operation::FeedGap { source, missing } => {
                self.feed_gaps.increment([source]);
                log!(warn, "feed_gap", source, missing);
            }
            Operation::FeatureFailure { feature, reason } => {
                self.feature_failures.increment([feature]);
                log!(error, "feature_failed", feature, reason);
            }
            Operation::DatabaseError { operation, reason } => {
                self.database_errors.increment([operation]);
                log!(error, "database_failed", operation, reason);
            }
        }
    }
}
