//! Runs on ticks: prints and quotes for the exchange, minute bars made of the prints for strategies.

use std::num::NonZeroU32;
use std::path::Path;

use trader_config::schema::Config;
use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_research::run::{BarRule, PricedHours, TickSeries};
use trader_storage::lean::LeanFolder;
use trader_storage::{Adjustment, BarColumns, BarSeries, GapSummary, OptionalColumns, PriceBasis};

use crate::cli::RunArgs;
use crate::data::{self, History};
use crate::failure::Failure;

/// Minute bars, as strategies on minute files see them.
const RULE: BarRule = BarRule {
    seconds: match NonZeroU32::new(60) {
        Some(minute) => minute,
        None => NonZeroU32::MIN,
    },
    hours: PricedHours::Regular,
};

/// The bars made of the prints, for charts and fingerprints.
fn bars(ticks: &TickSeries, symbol: Symbol, file: &str) -> Result<BarSeries, Failure> {
    let bars = ticks
        .bars()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let mut columns = BarColumns::with_optional(OptionalColumns {
        volume: true,
        ..OptionalColumns::default()
    });
    for bar in bars {
        columns.start.push(bar.start);
        columns.open.push(bar.open);
        columns.high.push(bar.high);
        columns.low.push(bar.low);
        columns.close.push(bar.close);
        if let Some(volume) = &mut columns.volume {
            volume.push(bar.volume);
        }
    }
    Ok(BarSeries {
        symbol,
        timeframe: Timeframe::MINUTE,
        basis: PriceBasis::Ohlc,
        adjustment: Adjustment::Raw,
        file: file.to_owned(),
        rounded_values: 0,
        gaps: GapSummary::default(),
        columns,
    })
}

/// All ticks of the symbols asked for, in a LEAN folder.
pub(crate) fn load(
    args: &RunArgs,
    folder: &Path,
    (from, to): (Timestamp, Timestamp),
    config: &Config,
    now: Timestamp,
) -> Result<History, Failure> {
    let data = LeanFolder::open(folder)?;
    let read = data::options(&args.source.times, now);
    let (mut all, mut series) = (Vec::new(), Vec::new());
    for ticker in &args.source.symbols {
        let mut ticks = TickSeries::new(RULE);
        for (kind, list) in [
            ("trade", data.tick_days(ticker, "trade")?),
            ("quote", data.tick_days(ticker, "quote")?),
        ] {
            for day in list.into_iter().filter(|day| data::holds((from, to), *day)) {
                if kind == "trade" {
                    ticks.trades.push(data.trade_ticks(ticker, day, &read)?);
                } else {
                    ticks.quotes.push(data.quote_ticks(ticker, day, &read)?);
                }
            }
        }
        if ticks.trades.is_empty() {
            return Err(Failure::Usage(format!(
                "{} has no trade ticks of {ticker} in that time",
                folder.display()
            )));
        }
        let symbol = Symbol::new(&ticker.to_ascii_uppercase())
            .map_err(|error| Failure::Usage(error.to_string()))?;
        series.push(bars(
            &ticks,
            symbol,
            &format!("{ticker} ticks in {}", folder.display()),
        )?);
        all.push(ticks);
    }
    let description = format!("LEAN folder {} (ticks)", folder.display());
    let mut history = History::assemble(series, Vec::new(), description, (from, to), config)?;
    history.ticks = all;
    Ok(history)
}
