//! What every crate keeps: a root file, the common lints, one integration-test binary, and no
//! dependency that nothing uses.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::TextFile;
use super::mentions;
use crate::workspace::{Package, Workspace};

/// Judges every crate of the workspace.
pub(crate) fn judge(workspace: &Workspace, files: &[TextFile]) -> Vec<String> {
    let mut found = Vec::new();
    for package in workspace.members.values() {
        let folder = relative(&workspace.root, &package.folder);
        let nested: Vec<String> = workspace
            .members
            .values()
            .map(|other| format!("{}/", relative(&workspace.root, &other.folder)))
            .filter(|other| {
                other.starts_with(&format!("{folder}/")) && *other != format!("{folder}/")
            })
            .collect();
        let own: Vec<&TextFile> = files
            .iter()
            .filter(|file| file.path.starts_with(&format!("{folder}/")))
            .filter(|file| !nested.iter().any(|other| file.path.starts_with(other)))
            .collect();
        root_file(package, &folder, &own, &mut found);
        common_lints(&folder, &own, &mut found);
        one_test_binary(package, &folder, &mut found);
        used_dependencies(package, &own, &mut found);
    }
    workspace_dependencies(files, &mut found);
    found
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

fn root_file(package: &Package, folder: &str, own: &[&TextFile], found: &mut Vec<String>) {
    let roots = [
        format!("{folder}/src/lib.rs"),
        format!("{folder}/src/main.rs"),
    ];
    if !own.iter().any(|file| roots.contains(&file.path)) {
        found.push(format!(
            "{}: neither src/lib.rs nor src/main.rs is there",
            package.name
        ));
    }
}

fn common_lints(folder: &str, own: &[&TextFile], found: &mut Vec<String>) {
    let manifest = format!("{folder}/Cargo.toml");
    let keeps = own
        .iter()
        .any(|file| file.path == manifest && file.text.contains("[lints]\nworkspace = true"));
    if !keeps {
        found.push(format!("{manifest}: lacks `[lints] workspace = true`"));
    }
}

/// Test binaries that need a process of their own, because they replace what is global in one.
const OWN_PROCESS: [&str; 1] = [
    "allocations", // counts every allocation of the process
];

/// Each binary is linked anew: one per crate keeps the test build fast.
fn one_test_binary(package: &Package, folder: &str, found: &mut Vec<String>) {
    let tests: Vec<&str> = package
        .targets
        .iter()
        .filter(|target| target.kind == "test" && !OWN_PROCESS.contains(&target.name.as_str()))
        .map(|target| target.name.as_str())
        .collect();
    if tests.len() > 1 {
        found.push(format!(
            "{folder}/tests: {} binaries ({}): make them modules of tests/it/main.rs",
            tests.len(),
            tests.join(", ")
        ));
    }
}

fn used_dependencies(package: &Package, own: &[&TextFile], found: &mut Vec<String>) {
    for dependency in &package.dependencies {
        let used = own
            .iter()
            .filter(|file| file.is("rs"))
            .any(|file| mentions(&file.text, &dependency.ident));
        if !used {
            found.push(format!(
                "{}: depends on `{}` and never names it",
                package.name, dependency.package
            ));
        }
    }
}

/// Every `[workspace.dependencies]` entry is inherited by some crate.
fn workspace_dependencies(files: &[TextFile], found: &mut Vec<String>) {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else {
        found.push("Cargo.toml: not found".into());
        return;
    };
    let manifests: Vec<&TextFile> = files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"))
        .collect();
    let inherited: BTreeSet<&str> = manifests
        .iter()
        .flat_map(|file| file.text.lines())
        .filter_map(inherits)
        .collect();
    for entry in entries(&root.text, "[workspace.dependencies]") {
        if !inherited.contains(entry) {
            found.push(format!(
                "Cargo.toml: `{entry}` in [workspace.dependencies] is used by no crate"
            ));
        }
    }
}

/// The name in `name.workspace = true` or `name = { workspace = true, ... }`.
fn inherits(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once([' ', '.', '='])?;
    rest.contains("workspace = true").then_some(name)
}

/// The keys of one section of a manifest.
fn entries<'a>(manifest: &'a str, section: &str) -> Vec<&'a str> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != section)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_dependency_that_no_crate_inherits_is_found() {
        let files = [
            TextFile {
                path: "Cargo.toml".into(),
                text: "[workspace.dependencies]\n# why\na = \"1\"\nb = { version = \"1\" }\nc = \"1\"\n[profile.dev]\n".into(),
            },
            TextFile {
                path: "crates/x/Cargo.toml".into(),
                text: "[dependencies]\na.workspace = true\nb = { workspace = true, optional = true }\n".into(),
            },
        ];
        let mut found = Vec::new();
        workspace_dependencies(&files, &mut found);
        assert_eq!(
            found,
            ["Cargo.toml: `c` in [workspace.dependencies] is used by no crate"]
        );
    }
}
