//! The telephone side: `[sip]`, `[rtp]`, `[trunk.NAME]`.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use serde::{Deserialize, Serialize};
use sip::families::Families;
use ws::id::{AgentId, TrunkId};

use super::{
    SipGuard, TrunkCaller, TrunkLimits, TrunkLogin, TrunkNumbers, TrunkStir,
    srtp::{KeysName, SrtpName},
};
use crate::config::value::{Dscp, Each, Maybe, MaybeEach, Place, Ports, SourceText, Span, Written};

/// `[sip]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// UDP and TCP: one address, or a list of one of IPv4 and one of IPv6. Peers are of the families that are here.
    pub listen: Each<SocketAddr>,
    /// TLS, one address or a list of one of each family; usually port 5061.
    pub listen_tls: MaybeEach<SocketAddr>,
    /// The certificate chain shown by TLS, PEM; that of `[web]` when empty.
    pub certificate: Maybe<String>,
    /// Its key, PEM.
    pub key_file: Maybe<String>,
    /// Who signs the certificates of peers that we connect to, PEM; the system's authorities when empty.
    pub authority: Maybe<String>,
    /// Who signs the certificates that peers show us, PEM; none is asked for when empty.
    pub client_authority: Maybe<String>,
    /// The address peers reach us at, where it is another than `listen`; one of each family where both are listened to.
    pub advertise: MaybeEach<IpAddr>,
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
    /// The DNS servers that trunks named by host are looked up with; the system's when empty.
    pub dns: Vec<Written<SocketAddr>>,
    /// Whether registered phones that are held are told so.
    pub hold: HoldName,
    /// The class its packets are marked with, but for those of WebSockets.
    pub dscp: Dscp,
    /// Bounds for sources that no trunk names.
    pub guard: SipGuard,
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            listen: Each(Families::V4((Ipv4Addr::LOCALHOST, 5060).into())),
            listen_tls: MaybeEach(None),
            certificate: Maybe(None),
            key_file: Maybe(None),
            authority: Maybe(None),
            client_authority: Maybe(None),
            advertise: MaybeEach(None),
            realm: "tandem".to_owned(),
            calls: 10_000,
            connections: 4_000,
            idle: Span::secs(900),
            registration: Span::secs(3_600),
            dns: Vec::new(),
            hold: HoldName::Music,
            dscp: Dscp::CS3,
            guard: SipGuard::default(),
        }
    }
}

/// `[rtp]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rtp {
    /// The UDP ports for voice with SIP peers; two a leg.
    pub ports: Ports,
    /// The address they are bound on and that SDP names, or one of each family; when empty, bound as `sip.listen`, named as
    /// `sip.advertise`.
    pub address: MaybeEach<IpAddr>,
    /// A port rests this long after its call.
    pub quarantine: Span,
    /// The codecs spoken with phones, and with trunks that have no list of their own, the best first.
    pub codecs: Vec<CodecName>,
    /// Whether voice is secured with phones, and with trunks that do not say otherwise.
    pub srtp: SrtpName,
    /// The same for single phones, by agent.
    pub srtp_phones: BTreeMap<AgentId, SrtpName>,
    /// How keys may be agreed on; our offers name the first that may be used.
    pub srtp_keys: Vec<KeysName>,
    /// Whether keys stand in SIP messages that do not travel by TLS, too.
    pub sdes_in_clear: bool,
    /// A phone that sent something and then nothing for this long, no report (RTCP) either, without holding the call, is gone.
    pub silence: Span,
    /// The class voice is marked with, that of browsers too.
    pub dscp: Dscp,
}

impl Default for Rtp {
    fn default() -> Self {
        Self {
            ports: Ports {
                first: 30_000,
                last: 39_999,
            },
            address: MaybeEach(None),
            quarantine: Span::secs(3),
            codecs: vec![CodecName::Pcma, CodecName::Pcmu],
            srtp: SrtpName::Off,
            srtp_phones: BTreeMap::new(),
            srtp_keys: vec![KeysName::Sdes, KeysName::Dtls],
            sdes_in_clear: false,
            silence: Span::secs(30),
            dscp: Dscp::EF,
        }
    }
}

/// `[trunk.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Where its calls come from; empty for a trunk that is only called.
    #[serde(default)]
    pub sources: Vec<SourceText>,
    /// Where calls are sent to.
    pub target: Place,
    /// Over what.
    #[serde(default)]
    pub transport: TrunkTransport,
    /// The name that its certificate must carry, over TLS; its address when empty.
    #[serde(default)]
    pub tls_name: String,
    /// The name in the certificate that it shows us: requests without one are not the trunk's.
    #[serde(default)]
    pub certificate: String,
    /// The account we hold there.
    #[serde(default)]
    pub user: String,
    /// Its password.
    #[serde(default)]
    pub password: String,
    /// A file that holds it.
    #[serde(default)]
    pub password_file: Maybe<String>,
    /// The account it holds with us.
    #[serde(default)]
    pub login: TrunkLogin,
    /// Whether its identity headers are believed, and ours sent.
    #[serde(default)]
    pub trusted: bool,
    /// Calls at a time in both directions; 0 for no bound of its own.
    #[serde(default)]
    pub calls: u32,
    /// The carrier that it is of, by which `outbound.trunk` may name all of its trunks.
    #[serde(default)]
    pub carrier: Maybe<TrunkId>,
    /// Trunks of a carrier are tried by priority, the lowest first.
    #[serde(default = "first")]
    pub priority: u16,
    /// How many of the calls begin by it, against others of the same priority; 0 for none while others are there.
    #[serde(default = "first")]
    pub weight: u16,
    /// How it writes telephone numbers.
    #[serde(default)]
    pub numbers: TrunkNumbers,
    /// Who calls, as it is told.
    #[serde(default)]
    pub caller: TrunkCaller,
    /// How many calls go each way.
    #[serde(default)]
    pub limits: TrunkLimits,
    /// Who vouches for numbers.
    #[serde(default)]
    pub stir: TrunkStir,
    /// Where else calls are sent when the target does not answer or says 503, in order of preference.
    #[serde(default)]
    pub further: Vec<Place>,
    /// How often OPTIONS asks whether it is there; 0 for never.
    #[serde(default = "never")]
    pub qualify: Span,
    /// How long its answer may take; a place that brings none twice in a row is passed over.
    #[serde(default = "answer")]
    pub qualify_answer: Span,
    /// How long our registration there is asked for; 0 for a trunk that knows us by our address.
    #[serde(default = "never")]
    pub register: Span,
    /// How often at least something is sent to keep the way open that it was registered by; 0 for as often as the registrar says.
    #[serde(default = "never")]
    pub keep_alive: Span,
    /// The domain of the account, in From, To and P-Asserted-Identity of its calls too; when empty, the target's address, and ours.
    #[serde(default)]
    pub domain: String,
    /// Whether a transfer to a number is handed to it by REFER, so that the call leaves the house; where it refuses, the
    /// number is called from here.
    #[serde(default)]
    pub refer: bool,
    /// How long its callers may hear announcements and music before their call is answered; 0 where they are answered first.
    #[serde(default = "never")]
    pub early_media: Span,
    /// Whether those it connects us with are told that they are held.
    #[serde(default)]
    pub hold: HoldName,
    /// The codecs spoken with it, the best first; those of `[rtp]` when empty.
    #[serde(default)]
    pub codecs: Vec<CodecName>,
    /// Whether voice is secured with it; as `rtp.srtp` when empty.
    #[serde(default)]
    pub srtp: Maybe<SrtpName>,
    /// Which queue or menu a called user part leads to; a user part that names one needs no entry.
    #[serde(default)]
    pub routes: BTreeMap<String, String>,
}

const fn first() -> u16 {
    1
}

const fn answer() -> Span {
    Span::secs(4)
}

const fn never() -> Span {
    Span::secs(0)
}

/// `[transfer]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transfer {
    /// Numbers that calls may be handed on to, or that may be asked; one that ends with `*` stands for all that begin so.
    pub numbers: Vec<String>,
}

/// A codec, by its name in SDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodecName {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// G.722.
    G722,
    /// Opus.
    Opus,
}

/// How somebody is put on hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldName {
    /// By music alone.
    #[default]
    Music,
    /// By music, and an offer that says so.
    Signal,
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
    /// A connection under TLS.
    Tls,
    /// What the DNS prefers, for a host name without a port.
    Any,
}
