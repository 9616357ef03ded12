//! All browsers on their one port: whose datagram came, and where each is now. A lite ICE agent (RFC 8445 §2.5): it answers
//! checks and sends none. Whoever proves to know a leg's password may be its browser; who the browser is, its certificate
//! proves.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use sip::media::{LegKey, MediaEvent, Security};
use sip::rtp;

use super::leaving::Leaving;
use super::secure::{Association, Check, Identity, Kind, Progress, kind};
use super::wire::LegIndex;

/// Without a check for this long a browser has withdrawn its consent to be sent anything (RFC 7675 §5.1). It is waited for.
const CONSENT: Duration = Duration::from_secs(30);
/// A browser that sent nothing for this long is away: two of the checks of its consent are missing (RFC 7675 §5.1).
const AWAY: Duration = Duration::from_secs(10);
/// A browser has this long from the exchange of descriptions to the end of its handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// Ways that are remembered of one browser. Each was proved by a check; more are not needed by anybody honest.
const WAYS: usize = 16;

/// The browsers' legs.
pub(super) struct Browsers {
    identity: Identity,
    peers: HashMap<LegIndex, Peer>,
    by_ufrag: HashMap<String, LegIndex>,
    by_way: HashMap<SocketAddr, LegIndex>,
    /// Those whose handshake is not done, and until when it may last; few at any time.
    shaking: HashMap<LegIndex, Instant>,
    /// A browser without a check for this long does not come back.
    absence: Duration,
    /// When to look whether a browser gave a sign of life since, one moment each. What comes costs nothing here: the moment is
    /// put off when it comes.
    looks: BTreeSet<(Instant, LegIndex)>,
    out: VecDeque<(SocketAddr, BytesMut)>,
    events: VecDeque<MediaEvent>,
}

struct Peer {
    key: LegKey,
    security: Security,
    /// What was agreed before, as long as the browser may not have heard of what is agreed now.
    before: Option<Security>,
    association: Association,
    /// Addresses from which checks came.
    ways: HashSet<SocketAddr>,
    /// The one the browser chose, and when it last said so.
    chosen: Option<(SocketAddr, Instant)>,
    /// When its last check came, by whatever way; before the first, when it was first waited for.
    heard: Instant,
    /// When anything came of it last, a check or a packet.
    seen: Instant,
    /// Whether that is so long ago that it was told to be away.
    away: bool,
    /// That it ended its association, until it is known whether anything comes of it yet.
    leaving: Option<Leaving>,
}

impl Browsers {
    pub(super) fn new(identity: Identity, absence: Duration) -> Self {
        Self {
            identity,
            peers: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_way: HashMap::new(),
            shaking: HashMap::new(),
            absence,
            looks: BTreeSet::new(),
            out: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Whether a leg's peer is a browser.
    pub(super) fn knows(&self, index: LegIndex) -> bool {
        self.peers.contains_key(&index)
    }

    /// The next datagram to send.
    pub(super) fn poll_transmit(&mut self) -> Option<(SocketAddr, BytesMut)> {
        self.out.pop_front()
    }

    /// The next report.
    pub(super) fn poll_event(&mut self) -> Option<MediaEvent> {
        self.events.pop_front()
    }

    /// Lets a leg's browser come, for the first time, by another way, or anew. False when its cryptography could not be set
    /// up.
    pub(super) fn expect(
        &mut self,
        key: LegKey,
        index: LegIndex,
        security: Security,
        now: Instant,
    ) -> bool {
        let old = match self.peers.remove(&index) {
            // RFC 8842 §5.5: the same certificate and roles keep the association, unless it was ended.
            Some(peer) if peer.is_of(&security) && peer.leaving.is_none() => {
                let peer = self.restart(index, peer, security);
                self.admit(index, peer);
                return true;
            }
            other => other,
        };
        // A page that comes anew is heard of when it can be heard.
        let known = old.as_ref().map(|peer| (peer.heard, peer.seen, peer.away));
        let (heard, seen, away) = known.unwrap_or((now, now, false));
        if let Some(old) = old {
            self.clear(index, &old);
        }
        let association = match security.active {
            true => Association::begin(&self.identity, security.fingerprints, now),
            false => Association::accept(&self.identity, security.fingerprints),
        };
        let Some(association) = association else {
            return false;
        };
        self.shaking.insert(index, now + HANDSHAKE);
        let peer = Peer {
            key,
            security,
            before: None,
            association,
            ways: HashSet::new(),
            chosen: None,
            heard,
            seen,
            away,
            leaving: None,
        };
        self.looks.insert((peer.look(self.absence), index));
        self.admit(index, peer);
        true
    }

    fn admit(&mut self, index: LegIndex, peer: Peer) {
        self.by_ufrag.insert(peer.security.ice.ufrag.clone(), index);
        self.peers.insert(index, peer);
    }

    // RFC 8842 §5.5: a restart of ICE alone keeps the association, and the old way until a new one is chosen. So does the old
    // name: the answer may not reach the browser, which then goes on as before.
    fn restart(&mut self, index: LegIndex, peer: Peer, security: Security) -> Peer {
        // It is told again what it knows.
        if peer.security.ice == security.ice {
            return Peer { security, ..peer };
        }
        let before = match peer.before {
            // It has not come by the latest name: it may know any but that.
            Some(before) => {
                self.by_ufrag.remove(&peer.security.ice.ufrag);
                before
            }
            None => peer.security,
        };
        // Those that led nowhere are of the old network, and more must fit.
        let chosen = peer.chosen.map(|(way, _)| way);
        self.by_way
            .retain(|way, owner| *owner != index || Some(*way) == chosen);
        Peer {
            security,
            before: Some(before),
            ways: chosen.into_iter().collect(),
            ..peer
        }
    }

    /// Forgets a leg's browser.
    pub(super) fn forget(&mut self, index: LegIndex) {
        if let Some(peer) = self.peers.remove(&index) {
            self.clear(index, &peer);
        }
    }

    fn clear(&mut self, index: LegIndex, peer: &Peer) {
        for security in peer.before.iter().chain([&peer.security]) {
            self.by_ufrag.remove(&security.ice.ufrag);
        }
        self.by_way.retain(|_, owner| *owner != index);
        self.looks.retain(|(_, owner)| *owner != index);
        self.shaking.remove(&index);
    }

    /// Takes a datagram; returns the leg and what came for it, RTP or RTCP, opened.
    pub(super) fn handle(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> Option<(LegIndex, BytesMut)> {
        match kind(datagram) {
            Kind::Stun => {
                self.check(source, datagram, now);
                None
            }
            Kind::Dtls => {
                let index = *self.by_way.get(&source)?;
                self.shake(index, source, datagram, now);
                None
            }
            Kind::Srtp => {
                let index = *self.by_way.get(&source)?;
                let peer = self.peers.get_mut(&index)?;
                let opened = match rtp::is_rtcp(datagram) {
                    true => peer.association.open_rtcp(datagram),
                    false => peer.association.open_rtp(datagram),
                }?;
                self.shows(index, now);
                Some((index, opened))
            }
            Kind::Other => None,
        }
    }

    /// Seals what goes to a leg's browser; none while it is nowhere, or may not be sent anything.
    pub(super) fn seal(
        &mut self,
        index: LegIndex,
        packet: &[u8],
        now: Instant,
    ) -> Option<(SocketAddr, BytesMut)> {
        let peer = self.peers.get_mut(&index)?;
        let (way, said) = peer.chosen?;
        if now > said + CONSENT {
            return None;
        }
        let sealed = match rtp::is_rtcp(packet) {
            true => peer.association.seal_rtcp(packet),
            false => peer.association.seal_rtp(packet),
        };
        Some((way, sealed?))
    }

    /// When [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let timers = self.shaking.iter().map(|(index, deadline)| {
            let peer = self.peers.get(index);
            let again = peer.and_then(|peer| peer.association.poll_timeout());
            again.map_or(*deadline, |again| again.min(*deadline))
        });
        let look = self.looks.first().map(|(look, _)| *look);
        timers.chain(look).min()
    }

    /// Sends handshakes again that were not answered, gives up those that take too long, and browsers that are gone.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.look(now);
        self.shake_again(now);
    }

    fn look(&mut self, now: Instant) {
        while let Some(&(look, index)) = self.looks.first().filter(|look| look.0 <= now) {
            self.looks.remove(&(look, index));
            let Some(peer) = self.peers.get_mut(&index) else {
                continue;
            };
            let leg = peer.key;
            if peer.heard + self.absence <= now {
                self.events.push_back(MediaEvent::Gone { leg });
                continue;
            }
            if !peer.away && peer.seen + AWAY <= now {
                peer.away = true;
                self.events.push_back(MediaEvent::Away { leg, on: true });
            }
            if peer.leaving.is_some_and(|leaving| leaving.is_over(now)) {
                peer.leaving = None;
                self.events.push_back(MediaEvent::Left { leg });
            }
            self.looks.insert((peer.look(self.absence), index));
        }
    }

    // Something came of a browser.
    fn shows(&mut self, index: LegIndex, now: Instant) {
        let Some(peer) = self.peers.get_mut(&index) else {
            return;
        };
        peer.seen = now;
        let stays = peer.leaving.is_some_and(|leaving| leaving.is_denied(now));
        if peer.away || stays {
            self.turn(index, |peer| {
                peer.leaving = peer.leaving.filter(|_| !stays);
                std::mem::take(&mut peer.away)
            });
        }
    }

    // RFC 7675 §5.2: an authenticated message that closes the connection takes back the consent at once.
    fn leaves(&mut self, index: LegIndex, now: Instant) {
        self.turn(index, |peer| {
            peer.chosen = None;
            peer.leaving = Some(Leaving::since(now));
            !std::mem::replace(&mut peer.away, true)
        });
    }

    // Changes what is known of a browser's presence, and when it is looked for by that; tells where it is away now, or back.
    fn turn(&mut self, index: LegIndex, change: impl FnOnce(&mut Peer) -> bool) {
        let Some(peer) = self.peers.get_mut(&index) else {
            return;
        };
        let awaited = self.looks.remove(&(peer.look(self.absence), index));
        if change(peer) {
            let (leg, on) = (peer.key, peer.away);
            self.events.push_back(MediaEvent::Away { leg, on });
        }
        if awaited {
            self.looks.insert((peer.look(self.absence), index));
        }
    }

    fn shake_again(&mut self, now: Instant) {
        let (peers, out, events) = (&mut self.peers, &mut self.out, &mut self.events);
        self.shaking.retain(|index, deadline| {
            let Some(peer) = peers.get_mut(index) else {
                return false;
            };
            if *deadline <= now {
                events.push_back(MediaEvent::Unsecured { leg: peer.key });
                return false;
            }
            if peer
                .association
                .poll_timeout()
                .is_some_and(|due| due <= now)
            {
                peer.association.handle_timeout(now);
                drain(peer, None, out);
            }
            true
        });
    }

    fn check(&mut self, source: SocketAddr, datagram: &[u8], now: Instant) {
        let Some(mut check) = Check::read(datagram) else {
            return;
        };
        let Some(&index) = self.by_ufrag.get(&check.to) else {
            return;
        };
        let Some(peer) = self.peers.get_mut(&index) else {
            return;
        };
        let latest = peer.security.ice.ufrag == check.to;
        let agreed = match (latest, &peer.before) {
            (false, Some(before)) => before,
            (true | false, _) => &peer.security,
        };
        let password = &agreed.ice.password;
        // Nothing is said to who does not know the password: a source may be forged.
        if check.from != agreed.ufrag || !check.is_signed(password, &self.identity) {
            return;
        }
        if !peer.ways.contains(&source) {
            if peer.ways.len() == WAYS {
                return;
            }
            peer.ways.insert(source);
        }
        if let Some(answer) = check.answer(source, password, &self.identity) {
            self.out.push_back((source, BytesMut::from(&answer[..])));
        }
        self.by_way.insert(source, index);
        if latest
            && check.nominates()
            && let Some(before) = peer.before.take()
        {
            self.by_ufrag.remove(&before.ice.ufrag);
        }
        match peer.chosen {
            Some((way, _)) if way == source => peer.chosen = Some((source, now)),
            Some(_) if !check.nominates() => {}
            // Before anything is chosen the handshake may begin on the first way that works.
            Some(_) | None => {
                peer.chosen = Some((source, now));
                drain(peer, Some(source), &mut self.out);
            }
        }
        self.shows(index, now);
        // Until here it is looked for by when it was heard before.
        if let Some(peer) = self.peers.get_mut(&index) {
            peer.heard = now;
        }
    }

    fn shake(&mut self, index: LegIndex, source: SocketAddr, datagram: &[u8], now: Instant) {
        let Some(peer) = self.peers.get_mut(&index) else {
            return;
        };
        let (leg, was_done) = (peer.key, peer.association.is_done());
        let progress = peer.association.handle(datagram, now);
        drain(peer, Some(source), &mut self.out);
        match progress {
            Progress::Goes => {}
            Progress::Done => {
                self.shaking.remove(&index);
                self.events.push_back(MediaEvent::Secured { leg });
            }
            Progress::Stranger => {
                self.shaking.remove(&index);
                self.events.push_back(MediaEvent::Unsecured { leg });
            }
            // Before that anybody could say so.
            Progress::Over if !was_done => {
                tracing::debug!(leg = leg.0, "a browser ended its handshake");
            }
            Progress::Over => self.leaves(index, now),
        }
    }
}

impl Peer {
    // When to look for it next, while nothing comes.
    fn look(&self, absence: Duration) -> Instant {
        let gone = self.heard + absence;
        let left = self.leaving.map_or(gone, |leaving| leaving.until());
        match self.away {
            true => gone.min(left),
            false => gone.min(left).min(self.seen + AWAY),
        }
    }

    fn is_of(&self, security: &Security) -> bool {
        let own = &self.security;
        own.fingerprints == security.fingerprints && own.active == security.active
    }
}

// Handshakes go where the last of them came from, or where the browser is. One of ours waits until it is somewhere.
fn drain(peer: &mut Peer, source: Option<SocketAddr>, out: &mut VecDeque<(SocketAddr, BytesMut)>) {
    let Some(way) = source.or(peer.chosen.map(|(way, _)| way)) else {
        return;
    };
    while let Some(datagram) = peer.association.poll_transmit() {
        out.push_back((way, datagram));
    }
}

#[cfg(test)]
mod tests;
