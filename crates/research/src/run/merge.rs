//! Which of many ascending sequences has the earliest head: a tournament that replays one path per event.
//!
//! The feed keeps one key for each source; ties go to the lower index. With `n` sources, replacing the winner
//! costs log₂ `n` comparisons and moves nothing but indexes.

use trader_domain::Timestamp;

/// The key of a source that has nothing more.
pub(super) const OVER: Timestamp = Timestamp::MAX;

/// A loser tree over the heads of some sources.
#[derive(Debug, Clone, Default)]
pub(super) struct Tournament {
    /// The head of each source, padded to a power of two.
    heads: Vec<Timestamp>,
    /// By node (1 is the root): who lost there.
    losers: Vec<u32>,
    winner: u32,
}

impl Tournament {
    /// A tournament between these heads.
    pub(super) fn new(mut heads: Vec<Timestamp>) -> Self {
        let leaves = heads.len().next_power_of_two();
        heads.resize(leaves, OVER);
        let mut tree = Self {
            heads,
            losers: vec![0; leaves],
            winner: 0,
        };
        // Winners climb from the leaves; the losers stay behind.
        let mut winners: Vec<u32> = (0_u32..).take(leaves).collect();
        let mut first_node = leaves / 2;
        while first_node > 0 {
            let mut next = Vec::with_capacity(first_node);
            for (node, pair) in (first_node..).zip(winners.chunks_exact(2)) {
                if let [left, right] = *pair {
                    let (won, lost) = if tree.precedes(right, left) {
                        (right, left)
                    } else {
                        (left, right)
                    };
                    if let Some(place) = tree.losers.get_mut(node) {
                        *place = lost;
                    }
                    next.push(won);
                }
            }
            winners = next;
            first_node /= 2;
        }
        tree.winner = winners.first().copied().unwrap_or(0);
        tree
    }

    /// The source with the earliest head and that head; [`OVER`] when all are over.
    #[inline]
    pub(super) fn first(&self) -> (usize, Timestamp) {
        (self.winner as usize, self.head(self.winner))
    }

    /// Gives the winner its next head.
    #[inline]
    pub(super) fn replace_first(&mut self, head: Timestamp) {
        let mut winner = self.winner;
        if let Some(place) = self.heads.get_mut(winner as usize) {
            *place = head;
        }
        let mut key = head;
        let mut node = (self.heads.len() + winner as usize) / 2;
        while node > 0 {
            let Some(place) = self.losers.get_mut(node) else {
                break;
            };
            let other = *place;
            let other_key = self.heads.get(other as usize).copied().unwrap_or(OVER);
            if (other_key, other) < (key, winner) {
                *place = winner;
                (winner, key) = (other, other_key);
            }
            node /= 2;
        }
        self.winner = winner;
    }

    #[inline]
    fn head(&self, source: u32) -> Timestamp {
        self.heads.get(source as usize).copied().unwrap_or(OVER)
    }

    fn precedes(&self, left: u32, right: u32) -> bool {
        (self.head(left), left) < (self.head(right), right)
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
            let mut tree = Tournament::new(sources.iter().map(|one| head(one, 0)).collect());
            let mut merged = Vec::new();
            while let (source, time) = tree.first() && time != OVER {
                merged.push((time.nanos(), source));
                rows[source] += 1;
                tree.replace_first(head(&sources[source], rows[source]));
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
