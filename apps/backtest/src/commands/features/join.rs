//! `backtest features join`: tables of features onto one, as of its times.

use std::path::{Path, PathBuf};

use serde::Serialize;
use trader_config::value::Span;
use trader_feature_store::{MemoryBudget, Side, Target};
use trader_storage::TableReader;

use super::export::{existing, format_of};
use super::{configuration, show};
use crate::cli::JoinArgs;
use crate::failure::Failure;
use crate::output;
use crate::progress::{Progress, watch_interrupts};

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Serialize)]
struct Summary {
    rows: u64,
    columns: Vec<String>,
    joined: Vec<Matched>,
    out: String,
    out_fingerprint: String,
}

#[derive(Serialize)]
struct Matched {
    file: String,
    matched_rows: u64,
}

/// A table to join, as named.
struct Named {
    prefix: Option<String>,
    path: PathBuf,
    max_age: Option<i64>,
}

/// Joins, writes, and says what was done.
pub(super) fn join(args: &JoinArgs) -> Result<(), Failure> {
    let interrupted = watch_interrupts();
    let format = format_of(&args.out)?;
    let loaded = configuration(args.show.config.as_deref())?;
    let named = args
        .with
        .iter()
        .map(|text| side(text))
        .collect::<Result<Vec<_>, _>>()?;
    for path in named.iter().map(|one| &one.path).chain([&args.spine]) {
        require_parquet(path)?;
    }
    let sides: Vec<Side<'_>> = named
        .iter()
        .map(|one| Side {
            path: &one.path,
            prefix: one.prefix.as_deref(),
            max_age: one.max_age,
        })
        .collect();
    let target = Target {
        path: &args.out,
        format,
        existing: existing(&args.out, args.overwrite)?,
    };
    let rows = TableReader::rows_of(&args.spine)?;
    let progress = Progress::new("join", rows, show(&args.show), &interrupted);
    let budget = MemoryBudget::new(loaded.config.features.memory.bytes());
    let joined = trader_feature_store::join(&args.spine, &sides, target, budget, &mut |rows| {
        progress.reached(rows)
    })?;
    progress.finish();
    let matched = named.iter().zip(&joined.matched);
    let summary = Summary {
        rows: joined.rows,
        columns: joined.columns,
        joined: matched
            .map(|(one, rows)| Matched {
                file: one.path.display().to_string(),
                matched_rows: *rows,
            })
            .collect(),
        out: args.out.display().to_string(),
        out_fingerprint: joined.out.to_string(),
    };
    if args.show.json {
        return output::json(&summary);
    }
    let mut text = format!(
        "{} rows, {} columns joined\n",
        summary.rows,
        summary.columns.len()
    );
    for one in &summary.joined {
        text.push_str(&format!(
            "{}: {} rows found one\n",
            one.file, one.matched_rows
        ));
    }
    output::print(&format!(
        "{text}{}  {}\n",
        summary.out, summary.out_fingerprint
    ));
    Ok(())
}

/// Reads `[NAME=]FILE[:AGE]`.
fn side(text: &str) -> Result<Named, Failure> {
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let (prefix, rest) = match text.split_once('=') {
        Some((name, rest)) if plain(name) => (Some(name.to_owned()), rest),
        _ => (None, text),
    };
    // What is no age may be part of a file's name; then it has an ending or a folder.
    let (path, max_age) = match rest.rsplit_once(':') {
        Some((path, age)) if !age.contains(['.', '/', '\\']) => {
            let span: Span = age.parse().map_err(|_malformed| {
                Failure::Usage(format!(
                    "--with {text}: `{age}` is no length of time; write 90s, 15min, 2h or 5d"
                ))
            })?;
            (path, i64::try_from(span.nanoseconds()).ok())
        }
        _ => (rest, None),
    };
    Ok(Named {
        prefix,
        path: PathBuf::from(path),
        max_age,
    })
}

fn require_parquet(path: &Path) -> Result<(), Failure> {
    if path.extension().is_some_and(|ending| ending == "parquet") {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{}: tables are joined as Parquet; write it with --out NAME.parquet",
        path.display()
    )))
}
