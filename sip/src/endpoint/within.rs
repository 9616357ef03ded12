//! Requests within dialogs, and responses to ours there (RFC 3261 §12.2, §14, §15; RFC 3311, RFC 6086).

use crate::Instant;
use crate::message::{Header, Message, Method, StatusCode};
use crate::transaction::{ClientId, ServerId};

use super::call::{Call, Exchange, Leaving, LocalTag, State};
use super::outside::{content, require};
use super::replacing::sole;
use super::reply::{self, ALLOW, Refusal, response_hop};
use super::{Cause, EndedBy, Endpoint, Event, Flow, Left};

impl Endpoint {
    /// Takes a request with a To tag.
    pub(super) fn receive_within(&mut self, request: Message, flow: &Flow, now: Instant) {
        let found = request
            .to()
            .tag()
            .and_then(LocalTag::read)
            .and_then(|tag| self.tags.get(&tag).copied());
        let Some(mut call) = found.and_then(|key| self.take(key)) else {
            return self.refuse(&request, flow, &Refusal::new(481));
        };
        self.begin_dialog(&mut call);
        if request.call_id() != call.side.call_id
            || call
                .dialog_of(&request)
                .is_some_and(|dialog| !dialog.owns(&request))
        {
            self.keep(call);
            return self.refuse(&request, flow, &Refusal::new(481));
        }
        call.side.marks.learn(&request);
        let method = request.method().clone();
        let hop = response_hop(&request, flow);
        let server = self.servers.open(request, hop, &self.config.timing, now);
        self.servers.assign(server, call.side.key);
        match self.check_within(&mut call, server) {
            Err(refusal) => {
                self.respond_plainly(server, &refusal, &call.side, now);
                self.keep(call);
            }
            Ok(()) => self.dispatch_within(call, &method, server, flow, now),
        }
    }

    fn check_within(&self, call: &mut Call, server: ServerId) -> Result<(), Refusal> {
        let request = self
            .servers
            .request(server)
            .expect("it was opened just now");
        let in_order = call
            .dialog_of(request)
            .is_none_or(|dialog| dialog.accept_cseq(request));
        // RFC 3261 §12.2.2. What a PRACK acknowledges its RAck tells, also where another request overtook it.
        if !in_order && *request.method() != Method::Prack {
            return Err(Refusal::because(500, "CSeq Out Of Order"));
        }
        if *request.method() != Method::Bye {
            require(request, call.side.recorder.is_some())?;
        }
        sole(request)?;
        content(request, call.side.recorder.is_some())
    }

    fn dispatch_within(
        &mut self,
        call: Box<Call>,
        method: &Method,
        server: ServerId,
        flow: &Flow,
        now: Instant,
    ) {
        let refusal = match method {
            Method::Bye => return self.receive_bye(call, server, now),
            Method::Invite | Method::Update => return self.receive_offer(call, server, flow, now),
            Method::Info => return self.receive_info(call, server, now),
            Method::Prack => return self.receive_prack(call, server, now),
            Method::Options => Refusal::new(200)
                .with(Header::Allow, ALLOW)
                .with(Header::Accept, reply::ACCEPTED),
            Method::Refer => return self.receive_refer(call, server, now),
            Method::Notify => return self.receive_notify(call, server, now),
            Method::Subscribe => return self.receive_subscribe(call, server, now),
            Method::Message
            | Method::Publish
            | Method::Register
            | Method::Other(_)
            | Method::Ack
            | Method::Cancel => Refusal::method(),
        };
        self.respond_plainly(server, &refusal, &call.side, now);
        self.keep(call);
    }

    fn receive_bye(&mut self, call: Box<Call>, server: ServerId, now: Instant) {
        let cause = self.servers.request(server).and_then(reply::cause);
        let refusal = match call.state {
            // RFC 3261 §15: an end that was called may not send BYE before the final response of its own.
            State::Dialing(_) => Refusal::new(481),
            State::Leaving(_) if self.told.contains(&call.side.key) => Refusal::new(481),
            State::Incoming(_) | State::Up(_) | State::Leaving(_) => Refusal::new(200),
        };
        self.respond_plainly(server, &refusal, &call.side, now);
        match &call.state {
            State::Dialing(_) => self.keep(call),
            State::Incoming(incoming) => {
                let invite = incoming.server;
                self.cancelled(call, invite, cause, now);
            }
            State::Up(_) => {
                self.tell(Event::Ended {
                    call: call.side.key,
                    by: EndedBy::Far,
                    cause,
                });
                self.release_up(call, now);
            }
            State::Leaving(leaving) => match **leaving {
                // Ours crosses theirs, and its transaction ends by itself.
                Leaving::Cancelling { .. }
                | Leaving::Bye { .. }
                | Leaving::Told { .. }
                | Leaving::Gone => self.keep(call),
                Leaving::AwaitingAck { .. } => self.leave(call),
            },
        }
    }

    fn receive_info(&mut self, call: Box<Call>, server: ServerId, now: Instant) {
        let request = self
            .servers
            .request(server)
            .expect("it was opened just now");
        let digit = digit(request);
        let is_up = matches!(call.state, State::Up(_));
        let refusal = if request.header(Header::InfoPackage).is_some() {
            // RFC 6086 §4.2.2: no package was ever offered.
            Refusal::because(469, "Bad Info Package").with(Header::RecvInfo, "")
        } else if digit.is_some() || request.body().is_empty() {
            Refusal::new(200)
        } else {
            Refusal::new(415).with(Header::Accept, "application/dtmf-relay, application/dtmf")
        };
        self.respond_plainly(server, &refusal, &call.side, now);
        if let Some(digit) = digit.filter(|_| is_up && refusal.code == 200) {
            self.tell(Event::Digit {
                call: call.side.key,
                digit,
            });
        }
        self.keep(call);
    }

    /// Takes a response to a request of ours.
    pub(super) fn answered(
        &mut self,
        mut call: Box<Call>,
        client: ClientId,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let known = call.side.marks.remote;
        call.side.marks.learn(response);
        let is_invite = *response.method() == Method::Invite;
        if call.told_by(client) {
            let code = response.status().map_or(0, |status| status.code());
            let dialog = call.dialog();
            return match dialog.is_some_and(|dialog| dialog.was_overtaken(response)) {
                true => self.notify_overtaken(call, now),
                false => self.notify_answered(call, code),
            };
        }
        match &call.state {
            State::Dialing(dialing) if dialing.client == client => {
                self.dialing_answered(call, response, flow, now)
            }
            State::Up(up) if matches!(up.exchange, Exchange::Ours { client: ours, .. } if ours == client) =>
            {
                self.offer_answered(call, response, flow, now);
            }
            State::Up(up) if up.upkeep.client == Some(client) => {
                self.refresh_answered(call, response, flow, now);
            }
            State::Up(up) if up.is_referring(client) => self.refer_answered(call, response),
            State::Up(up) if up.is_pressing(client) => self.key_answered(call, response, now),
            State::Leaving(leaving) => match **leaving {
                Leaving::Cancelling { client: ours, .. } if ours == client => {
                    self.cancelling_answered(call, response, flow, now);
                }
                Leaving::Bye { client: ours, .. } if ours == client => {
                    self.bye_answered(call, response, now)
                }
                Leaving::Cancelling { .. }
                | Leaving::Bye { .. }
                | Leaving::AwaitingAck { .. }
                | Leaving::Told { .. }
                | Leaving::Gone => {
                    call.side.marks.remote = known;
                    self.stray(call, client, response, flow, now);
                }
            },
            // Another fork of an INVITE that was answered already, or a place that was left.
            State::Up(_) | State::Incoming(_) | State::Dialing(_) => {
                if is_invite && response.status().is_some_and(|status| status.code() < 200) {
                    self.cancel_left(&call.side, client, now);
                }
                call.side.marks.remote = known;
                self.stray(call, client, response, flow, now);
            }
        }
    }

    // Takes a response that its call does not wait for: a 2xx to an INVITE made a dialog all the same.
    fn stray(
        &mut self,
        call: Box<Call>,
        client: ClientId,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let is_success = response.status().is_some_and(StatusCode::is_success);
        let made_dialog = *response.method() == Method::Invite && is_success;
        let ours = call.side.marks.local;
        self.keep(call);
        if made_dialog {
            self.shed((client, Some(ours)), response, flow, true, now);
        }
    }

    /// Takes notice that a request of ours got no response, or could not be sent.
    pub(super) fn unanswered(
        &mut self,
        mut call: Box<Call>,
        client: ClientId,
        code: u16,
        now: Instant,
    ) {
        if call.told_by(client) {
            return self.notify_answered(call, code);
        }
        let dialled = matches!(&call.state, State::Dialing(dialing) if dialing.client == client);
        let lost = dialled && self.is_lost(&call);
        if dialled {
            self.settle_early(&mut call, now);
        }
        let why = match code {
            503 => Left::Broken,
            _ => Left::Silent,
        };
        if dialled && self.dial_elsewhere(&mut call, why, now) {
            return self.keep(call);
        }
        let reason = if code == 503 {
            "Could Not Be Sent"
        } else {
            "No Response"
        };
        match &call.state {
            State::Dialing(dialing) if dialing.client == client => {
                // RFC 5626 §5.3: there is no other way to the phone.
                let flow_failed = code == 503 && dialing.invite.way.flow.is_some();
                match flow_failed {
                    true => self.not_reached(call, (Left::Said(430), "Flow Failed"), None, now),
                    false if lost && dialing.named.is_empty() => self.give_up_lost(call),
                    false => self.not_reached(call, (why, reason), None, now),
                }
            }
            State::Up(up) if up.is_referring(client) => self.refer_over(call, code),
            State::Up(up) if up.is_pressing(client) => self.key_refused(call, code),
            // The way was closed, and says nothing of the call.
            State::Up(_) if code == 503 => self.unsent_within(call, client, now),
            State::Up(up)
                if up.upkeep.client == Some(client)
                    || matches!(up.exchange, Exchange::Ours { client: ours, .. } if ours == client) =>
            {
                self.lose(
                    call,
                    Cause {
                        sip: Some(code),
                        ..Cause::text(reason)
                    },
                    now,
                );
            }
            State::Leaving(leaving) => match **leaving {
                Leaving::Cancelling { client: ours, .. } | Leaving::Bye { client: ours, .. }
                    if ours == client =>
                {
                    self.leave(call);
                }
                Leaving::Cancelling { .. }
                | Leaving::Bye { .. }
                | Leaving::AwaitingAck { .. }
                | Leaving::Told { .. }
                | Leaving::Gone => self.keep(call),
            },
            State::Up(_) | State::Incoming(_) | State::Dialing(_) => self.keep(call),
        }
    }
}

// `Signal=5` lines of application/dtmf-relay, or the digit alone of application/dtmf.
fn digit(request: &Message) -> Option<char> {
    let body = request.body();
    let text = std::str::from_utf8(&body).ok()?;
    let signal = if request.has_content("application/dtmf-relay") {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines
            .into_iter()
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("signal"))?
            .1
            .trim()
    } else if request.has_content("application/dtmf") {
        text.trim()
    } else {
        return None;
    };
    let digit = match signal {
        "10" => '*',
        "11" => '#',
        one => one
            .chars()
            .next()
            .filter(|_| one.chars().count() == 1)?
            .to_ascii_uppercase(),
    };
    matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D').then_some(digit)
}
