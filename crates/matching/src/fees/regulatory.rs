//! What regulators charge on sales: SEC Section 31 and the FINRA Trading Activity Fee, by date.
//!
//! Sources: SEC fee rate advisories and FINRA information notices for Section 31; FINRA Regulatory
//! Notices 11-27, 12-06 and 12-31, SR-FINRA-2020-032 and SR-FINRA-2024-019 (rates to 2028) and
//! SR-FINRA-2026-021 (no fee from October to December 2026) for the Trading Activity Fee. Both
//! tables end with the last rate known when they were written (October 2026): a later date keeps
//! it, and so is only as right as that rate still is. A date before a table uses its first rate.
//!
//! Not here: the Consolidated Audit Trail fee that some brokers pass on, for want of a dated series.

use trader_domain::{Money, MoneyError, Quantity, Rate, Rounding};

use super::dated::{Dated, day, in_force};

/// Dollars per million dollars sold, in cents.
const SECTION_31_CENTS_PER_MILLION: [Dated<i32>; 21] = [
    from(2008, 4, 1, 560),
    from(2009, 4, 10, 2_570),
    from(2010, 1, 15, 1_270),
    from(2010, 4, 1, 1_690),
    from(2011, 1, 21, 1_920),
    from(2012, 2, 21, 1_800),
    from(2012, 4, 1, 2_240),
    from(2013, 5, 25, 1_740),
    from(2014, 3, 18, 2_210),
    from(2015, 2, 14, 1_840),
    from(2016, 2, 16, 2_180),
    from(2017, 7, 4, 2_310),
    from(2018, 5, 22, 1_300),
    from(2019, 4, 16, 2_070),
    from(2020, 2, 18, 2_210),
    from(2021, 2, 25, 510),
    from(2022, 5, 14, 2_290),
    from(2023, 2, 27, 800),
    from(2024, 5, 22, 2_780),
    from(2025, 5, 14, 0),
    from(2026, 4, 4, 2_060),
];

const fn from(year: i32, month: i32, of_month: i32, value: i32) -> Dated<i32> {
    Dated {
        from: day(year, month, of_month),
        value,
    }
}

/// Trading Activity Fee on covered equity securities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ActivityFee {
    /// Millionths of a dollar a share.
    micros: i32,
    /// Most for one trade, in cents.
    cap_cents: i32,
}

const ACTIVITY_FEE: [Dated<ActivityFee>; 11] = [
    activity(2005, 1, 75, 375),
    activity(2011, 7, 90, 450),
    activity(2012, 3, 95, 475),
    activity(2012, 7, 119, 595),
    activity(2022, 1, 130, 649),
    activity(2023, 1, 145, 727),
    activity(2024, 1, 166, 830),
    activity(2026, 1, 195, 979),
    activity(2026, 10, 0, 979),
    activity(2027, 1, 232, 1_161),
    activity(2028, 1, 240, 1_205),
];

const fn activity(year: i32, month: i32, micros: i32, cap_cents: i32) -> Dated<ActivityFee> {
    Dated {
        from: day(year, month, 1),
        value: ActivityFee { micros, cap_cents },
    }
}

/// The rates of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegulatoryRates {
    /// Share of the value sold.
    section_31: Rate,
    activity: ActivityFee,
}

/// What a sale owes, before any rounding to cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SaleFees {
    pub(super) section_31: Money,
    pub(super) activity: Money,
}

impl RegulatoryRates {
    /// The rates in force on a trade date.
    pub(super) fn on(day: i32) -> Self {
        let cents = in_force(&SECTION_31_CENTS_PER_MILLION, day).unwrap_or(0);
        Self {
            // A cent per million dollars is 10⁻⁸, ten of a rate's units.
            section_31: Rate::from_small_units(cents * 10),
            activity: in_force(&ACTIVITY_FEE, day).unwrap_or(ActivityFee {
                micros: 0,
                cap_cents: 0,
            }),
        }
    }

    /// The fees of one sale of equities.
    pub(super) fn of_sale(&self, value: Money, quantity: Quantity) -> Result<SaleFees, MoneyError> {
        let per_share = trader_domain::Price::from_small_units(self.activity.micros * 1_000);
        let cap = Money::cents(i64::from(self.activity.cap_cents));
        Ok(SaleFees {
            section_31: value.at_rate(self.section_31, Rounding::HalfUp)?,
            activity: per_share.notional(quantity).min(cap),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ACTIVITY_FEE, RegulatoryRates, SECTION_31_CENTS_PER_MILLION, day};
    use trader_domain::{Money, Quantity};

    fn section_31(y: i32, m: i32, d: i32) -> String {
        let fees = RegulatoryRates::on(day(y, m, d))
            .of_sale(Money::whole(1_000_000), Quantity::ZERO)
            .unwrap();
        fees.section_31.to_string()
    }

    #[test]
    fn tables_are_in_order() {
        assert!(SECTION_31_CENTS_PER_MILLION.is_sorted_by(|a, b| a.from < b.from));
        assert!(ACTIVITY_FEE.is_sorted_by(|a, b| a.from < b.from));
    }

    #[test]
    fn section_31_changes_on_its_days() {
        assert_eq!(section_31(2012, 11, 15), "22.40");
        assert_eq!(section_31(2014, 3, 17), "17.40");
        assert_eq!(section_31(2014, 3, 18), "22.10");
        assert_eq!(section_31(2016, 3, 15), "21.80");
        assert_eq!(section_31(2018, 5, 22), "13.00");
        assert_eq!(section_31(2020, 2, 17), "20.70");
        assert_eq!(section_31(2021, 2, 25), "5.10");
        assert_eq!(section_31(2024, 5, 21), "8.00");
        assert_eq!(section_31(2025, 5, 13), "27.80");
        assert_eq!(section_31(2025, 5, 14), "0.00");
        assert_eq!(section_31(2026, 4, 4), "20.60");
    }

    #[test]
    fn the_activity_fee_is_capped_for_a_trade() {
        let fee = |day, shares| {
            RegulatoryRates::on(day)
                .of_sale(Money::ZERO, Quantity::whole(shares))
                .unwrap()
                .activity
        };
        assert_eq!(fee(day(2025, 1, 2), 1_000).to_string(), "0.166");
        assert_eq!(fee(day(2025, 1, 2), 60_000).to_string(), "8.30");
        assert_eq!(fee(day(2011, 6, 30), 1_000).to_string(), "0.075");
        assert_eq!(fee(day(2026, 11, 2), 1_000), Money::ZERO);
    }
}
