//! [`Blocking`]: calling the database from a program without an asynchronous runtime.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::error::DatabaseError;

/// A small runtime whose caller waits for each result. Not for use inside an asynchronous program.
#[derive(Debug)]
pub struct Blocking(Runtime);

impl Blocking {
    /// Starts it.
    ///
    /// # Errors
    /// [`DatabaseError::Runtime`] when threads cannot be had.
    pub fn new() -> Result<Self, DatabaseError> {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("database")
            .enable_all()
            .build()
            .map(Self)
            .map_err(DatabaseError::Runtime)
    }

    /// Waits for a result.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.block_on(work)
    }
}
