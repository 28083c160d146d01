//! Who posts the same text as others within a short time: groups of authors that act together
//! (co-posting networks, after Pacheco et al. 2021, "Uncovering coordinated networks on social media").

use std::collections::{BTreeMap, BTreeSet};

use super::post::{Post, same_text};

/// Posts of the same text further apart than this are not one action.
const TOGETHER: i64 = 3_600_000_000_000;
/// Authors that make a group; two may quote each other.
const GROUP: usize = 3;
/// Newest posts with a sequence of words that a post is compared with: a bound on work.
const COMPARED: usize = 50;

/// The network of authors over some posts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Network {
    /// Share of posts that repeat, within an hour, what at least two other authors post.
    pub(super) coordinated: f64,
    /// Sum of squared shares of posts by author (Herfindahl): 1 when one author posts everything.
    pub(super) concentration: f64,
    /// Share of authors in the largest group of authors linked by common texts; 0 without a group.
    pub(super) largest_group: f64,
}

/// Disjoint sets with path halving.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut item: usize) -> usize {
        while self.0[item] != item {
            self.0[item] = self.0[self.0[item]];
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// Of posts in the order received; `None` without posts.
pub(super) fn network(posts: &[Post]) -> Option<Network> {
    if posts.is_empty() {
        return None;
    }
    let mut texts = Sets((0..posts.len()).collect());
    let mut holders: BTreeMap<&Vec<String>, Vec<usize>> = BTreeMap::new();
    for (at, post) in posts.iter().enumerate() {
        let mut compared = BTreeSet::new();
        for shingle in &post.shingles {
            let earlier = holders.entry(shingle).or_default();
            for other in earlier.iter().rev().take(COMPARED) {
                let near = post.received.nanos_since(posts[*other].received) <= TOGETHER;
                if near
                    && compared.insert(*other)
                    && same_text(&posts[*other].shingles, &post.shingles)
                {
                    texts.join(*other, at);
                }
            }
            earlier.push(at);
        }
    }
    let mut authors: BTreeMap<&str, usize> = BTreeMap::new();
    let mut numbers = Vec::with_capacity(posts.len());
    for post in posts {
        let next = authors.len();
        numbers.push(*authors.entry(&post.author).or_insert(next));
    }
    let mut groups: BTreeMap<usize, (usize, BTreeSet<usize>)> = BTreeMap::new();
    let mut shares = vec![0.0; authors.len()];
    for (at, author) in numbers.iter().enumerate() {
        let (count, members) = groups.entry(texts.root(at)).or_default();
        *count += 1;
        members.insert(*author);
        shares[*author] += 1.0 / posts.len() as f64;
    }
    groups.retain(|_, (_, members)| members.len() >= GROUP);
    let coordinated: usize = groups.values().map(|(count, _)| count).sum();
    // Groups that share an author are one.
    let mut linked = Sets((0..authors.len()).collect());
    for (_, members) in groups.values() {
        for pair in members.iter().zip(members.iter().skip(1)) {
            linked.join(*pair.0, *pair.1);
        }
    }
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for author in groups
        .values()
        .flat_map(|(_, members)| members)
        .collect::<BTreeSet<_>>()
    {
        *sizes.entry(linked.root(*author)).or_default() += 1;
    }
    let largest = sizes.values().max().copied().unwrap_or(0);
    Some(Network {
        coordinated: coordinated as f64 / posts.len() as f64,
        concentration: shares.iter().map(|share| share * share).sum(),
        largest_group: largest as f64 / authors.len() as f64,
    })
}
