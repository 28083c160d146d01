//! Writing an operation once for both databases.
//!
//! Both understand `$1` for a bound value, `ON CONFLICT`, `RETURNING` and the same types for what this crate stores. An
//! operation is therefore one block of statements; the macros compile it once for each driver, with the connection of
//! that driver in it.

/// Runs a block on a connection, for reading. The block ends in `Result<T, Fault>`.
macro_rules! with_connection {
    ($database:expr, $operation:literal, $connection:ident => $body:block) => {{
        let database = &$database;
        match database.engine() {
            $crate::database::Engine::Sqlite(pool) => {
                database
                    .attempt($operation, || async {
                        let held = database.watch().hold($operation);
                        let mut $connection = held.acquired(pool.acquire()).await?;
                        $body
                    })
                    .await
            }
            $crate::database::Engine::Postgres(pool) => {
                database
                    .attempt($operation, || async {
                        let held = database.watch().hold($operation);
                        let mut $connection = held.acquired(pool.acquire()).await?;
                        $body
                    })
                    .await
            }
        }
    }};
}

/// Runs a block in a transaction that is committed when it succeeds. The block ends in `Result<T, Fault>` and may run
/// more than once.
macro_rules! in_transaction {
    ($database:expr, $operation:literal, $connection:ident => $body:block) => {{
        let database = &$database;
        match database.engine() {
            $crate::database::Engine::Sqlite(pool) => {
                database
                    .attempt($operation, || async {
                        let held = database.watch().hold($operation);
                        // The write lock at once: taking it later may fail however long one waits.
                        let begun = pool.begin_with("BEGIN IMMEDIATE");
                        let mut $connection = held.acquired(begun).await?;
                        let done: Result<_, $crate::error::Fault> = $body;
                        let done = done?;
                        $connection.commit().await?;
                        Ok(done)
                    })
                    .await
            }
            $crate::database::Engine::Postgres(pool) => {
                database
                    .attempt($operation, || async {
                        let held = database.watch().hold($operation);
                        let begun = pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE");
                        let mut $connection = held.acquired(begun).await?;
                        let done: Result<_, $crate::error::Fault> = $body;
                        let done = done?;
                        $connection.commit().await?;
                        Ok(done)
                    })
                    .await
            }
        }
    }};
}

/// Declares a private row type that both drivers fill by column name.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        struct $name { $($field: $type,)+ }

        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?,)+ })
            }
        }

        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $name {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?,)+ })
            }
        }
    };
}

pub(crate) use {in_transaction, row, with_connection};
