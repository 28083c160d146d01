//! Named, versioned lists of formulas: what a model was trained on and what a store holds.
//!
//! A set is `name@version`; its content never changes under one version. [`SetCatalogue`] holds the
//! built-in ones and those of a configuration, written `name@version: formula; formula`.

use std::fmt;

use crate::error::FeatureError;
use crate::formula::Formula;
use crate::graph::FeatureSet;
use crate::registry::{Registry, edit_distance};

/// A named list of formulas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDefinition {
    name: String,
    version: u32,
    formulas: Vec<String>,
}

/// Built-in sets, by name and version.
const STANDARD: &[(&str, u32, &[&str])] = &[
    (
        "basic",
        1,
        &[
            "return_1 = roc_1 / 100",
            "return_5 = roc_5 / 100",
            "return_20 = roc_20 / 100",
            "volatility_20 = stddev_20(roc_1) / 100",
            "rsi_14",
            "above_sma_50 = close / sma_50 - 1",
            "above_sma_200 = close / sma_200 - 1",
        ],
    ),
    (
        "trend",
        1,
        &[
            "sma_20",
            "sma_50",
            "sma_200",
            "ema_12",
            "ema_26",
            "macd_12_26_9",
            "macd_hist_12_26_9",
            "adx_14",
            "golden_cross = sma_50 > sma_200",
        ],
    ),
    (
        "momentum",
        1,
        &[
            "rsi_14",
            "stoch_k_14_3_3",
            "willr_14",
            "cci_20",
            "roc_10",
            "mom_10",
        ],
    ),
    (
        "volatility",
        1,
        &[
            "atr_14",
            "natr_14",
            "bb_bandwidth_20_2",
            "bb_pctb_20_2",
            "parkinson_20",
            "yang_zhang_20",
        ],
    ),
];

impl SetDefinition {
    /// Reads `name@version: formula; formula`. The formulas themselves are read by
    /// [`SetDefinition::build`].
    ///
    /// # Errors
    /// [`FeatureError::MalformedSet`].
    pub fn parse(text: &str) -> Result<Self, FeatureError> {
        let malformed = |reason: &str| FeatureError::MalformedSet {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let (head, body) = text
            .split_once(':')
            .ok_or_else(|| malformed("write it as name@version: formula; formula"))?;
        let (name, version) = head
            .trim()
            .split_once('@')
            .ok_or_else(|| malformed("the version is missing; write name@1: ..."))?;
        let version: u32 = version
            .parse()
            .ok()
            .filter(|version| *version > 0)
            .ok_or_else(|| malformed("the version must be a whole number from 1"))?;
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(malformed("the name must be 1 to 64 of a-z, 0-9, - and _"));
        }
        let formulas: Vec<String> = body
            .split(';')
            .map(|formula| formula.trim().to_owned())
            .filter(|formula| !formula.is_empty())
            .collect();
        if formulas.is_empty() {
            return Err(malformed("it has no formulas"));
        }
        Ok(Self {
            name: name.to_owned(),
            version,
            formulas,
        })
    }

    /// A set without a name, from formulas given one by one; `adhoc@1`.
    pub fn adhoc(formulas: Vec<String>) -> Self {
        Self {
            name: "adhoc".to_owned(),
            version: 1,
            formulas,
        }
    }

    /// Its name without the version.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Its formulas as written.
    pub fn formulas(&self) -> &[String] {
        &self.formulas
    }

    /// The set as one computation over the known columns and `own_columns`.
    ///
    /// # Errors
    /// As [`FeatureSet::from_formulas`].
    pub fn build(
        &self,
        registry: &Registry,
        own_columns: &[&str],
    ) -> Result<FeatureSet, FeatureError> {
        FeatureSet::from_formulas(registry, &self.formulas, own_columns)
    }

    /// The formulas in canonical spelling, one a line: equal for sets that give the same columns.
    ///
    /// # Errors
    /// As [`FeatureSet::from_formulas`].
    pub fn canonical(
        &self,
        registry: &Registry,
        own_columns: &[&str],
    ) -> Result<String, FeatureError> {
        let mut known: Vec<String> = own_columns.iter().map(|name| (*name).to_owned()).collect();
        let mut lines = Vec::with_capacity(self.formulas.len());
        for text in &self.formulas {
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            let formula = Formula::parse(text, registry, &names)?;
            lines.push(formula.canonical());
            known.push(formula.name().to_owned());
        }
        Ok(lines.join("\n"))
    }
}

impl fmt::Display for SetDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// All sets that can be named.
#[derive(Debug, Clone)]
pub struct SetCatalogue {
    sets: Vec<SetDefinition>,
}

impl SetCatalogue {
    /// The built-in sets.
    pub fn standard() -> Self {
        let sets = STANDARD
            .iter()
            .map(|(name, version, formulas)| SetDefinition {
                name: (*name).to_owned(),
                version: *version,
                formulas: formulas.iter().map(|text| (*text).to_owned()).collect(),
            });
        Self {
            sets: sets.collect(),
        }
    }

    /// Adds a set.
    ///
    /// # Errors
    /// [`FeatureError::MalformedSet`] when its name and version are taken.
    pub fn add(&mut self, set: SetDefinition) -> Result<(), FeatureError> {
        if self
            .sets
            .iter()
            .any(|one| one.to_string() == set.to_string())
        {
            return Err(FeatureError::MalformedSet {
                text: set.to_string(),
                reason: "there is such a set already; give the changed one the next version"
                    .to_owned(),
            });
        }
        self.sets.push(set);
        Ok(())
    }

    /// All sets, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &SetDefinition> {
        self.sets.iter()
    }

    /// The set `name@version`, or the newest version of `name`.
    ///
    /// # Errors
    /// [`FeatureError::UnknownSet`] with the nearest name or the versions there are.
    pub fn find(&self, name: &str) -> Result<&SetDefinition, FeatureError> {
        let (base, version) = match name.split_once('@') {
            Some((base, version)) => (base, Some(version)),
            None => (name, None),
        };
        let same_name = self.sets.iter().filter(|set| set.name == base);
        let found = match version {
            Some(version) => same_name
                .clone()
                .find(|set| set.version.to_string() == version),
            None => same_name.clone().max_by_key(|set| set.version),
        };
        found.ok_or_else(|| {
            let versions: Vec<String> = same_name.map(ToString::to_string).collect();
            FeatureError::UnknownSet {
                name: name.to_owned(),
                known: if versions.is_empty() {
                    self.nearest(base)
                } else {
                    versions.join(", ")
                },
            }
        })
    }

    /// The closest name, or all of them when none is close.
    fn nearest(&self, name: &str) -> String {
        let close = self
            .sets
            .iter()
            .map(|set| (edit_distance(name, &set.name), set))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, _)| *distance <= 1.max(name.chars().count() / 3));
        match close {
            Some((_, set)) => set.to_string(),
            None => {
                let all: Vec<String> = self.sets.iter().map(ToString::to_string).collect();
                all.join(", ")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_set_builds() {
        for set in SetCatalogue::standard().iter() {
            let built = set.build(Registry::standard(), &[]);
            assert!(built.is_ok(), "{set}: {built:?}");
        }
    }

    #[test]
    fn a_set_is_found_by_name_or_by_version() {
        let mut sets = SetCatalogue::standard();
        sets.add(SetDefinition::parse("mine@2: rsi_14").unwrap())
            .unwrap();
        sets.add(SetDefinition::parse("mine@1: rsi_7; x = rsi_14 > 70").unwrap())
            .unwrap();
        assert_eq!(sets.find("mine").unwrap().to_string(), "mine@2");
        assert_eq!(sets.find("mine@1").unwrap().formulas().len(), 2);
        let text = |name: &str| sets.find(name).unwrap_err().to_string();
        assert!(
            text("mine@3").contains("mine@2, mine@1"),
            "{}",
            text("mine@3")
        );
        assert!(text("trnd").contains("trend@1"), "{}", text("trnd"));
        let again = sets.add(SetDefinition::parse("mine@1: rsi_7").unwrap());
        assert!(again.is_err());
    }

    #[test]
    fn a_malformed_set_is_explained() {
        for text in [
            "",
            "mine",
            "mine@1",
            "mine: rsi_14",
            "mine@0: rsi_14",
            "Mine@1: rsi_14",
            "mine@1: ;",
        ] {
            assert!(
                matches!(
                    SetDefinition::parse(text),
                    Err(FeatureError::MalformedSet { .. })
                ),
                "{text}"
            );
        }
    }
}
