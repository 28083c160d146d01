//! Money, instruments, market data, orders, positions, calendar: the vocabulary of the whole system.
