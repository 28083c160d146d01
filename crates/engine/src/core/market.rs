//! What the core knows of each market, in an array by instrument.

use trader_broker::Mark;
use trader_domain::{Bar, InstrumentId, Price, Quote, StatusKind, Trade, TradingStatus, Volume};

use crate::fingerprint::Fingerprint;

/// Days over which the average daily volume is taken.
const ADV_DAYS: usize = 20;

/// The volume of one instrument's current day and its average over the days before.
#[derive(Debug, Clone, Default)]
struct DailyVolume {
    today: i128,
    /// Whether prints are seen: bars beside them sum up the same volume.
    prints: bool,
    days: [i64; ADV_DAYS],
    next: usize,
    known: usize,
    total: i128,
}

impl DailyVolume {
    /// Ends the day; days without any volume (holidays of that market) do not count.
    fn close_day(&mut self) -> Option<Volume> {
        if self.today > 0 {
            let today = i64::try_from(self.today).unwrap_or(i64::MAX);
            if let Some(slot) = self.days.get_mut(self.next) {
                self.total += i128::from(today) - i128::from(*slot);
                *slot = today;
            }
            self.next = (self.next + 1) % ADV_DAYS;
            self.known = (self.known + 1).min(ADV_DAYS);
            self.today = 0;
        }
        let known = i64::try_from(self.known).ok().filter(|&known| known > 0)?;
        let mean = match i64::try_from(self.total) {
            Ok(total) => total / known,
            Err(_wide) => i64::try_from(self.total / i128::from(known)).ok()?,
        };
        Volume::from_units(mean).ok()
    }
}

/// Marks and daily volumes of all instruments.
#[derive(Debug, Clone, Default)]
pub(crate) struct MarketState {
    marks: Vec<Mark>,
    volumes: Vec<DailyVolume>,
}

impl MarketState {
    pub(crate) fn new(instruments: usize) -> Self {
        Self {
            marks: vec![Mark::default(); instruments],
            volumes: vec![DailyVolume::default(); instruments],
        }
    }

    pub(crate) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    pub(crate) fn mark(&self, instrument: InstrumentId) -> Option<&Mark> {
        self.marks.get(instrument.index())
    }

    pub(crate) fn mark_mut(&mut self, instrument: InstrumentId) -> Option<&mut Mark> {
        self.marks.get_mut(instrument.index())
    }

    #[inline(always)] // at every bar; so are the next two for their events
    pub(crate) fn on_bar(&mut self, bar: &Bar) {
        let index = bar.instrument.index();
        if let Some(mark) = self.marks.get_mut(index) {
            mark.last = Some(bar.close);
            mark.last_time = bar.received;
        }
        if let Some(volume) = self.volumes.get_mut(index)
            && !volume.prints
        {
            volume.today += i128::from(bar.volume.units());
        }
    }

    #[inline(always)]
    pub(crate) fn on_quote(&mut self, quote: &Quote) {
        if let Some(mark) = self.marks.get_mut(quote.instrument.index()) {
            mark.bid = quote.bid.is_positive().then_some(quote.bid);
            mark.ask = quote.ask.is_positive().then_some(quote.ask);
            mark.quote_time = quote.received;
        }
    }

    #[inline(always)]
    pub(crate) fn on_trade(&mut self, trade: &Trade) {
        let index = trade.instrument.index();
        if trade.conditions.updates_last()
            && let Some(mark) = self.marks.get_mut(index)
        {
            mark.last = Some(trade.price);
            mark.last_time = trade.received;
        }
        if trade.conditions.updates_volume()
            && let Some(volume) = self.volumes.get_mut(index)
        {
            if !volume.prints {
                volume.prints = true;
                // Bars before the first print are of another source than the prints.
                volume.today = 0;
            }
            volume.today += i128::from(Volume::from_quantity(trade.size).units());
        }
    }

    pub(crate) fn on_status(&mut self, status: &TradingStatus) {
        if let Some(mark) = self.marks.get_mut(status.instrument.index()) {
            match status.kind {
                StatusKind::Halted(reason) => mark.halted = Some(reason),
                StatusKind::Resumed => mark.halted = None,
                StatusKind::Bands(bands) => mark.luld = Some(bands),
                StatusKind::ShortSaleRestricted => mark.short_restricted = true,
                StatusKind::ShortSaleUnrestricted => mark.short_restricted = false,
            }
        }
    }

    /// A split rescales every remembered price and volume.
    pub(crate) fn on_split(&mut self, instrument: InstrumentId, to: u32, from: u32) {
        let (to, from) = (i64::from(to), i64::from(from));
        let rescaled = |price: Option<Price>| {
            price.and_then(|p| p.scale(from, to, trader_domain::Rounding::HalfEven).ok())
        };
        if let Some(mark) = self.marks.get_mut(instrument.index()) {
            mark.last = rescaled(mark.last);
            mark.previous_close = rescaled(mark.previous_close);
            (mark.bid, mark.ask, mark.luld) = (None, None, None);
            mark.average_daily_volume = mark
                .average_daily_volume
                .and_then(|v| v.scale(to, from, trader_domain::Rounding::TowardsZero).ok());
        }
        if let Some(volume) = self.volumes.get_mut(instrument.index()) {
            *volume = DailyVolume::default();
        }
    }

    pub(crate) fn fingerprint(&self, into: &mut Fingerprint) {
        for mark in &self.marks {
            for price in [mark.last, mark.bid, mark.ask, mark.previous_close] {
                into.signed(price.map_or(i64::MIN, Price::units));
            }
            into.signed(mark.last_time.nanos());
            into.signed(mark.quote_time.nanos());
            let volume = mark.average_daily_volume;
            into.signed(volume.map_or(i64::MIN, Volume::units));
            let bands = mark.luld.map_or([i64::MIN; 2], |bands| {
                [bands.lower.units(), bands.upper.units()]
            });
            bands.into_iter().for_each(|bound| into.signed(bound));
            into.tag(mark.halted.map_or(0, |reason| reason as u8 + 1));
            into.tag(u8::from(mark.short_restricted) | u8::from(mark.delisted) << 1);
        }
        for volume in &self.volumes {
            into.bytes(&volume.today.to_le_bytes());
            into.bytes(&volume.total.to_le_bytes());
        }
    }

    /// A new trading day: yesterday's last price becomes the previous close.
    pub(crate) fn on_new_day(&mut self) {
        for (mark, volume) in self.marks.iter_mut().zip(&mut self.volumes) {
            mark.previous_close = mark.last;
            mark.luld = None;
            if let Some(average) = volume.close_day() {
                mark.average_daily_volume = Some(average);
            }
        }
    }
}
