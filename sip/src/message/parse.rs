//! From bytes to a checked message.

use bytes::Bytes;

use super::cseq::CSeq;
use super::defect::Defect;
use super::fault::{Fault, ParseError};
use super::header::Header;
use super::index::{Index, Prepared};
use super::list;
use super::message::Message;
use super::method::Method;
use super::name_addr::{NameAddr, saturating};
use super::rejection::Rejection;
use super::start::Start;
use super::text::Text;
use super::via::Via;

impl Message {
    /// Reads one message. `bytes` is a datagram, or exactly one message cut from a stream: bytes behind the body are
    /// dropped (RFC 3261 §18.3), and a body without Content-Length reaches to the end.
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        let prepared = Prepared::scan(bytes);
        let index = prepared.index();
        match Parts::read(&index) {
            Ok(parts) => Ok(parts.assemble(prepared)),
            Err(fault) => Err(refuse(&index, fault)),
        }
    }
}

/// Makes the error for a message of which only the header section is at hand.
pub(super) fn refuse(index: &Index<'_>, fault: Fault) -> ParseError {
    ParseError::new(fault, Rejection::of(index, fault))
}

/// The lines of the headers that a message has once, and the first Via.
#[derive(Default)]
struct Places<'a> {
    via: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    call_id: Option<&'a str>,
    cseq: Option<&'a str>,
    max_forwards: Option<&'a str>,
    length: Option<&'a str>,
    content_type: Option<&'a str>,
    addresses: Vec<(Header, NameAddr)>,
}

struct Parts {
    start: Start,
    via: Via,
    from: NameAddr,
    to: NameAddr,
    cseq: CSeq,
    call_id: Text,
    max_forwards: Option<u8>,
    addresses: Vec<(Header, NameAddr)>,
    body: usize,
    end: usize,
}

impl<'a> Places<'a> {
    /// Notes the headers that are there once, and reads the addresses that may be there more than once.
    fn find(index: &Index<'a>) -> Result<Self, Fault> {
        let mut places = Self::default();
        for field in index.fields {
            let Some(header) = field.header else { continue };
            let value = &index.head[field.value.start()..field.value.end()];
            let place = match header {
                Header::From => &mut places.from,
                Header::To => &mut places.to,
                Header::CallId => &mut places.call_id,
                Header::CSeq => &mut places.cseq,
                Header::MaxForwards => &mut places.max_forwards,
                Header::ContentLength => &mut places.length,
                Header::ContentType => &mut places.content_type,
                _ => {
                    places.take(header, value, index.bytes)?;
                    continue;
                }
            };
            if place.replace(value).is_some() {
                return Err(Fault::Repeated(header));
            }
        }
        Ok(places)
    }

    /// Takes the first Via, and the addresses.
    fn take(&mut self, header: Header, line: &'a str, bytes: &Bytes) -> Result<(), Fault> {
        let mut values = list::split(line);
        match header {
            Header::Via => self.via = self.via.or_else(|| values.next()),
            Header::Contact | Header::Route | Header::RecordRoute => {
                for value in values {
                    if value == "*" && header == Header::Contact {
                        continue;
                    }
                    let address = NameAddr::read_in(bytes, value);
                    let address = address.map_err(|defect| Fault::Value(header, defect))?;
                    self.addresses.push((header, address));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Parts {
    fn read(index: &Index<'_>) -> Result<Self, Fault> {
        if index.fault == Some(Fault::Empty) {
            return Err(Fault::Empty);
        }
        let start = Start::read(index.start, index.bytes)?;
        if let Some(fault) = index.fault {
            return Err(fault);
        }
        let places = Places::find(index)?;
        let text = |value: &str| Text::of(index.bytes, value);
        let need = |value: Option<_>, header| value.ok_or(Fault::Missing(header));
        let wrong = |header| move |defect| Fault::Value(header, defect);
        let cseq =
            CSeq::read(need(places.cseq, Header::CSeq)?, text).map_err(wrong(Header::CSeq))?;
        check_method(&start, &cseq.method)?;
        let (from, to) = (
            need(places.from, Header::From)?,
            need(places.to, Header::To)?,
        );
        let (via, call_id) = (
            need(places.via, Header::Via)?,
            need(places.call_id, Header::CallId)?,
        );
        Ok(Self {
            start,
            via: Via::read_in(index.bytes, via).map_err(wrong(Header::Via))?,
            from: NameAddr::read_in(index.bytes, from).map_err(wrong(Header::From))?,
            to: NameAddr::read_in(index.bytes, to).map_err(wrong(Header::To))?,
            cseq,
            call_id: check_call_id(call_id)
                .map(text)
                .map_err(wrong(Header::CallId))?,
            max_forwards: places.max_forwards.map(hops).transpose()?,
            addresses: places.addresses,
            body: index.head.len(),
            end: body_end(index, places.length)?,
        })
    }

    fn assemble(self, prepared: Prepared) -> Message {
        let (mut bytes, fields) = prepared.into_parts();
        bytes.truncate(self.end);
        Message {
            bytes,
            body: self.body,
            fields,
            start: self.start,
            via: self.via,
            from: self.from,
            to: self.to,
            cseq: self.cseq,
            call_id: self.call_id,
            max_forwards: self.max_forwards,
            addresses: self.addresses,
        }
    }
}

// One above 255 counts as 255 (RFC 4475 §3.1.2.4).
fn hops(digits: &str) -> Result<u8, Fault> {
    let hops = saturating(digits).ok_or(Fault::Value(Header::MaxForwards, Defect::Number))?;
    Ok(u8::try_from(hops).unwrap_or(u8::MAX))
}

fn check_call_id(value: &str) -> Result<&str, Defect> {
    if value.is_empty() {
        return Err(Defect::Empty);
    }
    if value.bytes().any(|byte| byte <= b' ') {
        return Err(Defect::Character);
    }
    Ok(value)
}

fn check_method(start: &Start, counted: &Method) -> Result<(), Fault> {
    match start {
        Start::Request { method, .. } if method == counted => Ok(()),
        Start::Request { method, .. } => Err(match method {
            Method::Other(_) => Fault::UnknownMethodMismatch,
            _ => Fault::MethodMismatch,
        }),
        Start::Response { .. } => Ok(()),
    }
}

fn body_end(index: &Index<'_>, length: Option<&str>) -> Result<usize, Fault> {
    let Some(digits) = length else {
        return Ok(index.bytes.len());
    };
    let length = content_length(digits)?;
    let end = index.head.len().saturating_add(length);
    if end > index.bytes.len() {
        return Err(Fault::BodyTruncated);
    }
    Ok(end)
}

/// Reads a Content-Length: digits only, and never a number that overflows.
pub(super) fn content_length(digits: &str) -> Result<usize, Fault> {
    let wrong = Fault::Value(Header::ContentLength, Defect::Number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong);
    }
    digits.parse().map_err(|_| wrong)
}
