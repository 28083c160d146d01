//! Which companies a text is about: cashtags, exchange tags, names, tickers, what the vendor linked.
//!
//! A name that could be another thing ("Target", "Visa") needs a sign that the company is meant; a
//! name that several companies share is reported as ambiguous unless the text says elsewhere which
//! one. Nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use trader_domain::Symbol;

/// Words after a name that make it a company's.
const FORMS: &[&str] = &[
    "inc",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "plc",
    "holdings",
    "group",
    "llc",
    "nv",
    "sa",
    "ag",
    "se",
    "incorporated",
];

/// Exchanges before a ticker in parentheses.
const EXCHANGES: &[&str] = &[
    "nasdaq",
    "nyse",
    "amex",
    "nysearca",
    "nyseamerican",
    "otc",
    "otcqb",
    "otcqx",
    "cboe",
];

/// Company names that are ordinary words, first names or places.
const ORDINARY_NAMES: &[&str] = &[
    "ally",
    "alphabet",
    "amazon",
    "apple",
    "arch",
    "bath",
    "block",
    "box",
    "carnival",
    "chase",
    "chewy",
    "clear",
    "coach",
    "compass",
    "costar",
    "crown",
    "delta",
    "discover",
    "dollar",
    "dover",
    "dow",
    "eagle",
    "etsy",
    "fox",
    "gap",
    "general",
    "global",
    "hess",
    "key",
    "kraft",
    "lamb",
    "lennar",
    "live",
    "loop",
    "match",
    "meta",
    "moderna",
    "morgan",
    "national",
    "next",
    "nike",
    "oracle",
    "palantir",
    "paramount",
    "progressive",
    "prudential",
    "public",
    "ralph",
    "root",
    "ross",
    "seagate",
    "shell",
    "snap",
    "southern",
    "southwest",
    "square",
    "stanley",
    "sun",
    "target",
    "travelers",
    "twist",
    "under",
    "union",
    "unity",
    "upstart",
    "ventas",
    "visa",
    "wayfair",
    "wells",
    "williams",
    "wolf",
    "workday",
    "zoom",
];

/// Capitals that are words, offices, measures or places before they are tickers.
const ORDINARY_TICKERS: &[&str] = &[
    "AI", "ALL", "AM", "AN", "AND", "ANY", "ARE", "AS", "AT", "BE", "BIG", "BUY", "BY", "CAN",
    "CAR", "CASH", "CEO", "CFO", "COO", "CPI", "CTO", "DD", "DO", "EPS", "ESG", "ETF", "EU", "EV",
    "FAST", "FDA", "FOMC", "FOR", "FREE", "FUN", "GAAP", "GDP", "GO", "GOOD", "HAS", "HE", "HOLD",
    "HOPE", "HR", "IPO", "IR", "IT", "LIFE", "LOVE", "LOW", "MA", "MAN", "ME", "MOON", "NEW",
    "NEXT", "NOW", "NYSE", "OF", "OLD", "ON", "ONE", "OPEN", "OR", "OUT", "PAY", "PE", "PLAY",
    "PM", "PR", "PPI", "QE", "REAL", "ROI", "RUN", "SAFE", "SEC", "SEE", "SELL", "SO", "SUN",
    "TECH", "THE", "TO", "TV", "TWO", "UK", "UP", "US", "USA", "USD", "VERY", "WELL", "WORK",
    "YOLO", "YOU",
];

/// A company as texts call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its ticker.
    pub symbol: Symbol,
    /// Its names, without legal form: `Apple`, `Berkshire Hathaway`, `J&J`.
    pub names: Vec<String>,
}

/// Why a company cannot be linked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LinkerError {
    /// A name without a letter or digit.
    #[error("the name `{name}` of {symbol} has no letter or digit")]
    EmptyName {
        /// Whose.
        symbol: Symbol,
        /// As given.
        name: String,
    },
    /// A symbol that was given twice.
    #[error("{0} is in the list of companies twice")]
    Duplicate(Symbol),
}

/// What ties a text to a company, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A known ticker in capitals.
    Ticker,
    /// The company's name.
    Name,
    /// The company's name with its legal form.
    FullName,
    /// The vendor says so.
    Vendor,
    /// `$AAPL`.
    Cashtag,
    /// `(NASDAQ: AAPL)`.
    ExchangeTag,
}

impl Evidence {
    /// How sure it makes, 0..1: an order of strength, not a measured probability.
    pub fn confidence(self) -> f64 {
        match self {
            Self::Ticker => 0.5,
            Self::Name => 0.7,
            Self::FullName => 0.9,
            Self::Vendor => 0.95,
            Self::Cashtag => 0.97,
            Self::ExchangeTag => 1.0,
        }
    }
}

/// A company that a text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub symbol: Symbol,
    /// The strongest evidence.
    pub evidence: Evidence,
}

/// What a text is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linked {
    /// Companies, by symbol.
    pub links: Vec<Link>,
    /// Names that several companies share and nothing in the text decides: the name and who has it.
    pub ambiguous: Vec<(String, Vec<Symbol>)>,
}

/// The companies that texts are searched for.
#[derive(Debug, Clone, Default)]
pub struct Linker {
    symbols: BTreeSet<String>,
    /// Names as words in lower case, and who has them.
    names: BTreeMap<Vec<String>, Vec<Symbol>>,
    longest: usize,
}

/// A word of a text with what stands around it.
struct Token<'t> {
    text: &'t str,
    lower: String,
    /// The character before it.
    before: Option<char>,
    /// Whether something other than a blank ends the sentence before it, or it is the first word.
    opens: bool,
}

impl Linker {
    /// Takes the list of companies.
    ///
    /// # Errors
    /// [`LinkerError`].
    pub fn new(companies: &[Company]) -> Result<Self, LinkerError> {
        let mut linker = Self::default();
        for company in companies {
            if !linker.symbols.insert(company.symbol.as_str().to_owned()) {
                return Err(LinkerError::Duplicate(company.symbol));
            }
            for name in &company.names {
                let words: Vec<String> =
                    tokens(name).into_iter().map(|token| token.lower).collect();
                if words.is_empty() {
                    return Err(LinkerError::EmptyName {
                        symbol: company.symbol,
                        name: name.chars().take(60).collect(),
                    });
                }
                linker.longest = linker.longest.max(words.len());
                let owners = linker.names.entry(words).or_default();
                if !owners.contains(&company.symbol) {
                    owners.push(company.symbol);
                }
            }
        }
        Ok(linker)
    }

    /// The companies a text names; `vendor` holds what its vendor linked.
    pub fn link(&self, text: &str, vendor: &[Symbol]) -> Linked {
        let tokens = tokens(text);
        let mut found: BTreeMap<Symbol, Evidence> = BTreeMap::new();
        let mut add = |symbol: Symbol, evidence: Evidence| {
            let best = found.entry(symbol).or_insert(evidence);
            *best = evidence.max(*best);
        };
        for symbol in vendor {
            add(*symbol, Evidence::Vendor);
        }
        let shouted = tokens
            .iter()
            .all(|token| !token.text.chars().any(char::is_lowercase));
        for (at, token) in tokens.iter().enumerate() {
            if let Some((symbol, evidence)) = self.ticker(&tokens, at, token, shouted) {
                add(symbol, evidence);
            }
        }
        let mut open: Vec<(String, Vec<Symbol>)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let Some((length, owners)) = self.name_at(&tokens, at) else {
                at += 1;
                continue;
            };
            let words = tokens.get(at..at + length).unwrap_or_default();
            let formal = tokens
                .get(at + length)
                .is_some_and(|next| FORMS.contains(&next.lower.as_str()));
            at += length;
            if !formal && !means_a_company(words) {
                continue;
            }
            let evidence = if formal {
                Evidence::FullName
            } else {
                Evidence::Name
            };
            match owners {
                [only] => add(*only, evidence),
                several => {
                    let name: Vec<&str> = words.iter().map(|word| word.text).collect();
                    open.push((name.join(" "), several.to_vec()));
                }
            }
        }
        // A shared name means the one among its owners that the text names in another way.
        let mut ambiguous = Vec::new();
        for (name, owners) in open {
            let named = owners
                .iter()
                .filter(|owner| found.contains_key(owner))
                .count();
            if named != 1 && !ambiguous.iter().any(|(other, _)| *other == name) {
                ambiguous.push((name, owners));
            }
        }
        let links = found
            .into_iter()
            .map(|(symbol, evidence)| Link { symbol, evidence });
        Linked {
            links: links.collect(),
            ambiguous,
        }
    }

    /// The ticker that a token is, and what says so.
    fn ticker(
        &self,
        tokens: &[Token<'_>],
        at: usize,
        token: &Token<'_>,
        shouted: bool,
    ) -> Option<(Symbol, Evidence)> {
        let cashtag = token.before == Some('$');
        let text = if cashtag {
            token.text.to_uppercase()
        } else {
            token.text.to_owned()
        };
        if !self.symbols.contains(&text) {
            return None;
        }
        let symbol = Symbol::new(&text).ok()?;
        let last = at.checked_sub(1).and_then(|before| tokens.get(before));
        if cashtag {
            Some((symbol, Evidence::Cashtag))
        } else if last.is_some_and(|last| EXCHANGES.contains(&last.lower.as_str())) {
            Some((symbol, Evidence::ExchangeTag))
        } else if !shouted && text.len() >= 2 && !ORDINARY_TICKERS.contains(&text.as_str()) {
            Some((symbol, Evidence::Ticker))
        } else {
            None
        }
    }

    /// The longest name that begins at a token.
    fn name_at(&self, tokens: &[Token<'_>], at: usize) -> Option<(usize, &[Symbol])> {
        (1..=self.longest).rev().find_map(|length| {
            let words: Vec<String> = tokens
                .get(at..at + length)?
                .iter()
                .map(|token| token.lower.clone())
                .collect();
            self.names
                .get(&words)
                .map(|owners| (length, owners.as_slice()))
        })
    }
}

/// Names are capitalised; an ordinary word at the start of a sentence is capitalised anyway.
fn means_a_company(words: &[Token<'_>]) -> bool {
    let capital = |token: &Token<'_>| {
        let first = token.text.chars().next();
        first.is_some_and(|first| first.is_uppercase() || first.is_numeric())
    };
    match words {
        [word] if ORDINARY_NAMES.contains(&word.lower.as_str()) => capital(word) && !word.opens,
        words => words.iter().all(capital),
    }
}

/// Letters, digits and what stands inside names (`BRK.B`, `AT&T`, `Barron's`).
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut start, mut before, mut opens) = (None, None, true);
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '&' | '\'' | '-' | '\u{2019}');
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match start {
            None if character.is_alphanumeric() => start = Some((at, before, opens)),
            None => opens |= matches!(character, ':' | ';' | '!' | '?'),
            Some(_) if inside(character) && at < text.len() => {}
            Some((from, lead, first)) => {
                let raw = text.get(from..at).unwrap_or_default();
                found.extend(token(raw, lead, first));
                start = None;
                opens = raw.ends_with('.') || matches!(character, ':' | ';' | '!' | '?');
            }
        }
        before = Some(character);
    }
    found
}

fn token(raw: &str, before: Option<char>, opens: bool) -> Option<Token<'_>> {
    let bare = raw.trim_end_matches(|c: char| !c.is_alphanumeric());
    let text = ["'s", "\u{2019}s", "'S"]
        .iter()
        .find_map(|possessive| bare.strip_suffix(possessive))
        .unwrap_or(bare);
    (!text.is_empty()).then(|| Token {
        text,
        lower: text.to_lowercase(),
        before,
        opens,
    })
}
