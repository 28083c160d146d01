//! The layer law, judged: takes a [`Workspace`] and the table, returns every violation.
//!
//! Guarantees: an edge is judged whatever section, platform table or feature declares it and
//! whatever it is renamed to; no rule is skipped because another one failed.

use std::collections::{BTreeSet, VecDeque};

use super::table::{Allowance, Excuse, Layer, Part, Row, is_impure};
use crate::failure::Outcome;
use crate::workspace::{Dependency, EdgeKind, Network, Package, Workspace};

/// Judges the workspace; an empty answer means the law holds.
pub(crate) fn judge(
    workspace: &Workspace,
    table: &[Row],
    allowances: &[Allowance],
    network: Network,
) -> Outcome<Vec<String>> {
    let mut judge = Judge {
        workspace,
        table,
        allowances,
        used: BTreeSet::new(),
        found: Vec::new(),
    };
    judge.rows_and_manifests_agree();
    judge.edges();
    judge.cycles();
    judge.purity(network)?;
    judge.stale_allowances();
    Ok(judge.found)
}

struct Judge<'a> {
    workspace: &'a Workspace,
    table: &'a [Row],
    allowances: &'a [Allowance],
    used: BTreeSet<usize>,
    found: Vec<String>,
}

impl<'a> Judge<'a> {
    fn row(&self, package: &str) -> Option<&'a Row> {
        self.table.iter().find(|row| row.package == package)
    }

    fn excused(&mut self, excuse: Excuse, from: &str, to: &str) -> bool {
        let matching = self
            .allowances
            .iter()
            .position(|a| a.excuse == excuse && a.from == from && a.to == to);
        matching.is_some_and(|index| {
            self.used.insert(index);
            true
        })
    }

    fn rows_and_manifests_agree(&mut self) {
        for (name, package) in &self.workspace.members {
            let Some(row) = self.table.iter().find(|row| row.package == name) else {
                self.found.push(format!(
                    "{name}: unknown crate: give it a row in xtask/src/layers/table.rs"
                ));
                continue;
            };
            match &package.declared.layer {
                None => self.found.push(format!(
                    "{name}: no layer: its manifest lacks `[package.metadata.trader] layer = {}`",
                    row.layer
                )),
                Some(layer) if *layer != row.layer.to_string() => {
                    self.found.push(format!(
                        "{name}: its manifest says layer {layer}, the table says {}",
                        row.layer
                    ));
                }
                Some(_) => {}
            }
            if package.declared.pure != Some(row.pure) {
                self.found.push(format!(
                    "{name}: its manifest must say `pure = {}`, as the table does",
                    row.pure
                ));
            }
        }
        for row in self.table {
            if !self.workspace.members.contains_key(row.package) {
                self.found.push(format!(
                    "{}: stale row: the table names it, the workspace has no such crate",
                    row.package
                ));
            }
        }
    }

    fn edges(&mut self) {
        let members: Vec<&Package> = self.workspace.members.values().collect();
        for package in members {
            let Some(from) = self.row(&package.name) else {
                continue;
            };
            for dependency in &package.dependencies {
                if let Some(to) = self.row(&dependency.package) {
                    self.edge(from, to, dependency);
                }
            }
        }
    }

    fn edge(&mut self, from: &Row, to: &Row, dependency: &Dependency) {
        let edge = format!(
            "{} -> {} ({})",
            from.package,
            to.package,
            dependency.kind.word()
        );
        if matches!(to.part, Part::App | Part::Tool) {
            self.found
                .push(format!("{edge}: nothing depends on a program"));
            return;
        }
        if to.part == Part::Test {
            if dependency.kind != EdgeKind::Dev && !matches!(from.part, Part::Test | Part::Tool) {
                self.found
                    .push(format!("{edge}: test support is for dev-dependencies only"));
            }
            return;
        }
        let adapter_for_app =
            to.part == Part::Adapter && !matches!(from.part, Part::App | Part::Tool);
        if adapter_for_app && !self.excused(Excuse::NamesAdapter, from.package, to.package) {
            self.found
                .push(format!("{edge}: only apps name a concrete adapter"));
        }
        if let (Layer::Number(upper), Layer::Number(lower)) = (from.layer, to.layer) {
            if upper == lower {
                self.found.push(format!(
                    "{edge}: siblings of layer {upper} never see each other"
                ));
            } else if upper < lower {
                self.found.push(format!(
                    "{edge}: an edge points down, this one goes from layer {upper} up to {lower}"
                ));
            }
        }
    }

    /// Cargo refuses cycles of normal edges and accepts those that a dev-dependency closes.
    fn cycles(&mut self) {
        let names: Vec<&str> = self.workspace.members.keys().map(String::as_str).collect();
        for name in names {
            if let Some(path) = self.path_back(name) {
                // Each cycle is found from each of its crates: report it from the first by name.
                if path.iter().min() == path.first() {
                    self.found.push(format!("cycle: {}", path.join(" -> ")));
                }
            }
        }
    }

    /// The shortest way along edges of any kind from a crate back to itself.
    fn path_back(&self, start: &'a str) -> Option<Vec<&'a str>> {
        let mut queue = VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(path) = queue.pop_front() {
            let package = path
                .last()
                .and_then(|name| self.workspace.members.get(*name))?;
            for dependency in &package.dependencies {
                let next = dependency.package.as_str();
                let mut longer = path.clone();
                longer.push(next);
                if next == start {
                    return Some(longer);
                }
                if self.workspace.members.contains_key(next) && seen.insert(next) {
                    queue.push_back(longer);
                }
            }
        }
        None
    }

    fn purity(&mut self, network: Network) -> Outcome {
        let pure = self
            .table
            .iter()
            .filter(|row| row.pure && self.workspace.members.contains_key(row.package));
        for row in pure.collect::<Vec<_>>() {
            let mut seen = BTreeSet::new();
            for way in self.workspace.reach(row.package, network)? {
                let Some(reached) = way.last().filter(|name| is_impure(name)) else {
                    continue;
                };
                if !seen.insert(reached.clone()) {
                    continue;
                }
                if !self.excused(Excuse::Reaches, row.package, reached) {
                    self.found.push(format!(
                        "{}: is pure but reaches {reached}: {}",
                        row.package,
                        way.join(" -> ")
                    ));
                }
            }
        }
        Ok(())
    }

    fn stale_allowances(&mut self) {
        for (index, allowance) in self.allowances.iter().enumerate() {
            if !self.used.contains(&index) {
                self.found.push(format!(
                    "stale allowance: {} -> {} ({:?}) excuses nothing any more: remove it from xtask/src/layers/table.rs",
                    allowance.from, allowance.to, allowance.excuse
                ));
            }
        }
    }
}
