//! The sections of the configuration file, one struct each, with their defaults.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use ws::id::{Number, QueueId, Skill, TrunkId, ZoneId};

use super::value::{Maybe, Origin, Ports, SourceText, Span};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The website side: widget, console, API.
    pub web: Web,
    /// The telephone side.
    pub sip: Sip,
    /// Voice packets.
    pub rtp: Rtp,
    /// The listener for operations.
    pub ops: Ops,
    /// Where things are kept.
    pub store: Store,
    /// What is logged.
    pub log: Log,
    /// How long a stop may take.
    pub drain: Drain,
    /// Agents as they are when nothing else is said of them.
    pub agents: Agents,
    /// Deadlines of work.
    pub work: Work,
    /// Calls to customers.
    pub outbound: Outbound,
    /// Development mode.
    pub dev: Dev,
    /// Where work waits, by name.
    pub queue: BTreeMap<QueueId, Queue>,
    /// Parts of websites, by name.
    pub zone: BTreeMap<ZoneId, Zone>,
    /// PBXs and carriers, by name.
    pub trunk: BTreeMap<TrunkId, Trunk>,
}

/// `[web]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Plain HTTP; leave it on loopback unless a proxy that ends TLS is in front.
    pub listen: Maybe<SocketAddr>,
    /// HTTPS, with `certificate` and `key_file`.
    pub listen_tls: Maybe<SocketAddr>,
    /// The certificate chain, PEM.
    pub certificate: Maybe<String>,
    /// Its key, PEM.
    pub key_file: Maybe<String>,
    /// Says that a proxy ends TLS in front of a plain listener that is not on loopback.
    pub behind_proxy: bool,
    /// The origins browsers reach this server by, such as `https://desk.example`; loopback names need no entry.
    pub origins: Vec<Origin>,
    /// How long an agent's credential is good for.
    pub agent_token: Span,
    /// How long a visitor's credential is good for.
    pub visitor_token: Span,
    /// The key that signs credentials; made in the store's directory if there is none.
    pub token_key_file: Maybe<String>,
    /// The most WebSockets at a time.
    pub sockets: usize,
    /// The most TCP connections at a time, WebSockets included.
    pub connections: usize,
    /// The longest WebSocket frame in bytes.
    pub frame: usize,
    /// The longest request body in bytes.
    pub body: usize,
    /// How long a client may take for its request's header.
    pub header_time: Span,
    /// Logins an address or an agent may try in a minute.
    pub logins_per_minute: u32,
    /// Visitors an address may become in a minute.
    pub visitors_per_minute: u32,
    /// Requests an address may make in a second.
    pub requests_per_second: u32,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: Maybe(Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))),
            listen_tls: Maybe(None),
            certificate: Maybe(None),
            key_file: Maybe(None),
            behind_proxy: false,
            origins: Vec::new(),
            agent_token: Span::secs(12 * 3_600),
            visitor_token: Span::secs(30 * 86_400),
            token_key_file: Maybe(None),
            sockets: 20_000,
            connections: 25_000,
            frame: 32_768,
            body: 65_536,
            header_time: Span::secs(10),
            logins_per_minute: 20,
            visitors_per_minute: 60,
            requests_per_second: 200,
        }
    }
}

/// `[sip]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// UDP and TCP.
    pub listen: SocketAddr,
    /// The address peers reach us at, where it is another than `listen`.
    pub advertise: Maybe<IpAddr>,
    /// The digest realm. Passwords are bound to it: set them anew after a change.
    pub realm: String,
    /// Calls at a time; more are told 503.
    pub calls: usize,
    /// TCP connections at a time.
    pub connections: usize,
    /// A TCP connection without traffic is closed after this.
    pub idle: Span,
    /// The longest a registration may last.
    pub registration: Span,
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)),
            advertise: Maybe(None),
            realm: "tandem".to_owned(),
            calls: 10_000,
            connections: 4_000,
            idle: Span::secs(900),
            registration: Span::secs(3_600),
        }
    }
}

/// `[rtp]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rtp {
    /// The UDP ports for voice with SIP peers; two a leg.
    pub ports: Ports,
    /// The address they are bound on and that SDP names; when empty, bound as `sip.listen`, named as `sip.advertise`.
    pub address: Maybe<IpAddr>,
    /// A port rests this long after its call.
    pub quarantine: Span,
    /// A phone that sent something and then nothing for this long, without holding the call, is gone.
    pub silence: Span,
}

impl Default for Rtp {
    fn default() -> Self {
        Self {
            ports: Ports {
                first: 30_000,
                last: 39_999,
            },
            address: Maybe(None),
            quarantine: Span::secs(3),
            silence: Span::secs(30),
        }
    }
}

/// `[ops]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ops {
    /// `/metrics`, `/healthz`, `/readyz`.
    pub listen: SocketAddr,
}

impl Default for Ops {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)),
        }
    }
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The directory of the journal, agents and keys.
    pub path: PathBuf,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            path: PathBuf::from("/var/lib/tandem"),
        }
    }
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// A level, or a filter such as `info,gateway::net=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".to_owned(),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Readable lines.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[drain]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drain {
    /// Calls and chats that run may go on this long after SIGTERM.
    pub patience: Span,
    /// What refused clients are told to wait.
    pub retry_after: Span,
}

impl Default for Drain {
    fn default() -> Self {
        Self {
            patience: Span::secs(60),
            retry_after: Span::secs(5),
        }
    }
}

/// `[agents]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agents {
    /// Chats at a time, 1 to 6.
    pub chat_slots: u8,
    /// Whether chats are offered to an agent who is in a call.
    pub chats_beside_call: bool,
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            chat_slots: 6,
            chats_beside_call: true,
        }
    }
}

/// `[work]`: see [`hub::setup::Spans`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of hub::setup::Spans")]
pub struct Work {
    pub offer: Span,
    pub misses: u8,
    pub grace: Span,
    pub wrap_up_chat: Span,
    pub wrap_up_call: Span,
    pub ring: Span,
    pub media: Span,
    pub answer_after: Span,
    pub unheard: Span,
    pub retries: Vec<Span>,
    pub familiar: Span,
    pub idle_chat: Span,
    pub visitor_gone: Span,
    pub longest: Span,
}

impl Default for Work {
    fn default() -> Self {
        let spans = hub::setup::Spans::default();
        Self {
            offer: Span(spans.offer),
            misses: spans.misses,
            grace: Span(spans.grace),
            wrap_up_chat: Span(spans.wrap_up_chat),
            wrap_up_call: Span(spans.wrap_up_call),
            ring: Span(spans.ring),
            media: Span(spans.media),
            answer_after: Span(spans.answer_after),
            unheard: Span(spans.unheard),
            retries: spans.retries.into_iter().map(Span).collect(),
            familiar: Span(spans.familiar),
            idle_chat: Span(spans.idle_chat),
            visitor_gone: Span(spans.visitor_gone),
            longest: Span(spans.longest),
        }
    }
}

/// `[outbound]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// The trunk customers are called by; without one nobody is called.
    pub trunk: Maybe<TrunkId>,
    /// The number they are shown.
    pub caller_number: Maybe<Number>,
    /// Numbers that are never called.
    pub suppressed: Vec<Number>,
}

/// `[dev]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dev {
    /// One password for all demo agents; made at the first start when empty. Development mode only.
    pub password: String,
}

/// `[queue.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// What an agent must be able to do, with the least level, 1 to 10.
    pub skills: BTreeMap<Skill, u8>,
    /// 0 to 9, higher goes first.
    pub priority: u8,
    /// How many may wait.
    pub limit: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            skills: BTreeMap::new(),
            priority: 5,
            limit: 1_000,
        }
    }
}

/// `[zone.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Where its chats wait.
    pub queue: QueueId,
    /// What the widget is headed with.
    #[serde(default = "zone_title")]
    pub title: String,
    /// What the widget says first.
    #[serde(default = "zone_greeting")]
    pub greeting: String,
    /// The websites it may be used on, beside `web.origins`.
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// Whether visitors may write.
    #[serde(default = "yes")]
    pub chat: bool,
    /// Whether visitors may ask to be called now.
    #[serde(default = "yes")]
    pub call: bool,
    /// Whether visitors may ask to be called later.
    #[serde(default = "yes")]
    pub callback: bool,
    /// What the website signs identities with (HS256), at least 32 bytes.
    #[serde(default)]
    pub identity_secret: String,
    /// A file that holds it.
    #[serde(default)]
    pub identity_secret_file: Maybe<String>,
}

fn zone_title() -> String {
    "Talk to us".to_owned()
}

fn zone_greeting() -> String {
    "Hello! How can we help?".to_owned()
}

const fn yes() -> bool {
    true
}

/// `[trunk.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Where its calls come from; empty for a trunk that is only called.
    #[serde(default)]
    pub sources: Vec<SourceText>,
    /// Where calls are sent to.
    pub target: SocketAddr,
    /// Over what.
    #[serde(default)]
    pub transport: TrunkTransport,
    /// The account we hold there.
    #[serde(default)]
    pub user: String,
    /// Its password.
    #[serde(default)]
    pub password: String,
    /// A file that holds it.
    #[serde(default)]
    pub password_file: Maybe<String>,
    /// Whether its identity headers are believed, and ours sent.
    #[serde(default)]
    pub trusted: bool,
    /// Calls at a time in both directions; 0 for no bound of its own.
    #[serde(default)]
    pub calls: u32,
    /// Which queue a called user part leads to; a user part that names a queue needs no entry.
    #[serde(default)]
    pub routes: BTreeMap<String, QueueId>,
}

/// What a trunk's calls are sent over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
}
