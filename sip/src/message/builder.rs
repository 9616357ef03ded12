//! Writing messages.

use std::fmt::{self, Display, Write};

use bytes::Bytes;

use super::fault::ParseError;
use super::header::{Header, Name};
use super::lexis;
use super::message::Message;
use super::method::Method;
use super::status::StatusCode;
use super::uri::Uri;

/// Writes one message, header by header in the order of the calls. No value can add a line: line breaks and NULs in
/// values become spaces. Content-Length is always written by [`Builder::build`], and only there.
#[derive(Clone, Debug)]
pub struct Builder {
    out: Vec<u8>,
    body: Bytes,
}

impl Builder {
    /// Starts a request. URI headers are left out, as a Request-URI has none.
    pub fn request(method: &Method, uri: &Uri) -> Self {
        let mut builder = Self::new();
        // Neither a method nor a URI holds a line break.
        for part in [method.as_str(), " ", uri.bare(), " SIP/2.0\r\n"] {
            builder.out.extend_from_slice(part.as_bytes());
        }
        builder
    }

    /// Starts a response with its own reason phrase.
    pub fn response(status: StatusCode, reason: &str) -> Self {
        let mut builder = Self::new();
        builder.write(format_args!("SIP/2.0 {status} {reason}"));
        builder.out.extend_from_slice(b"\r\n");
        builder
    }

    fn new() -> Self {
        Self {
            out: Vec::with_capacity(1024),
            body: Bytes::new(),
        }
    }

    /// Adds a header line. Content-Length is left to [`Self::build`].
    pub fn header<'n>(mut self, name: impl Into<Name<'n>>, value: impl Display) -> Self {
        self.push(name.into(), value);
        self
    }

    /// Adds a header line if there is a value.
    pub fn maybe<'n>(self, name: impl Into<Name<'n>>, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Adds a header line for each value.
    pub fn each<'n, T: Display>(
        mut self,
        name: impl Into<Name<'n>>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let name = name.into();
        for value in values {
            self.push(name, value);
        }
        self
    }

    /// Copies all lines of a header from `message`, in order and as they are.
    pub fn copy<'n>(mut self, message: &'n Message, name: impl Into<Name<'n>>) -> Self {
        match name.into() {
            Name::Known(Header::ContentLength) => {}
            Name::Known(wanted) => {
                for lines in message.raw_lines(|header| header == Some(wanted)) {
                    self.push_lines(lines);
                }
            }
            name @ Name::Other(_) => {
                for value in message.lines(name) {
                    self.push(name, value);
                }
            }
        }
        self
    }

    /// Copies all header lines from `message`, in order and as they are, but for those named in `except`.
    pub fn copy_all(mut self, message: &Message, except: &[Header]) -> Self {
        let skipped = |header| header == Header::ContentLength || except.contains(&header);
        // The body is most often this message's too.
        self.out.reserve(message.as_bytes().len());
        for lines in message.raw_lines(|header| !header.is_some_and(skipped)) {
            self.push_lines(lines);
        }
        self
    }

    /// Sets the body and its Content-Type; an empty body writes none.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        if self.body.is_empty() {
            return self;
        }
        self.header(Header::ContentType, content_type)
    }

    /// Writes Content-Length and body, and returns the message as it goes on the wire.
    pub fn build(mut self) -> Bytes {
        let length = self.body.len();
        self.out.reserve(40 + length);
        self.out.extend_from_slice(b"Content-Length: ");
        self.write(length);
        self.out.extend_from_slice(b"\r\n\r\n");
        self.out.extend_from_slice(&self.body);
        Bytes::from(self.out)
    }

    /// Like [`Self::build`], read back. Fails if a mandatory header was forgotten or the message is too large.
    pub fn message(self) -> Result<Message, ParseError> {
        Message::parse(self.build())
    }

    fn push(&mut self, name: Name<'_>, value: impl Display) {
        if self.push_name(name) {
            self.write(value);
            self.out.extend_from_slice(b"\r\n");
        }
    }

    // Lines of a parsed message hold no line breaks of their own.
    fn push_lines(&mut self, lines: &[u8]) {
        self.out.extend_from_slice(lines);
        self.out.extend_from_slice(b"\r\n");
    }

    // A name that is no token would be a line of the caller's making; nothing is written.
    fn push_name(&mut self, name: Name<'_>) -> bool {
        match name {
            Name::Known(Header::ContentLength) => return false,
            Name::Known(header) => self.out.extend_from_slice(header.as_str().as_bytes()),
            Name::Other(name) if lexis::is_token(name.as_bytes()) => {
                self.out.extend_from_slice(name.as_bytes())
            }
            Name::Other(_) => return false,
        }
        self.out.extend_from_slice(b": ");
        true
    }

    fn write(&mut self, value: impl Display) {
        write!(OneLine(&mut self.out), "{value}").expect("a buffer takes all text");
    }
}

/// Writes text that stays on its line.
struct OneLine<'a>(&'a mut Vec<u8>);

impl OneLine<'_> {
    fn push(&mut self, text: &str) {
        let from = self.0.len();
        self.0.extend_from_slice(text.as_bytes());
        if memchr::memchr3(b'\r', b'\n', 0, text.as_bytes()).is_none() {
            return;
        }
        for byte in &mut self.0[from..] {
            if matches!(byte, b'\r' | b'\n' | 0) {
                *byte = b' ';
            }
        }
    }
}

impl fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}
