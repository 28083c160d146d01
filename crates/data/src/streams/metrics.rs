//! A stream's report as metrics: levels, high-water marks and counts, by vendor.

use trader_telemetry::{GaugeFamily, MetricError, Metrics};

use super::live::StreamReport;

/// The gauges of streams. Counts are shown as gauges because the report holds totals.
#[derive(Clone)]
pub struct StreamMetrics {
    healthy: GaugeFamily<1>,
    topics: GaugeFamily<1>,
    counts: GaugeFamily<2>,
    faults: GaugeFamily<2>,
    quarantined: GaugeFamily<2>,
}

impl StreamMetrics {
    /// Registers them.
    ///
    /// # Errors
    /// [`MetricError`] when a name is taken.
    pub fn register(metrics: &Metrics) -> Result<Self, MetricError> {
        Ok(Self {
            healthy: metrics.gauge(
                "stream_healthy_connections",
                "Connections that are live, confirmed and not mute",
                ["vendor"],
            )?,
            topics: metrics.gauge(
                "stream_live_topics",
                "Topics that are subscribed",
                ["vendor"],
            )?,
            counts: metrics.gauge(
                "stream_messages",
                "Messages so far by what became of them, and the buffer's high-water mark",
                ["vendor", "what"],
            )?,
            faults: metrics.gauge(
                "stream_faults",
                "Ended connections so far by reason",
                ["vendor", "reason"],
            )?,
            quarantined: metrics.gauge(
                "stream_quarantined",
                "Messages so far that could not be used, by reason",
                ["vendor", "reason"],
            )?,
        })
    }

    /// Shows a report.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of messages stay far below 2^53"
    )]
    pub fn show(&self, vendor: &str, report: &StreamReport) {
        self.healthy.set([vendor], report.healthy as f64);
        self.topics.set([vendor], report.live_topics as f64);
        for (what, count) in [
            ("accepted", report.buffer.accepted),
            ("conflated", report.buffer.conflated),
            ("waited", report.buffer.refused),
            ("high_water", report.buffer.high_water as u64),
            ("duplicates", report.sequencing.duplicates),
            ("late", report.sequencing.late),
            ("missing", report.sequencing.missing),
            ("filled", report.sequencing.filled),
            ("outages", report.pool.outages),
        ] {
            self.counts.set([vendor, what], count as f64);
        }
        for (reason, count) in &report.pool.faults {
            self.faults.set([vendor, reason], *count as f64);
        }
        for (reason, count) in &report.pool.bad {
            self.quarantined.set([vendor, reason], *count as f64);
        }
    }
}
