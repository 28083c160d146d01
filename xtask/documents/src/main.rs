//! Writes the documents that crates generate from their own tables: `trader-documents ROOT`.
//!
//! `cargo xtask docs` runs it. It is a program of its own so that `xtask`, which everybody compiles
//! first, depends on no crate of the product. Each crate's tests hold its documents against its
//! tables.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers that reads its arguments and talks to a terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(root) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: trader-documents ROOT");
        return ExitCode::from(2);
    };
    for document in trader_config::documents() {
        if let Err(error) = std::fs::write(root.join(document.path), &document.content) {
            eprintln!("cannot write {}: {error}", document.path);
            return ExitCode::FAILURE;
        }
        println!("docs: {}", document.path);
    }
    ExitCode::SUCCESS
}
