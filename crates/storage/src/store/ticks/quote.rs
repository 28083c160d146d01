//! A quote as it is stored.

use trader_domain::{Price, Quantity, Timestamp};

use super::key::TickKind;
use super::row::{
    Identity, MOST, TickFault, TickRow, TickText, numbers, of_numbers, of_texts, texts, whole,
};
use crate::table::{Cells, ColumnSpec};

/// A best bid and offer, or one side of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredQuote {
    /// When it was set.
    pub time: Timestamp,
    /// When we had it; `None` in history, which does not say.
    pub received: Option<Timestamp>,
    /// Best bid; zero when there is none, `None` when the quote says nothing of that side.
    pub bid: Option<Price>,
    /// Shares at the bid.
    pub bid_size: Quantity,
    /// The vendor's code of the exchange of the bid.
    pub bid_exchange: TickText,
    /// Best offer; zero when there is none, `None` when the quote says nothing of that side.
    pub ask: Option<Price>,
    /// Shares at the offer.
    pub ask_size: Quantity,
    /// The vendor's code of the exchange of the offer.
    pub ask_exchange: TickText,
    /// The conditions as the vendor wrote them.
    pub codes: TickText,
    /// The tape: A, B or C; empty where the vendor does not say.
    pub tape: TickText,
    /// The vendor's number, where it gives one.
    pub sequence: Option<u64>,
}

impl TickRow for StoredQuote {
    const KIND: TickKind = TickKind::Quotes;

    fn schema() -> Vec<ColumnSpec> {
        vec![
            ColumnSpec::required("time", Cells::Timestamp(Vec::new())),
            ColumnSpec::optional("received", Cells::Timestamp(Vec::new())),
            ColumnSpec::optional("bid", Cells::Price(Vec::new())),
            ColumnSpec::required("bid_size", Cells::Quantity(Vec::new())),
            ColumnSpec::required("bid_exchange", Cells::Text(Vec::new())),
            ColumnSpec::optional("ask", Cells::Price(Vec::new())),
            ColumnSpec::required("ask_size", Cells::Quantity(Vec::new())),
            ColumnSpec::required("ask_exchange", Cells::Text(Vec::new())),
            ColumnSpec::required("codes", Cells::Text(Vec::new())),
            ColumnSpec::required("tape", Cells::Text(Vec::new())),
            ColumnSpec::optional("sequence", Cells::Integer(Vec::new())),
        ]
    }

    fn cells(rows: &[Self]) -> Vec<Cells> {
        let all = || rows.iter();
        vec![
            Cells::Timestamp(all().map(|row| Some(row.time)).collect()),
            Cells::Timestamp(all().map(|row| row.received).collect()),
            Cells::Price(all().map(|row| row.bid).collect()),
            Cells::Quantity(all().map(|row| Some(row.bid_size)).collect()),
            texts(all().map(|row| row.bid_exchange)),
            Cells::Price(all().map(|row| row.ask).collect()),
            Cells::Quantity(all().map(|row| Some(row.ask_size)).collect()),
            texts(all().map(|row| row.ask_exchange)),
            texts(all().map(|row| row.codes)),
            texts(all().map(|row| row.tape)),
            numbers(all().map(|row| row.sequence)),
        ]
    }

    fn of_cells(cells: &[Cells]) -> Option<Vec<Self>> {
        let [
            Cells::Timestamp(time),
            Cells::Timestamp(received),
            Cells::Price(bid),
            Cells::Quantity(bid_size),
            bid_exchange,
            Cells::Price(ask),
            Cells::Quantity(ask_size),
            ask_exchange,
            codes,
            tape,
            sequence,
        ] = cells
        else {
            return None;
        };
        let time = whole(time)?;
        let (bid_size, ask_size) = (whole(bid_size)?, whole(ask_size)?);
        let (bid_exchange, ask_exchange) = (of_texts(bid_exchange)?, of_texts(ask_exchange)?);
        let (codes, tape, sequence) = (of_texts(codes)?, of_texts(tape)?, of_numbers(sequence)?);
        (0..time.len())
            .map(|at| {
                Some(Self {
                    time: *time.get(at)?,
                    received: *received.get(at)?,
                    bid: *bid.get(at)?,
                    bid_size: *bid_size.get(at)?,
                    bid_exchange: *bid_exchange.get(at)?,
                    ask: *ask.get(at)?,
                    ask_size: *ask_size.get(at)?,
                    ask_exchange: *ask_exchange.get(at)?,
                    codes: *codes.get(at)?,
                    tape: *tape.get(at)?,
                    sequence: *sequence.get(at)?,
                })
            })
            .collect()
    }

    fn time(&self) -> Timestamp {
        self.time
    }

    fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    fn identity(&self) -> Identity {
        if let Some(sequence) = self.sequence {
            return Identity::Numbered(self.time, sequence);
        }
        // -1 stands for a side of which nothing is said: no price is below zero.
        let side = |price: Option<Price>| price.map_or(-1, Price::units);
        let numbers = [
            side(self.bid),
            self.bid_size.units(),
            side(self.ask),
            self.ask_size.units(),
        ];
        let texts = [self.bid_exchange, self.ask_exchange, self.codes];
        Identity::Content(self.time, numbers, texts)
    }

    fn updated(&self, new: &Self) -> Self {
        Self {
            received: self.received.or(new.received),
            tape: if new.tape.is_empty() {
                self.tape
            } else {
                new.tape
            },
            ..*new
        }
    }

    fn validate(&self) -> Result<(), TickFault> {
        let known = |side: Option<Price>| side.filter(|price| *price != Price::ZERO);
        for price in [self.bid, self.ask].into_iter().flatten() {
            if price < Price::ZERO {
                return Err(TickFault::PriceNotPositive);
            }
            if price > MOST {
                return Err(TickFault::PriceTooLarge);
            }
        }
        if self.bid.is_none() && self.ask.is_none() {
            return Err(TickFault::Empty);
        }
        if let (Some(bid), Some(ask)) = (known(self.bid), known(self.ask))
            && bid > ask
        {
            return Err(TickFault::Crossed);
        }
        if self.bid_size.is_negative() || self.ask_size.is_negative() {
            return Err(TickFault::SizeNotPositive);
        }
        if self.received.is_some_and(|received| received < self.time) {
            return Err(TickFault::Future);
        }
        Ok(())
    }
}
