//! Transfers that we ask of peers: our REFER, and the NOTIFY that come back (RFC 3515).

use std::time::Duration;

use crate::Instant;
use crate::message::{Header, Message, Method, NameAddr, Uri};
use crate::transaction::{ClientId, ServerId};

use super::call::{Call, State, Up};
use super::refer::{SIPFRAG, wants_no_notify};
use super::reply::Refusal;
use super::{CallKey, Endpoint, Event};

/// How long a peer may take to tell the end of a transfer.
const LONGEST: Duration = Duration::from_secs(90);

/// A transfer that we asked for.
#[derive(Debug)]
pub(super) struct Referring {
    /// The CSeq of our REFER, by which NOTIFY may name it (RFC 3515 §2.4.6).
    id: u32,
    /// Our REFER while it has no final response.
    client: Option<ClientId>,
    until: Instant,
}

impl Referring {
    /// Returns when it is given up.
    pub fn due(&self) -> Instant {
        self.until
    }

    /// Returns the transaction of our REFER, while it has no final response.
    pub fn client(&self) -> Option<ClientId> {
        self.client
    }
}

impl Up {
    /// Tells whether a transaction is that of our REFER.
    pub fn is_referring(&self, client: ClientId) -> bool {
        let ours = self.referring.as_ref().and_then(Referring::client);
        ours == Some(client)
    }
}

impl Endpoint {
    pub(super) fn send_refer(
        &mut self,
        key: CallKey,
        number: &str,
        headers: &[(String, String)],
        replaces: Option<CallKey>,
        now: Instant,
    ) {
        let to = self.refer_to(key, number, headers, replaces);
        let Some(mut call) = self.take(key) else {
            return;
        };
        let Call { side, state, .. } = &mut *call;
        let State::Up(up) = state else {
            return self.keep(call);
        };
        let Some(to) = to.filter(|_| up.referring.is_none()) else {
            // Nobody to be referred to, or one is being made already.
            self.tell_refer(key, 400, true);
            return self.keep(call);
        };
        let cseq = up.dialog.next_cseq();
        let (branch, hop, builder) = self.compose(side, &up.dialog, &Method::Refer, cseq);
        let bytes = builder
            .header(Header::Contact, self.contact_of(side, hop))
            .header(Header::ReferTo, NameAddr::new(&to))
            .header(Header::ReferredBy, self.contact(hop))
            .build();
        let client = self.send(Method::Refer, branch, hop, bytes, Some(key), now);
        up.referring = Some(Referring {
            id: cseq,
            client: Some(client),
            until: now + LONGEST,
        });
        self.keep(call);
    }

    fn refer_to(
        &self,
        key: CallKey,
        number: &str,
        headers: &[(String, String)],
        replaces: Option<CallKey>,
    ) -> Option<Uri> {
        let sends = self.calls.get(&key)?.as_deref()?.side.marks.sends;
        let mut to: Uri = match replaces {
            Some(other) => {
                let (target, replaces) = self.dialog_name(other)?;
                let target: Uri = target.parse().ok()?;
                target.with_header("Replaces", &replaces.to_string()).ok()?
            }
            None => {
                let call = self.calls.get(&key)?.as_deref()?;
                let name = call.side.trunk.as_deref()?;
                let trunk = self.config.trunks.iter().find(|trunk| trunk.name == name)?;
                let number = trunk.manner.numbers.write(number);
                trunk.uri_at(Some(&number), &trunk.target)?
            }
        };
        for (name, value) in headers.iter().filter(|one| sends.lets(&one.0)) {
            to = to.with_header(name, value).ok()?;
        }
        Some(to)
    }

    /// Takes a response to our REFER.
    pub(super) fn refer_answered(&mut self, mut call: Box<Call>, response: &Message) {
        let code = response.status().map_or(0, |status| status.code());
        match code {
            0..200 => self.keep(call),
            // RFC 4488 §4: it is made, and nothing is told of it.
            200..300 if wants_no_notify(response) => self.refer_over(call, 202),
            200..300 => {
                if let State::Up(up) = &mut call.state
                    && let Some(referring) = &mut up.referring
                {
                    referring.client = None;
                }
                self.keep(call);
            }
            code => self.refer_over(call, code),
        }
    }

    /// Ends a transfer of ours that did not come about, or of which nothing more is told.
    pub(super) fn refer_over(&mut self, mut call: Box<Call>, code: u16) {
        if let State::Up(up) = &mut call.state
            && up.referring.take().is_some()
        {
            self.tell_refer(call.side.key, code, true);
        }
        self.keep(call);
    }

    pub(super) fn referring_timeout(&mut self, call: &mut Call, now: Instant) {
        let State::Up(up) = &mut call.state else {
            return;
        };
        let Some(referring) = up.referring.take_if(|one| one.until <= now) else {
            return;
        };
        if let Some(client) = referring.client {
            self.clients.abandon(client, &self.config.timing, now);
        }
        self.tell_refer(call.side.key, 408, true);
    }

    /// Takes a NOTIFY within a call (RFC 6665 §4.1.3: only what our REFER began is known).
    pub(super) fn receive_notify(&mut self, mut call: Box<Call>, server: ServerId, now: Instant) {
        let key = call.side.key;
        let request = self.servers.request(server);
        let told = request.and_then(progress);
        let named = request.and_then(named);
        let State::Up(up) = &mut call.state else {
            let refusal = Refusal::because(481, "Subscription Does Not Exist");
            self.respond_plainly(server, &refusal, &call.side, now);
            return self.keep(call);
        };
        // That of another REFER, such as one before.
        let is_of = |one: &Referring| named.is_none_or(|id| id == one.id);
        let of = up.referring.as_ref().is_some_and(is_of);
        let refusal = match (Some(&mut up.referring).filter(|_| of), &told) {
            (None, _) => Refusal::because(481, "Subscription Does Not Exist"),
            (Some(_), None) => Refusal::because(400, "Bad Request: no status in the sipfrag"),
            (Some(referring), Some((_, over))) => {
                if *over {
                    *referring = None;
                }
                Refusal::new(200)
            }
        };
        self.respond_plainly(server, &refusal, &call.side, now);
        if let Some((code, over)) = told.filter(|_| refusal.code == 200) {
            self.tell_refer(key, code, over);
        }
        self.keep(call);
    }

    fn tell_refer(&mut self, call: CallKey, code: u16, over: bool) {
        self.tell(Event::ReferProgress { call, code, over });
    }
}

// Which REFER a NOTIFY says it is of; 0, which none of ours is, where that is no number.
fn named(request: &Message) -> Option<u32> {
    let mut params = request.header(Header::Event)?.split(';').skip(1);
    let id = params.find_map(|param| param.trim().strip_prefix("id="))?;
    Some(id.parse().unwrap_or(0))
}

// The status in a NOTIFY's message/sipfrag (RFC 3420), and whether it is the last.
fn progress(request: &Message) -> Option<(u16, bool)> {
    let event = request.header(Header::Event)?;
    if event.split(';').next()?.trim() != "refer" || !request.has_content(SIPFRAG) {
        return None;
    }
    let body = request.body();
    let text = std::str::from_utf8(&body).ok()?;
    let rest = text.trim_start().strip_prefix("SIP/2.0 ")?;
    let code: u16 = rest.get(..3)?.parse().ok()?;
    let state = request.header(Header::SubscriptionState).unwrap_or("");
    let terminated = state.trim().to_ascii_lowercase().starts_with("terminated");
    Some((code, terminated || code >= 200))
}
