//! Request lines and status lines.

use bytes::Bytes;

use super::defect::Defect;
use super::fault::Fault;
use super::method::Method;
use super::status::StatusCode;
use super::text::{Span, Text};
use super::uri::{MAX_URI, Uri};

/// The first line of a message.
#[derive(Clone, Debug)]
pub(super) enum Start {
    Request { method: Method, uri: Uri },
    Response { status: StatusCode, reason: Span },
}

impl Start {
    /// Reads the line that `bytes` start with.
    pub fn read(line: &str, bytes: &Bytes) -> Result<Self, Fault> {
        if is_version(line.as_bytes()) {
            Self::read_status(line)
        } else {
            Self::read_request(line, bytes)
        }
    }

    fn read_request(line: &str, bytes: &Bytes) -> Result<Self, Fault> {
        let (method, rest) = cut(line, line.bytes().position(is_space))?;
        let (uri, version) = cut(rest, rest.bytes().rposition(is_space))?;
        check_version(version)?;
        let method =
            Method::read(method, |name| Text::of(bytes, name)).map_err(|_| Fault::StartLine)?;
        if uri.len() > MAX_URI {
            return Err(Fault::UriTooLong);
        }
        let uri = Uri::read_in(bytes, uri).map_err(Fault::RequestUri)?;
        // RFC 3261 §19.1.1: no headers in a Request-URI; they must not become real ones (RFC 4475 §3.1.2.11).
        if uri.headers().next().is_some() {
            return Err(Fault::RequestUri(Defect::UriHeaders));
        }
        Ok(Self::Request { method, uri })
    }

    fn read_status(line: &str) -> Result<Self, Fault> {
        let (version, rest) = line.split_once(' ').ok_or(Fault::StartLine)?;
        check_version(version)?;
        let (code, reason) = rest.split_once(' ').unwrap_or((rest, &rest[rest.len()..]));
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Fault::Status);
        }
        let code: u16 = code.parse().map_err(|_| Fault::Status)?;
        let status = StatusCode::try_from(code).map_err(|_| Fault::Status)?;
        let reason = Span::of(line, reason);
        Ok(Self::Response { status, reason })
    }
}

fn is_space(byte: u8) -> bool {
    byte == b' '
}

/// Takes `text` apart at the space in the place `at`.
fn cut(text: &str, at: Option<usize>) -> Result<(&str, &str), Fault> {
    let at = at.ok_or(Fault::StartLine)?;
    Ok((&text[..at], &text[at + 1..]))
}

/// Whether a line seems to be a request line, so that it is worth an answer; ACK never is.
pub(super) fn wants_answer(line: &str) -> bool {
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let (Some(method), Some(version)) = (words.next(), words.next_back()) else {
        return false;
    };
    !is_version(method.as_bytes())
        && is_version(version.as_bytes())
        && method != Method::Ack.as_str()
}

fn is_version(text: &[u8]) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/"))
}

fn check_version(text: &str) -> Result<(), Fault> {
    if text.eq_ignore_ascii_case("SIP/2.0") {
        return Ok(());
    }
    let number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = text.get(4..).filter(|_| is_version(text.as_bytes()));
    let (major, minor) = numbers
        .and_then(|rest| rest.split_once('.'))
        .ok_or(Fault::StartLine)?;
    if number(major) && number(minor) {
        Err(Fault::Version)
    } else {
        Err(Fault::StartLine)
    }
}
