//! Test only: fixtures, simulated clock, property-test generators.
