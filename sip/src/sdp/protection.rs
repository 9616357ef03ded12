//! Whether a stream is secured, and how both sides come to its keys: SDES (RFC 4568), DTLS-SRTP (RFC 5763), either of them
//! on the plain profile where it is a wish (RFC 8643).

use sdp_types::{Attribute, Media, Session};

use super::crypto::{Line, MarkedKey, MasterKey, Suite};
use super::ice::Spot;
use super::{Fingerprint, SdpError};
use crate::media::Security;

/// Whether media with a peer is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// Never: what asks for it is refused.
    #[default]
    Off,
    /// Where the peer can (RFC 8643).
    Offer,
    /// Always: what does without is refused.
    Require,
}

/// One way to agree on keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They stand in the descriptions; ours for each suite, in the order of [`Suite::ALL`].
    Sdes([MasterKey; 3]),
    /// A handshake beside the media makes them; ours shows this certificate.
    Dtls(Fingerprint),
}

/// How media with a peer is secured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Srtp {
    /// Whether it is.
    pub demand: Demand,
    /// The ways to agree on keys; our offers name the first.
    pub ways: Vec<Way>,
}

/// How a stream is secured, as agreed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    #[default]
    Plain,
    /// By keys that were told.
    Sdes(SdesKeys),
    /// By keys that a handshake makes.
    Dtls {
        /// The certificates of which the peer shows one.
        fingerprints: Fingerprints,
        /// Whether the handshake is ours to begin.
        active: bool,
    },
    /// By a handshake at the port of all browsers, where the peer comes to by ICE.
    Ice(Box<Security>),
}

/// The certificates that a description names, of which its peer shows one (RFC 8122 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprints([Option<Fingerprint>; NAMED]);

/// So many certificates of one description are held against the one that is shown.
const NAMED: usize = 4;

impl Fingerprints {
    /// Tells whether a certificate is one of them.
    pub fn name(&self, shown: Fingerprint) -> bool {
        self.0.contains(&Some(shown))
    }

    /// Reads those that a stream has, or else its session, in a way that can be checked; none where there are none.
    pub(super) fn read(session: &Session, media: &Media) -> Option<Self> {
        let named = own(session, media, "fingerprint");
        let each = named.into_iter().filter_map(|value| {
            let (hash, value) = value.split_once(' ')?;
            let known = hash.eq_ignore_ascii_case("sha-256");
            value.trim().parse().ok().filter(|_| known)
        });
        let mut all = [None; NAMED];
        for (place, one) in all.iter_mut().zip(each) {
            *place = Some(one);
        }
        all[0].map(|_| Self(all))
    }
}

impl From<Fingerprint> for Fingerprints {
    fn from(one: Fingerprint) -> Self {
        let mut all = [None; NAMED];
        all[0] = Some(one);
        Self(all)
    }
}

/// The keys of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdesKeys {
    /// How packets are encrypted and proved, in both directions.
    pub suite: Suite,
    /// What we send under.
    pub ours: MasterKey,
    /// What the peer sends under: one key at least, and any of them at any time.
    pub theirs: Vec<MarkedKey>,
}

/// What a media line says by its protocol (RFC 4566 §5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// RTP/AVP and RTP/AVPF.
    Plain,
    /// RTP/SAVP and RTP/SAVPF.
    Sdes,
    /// UDP/TLS/RTP/SAVP and UDP/TLS/RTP/SAVPF.
    Dtls,
}

impl Profile {
    pub(super) fn read(proto: &str) -> Option<Self> {
        match proto {
            "RTP/AVP" | "RTP/AVPF" => Some(Self::Plain),
            "RTP/SAVP" | "RTP/SAVPF" => Some(Self::Sdes),
            "UDP/TLS/RTP/SAVP" | "UDP/TLS/RTP/SAVPF" => Some(Self::Dtls),
            _other => None,
        }
    }
}

/// Who begins a handshake, as a peer says it (RFC 4145 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Active,
    Passive,
    Either,
}

/// What a peer says of keys.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    pub(super) profile: Profile,
    pub(super) lines: Vec<Line>,
    /// Whether there are lines, and none that we could use.
    pub(super) unusable: bool,
    pub(super) dtls: Option<(Fingerprints, Role)>,
}

impl Keys {
    pub(super) fn read(session: &Session, media: &Media, profile: Profile) -> Self {
        let lines = Line::read_all(media);
        let mut all = media.attributes.iter();
        Self {
            profile,
            unusable: lines.is_empty() && all.any(|one| one.attribute == "crypto"),
            lines,
            dtls: dtls(session, media),
        }
    }
}

// Of the stream itself, or else of the session. A stream may have several fingerprints, and any of them holds (RFC 8122 §5).
pub(super) fn own<'a>(session: &'a Session, media: &'a Media, name: &str) -> Vec<&'a str> {
    let of = |attributes: &'a [Attribute]| -> Vec<&'a str> {
        let named = attributes.iter().filter(|one| one.attribute == name);
        named.filter_map(|one| one.value.as_deref()).collect()
    };
    let media = of(&media.attributes);
    match media.is_empty() {
        true => of(&session.attributes),
        false => media,
    }
}

fn dtls(session: &Session, media: &Media) -> Option<(Fingerprints, Role)> {
    let fingerprints = Fingerprints::read(session, media)?;
    let role = match own(session, media, "setup").first().copied() {
        Some("active") => Role::Active,
        Some("passive") => Role::Passive,
        Some("actpass") => Role::Either,
        Some(_) => return None,
        // RFC 4145 §4.1: that is what nothing means.
        None => Role::Active,
    };
    Some((fingerprints, role))
}

/// What our description says of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Said {
    #[default]
    Nothing,
    Sdes(Vec<Line>),
    Dtls {
        fingerprint: Fingerprint,
        setup: &'static str,
    },
    /// Where a peer in a browser finds us, and by which certificate it knows us.
    Ice(Box<Spot>),
}

impl Said {
    /// Where a peer in a browser finds us, where it is told.
    pub(super) const fn spot(&self) -> Option<&Spot> {
        match self {
            Self::Ice(spot) => Some(spot),
            Self::Nothing | Self::Sdes(_) | Self::Dtls { .. } => None,
        }
    }
}

impl Srtp {
    /// What our offer says; `last` is what was agreed before, if anything was.
    pub(super) fn offer(&self, last: Option<&Protection>) -> Said {
        let sdes = self.sdes().map(|keys| Said::Sdes(lines(keys)));
        let dtls = self.dtls().map(|fingerprint| Said::Dtls {
            fingerprint,
            setup: "actpass",
        });
        let first = match (self.demand, last, self.ways.first()) {
            (Demand::Off, _, _)
            | (_, Some(Protection::Plain | Protection::Ice(_)), _)
            | (_, None, None) => None,
            (_, Some(Protection::Sdes(_)), _) | (_, None, Some(Way::Sdes(_))) => sdes,
            (_, Some(Protection::Dtls { .. }), _) | (_, None, Some(Way::Dtls(_))) => dtls,
        };
        first.unwrap_or_default()
    }

    /// The protocol of our first offer.
    pub(super) fn proto(&self) -> &'static str {
        match (self.demand, self.ways.first()) {
            (Demand::Off | Demand::Offer, _) | (Demand::Require, None) => "RTP/AVP",
            (Demand::Require, Some(Way::Sdes(_))) => "RTP/SAVP",
            (Demand::Require, Some(Way::Dtls(_))) => "UDP/TLS/RTP/SAVP",
        }
    }

    /// What we answer to an offered stream, and what is agreed by that.
    pub(super) fn answer(&self, offered: &Keys) -> Result<(Said, Protection), SdpError> {
        if self.demand == Demand::Off {
            return match offered.profile {
                Profile::Plain => Ok((Said::Nothing, Protection::Plain)),
                Profile::Sdes | Profile::Dtls => Err(SdpError::Transport),
            };
        }
        let sdes = || self.sdes().and_then(|ours| take(&offered.lines, ours));
        let dtls = || Some(meet(self.dtls()?, offered.dtls?));
        match offered.profile {
            Profile::Sdes => sdes().ok_or(SdpError::NoCommonKeys),
            Profile::Dtls => dtls().ok_or(SdpError::NoCommonKeys),
            Profile::Plain => match (sdes().or_else(dtls), self.demand) {
                (Some(agreed), _) => Ok(agreed),
                (None, Demand::Require) => Err(SdpError::Unsecured),
                (None, Demand::Offer | Demand::Off) => Ok((Said::Nothing, Protection::Plain)),
            },
        }
    }

    /// What is agreed by an answer to what we `said`.
    pub(super) fn agree(&self, said: &Said, answered: &Keys) -> Result<Protection, SdpError> {
        let agreed = match said {
            Said::Nothing | Said::Ice(_) => None,
            Said::Sdes(ours) => answered.lines.first().map(|theirs| {
                let same = |own: &&Line| own.tag == theirs.tag && own.suite == theirs.suite;
                let own = ours.iter().find(same).ok_or(SdpError::AnswerMismatch)?;
                Ok(Protection::Sdes(SdesKeys {
                    suite: own.suite,
                    ours: own.keys[0].key,
                    theirs: theirs.keys.clone(),
                }))
            }),
            Said::Dtls { .. } => answered.dtls.map(|(fingerprints, role)| match role {
                Role::Active => Ok(Protection::Dtls {
                    fingerprints,
                    active: false,
                }),
                Role::Passive => Ok(Protection::Dtls {
                    fingerprints,
                    active: true,
                }),
                Role::Either => Err(SdpError::AnswerMismatch),
            }),
        };
        match (agreed, self.demand) {
            (Some(agreed), _) => agreed,
            // What comes will be under keys.
            (None, _) if answered.unusable && matches!(said, Said::Sdes(_)) => {
                Err(SdpError::NoCommonKeys)
            }
            (None, Demand::Require) => Err(SdpError::Unsecured),
            (None, Demand::Off | Demand::Offer) if answered.profile != Profile::Plain => {
                Err(SdpError::NoCommonKeys)
            }
            (None, Demand::Off | Demand::Offer) => Ok(Protection::Plain),
        }
    }

    fn sdes(&self) -> Option<&[MasterKey; 3]> {
        self.ways.iter().find_map(|way| match way {
            Way::Sdes(keys) => Some(keys),
            Way::Dtls(_) => None,
        })
    }

    fn dtls(&self) -> Option<Fingerprint> {
        self.ways.iter().find_map(|way| match way {
            Way::Sdes(_) => None,
            Way::Dtls(fingerprint) => Some(*fingerprint),
        })
    }
}

fn lines(keys: &[MasterKey; 3]) -> Vec<Line> {
    let numbered = (1..).zip(Suite::ALL.into_iter().zip(keys));
    let line = |(tag, (suite, key)): (u32, (Suite, &MasterKey))| Line {
        tag,
        suite,
        keys: vec![MarkedKey::plain(key.cut(suite))],
    };
    numbered.map(line).collect()
}

// RFC 4568 §5.1.2: the first line of the offer that is understood.
fn take(offered: &[Line], ours: &[MasterKey; 3]) -> Option<(Said, Protection)> {
    let theirs = offered.first()?;
    let mut own = lines(ours).into_iter();
    let own = own.find(|own| own.suite == theirs.suite)?;
    let keys = SdesKeys {
        suite: theirs.suite,
        ours: own.keys[0].key,
        theirs: theirs.keys.clone(),
    };
    let tag = theirs.tag;
    Some((
        Said::Sdes(vec![Line { tag, ..own }]),
        Protection::Sdes(keys),
    ))
}

// Where either side may begin, the peer does: behind an address translation it can be answered, but not called.
fn meet(ours: Fingerprint, (theirs, role): (Fingerprints, Role)) -> (Said, Protection) {
    let active = match role {
        Role::Active | Role::Either => false,
        Role::Passive => true,
    };
    let said = Said::Dtls {
        fingerprint: ours,
        setup: if active { "active" } else { "passive" },
    };
    let agreed = Protection::Dtls {
        fingerprints: theirs,
        active,
    };
    (said, agreed)
}

#[cfg(test)]
mod tests;
