//! Answers to a request.

use super::builder::Builder;
use super::header::Header;
use super::message::Message;
use super::status::StatusCode;

impl Message {
    /// Starts a response to this request as RFC 3261 §8.2.6 asks: all Vias, From, To, Call-ID and CSeq are copied, and
    /// `to_tag` is added to a To that has none. A 100 also copies Timestamp.
    pub fn response(&self, status: StatusCode, to_tag: Option<&str>) -> Builder {
        self.response_because(status, status.phrase(), to_tag)
    }

    /// Like [`Self::response`], with a reason phrase of its own.
    pub fn response_because(
        &self,
        status: StatusCode,
        reason: &str,
        to_tag: Option<&str>,
    ) -> Builder {
        let builder = Builder::response(status, reason)
            .copy(self, Header::Via)
            .header(Header::From, self.from());
        let builder = match to_tag {
            Some(tag) if self.to().tag().is_none() => {
                builder.header(Header::To, format_args!("{};tag={tag}", self.to()))
            }
            Some(_) | None => builder.header(Header::To, self.to()),
        };
        let builder = builder
            .header(Header::CallId, self.call_id())
            .header(Header::CSeq, self.cseq());
        if status == StatusCode::TRYING {
            builder.copy(self, Header::Timestamp)
        } else {
            builder
        }
    }

    /// Like [`Self::response`], with the Record-Routes copied, for responses that make a dialog (RFC 3261 §12.1.1).
    pub fn dialog_response(&self, status: StatusCode, to_tag: &str) -> Builder {
        self.response(status, Some(to_tag))
            .copy(self, Header::RecordRoute)
    }
}
