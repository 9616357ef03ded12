//! The flow that an account of ours is registered by: kept open through address translation, and given up when it has failed
//! (RFC 5626 §4.4, RFC 6223).

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::Instant;
use crate::endpoint::{Endpoint, Flow, Output, Transport};
use crate::message::{Header, Message};
use crate::registrar::OUTBOUND;
use crate::stun;
use crate::trunk::Place;

use super::account::Registering;

/// How long a flow may be quiet where nobody says (RFC 5626 §4.4.1, §4.4.2).
const CONNECTIONS: Duration = Duration::from_secs(120);
const DATAGRAMS: Duration = Duration::from_secs(29);
/// How long an answer may take over a connection (§4.4.1).
const PONG: Duration = Duration::from_secs(10);
/// RFC 8489 §6.2.1: the first pause before a request by datagram is repeated, how often it is sent, and how long the last one is
/// waited for.
const RTO: Duration = Duration::from_millis(500);
const MOST: u32 = 7;
const LAST: Duration = Duration::from_millis(500 * 16);
/// A registration whose flow has failed is believed for so long.
const DOUBTED: Duration = Duration::from_secs(60);
/// Two empty lines, which are answered by one over a connection and passed over in a datagram.
const EMPTY: &[u8] = b"\r\n\r\n";

/// A flow that is kept.
#[derive(Debug)]
pub(super) struct Keeping {
    at: Place,
    connection: Option<u64>,
    terms: Terms,
    /// Whether anything was answered by it.
    answered: bool,
    /// Where the registrar sees us.
    seen: Option<SocketAddr>,
    stage: Stage,
}

/// How it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terms {
    /// How long it may be quiet.
    span: Duration,
    /// Whether the registrar said that it answers.
    agreed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Resting {
        until: Instant,
    },
    Pinged {
        until: Instant,
    },
    Asked {
        id: [u8; 12],
        sent: u32,
        until: Instant,
    },
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
enum Act {
    Say(Bytes),
    GiveUp,
}

impl Terms {
    // Over a connection empty lines harm nobody; by datagram something is sent only where that is agreed on or wished for.
    fn read(response: &Message, transport: Transport, wish: Option<Duration>) -> Option<Self> {
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let kept = response.top_via().param("keep").and_then(number);
        let timer = response.header(Header::FlowTimer).and_then(number);
        let mut required = response.require();
        let agreed = kept.is_some()
            || timer.is_some()
            || required.any(|tag| tag.eq_ignore_ascii_case(OUTBOUND));
        let usual = match transport {
            Transport::Udp => DATAGRAMS,
            Transport::Tcp | Transport::Tls | Transport::Ws => CONNECTIONS,
        };
        let said = timer.or(kept).filter(|seconds| *seconds > 0);
        let said = said.map(Duration::from_secs);
        let span = said.into_iter().chain(wish).min();
        if span.is_none() && !agreed && transport == Transport::Udp {
            return None;
        }
        let span = span.unwrap_or(usual).max(Duration::from_secs(1));
        Some(Self { span, agreed })
    }

    // §4.4.1: somewhat earlier each time, so that not all ask at once.
    fn rest(self, rng: &mut StdRng, now: Instant) -> Stage {
        let until = now + self.span * rng.random_range(800..=1_000_u32) / 1_000;
        Stage::Resting { until }
    }
}

impl Keeping {
    /// Returns when something is due.
    pub fn due(&self) -> Instant {
        match self.stage {
            Stage::Resting { until } | Stage::Pinged { until } | Stage::Asked { until, .. } => {
                until
            }
        }
    }

    /// Tells whether anything was answered by it.
    pub fn is_proven(&self) -> bool {
        self.answered
    }

    // Whether silence means anything: that of who never answered may be its way.
    fn is_to_answer(&self) -> bool {
        self.terms.agreed || self.answered
    }

    fn handle_timeout(&mut self, rng: &mut StdRng, now: Instant) -> Option<Act> {
        if self.due() > now {
            return None;
        }
        match self.stage {
            Stage::Resting { .. } if self.connection.is_some() => {
                self.stage = Stage::Pinged { until: now + PONG };
                Some(Act::Say(Bytes::from_static(EMPTY)))
            }
            Stage::Resting { .. } if !self.terms.agreed => {
                self.stage = self.terms.rest(rng, now);
                Some(Act::Say(Bytes::from_static(EMPTY)))
            }
            Stage::Resting { .. } => Some(self.ask(rng.random(), 1, now)),
            Stage::Asked { id, sent, .. } if sent < MOST => Some(self.ask(id, sent + 1, now)),
            Stage::Asked { .. } => Some(Act::GiveUp),
            Stage::Pinged { .. } => {
                self.stage = self.terms.rest(rng, now);
                self.is_to_answer().then_some(Act::GiveUp)
            }
        }
    }

    fn ask(&mut self, id: [u8; 12], sent: u32, now: Instant) -> Act {
        let pause = match sent {
            MOST => LAST,
            _ => RTO * 2_u32.pow(sent - 1),
        };
        let until = now + pause;
        self.stage = Stage::Asked { id, sent, until };
        Act::Say(stun::request(id))
    }

    fn answered(&mut self, rng: &mut StdRng, now: Instant) {
        self.answered = true;
        self.stage = self.terms.rest(rng, now);
    }

    // None where it answers another question; else whether the flow is what it was.
    fn handle_binding(&mut self, said: stun::Said, rng: &mut StdRng, now: Instant) -> Option<bool> {
        let Stage::Asked { id, .. } = self.stage else {
            return None;
        };
        if id != said.id {
            return None;
        }
        self.answered(rng, now);
        let Some(seen) = said.mapped else {
            return Some(false);
        };
        // RFC 5626 §4.4.2: what leads here now is not what was registered.
        Some(self.seen.replace(seen).is_none_or(|before| before == seen))
    }
}

impl Registering {
    /// Keeps the flow that it was registered by just now.
    pub(super) fn keep_flow(
        &mut self,
        response: &Message,
        flow: &Flow,
        wish: Option<Duration>,
        rng: &mut StdRng,
        now: Instant,
    ) {
        let terms = Terms::read(response, flow.transport, wish);
        let at = self.at.map(|at| Place {
            transport: flow.transport,
            ..at
        });
        let before = self.keeping.take();
        let (Some(terms), Some(at)) = (terms, at) else {
            return;
        };
        let connection = flow.connection();
        let same = |one: &Keeping| (one.at, one.connection) == (at, connection);
        self.keeping = Some(match before.filter(same) {
            Some(before) if before.terms == terms => before,
            before => Keeping {
                at,
                connection,
                terms,
                answered: before.as_ref().is_some_and(|one| one.answered),
                seen: before.and_then(|one| one.seen),
                stage: terms.rest(rng, now),
            },
        });
    }
}

impl Endpoint {
    /// Takes notice of a line that came by a connection in answer to [`Output::KeepAlive`].
    pub fn handle_pong(&mut self, connection: u64, now: Instant) {
        let accounts = self.outreach.accounts.values_mut();
        let keepings = accounts.filter_map(|account| account.keeping.as_mut());
        for keeping in keepings.filter(|one| one.connection == Some(connection)) {
            if let Stage::Pinged { .. } = keeping.stage {
                keeping.answered(&mut self.rng, now);
            }
        }
        self.outreach.schedule();
    }

    /// Takes STUN by datagram where it is an answer, to [`Output::KeepAlive`] or to nothing; tells whether it was one.
    pub fn handle_stun_answer(&mut self, peer: SocketAddr, datagram: &[u8], now: Instant) -> bool {
        if stun::is_request(datagram) {
            return false;
        }
        let Some(said) = stun::said(datagram) else {
            return true;
        };
        for account in self.outreach.accounts.values_mut() {
            let keeping = account.keeping.as_mut();
            let keeping = keeping.filter(|one| one.at.address == peer);
            let stands = keeping.and_then(|one| one.handle_binding(said, &mut self.rng, now));
            if stands == Some(false) {
                account.give_flow_up(now);
            }
        }
        self.outreach.schedule();
        true
    }

    /// Does what is due for the flow of an account.
    pub(super) fn keep_due(&mut self, name: &str, now: Instant) {
        let Some(account) = self.outreach.accounts.get_mut(name) else {
            return;
        };
        let Some(keeping) = account.keeping.as_mut().filter(|_| account.until.is_some()) else {
            account.keeping = None;
            return;
        };
        let Some(act) = keeping.handle_timeout(&mut self.rng, now) else {
            return;
        };
        let (Place { transport, address }, connection) = (keeping.at, keeping.connection);
        let output = match act {
            Act::Say(bytes) => Output::KeepAlive {
                to: address,
                connection,
                bytes,
            },
            // It is closed, and what was registered by it is registered anew.
            Act::GiveUp if connection.is_some() => Output::Doubt {
                transport,
                to: address,
                connection,
                silence: PONG,
            },
            Act::GiveUp => return account.give_flow_up(now),
        };
        self.outputs.push_back(output);
    }
}

impl Registering {
    // A flow of datagrams leads here no more: another one is made by registering.
    fn give_flow_up(&mut self, now: Instant) {
        self.keeping = None;
        self.due = self.due.min(now);
        self.until = self.until.map(|until| until.min(now + DOUBTED));
    }
}
