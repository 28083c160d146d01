//! The contract that an option file's name describes.

use trader_domain::{ExerciseStyle, OptionContract, OptionRight, Price, Symbol};

use super::map_file::lean_date;
use crate::error::DataError;
use crate::text::decimal::{ExtraDigits, parse_units};

/// Reads `20151223_goog_minute_quote_american_call_6000000_20151224.csv` or `goog_quote_american_call_6000000_20151224.csv`.
///
/// # Errors
/// [`DataError::Unsupported`] when the name has another form.
pub fn option_from_entry(name: &str, file: &str) -> Result<OptionContract, DataError> {
    let refused = || DataError::Unsupported {
        file: format!("{file}#{}", crate::error::excerpt(name.as_bytes(), 80)),
        detail:
            "is not named like an option contract (…_goog_…_american_call_6000000_20151224.csv)"
                .to_owned(),
    };
    let stem = name.strip_suffix(".csv").ok_or_else(refused)?;
    let parts: Vec<&str> = stem.split('_').collect();
    let [head @ .., style, right, strike, expiry] = parts.as_slice() else {
        return Err(refused());
    };
    // Date, ticker, resolution, kind; or ticker and kind.
    let ([_, ticker, _, _] | [ticker, _]) = head else {
        return Err(refused());
    };
    let strike = parse_units(strike.as_bytes(), 5, ExtraDigits::Refuse)
        .ok()
        .and_then(|units| Price::from_units(units.value).ok())
        .filter(|price| price.is_positive());
    Ok(OptionContract {
        underlying: Symbol::new(&ticker.to_ascii_uppercase()).map_err(|_not_text| refused())?,
        expiry: lean_date(expiry.as_bytes()).map_err(|_not_a_date| refused())?,
        strike: strike.ok_or_else(refused)?,
        right: match *right {
            "call" => OptionRight::Call,
            "put" => OptionRight::Put,
            _ => return Err(refused()),
        },
        style: match *style {
            "american" => ExerciseStyle::American,
            "european" => ExerciseStyle::European,
            _ => return Err(refused()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_names_give_the_contract() {
        let minute = option_from_entry(
            "20151223_goog_minute_quote_american_call_6000000_20151224.csv",
            "z",
        )
        .unwrap();
        assert_eq!(
            minute.occ_symbol().unwrap().as_str(),
            "GOOG  151224C00600000"
        );
        let daily = option_from_entry("aapl_quote_american_put_100000_20150117.csv", "z").unwrap();
        assert_eq!(daily.strike, Price::whole(10));
        assert_eq!(daily.right, OptionRight::Put);
        for bad in [
            "aapl.csv",
            "a_b_american_call_0_20150117.csv",
            "aapl_quote_american_call_1_20151332.csv",
            "x_quote_asian_call_1_20150117.csv",
        ] {
            assert!(option_from_entry(bad, "z").is_err(), "{bad}");
        }
    }
}
