//! SRTP of SIP legs: each is sealed and opened with the keys that its descriptions told, or that a handshake on its ports
//! made. What is not proved by them goes no further.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use sip::media::{LegKey, MediaEvent};
use sip::rtp;
use sip::sdp::{Fingerprints, MarkedKey, Protection, RemoteMedia, SdesKeys, Suite};

use super::leaving::Leaving;
use super::opener::{Mark, Opener};
use super::secure::{Association, Identity, Kind, Progress, Sealer, kind};
use super::wire::{Channel, LegIndex};

/// A peer has this long from the exchange of descriptions to the end of its handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// The secured legs.
pub(super) struct Seals {
    identity: Identity,
    legs: HashMap<LegIndex, Seal>,
    /// Those whose handshake is not done, and until when it may last.
    shaking: HashMap<LegIndex, Instant>,
    /// Those whose peer ended the association; few at any time.
    leaving: HashMap<LegIndex, Leaving>,
    out: VecDeque<Flight>,
    events: VecDeque<MediaEvent>,
}

/// A datagram of a handshake: from which of a leg's ports, whereto.
pub(super) type Flight = (LegIndex, Channel, SocketAddr, BytesMut);

enum Seal {
    Told(Box<Told>),
    Shaken(Box<Shaken>),
}

/// Keys that stood in descriptions.
struct Told {
    keys: SdesKeys,
    /// By suite, since ours stay the same: counting anew under one key would repeat its stream.
    sealers: HashMap<Suite, Sealer>,
    /// One a key that the peer sends under, in their order.
    openers: Vec<Opener>,
    /// What the peer sent under before and does not any more, until something came under what it sends under now.
    before: Vec<Opener>,
}

/// Keys that handshakes make, one a port that has packets of its own (RFC 5764 §4.1.1).
struct Shaken {
    key: LegKey,
    fingerprints: Fingerprints,
    active: bool,
    rtp: Hand,
    rtcp: Option<Hand>,
}

struct Hand {
    association: Association,
    /// Where the peer's description says that it is.
    named: SocketAddr,
    /// Where the peer's handshake is: where it came from, or where ours is sent.
    peer: SocketAddr,
}

/// What a datagram on a leg's port was.
pub(super) enum Opened {
    /// The leg is not secured: the datagram is what it is.
    Clear,
    Packet(BytesMut),
    Handshake,
    /// Nothing that the leg's keys prove.
    Forged,
}

/// What becomes of a packet to a leg's peer.
pub(super) enum Sealed {
    Clear,
    Packet(BytesMut),
    /// It goes nowhere: there are no keys yet.
    Nothing,
}

impl Seals {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            identity,
            legs: HashMap::new(),
            shaking: HashMap::new(),
            leaving: HashMap::new(),
            out: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The next datagram to send.
    pub(super) fn poll_transmit(&mut self) -> Option<Flight> {
        self.out.pop_front()
    }

    /// The next report.
    pub(super) fn poll_event(&mut self) -> Option<MediaEvent> {
        self.events.pop_front()
    }

    /// Secures a leg as agreed, for the first time or anew. False when its cryptography could not be set up.
    pub(super) fn protect(
        &mut self,
        key: LegKey,
        index: LegIndex,
        media: &RemoteMedia,
        now: Instant,
    ) -> bool {
        let known = self.legs.remove(&index);
        let was_ended = self.leaving.remove(&index).is_some();
        let seal = match (&media.protection, known) {
            // The port of all browsers has the keys of those.
            (Protection::Plain | Protection::Ice(_), _) => {
                self.shaking.remove(&index);
                return true;
            }
            (Protection::Sdes(keys), Some(Seal::Told(told))) => {
                told.restate(keys).map(|told| Seal::Told(Box::new(told)))
            }
            (Protection::Sdes(keys), Some(Seal::Shaken(_)) | None) => {
                self.shaking.remove(&index);
                Told::new(keys).map(|told| Seal::Told(Box::new(told)))
            }
            (
                Protection::Dtls {
                    fingerprints,
                    active,
                },
                Some(Seal::Shaken(shaken)),
            ) if !was_ended && shaken.is_of(fingerprints, *active) => {
                // RFC 8842 §5.5: the same certificate and roles keep the association.
                Some(Seal::Shaken(shaken))
            }
            (
                Protection::Dtls {
                    fingerprints,
                    active,
                },
                _,
            ) => {
                self.shaking.insert(index, now + HANDSHAKE);
                let terms = (*fingerprints, *active);
                Shaken::new(&self.identity, key, terms, media, now)
                    .map(|shaken| Seal::Shaken(Box::new(shaken)))
            }
        };
        let Some(mut seal) = seal else { return false };
        if let Seal::Shaken(shaken) = &mut seal {
            shaken.drain(index, &mut self.out);
        }
        self.legs.insert(index, seal);
        true
    }

    /// Forgets a leg.
    pub(super) fn forget(&mut self, index: LegIndex) {
        self.legs.remove(&index);
        self.shaking.remove(&index);
        self.leaving.remove(&index);
    }

    /// Opens a datagram that came in on one of a leg's ports.
    pub(super) fn open(
        &mut self,
        (index, channel): (LegIndex, Channel),
        source: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> Opened {
        let Some(seal) = self.legs.get_mut(&index) else {
            return Opened::Clear;
        };
        let opened = match (seal, kind(datagram)) {
            (Seal::Told(told), Kind::Srtp) => told.open(datagram),
            (Seal::Shaken(shaken), Kind::Srtp) => shaken.open(channel, datagram),
            (Seal::Shaken(_), Kind::Dtls) => {
                self.shake((index, channel), source, datagram, now);
                return Opened::Handshake;
            }
            (Seal::Told(_), Kind::Dtls | Kind::Stun | Kind::Other)
            | (Seal::Shaken(_), Kind::Stun | Kind::Other) => None,
        };
        // Some end the association once they have its keys.
        if opened.is_some() && !self.leaving.is_empty() {
            self.leaving
                .retain(|leg, leaving| *leg != index || !leaving.is_denied(now));
        }
        opened.map_or(Opened::Forged, Opened::Packet)
    }

    /// Seals a packet that goes out by one of a leg's ports.
    pub(super) fn seal(&mut self, index: LegIndex, channel: Channel, packet: &[u8]) -> Sealed {
        let sealed = match self.legs.get_mut(&index) {
            None => return Sealed::Clear,
            Some(Seal::Told(told)) => told.seal(packet),
            Some(Seal::Shaken(shaken)) => shaken.seal(channel, packet),
        };
        sealed.map_or(Sealed::Nothing, Sealed::Packet)
    }

    /// When [`Self::handle_timeout`] is next due: handshakes have timers, and who leaves.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let timers = self.shaking.iter().map(|(index, deadline)| {
            let again = match self.legs.get(index) {
                Some(Seal::Shaken(shaken)) => shaken.poll_timeout(),
                Some(Seal::Told(_)) | None => None,
            };
            again.map_or(*deadline, |again| again.min(*deadline))
        });
        let left = self.leaving.values().map(|leaving| leaving.until());
        timers.chain(left).min()
    }

    /// Sends handshakes again that were not answered, and gives up those that take too long, and peers that left.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.leave(now);
        let (legs, out, events) = (&mut self.legs, &mut self.out, &mut self.events);
        self.shaking.retain(|&index, deadline| {
            let Some(Seal::Shaken(shaken)) = legs.get_mut(&index) else {
                return false;
            };
            if *deadline <= now {
                let lost = (!shaken.is_done()).then_some(MediaEvent::Unsecured { leg: shaken.key });
                events.extend(lost);
                return false;
            }
            if shaken.poll_timeout().is_some_and(|due| due <= now) {
                shaken.handle_timeout(now);
                shaken.drain(index, out);
            }
            true
        });
    }

    fn leave(&mut self, now: Instant) {
        let (legs, events) = (&self.legs, &mut self.events);
        self.leaving.retain(|index, leaving| {
            let over = leaving.is_over(now);
            if let (true, Some(Seal::Shaken(shaken))) = (over, legs.get(index)) {
                events.push_back(MediaEvent::Left { leg: shaken.key });
            }
            !over
        });
    }

    fn shake(
        &mut self,
        (index, channel): (LegIndex, Channel),
        source: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) {
        let Some(Seal::Shaken(shaken)) = self.legs.get_mut(&index) else {
            return;
        };
        let (leg, was_done) = (shaken.key, shaken.is_done());
        let progress = shaken.shake(channel, source, datagram, now);
        shaken.drain(index, &mut self.out);
        if shaken.is_whole() {
            self.shaking.remove(&index);
        }
        let is_over = shaken.hand(channel).association.is_over();
        match progress {
            Progress::Goes if !is_over => {}
            Progress::Done if shaken.is_done() && !was_done => {
                self.events.push_back(MediaEvent::Secured { leg });
            }
            // Reports have keys now, too.
            Progress::Done => {}
            // Who hangs up may end it before the BYE is here. Reports alone are no sound.
            Progress::Over if was_done && shaken.ended_sound() => {
                self.leaving.insert(index, Leaving::since(now));
            }
            Progress::Goes | Progress::Over | Progress::Stranger if was_done => {}
            // Who is where the descriptions said is the peer; nobody else is waited for.
            Progress::Goes | Progress::Over | Progress::Stranger
                if shaken.active || shaken.hand(channel).named == source =>
            {
                // Reports have a handshake of their own, which fails too.
                let is_news = self.shaking.remove(&index).is_some();
                let lost = is_news.then_some(MediaEvent::Unsecured { leg });
                self.events.extend(lost);
            }
            // Anybody can begin a handshake here: the peer itself may still come, until the deadline.
            Progress::Goes | Progress::Over | Progress::Stranger => {
                shaken.wait_anew(&self.identity, channel);
            }
        }
    }
}

impl Told {
    fn new(keys: &SdesKeys) -> Option<Self> {
        let openers = keys.theirs.iter().map(|key| opener(keys.suite, key));
        Some(Self {
            keys: keys.clone(),
            sealers: HashMap::from([(keys.suite, Sealer::new(keys.suite, &keys.ours)?)]),
            openers: openers.collect::<Option<_>>()?,
            before: Vec::new(),
        })
    }

    // RFC 4568 §7.1.4: what keeps its key keeps its count.
    fn restate(mut self, keys: &SdesKeys) -> Option<Self> {
        let old = std::mem::replace(&mut self.keys, keys.clone());
        if let Entry::Vacant(unused) = self.sealers.entry(keys.suite) {
            unused.insert(Sealer::new(keys.suite, &keys.ours)?);
        }
        let openers = std::mem::take(&mut self.openers);
        let mut known: Vec<_> = old.theirs.into_iter().zip(openers).collect();
        for key in &keys.theirs {
            let same = |(other, _): &(MarkedKey, Opener)| other.key == key.key;
            let kept = known.iter().position(same);
            let opener = match kept.filter(|_| old.suite == keys.suite) {
                Some(at) => {
                    let (_, mut opener) = known.swap_remove(at);
                    opener.set_mark(mark(keys.suite, key));
                    opener
                }
                None => opener(keys.suite, key)?,
            };
            self.openers.push(opener);
        }
        if !known.is_empty() {
            self.before = known.into_iter().map(|(_, opener)| opener).collect();
        }
        Some(self)
    }

    fn open(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        let opened = open(&mut self.openers, datagram);
        if opened.is_some() {
            self.before.clear();
            return opened;
        }
        open(&mut self.before, datagram)
    }

    fn seal(&mut self, packet: &[u8]) -> Option<BytesMut> {
        let sealer = self.sealers.get_mut(&self.keys.suite)?;
        match rtp::is_rtcp(packet) {
            true => sealer.rtcp(packet),
            false => sealer.rtp(packet),
        }
    }
}

fn opener(suite: Suite, key: &MarkedKey) -> Option<Opener> {
    Opener::told(suite, &key.key, mark(suite, key))
}

fn mark(suite: Suite, key: &MarkedKey) -> Option<Mark> {
    key.mark.map(|mark| Mark::new(suite, &mark))
}

// A packet whose mark is another key's costs a look and no cryptography.
fn open(openers: &mut [Opener], datagram: &[u8]) -> Option<BytesMut> {
    let mut openers = openers.iter_mut();
    match rtp::is_rtcp(datagram) {
        true => openers.find_map(|opener| opener.rtcp(datagram)),
        false => openers.find_map(|opener| opener.rtp(datagram)),
    }
}

impl Shaken {
    fn new(
        identity: &Identity,
        key: LegKey,
        (fingerprints, active): (Fingerprints, bool),
        media: &RemoteMedia,
        now: Instant,
    ) -> Option<Self> {
        let hand = |peer| {
            let association = match active {
                true => Association::begin(identity, fingerprints, now),
                false => Association::accept(identity, fingerprints),
            };
            Some(Hand {
                association: association?,
                named: peer,
                peer,
            })
        };
        Some(Self {
            key,
            fingerprints,
            active,
            rtp: hand(media.address)?,
            rtcp: match media.rtcp_mux {
                true => None,
                false => Some(hand(media.rtcp)?),
            },
        })
    }

    fn hands(&mut self) -> impl Iterator<Item = (Channel, &mut Hand)> {
        let rtcp = self.rtcp.iter_mut().map(|hand| (Channel::Rtcp, hand));
        std::iter::once((Channel::Rtp, &mut self.rtp)).chain(rtcp)
    }

    // With one port for both there is one handshake.
    fn hand(&mut self, channel: Channel) -> &mut Hand {
        match (channel, &mut self.rtcp) {
            (Channel::Rtcp, Some(hand)) => hand,
            (Channel::Rtcp, None) | (Channel::Rtp, _) => &mut self.rtp,
        }
    }

    /// Whether media may flow; reports may follow.
    const fn is_done(&self) -> bool {
        self.rtp.association.is_done()
    }

    fn is_whole(&self) -> bool {
        let rtcp = self.rtcp.as_ref();
        self.is_done() && rtcp.is_none_or(|hand| hand.association.is_done())
    }

    fn is_of(&self, fingerprints: &Fingerprints, active: bool) -> bool {
        self.fingerprints == *fingerprints && self.active == active
    }

    const fn ended_sound(&self) -> bool {
        self.rtp.association.is_over()
    }

    fn wait_anew(&mut self, identity: &Identity, channel: Channel) {
        let fingerprints = self.fingerprints;
        let hand = self.hand(channel);
        if let Some(fresh) = Association::accept(identity, fingerprints) {
            hand.association = fresh;
        }
    }

    fn shake(
        &mut self,
        channel: Channel,
        source: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> Progress {
        let hand = self.hand(channel);
        if !hand.association.is_done() {
            hand.peer = source;
        }
        hand.association.handle(datagram, now)
    }

    fn drain(&mut self, index: LegIndex, out: &mut VecDeque<Flight>) {
        for (channel, hand) in self.hands() {
            while let Some(datagram) = hand.association.poll_transmit() {
                out.push_back((index, channel, hand.peer, datagram));
            }
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let rtcp = self.rtcp.as_ref().map(|hand| &hand.association);
        let all = std::iter::once(&self.rtp.association).chain(rtcp);
        all.filter_map(Association::poll_timeout).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        for (_, hand) in self.hands() {
            if hand
                .association
                .poll_timeout()
                .is_some_and(|due| due <= now)
            {
                hand.association.handle_timeout(now);
            }
        }
    }

    fn open(&mut self, channel: Channel, datagram: &[u8]) -> Option<BytesMut> {
        let association = &mut self.hand(channel).association;
        match rtp::is_rtcp(datagram) {
            true => association.open_rtcp(datagram),
            false => association.open_rtp(datagram),
        }
    }

    fn seal(&mut self, channel: Channel, packet: &[u8]) -> Option<BytesMut> {
        let association = &mut self.hand(channel).association;
        match rtp::is_rtcp(packet) {
            true => association.seal_rtcp(packet),
            false => association.seal_rtp(packet),
        }
    }
}

#[cfg(test)]
mod tests;
