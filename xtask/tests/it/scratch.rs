//! A copy of the workspace's manifests with empty sources, to plant violations in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The copy; gone when dropped.
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// Copies every manifest, the lock file and the generated graph; each target gets an empty source.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Self { folder };
        let project = project();
        for file in [
            "Cargo.toml",
            "Cargo.lock",
            "docs/crate-graph.md",
            "rust-toolchain.toml",
        ] {
            scratch.write(file, &fs::read_to_string(project.join(file)).unwrap());
        }
        for target in targets(&project) {
            if target.ends_with("Cargo.toml") {
                scratch.write(&target, &fs::read_to_string(project.join(&target)).unwrap());
            } else {
                scratch.write(&target, "fn main() {}\n");
            }
        }
        scratch
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Writes a file of the copy.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds lines at the end of a file of the copy.
    pub(crate) fn append(&self, file: &str, text: &str) {
        let old = fs::read_to_string(self.root().join(file)).unwrap();
        self.write(file, &format!("{old}\n{text}\n"));
    }

    /// Replaces text in a file of the copy; it must be there.
    pub(crate) fn replace(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.root().join(file)).unwrap();
        assert!(text.contains(old), "{file} holds no `{old}`:\n{text}");
        self.write(file, &text.replace(old, new));
    }

    /// Makes a package outside the workspace, as a registry would deliver it, with these dependencies.
    pub(crate) fn third_party(&self, name: &str, dependencies: &str) {
        let folder = self.folder.path().join("third-party").join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"9.9.9\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependencies}\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("src/lib.rs"), "").unwrap();
    }

    /// Runs `cargo xtask layers` on the copy, without network; what it says, and whether it passed.
    pub(crate) fn layers(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["layers", "--offline", "--root"])
            .arg(self.root())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Asserts that the check fails and says this.
    pub(crate) fn fails_with(&self, wanted: &str) {
        let (passed, said) = self.layers();
        assert!(!passed, "the check passed, wanted: {wanted}");
        assert!(said.contains(wanted), "wanted: {wanted}\nsaid: {said}");
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// Every member's manifest and the root source of each of its targets, from the project's folder.
fn targets(project: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(project)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut files = Vec::new();
    for package in answer["packages"].as_array().unwrap() {
        files.push(package["manifest_path"].as_str().unwrap());
        files.extend(
            package["targets"]
                .as_array()
                .unwrap()
                .iter()
                .map(|target| target["src_path"].as_str().unwrap()),
        );
    }
    files
        .into_iter()
        .map(|file| {
            Path::new(file)
                .strip_prefix(project)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}
