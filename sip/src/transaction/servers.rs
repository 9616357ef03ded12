//! The table of server transactions: matching (RFC 3261 §17.2.3), timers, merged requests (§8.2.2.2).

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::Instant;
use crate::endpoint::{CallKey, Timing};
use crate::message::{Message, Method};

use super::{Fingerprint, Hop, Keyed, Server, ServerInvite, Tick};

/// A server transaction; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerId(u64);

/// What became due.
#[derive(Debug)]
pub(crate) enum ServerEvent {
    /// Send a response again.
    Send(Hop, Bytes),
    /// The core took its time: 100 is to be sent.
    Trying(ServerId),
}

/// All server transactions.
#[derive(Debug)]
pub(crate) struct Servers {
    keyed: Keyed,
    entries: BTreeMap<ServerId, Box<Entry>>,
    keys: BTreeMap<Fingerprint, ServerId>,
    merges: BTreeMap<Fingerprint, ServerId>,
    due: BTreeSet<(Instant, ServerId)>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    key: Fingerprint,
    merge: Option<Fingerprint>,
    hop: Hop,
    machine: Machine,
    scheduled: Option<Instant>,
    /// The call it belongs to.
    call: Option<CallKey>,
    /// The request, until the final response.
    request: Option<Message>,
}

#[derive(Debug)]
enum Machine {
    Invite(ServerInvite),
    Other(Server),
}

impl Servers {
    pub fn new(keyed: Keyed) -> Self {
        Self {
            keyed,
            entries: BTreeMap::new(),
            keys: BTreeMap::new(),
            merges: BTreeMap::new(),
            due: BTreeSet::new(),
            next: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Finds the transaction that `request` repeats, or acknowledges when it is an ACK.
    pub fn find(&self, request: &Message) -> Option<ServerId> {
        self.keys.get(&self.key(request, request.method())).copied()
    }

    /// Finds the INVITE transaction that the CANCEL `request` means (§9.2).
    pub fn find_cancelled(&self, request: &Message) -> Option<ServerId> {
        self.keys.get(&self.key(request, &Method::Invite)).copied()
    }

    /// Tells whether another transaction runs for the same request, which came by two ways.
    pub fn is_merged(&self, request: &Message) -> bool {
        self.merge_key(request)
            .is_some_and(|key| self.merges.contains_key(&key))
    }

    /// Starts a transaction for a request that [`Self::find`] does not know.
    pub fn open(&mut self, request: Message, hop: Hop, timing: &Timing, now: Instant) -> ServerId {
        let id = ServerId(self.next);
        self.next += 1;
        let key = self.key(&request, request.method());
        let merge = self.merge_key(&request);
        let machine = match request.method() {
            Method::Invite => Machine::Invite(ServerInvite::new(timing, now)),
            _ => Machine::Other(Server::new()),
        };
        self.keys.insert(key, id);
        if let Some(merge) = merge {
            self.merges.insert(merge, id);
        }
        let entry = Entry {
            key,
            merge,
            hop,
            machine,
            scheduled: None,
            call: None,
            request: Some(request),
        };
        self.entries.insert(id, Box::new(entry));
        self.schedule(id);
        id
    }

    /// Notes which call a transaction belongs to.
    pub fn assign(&mut self, id: ServerId, call: CallKey) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.call = Some(call);
        }
    }

    /// Returns the call that a transaction belongs to, also one that is answered.
    pub fn call(&self, id: ServerId) -> Option<CallKey> {
        self.entries.get(&id)?.call
    }

    /// Returns the request of an unanswered transaction.
    pub fn request(&self, id: ServerId) -> Option<&Message> {
        self.entries.get(&id)?.request.as_ref()
    }

    /// Returns what a repeated request is answered with, if anything.
    pub fn repeat(&self, id: ServerId) -> Option<(Hop, Bytes)> {
        let entry = self.entries.get(&id)?;
        let bytes = match &entry.machine {
            Machine::Invite(machine) => machine.handle_request_again()?,
            Machine::Other(machine) => machine.handle_request_again()?,
        };
        Some((entry.hop, bytes.clone()))
    }

    /// Takes an ACK that [`Self::find`] matched; returns whether it was for this transaction, and not for
    /// the dialog that its 2xx made.
    pub fn handle_ack(&mut self, id: ServerId, timing: &Timing, now: Instant) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else {
            return false;
        };
        let Machine::Invite(machine) = &mut entry.machine else {
            return false;
        };
        if machine.is_accepted() {
            return false;
        }
        if machine.handle_ack(entry.hop.is_reliable(), timing, now) {
            self.remove(id);
        } else {
            self.schedule(id);
        }
        true
    }

    /// Passes a response of the core through the transaction; returns where it goes, or `None` when the
    /// transaction takes no more.
    pub fn respond(
        &mut self,
        id: ServerId,
        code: u16,
        bytes: &Bytes,
        timing: &Timing,
        now: Instant,
    ) -> Option<Hop> {
        let entry = self.entries.get_mut(&id)?;
        let reliable = entry.hop.is_reliable();
        let sent = match &mut entry.machine {
            Machine::Invite(machine) => machine.respond(code, bytes, reliable, timing, now),
            Machine::Other(machine) => machine.respond(bytes, reliable, timing, now),
        };
        if !sent {
            return None;
        }
        if code >= 200 {
            entry.request = None;
        }
        let hop = entry.hop;
        self.schedule(id);
        Some(hop)
    }

    /// Takes out what has become due, one thing a call.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<ServerEvent> {
        while let Some(&(due, id)) = self.due.first() {
            if due > now {
                return None;
            }
            let entry = self
                .entries
                .get_mut(&id)
                .expect("every timer has its transaction");
            let tick = match &mut entry.machine {
                Machine::Invite(machine) => machine.handle_timeout(now),
                Machine::Other(machine) => machine.handle_timeout(now),
            };
            let hop = entry.hop;
            match tick {
                Tick::Over => {
                    self.remove(id);
                    continue;
                }
                Tick::Nothing => self.schedule(id),
                Tick::Send(bytes) => {
                    self.schedule(id);
                    return Some(ServerEvent::Send(hop, bytes));
                }
                Tick::Trying => {
                    self.schedule(id);
                    return Some(ServerEvent::Trying(id));
                }
            }
        }
        None
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    fn key(&self, request: &Message, method: &Method) -> Fingerprint {
        let method = if *method == Method::Ack {
            &Method::Invite
        } else {
            method
        };
        let via = request.top_via();
        let port = via.port_or_default().to_string();
        match via.branch().filter(|_| via.has_cookie()) {
            Some(branch) => self.keyed.of(&[branch, via.host(), &port, method.as_str()]),
            // RFC 3261 §17.2.3: from before RFC 3261, matched by everything that a repetition keeps.
            None => self.keyed.of(&[
                request.request_uri().map_or("", |uri| uri.as_str()),
                request.from().tag().unwrap_or(""),
                request.call_id(),
                &request.cseq().number.to_string(),
                via.host(),
                &port,
                via.branch().unwrap_or(""),
                method.as_str(),
            ]),
        }
    }

    fn merge_key(&self, request: &Message) -> Option<Fingerprint> {
        let tag = request.from().tag()?;
        if request.to().tag().is_some() || *request.method() == Method::Cancel {
            return None;
        }
        let number = request.cseq().number.to_string();
        Some(
            self.keyed
                .of(&[tag, request.call_id(), &number, request.method().as_str()]),
        )
    }

    fn schedule(&mut self, id: ServerId) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let due = match &entry.machine {
            Machine::Invite(machine) => machine.due(),
            Machine::Other(machine) => machine.due(),
        };
        if entry.scheduled == due {
            return;
        }
        if let Some(old) = entry.scheduled {
            self.due.remove(&(old, id));
        }
        if let Some(due) = due {
            self.due.insert((due, id));
        }
        entry.scheduled = due;
    }

    // The four tables change together, here and in `open` and `schedule` only.
    fn remove(&mut self, id: ServerId) {
        let Some(entry) = self.entries.remove(&id) else {
            return;
        };
        self.keys.remove(&entry.key);
        if let Some(merge) = entry.merge {
            self.merges.remove(&merge);
        }
        if let Some(due) = entry.scheduled {
            self.due.remove(&(due, id));
        }
    }
}
