//! Feature calculators: slice kernels and streaming forms with the same numbers.
