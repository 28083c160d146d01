//! Entries as bytes.

use proptest::prelude::*;
use trader_cache::Entry;
use trader_domain::Timestamp;

proptest! {
    #[test]
    fn entries_come_back_and_no_flipped_bit_passes(
        content in prop::collection::vec(0_u8..4, 0..5_000),
        ends in any::<i64>(),
        flip in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let entry = Entry { key: "answers:x".to_owned(), ends: Timestamp::from_nanos(ends), content };
        let mut bytes = entry.render().unwrap();
        prop_assert_eq!(Entry::parse(&bytes).unwrap(), entry);
        let at = flip.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Entry::parse(&bytes).is_err());
        prop_assert!(Entry::parse(&bytes[..at]).is_err());
    }

    #[test]
    fn any_bytes_are_an_entry_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Entry::parse(&bytes).is_err());
    }
}
