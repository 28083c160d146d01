//! The account, its margin rules, and trading hours.

use chrono::NaiveDate;
use trader_domain::money::{Money, Rate};

use crate::key::section;
use crate::value::choices;

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
        /// Kind of account.
        kind: AccountKind = "margin", unit "", range "", restart;
        /// Which lots a sale closes first.
        lot_method: LotMethod = "fifo", unit "", range "", restart;
        /// Whether shares may be sold short in a margin account; a cash account never sells short.
        short_selling: bool = "true", unit "", range "", restart;
        /// First day on which the broker applies intraday margin instead of the pattern day trader rule; brokers may
        /// phase it in until 2027-10-20.
        intraday_margin_from: NaiveDate = "2026-06-04", unit "", range "[2026-06-04, 2027-10-20]", restart;
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
    }
}
