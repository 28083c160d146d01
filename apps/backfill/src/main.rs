//! `backfill`: fill the market-data store, and look after it.
//!
//! Thin: it parses arguments, loads configuration, composes the crates below and prints. Every error says what failed,
//! on what, and what to do; the exit code tells its kind ([`failure::Failure`]).

mod cache;
mod cli;
mod commands;
mod database;
mod failure;
mod history;
mod licence;
mod line;
mod output;
mod pick;
mod place;
mod progress;
mod provider;
mod session;
mod source;
mod stream_source;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own exit code for wrong usage is 2, for --help and --version 0.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            let _closed_pipe = error.print();
            return ExitCode::from(code);
        }
    };
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::print(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
