//! Approved terms are read, not written.
fn enlarge(order: &mut trader_broker::ApprovedOrder) {
    order.request().quantity = trader_domain::Quantity::MAX;
}

fn main() {}
