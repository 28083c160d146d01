//! Joining new bars with those that a partition has.

use std::cmp::Ordering;

use crate::columns::BarColumns;

/// What a merge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Merged {
    /// Bars at times where there was none.
    pub(super) added: u64,
    /// Bars that say something else than those that were there; the new ones hold.
    pub(super) replaced: u64,
}

/// Puts `new` into `stored`; both ascend in time and have the same columns.
pub(super) fn merge(stored: &BarColumns, new: &BarColumns) -> (BarColumns, Merged) {
    let mut result = BarColumns::with_optional(stored.optional());
    let mut merged = Merged::default();
    let (mut old_at, mut new_at) = (0, 0);
    loop {
        let order = match (stored.start.get(old_at), new.start.get(new_at)) {
            (Some(old), Some(new)) => old.cmp(new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return (result, merged),
        };
        match order {
            Ordering::Less => {
                result.push_from(stored, old_at);
                old_at += 1;
            }
            Ordering::Greater => {
                result.push_from(new, new_at);
                new_at += 1;
                merged.added += 1;
            }
            Ordering::Equal => {
                result.push_from(new, new_at);
                merged.replaced += u64::from(!same(stored, old_at, new, new_at));
                old_at += 1;
                new_at += 1;
            }
        }
    }
}

fn same(a: &BarColumns, at: usize, b: &BarColumns, bt: usize) -> bool {
    fn equal<T: PartialEq>(a: Option<&Vec<T>>, at: usize, b: Option<&Vec<T>>, bt: usize) -> bool {
        a.and_then(|a| a.get(at)) == b.and_then(|b| b.get(bt))
    }
    equal(Some(&a.open), at, Some(&b.open), bt)
        && equal(Some(&a.high), at, Some(&b.high), bt)
        && equal(Some(&a.low), at, Some(&b.low), bt)
        && equal(Some(&a.close), at, Some(&b.close), bt)
        && equal(a.volume.as_ref(), at, b.volume.as_ref(), bt)
        && equal(a.vwap.as_ref(), at, b.vwap.as_ref(), bt)
        && equal(a.trades.as_ref(), at, b.trades.as_ref(), bt)
        && equal(a.adjusted_close.as_ref(), at, b.adjusted_close.as_ref(), bt)
}
