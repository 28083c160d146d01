-- Times are nanoseconds since 1970-01-01T00:00:00Z. Amounts stand in documents as decimal text.

-- Backfills: one row for each time the program ran.
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    vendor   TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    request  TEXT   NOT NULL,
    started  BIGINT NOT NULL,
    -- Of the finished run; empty while it works, and for ever when it was killed.
    finished BIGINT,
    outcome  TEXT,
    detail   TEXT,
    work     TEXT,
    units    BIGINT NOT NULL DEFAULT 0,
    bars     BIGINT NOT NULL DEFAULT 0,
    added    BIGINT NOT NULL DEFAULT 0,
    replaced BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    CHECK ((finished IS NULL) = (outcome IS NULL)),
    CHECK (outcome IS NULL OR outcome IN ('done', 'partly', 'failed', 'interrupted'))
);
CREATE INDEX runs_by_start ON runs (started);

-- What a run left in each series it touched.
CREATE TABLE run_series (
    run          BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    series       TEXT   NOT NULL,
    bars         BIGINT NOT NULL,
    missing_days BIGINT NOT NULL,
    first        TEXT,
    last         TEXT,
    PRIMARY KEY (run, series)
);

-- Why rows of a run were set aside, and units of work failed.
CREATE TABLE run_troubles (
    run     BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind    TEXT   NOT NULL CHECK (kind IN ('rejected', 'failed')),
    subject TEXT   NOT NULL,
    rows    BIGINT NOT NULL,
    detail  TEXT   NOT NULL,
    PRIMARY KEY (run, kind, subject)
);

-- Records of vendors. A record that a vendor changes becomes a further version, so that what was known at
-- an instant can be told; the document holds all fields, the columns what is searched by.
CREATE TABLE listings (
    vendor    TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    version   BIGINT NOT NULL CHECK (version > 0),
    published BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    digest    TEXT   NOT NULL,
    document  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version)
);
CREATE INDEX listings_by_time ON listings (received);
CREATE TABLE listings_symbols (
    vendor  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    symbol  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version, symbol),
    FOREIGN KEY (vendor, id, version) REFERENCES listings (vendor, id, version) ON DELETE CASCADE
);
CREATE INDEX listings_symbols_by_symbol ON listings_symbols (symbol);

CREATE TABLE announced_actions (
    vendor    TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    version   BIGINT NOT NULL CHECK (version > 0),
    published BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    digest    TEXT   NOT NULL,
    document  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version)
);
CREATE INDEX announced_actions_by_time ON announced_actions (received);
CREATE TABLE announced_actions_symbols (
    vendor  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    symbol  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version, symbol),
    FOREIGN KEY (vendor, id, version) REFERENCES announced_actions (vendor, id, version) ON DELETE CASCADE
);
CREATE INDEX announced_actions_symbols_by_symbol ON announced_actions_symbols (symbol);

CREATE TABLE news (
    vendor    TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    version   BIGINT NOT NULL CHECK (version > 0),
    published BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    digest    TEXT   NOT NULL,
    document  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version)
);
CREATE INDEX news_by_time ON news (received);
CREATE TABLE news_symbols (
    vendor  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    symbol  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version, symbol),
    FOREIGN KEY (vendor, id, version) REFERENCES news (vendor, id, version) ON DELETE CASCADE
);
CREATE INDEX news_symbols_by_symbol ON news_symbols (symbol);

CREATE TABLE filings (
    vendor    TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    version   BIGINT NOT NULL CHECK (version > 0),
    published BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    digest    TEXT   NOT NULL,
    document  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version)
);
CREATE INDEX filings_by_time ON filings (received);
CREATE TABLE filings_symbols (
    vendor  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    symbol  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version, symbol),
    FOREIGN KEY (vendor, id, version) REFERENCES filings (vendor, id, version) ON DELETE CASCADE
);
CREATE INDEX filings_symbols_by_symbol ON filings_symbols (symbol);

CREATE TABLE social_posts (
    vendor    TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    version   BIGINT NOT NULL CHECK (version > 0),
    published BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    digest    TEXT   NOT NULL,
    document  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version)
);
CREATE INDEX social_posts_by_time ON social_posts (received);
CREATE TABLE social_posts_symbols (
    vendor  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    symbol  TEXT   NOT NULL,
    PRIMARY KEY (vendor, id, version, symbol),
    FOREIGN KEY (vendor, id, version) REFERENCES social_posts (vendor, id, version) ON DELETE CASCADE
);
CREATE INDEX social_posts_symbols_by_symbol ON social_posts_symbols (symbol);

-- How much of a vendor's quota is used, as the program that keeps to it writes it.
CREATE TABLE quota_use (
    vendor  TEXT   NOT NULL PRIMARY KEY,
    updated BIGINT NOT NULL,
    state   TEXT   NOT NULL
);

-- Every backup that was begun. One that is not `proven` counts for nothing.
CREATE TABLE backups (
    name     TEXT   NOT NULL PRIMARY KEY,
    kind     TEXT   NOT NULL,
    started  BIGINT NOT NULL,
    finished BIGINT,
    status   TEXT   NOT NULL CHECK (status IN ('running', 'proven', 'failed', 'removed')),
    bytes    BIGINT NOT NULL DEFAULT 0,
    digest   TEXT,
    detail   TEXT
);
CREATE INDEX backups_by_start ON backups (started);
