//! What kind of event a headline reports, by phrases. One headline may report several.

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventClass {
    /// Results of a period.
    Earnings,
    /// What the company expects.
    Guidance,
    /// Mergers, acquisitions, spin-offs, stakes.
    Merger,
    /// Decisions of drug and device regulators, and the trials before them.
    Fda,
    /// Lawsuits, investigations, settlements, accounting.
    Legal,
    /// Ratings and price targets.
    Analyst,
    /// Dividends, buybacks, splits.
    Distribution,
    /// Offerings, debt, listings.
    Financing,
    /// Executives and directors come and go.
    Management,
    /// Orders and contracts.
    Contract,
    /// Products, launches, recalls.
    Product,
    /// Bankruptcy, default, going concern.
    Distress,
    /// Jobs cut, plants closed, strikes.
    Labour,
    /// The economy and central banks.
    Macro,
    /// Unconfirmed.
    Rumour,
}

/// Phrases in lower case, punctuation as blanks; a word that ends in `*` stands for all that begin so.
const PHRASES: &[(EventClass, &[&str])] = &[
    (
        EventClass::Earnings,
        &[
            "earnings",
            "eps",
            "quarter* results",
            "q1",
            "q2",
            "q3",
            "q4",
            "results for the",
            "beat* expectations",
            "beat* estimates",
            "miss* estimates",
            "miss* expectations",
            "top* estimates",
            "top* expectations",
            "gross margin",
            "gross margins",
            "net income",
            "net loss",
            "quarterly profit",
            "quarterly loss",
            "revenue rises",
            "revenue falls",
            "same store sales",
            "first quarter",
            "second quarter",
            "third quarter",
            "fourth quarter",
            "full year results",
            "beat expectations",
            "expectations this quarter",
        ],
    ),
    (
        EventClass::Guidance,
        &[
            "guidance",
            "outlook",
            "forecast*",
            "profit warning",
            "sees fy",
            "sees q*",
            "warns on",
            "expects revenue",
            "expects sales",
            "preliminary results",
            "reaffirms",
        ],
    ),
    (
        EventClass::Merger,
        &[
            "merger",
            "merge*",
            "acquir*",
            "acquisition",
            "takeover",
            "take over",
            "buyout",
            "to buy",
            "tender offer",
            "m a",
            "spin off",
            "spinoff",
            "divest*",
            "stake in",
            "hostile bid",
            "go private",
            "going private",
            "to be bought",
        ],
    ),
    (
        EventClass::Fda,
        &[
            "fda",
            "ema approv*",
            "clinical trial",
            "clinical hold",
            "phase 1",
            "phase 2",
            "phase 3",
            "phase i",
            "phase ii",
            "phase iii",
            "complete response letter",
            "pdufa",
            "510 k",
            "drug application",
            "breakthrough therapy",
            "primary endpoint",
            "breakthrough designation",
        ],
    ),
    (
        EventClass::Legal,
        &[
            "lawsuit",
            "lawsuits",
            "sue",
            "sues",
            "sued",
            "suing",
            "probe",
            "probes",
            "investigat*",
            "subpoena*",
            "indict*",
            "settle*",
            "class action",
            "fraud",
            "antitrust",
            "injunction",
            "court",
            "judge",
            "jury",
            "verdict",
            "patent infringement",
            "sec charges",
            "fined",
            "penalty",
            "restate*",
            "auditor",
            "allegation*",
            "whistleblower",
        ],
    ),
    (
        EventClass::Analyst,
        &[
            "upgrade*",
            "downgrade*",
            "price target",
            "initiates coverage",
            "initiated at",
            "analyst",
            "analysts",
            "overweight",
            "underweight",
            "reiterate*",
            "outperform",
            "underperform",
            "strong buy",
        ],
    ),
    (
        EventClass::Distribution,
        &[
            "dividend*",
            "buyback*",
            "buy back",
            "repurchase*",
            "stock split",
            "share split",
            "reverse split",
            "for 1 split",
            "special distribution",
        ],
    ),
    (
        EventClass::Financing,
        &[
            "offering",
            "ipo",
            "raises capital",
            "private placement",
            "convertible notes",
            "senior notes",
            "credit facility",
            "credit rating",
            "shelf registration",
            "debt sale",
            "refinanc*",
            "rights issue",
            "delist*",
            "uplisting",
        ],
    ),
    (
        EventClass::Management,
        &[
            "ceo",
            "cfo",
            "coo",
            "chief executive",
            "chief financial",
            "chairman",
            "resign*",
            "steps down",
            "appoint*",
            "names new",
            "interim chief",
            "board of directors",
            "ousted",
            "retire*",
        ],
    ),
    (
        EventClass::Contract,
        &[
            "contract",
            "contracts",
            "awarded",
            "wins order",
            "purchase order",
            "partnership",
            "supply agreement",
        ],
    ),
    (
        EventClass::Product,
        &[
            "recall*",
            "launch*",
            "unveil*",
            "new product",
            "introduces",
            "rolls out",
            "outage",
        ],
    ),
    (
        EventClass::Distress,
        &[
            "bankrupt*",
            "chapter 11",
            "chapter 7",
            "default*",
            "going concern",
            "insolven*",
            "liquidity crisis",
            "covenant",
            "restructuring",
            "dividend suspended",
        ],
    ),
    (
        EventClass::Labour,
        &[
            "layoff*",
            "lay off*",
            "lays off",
            "job cuts",
            "strike",
            "union",
            "workforce reduction",
            "plant closure",
        ],
    ),
    (
        EventClass::Macro,
        &[
            "fomc",
            "federal reserve",
            "fed",
            "cpi",
            "inflation",
            "interest rates",
            "rate hike",
            "rate cut",
            "nonfarm payroll*",
            "jobs report",
            "gdp",
            "unemployment",
            "ecb",
            "tariff*",
        ],
    ),
    (
        EventClass::Rumour,
        &[
            "rumor",
            "rumors",
            "rumour*",
            "sources say",
            "people familiar",
            "said to be",
            "reportedly",
            "in talks",
            "considering a sale",
        ],
    ),
];

/// A set of event classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventClasses(u32);

impl EventClasses {
    /// Of a headline.
    pub fn of(headline: &str) -> Self {
        let words: Vec<String> = headline
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let found = PHRASES
            .iter()
            .filter(|(_, phrases)| phrases.iter().any(|phrase| says(&words, phrase)));
        Self(found.fold(0, |set, (class, _)| set | bit(*class)))
    }

    /// Whether the class is among them.
    pub fn contains(self, class: EventClass) -> bool {
        self.0 & bit(class) != 0
    }

    /// Whether none was found.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = EventClass> {
        PHRASES
            .iter()
            .map(|(class, _)| *class)
            .filter(move |class| self.contains(*class))
    }
}

impl EventClass {
    /// Every class with its word in feature names.
    pub(crate) const WORDS: [(&'static str, Self); 15] = [
        ("earnings", Self::Earnings),
        ("guidance", Self::Guidance),
        ("merger", Self::Merger),
        ("fda", Self::Fda),
        ("legal", Self::Legal),
        ("analyst", Self::Analyst),
        ("distribution", Self::Distribution),
        ("financing", Self::Financing),
        ("management", Self::Management),
        ("contract", Self::Contract),
        ("product", Self::Product),
        ("distress", Self::Distress),
        ("labour", Self::Labour),
        ("macro", Self::Macro),
        ("rumour", Self::Rumour),
    ];
}

const fn bit(class: EventClass) -> u32 {
    1 << class as u32
}

/// Whether the words of the phrase stand in the text, one after the other.
fn says(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| {
        window
            .iter()
            .zip(&phrase)
            .all(|(word, wanted)| match wanted.strip_suffix('*') {
                Some(stem) => word.starts_with(stem),
                None => word == wanted,
            })
    })
}
