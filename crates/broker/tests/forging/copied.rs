//! There is no second approval for the same judgement.
fn needs_clone<T: Clone>() {}

fn main() {
    needs_clone::<trader_broker::ApprovedOrder>();
    needs_clone::<trader_broker::ApprovedReplacement>();
}
