//! Database, shared cache, and keys of our own.

use crate::key::section;
use crate::secret::Secret;
use crate::value::{ByteSize, FilePath, Host, Identifier, Span, choices};

choices! {
    /// Which database is used.
    pub enum DatabaseKind {
        /// Embedded, one file.
        Sqlite = "sqlite",
        /// A server.
        Postgres = "postgres",
    }
}

choices! {
    /// How the connection to the database server is protected.
    pub enum DatabaseTls {
        /// Not at all.
        Disable = "disable",
        /// Encrypted, any certificate.
        Require = "require",
        /// Encrypted, certificate and name checked.
        VerifyFull = "verify-full",
    }
}

section! {
    /// The database.
    pub struct DatabaseSettings in "database." {
        /// Which database is used.
        kind: DatabaseKind = "sqlite", unit "", range "", restart;
        /// File of the embedded database; made by the first program that needs it.
        file: FilePath = "trader.db", unit "", range "", restart;
        /// Host of the `PostgreSQL` server.
        host: Option<Host> = unset, unit "", range "", restart;
        /// Port of the `PostgreSQL` server.
        port: u16 = "5432", unit "TCP port", range "[1, 65535]", restart;
        /// Name of the `PostgreSQL` database.
        name: Option<Identifier> = unset, unit "", range "", restart;
        /// User of the `PostgreSQL` database.
        user: Option<Identifier> = unset, unit "", range "", restart;
        /// Password of the user, at least 8 characters, in production 16.
        password: Option<Secret> = unset, unit "", range "", restart;
        /// How the connection is protected. Production refuses anything but `verify-full`.
        tls: DatabaseTls = "verify-full", unit "", range "", restart;
        /// Certificates (PEM) of who signed the server's; without it those that the system trusts.
        root_certificate: Option<FilePath> = unset, unit "", range "", restart;
        /// Connections that stay open when nothing is to do.
        pool_size: u32 = "2", unit "connections", range "[1, 1000]", restart;
        /// Connections that are opened beyond `pool_size` under load.
        pool_overflow: u32 = "4", unit "connections", range "[0, 1000]", restart;
        /// Longest wait for a free connection.
        acquire_timeout: Span = "800ms", unit "", range "[10ms, 10min]", restart;
        /// Longest time of an operation, waits and repetitions included; then it fails, and nothing waits for it.
        deadline: Span = "1s", unit "", range "[10ms, 10min]", restart;
        /// Age at which a connection is replaced.
        recycle: Span = "30min", unit "", range "[1s, 7d]", restart;
        /// Whether a connection is tried before each use.
        test_before_use: bool = "true", unit "", range "", restart;
        /// Waits for a connection from here on are counted and warned about.
        slow_acquire: Span = "100ms", unit "", range "[1ms, 10min]", restart;
    }
}

section! {
    /// What is kept for a while: in memory, in Redis if `enabled`, and in files.
    pub struct CacheSettings in "cache." {
        /// Whether a shared cache is used.
        enabled: bool = "false", unit "", range "", restart;
        /// Host of the Redis server.
        host: Option<Host> = unset, unit "", range "", restart;
        /// Port of the Redis server.
        port: u16 = "6379", unit "TCP port", range "[1, 65535]", restart;
        /// Password of the Redis server.
        password: Option<Secret> = unset, unit "", range "", restart;
        /// Whether the connection is encrypted. Production refuses `false`.
        tls: bool = "true", unit "", range "", restart;
        /// Certificates (PEM) that sign the server's; without it those that the system trusts.
        root_certificate: Option<FilePath> = unset, unit "", range "", restart;
        /// Longest time that Redis may take to connect, and to answer.
        limit: Span = "200ms", unit "", range "[1ms, 10s]", restart;
        /// Folder of the cache's files.
        folder: FilePath = "market-cache", unit "", range "", restart;
        /// Length of all files; the oldest go first.
        file_size: ByteSize = "4GiB", unit "", range "[1MiB, 1024GiB]", restart;
        /// Memory that entries may take.
        memory: ByteSize = "256MiB", unit "", range "[1MiB, 1024GiB]", restart;
        /// Entries in memory.
        entries: u32 = "100000", unit "entries", range "[1, 100000000]", restart;
        /// How long quotes and trades count while the market is open.
        quotes: Span = "60s", unit "", range "[1s, 1d]", restart;
        /// How long bars and features count while the market is open.
        prices: Span = "300s", unit "", range "[1s, 1d]", restart;
        /// How long all of these count while it is closed.
        closed: Span = "1h", unit "", range "[1s, 7d]", restart;
        /// How long answers of vendors about settled days count.
        answers: Span = "30d", unit "", range "[1min, 3650d]", restart;
    }
}

section! {
    /// Keys of our own.
    pub struct SecuritySettings in "security." {
        /// Key that signs our own tokens, at least 32 characters; production needs one.
        secret_key: Option<Secret> = unset, unit "", range "", restart;
    }
}
