//! Prints the catalogue of all features as Markdown.

use std::io::Write;

use trader_features::{Registry, catalogue};

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(catalogue::markdown(Registry::standard()).as_bytes())
}
