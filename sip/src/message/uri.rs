//! SIP, SIPS, tel and other URIs.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use super::defect::Defect;
use super::lexis;
use super::params::Params;
use super::text::{Span, Text};

mod parts;

use parts::Parts;
pub(super) use parts::{host_ip, split_port};

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
    /// The URI itself, or the header value that it stands in.
    whole: Text,
    place: Span,
    parts: Parts,
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
        Self::read_within(bytes, part, part)
    }

    /// Reads `part`, a slice of `value`, which is one of the UTF-8 text in `bytes`.
    pub(super) fn read_within(bytes: &Bytes, value: &str, part: &str) -> Result<Self, Defect> {
        let parts = Parts::scan(part)?;
        Ok(Self {
            whole: Text::of(bytes, value),
            place: Span::of(value, part),
            parts,
        })
    }

    /// Returns the text that this URI was read within.
    pub(super) fn whole(&self) -> &Text {
        &self.whole
    }

    fn part(&self, span: Span) -> &str {
        self.whole.get(span.behind(self.place))
    }

    /// Returns the URI as it was read.
    pub fn as_str(&self) -> &str {
        self.whole.get(self.place)
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
        self.parts.user.map(|span| self.part(span))
    }

    /// Returns the user part or number with its escapes decoded once.
    pub fn user_decoded(&self) -> Option<String> {
        self.user().map(lexis::unescape)
    }

    /// Returns the user part or number, decoded, with the context that a local number has its meaning in (RFC 3966 §5.1.5),
    /// which `sip:` URIs have within the user part already.
    pub fn subscriber(&self) -> Option<String> {
        let user = self.user_decoded()?;
        let context = self.param("phone-context");
        Some(match context.filter(|_| self.scheme() == Scheme::Tel) {
            Some(context) => format!("{user};phone-context={context}"),
            None => user,
        })
    }

    /// Returns the password part as written.
    pub fn password(&self) -> Option<&str> {
        self.parts.password.map(|span| self.part(span))
    }

    /// Returns the host as written, IPv6 addresses with their brackets; empty unless the URI [is SIP](Self::is_sip).
    pub fn host(&self) -> &str {
        self.part(self.parts.host)
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
        Params(self.part(self.parts.params))
    }

    /// Returns the value of a URI parameter, `Some("")` for one without a value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// Returns name and value, both as written, of each URI header (`?Replaces=…`).
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = self.part(self.parts.headers);
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
        let (head, headers) = self.as_str().split_at(self.parts.params.end());
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
        let mut text = format!("{self}{sign}{name}=");
        push_escaped(&mut text, value);
        Self::read(Text::from(text))
    }

    /// Returns the same URI without its headers, as a Request-URI must be (RFC 3261 §19.1.5).
    pub fn without_headers(&self) -> Self {
        if self.parts.headers == Span::default() {
            return self.clone();
        }
        Self::read_in(self.whole.buffer(), self.bare())
            .expect("a URI stays one without its headers")
    }

    /// Returns the URI as it was read, but for its headers.
    pub(super) fn bare(&self) -> &str {
        if self.parts.headers == Span::default() {
            return self.as_str();
        }
        &self.as_str()[..self.parts.headers.start() - 1]
    }

    /// Returns a copy that does not hold on to the message it came from.
    pub fn detached(&self) -> Self {
        let text = self.as_str();
        Self {
            whole: Text::from(text),
            place: Span::of(text, text),
            parts: self.parts,
        }
    }

    /// Compares as RFC 3261 §19.1.4: escapes decoded, host in any case, ports strictly, parameters that both have, and
    /// `user`, `ttl`, `method`, `maddr`, `transport` and headers strictly. Other schemes compare as text.
    pub fn equivalent(&self, other: &Self) -> bool {
        if self.scheme() != other.scheme() || !self.is_sip() {
            return self == other;
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

fn same_host(ours: &str, theirs: &str) -> bool {
    match (host_ip(ours), host_ip(theirs)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (None, None) => ours.eq_ignore_ascii_case(theirs),
        (Some(_), None) | (None, Some(_)) => false,
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
        self.as_str() == other.as_str()
    }
}

impl Eq for Uri {}

impl std::hash::Hash for Uri {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for Uri {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Uri {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({self})")
    }
}

/// Writes an address as the host of a URI (RFC 3261 §25.1: IPv6 in brackets).
pub(crate) fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
