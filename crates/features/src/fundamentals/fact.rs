//! One figure of one filing.

use chrono::{Days, NaiveDate, NaiveTime};
use trader_domain::{
    CalendarError, Fundamentals, Money, Price, Timestamp, Volume, eastern_instant,
};

use super::item::{Item, Tagged};

/// One figure of one filing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fact {
    /// Which line of which statement.
    pub item: Item,
    /// How well its tag stands for the line ([`Tagged::rank`]); 0 where there are no tags.
    pub rank: u8,
    /// First day of the period of a flow; `None` for balances.
    pub start: Option<NaiveDate>,
    /// Last day of the period, or the date of the balance.
    pub end: NaiveDate,
    /// In dollars, dollars a share, or shares.
    pub value: f64,
    /// When we had it: from then on, decisions may use it.
    pub received: Timestamp,
}

impl Fact {
    /// One entry of EDGAR's `companyfacts`: `start`, `end`, `val` and `filed`. A filing counts as
    /// received at the end of its date in New York, because the entry does not say when on that day
    /// it was accepted. `Ok(None)` when a period and the line do not fit (a flow without a start).
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] for a filing date before 1987.
    pub fn of_edgar(
        tagged: Tagged,
        start: Option<NaiveDate>,
        end: NaiveDate,
        value: f64,
        filed: NaiveDate,
    ) -> Result<Option<Self>, CalendarError> {
        let day_after = filed.checked_add_days(Days::new(1));
        let day_after = day_after.ok_or(CalendarError::OutOfRange { date: filed })?;
        let received = eastern_instant(day_after, NaiveTime::MIN)?;
        let fits = tagged.item.is_balance() == start.is_none() && value.is_finite();
        Ok(fits.then_some(Self {
            item: tagged.item,
            rank: tagged.rank,
            start,
            end,
            value,
            received,
        }))
    }

    /// The figures of a record.
    pub fn of_record(record: &Fundamentals) -> Vec<Self> {
        let money = |item: Item, value: Option<Money>| (item, value.map(Money::to_f64_lossy));
        let figures = [
            money(Item::Revenue, record.revenue),
            money(Item::GrossProfit, record.gross_profit),
            money(Item::OperatingIncome, record.operating_income),
            money(Item::NetIncome, record.net_income),
            (
                Item::DilutedEps,
                record.diluted_eps.map(Price::to_f64_lossy),
            ),
            money(Item::OperatingCashFlow, record.operating_cash_flow),
            money(Item::CapitalExpenditure, record.capital_expenditure),
            money(Item::Assets, record.total_assets),
            money(Item::Liabilities, record.total_liabilities),
            money(Item::Cash, record.cash),
            money(Item::TotalDebt, record.debt),
            money(Item::Equity, record.equity),
            (
                Item::Shares,
                record.shares_outstanding.map(Volume::to_f64_lossy),
            ),
        ];
        figures
            .into_iter()
            .filter_map(|(item, value)| {
                Some(Self {
                    item,
                    rank: 0,
                    start: (!item.is_balance()).then_some(record.period.start),
                    end: record.period.end,
                    value: value?,
                    received: record.received,
                })
            })
            .collect()
    }
}
