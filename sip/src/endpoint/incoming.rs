//! Calls that come in: their INVITE, our responses, their CANCEL (RFC 3261 §13.3, §9.2).

use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;

use crate::Instant;
use crate::dialog::Dialog;
use crate::message::{Builder, Header, Message, SessionId};
use crate::stir::Signed;
use crate::transaction::{Hop, Repeat, ServerId};
use crate::trunk::{MarkSet, Trunk};

use super::call::{Adoption, AwaitedAck, Call, Incoming, LocalTag, Marks, Side, State, Up};
use super::contact::wants_secured;
use super::early::EarlyOffers;
use super::recorder::{described, shows_recording};
use super::reliable::{Provisional, Provisionals};
use super::reply::{self, ALLOW, Refusal, SUPPORTED, response_hop};
use super::session::Upkeep;
use super::{Arrival, CallKey, Caller, Cause, Endpoint, Event, Flow, HOPS, KEPT_HEADERS, Peer};

/// RFC 3261 §13.3.1.1: a provisional response is repeated, lest a proxy gives the call up after three minutes.
const RING_AGAIN: Duration = Duration::from_secs(60);

// RFC 3261 §13.3.1: the caller may say how long its INVITE is worth an answer.
fn expires(request: &Message) -> Duration {
    request.expires().map_or(Duration::MAX, |seconds| {
        Duration::from_secs(u64::from(seconds))
    })
}

impl Incoming {
    fn new(
        server: ServerId,
        flow: Flow,
        (offered, until): (bool, Instant),
        provisionals: Provisionals,
    ) -> Self {
        Self {
            server,
            flow,
            offered,
            adoption: Adoption::Awaited,
            until,
            again_at: None,
            provisionals,
            dialog: None,
            offers: EarlyOffers::default(),
        }
    }
}

impl Endpoint {
    pub(super) fn receive_invite(&mut self, request: Message, flow: &Flow, now: Instant) {
        // Over the limits nothing is worked out and nothing is kept.
        let admitted = if self.takes_no_calls() {
            Err(self.overload())
        } else {
            self.admit(&request, flow, now)
        };
        let (peer, trusted, replaces) = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => return self.refuse(&request, flow, &refusal),
        };
        let key = CallKey::In(self.next_in);
        self.next_in += 1;
        let tag = self.new_tag();
        let trunk = match &peer {
            Peer::Trunk(name) => self.trunk(name),
            Peer::Phone(_) => None,
        };
        let mut arrival = arrival(&request, flow, peer.clone(), trunk);
        arrival.trusted = trusted;
        arrival.replaces = replaces;
        let mut marks = self.marks_outside(&request);
        marks.trusted = trusted;
        marks.sends = trunk.map_or(MarkSet::ALL, Trunk::marks);
        let call_id = request.call_id().to_owned();
        let offered = arrival.offer.is_some();
        let shows_recording = shows_recording(&request);
        let secured = wants_secured(&request);
        let hop = response_hop(&request, flow);
        let until = now + expires(&request).min(self.config.limits.unanswered);
        let provisionals = Provisionals::new(&request, self.first_rseq());
        let server = self.servers.open(request, hop, &self.config.timing, now);
        self.servers.assign(server, key);
        let incoming = Incoming::new(server, *flow, (offered, until), provisionals);
        let state = State::Incoming(Box::new(incoming));
        let (trunk, phone) = match peer {
            Peer::Trunk(name) => (Some(name), None),
            Peer::Phone(user) => (None, Some(user)),
        };
        let side = Side {
            trunk,
            phone,
            secured,
            ..Side::new(key, marks, tag, call_id)
        };
        self.insert(Call {
            side,
            state,
            referral: None,
            scheduled: None,
        });
        self.tell(Event::Arrived {
            call: key,
            arrival: Box::new(arrival),
        });
        if shows_recording {
            self.tell(Event::RecordAware { call: key });
        }
    }

    fn admit(
        &mut self,
        request: &Message,
        flow: &Flow,
        now: Instant,
    ) -> Result<(Peer, bool, Option<CallKey>), Refusal> {
        let (peer, trusted) = self.identify(request, flow, now)?;
        // RFC 3261 §8.1.1.8; before it, an INVITE could do without (RFC 4475 §3.4.1).
        if request.top_via().has_cookie() && request.contacts().next().is_none() {
            return Err(Refusal::because(400, "Bad Request: Contact is missing"));
        }
        self.check_session(request)?;
        let replaces = self.replaced(request, &peer, trusted)?;
        if let Peer::Trunk(name) = &peer
            && let Some(trunk) = self.config.trunks.iter().find(|one| one.name == *name)
            && self.loads.admit(trunk, CallKey::In(0), now).is_err()
        {
            return Err(self.overload());
        }
        Ok((peer, trusted, replaces))
    }

    pub(super) fn adopt(
        &mut self,
        call: CallKey,
        session: SessionId,
        headers: Vec<(String, String)>,
        now: Instant,
    ) {
        let Some(call) = self.call_mut(call) else {
            return;
        };
        call.side.marks.local = session;
        call.side.marks.headers = headers;
        let State::Incoming(incoming) = &mut call.state else {
            return;
        };
        let server = incoming.server;
        if std::mem::replace(&mut incoming.adoption, Adoption::Done) == Adoption::Overdue {
            self.send_trying(server, now);
        }
    }

    pub(super) fn defer(&mut self, call: CallKey, now: Instant) {
        let Some(call) = self.call_mut(call) else {
            return;
        };
        let State::Incoming(incoming) = &mut call.state else {
            return;
        };
        let server = incoming.server;
        match std::mem::replace(&mut incoming.adoption, Adoption::Deferred) {
            Adoption::Awaited | Adoption::Deferred => {}
            Adoption::Overdue => self.send_trying(server, now),
            Adoption::Done => incoming.adoption = Adoption::Done,
        }
    }

    pub(super) fn ring(
        &mut self,
        key: CallKey,
        code: u16,
        reason: Option<&str>,
        sdp: Option<Bytes>,
        now: Instant,
    ) {
        let reason = reason.map(str::to_owned);
        self.provide(key, Provisional { code, reason, sdp }, now);
    }

    /// Sends a provisional response, reliably where that is wanted (RFC 3262).
    pub(super) fn provide(&mut self, key: CallKey, mut next: Provisional, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        if let State::Incoming(incoming) = &call.state
            && incoming.offers.went_on()
        {
            next.sdp = None;
        }
        if let State::Incoming(incoming) = &mut call.state
            && (101..200).contains(&next.code)
            && let Some(way) = incoming.provisionals.way(&next, incoming.offered)
            && let Some(request) = self.servers.request(incoming.server)
        {
            let Provisional { code, reason, sdp } = next;
            let (tag, described) = (call.side.tag.to_string(), sdp.is_some());
            let builder = self.reply(request, code, reason.as_deref(), &tag, &call.side.marks);
            let builder = way.write(self.in_dialog(&call.side, builder, request, &incoming.flow));
            let bytes = with_sdp(builder, sdp).build();
            incoming.again_at = Some(now + RING_AGAIN);
            if let Some(hop) = self.respond(incoming.server, code, bytes.clone(), now) {
                let open = self.await_prack(&way, hop, bytes, described, now);
                incoming.provisionals.answered |= open.is_some() && described;
                incoming.provisionals.open = open;
            }
        }
        self.keep(call);
    }

    pub(super) fn answer(&mut self, key: CallKey, sdp: Bytes, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        let State::Incoming(incoming) = &mut call.state else {
            return self.keep(call);
        };
        if incoming.holds_answer() {
            incoming.provisionals.answer = Some(sdp);
            return self.keep(call);
        }
        let (server, flow, offers) = (incoming.server, incoming.flow, !incoming.offered);
        let Some(request) = self.servers.request(server) else {
            return self.keep(call);
        };
        let tag = call.side.tag.to_string();
        let begun = incoming.dialog.take();
        let dialog = begun.map_or_else(
            || Dialog::from_request(request, &flow, &tag, 0),
            |begun| *begun,
        );
        // What was agreed on after the first answer is not said again.
        let taken = incoming.offers.taken.take();
        let (described, told) = match taken {
            Some(taken) => (taken, None),
            None => (sdp.clone(), Some(sdp)),
        };
        let cseq = request.cseq().number;
        let unacknowledged = incoming.provisionals.unacknowledged(cseq);
        let builder = self.in_dialog(
            &call.side,
            self.reply(request, 200, None, &tag, &call.side.marks),
            request,
            &flow,
        );
        let agreed = self.agree_session(request);
        let mut upkeep = Upkeep::new(request, described);
        upkeep.answered(request, &agreed, now);
        let response = with_sdp(agreed.write(builder), told).build();
        if let Some(hop) = self.respond(server, 200, response.clone(), now) {
            let timing = &self.config.timing;
            let again = Repeat::new(timing.t1, timing.t2, now);
            let until = now + timing.give_up();
            let ack = AwaitedAck {
                cseq,
                response,
                hop,
                again,
                until,
                offers,
                first: true,
            };
            let mut up = Up::new(dialog, Some(ack), upkeep);
            up.unacknowledged = unacknowledged;
            call.state = State::Up(Box::new(up));
        }
        self.keep(call);
    }

    pub(super) fn reject(&mut self, key: CallKey, refusal: Refusal, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        self.settle_early(&mut call, now);
        let State::Incoming(incoming) = &call.state else {
            return self.keep(call);
        };
        let refusal = refusal.or(500);
        self.respond_plainly(incoming.server, &refusal, &call.side, now);
        self.release(call);
    }

    /// Refuses a call that its owner hangs up.
    pub(super) fn hang_up_incoming(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        cause: Cause,
        now: Instant,
    ) {
        self.settle_early(&mut call, now);
        let said = cause
            .sip
            .filter(|code| (400..700).contains(code) && *code != 487);
        let code = match cause.q850 {
            _ if said.is_some() => said.unwrap_or(480),
            Some(17) => 486,
            Some(21) => 603,
            Some(1) => 404,
            Some(_) | None => 480,
        };
        if let Some(request) = self.servers.request(server) {
            let tag = call.side.tag.to_string();
            let builder = reply::write_cause(
                self.reply(request, code, None, &tag, &call.side.marks),
                &cause,
            );
            self.respond(server, code, builder.build(), now);
        }
        self.tell(Event::Cancelled {
            call: call.side.key,
            cause: Some(cause),
        });
        self.release(call);
    }

    /// Ends a call whose INVITE was cancelled, or whose early dialog got BYE.
    pub(super) fn cancelled(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        cause: Option<Cause>,
        now: Instant,
    ) {
        self.settle_early(&mut call, now);
        self.respond_plainly(server, &Refusal::new(487), &call.side, now);
        self.tell(Event::Cancelled {
            call: call.side.key,
            cause,
        });
        self.release(call);
    }

    /// Does what is due for a call that is not answered.
    pub(super) fn incoming_timeout(&mut self, mut call: Box<Call>, now: Instant) {
        let State::Incoming(incoming) = &mut call.state else {
            return self.keep(call);
        };
        if incoming.until <= now {
            let server = incoming.server;
            return self.hang_up_incoming(call, server, Cause::text("not answered"), now);
        }
        if incoming.again_at.is_some_and(|at| at <= now) {
            incoming.again_at = Some(now + RING_AGAIN);
            if let Some((hop, bytes)) = self.servers.repeat(incoming.server) {
                self.transmit(hop, bytes);
            }
        }
        let refused = self.early_timeout(&mut call, now);
        if let Some(call) = self.prack_timeout(call, now) {
            let key = call.side.key;
            self.keep(call);
            if refused {
                self.go_on(key, now);
            }
        }
    }

    /// Sends 100 for an INVITE that its owner thinks about (§17.2.1).
    pub(super) fn send_trying(&mut self, server: ServerId, now: Instant) {
        let key = self.servers.call(server);
        if let Some(State::Incoming(incoming)) = key
            .and_then(|key| self.call_mut(key))
            .map(|call| &mut call.state)
            && matches!(incoming.adoption, Adoption::Awaited | Adoption::Overdue)
        {
            incoming.adoption = Adoption::Overdue;
            return;
        }
        let Some(request) = self.servers.request(server) else {
            return;
        };
        let marks = key
            .and_then(|key| self.calls.get(&key)?.as_ref())
            .map(|call| match &call.state {
                State::Incoming(incoming) if incoming.adoption != Adoption::Done => Marks {
                    local: SessionId::NIL,
                    headers: Vec::new(),
                    ..call.side.marks.clone()
                },
                State::Incoming(_) | State::Dialing(_) | State::Up(_) | State::Leaving(_) => {
                    call.side.marks.clone()
                }
            });
        let marks = marks.unwrap_or_else(|| self.marks_outside(request));
        let builder = request.response(crate::message::StatusCode::TRYING, None);
        let builder = marks
            .write(builder)
            .header(Header::Server, &self.config.server);
        self.respond(server, 100, builder.build(), now);
    }

    /// Adds what a response carries that makes a dialog, or refreshes its target (§12.1.1).
    pub(super) fn in_dialog(
        &self,
        side: &Side,
        builder: Builder,
        request: &Message,
        flow: &Flow,
    ) -> Builder {
        builder
            .copy(request, Header::RecordRoute)
            .header(Header::Contact, self.contact_of(side, Hop::back(flow)))
            .header(Header::Allow, ALLOW)
            .header(Header::Supported, SUPPORTED)
    }

    pub(super) fn new_tag(&mut self) -> LocalTag {
        loop {
            let tag = LocalTag(self.rng.random());
            if !self.tags.contains_key(&tag) {
                return tag;
            }
        }
    }
}

pub(super) fn with_sdp(builder: Builder, sdp: Option<Bytes>) -> Builder {
    match sdp {
        Some(sdp) => described(builder, sdp),
        None => builder,
    }
}

fn arrival(request: &Message, flow: &Flow, peer: Peer, trunk: Option<&Trunk>) -> Arrival {
    let kept = |name: &str| {
        KEPT_HEADERS
            .iter()
            .any(|kept| kept.eq_ignore_ascii_case(name))
            || name
                .get(..2)
                .is_some_and(|start| start.eq_ignore_ascii_case("x-"))
    };
    let headers = request.all_headers().filter(|(name, _)| kept(name));
    Arrival {
        peer,
        trusted: false,
        source: flow.peer,
        transport: flow.transport,
        to_user: match trunk {
            Some(trunk) => trunk.called(request),
            None => {
                let uri = request.request_uri().expect("an INVITE is a request");
                uri.user_decoded().unwrap_or_default()
            }
        },
        caller: Caller::read(request, trunk),
        call_id: request.call_id().to_owned(),
        hops: request.max_forwards().unwrap_or(HOPS),
        session: request.session_id().filter(|ids| !ids.local.is_nil()),
        offer: request.description(),
        replaces: None,
        signed: trunk
            .and_then(|trunk| Signed::read(request, trunk))
            .map(Box::new),
        verdict: None,
        must_be_vouched: false,
        diverted: None,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}
