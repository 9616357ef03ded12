//! A trunk: a PBX or carrier known by the address it sends from, by its certificate, or by what it proves with digest.

mod manner;
mod numbers;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::endpoint::{Account, Transport};
use crate::locate::{Question, Wish};
use crate::message::{Header, Message, Uri, host_of};
pub use manner::{Bounds, Manner, Mark, MarkSet};
pub use numbers::{NumberForm, NumberPlan};

/// A PBX or carrier that may call us, and that outbound calls may leave by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// Its name in the configuration, in events and in [`crate::endpoint::Target::Trunk`].
    pub name: String,
    /// Where its requests come from, without digest; empty for a trunk that is only called, or proves itself each time.
    pub sources: Vec<Source>,
    /// Where its calls are sent to.
    pub target: Destination,
    /// What its calls are sent over to an address; the servers of a name say it themselves.
    pub transport: Transport,
    /// The name that the certificate of its connections must carry, in lowercase; requests without it are not the trunk's.
    pub certificate: Option<String>,
    /// What answers its 401 and 407, if it asks.
    pub credentials: Option<TrunkCredentials>,
    /// The account with us by which it proves itself where the address of a call does not tell that it is its.
    pub login: Option<TrunkLogin>,
    /// Whether its identity headers are believed, and ours sent to it (DESIGN 4).
    pub trusted: bool,
    /// The most calls it may have at a time in both directions together; more are told 503.
    pub max_calls: Option<u32>,
    /// How the way to it is kept.
    pub reach: Reach,
    /// How it is spoken to.
    pub manner: Manner,
}

/// Where a trunk's calls are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An address.
    At(SocketAddr),
    /// A host name, whose servers the DNS knows (RFC 3263).
    Named(Question),
}

impl From<SocketAddr> for Destination {
    fn from(address: SocketAddr) -> Self {
        Self::At(address)
    }
}

impl Destination {
    /// Returns its host as it stands in a URI.
    pub fn host(&self) -> String {
        match self {
            Self::At(address) => host_of(address.ip()),
            Self::Named(question) => question.host.clone(),
        }
    }

    fn port(&self) -> Option<u16> {
        match self {
            Self::At(address) => Some(address.port()),
            Self::Named(question) => question.port,
        }
    }
}

/// Where one request to a trunk is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Over what.
    pub transport: Transport,
    /// To where.
    pub address: SocketAddr,
}

/// How the way to a trunk is kept: other places, probes, our registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Where calls are sent to when the target does not answer or says 503, in order of preference.
    pub further: Vec<Destination>,
    /// How often OPTIONS asks each place whether it is there; calls leave out a place that is not.
    pub qualify: Option<Duration>,
    /// How long an answer to that may take, 4 s where nothing is said; a place that brings none twice in a row is not there.
    pub answer: Option<Duration>,
    /// How long a registration of ours is asked for, where the trunk knows us by one; it needs credentials.
    pub register: Option<Duration>,
    /// How long the flow that registered us may be quiet, where it is to be kept open more often than the registrar says.
    pub keep_alive: Option<Duration>,
    /// The domain of the account, in From, To and P-Asserted-Identity too; when empty, the target's address, and ours.
    pub domain: String,
    /// The called users that lead somewhere of their own, in E.164 where the number plan tells: of a call to our registration the
    /// account is called unless the number that was dialled is one of them.
    pub routed: BTreeSet<String>,
}

impl Trunk {
    /// Returns whom an INVITE of its calls: the user part of the Request-URI, unescaped, in E.164 where the number plan tells;
    /// empty when it has none. A call to our registration names its account there (RFC 3261 §10), and the number that was
    /// dialled in P-Called-Party-ID (RFC 7315 §4.2) or To.
    pub fn called(&self, invite: &Message) -> String {
        let read = |user: String| self.manner.numbers.read(&user);
        let called = invite.request_uri();
        let user = called
            .and_then(|uri| uri.user_decoded())
            .unwrap_or_default();
        let account = self
            .credentials
            .as_ref()
            .filter(|_| self.reach.register.is_some());
        if account.is_none_or(|account| account.user != user) {
            return read(called.and_then(|uri| uri.subscriber()).unwrap_or_default());
        }
        let named = invite
            .addresses(Header::PCalledPartyId)
            .filter_map(Result::ok);
        let named = named.filter_map(|one| one.uri().subscriber());
        let mut dialled = named
            .chain(invite.to().uri().subscriber())
            .filter(|one| !one.is_empty() && *one != user)
            .map(read)
            .peekable();
        let first = dialled.peek().cloned();
        let account = read(user.clone());
        let routed = |one: &String| self.reach.routed.contains(one);
        match dialled.find(routed) {
            Some(number) => number,
            None if routed(&account) => account,
            None => first.unwrap_or(account),
        }
    }

    /// Returns where its calls may be sent to, in order of preference.
    pub fn destinations(&self) -> impl Iterator<Item = &Destination> {
        std::iter::once(&self.target).chain(&self.reach.further)
    }

    /// Returns the marks it is sent.
    pub fn marks(&self) -> MarkSet {
        let usual = if self.trusted {
            MarkSet::ALL
        } else {
            MarkSet::SESSION
        };
        self.manner.marks.unwrap_or(usual)
    }

    /// Returns the URI of `user` there, without what it is sent over.
    pub fn address_of(user: Option<&str>, there: &Destination) -> Option<Uri> {
        Uri::sip(user, &there.host(), there.port()).ok()
    }

    /// Returns the URI by which the carrier knows a number: in the domain of the account, where there is one.
    pub fn known_as(&self, number: &str) -> Option<Uri> {
        match self.reach.domain.as_str() {
            "" => Self::address_of(Some(number), &self.target),
            domain => Uri::sip(Some(number), domain, None).ok(),
        }
    }

    /// Returns the URI of `user` there, as requests are sent to.
    pub fn uri_at(&self, user: Option<&str>, there: &Destination) -> Option<Uri> {
        let uri = Self::address_of(user, there)?;
        let transport = match there {
            Destination::At(_) => self.transport,
            Destination::Named(question) => match question.wish {
                Wish::Any | Wish::Udp => Transport::Udp,
                Wish::Tcp => Transport::Tcp,
                Wish::Secure => Transport::Tls,
            },
        };
        match transport {
            Transport::Udp => Some(uri),
            Transport::Tcp | Transport::Tls | Transport::Ws => {
                let name = transport.uri_name();
                uri.with_param("transport", Some(name)).ok()
            }
        }
    }

    /// Tells whether a request from `address`, by a connection whose peer proved `names`, comes from this trunk; `is_there`
    /// tells whether it is one of the addresses its names stand for. Where a certificate is asked for, it is enough unless
    /// sources are named too.
    pub fn accepts(
        &self,
        address: IpAddr,
        names: &[String],
        is_there: impl Fn(&Question) -> bool,
    ) -> bool {
        let at_target = || {
            self.destinations().any(|there| match there {
                Destination::At(place) => place.ip().to_canonical() == address.to_canonical(),
                Destination::Named(question) => is_there(question),
            })
        };
        let near = self.sources.iter().any(|source| match source {
            Source::Target => at_target(),
            Source::Network(_) | Source::AnyLoopback => source.contains(address),
        });
        match &self.certificate {
            Some(name) => names.contains(name) && (near || self.sources.is_empty()),
            None => near,
        }
    }

    /// Tells whether `address` is let in only because it is a loopback address.
    pub fn is_open_to_loopback(&self, address: IpAddr) -> bool {
        let named = self
            .sources
            .iter()
            .any(|source| matches!(source, Source::Network(_)) && source.contains(address));
        !named && self.accepts(address, &[], |_| false)
    }
}

/// The account we hold at a trunk, for its digest challenges (RFC 3261 §22).
#[derive(Clone, PartialEq, Eq)]
pub struct TrunkCredentials {
    /// The user name of the account.
    pub user: String,
    /// Its password in clear, since the realm is only known from the challenge.
    pub password: String,
}

// The password stays out of logs.
impl std::fmt::Debug for TrunkCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrunkCredentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The account that a trunk holds with us (RFC 3261 §22, RFC 8760).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkLogin {
    /// The user name of the account.
    pub user: String,
    /// What proves it.
    pub account: Account,
    /// Whether MD5 is good enough, besides SHA-256.
    pub md5: bool,
}

/// Where a trunk's requests may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An address or a network.
    Network(Network),
    /// Every loopback address: the open test trunk of development mode. A caller there whose From
    /// names an account is still challenged as that phone.
    AnyLoopback,
    /// Wherever the trunk's own calls are sent to, as the DNS says now.
    Target,
}

impl Source {
    /// Tells whether `address` lies inside, as far as that is known without the trunk; IPv4-mapped IPv6 counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        match self {
            Self::Network(network) => network.contains(address),
            Self::AnyLoopback => address.to_canonical().is_loopback(),
            Self::Target => false,
        }
    }
}

/// An IP network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Why a text is not an [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANetwork {
    /// The part before the slash is no IP address.
    #[error("not an IP address; write one like 192.0.2.10, or a network like 192.0.2.0/24")]
    Address,
    /// The part behind the slash is no prefix length that the address has.
    #[error("a prefix length is at most {longest} here")]
    Bits {
        /// 32 for IPv4, 128 for IPv6.
        longest: u8,
    },
}

impl Network {
    /// Returns the network that is this one address.
    pub fn host(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            bits: longest(address),
        }
    }

    /// Returns its address.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// Tells whether `address` lies inside.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if address.is_ipv4() != self.address.is_ipv4() {
            return false;
        }
        let spare = u32::from(longest(address) - self.bits);
        let differing = number(address) ^ number(self.address);
        differing.checked_shr(spare).unwrap_or(0) == 0
    }
}

impl std::str::FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork::Address)?;
        let longest = longest(address);
        let bits = match bits {
            None => longest,
            Some(bits) => bits
                .parse()
                .ok()
                .filter(|bits| *bits <= longest)
                .ok_or(NotANetwork::Bits { longest })?,
        };
        Ok(Self { address, bits })
    }
}

fn longest(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn trunk() -> Trunk {
        Trunk {
            name: "test".into(),
            sources: vec![Source::AnyLoopback],
            target: Destination::At("127.0.0.1:5080".parse().unwrap()),
            transport: Transport::Udp,
            certificate: None,
            credentials: None,
            login: None,
            trusted: true,
            max_calls: None,
            reach: Reach::default(),
            manner: Manner::default(),
        }
    }

    #[test]
    fn a_network_contains_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::ffff:192.0.3.9"),
        ] {
            let network: Network = network.parse().unwrap();

            assert!(
                network.contains(inside.parse().unwrap()),
                "{network:?} {inside}"
            );
            assert!(
                !network.contains(outside.parse().unwrap()),
                "{network:?} {outside}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_told_why() {
        assert_eq!("here".parse::<Network>(), Err(NotANetwork::Address));
        assert_eq!(
            "192.0.2.0/33".parse::<Network>(),
            Err(NotANetwork::Bits { longest: 32 })
        );
        assert_eq!(
            "::/129".parse::<Network>(),
            Err(NotANetwork::Bits { longest: 128 })
        );
    }

    #[test]
    fn any_loopback_is_open_unless_the_address_is_named_too() {
        let mut trunk = trunk();
        let here = "127.0.0.5".parse().unwrap();

        assert!(trunk.is_open_to_loopback(here));
        trunk
            .sources
            .push(Source::Network("127.0.0.0/8".parse().unwrap()));
        assert!(!trunk.is_open_to_loopback(here));
        assert!(trunk.accepts(here, &[], |_| false));
        trunk.sources = vec![Source::Target];
        assert!(trunk.accepts("127.0.0.1".parse().unwrap(), &[], |_| false));
        assert!(!trunk.accepts(here, &[], |_| false));
    }
}
