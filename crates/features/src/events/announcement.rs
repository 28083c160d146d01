//! One version of one calendar entry.

use chrono::NaiveTime;
use trader_domain::{
    CalendarError, EarningsEvent, EconomicRelease, FiscalPeriod, Price, ReportTime,
};
use trader_domain::{Timestamp, eastern_instant};

/// What is going to happen, or has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// The company reports; values are earnings a share.
    Earnings,
    /// Shares go without the dividend; the value is the amount a share.
    Dividend,
    /// A split takes effect; the value is new shares for one old.
    Split,
    /// The Federal Open Market Committee decides; values are the upper bound of the target range in
    /// percent.
    Fomc,
    /// Consumer prices are released.
    Cpi,
    /// The employment situation is released.
    Jobs,
    /// Gross domestic product is released.
    Gdp,
}

impl EventKind {
    /// Every kind with its word in feature names.
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("earnings", Self::Earnings),
        ("dividend", Self::Dividend),
        ("split", Self::Split),
        ("fomc", Self::Fomc),
        ("cpi", Self::Cpi),
        ("jobs", Self::Jobs),
        ("gdp", Self::Gdp),
    ];

    /// The kind of an economic statistic by its name; `None` for those that are not followed.
    pub fn of_indicator(indicator: &str) -> Option<Self> {
        let lower = indicator.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&[
            "fomc",
            "fed funds",
            "federal funds",
            "fed interest rate",
            "fed rate decision",
        ]) {
            Some(Self::Fomc)
        } else if has(&["cpi", "consumer price index"]) {
            Some(Self::Cpi)
        } else if has(&["nonfarm", "non-farm", "employment situation"]) {
            Some(Self::Jobs)
        } else if has(&["gdp", "gross domestic product"]) {
            Some(Self::Gdp)
        } else {
            None
        }
    }
}

/// One version of one calendar entry, with when we had it.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    /// What happens.
    pub kind: EventKind,
    /// Which one: a fiscal period, an ex-date, an indicator and its period. Entries with equal kind
    /// and key are versions of each other.
    pub key: String,
    /// When it happens or happened, as this version says; `None` when it was called off.
    pub when: Option<Timestamp>,
    /// When we had this version.
    pub received: Timestamp,
    /// What is expected, where that has a number.
    pub expected: Option<f64>,
    /// What came, once it has.
    pub actual: Option<f64>,
}

impl Announcement {
    /// Of an earnings announcement. A report to come is placed at 08:00 New York time before the open,
    /// 16:15 after the close, 12:00 during the session or when the vendor does not say; one that was
    /// made at its publication.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn of_earnings(event: &EarningsEvent) -> Result<Self, CalendarError> {
        let (hour, minute) = match event.report_time {
            ReportTime::BeforeOpen => (8, 0),
            ReportTime::AfterClose => (16, 15),
            ReportTime::DuringSession | ReportTime::Unknown => (12, 0),
        };
        let clock = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
        let when = if event.is_reported() {
            event.published
        } else {
            eastern_instant(event.report_date, clock)?
        };
        let FiscalPeriod { year, quarter } = event.period;
        Ok(Self {
            kind: EventKind::Earnings,
            key: quarter.map_or_else(|| format!("{year}"), |q| format!("{year}Q{q}")),
            when: Some(when),
            received: event.received,
            expected: event.eps_estimate.map(Price::to_f64_lossy),
            actual: event.eps_actual.map(Price::to_f64_lossy),
        })
    }

    /// Of an economic release of the United States; `None` for statistics that are not followed.
    pub fn of_release(release: &EconomicRelease) -> Option<Self> {
        let kind = EventKind::of_indicator(&release.indicator)?;
        // Through text: the nearest float of a decimal.
        (release.country == "US").then(|| Self {
            kind,
            key: format!("{} {}", release.indicator, release.period_start),
            when: Some(release.published),
            received: release.received,
            expected: release
                .forecast
                .and_then(|value| value.to_string().parse().ok()),
            actual: release
                .actual
                .and_then(|value| value.to_string().parse().ok()),
        })
    }
}
