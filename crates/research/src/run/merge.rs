//! Which of many ascending sequences has the earliest head: a tournament that replays one path per event.
//!
//! The feed keeps one key for each source; ties go to the lower index. With `n` sources, replacing the winner
//! costs log₂ `n` comparisons with keys that lie beside the path, and moves nothing but keys.

use trader_domain::Timestamp;

/// The key of a source that has nothing more.
pub(super) const OVER: Timestamp = Timestamp::MAX;

/// A head and, below it, the source it belongs to: one number, so that a comparison is one too.
type Entry = i128;

const SOURCE_BITS: u32 = 32;

#[inline]
fn entry(head: Timestamp, source: u32) -> Entry {
    (i128::from(head.nanos()) << SOURCE_BITS) | i128::from(source)
}

/// A winner tree over the heads of some sources.
#[derive(Debug, Clone)]
pub(super) struct Tournament {
    /// By node: who won there. Node 1 is the root, the sources' own heads are the second half.
    nodes: Vec<Entry>,
}

impl Tournament {
    /// A tournament between these heads.
    pub(super) fn new(heads: &[Timestamp]) -> Self {
        let nobody = entry(OVER, u32::MAX);
        let leaves = heads.len().next_power_of_two();
        let mut nodes = vec![nobody; leaves];
        let sources = heads.iter().zip(0_u32..);
        nodes.extend(sources.map(|(head, source)| entry(*head, source)));
        nodes.resize(leaves * 2, nobody);
        for node in (1..leaves).rev() {
            let children = nodes.get(node * 2).copied().zip(nodes.get(node * 2 + 1));
            if let Some((left, right)) = children
                && let winner = left.min(*right)
                && let Some(place) = nodes.get_mut(node)
            {
                *place = winner;
            }
        }
        Self { nodes }
    }

    /// The source with the earliest head and that head; [`OVER`] when all are over.
    #[inline]
    pub(super) fn first(&self) -> (usize, Timestamp) {
        let Some(first) = self.nodes.get(1) else {
            return (0, OVER);
        };
        let head = i64::try_from(first >> SOURCE_BITS).unwrap_or(i64::MAX);
        let source = usize::try_from(first & i128::from(u32::MAX)).unwrap_or(usize::MAX);
        (source, Timestamp::from_nanos(head))
    }

    /// Gives a source its next head.
    #[inline]
    pub(super) fn replace(&mut self, source: usize, head: Timestamp) {
        let mut node = self.nodes.len() / 2 + source;
        let mut winner = entry(head, u32::try_from(source).unwrap_or(u32::MAX));
        if let Some(place) = self.nodes.get_mut(node) {
            *place = winner;
        }
        while node > 1 {
            if let Some(sibling) = self.nodes.get(node ^ 1) {
                winner = winner.min(*sibling);
            }
            node /= 2;
            if let Some(place) = self.nodes.get_mut(node) {
                *place = winner;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merging_gives_what_sorting_gives(
            mut sources in prop::collection::vec(prop::collection::vec(0_i64..40, 0..30), 0..20)
        ) {
            for source in &mut sources {
                source.sort_unstable();
            }
            let head = |source: &[i64], row: usize| {
                source.get(row).map_or(OVER, |time| Timestamp::from_nanos(*time))
            };
            let mut rows = vec![0; sources.len()];
            let heads: Vec<Timestamp> = sources.iter().map(|one| head(one, 0)).collect();
            let mut tree = Tournament::new(&heads);
            let mut merged = Vec::new();
            while let (source, time) = tree.first() && time != OVER {
                merged.push((time.nanos(), source));
                rows[source] += 1;
                tree.replace(source, head(&sources[source], rows[source]));
            }
            let mut sorted: Vec<(i64, usize)> = sources
                .iter()
                .enumerate()
                .flat_map(|(index, times)| times.iter().map(move |time| (*time, index)))
                .collect();
            sorted.sort_unstable();
            prop_assert_eq!(merged, sorted);
        }
    }
}
