//! Names and addresses of machines.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{NotAllowed, Setting, text_of, toml_string};
use crate::raw::RawValue;

/// A host: a DNS name or an IP address in its usual form, nothing else (no port, user, or path).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(HostKind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostKind {
    Name(String),
    Address(IpAddr),
}

/// Names that mean "this machine" or "this network" wherever they are used.
const LOCAL_SUFFIXES: [&str; 5] = ["localhost", "local", "localdomain", "internal", "home.arpa"];

impl Host {
    /// Whether it is this machine, however it is written.
    pub fn is_loopback(&self) -> bool {
        match &self.0 {
            HostKind::Name(name) => {
                has_suffix(name, "localhost") || has_suffix(name, "localdomain")
            }
            HostKind::Address(address) => {
                let address = address.to_canonical();
                address.is_loopback() || address.is_unspecified()
            }
        }
    }

    /// Whether it is this machine or lies in a private, link-local or shared network (RFC 1918,
    /// 3927, 4193, 4291, 6598) or under a name reserved for local use (RFC 6761, 6762, 8375).
    pub fn is_local_or_private(&self) -> bool {
        self.is_loopback()
            || match &self.0 {
                // A name without a dot is resolved by the local network.
                HostKind::Name(name) => {
                    !name.contains('.')
                        || LOCAL_SUFFIXES.iter().any(|suffix| has_suffix(name, suffix))
                }
                HostKind::Address(address) => match address.to_canonical() {
                    IpAddr::V4(address) => is_private_v4(address),
                    IpAddr::V6(address) => is_private_v6(address),
                },
            }
    }
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    address.is_private() || address.is_link_local() || shared || first == 0
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_unique_local() || address.is_unicast_link_local()
}

impl FromStr for Host {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(HostKind::Address(address)));
        }
        let label_is_valid = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let numeric = |label: &str| {
            let digits = label
                .strip_prefix("0x")
                .or_else(|| label.strip_prefix("0X"));
            match digits {
                Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
                None => label.bytes().all(|byte| byte.is_ascii_digit()),
            }
        };
        // `127.1`, `2130706433` and `0x7f.1` are addresses to many resolvers: a name whose last
        // label is a number is refused, so that no loopback address hides in it.
        let last_is_number = text.rsplit('.').next().is_none_or(numeric);
        if text.len() > 253 || last_is_number || !text.split('.').all(label_is_valid) {
            return Err(NotAllowed);
        }
        Ok(Self(HostKind::Name(text.to_ascii_lowercase())))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            HostKind::Name(name) => formatter.write_str(name),
            HostKind::Address(address) => write!(formatter, "{address}"),
        }
    }
}

impl Setting for Host {
    const TYPE: &'static str = "host";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        text_of(raw)?.parse()
    }

    fn allowed(_range: &str) -> String {
        "a DNS name or an IP address, without port".to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_this_machine_is_loopback() {
        for text in [
            "localhost",
            "LOCALHOST",
            "db.localhost",
            "127.0.0.1",
            "127.8.9.1",
            "::1",
            "0.0.0.0",
            "::",
            "::ffff:127.0.0.1",
        ] {
            assert!(text.parse::<Host>().unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn private_networks_are_told_from_public_ones() {
        let private = [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "fd00::1",
            "fe80::1",
            "db",
            "nas.local",
            "db.corp.internal",
        ];
        for text in private {
            assert!(
                text.parse::<Host>().unwrap().is_local_or_private(),
                "{text}"
            );
        }
        for text in [
            "db.example.org",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2001:db8::1",
            "mylocalhost.org",
        ] {
            assert!(
                !text.parse::<Host>().unwrap().is_local_or_private(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_plain_host_is_refused() {
        for text in [
            "",
            ".",
            "a..b",
            "host:5432",
            "user@host",
            "a/b",
            "-a.org",
            "127.1",
            "2130706433",
            "0x7f.1",
            "a b",
            "h\u{f6}st",
            "x.0x7f",
        ] {
            assert_eq!(text.parse::<Host>(), Err(NotAllowed), "{text}");
        }
    }
}
