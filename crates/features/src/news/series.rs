//! Registry entries of news, as known at a bar's close.

use trader_domain::Timestamp;

use super::classes::EventClass;
use super::story::{Report, current};
use crate::as_of::{AsOf, Known, minutes_before};
use crate::parameter::{Parameter, choice, integer};
use crate::registry::{Build, Cost, Definition, Family};

const BASE: Definition = Definition {
    name: "",
    family: Family::News,
    outputs: &[],
    parameters: &[WINDOW],
    inputs: &[],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

/// A year.
const LONGEST: u32 = 525_600;
const WINDOW: Parameter = integer("window", "minutes", (1, LONGEST), 1440);

const CLASSES: &[&str] = &{
    let mut words = [""; EventClass::WORDS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = EventClass::WORDS[at].0;
        at += 1;
    }
    words
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "news_volume",
        outputs: &["news_items", "news_stories"],
        description: "How many news items came in, and how many of them told something new.",
        convention: "Items first received in the window before the close, in their last version, \
                     retracted ones left out; a story is an item whose novelty is above 0.2.",
        build: Build::AsOf(|a| {
            let minutes = a.length("window")?;
            Ok(Box::new(Items::<2> {
                minutes,
                of: |items| {
                    let stories = items.iter().filter(|(_, item)| !item.is_repetition());
                    [items.len() as f64, stories.count() as f64]
                },
            }))
        }),
        ..BASE
    },
    Definition {
        name: "news_acceleration",
        outputs: &["news_acceleration"],
        description: "Whether more news comes in than before, -1..1.",
        convention: "(n - m) / (n + m), n items of the window, m of the equally long one before it; \
                     missing without news in both.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Acceleration {
                minutes: a.length("window")?,
            }))
        }),
        ..BASE
    },
    Definition {
        name: "news_sentiment",
        outputs: &["news_sentiment", "news_pressure", "news_disagreement"],
        parameters: &[integer("half_life", "minutes", (1, LONGEST), 1440)],
        description: "What the news says, -1..1; the same with its amount; and how far items disagree.",
        convention: "Mean, sum and standard deviation of sentiment with weights credibility times \
                     2^(-age / half life), over ten half lives; repetitions count a fifth. Mean and \
                     deviation are missing without news, the sum is then 0.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Sentiment {
                half_life: a.length("half_life")?,
            }))
        }),
        ..BASE
    },
    Definition {
        name: "news_novelty",
        outputs: &["news_novelty"],
        description: "How new the news is, 0..1.",
        convention: "Mean over the window of 1 less the TF-IDF cosine with the most similar headline of \
                     the three days before (weights of what had been received by then); missing without \
                     news.",
        build: Build::AsOf(|a| {
            let minutes = a.length("window")?;
            Ok(Box::new(Items::<1> {
                minutes,
                of: |items| [mean(items, |item| item.novelty)],
            }))
        }),
        ..BASE
    },
    Definition {
        name: "news_credibility",
        outputs: &["news_credibility"],
        description: "How far the sources of the news are believed, 0..1.",
        convention: "Mean over the window of the source's share in the credibility table; missing \
                     without news.",
        build: Build::AsOf(|a| {
            let minutes = a.length("window")?;
            Ok(Box::new(Items::<1> {
                minutes,
                of: |items| [mean(items, |item| item.credibility)],
            }))
        }),
        ..BASE
    },
    Definition {
        name: "news_events",
        outputs: &["news_events", "news_event_sentiment"],
        parameters: &[choice("class", "kind of event", CLASSES), WINDOW],
        description: "How many items report an event of a kind, and what they say of it.",
        convention: "Count over the window by the phrases of the class, and mean sentiment of those \
                     items, missing when there are none.",
        build: Build::AsOf(|a| {
            let word = a.word("class")?;
            let class = EventClass::WORDS.iter().find(|(name, _)| *name == word);
            let (_, class) = class.ok_or_else(|| a.reject("class", "is not known"))?;
            Ok(Box::new(Events {
                class: *class,
                minutes: a.length("window")?,
            }))
        }),
        ..BASE
    },
];

fn mean(items: &[(Timestamp, Report)], of: impl Fn(&Report) -> f64) -> f64 {
    let sum: f64 = items.iter().map(|(_, item)| of(item)).sum();
    sum / items.len() as f64
}

/// A function of the items of a window.
struct Items<const O: usize> {
    minutes: usize,
    of: fn(&[(Timestamp, Report)]) -> [f64; O],
}

impl<const O: usize> AsOf for Items<O> {
    fn outputs(&self) -> usize {
        O
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let items = current(known.news, minutes_before(known.time, self.minutes));
        out.copy_from_slice(&(self.of)(&items));
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
        let items = current(known.news, minutes_before(known.time, 2 * self.minutes));
        let now = items.iter().filter(|(first, _)| *first >= since).count() as f64;
        let before = items.len() as f64 - now;
        out.fill((now - before) / (now + before));
    }
}

struct Sentiment {
    half_life: usize,
}

impl AsOf for Sentiment {
    fn outputs(&self) -> usize {
        3
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let items = current(known.news, minutes_before(known.time, 10 * self.half_life));
        let half_life = self.half_life as f64 * 60e9;
        let (mut weights, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for (first, item) in items {
            let age = known.time.nanos_since(first) as f64;
            let told = if item.is_repetition() { 0.2 } else { 1.0 };
            let weight = told * item.credibility * (-age / half_life).exp2();
            weights += weight;
            sum += weight * item.sentiment;
            squares += weight * item.sentiment * item.sentiment;
        }
        let mean = sum / weights;
        let spread = (squares / weights - mean * mean).max(0.0).sqrt();
        let present = if weights > 0.0 {
            [mean, sum, spread]
        } else {
            [f64::NAN, 0.0, f64::NAN]
        };
        out.copy_from_slice(&present);
    }
}

struct Events {
    class: EventClass,
    minutes: usize,
}

impl AsOf for Events {
    fn outputs(&self) -> usize {
        2
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let mut items = current(known.news, minutes_before(known.time, self.minutes));
        items.retain(|(_, item)| item.classes.contains(self.class));
        out.copy_from_slice(&[items.len() as f64, mean(&items, |item| item.sentiment)]);
    }
}
