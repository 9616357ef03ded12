//! SIP, SIPS, tel and other URIs.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use super::defect::Defect;
use super::lexis;
use super::params::Params;
use super::text::{Span, Text};

/// The longest URI that is read.
pub(super) const MAX_URI: usize = 4096;

/// The scheme of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:` (RFC 3966)
    Tel,
    /// Any other, which we keep but do not look into.
    Other,
}

/// A URI with its parts located. It prints exactly as it was read; equality is textual, and
/// [`Uri::equivalent`] compares as RFC 3261 §19.1.4 asks.
#[derive(Clone)]
pub struct Uri {
    text: Text,
    parts: Parts,
}

#[derive(Clone, Copy, Debug)]
struct Parts {
    scheme: Scheme,
    user: Option<Span>,
    password: Option<Span>,
    host: Span,
    port: Option<u16>,
    params: Span,
    headers: Span,
}

impl Uri {
    /// Makes `sip:user@host:port`, escaping the user where needed.
    pub fn sip(user: Option<&str>, host: &str, port: Option<u16>) -> Result<Self, Defect> {
        let mut text = String::from("sip:");
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            push_escaped(&mut text, user);
            text.push('@');
        }
        text.push_str(host);
        if let Some(port) = port {
            text.push_str(&format!(":{port}"));
        }
        Self::read(Text::from(text))
    }

    fn read(text: Text) -> Result<Self, Defect> {
        Self::read_in(text.buffer(), &text)
    }

    /// Reads `part`, a slice of the UTF-8 text in `bytes`.
    pub(super) fn read_in(bytes: &Bytes, part: &str) -> Result<Self, Defect> {
        let parts = Parts::scan(part)?;
        let text = Text::of(bytes, part);
        Ok(Self { text, parts })
    }

    pub(super) fn check(text: &str) -> Result<(), Defect> {
        Parts::scan(text).map(|_| ())
    }

    /// Returns the URI as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the scheme.
    pub fn scheme(&self) -> Scheme {
        self.parts.scheme
    }

    /// Whether it is a `sip:` or `sips:` URI.
    pub fn is_sip(&self) -> bool {
        matches!(self.parts.scheme, Scheme::Sip | Scheme::Sips)
    }

    /// Returns the user part as written (escapes kept), or the number of a `tel:` URI.
    pub fn user(&self) -> Option<&str> {
        self.parts.user.map(|span| self.text.get(span))
    }

    /// Returns the user part or number with its escapes decoded once.
    pub fn user_decoded(&self) -> Option<String> {
        self.user().map(lexis::unescape)
    }

    /// Returns the password part as written.
    pub fn password(&self) -> Option<&str> {
        self.parts.password.map(|span| self.text.get(span))
    }

    /// Returns the host as written, IPv6 addresses with their brackets; empty unless the URI [is SIP](Self::is_sip).
    pub fn host(&self) -> &str {
        self.text.get(self.parts.host)
    }

    /// Returns the host's address when it is one and not a name.
    pub fn ip(&self) -> Option<IpAddr> {
        host_ip(self.host())
    }

    /// Returns the port if one is written.
    pub fn port(&self) -> Option<u16> {
        self.parts.port
    }

    /// Returns the URI parameters.
    pub fn params(&self) -> Params<'_> {
        Params(self.text.get(self.parts.params))
    }

    /// Returns the value of a URI parameter, `Some("")` for one without a value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// Returns name and value, both as written, of each URI header (`?Replaces=…`).
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = self.text.get(self.parts.headers);
        text.split('&')
            .filter(|header| !header.is_empty())
            .map(|header| header.split_once('=').unwrap_or((header, "")))
    }

    /// Returns the decoded value of the URI header called `name` in any case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| lexis::unescape(value))
    }

    /// Returns the same URI with one more parameter, put before any URI headers.
    pub fn with_param(&self, name: &str, value: Option<&str>) -> Result<Self, Defect> {
        let (head, headers) = self.text.split_at(self.parts.params.end());
        let value = value.map(|value| format!("={value}")).unwrap_or_default();
        Self::read(Text::from(format!("{head};{name}{value}{headers}")))
    }

    /// Returns the same URI with one more header, its value escaped (`?Replaces=…`).
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Defect> {
        let sign = if self.parts.headers == Span::default() {
            '?'
        } else {
            '&'
        };
        let mut text = format!("{}{sign}{name}=", self.text);
        push_escaped(&mut text, value);
        Self::read(Text::from(text))
    }

    /// Returns the same URI without its headers, as a Request-URI must be (RFC 3261 §19.1.5).
    pub fn without_headers(&self) -> Self {
        if self.parts.headers == Span::default() {
            return self.clone();
        }
        let text = &self.text[..self.parts.headers.start() - 1];
        Self::read(Text::of(self.text.buffer(), text)).expect("a URI stays one without its headers")
    }

    /// Returns a copy that does not hold on to the message it came from.
    pub fn detached(&self) -> Self {
        Self {
            text: self.text.detached(),
            parts: self.parts,
        }
    }

    /// Compares as RFC 3261 §19.1.4: escapes decoded, host in any case, ports strictly, parameters that both have, and
    /// `user`, `ttl`, `method`, `maddr`, `transport` and headers strictly. Other schemes compare as text.
    pub fn equivalent(&self, other: &Self) -> bool {
        if self.scheme() != other.scheme() || !self.is_sip() {
            return self.text == other.text;
        }
        let decoded = |part: Option<&str>| part.map(lexis::unescape);
        decoded(self.user()) == decoded(other.user())
            && decoded(self.password()) == decoded(other.password())
            && same_host(self.host(), other.host())
            && self.port() == other.port()
            && self.params_agree(other)
            && other.params_agree(self)
            && self.headers_agree(other)
            && other.headers_agree(self)
    }

    fn params_agree(&self, other: &Self) -> bool {
        const BOTH: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];
        self.params().iter().all(|(name, value)| {
            let name = lexis::unescape(name);
            let theirs = other
                .params()
                .iter()
                .find(|(found, _)| lexis::unescape(found).eq_ignore_ascii_case(&name));
            match theirs {
                Some((_, theirs)) => {
                    let decode = |value: Option<&str>| lexis::unescape(value.unwrap_or(""));
                    decode(value).eq_ignore_ascii_case(&decode(theirs))
                }
                None => !BOTH.iter().any(|both| both.eq_ignore_ascii_case(&name)),
            }
        })
    }

    fn headers_agree(&self, other: &Self) -> bool {
        self.headers().all(|(name, value)| {
            other
                .header(name)
                .is_some_and(|theirs| theirs == lexis::unescape(value))
        })
    }
}

impl Parts {
    fn scan(text: &str) -> Result<Self, Defect> {
        if text.len() > MAX_URI {
            return Err(Defect::TooLong);
        }
        let marks = Marks::find(text.as_bytes())?;
        let colon = text
            .bytes()
            .position(|byte| byte == b':')
            .ok_or(Defect::Scheme)?;
        let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
        match Scheme::read(scheme)? {
            scheme @ (Scheme::Sip | Scheme::Sips) => {
                Self::scan_sip(text, scheme, colon + 1, &marks)
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
            let userinfo = &text[start..at];
            let user_end = userinfo
                .bytes()
                .position(|byte| byte == b':')
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
        let tail = &text[host_end..];
        let params_end = tail
            .bytes()
            .position(|byte| byte == b'?')
            .map_or(text.len(), |at| host_end + at);
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
pub(super) fn split_port(hostport: &str) -> Result<(&str, Option<u16>), Defect> {
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
pub(super) fn host_ip(host: &str) -> Option<IpAddr> {
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

fn same_host(ours: &str, theirs: &str) -> bool {
    match (host_ip(ours), host_ip(theirs)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (None, None) => ours.eq_ignore_ascii_case(theirs),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Where the signs are that part a URI, found in one pass that also refuses what no URI holds.
struct Marks {
    /// The first `@`.
    at: Option<usize>,
    /// The first `;` or `?` behind it.
    tail: Option<usize>,
}

impl Marks {
    fn find(text: &[u8]) -> Result<Self, Defect> {
        let (mut at, mut tail) = (None, None);
        for (place, &byte) in text.iter().enumerate() {
            match SIGNS[usize::from(byte)] {
                Sign::Plain => {}
                Sign::Bad => return Err(Defect::Character),
                Sign::Percent if lexis::is_escape(&text[place..]) => {}
                Sign::Percent => return Err(Defect::Escape),
                Sign::At if at.is_none() => (at, tail) = (Some(place), None),
                Sign::At => {}
                Sign::Tail => tail = tail.or(Some(place)),
            }
        }
        Ok(Self { at, tail })
    }
}

#[derive(Clone, Copy)]
enum Sign {
    Plain,
    Bad,
    Percent,
    At,
    Tail,
}

const SIGNS: [Sign; 256] = {
    let mut signs = [Sign::Bad; 256];
    let mut at = b'!';
    while at <= b'~' {
        signs[at as usize] = match at {
            b'<' | b'>' | b'"' => Sign::Bad,
            b'%' => Sign::Percent,
            b'@' => Sign::At,
            b';' | b'?' => Sign::Tail,
            _ => Sign::Plain,
        };
        at += 1;
    }
    signs
};

fn check_params(params: &str) -> Result<(), Defect> {
    let mut before = b' ';
    for byte in params.bytes() {
        if before == b';' && matches!(byte, b';' | b'=') {
            return Err(Defect::Parameter);
        }
        before = byte;
    }
    if before == b';' {
        Err(Defect::Parameter)
    } else {
        Ok(())
    }
}

fn push_escaped(text: &mut String, part: &str) {
    for byte in part.bytes() {
        // RFC 3261 §25.1: unreserved, and of user-unreserved what no URI header would misread.
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()+".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}

impl std::str::FromStr for Uri {
    type Err = Defect;

    fn from_str(text: &str) -> Result<Self, Defect> {
        Parts::scan(text)?;
        Self::read(Text::from(text))
    }
}

impl PartialEq for Uri {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Uri {}

impl std::hash::Hash for Uri {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for Uri {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Uri {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({})", self.text)
    }
}
