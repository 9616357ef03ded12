//! Why a message was refused.

use super::defect::Defect;
use super::header::Header;
use super::rejection::Rejection;
use super::status::StatusCode;

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing but line breaks came in.
    #[error("there is no message")]
    Empty,
    /// The message is larger than [`MAX_MESSAGE`](super::MAX_MESSAGE).
    #[error("the message is too large")]
    TooLarge,
    /// The first line is neither a request line nor a status line.
    #[error("the start line is malformed")]
    StartLine,
    /// The version is not SIP/2.0.
    #[error("the version is not SIP/2.0")]
    Version,
    /// A response code is not in 100..=699.
    #[error("the status code is not in 100 to 699")]
    Status,
    /// The Request-URI is too long.
    #[error("the Request-URI is too long")]
    UriTooLong,
    /// The Request-URI is malformed.
    #[error("the Request-URI is malformed: {0}")]
    RequestUri(Defect),
    /// A header line is longer than we read.
    #[error("a header line is too long")]
    LineTooLong,
    /// There are more header lines than we read.
    #[error("there are too many header lines")]
    TooManyHeaders,
    /// A carriage return or line feed stands alone.
    #[error("a line does not end with CRLF")]
    BareLineBreak,
    /// A line has no header name and colon.
    #[error("a header line has no name and colon")]
    HeaderName,
    /// The header section is not UTF-8.
    #[error("the header section is not UTF-8")]
    NotUtf8,
    /// The empty line after the headers is missing.
    #[error("the header section does not end")]
    HeadTruncated,
    /// A mandatory header is missing.
    #[error("{0} is missing")]
    Missing(Header),
    /// A header that may be there once is there again.
    #[error("{0} is there more than once")]
    Repeated(Header),
    /// A header value is malformed.
    #[error("{0} is malformed: {1}")]
    Value(Header, Defect),
    /// The CSeq method is not the request's.
    #[error("the CSeq method is not that of the request")]
    MethodMismatch,
    /// As before, and we do not know the request's method at all.
    #[error("the method is unknown, and CSeq has another")]
    UnknownMethodMismatch,
    /// The body is shorter than Content-Length says.
    #[error("the body is shorter than Content-Length says")]
    BodyTruncated,
}

impl Fault {
    /// Returns the status that tells a requester so.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Version => StatusCode::VERSION_NOT_SUPPORTED,
            Self::TooLarge | Self::LineTooLong | Self::TooManyHeaders => {
                StatusCode::MESSAGE_TOO_LARGE
            }
            Self::UriTooLong => StatusCode::REQUEST_URI_TOO_LONG,
            Self::UnknownMethodMismatch => StatusCode::NOT_IMPLEMENTED,
            Self::Empty
            | Self::StartLine
            | Self::Status
            | Self::RequestUri(_)
            | Self::BareLineBreak
            | Self::HeaderName
            | Self::NotUtf8
            | Self::HeadTruncated
            | Self::Missing(_)
            | Self::Repeated(_)
            | Self::Value(..)
            | Self::MethodMismatch
            | Self::BodyTruncated => StatusCode::BAD_REQUEST,
        }
    }
}

/// A message was refused; the peer erred.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}")]
pub struct ParseError {
    fault: Fault,
    rejection: Option<Box<Rejection>>,
}

impl ParseError {
    pub(super) fn new(fault: Fault, rejection: Option<Rejection>) -> Self {
        Self {
            fault,
            rejection: rejection.map(Box::new),
        }
    }

    /// Returns what is wrong.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// Returns how to answer, when the message was a request that can be answered (responses, ACKs and junk cannot).
    pub fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_deref()
    }
}
