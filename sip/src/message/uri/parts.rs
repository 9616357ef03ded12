//! Where the parts of a URI are.

use std::net::IpAddr;

use super::super::defect::Defect;
use super::super::lexis;
use super::super::text::Span;
use super::{MAX_URI, Scheme};

/// Where the parts of a URI are in its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub scheme: Scheme,
    pub user: Option<Span>,
    pub password: Option<Span>,
    pub host: Span,
    pub port: Option<u16>,
    pub params: Span,
    pub headers: Span,
}

impl Parts {
    /// Finds the parts of `text`.
    pub fn scan(text: &str) -> Result<Self, Defect> {
        if text.len() > MAX_URI {
            return Err(Defect::TooLong);
        }
        if text.starts_with("sip:") {
            let marks = Marks::find(text.as_bytes(), 4)?;
            return Self::scan_sip(text, Scheme::Sip, 4, &marks);
        }
        let marks = Marks::find(text.as_bytes(), 0)?;
        let (scheme, rest) = text.split_once(':').ok_or(Defect::Scheme)?;
        let scheme_len = scheme.len();
        match Scheme::read(scheme)? {
            scheme @ (Scheme::Sip | Scheme::Sips) => {
                Self::scan_sip(text, scheme, scheme_len + 1, &marks)
            }
            Scheme::Tel => Self::scan_tel(text, rest),
            Scheme::Other if rest.is_empty() => Err(Defect::Empty),
            Scheme::Other => Ok(Self::bare(Scheme::Other)),
        }
    }

    fn bare(scheme: Scheme) -> Self {
        Self {
            scheme,
            user: None,
            password: None,
            host: Span::default(),
            port: None,
            params: Span::default(),
            headers: Span::default(),
        }
    }

    fn scan_sip(text: &str, scheme: Scheme, start: usize, marks: &Marks) -> Result<Self, Defect> {
        let mut parts = Self::bare(scheme);
        let mut host_start = start;
        // A user may hold `;`, `?` and `/`, so it is found by its `@` before anything else.
        if let Some(at) = marks.at {
            let userinfo = &text.as_bytes()[start..at];
            let user_end = userinfo
                .iter()
                .position(|&byte| byte == b':')
                .map_or(at, |colon| start + colon);
            if user_end == start {
                return Err(Defect::Empty);
            }
            parts.user = Some(Span::new(start, user_end));
            parts.password = (user_end < at).then(|| Span::new(user_end + 1, at));
            host_start = at + 1;
        }
        let host_end = marks.tail.unwrap_or(text.len());
        let (host, port) = split_port(&text[host_start..host_end])?;
        parts.host = Span::new(host_start, host_start + host.len());
        parts.port = port;
        parts.params = Span::new(host_end, host_end);
        if host_end == text.len() {
            return Ok(parts);
        }
        let params_end = marks.query.unwrap_or(text.len());
        check_params(&text[host_end..params_end])?;
        parts.params = Span::new(host_end, params_end);
        if params_end < text.len() {
            parts.headers = Span::new(params_end + 1, text.len());
        }
        Ok(parts)
    }

    fn scan_tel(text: &str, rest: &str) -> Result<Self, Defect> {
        let (number, params) =
            rest.split_at(memchr::memchr(b';', rest.as_bytes()).unwrap_or(rest.len()));
        if number.is_empty() {
            return Err(Defect::Empty);
        }
        check_params(params)?;
        let mut parts = Self::bare(Scheme::Tel);
        parts.user = Some(Span::of(text, number));
        parts.params = Span::of(text, params);
        Ok(parts)
    }
}

impl Scheme {
    fn read(name: &str) -> Result<Self, Defect> {
        match name {
            "sip" => return Ok(Self::Sip),
            "sips" => return Ok(Self::Sips),
            _ => {}
        }
        let mut letters = name.bytes();
        let starts = letters
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic());
        if !starts || !letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            return Err(Defect::Scheme);
        }
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        Ok(match () {
            () if is("sip") => Self::Sip,
            () if is("sips") => Self::Sips,
            () if is("tel") => Self::Tel,
            () => Self::Other,
        })
    }
}

/// Splits `host[:port]`, minding the colons of a bracketed IPv6 address.
pub(in crate::message) fn split_port(hostport: &str) -> Result<(&str, Option<u16>), Defect> {
    // Most often it is a name or an IPv4 address, alone or with a port right behind it.
    let bytes = hostport.as_bytes();
    let end = lexis::len_of(&lexis::HOST, bytes);
    if end > 0 && end == bytes.len() {
        return Ok((hostport, None));
    }
    if end > 0
        && bytes[end] == b':'
        && let Some(port) = lexis::port(&hostport[end + 1..])
    {
        return Ok((&hostport[..end], Some(port)));
    }
    let from = if hostport.starts_with('[') {
        hostport.find(']').ok_or(Defect::Host)?
    } else {
        0
    };
    let colon = hostport.as_bytes()[from..]
        .iter()
        .position(|&byte| byte == b':');
    let (host, port) = match colon {
        Some(at) => {
            let digits = lexis::trim(&hostport[from + at + 1..]);
            (&hostport[..from + at], Some(digits))
        }
        None => (hostport, None),
    };
    let host = lexis::trim(host);
    if !lexis::is_host(host) {
        return Err(Defect::Host);
    }
    match port {
        Some("") => Err(Defect::Port),
        Some(digits) => Ok((host, Some(lexis::port(digits).ok_or(Defect::Port)?))),
        None => Ok((host, None)),
    }
}

/// Reads a host's address, IPv6 with or without brackets; three colons in a row count as two (RFC 5118 §4.10).
pub(in crate::message) fn host_ip(host: &str) -> Option<IpAddr> {
    let inside = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = inside.unwrap_or(host);
    match address.parse() {
        Ok(ip) => Some(ip),
        Err(_) if address.contains(":::") => address.replacen(":::", "::", 1).parse().ok(),
        Err(_) => None,
    }
}

/// Where the signs are that part a URI, found in one pass that also refuses what no URI holds.
#[derive(Default)]
struct Marks {
    /// The first `@`.
    at: Option<usize>,
    /// The first `;` or `?` behind it.
    tail: Option<usize>,
    /// The first `?` behind it.
    query: Option<usize>,
}

impl Marks {
    /// Looks from the byte `from` on.
    fn find(text: &[u8], from: usize) -> Result<Self, Defect> {
        let mut marks = Self::default();
        let mut place = from;
        loop {
            place += lexis::len_of(&PLAIN, &text[place..]);
            let Some(&sign) = text.get(place) else {
                return Ok(marks);
            };
            marks.note(sign, place, text)?;
            place += 1;
        }
    }

    fn note(&mut self, sign: u8, place: usize, text: &[u8]) -> Result<(), Defect> {
        match sign {
            b'@' if self.at.is_none() => {
                *self = Self {
                    at: Some(place),
                    ..Self::default()
                }
            }
            b'@' => {}
            b';' => self.tail = self.tail.or(Some(place)),
            b'?' => {
                self.tail = self.tail.or(Some(place));
                self.query = self.query.or(Some(place));
            }
            b'%' if lexis::is_escape(&text[place..]) => {}
            b'%' => return Err(Defect::Escape),
            _ => return Err(Defect::Character),
        }
        Ok(())
    }
}

/// What may stand in a URI and parts nothing of it.
static PLAIN: lexis::Class = {
    let mut plain = [false; 256];
    let mut at = b'!';
    while at <= b'~' {
        plain[at as usize] = !matches!(at, b'<' | b'>' | b'"' | b'%' | b'@' | b';' | b'?');
        at += 1;
    }
    plain
};

// Each begins with its `;`.
fn check_params(params: &str) -> Result<(), Defect> {
    let mut each = params.as_bytes().split(|&byte| byte == b';').skip(1);
    if each.any(|param| param.is_empty() || param.starts_with(b"=")) {
        Err(Defect::Parameter)
    } else {
        Ok(())
    }
}
