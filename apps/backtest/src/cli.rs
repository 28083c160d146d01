//! Arguments.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use trader_config::value::Span;
use trader_domain::Money;

/// Run a strategy over history and write a report.
///
/// Without arguments: a complete example on real data that ships inside the program.
#[derive(Debug, Parser)]
#[command(
    name = "backtest",
    version,
    about,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one strategy (the default command).
    Run(Box<RunArgs>),
    /// Compare two runs: facts, figures, differences.
    Compare(CompareArgs),
    /// Show a run again.
    Report(ReportArgs),
    /// Compute features over bars, or join tables of them.
    Features(Box<FeaturesArgs>),
    /// Keep features of named sets, up to date and checked.
    #[command(subcommand)]
    FeatureStore(Box<FeatureStoreCommand>),
    /// List what there is.
    List(ListArgs),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Strategy (`backtest list strategies`).
    #[arg(long, value_name = "NAME")]
    pub(crate) strategy: Option<String>,
    /// Strategy parameter; repeat for more.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) params: Vec<String>,
    /// First day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day, included.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<NaiveDate>,
    /// Cash at the start.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) cash: Option<Money>,
    /// Kind of account.
    #[arg(long, value_enum)]
    pub(crate) account: Option<AccountFlag>,
    /// What trading costs; `none` also means no slippage and fills of any size.
    #[arg(long, value_enum)]
    pub(crate) costs: Option<Costs>,
    /// At which price a market order decided at the close of a bar fills.
    #[arg(long, value_enum)]
    pub(crate) fill: Option<Fill>,
    /// Configuration file on top of the defaults.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Configuration value; wins over files and environment; repeat for more.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Print the merged configuration with the origin of each value, and stop.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Folder in which the run's folder is made.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing; only print.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Keep a journal: every event written to this new file before anything came of it.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Run a journal again instead of the data, with the same strategy and settings, and compare every
    /// effect.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["journal", "check_lookahead"])]
    pub(crate) replay: Option<PathBuf>,
    /// Run again with truncated futures and compare every decision.
    #[arg(long)]
    pub(crate) check_lookahead: bool,
    /// Print one JSON object instead of the summary.
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Where bars come from.
#[derive(Debug, Clone, Args)]
pub(crate) struct SourceArgs {
    /// Bars: CSV (plain or gzip), Parquet, or a hive-partitioned Parquet folder, of which features are
    /// computed symbol by symbol; repeat for more files.
    #[arg(long, value_name = "FILE")]
    pub(crate) bars: Vec<PathBuf>,
    /// A LEAN data folder (needs --symbols).
    #[arg(long, value_name = "FOLDER", conflicts_with = "bars", group = "folder")]
    pub(crate) lean: Option<PathBuf>,
    /// A market-data store that `backfill` filled (default: `store.folder` of the configuration).
    #[arg(
        long,
        value_name = "FOLDER",
        num_args = 0..=1,
        conflicts_with_all = ["bars", "lean"],
        group = "folder"
    )]
    pub(crate) store: Option<Option<PathBuf>>,
    /// Whose data to read from a store that holds several vendors'.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    /// Resolution to read from a LEAN folder or a store.
    #[arg(long, value_enum, default_value = "daily", requires = "folder")]
    pub(crate) resolution: Resolution,
    /// Prices of a LEAN folder or a store: raw with splits and dividends as events, or adjusted by factor files.
    #[arg(long, value_enum, default_value = "raw", requires = "folder")]
    pub(crate) adjust: Adjust,
    /// A data set that ships inside the program (`backtest list data`).
    #[arg(long, value_name = "NAME", conflicts_with_all = ["bars", "lean", "store"])]
    pub(crate) sample: Option<String>,
    /// Only these symbols, comma-separated.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) symbols: Vec<String>,
    #[command(flatten)]
    pub(crate) times: TimeArgs,
}

/// What times in files mean.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct TimeArgs {
    /// Times of day without a zone are New York's instead of UTC.
    #[arg(long)]
    pub(crate) new_york_times: bool,
    /// The time of a bar names its end instead of its start.
    #[arg(long)]
    pub(crate) bar_end_labels: bool,
}

/// Kind of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccountFlag {
    Cash,
    Margin,
}

/// Cost models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Costs {
    None,
    Alpaca,
    IbFixed,
    IbTiered,
}

/// Fill rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fill {
    NextOpen,
    ThisClose,
    IntrabarPath,
}

/// LEAN resolutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Resolution {
    Daily,
    Hour,
    Minute,
    Second,
    /// Prints and quotes; strategies see minute bars made of the prints, orders meet the ticks.
    Tick,
}

/// LEAN price adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Adjust {
    /// As traded; splits, dividends, renames and delistings are events of the run.
    Raw,
    /// By splits and dividends, as known at the end of the run.
    Total,
}

/// Arguments of `features`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct FeaturesArgs {
    #[command(subcommand)]
    pub(crate) command: Option<FeaturesCommand>,
    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

/// What to do with features instead of computing them.
#[derive(Debug, Subcommand)]
pub(crate) enum FeaturesCommand {
    /// Join tables of features onto one, each row with what was known at its time.
    Join(JoinArgs),
}

/// Arguments of `features join`.
#[derive(Debug, Args)]
pub(crate) struct JoinArgs {
    /// Parquet table whose rows are kept: with `available` (or `timestamp`), the time as of which the
    /// others are joined, and `symbol` where they have one.
    #[arg(long, value_name = "FILE")]
    pub(crate) spine: PathBuf,
    /// Parquet table to join; repeat for more. Its columns become NAME.column; rows about times longer
    /// ago than AGE (`90s`, `15min`, `5d`) are not used.
    #[arg(long, value_name = "[NAME=]FILE[:AGE]", required = true)]
    pub(crate) with: Vec<String>,
    /// File to write: `.parquet` or `.csv`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Arguments of computing features.
#[derive(Debug, Args)]
pub(crate) struct ComputeArgs {
    #[command(flatten)]
    pub(crate) bars: BarArgs,
    #[command(flatten)]
    pub(crate) chosen: ChosenArgs,
    /// File to write: `.parquet` or `.csv`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Symbols of a sector, for features that compare within sectors (`cs_neutral`); repeat for each
    /// sector.
    #[arg(long = "sector", value_name = "NAME=A,B")]
    pub(crate) sectors: Vec<String>,
    #[command(flatten)]
    pub(crate) prepare: PrepareArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// How features are prepared for a model.
#[derive(Debug, Args)]
pub(crate) struct PrepareArgs {
    /// Step of preparation, fitted on the training rows of all symbols: zscore, robust, minmax, rank,
    /// ffill:ROWS, winsorize:SHARE, clip:DEVIATIONS or drop:DEVIATIONS; repeat for more, done in order.
    /// What was fitted is written beside the table, as OUT.preparation.txt.
    #[arg(long = "prepare", alias = "standardize", value_name = "STEP")]
    pub(crate) steps: Vec<String>,
    /// First day of training rows.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "steps")]
    pub(crate) train_from: Option<NaiveDate>,
    /// First day behind the training rows: nothing known from its beginning on is learned from.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "steps")]
    pub(crate) train_until: Option<NaiveDate>,
}

/// What to do with kept features.
#[derive(Debug, Subcommand)]
pub(crate) enum FeatureStoreCommand {
    /// Compute what changed.
    Update(KeepArgs),
    /// Compare what is kept with what live code would see.
    Verify(KeepArgs),
    /// Show what is kept, and from what.
    List(KeptArgs),
    /// Merge the small files that updates leave into one per symbol; no value and no origin changes.
    Compact(CompactArgs),
    /// Remove what was last computed long ago, and what interrupted work left.
    Clean(CleanArgs),
}

/// Arguments of `feature-store update` and `verify`.
#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    #[command(flatten)]
    pub(crate) bars: BarArgs,
    /// The feature set, `name` or `name@version` (`backtest list feature-sets`).
    #[arg(long = "set", value_name = "NAME")]
    pub(crate) set: String,
    /// Folder of the feature store; by default `features.store`.
    #[arg(long = "folder", value_name = "FOLDER")]
    pub(crate) kept_in: Option<PathBuf>,
    /// Compute everything anew, whatever is kept.
    #[arg(long)]
    pub(crate) rebuild: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Arguments of `feature-store list`.
#[derive(Debug, Args)]
pub(crate) struct KeptArgs {
    /// Folder of the feature store; by default `features.store`.
    #[arg(long = "folder", value_name = "FOLDER")]
    pub(crate) kept_in: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Arguments of `feature-store compact`.
#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
    /// Leave the newest parts as they are: a corrected bar in them needs no more than them computed anew.
    #[arg(long, value_name = "PARTS", default_value_t = 0)]
    pub(crate) keep: usize,
}

/// Arguments of `feature-store clean`.
#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
    /// Remove symbols that were last computed more than this many days ago.
    #[arg(long, value_name = "DAYS")]
    pub(crate) older_than: u32,
    /// Only say what would be removed.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Bars without a run, and what features read beside them.
#[derive(Debug, Args)]
pub(crate) struct BarArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Symbol of the data whose closes are the column `benchmark`, bar by bar.
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) benchmark: Option<String>,
    /// Symbol of the data whose closes are the column `sector`, `vix` or `rate`, as known at each bar's
    /// end; repeat for more.
    #[arg(long, value_name = "COLUMN=SYMBOL")]
    pub(crate) market: Vec<String>,
    /// How long the last known value of another symbol (`close@SPY`, `vix`) counts.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = span)]
    pub(crate) max_age: Span,
}

/// A length of time: `90s`, `15min`, `2h`, `5d`.
fn span(text: &str) -> Result<Span, String> {
    text.parse()
        .map_err(|_malformed| "write a whole number and a unit: 90s, 15min, 2h, 5d".to_owned())
}

/// Which features.
#[derive(Debug, Args)]
pub(crate) struct ChosenArgs {
    /// A named feature set, `name` or `name@version` (`backtest list feature-sets`); repeat for more.
    #[arg(long = "set", value_name = "NAME")]
    pub(crate) sets: Vec<String>,
    /// A feature (`rsi_14`), an expression (`close / sma_200 - 1`) or a named one
    /// (`hot = rsi_14 > 70`); repeat for more (`backtest list features`).
    #[arg(long = "feature", value_name = "EXPR")]
    pub(crate) features: Vec<String>,
}

/// Configuration and output of commands beside `run`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Configuration file on top of the defaults.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print one JSON object instead of the summary.
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// A run folder.
    pub(crate) first: PathBuf,
    /// Another run folder.
    pub(crate) second: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A run folder.
    pub(crate) run: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// What to list.
    #[arg(value_enum)]
    pub(crate) what: Listing,
    /// Folder of runs.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Configuration file on top of the defaults, for configured feature sets.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listing {
    /// Strategies with their parameters.
    Strategies,
    /// Feature calculators with their parameters, warm-up and cost.
    Features,
    /// Named feature sets, built-in and configured.
    FeatureSets,
    /// Runs in the output folder.
    Runs,
    /// Data sets that ship inside the program.
    Data,
}
