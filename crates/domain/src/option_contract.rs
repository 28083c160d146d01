//! Listed option contracts and the 21-character OCC symbol.

use chrono::{Datelike as _, NaiveDate};
use thiserror::Error;

use crate::ids::Symbol;
use crate::money::Price;

/// Call or put.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OptionRight {
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

/// When the holder may exercise.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ExerciseStyle {
    /// Any day until expiry (US equity options).
    American,
    /// At expiry only (most index options).
    European,
}

/// The terms of one listed option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct OptionContract {
    /// Root symbol of the underlying, up to six characters.
    pub underlying: Symbol,
    /// Last trading date.
    pub expiry: NaiveDate,
    /// Strike price, a multiple of 0.001.
    pub strike: Price,
    /// Call or put.
    pub right: OptionRight,
    /// American or European.
    pub style: ExerciseStyle,
}

/// Why text is not an OCC symbol, or a contract has none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OccError {
    /// Text that is not an OCC symbol.
    #[error("`{0}` is not an OCC option symbol (root, yymmdd, C or P, strike x 1000 in 8 digits)")]
    Malformed(String),
    /// A strike or root that the 21 characters cannot express.
    #[error(
        "{0} has no OCC symbol: root up to 6 characters, years 2000-2099, strike 0.001 to 99999.999"
    )]
    NotExpressible(String),
}

impl OptionContract {
    /// Parses `AAPL  240621C00190000` (padded to 21) or `AAPL240621C00190000` (compact).
    ///
    /// OCC symbols do not say the exercise style: the caller knows it.
    ///
    /// # Errors
    /// [`OccError::Malformed`].
    pub fn parse_occ(text: &str, style: ExerciseStyle) -> Result<Self, OccError> {
        let refused = || OccError::Malformed(text.chars().take(40).collect());
        if !text.is_ascii() || text.len() < 16 || text.len() > 21 {
            return Err(refused());
        }
        let (root, tail) = text.split_at(text.len() - 15);
        let root = root.trim_end_matches(' ');
        let root_fits = (1..=6).contains(&root.len())
            && root
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.');
        let (date, rest) = tail.split_at(6);
        let (right, strike) = rest.split_at(1);
        if !root_fits
            || !date
                .bytes()
                .chain(strike.bytes())
                .all(|b| b.is_ascii_digit())
        {
            return Err(refused());
        }
        let number = |digits: &str| digits.parse::<u32>().map_err(|_not_digits| refused());
        let (yy, mmdd) = date.split_at(2);
        let (mm, dd) = mmdd.split_at(2);
        let year = i32::try_from(2000 + number(yy)?).map_err(|_range| refused())?;
        let expiry = NaiveDate::from_ymd_opt(year, number(mm)?, number(dd)?).ok_or_else(refused)?;
        let thousandths = i64::from(number(strike)?);
        let strike = Price::from_units(thousandths * 1_000_000).map_err(|_range| refused())?;
        if strike.is_zero() {
            return Err(refused());
        }
        let right = match right {
            "C" => OptionRight::Call,
            "P" => OptionRight::Put,
            _ => return Err(refused()),
        };
        let underlying = Symbol::new(root).map_err(|_not_a_symbol| refused())?;
        Ok(Self {
            underlying,
            expiry,
            strike,
            right,
            style,
        })
    }

    /// The 21-character OCC symbol.
    ///
    /// # Errors
    /// [`OccError::NotExpressible`].
    pub fn occ_symbol(&self) -> Result<Symbol, OccError> {
        let refused = || OccError::NotExpressible(format!("{self:?}"));
        let root = self.underlying.as_str();
        let thousandth = 1_000_000;
        let strike = self.strike.units();
        let strike_fits =
            strike > 0 && strike % thousandth == 0 && strike / thousandth <= 99_999_999;
        if root.len() > 6
            || root.contains(' ')
            || !(2000..2100).contains(&self.expiry.year())
            || !strike_fits
        {
            return Err(refused());
        }
        let right = match self.right {
            OptionRight::Call => 'C',
            OptionRight::Put => 'P',
        };
        let text = format!(
            "{root:<6}{:02}{:02}{:02}{right}{:08}",
            self.expiry.year() - 2000,
            self.expiry.month(),
            self.expiry.day(),
            strike / thousandth
        );
        Symbol::new(&text).map_err(|_not_a_symbol| refused())
    }
}
