//! The frame of all strategies that judge each instrument by its own bars and are long or flat.

use trader_domain::{Bar, InstrumentId, Instruments};
use trader_engine::{Context, DataKinds, DataNeeds, RestoreError, Strategy};
use trader_features::FeatureError;

use crate::long_flat::{enter_long, exit_long};
use crate::parameter::{ParameterError, Parameters};
use crate::sizing::Sizing;
use crate::state;

/// What a rule makes of a bar.
pub(crate) enum Opinion {
    Enter,
    Exit,
    Nothing,
}

/// One instrument's rule.
pub(crate) trait Rule: Clone + Send {
    type Saved: serde::Serialize + for<'de> serde::Deserialize<'de>;

    fn judge(&mut self, bar: &Bar) -> Opinion;
    fn split(&mut self, to: u32, from: u32);
    fn save(&self) -> Self::Saved;
    fn load(&mut self, saved: Self::Saved) -> Result<(), RestoreError>;
}

struct RuleStrategy<R> {
    sizing: Sizing,
    warm_up: usize,
    rules: Vec<R>,
}

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(crate) fn contradiction(error: FeatureError) -> ParameterError {
    ParameterError::Contradiction(error.to_string())
}

pub(crate) fn strategy<R: Rule + 'static>(
    rule: R,
    warm_up: usize,
    parameters: &Parameters,
    instruments: &Instruments,
) -> Box<dyn Strategy> {
    Box::new(RuleStrategy {
        sizing: Sizing::from_parameters(parameters, instruments.len()),
        warm_up,
        rules: vec![rule; instruments.len()],
    })
}

impl<R: Rule> Strategy for RuleStrategy<R> {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS,
            warm_up: self.warm_up,
        }
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        let Some(rule) = self.rules.get_mut(bar.instrument.index()) else {
            return;
        };
        match rule.judge(bar) {
            Opinion::Enter => enter_long(bar.instrument, self.sizing, context),
            Opinion::Exit => exit_long(bar.instrument, context),
            Opinion::Nothing => {}
        }
    }

    fn on_split(&mut self, instrument: InstrumentId, to: u32, from: u32) {
        if let Some(rule) = self.rules.get_mut(instrument.index()) {
            rule.split(to, from);
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        let saved: Vec<R::Saved> = self.rules.iter().map(Rule::save).collect();
        state::save(&saved, out);
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let saved: Vec<R::Saved> = state::load(bytes)?;
        state::expect_shape(saved.len() == self.rules.len(), "the number of instruments")?;
        let mut rules = self.rules.clone();
        rules
            .iter_mut()
            .zip(saved)
            .try_for_each(|(rule, saved)| rule.load(saved))?;
        self.rules = rules;
        Ok(())
    }
}
