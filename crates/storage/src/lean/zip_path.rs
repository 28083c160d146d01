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
        let refused = || {
            DataError::Unsupported {
            file: name.clone(),
            detail: "is a zip archive outside LEAN's layout (…/equity/usa/daily/aapl.zip, \
                     …/equity/usa/minute/spy/20131007_trade.zip); unpack it, or put it into that layout"
                .to_owned(),
        }
        };
        let parts: Vec<&str> = path
            .components()
            .filter_map(|part| match part {
                Component::Normal(part) => part.to_str(),
                _ => None,
            })
            .collect();
        let (kind, resolution, ticker, day) = match parts.as_slice() {
            [.., kind, _market, resolution @ ("daily" | "hour"), file] => (
                *kind,
                *resolution,
                without_zip(file).ok_or_else(refused)?,
                None,
            ),
            [
                ..,
                kind,
                _market,
                resolution @ ("minute" | "second"),
                ticker,
                file,
            ] => {
                let day = without_zip(file)
                    .and_then(|stem| stem.strip_suffix("_trade"))
                    .ok_or_else(refused)?;
                let day = lean_date(day.as_bytes()).map_err(|_not_a_date| refused())?;
                (*kind, *resolution, *ticker, Some(day))
            }
            _ => return Err(refused()),
        };
        let prices = match kind {
            "equity" => LeanPrices::DeciCents,
            "index" => LeanPrices::Plain,
            _ => return Err(refused()),
        };
        let resolutions = [
            LeanResolution::Daily,
            LeanResolution::Hour,
            LeanResolution::Minute,
            LeanResolution::Second,
        ];
        let resolution = resolutions
            .into_iter()
            .find(|one| one.name() == resolution)
            .ok_or_else(refused)?;
        let symbol = Symbol::new(&ticker.to_ascii_uppercase()).map_err(|_not_text| refused())?;
        let part = Part {
            path: path.to_owned(),
            context: LeanContext {
                prices,
                timeframe: resolution.timeframe(),
                day,
            },
            from: NaiveDate::MIN,
            to: NaiveDate::MAX,
        };
        Ok(Self::new(
            vec![part],
            Vec::new(),
            symbol,
            &name,
            resolution.timeframe(),
            options,
        ))
    }
}

fn without_zip(name: &str) -> Option<&str> {
    name.strip_suffix(".zip").filter(|stem| !stem.is_empty())
}
