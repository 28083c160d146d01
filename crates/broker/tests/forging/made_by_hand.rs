//! The fields are private: nobody but `approve` fills them.
fn forge(request: trader_domain::OrderRequest) -> trader_broker::ApprovedOrder {
    trader_broker::ApprovedOrder {
        request,
        snapshot_version: 0,
    }
}

fn main() {
    let _unused = forge;
}
