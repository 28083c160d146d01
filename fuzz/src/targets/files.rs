//! Text files that people write: configuration, bars in CSV.

use trader_config::{NamedFile, SecretCommands, Sources, load, render};
use trader_domain::Timestamp;
use trader_storage::{BarSeries, ReadOptions, parse_csv_bars};

use super::texts;
use crate::Verdict;

/// A configuration file.
pub fn config(data: &[u8]) -> Verdict {
    let sources = Sources {
        file: Some(NamedFile::Memory {
            name: "fuzzed.toml".into(),
            bytes: data.to_vec(),
        }),
        secret_commands: SecretCommands::Refuse,
        ..Sources::default()
    };
    let loaded = load(&sources);
    if let Ok(loaded) = &loaded {
        render(loaded);
    }
    Verdict::from(&loaded)
}

/// Bars in CSV.
///
/// # Panics
/// When bars that were accepted are not sound.
pub fn csv_bars(data: &[u8]) -> Verdict {
    let parsed = parse_csv_bars(data, "FUZZED.csv", &strict());
    if let Ok(series) = &parsed {
        series.iter().for_each(assert_sound);
    }
    Verdict::from(&parsed)
}

/// As of a fixed instant, so that the same bytes always give the same answer.
pub(super) fn strict() -> ReadOptions {
    ReadOptions::new(Timestamp::from_nanos(1_735_689_600_000_000_000))
}

/// Columns of one length, times that ascend, prices above zero and enclosed.
pub(super) fn assert_sound(series: &BarSeries) {
    let columns = &series.columns;
    assert!(
        columns.start.windows(2).all(|pair| pair[0] < pair[1]),
        "times do not ascend"
    );
    for prices in [&columns.open, &columns.high, &columns.low, &columns.close] {
        assert_eq!(
            prices.len(),
            columns.start.len(),
            "columns differ in length"
        );
        assert!(
            prices.iter().all(|price| price.is_positive()),
            "a price is not above zero"
        );
    }
    for ((open, high), (low, close)) in columns
        .open
        .iter()
        .zip(&columns.high)
        .zip(columns.low.iter().zip(&columns.close))
    {
        assert!(
            low <= open && low <= close && open <= high && close <= high,
            "high and low do not enclose"
        );
    }
}

pub(super) fn config_seeds() -> Vec<Vec<u8>> {
    trader_config::documents()
        .into_iter()
        .filter(|document| document.path == "config/default.toml")
        .map(|document| document.content.into_bytes())
        .chain(texts(&[""]))
        .collect()
}

pub(super) fn csv_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "date,open,high,low,close,volume\n2020-01-02,10,12,9.5,11,100\n2020-01-03,11,11.5,10,10.25,80\n",
        "timestamp,open,high,low,close,volume\n2010-01-04 14:31:00,100.00,100.00,99.94,99.96,46734\n2010-01-04 14:32:00,99.96,100.01,99.96,100.00,23877\n",
        "Date;Open;High;Low;Close;Adj Close;Volume\r\n2020-01-02;10;12;9.5;11;11;100\r\n2020-01-03;10;12;9.5;11;11;100\r\n",
        "symbol,t,o,h,l,c,v\nAAPL,2024-06-03T13:30:00Z,192.9,193.0,192.5,192.6,1000\nMSFT,2024-06-03T13:30:00Z,412,413,411,412.5,900\nAAPL,2024-06-03T13:31:00Z,192.6,193.0,192.5,192.6,1000\nMSFT,2024-06-03T13:31:00Z,412,413,411,412.5,900\n",
        "time,open,high,low,close\n1591190000,10,12,9.5,11\n1591190060,10,12,9.5,11\n",
    ])
}
