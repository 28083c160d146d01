//! A core with one strategy, driven bar by bar against a simulated exchange.

use std::collections::BTreeMap;

use trader_compliance::PreTradePolicy;
use trader_domain::{
    AccountId, Bar, BrokerReport, Event, Instrument, InstrumentId, Instruments, MarketEvent, Money,
    NANOS_PER_DAY, Price, SequencedEvent, Side, StrategyId, Timeframe, Timestamp, VendorId, Volume,
};
use trader_engine::{AccountConfig, Command, Core, CoreConfig, Effects, SessionCalendar};
use trader_matching::{Exchange, ExchangeConfig};
use trader_risk::{Gate, GateConfig};

/// An order as a strategy sent it: after which bar (from 0), of which instrument, side, quantity.
pub(crate) type Sent = (usize, u32, Side, String);

pub(crate) struct Market {
    core: Core,
    exchange: Exchange,
    effects: Effects,
    sequence: u64,
    bars: usize,
    pub(crate) sent: Vec<Sent>,
}

/// 2024-01-02T21:00:00Z.
const START: i64 = 1_704_229_200_000_000_000;

pub(crate) fn instruments(count: usize) -> Instruments {
    let mut table = Instruments::new();
    for index in 0..count {
        table
            .add(Instrument::equity(format!("S{index}").parse().unwrap()))
            .unwrap();
    }
    table
}

pub(crate) fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

impl Market {
    pub(crate) fn new(strategy: &str, parameters: &[(&str, &str)], count: usize) -> Self {
        let table = instruments(count);
        let definition = trader_strategies::find(strategy).unwrap();
        let checked = definition.check(&given(parameters)).unwrap();
        let strategy = definition.build(&checked, &table).unwrap();
        let config = CoreConfig {
            run: 0,
            account_id: AccountId(0),
            account: AccountConfig::margin(Money::whole(1_000_000)),
            calendar: SessionCalendar::Continuous,
            venue_links_oco: true,
            retained_orders: 64,
            retained_executions: 64,
        };
        let gate = Gate::new(GateConfig::research(), count).unwrap();
        let core = Core::new(
            config,
            table.clone(),
            vec![strategy],
            Box::new(gate),
            Box::new(PreTradePolicy::default()),
        )
        .unwrap();
        let mut market = Self {
            core,
            exchange: Exchange::new(&table, ExchangeConfig::default()).unwrap(),
            effects: Effects::new(),
            sequence: 0,
            bars: 0,
            sent: Vec::new(),
        };
        market
            .core
            .start(Timestamp::from_nanos(START), &mut market.effects);
        market
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(START + self.bars as i64 * NANOS_PER_DAY)
    }

    /// One instant: a close for each instrument; open, high and low equal it.
    pub(crate) fn instant(&mut self, closes: &[i32]) {
        let ohlc: Vec<[i32; 4]> = closes.iter().map(|&close| [close; 4]).collect();
        self.instant_ohlc(&ohlc);
    }

    /// One instant with whole bars.
    pub(crate) fn instant_ohlc(&mut self, bars: &[[i32; 4]]) {
        let end = self.now();
        for (index, [open, high, low, close]) in bars.iter().enumerate() {
            let bar = Bar {
                instrument: InstrumentId(index as u32),
                vendor: VendorId::INTERNAL,
                timeframe: Timeframe::Seconds(86_400),
                start: end.saturating_add(-NANOS_PER_DAY),
                time: end,
                received: end,
                open: Price::whole(*open),
                high: Price::whole(*high),
                low: Price::whole(*low),
                close: Price::whole(*close),
                volume: Volume::whole(1_000_000),
                vwap: None,
                trade_count: None,
            };
            let event = MarketEvent::Bar(bar);
            let mut reports = Vec::new();
            self.exchange.on_market(&event, &mut reports);
            self.deliver(reports);
            self.process(Event::Market(event));
        }
        self.process(Event::Clock);
        self.bars += 1;
    }

    fn deliver(&mut self, reports: Vec<BrokerReport>) {
        for report in reports {
            self.process(Event::Broker(report));
        }
    }

    fn process(&mut self, event: Event) {
        self.sequence += 1;
        let input = SequencedEvent {
            sequence: self.sequence,
            time: self.now(),
            event,
        };
        self.core.process(&input, &mut self.effects).unwrap();
        let mut reports = Vec::new();
        let now = self.now();
        for command in self.effects.commands.drain(..) {
            if let Command::Submit(order) = command {
                let terms = order.request();
                self.sent.push((
                    self.bars,
                    terms.instrument.0,
                    terms.side,
                    terms.quantity.to_string(),
                ));
                self.exchange.submit(terms, now, &mut reports);
            }
        }
        self.deliver(reports);
    }

    /// Position in one instrument, as text.
    pub(crate) fn held(&self, instrument: u32) -> String {
        self.core
            .portfolio()
            .strategy_position(StrategyId(0), InstrumentId(instrument))
            .to_string()
    }
}
