//! `backtest features`: feature sets over bars, into a file; files of features joined.

pub(crate) mod bars;
pub(crate) mod choice;

mod computation;
mod export;
mod join;
mod prepare;
mod sink;

use trader_config::{Loaded, NamedFile, Sources, Variables, load};

use crate::cli::{FeaturesArgs, FeaturesCommand, ShowArgs};
use crate::failure::Failure;
use crate::output;
use crate::progress::Show;

pub(super) fn features(args: &FeaturesArgs) -> Result<(), Failure> {
    match &args.command {
        None => export::export(&args.compute),
        Some(FeaturesCommand::Join(args)) => join::join(args),
    }
}

/// Merges defaults, the named file and the environment.
pub(crate) fn configuration(file: Option<&std::path::Path>) -> Result<Loaded, Failure> {
    let loaded = load(&Sources {
        file: file.map(|path| NamedFile::Path(path.to_owned())),
        variables: Variables::of_process(),
        ..Sources::default()
    })?;
    output::warn(&loaded);
    Ok(loaded)
}

pub(crate) fn show(args: &ShowArgs) -> Show {
    if args.quiet || args.json {
        Show::Nothing
    } else {
        Show::Bar
    }
}
