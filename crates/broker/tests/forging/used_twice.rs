//! An approval is consumed by submitting it.
fn twice(
    venue: &mut dyn trader_broker::Venue,
    order: trader_broker::ApprovedOrder,
    now: trader_domain::Timestamp,
    reports: &mut Vec<trader_domain::BrokerReport>,
) {
    venue.submit(order, now, reports);
    venue.submit(order, now, reports);
}

fn main() {}
