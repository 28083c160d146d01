//! How names and expressions become the parts of a panel: features of each symbol, comparisons of all
//! symbols over them, and expressions over both.

use crate::columns::is_column;
use crate::cross_section::CrossSection;
use crate::error::FeatureError;
use crate::formula::{Formula, Rule};
use crate::graph::FeatureSet;
use crate::registry::{Build, MAX_DEPTH, Registry};

use super::{Panel, PanelFeature};

/// Where a part of a panel reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The symbol's own feature of that number.
    Own(usize),
    /// A column of the row.
    Column(usize),
    /// The output of that number, of all nodes.
    Across(usize),
}

/// What a node does.
pub(super) enum Work {
    /// Compares the values of all symbols.
    Compare(Box<dyn CrossSection>),
    /// Evaluates an expression, symbol by symbol.
    Evaluate(Rule),
}

impl Work {
    /// The same before its first moment.
    pub(super) fn fresh(&self) -> Self {
        match self {
            Self::Compare(calculator) => Self::Compare(calculator.fresh()),
            Self::Evaluate(rule) => Self::Evaluate(rule.clone()),
        }
    }
}

/// A comparison or an expression, with where it reads.
pub(super) struct Node {
    pub(super) name: String,
    /// One for a comparison, one per input for an expression.
    pub(super) sources: Vec<Place>,
    pub(super) first: usize,
    pub(super) outputs: usize,
    pub(super) work: Work,
}

/// A panel being put together.
pub(super) struct Design<'r> {
    registry: &'r Registry,
    own_columns: &'r [&'r str],
    /// Features of each symbol: names, and what is written for the set to read.
    own: Vec<(String, String)>,
    columns: Vec<String>,
    nodes: Vec<Node>,
    outputs: usize,
    /// Formulas so far, by name.
    formulas: Vec<(String, Place)>,
}

impl<'r> Design<'r> {
    pub(super) fn new(registry: &'r Registry, own_columns: &'r [&'r str]) -> Self {
        Self {
            registry,
            own_columns,
            own: Vec::new(),
            columns: Vec::new(),
            nodes: Vec::new(),
            outputs: 0,
            formulas: Vec::new(),
        }
    }

    /// Adds a formula.
    pub(super) fn formula(&mut self, text: &str) -> Result<PanelFeature, FeatureError> {
        let mut known = self.own_columns.to_vec();
        known.extend(self.formulas.iter().map(|(name, _)| name.as_str()));
        let formula = Formula::parse(text, self.registry, &known)?;
        let name = formula.name().to_owned();
        if self.formulas.iter().any(|(earlier, _)| *earlier == name) {
            return Err(FeatureError::MalformedName {
                name,
                reason: "is given twice in one set".to_owned(),
            });
        }
        let expression = formula.expression();
        let mut compares = false;
        for input in expression.inputs() {
            compares |= self.compares(input, 0)?;
        }
        let place = match expression.lone_input() {
            _ if !compares => Place::Own(self.own(&name, text)),
            Some(input) => self.place(input, 0)?,
            None => {
                let sources = expression
                    .inputs()
                    .iter()
                    .map(|input| self.place(input, 0))
                    .collect::<Result<Vec<_>, _>>()?;
                let rule = Work::Evaluate(Rule::new(expression.clone()));
                // No feature's name begins with `=`.
                let key = format!("={}", expression.canonical());
                Place::Across(self.node(key, sources, 1, rule))
            }
        };
        self.formulas.push((name.clone(), place));
        Ok(PanelFeature { name, place })
    }

    /// Whether a value depends on other symbols of the moment.
    fn compares(&self, name: &str, depth: usize) -> Result<bool, FeatureError> {
        check_depth(name, depth)?;
        if let Some((_, place)) = self.formulas.iter().find(|(own, _)| own == name) {
            return Ok(matches!(place, Place::Across(_)));
        }
        if is_column(name, self.own_columns) {
            return Ok(false);
        }
        let resolved = self.registry.resolve(name)?;
        if matches!(resolved.definition.build, Build::CrossSection(_)) {
            return Ok(true);
        }
        for source in resolved.arguments.sources() {
            if self.compares(source, depth + 1)? {
                return Err(FeatureError::MalformedName {
                    name: name.to_owned(),
                    reason: format!(
                        "features over rows cannot read `{source}`, which compares symbols; compare \
                         the feature over rows instead: cs_rank(sma_20(ret_5))"
                    ),
                });
            }
        }
        Ok(false)
    }

    fn place(&mut self, name: &str, depth: usize) -> Result<Place, FeatureError> {
        check_depth(name, depth)?;
        if let Some((_, place)) = self.formulas.iter().find(|(own, _)| own == name) {
            return Ok(*place);
        }
        if is_column(name, self.own_columns) {
            return Ok(Place::Column(position(&mut self.columns, name)));
        }
        let resolved = self.registry.resolve(name)?;
        let Build::CrossSection(build) = resolved.definition.build else {
            // Says what is wrong with one that reads a comparison.
            self.compares(name, depth)?;
            let canonical = resolved.name_of(resolved.output);
            return Ok(Place::Own(self.own(&canonical, &canonical)));
        };
        let key = resolved.calculator_name();
        if let Some(node) = self.nodes.iter().find(|node| node.name == key) {
            return Ok(Place::Across(node.first + resolved.output));
        }
        let [source] = resolved.arguments.sources() else {
            return Err(FeatureError::Arity {
                what: "inputs",
                expected: 1,
                found: resolved.arguments.sources().len(),
            });
        };
        let source = self.place(source, depth + 1)?;
        let calculator = build(&resolved.arguments)?;
        let outputs = calculator.outputs();
        let first = self.node(key, vec![source], outputs, Work::Compare(calculator));
        Ok(Place::Across(first + resolved.output))
    }

    /// The number of a feature of each symbol, added if it is new.
    fn own(&mut self, name: &str, text: &str) -> usize {
        let known = self.own.iter().position(|(known, _)| known == name);
        known.unwrap_or_else(|| {
            self.own.push((name.to_owned(), text.to_owned()));
            self.own.len() - 1
        })
    }

    /// Adds a node, or finds it; gives its first output.
    fn node(&mut self, name: String, sources: Vec<Place>, outputs: usize, work: Work) -> usize {
        if let Some(node) = self.nodes.iter().find(|node| node.name == name) {
            return node.first;
        }
        let first = self.outputs;
        self.outputs += outputs;
        self.nodes.push(Node {
            name,
            sources,
            first,
            outputs,
            work,
        });
        first
    }

    /// The panel over as many symbols as there are groups.
    pub(super) fn panel(
        mut self,
        groups: &[u32],
        mut features: Vec<PanelFeature>,
    ) -> Result<Panel, FeatureError> {
        let texts: Vec<&str> = self.own.iter().map(|(_, text)| text.as_str()).collect();
        let set = || FeatureSet::from_formulas(self.registry, &texts, self.own_columns);
        let template = set()?;
        let sets = groups
            .iter()
            .map(|_| set())
            .collect::<Result<Vec<_>, _>>()?;
        let mut inputs: Vec<String> = template.inputs().map(str::to_owned).collect();
        // Columns that only the comparison reads come after those of the features.
        let columns: Vec<usize> = self
            .columns
            .iter()
            .map(|column| position(&mut inputs, column))
            .collect();
        let settle = |place: &mut Place| {
            if let Place::Column(at) = place {
                *at = columns.get(*at).copied().unwrap_or(*at);
            }
        };
        let sources = self.nodes.iter_mut().flat_map(|node| &mut node.sources);
        sources.for_each(settle);
        features.iter_mut().for_each(|one| settle(&mut one.place));
        let symbols = groups.len();
        Ok(Panel {
            groups: groups.to_vec(),
            template,
            sets,
            rows: vec![vec![f64::NAN; inputs.len()]; symbols],
            inputs,
            across: vec![f64::NAN; self.outputs * symbols],
            values: vec![f64::NAN; features.len() * symbols],
            here: vec![false; symbols],
            nodes: self.nodes,
            features,
        })
    }
}

fn check_depth(name: &str, depth: usize) -> Result<(), FeatureError> {
    if depth > MAX_DEPTH {
        return Err(FeatureError::TooDeep {
            name: name.to_owned(),
            limit: MAX_DEPTH,
        });
    }
    Ok(())
}

/// The position of `name`, added if it is new.
fn position(names: &mut Vec<String>, name: &str) -> usize {
    let known = names.iter().position(|known| known == name);
    known.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}
