//! For which numbers a certificate may vouch (RFC 8226 §9, its TNAuthList).

use x509_parser::{
    der_parser::asn1_rs::{Any, FromDer, Oid, oid},
    parse_x509_certificate,
};

const TN_AUTH_LIST: Oid<'static> = oid!(1.3.6.1.5.5.7.1.26);

/// Tells whether the certificate may vouch for `number`, digits without a plus sign; one without a list may for all.
pub fn covers(certificate: &[u8], number: &str) -> bool {
    let Ok((_, certificate)) = parse_x509_certificate(certificate) else {
        return false;
    };
    let mut extensions = certificate.extensions().iter();
    match extensions.find(|one| one.oid == TN_AUTH_LIST) {
        Some(list) => is_listed(list.value, number).unwrap_or(false),
        None => true,
    }
}

// None where it is badly written.
fn is_listed(list: &[u8], number: &str) -> Option<bool> {
    let (_, list) = Any::from_der(list).ok()?;
    let mut rest = list.data;
    let mut listed = false;
    while !rest.is_empty() {
        let (behind, entry) = Any::from_der(rest).ok()?;
        rest = behind;
        let (_, inner) = Any::from_der(entry.data).ok()?;
        listed |= match entry.header.tag().0 {
            // Of a service provider: which numbers are its own is written elsewhere.
            0 => true,
            1 => is_within(inner.data, number)?,
            2 => inner.data == number.as_bytes(),
            // RFC 8226 knows no others.
            _ => return None,
        };
    }
    Some(listed)
}

fn is_within(range: &[u8], number: &str) -> Option<bool> {
    let (rest, start) = Any::from_der(range).ok()?;
    let (_, count) = u64::from_der(rest).ok()?;
    let start = std::str::from_utf8(start.data).ok()?;
    let (Ok(first), Ok(asked)) = (start.parse::<u128>(), number.parse::<u128>()) else {
        return Some(false);
    };
    let offset = asked.checked_sub(first);
    Some(start.len() == number.len() && offset.is_some_and(|offset| offset < u128::from(count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SEQUENCE of [0] "709J", [1] { "4930100", 100 }, [2] "4989100", as wanted.
    fn list(entries: &[&[u8]]) -> Vec<u8> {
        let inner = entries.concat();
        [&[0x30, inner.len() as u8], &inner[..]].concat()
    }

    const PROVIDER: &[u8] = b"\xa0\x06\x16\x04709J";
    const RANGE: &[u8] = b"\xa1\x0e\x30\x0c\x16\x074930100\x02\x01\x64";
    const ONE: &[u8] = b"\xa2\x09\x16\x074989100";

    #[test]
    fn a_list_names_providers_ranges_and_single_numbers() {
        for (entries, number, listed) in [
            (&[PROVIDER][..], "1555", Some(true)),
            (&[RANGE][..], "4930100", Some(true)),
            (&[RANGE][..], "4930199", Some(true)),
            (&[RANGE][..], "4930200", Some(false)),
            (&[RANGE][..], "4930099", Some(false)),
            (&[RANGE][..], "04930100", Some(false)),
            (&[RANGE, ONE][..], "4989100", Some(true)),
            (&[ONE][..], "4989101", Some(false)),
            (&[ONE][..], "*#", Some(false)),
            (&[][..], "1", Some(false)),
        ] {
            assert_eq!(is_listed(&list(entries), number), listed, "{number}");
        }
    }

    #[test]
    fn a_list_that_is_badly_written_covers_nothing() {
        for bad in [
            &b""[..],
            b"\x30\x7f",
            b"\x30\x02\xa3\x00",
            b"\x30\x04\xa1\x02\x16\x00",
        ] {
            assert_eq!(is_listed(bad, "1"), None, "{bad:?}");
        }
        assert!(!covers(b"no certificate", "1"));
    }
}
