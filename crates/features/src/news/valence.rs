//! The rules of VADER: how negation, degree words, capitals and punctuation change what words say
//! (Hutto and Gilbert 2014, "VADER: a parsimonious rule-based model for sentiment analysis").
//!
//! Texts are scored as the reference implementation (vaderSentiment 3.3.2) does, but for one slip of
//! it: where "but" weighs what comes before and after it, it looks scores up by value and so may
//! weigh a repeated score twice; here each word is weighed once.

use super::lexicon::{self, Lexicon};

/// What a degree word adds; a dampener takes as much away.
const DEGREE: f64 = 0.293;
/// What capitals add among words that are not.
const CAPITALS: f64 = 0.733;
/// What a negation leaves of a valence.
const NEGATION: f64 = -0.74;
/// Brings sums near the largest expected ones to 1.
const SCALE: f64 = 15.0;

const NEGATIONS: &[&str] = &[
    "aint", "arent", "cannot", "cant", "couldnt", "darent", "despite", "didnt", "doesnt", "dont",
    "hadnt", "hasnt", "havent", "isnt", "mightnt", "mustnt", "neednt", "neither", "never", "none",
    "nope", "nor", "not", "nothing", "nowhere", "oughtnt", "rarely", "seldom", "shant", "shouldnt",
    "uh-uh", "uhuh", "wasnt", "werent", "without", "wont", "wouldnt",
];

const BOOSTERS: &[&str] = &[
    "absolutely",
    "amazingly",
    "awfully",
    "completely",
    "considerable",
    "considerably",
    "decidedly",
    "deeply",
    "effing",
    "enormous",
    "enormously",
    "entirely",
    "especially",
    "exceptional",
    "exceptionally",
    "extreme",
    "extremely",
    "fabulously",
    "flippin",
    "flipping",
    "frackin",
    "fracking",
    "frickin",
    "fricking",
    "friggin",
    "frigging",
    "fuckin",
    "fucking",
    "fuggin",
    "fugging",
    "fully",
    "greatly",
    "hella",
    "highly",
    "hugely",
    "incredible",
    "incredibly",
    "intensely",
    "major",
    "majorly",
    "more",
    "most",
    "particularly",
    "purely",
    "quite",
    "really",
    "remarkably",
    "so",
    "substantially",
    "thoroughly",
    "total",
    "totally",
    "tremendous",
    "tremendously",
    "uber",
    "unbelievably",
    "unusually",
    "utter",
    "utterly",
    "very",
];

const DAMPENERS: &[&str] = &[
    "almost",
    "barely",
    "hardly",
    "just enough",
    "kind of",
    "kind-of",
    "kinda",
    "kindof",
    "less",
    "little",
    "marginal",
    "marginally",
    "occasional",
    "occasionally",
    "partly",
    "scarce",
    "scarcely",
    "slight",
    "slightly",
    "somewhat",
    "sort of",
    "sort-of",
    "sorta",
    "sortof",
];

/// Phrases that mean something else than their words.
const IDIOMS: &[(&str, f64)] = &[
    ("bad ass", 1.5),
    ("badass", 1.5),
    ("beating heart", 3.5),
    ("bus stop", 0.0),
    ("kiss of death", -1.5),
    ("the bomb", 3.0),
    ("the shit", 3.0),
    ("to die for", 3.0),
    ("yeah right", -2.0),
];

/// What a text says, good or bad.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Valence {
    /// Share of the text that is negative, 0..1.
    pub negative: f64,
    /// Share that is neither.
    pub neutral: f64,
    /// Share that is positive.
    pub positive: f64,
    /// All of it in one number, -1 to 1.
    pub compound: f64,
}

struct Word {
    lower: String,
    capitals: bool,
}

/// Scores `text` over `lexicon`.
pub(super) fn score(lexicon: &Lexicon, text: &str) -> Valence {
    let text = described(text);
    let words = words(lexicon, &text);
    let shouted = words.iter().filter(|word| word.capitals).count();
    let emphasis = shouted > 0 && shouted < words.len();
    let mut scores: Vec<f64> = (0..words.len())
        .map(|at| word_score(lexicon, &words, at, emphasis))
        .collect();
    if let Some(but) = words.iter().position(|word| word.lower == "but") {
        for (at, score) in scores.iter_mut().enumerate() {
            *score *= match at.cmp(&but) {
                std::cmp::Ordering::Less => 0.5,
                std::cmp::Ordering::Equal => 1.0,
                std::cmp::Ordering::Greater => 1.5,
            };
        }
    }
    summary(&scores, punctuation(&text))
}

/// With emoji as the words they stand for.
fn described(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut after_blank = true;
    for character in text.chars() {
        if let Some(description) = lexicon::description(character) {
            if !after_blank {
                plain.push(' ');
            }
            plain.push_str(description);
            after_blank = false;
        } else {
            plain.push(character);
            after_blank = character == ' ';
        }
    }
    plain.trim().to_owned()
}

/// Words without the punctuation around them (emoticons keep theirs), phrases of the lexicon as one.
fn words(lexicon: &Lexicon, text: &str) -> Vec<Word> {
    let single: Vec<Word> = text.split_whitespace().map(word).collect();
    let mut joined = Vec::with_capacity(single.len());
    let mut rest = single.into_iter().peekable();
    let mut waiting: std::collections::VecDeque<Word> = std::collections::VecDeque::new();
    loop {
        if waiting.is_empty() {
            match rest.next() {
                Some(word) => waiting.push_back(word),
                None => return joined,
            }
        }
        let longest = waiting
            .front()
            .map_or(0, |first| lexicon.longest_from(&first.lower));
        while waiting.len() < longest
            && let Some(word) = rest.next()
        {
            waiting.push_back(word);
        }
        let phrase = (2..=longest.min(waiting.len())).rev().find_map(|length| {
            let parts: Vec<&str> = waiting
                .iter()
                .take(length)
                .map(|w| w.lower.as_str())
                .collect();
            let phrase = parts.join(" ");
            lexicon.get(&phrase).map(|_| (length, phrase))
        });
        if let Some((length, lower)) = phrase {
            let capitals = waiting.drain(..length).all(|word| word.capitals);
            joined.push(Word { lower, capitals });
        } else {
            joined.extend(waiting.pop_front());
        }
    }
}

fn word(token: &str) -> Word {
    let bare = token.trim_matches(|c: char| c.is_ascii_punctuation());
    let kept = if bare.chars().count() <= 2 {
        token
    } else {
        bare
    };
    let cased = kept.chars().any(|c| c.is_uppercase() || c.is_lowercase());
    Word {
        lower: kept.to_lowercase(),
        capitals: cased && !kept.chars().any(char::is_lowercase),
    }
}

/// What a degree word adds to a positive valence; 0 for any other word.
fn degree(word: &str) -> f64 {
    if BOOSTERS.contains(&word) {
        DEGREE
    } else if DAMPENERS.contains(&word) {
        -DEGREE
    } else {
        0.0
    }
}

fn negates(word: &str) -> bool {
    // "isn't" and its kind; the listed ones are spelt without the apostrophe.
    NEGATIONS.contains(&word) || word.contains("n't")
}

fn word_score(lexicon: &Lexicon, words: &[Word], at: usize, emphasis: bool) -> f64 {
    let Some(word) = words.get(at) else {
        return 0.0;
    };
    // The word `back` places before this one.
    let before = |back: usize| at.checked_sub(back).and_then(|i| words.get(i));
    let is = |back: usize, text: &str| before(back).is_some_and(|word| word.lower == text);
    let next = words.get(at + 1);
    let kind_of = word.lower == "kind" && next.is_some_and(|next| next.lower == "of");
    if degree(&word.lower) != 0.0 || kind_of {
        return 0.0;
    }
    let Some(own) = lexicon.get(&word.lower) else {
        return 0.0;
    };
    let mut valence = own;
    if word.lower == "no" && next.is_some_and(|next| lexicon.get(&next.lower).is_some()) {
        valence = 0.0;
    }
    if is(1, "no") || is(2, "no") || is(3, "no") && (is(1, "or") || is(1, "nor")) {
        valence = own * NEGATION;
    }
    if word.capitals && emphasis {
        valence += if valence > 0.0 { CAPITALS } else { -CAPITALS };
    }
    for (back, weight) in [(1, 1.0), (2, 0.95), (3, 0.9)] {
        let Some(earlier) = before(back) else {
            break;
        };
        if lexicon.get(&earlier.lower).is_some() {
            continue;
        }
        valence += weight * modifier(earlier, valence, emphasis);
        valence = negation(valence, back, earlier, &is);
        if back == 3 {
            valence = idioms(valence, words, at);
        }
    }
    if before(1).is_some_and(|word| lexicon.get(&word.lower).is_none())
        && is(1, "least")
        && !is(2, "at")
        && !is(2, "very")
    {
        valence *= NEGATION;
    }
    valence
}

/// What a degree word before a word of this valence adds.
fn modifier(earlier: &Word, valence: f64, emphasis: bool) -> f64 {
    let mut change = degree(&earlier.lower);
    if change == 0.0 {
        return 0.0;
    }
    if valence < 0.0 {
        change = -change;
    }
    if earlier.capitals && emphasis {
        change += if valence > 0.0 { CAPITALS } else { -CAPITALS };
    }
    change
}

fn negation(valence: f64, back: usize, earlier: &Word, is: &impl Fn(usize, &str) -> bool) -> f64 {
    let stressed = |back: usize| is(back, "so") || is(back, "this");
    let (never, doubt) = match back {
        1 => (false, false),
        2 => (
            is(2, "never") && stressed(1),
            is(2, "without") && is(1, "doubt"),
        ),
        _ => (
            is(3, "never") && stressed(2) || stressed(1),
            is(3, "without") && (is(2, "doubt") || is(1, "doubt")),
        ),
    };
    if never {
        valence * 1.25
    } else if !doubt && negates(&earlier.lower) {
        valence * NEGATION
    } else {
        valence
    }
}

/// Idioms around the word at `at`, which has at least three before it.
fn idioms(valence: f64, words: &[Word], at: usize) -> f64 {
    let phrase = |from: usize, to: usize| -> Option<String> {
        let words = words.get(from..to)?;
        let words: Vec<&str> = words.iter().map(|word| word.lower.as_str()).collect();
        Some(words.join(" "))
    };
    let known = |from: usize, to: usize| -> Option<f64> {
        let phrase = phrase(from, to)?;
        let idiom = IDIOMS.iter().find(|(idiom, _)| *idiom == phrase)?;
        Some(idiom.1)
    };
    let mut valence = [
        (at - 1, at + 1),
        (at - 2, at + 1),
        (at - 2, at),
        (at - 3, at),
        (at - 3, at - 1),
    ]
    .into_iter()
    .find_map(|(from, to)| known(from, to))
    .unwrap_or(valence);
    valence = known(at, at + 2).unwrap_or(valence);
    valence = known(at, at + 3).unwrap_or(valence);
    for (from, to) in [(at - 3, at), (at - 3, at - 1), (at - 2, at)] {
        valence += phrase(from, to).map_or(0.0, |phrase| degree(&phrase));
    }
    valence
}

/// What exclamation and question marks add to the sum.
fn punctuation(text: &str) -> f64 {
    let count = |mark: char| text.chars().filter(|c| *c == mark).count();
    let exclaimed = 0.292 * count('!').min(4) as f64;
    let asked = match count('?') {
        0 | 1 => 0.0,
        few @ 2..=3 => 0.18 * few as f64,
        _ => 0.96,
    };
    exclaimed + asked
}

fn summary(scores: &[f64], emphasis: f64) -> Valence {
    if scores.is_empty() {
        return Valence::default();
    }
    let mut sum: f64 = scores.iter().sum();
    if sum > 0.0 {
        sum += emphasis;
    } else if sum < 0.0 {
        sum -= emphasis;
    }
    // One is added to every word so that neutral words, which count one, weigh as much.
    let mut positive: f64 = scores.iter().filter(|s| **s > 0.0).map(|s| s + 1.0).sum();
    let mut negative: f64 = scores.iter().filter(|s| **s < 0.0).map(|s| 1.0 - s).sum();
    let neutral = scores.iter().filter(|s| **s == 0.0).count() as f64;
    if positive > negative {
        positive += emphasis;
    } else if positive < negative {
        negative += emphasis;
    }
    let total = positive + negative + neutral;
    Valence {
        negative: negative / total,
        neutral: neutral / total,
        positive: positive / total,
        compound: (sum / (sum * sum + SCALE).sqrt()).clamp(-1.0, 1.0),
    }
}
