//! SEC EDGAR: the list of companies and what each has filed, from bytes to records.
//!
//! The field `acceptanceDateTime` ends in `Z` for every filer, but for about a fifth of them it is New York's clock and
//! not UTC, and nothing in the answer tells which (compared with the headers of the filings themselves, in which the
//! SEC writes New York's clock). A filing must not count as known before the world could know it, so the later reading
//! is taken: never too early, at most five hours late.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{NaiveDate, NaiveDateTime};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, InvalidHeaderValue, USER_AGENT};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{Filing, Symbol, Timestamp, eastern_instant};

use super::decode::{RowFault, optional_date, reject, some, symbols, time, valid};
use super::link::{PageFault, address};
use crate::record_source::{Delivery, Stamp};

/// The two services of the SEC.
#[derive(Clone, Debug)]
pub struct Edgar {
    data: Url,
    archive: Url,
    /// CIK by ticker, once it was asked for.
    pub(super) known: OnceLock<BTreeMap<String, u64>>,
}

impl Edgar {
    /// At these addresses: submissions, and the list of companies with the documents.
    pub fn new(data: Url, archive: Url) -> Self {
        Self {
            data,
            archive,
            known: OnceLock::new(),
        }
    }

    /// The header without which the SEC refuses: who asks, with a contact.
    ///
    /// # Errors
    /// When the text holds characters that a header cannot carry.
    pub fn headers(agent: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_str(agent)?);
        Ok(headers)
    }

    /// The address of the list of companies.
    ///
    /// # Errors
    /// When the configured address cannot be a base.
    pub fn companies(&self) -> Result<Url, String> {
        address(&self.archive, &["files", "company_tickers.json"], &[])
    }

    pub(super) fn submissions(&self, cik: u64) -> Result<Url, String> {
        let name = format!("CIK{cik:010}.json");
        address(&self.data, &["submissions", &name], &[])
    }

    /// A continuation of a company's list; its name comes from the list and must be a plain file name.
    pub(super) fn continuation(&self, name: &str) -> Result<Url, String> {
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !plain || name.starts_with('.') || !name.ends_with(".json") {
            return Err(format!("{name:.60} is no name of a continuation"));
        }
        address(&self.data, &["submissions", name], &[])
    }

    fn document(&self, cik: u64, accession: &str, document: &str) -> Option<String> {
        if document.is_empty() {
            return None;
        }
        let folder = accession.replace('-', "");
        let mut path = vec!["Archives", "edgar", "data"];
        let cik = cik.to_string();
        path.extend([cik.as_str(), &folder]);
        path.extend(document.split('/'));
        address(&self.archive, &path, &[])
            .ok()
            .map(|url| url.to_string())
    }
}

#[derive(Deserialize)]
struct WireCompany {
    cik_str: u64,
    ticker: String,
}

/// CIK by ticker, from `company_tickers.json`. EDGAR writes share classes with a dash: `BRK-B`.
///
/// # Errors
/// [`PageFault`] when it is no such list.
pub fn edgar_companies(body: &[u8]) -> Result<BTreeMap<String, u64>, PageFault> {
    let list: BTreeMap<String, WireCompany> = serde_json::from_slice(body)?;
    Ok(list
        .into_values()
        .map(|company| (company.ticker, company.cik_str))
        .collect())
}

/// A company's list of filings.
#[derive(Debug)]
pub struct Submissions {
    /// The recent ones.
    pub delivery: Delivery<Filing>,
    /// Who filed, for the continuations.
    pub filer: Filer,
    /// Names of the continuations with the first and last day of filing in each.
    pub continuations: Vec<(String, NaiveDate, NaiveDate)>,
}

/// Who filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filer {
    cik: u64,
    name: String,
    symbols: Vec<Symbol>,
}

#[derive(Deserialize)]
struct WireSubmissions<'a> {
    #[serde(borrow)]
    cik: &'a RawValue,
    name: String,
    #[serde(default)]
    tickers: Vec<String>,
    #[serde(borrow)]
    filings: WireFilings<'a>,
}

#[derive(Deserialize)]
struct WireFilings<'a> {
    #[serde(borrow)]
    recent: Columns<'a>,
    #[serde(default)]
    files: Vec<WireFile>,
}

#[derive(Deserialize)]
struct WireFile {
    name: String,
    #[serde(rename = "filingFrom")]
    from: NaiveDate,
    #[serde(rename = "filingTo")]
    to: NaiveDate,
}

/// Columns instead of rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Columns<'a> {
    #[serde(borrow)]
    accession_number: Vec<&'a RawValue>,
    #[serde(borrow)]
    acceptance_date_time: Vec<&'a RawValue>,
    #[serde(borrow)]
    form: Vec<&'a RawValue>,
    #[serde(borrow)]
    report_date: Vec<&'a RawValue>,
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    #[serde(borrow)]
    primary_document: Vec<&'a RawValue>,
}

/// A company's submissions, `submissions/CIK##########.json`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn edgar_submissions(
    edgar: &Edgar,
    body: &[u8],
    stamp: Stamp,
) -> Result<Submissions, PageFault> {
    let wire: WireSubmissions<'_> = serde_json::from_slice(body)?;
    let cik = wire.cik.get().trim_matches('"');
    let filer = Filer {
        cik: cik
            .parse()
            .map_err(|_no_number| PageFault::Unusable(format!("cik is {cik:.40}")))?,
        name: wire.name,
        symbols: symbols(wire.tickers.iter().map(String::as_str)),
    };
    Ok(Submissions {
        delivery: wire.filings.recent.read(edgar, &filer, stamp)?,
        filer,
        continuations: wire
            .filings
            .files
            .into_iter()
            .map(|file| (file.name, file.from, file.to))
            .collect(),
    })
}

/// A continuation of a company's submissions.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn edgar_continuation(
    edgar: &Edgar,
    body: &[u8],
    filer: &Filer,
    stamp: Stamp,
) -> Result<Delivery<Filing>, PageFault> {
    let columns: Columns<'_> = serde_json::from_slice(body)?;
    columns.read(edgar, filer, stamp)
}

impl Columns<'_> {
    fn read(
        &self,
        edgar: &Edgar,
        filer: &Filer,
        stamp: Stamp,
    ) -> Result<Delivery<Filing>, PageFault> {
        let columns = [
            &self.acceptance_date_time,
            &self.form,
            &self.report_date,
            &self.items,
            &self.primary_document,
        ];
        if columns
            .iter()
            .any(|column| column.len() != self.accession_number.len())
        {
            return Err("columns of different lengths".to_owned().into());
        }
        let mut delivery = Delivery::default();
        let rest = columns.map(|column| column.iter());
        let [
            mut accepted,
            mut forms,
            mut periods,
            mut items,
            mut documents,
        ] = rest;
        for number in &self.accession_number {
            let row = [
                Some(number),
                accepted.next(),
                forms.next(),
                periods.next(),
                items.next(),
                documents.next(),
            ];
            let row = row.map(|raw| raw.map_or("null", |raw| raw.get()));
            match filing(edgar, filer, row, stamp) {
                Ok(filing) => delivery.records.push(filing),
                Err(fault) => delivery.rejects.push(reject(&row.join(" "), fault)),
            }
        }
        Ok(delivery)
    }
}

fn filing(edgar: &Edgar, filer: &Filer, row: [&str; 6], stamp: Stamp) -> Result<Filing, RowFault> {
    let [id, accepted, form, period, items, document] = row;
    let text = |raw: &str| serde_json::from_str::<String>(raw).map_err(RowFault::from);
    let (id, document) = (text(id)?, text(document)?);
    let url = edgar.document(filer.cik, &id, &document);
    valid(Filing {
        url,
        id,
        vendor: stamp.vendor,
        filer: format!("{:010}", filer.cik),
        company: filer.name.clone(),
        form: text(form)?,
        published: accepted_at(&text(accepted)?, stamp.received)?,
        received: stamp.received,
        period: optional_date("reportDate", some(Some(text(period)?)).as_deref())?,
        items: text(items)?
            .split(',')
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect(),
        symbols: filer.symbols.clone(),
    })
}

/// The later of the two readings that is not in the future.
fn accepted_at(text: &str, received: Timestamp) -> Result<Timestamp, RowFault> {
    let utc = time("acceptanceDateTime", text)?;
    let clock = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f")
        .map_err(|error| RowFault::new("time", format!("acceptanceDateTime: {error}")))?;
    let eastern = eastern_instant(clock.date(), clock.time())
        .map_err(|error| RowFault::new("time", format!("acceptanceDateTime: {error}")))?;
    Ok(if eastern <= received { eastern } else { utc })
}
