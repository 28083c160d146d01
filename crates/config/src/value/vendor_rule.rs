//! What may be done with the data of a vendor, and how long it stays: `alpaca: archive=90 keep=1825 export=refuse`.

use std::fmt;
use std::str::FromStr;

use super::{NotAllowed, Setting, text_of, toml_string};
use crate::raw::RawValue;

/// What an export of a vendor's data meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportRule {
    /// Nothing: the data may be passed on.
    Allow,
    /// A warning that the licence may forbid passing the files on.
    Warn,
    /// A refusal.
    Refuse,
}

/// The rule of one vendor, or of all without one of their own (`*`). Words that are left out are `archive=365`,
/// `keep=forever` and `export=refuse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorRule {
    vendor: String,
    archive_days: Option<u32>,
    keep_days: Option<u32>,
    export: ExportRule,
}

impl VendorRule {
    /// The rule of vendors that no rule names.
    pub fn unnamed() -> Self {
        Self {
            vendor: "*".to_owned(),
            archive_days: Some(365),
            keep_days: None,
            // Nobody has read this vendor's licence for us: nothing leaves.
            export: ExportRule::Refuse,
        }
    }

    /// The rule for a vendor: its own, else that of `*`, else [`Self::unnamed`].
    pub fn of(rules: &[Self], vendor: &str) -> Self {
        let named = |name: &str| rules.iter().find(|rule| rule.vendor == name);
        named(vendor)
            .or_else(|| named("*"))
            .cloned()
            .unwrap_or_else(Self::unnamed)
    }

    /// Days after which bars go to the archive; `None` when the licence allows no copies elsewhere.
    pub const fn archive_days(&self) -> Option<u32> {
        self.archive_days
    }

    /// Days after which bars have to go; `None` when they may stay.
    pub const fn keep_days(&self) -> Option<u32> {
        self.keep_days
    }

    /// What an export meets.
    pub const fn export(&self) -> ExportRule {
        self.export
    }
}

impl FromStr for VendorRule {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let (vendor, words) = text.split_once(':').ok_or(NotAllowed)?;
        let vendor = vendor.trim();
        let is_name = (1..=40).contains(&vendor.len())
            && vendor
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if !is_name && vendor != "*" {
            return Err(NotAllowed);
        }
        let mut rule = Self {
            vendor: vendor.to_owned(),
            ..Self::unnamed()
        };
        let mut seen = Vec::new();
        for word in words.split_whitespace() {
            let (name, value) = word.split_once('=').ok_or(NotAllowed)?;
            if seen.contains(&name) {
                return Err(NotAllowed);
            }
            seen.push(name);
            match name {
                "archive" => rule.archive_days = days(value, "never")?,
                "keep" => rule.keep_days = days(value, "forever")?,
                "export" => {
                    rule.export = match value {
                        "allow" => ExportRule::Allow,
                        "warn" => ExportRule::Warn,
                        "refuse" => ExportRule::Refuse,
                        _ => return Err(NotAllowed),
                    }
                }
                _ => return Err(NotAllowed),
            }
        }
        if seen.is_empty() {
            return Err(NotAllowed);
        }
        Ok(rule)
    }
}

/// A number of days, at least one, or the word for none.
fn days(text: &str, none: &str) -> Result<Option<u32>, NotAllowed> {
    if text == none {
        return Ok(None);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(days) if is_plain && (1..=36_500).contains(&days) => Ok(Some(days)),
        _ => Err(NotAllowed),
    }
}

impl fmt::Display for VendorRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: archive=", self.vendor)?;
        match self.archive_days {
            Some(days) => write!(formatter, "{days}")?,
            None => formatter.write_str("never")?,
        }
        match self.keep_days {
            Some(days) => write!(formatter, " keep={days}")?,
            None => formatter.write_str(" keep=forever")?,
        }
        formatter.write_str(match self.export {
            ExportRule::Allow => " export=allow",
            ExportRule::Warn => " export=warn",
            ExportRule::Refuse => " export=refuse",
        })
    }
}

impl Setting for VendorRule {
    const TYPE: &'static str = "vendor rule";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        text_of(raw)?.parse()
    }

    fn allowed(_range: &str) -> String {
        "`VENDOR: archive=DAYS|never keep=DAYS|forever export=allow|warn|refuse`, VENDOR as in the store or `*`, at least one of the words"
            .to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_s_own_rule_comes_before_that_of_all_others() {
        let rules: Vec<VendorRule> = ["*: export=allow", "alpaca: keep=30 archive=never"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let alpaca = VendorRule::of(&rules, "alpaca");
        assert_eq!(
            (alpaca.archive_days(), alpaca.keep_days()),
            (None, Some(30))
        );
        assert_eq!(alpaca.export(), ExportRule::Refuse);
        let other = VendorRule::of(&rules, "massive");
        assert_eq!(
            (other.archive_days(), other.export()),
            (Some(365), ExportRule::Allow)
        );
        assert_eq!(VendorRule::of(&[], "massive"), VendorRule::unnamed());
    }

    #[test]
    fn rules_convert_to_text_and_back_and_nothing_else_is_one() {
        for text in [
            "alpaca: archive=90 keep=365 export=refuse",
            "*: archive=never keep=forever export=allow",
        ] {
            assert_eq!(text.parse::<VendorRule>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "alpaca",
            "alpaca:",
            "Alpaca: keep=1",
            "a/b: keep=1",
            "a: keep=0",
            "a: keep=-1",
            "a: keep=+1",
            "a: keep=never",
            "a: archive=forever",
            "a: export=maybe",
            "a: keep=1 keep=2",
            "a: sell=1",
        ] {
            assert_eq!(text.parse::<VendorRule>(), Err(NotAllowed), "{text}");
        }
    }
}
