//! Calls that go out: our INVITE, its responses and forks (RFC 3261 §13.2).

use std::collections::VecDeque;
use std::time::Duration;

use rand::RngExt;

use crate::Instant;
use crate::dialog::Dialog;
use crate::message::{Builder, Header, Message, Method, SessionId};
use crate::sdp::Offers;
use crate::transaction::ClientId;

use super::call::{Call, Dialing, Exchange, Invite, LocalTag, Marks, Side, State, Up};
use super::contact::goes_secured;
use super::recorder::{Recorder, described, shows_recording};
use super::reply::{self, ALLOW, SUPPORTED};
use super::session::{Upkeep, ask_for};
use super::ways::Ways;
use super::{CallKey, Cause, Elsewhere, Endpoint, Event, Flow, Identity, Left, Tag, Target};

/// What [`super::Command::Dial`] asks.
#[derive(Debug)]
pub(super) struct Dial {
    pub to: Target,
    pub from: Identity,
    pub elsewhere: Vec<Elsewhere>,
    pub sdp: Offers,
    pub tag: Tag,
    pub headers: Vec<(String, String)>,
    pub hops: u8,
    pub ring_for: Duration,
}

/// How many ends may answer one INVITE; more are a flood, and are left to their own timers.
const MOST_FORKS: usize = 16;

impl Dialing {
    fn new(invite: Invite, client: ClientId, deadline: Instant, patience: Option<Instant>) -> Self {
        Self {
            invite,
            client,
            deadline,
            patience,
            early_answer: false,
            early: Vec::new(),
            forks: 0,
            ringing: Vec::new(),
            raises: 0,
            redirects: 0,
            redirected: false,
            named: VecDeque::new(),
            named_by: 0,
        }
    }
}

impl Endpoint {
    pub(super) fn dial(&mut self, key: CallKey, dial: Dial, now: Instant) {
        // A number in use would make two calls one; its owner erred.
        if self.calls.contains_key(&key) {
            return;
        }
        let ways = match dial.hops {
            0 => Err((483, "Too Many Hops")),
            _ => self.ways(key, &dial.to, &dial.from, &dial.elsewhere, now),
        };
        let Ways {
            first: way,
            over,
            further,
        } = match ways {
            Ok(ways) => ways,
            Err((code, reason)) => return self.not_dialled(key, code, reason),
        };
        self.tell_over(key, way.trunk.as_ref(), over);
        let call_id = format!("{:032x}", self.rng.random::<u128>());
        let tag = self.new_tag();
        let marks = Marks {
            local: dial.tag.session,
            remote: SessionId::NIL,
            headers: dial.tag.headers,
            trusted: way.trusted,
            sends: way.sends,
        };
        let (trunk, phone) = (way.trunk.clone(), way.phone.clone());
        let invite = Invite {
            way,
            further,
            cseq: self.rng.random_range(1..0x7fff_ffff),
            sdp: dial.sdp,
            headers: dial.headers,
            hops: dial.hops,
            session: self.session_interval(),
            least: 0,
        };
        let mut side = Side {
            key,
            marks,
            tag,
            call_id,
            trunk,
            phone,
            auth: Vec::new(),
            recorder: Recorder::of(&dial.to),
            secured: false,
        };
        let client = self.invite(&mut side, &invite, now);
        let deadline = now + dial.ring_for;
        let patience = self.patience(&invite, now);
        let dialing = Dialing::new(invite, client, deadline, patience);
        let state = State::Dialing(Box::new(dialing));
        self.insert(Call {
            side,
            state,
            referral: None,
            scheduled: None,
        });
    }

    // Sends the INVITE, also again with credentials.
    pub(super) fn invite(&mut self, side: &mut Side, invite: &Invite, now: Instant) -> ClientId {
        let branch = self.rng.random();
        let (cseq, way) = (invite.cseq, &invite.way);
        side.secured = goes_secured(way);
        let builder = Builder::request(&Method::Invite, &way.uri)
            .header(Header::Via, self.via(way.hop, branch))
            .each(Header::Route, &way.routes)
            .header(Header::MaxForwards, invite.hops)
            .header(Header::From, format_args!("{};tag={}", way.from, side.tag))
            .header(Header::To, &way.to)
            .header(Header::CallId, &side.call_id)
            .header(Header::CSeq, format_args!("{cseq} INVITE"))
            .header(Header::Contact, self.contact_of(side, way.hop));
        let said = way.said.iter();
        let builder = said.fold(builder, |builder, (header, value)| {
            builder.header(*header, value)
        });
        let builder = side.marks.write(builder);
        let builder = self.authorize(builder, side, &Method::Invite, way.uri.as_str());
        let builder = builder
            .header(Header::Allow, ALLOW)
            .header(Header::Supported, SUPPORTED)
            .header(Header::UserAgent, &self.config.server);
        let builder = ask_for(builder, invite.session, invite.least);
        let headers = invite.headers.iter();
        let builder = headers.fold(builder, |builder, (name, value)| {
            builder.header(name.as_str(), value)
        });
        let sdp = invite.sdp().clone();
        side.note_told(&sdp);
        let builder = side.required(builder);
        let builder = described(builder, sdp);
        self.send(
            Method::Invite,
            branch,
            way.hop,
            builder.build(),
            Some(side.key),
            now,
        )
    }

    /// Takes a response to the INVITE of a call that is being dialled.
    pub(super) fn dialing_answered(
        &mut self,
        mut call: Box<Call>,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let State::Dialing(dialing) = &mut call.state else {
            return self.keep(call);
        };
        dialing.patience = None;
        let code = response.status().map_or(0, |status| status.code());
        let reason = response.reason().unwrap_or("").to_owned();
        let sdp = response.description();
        match code {
            100 => self.keep(call),
            101..200 => {
                let early = sdp.is_some();
                if !self.progressed(&mut call, response, flow, now) {
                    return self.keep(call);
                }
                let mut fork = None;
                let mut described = true;
                if let State::Dialing(dialing) = &mut call.state {
                    dialing.early_answer |= early;
                    dialing.note_ringing(response);
                    let tag = response.to().tag().unwrap_or_default();
                    if let Some(ringing) = dialing.with(tag) {
                        fork = Some(ringing.fork);
                        described = !ringing.offers.went_on();
                    }
                }
                self.tell(Event::Progress {
                    call: call.side.key,
                    code,
                    reason,
                    sdp: sdp.filter(|_| described),
                    fork,
                });
                self.keep(call);
            }
            200..300 => self.dialing_accepted(call, response, flow, now),
            300.. => {
                self.settle_early(&mut call, now);
                self.dialing_refused(call, response, (code, &reason), now);
            }
            _ => self.keep(call),
        }
    }

    fn dialing_refused(
        &mut self,
        mut call: Box<Call>,
        response: &Message,
        (code, reason): (u16, &str),
        now: Instant,
    ) {
        if let (503, State::Dialing(dialing)) = (code, &call.state)
            && let way = &dialing.invite.way
            && let Some(trunk) = &way.trunk
        {
            self.outreach.heed(trunk, way.place(), response, now);
        }
        match code {
            _ if self.challenged(&mut call.side, response) => self.dial_again(call, now),
            422 if Self::session_raised(&mut call, response) => self.dial_again(call, now),
            300..400 => self.redirected(call, response, now),
            // RFC 7118 is spoken by others than browsers, too, which take no offer of theirs.
            488 | 606 if Self::is_no_browser(&mut call) => self.dial_again(call, now),
            408 | 430 | 503 if self.dial_after(&mut call, code, now) => self.keep(call),
            _ => {
                let why = (Left::Said(code), reason);
                self.not_reached(call, why, reply::cause(response), now);
            }
        }
    }

    fn dialing_accepted(
        &mut self,
        mut call: Box<Call>,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let State::Dialing(dialing) = &mut call.state else {
            return self.keep(call);
        };
        let (client, early_answer) = (dialing.client, dialing.early_answer);
        let mut dialog = Dialog::from_response(response, flow);
        let ringing = dialing.take_answered(response);
        let fork = ringing.as_ref().map(|ringing| ringing.fork);
        // RFC 3261 §13.2.1: once agreed on, and since then otherwise, a description in the 2xx is passed over.
        let went_on = ringing.as_ref().is_some_and(|one| one.offers.went_on());
        let goes_on = ringing.map(|ringing| ringing.go_on_in(&mut dialog));
        let (exchange, taken) = goes_on.unwrap_or((Exchange::Idle, None));
        let described = taken.unwrap_or_else(|| dialing.invite.sdp().clone());
        let mut upkeep = Upkeep::new(response, described);
        upkeep.least = dialing.invite.least;
        upkeep.accepted(response, dialing.invite.session, now);
        call.side.unchallenged();
        self.settle_early(&mut call, now);
        self.acknowledge(&mut call.side, &dialog, client, response);
        let sdp = response.description().filter(|_| !went_on);
        let session = response.session_id().filter(|ids| !ids.local.is_nil());
        let is_whole = sdp.is_some() || early_answer;
        if is_whole {
            let call_key = call.side.key;
            if shows_recording(response) {
                self.tell(Event::RecordAware { call: call_key });
            }
            self.tell(Event::Answered {
                call: call.side.key,
                sdp,
                fork,
                session,
                source: flow.peer,
            });
            let mut up = Up::new(dialog, None, upkeep);
            up.exchange = exchange;
            call.state = State::Up(Box::new(up));
            return self.keep(call);
        }
        self.fail(
            call.side.key,
            488,
            "Answered Without A Session Description",
            None,
        );
        self.say_bye(
            call,
            dialog,
            Cause::text("no session description in the answer"),
            now,
        );
    }

    fn dial_again(&mut self, mut call: Box<Call>, now: Instant) {
        self.invite_again(&mut call, now);
        self.keep(call);
    }

    /// Sends the ACK for a 2xx to an INVITE of ours, and keeps it for repetitions (§13.2.2.4).
    pub(super) fn acknowledge(
        &mut self,
        side: &mut Side,
        dialog: &Dialog,
        client: ClientId,
        response: &Message,
    ) {
        let (_, hop, builder) = self.compose(side, dialog, &Method::Ack, response.cseq().number);
        let bytes = builder.build();
        self.clients.remember_ack(
            client,
            response.to().tag().unwrap_or(""),
            hop,
            bytes.clone(),
        );
        self.count_request(super::Direction::Sent, &Method::Ack);
        self.transmit(hop, bytes);
    }

    /// Takes a 2xx that no call waits for: another fork of an INVITE, or one whose call has ended. It gets
    /// its ACK, and BYE when it made a dialog that nobody will use (§13.2.2.4). `ours` is our UUID in the
    /// call that it is a fork of, while that goes on.
    pub(super) fn shed(
        &mut self,
        (client, ours): (ClientId, Option<SessionId>),
        response: &Message,
        flow: &Flow,
        ends: bool,
        now: Instant,
    ) {
        if self.clients.forks(client) >= MOST_FORKS {
            self.counters.strays += 1;
            return;
        }
        let mut dialog = Dialog::from_response(response, flow);
        let told = response.session_id().and_then(|ids| ids.remote);
        let ours = ours
            .or(told.filter(|told| !told.is_nil()))
            .or_else(|| self.clients.session_of_ack(client))
            .unwrap_or_else(|| self.session_of(response.call_id()));
        // No other mark: it may be at a trunk that is told less than the one of now.
        let marks = Marks::of(ours, response);
        let call_id = response.call_id().to_owned();
        let mut side = Side::new(CallKey::Out(0), marks, LocalTag(0), call_id);
        self.acknowledge(&mut side, &dialog, client, response);
        if ends {
            let cseq = dialog.next_cseq();
            let (branch, hop, builder) = self.compose(&mut side, &dialog, &Method::Bye, cseq);
            self.send(Method::Bye, branch, hop, builder.build(), None, now);
        }
    }

    pub(super) fn fail(&mut self, call: CallKey, code: u16, reason: &str, cause: Option<Cause>) {
        self.tell(Event::Failed {
            call,
            code,
            reason: reason.to_owned(),
            dialled: true,
            cause,
        });
    }

    /// Reports a call that nobody was asked for.
    pub(super) fn not_dialled(&mut self, call: CallKey, code: u16, reason: &str) {
        self.tell(Event::Failed {
            call,
            code,
            reason: reason.to_owned(),
            dialled: false,
            cause: None,
        });
    }
}
