//! Transfers that peers ask of us: REFER within a call, and the NOTIFY that tell how it goes (RFC 3515, RFC 4488).

use std::net::SocketAddr;
use std::time::Duration;

use crate::Instant;
use crate::message::{Header, Message, Method, NameAddr, Replaces, Scheme, Uri};
use crate::transaction::{ClientId, ServerId};

use super::call::{Call, Side, State};
use super::reply::{Refusal, status};
use super::{CallKey, Endpoint, Event, Refer, Replaced};

/// The option tag for a REFER without NOTIFY (RFC 4488 §4).
pub(super) const NO_REFER_SUB: &str = "norefersub";

/// How long the owner may take to say whether a transfer is made.
const DECIDE: Duration = Duration::from_secs(10);
/// How long a peer is told how its transfer goes.
const TOLD: Duration = Duration::from_secs(180);
pub(super) const SIPFRAG: &str = "message/sipfrag";

/// A transfer that the peer asked for.
#[derive(Debug)]
pub(super) struct Referral {
    /// The CSeq of its REFER, and whether an earlier one of the call makes naming it necessary.
    id: u32,
    named: bool,
    /// Whether the peer wants no NOTIFY.
    silent: bool,
    stage: Stage,
    /// The last NOTIFY, and the state and the body that it told.
    client: Option<ClientId>,
    said: Option<(String, String)>,
}

#[derive(Debug)]
enum Stage {
    /// The owner has not said whether it is made.
    Asked { server: ServerId, until: Instant },
    /// It is being made, and the peer is told how it goes until then.
    Going { until: Instant },
    /// Nothing more is told.
    Over,
}

impl Referral {
    /// Returns when something is due.
    pub fn due(&self) -> Option<Instant> {
        match self.stage {
            Stage::Asked { until, .. } | Stage::Going { until } => Some(until),
            Stage::Over => None,
        }
    }

    /// Tells whether something is to be said of it yet.
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Over)
    }
}

impl Call {
    /// Tells whether a transaction is that of the last NOTIFY.
    pub fn told_by(&self, client: ClientId) -> bool {
        let last = self.referral.as_ref().and_then(|one| one.client);
        last == Some(client)
    }
}

impl Endpoint {
    /// Takes a REFER within a call.
    pub(super) fn receive_refer(&mut self, mut call: Box<Call>, server: ServerId, now: Instant) {
        match self.read_refer(&call, server) {
            Ok((refer, silent)) => {
                let cseq = self.servers.request(server).map(|one| one.cseq().number);
                let until = now + DECIDE;
                call.referral = Some(Referral {
                    id: cseq.unwrap_or(0),
                    named: call.referral.is_some(),
                    silent,
                    stage: Stage::Asked { server, until },
                    client: None,
                    said: None,
                });
                self.tell(Event::Referred {
                    call: call.side.key,
                    refer: Box::new(refer),
                });
            }
            Err(refusal) => self.respond_plainly(server, &refusal, &call.side, now),
        }
        self.keep(call);
    }

    fn read_refer(&self, call: &Call, server: ServerId) -> Result<(Refer, bool), Refusal> {
        let request = self
            .servers
            .request(server)
            .ok_or_else(|| Refusal::new(481))?;
        let State::Up(up) = &call.state else {
            return Err(Refusal::because(403, "Only Within An Answered Call"));
        };
        let to = target(request)?;
        if call.is_told() {
            return Err(Refusal::because(491, "A Transfer Is Under Way"));
        }
        let user = to.subscriber().unwrap_or_default();
        let trunk = call.side.trunk.as_deref().and_then(|name| self.trunk(name));
        let refer = Refer {
            to_user: trunk.map_or_else(|| user.clone(), |one| one.manner.numbers.read(&user)),
            trusted: call.side.marks.trusted,
            here: self.is_here(&to) || up.dialog.passes(&to),
            replaces: self.named_in(&to, &call.side)?,
            by: request.header(Header::ReferredBy).map(str::to_owned),
        };
        Ok((refer, wants_no_notify(request)))
    }

    // A call of another peer is none that this one may speak of.
    fn named_in(&self, to: &Uri, side: &Side) -> Result<Option<Replaced>, Refusal> {
        let Some(text) = to.header("Replaces") else {
            return Ok(None);
        };
        let replaces: Replaces = text
            .parse()
            .map_err(|error| Refusal::because(400, format!("Bad Request: Replaces: {error}")))?;
        let own = |call: &&Call| call.side.trunk == side.trunk && call.side.phone == side.phone;
        Ok(Some(match self.call_named(&replaces).filter(own) {
            Some(call) => Replaced::Ours(call.side.key),
            None => Replaced::Theirs(replaces.to_string()),
        }))
    }

    fn is_here(&self, uri: &Uri) -> bool {
        if uri.scheme() == Scheme::Tel || uri.host().eq_ignore_ascii_case(&self.config.realm) {
            return true;
        }
        let mut listen = self.config.listen.iter();
        listen.any(|(transport, ours)| {
            let port = uri.port().unwrap_or(transport.default_port());
            let is_it =
                |address: &SocketAddr| uri.ip() == Some(address.ip()) && port == address.port();
            ours.iter().any(|(_, address)| is_it(address))
        })
    }

    pub(super) fn accept_refer(&mut self, key: CallKey, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        let Some((server, silent)) = asked(&mut call, |silent| match silent {
            true => Stage::Over,
            false => Stage::Going { until: now + TOLD },
        }) else {
            return self.keep(call);
        };
        if let Some(request) = self.servers.request(server) {
            let tag = call.side.tag.to_string();
            let hop = call.dialog().map(|dialog| dialog.hop());
            let builder = self.reply(request, 202, None, &tag, &call.side.marks);
            let contact = hop.map(|hop| self.contact_of(&call.side, hop));
            let builder = builder
                .maybe(Header::Contact, contact)
                .maybe(Header::ReferSub, silent.then_some("false"));
            self.respond(server, 202, builder.build(), now);
        }
        // RFC 3515 §2.4.4: the first NOTIFY follows at once.
        self.notify_refer(&mut call, 100, "Trying", now);
        self.keep_told(call);
    }

    pub(super) fn refuse_refer(&mut self, key: CallKey, code: u16, reason: &str, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        if let Some((server, _)) = asked(&mut call, |_| Stage::Over) {
            let code = if (300..700).contains(&code) {
                code
            } else {
                603
            };
            let refusal = match reason {
                "" => Refusal::new(code),
                reason => Refusal::because(code, reason),
            };
            self.respond_plainly(server, &refusal, &call.side, now);
        }
        self.keep_told(call);
    }

    pub(super) fn report_refer(&mut self, key: CallKey, code: u16, reason: &str, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        self.notify_refer(&mut call, code, reason, now);
        self.keep_told(call);
    }

    fn notify_refer(&mut self, call: &mut Call, code: u16, reason: &str, now: Instant) {
        let going = call.referral.as_mut().and_then(|one| match one.stage {
            Stage::Going { until } => Some((one, until)),
            Stage::Asked { .. } | Stage::Over => None,
        });
        let Some((referral, until)) = going else {
            return;
        };
        let state = match code {
            200.. => {
                referral.stage = Stage::Over;
                "terminated;reason=noresource".to_owned()
            }
            0..200 => format!("active;expires={}", until.since(now).as_secs()),
        };
        let line = match reason {
            "" => status(code).phrase(),
            reason => reason,
        };
        let line = format!("SIP/2.0 {code} {line}\r\n");
        self.send_notify(call, &state, &line, now);
    }

    fn send_notify(&mut self, call: &mut Call, state: &str, body: &str, now: Instant) {
        let Call {
            side,
            state: at,
            referral: Some(referral),
            scheduled: _,
        } = call
        else {
            return;
        };
        let Some(dialog) = at.dialog() else { return };
        let event = match referral.named {
            true => format!("refer;id={}", referral.id),
            false => "refer".to_owned(),
        };
        let cseq = dialog.next_cseq();
        let (branch, hop, builder) = self.compose(side, dialog, &Method::Notify, cseq);
        let bytes = builder
            .header(Header::Contact, self.contact_of(side, hop))
            .header(Header::Event, event)
            .header(Header::SubscriptionState, state)
            .body(&format!("{SIPFRAG};version=2.0"), body.to_owned())
            .build();
        let client = self.send(Method::Notify, branch, hop, bytes, Some(side.key), now);
        referral.client = Some(client);
        referral.said = Some((state.to_owned(), body.to_owned()));
    }

    /// Takes a response to the last NOTIFY. A peer that does not want it takes nothing from the call with it.
    pub(super) fn notify_answered(&mut self, mut call: Box<Call>, code: u16) {
        if let Some(referral) = call.referral.as_mut().filter(|_| ends_usage(code)) {
            referral.stage = Stage::Over;
        }
        self.keep_told(call);
    }

    /// Says once more what came after a later request of ours, and was refused for that (RFC 3261 §12.2.2).
    pub(super) fn notify_overtaken(&mut self, mut call: Box<Call>, now: Instant) {
        let said = call.referral.as_ref().and_then(|one| one.said.clone());
        if let Some((state, body)) = said {
            self.send_notify(&mut call, &state, &body, now);
        }
        self.keep_told(call);
    }

    // Puts a call back, or drops it where telling its peer was all that was left.
    pub(super) fn keep_told(&mut self, call: Box<Call>) {
        match self.told.contains(&call.side.key) && !call.is_told() {
            true => self.release(call),
            false => self.keep(call),
        }
    }

    /// Takes a SUBSCRIBE within a call: only what a REFER began can be lengthened or ended by it (RFC 3515 §2.4.4).
    pub(super) fn receive_subscribe(
        &mut self,
        mut call: Box<Call>,
        server: ServerId,
        now: Instant,
    ) {
        let request = self.servers.request(server);
        let is_refer = request.is_some_and(names_refer);
        let ends = request.and_then(Message::expires) == Some(0);
        if !is_refer {
            self.respond_plainly(server, &Refusal::event(), &call.side, now);
            return self.keep(call);
        }
        let going = |one: &&mut Referral| matches!(one.stage, Stage::Going { .. });
        let Some(referral) = call.referral.as_mut().filter(going) else {
            let refusal = Refusal::because(403, "Subscription Does Not Exist");
            self.respond_plainly(server, &refusal, &call.side, now);
            return self.keep(call);
        };
        let (stage, told, left) = match ends {
            true => (Stage::Over, "terminated;reason=timeout".to_owned(), 0),
            false => {
                let until = now + TOLD;
                let left = TOLD.as_secs();
                (
                    Stage::Going { until },
                    format!("active;expires={left}"),
                    left,
                )
            }
        };
        referral.stage = stage;
        let refusal = Refusal::new(200).with(Header::Expires, left);
        self.respond_plainly(server, &refusal, &call.side, now);
        self.send_notify(&mut call, &told, "SIP/2.0 100 Trying\r\n", now);
        self.keep_told(call);
    }

    /// Does what is due for a transfer that the peer asked for, in a call or after it.
    pub(super) fn refer_timeout(&mut self, call: &mut Call, now: Instant) {
        let is_due = |one: &&mut Referral| one.due().is_some_and(|due| due <= now);
        let Some(referral) = call.referral.as_mut().filter(is_due) else {
            return;
        };
        match std::mem::replace(&mut referral.stage, Stage::Over) {
            Stage::Asked { server, .. } => {
                self.respond_plainly(server, &Refusal::new(504), &call.side, now);
            }
            Stage::Going { .. } => {
                let told = "terminated;reason=timeout";
                self.send_notify(call, told, "SIP/2.0 100 Trying\r\n", now);
            }
            Stage::Over => {}
        }
    }
}

/// Tells whether a REFER, or the response to it, says that no NOTIFY is to follow (RFC 4488 §4).
pub(super) fn wants_no_notify(message: &Message) -> bool {
    let value = message.header(Header::ReferSub);
    value.is_some_and(|value| value.trim().to_ascii_lowercase().starts_with("false"))
}

// Ends the wait for the owner's word; returns whom to answer, and whether nothing is told afterwards.
fn asked(call: &mut Call, next: impl FnOnce(bool) -> Stage) -> Option<(ServerId, bool)> {
    let referral = call.referral.as_mut()?;
    let Stage::Asked { server, .. } = referral.stage else {
        return None;
    };
    referral.stage = next(referral.silent);
    Some((server, referral.silent))
}

// RFC 3515 §2.4.2: exactly one, and a call is all that can be referred to.
fn target(request: &Message) -> Result<Uri, Refusal> {
    let mut found = request.lines(Header::ReferTo);
    let (Some(text), None) = (found.next(), found.next()) else {
        return Err(Refusal::because(400, "Bad Request: one Refer-To is needed"));
    };
    let to: NameAddr = text
        .parse()
        .map_err(|error| Refusal::because(400, format!("Bad Request: Refer-To: {error}")))?;
    let uri = to.uri().clone();
    if !uri.is_sip() && uri.scheme() != Scheme::Tel {
        return Err(Refusal::new(416));
    }
    let method = uri.param("method").unwrap_or("INVITE");
    if !method.eq_ignore_ascii_case("INVITE") {
        return Err(Refusal::because(403, "Only Calls Are Transferred"));
    }
    Ok(uri)
}

// Tells whether a response to a NOTIFY says that nobody waits for more (RFC 5057 §5.1).
const fn ends_usage(code: u16) -> bool {
    matches!(code, 404 | 408 | 410 | 416 | 480..=485 | 489 | 501 | 604)
}

/// Tells whether the event of a SUBSCRIBE is what came of a REFER.
pub(super) fn names_refer(request: &Message) -> bool {
    let event = request.header(Header::Event);
    event.is_some_and(|event| event.split(';').next().unwrap_or(event).trim() == "refer")
}
