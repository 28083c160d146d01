//! `docs/features.md`: everything the registry holds, as Markdown.
//!
//! Written by `cargo run -p trader-features --example catalogue > docs/features.md`; a test fails
//! when the file no longer matches.

use std::fmt::Write;

use crate::columns::KNOWN;
use crate::graph::FeatureSet;
use crate::parameter::{Domain, Parameter};
use crate::registry::{Build, Cost, Definition, Family, Registry};
use crate::sets::SetCatalogue;

/// The whole catalogue, family by family.
pub fn markdown(registry: &Registry) -> String {
    let mut text = String::from(
        "# Features\n\n\
         Generated from the registry by `cargo run -p trader-features --example catalogue`.\n\n\
         A name is `output_parameter_parameter`, with sources in parentheses where they are not the \
         usual ones: `rsi_14`, `sma_20(volume)`. Reals are written without a point: `094` is 0.94, \
         `2p5` is 2.5. Parameters left out at the end take their defaults. Warm-up is the number of \
         complete rows before the first value, with default parameters.\n",
    );
    formulas(&mut text);
    columns(&mut text);
    let mut families: Vec<Family> = registry.definitions().map(|d| d.family).collect();
    families.sort_unstable();
    families.dedup();
    for family in families {
        let _infallible = write!(text, "\n## {}\n", capitalised(&family.to_string()));
        for definition in registry.definitions().filter(|d| d.family == family) {
            entry(&mut text, registry, definition);
        }
    }
    text
}

/// The columns that need no declaration.
fn columns(text: &mut String) {
    text.push_str("\n## Columns\n\n| name | of one | is |\n|---|---|---|\n");
    for column in KNOWN {
        let _infallible = writeln!(
            text,
            "| `{}` | {} | {} |",
            column.name, column.source, column.meaning
        );
    }
}

/// How features are combined, and the sets that are built in.
fn formulas(text: &mut String) {
    text.push_str(
        "\n## Formulas and sets\n\n\
         A line of a set is a feature (`rsi_14`), an expression (`close / sma_200 - 1`), or either with a \
         name (`hot = rsi_14 > 70`), by which the lines below it may read it (`sma_20(spread)`). \
         Expressions have `+ - * /`, `abs(x)`, `min(x, y)`, `max(x, y)`, `< <= > >= == !=`, `and`, `or`, \
         `not` and parentheses. A condition is 1 or 0, or missing where what is known does not decide it. \
         What lines share is computed once.\n\n\
         A set is `name@version: line; line` in the setting `features.sets`; its content never changes \
         under one version. Built in:\n\n",
    );
    for set in SetCatalogue::standard().iter() {
        let _infallible = writeln!(text, "- `{set}`: `{}`", set.formulas().join("; "));
    }
}

fn entry(text: &mut String, registry: &Registry, definition: &Definition) {
    let _infallible = write!(
        text,
        "\n### {}\n\n{}\n\n- outputs: {}\n- parameters: {}\n- inputs: {}\n- warm-up: {}; cost: {}\n\
         - convention: {}\n",
        definition.name,
        definition.description,
        quoted(definition.outputs),
        parameters(definition.parameters),
        quoted(definition.inputs),
        warm_up(registry, definition),
        definition.cost,
        definition.convention,
    );
}

fn quoted(names: &[&str]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Parameters with meaning, range and default, in words.
pub fn parameters(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return "none".to_owned();
    }
    let describe = |parameter: &Parameter| {
        let domain = match parameter.domain {
            Domain::Integer { min, max, default } => format!("{min} to {max}, default {default}"),
            Domain::Real { min, max, default } => format!("{min} to {max}, default {default}"),
            Domain::Choice(words) => {
                format!(
                    "{}, default {}",
                    words.join(" or "),
                    words.first().unwrap_or(&"")
                )
            }
        };
        format!("`{}` ({}; {domain})", parameter.name, parameter.meaning)
    };
    parameters
        .iter()
        .map(describe)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Rows before the first value with default parameters, of all outputs; "per moment" or "per item" for what is not computed from columns.
pub fn warm_up(registry: &Registry, definition: &Definition) -> String {
    match definition.build {
        Build::CrossSection(_) => {
            return match definition.cost {
                Cost::Linear if definition.parameters.iter().any(|p| p.name == "length") => {
                    "`length` moments at which all symbols have a value".to_owned()
                }
                _ => "none, all symbols at one moment".to_owned(),
            };
        }
        Build::AsOf(_) => return "none, from what was received before the close".to_owned(),
        Build::Items => return "none, from timestamped items".to_owned(),
        Build::Series(_) => {}
    }
    match FeatureSet::new(registry, definition.outputs) {
        Ok(set) => {
            let mut rows: Vec<usize> = set.features().iter().map(|f| f.warm_up).collect();
            rows.dedup();
            rows.iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        }
        Err(error) => error.to_string(),
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
