//! Sending: responses with and without a transaction, requests, and what they all carry.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;

use crate::Instant;
use crate::dialog::Dialog;
use crate::families::Families;
use crate::message::lexis::quote;
use crate::message::{Builder, Header, Message, Method, Reason, Rport, SessionId, StatusCode, Via};
use crate::registrar::OUTBOUND;
use crate::sdp::SdpError;
use crate::transaction::{ClientId, Clients, Hop, Request, ServerId};

use super::call::{Marks, Side};
use super::{CallKey, Cause, Direction, Endpoint, Event, Flow, Output, Transport};

/// The methods we understand, for Allow.
pub(super) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, SUBSCRIBE, REGISTER";
/// The events that can be subscribed to, each by a REFER within a call (RFC 3515 §2.4.4), for Allow-Events.
const EVENTS: &str = "refer";
/// The extensions we know, for Supported.
pub(super) const SUPPORTED: &str = "timer, 100rel, replaces, norefersub, path, outbound";
/// What may be required of us, one by one.
pub(super) const EXTENSIONS: [&str; 7] = [
    super::session::TIMER,
    super::reliable::RELIABLE,
    super::replacing::REPLACES,
    super::refer::NO_REFER_SUB,
    super::register::PATH,
    OUTBOUND,
    super::recorder::RECORD_AWARE,
];
pub(super) const SDP: &str = "application/sdp";
/// What a body may be, for Accept: parts are read where one is a session description (RFC 5621).
pub(super) const ACCEPTED: &str =
    "application/sdp, multipart/mixed, multipart/alternative, multipart/related";
/// Why an answer is 488 where its owner does not say what of the description it is.
const INCOMPATIBLE: &str = "the session description has nothing that can be taken here";

/// What of a description cannot be taken (RFC 3261 §20.43).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Which kind of thing, such as 305 for a format.
    pub code: u16,
    /// In words.
    pub text: String,
}

impl From<&SdpError> for Warning {
    fn from(error: &SdpError) -> Self {
        Self {
            code: error.warn_code(),
            text: error.to_string(),
        }
    }
}

/// A final response that tells why a request is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: u16,
    pub reason: Option<String>,
    pub headers: Vec<(Header, String)>,
    pub warning: Option<Warning>,
}

impl Refusal {
    pub fn new(code: u16) -> Self {
        Self {
            code,
            reason: None,
            headers: Vec::new(),
            warning: None,
        }
    }

    pub fn because(code: u16, reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::new(code)
        }
    }

    /// Refuses a method that is not in Allow (RFC 3261 §8.2.1).
    pub fn method() -> Self {
        Self::new(405).with(Header::Allow, ALLOW)
    }

    /// Refuses an event that nobody can subscribe to here (RFC 6665 §4.2.1.1, §8.3.2).
    pub fn event() -> Self {
        Self::new(489).with(Header::AllowEvents, EVENTS)
    }

    pub fn with(mut self, header: Header, value: impl ToString) -> Self {
        self.headers.push((header, value.to_string()));
        self
    }

    /// Adds after how many seconds it may be asked again.
    pub fn after(self, seconds: Option<u32>) -> Self {
        match seconds {
            Some(seconds) => self.with(Header::RetryAfter, seconds),
            None => self,
        }
    }

    /// Adds what of a description cannot be taken.
    pub fn warning(mut self, warning: Option<Warning>) -> Self {
        self.warning = warning;
        self
    }

    /// Returns it with another code where its own refuses nothing.
    pub fn or(mut self, code: u16) -> Self {
        if !(300..700).contains(&self.code) {
            self.code = code;
        }
        self
    }

    // RFC 3261 §21.4.26: who describes something that cannot be taken is told what that is.
    fn write(&self, mut builder: Builder) -> Builder {
        for (header, value) in &self.headers {
            builder = builder.header(*header, value);
        }
        let unknown = || (399, self.reason.as_deref().unwrap_or(INCOMPATIBLE));
        let known = self.warning.as_ref().map(|one| (one.code, &*one.text));
        let said = known.or_else(|| (self.code == 488).then(unknown));
        let warning = said.map(|(code, text)| format!("{code} tandem {}", quote(text)));
        builder.maybe(Header::Warning, warning)
    }
}

impl Endpoint {
    pub(super) fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn transmit(&mut self, hop: Hop, bytes: Bytes) {
        let Hop {
            transport,
            to,
            connection,
            reopens: _,
        } = hop;
        self.outputs.push_back(Output::Transmit {
            transport,
            to,
            connection,
            bytes,
        });
    }

    /// Starts a response of ours; `tag` goes into a To without one.
    pub(super) fn reply(
        &self,
        request: &Message,
        code: u16,
        reason: Option<&str>,
        tag: &str,
        marks: &Marks,
    ) -> Builder {
        let status = status(code);
        let kept = self.keeps_open(request, code);
        let kept = kept.and_then(|span| request.kept(span.as_secs()));
        let request = kept.as_ref().unwrap_or(request);
        let builder =
            request.response_because(status, reason.unwrap_or(status.phrase()), Some(tag));
        marks
            .write(builder)
            .header(Header::Server, &self.config.server)
    }

    /// Answers without keeping state (RFC 3261 §8.2.7): the same request gets the same answer again.
    pub(super) fn refuse(&mut self, request: &Message, flow: &Flow, refusal: &Refusal) {
        if *request.method() == Method::Ack {
            return;
        }
        let tag = self.stateless_tag(request);
        let marks = self.marks_outside(request);
        let builder = self.reply(
            request,
            refusal.code,
            refusal.reason.as_deref(),
            &tag,
            &marks,
        );
        let hop = response_hop(request, flow);
        self.count_response(Direction::Sent, request.method(), refusal.code);
        self.transmit(hop, refusal.write(builder).build());
    }

    /// Sends a response through its transaction.
    pub(super) fn respond(
        &mut self,
        server: ServerId,
        code: u16,
        bytes: Bytes,
        now: Instant,
    ) -> Option<Hop> {
        let method = self.servers.request(server)?.method().clone();
        let hop = self
            .servers
            .respond(server, code, &bytes, &self.config.timing, now)?;
        self.count_response(Direction::Sent, &method, code);
        self.transmit(hop, bytes);
        Some(hop)
    }

    /// Sends a plain response of a call through its transaction.
    pub(super) fn respond_plainly(
        &mut self,
        server: ServerId,
        refusal: &Refusal,
        side: &Side,
        now: Instant,
    ) {
        let Some(request) = self.servers.request(server) else {
            return;
        };
        let tag = side.tag.to_string();
        let builder = self.reply(
            request,
            refusal.code,
            refusal.reason.as_deref(),
            &tag,
            &side.marks,
        );
        let response = refusal.write(builder).build();
        self.respond(server, refusal.code, response, now);
    }

    /// Sends a request through a new transaction.
    pub(super) fn send(
        &mut self,
        method: Method,
        branch: u64,
        hop: Hop,
        bytes: Bytes,
        call: Option<CallKey>,
        now: Instant,
    ) -> ClientId {
        self.count_request(Direction::Sent, &method);
        let (hop, bytes, fallback) = match self.moved(&method, hop, &bytes, now) {
            Some((hop, moved)) => (hop, moved, Some(bytes)),
            None => (hop, bytes, None),
        };
        self.transmit(hop, bytes.clone());
        let request = Request {
            method,
            branch,
            bytes,
            hop,
            call,
            fallback,
        };
        self.clients.start(request, &self.config.timing, now)
    }

    /// Writes an in-dialog request and returns it with its branch number.
    pub(super) fn compose(
        &mut self,
        side: &mut Side,
        dialog: &Dialog,
        method: &Method,
        cseq: u32,
    ) -> (u64, Hop, Builder) {
        let hop = dialog.hop();
        let branch = self.rng.random();
        let via = self.via(hop, branch);
        let builder = side.marks.write(dialog.request(method, cseq, &via));
        let builder = self.authorize(builder, side, method, dialog.request_uri().as_str());
        (
            branch,
            hop,
            builder.header(Header::UserAgent, &self.config.server),
        )
    }

    pub(super) fn via(&self, hop: Hop, branch: u64) -> String {
        let address = self.address(hop);
        format!(
            "SIP/2.0/{} {address};branch={};rport",
            hop.transport.via_name(),
            Clients::branch(branch)
        )
    }

    /// Returns the address that whoever is at the end of `hop` reaches us at.
    pub(super) fn address(&self, hop: Hop) -> SocketAddr {
        let (listen, family) = (&self.config.listen, hop.family());
        let own = listen.get(&hop.transport);
        let other = || listen.values().find_map(|ours| ours.get(family));
        let any = || own.or_else(|| listen.values().next()).map(Families::first);
        let ours = own.and_then(|own| own.get(family)).or_else(other);
        let unlisted = SocketAddr::from(([127, 0, 0, 1], hop.transport.default_port()));
        ours.or_else(any).copied().unwrap_or(unlisted)
    }

    /// Returns the marks of what belongs to no call: an id that follows from our seed and the Call-ID.
    pub(super) fn marks_outside(&self, request: &Message) -> Marks {
        Marks::of(self.session_of(request.call_id()), request)
    }

    pub(super) fn session_of(&self, call_id: &str) -> SessionId {
        SessionId(self.keyed.of(&["session", call_id]).0.max(1))
    }

    pub(super) fn stateless_tag(&self, request: &Message) -> String {
        let from = request.from().tag().unwrap_or("");
        let print = self.keyed.of(&["tag", request.call_id(), from]).0;
        // Never 16 digits long, so that it cannot be taken for the tag of a call.
        format!("{:024x}", print >> 32)
    }

    pub(super) fn count_response(&mut self, direction: Direction, method: &Method, code: u16) {
        let class = u8::try_from(code / 100).unwrap_or(0);
        *self
            .counters
            .responses
            .entry((direction, label(method), class))
            .or_default() += 1;
    }

    pub(super) fn count_request(&mut self, direction: Direction, method: &Method) {
        *self
            .counters
            .requests
            .entry((direction, label(method)))
            .or_default() += 1;
    }
}

/// Returns where the responses to `request` go (RFC 3261 §18.2.2, RFC 3581 §4): when its connection is closed, to the port
/// of sent-by at the address that it came from. `maddr` is not followed: it would let anybody send our responses anywhere.
pub(super) fn response_hop(request: &Message, flow: &Flow) -> Hop {
    hop_by_via(request.top_via(), flow)
}

pub(super) fn hop_by_via(via: &Via, flow: &Flow) -> Hop {
    let sent_by = SocketAddr::new(flow.peer.ip(), via.port_or_default());
    match (flow.transport, via.rport()) {
        (Transport::Udp, Rport::Absent) | (Transport::Tcp | Transport::Tls, _) => {
            Hop::back_or_to(flow, sent_by)
        }
        (Transport::Udp, Rport::Asked | Rport::Seen(_)) | (Transport::Ws, _) => Hop::back(flow),
    }
}

/// Returns the status `code`, or 500 for one that is none.
pub(super) fn status(code: u16) -> StatusCode {
    StatusCode::try_from(code).unwrap_or(StatusCode::SERVER_INTERNAL_ERROR)
}

/// Returns what the Reason header fields of a message say.
pub(super) fn cause(message: &Message) -> Option<Cause> {
    let mut found: Option<Cause> = None;
    for reason in message.reasons() {
        let cause = found.get_or_insert_default();
        if reason.protocol.eq_ignore_ascii_case("Q.850") {
            cause.q850 = reason.cause.and_then(|cause| u8::try_from(cause).ok());
        } else if reason.protocol.eq_ignore_ascii_case("SIP") {
            cause.sip = reason.cause;
        }
        if cause.text.is_empty() {
            cause.text = reason.text.unwrap_or_default();
        }
    }
    found
}

/// Writes the Reason header fields that say `cause`.
pub(super) fn write_cause(builder: Builder, cause: &Cause) -> Builder {
    let text = Some(cause.text.clone()).filter(|text| !text.is_empty());
    let bare = cause.q850.is_none() && cause.sip.is_none() && text.is_some();
    let reason = |protocol: &str, cause: Option<u16>| Reason {
        protocol: protocol.to_owned(),
        cause,
        text: text.clone(),
    };
    builder
        .maybe(
            Header::Reason,
            cause
                .q850
                .map(|q850| reason("Q.850", Some(u16::from(q850)))),
        )
        .maybe(
            Header::Reason,
            cause.sip.map(|sip| reason("SIP", Some(sip))),
        )
        .maybe(Header::Reason, bare.then(|| reason("SIP", None)))
}

/// Returns the method's name as a metric label, from a closed set.
fn label(method: &Method) -> &'static str {
    let known = Method::KNOWN.iter().find(|known| *known == method);
    known.map_or("other", |known| known.as_str())
}

/// Returns how long a response says to wait (RFC 3261 §20.33): seconds, with or without a comment and parameters.
pub(super) fn retry_after(response: &Message) -> Option<Duration> {
    let text = response.header(Header::RetryAfter)?;
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().map(Duration::from_secs)
}
