//! Arguments.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use trader_domain::Timestamp;

/// Fill the market-data store, and look after it.
#[derive(Debug, Parser)]
#[command(name = "backfill", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read history, check it, put it into the store; run it again after an interruption to go on.
    Run(Box<RunArgs>),
    /// Ask each vendor whether it accepts our credentials.
    CheckCredentials(CheckArgs),
    /// Record a vendor's real-time stream: its minute bars, and minute bars of its prints.
    Stream(Box<StreamArgs>),
    /// Show runs and what is stored.
    Status(StatusArgs),
    /// Check every stored byte, and completeness against the exchanges' calendar.
    Verify(SelectArgs),
    /// Show what is missing, or fill it.
    Gaps(Box<GapsArgs>),
    /// Write stored series to files, raw or adjusted, or the records of the database.
    Export(ExportArgs),
    /// Remove news, filings, posts and other records that may not stay, from database and store.
    Forget(ForgetArgs),
    /// Remove old bars and ticks.
    Prune(PruneArgs),
    /// Bring the tables of the database to the form this program needs.
    Migrate(MigrateArgs),
    /// Back the database up, restore it, lead a server back to an instant.
    Backup {
        /// What to do with backups.
        #[command(subcommand)]
        action: BackupAction,
    },
    /// Move old partitions to object storage (`archive.url` of the configuration), check them, bring them back.
    #[command(subcommand)]
    Archive(ArchiveCommand),
}

/// What to do with the archive.
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Move partitions that are older than their vendor's rule says (`store.vendors`); the store lets go of each after
    /// its copy was read back and compared.
    Run(ArchiveRunArgs),
    /// Show what is in the archive.
    List(ArchiveArgs),
    /// Read every object and compare it with its SHA-256.
    Verify(ArchiveArgs),
    /// Bring partitions back into the store; nothing is removed from the archive.
    Restore(ArchiveArgs),
}

/// Arguments of `archive run`.
#[derive(Debug, Args)]
pub(crate) struct ArchiveRunArgs {
    /// Partitions that end before this day, instead of the vendors' rules.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "older_than")]
    pub(crate) before: Option<NaiveDate>,
    /// Partitions older than this many days, instead of the vendors' rules.
    #[arg(long, value_name = "DAYS")]
    pub(crate) older_than: Option<u32>,
    /// Only this vendor.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    /// Only these symbols, comma-separated.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) symbols: Vec<String>,
    /// Only this length of bars.
    #[arg(long, value_name = "LENGTH")]
    pub(crate) timeframe: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of the other commands of the archive.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    /// Only this vendor.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    #[command(flatten)]
    pub(crate) pick: PickArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// Folder of the store (default: `store.folder` of the configuration).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) store: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What commands on the database take too.
#[derive(Debug, Args)]
pub(crate) struct CommonArgs {
    /// Configuration file on top of the defaults.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Configuration value; wins over files and environment; repeat for more.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar.
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Where history comes from and how it is read.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Kind of the source; `auto` takes a folder with `equity` in it for LEAN's.
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) format: Format,
    /// Whose data it is: 1 to 40 of a-z, 0-9, - and _ (default: `lean` or `local`).
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    /// How prices are adjusted in files that do not say so.
    #[arg(long, value_enum)]
    pub(crate) adjustment: Option<AdjustmentFlag>,
    /// Only symbols in this file (one a line) are known; rows of others are rejected.
    #[arg(long, value_name = "FILE")]
    pub(crate) universe: Option<PathBuf>,
    /// Times of day without a zone are New York's instead of UTC.
    #[arg(long)]
    pub(crate) new_york_times: bool,
    /// The time of a bar names its end instead of its start.
    #[arg(long)]
    pub(crate) bar_end_labels: bool,
}

/// Which series and dates.
#[derive(Debug, Args)]
pub(crate) struct PickArgs {
    /// Only these symbols, comma-separated.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) symbols: Vec<String>,
    /// File with symbols, one a line; `#` begins a comment.
    #[arg(long, value_name = "FILE")]
    pub(crate) symbols_file: Option<PathBuf>,
    /// First day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day, included.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<NaiveDate>,
    /// Length of bars: 1d, 1h, 5m, 1m, 1s (LEAN folders: default 1d).
    #[arg(long, value_name = "LENGTH")]
    pub(crate) timeframe: Option<String>,
}

/// Where `run` reads: files or a vendor.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OriginArgs {
    /// Folder (or file) to read: CSV, gzipped CSV, Parquet, or a LEAN data folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) from_dir: Option<PathBuf>,
    /// Vendors to ask, in the order of preference, with address and key of the configuration: when one is slow, failing or
    /// out of quota the next is asked. Bars need --symbols, --from and --timeframe (1d or 1m).
    #[arg(long, value_name = "A,B", value_enum, value_delimiter = ',')]
    pub(crate) provider: Vec<Provider>,
}

/// Vendors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Provider {
    /// Alpaca, consolidated tape (SIP).
    Alpaca,
    /// Alpaca, IEX only.
    AlpacaIex,
    /// Massive, formerly Polygon.
    Massive,
    /// Finnhub.
    Finnhub,
    /// Alpha Vantage.
    AlphaVantage,
    /// Yahoo, daily bars and actions; unofficial, without a key.
    Yahoo,
    /// Benzinga, news.
    Benzinga,
    /// SEC EDGAR, filings.
    Edgar,
    /// Reddit, posts.
    Reddit,
}

/// Kinds of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Data {
    /// Bars.
    Bars,
    /// Trades.
    Trades,
    /// Best bids and offers.
    Quotes,
    /// News.
    News,
    /// Splits, dividends, mergers, renames, as announced.
    Actions,
    /// What is listed now; trading days where the vendor has them.
    Reference,
    /// Filings with the SEC.
    Filings,
    /// Posts on social media.
    Posts,
    /// Options that expire between --from and --to.
    Contracts,
    /// Chains of options with quotes, as they are now.
    Chains,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
    /// What to get; bars, and trades and quotes of LEAN folders, come from --from-dir too, everything else from vendors only.
    #[arg(long, value_enum, default_value = "bars")]
    pub(crate) data: Data,
    /// Do what is recorded as done once more.
    #[arg(long)]
    pub(crate) repeat: bool,
    /// Take bars of settled days that were asked for before from the cache (`cache` in the configuration) instead of
    /// the vendor; corrections since then are not seen.
    #[arg(long)]
    pub(crate) cache: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) pick: PickArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `check-credentials`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Only these vendors, which must then be good; without it all, and those without credentials are passed over.
    #[arg(long, value_name = "A,B", value_enum, value_delimiter = ',')]
    pub(crate) provider: Vec<Provider>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `stream`.
#[derive(Debug, Args)]
pub(crate) struct StreamArgs {
    /// Vendor, with address and key of the configuration.
    #[arg(long, value_enum)]
    pub(crate) provider: StreamProvider,
    /// These symbols, comma-separated.
    #[arg(long, value_name = "A,B", value_delimiter = ',', required = true)]
    pub(crate) symbols: Vec<String>,
    /// What to subscribe to. Bars are stored; prints become minute bars of `VENDOR-prints`; the rest is counted.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "bars")]
    pub(crate) channels: Vec<StreamChannel>,
    /// How long: 90s, 10m, 6h. Ctrl-C ends it earlier; what came is stored.
    #[arg(long = "for", value_name = "DURATION")]
    pub(crate) longest: String,
    /// Connections at once, at most.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) connections: u8,
    /// Take Alpaca's frames as JSON instead of msgpack, whose prices are floats.
    #[arg(long)]
    pub(crate) json_frames: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Vendors with a real-time stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StreamProvider {
    /// Alpaca, consolidated tape (SIP).
    Alpaca,
    /// Alpaca, IEX only.
    AlpacaIex,
    /// Massive, formerly Polygon.
    Massive,
}

impl StreamProvider {
    /// The vendor that history is asked of.
    pub(crate) const fn provider(self) -> Provider {
        match self {
            Self::Alpaca => Provider::Alpaca,
            Self::AlpacaIex => Provider::AlpacaIex,
            Self::Massive => Provider::Massive,
        }
    }
}

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StreamChannel {
    /// Prints, their corrections and cancellations.
    Trades,
    /// Best bid and offer.
    Quotes,
    /// Minute bars.
    Bars,
    /// Minute bars that late prints changed (Alpaca).
    UpdatedBars,
    /// Halts and resumptions (Alpaca).
    Statuses,
    /// Limit-up/limit-down bands.
    Lulds,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct SelectArgs {
    /// Only this vendor.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    #[command(flatten)]
    pub(crate) pick: PickArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `gaps`.
#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    /// Fill what is missing from --from-dir, and nothing else.
    #[arg(long, requires = "from_dir")]
    pub(crate) repair: bool,
    /// Where to fill from.
    #[arg(long, value_name = "FOLDER", requires = "repair")]
    pub(crate) from_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) pick: PickArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Folder for the files, one for each series; existing files are not overwritten.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Bars, trades, quotes, or options of the store; or records of the database as JSON lines, by the day of their
    /// publication.
    #[arg(long, value_enum, default_value = "bars")]
    pub(crate) data: Data,
    /// Records and versions that were received by this instant, as 2024-06-03T14:30:00Z (default: all).
    #[arg(long, value_name = "INSTANT")]
    pub(crate) known_at: Option<Timestamp>,
    /// File format.
    #[arg(long, value_enum, default_value = "csv")]
    pub(crate) format: ExportFormat,
    /// Prices as stored, or adjusted as they looked on --as-of.
    #[arg(long, value_enum, default_value = "stored")]
    pub(crate) prices: Prices,
    /// Date of the view for adjusted prices (default: --to, or today).
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<NaiveDate>,
    /// Only this vendor.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    #[command(flatten)]
    pub(crate) pick: PickArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `forget`.
#[derive(Debug, Args)]
#[group(id = "until", required = true, multiple = false, args = ["by_vendor", "older_than", "before", "history"])]
pub(crate) struct ForgetArgs {
    /// What was received longer ago than the rule of its vendor lets it stay (`keep` in `store.vendors`).
    #[arg(long)]
    pub(crate) by_vendor: bool,
    /// What was received more than this many days ago.
    #[arg(long, value_name = "DAYS")]
    pub(crate) older_than: Option<u32>,
    /// What was received before this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) before: Option<NaiveDate>,
    /// Only show what was removed when, and why.
    #[arg(long)]
    pub(crate) history: bool,
    /// Only say what would be removed.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only this vendor.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `prune`.
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Remove what is before this day.
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        required_unless_present_any = ["older_than", "by_vendor"],
        conflicts_with_all = ["older_than", "by_vendor"]
    )]
    pub(crate) before: Option<NaiveDate>,
    /// Remove what is older than this many days.
    #[arg(long, value_name = "DAYS", conflicts_with = "by_vendor")]
    pub(crate) older_than: Option<u32>,
    /// Remove what is older than the rule of their vendor lets them stay (`keep` in `store.vendors`).
    #[arg(long)]
    pub(crate) by_vendor: bool,
    /// Only say what would be removed.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only this vendor.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    /// Only these symbols, comma-separated.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) symbols: Vec<String>,
    /// Only this length of bars.
    #[arg(long, value_name = "LENGTH")]
    pub(crate) timeframe: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Arguments of `migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Only show what would be done.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub(crate) enum BackupAction {
    /// Take a backup of the database and prove it by a restore into a scratch database.
    Run(CommonArgs),
    /// Show backups and failures.
    List(CommonArgs),
    /// Restore backups of the database and of files to nowhere and compare, check base backups file by file; exit code 7
    /// when one is not what it was.
    Verify(BackupVerifyArgs),
    /// Restore a proven backup.
    Restore(BackupRestoreArgs),
    /// Take a backup of the files and folders of `backup.files`, and prove it by opening every one of them.
    Files(BackupFilesArgs),
    /// Copy what `backup.copies` does not have of the backups; each copy is read back and compared.
    Copy(CommonArgs),
    /// Bring back from `backup.copies` what the folder of backups does not have.
    Fetch(CommonArgs),
    /// Do what `backup.schedule` says when it says so, until Ctrl-C or SIGTERM.
    Schedule(BackupScheduleArgs),
    /// Take a base backup of a `PostgreSQL` server that archives its log, and prove it; as the user that runs the server.
    Base(CommonArgs),
    /// Take a segment of the server's log into the archive: `archive_command = 'backfill backup wal %p'`.
    Wal(BackupWalArgs),
    /// Restore a `PostgreSQL` server to any instant since a base backup, into a new folder of data.
    Recover(BackupRecoverArgs),
}

/// Arguments of `backup files`.
#[derive(Debug, Args)]
pub(crate) struct BackupFilesArgs {
    /// What it holds by itself.
    #[arg(value_enum, default_value = "incremental")]
    pub(crate) scope: FilesScope,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What a backup of files holds by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilesScope {
    /// Every file.
    Full,
    /// What the newest backup does not have.
    Incremental,
    /// What the newest full backup does not have.
    Differential,
}

/// Arguments of `backup schedule`.
#[derive(Debug, Args)]
pub(crate) struct BackupScheduleArgs {
    /// Only show what is next.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Arguments of `backup wal`.
#[derive(Debug, Args)]
pub(crate) struct BackupWalArgs {
    /// The segment.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Arguments of `backup recover`.
#[derive(Debug, Args)]
pub(crate) struct BackupRecoverArgs {
    /// Last instant whose transactions are wanted, as 2024-06-03T14:30:00Z (default: all that is archived).
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<Timestamp>,
    /// Base backup to begin with (default: the newest that ended before --to).
    #[arg(long, value_name = "NAME")]
    pub(crate) base: Option<String>,
    /// New folder of data.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: PathBuf,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Arguments of `backup verify`.
#[derive(Debug, Args)]
pub(crate) struct BackupVerifyArgs {
    /// Only this one (default: all).
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Arguments of `backup restore`.
#[derive(Debug, Args)]
pub(crate) struct BackupRestoreArgs {
    /// Which, as `backup list` shows it.
    pub(crate) name: String,
    /// New file, new database of the server, or new folder for files. Without it the embedded database is replaced and
    /// kept aside.
    #[arg(long, value_name = "FILE|NAME|FOLDER")]
    pub(crate) into: Option<String>,
    /// Only check that it could be restored.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Auto,
    Files,
    Lean,
}

/// What files may not say of their prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdjustmentFlag {
    /// As traded.
    Raw,
    /// By the vendor.
    Vendor,
}

/// File formats of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Csv,
    Parquet,
}

/// Prices of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prices {
    /// As stored.
    Stored,
    /// Splits folded in.
    Splits,
    /// Splits and dividends folded in.
    Total,
}
