//! Buy and hold: the benchmark that every strategy has to beat.

use trader_domain::{Bar, Instruments, OrderIntent, Side, TimeInForce};
use trader_engine::{Context, DataKinds, DataNeeds, RestoreError, Strategy};

use crate::parameter::{ParameterError, ParameterSpec, Parameters};
use crate::sizing::{QUANTITY, Sizing, WEIGHT};
use crate::state;

pub(crate) const PARAMETERS: &[ParameterSpec] = &[QUANTITY, WEIGHT];

pub(crate) fn build(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    Ok(Box::new(BuyAndHold {
        sizing: Sizing::from_parameters(parameters, instruments.len()),
        asked: vec![false; instruments.len()],
    }))
}

/// Buys every instrument once, at its first bar, and never sells.
struct BuyAndHold {
    sizing: Sizing,
    asked: Vec<bool>,
}

impl Strategy for BuyAndHold {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS,
            warm_up: 0,
        }
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        let Some(asked) = self.asked.get_mut(bar.instrument.index()) else {
            return;
        };
        if *asked {
            return;
        }
        if let Some(quantity) = self.sizing.target(bar.instrument, context) {
            *asked = true;
            context.submit(
                OrderIntent::market(bar.instrument, Side::Buy, quantity)
                    .with_time_in_force(TimeInForce::Gtc),
            );
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        state::save(&self.asked, out);
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let asked: Vec<bool> = state::load(bytes)?;
        state::expect_shape(asked.len() == self.asked.len(), "the number of instruments")?;
        self.asked = asked;
        Ok(())
    }
}
