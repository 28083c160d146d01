//! The precompute engine: brings a store up to date with bars, computing only what changed.
//!
//! New rows are continued from the calculators' state after the last kept row. Whether the rows before
//! are still the same is told by a fingerprint of exactly what the set reads from them; where a later
//! part of them changed, computing resumes from the last part that did not. Changed calculators
//! (told by what they make of fixed inputs) or other prices mean computing anew.

use std::path::Path;

use trader_domain::{Symbol, Timestamp};
use trader_features::{FeatureSet, Registry, SetDefinition, Snapshot};
use trader_storage::{
    Adjustment, BarSeries, Cells, DataError, Existing, Fingerprint, TableFormat, TableWriter,
    write_file,
};

use crate::budget::{MemoryBudget, Shape};
use crate::calculators::{InputHash, calculators};
use crate::companions::Companions;
use crate::compute::{Watch, compute};
use crate::error::StoreError;
use crate::export::cells;
use crate::inputs::{BAR_COLUMNS, Inputs};
use crate::manifest::{Lineage, Manifest, Part};
use crate::source::BarSource;
use crate::store::{FeatureStore, check, damaged, row_columns};

/// What is to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The set; its content must be what the store has under its name and version.
    pub definition: &'a SetDefinition,
    /// The bars.
    pub source: &'a BarSource,
    /// What the set reads beside the symbols' own bars.
    pub companions: &'a Companions,
    /// Memory that may be taken.
    pub budget: MemoryBudget,
    /// The time that is recorded as that of computing.
    pub now: Timestamp,
    /// Version of the program, recorded.
    pub program: &'a str,
    /// What to compute.
    pub scope: Scope,
}

/// What to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only what changed.
    Changed,
    /// Everything, whatever the store holds.
    Everything,
}

/// What was done for a symbol, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: it is up to date.
    UpToDate,
    /// The first time.
    New,
    /// Rows behind those kept.
    Extended,
    /// From the first changed part on, because bars changed.
    InputsChanged,
    /// All, because calculators, prices or the benchmark are others.
    LineageChanged,
    /// All, because it was asked for.
    Asked,
}

impl Action {
    /// For people and scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpToDate => "up-to-date",
            Self::New => "new",
            Self::Extended => "extended",
            Self::InputsChanged => "inputs-changed",
            Self::LineageChanged => "lineage-changed",
            Self::Asked => "asked",
        }
    }
}

/// What was done for one symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolReport {
    /// The symbol.
    pub symbol: Symbol,
    /// What and why.
    pub action: Action,
    /// Rows computed now.
    pub computed: u64,
    /// Rows kept in all.
    pub rows: u64,
}

/// Brings the store up to date with the job's bars, symbol by symbol; each symbol is whole or as it
/// was. `watch` is told the rows done so far and can stop the work between chunks: symbols done before
/// stay done.
///
/// # Errors
/// [`StoreError::SetChanged`] when the store has other formulas under this name and version,
/// [`StoreError::Busy`], [`StoreError::Memory`], [`StoreError::Damaged`], and reading and writing errors.
pub fn precompute(
    store: &FeatureStore,
    job: &Job<'_>,
    watch: &mut Watch<'_>,
) -> Result<Vec<SymbolReport>, StoreError> {
    let _lock = store.lock()?;
    let registry = Registry::standard();
    let mut set = job.definition.build(registry, BAR_COLUMNS)?;
    let formulas = job.definition.canonical(registry, BAR_COLUMNS)?;
    let calculators = calculators(&set)?;
    let extra = job.companions.bytes();
    let mut reports = Vec::new();
    let mut done = 0_u64;
    job.source
        .each(Shape::of(&set), job.budget, extra, |series, chunk| {
            let before = done;
            let mut one = OneSymbol {
                job,
                series,
                chunk,
                folder: &store.folder(&job.definition.to_string(), series.timeframe, series.symbol),
                lineage: lineage(job, series, &set, &formulas, &calculators),
                set: &mut set,
            };
            reports.push(one.update(&mut |rows| watch(before + rows))?);
            done += series.columns.len() as u64;
            Ok(())
        })?;
    Ok(reports)
}

/// The set's formulas, calculators and prices for one series.
pub(crate) fn lineage(
    job: &Job<'_>,
    series: &BarSeries,
    set: &FeatureSet,
    formulas: &str,
    calculators: &str,
) -> Lineage {
    let adjustment = match series.adjustment {
        Adjustment::Unknown => "unknown adjustment".to_owned(),
        Adjustment::Raw => "raw".to_owned(),
        Adjustment::Vendor => "adjusted by the vendor".to_owned(),
        Adjustment::AsOf(date) => format!("adjusted as of {}", date.utc_date()),
    };
    let reads_benchmark = set.inputs().any(|input| input == "benchmark");
    Lineage {
        set: job.definition.to_string(),
        formulas: formulas.to_owned(),
        features: set.features().iter().map(|one| one.name.clone()).collect(),
        calculators: calculators.to_owned(),
        program: job.program.to_owned(),
        timeframe: series.timeframe.to_string(),
        prices: format!("{:?}, {adjustment}", series.basis),
        benchmark: job
            .companions
            .benchmark()
            .filter(|_| reads_benchmark)
            .map(|one| one.symbol.to_string()),
        companions: job.companions.lineage(set.inputs()),
    }
}

/// The work on one symbol.
struct OneSymbol<'a> {
    job: &'a Job<'a>,
    series: &'a BarSeries,
    chunk: usize,
    folder: &'a Path,
    lineage: Lineage,
    set: &'a mut FeatureSet,
}

/// What can be kept, and where computing goes on.
struct Resume {
    parts: Vec<Part>,
    rows: usize,
    hash: InputHash,
    action: Action,
}

impl OneSymbol<'_> {
    fn update(&mut self, watch: &mut Watch<'_>) -> Result<SymbolReport, StoreError> {
        let rows = self.series.columns.len();
        let before = self.kept()?;
        let resume = self.resume(before.as_ref())?;
        let report = |action, computed: usize| SymbolReport {
            symbol: self.series.symbol,
            action,
            computed: computed as u64,
            rows: rows as u64,
        };
        if resume.action == Action::UpToDate || rows == 0 {
            return Ok(report(Action::UpToDate, 0));
        }
        let done = report(resume.action, rows - resume.rows);
        let mut parts = resume.parts;
        if resume.rows < rows {
            parts.push(self.compute(resume.rows, resume.hash, watch)?);
        }
        let manifest = Manifest::new(self.series.symbol.to_string(), self.lineage.clone(), parts);
        manifest.write(self.folder)?;
        if let Some(before) = before {
            remove_dropped(self.folder, &before, &manifest)?;
        }
        Ok(done)
    }

    /// The manifest that may be continued; formulas under one version never change.
    fn kept(&self) -> Result<Option<Manifest>, StoreError> {
        let found = match Manifest::read(self.folder) {
            Err(StoreError::Damaged { .. }) if self.job.scope == Scope::Everything => None,
            found => found?,
        };
        match &found {
            Some(kept)
                if kept.lineage.formulas != self.lineage.formulas
                    && self.job.scope == Scope::Changed =>
            {
                Err(StoreError::SetChanged {
                    set: self.lineage.set.clone(),
                })
            }
            _ => Ok(found),
        }
    }

    /// How much of what is kept still holds; leaves the set in the state behind it.
    fn resume(&mut self, kept: Option<&Manifest>) -> Result<Resume, StoreError> {
        self.set.reset();
        let anew = |action| Resume {
            parts: Vec::new(),
            rows: 0,
            hash: InputHash::new(),
            action,
        };
        let Some(kept) = kept else {
            return Ok(anew(Action::New));
        };
        if self.job.scope == Scope::Everything {
            return Ok(anew(Action::Asked));
        }
        if !self.lineage.continues(&kept.lineage) {
            return Ok(anew(Action::LineageChanged));
        }
        let mut resume = anew(Action::Extended);
        let mut hash = InputHash::new();
        let mut from = 0_usize;
        for part in &kept.parts {
            let rows = usize::try_from(part.rows).unwrap_or(usize::MAX);
            let to = from.saturating_add(rows);
            if to > self.series.columns.len() {
                break;
            }
            self.hash(from, to, &mut hash)?;
            if hash.fingerprint() != part.inputs {
                break;
            }
            from = to;
            resume.parts.push(part.clone());
            resume.rows = from;
            resume.hash = hash.clone();
        }
        if resume.parts.len() < kept.parts.len() {
            resume.action = Action::InputsChanged;
        } else if resume.rows == self.series.columns.len() {
            resume.action = Action::UpToDate;
            return Ok(resume);
        }
        if let Some(part) = resume.parts.last() {
            let path = self.folder.join(&part.state);
            check(&path, &part.state_fingerprint)?;
            let bytes = std::fs::read(&path).map_err(|error| {
                StoreError::File(DataError::from_io(&path, "reading the state", error))
            })?;
            let snapshot = Snapshot::from_bytes(&bytes)?;
            self.set
                .restore(&snapshot)
                .map_err(|error| damaged(&path, &error.to_string()))?;
        }
        Ok(resume)
    }

    fn hash(&self, from: usize, to: usize, hash: &mut InputHash) -> Result<(), StoreError> {
        let wanted: Vec<String> = self.set.inputs().map(str::to_owned).collect();
        let mut at = from;
        while at < to {
            let next = to.min(at + self.chunk.max(1));
            let inputs = Inputs::of_bars(self.series, self.job.companions, &wanted, at..next)?;
            hash.add(&inputs);
            at = next;
        }
        Ok(())
    }

    /// Computes from row `from` on into a new part.
    fn compute(
        &mut self,
        from: usize,
        mut hash: InputHash,
        watch: &mut Watch<'_>,
    ) -> Result<Part, StoreError> {
        std::fs::create_dir_all(self.folder).map_err(|error| {
            StoreError::File(DataError::from_io(
                self.folder,
                "creating the folder",
                error,
            ))
        })?;
        let rows = self.series.columns.len();
        // The time keeps names apart: a file that the present manifest names is never written over.
        let stem = format!("{from}-{rows}-{:x}", self.job.now.nanos());
        let (file, state) = (format!("rows-{stem}.parquet"), format!("state-{stem}.bin"));
        let mut writer = TableWriter::create(
            &self.folder.join(&file),
            row_columns(&self.lineage.features),
            TableFormat::Parquet,
            Existing::Replace,
        )
        .map_err(StoreError::File)?;
        compute(
            self.set,
            self.series,
            self.job.companions,
            from..rows,
            self.chunk,
            watch,
            |inputs, table| {
                hash.add(inputs);
                let times = |times: &[Timestamp]| {
                    Cells::Timestamp(times.iter().copied().map(Some).collect())
                };
                let mut chunk = vec![times(&inputs.start), times(&inputs.available)];
                chunk.extend(table.columns.iter().map(|column| cells(column)));
                writer.append(&chunk).map_err(StoreError::File)
            },
        )?;
        let fingerprint = writer.finish().map_err(StoreError::File)?;
        let state_fingerprint = write_file(
            &self.folder.join(&state),
            &self.set.snapshot().to_bytes(),
            Existing::Replace,
        )
        .map_err(StoreError::File)?;
        let start = &self.series.columns.start;
        let at = |index: Option<usize>| index.and_then(|at| start.get(at)).map_or(0, |t| t.nanos());
        Ok(Part {
            file,
            fingerprint: fingerprint.to_string(),
            rows: (rows - from) as u64,
            first: at(Some(from)),
            last: at(rows.checked_sub(1)),
            inputs: hash.fingerprint(),
            state,
            state_fingerprint: Fingerprint::to_string(&state_fingerprint),
            source: self.job.source.name().to_owned(),
            computed: self.job.now.nanos(),
            merged: Vec::new(),
        })
    }
}

/// Removes files that only the manifest before named.
pub(crate) fn remove_dropped(
    folder: &Path,
    before: &Manifest,
    now: &Manifest,
) -> Result<(), StoreError> {
    let kept = |file: &String| {
        now.parts
            .iter()
            .any(|part| part.file == *file || part.state == *file)
    };
    let files = before
        .parts
        .iter()
        .flat_map(|part| [&part.file, &part.state]);
    for file in files.filter(|file| !kept(file)) {
        let path = folder.join(file);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::File(DataError::from_io(
                    &path,
                    "removing what was replaced",
                    error,
                )));
            }
            _ => {}
        }
    }
    Ok(())
}
