//! Options against independent values and against the laws they must obey.

mod binomial;
mod chain;
mod golden_values;
mod laws;
mod surface;

use std::path::PathBuf;

use trader_domain::OptionRight;
use trader_features::options::{Underlying, Vanilla};

/// The rows of a golden file by column name.
pub(crate) struct Rows {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    pub(crate) fn read(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(name);
        let text = std::fs::read_to_string(&path).expect("golden file");
        let mut lines = text
            .lines()
            .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self {
            header: lines.next().expect("header"),
            rows: lines.collect(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|fields| Row {
            header: &self.header,
            fields,
        })
    }
}

pub(crate) struct Row<'a> {
    header: &'a [String],
    fields: &'a [String],
}

impl Row<'_> {
    pub(crate) fn text(&self, column: &str) -> &str {
        let index = self.header.iter().position(|name| name == column);
        &self.fields[index.unwrap_or_else(|| panic!("column {column}"))]
    }

    /// NaN where empty.
    pub(crate) fn number(&self, column: &str) -> f64 {
        match self.text(column) {
            "" => f64::NAN,
            text => text.parse().expect("number"),
        }
    }

    pub(crate) fn right(&self) -> OptionRight {
        match self.text("flag") {
            "c" => OptionRight::Call,
            "p" => OptionRight::Put,
            other => panic!("flag {other}"),
        }
    }

    pub(crate) fn option(&self, years: f64) -> Vanilla {
        Vanilla {
            right: self.right(),
            strike: self.number("K"),
            years,
        }
    }

    pub(crate) fn share(&self, dividend_yield: f64) -> Underlying {
        Underlying {
            spot: self.number("S"),
            rate: self.number("r"),
            dividend_yield,
        }
    }

    pub(crate) fn line(&self) -> String {
        self.fields.join(",")
    }
}
