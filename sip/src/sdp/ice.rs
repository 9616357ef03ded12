//! A peer in a browser that SIP brings (RFC 7118): its stream comes to the port of all browsers. It finds that by ICE, in which we
//! are a lite agent (RFC 8445 §2.5, RFC 8839), is secured by a handshake (RFC 5763, RFC 8842) and has everything on one port
//! (RFC 9143). What a call began with it goes on with.

use std::net::SocketAddr;

use bytes::Bytes;
use rand::{SeedableRng, rngs::StdRng};
use sdp_types::{Attribute, Media, Session};

use super::choice::Chosen;
use super::protection::{Keys, Profile, Role, Said, own};
use super::read::{Audio, Description, Line};
use super::{BrowserLocal, Direction, Fingerprint, Fingerprints, Protection, SdpError};
use crate::families::Families;
use crate::media::{BROWSER, IceCredentials, Security};

/// The protocol of a browser's stream, and its name in a first offer of ours.
const PROTO: &str = "UDP/TLS/RTP/SAVPF";
const MID: &str = "0";
const LITE: &str = "ice-lite";

/// Where a peer that may be in a browser finds us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lite {
    /// Where, under which certificate, and with which codecs, ours in order of preference.
    pub at: BrowserLocal,
    /// What our credentials are made of; it should be random.
    pub seed: [u8; 32],
}

/// A first offer, as whoever it goes to is told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offers {
    /// As peers of each family are told it.
    pub by_family: Families<Bytes>,
    /// As a phone in a browser is told it; none where it is told the same as others.
    pub in_browser: Option<Bytes>,
}

impl From<Families<Bytes>> for Offers {
    fn from(by_family: Families<Bytes>) -> Self {
        Self {
            by_family,
            in_browser: None,
        }
    }
}

/// Tells whether a description may be a browser's, without reading it.
pub fn names_ice(description: &[u8]) -> bool {
    memchr::memmem::find(description, b"a=ice-ufrag:").is_some()
}

/// What a browser says of its stream beyond what every peer says.
#[derive(Clone, Debug)]
pub(super) struct InBrowser {
    ufrag: String,
    fingerprints: Fingerprints,
    role: Role,
    /// As it is stated: an address of zeros is no hold here, as the address is found later (RFC 8840 §4.1.1).
    direction: Direction,
}

impl InBrowser {
    pub(super) fn read(
        (session, media): (&Session, &Media),
        keys: &Keys,
        direction: Direction,
    ) -> Option<Self> {
        let (fingerprints, role) = keys.dtls.filter(|_| keys.profile == Profile::Dtls)?;
        // RFC 8445 §6.1.1: neither of two lite agents sends checks.
        if session.has_attribute(LITE) {
            return None;
        }
        Some(Self {
            ufrag: ufrag(session, media)?,
            fingerprints,
            role,
            direction,
        })
    }
}

/// Returns the user fragment of a stream, or of its session; none where it has none, or one that is none.
pub(super) fn ufrag(session: &Session, media: &Media) -> Option<String> {
    let ufrag = own(session, media, "ice-ufrag").first().copied()?;
    // RFC 8839 §5.4: 4 to 256 letters, digits, `+` and `/`.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let sound = (4..=256).contains(&ufrag.len()) && ufrag.chars().all(plain);
    sound.then(|| ufrag.to_owned())
}

impl Audio {
    /// The same as what it is to us where the peer comes by ICE; none where it does not speak as a browser.
    pub(super) fn by_ice(&self) -> Option<(Self, &InBrowser)> {
        let said = self.in_browser.as_ref()?;
        let mut audio = self.clone();
        (audio.address, audio.rtcp) = (BROWSER, BROWSER);
        audio.direction = said.direction;
        // What browsers make of silence is theirs, as in calls of pages.
        audio.others.comfort_noise = None;
        Some((audio, said))
    }
}

/// How far a session is with a peer that may be in a browser.
#[derive(Clone, Debug)]
pub(super) struct Ice {
    lite: Lite,
    /// How often the peer began anew. Each time has credentials of its own (RFC 8839 §4.4.1.1.1).
    restarts: u64,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Nothing is known of the peer.
    Open,
    /// It is expected to be in a browser.
    Expected,
    /// It is: its user fragment, and whether the handshake is ours to begin.
    Met { ufrag: String, active: bool },
}

impl Ice {
    pub(super) const fn new(lite: Lite) -> Self {
        Self {
            lite,
            restarts: 0,
            stage: Stage::Open,
        }
    }

    /// Takes that the peer is in a browser, though it has said nothing yet.
    pub(super) fn expect(&mut self) {
        if let Stage::Open = self.stage {
            self.stage = Stage::Expected;
        }
    }

    /// Whether the peer is in a browser as far as is known.
    pub(super) const fn is_expected(&self) -> bool {
        match self.stage {
            Stage::Open => false,
            Stage::Expected | Stage::Met { .. } => true,
        }
    }

    /// Whether it was agreed with that the peer is in a browser.
    pub(super) const fn is_met(&self) -> bool {
        match self.stage {
            Stage::Open | Stage::Expected => false,
            Stage::Met { .. } => true,
        }
    }

    /// What browsers are told of us.
    pub(super) const fn at(&self) -> &BrowserLocal {
        &self.lite.at
    }

    /// Answers the first stream of an offer that a browser would make.
    pub(super) fn choose(
        &self,
        audios: &[(usize, Result<Audio, SdpError>)],
        theirs: &Description,
    ) -> Option<Chosen> {
        let (at, audio, said) = audios.iter().find_map(|(at, audio)| {
            let (audio, said) = audio.as_ref().ok()?.by_ice()?;
            Some((*at, audio, said))
        })?;
        let mut ice = self.clone();
        // RFC 8842 §5.3: who has the association already keeps its role.
        let active = match (said.role, &self.stage) {
            (Role::Active, _) => false,
            (Role::Passive, _) => true,
            (Role::Either, Stage::Met { active, .. }) => *active,
            (Role::Either, Stage::Open | Stage::Expected) => false,
        };
        if let Stage::Met { ufrag, .. } = &self.stage
            && *ufrag != said.ufrag
        {
            ice.restarts = ice.restarts.wrapping_add(1);
        }
        let mid = theirs.lines[at].mid.clone();
        let setup = if active { "active" } else { "passive" };
        let spot = ice.spot(setup, mid, &theirs.bundled);
        let security = ice.meet(said, active);
        Some(Chosen {
            at,
            audio,
            said: Said::Ice(Box::new(spot)),
            protection: Protection::Ice(Box::new(security)),
            ice: Some(ice),
        })
    }

    /// Returns the line of a first offer.
    pub(super) fn first_line() -> Line {
        Line {
            media: "audio".to_owned(),
            proto: PROTO.to_owned(),
            formats: String::new(),
            closed: false,
            mid: Some(MID.to_owned()),
        }
    }

    /// Returns what an offer of ours says of `line`.
    pub(super) fn offer(&self, line: &Line) -> Said {
        let bundled: Vec<String> = line.mid.iter().cloned().collect();
        Said::Ice(Box::new(self.spot("actpass", line.mid.clone(), &bundled)))
    }

    /// Takes the answer to such an offer.
    pub(super) fn answered(&mut self, answer: &InBrowser) -> Result<Protection, SdpError> {
        let active = match answer.role {
            Role::Active => false,
            Role::Passive => true,
            Role::Either => return Err(SdpError::AnswerMismatch),
        };
        Ok(Protection::Ice(Box::new(self.meet(answer, active))))
    }

    fn meet(&mut self, theirs: &InBrowser, active: bool) -> Security {
        let ufrag = theirs.ufrag.clone();
        self.stage = Stage::Met {
            ufrag: ufrag.clone(),
            active,
        };
        Security {
            ice: self.credentials(),
            ufrag,
            fingerprints: theirs.fingerprints,
            active,
        }
    }

    fn credentials(&self) -> IceCredentials {
        let mut seed = self.lite.seed;
        for (byte, restarts) in seed.iter_mut().zip(self.restarts.to_le_bytes()) {
            *byte ^= restarts;
        }
        IceCredentials::new(&mut StdRng::from_seed(seed))
    }

    fn spot(&self, setup: &'static str, mid: Option<String>, bundled: &[String]) -> Spot {
        Spot {
            candidates: self.lite.at.candidates().collect(),
            fingerprint: self.lite.at.fingerprint,
            credentials: self.credentials(),
            setup,
            bundled: mid.as_ref().is_some_and(|mid| bundled.contains(mid)),
            mid,
        }
    }

    /// The address that descriptions name: the first.
    pub(super) fn address(&self) -> SocketAddr {
        self.lite.at.addresses.first().copied().unwrap_or(BROWSER)
    }
}

/// What our description says to a peer in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    candidates: Vec<String>,
    fingerprint: Fingerprint,
    credentials: IceCredentials,
    setup: &'static str,
    mid: Option<String>,
    bundled: bool,
}

impl Spot {
    /// Says what holds for all streams.
    pub(super) fn describe(&self, session: &mut Session) {
        if let Some(mid) = self.mid.as_ref().filter(|_| self.bundled) {
            session.add_attribute(Attribute::with_value("group", format!("BUNDLE {mid}")));
        }
        session.add_attribute(Attribute::new(LITE));
        // RFC 8445 §10: whoever goes by it says so.
        session.add_attribute(Attribute::with_value("ice-options", "ice2"));
    }

    /// Says what holds for the stream.
    pub(super) fn describe_audio(&self, media: &mut Media) {
        let mut say = |name: &str, value: String| {
            media.add_attribute(Attribute::with_value(name, value));
        };
        if let Some(mid) = &self.mid {
            say("mid", mid.clone());
        }
        say("ice-ufrag", self.credentials.ufrag.clone());
        say("ice-pwd", self.credentials.password.clone());
        say("fingerprint", format!("sha-256 {}", self.fingerprint));
        say("setup", self.setup.to_owned());
        for candidate in &self.candidates {
            say("candidate", candidate.clone());
        }
        // Without a stream's name the browser shows no track.
        say("msid", "tandem audio".to_owned());
        media.add_attribute(Attribute::new("end-of-candidates"));
    }
}

#[cfg(test)]
mod tests;
