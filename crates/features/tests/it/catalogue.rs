//! The published catalogue is the registry's.

use trader_features::{Registry, catalogue};

#[test]
fn the_published_catalogue_matches_the_registry() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/features.md");
    let published = std::fs::read_to_string(path).expect("docs/features.md");
    assert!(
        published == catalogue::markdown(Registry::standard()),
        "run `cargo run -p trader-features --example catalogue > docs/features.md`"
    );
}
