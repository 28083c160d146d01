//! A single LEAN bar archive named by path: what the folders above it say of its content.

use std::path::{Component, Path};

use chrono::NaiveDate;
use trader_domain::Symbol;

use super::bars::{LeanBars, Part};
use super::context::{LeanContext, LeanPrices};
use super::folder::LeanResolution;
use super::map_file::lean_date;
use crate::error::DataError;
use crate::options::ReadOptions;

impl LeanBars {
    /// Opens one archive of trade bars, such as `…/equity/usa/daily/aapl.zip` or
    /// `…/equity/usa/minute/spy/20131007_trade.zip`. Renames are not followed: the file is the whole series.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the path does not have LEAN's layout.
    pub fn open_archive(path: &Path, options: &ReadOptions) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let Some(place) = Place::of(path) else {
            return Err(DataError::Unsupported {
                file: name,
                detail: "is a zip archive outside LEAN's layout (…/equity/usa/daily/aapl.zip, \
                         …/equity/usa/minute/spy/20131007_trade.zip); unpack it, or put it into that layout"
                    .to_owned(),
            });
        };
        let timeframe = place.resolution.timeframe();
        let part = Part {
            path: path.to_owned(),
            context: LeanContext {
                prices: place.prices,
                timeframe,
                day: place.day,
            },
            from: NaiveDate::MIN,
            to: NaiveDate::MAX,
        };
        Ok(Self::new(
            vec![part],
            Vec::new(),
            place.symbol,
            &name,
            timeframe,
            options,
        ))
    }
}

/// What a path says.
struct Place {
    prices: LeanPrices,
    resolution: LeanResolution,
    symbol: Symbol,
    day: Option<NaiveDate>,
}

impl Place {
    fn of(path: &Path) -> Option<Self> {
        let parts: Vec<&str> = path
            .components()
            .filter_map(|part| match part {
                Component::Normal(part) => part.to_str(),
                _ => None,
            })
            .collect();
        let (kind, resolution, ticker, day) = match parts.as_slice() {
            [.., kind, _market, resolution @ ("daily" | "hour"), file] => {
                (*kind, *resolution, file.strip_suffix(".zip")?, None)
            }
            [
                ..,
                kind,
                _market,
                resolution @ ("minute" | "second"),
                ticker,
                file,
            ] => {
                let day = lean_date(file.strip_suffix("_trade.zip")?.as_bytes()).ok()?;
                (*kind, *resolution, *ticker, Some(day))
            }
            _ => return None,
        };
        let prices = match kind {
            "equity" => LeanPrices::DeciCents,
            "index" => LeanPrices::Plain,
            _ => return None,
        };
        let resolutions = [
            LeanResolution::Daily,
            LeanResolution::Hour,
            LeanResolution::Minute,
            LeanResolution::Second,
        ];
        Some(Self {
            prices,
            resolution: resolutions
                .into_iter()
                .find(|one| one.name() == resolution)?,
            symbol: Symbol::new(&ticker.to_ascii_uppercase()).ok()?,
            day,
        })
    }
}
