//! A SIP message: received bytes and the places of their parts.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use bytes::Bytes;

use super::cseq::CSeq;
use super::defect::Defect;
use super::header::{Header, Name};
use super::index::Field;
use super::list;
use super::method::Method;
use super::name_addr::{NameAddr, saturating};
use super::reason::Reason;
use super::session_expires::SessionExpires;
use super::session_id::SessionIds;
use super::start::Start;
use super::status::StatusCode;
use super::text::{Span, Text};
use super::uri::Uri;
use super::via::Via;

/// A well-formed SIP request or response. It owns its bytes; what it hands out points into them. Whatever a transaction,
/// a dialog or a response needs was checked when it was [parsed](Message::parse), so those accessors cannot fail.
#[derive(Clone)]
pub struct Message {
    pub(super) bytes: Bytes,
    pub(super) body: usize,
    pub(super) fields: Vec<Field>,
    pub(super) start: Start,
    pub(super) via: Via,
    pub(super) from: NameAddr,
    pub(super) to: NameAddr,
    pub(super) cseq: CSeq,
    pub(super) call_id: Text,
    pub(super) max_forwards: Option<u8>,
    /// Every Contact but `*`, Route and Record-Route.
    pub(super) addresses: Vec<(Header, NameAddr)>,
}

impl Message {
    /// Whether this is a request.
    pub fn is_request(&self) -> bool {
        match self.start {
            Start::Request { .. } => true,
            Start::Response { .. } => false,
        }
    }

    /// Returns the request's method, or for a response the method it answers (that of its CSeq).
    pub fn method(&self) -> &Method {
        &self.cseq.method
    }

    /// Returns the Request-URI; a response has none.
    pub fn request_uri(&self) -> Option<&Uri> {
        match &self.start {
            Start::Request { uri, .. } => Some(uri),
            Start::Response { .. } => None,
        }
    }

    /// Returns the status; a request has none.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.start {
            Start::Request { .. } => None,
            Start::Response { status, .. } => Some(*status),
        }
    }

    /// Returns the reason phrase, which may be empty; a request has none.
    pub fn reason(&self) -> Option<&str> {
        match &self.start {
            Start::Request { .. } => None,
            Start::Response { reason, .. } => Some(reason.text(&self.bytes)),
        }
    }

    /// Returns the whole value of the first line of a header.
    pub fn header<'a>(&'a self, name: impl Into<Name<'a>>) -> Option<&'a str> {
        self.lines(name.into()).next()
    }

    /// Returns the values of a header: all its lines, split at commas where its grammar makes it a list.
    pub fn headers<'a>(&'a self, name: impl Into<Name<'a>>) -> impl Iterator<Item = &'a str> {
        let name = name.into();
        let is_list = match name {
            Name::Known(header) => header.is_list(),
            Name::Other(_) => false,
        };
        let mut lines = self.lines(name);
        let mut values = list::Values::default();
        std::iter::from_fn(move || {
            loop {
                if let Some(value) = values.next() {
                    return Some(value);
                }
                let line = lines.next()?;
                if !is_list {
                    return Some(line);
                }
                values = list::split(line);
            }
        })
    }

    /// Returns the unsplit value of each line of a header.
    pub fn lines<'a>(&'a self, name: impl Into<Name<'a>>) -> impl Iterator<Item = &'a str> {
        let name = name.into();
        let mut fields = self.fields.iter();
        std::iter::from_fn(move || {
            let field = match name {
                Name::Known(header) => fields.find(|field| field.header == Some(header)),
                Name::Other(name) => fields.find(|field| field.is_called(name, &self.bytes)),
            };
            field.map(|field| field.value.text(&self.bytes))
        })
    }

    /// Returns name and value of every header line in order, names as they were written.
    pub fn all_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |span: Span| span.text(&self.bytes);
        self.fields
            .iter()
            .map(move |field| (text(field.name), text(field.value)))
    }

    /// Returns the header lines that are `wanted` as they stand, from name to value, those that follow each other in one
    /// piece with the line breaks between them.
    pub(super) fn raw_lines(
        &self,
        wanted: impl Fn(Option<Header>) -> bool,
    ) -> impl Iterator<Item = &[u8]> {
        let mut fields = self.fields.iter().filter(move |field| wanted(field.header));
        let mut next = fields.next();
        std::iter::from_fn(move || {
            let first = next?;
            let mut end = first.value.end();
            next = fields.next();
            while let Some(field) = next.filter(|field| field.name.start() == end + 2) {
                end = field.value.end();
                next = fields.next();
            }
            Some(&self.bytes[first.name.start()..end])
        })
    }

    /// Reads the first value of a header as `T`; `None` if it is not there.
    pub fn parsed<'a, T: FromStr>(
        &'a self,
        name: impl Into<Name<'a>>,
    ) -> Option<Result<T, T::Err>> {
        self.headers(name).next().map(str::parse)
    }

    /// Returns the topmost Via, that of the element that sent this message.
    pub fn top_via(&self) -> &Via {
        &self.via
    }

    /// Returns the Vias, topmost first. Those below the top concern other elements; malformed ones are left out.
    pub fn vias(&self) -> impl Iterator<Item = Via> {
        let below = self.headers(Header::Via).skip(1);
        let below = below.filter_map(|value| Via::read_in(&self.bytes, value).ok());
        std::iter::once_with(move || self.via.clone()).chain(below)
    }

    /// Returns the From.
    pub fn from(&self) -> &NameAddr {
        &self.from
    }

    /// Returns the To.
    pub fn to(&self) -> &NameAddr {
        &self.to
    }

    /// Returns the CSeq.
    pub fn cseq(&self) -> &CSeq {
        &self.cseq
    }

    /// Returns the Call-ID.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Returns Max-Forwards; one above 255 counts as 255.
    pub fn max_forwards(&self) -> Option<u8> {
        self.max_forwards
    }

    /// Returns the Contacts; `*` is not among them, see [`Self::is_wildcard`].
    pub fn contacts(&self) -> impl Iterator<Item = NameAddr> {
        self.addresses_of(Header::Contact)
    }

    /// Whether a Contact is `*`: all bindings of the address are meant (RFC 3261 §10.2.2).
    pub fn is_wildcard(&self) -> bool {
        self.headers(Header::Contact).any(|value| value == "*")
    }

    /// Returns the Routes, the next hop first.
    pub fn routes(&self) -> impl Iterator<Item = NameAddr> {
        self.addresses_of(Header::Route)
    }

    /// Returns the Record-Routes in the order they stand.
    pub fn record_routes(&self) -> impl Iterator<Item = NameAddr> {
        self.addresses_of(Header::RecordRoute)
    }

    fn addresses_of(&self, header: Header) -> impl Iterator<Item = NameAddr> {
        let found = self.addresses.iter().filter(move |(of, _)| *of == header);
        found.map(|(_, address)| address.clone())
    }

    /// Returns Expires in seconds; a value too large counts as the largest, one that is no number as absent.
    pub fn expires(&self) -> Option<u32> {
        self.header(Header::Expires).and_then(saturating)
    }

    /// Returns Session-Expires (RFC 4028 §4); one that cannot be read counts as absent.
    pub fn session_expires(&self) -> Option<SessionExpires> {
        self.parsed(Header::SessionExpires)?.ok()
    }

    /// Returns Min-SE in seconds (RFC 4028 §5); one that is no number counts as absent.
    pub fn min_se(&self) -> Option<u32> {
        let value = self.header(Header::MinSe)?;
        let end = memchr::memchr(b';', value.as_bytes()).unwrap_or(value.len());
        saturating(&value[..end])
    }

    /// Returns RSeq (RFC 3262 §7.1).
    pub fn rseq(&self) -> Option<u32> {
        self.parsed(Header::RSeq)?.ok()
    }

    /// Returns RAck: the RSeq, the CSeq number and the method it acknowledges (RFC 3262 §7.2).
    pub fn rack(&self) -> Option<(u32, u32, Method)> {
        let mut parts = self.header(Header::RAck)?.split_ascii_whitespace();
        let rseq = parts.next()?.parse().ok()?;
        let cseq = parts.next()?.parse().ok()?;
        Some((rseq, cseq, parts.next()?.parse().ok()?))
    }

    /// Returns the option tags that the sender requires us to know.
    pub fn require(&self) -> impl Iterator<Item = &str> {
        self.headers(Header::Require)
    }

    /// Returns the option tags that the sender knows.
    pub fn supported(&self) -> impl Iterator<Item = &str> {
        self.headers(Header::Supported)
    }

    /// Whether the sender knows the option tag `tag`, or requires it.
    pub fn supports(&self, tag: &str) -> bool {
        let mut tags = self.supported().chain(self.require());
        tags.any(|found| found.eq_ignore_ascii_case(tag))
    }

    /// Returns the methods that the sender understands.
    pub fn allow(&self) -> impl Iterator<Item = Method> {
        self.headers(Header::Allow)
            .filter_map(|method| method.parse().ok())
    }

    /// Returns the Session-ID (RFC 7989); a malformed one counts as absent.
    pub fn session_id(&self) -> Option<SessionIds> {
        self.parsed(Header::SessionId).and_then(Result::ok)
    }

    /// Returns the readable values of the Reason header (RFC 3326).
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        self.headers(Header::Reason)
            .filter_map(|reason| reason.parse().ok())
    }

    /// Returns the first readable value of the Reason header, which says why the request was sent.
    pub fn reason_header(&self) -> Option<Reason> {
        self.reasons().next()
    }

    /// Returns the addresses of a header such as Refer-To, P-Asserted-Identity or Diversion, or why one is malformed.
    pub fn addresses(&self, header: Header) -> impl Iterator<Item = Result<NameAddr, Defect>> {
        self.headers(header)
            .map(|value| NameAddr::read_in(&self.bytes, value))
    }

    /// Returns the body.
    pub fn body(&self) -> Bytes {
        self.bytes.slice(self.body..)
    }

    /// Returns the Content-Type as it was written.
    pub fn content_type(&self) -> Option<&str> {
        self.header(Header::ContentType)
    }

    /// Whether the body is of this `type/subtype`, in any case and with any parameters.
    pub fn has_content(&self, media_type: &str) -> bool {
        let found = self
            .content_type()
            .map(|value| value.split(';').next().unwrap_or(value));
        found.is_some_and(|found| found.trim().eq_ignore_ascii_case(media_type))
    }

    /// Returns the message as bytes, unfolded and without what stood behind its body.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns this request as its receiver completes it, the top Via stamped by [`Via::received_from`].
    pub fn received_from(mut self, source: SocketAddr) -> Self {
        let stamped = self.via.received_from(source);
        if !self.is_request() || stamped == self.via {
            return self;
        }
        self.stamp(stamped);
        self
    }

    /// Returns this request as answers repeat it where keep-alives are answered, the top Via completed by [`Via::kept`]; none
    /// where its sender did not ask.
    pub fn kept(&self, seconds: u64) -> Option<Self> {
        let stamped = self.via.kept(seconds)?;
        let mut request = self.clone();
        request.stamp(stamped);
        Some(request)
    }

    fn stamp(&mut self, stamped: Via) {
        // The one that was read: one that was stamped before is no part of the bytes.
        let old = self.headers(Header::Via).next();
        let old = old.expect("a message has a Via");
        let start = old.as_ptr() as usize - self.bytes.as_ptr() as usize;
        let end = start + old.len();
        let new = stamped.as_str();
        let bytes = [&self.bytes[..start], new.as_bytes(), &self.bytes[end..]].concat();
        // A stamp is a source address and port and a number, and parsing leaves room for it; it may also be shorter than what it replaces.
        let moved = |at: usize| {
            if at >= end {
                at + new.len() - (end - start)
            } else {
                at
            }
        };
        let shift = |span: Span| Span::new(moved(span.start()), moved(span.end()));
        for field in &mut self.fields {
            field.name = shift(field.name);
            field.value = shift(field.value);
        }
        self.body = moved(self.body);
        self.bytes = Bytes::from(bytes);
        self.via = stamped;
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Message {}
