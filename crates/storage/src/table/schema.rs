//! What a table's columns are, and the values that go into them.

use trader_domain::{Money, Price, Quantity, Rate, Timestamp, Volume};

/// Whether a column may have empty cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Every row has a value.
    Never,
    /// A row may have none.
    Allowed,
}

/// A column's name and whether it may be empty; its type is that of the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSpec {
    /// Name in the header and the schema.
    pub name: String,
    /// Whether cells may be empty.
    pub nulls: Nulls,
    /// Empty cells of the column's type.
    pub kind: Cells,
}

impl ColumnSpec {
    /// A column without empty cells; `kind` is an empty [`Cells`] of its type.
    pub fn required(name: &str, kind: Cells) -> Self {
        Self {
            name: name.to_owned(),
            nulls: Nulls::Never,
            kind,
        }
    }

    /// A column that may have empty cells.
    pub fn optional(name: &str, kind: Cells) -> Self {
        Self {
            nulls: Nulls::Allowed,
            ..Self::required(name, kind)
        }
    }
}

/// The values of one column in one chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// UTF-8 text.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// True or false.
    Boolean(Vec<Option<bool>>),
    /// Instants; CSV shows RFC 3339.
    Timestamp(Vec<Option<Timestamp>>),
    /// Dates, given as 00:00 UTC of the date; CSV shows `2024-06-03`.
    Date(Vec<Option<Timestamp>>),
    /// Prices.
    Price(Vec<Option<Price>>),
    /// Quantities.
    Quantity(Vec<Option<Quantity>>),
    /// Traded volumes.
    Volume(Vec<Option<Volume>>),
    /// Amounts of money.
    Money(Vec<Option<Money>>),
    /// Exact ratios.
    Rate(Vec<Option<Rate>>),
    /// Statistics; must be finite.
    Float(Vec<Option<f64>>),
}

/// Runs the same code on the vector inside, whatever its type.
macro_rules! for_any_cells {
    ($cells:expr, $vector:ident => $code:expr) => {
        match $cells {
            Cells::Text($vector) => $code,
            Cells::Integer($vector) => $code,
            Cells::Boolean($vector) => $code,
            Cells::Timestamp($vector) | Cells::Date($vector) => $code,
            Cells::Price($vector) => $code,
            Cells::Quantity($vector) => $code,
            Cells::Volume($vector) => $code,
            Cells::Money($vector) => $code,
            Cells::Rate($vector) => $code,
            Cells::Float($vector) => $code,
        }
    };
}

impl Cells {
    /// Number of rows.
    pub const fn len(&self) -> usize {
        for_any_cells!(self, cells => cells.len())
    }

    /// Whether there are no rows.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a cell is empty.
    pub(super) fn has_null(&self) -> bool {
        for_any_cells!(self, cells => cells.iter().any(Option::is_none))
    }

    /// Moves rows `from..to` of `other` behind these; false when the types differ.
    pub(super) fn append(&mut self, other: &Self, from: usize, to: usize) -> bool {
        fn extend<T: Clone>(cells: &mut Vec<T>, other: &[T], from: usize, to: usize) -> bool {
            other.get(from..to).is_some_and(|rows| {
                cells.extend_from_slice(rows);
                true
            })
        }
        match (self, other) {
            (Self::Text(cells), Self::Text(other)) => extend(cells, other, from, to),
            (Self::Integer(cells), Self::Integer(other)) => extend(cells, other, from, to),
            (Self::Boolean(cells), Self::Boolean(other)) => extend(cells, other, from, to),
            (Self::Timestamp(cells), Self::Timestamp(other))
            | (Self::Date(cells), Self::Date(other)) => extend(cells, other, from, to),
            (Self::Price(cells), Self::Price(other)) => extend(cells, other, from, to),
            (Self::Quantity(cells), Self::Quantity(other)) => extend(cells, other, from, to),
            (Self::Volume(cells), Self::Volume(other)) => extend(cells, other, from, to),
            (Self::Money(cells), Self::Money(other)) => extend(cells, other, from, to),
            (Self::Rate(cells), Self::Rate(other)) => extend(cells, other, from, to),
            (Self::Float(cells), Self::Float(other)) => extend(cells, other, from, to),
            _ => false,
        }
    }

    /// Removes all rows and keeps the memory.
    pub(super) fn clear(&mut self) {
        for_any_cells!(self, cells => cells.clear());
    }
}
