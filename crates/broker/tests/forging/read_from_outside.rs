//! No bytes from outside become an approval.
fn needs_deserialize<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs_deserialize::<trader_broker::ApprovedOrder>();
}
