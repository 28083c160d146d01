//! What vendors' rules say to an export, asked before anything is written, and the record of what they said.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use trader_config::value::{ExportRule, VendorRule};

use crate::failure::Failure;
use crate::output;

/// Beside the exported files: a line for each vendor and export.
const DECISIONS: &str = "export-decisions.jsonl";

/// Why data of a vendor left.
#[derive(Debug, Serialize)]
struct Decision<'a> {
    at: String,
    vendor: &'a str,
    rule: String,
    what: &'a str,
}

/// Asks the rule of every vendor. One that has none is refused: nobody has said that its licence allows an export.
pub(crate) fn ask(vendors: &BTreeSet<&str>, rules: &[VendorRule]) -> Result<(), Failure> {
    for vendor in vendors {
        match VendorRule::of(rules, vendor).export() {
            ExportRule::Allow => {}
            ExportRule::Warn => tracing::warn!(
                vendor,
                "the files name their vendor; pass them on only if its licence allows it (store.vendors says so with export=allow)"
            ),
            ExportRule::Refuse => {
                return Err(Failure::Licence(format!(
                    "store.vendors refuses exports of {vendor}; leave it out with --vendor, or if the licence allows it set a \
                     rule: `{vendor}: export=allow` (vendors without a rule are refused)"
                )));
            }
        }
    }
    Ok(())
}

/// Notes beside the files which rules let them leave.
pub(crate) fn note(
    folder: &Path,
    vendors: &BTreeSet<&str>,
    rules: &[VendorRule],
    what: &str,
) -> Result<(), Failure> {
    let path = folder.join(DECISIONS);
    let failed = |source| Failure::File {
        path: path.display().to_string(),
        action: "noting the decision",
        source,
    };
    let mut text = String::new();
    for vendor in vendors {
        let decision = Decision {
            at: output::now().to_string(),
            vendor,
            rule: VendorRule::of(rules, vendor).to_string(),
            what,
        };
        let line = serde_json::to_string(&decision).map_err(|error| failed(error.into()))?;
        text.push_str(&line);
        text.push('\n');
        tracing::info!(vendor, rule = decision.rule, what, "exported");
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(failed)
}
