//! Requests outside dialogs: what every one must pass (RFC 3261 §8.2), and who may do what.

use crate::Instant;
use crate::message::{Header, Message, Method, Scheme};
use crate::siprec::{self, SIPREC};
use crate::trunk::Trunk;

use super::auth::Proved;
use super::refer::names_refer;
use super::replacing::sole;
use super::reply::{ACCEPTED, ALLOW, EXTENSIONS, Refusal, SDP, SUPPORTED};
use super::{Endpoint, Flow, Peer};

impl Endpoint {
    pub(super) fn receive_outside(&mut self, request: Message, flow: &Flow, now: Instant) {
        if let Err(refusal) = self.inspect(&request) {
            return self.refuse(&request, flow, &refusal);
        }
        match request.method() {
            Method::Invite => self.receive_invite(request, flow, now),
            Method::Register => self.receive_register(request, flow, now),
            Method::Options => self.refuse(&request, flow, &capabilities()),
            // RFC 3261 §15.1.2, RFC 3311 §5.2, RFC 6086 §4.2.2, RFC 3262 §3: only within dialogs.
            Method::Bye | Method::Update | Method::Info | Method::Prack => {
                self.refuse(&request, flow, &Refusal::new(481));
            }
            // RFC 6665 §4.1.3: nobody can have asked for it.
            Method::Notify => self.refuse(
                &request,
                flow,
                &Refusal::because(481, "Subscription Does Not Exist"),
            ),
            // RFC 3515 §2.4.4: a REFER begins it, and no SUBSCRIBE outside of its dialog.
            Method::Subscribe if names_refer(&request) => {
                self.refuse(&request, flow, &Refusal::new(403));
            }
            Method::Subscribe => self.refuse(&request, flow, &Refusal::event()),
            // Whoever is in no call has nothing to transfer, and nobody is called for them.
            Method::Refer => {
                self.refuse(&request, flow, &Refusal::because(403, "Only Within A Call"))
            }
            Method::Message | Method::Publish | Method::Other(_) => {
                self.refuse(&request, flow, &Refusal::method());
            }
            Method::Ack | Method::Cancel => unreachable!("told apart before"),
        }
    }

    // In the order of RFC 3261 §8.2.
    fn inspect(&self, request: &Message) -> Result<(), Refusal> {
        if self.servers.is_merged(request) {
            return Err(Refusal::because(482, "Merged Request"));
        }
        let scheme = request
            .request_uri()
            .map_or(Scheme::Other, |uri| uri.scheme());
        match scheme {
            Scheme::Sip | Scheme::Sips => {}
            Scheme::Tel if *request.method() == Method::Invite => {}
            Scheme::Tel | Scheme::Other => return Err(Refusal::new(416)),
        }
        // A call goes on to another one behind us, which makes it a hop; all else ends here.
        if *request.method() == Method::Invite && request.max_forwards() == Some(0) {
            return Err(Refusal::new(483));
        }
        require(request, false)?;
        sole(request)?;
        content(request, false)
    }

    pub(super) fn takes_no_calls(&self) -> bool {
        self.draining || self.is_full()
    }

    /// Tells whether there are as many calls as may be.
    pub(super) fn is_full(&self) -> bool {
        self.room().0 == 0
    }

    /// Returns how many calls are counted against the bound. Those to recorders and to phones belong to others, and are
    /// counted apart.
    pub(super) fn calls_of_ours(&self) -> usize {
        self.calls.len() - self.told.len() - self.recorders.len() - self.phones.len()
    }

    /// Returns the trunk that a message comes from, by address or certificate.
    pub(super) fn trunk_of(&self, flow: &Flow) -> Option<&Trunk> {
        let proved = flow.connection().and_then(|one| self.proved.get(&one));
        let names = proved.map_or(&[][..], Vec::as_slice);
        let trunks = &mut self.config.trunks.iter();
        let peer = flow.peer.ip();
        trunks.find(|trunk| trunk.accepts(peer, names, |name| self.locating.is_at(name, peer)))
    }

    /// Tells who calls: a trunk by its address or certificate, else a phone or a trunk by its digest.
    pub(super) fn identify(
        &mut self,
        request: &Message,
        flow: &Flow,
        now: Instant,
    ) -> Result<(Peer, bool), Refusal> {
        let trunk = self.trunk_of(flow);
        if let Some(trunk) = trunk {
            let from = request.from().uri().user_decoded().unwrap_or_default();
            let is_phone = trunk.is_open_to_loopback(flow.peer.ip())
                && self.config.accounts.contains_key(&from);
            if !is_phone {
                return Ok((Peer::Trunk(trunk.name.clone()), trunk.trusted));
            }
        }
        Ok(match self.authenticate(request, flow, now)? {
            Proved::Phone(user) => (Peer::Phone(user), true),
            Proved::Trunk(name) => {
                let trusted = self.trunk(&name).is_some_and(|trunk| trunk.trusted);
                (Peer::Trunk(name), trusted)
            }
        })
    }
}

// RFC 3261 §11.2.
fn capabilities() -> Refusal {
    Refusal::new(200)
        .with(Header::Allow, ALLOW)
        .with(Header::Accept, ACCEPTED)
        .with(Header::AcceptEncoding, "identity")
        .with(Header::AcceptLanguage, "en")
        .with(Header::Supported, SUPPORTED)
}

/// Refuses what requires an extension we do not have (§8.2.2.3); a recorder may require what it is called with.
pub(super) fn require(request: &Message, of_recorder: bool) -> Result<(), Refusal> {
    let recording = of_recorder.then_some(SIPREC);
    let known = |tag: &str| {
        let mut all = EXTENSIONS.iter().copied().chain(recording);
        all.any(|known| known.eq_ignore_ascii_case(tag))
    };
    let unknown: Vec<&str> = request.require().filter(|tag| !known(tag)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(420).with(Header::Unsupported, unknown.join(", ")))
}

/// Refuses a body that is no session description where one is meant, or has more that must be understood, and a sender who
/// takes no other (§8.2.3).
pub(super) fn content(request: &Message, of_recorder: bool) -> Result<(), Refusal> {
    if !matches!(
        request.method(),
        Method::Invite | Method::Update | Method::Options
    ) {
        return Ok(());
    }
    let asks = |kind: &str| of_recorder && kind == siprec::REQUEST;
    if !request.is_understood(asks) {
        return Err(Refusal::new(415).with(Header::Accept, ACCEPTED));
    }
    let encoded = request
        .headers(Header::ContentEncoding)
        .any(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    if encoded && !request.body().is_empty() {
        return Err(Refusal::new(415).with(Header::AcceptEncoding, "identity"));
    }
    let mut accepted = request
        .headers(Header::Accept)
        .map(|range| range.split(';').next().unwrap_or(range).trim())
        .peekable();
    let takes = |range: &str| {
        [SDP, "application/*", "*/*"]
            .iter()
            .any(|one| one.eq_ignore_ascii_case(range))
    };
    if *request.method() == Method::Invite && accepted.peek().is_some() && !accepted.any(takes) {
        return Err(Refusal::new(406));
    }
    Ok(())
}
