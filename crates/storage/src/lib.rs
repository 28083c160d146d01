//! Market-data files: CSV, Parquet and LEAN folders, read and written.
