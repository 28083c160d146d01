//! Counters, gauges and histograms, in the text format that Prometheus reads.
//!
//! Each component registers its metrics once and keeps the handles; the app serves
//! [`Metrics::encode`]. Label values come from outside (symbols, codes), so the number of series per
//! metric is bounded: past [`MAX_SERIES`] new ones are counted together as `other`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use thiserror::Error;

/// Beginning of every metric's name.
const PREFIX: &str = "trader";

/// Label value of all series past the bound.
const OTHER: &str = "other";

/// Most series of one metric.
pub const MAX_SERIES: usize = 1_000;

/// Content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bucket bounds for latencies in seconds: 1 µs to 10 s.
pub const LATENCY_BUCKETS: [f64; 15] = [
    0.000_001, 0.000_005, 0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5,
    1.0, 5.0, 10.0,
];

/// A metric cannot be registered or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MetricError {
    /// Not a name that Prometheus takes.
    #[error(
        "`{name}` is no metric or label name: letters, digits and `_`, not starting with a digit"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// Registered before.
    #[error("the metric `{name}` is registered twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Bounds that are empty, not finite or not increasing.
    #[error("the buckets of `{name}` must be finite and increasing")]
    Buckets {
        /// The name.
        name: String,
    },
    /// The text could not be written.
    #[error("the metrics could not be written as text")]
    Encode,
}

impl From<fmt::Error> for MetricError {
    fn from(_no_detail: fmt::Error) -> Self {
        Self::Encode
    }
}

type Labels = Vec<(&'static str, String)>;

/// Every metric of the process.
pub struct Metrics {
    state: Mutex<State>,
}

struct State {
    registry: Registry,
    names: BTreeSet<String>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// No metrics yet.
    pub fn new() -> Self {
        let registry = Registry::with_prefix(PREFIX);
        Self {
            state: Mutex::new(State {
                registry,
                names: BTreeSet::new(),
            }),
        }
    }

    /// Registers a counter; it is shown as `trader_NAME_total`.
    ///
    /// # Errors
    /// [`MetricError`] when a name is malformed or taken.
    pub fn counter<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
    ) -> Result<CounterFamily<N>, MetricError> {
        let family = Family::<Labels, Counter>::default();
        self.register(name, help, &labels, family.clone())?;
        Ok(CounterFamily(Series::new(labels, family)))
    }

    /// Registers a gauge; it is shown as `trader_NAME`.
    ///
    /// # Errors
    /// [`MetricError`] when a name is malformed or taken.
    pub fn gauge<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
    ) -> Result<GaugeFamily<N>, MetricError> {
        let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        self.register(name, help, &labels, family.clone())?;
        Ok(GaugeFamily(Series::new(labels, family)))
    }

    /// Registers a histogram with the upper `bounds` of its buckets, e.g. [`LATENCY_BUCKETS`].
    ///
    /// # Errors
    /// [`MetricError`] when a name is malformed or taken, or the bounds are not increasing.
    pub fn histogram<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
        bounds: &[f64],
    ) -> Result<HistogramFamily<N>, MetricError> {
        let increasing = bounds
            .windows(2)
            .all(|pair| matches!(pair, [low, high] if low < high));
        if bounds.is_empty() || !increasing || !bounds.iter().all(|bound| bound.is_finite()) {
            return Err(MetricError::Buckets {
                name: name.to_owned(),
            });
        }
        let family = Family::new_with_constructor(Buckets(bounds.to_vec()));
        self.register(name, help, &labels, family.clone())?;
        Ok(HistogramFamily(Series::new(labels, family)))
    }

    /// All metrics as text (`OpenMetrics`, which Prometheus reads).
    ///
    /// # Errors
    /// [`MetricError::Encode`].
    pub fn encode(&self) -> Result<String, MetricError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        text::encode(&mut out, &state.registry)?;
        Ok(out)
    }

    fn register(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        metric: impl Metric,
    ) -> Result<(), MetricError> {
        for name in labels.iter().chain([&name]) {
            if !is_name(name) {
                return Err(MetricError::Name {
                    name: (*name).to_owned(),
                });
            }
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.names.insert(name.to_owned()) {
            return Err(MetricError::Duplicate {
                name: name.to_owned(),
            });
        }
        state.registry.register(name, help, metric);
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && name.bytes().all(valid)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// The series of one metric, one per set of label values, bounded in number.
#[derive(Clone)]
struct Series<const N: usize, M, C = fn() -> M> {
    labels: [&'static str; N],
    family: Family<Labels, M, C>,
    /// Series so far; two threads that meet at a new one may count it twice, which only makes the
    /// bound a little tighter.
    count: Arc<AtomicUsize>,
}

impl<const N: usize, M: Clone, C: MetricConstructor<M>> Series<N, M, C> {
    fn new(labels: [&'static str; N], family: Family<Labels, M, C>) -> Self {
        Self {
            labels,
            family,
            count: Arc::default(),
        }
    }

    fn known(&self, values: [&str; N]) -> Option<M> {
        let labels = self.labels_of(values.map(str::to_owned));
        self.family.get(&labels).map(|metric| metric.clone())
    }

    /// The series of these label values, or that of `other` when the metric has too many.
    fn of(&self, values: [&str; N]) -> M {
        if let Some(metric) = self.known(values) {
            return metric;
        }
        let has_room = self.count.fetch_add(1, Ordering::Relaxed) < MAX_SERIES;
        let values = values.map(|value| {
            if has_room {
                value.to_owned()
            } else {
                OTHER.to_owned()
            }
        });
        self.family.get_or_create_owned(&self.labels_of(values))
    }

    fn labels_of(&self, values: [String; N]) -> Labels {
        self.labels.into_iter().zip(values).collect()
    }
}

/// A counter per set of label values.
#[derive(Clone)]
pub struct CounterFamily<const N: usize>(Series<N, Counter>);

impl<const N: usize> CounterFamily<N> {
    /// Adds one.
    pub fn increment(&self, values: [&str; N]) {
        self.add(values, 1);
    }

    /// Adds `count`.
    pub fn add(&self, values: [&str; N], count: u64) {
        self.0.of(values).inc_by(count);
    }

    /// The count so far.
    pub fn value(&self, values: [&str; N]) -> u64 {
        self.0.known(values).map_or(0, |counter| counter.get())
    }
}

/// A gauge per set of label values.
#[derive(Clone)]
pub struct GaugeFamily<const N: usize>(Series<N, Gauge<f64, AtomicU64>>);

impl<const N: usize> GaugeFamily<N> {
    /// Sets the value; a value that is no number is shown as `NaN`, as Prometheus defines it.
    pub fn set(&self, values: [&str; N], value: f64) {
        self.0.of(values).set(value);
    }
}

/// Makes histograms with the same buckets.
#[derive(Clone)]
struct Buckets(Vec<f64>);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// A histogram per set of label values.
#[derive(Clone)]
pub struct HistogramFamily<const N: usize>(Series<N, Histogram, Buckets>);

/// The observation was no number and would have spoiled the sum for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an observation of a histogram must be a finite number")]
pub struct NotFinite;

impl<const N: usize> HistogramFamily<N> {
    /// Counts one observation.
    ///
    /// # Errors
    /// [`NotFinite`] for NaN and infinities, which are not counted.
    pub fn observe(&self, values: [&str; N], value: f64) -> Result<(), NotFinite> {
        if !value.is_finite() {
            return Err(NotFinite);
        }
        self.0.of(values).observe(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let metrics = Metrics::new();
        let orders = metrics.counter("orders", "Orders sent", ["side"]).unwrap();
        orders.increment(["buy"]);
        orders.add(["buy"], 2);
        let equity = metrics.gauge("equity_usd", "Equity", []).unwrap();
        equity.set([], 1000.5);
        let latency = metrics
            .histogram("gate_seconds", "Time in the gate", [], &[0.001, 0.01])
            .unwrap();
        latency.observe([], 0.002).unwrap();
        assert_eq!(latency.observe([], f64::NAN), Err(NotFinite));
        let expected = "\
# HELP trader_orders Orders sent.
# TYPE trader_orders counter
trader_orders_total{side=\"buy\"} 3
# HELP trader_equity_usd Equity.
# TYPE trader_equity_usd gauge
trader_equity_usd{} 1000.5
# HELP trader_gate_seconds Time in the gate.
# TYPE trader_gate_seconds histogram
trader_gate_seconds_sum{} 0.002
trader_gate_seconds_count{} 1
trader_gate_seconds_bucket{le=\"0.001\"} 0
trader_gate_seconds_bucket{le=\"0.01\"} 1
trader_gate_seconds_bucket{le=\"+Inf\"} 1
# EOF
";
        assert_eq!(metrics.encode().unwrap(), expected);
    }

    #[test]
    fn label_values_from_outside_cannot_break_the_text() {
        let metrics = Metrics::new();
        let counter = metrics.counter("c", "help", ["source"]).unwrap();
        counter.increment(["a\"} 1\nfake 2 \\"]);
        let text = metrics.encode().unwrap();
        assert!(
            text.contains(r#"trader_c_total{source="a\"} 1\nfake 2 \\"} 1"#),
            "{text}"
        );
        assert!(!text.lines().any(|line| line.starts_with("fake")));
    }

    #[test]
    fn the_number_of_series_is_bounded() {
        let metrics = Metrics::new();
        let counter = metrics.counter("c", "help", ["symbol"]).unwrap();
        for number in 0..MAX_SERIES + 500 {
            counter.increment([&format!("S{number}")]);
        }
        counter.increment(["S0"]);
        assert_eq!(counter.value(["other"]), 500);
        assert_eq!(counter.value(["S0"]), 2, "known series go on");
    }

    #[test]
    fn names_are_checked_and_unique() {
        let metrics = Metrics::new();
        for name in ["", "1a", "a-b", "a b", "\u{e4}"] {
            assert!(
                matches!(
                    metrics.counter(name, "h", []),
                    Err(MetricError::Name { .. })
                ),
                "{name}"
            );
            assert!(matches!(
                metrics.counter("c", "h", ["bad-label"]),
                Err(MetricError::Name { .. })
            ));
        }
        assert!(metrics.counter("c", "h", []).is_ok());
        assert!(matches!(
            metrics.gauge("c", "h", []),
            Err(MetricError::Duplicate { .. })
        ));
        for bounds in [
            &[][..],
            &[1.0, 1.0],
            &[2.0, 1.0],
            &[f64::NAN],
            &[1.0, f64::INFINITY],
        ] {
            assert!(matches!(
                metrics.histogram("h", "h", [], bounds),
                Err(MetricError::Buckets { .. })
            ));
        }
    }
}
