//! STUN on a SIP port (RFC 5626 §4.4.2, RFC 8489): who registers keeps its way through address translation open, and learns
//! where it is seen from. Phones do so with us, and we with registrars.

use std::net::{IpAddr, SocketAddr};

use bytes::{BufMut, Bytes, BytesMut};

const HEADER: usize = 20;
const COOKIE: u32 = 0x2112_a442;
const BINDING: u16 = 0x0001;
const SUCCESS: u16 = 0x0101;
const ERROR: u16 = 0x0111;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN: u16 = 0x000a;
const XOR_MAPPED: u16 = 0x0020;
/// RFC 8489 §14: attributes below must be understood.
const OPTIONAL: u16 = 0x8000;
/// How many attributes that are not understood are named.
const MOST: usize = 8;

/// Tells whether a datagram is STUN and not SIP, whose messages begin with a letter or a line end.
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER && datagram[0] < 4 && datagram[4..8] == COOKIE.to_be_bytes()
}

/// Tells whether STUN asks something; else it answers, or tells.
pub fn is_request(datagram: &[u8]) -> bool {
    is_stun(datagram) && datagram[..2] == BINDING.to_be_bytes()
}

/// Returns a binding request.
pub fn request(id: [u8; 12]) -> Bytes {
    let mut request = BytesMut::with_capacity(HEADER);
    request.put_u16(BINDING);
    request.put_u16(0);
    request.put_u32(COOKIE);
    request.put_slice(&id);
    request.freeze()
}

/// What a server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// To which request.
    pub id: [u8; 12],
    /// Where it sees us; none where it refuses to say.
    pub mapped: Option<SocketAddr>,
}

/// Reads an answer to a binding request; none where it is broken, or says nothing of where we are.
pub fn said(datagram: &[u8]) -> Option<Said> {
    let kind = datagram.get(..2)?;
    if !is_stun(datagram) || number(datagram, 2)? + HEADER != datagram.len() {
        return None;
    }
    let id = datagram[8..HEADER].try_into().ok()?;
    if kind == ERROR.to_be_bytes() {
        return Some(Said { id, mapped: None });
    }
    if kind != SUCCESS.to_be_bytes() {
        return None;
    }
    let mut at = HEADER;
    while at < datagram.len() {
        let (kind, length) = (number(datagram, at)?, number(datagram, at + 2)?);
        let value = datagram.get(at + 4..at + 4 + length)?;
        if kind == usize::from(XOR_MAPPED) {
            let mapped = Some(unmapped(value, &datagram[4..HEADER])?);
            return Some(Said { id, mapped });
        }
        at += 4 + length.next_multiple_of(4);
    }
    None
}

fn number(datagram: &[u8], at: usize) -> Option<usize> {
    let two = datagram.get(at..at + 2)?;
    Some(usize::from(u16::from_be_bytes([two[0], two[1]])))
}

// RFC 8489 §14.2.
fn unmapped(value: &[u8], mask: &[u8]) -> Option<SocketAddr> {
    let port = u16::try_from(number(value, 2)?).ok()? ^ (COOKIE >> 16) as u16;
    let plain = |(byte, mask): (&u8, &u8)| byte ^ mask;
    let octets: Vec<u8> = value[4..].iter().zip(mask).map(plain).collect();
    let ip = match (value[1], octets.len()) {
        (1, 4) => IpAddr::from(<[u8; 4]>::try_from(octets).ok()?),
        (2, 16) => IpAddr::from(<[u8; 16]>::try_from(octets).ok()?),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Returns the answer to a binding request from `peer`; none to anything else, and to what is broken.
pub fn answer(datagram: &[u8], peer: SocketAddr) -> Option<Bytes> {
    let number = |at: usize| {
        let two = datagram.get(at..at + 2)?;
        Some(u16::from_be_bytes([two[0], two[1]]))
    };
    if !is_stun(datagram)
        || number(0)? != BINDING
        || usize::from(number(2)?) + HEADER != datagram.len()
    {
        return None;
    }
    let mut unknown = Vec::new();
    let mut at = HEADER;
    while at < datagram.len() {
        let (kind, length) = (number(at)?, usize::from(number(at + 2)?));
        if kind < OPTIONAL && unknown.len() < MOST {
            unknown.push(kind);
        }
        at += 4 + length.next_multiple_of(4);
    }
    if at != datagram.len() {
        return None;
    }
    let id = &datagram[4..HEADER];
    let mut body = BytesMut::new();
    let kind = if unknown.is_empty() {
        mapped(&mut body, peer, id);
        SUCCESS
    } else {
        refused(&mut body, &unknown);
        ERROR
    };
    let mut answer = BytesMut::with_capacity(HEADER + body.len());
    answer.put_u16(kind);
    answer.put_u16(u16::try_from(body.len()).ok()?);
    answer.put_slice(id);
    answer.put_slice(&body);
    Some(answer.freeze())
}

// RFC 8489 §14.2.
fn mapped(body: &mut BytesMut, peer: SocketAddr, id: &[u8]) {
    let (family, address) = match peer.ip().to_canonical() {
        IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        IpAddr::V6(ip) => (2, ip.octets().to_vec()),
    };
    body.put_u16(XOR_MAPPED);
    body.put_u16(4 + address.len() as u16);
    body.put_u16(family);
    body.put_u16(peer.port() ^ (COOKIE >> 16) as u16);
    body.extend(address.iter().zip(id).map(|(byte, mask)| byte ^ mask));
}

// RFC 8489 §14.8, §14.13: 420 and what was not understood.
fn refused(body: &mut BytesMut, unknown: &[u16]) {
    const REASON: &[u8] = b"Unknown Attribute\0\0\0";
    body.put_u16(ERROR_CODE);
    body.put_u16(4 + 17);
    body.put_slice(&[0, 0, 4, 20]);
    body.put_slice(REASON);
    body.put_u16(UNKNOWN);
    body.put_u16(2 * unknown.len() as u16);
    unknown.iter().for_each(|kind| body.put_u16(*kind));
    if unknown.len() % 2 == 1 {
        body.put_u16(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut request = vec![0, 1, 0, attributes.len() as u8];
        request.extend(COOKIE.to_be_bytes());
        request.extend(*b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae");
        request.extend(attributes);
        request
    }

    // RFC 5769 §2.2 and §2.3 have these transaction id, addresses and their masked forms.
    #[test]
    fn a_phone_is_told_where_it_is_seen_from() {
        let v4 = answer(&request(&[]), "192.0.2.1:32853".parse().unwrap()).unwrap();
        assert_eq!(v4[..4], [1, 1, 0, 12]);
        assert_eq!(
            v4[20..],
            *b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
        );

        let peer = "[2001:db8:1234:5678:11:2233:4455:6677]:32853"
            .parse()
            .unwrap();
        let v6 = answer(&request(&[]), peer).unwrap();
        assert_eq!(
            v6[20..],
            *b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
        );
        assert_eq!(v4[4..20], request(&[])[4..20]);
    }

    #[test]
    fn what_must_be_understood_and_is_not_is_named() {
        let optional = *b"\x80\x22\x00\x03abc\0";
        let peer = "192.0.2.1:5060".parse().unwrap();
        assert_eq!(answer(&request(&optional), peer).unwrap()[..2], [1, 1]);

        let needed = *b"\x00\x06\x00\x03abc\0";
        let refused = answer(&request(&needed), peer).unwrap();

        assert_eq!(refused[..2], [1, 0x11]);
        assert_eq!(refused[26..28], [4, 20]);
        assert_eq!(refused[48..], *b"\x00\x0a\x00\x02\x00\x06\x00\x00");
        assert_eq!(usize::from(refused[3]), refused.len() - 20);
    }

    #[test]
    fn what_is_answered_is_read() {
        let id = *b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";
        let asked = super::request(id);
        assert!(is_request(&asked));
        assert_eq!(asked[..], request(&[])[..]);
        for peer in [
            "192.0.2.1:32853",
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        ] {
            let peer: SocketAddr = peer.parse().unwrap();
            let told = answer(&asked, peer).unwrap();

            assert!(!is_request(&told));
            let mapped = Some(peer);
            assert_eq!(said(&told), Some(Said { id, mapped }));
            for end in 0..told.len() {
                assert_eq!(said(&told[..end]), None, "cut at {end}");
            }
        }
        let refused = answer(
            &request(b"\x00\x06\x00\x03abc\0"),
            "192.0.2.1:1".parse().unwrap(),
        );
        assert_eq!(said(&refused.unwrap()).unwrap().mapped, None);
        let mut bare = asked.to_vec();
        bare[0] = 1;
        assert_eq!(said(&bare), None, "it says nothing");
        bare.extend(*b"\x00\x20\x00\x02\x00\x01\0\0");
        bare[3] = 8;
        assert_eq!(said(&bare), None, "it says too little");
    }

    #[test]
    fn what_is_no_request_gets_no_answer() {
        let peer = "192.0.2.1:5060".parse().unwrap();
        let mut response = request(&[]);
        response[0] = 1;
        let cut = &request(b"\x80\x22\x00\x30abc\0")[..];
        for datagram in [
            &response[..],
            cut,
            b"OPTIONS sip:x SIP/2.0\r\n\r\n",
            b"",
            &request(&[])[..19],
        ] {
            assert_eq!(answer(datagram, peer), None);
        }
    }
}
