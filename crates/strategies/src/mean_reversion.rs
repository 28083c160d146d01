//! Mean reversion: buy what has fallen unusually far, sell when it is back.
//!
//! - `zscore`: distance of the close from its rolling mean in standard deviations.
//! - `rsi2`: Connors' two-bar RSI, only above the long-term average (Connors and Alvarez, "Short
//!   Term Trading Strategies That Work", 2008).

use trader_domain::{Bar, Instruments, Rate};
use trader_engine::{RestoreError, Strategy};
use trader_features::momentum::Rsi;
use trader_features::trend::Sma;
use trader_features::volatility::ZScore;

use crate::parameter::{ParameterError, ParameterKind, ParameterSpec, Parameters};
use crate::rule::{Opinion, Rule, contradiction, strategy};
use crate::scaled::{SavedScaled, Scaled};
use crate::sizing::{QUANTITY, WEIGHT};

pub(crate) const Z_SCORE_PARAMETERS: &[ParameterSpec] = &[
    ParameterSpec {
        name: "lookback",
        description: "bars in the rolling mean and deviation",
        kind: ParameterKind::Integer {
            min: 2,
            max: 10_000,
        },
        default: Some("20"),
    },
    ParameterSpec {
        name: "entry",
        description: "buy when the z-score falls below minus this",
        kind: ParameterKind::Decimal {
            min: Rate::from_bps(100),
            max: Rate::from_percent(1_000),
        },
        default: Some("2"),
    },
    ParameterSpec {
        name: "exit",
        description: "sell when the z-score rises above minus this",
        kind: ParameterKind::Decimal {
            min: Rate::from_percent(-500),
            max: Rate::from_percent(1_000),
        },
        default: Some("0.5"),
    },
    QUANTITY,
    WEIGHT,
];

pub(crate) const RSI2_PARAMETERS: &[ParameterSpec] = &[
    ParameterSpec {
        name: "length",
        description: "bars in the RSI",
        kind: ParameterKind::Integer { min: 2, max: 100 },
        default: Some("2"),
    },
    ParameterSpec {
        name: "trend",
        description: "bars in the average that the close must be above to buy",
        kind: ParameterKind::Integer {
            min: 2,
            max: 10_000,
        },
        default: Some("200"),
    },
    ParameterSpec {
        name: "oversold",
        description: "buy when the RSI is below this",
        kind: ParameterKind::Decimal {
            min: Rate::ZERO,
            max: Rate::whole(100),
        },
        default: Some("10"),
    },
    ParameterSpec {
        name: "overbought",
        description: "sell when the RSI is above this",
        kind: ParameterKind::Decimal {
            min: Rate::ZERO,
            max: Rate::whole(100),
        },
        default: Some("70"),
    },
    QUANTITY,
    WEIGHT,
];

pub(crate) fn build_z_score(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let lookback = parameters.length("lookback");
    let (entry, exit) = (parameters.decimal("entry"), parameters.decimal("exit"));
    if exit >= entry {
        return Err(ParameterError::Contradiction(format!(
            "parameter `exit` ({exit}) must be below `entry` ({entry})"
        )));
    }
    let rule = ZScoreRule {
        score: Scaled::new(ZScore::new(lookback).map_err(contradiction)?),
        entry: -entry.to_f64_lossy(),
        exit: -exit.to_f64_lossy(),
    };
    Ok(strategy(rule, lookback, parameters, instruments))
}

pub(crate) fn build_rsi2(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let (length, trend) = (parameters.length("length"), parameters.length("trend"));
    let (low, high) = (
        parameters.decimal("oversold"),
        parameters.decimal("overbought"),
    );
    if low >= high {
        return Err(ParameterError::Contradiction(format!(
            "parameter `oversold` ({low}) must be below `overbought` ({high})"
        )));
    }
    let rule = RsiRule {
        rsi: Scaled::new(Rsi::new(length).map_err(contradiction)?),
        trend: Scaled::new(Sma::new(trend).map_err(contradiction)?),
        oversold: low.to_f64_lossy(),
        overbought: high.to_f64_lossy(),
    };
    Ok(strategy(
        rule,
        trend.max(length + 1),
        parameters,
        instruments,
    ))
}

#[derive(Debug, Clone)]
struct ZScoreRule {
    score: Scaled<ZScore, 1, 1>,
    entry: f64,
    exit: f64,
}

impl Rule for ZScoreRule {
    type Saved = SavedScaled;

    fn judge(&mut self, bar: &Bar) -> Opinion {
        let [score] = self.score.next([bar.close]);
        // NaN while warming up is neither below nor above.
        if score < self.entry {
            Opinion::Enter
        } else if score > self.exit {
            Opinion::Exit
        } else {
            Opinion::Nothing
        }
    }

    fn split(&mut self, to: u32, from: u32) {
        self.score.split(to, from);
    }

    fn save(&self) -> Self::Saved {
        self.score.save()
    }

    fn load(&mut self, saved: Self::Saved) -> Result<(), RestoreError> {
        self.score.load(saved)
    }
}

#[derive(Debug, Clone)]
struct RsiRule {
    rsi: Scaled<Rsi, 1, 1>,
    trend: Scaled<Sma, 1, 1>,
    oversold: f64,
    overbought: f64,
}

impl Rule for RsiRule {
    type Saved = (SavedScaled, SavedScaled);

    fn judge(&mut self, bar: &Bar) -> Opinion {
        let ([rsi], [trend]) = (self.rsi.next([bar.close]), self.trend.next([bar.close]));
        if rsi < self.oversold && self.trend.scaled(bar.close) > trend {
            Opinion::Enter
        } else if rsi > self.overbought {
            Opinion::Exit
        } else {
            Opinion::Nothing
        }
    }

    fn split(&mut self, to: u32, from: u32) {
        self.rsi.split(to, from);
        self.trend.split(to, from);
    }

    fn save(&self) -> Self::Saved {
        (self.rsi.save(), self.trend.save())
    }

    fn load(&mut self, (rsi, trend): Self::Saved) -> Result<(), RestoreError> {
        self.rsi.load(rsi)?;
        self.trend.load(trend)
    }
}
