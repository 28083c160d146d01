//! Both policies judge.
fn no_compliance(
    order: trader_domain::OrderRequest,
    snapshot: &trader_broker::Snapshot<'_>,
    risk: &dyn trader_broker::RiskPolicy,
) {
    let _ = trader_broker::approve(order, snapshot, risk);
}

fn main() {}
