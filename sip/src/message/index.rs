//! The first look at a message: where its lines are, faults noted but not given up on.

use bytes::{BufMut, Bytes, BytesMut};

use super::fault::Fault;
use super::header::Header;
use super::lexis::{self, blank_len, is_blank, len_of};
use super::text::Span;

/// The largest message that is read, in bytes. Spans are 16 bits wide, and room is left to stamp a Via.
pub const MAX_MESSAGE: usize = 65_000;
const MAX_LINE: usize = 8192;
const MAX_FIELDS: usize = 256;

/// One header line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub header: Option<Header>,
    pub name: Span,
    pub value: Span,
}

/// A message with its folds undone and its header section made UTF-8, ready to be looked into.
pub(super) struct Prepared {
    pub bytes: Bytes,
    lines: Lines,
}

/// The lines of a prepared message.
pub(super) struct Index<'a> {
    pub bytes: &'a Bytes,
    /// The header section, empty line included.
    pub head: &'a str,
    /// The start line.
    pub start: &'a str,
    pub fields: &'a [Field],
    /// The first thing found wrong.
    pub fault: Option<Fault>,
}

impl Prepared {
    /// Finds the lines of `bytes`, undoing folds first where there are any.
    pub fn scan(bytes: Bytes) -> Self {
        let mut bytes = bytes;
        while bytes.starts_with(b"\r\n") {
            bytes = bytes.slice(2..);
        }
        let too_large = bytes.len() > MAX_MESSAGE;
        bytes.truncate(MAX_MESSAGE);
        let mut lines = Lines::find(&bytes);
        if lines.folded {
            bytes = unfold(&bytes, lines.end);
            lines = Lines::find(&bytes);
        }
        if too_large {
            lines.fault = Some(Fault::TooLarge);
        }
        let head = &bytes[..lines.end];
        if !head.is_ascii() && std::str::from_utf8(head).is_err() {
            let fault = lines.fault.unwrap_or(Fault::NotUtf8);
            bytes = make_utf8(&bytes, lines.end);
            lines = Lines::find(&bytes);
            lines.fault = Some(fault);
        }
        Self { bytes, lines }
    }

    /// Looks into the message.
    pub fn index(&self) -> Index<'_> {
        let head =
            std::str::from_utf8(&self.bytes[..self.lines.end]).expect("made UTF-8 by the scan");
        Index {
            bytes: &self.bytes,
            head,
            start: &head[..self.lines.start_end],
            fields: &self.lines.fields,
            fault: self.lines.fault,
        }
    }

    /// Gives up the whole message and the places of its header lines.
    pub fn into_parts(self) -> (Bytes, Vec<Field>) {
        (self.bytes, self.lines.fields)
    }
}

impl<'a> Index<'a> {
    /// Returns the first value of the header.
    pub fn first(&self, header: Header) -> Option<&'a str> {
        self.all(header).next()
    }

    /// Returns the value of each line of the header.
    pub fn all(&self, header: Header) -> impl Iterator<Item = &'a str> {
        let lines = self
            .fields
            .iter()
            .filter(move |field| field.header == Some(header));
        let head = self.head;
        lines.map(move |field| &head[field.value.start()..field.value.end()])
    }
}

impl Field {
    /// Whether this line is one of a header that we have no name for, called `name`.
    pub fn is_called(&self, name: &str, bytes: &Bytes) -> bool {
        self.header.is_none() && self.name.text(bytes).eq_ignore_ascii_case(name)
    }
}

impl Span {
    /// Returns this part of a header section that a scan has made UTF-8.
    pub fn text(self, bytes: &Bytes) -> &str {
        std::str::from_utf8(&bytes[self.start()..self.end()])
            .expect("checked when the text was read")
    }
}

/// Where the lines of a header section are; faults are noted but not given up on.
struct Lines {
    start_end: usize,
    fields: Vec<Field>,
    end: usize,
    folded: bool,
    fault: Option<Fault>,
}

impl Lines {
    fn find(bytes: &[u8]) -> Self {
        let mut lines = Self {
            start_end: 0,
            fields: Vec::with_capacity(24),
            end: bytes.len(),
            folded: false,
            fault: None,
        };
        let mut at = lines.line_end(bytes, 0);
        lines.start_end = at.end;
        while at.next < bytes.len() {
            let start = at.next;
            if matches!(bytes[start], b' ' | b'\t') {
                lines.folded = true;
            }
            let name_end = start + len_of(&lexis::TOKEN, &bytes[start..]);
            at = lines.line_end(bytes, name_end);
            if at.end == start {
                lines.end = at.next;
                return lines;
            }
            lines.add(bytes, start, name_end, at.end);
        }
        lines.note(if bytes.is_empty() {
            Fault::Empty
        } else {
            Fault::HeadTruncated
        });
        lines
    }

    // A lone CR or LF ends the line too, so that the message can still be answered.
    fn line_end(&mut self, bytes: &[u8], from: usize) -> LineEnd {
        let Some(found) = memchr::memchr2(b'\r', b'\n', &bytes[from..]) else {
            return LineEnd {
                end: bytes.len(),
                next: bytes.len(),
            };
        };
        let end = from + found;
        if bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n') {
            return LineEnd { end, next: end + 2 };
        }
        self.note(Fault::BareLineBreak);
        LineEnd { end, next: end + 1 }
    }

    fn add(&mut self, bytes: &[u8], start: usize, name_end: usize, end: usize) {
        if end - start > MAX_LINE {
            return self.note(Fault::LineTooLong);
        }
        if self.fields.len() == MAX_FIELDS {
            return self.note(Fault::TooManyHeaders);
        }
        let colon = name_end + blank_len(&bytes[name_end..end]);
        if name_end == start || colon == end || bytes[colon] != b':' {
            return self.note(Fault::HeaderName);
        }
        let value = colon + 1 + blank_len(&bytes[colon + 1..end]);
        let mut value_end = end;
        while value_end > value && is_blank(bytes[value_end - 1]) {
            value_end -= 1;
        }
        self.fields.push(Field {
            header: Header::find(&bytes[start..name_end]),
            name: Span::new(start, name_end),
            value: Span::new(value, value_end),
        });
    }

    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

struct LineEnd {
    end: usize,
    next: usize,
}

/// Joins folded lines: each line break before white space becomes spaces, so that nothing moves (RFC 3261 §7.3.1).
fn unfold(bytes: &[u8], head: usize) -> Bytes {
    let mut whole = BytesMut::from(bytes);
    for at in memchr::memchr_iter(b'\n', &bytes[..head]) {
        let folded = matches!(bytes.get(at + 1), Some(b' ' | b'\t'));
        if folded && at > 0 && bytes[at - 1] == b'\r' {
            whole[at - 1..=at].fill(b' ');
        }
    }
    whole.freeze()
}

fn make_utf8(bytes: &[u8], head: usize) -> Bytes {
    let text = String::from_utf8_lossy(&bytes[..head]);
    let mut whole = BytesMut::with_capacity(text.len() + bytes.len() - head);
    whole.put_slice(text.as_bytes());
    whole.put_slice(&bytes[head..]);
    // Replacement characters are longer than what they replace; a refused message may lose its end.
    whole.truncate(MAX_MESSAGE);
    whole.freeze()
}
