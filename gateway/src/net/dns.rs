//! The DNS: asks it what the SIP endpoint wants to know, and names its crate here alone.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};
use sip::{
    families::Family,
    locate::{Answer, Kind, Naptr, Query, Record, Srv},
    sdp::HostName,
};
use tokio::sync::{Semaphore, mpsc};

use super::hosts::{Found, Sought};

/// Questions that may be under way at a time, and as many for media; more wait for their turn.
const AT_ONCE: usize = 32;
/// How long one server of the DNS may take, and how often each is asked.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// How long a call waits for the address of its media.
const SOON: Duration = Duration::from_secs(2);
/// How long it holds that there is nothing, where the DNS does not say.
const NOTHING: Duration = Duration::from_secs(60);

/// An answer with its question.
pub struct Reply {
    /// What was asked.
    pub query: Query,
    /// What the DNS says.
    pub answer: Answer,
}

/// Who answers questions to the DNS.
pub struct Dns {
    /// None where the system names no server; then no question is answered.
    resolver: Option<TokioResolver>,
    room: Arc<Semaphore>,
    /// For hosts of media alone, which peers name: no trunk waits behind them.
    media_room: Arc<Semaphore>,
}

impl Dns {
    /// Asks `servers`, or those the system names where there are none.
    pub fn new(servers: &[SocketAddr]) -> anyhow::Result<Self> {
        let provider = TokioRuntimeProvider::default();
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio()
        } else {
            let servers = servers.iter().map(|server| name_server(*server)).collect();
            let config = ResolverConfig::from_name_servers(servers);
            Ok(TokioResolver::builder_with_config(config, provider))
        };
        let resolver = match builder {
            Ok(mut builder) => {
                let options = builder.options_mut();
                options.timeout = PATIENCE;
                options.attempts = ATTEMPTS;
                // The endpoint keeps what it is told as long as it holds; nothing is kept twice.
                options.cache_size = 0;
                Some(builder.build().context("beginning to ask the DNS")?)
            }
            Err(error) => {
                tracing::debug!(%error, "the system names no DNS server; no name is found");
                None
            }
        };
        Ok(Self {
            resolver,
            room: Arc::new(Semaphore::new(AT_ONCE)),
            media_room: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Asks, and tells the answer whenever it comes; nobody waits for it.
    pub fn ask(self: &Arc<Self>, query: Query, told: mpsc::Sender<Reply>) {
        let dns = self.clone();
        tokio::spawn(async move {
            let Ok(_room) = dns.room.acquire().await else {
                return;
            };
            let answer = dns.answer(&query).await;
            // The endpoint has gone when it does not hear this.
            let _ = told.send(Reply { query, answer }).await;
        });
    }

    /// Asks where hosts are, and tells what was found within [`SOON`].
    pub fn find(self: &Arc<Self>, sought: Sought, told: mpsc::Sender<Found>) {
        let dns = self.clone();
        tokio::spawn(async move {
            let Sought { call, hosts } = sought;
            let mut addresses = Vec::new();
            let looking = async {
                for host in hosts {
                    addresses.extend(dns.address(host).await);
                }
            };
            if tokio::time::timeout(SOON, looking).await.is_err() {
                tracing::debug!("the DNS did not say in time where the media of a call is");
            }
            // The endpoint has gone when it does not hear this.
            let _ = told.send(Found { call, addresses }).await;
        });
    }

    async fn address(&self, host: HostName) -> Option<(HostName, IpAddr)> {
        let _room = self.media_room.acquire().await.ok()?;
        let query = Query {
            name: host.name.clone(),
            kind: match host.family {
                Family::V4 => Kind::A,
                Family::V6 => Kind::Aaaa,
            },
        };
        let Answer::Found { records, .. } = self.answer(&query).await else {
            return None;
        };
        let address = records.iter().find_map(|one| match one {
            Record::Address(address) => Some(*address),
            Record::Naptr(_) | Record::Srv(_) => None,
        });
        Some((host, address?))
    }

    async fn answer(&self, query: &Query) -> Answer {
        let Some(resolver) = &self.resolver else {
            return Answer::Failed;
        };
        // With its dot at the end no search domain is put behind it.
        let Ok(name) = Name::from_ascii(format!("{}.", query.name)) else {
            return Answer::Absent { ttl: NOTHING };
        };
        let kind = match query.kind {
            Kind::Naptr => RecordType::NAPTR,
            Kind::Srv => RecordType::SRV,
            Kind::A => RecordType::A,
            Kind::Aaaa => RecordType::AAAA,
        };
        match resolver.lookup(name, kind).await {
            Ok(found) => Answer::Found {
                ttl: found
                    .valid_until()
                    .saturating_duration_since(Instant::now()),
                records: found
                    .answers()
                    .iter()
                    .filter_map(|one| record(&one.data))
                    .collect(),
            },
            Err(error) => nothing(query, &error),
        }
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut one| {
        one.port = address.port();
        one
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

fn nothing(query: &Query, error: &NetError) -> Answer {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none))
            if matches!(
                none.response_code,
                ResponseCode::NXDomain | ResponseCode::NoError
            ) =>
        {
            let ttl = none.negative_ttl;
            Answer::Absent {
                ttl: ttl.map_or(NOTHING, |ttl| Duration::from_secs(u64::from(ttl))),
            }
        }
        error => {
            tracing::debug!(name = query.name, kind = ?query.kind, %error, "the DNS did not answer");
            Answer::Failed
        }
    }
}

fn record(data: &RData) -> Option<Record> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match data {
        RData::NAPTR(naptr) => Some(Record::Naptr(Naptr {
            order: naptr.order,
            preference: naptr.preference,
            flags: text(&naptr.flags),
            services: text(&naptr.services),
            replacement: plain(&naptr.replacement),
        })),
        RData::SRV(srv) => Some(Record::Srv(Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: plain(&srv.target),
        })),
        RData::A(address) => Some(Record::Address(address.0.into())),
        RData::AAAA(address) => Some(Record::Address(address.0.into())),
        // Aliases, which were followed, and whatever else stands beside them.
        _ => None,
    }
}

// Without the dot at its end; a root alone is empty.
fn plain(name: &Name) -> String {
    let text = name.to_ascii().to_ascii_lowercase();
    text.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sip::endpoint::CallKey;
    use tokio::net::UdpSocket;

    use super::*;

    // The first label of the name that is asked for.
    async fn asked(server: &UdpSocket) -> String {
        let mut packet = [0; 1_500];
        let (length, _) = server.recv_from(&mut packet).await.unwrap();
        let question = &packet[12..length];
        let label = &question[1..=usize::from(question[0])];
        String::from_utf8_lossy(label).into_owned()
    }

    #[tokio::test]
    async fn no_trunk_waits_behind_hosts_of_media_of_which_the_dns_says_nothing() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = Arc::new(Dns::new(&[server.local_addr().unwrap()]).unwrap());
        let (found, mut sounds) = mpsc::channel(AT_ONCE * 2);
        for number in 0..AT_ONCE * 2 {
            let host = HostName {
                name: format!("m{number}.example"),
                family: Family::V4,
            };
            let sought = Sought {
                call: CallKey::Out(u64::try_from(number).unwrap()),
                hosts: vec![host],
            };
            dns.find(sought, found.clone());
        }
        let mut names = BTreeSet::new();
        while names.len() < AT_ONCE {
            names.insert(asked(&server).await);
        }

        let (told, _replies) = mpsc::channel(1);
        let query = Query {
            name: "trunk.example".to_owned(),
            kind: Kind::A,
        };
        dns.ask(query, told);

        while asked(&server).await != "trunk" {}
        assert!(sounds.try_recv().is_err(), "it waited until one gave up");
    }
}
