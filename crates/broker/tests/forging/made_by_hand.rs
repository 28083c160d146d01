//! The fields are private: nobody but `approve` fills them.
fn main() {
    let _forged = trader_broker::ApprovedOrder {
        request: unimplemented!(),
        snapshot_version: 0,
    };
}
