//! Our registration at a trunk (RFC 3261 §10.2).

use std::time::Duration;

use rand::RngExt;

use crate::Instant;
use crate::endpoint::call::{LocalTag, Marks, Side};
use crate::endpoint::reply::ALLOW;
use crate::endpoint::{CallKey, Endpoint, Event, Transport};
use crate::message::{Builder, Header, Message, Method, SessionId, Uri, host_of};
use crate::transaction::{ClientId, Hop};
use crate::trunk::{Place, Trunk};

use super::{AGAIN, Asking, LONGEST};

/// A registration waits this long for the trunk's name to be found.
const SOON: Duration = Duration::from_secs(1);
/// No registration is refreshed more often, but for one that is granted for less, which is while a quarter of that is left.
const BRIEFEST: Duration = Duration::from_secs(30);
/// What a registrar may ask us to wait at most.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// An account of ours, and what came of it.
#[derive(Debug)]
pub(super) struct Registering {
    side: Side,
    cseq: u32,
    /// How long it is asked for, in seconds.
    expires: u32,
    /// Until when it holds.
    pub(super) until: Option<Instant>,
    pub(super) due: Instant,
    failed: u32,
    pub(super) asking: Option<Asking>,
    /// The place that is asked, or was asked last and took it.
    at: Option<Place>,
    /// Places that did not answer, or said 503, since one took it.
    left: Vec<Place>,
}

impl Endpoint {
    pub(super) fn account(&mut self, trunk: &Trunk, span: Duration, now: Instant) -> Registering {
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
                auth: None,
                recorder: None,
            },
            cseq: self.rng.random_range(1..0x7fff_ffff),
            expires: u32::try_from(span.as_secs()).unwrap_or(u32::MAX),
            until: None,
            due: now,
            failed: 0,
            asking: None,
            at: None,
            left: Vec::new(),
        }
    }

    pub(super) fn register_due(&mut self, name: &str, now: Instant) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        if let Some(asking) = account.asking {
            if asking.until <= now {
                account.asking = None;
                self.register_elsewhere(name, (408, "No Response"), None, now);
            }
            return;
        }
        if account.due <= now {
            self.send_register(name, now);
        }
    }

    fn send_register(&mut self, name: &str, now: Instant) {
        let Some(mut account) = self.outreach.accounts.remove(name) else {
            return;
        };
        match self.write_register(&mut account, name, now) {
            Some(client) => {
                let until = now + self.config.timing.give_up();
                account.asking = Some(Asking { client, until });
            }
            // The DNS has not said yet where the trunk is.
            None => account.due = now + SOON,
        }
        self.outreach.accounts.insert(name.to_owned(), account);
    }

    fn write_register(
        &mut self,
        account: &mut Registering,
        name: &str,
        now: Instant,
    ) -> Option<ClientId> {
        let trunk = self.trunk(name)?;
        let places = self.places(trunk);
        let place = account.choose(&places, |place| self.outreach.is_up(name, place))?;
        let user = &trunk.credentials.as_ref()?.user;
        let domain = match trunk.reach.domain.as_str() {
            "" => trunk.target.host(),
            domain => domain.to_owned(),
        };
        let transport = place.transport;
        let registrar = Uri::sip(None, &domain, None).ok()?;
        let own = Uri::sip(Some(user), &domain, None).ok()?;
        let hop = Hop::to(transport, place.address);
        let here = self.address(hop);
        let contact = Uri::sip(Some(user), &host_of(here.ip()), Some(here.port())).ok()?;
        let contact = match transport {
            Transport::Udp => contact,
            _ => contact
                .with_param("transport", Some(transport.uri_name()))
                .ok()?,
        };
        account.cseq = account.cseq.wrapping_add(1);
        let (cseq, branch) = (account.cseq, self.rng.random());
        let builder = Builder::request(&Method::Register, &registrar)
            .header(Header::Via, self.via(hop, branch))
            .header(Header::MaxForwards, 70)
            .header(
                Header::From,
                format_args!("<{own}>;tag={}", account.side.tag),
            )
            .header(Header::To, format_args!("<{own}>"))
            .header(Header::CallId, &account.side.call_id)
            .header(Header::CSeq, format_args!("{cseq} REGISTER"))
            .header(Header::Contact, format_args!("<{contact}>"))
            .header(Header::Expires, account.expires)
            .header(Header::Allow, ALLOW)
            .header(Header::UserAgent, &self.config.server);
        let builder = account.side.marks.write(builder);
        let authorized = self.authorize(&mut account.side, &Method::Register, registrar.as_str());
        let builder = match authorized {
            Some((header, value)) => builder.header(header, value),
            None => builder,
        };
        let bytes = builder.build();
        Some(self.send(Method::Register, branch, hop, bytes, None, now))
    }

    pub(super) fn register_answered(&mut self, name: &str, response: &Message, now: Instant) {
        let Some(mut account) = self.outreach.accounts.remove(name) else {
            return;
        };
        account.asking = None;
        let code = response.status().map_or(0, |status| status.code());
        let again = match code {
            200..300 => {
                account.side.unchallenged();
                account.failed = 0;
                account.left.clear();
                let granted = granted(response).unwrap_or(account.expires);
                let span = Duration::from_secs(u64::from(granted));
                let was = account.until.replace(now + span);
                account.due = now + (span / 2).max(BRIEFEST.min(span * 3 / 4)).max(SOON);
                if was.is_none_or(|was| was <= now) {
                    let trunk = name.to_owned();
                    self.tell(Event::TrunkRegistered { trunk });
                }
                false
            }
            401 | 407 => self.challenged(&mut account.side, response),
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
        } else if code >= 300 {
            let why = (code, response.reason().unwrap_or_default());
            let wait = retry_after(response);
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
            account.side.auth = None;
            return self.send_register(name, now);
        }
        account.left.clear();
        self.register_failed(name, why, wait, now);
    }

    fn register_failed(
        &mut self,
        name: &str,
        (code, reason): (u16, &str),
        wait: Option<Duration>,
        now: Instant,
    ) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        // A new try begins without the nonce that did not help.
        account.side.auth = None;
        let pause = (AGAIN * 2_u32.saturating_pow(account.failed.min(6))).min(LONGEST);
        account.failed = account.failed.saturating_add(1);
        let pause = pause.max(wait.unwrap_or_default().min(PATIENCE));
        account.due = now + pause + Duration::from_millis(self.rng.random_range(0..5_000));
        let lost = account.until.is_none_or(|until| until <= account.due);
        if lost {
            account.until = None;
            self.tell(Event::TrunkUnregistered {
                trunk: name.to_owned(),
                code,
                reason: reason.to_owned(),
            });
        }
    }
}

impl Registering {
    // Where it was taken last, else the first that is up; nobody is asked twice before all were.
    fn choose(&mut self, places: &[Place], is_up: impl Fn(Place) -> bool) -> Option<Place> {
        let fresh = || places.iter().copied().filter(|it| !self.left.contains(it));
        let kept = self.at.filter(|at| places.contains(at) && is_up(*at));
        let first = kept.or_else(|| fresh().find(|it| is_up(*it)));
        self.at = first.or_else(|| fresh().next()).or(places.first().copied());
        self.at
    }
}

// RFC 3261 §20.33: seconds, with or without a comment and parameters.
fn retry_after(response: &Message) -> Option<Duration> {
    let text = response.header(Header::RetryAfter)?;
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().map(Duration::from_secs)
}

// RFC 3261 §10.2.4: what the registrar says of a contact goes before what it says of all.
fn granted(response: &Message) -> Option<u32> {
    let of_contact = response
        .contacts()
        .filter_map(|contact| contact.params().get("expires")?.parse().ok());
    // Others may be bound to the account too: the briefest is safe.
    of_contact.min().or_else(|| response.expires())
}
