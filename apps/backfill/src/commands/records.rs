//! `backfill run --data news|actions|reference|filings|posts|contracts|chains`.

use std::collections::BTreeMap;

use serde::Serialize;
use trader_data::gather::{Gathered, Kept, put};
use trader_data::record_source::{Delivery, OptionsSource, RecordRequest, ReferenceSource};
use trader_data::vendors::{AllFailed, AskError, Failover, Watched};
use trader_database::{Database, KeptRecord, RecordRepository};
use trader_domain::{OptionChain, Symbol, VendorId, Vendors};
use trader_storage::store::MarketStore;

use crate::cli::{Data, RunArgs};
use crate::database::OpenDatabase;
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::{Picked, today};
use crate::progress::watch_interrupts;
use crate::provider;
use crate::session::Session;

/// What stands for the vendor in records on their way to the store, whose folders name it.
const VENDOR: VendorId = VendorId::INTERNAL;

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// What came of each kind of record.
    kinds: BTreeMap<&'static str, Gathered>,
    /// Questions by the vendor that answered.
    served: BTreeMap<String, u64>,
    /// Questions that nobody answered, with the reasons.
    failures: BTreeMap<String, String>,
    questions: u64,
    store: String,
}

/// One run: where records go, and what came so far.
struct Run<'a> {
    store: &'a MarketStore,
    database: OpenDatabase,
    requests: Vec<RecordRequest>,
    interrupted: &'a dyn Fn() -> bool,
    report: Report,
}

pub(super) fn run(args: &RunArgs, session: &Session, picked: &Picked) -> Result<(), Failure> {
    let providers = &args.origin.provider;
    if providers.is_empty() {
        return Err(Failure::Usage(
            "these data come from vendors: give --provider".to_owned(),
        ));
    }
    let store = session.create_store()?;
    let interrupts = watch_interrupts();
    let interrupted = || interrupts.load(std::sync::atomic::Ordering::Relaxed);
    let mut run = Run {
        store: &store,
        database: OpenDatabase::ready(&session.loaded.config)?,
        requests: requests(args.data, picked)?,
        interrupted: &interrupted,
        report: Report {
            store: store.shown(),
            ..Report::default()
        },
    };
    match args.data {
        Data::News => {
            let sources = provider::news(providers, session)?;
            run.gather(
                &sources,
                |source, request| source.news(request, VENDOR),
                keep,
            )?;
        }
        Data::Actions => {
            let sources = provider::reference(providers, session)?;
            run.gather(
                &sources,
                |source, request| source.actions(request, VENDOR),
                keep,
            )?;
        }
        Data::Reference => {
            run.reference(&provider::reference(providers, session)?)?;
        }
        Data::Filings => {
            let sources = provider::filings(providers, session)?;
            run.gather(
                &sources,
                |source, request| source.filings(request, VENDOR),
                keep,
            )?;
        }
        Data::Posts => {
            let sources = provider::posts(providers, session)?;
            run.gather(
                &sources,
                |source, request| source.posts(request, VENDOR),
                keep,
            )?;
        }
        Data::Contracts | Data::Chains => {
            run.options(&provider::options(providers, session)?, args.data)?;
        }
        Data::Bars | Data::Trades | Data::Quotes => {}
    }
    run.tell(args.store.common.json)
}

/// Keeps what a vendor delivered in the database, under the vendor's name.
fn keep<R>(open: &OpenDatabase, vendor: &str, records: &[R]) -> Result<(), Failure>
where
    R: KeptRecord,
    Database: RecordRepository<R>,
{
    let mut vendors = Vendors::new();
    let id = vendors
        .add(vendor)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let named: Vec<R> = records
        .iter()
        .map(|record| record.clone().with(id, record.received()))
        .collect();
    let written = open.blocking.wait(open.database.keep(&named, &vendors))?;
    tracing::debug!(%vendor, added = written.added, changed = written.changed, "records kept in the database");
    Ok(())
}

/// Trading days have no table: the calendar is in the store.
fn keep_none<T>(_open: &OpenDatabase, _vendor: &str, _records: &[T]) -> Result<(), Failure> {
    Ok(())
}

/// One question for each symbol, so that one that fails leaves the others; one for all where none is named.
fn requests(data: Data, picked: &Picked) -> Result<Vec<RecordRequest>, Failure> {
    let to = picked.dates.to.unwrap_or_else(today);
    let from = match (picked.dates.from, data) {
        (Some(from), _) => from,
        // What is listed or quoted is asked for as it is now.
        (None, Data::Reference | Data::Chains) => to,
        (None, _) => {
            return Err(Failure::Usage(
                "a vendor must be told the first day: --from".to_owned(),
            ));
        }
    };
    let of = |symbols: Vec<Symbol>| RecordRequest { symbols, from, to };
    if picked.symbols.is_empty() && matches!(data, Data::Contracts | Data::Chains) {
        return Err(Failure::Usage(
            "options are asked for by underlying: --symbols".to_owned(),
        ));
    }
    // Listings are one list at most vendors: it is asked for once.
    if picked.symbols.is_empty() || data == Data::Reference {
        return Ok(vec![of(picked.symbols.clone())]);
    }
    let symbols = picked.symbols.iter();
    Ok(symbols.map(|&symbol| of(vec![symbol])).collect())
}

impl Run<'_> {
    fn gather<S: ?Sized + Watched, T: Kept>(
        &mut self,
        sources: &Failover<S>,
        ask: impl Fn(&S, &RecordRequest) -> Result<Delivery<T>, AskError>,
        keep: impl Fn(&OpenDatabase, &str, &[T]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for request in self.requests.clone() {
            if (self.interrupted)() {
                return Err(Failure::Backfill(trader_data::BackfillError::Interrupted));
            }
            self.report.questions += 1;
            let question = describe(&request);
            match sources.ask(|source| ask(source, &request)) {
                Ok((source, delivery)) => {
                    let vendor = source.vendor().to_owned();
                    let gathered = put(self.store, &vendor, &question, &delivery)?;
                    keep(&self.database, &vendor, &delivery.records)?;
                    for (reason, count) in &gathered.rejects {
                        tracing::warn!(%vendor, reason, count, "records rejected");
                    }
                    let kind = self.report.kinds.entry(T::KIND.name()).or_default();
                    kind.add(gathered);
                    *self.report.served.entry(vendor).or_default() += 1;
                }
                Err(failed) => {
                    let failed: AllFailed<AskError> = failed;
                    let name = format!("{} of {question}", T::KIND.name());
                    self.report.failures.insert(name, failed.describe());
                }
            }
        }
        Ok(())
    }

    fn reference(&mut self, sources: &Failover<dyn ReferenceSource>) -> Result<(), Failure> {
        self.gather(
            sources,
            |source, request| source.listings(request, VENDOR),
            keep,
        )?;
        let mut members = sources.members();
        if members.any(|source| source.reference_capabilities().calendar) {
            self.requests.truncate(1);
            self.gather(sources, ReferenceSource::calendar, keep_none)?;
        }
        Ok(())
    }

    fn options(
        &mut self,
        sources: &Failover<dyn OptionsSource>,
        data: Data,
    ) -> Result<(), Failure> {
        if data == Data::Contracts {
            return self.gather(sources, OptionsSource::contracts, keep_none);
        }
        self.gather(sources, chains, keep_none)
    }

    fn tell(self, json: bool) -> Result<(), Failure> {
        let report = self.report;
        if json {
            output::json(&report)?;
        } else {
            output::print(&text(&report));
        }
        match report.failures.iter().next() {
            None => Ok(()),
            Some((question, reason)) => Err(Failure::Units {
                count: report.failures.len(),
                units: report.questions,
                first: format!("{question}: {reason}"),
            }),
        }
    }
}

/// The chains of the symbols as they are now.
fn chains(
    source: &(dyn OptionsSource + 'static),
    request: &RecordRequest,
) -> Result<Delivery<OptionChain>, AskError> {
    let mut all = Delivery::default();
    for &underlying in &request.symbols {
        let (chain, rejects) = source.chain(underlying, VENDOR)?;
        all.records.push(chain);
        all.rejects.extend(rejects);
    }
    Ok(all)
}

fn describe(request: &RecordRequest) -> String {
    let symbols: Vec<&str> = request.symbols.iter().map(Symbol::as_str).collect();
    let symbols = if symbols.is_empty() {
        "all symbols".to_owned()
    } else {
        symbols.join(",")
    };
    format!("{symbols}, {} to {}", request.from, request.to)
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for (kind, gathered) in &report.kinds {
        let put = gathered.put;
        text.push_str(&format!(
            "{kind:<11} {} new, {} replaced, {} known\n",
            grouped(put.added),
            grouped(put.replaced),
            grouped(put.unchanged)
        ));
        for (reason, count) in &gathered.rejects {
            text.push_str(&format!("  rejected  {reason}: {}\n", grouped(*count)));
        }
        if let Some(quarantine) = &gathered.quarantine {
            text.push_str(&format!("quarantine  {quarantine}\n"));
        }
    }
    for (vendor, questions) in &report.served {
        text.push_str(&format!(
            "served by   {vendor}: {} questions\n",
            grouped(*questions)
        ));
    }
    text.push_str(&format!("store       {}\n", report.store));
    text
}
