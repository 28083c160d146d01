//! How long a token lives and when it must be renewed. Pure: the caller says what time it is.

use trader_domain::{NANOS_PER_SECOND, Timestamp};

/// Share of its life after which a token is renewed, percent.
const RENEW_PERCENT: i128 = 80;

/// Base64 characters of a JWT's claims beyond which nobody sound writes.
const MOST_CLAIMS: usize = 64 * 1024;

/// What to do about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenNeed {
    /// Nothing.
    Nothing,
    /// Renew it; it is still good meanwhile.
    Renewal,
    /// Get another one; it is good no more.
    Replacement,
}

/// The life of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLife {
    obtained: Timestamp,
    expires: Timestamp,
}

impl TokenLife {
    /// From when it was obtained until when it is good.
    pub fn new(obtained: Timestamp, expires: Timestamp) -> Self {
        Self { obtained, expires }
    }

    /// Of an answer: `expires_in` seconds where it says so (RFC 6749, 5.1), else the claim `exp` of a JWT. `None` when
    /// neither tells.
    pub fn of_answer(obtained: Timestamp, expires_in: Option<i64>, token: &str) -> Option<Self> {
        let told = expires_in
            .filter(|seconds| *seconds > 0)
            .map(|seconds| obtained.saturating_add(seconds.saturating_mul(NANOS_PER_SECOND)));
        let expires = told.or_else(|| jwt_expiry(token))?;
        Some(Self::new(obtained, expires))
    }

    /// What to do now.
    pub fn need(self, now: Timestamp) -> TokenNeed {
        if now >= self.expires {
            return TokenNeed::Replacement;
        }
        let life = i128::from(self.expires.nanos()) - i128::from(self.obtained.nanos());
        let age = i128::from(now.nanos()) - i128::from(self.obtained.nanos());
        if age * 100 >= life * RENEW_PERCENT {
            TokenNeed::Renewal
        } else {
            TokenNeed::Nothing
        }
    }
}

/// The claim `exp` of a JWT (RFC 7519, 4.1.4); `None` when it is none or has none. Its signature is the issuer's
/// business: we only ask when to renew.
pub fn jwt_expiry(token: &str) -> Option<Timestamp> {
    let claims = token.split('.').nth(1)?;
    if token.split('.').count() != 3 || claims.len() > MOST_CLAIMS {
        return None;
    }
    let claims: serde_json::Value = serde_json::from_slice(&base64url(claims)?).ok()?;
    let seconds = claims.get("exp")?.as_i64()?;
    let nanos = seconds.checked_mul(NANOS_PER_SECOND)?;
    Some(Timestamp::from_nanos(nanos))
}

/// Base64 with the alphabet for addresses and without padding (RFC 4648, 5).
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for character in text.bytes() {
        let six = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    // What is left over must be nothing but padding bits.
    (bits < 6 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds * NANOS_PER_SECOND)
    }

    #[test]
    fn it_is_renewed_at_four_fifths_of_its_life_and_replaced_at_its_end() {
        let life = TokenLife::new(at(1_000), at(2_000));
        assert_eq!(life.need(at(1_799)), TokenNeed::Nothing);
        assert_eq!(life.need(at(1_800)), TokenNeed::Renewal);
        assert_eq!(life.need(at(1_999)), TokenNeed::Renewal);
        assert_eq!(life.need(at(2_000)), TokenNeed::Replacement);
        let none = TokenLife::new(at(5), at(5));
        assert_eq!(none.need(at(5)), TokenNeed::Replacement);
    }

    #[test]
    fn its_end_is_told_by_the_answer_or_by_the_token() {
        // The example of RFC 7519, 3.1: exp is 1300819380.
        let jwt = concat!(
            "ey",
            "J0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            ".ey",
            "Jpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        );
        assert_eq!(jwt_expiry(jwt), Some(at(1_300_819_380)));
        let of = |seconds, token| TokenLife::of_answer(at(100), seconds, token);
        assert_eq!(of(Some(50), jwt), Some(TokenLife::new(at(100), at(150))));
        assert_eq!(
            of(None, jwt),
            Some(TokenLife::new(at(100), at(1_300_819_380)))
        );
        assert_eq!(of(None, "opaque"), None);
        assert_eq!(of(Some(-1), "opaque"), None);
        for bad in [
            "a.b",
            "a.!.c",
            "a.e30.c",
            "..",
            "a.e.c",
            "a.eyJleHAiOjF9.c.d",
        ] {
            assert_eq!(jwt_expiry(bad), None, "{bad}");
        }
    }
}
