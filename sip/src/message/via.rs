//! The Via header: where a request has been and where its responses go.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::defect::Defect;
use super::lexis::{self, trim};
use super::params::Params;
use super::text::{Span, Text};
use super::transport::Transport;
use super::uri::{MAX_URI, host_ip, split_port};

/// What starts every branch made by an RFC 3261 element (§8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// One Via value (RFC 3261 §20.42, RFC 3581). It prints exactly as it was read.
#[derive(Clone)]
pub struct Via {
    text: Text,
    parts: Parts,
}

/// The `rport` parameter (RFC 3581).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rport {
    /// Not there: responses go to the port in the Via.
    Absent,
    /// There without a value: the sender asks for responses to the port it sent from.
    Asked,
    /// The port the request was seen to come from.
    Seen(u16),
}

#[derive(Clone, Copy)]
struct Parts {
    transport: Transport,
    host: Span,
    port: Option<u16>,
    params: Span,
    branch: Option<Span>,
}

impl Via {
    /// Makes a Via for a request that we send; `branch` should start with [`MAGIC_COOKIE`].
    pub fn new(
        transport: Transport,
        host: &str,
        port: Option<u16>,
        branch: &str,
    ) -> Result<Self, Defect> {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Self::read(Text::from(format!(
            "SIP/2.0/{transport} {host}{port};branch={branch}"
        )))
    }

    pub(super) fn read(text: Text) -> Result<Self, Defect> {
        Self::read_in(text.buffer(), &text)
    }

    /// Reads `part`, a slice of the UTF-8 text in `bytes`.
    pub(super) fn read_in(bytes: &Bytes, part: &str) -> Result<Self, Defect> {
        let parts = Parts::scan(part)?;
        let text = Text::of(bytes, part);
        Ok(Self { text, parts })
    }

    /// Returns the value as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the transport.
    pub fn transport(&self) -> Transport {
        self.parts.transport
    }

    /// Returns the sent-by host as written, IPv6 addresses with their brackets.
    pub fn host(&self) -> &str {
        self.text.get(self.parts.host)
    }

    /// Returns the sent-by port if one is written.
    pub fn port(&self) -> Option<u16> {
        self.parts.port
    }

    /// Returns the sent-by port, or the transport's usual one.
    pub fn port_or_default(&self) -> u16 {
        self.port().unwrap_or(self.transport().default_port())
    }

    /// Returns the branch, the name of the transaction.
    pub fn branch(&self) -> Option<&str> {
        self.parts.branch.map(|span| self.text.get(span))
    }

    /// Whether the branch was made by the rules of RFC 3261, so that it alone names the transaction.
    pub fn has_cookie(&self) -> bool {
        // RFC 3261 §17.2.3; the cookie is compared like all tokens, in any case.
        self.branch()
            .and_then(|branch| branch.get(..MAGIC_COOKIE.len()))
            .is_some_and(|start| start.eq_ignore_ascii_case(MAGIC_COOKIE))
    }

    /// Returns the parameters.
    pub fn params(&self) -> Params<'_> {
        Params(self.text.get(self.parts.params))
    }

    /// Returns the value of a parameter, `Some("")` for one without a value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// Returns the address the request was seen to come from; IPv6 with or without brackets (RFC 5118 §4.5).
    pub fn received(&self) -> Option<IpAddr> {
        self.param("received").and_then(host_ip)
    }

    /// Returns the multicast or other address that responses must go to.
    pub fn maddr(&self) -> Option<&str> {
        self.param("maddr")
    }

    /// Returns the state of the `rport` parameter.
    pub fn rport(&self) -> Rport {
        match self.param("rport") {
            None => Rport::Absent,
            Some(digits) => lexis::port(digits).map_or(Rport::Asked, Rport::Seen),
        }
    }

    /// Returns host and port for a response over UDP (RFC 3261 §18.2.2, RFC 3581 §4): maddr, else received, else sent-by.
    pub fn response_target(&self) -> (String, u16) {
        let port = match self.rport() {
            Rport::Seen(port) => port,
            Rport::Asked | Rport::Absent => self.port_or_default(),
        };
        if let Some(maddr) = self.maddr() {
            return (maddr.to_owned(), self.port_or_default());
        }
        match self.received() {
            Some(ip) => (ip.to_string(), port),
            None => (self.host().trim_matches(['[', ']']).to_owned(), port),
        }
    }

    /// Returns this Via as the receiving side completes it: `received` when the sent-by host is not `source`'s address
    /// or `rport` was asked for, and `rport` filled in (RFC 3261 §18.2.1, RFC 3581 §4).
    pub fn received_from(&self, source: SocketAddr) -> Self {
        let asked = self.rport() != Rport::Absent;
        let ip = source.ip().to_canonical();
        if !asked && host_ip(self.host()).is_some_and(|host| host.to_canonical() == ip) {
            return self.clone();
        }
        // A `received` or `rport` value that the sender wrote itself is not believed.
        let mut text = self.without(&["received", "rport"]);
        text.push_str(&format!(";received={ip}"));
        if asked {
            text.push_str(&format!(";rport={}", source.port()));
        }
        Self::read(Text::from(text)).expect("a Via stays one with an address and a port added")
    }

    /// Returns this Via as the receiving side completes it that answers keep-alives, which are to come within `seconds`; none
    /// where the sender did not say that it sends some (RFC 6223 §4).
    pub fn kept(&self, seconds: u64) -> Option<Self> {
        self.param("keep").filter(|value| value.is_empty())?;
        let text = self.without(&["keep"]);
        Self::read(Text::from(format!("{text};keep={seconds}"))).ok()
    }

    fn without(&self, names: &[&str]) -> String {
        let mut text = self.text[..self.parts.params.start()].trim_end().to_owned();
        for (name, value) in self.params().iter() {
            if names.iter().any(|one| name.eq_ignore_ascii_case(one)) {
                continue;
            }
            text.push(';');
            text.push_str(name);
            if let Some(value) = value {
                text.push('=');
                text.push_str(value);
            }
        }
        text
    }

    /// Returns the same Via with one more parameter.
    pub fn with_param(&self, name: &str, value: Option<&str>) -> Result<Self, Defect> {
        let value = value.map(|value| format!("={value}")).unwrap_or_default();
        Self::read(Text::from(format!("{};{name}{value}", self.text)))
    }

    /// Returns a copy that does not hold on to the message it came from.
    pub fn detached(&self) -> Self {
        Self {
            text: self.text.detached(),
            parts: self.parts,
        }
    }
}

impl Parts {
    fn scan(value: &str) -> Result<Self, Defect> {
        if value.len() > 2 * MAX_URI {
            return Err(Defect::TooLong);
        }
        let (transport, rest) = protocol(value)?;
        let end = memchr::memchr(b';', rest.as_bytes()).unwrap_or(rest.len());
        let (host, port) = split_port(trim(&rest[..end]))?;
        let params = &rest[end..];
        let mut branch = None;
        Params::walk(params, |name, value| {
            if branch.is_none() && !value.is_empty() && name.eq_ignore_ascii_case("branch") {
                branch = Some(value);
            }
        })?;
        if branch == Some(MAGIC_COOKIE) {
            return Err(Defect::BareBranch);
        }
        Ok(Self {
            transport,
            host: Span::of(value, host),
            port,
            params: Span::of(value, params),
            branch: branch.map(|branch| Span::of(value, branch)),
        })
    }
}

/// Reads `SIP / 2.0 / transport`, with white space wherever RFC 3261 §25.1 allows it, and returns what follows.
fn protocol(value: &str) -> Result<(Transport, &str), Defect> {
    let usual = value.strip_prefix("SIP/2.0/").and_then(|rest| {
        let end = rest.bytes().position(|byte| byte == b' ')?;
        let (name, rest) = rest.split_at(end);
        Some((Transport::known(name)?, rest))
    });
    if let Some(found) = usual {
        return Ok(found);
    }
    let mut halves = value.splitn(3, '/');
    let mut next = || halves.next().map(trim).ok_or(Defect::Protocol);
    let (name, version, rest) = (next()?, next()?, next()?);
    let end = rest.find([' ', '\t']).ok_or(Defect::Protocol)?;
    let (transport, rest) = rest.split_at(end);
    if !name.eq_ignore_ascii_case("SIP")
        || version != "2.0"
        || !lexis::is_token(transport.as_bytes())
    {
        return Err(Defect::Protocol);
    }
    Ok((Transport::read(transport), rest))
}

impl std::str::FromStr for Via {
    type Err = Defect;

    fn from_str(text: &str) -> Result<Self, Defect> {
        Self::read(Text::from(trim(text)))
    }
}

impl PartialEq for Via {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Via {}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Via({})", self.text)
    }
}
