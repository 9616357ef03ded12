//! Where a host name's SIP servers are (RFC 3263 §4, RFC 2782): asks for NAPTR, then SRV, then addresses, each only where the
//! one before leaves it open. What the DNS answers is told from outside.

mod query;
mod servers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use query::{Answer, Kind, Naptr, Query, Record, Srv};
pub use servers::{Located, Server};

use crate::endpoint::Transport;
use crate::families::{Families, Family};

/// How many NAPTR records of a name count, and SRV records of a name, and addresses of a server of each family; the others are
/// left out.
const MOST_SERVICES: usize = 8;
const MOST_SERVERS: usize = 16;
const MOST_ADDRESSES: usize = 8;
/// How many places of a name count altogether.
const MOST_PLACES: usize = 32;

/// How the servers of a host name are to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// By whatever the DNS prefers: UDP, TCP or TLS.
    Any,
    /// By UDP alone.
    Udp,
    /// By TCP alone.
    Tcp,
    /// By TLS alone, as a `sips:` URI asks.
    Secure,
}

/// A host name to be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The name, in lowercase and without a dot at its end.
    pub host: String,
    /// The port, where it is given; then neither NAPTR nor SRV records are asked for (RFC 3263 §4.2).
    pub port: Option<u16>,
    /// How.
    pub wish: Wish,
    /// Which addresses can be sent to.
    pub families: Families<()>,
}

/// Why no server was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLocated {
    /// The DNS knows of none, and will not for so long.
    #[error("the DNS knows no server of this name")]
    Absent(Duration),
    /// The DNS did not answer.
    #[error("the DNS did not answer")]
    NoAnswer,
}

/// Finds the servers of one name, once.
#[derive(Debug)]
pub struct Locator {
    question: Question,
    to_ask: VecDeque<Query>,
    asked: BTreeSet<Query>,
    /// What is led to by a query that has no answer yet, by that query.
    awaited: BTreeMap<Query, Vec<Lead>>,
    found: Vec<Found>,
    ttl: Duration,
    failed: bool,
    /// Whether there are SRV records, even one that says that the service is not there.
    has_services: bool,
    /// What NAPTR records name first: the way to the name itself where the services they name are not there.
    preferred: Option<Transport>,
}

/// What an answer will be used for.
#[derive(Clone, Copy, Debug)]
enum Lead {
    /// The NAPTR records of the name itself.
    Services,
    /// The SRV records of one service; `rank` orders it among others.
    Service { transport: Transport, rank: u16 },
    /// The addresses of one server.
    Server(usize),
}

/// A server whose addresses may not be known yet.
#[derive(Debug)]
struct Found {
    rank: (u16, u16),
    weight: u16,
    transport: Transport,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// No answer is kept for longer.
const LONGEST: Duration = Duration::from_secs(86_400);

impl Locator {
    /// Begins; [`Self::poll_query`] then says what to ask the DNS.
    pub fn new(question: Question) -> Self {
        let mut locator = Self {
            question,
            to_ask: VecDeque::new(),
            asked: BTreeSet::new(),
            awaited: BTreeMap::new(),
            found: Vec::new(),
            ttl: LONGEST,
            failed: false,
            has_services: false,
            preferred: None,
        };
        let host = locator.question.host.clone();
        match (locator.question.port, locator.question.wish) {
            (Some(port), _) => locator.serve(0, locator.plain_transport(), port),
            (None, Wish::Any | Wish::Secure) => {
                locator.ask(&host, Kind::Naptr, Lead::Services);
            }
            (None, Wish::Udp | Wish::Tcp) => locator.ask_services(),
        }
        locator
    }

    /// Returns what the DNS is to be asked next.
    pub fn poll_query(&mut self) -> Option<Query> {
        self.to_ask.pop_front()
    }

    /// Takes what the DNS said; an answer that was not asked for is ignored.
    pub fn handle_answer(&mut self, query: &Query, answer: Answer) {
        // The same question may come from several; its answer serves all.
        let Some(leads) = self.awaited.remove(query) else {
            return;
        };
        let records = match answer {
            Answer::Found { records, ttl } => {
                self.ttl = self.ttl.min(ttl);
                records
            }
            Answer::Absent { ttl } => {
                self.ttl = self.ttl.min(ttl);
                Vec::new()
            }
            Answer::Failed => {
                self.failed = true;
                Vec::new()
            }
        };
        for lead in leads {
            match lead {
                Lead::Services => self.services(&records),
                Lead::Service { transport, rank } => self.service(&records, transport, rank),
                Lead::Server(at) => self.addresses(&records, at),
            }
        }
    }

    /// Takes everything that has no answer as failed.
    pub fn give_up(&mut self) {
        while let Some(query) = self.awaited.keys().next().cloned() {
            self.handle_answer(&query, Answer::Failed);
        }
        self.to_ask.clear();
    }

    /// Returns what came of it, once nothing is left to be asked.
    pub fn outcome(&self) -> Option<Result<Located, NotLocated>> {
        if !self.awaited.is_empty() {
            return None;
        }
        let mut servers: Vec<Server> = self.found.iter().filter_map(Found::server).collect();
        // The sort is stable: what is equal stays as it was told.
        servers.sort_by_key(|server| server.rank);
        let mut room = MOST_PLACES;
        servers.retain_mut(|server| {
            server.addresses.truncate(room);
            room -= server.addresses.len();
            !server.addresses.is_empty()
        });
        Some(match (servers.is_empty(), self.failed) {
            (true, true) => Err(NotLocated::NoAnswer),
            (true, false) => Err(NotLocated::Absent(self.ttl)),
            (false, failed) => Ok(Located {
                servers,
                ttl: self.ttl,
                is_whole: !failed,
            }),
        })
    }

    // RFC 3263 §4.1: the services that we speak, the most preferred first.
    fn services(&mut self, records: &[Record]) {
        let wish = self.question.wish;
        let mut found: Vec<(&Naptr, Transport)> = records
            .iter()
            .filter_map(Record::naptr)
            .filter_map(|naptr| Some((naptr, naptr.transport()?)))
            .filter(|(_, transport)| wish == Wish::Any || *transport == Transport::Tls)
            .collect();
        found.sort_by_key(|(naptr, _)| (naptr.order, naptr.preference));
        found.truncate(MOST_SERVICES);
        if found.is_empty() {
            return self.ask_services();
        }
        self.preferred = found.first().map(|(_, transport)| *transport);
        for (rank, (naptr, transport)) in (0..).zip(found) {
            let lead = Lead::Service { transport, rank };
            self.ask(&naptr.replacement, Kind::Srv, lead);
        }
    }

    // RFC 3263 §4.1: without NAPTR records, the SRV records of whatever we speak.
    fn ask_services(&mut self) {
        let host = self.question.host.clone();
        let services: &[(Transport, &str)] = match self.question.wish {
            Wish::Any => &[
                (Transport::Udp, "_sip._udp"),
                (Transport::Tcp, "_sip._tcp"),
                (Transport::Tls, "_sips._tcp"),
            ],
            Wish::Udp => &[(Transport::Udp, "_sip._udp")],
            Wish::Tcp => &[(Transport::Tcp, "_sip._tcp")],
            Wish::Secure => &[(Transport::Tls, "_sips._tcp")],
        };
        for (rank, (transport, service)) in (0..).zip(services) {
            let transport = *transport;
            let lead = Lead::Service { transport, rank };
            self.ask(&format!("{service}.{host}"), Kind::Srv, lead);
        }
    }

    fn service(&mut self, records: &[Record], transport: Transport, rank: u16) {
        let servers: Vec<&Srv> = records.iter().filter_map(Record::srv).collect();
        self.has_services |= !servers.is_empty();
        // RFC 2782: a single dot means that the service is not there.
        let offered = servers.iter().filter(|srv| !srv.target.is_empty());
        for srv in offered.take(MOST_SERVERS) {
            let at = self.found.len();
            self.found.push(Found {
                rank: (rank, srv.priority),
                weight: srv.weight,
                transport,
                port: srv.port,
                addresses: Vec::new(),
            });
            self.ask_addresses(&srv.target, at);
        }
        let others = self
            .awaited
            .values()
            .flatten()
            .any(|lead| matches!(lead, Lead::Service { .. }));
        // RFC 3263 §4.2: no SRV record at all leaves the name itself.
        if !others && !self.has_services {
            let transport = self.plain_transport();
            self.serve(0, transport, transport.default_port());
        }
    }

    fn plain_transport(&self) -> Transport {
        if let Some(transport) = self.preferred {
            return transport;
        }
        match self.question.wish {
            Wish::Any | Wish::Udp => Transport::Udp,
            Wish::Tcp => Transport::Tcp,
            Wish::Secure => Transport::Tls,
        }
    }

    // The name itself is the server.
    fn serve(&mut self, rank: u16, transport: Transport, port: u16) {
        let at = self.found.len();
        self.found.push(Found {
            rank: (rank, 0),
            weight: 0,
            transport,
            port,
            addresses: Vec::new(),
        });
        let host = self.question.host.clone();
        self.ask_addresses(&host, at);
    }

    fn ask_addresses(&mut self, host: &str, at: usize) {
        let families = self.question.families;
        for (family, ()) in families.iter() {
            let kind = match family {
                Family::V4 => Kind::A,
                Family::V6 => Kind::Aaaa,
            };
            self.ask(host, kind, Lead::Server(at));
        }
    }

    fn addresses(&mut self, records: &[Record], at: usize) {
        let Some(found) = self.found.get_mut(at) else {
            return;
        };
        let families = &self.question.families;
        for address in records.iter().filter_map(Record::address) {
            let family = Family::of(address);
            let of_it = found
                .addresses
                .iter()
                .filter(|one| Family::of(**one) == family);
            if families.get(family).is_some() && of_it.count() < MOST_ADDRESSES {
                found.addresses.push(address);
            }
        }
    }

    fn ask(&mut self, name: &str, kind: Kind, lead: Lead) {
        let query = Query {
            name: name.to_ascii_lowercase(),
            kind,
        };
        self.awaited.entry(query.clone()).or_default().push(lead);
        if self.asked.insert(query.clone()) {
            self.to_ask.push_back(query);
        }
    }
}

impl Found {
    fn server(&self) -> Option<Server> {
        let of = |family| {
            let told = self.addresses.iter();
            told.filter(move |ip| Family::of(**ip) == family)
        };
        // RFC 7984, RFC 6724: IPv6 in front, and the other family next, as the first may lead nowhere.
        let mut addresses: Vec<_> = [Family::V6, Family::V4]
            .into_iter()
            .flat_map(|family| of(family).enumerate())
            .collect();
        addresses.sort_by_key(|(at, _)| *at);
        let addresses = addresses.into_iter();
        let addresses: Vec<_> = addresses
            .map(|(_, ip)| SocketAddr::new(*ip, self.port))
            .collect();
        (!addresses.is_empty()).then_some(Server {
            rank: self.rank,
            weight: self.weight,
            transport: self.transport,
            addresses,
        })
    }
}
