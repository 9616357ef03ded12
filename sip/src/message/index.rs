//! The first look at a message: where its lines are, faults noted but not given up on.

use bytes::{BufMut, Bytes, BytesMut};

use super::fault::Fault;
use super::header::{Header, Name};
use super::lexis::{self, trim};
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

/// The lines of a message.
pub(super) struct Index {
    /// The message, unfolded, from its start line.
    pub bytes: Bytes,
    /// Where the start line ends.
    pub start_end: usize,
    pub fields: Vec<Field>,
    /// Where the body begins; all before it is UTF-8.
    pub body: usize,
    /// The first thing found wrong.
    pub fault: Option<Fault>,
}

impl Index {
    /// Finds the lines of `bytes`.
    pub fn scan(bytes: Bytes) -> Self {
        let mut fault = None;
        let mut bytes = bytes;
        while bytes.starts_with(b"\r\n") {
            bytes = bytes.slice(2..);
        }
        if bytes.len() > MAX_MESSAGE {
            fault = Some(Fault::TooLarge);
            bytes.truncate(MAX_MESSAGE);
        }
        let (mut head, mut folded) = measure(&bytes);
        if folded {
            bytes = unfold(&bytes, head);
        }
        if std::str::from_utf8(&bytes[..head]).is_err() {
            fault = fault.or(Some(Fault::NotUtf8));
            bytes = make_utf8(&bytes, head);
            (head, folded) = measure(&bytes);
            debug_assert!(!folded, "unfolded before");
        }
        let mut index = Self {
            bytes,
            start_end: 0,
            fields: Vec::with_capacity(24),
            body: head,
            fault,
        };
        index.walk();
        index
    }

    /// Returns the header section, empty line included.
    pub fn head(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.body]).expect("made UTF-8 by the scan")
    }

    fn walk(&mut self) {
        let bytes = self.bytes.clone();
        let head = std::str::from_utf8(&bytes[..self.body]).expect("made UTF-8 by the scan");
        let mut at = 0;
        let mut first = true;
        while at < head.len() {
            let line = Line::next(&head.as_bytes()[at..]);
            if let Some(fault) = line.fault {
                self.note(fault);
            }
            if first {
                self.start_end = line.end;
                first = false;
            } else if line.end == 0 {
                return;
            } else if self.fields.len() == MAX_FIELDS {
                self.note(Fault::TooManyHeaders);
            } else {
                self.add(head, at, at + line.end);
            }
            at += line.next;
        }
        self.note(if bytes.is_empty() {
            Fault::Empty
        } else {
            Fault::HeadTruncated
        });
    }

    fn add(&mut self, head: &str, start: usize, end: usize) {
        if end - start > MAX_LINE {
            return self.note(Fault::LineTooLong);
        }
        let line = &head[start..end];
        let Some(colon) = memchr::memchr(b':', line.as_bytes()) else {
            return self.note(Fault::HeaderName);
        };
        let name = line[..colon].trim_end_matches([' ', '\t']);
        if !lexis::is_token(name.as_bytes()) {
            return self.note(Fault::HeaderName);
        }
        self.fields.push(Field {
            header: Header::read(name),
            name: Span::new(start, start + name.len()),
            value: Span::of(head, trim(&line[colon + 1..])),
        });
    }

    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Returns the first value of the header.
    pub fn first(&self, header: Header) -> Option<&str> {
        self.all(header).next()
    }

    /// Returns the value of each line of the header.
    pub fn all(&self, header: Header) -> impl Iterator<Item = &str> {
        let lines = self
            .fields
            .iter()
            .filter(move |field| field.header == Some(header));
        lines.map(|field| field.value.text(&self.bytes))
    }
}

impl Field {
    /// Whether this line is one of the header called `name`.
    pub fn is(&self, name: Name<'_>, bytes: &Bytes) -> bool {
        match name {
            Name::Known(header) => self.header == Some(header),
            Name::Other(name) => {
                self.header.is_none() && self.name.text(bytes).eq_ignore_ascii_case(name)
            }
        }
    }
}

impl Span {
    /// Returns this part of a header section that a scan has made UTF-8.
    pub fn text(self, bytes: &Bytes) -> &str {
        std::str::from_utf8(&bytes[self.start()..self.end()]).expect("made UTF-8 by the scan")
    }
}

struct Line {
    end: usize,
    next: usize,
    fault: Option<Fault>,
}

impl Line {
    // A lone CR or LF ends the line too, so that the message can still be answered.
    fn next(rest: &[u8]) -> Self {
        let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else {
            return Self {
                end: rest.len(),
                next: rest.len(),
                fault: None,
            };
        };
        let whole = rest[end..].starts_with(b"\r\n");
        Self {
            end,
            next: end + if whole { 2 } else { 1 },
            fault: (!whole).then_some(Fault::BareLineBreak),
        }
    }
}

/// Returns the length of the header section and whether one of its lines is folded.
fn measure(bytes: &[u8]) -> (usize, bool) {
    let (mut at, mut folded) = (0, false);
    while at < bytes.len() {
        let line = Line::next(&bytes[at..]);
        if line.end == 0 {
            return (at + line.next, folded);
        }
        at += line.next;
        folded |= matches!(bytes.get(at), Some(b' ' | b'\t'));
    }
    (at, folded)
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
