//! R036: option strategies that the account may hold.

use trader_broker::{Assessment, CheckId, CheckRecord, Figure, Verdict};
use trader_domain::{OptionContract, Side};

use super::View;
use crate::judge::{holds, not_concerned, quantity, unknown};
use crate::limits::OptionLevel;
use crate::options::contract;
use crate::subject::Novelty;

/// R036. Nothing is written without cover, nothing is opened above the account's level, and shares
/// that cover a written call are not sold from under it.
pub(crate) fn option_level(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::OptionLevel;
    let Some(instrument) = view.subject.instrument else {
        return unknown(into, check, Figure::ABSENT);
    };
    // New terms for a working package would be judged leg by leg; it is cancelled and sent anew.
    let is_replaced = view.subject.novelty == Novelty::Replacement;
    if view.subject.is_package() && (is_replaced || !package_is_sound(view)) {
        return unknown(into, check, Figure::ABSENT);
    }
    let is_option = view.subject.is_package() || contract(instrument).is_some();
    if view.before.options.is_none() && !is_option {
        return not_concerned(into, check);
    }
    let level = view.limits.option_level;
    let needed = if view.subject.is_package() {
        OptionLevel::Spreads
    } else if !is_option || view.only_reduces() {
        OptionLevel::None
    } else if view.subject.side == Side::Buy {
        OptionLevel::Long
    } else {
        OptionLevel::Covered
    };
    if level < needed {
        return holds(into, check, false, Figure::ABSENT, Figure::ABSENT);
    }
    covered(view, into);
}

/// What is naked with the order must have been naked before.
fn covered(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::OptionLevel;
    let naked = |open: i64| view.with(open, |after| Some(after.own.naked));
    let (Some(after), Some(before)) = (naked(view.sizes.open), naked(0)) else {
        return unknown(into, check, Figure::ABSENT);
    };
    let holds = after <= before;
    into.push(CheckRecord {
        check,
        verdict: if holds {
            Verdict::Pass
        } else {
            Verdict::Reject
        },
        measured: quantity(after).measure(),
        limit: quantity(before).measure(),
        largest: if holds {
            None
        } else {
            view.sizes
                .largest(|open| naked(open).is_some_and(|naked| naked <= before))
        },
    });
}

/// Legs of one underlying and multiplier; a share among the legs has no common unit with them.
fn package_is_sound(view: &View<'_>) -> bool {
    let instruments = view.snapshot.instruments;
    let mut common: Option<(&OptionContract, u32)> = None;
    view.subject.request.legs.iter().all(|leg| {
        let Some(instrument) = instruments.get(leg.instrument) else {
            return false;
        };
        let Some(terms) = contract(instrument) else {
            return false;
        };
        let (first, multiplier) = *common.get_or_insert((terms, instrument.multiplier));
        instrument.tradable
            && multiplier == instrument.multiplier
            && first.underlying == terms.underlying
    })
}
