//! Registry entries of bulk volume classification and of VPIN, which is built on it.

use super::quotes::BASE;
use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::options::black_scholes::normal_cdf;
use crate::parameter::{Arguments, integer, real, window};
use crate::registry::{Build, Built, Definition};
use crate::rolling::{Moments, Sum, Window, moments};
use crate::state_fields;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "bulk_volume",
        outputs: &["bulk_buy_share", "bulk_signed_volume"],
        parameters: &[window("length", 2, 50)],
        inputs: &["close", "volume"],
        description: "Share of a bar's volume that was bought, 0..1, and volume bought less sold.",
        convention: "Phi(change / sd), sd (ddof 1) of the last n price changes, this one included \
                     (bulk volume classification: Easley, Lopez de Prado, O'Hara 2012, whose sd is that \
                     of the whole sample); missing while changes do not vary.",
        build: Build::Series(|a| {
            let kernel = BulkVolume {
                last: None,
                changes: Window::new(a.length("length")?),
            };
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "vpin",
        outputs: &["vpin"],
        parameters: &[
            real(
                "bucket",
                "shares in a volume bucket; usual is a fiftieth of a day's volume",
                (1e-9, 1e15),
                100_000.0,
            ),
            integer("buckets", "buckets averaged", (1, 10_000), 50),
            window("length", 2, 50),
        ],
        inputs: &["close", "volume"],
        description: "Volume-synchronised probability of informed trading, 0..1.",
        convention: "Mean over the last full buckets of |bought - sold| / bucket, volume classified in \
                     bulk over `length` bars; a bar's volume is shared out over the buckets it reaches \
                     (Easley, Lopez de Prado, O'Hara 2012). It changes when a bucket is full; missing \
                     until there are enough of them.",
        build: Build::Series(vpin),
        ..BASE
    },
];

fn vpin(a: &Arguments) -> Result<Built, FeatureError> {
    let kernel = Vpin {
        size: a.real("bucket")?,
        filled: 0.0,
        bought: 0.0,
        buckets: Window::new(a.length("buckets")?),
        value: f64::NAN,
    };
    let mut sources = a.sources().to_vec();
    let share = format!(
        "bulk_buy_share_{}({})",
        a.length("length")?,
        sources.join(",")
    );
    if let Some(close) = sources.first_mut() {
        *close = share;
    }
    Ok(Built::reading(kernel, sources))
}

/// Inputs (close, volume).
#[derive(Debug, Clone)]
struct BulkVolume {
    last: Option<f64>,
    changes: Window<Moments, 1, 4>,
}

state_fields!(BulkVolume { last, changes });

impl Kernel<2, 2> for BulkVolume {
    fn warm_up(&self) -> [usize; 2] {
        [self.changes.length(); 2]
    }

    #[inline]
    fn step(&mut self, [close, volume]: [f64; 2]) -> [f64; 2] {
        let Some(last) = self.last.replace(close) else {
            return [f64::NAN; 2];
        };
        let change = close - last;
        let Some(acc) = self.changes.push([change]) else {
            return [f64::NAN; 2];
        };
        let (_, squares) = moments(acc, 1.0 / acc[0]);
        let deviation = (squares / (acc[0] - 1.0)).sqrt();
        if deviation > 0.0 {
            let share = normal_cdf(change / deviation);
            [share, volume * (2.0 * share - 1.0)]
        } else {
            [f64::NAN; 2]
        }
    }
}

/// Inputs (share bought, volume).
#[derive(Debug, Clone)]
struct Vpin {
    /// Shares in a bucket.
    size: f64,
    /// Of the bucket that is filling.
    filled: f64,
    bought: f64,
    /// |bought - sold| / size of the last full ones.
    buckets: Window<Sum, 1, 1>,
    value: f64,
}

state_fields!(Vpin {
    filled,
    bought,
    buckets,
    value
});

impl Vpin {
    fn complete(&mut self, imbalance: f64) {
        if let Some([sum]) = self.buckets.push([imbalance]) {
            self.value = (sum / self.buckets.length() as f64).clamp(0.0, 1.0);
        }
    }
}

impl Kernel<2, 1> for Vpin {
    /// At the earliest: how many rows fill the buckets depends on their volume.
    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, [share, volume]: [f64; 2]) -> [f64; 1] {
        if volume <= 0.0 {
            return [self.value];
        }
        let room = self.size - self.filled;
        if volume < room {
            self.filled += volume;
            self.bought += volume * share;
            return [self.value];
        }
        let bought = self.bought + room * share;
        self.complete((2.0 * bought - self.size).abs() / self.size);
        let rest = volume - room;
        // Of the whole buckets that this bar fills alone no more than the window holds matter.
        let whole = (rest / self.size).floor();
        let mut left = whole.min(self.buckets.length() as f64);
        while left >= 1.0 {
            self.complete((2.0 * share - 1.0).abs());
            left -= 1.0;
        }
        self.filled = (rest - whole * self.size).clamp(0.0, self.size);
        self.bought = self.filled * share;
        [self.value]
    }
}
