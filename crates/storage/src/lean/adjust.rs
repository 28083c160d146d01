//! Adjusted views of raw bars, as they looked on a given date.
//!
//! Point-in-time: only splits and dividends up to the date of the view are folded in, so a study as of 2010 does not
//! see the split of 2014. Prices are `raw × factor(bar date) / factor(view date)`, rounded half to even at 10⁻⁹;
//! volumes are divided by the split part only.

use chrono::NaiveDate;
use trader_domain::{MoneyError, NANOS_PER_DAY, Price, Rounding, Timestamp, Volume};

use super::factor_file::FactorFile;
use crate::error::DataError;
use crate::series::{Adjustment, BarSeries};
use crate::store::trading_date;
use crate::text::zone::epoch_day;

/// What is folded into past prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentMode {
    /// Splits only.
    Splits,
    /// Splits and dividends (total return).
    SplitsAndDividends,
}

/// An exact ratio of factors.
#[derive(Debug, Clone, Copy)]
struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl FactorFile {
    /// The series as it looked on `as_of`: in the prices of that day. Later bars are given in those prices too.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the series is not raw or an adjusted value does not fit.
    pub fn adjusted(
        &self,
        raw: &BarSeries,
        as_of: NaiveDate,
        mode: AdjustmentMode,
    ) -> Result<BarSeries, DataError> {
        let refuse = |detail: &str| DataError::Unsupported {
            file: raw.file.clone(),
            detail: detail.to_owned(),
        };
        if raw.adjustment != Adjustment::Raw {
            return Err(refuse(
                "is not a raw series; only raw prices can be adjusted",
            ));
        }
        // A split or dividend takes effect on the day after its row's date: on the row's date it is not yet visible.
        let view = self.on(as_of);
        let mut series = raw.clone();
        series.adjustment = Adjustment::AsOf(Timestamp::from_nanos(
            epoch_day(as_of).saturating_mul(NANOS_PER_DAY),
        ));
        let columns = &mut series.columns;
        let mut cached: Option<(NaiveDate, Ratio, Ratio)> = None;
        for (index, start) in columns.start.iter().enumerate() {
            let date = trading_date(*start, raw.timeframe)
                .ok_or_else(|| refuse("has a time outside New York's known history"))?;
            let (price_ratio, split_ratio) = match cached {
                Some((known, price, split)) if known == date => (price, split),
                _ => {
                    let (price, split) = ratios(self.on(date), view, mode);
                    cached = Some((date, price, split));
                    (price, split)
                }
            };
            let prices = [
                &mut columns.open,
                &mut columns.high,
                &mut columns.low,
                &mut columns.close,
            ];
            for price in prices
                .into_iter()
                .filter_map(|column| column.get_mut(index))
            {
                *price = price_ratio
                    .of_price(*price)
                    .map_err(|error| refuse(&error.to_string()))?;
            }
            if let Some(Some(price)) = columns
                .vwap
                .as_mut()
                .and_then(|column| column.get_mut(index))
            {
                *price = price_ratio
                    .of_price(*price)
                    .map_err(|error| refuse(&error.to_string()))?;
            }
            if let Some(volume) = columns
                .volume
                .as_mut()
                .and_then(|column| column.get_mut(index))
            {
                *volume = split_ratio
                    .under_volume(*volume)
                    .map_err(|error| refuse(&error.to_string()))?;
            }
        }
        Ok(series)
    }
}

/// The factor for prices, and the split part of it.
fn ratios(on: (i64, i64), view: (i64, i64), mode: AdjustmentMode) -> (Ratio, Ratio) {
    let split = Ratio {
        numerator: i128::from(on.1),
        denominator: i128::from(view.1),
    };
    let price = match mode {
        AdjustmentMode::Splits => split,
        AdjustmentMode::SplitsAndDividends => Ratio {
            numerator: i128::from(on.0) * split.numerator,
            denominator: i128::from(view.0) * split.denominator,
        },
    };
    (price.reduced(), split.reduced())
}

impl Ratio {
    /// In lowest terms, which keeps products with prices inside 128 bits.
    const fn reduced(self) -> Self {
        let (mut a, mut b) = (self.numerator, self.denominator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        if a == 0 {
            return self;
        }
        Self {
            numerator: self.numerator / a,
            denominator: self.denominator / a,
        }
    }

    fn scale(units: i64, numerator: i128, denominator: i128) -> Result<i64, MoneyError> {
        let overflow = || MoneyError::Overflow {
            kind: "Price",
            operation: "adjustment",
        };
        let product = i128::from(units)
            .checked_mul(numerator)
            .ok_or_else(overflow)?;
        let scaled = Rounding::HalfEven.divide(product, denominator)?;
        i64::try_from(scaled).map_err(|_range| overflow())
    }

    fn of_price(self, price: Price) -> Result<Price, MoneyError> {
        Price::from_units(Self::scale(
            price.units(),
            self.numerator,
            self.denominator,
        )?)
    }

    fn under_volume(self, volume: Volume) -> Result<Volume, MoneyError> {
        Volume::from_units(Self::scale(
            volume.units(),
            self.denominator,
            self.numerator,
        )?)
    }
}
