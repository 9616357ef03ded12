//! Whether trunks can be reached: OPTIONS to each place of a trunk (RFC 3261 §11), and our registration there (§10.2).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::RngExt;

use crate::Instant;
use crate::message::{Builder, Header, Message, Method};
use crate::transaction::{ClientId, Hop};
use crate::trunk::{Destination, Place, Trunk};

use self::account::{Holder, Registering};
use self::farewell::Farewell;
use self::keeping::Keeping;
use super::reply::retry_after;
use super::{Endpoint, Event, Flow};

/// Probes in a row without an answer, after which a place is down.
const MISSES: u8 = 2;
/// How long an answer may take where the trunk says nothing of it, and how soon the second probe follows on the first that
/// brought none. A datagram is sent four times meanwhile.
const ANSWER: Duration = Duration::from_secs(4);
const ANEW: Duration = Duration::from_secs(1);
/// A place that is down is asked again after this, or sooner where its trunk is; a registration that failed is tried again after
/// this, doubling up to the longest.
const AGAIN: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(600);
mod account;
mod farewell;
mod keeping;
mod recovery;

/// What is known of the way to trunks.
#[derive(Debug, Default)]
pub(super) struct Outreach {
    places: BTreeMap<(String, Place), Probing>,
    /// Places that want no calls until then (RFC 3261 §21.5.4).
    resting: BTreeMap<(String, Place), Instant>,
    accounts: BTreeMap<String, Registering>,
    /// Accounts that are given up.
    farewells: Vec<Farewell>,
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
    /// The request before, which is repeated until nobody can answer it any more.
    before: Option<ClientId>,
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

    /// Tells whether a place of a trunk takes calls: it answers, and did not say that it wants none for a time that has not passed.
    pub fn takes(&self, trunk: &str, place: Place, now: Instant) -> bool {
        let until = self.resting.get(&(trunk.to_owned(), place));
        self.is_up(trunk, place) && until.is_none_or(|until| *until <= now)
    }

    /// Takes what a place of a trunk says with 503 of when it may be asked again; at most ten minutes.
    pub fn heed(&mut self, trunk: &str, place: Place, response: &Message, now: Instant) {
        let Some(span) = retry_after(response) else {
            return;
        };
        self.resting.retain(|_, until| *until > now);
        let until = now + span.min(LONGEST);
        self.resting.insert((trunk.to_owned(), place), until);
    }

    /// Tells whether any of a trunk's `places` answers, and whether we are registered there where that is wanted.
    pub fn state(&self, trunk: &Trunk, places: &[Place]) -> (bool, Option<bool>) {
        let up = places.iter().any(|place| self.is_up(&trunk.name, *place));
        let account = self.accounts.get(&trunk.name);
        (up, account.map(|one| one.until.is_some()))
    }

    /// Tells whether a trunk's registrar comes back by the flow that we keep to where `hop` leads (RFC 5626).
    pub fn keeps_flow(&self, trunk: &str, hop: Hop) -> bool {
        let account = self.accounts.get(trunk);
        let account = account.filter(|one| one.keeps_flows && one.until.is_some());
        let place = Place {
            transport: hop.transport,
            address: hop.to,
        };
        account.is_some_and(|one| one.at == Some(place))
    }

    // Which place, or whose account, a request asks.
    fn asked_by(&self, client: ClientId) -> (Option<(String, Place)>, Option<String>) {
        let is = |asking: &Option<Asking>| asking.is_some_and(|one| one.client == client);
        let places = &mut self.places.iter();
        let place = places.find(|(_, one)| is(&one.asking) || one.before == Some(client));
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
        // That one has ended is told when it has.
        let ends = self.accounts.values().filter_map(|one| one.until);
        let flows = self.accounts.values();
        let flows = flows.filter_map(|one| one.keeping.as_ref().map(Keeping::due));
        let farewells = self.farewells.iter().filter_map(Farewell::asking);
        let farewells = farewells.map(|one| one.until);
        self.due = places
            .chain(accounts)
            .chain(ends)
            .chain(flows)
            .chain(farewells)
            .min();
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
        for key in probed {
            outreach.places.entry(key).or_insert(Probing {
                up: true,
                missed: 0,
                due: now,
                asking: None,
                before: None,
            });
        }
        self.keep_accounts(&trunks, now);
        self.outreach.schedule();
    }

    // An account that the settings have no longer, or have otherwise, is given up.
    fn keep_accounts(&mut self, trunks: &[Trunk], now: Instant) {
        let wanted =
            |trunk: &Trunk| Some((trunk.name.clone(), (trunk.clone(), Holder::of(trunk)?)));
        let mut wanted: BTreeMap<_, _> = trunks.iter().filter_map(wanted).collect();
        for (name, mut account) in std::mem::take(&mut self.outreach.accounts) {
            let stays = wanted.get(&name).is_some_and(|(trunk, of)| {
                let places = self.places(trunk);
                account.takes(of, &places, now)
            });
            if stays {
                wanted.remove(&name);
                self.outreach.accounts.insert(name, account);
            } else {
                self.give_up(account, now);
            }
        }
        for (name, (trunk, of)) in wanted {
            let account = self.account(&trunk, of, now);
            self.outreach.accounts.insert(name, account);
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
            self.keep_due(&name, now);
        }
        self.farewells_due(None, now);
        self.outreach.schedule();
    }

    fn probe_due(&mut self, key: &(String, Place), now: Instant) {
        let again = self.ask_again(&key.0);
        let Some(probing) = self.outreach.places.get_mut(key) else {
            return;
        };
        if let Some(asking) = probing.asking {
            if asking.until <= now {
                probing.asking = None;
                probing.before = Some(asking.client);
                self.probe_missed(key, None, now);
            }
            return;
        }
        if probing.due > now {
            return;
        }
        probing.due = now + again;
        if let Some(asking) = self.send_options(key, now)
            && let Some(probing) = self.outreach.places.get_mut(key)
        {
            probing.asking = Some(asking);
        }
    }

    // How soon a place is asked again that did not answer.
    fn ask_again(&self, trunk: &str) -> Duration {
        let span = self.trunk(trunk).and_then(|trunk| trunk.reach.qualify);
        span.map_or(AGAIN, |span| span.min(AGAIN))
    }

    fn probe_missed(&mut self, key: &(String, Place), code: Option<u16>, now: Instant) {
        let again = self.ask_again(&key.0);
        let Some(probing) = self.outreach.places.get_mut(key) else {
            return;
        };
        probing.missed = probing.missed.saturating_add(1);
        let is_first = probing.up && probing.missed < MISSES;
        probing.due = match is_first {
            true => now + ANEW.min(again),
            // Since it was asked.
            false => probing.due.max(now),
        };
        if probing.up && probing.missed >= MISSES {
            probing.up = false;
            self.tell(Event::TrunkDown {
                trunk: key.0.clone(),
                place: key.1,
                code,
            });
        }
    }

    fn probe_answered(&mut self, key: &(String, Place), code: u16, now: Instant) {
        let span = self.trunk(&key.0).and_then(|trunk| trunk.reach.qualify);
        let Some(probing) = self.outreach.places.get_mut(key) else {
            return;
        };
        probing.asking = None;
        probing.before = None;
        // Any answer proves that somebody is there; 503 that they want nothing of us, 408 that a proxy found nobody.
        if matches!(code, 408 | 503) {
            return self.probe_missed(key, Some(code), now);
        }
        probing.missed = 0;
        probing.due = now + span.unwrap_or(AGAIN);
        if !std::mem::replace(&mut probing.up, true) {
            self.tell(Event::TrunkUp {
                trunk: key.0.clone(),
                place: key.1,
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
            .header(Header::Accept, super::reply::ACCEPTED)
            .header(Header::UserAgent, &self.config.server)
            .build();
        let client = self.send(Method::Options, branch, hop, bytes, None, now);
        let until = now + answer;
        Some(Asking { client, until })
    }

    /// Takes a response to a request that belongs to no call; tells whether it was one of these.
    pub(super) fn reached(
        &mut self,
        client: ClientId,
        response: &Message,
        flow: &Flow,
        now: Instant,
    ) -> bool {
        if self.farewell_answered(client, response, now) {
            self.outreach.schedule();
            return true;
        }
        let code = response.status().map_or(0, |status| status.code());
        let (place, account) = self.outreach.asked_by(client);
        if code < 200 {
            return place.is_some() || account.is_some();
        }
        match (&place, &account) {
            (Some(key), _) => self.probe_answered(key, code, now),
            (None, Some(name)) => self.register_answered(name, response, flow, now),
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
            self.forget_asking(&name);
            self.register_elsewhere(&name, (503, "it could not be sent"), None, now);
        }
        self.farewells_due(Some(client), now);
        self.outreach.schedule();
    }
}
