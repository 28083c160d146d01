//! Registry entries of regimes by thresholds: trend or range, calm or turbulent, risk on or off.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::{Arguments, integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::state_fields;

use super::hysteresis::{Band, Bands, percentile_bands};

pub(super) const BASE: Definition = Definition {
    name: "",
    family: Family::Regime,
    outputs: &[],
    parameters: &[],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "regime_trend",
        outputs: &["regime_trend", "regime_trend_conf"],
        parameters: &[
            window("length", 2, 14),
            real("enter", "ADX at which a trend begins", (1.0, 99.0), 25.0),
            real("leave", "ADX below which it ends", (0.5, 98.0), 20.0),
        ],
        inputs: &["high", "low", "close"],
        description: "Rising trend (1), falling trend (-1) or range (0) by Wilder's directional movement, \
                      and how sure that is, 0..1.",
        convention: "A trend begins when adx reaches `enter`, ends when it falls below `leave`; its \
                     direction is that of the larger directional indicator at the row. Confidence: \
                     distance of adx from the level that would end the state, over twice the distance \
                     of the levels, at most 1.",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let of = a.sources().join(",");
            let sources = vec![
                format!("adx_{length}({of})"),
                format!("plus_di_{length}({of})"),
                format!("minus_di_{length}({of})"),
            ];
            let kernel = Directed::new(band(a)?, |[_, plus, minus]: [f64; 3]| plus - minus);
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
    Definition {
        name: "regime_efficiency",
        outputs: &["regime_efficiency", "regime_efficiency_conf"],
        parameters: &[
            window("length", 2, 20),
            real(
                "enter",
                "efficiency at which a trend begins",
                (0.01, 0.99),
                0.4,
            ),
            real(
                "leave",
                "efficiency below which it ends",
                (0.005, 0.98),
                0.25,
            ),
        ],
        description: "Rising trend (1), falling trend (-1) or range (0) by Kaufman's efficiency ratio, and \
                      how sure that is, 0..1.",
        convention: "As regime_trend, with the efficiency ratio in the place of adx and the direction of \
                     the net move over n rows; rows on which the price stood for n rows are skipped.",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let of = a.sources().join(",");
            let sources = vec![format!("er_{length}({of})"), format!("mom_{length}({of})")];
            let kernel = Directed::new(band(a)?, |[_, move_]: [f64; 2]| move_);
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
    Definition {
        name: "regime_vol",
        outputs: &["regime_vol", "regime_vol_conf"],
        parameters: &[
            window("length", 2, 20),
            window("history", 10, 252),
            integer("high", "percentile at which it is turbulent", (51, 99), 80),
            integer("low", "percentile at which it is calm", (1, 49), 20),
            integer("margin", "percentiles back before it ends", (1, 25), 10),
        ],
        cost: Cost::Linear,
        description: "Calm (-1), usual (0) or turbulent (1) by the percentile of the realised volatility \
                      in its own history, and how sure that is, 0..1.",
        convention: "Percentile of rv_close_n among its last `history` values. Turbulent from `high` until \
                     below `high - margin`, calm from `low` until above `low + margin`. Confidence: \
                     distance from the level that would end the state, over twice the margin, at most 1.",
        build: Build::Series(|a| {
            let bands = percentile_bands(a)?;
            let source = format!(
                "percentrank_{}(rv_close_{}({}))",
                a.length("history")?,
                a.length("length")?,
                a.sources().join(",")
            );
            Ok(Built::reading(bands, vec![source]))
        }),
        ..BASE
    },
    Definition {
        name: "regime_risk",
        outputs: &["risk_appetite", "regime_risk", "regime_risk_conf"],
        parameters: &[
            window("length", 1, 20),
            window("history", 10, 252),
            real("enter", "appetite at which risk is on", (0.05, 5.0), 0.75),
            real(
                "leave",
                "appetite below which it no longer is",
                (0.0, 4.9),
                0.25,
            ),
        ],
        inputs: &["benchmark", "vix", "rate"],
        description: "Risk appetite from index, volatility index and interest rate; and whether risk is \
                      on (1), off (-1) or neither (0), with the confidence, 0..1.",
        convention: "Appetite: mean of the z-scores (ddof 1, last `history` rows) of the index's log \
                     return, the volatility index's with its sign turned, and the rate's change, all \
                     over n rows: stocks up, fear down, bonds sold. On from `enter` until below `leave`, \
                     off alike below zero; confidence as in regime_trend.",
        build: Build::Series(risk),
        ..BASE
    },
];

fn band(a: &Arguments) -> Result<Band, FeatureError> {
    let band = Band {
        enter: a.real("enter")?,
        leave: a.real("leave")?,
    };
    if band.leave < band.enter {
        Ok(band)
    } else {
        let reason = format!("is {}, must be below enter ({})", band.leave, band.enter);
        Err(a.reject("leave", reason))
    }
}

fn risk(a: &Arguments) -> Result<Built, FeatureError> {
    let (length, history) = (a.length("length")?, a.length("history")?);
    let band = band(a)?;
    let [index, fear, rate] = a.sources() else {
        return Err(a.reject("sources", "must be an index, a volatility index and a rate"));
    };
    let sources = vec![
        format!("zscore_{history}(logret_{length}({index}))"),
        format!("zscore_{history}(logret_{length}({fear}))"),
        format!("zscore_{history}(mom_{length}({rate}))"),
    ];
    let kernel = Appetite {
        bands: Bands::new(band, band)?,
    };
    Ok(Built::reading(kernel, sources))
}

/// Inputs: a measure of strength, and what the direction is read from. Outputs: direction while the
/// strength is in the band, else 0; confidence.
#[derive(Debug, Clone)]
struct Directed<F> {
    band: Band,
    direction: F,
    inside: bool,
}

impl<F> Directed<F> {
    fn new(band: Band, direction: F) -> Self {
        Self {
            band,
            direction,
            inside: false,
        }
    }
}

impl<F> crate::snapshot::State for Directed<F> {
    fn save(&self, writer: &mut crate::snapshot::Writer) {
        self.inside.save(writer);
    }

    fn load(&mut self, reader: &mut crate::snapshot::Reader<'_>) -> Result<(), FeatureError> {
        self.inside.load(reader)
    }
}

impl<F, const I: usize> Kernel<I, 2> for Directed<F>
where
    F: Fn([f64; I]) -> f64 + Clone + Send + Sync + 'static,
{
    fn warm_up(&self) -> [usize; 2] {
        [0; 2]
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; 2] {
        let strength = row[0];
        self.inside = self.band.holds(strength, self.inside);
        let confidence = self.band.confidence(strength, self.inside);
        let direction = (self.direction)(row);
        let sign = f64::from(i8::from(direction > 0.0) - i8::from(direction < 0.0));
        [if self.inside { sign } else { 0.0 }, confidence]
    }
}

/// Inputs: three z-scores. Outputs: appetite, state, confidence.
#[derive(Debug, Clone)]
struct Appetite {
    bands: Bands,
}

state_fields!(Appetite { bands });

impl Kernel<3, 3> for Appetite {
    fn warm_up(&self) -> [usize; 3] {
        [0; 3]
    }

    #[inline]
    fn step(&mut self, [index, fear, rate]: [f64; 3]) -> [f64; 3] {
        let appetite = (index - fear + rate) / 3.0;
        let [state, confidence] = self.bands.next(appetite);
        [appetite, state, confidence]
    }
}
