//! Records of vendors: listings, announced corporate actions, news, filings, posts.
//!
//! A record is kept with its vendor and the instant from which it was known. What a vendor changes later becomes a
//! further version with its own instant: [`RecordRepository::records`] tells what was known at any time, so that a
//! study uses nothing that was learned later. The same record again keeps its first instant and adds nothing.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use trader_domain::{
    AnnouncedAction, Filing, Listing, NewsItem, Record, SocialPost, Symbol, Timestamp, VendorId,
    Vendors,
};

use super::text;
use crate::database::Database;
use crate::engine::{in_transaction, row, with_connection};
use crate::error::DatabaseError;
use crate::migration::hex;

/// Notes that records were removed.
const NOTE: &str = "INSERT INTO forgettings (at, vendor, kind, received_before, versions, reason) \
                    VALUES ($1, $2, $3, $4, $5, $6)";

/// Records written in one transaction.
const BATCH: usize = 500;

/// A kind of record that is kept.
pub trait KeptRecord: Record + Clone + Serialize + DeserializeOwned + Send + Sync {
    /// Its tables and statements.
    #[doc(hidden)]
    const SQL: Statements;

    /// What it is kept under: the vendor's id, with the symbol where one id can concern several.
    fn key(&self) -> String;

    /// The symbols by which it is found.
    fn symbols(&self) -> Vec<Symbol>;

    /// The same with another vendor and instant of reception: a vendor's number means something in one run only.
    #[must_use]
    fn with(self, vendor: VendorId, received: Timestamp) -> Self;
}

/// The statements of one kind.
#[doc(hidden)]
#[derive(Debug)]
pub struct Statements {
    table: &'static str,
    latest: &'static str,
    insert: &'static str,
    link: &'static str,
    known: &'static str,
    known_of: &'static str,
    forget: &'static str,
    forgettable: &'static str,
    vendors: &'static str,
    count: &'static str,
}

/// What writing records did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Records that were not there.
    pub added: u64,
    /// Records that say something else than before: a further version was added.
    pub changed: u64,
    /// Records that were there.
    pub unchanged: u64,
}

/// Which records, and as known when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Only those of this symbol.
    pub symbol: Option<Symbol>,
    /// Published at or after this instant …
    pub from: Timestamp,
    /// … and before this one.
    pub until: Timestamp,
    /// What was received later does not count: neither records nor versions.
    pub at: Timestamp,
}

/// When and why records are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Now.
    pub at: Timestamp,
    /// Which rule asks for it.
    pub reason: String,
}

/// Records of one kind.
pub trait RecordRepository<R: KeptRecord> {
    /// Keeps records, in batches that are whole or not at all.
    ///
    /// # Errors
    /// [`DatabaseError::Record`] for one that contradicts itself, [`DatabaseError::UnknownVendor`]; [`DatabaseError`].
    fn keep(
        &self,
        records: &[R],
        vendors: &Vendors,
    ) -> impl Future<Output = Result<Written, DatabaseError>> + Send;

    /// The records as they were known at an instant, in the order of their publication.
    ///
    /// # Errors
    /// [`DatabaseError::UnknownVendor`] when a vendor is not in the table; [`DatabaseError`].
    fn records(
        &self,
        known: &Known,
        vendors: &Vendors,
    ) -> impl Future<Output = Result<Vec<R>, DatabaseError>> + Send;

    /// Removes what a vendor delivered before an instant, as its licence or the retention asks; gives how many
    /// versions. That it was removed, and why, is noted in the same transaction.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn forget(
        &self,
        vendor: &str,
        received_before: Timestamp,
        order: &Order,
    ) -> impl Future<Output = Result<u64, DatabaseError>> + Send;

    /// How many versions [`RecordRepository::forget`] would remove.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn forgettable(
        &self,
        vendor: &str,
        received_before: Timestamp,
    ) -> impl Future<Output = Result<u64, DatabaseError>> + Send;

    /// The vendors that there are records of, in the order of names.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn vendors_of(&self) -> impl Future<Output = Result<Vec<String>, DatabaseError>> + Send;

    /// How many records there are, versions not counted.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn count(&self) -> impl Future<Output = Result<u64, DatabaseError>> + Send;
}

row! {
    DocumentRow { vendor: String, received: i64, document: String }
}

/// A record as its columns hold it.
struct Prepared {
    vendor: String,
    id: String,
    published: i64,
    received: i64,
    digest: String,
    document: String,
    symbols: Vec<String>,
}

impl Prepared {
    fn new<R: KeptRecord>(record: &R, vendors: &Vendors) -> Result<Self, DatabaseError> {
        let id = record.key();
        record.validate().map_err(|source| DatabaseError::Record {
            id: id.clone(),
            source,
        })?;
        let vendor = vendors
            .name(record.vendor())
            .ok_or_else(|| DatabaseError::UnknownVendor(record.vendor().to_string()))?;
        let plain = record.clone().with(VendorId::INTERNAL, Timestamp::EPOCH);
        let document = serde_json::to_string(&plain).map_err(|error| DatabaseError::Content {
            table: R::SQL.table,
            detail: error.to_string(),
        })?;
        // JSON escapes NUL; the columns beside it do not.
        text("id", &id)?;
        let mut symbols: Vec<String> = record.symbols().iter().map(Symbol::to_string).collect();
        symbols.sort();
        symbols.dedup();
        Ok(Self {
            vendor: vendor.to_owned(),
            id,
            published: record.published().nanos(),
            received: record.received().nanos(),
            digest: hex(&Sha256::digest(document.as_bytes())),
            document,
            symbols,
        })
    }
}

/// What became of one record.
enum Became {
    Added,
    Changed,
    Unchanged,
}

/// Writes one record on a connection of either driver.
macro_rules! write_one {
    ($sql:expr, $record:expr, $work:expr) => {{
        let record: &Prepared = $record;
        let latest: Option<(i64, String)> = sqlx::query_as($sql.latest)
            .bind(&record.vendor)
            .bind(&record.id)
            .fetch_optional(&mut *$work)
            .await?;
        let (version, became) = match latest {
            None => (1, Became::Added),
            Some((_, digest)) if digest == record.digest => (0, Became::Unchanged),
            Some((version, _)) => (version.saturating_add(1), Became::Changed),
        };
        if !matches!(became, Became::Unchanged) {
            sqlx::query($sql.insert)
                .bind(&record.vendor)
                .bind(&record.id)
                .bind(version)
                .bind(record.published)
                .bind(record.received)
                .bind(&record.digest)
                .bind(&record.document)
                .execute(&mut *$work)
                .await?;
            for symbol in &record.symbols {
                sqlx::query($sql.link)
                    .bind(&record.vendor)
                    .bind(&record.id)
                    .bind(version)
                    .bind(symbol)
                    .execute(&mut *$work)
                    .await?;
            }
        }
        became
    }};
}

impl<R: KeptRecord> RecordRepository<R> for Database {
    async fn keep(&self, records: &[R], vendors: &Vendors) -> Result<Written, DatabaseError> {
        let prepared = records
            .iter()
            .map(|record| Prepared::new(record, vendors))
            .collect::<Result<Vec<_>, _>>()?;
        let mut written = Written::default();
        for batch in prepared.chunks(BATCH) {
            let done: Written = in_transaction!(self, "keep records", work => {
                let mut done = Written::default();
                for record in batch {
                    match write_one!(R::SQL, record, work) {
                        Became::Added => done.added += 1,
                        Became::Changed => done.changed += 1,
                        Became::Unchanged => done.unchanged += 1,
                    }
                }
                Ok(done)
            })?;
            written.added += done.added;
            written.changed += done.changed;
            written.unchanged += done.unchanged;
        }
        Ok(written)
    }

    async fn records(&self, known: &Known, vendors: &Vendors) -> Result<Vec<R>, DatabaseError> {
        let statement = if known.symbol.is_some() {
            R::SQL.known_of
        } else {
            R::SQL.known
        };
        let symbol = known.symbol.map(|symbol| symbol.to_string());
        let rows: Vec<DocumentRow> = with_connection!(self, "read records", connection => {
            let query = sqlx::query_as(statement)
                .bind(known.from.nanos())
                .bind(known.until.nanos())
                .bind(known.at.nanos());
            let query = match &symbol {
                Some(symbol) => query.bind(symbol),
                None => query,
            };
            Ok(query.fetch_all(&mut *connection).await?)
        })?;
        rows.into_iter()
            .map(|row| {
                let vendor = vendors
                    .find(&row.vendor)
                    .ok_or_else(|| DatabaseError::UnknownVendor(row.vendor.clone()))?;
                let record: R = serde_json::from_str(&row.document).map_err(|error| {
                    DatabaseError::Content {
                        table: R::SQL.table,
                        detail: error.to_string(),
                    }
                })?;
                Ok(record.with(vendor, Timestamp::from_nanos(row.received)))
            })
            .collect()
    }

    async fn forget(
        &self,
        vendor: &str,
        received_before: Timestamp,
        order: &Order,
    ) -> Result<u64, DatabaseError> {
        text("vendor", vendor)?;
        text("reason", &order.reason)?;
        in_transaction!(self, "forget records", work => {
            let done = sqlx::query(R::SQL.forget)
                .bind(vendor)
                .bind(received_before.nanos())
                .execute(&mut *work)
                .await?;
            let versions = done.rows_affected();
            if versions > 0 {
                sqlx::query(NOTE)
                    .bind(order.at.nanos())
                    .bind(vendor)
                    .bind(R::SQL.table)
                    .bind(received_before.nanos())
                    .bind(super::stored("versions", versions)?)
                    .bind(&order.reason)
                    .execute(&mut *work)
                    .await?;
            }
            Ok(versions)
        })
    }

    async fn forgettable(
        &self,
        vendor: &str,
        received_before: Timestamp,
    ) -> Result<u64, DatabaseError> {
        text("vendor", vendor)?;
        let (found,): (i64,) = with_connection!(self, "count records", connection => {
            Ok(sqlx::query_as(R::SQL.forgettable)
                .bind(vendor)
                .bind(received_before.nanos())
                .fetch_one(&mut *connection)
                .await?)
        })?;
        super::count(R::SQL.table, found)
    }

    async fn vendors_of(&self) -> Result<Vec<String>, DatabaseError> {
        let rows: Vec<(String,)> = with_connection!(self, "read vendors", connection => {
            Ok(sqlx::query_as(R::SQL.vendors).fetch_all(&mut *connection).await?)
        })?;
        Ok(rows.into_iter().map(|(vendor,)| vendor).collect())
    }

    async fn count(&self) -> Result<u64, DatabaseError> {
        let (found,): (i64,) = with_connection!(self, "count records", connection => {
            Ok(sqlx::query_as(R::SQL.count).fetch_one(&mut *connection).await?)
        })?;
        super::count(R::SQL.table, found)
    }
}

/// Declares a kind of record by its table and where its symbols are.
macro_rules! kept {
    ($record:ty, $table:literal, $key:expr, $symbols:expr) => {
        impl KeptRecord for $record {
            const SQL: Statements = Statements {
                table: $table,
                latest: concat!(
                    "SELECT version, digest FROM ", $table,
                    " WHERE vendor = $1 AND id = $2 ORDER BY version DESC LIMIT 1"
                ),
                insert: concat!(
                    "INSERT INTO ", $table,
                    " (vendor, id, version, published, received, digest, document) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                ),
                link: concat!(
                    "INSERT INTO ", $table, "_symbols (vendor, id, version, symbol) VALUES ($1, $2, $3, $4)"
                ),
                known: concat!(
                    "SELECT r.vendor, r.received, r.document FROM ", $table, " r",
                    " WHERE r.published >= $1 AND r.published < $2 AND r.received <= $3",
                    " AND NOT EXISTS (SELECT 1 FROM ", $table, " n WHERE n.vendor = r.vendor AND n.id = r.id",
                    " AND n.version > r.version AND n.received <= $3)",
                    " ORDER BY r.published, r.vendor, r.id"
                ),
                known_of: concat!(
                    "SELECT r.vendor, r.received, r.document FROM ", $table, " r JOIN ", $table, "_symbols s",
                    " ON s.vendor = r.vendor AND s.id = r.id AND s.version = r.version",
                    " WHERE r.published >= $1 AND r.published < $2 AND r.received <= $3 AND s.symbol = $4",
                    " AND NOT EXISTS (SELECT 1 FROM ", $table, " n WHERE n.vendor = r.vendor AND n.id = r.id",
                    " AND n.version > r.version AND n.received <= $3)",
                    " ORDER BY r.published, r.vendor, r.id"
                ),
                forget: concat!("DELETE FROM ", $table, " WHERE vendor = $1 AND received < $2"),
                forgettable: concat!("SELECT count(*) FROM ", $table, " WHERE vendor = $1 AND received < $2"),
                vendors: concat!("SELECT DISTINCT vendor FROM ", $table, " ORDER BY vendor"),
                count: concat!("SELECT count(*) FROM (SELECT DISTINCT vendor, id FROM ", $table, ") AS distinct_records"),
            };

            fn key(&self) -> String {
                let key: fn(&Self) -> String = $key;
                key(self)
            }

            fn symbols(&self) -> Vec<Symbol> {
                let symbols: fn(&Self) -> Vec<Symbol> = $symbols;
                symbols(self)
            }

            fn with(self, vendor: VendorId, received: Timestamp) -> Self {
                Self {
                    vendor,
                    received,
                    ..self
                }
            }
        }
    };
}

kept!(
    Listing,
    "listings",
    |record| format!("{} {}", record.symbol, record.id),
    |record| vec![record.symbol]
);
kept!(
    AnnouncedAction,
    "announced_actions",
    |record| format!("{} {}", record.symbol, record.id),
    |record| vec![record.symbol]
);
kept!(NewsItem, "news", |record| record.id.clone(), |record| {
    record.symbols.clone()
});
kept!(Filing, "filings", |record| record.id.clone(), |record| {
    record.symbols.clone()
});
kept!(
    SocialPost,
    "social_posts",
    |record| record.id.clone(),
    |record| record.symbols.clone()
);
