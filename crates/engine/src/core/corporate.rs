//! Corporate actions: ledger, marks, strategies and policies change together.

use trader_broker::GateEvent;
use trader_domain::{CorporateAction, CorporateActionKind, InstrumentId, Price, TradingState};

use super::Core;
use super::effects::{Alert, Effects};
use crate::portfolio::{ActionRecords, Marking};

impl Core {
    pub(super) fn on_corporate_action(&mut self, action: &CorporateAction, effects: &mut Effects) {
        let id = action.instrument;
        self.version += 1;
        let now = self.now;
        let mut records = ActionRecords {
            moved: &mut effects.cash,
            closed: &mut effects.closed,
        };
        if self
            .portfolio
            .apply_action(action, now, &mut records)
            .is_err()
        {
            effects.alerts.push(Alert::Arithmetic(id));
            self.halt(TradingState::Halted, effects);
            return;
        }
        self.tell_closed(effects);
        match action.kind {
            CorporateActionKind::Split { to, from, .. } => {
                self.market.on_split(id, to, from);
                self.tell_policies(GateEvent::Split { instrument: id });
                for index in 0..self.strategies.len() {
                    self.with_strategy(index, |strategy, _| strategy.on_split(id, to, from));
                }
                self.split_brackets(id, (to, from), effects);
            }
            CorporateActionKind::SymbolChange { symbol } => {
                if self.instruments.rename(id, symbol).is_err() {
                    effects.alerts.push(Alert::SymbolTaken(id));
                }
            }
            CorporateActionKind::Delisting { .. } | CorporateActionKind::Merger { .. } => {
                if let Some(mark) = self.market.mark_mut(id) {
                    mark.delisted = true;
                }
                self.cancel_instrument(id, effects);
                self.trim_instrument(id, effects);
            }
            CorporateActionKind::CashDividend { .. } => {}
        }
    }

    /// Values a position at a new price, and notes how high and low it went; a value out of range
    /// halts trading.
    #[inline(always)] // at every bar and print
    pub(super) fn value_position(
        &mut self,
        instrument: InstrumentId,
        (price, high, low): (Price, Price, Price),
        effects: &mut Effects,
    ) -> Marking {
        let marking = self.portfolio.mark(instrument, price, high, low);
        if marking == Marking::Impossible {
            self.on_unvalued(instrument, effects);
        }
        marking
    }

    #[cold]
    fn on_unvalued(&mut self, instrument: InstrumentId, effects: &mut Effects) {
        effects.alerts.push(Alert::Arithmetic(instrument));
        self.halt(TradingState::Halted, effects);
    }
}
