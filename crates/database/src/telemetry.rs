//! What the database reports of itself.

use trader_telemetry::{
    CounterFamily, GaugeFamily, MetricError, Metrics, Operation, Operations, TradeContext,
};

/// The metrics of a database; registered once, kept by the handle.
#[derive(Clone)]
pub struct DatabaseMetrics {
    pub(crate) in_use: GaugeFamily<0>,
    pub(crate) slow: CounterFamily<0>,
    pub(crate) repeated: CounterFamily<1>,
    pub(crate) exhausted: CounterFamily<1>,
    operations: Operations,
}

impl DatabaseMetrics {
    /// Registers the metrics; once per [`Metrics`]. `operations` counts failures.
    ///
    /// # Errors
    /// [`MetricError::Duplicate`] the second time.
    pub fn register(metrics: &Metrics, operations: Operations) -> Result<Self, MetricError> {
        Ok(Self {
            in_use: metrics.gauge(
                "database_connections_in_use",
                "Share of the pool's connections in use",
                [],
            )?,
            slow: metrics.counter(
                "database_slow_acquires",
                "Waits for a connection longer than database.slow_acquire",
                [],
            )?,
            repeated: metrics.counter(
                "database_repeated",
                "Transactions repeated after a conflict",
                ["operation"],
            )?,
            exhausted: metrics.counter(
                "database_pool_exhausted",
                "Operations that got no connection in time",
                ["operation"],
            )?,
            operations,
        })
    }

    /// Counts and logs a failed operation.
    pub(crate) fn failed(&self, operation: &str, reason: &str) {
        self.operations.record(
            &Operation::DatabaseError { operation, reason },
            &TradeContext::default(),
        );
    }
}
