//! Registry entries of price impact: Kyle's lambda and Amihud's illiquidity.

use super::quotes::BASE;
use crate::parameter::window;
use crate::registry::{Build, Built, Definition};
use crate::rolling::{CoMoments, Rolling, Sum, co_moments, ratio};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "kyle_lambda",
        outputs: &["kyle_lambda", "kyle_r2"],
        parameters: &[window("length", 3, 100)],
        inputs: &["signed_volume", "trade_price"],
        description: "How far a share bought moves the price, currency per share, and how much of the \
                      price's moves signed volume explains.",
        convention: "Least-squares slope, with intercept, of the price's change since the row before on \
                     the signed volume of the row (Kyle 1985, as estimated by Glosten and Harris 1988); \
                     missing while the volume does not vary. On bars: \
                     `kyle_lambda_100(bulk_signed_volume_50,close)`.",
        build: Build::Series(|a| {
            let kernel = Rolling::<CoMoments, _, _, 2, 8>::new(
                a.length("length")?,
                |row: [f64; 2]| row,
                |acc| {
                    let [volume, moves, product] = co_moments(acc);
                    let shared = ratio(product, volume) * ratio(product, moves);
                    [ratio(product, volume), shared.clamp(0.0, 1.0)]
                },
            );
            let mut sources = a.sources().to_vec();
            if let Some(price) = sources.last_mut() {
                *price = format!("mom_1({price})");
            }
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
    Definition {
        name: "amihud",
        outputs: &["amihud"],
        parameters: &[window("length", 1, 20)],
        inputs: &["close", "volume"],
        description: "Illiquidity: how far a million of currency traded moves the price, as a share.",
        convention: "10^6 times the mean of |simple return| / (close volume) over the last n rows with \
                     volume (Amihud 2002); rows without are passed over.",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let kernel = Rolling::<Sum, _, _, 1, 1>::new(
                length,
                |[change, close, volume]: [f64; 3]| {
                    let value = close * volume;
                    [if value > 0.0 {
                        change.abs() / value
                    } else {
                        f64::NAN
                    }]
                },
                move |[sum]: [f64; 1]| [1e6 * sum / length as f64],
            );
            let own = a.sources();
            let change = own.iter().take(1).map(|close| format!("ret_1({close})"));
            let sources = change.chain(own.iter().cloned()).collect();
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
];
