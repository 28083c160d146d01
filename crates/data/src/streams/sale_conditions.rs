//! What the vendors' sale conditions mean, after the CTA and UTP plans' rules for consolidated processing.
//!
//! Letters are those of the plans' specifications; Massive numbers them (its `/v3/reference/conditions` maps its
//! numbers to the letters). A condition that is not known here may mean anything, so such a print counts for volume
//! and moves no price.

use trader_domain::TradeConditions;

/// Which plan's letters: some differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Tapes A and B.
    Cta,
    /// Tape C.
    Utp,
}

/// The meaning of a letter.
pub(crate) const fn of_letter(letter: u8, plan: Plan) -> TradeConditions {
    type C = TradeConditions;
    match (letter, plan) {
        // Regular sale, acquisition, distribution, automatic execution, rule 127/155, split, cross, yellow flag,
        // stopped stock, placeholder of rule 611.
        (b'@' | b' ' | b'A' | b'D' | b'E' | b'K' | b'S' | b'X' | b'Y' | b'1' | b'8', _) => {
            C::REGULAR
        }
        (b'B', Plan::Cta) | (b'W', _) => C::AVERAGE_PRICE,
        // Bunched.
        (b'B', Plan::Utp) => C::REGULAR,
        // Cash, next day, seller, price variation, contingent, qualified contingent: volume only.
        (b'C' | b'N' | b'R' | b'H' | b'V' | b'7', _) => C::CONTINGENT,
        (b'F', _) => C::INTERMARKET_SWEEP,
        // Bunched sold, sold last, sold out of sequence.
        (b'G' | b'L' | b'Z', _) => C::OUT_OF_SEQUENCE,
        (b'I', _) => C::ODD_LOT,
        // Official open and close, corrected consolidated close: repeat what was printed before.
        (b'M' | b'Q' | b'9', _) => C::OFFICIAL,
        (b'O' | b'5', _) => C::OPENING,
        (b'P', _) => C::PRIOR_REFERENCE,
        (b'T', _) => C::EXTENDED_HOURS,
        (b'U', _) => C::EXTENDED_HOURS.with(C::OUT_OF_SEQUENCE),
        (b'4', _) => C::DERIVATIVELY_PRICED,
        (b'6', _) => C::CLOSING,
        _ => C::SUSPICIOUS,
    }
}

/// The meaning of one of Massive's numbers.
pub(crate) const fn of_massive(number: i64) -> TradeConditions {
    let letter = match number {
        0 => b'@',
        1 => b'A',
        2 => b'W',
        3 => b'E',
        4 => b'@',
        5 => b'G',
        6 | 27 | 35 => b'@',
        7 => b'C',
        8 | 19 => b'6',
        9 => b'X',
        10 => b'4',
        11 => b'D',
        12 => b'T',
        13 => b'U',
        14 => b'F',
        15 => b'M',
        16 => b'Q',
        17 | 25 => b'O',
        18 | 28 => b'5',
        20 => b'N',
        21 => b'H',
        22 => b'P',
        23 | 24 => b'K',
        29 => b'R',
        30 | 31 => b'L',
        32 | 33 => b'Z',
        34 => b'S',
        36 => b'Y',
        37 => b'I',
        38 => b'9',
        41 => b'8',
        52 => b'V',
        53 => b'7',
        _ => b'?',
    };
    of_letter(letter, Plan::Cta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_differ_in_b_and_nothing_unknown_moves_a_price() {
        assert!(!of_letter(b'B', Plan::Cta).updates_last());
        assert!(of_letter(b'B', Plan::Utp).updates_last());
        for unknown in [of_letter(b'?', Plan::Cta), of_massive(999), of_massive(-1)] {
            assert!(!unknown.updates_last() && !unknown.updates_high_low());
            assert!(unknown.updates_volume());
        }
    }
}
