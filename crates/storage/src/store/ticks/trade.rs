//! A print as it is stored.

use trader_domain::{Price, Quantity, Timestamp, TradeConditions};

use super::key::TickKind;
use super::row::{
    Identity, MOST, TickFault, TickRow, TickText, numbers, of_numbers, of_texts, texts, whole,
};
use crate::table::{Cells, ColumnSpec};

/// A print. One that was taken back or replaced stays, with [`TradeConditions::CANCELED`] and the time when we knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredTrade {
    /// When it traded.
    pub time: Timestamp,
    /// When we had it; `None` in history, which does not say.
    pub received: Option<Timestamp>,
    /// Price.
    pub price: Price,
    /// Shares.
    pub size: Quantity,
    /// The vendor's code of the exchange.
    pub exchange: TickText,
    /// What the sale conditions mean for last, high/low and volume.
    pub conditions: TradeConditions,
    /// The conditions as the vendor wrote them.
    pub codes: TickText,
    /// The tape: A, B or C; empty where the vendor does not say.
    pub tape: TickText,
    /// The vendor's identifier; empty where it gives none.
    pub id: TickText,
    /// The vendor's number, where it gives one.
    pub sequence: Option<u64>,
    /// When we learned that it was taken back, replaced, or replaces another.
    pub revised: Option<Timestamp>,
    /// The identifier of the print that it replaces; empty for others.
    pub replaces: TickText,
}

impl StoredTrade {
    /// Whether it was taken back or replaced.
    pub const fn is_canceled(&self) -> bool {
        self.conditions.contains(TradeConditions::CANCELED)
    }
}

impl TickRow for StoredTrade {
    const KIND: TickKind = TickKind::Trades;

    fn schema() -> Vec<ColumnSpec> {
        vec![
            ColumnSpec::required("time", Cells::Timestamp(Vec::new())),
            ColumnSpec::optional("received", Cells::Timestamp(Vec::new())),
            ColumnSpec::required("price", Cells::Price(Vec::new())),
            ColumnSpec::required("size", Cells::Quantity(Vec::new())),
            ColumnSpec::required("exchange", Cells::Text(Vec::new())),
            ColumnSpec::required("conditions", Cells::Integer(Vec::new())),
            ColumnSpec::required("codes", Cells::Text(Vec::new())),
            ColumnSpec::required("tape", Cells::Text(Vec::new())),
            ColumnSpec::required("id", Cells::Text(Vec::new())),
            ColumnSpec::optional("sequence", Cells::Integer(Vec::new())),
            ColumnSpec::optional("revised", Cells::Timestamp(Vec::new())),
            ColumnSpec::required("replaces", Cells::Text(Vec::new())),
        ]
    }

    fn cells(rows: &[Self]) -> Vec<Cells> {
        let all = || rows.iter();
        vec![
            Cells::Timestamp(all().map(|row| Some(row.time)).collect()),
            Cells::Timestamp(all().map(|row| row.received).collect()),
            Cells::Price(all().map(|row| Some(row.price)).collect()),
            Cells::Quantity(all().map(|row| Some(row.size)).collect()),
            texts(all().map(|row| row.exchange)),
            Cells::Integer(all().map(|row| Some(i64::from(row.conditions.0))).collect()),
            texts(all().map(|row| row.codes)),
            texts(all().map(|row| row.tape)),
            texts(all().map(|row| row.id)),
            numbers(all().map(|row| row.sequence)),
            Cells::Timestamp(all().map(|row| row.revised).collect()),
            texts(all().map(|row| row.replaces)),
        ]
    }

    fn of_cells(cells: &[Cells]) -> Option<Vec<Self>> {
        let [
            Cells::Timestamp(time),
            Cells::Timestamp(received),
            Cells::Price(price),
            Cells::Quantity(size),
            exchange,
            Cells::Integer(conditions),
            codes,
            tape,
            id,
            sequence,
            Cells::Timestamp(revised),
            replaces,
        ] = cells
        else {
            return None;
        };
        let (time, price, size) = (whole(time)?, whole(price)?, whole(size)?);
        let (exchange, codes, tape) = (of_texts(exchange)?, of_texts(codes)?, of_texts(tape)?);
        let (id, replaces, sequence) = (of_texts(id)?, of_texts(replaces)?, of_numbers(sequence)?);
        (0..time.len())
            .map(|at| {
                Some(Self {
                    time: *time.get(at)?,
                    received: *received.get(at)?,
                    price: *price.get(at)?,
                    size: *size.get(at)?,
                    exchange: *exchange.get(at)?,
                    conditions: TradeConditions(u32::try_from((*conditions.get(at)?)?).ok()?),
                    codes: *codes.get(at)?,
                    tape: *tape.get(at)?,
                    id: *id.get(at)?,
                    sequence: *sequence.get(at)?,
                    revised: *revised.get(at)?,
                    replaces: *replaces.get(at)?,
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
        if !self.id.is_empty() {
            return Identity::Named(self.exchange, self.id);
        }
        if let Some(sequence) = self.sequence {
            return Identity::Numbered(self.time, sequence);
        }
        let numbers = [
            self.price.units(),
            self.size.units(),
            i64::from(self.conditions.0),
            0,
        ];
        Identity::Content(self.time, numbers, [self.exchange, self.codes, self.tape])
    }

    /// The first reception stays, and so does what we know of a later revision: history that is asked for again, or a
    /// message that comes twice, may hold the print as it was first.
    fn updated(&self, new: &Self) -> Self {
        if self.revised.is_some() && new.revised.is_none() {
            return *self;
        }
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
        if !self.price.is_positive() {
            return Err(TickFault::PriceNotPositive);
        }
        if self.price > MOST {
            return Err(TickFault::PriceTooLarge);
        }
        if !self.size.is_positive() {
            return Err(TickFault::SizeNotPositive);
        }
        if self.received.is_some_and(|received| received < self.time) {
            return Err(TickFault::Future);
        }
        Ok(())
    }
}
