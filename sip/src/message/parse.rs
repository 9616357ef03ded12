//! From bytes to a checked message.

use bytes::Bytes;

use super::cseq::CSeq;
use super::defect::Defect;
use super::fault::{Fault, ParseError};
use super::header::Header;
use super::index::Index;
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
        let index = Index::scan(bytes);
        match Places::find(&index).and_then(|places| places.read(&index)) {
            Ok(parts) => Ok(parts.assemble(index)),
            Err(fault) => Err(refuse(&index, fault)),
        }
    }
}

/// Makes the error for a message of which only the header section is at hand.
pub(super) fn refuse(index: &Index, fault: Fault) -> ParseError {
    ParseError::new(fault, Rejection::of(index, fault))
}

/// The lines of the headers that a message has once, and the first Via.
struct Places<'a> {
    start: Start,
    via: &'a str,
    from: &'a str,
    to: &'a str,
    call_id: &'a str,
    cseq: &'a str,
    max_forwards: Option<&'a str>,
    length: Option<&'a str>,
}

struct Parts {
    start: Start,
    via: Via,
    from: NameAddr,
    to: NameAddr,
    cseq: CSeq,
    call_id: Text,
    max_forwards: Option<u8>,
    end: usize,
}

impl<'a> Places<'a> {
    fn find(index: &'a Index) -> Result<Self, Fault> {
        if index.fault == Some(Fault::Empty) {
            return Err(Fault::Empty);
        }
        let head = index.head();
        let start = Start::read(&Text::of(&index.bytes, &head[..index.start_end]))?;
        if let Some(fault) = index.fault {
            return Err(fault);
        }
        let mut via = None;
        let mut once = [None; 7];
        for field in &index.fields {
            let Some(header) = field.header else { continue };
            let value = &head[field.value.start()..field.value.end()];
            match header {
                Header::Via => check_each(header, value, Via::check)?,
                Header::Contact => check_each(header, value, check_contact)?,
                Header::Route | Header::RecordRoute => check_each(header, value, NameAddr::check)?,
                _ => {}
            }
            if header == Header::Via {
                via = via.or_else(|| list::split(value).next());
            }
            let place = ONCE.iter().position(|&only| only == header);
            if place.is_some_and(|place| once[place].replace(value).is_some()) {
                return Err(Fault::Repeated(header));
            }
        }
        let [from, to, call_id, cseq, max_forwards, length, _] = once;
        Ok(Self {
            start,
            via: via.ok_or(Fault::Missing(Header::Via))?,
            from: from.ok_or(Fault::Missing(Header::From))?,
            to: to.ok_or(Fault::Missing(Header::To))?,
            call_id: call_id.ok_or(Fault::Missing(Header::CallId))?,
            cseq: cseq.ok_or(Fault::Missing(Header::CSeq))?,
            max_forwards,
            length,
        })
    }

    fn read(self, index: &Index) -> Result<Parts, Fault> {
        let text = |value: &str| Text::of(&index.bytes, value);
        let wrong = |header: Header| move |defect: Defect| Fault::Value(header, defect);
        let cseq = CSeq::read(self.cseq, &text(self.cseq)).map_err(wrong(Header::CSeq))?;
        check_method(&self.start, &cseq.method)?;
        let number = Fault::Value(Header::MaxForwards, Defect::Number);
        let max_forwards = self
            .max_forwards
            .map(|value| saturating(value).ok_or(number))
            .transpose()?;
        Ok(Parts {
            via: Via::read(text(self.via)).map_err(wrong(Header::Via))?,
            from: NameAddr::read(text(self.from)).map_err(wrong(Header::From))?,
            to: NameAddr::read(text(self.to)).map_err(wrong(Header::To))?,
            cseq,
            call_id: check_call_id(text(self.call_id)).map_err(wrong(Header::CallId))?,
            max_forwards: max_forwards.map(|hops| u8::try_from(hops).unwrap_or(u8::MAX)),
            end: body_end(index, self.length)?,
            start: self.start,
        })
    }
}

const ONCE: [Header; 7] = [
    Header::From,
    Header::To,
    Header::CallId,
    Header::CSeq,
    Header::MaxForwards,
    Header::ContentLength,
    Header::ContentType,
];

impl Parts {
    fn assemble(self, index: Index) -> Message {
        Message {
            bytes: index.bytes.slice(..self.end),
            body: index.body,
            fields: index.fields,
            start: self.start,
            via: self.via,
            from: self.from,
            to: self.to,
            cseq: self.cseq,
            call_id: self.call_id,
            max_forwards: self.max_forwards,
        }
    }
}

fn check_each(
    header: Header,
    line: &str,
    check: fn(&str) -> Result<(), Defect>,
) -> Result<(), Fault> {
    list::split(line)
        .try_for_each(|value| check(value).map_err(|defect| Fault::Value(header, defect)))
}

fn check_contact(value: &str) -> Result<(), Defect> {
    if value == "*" {
        Ok(())
    } else {
        NameAddr::check(value)
    }
}

fn check_call_id(value: Text) -> Result<Text, Defect> {
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

fn body_end(index: &Index, length: Option<&str>) -> Result<usize, Fault> {
    let Some(digits) = length else {
        return Ok(index.bytes.len());
    };
    let length = content_length(digits)?;
    let end = index.body.saturating_add(length);
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

impl Text {
    /// Shares `part`, a slice of what the scan has made UTF-8.
    pub(super) fn of(bytes: &Bytes, part: &str) -> Self {
        Self::shared(bytes.slice_ref(part.as_bytes()))
    }
}
