//! What was only requested is not what a venue takes.
fn bypass(
    venue: &mut dyn trader_broker::Venue,
    order: trader_domain::OrderRequest,
    now: trader_domain::Timestamp,
    reports: &mut Vec<trader_domain::BrokerReport>,
) {
    venue.submit(order, now, reports);
}

fn main() {}
