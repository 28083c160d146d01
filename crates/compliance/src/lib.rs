//! Pre-trade compliance policy: restricted list, self-trade prevention, short-sale marking.
