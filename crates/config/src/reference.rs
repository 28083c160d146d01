//! Documents made from the schema: reference, default file, list of variables.
//!
//! `cargo xtask docs` writes them; a test fails when one of them differs from the schema.

use crate::key::{KeySpec, SectionSpec};
use crate::renames::RENAMES;
use crate::schema;
use crate::variables::{ALLOWED_REFERENCES, PREFIX, variable_of_key};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Path from the root of the repository.
    pub path: &'static str,
    /// Whole content.
    pub content: String,
}

/// Every generated file of this crate.
pub fn documents() -> Vec<Document> {
    vec![
        Document {
            path: "docs/configuration.md",
            content: reference(),
        },
        Document {
            path: "config/default.toml",
            content: default_file(),
        },
        Document {
            path: ".env.example",
            content: variables_file(),
        },
    ]
}

const INTRODUCTION: &str = "\
# Configuration reference

Generated from the schema in `crates/config/src/schema`; `cargo xtask docs` writes it.

Values come from these layers, lowest first: built-in defaults, `config/default.toml`,
`config/ENVIRONMENT.toml`, the file named on the command line, environment variables, `key=value`
overrides on the command line. `--print-config` shows the merged result with the origin of each
value. Unknown keys, wrong types, values out of range and contradictions stop the start; all of them
are listed at once.

- **Variables.** `risk.positions` is set by `AI_TRADER_RISK__POSITIONS`: prefix, upper case, two
  underscores between levels. Lists are separated by commas.
- **References.** A value in a file may be `\"${NAME}\"`, whole, for the names listed at the end. The
  variable must be set, and its text is checked like any other value.
- **Secrets** are never written into a file or onto a command line. They come from their variable, from
  `\"${NAME}\"`, from a file that others may not read (`KEY = { file = \"PATH\" }`) or from a command
  (`KEY = { command = [\"PROGRAM\", \"ARGUMENT\"] }`).
- **Decimals** are exact. They may be written as numbers or in quotation marks.
- **Changes.** Each key says whether it may change while running. A limit may only be tightened.
";

fn reference() -> String {
    let mut out = INTRODUCTION.to_owned();
    for section in schema::sections() {
        let title = if section.path.is_empty() {
            "Top level"
        } else {
            section.path.trim_end_matches('.')
        };
        out.push_str(&format!("\n## {title}\n\n{}\n\n", sentence(section.doc)));
        out.push_str(
            "| key | default | allowed | unit | changes | meaning |\n|---|---|---|---|---|---|\n",
        );
        for spec in section.keys {
            out.push_str(&row(spec, section));
        }
    }
    out.push_str("\n## Variables that files may reference\n\n");
    out.push_str(
        &ALLOWED_REFERENCES
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    );
    out.push_str(
        "\n\n## Renamed keys\n\nThese still work, with a warning, until the version named.\n\n",
    );
    out.push_str("| old | new | until |\n|---|---|---|\n");
    for rename in RENAMES {
        out.push_str(&format!(
            "| `{}` | `{}` | 0.{} |\n",
            rename.old, rename.new, rename.removed_in_minor
        ));
    }
    out
}

fn row(spec: &KeySpec, section: &SectionSpec) -> String {
    let name = spec.key.strip_prefix(section.path).unwrap_or(spec.key);
    let default = match (spec.default_toml(), spec.secret) {
        (Some(text), _) => format!("`{text}`"),
        (None, true) => "secret".to_owned(),
        (None, false) => "not set".to_owned(),
    };
    let cells = [
        format!("`{name}`"),
        default,
        spec.allowed(),
        spec.unit.to_owned(),
        spec.reload.describe().to_owned(),
        sentence(spec.doc),
    ];
    format!(
        "| {} |\n",
        cells.map(|cell| cell.replace('|', "\\|")).join(" | ")
    )
}

/// Document text without the blanks that comment lines begin with.
fn sentence(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn default_file() -> String {
    let mut out = "\
# The default of every key. Generated from the schema by `cargo xtask docs`; docs/configuration.md
# explains layers, variables and secrets. A copy is compiled into each program.
"
    .to_owned();
    for section in schema::sections() {
        out.push('\n');
        push_comment(&mut out, &sentence(section.doc));
        if !section.path.is_empty() {
            out.push_str(&format!("[{}]\n", section.path.trim_end_matches('.')));
        }
        for spec in section.keys {
            push_comment(&mut out, &explained(spec));
            let name = spec.key.strip_prefix(section.path).unwrap_or(spec.key);
            match spec.default_toml() {
                Some(text) => out.push_str(&format!("{name} = {text}\n")),
                None => out.push_str(&format!("# {name} is not set\n")),
            }
        }
    }
    out
}

/// Meaning, allowed values and unit in one sentence.
fn explained(spec: &KeySpec) -> String {
    let unit = if spec.unit.is_empty() {
        String::new()
    } else {
        format!(", {}", spec.unit)
    };
    format!("{} Allowed: {}{unit}.", sentence(spec.doc), spec.allowed())
}

fn variables_file() -> String {
    let mut out = format!(
        "\
# Every variable that the programs read. Copy what you need to `.env` (never committed), take the
# comment sign away and load it with your shell or service manager. Generated by `cargo xtask docs`.
# Variables beginning with {PREFIX} that are not listed here are errors.

# --- Secrets -------------------------------------------------------------------------------------
"
    );
    for spec in schema::keys().filter(|spec| spec.secret) {
        push_comment(&mut out, &sentence(spec.doc));
        let variable = variable_of_key(spec.key);
        out.push_str(&format!("# {variable}=\n# {variable}__FILE=\n"));
    }
    out.push_str("\n# --- Names that configuration files may reference as ${NAME} ");
    out.push_str("---------------------------------------\n");
    for name in ALLOWED_REFERENCES {
        out.push_str(&format!("# {name}=\n"));
    }
    for section in schema::sections() {
        let title = sentence(section.doc);
        out.push_str(&format!("\n# --- {title}\n"));
        for spec in section.keys.iter().filter(|spec| !spec.secret) {
            push_comment(&mut out, &explained(spec));
            let default = spec.default.unwrap_or_default();
            out.push_str(&format!("# {}={default}\n", variable_of_key(spec.key)));
        }
    }
    out
}

/// Widest comment line, in characters.
const WIDTH: usize = 100;

/// `text` as comment lines.
fn push_comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}
