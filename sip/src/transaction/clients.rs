//! The table of client transactions: matching (RFC 3261 §17.1.3), timers, transport failures.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use bytes::Bytes;

use crate::Instant;
use crate::endpoint::{CallKey, Timing, Transport};
use crate::message::{Builder, Header, MAGIC_COOKIE, Message, Method, SessionId};

use super::{Client, ClientInvite, ClientTick, Hop, Verdict, quoted};

/// A client transaction; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientId(u64);

/// A request to send.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: Method,
    /// The number in its branch, see [`Clients::branch`].
    pub branch: u64,
    pub bytes: Bytes,
    pub hop: Hop,
    /// Who hears of its response; nobody for a request whose answer changes nothing.
    pub call: Option<CallKey>,
    /// The same request over UDP, where it was moved to TCP for its size and that may be refused (RFC 3261 §18.1.1).
    pub fallback: Option<Bytes>,
}

/// What happened to a client transaction.
#[derive(Debug)]
pub(crate) enum ClientEvent {
    /// Send this: a repetition, or an ACK.
    Send(Hop, Bytes),
    /// No final response came in time by this way; of no call where nobody waits for it.
    TimedOut(Option<CallKey>, ClientId, Hop),
    /// It could not be sent, whether or not it is of a call.
    Unsent(Option<CallKey>, ClientId),
}

/// All client transactions.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    entries: BTreeMap<ClientId, Box<Entry>>,
    branches: BTreeMap<(u64, bool), ClientId>,
    destinations: BTreeSet<(Transport, SocketAddr, ClientId)>,
    connections: BTreeSet<(u64, ClientId)>,
    due: BTreeSet<(Instant, ClientId)>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    branch: (u64, bool),
    method: Method,
    hop: Hop,
    /// What is repeated, until the final response.
    bytes: Bytes,
    call: Option<CallKey>,
    fallback: Option<Bytes>,
    machine: Machine,
    scheduled: Option<Instant>,
    /// The ACKs for its 2xx, by the tag of the far end: repeated for each repetition (§13.2.2.4).
    acks: Vec<(String, Hop, Bytes)>,
    /// Whether it was sent once more because the connection it went by is closed.
    again: bool,
    /// Whether nobody wants its answer any more: it is sent by no other way.
    given_up: bool,
}

#[derive(Debug)]
enum Machine {
    Invite(ClientInvite),
    Other(Client),
}

impl Clients {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Writes a branch that [`Self::handle_response`] finds again.
    pub fn branch(number: u64) -> String {
        format!("{MAGIC_COOKIE}{number:016x}")
    }

    /// Starts a transaction; its first sending is the caller's.
    pub fn start(&mut self, request: Request, timing: &Timing, now: Instant) -> ClientId {
        let id = ClientId(self.next);
        self.next += 1;
        let reliable = request.hop.is_reliable();
        let machine = match request.method {
            Method::Invite => Machine::Invite(ClientInvite::new(reliable, timing, now)),
            _ => Machine::Other(Client::new(reliable, timing, now)),
        };
        let branch = (request.branch, request.method == Method::Cancel);
        self.branches.insert(branch, id);
        self.destinations
            .insert((request.hop.transport, request.hop.to, id));
        if let Some(connection) = request.hop.connection {
            self.connections.insert((connection, id));
        }
        let entry = Entry {
            branch,
            method: request.method,
            hop: request.hop,
            bytes: request.bytes,
            call: request.call,
            fallback: request.fallback,
            machine,
            scheduled: None,
            acks: Vec::new(),
            again: false,
            given_up: false,
        };
        self.entries.insert(id, Box::new(entry));
        self.schedule(id);
        id
    }

    /// Finds the transaction that `response` belongs to.
    pub fn find(&self, response: &Message) -> Option<ClientId> {
        let branch = response.top_via().branch()?;
        let digits = branch
            .get(MAGIC_COOKIE.len()..)
            .filter(|digits| digits.len() == 16)?;
        let number = u64::from_str_radix(digits, 16).ok()?;
        let id = *self
            .branches
            .get(&(number, *response.method() == Method::Cancel))?;
        (self.entries.get(&id)?.method == *response.method()).then_some(id)
    }

    /// Passes a response through its transaction. Returns what to send, and whose it is when the core must
    /// hear of it.
    pub fn handle_response(
        &mut self,
        id: ClientId,
        response: &Message,
        timing: &Timing,
        now: Instant,
    ) -> (Option<(Hop, Bytes)>, Option<Option<CallKey>>) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return (None, None);
        };
        let code = response.status().map_or(0, |status| status.code());
        if let Some(again) = entry.acknowledged(code, response) {
            return (Some(again), None);
        }
        let reliable = entry.hop.is_reliable();
        let verdict = match &mut entry.machine {
            Machine::Invite(machine) => {
                let bytes = &entry.bytes;
                machine.handle_response(
                    code,
                    reliable,
                    || acknowledge(bytes, response),
                    timing,
                    now,
                )
            }
            Machine::Other(machine) => machine.handle_response(code, reliable, timing, now),
        };
        let (hop, call) = (entry.hop, entry.call);
        entry.fallback = None;
        if code >= 200 {
            entry.bytes = Bytes::new();
            self.settle(id);
        }
        self.schedule(id);
        match verdict {
            Verdict::Pass => (None, Some(call)),
            Verdict::PassAndSend(ack) => (Some((hop, ack)), Some(call)),
            Verdict::Send(ack) => (Some((hop, ack)), None),
            Verdict::Drop => (None, None),
        }
    }

    /// Returns how many ends have answered an INVITE with 2xx.
    pub fn forks(&self, id: ClientId) -> usize {
        self.entries.get(&id).map_or(0, |entry| entry.acks.len())
    }

    /// Keeps the ACK for a 2xx, to repeat it when the 2xx is.
    pub fn remember_ack(&mut self, id: ClientId, tag: &str, hop: Hop, bytes: Bytes) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.acks.push((tag.to_owned(), hop, bytes));
        }
    }

    /// Returns our UUID as the first of these ACKs has it (RFC 7989).
    pub fn session_of_ack(&self, id: ClientId) -> Option<SessionId> {
        let (.., bytes) = self.entries.get(&id)?.acks.first()?;
        Some(Message::parse(bytes.clone()).ok()?.session_id()?.local)
    }

    /// Gives up an INVITE. Returns where it went and how to cancel it, when it may be (§9.1).
    pub fn cancel(
        &mut self,
        id: ClientId,
        timing: &Timing,
        now: Instant,
    ) -> Option<(Hop, Message, u64)> {
        let entry = self.entries.get_mut(&id)?;
        let Machine::Invite(machine) = &mut entry.machine else {
            return None;
        };
        (entry.given_up, entry.fallback) = (true, None);
        if !machine.is_proceeding() || machine.is_hurried() {
            return None;
        }
        machine.hurry(timing, now);
        let request = Message::parse(entry.bytes.clone()).ok()?;
        let (hop, branch) = (entry.hop, entry.branch.0);
        self.schedule(id);
        Some((hop, request, branch))
    }

    /// Sends an INVITE no more, since another was sent elsewhere; a response to it is still heard.
    pub fn rest(&mut self, id: ClientId) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        if let Machine::Invite(machine) = &mut entry.machine {
            machine.rest();
            (entry.given_up, entry.fallback) = (true, None);
        }
        self.schedule(id);
    }

    /// Lets a transaction end by itself, its responses heard by nobody.
    pub fn abandon(&mut self, id: ClientId, timing: &Timing, now: Instant) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        entry.call = None;
        match &mut entry.machine {
            Machine::Invite(machine) => machine.hurry(timing, now),
            Machine::Other(_) => {}
        }
        self.schedule(id);
    }

    /// Ends the transactions whose request can no longer be answered; one that the peer can be told otherwise is sent again.
    pub fn handle_connection_lost(
        &mut self,
        connection: u64,
        timing: &Timing,
        now: Instant,
    ) -> Vec<ClientEvent> {
        let range = (connection, ClientId(0))..=(connection, ClientId(u64::MAX));
        let lost: Vec<ClientId> = self.connections.range(range).map(|(_, id)| *id).collect();
        lost.into_iter()
            .filter_map(|id| {
                self.reopen(id, connection)
                    .or_else(|| self.fail(id, timing, now))
            })
            .collect()
    }

    /// Sends what nobody has answered by another connection to `to`, where the one that led there is closed; once, as a peer may
    /// close every one.
    pub fn handle_way_lost(
        &mut self,
        transport: Transport,
        to: SocketAddr,
        timing: &Timing,
        now: Instant,
    ) -> Vec<ClientEvent> {
        let lost = self.sent_to(transport, to).into_iter();
        let events = lost.filter_map(|id| {
            let entry = self.entries.get_mut(&id)?;
            let waits = match &entry.machine {
                // Its response may come by a connection that the peer opens (RFC 3261 §18.2.2).
                Machine::Invite(machine) => !machine.is_proceeding() && !entry.given_up,
                Machine::Other(_) => true,
            };
            if entry.hop.connection.is_some() || !waits {
                return None;
            }
            if std::mem::replace(&mut entry.again, true) {
                return self.fail(id, timing, now);
            }
            Some(ClientEvent::Send(entry.hop, entry.bytes.clone()))
        });
        events.collect()
    }

    /// Ends the transactions whose request could not be sent to `to`.
    pub fn handle_transmit_failed(
        &mut self,
        transport: Transport,
        to: SocketAddr,
        timing: &Timing,
        now: Instant,
    ) -> Vec<ClientEvent> {
        let lost = self.sent_to(transport, to).into_iter();
        lost.filter_map(|id| self.fail(id, timing, now)).collect()
    }

    /// Ends the requests to a place which nothing was heard of, where what an error quotes is one of them (RFC 3261 §18.4).
    pub fn handle_undelivered(
        &mut self,
        to: SocketAddr,
        quoted: &[u8],
        timing: &Timing,
        now: Instant,
    ) -> Vec<ClientEvent> {
        let Some(to) = self.quoted(to, quoted) else {
            return Vec::new();
        };
        let sent = self.sent_to(Transport::Udp, to).into_iter();
        let lost = sent.filter_map(|id| {
            self.entries.get(&id).filter(|entry| entry.waits())?;
            self.fail(id, timing, now)
        });
        lost.collect()
    }

    // Where a request goes that waits for its answer from `to`. Its branch is told to nobody else, so nobody else can quote it.
    fn quoted(&self, to: SocketAddr, quoted: &[u8]) -> Option<SocketAddr> {
        let id = self.branches.get(&quoted::branch(quoted)?)?;
        let entry = self.entries.get(id).filter(|entry| entry.waits())?;
        let hop = entry.hop;
        let is_there = (hop.to.ip(), hop.to.port()) == (to.ip(), to.port());
        (hop.transport == Transport::Udp && is_there).then_some(hop.to)
    }

    fn sent_to(&self, transport: Transport, to: SocketAddr) -> Vec<ClientId> {
        let range = (transport, to, ClientId(0))..=(transport, to, ClientId(u64::MAX));
        let sent = self.destinations.range(range);
        sent.map(|(_, _, id)| *id).collect()
    }

    /// Takes out what has become due, one thing a call.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<ClientEvent> {
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
            match tick {
                ClientTick::Nothing => self.schedule(id),
                ClientTick::SendAgain => {
                    let send = ClientEvent::Send(entry.hop, entry.bytes.clone());
                    self.schedule(id);
                    return Some(send);
                }
                ClientTick::TimedOut => {
                    let (call, hop) = (entry.call, entry.hop);
                    self.remove(id);
                    return Some(ClientEvent::TimedOut(call, id, hop));
                }
                ClientTick::Over => self.remove(id),
            }
        }
        None
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    fn fail(&mut self, id: ClientId, timing: &Timing, now: Instant) -> Option<ClientEvent> {
        let entry = self.entries.get_mut(&id)?;
        let call = entry.call;
        if let Some(bytes) = entry.fallback.take() {
            return self.fall_back(id, bytes, timing, now);
        }
        self.remove(id);
        Some(ClientEvent::Unsent(call, id))
    }

    // The same request once more, by a connection to where the peer listens: a peer that had it answers as before.
    fn reopen(&mut self, id: ClientId, connection: u64) -> Option<ClientEvent> {
        let entry = self
            .entries
            .get_mut(&id)
            .filter(|entry| entry.hop.reopens)?;
        entry.hop = Hop::to(entry.hop.transport, entry.hop.to);
        self.connections.remove(&(connection, id));
        Some(ClientEvent::Send(entry.hop, entry.bytes.clone()))
    }

    // The same transaction once more, over UDP.
    fn fall_back(
        &mut self,
        id: ClientId,
        bytes: Bytes,
        timing: &Timing,
        now: Instant,
    ) -> Option<ClientEvent> {
        self.settle(id);
        let entry = self.entries.get_mut(&id)?;
        entry.hop = Hop {
            transport: Transport::Udp,
            connection: None,
            ..entry.hop
        };
        entry.bytes = bytes.clone();
        entry.machine = match entry.method {
            Method::Invite => Machine::Invite(ClientInvite::new(false, timing, now)),
            _ => Machine::Other(Client::new(false, timing, now)),
        };
        let hop = entry.hop;
        self.destinations.insert((hop.transport, hop.to, id));
        self.schedule(id);
        Some(ClientEvent::Send(hop, bytes))
    }

    fn schedule(&mut self, id: ClientId) {
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

    // An answered transaction no longer depends on what happens to its destination.
    fn settle(&mut self, id: ClientId) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        self.destinations
            .remove(&(entry.hop.transport, entry.hop.to, id));
        if let Some(connection) = entry.hop.connection {
            self.connections.remove(&(connection, id));
        }
    }

    // The five tables change together, here and in `start`, `settle` and `schedule` only.
    fn remove(&mut self, id: ClientId) {
        self.settle(id);
        let Some(entry) = self.entries.remove(&id) else {
            return;
        };
        self.branches.remove(&entry.branch);
        if let Some(due) = entry.scheduled {
            self.due.remove(&(due, id));
        }
    }
}

impl Entry {
    // Whether nothing tells that its request arrived.
    fn waits(&self) -> bool {
        match &self.machine {
            Machine::Invite(machine) => machine.is_calling(),
            Machine::Other(machine) => machine.is_trying(),
        }
    }

    fn acknowledged(&self, code: u16, response: &Message) -> Option<(Hop, Bytes)> {
        if !(200..300).contains(&code) {
            return None;
        }
        let tag = response.to().tag().unwrap_or("");
        let (_, hop, ack) = self.acks.iter().find(|(known, _, _)| known == tag)?;
        Some((*hop, ack.clone()))
    }
}

// RFC 3261 §17.1.1.3: the ACK for a refusal, made of the INVITE and the To of the response.
fn acknowledge(invite: &Bytes, response: &Message) -> Bytes {
    let invite = Message::parse(invite.clone()).expect("we wrote the INVITE");
    let uri = invite.request_uri().expect("an INVITE is a request");
    let number = invite.cseq().number;
    Builder::request(&Method::Ack, uri)
        .header(Header::Via, invite.top_via())
        .copy(&invite, Header::Route)
        .header(Header::MaxForwards, 70)
        .header(Header::From, invite.from())
        .header(Header::To, response.to())
        .header(Header::CallId, invite.call_id())
        .header(Header::CSeq, format_args!("{number} ACK"))
        .copy(&invite, Header::SessionId)
        .build()
}
