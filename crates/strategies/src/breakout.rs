//! Donchian breakout (the Turtle rule): buy a new high, sell a new low.
//!
//! Buy when the close is above the highest high of the `entry` bars before it; sell when it is
//! below the lowest low of the `exit` bars before it.

use trader_domain::{Bar, Instruments};
use trader_engine::{RestoreError, Strategy};
use trader_features::trend::Donchian;

use crate::parameter::{ParameterError, ParameterKind, ParameterSpec, Parameters};
use crate::rule::{Opinion, Rule, contradiction, strategy};
use crate::scaled::{SavedScaled, Scaled};
use crate::sizing::{QUANTITY, WEIGHT};

const WINDOW: ParameterKind = ParameterKind::Integer {
    min: 1,
    max: 10_000,
};

pub(crate) const PARAMETERS: &[ParameterSpec] = &[
    ParameterSpec {
        name: "entry",
        description: "bars whose high must be exceeded to buy",
        kind: WINDOW,
        default: Some("55"),
    },
    ParameterSpec {
        name: "exit",
        description: "bars whose low must be undercut to sell",
        kind: WINDOW,
        default: Some("20"),
    },
    QUANTITY,
    WEIGHT,
];

pub(crate) fn build(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let (entry, exit) = (parameters.length("entry"), parameters.length("exit"));
    let rule = Breakout {
        entry: Scaled::new(Donchian::new(entry).map_err(contradiction)?),
        exit: Scaled::new(Donchian::new(exit).map_err(contradiction)?),
        high_before: f64::NAN,
        low_before: f64::NAN,
    };
    Ok(strategy(rule, entry.max(exit) + 1, parameters, instruments))
}

#[derive(Debug, Clone)]
struct Breakout {
    entry: Scaled<Donchian, 2, 3>,
    exit: Scaled<Donchian, 2, 3>,
    /// Channel ends before the current bar; NaN while warming up.
    high_before: f64,
    low_before: f64,
}

impl Rule for Breakout {
    type Saved = (SavedScaled, SavedScaled, f64, f64);

    fn judge(&mut self, bar: &Bar) -> Opinion {
        let close = self.entry.scaled(bar.close);
        // Comparisons with NaN are false.
        let opinion = if close > self.high_before {
            Opinion::Enter
        } else if close < self.low_before {
            Opinion::Exit
        } else {
            Opinion::Nothing
        };
        let [high, _, _] = self.entry.next([bar.high, bar.low]);
        let [_, _, low] = self.exit.next([bar.high, bar.low]);
        (self.high_before, self.low_before) = (high, low);
        opinion
    }

    fn split(&mut self, to: u32, from: u32) {
        self.entry.split(to, from);
        self.exit.split(to, from);
    }

    fn save(&self) -> Self::Saved {
        (
            self.entry.save(),
            self.exit.save(),
            self.high_before,
            self.low_before,
        )
    }

    fn load(&mut self, (entry, exit, high, low): Self::Saved) -> Result<(), RestoreError> {
        self.entry.load(entry)?;
        self.exit.load(exit)?;
        (self.high_before, self.low_before) = (high, low);
        Ok(())
    }
}
