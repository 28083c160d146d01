//! `backtest compare`: two runs side by side.

use trader_research::compare::compare_folders;

use crate::cli::CompareArgs;
use crate::failure::Failure;
use crate::output;

pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let comparison = compare_folders(&args.first, &args.second)?;
    if args.json {
        return output::json(&comparison);
    }
    output::print(&comparison.to_string());
    Ok(())
}
