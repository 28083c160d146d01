//! Ways around the gate do not compile, each for the reason that its `.stderr` file shows.

#[test]
fn an_approval_cannot_be_made_copied_changed_reused_or_left_out() {
    trybuild::TestCases::new().compile_fail("tests/forging/*.rs");
}
