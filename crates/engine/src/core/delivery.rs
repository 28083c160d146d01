//! Market data on its way through the core: what is known of the market and what positions are
//! worth change first, then the strategies that want to know are told.

use trader_domain::{
    Bar, BookDelta, CorporateAction, CorporateActionKind, InstrumentId, NewsItem, Quote,
    SequencedEvent, StrategyId, Trade, TradingStatus,
};

use super::effects::Effects;
use super::{Core, CoreError};
use crate::portfolio::Marking;
use crate::strategy::{Context, DataKinds, Strategy};

impl Core {
    /// Whether an instrument is in the run's table.
    #[inline]
    pub(super) fn knows(&self, instrument: InstrumentId) -> bool {
        instrument.index() < self.instruments.len()
    }

    /// The instrument that a corporate action names; of a merger the acquirer, unless the other one
    /// is not known.
    pub(super) fn named_by(&self, action: &CorporateAction) -> InstrumentId {
        match action.kind {
            CorporateActionKind::Merger {
                into: Some(acquirer),
                ..
            } if self.knows(action.instrument) => acquirer,
            _ => action.instrument,
        }
    }

    #[inline(never)] // with the next two, most of what a run consists of
    pub(super) fn on_bar(
        &mut self,
        input: &SequencedEvent,
        bar: &Bar,
        effects: &mut Effects,
    ) -> Result<(), CoreError> {
        let stirred = self.begin(input, Some(bar.instrument), effects)?;
        self.market.on_bar(bar);
        let seen = (bar.close, bar.high, bar.low);
        let marking = self.value_position(bar.instrument, seen, effects);
        self.each_wanting(DataKinds::BARS, bar.instrument, |s, c| s.on_bar(bar, c));
        let stirred = stirred || marking == Marking::Impossible;
        self.finish_data(stirred, marking == Marking::Moved, effects);
        Ok(())
    }

    #[inline(never)]
    pub(super) fn on_quote(
        &mut self,
        input: &SequencedEvent,
        quote: &Quote,
        effects: &mut Effects,
    ) -> Result<(), CoreError> {
        let stirred = self.begin(input, Some(quote.instrument), effects)?;
        self.market.on_quote(quote);
        self.each_wanting(DataKinds::QUOTES, quote.instrument, |s, c| {
            s.on_quote(quote, c);
        });
        self.finish_data(stirred, false, effects);
        Ok(())
    }

    #[inline(never)]
    pub(super) fn on_trade(
        &mut self,
        input: &SequencedEvent,
        trade: &Trade,
        effects: &mut Effects,
    ) -> Result<(), CoreError> {
        let stirred = self.begin(input, Some(trade.instrument), effects)?;
        self.market.on_trade(trade);
        let mut marking = Marking::Unmoved;
        if trade.conditions.updates_last() {
            let seen = (trade.price, trade.price, trade.price);
            marking = self.value_position(trade.instrument, seen, effects);
        }
        self.each_wanting(DataKinds::TRADES, trade.instrument, |s, c| {
            s.on_trade(trade, c);
        });
        let stirred = stirred || marking == Marking::Impossible;
        self.finish_data(stirred, marking == Marking::Moved, effects);
        Ok(())
    }

    pub(super) fn on_book(&mut self, delta: &BookDelta) {
        self.each_wanting(DataKinds::BOOK, delta.instrument, |s, c| {
            s.on_book(delta, c);
        });
    }

    pub(super) fn on_status(&mut self, status: &TradingStatus, effects: &mut Effects) {
        self.version += 1;
        self.market.on_status(status);
        self.retry_exits(effects);
        self.retry_flattening(effects);
    }

    pub(super) fn on_news(&mut self, item: &NewsItem) {
        for index in 0..self.strategies.len() {
            let slot = self.strategies.get(index);
            if slot.is_some_and(|slot| slot.kinds.contains(DataKinds::NEWS)) {
                self.with_strategy(index, |strategy, context| {
                    strategy.on_news(item, context);
                });
            }
        }
    }

    /// Hands data to every strategy that wants it.
    #[inline(always)]
    pub(super) fn each_wanting(
        &mut self,
        kind: DataKinds,
        instrument: InstrumentId,
        mut call: impl FnMut(&mut dyn Strategy, &mut Context<'_>),
    ) {
        let mut context = context_of!(self, StrategyId(0));
        for (slot, number) in self.strategies.iter_mut().zip(0_u16..) {
            if slot.wants(kind, instrument) {
                slot.bars_since_batch |= kind == DataKinds::BARS;
                context.strategy = StrategyId(number);
                call(slot.strategy.as_mut(), &mut context);
            }
        }
    }

    /// All bars of an instant have been delivered.
    pub(super) fn complete_bars(&mut self) {
        for index in 0..self.strategies.len() {
            let due = self
                .strategies
                .get_mut(index)
                .is_some_and(|slot| std::mem::take(&mut slot.bars_since_batch));
            if due {
                let now = self.now;
                self.with_strategy(index, |strategy, context| {
                    strategy.on_bars_complete(now, context);
                });
            }
        }
    }
}
