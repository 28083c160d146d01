//! The bars that features are computed on, as the arguments name them.

use trader_domain::Symbol;
use trader_feature_store::{BarSource, StoreError};
use trader_storage::{BarSeries, DataError};

use crate::cli::BarArgs;
use crate::data;
use crate::failure::Failure;
use crate::output;

/// Opens what the arguments name.
pub(crate) fn open(args: &BarArgs) -> Result<BarSource, Failure> {
    let options = data::options(&args.times, output::now());
    let symbols = args
        .symbols
        .iter()
        .map(|text| symbol(text))
        .collect::<Result<Vec<_>, _>>()?;
    match &args.sample {
        Some(name) => {
            let (series, description) = data::sample(name)?;
            let mut source = BarSource::loaded(series, &description, &options);
            source.select(&symbols).map_err(unknown_symbol)?;
            Ok(source)
        }
        None if args.bars.is_empty() => Err(Failure::Usage(
            "which data? name it with --bars or --sample (`backtest list data`)".to_owned(),
        )),
        None => BarSource::open(&args.bars, &symbols, &options).map_err(unknown_symbol),
    }
}

/// The benchmark's bars, if one is asked for. It may be left out of `--symbols`.
pub(crate) fn benchmark(args: &BarArgs) -> Result<Option<BarSeries>, Failure> {
    let Some(name) = &args.benchmark else {
        return Ok(None);
    };
    let wanted = symbol(name)?;
    let all = open(&BarArgs {
        symbols: vec![name.clone()],
        bars: args.bars.clone(),
        sample: args.sample.clone(),
        benchmark: None,
        times: args.times,
    })?;
    let series = all.series(wanted).map_err(StoreError::from)?;
    Ok(Some(series))
}

/// A symbol that the data lacks is a wrong argument, as it is for `run`.
fn unknown_symbol(error: DataError) -> Failure {
    match error {
        DataError::UnknownSymbol { .. } => Failure::Usage(error.to_string()),
        other => Failure::Data(other),
    }
}

fn symbol(text: &str) -> Result<Symbol, Failure> {
    Symbol::new(text).map_err(|error| Failure::Usage(format!("{text}: {error}")))
}
