//! Hosts that are named where an address of media stands (RFC 8866 §5.7). Whoever can ask the DNS puts the addresses in their
//! place, before anything else is read.

use std::fmt::Write;
use std::net::IpAddr;

use bytes::Bytes;

use super::read::BYTES_MAX;
use crate::families::Family;

/// How many hosts of one description are looked up.
const MOST: usize = 4;
/// The longest name (RFC 1035 §2.3.4).
const LONGEST: usize = 253;

/// A host in place of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName {
    /// In lowercase, without a dot at its end.
    pub name: String,
    /// Which kind of address is meant.
    pub family: Family,
}

impl HostName {
    // Of a line such as `c=IN IP4 media.example.com`, and what stands before the host.
    fn read(line: &str) -> Option<(&str, Self)> {
        let at = "c=IN IP4 ".len();
        let (before, host) = (line.get(..at)?, line.get(at..)?.trim_end());
        let family = match before {
            "c=IN IP4 " => Family::V4,
            "c=IN IP6 " => Family::V6,
            _other => return None,
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_part = |part: &str| {
            let known = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
            (1..=63).contains(&part.len()) && part.chars().all(known)
        };
        // A name without a dot would be another host in each house, and a last part of digits is an address that is none.
        let (_, last) = host.rsplit_once('.')?;
        let named = last.starts_with(|one: char| one.is_ascii_alphabetic());
        let sound = named && host.len() <= LONGEST && host.split('.').all(is_part);
        let name = host.to_ascii_lowercase();
        sound.then_some((before, Self { name, family }))
    }
}

/// Returns the hosts that a description names, each once; none where it has more than are looked up.
pub fn host_names(description: &[u8]) -> Vec<HostName> {
    let mut names = Vec::new();
    if description.len() > BYTES_MAX {
        return names;
    }
    let Ok(text) = std::str::from_utf8(description) else {
        return names;
    };
    for (_, name) in text.lines().filter_map(HostName::read) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > MOST {
        names.clear();
    }
    names
}

/// Returns a description with addresses in place of the hosts that were found; others stay, as what cannot be used.
pub fn with_addresses(description: &[u8], found: &[(HostName, IpAddr)]) -> Bytes {
    let text = String::from_utf8_lossy(description);
    let mut written = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let named = HostName::read(line.trim_end());
        let known = named.and_then(|(before, name)| {
            let (_, address) = found.iter().find(|(one, _)| *one == name)?;
            Some((before, address))
        });
        match known {
            Some((before, address)) => {
                let end = &line[line.trim_end().len()..];
                _ = write!(written, "{before}{address}{end}");
            }
            None => written.push_str(line),
        }
    }
    Bytes::from(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(name: &str) -> HostName {
        HostName {
            name: name.to_owned(),
            family: Family::V4,
        }
    }

    #[test]
    fn hosts_are_told_from_addresses_and_from_what_is_neither() {
        let table = [
            ("c=IN IP4 Media.Example.com", vec![v4("media.example.com")]),
            ("c=IN IP4 media.example.com.", vec![v4("media.example.com")]),
            (
                "c=IN IP6 a.example\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 a.example\r\nc=IN IP4 a.example",
                vec![
                    HostName {
                        name: "a.example".to_owned(),
                        family: Family::V6,
                    },
                    v4("a.example"),
                ],
            ),
            ("c=IN IP4 192.0.2.1", vec![]),
            ("c=IN IP6 2001:db8::1", vec![]),
            ("c=IN IP4 224.2.1.1/127", vec![]),
            ("c=IN IP4 300.1.1.1", vec![]),
            ("c=IN IP4 localhost", vec![]),
            ("c=IN IP4 a..example", vec![]),
            ("c=IN IP4 a.example/2", vec![]),
            ("c=ATM NSAP a.example", vec![]),
            ("o=- 1 1 IN IP4 a.example", vec![]),
            ("c=", vec![]),
        ];
        for (lines, names) in table {
            assert_eq!(host_names(lines.as_bytes()), names, "{lines}");
        }
        let many: String = (0..5)
            .map(|n| format!("c=IN IP4 h{n}.example\r\n"))
            .collect();
        assert_eq!(host_names(many.as_bytes()), []);
        assert_eq!(host_names(b"c=IN IP4 a.example\xff"), []);
        let long = format!("c=IN IP4 {}example", "a.".repeat(130));
        assert_eq!(host_names(long.as_bytes()), []);
    }

    #[test]
    fn an_address_stands_in_place_of_its_host_and_nothing_else_changes() {
        let lines = "v=0\r\no=- 1 1 IN IP4 a.example\r\ns=-\r\nc=IN IP4 A.Example\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 b.example\r\n";
        let found = [(v4("a.example"), IpAddr::from([192, 0, 2, 7]))];

        let written = with_addresses(lines.as_bytes(), &found);

        let expected = lines.replace("c=IN IP4 A.Example", "c=IN IP4 192.0.2.7");
        assert_eq!(written, expected.as_bytes());
    }
}
