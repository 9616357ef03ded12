//! The registrar: which contacts each account is reached at (RFC 3261 §10.3).

mod ask;
mod flow;
mod pulse;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

pub(crate) use ask::{Ask, ContactAsk, Contacts, q_thousandths};
pub use flow::{Instance, PhoneFlow};
pub(crate) use flow::{OB, OUTBOUND};

use pulse::Pulses;

use crate::Instant;
use crate::endpoint::{Flow, Limits, Transport};
use crate::message::{NameAddr, Uri};

/// One contact of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The account.
    pub user: String,
    /// The contact URI as it was registered.
    pub contact: String,
    /// What the registration came by, and calls go out by.
    pub transport: Transport,
    /// The address it came from.
    pub peer: SocketAddr,
    /// The connection it came by, while it is open.
    pub connection: Option<u64>,
    /// When it was made or last refreshed.
    pub refreshed_at: Instant,
    /// When it ends unless it is refreshed.
    pub expires_at: Instant,
    /// The Call-ID of the registration, which orders it together with `cseq`.
    pub call_id: String,
    /// The CSeq number of the registration.
    pub cseq: u32,
    /// Preference in thousandths; the highest is called first.
    pub q: u16,
    /// The proxies that the registration passed, the nearest first: calls pass them on their way back (RFC 3327).
    pub path: Vec<String>,
    /// Which flow of a phone it is, where the phone keeps flows to be called by (RFC 5626).
    pub flow: Option<PhoneFlow>,
}

impl Binding {
    /// Returns what tells it from the other bindings of its account: its flow, or its contact where it is none.
    pub fn key(&self) -> String {
        match &self.flow {
            Some(flow) => flow.to_string(),
            None => self.contact.clone(),
        }
    }

    /// Whether it is a browser's, which alone speak SIP over a WebSocket as far as is known (RFC 7118): it comes by one, to us or to
    /// a proxy before us.
    pub fn is_in_browser(&self) -> bool {
        let over = |name: &str| name.eq_ignore_ascii_case("ws") || name.eq_ignore_ascii_case("wss");
        let contact = || self.contact.parse::<Uri>();
        self.transport == Transport::Ws
            || contact().is_ok_and(|uri| uri.param("transport").is_some_and(over))
    }

    // RFC 5626 §4.4: a flow of datagrams is known by its keep-alives; behind a proxy they are the proxy's.
    fn has_pulse(&self) -> bool {
        self.flow.is_some() && self.path.is_empty() && self.transport == Transport::Udp
    }

    // RFC 5626 §3.1: a flow over a connection lives as long as that; behind a proxy the flow is the proxy's.
    fn has_lost_its_flow(&self) -> bool {
        self.flow.is_some()
            && self.path.is_empty()
            && self.transport.is_reliable()
            && self.connection.is_none()
    }
}

/// What became of a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Added(Binding),
    Removed(Binding),
}

/// Why a registration is refused; nothing has changed then (RFC 3261 §10.3 step 7: atomic).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// `*` beside another contact, or without `Expires: 0`.
    #[error("Contact * goes alone and with Expires: 0")]
    Star,
    /// A contact that no call can be sent to.
    #[error("a contact is not a SIP URI")]
    Scheme,
    /// An expiry below the minimum.
    #[error("the registration would be too brief")]
    TooBrief,
    /// Older than what is already known, or the same again.
    #[error("CSeq is not above that of an earlier registration with this Call-ID")]
    OutOfOrder,
    /// Several contacts, one of them a flow (RFC 5626 §6).
    #[error("a contact with reg-id goes alone")]
    Flows,
    /// More contacts than an account may have.
    #[error("too many contacts")]
    TooMany,
    /// More bindings than all accounts together may have.
    #[error("the registrar is full")]
    Full,
}

/// The location service.
#[derive(Debug, Default)]
pub(crate) struct Registrar {
    bindings: BTreeMap<String, Vec<Binding>>,
    expiries: BTreeSet<(Instant, String, String)>,
    connections: BTreeMap<u64, BTreeSet<String>>,
    pulses: Pulses,
    /// User and key of the flows by which a call got no answer; they are called after the others until they are registered anew.
    silent: BTreeSet<(String, String)>,
    count: usize,
    changes: Vec<Change>,
}

impl Registrar {
    /// Carries out one REGISTER of an authenticated account.
    pub fn register(
        &mut self,
        ask: &Ask,
        flow: &Flow,
        limits: &Limits,
        now: Instant,
    ) -> Result<(), Refusal> {
        match &ask.contacts {
            Contacts::Star if ask.expires != Some(0) => Err(Refusal::Star),
            Contacts::Star => self.remove_all(ask),
            Contacts::Mixed => Err(Refusal::Star),
            Contacts::List(contacts) => self.update(ask, contacts, flow, limits, now),
        }
    }

    /// Returns the bindings of `user`, the most wanted and then the freshest first.
    pub fn bindings(&self, user: &str) -> Vec<&Binding> {
        let mut found: Vec<&Binding> = self.bindings.get(user).into_iter().flatten().collect();
        found.sort_by_key(|binding| {
            let speaks = self.silent.is_empty() || !self.is_silent(binding);
            std::cmp::Reverse((binding.q, speaks, binding.refreshed_at, binding.expires_at))
        });
        found
    }

    fn is_silent(&self, binding: &Binding) -> bool {
        let of = (binding.user.clone(), binding.key());
        self.silent.contains(&of)
    }

    /// Takes notice that a call got no answer by the flow of `user` that [`Binding::key`] names, while the phone may have others.
    pub fn doubt(&mut self, user: &str, key: &str) {
        let known = self.bindings.get(user).into_iter().flatten();
        if known.into_iter().any(|binding| binding.key() == key) {
            self.silent.insert((user.to_owned(), key.to_owned()));
        }
    }

    /// Forgets the binding of `user` that [`Binding::key`] names: its flow has failed (RFC 5626 §5.3).
    pub fn forget(&mut self, user: &str, key: &str) {
        if let Some(gone) = self.take_out(user, key) {
            self.changes.push(Change::Removed(gone));
        }
    }

    /// Forgets the bindings of all whom `known` does not know.
    pub fn keep(&mut self, known: impl Fn(&str) -> bool) {
        let gone = self.bindings.iter().filter(|(user, _)| !known(user));
        let gone: Vec<Binding> = gone.flat_map(|(_, list)| list.iter().cloned()).collect();
        for binding in gone {
            self.forget(&binding.user, &binding.key());
        }
    }

    /// Returns how many bindings there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Puts back bindings of before a restart; those that have expired are left out, and those are removed whose connection
    /// was the only way to the phone.
    pub fn restore(&mut self, bindings: Vec<Binding>, now: Instant) {
        for binding in bindings {
            if binding.has_lost_its_flow() {
                self.changes.push(Change::Removed(binding));
            } else if binding.expires_at > now {
                self.take_out(&binding.user.clone(), &binding.key());
                self.put_in(binding);
            }
        }
    }

    /// Forgets a connection. A phone that can be reached at its contact keeps its binding and is called by a
    /// new connection; one behind address translation is lost.
    pub fn handle_connection_lost(&mut self, connection: u64) {
        let users = self.connections.remove(&connection).unwrap_or_default();
        for user in users {
            let lost: Vec<Binding> = self
                .bindings
                .get(&user)
                .into_iter()
                .flatten()
                .filter(|binding| binding.connection == Some(connection))
                .cloned()
                .collect();
            for mut binding in lost {
                self.take_out(&binding.user, &binding.key());
                match reachable_at(&binding) {
                    Some(address) => {
                        binding.connection = None;
                        binding.peer = address;
                        self.put_in(binding);
                    }
                    None => self.changes.push(Change::Removed(binding)),
                }
            }
        }
    }

    /// Takes a keep-alive by datagram.
    pub fn handle_keep_alive(&mut self, peer: SocketAddr, now: Instant) {
        self.pulses.beat(peer, now);
    }

    /// Removes what has expired, and flows that kept themselves alive and no longer do.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(silent) = self.pulses.take_silent(now) {
            for (user, key) in silent {
                self.forget(&user, &key);
            }
        }
        while let Some((due, user, key)) = self.expiries.first().cloned() {
            if due > now {
                return;
            }
            self.forget(&user, &key);
        }
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let expiry = self.expiries.first().map(|(due, _, _)| *due);
        expiry.into_iter().chain(self.pulses.poll_timeout()).min()
    }

    /// Returns what has changed since the last time, in order.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn remove_all(&mut self, ask: &Ask) -> Result<(), Refusal> {
        let known = self.bindings.get(&ask.user).cloned().unwrap_or_default();
        if known.iter().any(|binding| ask.is_behind(binding)) {
            return Err(Refusal::OutOfOrder);
        }
        for binding in known {
            self.forget(&binding.user, &binding.key());
        }
        Ok(())
    }

    fn update(
        &mut self,
        ask: &Ask,
        contacts: &[ContactAsk],
        flow: &Flow,
        limits: &Limits,
        now: Instant,
    ) -> Result<(), Refusal> {
        let known = self.bindings.get(&ask.user).cloned().unwrap_or_default();
        let mut gone: Vec<Binding> = Vec::new();
        let mut fresh: Vec<Binding> = Vec::new();
        if contacts.len() > 1 && contacts.iter().any(|contact| contact.flow.is_some()) {
            return Err(Refusal::Flows);
        }
        for contact in contacts {
            if !contact.uri.is_sip() {
                return Err(Refusal::Scheme);
            }
            if let Some(earlier) = known.iter().find(|binding| contact.is_of(binding)) {
                if ask.is_behind(earlier) {
                    return Err(Refusal::OutOfOrder);
                }
                if gone.iter().all(|known| known.key() != earlier.key()) {
                    gone.push(earlier.clone());
                }
            }
            fresh.retain(|binding| !contact.is_of(binding));
            let expires = ask.expires_of(contact, limits);
            if expires.is_zero() {
                continue;
            }
            // RFC 3261 §10.3 step 7: too brief only when less than an hour as well.
            if expires < limits.min_expires && expires.as_secs() < 3_600 {
                return Err(Refusal::TooBrief);
            }
            let expires_at = now + expires.min(limits.max_expires);
            fresh.push(ask.binding(contact, flow, expires_at, now));
            // Each is held against all before it.
            if fresh.len() > limits.bindings {
                return Err(Refusal::TooMany);
            }
        }
        let after = (known.len() + fresh.len()).saturating_sub(gone.len());
        if after > limits.bindings && !fresh.is_empty() {
            return Err(Refusal::TooMany);
        }
        if self.count + fresh.len() > limits.all_bindings + gone.len() {
            return Err(Refusal::Full);
        }
        self.commit(gone, fresh);
        Ok(())
    }

    // What replaces another is told first, so that nobody seems to be away in between.
    fn commit(&mut self, gone: Vec<Binding>, fresh: Vec<Binding>) {
        for binding in &gone {
            self.take_out(&binding.user, &binding.key());
        }
        let keys: BTreeSet<String> = fresh.iter().map(Binding::key).collect();
        for binding in fresh {
            self.changes.push(Change::Added(binding.clone()));
            self.put_in(binding);
        }
        let gone = gone
            .into_iter()
            .filter(|binding| !keys.contains(&binding.key()));
        self.changes.extend(gone.map(Change::Removed));
    }

    // `bindings`, `expiries`, `connections`, `pulses`, `silent` and `count` change together, here and below only.
    fn put_in(&mut self, binding: Binding) {
        self.expiries
            .insert((binding.expires_at, binding.user.clone(), binding.key()));
        if let Some(connection) = binding.connection {
            self.connections
                .entry(connection)
                .or_default()
                .insert(binding.user.clone());
        }
        if binding.has_pulse() {
            self.pulses.add(binding.peer, &binding.user, binding.key());
        }
        self.count += 1;
        self.bindings
            .entry(binding.user.clone())
            .or_default()
            .push(binding);
    }

    fn take_out(&mut self, user: &str, key: &str) -> Option<Binding> {
        let list = self.bindings.get_mut(user)?;
        let at = list.iter().position(|binding| binding.key() == key)?;
        let gone = list.remove(at);
        let connection = gone
            .connection
            .filter(|one| list.iter().all(|left| left.connection != Some(*one)));
        if list.is_empty() {
            self.bindings.remove(user);
        }
        self.count -= 1;
        self.silent.remove(&(user.to_owned(), key.to_owned()));
        self.expiries
            .remove(&(gone.expires_at, gone.user.clone(), gone.key()));
        if gone.has_pulse() {
            self.pulses.remove(gone.peer, &gone.user, gone.key());
        }
        if let Some(connection) = connection
            && let Some(users) = self.connections.get_mut(&connection)
        {
            users.remove(user);
            if users.is_empty() {
                self.connections.remove(&connection);
            }
        }
        Some(gone)
    }
}

fn reachable_at(binding: &Binding) -> Option<SocketAddr> {
    if binding.flow.is_some() && binding.path.is_empty() {
        return None;
    }
    // Behind a proxy it is the proxy that must be reached.
    let next = binding.path.first().map(|value| value.parse::<NameAddr>());
    let uri: Uri = match next {
        Some(proxy) => proxy.ok()?.uri().clone(),
        None => binding.contact.parse().ok()?,
    };
    let ip = uri
        .ip()
        .filter(|ip| ip.to_canonical() == binding.peer.ip().to_canonical())?;
    // A browser has no address that it listens at (RFC 7118 §5.3).
    match binding.transport {
        Transport::Ws => None,
        Transport::Udp | Transport::Tcp | Transport::Tls => Some(SocketAddr::new(
            ip,
            uri.port().unwrap_or(binding.transport.default_port()),
        )),
    }
}
