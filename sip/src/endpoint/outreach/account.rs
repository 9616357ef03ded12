//! Our registration at a trunk (RFC 3261 §10.2), by a flow that calls come back by where the registrar keeps flows (RFC 5626 §4.2).

use std::time::Duration;

use rand::RngExt;

use crate::Instant;
use crate::digest::Credentials;
use crate::endpoint::call::{LocalTag, Marks, Side};
use crate::endpoint::register::PATH;
use crate::endpoint::reply::ALLOW;
use crate::endpoint::{CallKey, Endpoint, Event, Flow, Transport};
use crate::message::{Builder, Header, Message, Method, NameAddr, SessionId, Uri, host_of};
use crate::registrar::{OUTBOUND, PhoneFlow};
use crate::transaction::{ClientId, Hop};
use crate::trunk::{Place, Trunk, TrunkCredentials};

use super::farewell::Farewell;
use super::keeping::Keeping;
use super::{Asking, LONGEST, Outreach, retry_after};

/// A registration waits this long for the trunk's name to be found.
pub(super) const SOON: Duration = Duration::from_secs(1);
/// No registration is refreshed more often, but for one that is granted for less, which is while a quarter of that is left.
pub(super) const BRIEFEST: Duration = Duration::from_secs(30);

/// An account of ours, and what came of it.
#[derive(Debug)]
pub(super) struct Registering {
    pub(super) side: Side,
    of: Holder,
    cseq: u32,
    /// How long it is asked for, in seconds: the span of the settings, or more where the registrar wants that.
    expires: u32,
    /// Until when it holds.
    pub(super) until: Option<Instant>,
    pub(super) due: Instant,
    pub(super) failed: u32,
    pub(super) asking: Option<Asking>,
    /// The place that is asked, or was asked last and took it.
    pub(super) at: Option<Place>,
    /// Places that did not answer, or said 503, since one took it.
    left: Vec<Place>,
    /// The connection that its last registration came by: calls come by it, and by no other where only we can open one.
    pub(super) connection: Option<u64>,
    /// Our Contact, as it was told last.
    contact: Option<Uri>,
    /// Which of the flows of this account it is, and what our Contact said of that.
    reg_id: u32,
    flow: Option<PhoneFlow>,
    /// The place whose first hop said last that it keeps no flows (RFC 5626 §4.2.1).
    flowless: Option<Place>,
    /// Whether who took it last keeps flows.
    pub(super) keeps_flows: bool,
    /// How what it was registered by is kept.
    pub(super) keeping: Option<Keeping>,
    /// When it was taken last, and how many connections in a row were closed soon after.
    pub(super) taken: Option<Instant>,
    pub(super) cuts: u32,
}

/// Whose account it is, as the settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    credentials: TrunkCredentials,
    domain: String,
    span: Duration,
}

impl Outreach {
    // Accounts of several trunks may be one at its registrar, where each is a flow beside the others.
    fn free_reg_id(&self, of: &Holder) -> u32 {
        let farewells = self.farewells.iter().map(Farewell::account);
        let others = self.accounts.values().chain(farewells);
        let same = others.filter(|one| one.of.names(of));
        let taken: Vec<u32> = same.map(|one| one.reg_id).collect();
        let free = (1..).find(|number| !taken.contains(number));
        free.expect("there are fewer accounts than numbers")
    }
}

impl Holder {
    /// Returns that of a trunk that knows us by an account.
    pub fn of(trunk: &Trunk) -> Option<Self> {
        let domain = match trunk.reach.domain.as_str() {
            "" => trunk.target.host(),
            domain => domain.to_owned(),
        };
        Some(Self {
            credentials: trunk.credentials.clone()?,
            domain,
            span: trunk.reach.register?,
        })
    }

    fn expires(&self) -> u32 {
        u32::try_from(self.span.as_secs()).unwrap_or(u32::MAX)
    }

    fn names(&self, other: &Self) -> bool {
        (&self.credentials.user, &self.domain) == (&other.credentials.user, &other.domain)
    }
}

impl Endpoint {
    pub(super) fn account(&mut self, trunk: &Trunk, of: Holder, now: Instant) -> Registering {
        let reg_id = self.outreach.free_reg_id(&of);
        let call_id = format!("{:032x}", self.rng.random::<u128>());
        let marks = Marks {
            local: self.session_of(&call_id),
            remote: SessionId::NIL,
            headers: Vec::new(),
            trusted: false,
            sends: crate::trunk::MarkSet::SESSION,
        };
        Registering {
            side: Side {
                key: CallKey::Out(0),
                marks,
                tag: LocalTag(self.rng.random()),
                call_id,
                trunk: Some(trunk.name.clone()),
                phone: None,
                auth: Vec::new(),
                recorder: None,
                secured: false,
            },
            cseq: self.rng.random_range(1..0x7fff_ffff),
            expires: of.expires(),
            of,
            until: None,
            due: now,
            failed: 0,
            asking: None,
            at: None,
            left: Vec::new(),
            connection: None,
            contact: None,
            reg_id,
            flow: None,
            flowless: None,
            keeps_flows: false,
            keeping: None,
            taken: None,
            cuts: 0,
        }
    }

    pub(super) fn register_due(&mut self, name: &str, now: Instant) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        let ended = account.until.take_if(|until| *until <= now).is_some();
        let (asking, due) = (account.asking, account.due);
        if ended {
            self.tell(Event::TrunkUnregistered {
                trunk: name.to_owned(),
                code: 408,
                reason: "No Response".to_owned(),
            });
        }
        if let Some(asking) = asking {
            if asking.until <= now {
                self.forget_asking(name);
                self.register_elsewhere(name, (408, "No Response"), None, now);
            }
            return;
        }
        if due <= now {
            self.send_register(name, now);
        }
    }

    /// Waits for no answer any more.
    pub(super) fn forget_asking(&mut self, name: &str) {
        if let Some(account) = self.outreach.accounts.get_mut(name) {
            account.asking = None;
        }
    }

    fn send_register(&mut self, name: &str, now: Instant) {
        let Some(mut account) = self.outreach.accounts.remove(name) else {
            return;
        };
        let places = self
            .trunk(name)
            .map(|trunk| self.places(trunk))
            .unwrap_or_default();
        let place = account.choose(&places, |place| self.outreach.is_up(name, place));
        let expires = account.expires;
        let client = place.and_then(|place| self.write_register(&mut account, place, expires, now));
        match client {
            Some(client) => {
                let timing = &self.config.timing;
                let patience = match account.has_further(&places) {
                    true => timing.elsewhere.min(timing.give_up()),
                    false => timing.give_up(),
                };
                let until = now + patience;
                account.asking = Some(Asking { client, until });
            }
            // The DNS has not said yet where the trunk is.
            None => account.due = now + SOON,
        }
        self.outreach.accounts.insert(name.to_owned(), account);
    }

    pub(super) fn write_register(
        &mut self,
        account: &mut Registering,
        place: Place,
        expires: u32,
        now: Instant,
    ) -> Option<ClientId> {
        let Holder {
            credentials,
            domain,
            ..
        } = account.of.clone();
        let transport = place.transport;
        let registrar = Uri::sip(None, &domain, None).ok()?;
        let own = Uri::sip(Some(&credentials.user), &domain, None).ok()?;
        let hop = Hop::to(transport, place.address);
        let here = self.address(hop);
        let (host, port) = (host_of(here.ip()), Some(here.port()));
        let contact = Uri::sip(Some(&credentials.user), &host, port).ok()?;
        let contact = match transport {
            Transport::Udp => contact,
            _ => contact
                .with_param("transport", Some(transport.uri_name()))
                .ok()?,
        };
        account.contact = Some(contact.clone());
        let instance = self.config.instance;
        let instance = instance.filter(|_| account.flowless != Some(place));
        account.flow = instance.map(|instance| instance.flow(account.reg_id));
        account.cseq = account.cseq.wrapping_add(1);
        let (cseq, branch) = (account.cseq, self.rng.random());
        let builder = Builder::request(&Method::Register, &registrar)
            // RFC 6223 §4.2: the registrar may say how often something is to be sent.
            .header(Header::Via, format_args!("{};keep", self.via(hop, branch)))
            .header(Header::MaxForwards, 70)
            .header(
                Header::From,
                format_args!("<{own}>;tag={}", account.side.tag),
            )
            .header(Header::To, format_args!("<{own}>"))
            .header(Header::CallId, &account.side.call_id)
            .header(Header::CSeq, format_args!("{cseq} REGISTER"))
            .header(Header::Contact, account.told(&contact))
            .header(Header::Supported, account.extensions())
            .header(Header::Expires, expires)
            .header(Header::Allow, ALLOW)
            .header(Header::UserAgent, &self.config.server);
        let builder = account.side.marks.write(builder);
        let known = Credentials::new(&credentials.user, &credentials.password);
        let (side, asked) = (&mut account.side, registrar.as_str());
        let builder = self.authorize_as(&known, builder, side, &Method::Register, asked);
        let bytes = builder.build();
        Some(self.send(Method::Register, branch, hop, bytes, None, now))
    }

    pub(super) fn register_answered(
        &mut self,
        name: &str,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) {
        let Some(mut account) = self.outreach.accounts.remove(name) else {
            return;
        };
        account.asking = None;
        let code = response.status().map_or(0, |status| status.code());
        let nothing = (200..300).contains(&code) && account.granted(response) == Some(0);
        let again = match code {
            // RFC 3261 §10.2.2: a binding for no time is one that is taken away.
            _ if nothing => {
                account.until = None;
                false
            }
            200..300 => {
                let was = account.taken_until(response, flow, now);
                let wish = self.trunk(name).and_then(|trunk| trunk.reach.keep_alive);
                account.keep_flow(response, flow, wish, &mut self.rng, now);
                if was.is_none_or(|was| was <= now) {
                    let trunk = name.to_owned();
                    self.tell(Event::TrunkRegistered { trunk });
                }
                false
            }
            401 | 407 => account.side.challenge(response),
            // RFC 5626 §4.2.1: it may be asked for without a flow.
            439 => account.lacks_flows(),
            423 => match response
                .header(Header::MinExpires)
                .and_then(|text| text.parse().ok())
            {
                Some(longer) if longer > account.expires => {
                    account.expires = longer;
                    true
                }
                Some(_) | None => false,
            },
            _ => false,
        };
        self.outreach.accounts.insert(name.to_owned(), account);
        if again {
            self.send_register(name, now);
        } else if nothing {
            self.register_failed(name, (code, "Granted For No Time"), None, now);
        } else if code >= 300 {
            let reason = response.reason().unwrap_or_default();
            let unanswerable = response.unanswerable();
            let said =
                unanswerable.map(|error| format!("{reason}: {error}, which cannot be answered"));
            let why = (code, said.as_deref().unwrap_or(reason));
            // It would ask the same of us in a while.
            let wait = retry_after(response).max(said.is_some().then_some(LONGEST));
            match code {
                503 => self.register_elsewhere(name, why, wait, now),
                _ => self.register_failed(name, why, wait, now),
            }
        }
    }

    // RFC 3263 §4.3: who does not answer, or says 503, is left for the next place; who was the last has failed.
    pub(super) fn register_elsewhere(
        &mut self,
        name: &str,
        why: (u16, &str),
        wait: Option<Duration>,
        now: Instant,
    ) {
        let places = self.trunk(name).map(|trunk| self.places(trunk));
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        account.left.extend(account.at.take());
        let places = places.into_iter().flatten();
        let mut others = places.filter(|place| !account.left.contains(place));
        if others.next().is_some() {
            account.side.auth.clear();
            return self.send_register(name, now);
        }
        account.left.clear();
        self.register_failed(name, why, wait, now);
    }
}

impl Registering {
    /// Takes the settings anew; false when they name another account, or `places` are others.
    pub(super) fn takes(&mut self, of: &Holder, places: &[Place], now: Instant) -> bool {
        let moved = !places.is_empty() && self.at.is_some_and(|at| !places.contains(&at));
        if moved || !self.of.names(of) {
            return false;
        }
        if self.of != *of {
            let respan = self.of.span != of.span;
            self.of = of.clone();
            if respan {
                self.expires = of.expires();
            }
            // What is refused is asked for anew at once: the password may be right now.
            (self.due, self.failed) = (now, 0);
            self.side.auth.clear();
        }
        true
    }

    /// Returns the registrar that has it.
    pub(super) fn held_at(&self) -> Option<Place> {
        self.at.filter(|_| self.until.is_some())
    }

    // Takes 439; tells whether it was asked for with a flow.
    fn lacks_flows(&mut self) -> bool {
        self.flowless = self.at;
        self.flow.take().is_some()
    }

    fn told(&self, contact: &Uri) -> String {
        match &self.flow {
            Some(flow) => format!("<{contact}>;{flow}"),
            None => format!("<{contact}>"),
        }
    }

    // RFC 3327 §5.1, RFC 5626 §4.2.1.
    fn extensions(&self) -> String {
        match self.flow {
            Some(_) => format!("{PATH}, {OUTBOUND}"),
            None => PATH.to_owned(),
        }
    }

    // Takes a 2xx; returns until when it held before.
    fn taken_until(&mut self, response: &Message, flow: &Flow, now: Instant) -> Option<Instant> {
        self.side.unchallenged();
        self.failed = 0;
        let mut required = response.require();
        self.keeps_flows = required.any(|tag| tag.eq_ignore_ascii_case(OUTBOUND));
        self.left.clear();
        self.connection = (flow.transport != Transport::Udp).then_some(flow.connection);
        self.taken = Some(now);
        let granted = self.granted(response).unwrap_or(self.expires).max(1);
        let span = Duration::from_secs(u64::from(granted));
        self.due = now + (span / 2).max(BRIEFEST.min(span * 3 / 4));
        self.until.replace(now + span)
    }

    // RFC 3261 §10.2.4: others may be bound to the account too, and only what is said of our own contact counts; it goes before what
    // is said of all. A registrar may write the address that it sees: a contact that stands alone is ours.
    fn granted(&self, response: &Message) -> Option<u32> {
        let all: Vec<_> = response.contacts().collect();
        let own = self.contact.as_ref();
        let mut ours = all
            .iter()
            .filter(|one| own.is_some_and(|own| is_same(own, one.uri())));
        let is_flow = |one: &&NameAddr| self.flow.is_some() && PhoneFlow::of(one) == self.flow;
        let flow = all.iter().find(is_flow);
        let alone = || all.first().filter(|_| all.len() == 1);
        let span = |one: &NameAddr| one.params().get("expires")?.parse::<u32>().ok();
        let expires = match flow.or(ours.next()).or_else(alone) {
            Some(ours) => span(ours),
            // It wrote ours anew: the briefest of those that stand is not too late for it.
            None => all.iter().filter_map(span).filter(|span| *span > 0).min(),
        };
        expires.or_else(|| response.expires())
    }

    // Whether another place is asked when this one says nothing.
    fn has_further(&self, places: &[Place]) -> bool {
        let other = |place: &Place| Some(*place) != self.at && !self.left.contains(place);
        places.iter().any(other)
    }

    // Where it was taken last, else the first that is up; nobody is asked twice before all were.
    fn choose(&mut self, places: &[Place], is_up: impl Fn(Place) -> bool) -> Option<Place> {
        let fresh = || places.iter().copied().filter(|it| !self.left.contains(it));
        let kept = self.at.filter(|at| places.contains(at) && is_up(*at));
        let first = kept.or_else(|| fresh().find(|it| is_up(*it)));
        self.at = first.or_else(|| fresh().next()).or(places.first().copied());
        self.at
    }
}

// What else a registrar writes of a contact does not make it another's.
fn is_same(own: &Uri, other: &Uri) -> bool {
    let port = other
        .port()
        .or(own.port().filter(|port| matches!(port, 5060 | 5061)));
    own.user() == other.user()
        && own.host().eq_ignore_ascii_case(other.host())
        && own.port() == port
}
