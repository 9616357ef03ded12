use sip::media::BROWSER;
use sip::rtp::Header;
use sip::sdp::{Codec, Direction, Fingerprint, KeyMark, MasterKey, PayloadTypes};

use super::super::secure::far;
use super::*;

const LEG: LegKey = LegKey(1);
const INDEX: LegIndex = LegIndex(0);
const OTHERS: SocketAddr = BROWSER;

fn media(protection: Protection, rtcp_mux: bool) -> RemoteMedia {
    RemoteMedia {
        address: "127.0.0.1:4000".parse().unwrap(),
        signals_from: None,
        rtcp: "127.0.0.1:4001".parse().unwrap(),
        rtcp_mux,
        codec: Codec::Pcmu,
        send: PayloadTypes::default(),
        receive: PayloadTypes::default(),
        direction: Direction::SendRecv,
        ptime: 20,
        fec: false,
        protection,
    }
}

fn key(byte: u8) -> MasterKey {
    MasterKey::new([byte; MasterKey::LEN])
}

fn told(suite: Suite, ours: u8, theirs: u8) -> RemoteMedia {
    let keys = SdesKeys {
        suite,
        ours: key(ours),
        theirs: vec![MarkedKey::plain(key(theirs))],
    };
    media(Protection::Sdes(keys), false)
}

/// The same, where the peer marks its packets.
fn marked(suite: Suite, mark: KeyMark) -> RemoteMedia {
    several(suite, &[(1, mark)])
}

/// The same, where it has several keys, each with its mark.
fn several(suite: Suite, marked: &[(u8, KeyMark)]) -> RemoteMedia {
    let theirs = marked.iter().map(|&(byte, mark)| MarkedKey {
        key: key(byte),
        mark: Some(mark),
    });
    let keys = SdesKeys {
        suite,
        ours: key(2),
        theirs: theirs.collect(),
    };
    media(Protection::Sdes(keys), false)
}

fn seals() -> Seals {
    Seals::new(Identity::make().unwrap())
}

fn secured(media: &RemoteMedia) -> Seals {
    let mut seals = seals();
    assert!(seals.protect(LEG, INDEX, media, Instant::now()));
    seals
}

fn packet(ssrc: u32, sequence: u16) -> Vec<u8> {
    let header = Header {
        marker: false,
        payload_type: 0,
        sequence,
        timestamp: u32::from(sequence) * 160,
        ssrc,
    };
    [&header.to_bytes()[..], &[0x55; 160]].concat()
}

fn report() -> Vec<u8> {
    let mut report = Vec::new();
    sip::rtcp::write_report(&mut report, 9, None, None, "us");
    report
}

fn seal(seals: &mut Seals, channel: Channel, packet: &[u8]) -> Option<BytesMut> {
    match seals.seal(INDEX, channel, packet) {
        Sealed::Packet(sealed) => Some(sealed),
        Sealed::Nothing => None,
        Sealed::Clear => panic!("it would go out in clear"),
    }
}

fn open(seals: &mut Seals, channel: Channel, datagram: &[u8]) -> Option<BytesMut> {
    match seals.open((INDEX, channel), OTHERS, datagram, Instant::now()) {
        Opened::Packet(opened) => Some(opened),
        Opened::Forged => None,
        Opened::Clear => panic!("it would be taken as it is"),
        Opened::Handshake => panic!("it is no handshake"),
    }
}

/// Whether what one seals the other opens.
fn pass(from: &mut Seals, to: &mut Seals, packet: &[u8]) -> bool {
    let sealed = seal(from, Channel::Rtp, packet).unwrap();
    assert!(
        !sealed.windows(16).any(|part| part == [0x55; 16]),
        "it can be read"
    );
    open(to, Channel::Rtp, &sealed).is_some_and(|opened| opened[..] == *packet)
}

#[test]
fn what_is_marked_is_opened_where_the_mark_is_the_keys() {
    let mark = KeyMark::new(0x0102, 4).unwrap();
    // RFC 3711 §3.1 has the mark before the proof, RFC 7714 §8.2 behind all.
    for (suite, proof, proof_of_reports) in [
        (Suite::AesCm128Sha1_80, 10, 10),
        (Suite::AesCm128Sha1_32, 4, 10),
        (Suite::AeadAes128Gcm, 0, 0),
    ] {
        let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&marked(suite, mark)));
        let put = |sealed: &[u8], bytes: &[u8], proof: usize| {
            let at = sealed.len() - proof;
            [&sealed[..at], bytes, &sealed[at..]].concat()
        };

        for sequence in 0..3 {
            let sealed = seal(&mut one, Channel::Rtp, &packet(7, sequence)).unwrap();
            for wrong in [&[0, 0, 1, 3][..], &[1, 2], &[]] {
                let wrong = put(&sealed, wrong, proof);
                assert_eq!(open(&mut other, Channel::Rtp, &wrong), None, "{suite:?}");
            }
            let sealed = put(&sealed, &mark.bytes(), proof);
            let opened = open(&mut other, Channel::Rtp, &sealed).unwrap();
            assert_eq!(opened[..], packet(7, sequence)[..], "{suite:?}");
            assert_eq!(open(&mut other, Channel::Rtp, &sealed), None, "repeated");
        }
        let sealed = seal(&mut one, Channel::Rtcp, &report()).unwrap();
        assert_eq!(open(&mut other, Channel::Rtcp, &sealed), None, "{suite:?}");
        let sealed = put(&sealed, &mark.bytes(), proof_of_reports);
        let opened = open(&mut other, Channel::Rtcp, &sealed).unwrap();
        assert_eq!(opened[..], report()[..], "{suite:?}");
        assert_eq!(open(&mut other, Channel::Rtp, &[0x80; 12]), None, "short");
        // What we send is not marked.
        assert!(pass(&mut other, &mut one, &packet(8, 0)), "{suite:?}");
    }
}

#[test]
fn a_key_that_is_marked_otherwise_keeps_its_count() {
    let suite = Suite::AesCm128Sha1_80;
    let mark = KeyMark::new(3, 1).unwrap();
    let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&told(suite, 2, 1)));
    for sequence in 65_000..=65_535 {
        assert!(pass(&mut one, &mut other, &packet(7, sequence)));
    }
    let last = seal(&mut one, Channel::Rtp, &packet(7, 0)).unwrap();
    assert!(open(&mut other, Channel::Rtp, &last).is_some());

    assert!(other.protect(LEG, INDEX, &marked(suite, mark), Instant::now()));

    let put = |sealed: &[u8]| {
        let at = sealed.len() - 10;
        [&sealed[..at], &mark.bytes()[..], &sealed[at..]].concat()
    };
    let sealed = put(&seal(&mut one, Channel::Rtp, &packet(7, 1)).unwrap());
    assert!(open(&mut other, Channel::Rtp, &sealed).is_some());
    assert_eq!(open(&mut other, Channel::Rtp, &put(&last)), None, "again");
}

#[test]
fn each_packet_is_opened_under_the_key_whose_mark_it_has() {
    let [first, second, third] = [1, 2, 3].map(|number| KeyMark::new(number, 2).unwrap());
    for (suite, proof) in [(Suite::AesCm128Sha1_80, 10), (Suite::AeadAes128Gcm, 0)] {
        let put = |sealed: &[u8], mark: KeyMark| {
            let at = sealed.len() - proof;
            [&sealed[..at], &mark.bytes()[..], &sealed[at..]].concat()
        };
        let mut peer = [1, 3, 5].map(|byte| secured(&told(suite, byte, 2)));
        let mut ours = secured(&several(suite, &[(1, first), (3, second)]));

        for sequence in 0..6 {
            let at = usize::from(sequence) % 2;
            let sealed = seal(&mut peer[at], Channel::Rtp, &packet(7, sequence)).unwrap();
            let (right, wrong) = [(first, second), (second, first)][at];
            assert_eq!(open(&mut ours, Channel::Rtp, &put(&sealed, wrong)), None);
            assert_eq!(open(&mut ours, Channel::Rtp, &put(&sealed, third)), None);
            assert_eq!(open(&mut ours, Channel::Rtp, &sealed), None, "unmarked");
            let marked = put(&sealed, right);
            let opened = open(&mut ours, Channel::Rtp, &marked).unwrap();
            assert_eq!(opened[..], packet(7, sequence)[..], "{suite:?}");
            assert_eq!(open(&mut ours, Channel::Rtp, &marked), None, "repeated");
        }
        let sealed = seal(&mut peer[1], Channel::Rtcp, &report()).unwrap();
        assert!(open(&mut ours, Channel::Rtcp, &put(&sealed, second)).is_some());

        // One key stays and keeps its count, one goes, one comes.
        let old = seal(&mut peer[0], Channel::Rtp, &packet(7, 6)).unwrap();
        let older = put(&old, first);
        let kept = put(
            &seal(&mut peer[1], Channel::Rtp, &packet(7, 7)).unwrap(),
            second,
        );
        assert!(open(&mut ours, Channel::Rtp, &kept).is_some());
        let change = several(suite, &[(3, second), (5, third)]);
        assert!(ours.protect(LEG, INDEX, &change, Instant::now()));
        assert_eq!(open(&mut ours, Channel::Rtp, &kept), None, "again");
        assert!(
            open(&mut ours, Channel::Rtp, &older).is_some(),
            "on its way"
        );
        let fresh = seal(&mut peer[2], Channel::Rtp, &packet(7, 8)).unwrap();
        assert!(open(&mut ours, Channel::Rtp, &put(&fresh, third)).is_some());
        let late = seal(&mut peer[0], Channel::Rtp, &packet(7, 9)).unwrap();
        assert_eq!(open(&mut ours, Channel::Rtp, &put(&late, first)), None);
    }
}

#[test]
fn what_one_side_seals_the_other_opens_once() {
    for suite in Suite::ALL {
        let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&told(suite, 2, 1)));

        for sequence in 0..10 {
            assert!(
                pass(&mut one, &mut other, &packet(7, sequence)),
                "{suite:?}"
            );
            assert!(
                pass(&mut other, &mut one, &packet(8, sequence)),
                "{suite:?}"
            );
        }
        let sealed = seal(&mut one, Channel::Rtcp, &report()).unwrap();
        assert_eq!(
            open(&mut other, Channel::Rtcp, &sealed).unwrap()[..],
            report()[..]
        );
        assert_eq!(
            open(&mut other, Channel::Rtcp, &sealed),
            None,
            "{suite:?} repeated"
        );
        let sealed = seal(&mut one, Channel::Rtp, &packet(7, 10)).unwrap();
        let mut bent = sealed.clone();
        bent[20] ^= 1;
        assert_eq!(
            open(&mut other, Channel::Rtp, &bent),
            None,
            "{suite:?} bent"
        );
        assert!(open(&mut other, Channel::Rtp, &sealed).is_some());
        assert_eq!(
            open(&mut other, Channel::Rtp, &sealed),
            None,
            "{suite:?} repeated"
        );
        assert_eq!(
            open(&mut other, Channel::Rtp, &packet(7, 11)),
            None,
            "{suite:?} in clear"
        );
        assert_eq!(
            open(&mut other, Channel::Rtcp, &report()),
            None,
            "{suite:?} in clear"
        );
    }
}

#[test]
fn numbers_that_begin_anew_are_counted_by_both_sides() {
    let suite = Suite::AesCm128Sha1_80;
    let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&told(suite, 2, 1)));

    for turn in 0..1_500u32 {
        let sequence = (65_000 + turn) as u16;
        // Most are lost on their way.
        let sealed = seal(&mut one, Channel::Rtp, &packet(7, sequence)).unwrap();
        if turn % 97 == 0 || sequence < 3 {
            assert!(open(&mut other, Channel::Rtp, &sealed).is_some(), "{turn}");
        }
    }
}

#[test]
fn a_peer_that_changes_its_key_is_heard_throughout() {
    let suite = Suite::AesCm128Sha1_80;
    let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&told(suite, 2, 1)));
    let mut old = secured(&told(suite, 1, 2));
    for sequence in 65_530..=65_535 {
        assert!(pass(&mut one, &mut other, &packet(7, sequence)));
        assert!(pass(&mut other, &mut one, &packet(8, sequence)));
    }
    assert!(pass(&mut other, &mut one, &packet(8, 0)));

    other.protect(LEG, INDEX, &told(suite, 2, 3), Instant::now());
    let late = seal(&mut one, Channel::Rtp, &packet(7, 0)).unwrap();
    assert!(
        open(&mut other, Channel::Rtp, &late).is_some(),
        "on its way"
    );
    let mut new = secured(&told(suite, 3, 2));
    assert!(pass(&mut new, &mut other, &packet(7, 1)));

    let forged = seal(&mut old, Channel::Rtp, &packet(7, 500)).unwrap();
    assert_eq!(
        open(&mut other, Channel::Rtp, &forged),
        None,
        "the old key is done"
    );
    // What we send goes on under the same count, or the peer could not open it.
    assert!(pass(&mut other, &mut one, &packet(8, 1)));
}

#[test]
fn forged_sources_take_no_room() {
    let suite = Suite::AesCm128Sha1_80;
    let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&told(suite, 2, 1)));
    let mut stranger = secured(&told(suite, 5, 6));
    assert!(pass(&mut one, &mut other, &packet(7, 1)));

    for ssrc in 0..5_000 {
        assert!(!pass(&mut stranger, &mut other, &packet(ssrc + 100, 1)));
    }

    let Some(Seal::Told(told)) = other.legs.get(&INDEX) else {
        panic!("the leg is secured");
    };
    let kept = told.openers[0].kept();
    assert!(kept <= 32, "{kept}");
    assert!(pass(&mut one, &mut other, &packet(7, 2)));
}

#[test]
fn a_forged_packet_of_a_source_leaves_nothing_that_its_first_true_one_fails_by() {
    let suite = Suite::AesCm128Sha1_80;
    for forged in [1, 100, 16_660, 32_767, 32_768, 32_770, 40_000, 65_535] {
        let (mut one, mut other) = (secured(&told(suite, 1, 2)), secured(&told(suite, 2, 1)));
        let mut stranger = secured(&told(suite, 5, 6));

        for _ in 0..3 {
            assert!(!pass(&mut stranger, &mut other, &packet(7, forged)));
        }

        assert!(pass(&mut one, &mut other, &packet(7, 1)), "after {forged}");
        assert!(pass(&mut one, &mut other, &packet(7, 2)), "after {forged}");
    }
}

struct Pair {
    sides: [Seals; 2],
    now: Instant,
}

impl Pair {
    fn new(rtcp_mux: bool) -> Self {
        let sides = [seals(), seals()];
        let now = Instant::now();
        let prints = [0, 1].map(|at: usize| sides[at].identity.fingerprint());
        let mut pair = Self { sides, now };
        for (at, active) in [(1, false), (0, true)] {
            pair.expect(at, prints[1 - at], active, rtcp_mux);
        }
        pair
    }

    fn expect(&mut self, at: usize, fingerprint: Fingerprint, active: bool, rtcp_mux: bool) {
        let protection = Protection::Dtls {
            fingerprints: fingerprint.into(),
            active,
        };
        let media = media(protection, rtcp_mux);
        assert!(self.sides[at].protect(LEG, INDEX, &media, self.now));
    }

    fn settle(&mut self) {
        self.settle_from(OTHERS);
    }

    fn settle_from(&mut self, source: SocketAddr) {
        for _ in 0..20 {
            for at in [0, 1] {
                while let Some((_, channel, _, datagram)) = self.sides[at].poll_transmit() {
                    let came =
                        self.sides[1 - at].open((INDEX, channel), source, &datagram, self.now);
                    assert!(matches!(came, Opened::Handshake));
                }
            }
        }
    }

    fn events(&mut self, at: usize) -> Vec<MediaEvent> {
        std::iter::from_fn(|| self.sides[at].poll_event()).collect()
    }
}

#[test]
fn a_handshake_makes_keys_on_one_port_or_on_two() {
    for rtcp_mux in [true, false] {
        let mut pair = Pair::new(rtcp_mux);
        assert_eq!(seal(&mut pair.sides[0], Channel::Rtp, &packet(7, 1)), None);

        pair.settle();

        for at in [0, 1] {
            assert_eq!(pair.events(at), [MediaEvent::Secured { leg: LEG }]);
            assert_eq!(pair.sides[at].poll_timeout(), None);
        }
        let [one, other] = &mut pair.sides;
        assert!(pass(one, other, &packet(7, 1)));
        assert!(pass(other, one, &packet(8, 1)));
        let channel = if rtcp_mux {
            Channel::Rtp
        } else {
            Channel::Rtcp
        };
        let sealed = seal(one, channel, &report()).unwrap();
        assert_eq!(open(other, channel, &sealed).unwrap()[..], report()[..]);
        assert_eq!(open(other, Channel::Rtp, &packet(7, 9)), None);
    }
}

#[test]
fn the_same_certificate_keeps_its_keys_through_a_change_of_the_call() {
    let mut pair = Pair::new(true);
    pair.settle();
    let print = pair.sides[0].identity.fingerprint();

    pair.expect(1, print, false, true);

    let [one, other] = &mut pair.sides;
    assert!(pass(one, other, &packet(7, 1)));
}

#[test]
fn who_shows_another_certificate_gets_no_keys_and_keeps_nobody_out() {
    let mut pair = Pair::new(true);
    let stranger = std::mem::replace(&mut pair.sides[0], seals());
    let genuine = std::mem::replace(&mut pair.sides[0], stranger);
    pair.expect(1, genuine.identity.fingerprint(), false, true);
    pair.settle();
    assert_eq!(pair.events(1), []);
    assert_eq!(pair.events(0), [MediaEvent::Unsecured { leg: LEG }]);

    let ours = pair.sides[1].identity.fingerprint();
    pair.sides[0] = genuine;
    pair.expect(0, ours, true, true);
    pair.settle();

    assert_eq!(pair.events(1), [MediaEvent::Secured { leg: LEG }]);
}

#[test]
fn a_peer_that_shows_another_certificate_from_where_it_said_it_is_is_given_up_at_once() {
    for rtcp_mux in [true, false] {
        let mut pair = Pair::new(rtcp_mux);
        let named = seals().identity.fingerprint();
        pair.expect(1, named, false, rtcp_mux);

        pair.settle_from(media(Protection::Plain, rtcp_mux).address);

        assert_eq!(pair.events(1), [MediaEvent::Unsecured { leg: LEG }]);
        assert_eq!(pair.sides[1].poll_timeout(), None);
    }
}

#[test]
fn a_peer_that_offers_no_profile_of_ours_is_given_up_at_once() {
    let mut pair = Pair::new(true);
    let print = pair.sides[1].identity.fingerprint();
    let other = far::stray(&pair.sides[0].identity, print, pair.now);
    let Some(Seal::Shaken(shaken)) = pair.sides[0].legs.get_mut(&INDEX) else {
        panic!("the leg is secured");
    };
    shaken.rtp.association = other;
    pair.sides[0].out.clear();
    shaken.drain(INDEX, &mut pair.sides[0].out);

    pair.settle_from(media(Protection::Plain, true).address);

    for at in [0, 1] {
        assert_eq!(
            pair.events(at),
            [MediaEvent::Unsecured { leg: LEG }],
            "{at}"
        );
    }
}

#[test]
fn a_handshake_that_does_not_come_is_given_up() {
    let mut pair = Pair::new(true);
    let waits = &mut pair.sides[1];
    while let Some(due) = waits.poll_timeout() {
        waits.handle_timeout(due);
    }

    assert_eq!(pair.events(1), [MediaEvent::Unsecured { leg: LEG }]);
}

impl Pair {
    /// Lets one side end the association of a port; returns what the other is told then, second by second.
    fn ends(&mut self, by: usize, channel: Channel) -> Vec<(u64, MediaEvent)> {
        let now = self.now;
        let Some(Seal::Shaken(shaken)) = self.sides[by].legs.get_mut(&INDEX) else {
            panic!("the leg is secured");
        };
        let end = far::end(&mut shaken.hand(channel).association, now);
        let other = &mut self.sides[1 - by];
        let came = other.open((INDEX, channel), OTHERS, &end, now);
        assert!(matches!(came, Opened::Handshake));
        self.told(1 - by)
    }

    fn told(&mut self, at: usize) -> Vec<(u64, MediaEvent)> {
        let side = &mut self.sides[at];
        let mut told = Vec::new();
        for second in 0..=60 {
            let now = self.now + Duration::from_secs(second);
            if side.poll_timeout().is_some_and(|due| due <= now) {
                side.handle_timeout(now);
            }
            told.extend(std::iter::from_fn(|| side.poll_event()).map(|event| (second, event)));
        }
        told
    }

    fn talking(rtcp_mux: bool) -> Self {
        let mut pair = Self::new(rtcp_mux);
        pair.settle();
        for at in [0, 1] {
            assert_eq!(pair.events(at), [MediaEvent::Secured { leg: LEG }]);
        }
        pair
    }
}

#[test]
fn who_ends_the_association_of_its_sound_has_left_ten_seconds_later() {
    let left = MediaEvent::Left { leg: LEG };
    for (by, rtcp_mux) in [(0, true), (1, true), (0, false), (1, false)] {
        let mut pair = Pair::talking(rtcp_mux);
        assert_eq!(pair.ends(by, Channel::Rtp), [(10, left.clone())]);
        assert_eq!(pair.sides[1 - by].poll_timeout(), None);
    }
    let mut pair = Pair::talking(false);
    assert_eq!(
        pair.ends(0, Channel::Rtcp),
        [],
        "reports alone are no sound"
    );
}

#[test]
fn who_ends_the_association_and_goes_on_by_its_keys_or_comes_anew_has_not_left() {
    for (millis, stays) in [(300, false), (1_500, true)] {
        let mut pair = Pair::talking(true);
        let sealed = seal(&mut pair.sides[0], Channel::Rtp, &packet(7, 1)).unwrap();
        pair.now += Duration::from_secs(2);
        let Some(Seal::Shaken(shaken)) = pair.sides[0].legs.get_mut(&INDEX) else {
            panic!("the leg is secured");
        };
        let end = far::end(&mut shaken.rtp.association, pair.now);
        let (place, then) = (
            (INDEX, Channel::Rtp),
            pair.now + Duration::from_millis(millis),
        );
        pair.sides[1].open(place, OTHERS, &end, pair.now);
        let came = pair.sides[1].open(place, OTHERS, &sealed, then);
        assert!(matches!(came, Opened::Packet(_)), "{millis}");
        assert_eq!(pair.told(1).is_empty(), stays, "{millis}");
    }

    let mut pair = Pair::talking(true);
    let prints = [0, 1].map(|at: usize| pair.sides[at].identity.fingerprint());
    let Some(Seal::Shaken(shaken)) = pair.sides[0].legs.get_mut(&INDEX) else {
        panic!("the leg is secured");
    };
    let end = far::end(&mut shaken.rtp.association, pair.now);
    let now = pair.now;
    pair.sides[1].open((INDEX, Channel::Rtp), OTHERS, &end, now);
    // The same certificate and roles, and yet another association.
    pair.sides[0].forget(INDEX);
    pair.expect(1, prints[0], false, true);
    pair.expect(0, prints[1], true, true);
    pair.settle();
    assert_eq!(pair.events(1), [MediaEvent::Secured { leg: LEG }]);
    let [one, other] = &mut pair.sides;
    assert!(pass(one, other, &packet(7, 1)));
    assert!(pass(other, one, &packet(8, 1)));
    assert_eq!(pair.told(1), []);
}

#[test]
fn an_end_that_nobody_proved_ends_no_association() {
    let mut pair = Pair::talking(true);
    let now = pair.now;

    pair.sides[1].open((INDEX, Channel::Rtp), OTHERS, &far::forged_end(), now);

    assert_eq!(pair.told(1), []);
}
