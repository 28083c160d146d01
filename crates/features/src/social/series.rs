//! Registry entries of social media, as known at a bar's close.

use std::collections::BTreeSet;

use super::coordination::network;
use super::post::Post;
use crate::as_of::{AsOf, Known, minutes_before};
use crate::parameter::{Parameter, integer};
use crate::registry::{Build, Cost, Definition, Family};

const BASE: Definition = Definition {
    name: "",
    family: Family::Social,
    outputs: &[],
    parameters: &[WINDOW],
    inputs: &[],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

const LONGEST: u32 = 525_600;
const WINDOW: Parameter = integer("window", "minutes", (1, LONGEST), 1440);

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "social_mentions",
        outputs: &["social_mentions", "social_authors", "social_bot_share"],
        description: "How many posts came in, by how many authors, and the share that looks automated.",
        convention: "Posts received in the window before the close, each once; the first two without \
                     those that look automated (score 0.5 or more); the share is of all posts, missing \
                     without any.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Window::<3> {
                minutes: a.length("window")?,
                of: mentions,
            }))
        }),
        ..BASE
    },
    Definition {
        name: "social_acceleration",
        outputs: &["social_acceleration"],
        description: "Whether more is posted than before, -1..1.",
        convention: "(n - m) / (n + m), n posts of the window, m of the equally long one before it, \
                     automated ones left out; missing without posts in both.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Acceleration {
                minutes: a.length("window")?,
            }))
        }),
        ..BASE
    },
    Definition {
        name: "social_sentiment",
        outputs: &["social_sentiment"],
        parameters: &[integer("half_life", "minutes", (1, LONGEST), 240)],
        description: "What posts say, -1..1.",
        convention: "Mean sentiment with weights credibility times 2^(-age / half life), over ten half \
                     lives, automated posts left out; missing without posts.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Sentiment {
                half_life: a.length("half_life")?,
            }))
        }),
        ..BASE
    },
    Definition {
        name: "social_credibility",
        outputs: &["social_credibility"],
        description: "How far the posts are believed, 0..1.",
        convention: "Mean over the window; of a post by the author's followers and the share that does \
                     not look automated. Missing without posts.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Window::<1> {
                minutes: a.length("window")?,
                of: |posts| {
                    let sum: f64 = posts.iter().map(|post| post.credibility).sum();
                    [sum / posts.len() as f64]
                },
            }))
        }),
        ..BASE
    },
    Definition {
        name: "social_coordination",
        outputs: &[
            "social_coordination",
            "social_concentration",
            "social_group_share",
        ],
        description: "Whether authors act together: share of posts that repeat others', concentration \
                      on few authors, share of authors in the largest group.",
        convention: "Posts of a text (half of its sequences of three words) that at least three authors \
                     posted within an hour of each other; sum of squared shares of posts by author; \
                     authors linked by such texts (after Pacheco et al. 2021). All posts, automated \
                     ones too. Missing without posts.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Window::<3> {
                minutes: a.length("window")?,
                of: |posts| match network(posts) {
                    Some(found) => [found.coordinated, found.concentration, found.largest_group],
                    None => [f64::NAN; 3],
                },
            }))
        }),
        ..BASE
    },
];

fn mentions(posts: &[Post]) -> [f64; 3] {
    let people = || posts.iter().filter(|post| !post.is_automated());
    let authors: BTreeSet<&str> = people().map(|post| post.author.as_str()).collect();
    let (all, theirs) = (posts.len() as f64, people().count() as f64);
    [theirs, authors.len() as f64, (all - theirs) / all]
}

/// The posts received in the last minutes.
fn window<'a>(known: &Known<'a>, minutes: usize) -> &'a [Post] {
    let since = minutes_before(known.time, minutes);
    let start = known.posts.partition_point(|post| post.received < since);
    known.posts.get(start..).unwrap_or_default()
}

/// A function of the posts of a window.
struct Window<const O: usize> {
    minutes: usize,
    of: fn(&[Post]) -> [f64; O],
}

impl<const O: usize> AsOf for Window<O> {
    fn outputs(&self) -> usize {
        O
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&(self.of)(window(known, self.minutes)));
    }
}

struct Acceleration {
    minutes: usize,
}

impl AsOf for Acceleration {
    fn outputs(&self) -> usize {
        1
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let since = minutes_before(known.time, self.minutes);
        let posts = window(known, 2 * self.minutes)
            .iter()
            .filter(|post| !post.is_automated());
        let (mut now, mut before) = (0.0, 0.0);
        for post in posts {
            *if post.received >= since {
                &mut now
            } else {
                &mut before
            } += 1.0;
        }
        out.fill((now - before) / (now + before));
    }
}

struct Sentiment {
    half_life: usize,
}

impl AsOf for Sentiment {
    fn outputs(&self) -> usize {
        1
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let half_life = self.half_life as f64 * 60e9;
        let (mut weights, mut sum) = (0.0, 0.0);
        let posts = window(known, 10 * self.half_life).iter();
        for post in posts.filter(|post| !post.is_automated()) {
            let age = known.time.nanos_since(post.received) as f64;
            let weight = post.credibility * (-age / half_life).exp2();
            weights += weight;
            sum += weight * post.sentiment;
        }
        out.fill(sum / weights);
    }
}
