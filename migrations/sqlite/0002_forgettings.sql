-- What is used of a vendor's quota is kept in the store, beside the data that it was used for.
DROP TABLE quota_use;

-- Every time records were removed because a licence or the retention asks for it: one row a table and vendor.
CREATE TABLE forgettings (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    at              INTEGERNOT NULL,
    vendor          TEXT   NOT NULL,
    kind            TEXT   NOT NULL,
    received_before INTEGERNOT NULL,
    versions        INTEGERNOT NULL,
    reason          TEXT   NOT NULL
);
CREATE INDEX forgettings_by_time ON forgettings (at);
