//! Messages out of a byte stream.

use bytes::{Buf, Bytes, BytesMut};

use super::fault::{Fault, ParseError};
use super::header::Header;
use super::index::{MAX_MESSAGE, Prepared};
use super::message::Message;
use super::parse;

/// Cuts a byte stream into messages (RFC 3261 §18.3, RFC 5626 §3.5.1). Push what was read, then poll until `None`; it
/// holds no more than one message and what was pushed last.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    scanned: usize,
    needed: Option<usize>,
    pongs: u32,
}

/// What a stream brought.
#[derive(Clone, Debug)]
pub enum Frame {
    /// A message.
    Message(Box<Message>),
    /// A message that was refused, but whose end was found; the stream goes on.
    Refused(ParseError),
    /// Two empty lines between messages; the answer is one empty line, `\r\n`.
    Ping,
    /// The answer to a ping of ours.
    Pong,
}

impl Framer {
    /// Makes a framer for a new stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note that a ping of ours was sent, so that a lone empty line is its answer.
    pub fn expect_pong(&mut self) {
        self.pongs = 1;
    }

    /// Takes bytes that were read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the next frame, or `None` until more bytes come. An error cannot be recovered from: send its rejection if it
    /// has one, and close the stream.
    pub fn poll(&mut self) -> Result<Option<Frame>, ParseError> {
        if self.needed.is_none() {
            if let Some(sign) = self.skip_line_breaks() {
                return Ok(Some(sign));
            }
            self.needed = self.measure()?;
        }
        let Some(needed) = self.needed.filter(|&needed| needed <= self.buffer.len()) else {
            return Ok(None);
        };
        self.needed = None;
        self.scanned = 0;
        let bytes = self.buffer.split_to(needed).freeze();
        Ok(Some(match Message::parse(bytes) {
            Ok(message) => Frame::Message(Box::new(message)),
            Err(error) => Frame::Refused(error),
        }))
    }

    /// Whether a message has begun and not ended, which must not last (RFC 4475 §3.1.2.2).
    pub fn is_inside_message(&self) -> bool {
        self.buffer
            .iter()
            .any(|byte| !matches!(byte, b'\r' | b'\n'))
    }

    /// Drops empty lines before a message; returns each ping and answer to one among them.
    fn skip_line_breaks(&mut self) -> Option<Frame> {
        if self.buffer.starts_with(b"\r\n\r\n") {
            self.buffer.advance(4);
            return Some(Frame::Ping);
        }
        if self.pongs > 0 && self.buffer.starts_with(b"\r\n") {
            self.pongs = 0;
            self.buffer.advance(2);
            return Some(Frame::Pong);
        }
        // A lone CRLF that nobody waits for, or the first half of a ping that is still on its way.
        if self.buffer.len() > 3 && self.buffer.starts_with(b"\r\n") {
            self.buffer.advance(2);
        }
        None
    }

    /// Finds how long the message is.
    fn measure(&mut self) -> Result<Option<usize>, ParseError> {
        let from = self.scanned.saturating_sub(3);
        let Some(at) = memchr::memmem::find(&self.buffer[from..], b"\r\n\r\n") else {
            self.scanned = self.buffer.len();
            if self.buffer.len() > MAX_MESSAGE {
                return Err(self.refuse(self.buffer.len(), Fault::TooLarge));
            }
            return Ok(None);
        };
        let head = from + at + 4;
        let length = self
            .body_length(head)
            .map_err(|fault| self.refuse(head, fault))?;
        let needed = head.saturating_add(length);
        if needed > MAX_MESSAGE {
            return Err(self.refuse(head, Fault::TooLarge));
        }
        Ok(Some(needed))
    }

    // RFC 3261 §20.14: over a stream, Content-Length is mandatory.
    fn body_length(&self, head: usize) -> Result<usize, Fault> {
        let mut length = None;
        let mut lines = self.buffer[..head]
            .split(|&byte| byte == b'\n')
            .skip(1)
            .peekable();
        while let Some(line) = lines.next() {
            let Some(colon) = memchr::memchr(b':', line) else {
                continue;
            };
            let name = std::str::from_utf8(line[..colon].trim_ascii_end()).unwrap_or("");
            if Header::read(name) != Some(Header::ContentLength) {
                continue;
            }
            // RFC 3261 §7.3.1: a line that begins with white space goes on with the one before.
            let mut value = line[colon + 1..].to_vec();
            while let Some(more) =
                lines.next_if(|next| next.starts_with(b" ") || next.starts_with(b"\t"))
            {
                value.extend_from_slice(more);
            }
            let digits = std::str::from_utf8(value.trim_ascii()).unwrap_or("");
            if length.replace(parse::content_length(digits)?).is_some() {
                return Err(Fault::Repeated(Header::ContentLength));
            }
        }
        length.ok_or(Fault::Missing(Header::ContentLength))
    }

    fn refuse(&self, head: usize, fault: Fault) -> ParseError {
        let prepared = Prepared::scan(Bytes::copy_from_slice(&self.buffer[..head]));
        parse::refuse(&prepared.index(), fault)
    }
}
