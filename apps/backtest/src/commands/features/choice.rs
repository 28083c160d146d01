//! Which features: sets by name, features and expressions one by one.

use trader_config::schema::Config;
use trader_feature_store::StoreError;
use trader_features::{SetCatalogue, SetDefinition};

use crate::cli::ChosenArgs;
use crate::failure::Failure;

/// The built-in and the configured sets.
pub(crate) fn catalogue(config: &Config) -> Result<SetCatalogue, Failure> {
    let mut sets = SetCatalogue::standard();
    for text in &config.features.sets {
        SetDefinition::parse(text.as_str())
            .and_then(|set| sets.add(set))
            .map_err(|error| Failure::FeatureSetting(error.to_string()))?;
    }
    Ok(sets)
}

/// What the arguments choose, as one set: a lone named set keeps its name and version.
pub(super) fn chosen(args: &ChosenArgs, config: &Config) -> Result<SetDefinition, Failure> {
    let known = catalogue(config)?;
    let mut sets = Vec::with_capacity(args.sets.len());
    for name in &args.sets {
        sets.push(known.find(name).map_err(StoreError::from)?);
    }
    match sets.as_slice() {
        [] if args.features.is_empty() => Err(Failure::Usage(
            "which features? name a set with --set (`backtest list feature-sets`) or features with \
             --feature (`backtest list features`)"
                .to_owned(),
        )),
        [set] if args.features.is_empty() => Ok((*set).clone()),
        _ => {
            let mut formulas: Vec<String> = Vec::new();
            let listed = sets.iter().flat_map(|set| set.formulas());
            for formula in listed.chain(&args.features) {
                if !formulas.contains(formula) {
                    formulas.push(formula.clone());
                }
            }
            Ok(SetDefinition::adhoc(formulas))
        }
    }
}
