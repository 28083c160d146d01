//! The account, its margin rules, and trading hours.

use chrono::NaiveDate;
use trader_domain::money::{Money, Rate};

use crate::key::section;
use crate::value::{Label, choices};

choices! {
    /// Kind of account.
    pub enum AccountKind {
        /// Settled cash only, no short sales (good-faith and free-riding rules).
        Cash = "cash",
        /// Reg T margin.
        Margin = "margin",
    }
}

choices! {
    /// Which day-trading rules apply to a margin account.
    pub enum DayTradeRule {
        /// The pattern day trader rule before `intraday_margin_from`, intraday margin from then on.
        ByDate = "by-date",
        /// The pattern day trader rule at any date (a broker in its phase-in time).
        PatternDayTrader = "pattern-day-trader",
        /// FINRA's intraday margin rule at any date.
        IntradayMargin = "intraday-margin",
        /// None: cash accounts and instruments without such rules.
        None = "none",
    }
}

choices! {
    /// Whose trading days and hours apply.
    pub enum Exchange {
        /// New York Stock Exchange.
        Nyse = "nyse",
        /// Nasdaq.
        Nasdaq = "nasdaq",
        /// Every day, all day: crypto.
        AlwaysOpen = "always-open",
    }
}

choices! {
    /// Which lots a sale closes first.
    pub enum LotMethod {
        /// The oldest.
        Fifo = "fifo",
        /// The youngest.
        Lifo = "lifo",
    }
}

section! {
    /// The account and its margin rules (Regulation T, FINRA 4210).
    pub struct AccountSettings in "account." {
        /// Name of the account in records and logs.
        id: Label = "default", unit "", range "", restart;
        /// Kind of account.
        kind: AccountKind = "margin", unit "", range "", restart;
        /// Which lots a sale closes first.
        lot_method: LotMethod = "fifo", unit "", range "", restart;
        /// Whether shares may be sold short.
        short_selling: bool = "true", unit "", range "", restart;
        /// Which day-trading rules apply.
        day_trade_rule: DayTradeRule = "by-date", unit "", range "", restart;
        /// First day on which the broker applies intraday margin instead of the pattern day trader rule; brokers may
        /// phase it in until 2027-10-20.
        intraday_margin_from: NaiveDate = "2026-06-04", unit "", range "[2026-06-04, 2027-10-20]", restart;
        /// Equity below which a pattern day trader may not day-trade.
        pattern_day_trader_minimum: Money = "25000", unit "USD", range "[25000, 10000000]", restart;
        /// Day trades within the window that make a pattern day trader.
        pattern_day_trades: u32 = "4", unit "day trades", range "[1, 4]", restart;
        /// Window in which day trades are counted.
        pattern_window_days: u32 = "5", unit "business days", range "[5, 30]", restart;
        /// Day-trading buying power of a pattern day trader, as a multiple of the maintenance excess.
        day_trade_multiple: Rate = "4", unit "x", range "[1, 4]", restart;
        /// Business day by which an intraday margin deficit must be cured.
        deficit_cure_days: u32 = "5", unit "business days", range "[1, 5]", restart;
        /// Restriction after a practice of uncured deficits.
        restriction_days: u32 = "90", unit "days", range "[90, 3660]", restart;
        /// Least equity of a margin account that opens positions on margin.
        minimum_equity: Money = "2000", unit "USD", range "[2000, 10000000]", restart;
        /// Initial margin of long and short stock (Regulation T), in whole basis points.
        initial_margin: Rate = "0.50", unit "share of market value", range "[0.50, 1]", raise;
        /// Maintenance margin of long stock.
        maintenance_margin_long: Rate = "0.25", unit "share of market value", range "[0.25, 1]", raise;
        /// Maintenance margin of short stock.
        maintenance_margin_short: Rate = "0.30", unit "share of market value", range "[0.30, 1]", raise;
    }
}

section! {
    /// Trading days and hours.
    pub struct CalendarSettings in "calendar." {
        /// Whose trading days and hours apply.
        exchange: Exchange = "nyse", unit "", range "", restart;
        /// Whether orders may be sent before and after regular hours.
        extended_hours: bool = "false", unit "", range "", restart;
    }
}
