//! R036: option strategies that the account may hold.

use trader_broker::{CheckId, CheckRecord, Measure};
use trader_domain::{AssetClass, Side};

use super::View;
use crate::judge::{holds, not_concerned, unknown};
use crate::limits::OptionLevel;

/// R036. Long options need their level; nothing is written, and packages are refused.
pub(crate) fn option_level(view: &View<'_>) -> CheckRecord {
    let check = CheckId::OptionLevel;
    if view.subject.is_package() {
        return unknown(check, Measure::Absent);
    }
    let Some(instrument) = view.subject.instrument else {
        return unknown(check, Measure::Absent);
    };
    if !matches!(instrument.class, AssetClass::Option(_)) || view.only_reduces() {
        return not_concerned(check);
    }
    let long = view.subject.side == Side::Buy && view.limits.option_level >= OptionLevel::Long;
    holds(check, long, Measure::Absent, Measure::Absent)
}
