//! Limit-up/limit-down bands by tier, price and time of day.

use crate::world::{NOW, price};
use trader_domain::{LuldTier, NANOS_PER_SECOND};
use trader_risk::luld::bands;
use trader_risk::{BandPeriod, LuldReference};

fn widths(tier: LuldTier, reference: &str, period: BandPeriod) -> (String, String) {
    let found = bands(tier, price(reference), price(reference), period).unwrap();
    (found.lower.to_string(), found.upper.to_string())
}

fn pair(lower: &str, upper: &str) -> (String, String) {
    (lower.to_owned(), upper.to_owned())
}

#[test]
fn the_percentages_follow_tier_and_price() {
    let standard = BandPeriod::Standard;
    assert_eq!(
        widths(LuldTier::Tier1, "100", standard),
        pair("95.00", "105.00")
    );
    assert_eq!(
        widths(LuldTier::Tier2, "100", standard),
        pair("90.00", "110.00")
    );
    // $0.75 to $3: 20 % in both tiers.
    assert_eq!(widths(LuldTier::Tier1, "3", standard), pair("2.40", "3.60"));
    assert_eq!(
        widths(LuldTier::Tier2, "0.75", standard),
        pair("0.60", "0.90")
    );
    // Below $0.75 the lesser of $0.15 and 75 %.
    assert_eq!(
        widths(LuldTier::Tier2, "0.50", standard),
        pair("0.35", "0.65")
    );
    assert_eq!(
        widths(LuldTier::Tier2, "0.10", standard),
        pair("0.03", "0.18")
    );
}

#[test]
fn towards_the_close_they_double_but_for_dearer_tier_two() {
    let closing = BandPeriod::Closing;
    assert_eq!(
        widths(LuldTier::Tier1, "100", closing),
        pair("90.00", "110.00")
    );
    assert_eq!(
        widths(LuldTier::Tier2, "100", closing),
        pair("90.00", "110.00")
    );
    assert_eq!(widths(LuldTier::Tier2, "2", closing), pair("1.20", "2.80"));
}

#[test]
fn outside_the_plan_there_are_none() {
    let hundred = price("100");
    assert_eq!(
        bands(LuldTier::None, hundred, hundred, BandPeriod::Standard),
        None
    );
}

#[test]
fn the_reference_moves_by_one_percent_and_not_within_thirty_seconds() {
    let mut reference = LuldReference::new();
    let at = |seconds: i64| NOW.saturating_add(seconds * NANOS_PER_SECOND);
    reference.on_print(at(0), price("100"));
    assert_eq!(reference.reference(), Some(price("100")));
    // Mean (100 + 106) / 2 = 103: far enough, but the opening reference has stood ten seconds.
    reference.on_print(at(10), price("106"));
    assert_eq!(reference.reference(), Some(price("100")));
    // Mean 104 after thirty seconds.
    reference.on_print(at(30), price("106"));
    assert_eq!(reference.reference(), Some(price("104")));
    // The first print is older than five minutes now: mean (106 + 106 + 103) / 3 = 105, under 1 %.
    reference.on_print(at(305), price("103"));
    assert_eq!(reference.reference(), Some(price("104")));
    // Only 103 and 109 are left: 106.
    reference.on_print(at(340), price("109"));
    assert_eq!(reference.reference(), Some(price("106")));
}
