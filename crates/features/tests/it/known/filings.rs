//! Real filings: EDGAR's `companyfacts` of Snowflake, where the file is there.

use trader_features::Knowledge;
use trader_features::fundamentals::{Fact, Item, Statements};

use super::{at, noon};

/// All facts of a `companyfacts` body that ratios need, in the order received.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn company_facts(file: &str) -> Option<Vec<Fact>> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/reference/api/edgar/tests/fixtures/entity/"
    );
    let Ok(text) = std::fs::read_to_string(format!("{folder}{file}")) else {
        println!("skipped: {file} is not there");
        return None;
    };
    let body: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut facts = Vec::new();
    for taxonomy in ["us-gaap", "dei"] {
        let tags = body["facts"][taxonomy].as_object();
        for (tag, content) in tags.into_iter().flatten() {
            let Some(tagged) = Item::of_us_gaap(tag) else {
                continue;
            };
            for entries in content["units"]
                .as_object()
                .into_iter()
                .flat_map(|units| units.values())
            {
                for entry in entries.as_array().into_iter().flatten() {
                    let date =
                        |field: &str| entry[field].as_str().and_then(|text| text.parse().ok());
                    let fact = Fact::of_edgar(
                        tagged,
                        date("start"),
                        date("end").expect("end"),
                        entry["val"].as_f64().expect("value"),
                        date("filed").expect("filed"),
                    );
                    facts.extend(fact.expect("in range"));
                }
            }
        }
    }
    facts.sort_by_key(|fact| fact.received);
    Some(facts)
}

#[test]
fn snowflakes_filings_give_its_published_figures() {
    let Some(facts) = company_facts("snow_facts.json") else {
        return;
    };
    assert!(facts.len() > 700, "{}", facts.len());
    let mut knowledge = Knowledge::new();
    for fact in facts {
        knowledge.fact(fact).expect("sorted");
    }
    let near = |found: f64, expected: f64, what: &str| {
        assert!(
            (found / expected - 1.0).abs() < 1e-9,
            "{what}: {found}, expected {expected}"
        );
    };
    // Form 10-K for the year to 2024-01-31, filed 2024-03-26: revenue 2,806,489 and 2,065,659
    // thousand the year before.
    let growth = ["revenue_growth"];
    near(
        at(&knowledge, "2024-03-28", &growth, &[])[0],
        2_806_489.0 / 2_065_659.0 - 1.0,
        "year",
    );
    // Until then the twelve months to 2023-10-31 are the last known.
    let trailing = |date: &str| {
        let known = knowledge.at(noon(date));
        Statements::new(&known)
            .trailing_year(Item::Revenue)
            .map(|(end, value)| (end.to_string(), value))
    };
    assert_eq!(
        trailing("2024-03-26").map(|(end, _)| end),
        Some("2023-10-31".to_owned())
    );
    // Form 10-Q for the quarter to 2024-04-30, filed 2024-05-31: 828,709 after 623,599 thousand.
    let thousands = 2_806_489.0 + 828_709.0 - 623_599.0;
    assert_eq!(
        trailing("2024-06-03"),
        Some(("2024-04-30".to_owned(), thousands * 1e3))
    );
    let margin = at(
        &knowledge,
        "2024-06-03",
        &["net_margin", "gross_margin"],
        &[],
    );
    assert!((-0.40..-0.25).contains(&margin[0]), "{margin:?}");
    assert!((0.60..0.75).contains(&margin[1]), "{margin:?}");
    // A loss has no P/E; capitalisation follows the count on the cover of the last filing.
    let value = at(
        &knowledge,
        "2024-06-03",
        &["pe", "market_cap", "ps", "pb", "fcf_yield"],
        &[136.0],
    );
    assert!(value[0].is_nan());
    assert!((44e9..47e9).contains(&value[1]), "{value:?}");
    assert!(
        (14.0..16.5).contains(&value[2]) && value[3] > 5.0,
        "{value:?}"
    );
    assert!((0.005..0.04).contains(&value[4]), "{value:?}");
    let score = at(&knowledge, "2024-03-28", &["piotroski_f"], &[]);
    assert!(score[0].is_nan() || (0.0..=9.0).contains(&score[0]));
}
