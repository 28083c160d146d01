//! Writes synthetic minute bars as CSV: `make-bars BARS SEED FILE`.
//!
//! The benchmark feeds the file to this project's `backtest` and to its peers. The time is the end
//! of the minute, in UTC.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a program for developers that talks to a terminal"
)]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use trader_testkit::market::MinuteBars;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bars, seed, file] = arguments.as_slice() else {
        eprintln!("usage: make-bars BARS SEED FILE");
        return ExitCode::from(2);
    };
    let (Ok(bars), Ok(seed)) = (bars.parse(), seed.parse()) else {
        eprintln!("make-bars: BARS and SEED are whole numbers");
        return ExitCode::from(2);
    };
    match write(bars, seed, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("make-bars: cannot write {file}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(bars: usize, seed: u64, file: &str) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "timestamp,open,high,low,close,volume")?;
    for bar in MinuteBars::from_seed(seed).take(bars) {
        let time = bar.time.to_datetime();
        writeln!(
            out,
            "{},{},{},{},{},{}",
            time.format("%Y-%m-%d %H:%M:%S"),
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume
        )?;
    }
    out.flush()
}
