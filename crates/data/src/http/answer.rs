//! From a response to a body that may be parsed: status, content type, length.

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use trader_domain::{NANOS_PER_SECOND, Timestamp};

use super::error::FetchFault;

/// Characters of a provider's message that are passed on.
const LONGEST_MESSAGE: usize = 200;

/// Bytes of an error body that are looked at.
const LONGEST_ERROR_BODY: usize = 16 * 1024;

/// The body of a good answer.
pub(super) async fn body(
    response: Response,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<u8>, FetchFault> {
    let status = response.status();
    if status.is_success() {
        json_only(response.headers())?;
        return whole(response, limit).await;
    }
    if status.is_redirection() {
        return Err(FetchFault::Redirect {
            status: status.as_u16(),
        });
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(FetchFault::Throttled {
            wait_nanos: wait_told(response.headers(), now),
        });
    }
    let status_code = status.as_u16();
    // The status says enough; a message that cannot be read is none.
    let said = whole(response, LONGEST_ERROR_BODY)
        .await
        .unwrap_or_default();
    let message = message(&said);
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FetchFault::Unauthorized {
            status: status_code,
            message,
        },
        StatusCode::REQUEST_TIMEOUT => FetchFault::Server {
            status: status_code,
            message,
        },
        _ if status.is_server_error() => FetchFault::Server {
            status: status_code,
            message,
        },
        _ => FetchFault::Refused {
            status: status_code,
            message,
        },
    })
}

/// Vendors send `application/json`, with or without a character set; some say `text/json` or `text/javascript`.
fn json_only(headers: &HeaderMap) -> Result<(), FetchFault> {
    let declared = headers
        .get(CONTENT_TYPE)
        .map_or("of no declared type", |value| {
            value.to_str().unwrap_or("of an unreadable type")
        });
    if declared.to_ascii_lowercase().contains("json") {
        return Ok(());
    }
    Err(FetchFault::ContentType {
        found: shortened(declared),
    })
}

async fn whole(mut response: Response, limit: usize) -> Result<Vec<u8>, FetchFault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(FetchFault::transport)? {
        if chunk.len() > limit - body.len() {
            return Err(FetchFault::TooLong { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Nanoseconds that the provider asks to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), or the
/// instant at which `X-RateLimit-Reset` says that the window ends (seconds since 1970, Alpaca).
fn wait_told(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(after) = text(RETRY_AFTER.as_str()) {
        if let Ok(seconds) = after.trim().parse::<i64>() {
            return Some(seconds.saturating_mul(NANOS_PER_SECOND));
        }
        let date = chrono::DateTime::parse_from_rfc2822(after.trim()).ok()?;
        let date = Timestamp::from_datetime(date.to_utc()).ok()?;
        return Some(date.nanos_since(now).max(0));
    }
    let reset = text("x-ratelimit-reset")?.trim().parse::<i64>().ok()?;
    let reset = Timestamp::from_nanos(reset.saturating_mul(NANOS_PER_SECOND));
    Some(reset.nanos_since(now).max(0))
}

/// What a provider says in an error body: `message`, `error` (Massive, Finnhub), else its text.
fn message(body: &[u8]) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let named = parsed.as_ref().and_then(|value| {
        let of = |name: &str| value.get(name).and_then(serde_json::Value::as_str);
        of("message").or_else(|| of("error"))
    });
    match named {
        Some(text) => shortened(text),
        None if body.is_empty() => "without a word".to_owned(),
        None => shortened(&String::from_utf8_lossy(body)),
    }
}

/// One line of printable characters, not too long.
fn shortened(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = clean.clone().take(LONGEST_MESSAGE).collect();
    if clean.count() > LONGEST_MESSAGE {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn a_wait_is_told_in_seconds_as_a_date_or_by_the_end_of_the_window() {
        let now = Timestamp::from_nanos(1_445_412_480 * NANOS_PER_SECOND);
        for (name, value, seconds) in [
            ("retry-after", "120", 120),
            ("retry-after", "Wed, 21 Oct 2015 07:29:00 GMT", 60),
            ("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT", 0),
            ("x-ratelimit-reset", "1445412490", 10),
        ] {
            let told = wait_told(&headers(name, value), now);
            assert_eq!(told, Some(seconds * NANOS_PER_SECOND), "{name}: {value}");
        }
        assert_eq!(wait_told(&headers("retry-after", "soon"), now), None);
        assert_eq!(wait_told(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_provider_s_message_is_one_short_line() {
        assert_eq!(message(br#"{"code":1,"message":"no\nkey"}"#), "no key");
        assert_eq!(
            message(br#"{"error":"Invalid API key"}"#),
            "Invalid API key"
        );
        assert_eq!(message(b"<html>"), "<html>");
        assert_eq!(message(b""), "without a word");
        let long = message(&[b'x'; 5_000]);
        assert_eq!(long.chars().count(), LONGEST_MESSAGE + 1);
    }

    #[test]
    fn only_json_is_taken() {
        assert!(json_only(&headers("content-type", "application/json; charset=utf-8")).is_ok());
        assert!(json_only(&headers("content-type", "text/html")).is_err());
        assert!(json_only(&HeaderMap::new()).is_err());
    }
}
