//! Whether trunks can be reached: OPTIONS to each place of a trunk (RFC 3261 §11), and our registration there (§10.2).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::RngExt;

use crate::Instant;
use crate::message::{Builder, Header, Message, Method, SessionId, Uri, host_of};
use crate::transaction::{ClientId, Hop};
use crate::trunk::{Destination, Place, Trunk};

use super::call::{LocalTag, Marks, Side};
use super::reply::ALLOW;
use super::{CallKey, Endpoint, Event};

/// Probes in a row without an answer, after which a place is down.
const MISSES: u8 = 2;
/// How long an answer may take where the trunk says nothing of it, and how soon the second probe follows on the first that
/// brought none. A datagram is sent four times meanwhile.
const ANSWER: Duration = Duration::from_secs(4);
const ANEW: Duration = Duration::from_secs(1);
/// A place that is down, or a registration that failed, is tried again after this, doubling up to the longest.
const AGAIN: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(600);
/// A registration waits this long for the trunk's name to be found.
const SOON: Duration = Duration::from_secs(1);
/// No registration is refreshed more often.
const BRIEFEST: Duration = Duration::from_secs(30);

/// What is known of the way to trunks.
#[derive(Debug, Default)]
pub(super) struct Outreach {
    places: BTreeMap<(String, Place), Probing>,
    accounts: BTreeMap<String, Registering>,
    due: Option<Instant>,
}

/// A request that is under way.
#[derive(Clone, Copy, Debug)]
struct Asking {
    client: ClientId,
    until: Instant,
}

#[derive(Debug)]
struct Probing {
    up: bool,
    missed: u8,
    due: Instant,
    asking: Option<Asking>,
}

#[derive(Debug)]
struct Registering {
    side: Side,
    cseq: u32,
    /// How long it is asked for, in seconds.
    expires: u32,
    /// Until when it holds.
    until: Option<Instant>,
    due: Instant,
    failed: u32,
    asking: Option<Asking>,
}

impl Outreach {
    /// Returns when something is due.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Tells whether a place of a trunk answers; one that is not asked is taken to.
    pub fn is_up(&self, trunk: &str, place: Place) -> bool {
        let probed = self.places.get(&(trunk.to_owned(), place));
        probed.is_none_or(|probing| probing.up)
    }

    /// Tells whether any of a trunk's `places` answers, and whether we are registered there where that is wanted.
    pub fn state(&self, trunk: &Trunk, places: &[Place]) -> (bool, Option<bool>) {
        let up = places.iter().any(|place| self.is_up(&trunk.name, *place));
        let account = self.accounts.get(&trunk.name);
        (up, account.map(|one| one.until.is_some()))
    }

    // Which place, or whose account, a request asks.
    fn asked_by(&self, client: ClientId) -> (Option<(String, Place)>, Option<String>) {
        let is = |asking: &Option<Asking>| asking.is_some_and(|one| one.client == client);
        let place = self.places.iter().find(|(_, one)| is(&one.asking));
        let account = self.accounts.iter().find(|(_, one)| is(&one.asking));
        (
            place.map(|(key, _)| key.clone()),
            account.map(|(name, _)| name.clone()),
        )
    }

    fn schedule(&mut self) {
        let asked = |asking: &Option<Asking>, due: Instant| asking.map_or(due, |one| one.until);
        let places = self.places.values().map(|one| asked(&one.asking, one.due));
        let accounts = self
            .accounts
            .values()
            .map(|one| asked(&one.asking, one.due));
        self.due = places.chain(accounts).min();
    }
}

impl Endpoint {
    /// Begins and ends what the settings ask for.
    pub(super) fn reach_out(&mut self, now: Instant) {
        let trunks = self.config.trunks.clone();
        let places = |trunk: &Trunk| {
            let probed = trunk.reach.qualify.is_some();
            let places = if probed {
                self.places(trunk)
            } else {
                Vec::new()
            };
            let name = trunk.name.clone();
            places.into_iter().map(move |place| (name.clone(), place))
        };
        let probed: BTreeSet<_> = trunks.iter().flat_map(places).collect();
        let outreach = &mut self.outreach;
        outreach.places.retain(|key, _| probed.contains(key));
        outreach.accounts.retain(|name, _| {
            trunks
                .iter()
                .any(|trunk| trunk.name == *name && trunk.reach.register.is_some())
        });
        for key in probed {
            outreach.places.entry(key).or_insert(Probing {
                up: true,
                missed: 0,
                due: now,
                asking: None,
            });
        }
        for trunk in trunks {
            let wanted = trunk.reach.register.filter(|_| trunk.credentials.is_some());
            if let Some(span) = wanted.filter(|_| !self.outreach.accounts.contains_key(&trunk.name))
            {
                let account = self.account(&trunk, span, now);
                self.outreach.accounts.insert(trunk.name, account);
            }
        }
        self.outreach.schedule();
    }

    fn account(&mut self, trunk: &Trunk, span: Duration, now: Instant) -> Registering {
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
        }
    }

    /// Does what is due.
    pub(super) fn outreach_timeout(&mut self, now: Instant) {
        if self.outreach.due.is_none_or(|due| due > now) {
            return;
        }
        let places: Vec<_> = self.outreach.places.keys().cloned().collect();
        for key in places {
            self.probe_due(&key, now);
        }
        let accounts: Vec<_> = self.outreach.accounts.keys().cloned().collect();
        for name in accounts {
            self.register_due(&name, now);
        }
        self.outreach.schedule();
    }

    fn probe_due(&mut self, key: &(String, Place), now: Instant) {
        let Some(probing) = self.outreach.places.get_mut(key) else {
            return;
        };
        if let Some(asking) = probing.asking {
            if asking.until <= now {
                probing.asking = None;
                self.probe_missed(key, now);
            }
            return;
        }
        if probing.due <= now
            && let Some(asking) = self.send_options(key, now)
            && let Some(probing) = self.outreach.places.get_mut(key)
        {
            probing.asking = Some(asking);
        }
    }

    fn probe_missed(&mut self, key: &(String, Place), now: Instant) {
        let Some(probing) = self.outreach.places.get_mut(key) else {
            return;
        };
        probing.missed = probing.missed.saturating_add(1);
        let is_first = probing.up && probing.missed < MISSES;
        probing.due = now + if is_first { ANEW } else { AGAIN };
        if probing.up && probing.missed >= MISSES {
            probing.up = false;
            self.tell(Event::TrunkDown {
                trunk: key.0.clone(),
                place: key.1.address,
            });
        }
    }

    fn probe_answered(&mut self, key: &(String, Place), code: u16, now: Instant) {
        let span = self.trunk(&key.0).and_then(|trunk| trunk.reach.qualify);
        let Some(probing) = self.outreach.places.get_mut(key) else {
            return;
        };
        probing.asking = None;
        // Any answer proves that somebody is there; 503 that they want nothing of us, 408 that a proxy found nobody.
        if matches!(code, 408 | 503) {
            return self.probe_missed(key, now);
        }
        probing.missed = 0;
        probing.due = now + span.unwrap_or(AGAIN);
        if !std::mem::replace(&mut probing.up, true) {
            self.tell(Event::TrunkUp {
                trunk: key.0.clone(),
                place: key.1.address,
            });
        }
    }

    pub(super) fn trunk(&self, name: &str) -> Option<&Trunk> {
        self.config.trunks.iter().find(|trunk| trunk.name == name)
    }

    fn send_options(&mut self, key: &(String, Place), now: Instant) -> Option<Asking> {
        let trunk = self.trunk(&key.0)?;
        let place = key.1;
        let transport = place.transport;
        let answer = trunk.reach.answer.unwrap_or(ANSWER);
        let leads = |there: &&Destination| self.leads_to(trunk, there).contains(&place);
        let uri = trunk.uri_at(None, trunk.destinations().find(leads)?)?;
        let call_id = format!("{:032x}", self.rng.random::<u128>());
        let (tag, branch) = (self.rng.random::<u64>(), self.rng.random());
        let hop = Hop::to(transport, place.address);
        let here = self.address(hop);
        let bytes = Builder::request(&Method::Options, &uri)
            .header(Header::Via, self.via(hop, branch))
            .header(Header::MaxForwards, 70)
            .header(
                Header::From,
                format_args!("<sip:tandem@{here}>;tag={tag:016x}"),
            )
            .header(Header::To, format_args!("<{uri}>"))
            .header(Header::CallId, &call_id)
            .header(Header::CSeq, "1 OPTIONS")
            .header(Header::Contact, self.contact(hop))
            .header(Header::Accept, super::reply::SDP)
            .header(Header::UserAgent, &self.config.server)
            .build();
        let client = self.send(Method::Options, branch, hop, bytes, None, now);
        let until = now + answer;
        Some(Asking { client, until })
    }

    fn register_due(&mut self, name: &str, now: Instant) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        if let Some(asking) = account.asking {
            if asking.until <= now {
                account.asking = None;
                self.register_failed(name, 408, "No Response", now);
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
        let up = places
            .iter()
            .find(|place| self.outreach.is_up(name, **place));
        let place = *up.or(places.first())?;
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
            super::Transport::Udp => contact,
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

    fn register_answered(&mut self, name: &str, response: &Message, now: Instant) {
        let Some(mut account) = self.outreach.accounts.remove(name) else {
            return;
        };
        account.asking = None;
        let code = response.status().map_or(0, |status| status.code());
        let again = match code {
            200..300 => {
                account.side.unchallenged();
                account.failed = 0;
                let granted = granted(response).unwrap_or(account.expires);
                let span = Duration::from_secs(u64::from(granted));
                let was = account.until.replace(now + span);
                account.due = now + (span / 2).max(BRIEFEST);
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
            self.register_failed(name, code, response.reason().unwrap_or_default(), now);
        }
    }

    fn register_failed(&mut self, name: &str, code: u16, reason: &str, now: Instant) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        // A new try begins without the nonce that did not help.
        account.side.auth = None;
        let pause = (AGAIN * 2_u32.saturating_pow(account.failed.min(6))).min(LONGEST);
        account.failed = account.failed.saturating_add(1);
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

    /// Takes a response to a request that belongs to no call; tells whether it was one of these.
    pub(super) fn reached(&mut self, client: ClientId, response: &Message, now: Instant) -> bool {
        let code = response.status().map_or(0, |status| status.code());
        let (place, account) = self.outreach.asked_by(client);
        if code < 200 {
            return place.is_some() || account.is_some();
        }
        match (&place, &account) {
            (Some(key), _) => self.probe_answered(key, code, now),
            (None, Some(name)) => self.register_answered(name, response, now),
            (None, None) => return false,
        }
        self.outreach.schedule();
        true
    }

    /// Takes that a request which belongs to no call could not be sent: no answer to it is waited for.
    pub(super) fn unreached(&mut self, client: ClientId, now: Instant) {
        let (place, account) = self.outreach.asked_by(client);
        if let Some(key) = place {
            self.probe_answered(&key, 503, now);
        }
        if let Some(name) = account {
            if let Some(account) = self.outreach.accounts.get_mut(&name) {
                account.asking = None;
            }
            self.register_failed(&name, 503, "it could not be sent", now);
        }
        self.outreach.schedule();
    }
}

// RFC 3261 §10.2.4: what the registrar says of a contact goes before what it says of all.
fn granted(response: &Message) -> Option<u32> {
    let of_contact = response
        .contacts()
        .filter_map(|contact| contact.params().get("expires")?.parse().ok());
    // Others may be bound to the account too: the briefest is safe.
    of_contact.min().or_else(|| response.expires())
}
