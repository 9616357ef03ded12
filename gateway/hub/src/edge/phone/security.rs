//! How media with SIP peers is secured: what is demanded of whom, and by which ways keys may be agreed on.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, rngs::StdRng};
use sip::{
    endpoint::{Peer, Target, Transport},
    sdp::{Demand, Fingerprint, MasterKey, Srtp, Way},
};

use super::{Phones, Registrations};

/// What is asked of SIP peers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SrtpRules {
    /// Of phones, and of trunks that are not named.
    pub demand: Demand,
    /// Of trunks, by name.
    pub trunks: BTreeMap<String, Demand>,
    /// Of single phones, by account.
    pub phones: BTreeMap<String, Demand>,
    /// The ways to agree on keys; our offers name the first that may be used.
    pub ways: Vec<KeyWay>,
    /// Whether keys are told in descriptions that others may read on their way.
    pub told_in_clear: bool,
    /// The trunks that are called over TLS.
    pub called_by_tls: BTreeSet<String>,
    /// The certificate that our handshakes show; without one there are none.
    pub fingerprint: Option<Fingerprint>,
}

/// A way to agree on keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWay {
    /// In descriptions (RFC 4568).
    Sdes,
    /// By a handshake (RFC 5763).
    Dtls,
}

impl SrtpRules {
    fn of(&self, demand: Demand, is_private: bool, rng: &mut StdRng) -> Srtp {
        let told = is_private || self.told_in_clear;
        let way = |way: &KeyWay| match way {
            KeyWay::Sdes => told.then(|| Way::Sdes([0; 3].map(|_| MasterKey::new(rng.random())))),
            KeyWay::Dtls => self.fingerprint.map(Way::Dtls),
        };
        let ways = match demand {
            Demand::Off => Vec::new(),
            Demand::Offer | Demand::Require => self.ways.iter().filter_map(way).collect(),
        };
        Srtp { demand, ways }
    }

    fn of_trunk(&self, name: &str) -> Demand {
        self.trunks.get(name).copied().unwrap_or(self.demand)
    }

    fn of_phone(&self, account: &str) -> Demand {
        self.phones.get(account).copied().unwrap_or(self.demand)
    }
}

impl Phones {
    /// How media is secured with who calls.
    pub(super) fn srtp_from(&mut self, peer: &Peer, by: Transport) -> Srtp {
        let rules = &self.settings.srtp;
        let demand = match peer {
            Peer::Trunk(name) => rules.of_trunk(name),
            Peer::Phone(account) => rules.of_phone(account),
        };
        rules.of(demand, is_private(by), &mut self.rng)
    }

    /// How media is secured with who is called.
    pub(super) fn srtp_to(&mut self, target: &Target) -> Srtp {
        let rules = &self.settings.srtp;
        let (demand, private) = match target {
            Target::Trunk { trunk, .. } | Target::Recorder { trunk, .. } => {
                (rules.of_trunk(trunk), rules.called_by_tls.contains(trunk))
            }
            Target::Phone { user } => (
                rules.of_phone(user),
                registered_by_tls(&self.registrations, user),
            ),
        };
        rules.of(demand, private, &mut self.rng)
    }

    /// Tells whether an offer that was made for `first` may go by another trunk: keys that stand in it are read on its way.
    pub(super) fn may_share(&self, first: &Target, other: &str) -> bool {
        let rules = &self.settings.srtp;
        let of = |trunk: &str| (rules.of_trunk(trunk), rules.called_by_tls.contains(trunk));
        match first {
            Target::Trunk { trunk, .. } | Target::Recorder { trunk, .. } => of(trunk) == of(other),
            Target::Phone { user } => {
                rules.of_phone(user) == Demand::Off && rules.of_trunk(other) == Demand::Off
            }
        }
    }

    /// Tells whether what a leg offered may be sent by a trunk.
    pub(super) fn may_follow(&self, offered: &Srtp, trunk: &str) -> bool {
        let rules = &self.settings.srtp;
        match rules.of_trunk(trunk) {
            Demand::Require => rules.called_by_tls.contains(trunk) && !offered.ways.is_empty(),
            Demand::Off | Demand::Offer => {
                offered.ways.is_empty() || rules.called_by_tls.contains(trunk)
            }
        }
    }
}

// All of an agent's phones ring, with the same offer.
fn registered_by_tls(registrations: &Registrations, user: &str) -> bool {
    let contacts = user
        .parse()
        .ok()
        .and_then(|agent| registrations.get(&agent));
    contacts.is_some_and(|contacts| contacts.values().all(|own| is_private(own.transport)))
}

// TLS of a WebSocket may end elsewhere.
const fn is_private(by: Transport) -> bool {
    match by {
        Transport::Tls => true,
        Transport::Udp | Transport::Tcp | Transport::Ws => false,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn keys_are_told_only_where_nobody_else_reads_them() {
        let fingerprint = Fingerprint([7; 32]);
        let mut rules = SrtpRules {
            ways: vec![KeyWay::Sdes, KeyWay::Dtls],
            fingerprint: Some(fingerprint),
            ..SrtpRules::default()
        };
        let mut rng = StdRng::from_seed([7; 32]);
        let mut ways =
            |rules: &SrtpRules, by| rules.of(Demand::Require, is_private(by), &mut rng).ways;

        for by in [Transport::Udp, Transport::Tcp, Transport::Ws] {
            assert_eq!(ways(&rules, by), [Way::Dtls(fingerprint)], "{by:?}");
        }
        let [Way::Sdes(one), Way::Dtls(_)] = ways(&rules, Transport::Tls)[..] else {
            panic!("both ways may be used over TLS");
        };
        assert!(one[0] != one[1] && one[1] != one[2], "a key each suite");
        rules.told_in_clear = true;
        let [Way::Sdes(other), _] = ways(&rules, Transport::Udp)[..] else {
            panic!("it is allowed");
        };
        assert!(one[0] != other[0], "a key each call");
    }
}
