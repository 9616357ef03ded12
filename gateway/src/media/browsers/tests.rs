//! Two cores in memory: ours, and one that does what a browser does.

use sip::media::IceCredentials;
use sip::sdp::Fingerprint;

use super::*;
use crate::media::secure::far;

mod strangers;

const LEG: LegIndex = LegIndex(3);
const OTHER: LegIndex = LegIndex(4);
const ABSENCE: Duration = Duration::from_secs(120);

/// A browser at its place.
struct Browser {
    identity: Identity,
    at: SocketAddr,
    association: Association,
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 9], port))
}

fn security(ours: &str, theirs: &Identity) -> Security {
    Security {
        ice: IceCredentials {
            ufrag: ours.to_owned(),
            password: format!("{ours} has a password of its own"),
        },
        ufrag: "them".to_owned(),
        fingerprints: theirs.fingerprint().into(),
        active: false,
    }
}

impl Browser {
    fn new(port: u16, house: &Identity, now: Instant) -> Self {
        let identity = Identity::make().unwrap();
        let association = Association::begin(&identity, house.fingerprint(), now).unwrap();
        Self {
            identity,
            at: at(port),
            association,
        }
    }

    fn check(&self, ours: &str, nominate: bool) -> Vec<u8> {
        let password = format!("{ours} has a password of its own");
        far::check(&format!("{ours}:them"), &password, nominate, &self.identity)
    }

    // Passes datagrams to and fro until both are silent.
    fn talk(&mut self, browsers: &mut Browsers, now: Instant) {
        loop {
            let mut silent = true;
            while let Some(datagram) = self.association.poll_transmit() {
                silent = false;
                assert!(browsers.handle(self.at, &datagram, now).is_none());
            }
            while let Some((to, datagram)) = browsers.poll_transmit() {
                silent = false;
                assert_eq!(to, self.at);
                if kind(&datagram) == Kind::Dtls {
                    self.association.handle(&datagram, now);
                }
            }
            if silent {
                return;
            }
        }
    }
}

fn packet(sequence: u8, payload: u8) -> Vec<u8> {
    let mut packet = vec![0x80, 0, 0, sequence, 0, 0, 0, 0, 1, 2, 3, 4];
    packet.extend([payload; 160]);
    packet
}

/// A house with one leg, and its browser connected.
fn connected() -> (Browsers, Browser, Instant) {
    let now = Instant::now();
    let house = Identity::make().unwrap();
    let mut browser = Browser::new(4000, &house, now);
    let mut browsers = Browsers::new(house, ABSENCE);
    assert!(browsers.expect(LegKey(7), LEG, security("ours", &browser.identity), now));
    browsers.handle(browser.at, &browser.check("ours", true), now);
    browser.talk(&mut browsers, now);
    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Secured { leg: LegKey(7) })
    );
    (browsers, browser, now)
}

#[test]
fn media_passes_both_ways_sealed_and_a_repeat_or_a_forgery_does_not() {
    let (mut browsers, mut browser, now) = connected();

    let sealed = browser.association.seal_rtp(&packet(1, 0x55)).unwrap();
    assert_ne!(sealed[12..172], packet(1, 0x55)[12..]);
    let (index, opened) = browsers.handle(browser.at, &sealed, now).unwrap();
    assert_eq!((index, &opened[..]), (LEG, &packet(1, 0x55)[..]));
    assert!(browsers.handle(browser.at, &sealed, now).is_none());
    let mut forged = browser.association.seal_rtp(&packet(2, 0x55)).unwrap();
    forged[40] ^= 1;
    assert!(browsers.handle(browser.at, &forged, now).is_none());

    let (to, sealed) = browsers.seal(LEG, &packet(9, 0x2a), now).unwrap();
    assert_eq!(to, browser.at);
    let heard = browser.association.open_rtp(&sealed).unwrap();
    assert_eq!(&heard[..], &packet(9, 0x2a)[..]);
    assert!(browsers.seal(OTHER, &packet(9, 0x2a), now).is_none());
}

#[test]
fn a_check_is_answered_with_the_address_it_came_from_and_only_for_the_password() {
    let now = Instant::now();
    let house = Identity::make().unwrap();
    let browser = Browser::new(4000, &house, now);
    let mut browsers = Browsers::new(house, ABSENCE);
    browsers.expect(LegKey(7), LEG, security("ours", &browser.identity), now);

    browsers.handle(at(4000), &browser.check("ours", false), now);
    let (to, answer) = browsers.poll_transmit().unwrap();
    assert_eq!((to, far::answered(&answer)), (at(4000), Some(at(4000))));

    let strangers = [
        browser.check("mine", true),
        far::check("ours:them", "guessed", true, &browser.identity),
        far::check(
            "ours:else",
            "ours has a password of its own",
            true,
            &browser.identity,
        ),
        vec![0; 20],
        Vec::new(),
    ];
    for stranger in strangers {
        browsers.handle(at(6666), &stranger, now);
        assert!(browsers.poll_transmit().is_none());
    }
}

#[test]
fn another_certificate_than_the_description_named_is_not_heard() {
    let now = Instant::now();
    let house = Identity::make().unwrap();
    let mut browser = Browser::new(4000, &house, now);
    let mut browsers = Browsers::new(house, ABSENCE);
    let mut named = security("ours", &browser.identity);
    named.fingerprints = Fingerprint([1; 32]).into();
    browsers.expect(LegKey(7), LEG, named, now);

    browsers.handle(browser.at, &browser.check("ours", true), now);
    browser.talk(&mut browsers, now);

    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Unsecured { leg: LegKey(7) })
    );
    assert!(browsers.seal(LEG, &packet(1, 1), now).is_none());
}

#[test]
fn a_browser_does_not_take_another_certificate_than_ours() {
    let now = Instant::now();
    let mut browser = Browser::new(4000, &Identity::make().unwrap(), now);
    let mut browsers = Browsers::new(Identity::make().unwrap(), ABSENCE);
    browsers.expect(LegKey(7), LEG, security("ours", &browser.identity), now);

    browsers.handle(browser.at, &browser.check("ours", true), now);
    browser.talk(&mut browsers, now);

    assert!(!browser.association.is_done());
    assert_eq!(browsers.poll_event(), None);
}

#[test]
fn two_browsers_share_the_port_and_are_told_apart() {
    let (mut browsers, mut first, now) = connected();
    let mut second = Browser::new(4001, &browsers.identity.clone(), now);
    browsers.expect(LegKey(8), OTHER, security("more", &second.identity), now);
    browsers.handle(second.at, &second.check("more", true), now);
    second.talk(&mut browsers, now);

    for (browser, leg) in [(&mut first, LEG), (&mut second, OTHER)] {
        let sealed = browser.association.seal_rtp(&packet(5, 9)).unwrap();
        assert_eq!(browsers.handle(browser.at, &sealed, now).unwrap().0, leg);
    }
    // What one sealed is nothing from where the other is.
    let sealed = first.association.seal_rtp(&packet(6, 9)).unwrap();
    assert!(browsers.handle(second.at, &sealed, now).is_none());
}

#[test]
fn a_restart_of_ice_keeps_the_keys_and_the_old_way_until_a_new_one_is_chosen() {
    let (mut browsers, mut browser, now) = connected();
    browsers.expect(LegKey(7), LEG, security("next", &browser.identity), now);

    let (to, _) = browsers.seal(LEG, &packet(1, 1), now).unwrap();
    assert_eq!(to, at(4000));
    browser.at = at(5000);
    browsers.handle(browser.at, &browser.check("next", false), now);
    assert_eq!(browsers.seal(LEG, &packet(2, 1), now).unwrap().0, at(4000));
    browsers.handle(browser.at, &browser.check("next", true), now);
    while browsers.poll_transmit().is_some() {}

    let (to, sealed) = browsers.seal(LEG, &packet(3, 1), now).unwrap();
    assert_eq!(to, at(5000));
    assert!(browser.association.open_rtp(&sealed).is_some());
    let sealed = browser.association.seal_rtp(&packet(1, 4)).unwrap();
    assert!(browsers.handle(at(5000), &sealed, now).is_some());
    browsers.handle(at(4000), &browser.check("ours", true), now);
    assert!(browsers.poll_transmit().is_none(), "the old name is over");
    assert_eq!(browsers.seal(LEG, &packet(4, 1), now).unwrap().0, at(5000));
}

#[test]
fn a_browser_that_does_not_hear_of_a_restart_goes_on_by_its_old_name() {
    let (mut browsers, browser, mut now) = connected();
    // It asks again and again, and no answer reaches it.
    for name in ["second", "third", "fourth"] {
        browsers.expect(LegKey(7), LEG, security(name, &browser.identity), now);
        now += CONSENT;
        browsers.handle(browser.at, &browser.check("ours", false), now);
        let (to, answer) = browsers.poll_transmit().unwrap();
        assert_eq!(far::answered(&answer), Some(to));
        assert!(browsers.seal(LEG, &packet(1, 1), now + CONSENT).is_some());
    }

    assert_eq!(browsers.by_ufrag.len(), 2);
    browsers.handle(browser.at, &browser.check("third", true), now);
    assert!(browsers.poll_transmit().is_none(), "it was passed over");
    browsers.handle(browser.at, &browser.check("fourth", true), now);
    assert!(browsers.poll_transmit().is_some());
    assert_eq!(browsers.by_ufrag.len(), 1);
}

#[test]
fn a_browser_changes_its_network_as_often_as_it_likes() {
    let (mut browsers, mut browser, now) = connected();
    for change in 0..3 * WAYS as u16 {
        let name = format!("name {change}");
        browsers.expect(LegKey(7), LEG, security(&name, &browser.identity), now);
        // By cable and by radio, and the latter is better.
        for (port, nominate) in [(5000, false), (6000, true)] {
            browser.at = at(port + change);
            browsers.handle(browser.at, &browser.check(&name, nominate), now);
        }

        let sealed = browsers.seal(LEG, &packet(1, 1), now);
        assert_eq!(sealed.unwrap().0, at(6000 + change));
    }

    assert!(browsers.by_way.len() <= WAYS);
}

#[test]
fn a_page_that_comes_anew_takes_the_leg_over() {
    let (mut browsers, mut old, now) = connected();
    let mut fresh = Browser::new(4700, &browsers.identity.clone(), now);
    // The old page was about to change its network.
    browsers.expect(LegKey(7), LEG, security("ways", &old.identity), now);
    browsers.expect(LegKey(7), LEG, security("next", &fresh.identity), now);
    assert_eq!(browsers.by_ufrag.len(), 1);

    browsers.handle(fresh.at, &fresh.check("next", true), now);
    fresh.talk(&mut browsers, now);

    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Secured { leg: LegKey(7) })
    );
    let (to, sealed) = browsers.seal(LEG, &packet(1, 1), now).unwrap();
    assert_eq!(to, fresh.at);
    assert!(fresh.association.open_rtp(&sealed).is_some());
    let sealed = old.association.seal_rtp(&packet(1, 4)).unwrap();
    assert!(browsers.handle(old.at, &sealed, now).is_none());
}

#[test]
fn who_sends_no_checks_any_more_is_sent_nothing_until_one_comes() {
    let (mut browsers, browser, now) = connected();

    let later = now + CONSENT + Duration::from_millis(1);
    assert!(browsers.seal(LEG, &packet(1, 1), now + CONSENT).is_some());
    assert!(browsers.seal(LEG, &packet(2, 1), later).is_none());

    browsers.handle(browser.at, &browser.check("ours", false), later);
    assert!(browsers.seal(LEG, &packet(3, 1), later).is_some());
}

/// Lets time pass second by second, and returns after how many it was told that the browser is gone.
fn gone_after(browsers: &mut Browsers, start: Instant, seconds: u64) -> Option<u64> {
    (0..=seconds).find(|second| {
        let now = start + Duration::from_secs(*second);
        if browsers.poll_timeout().is_some_and(|due| due <= now) {
            browsers.handle_timeout(now);
        }
        std::iter::from_fn(|| browsers.poll_event())
            .any(|event| event == MediaEvent::Gone { leg: LegKey(7) })
    })
}

/// Lets time pass second by second, and returns at which it was told that the browser is away, or is back.
fn away_at(
    browsers: &mut Browsers,
    start: Instant,
    seconds: std::ops::RangeInclusive<u64>,
) -> Vec<(u64, bool)> {
    let mut told = Vec::new();
    for second in seconds {
        let now = start + Duration::from_secs(second);
        if browsers.poll_timeout().is_some_and(|due| due <= now) {
            browsers.handle_timeout(now);
        }
        while let Some(event) = browsers.poll_event() {
            let MediaEvent::Away { leg: LegKey(7), on } = event else {
                panic!("{event:?}");
            };
            told.push((second, on));
        }
    }
    told
}

#[test]
fn a_browser_of_which_nothing_comes_is_away_and_back_with_a_check_or_a_packet() {
    let (mut browsers, mut browser, start) = connected();
    let since = |seconds| start + Duration::from_secs(seconds);
    assert_eq!(away_at(&mut browsers, start, 0..=30), [(10, true)]);

    browsers.handle(browser.at, &browser.check("ours", false), since(31));
    assert_eq!(away_at(&mut browsers, start, 31..=40), [(31, false)]);
    let sealed = browser.association.seal_rtp(&packet(1, 4)).unwrap();
    browsers.handle(browser.at, &sealed, since(40));
    assert_eq!(away_at(&mut browsers, start, 41..=60), [(50, true)]);
    let sealed = browser.association.seal_rtp(&packet(2, 4)).unwrap();
    browsers.handle(browser.at, &sealed, since(60));
    assert_eq!(
        away_at(&mut browsers, start, 60..=80),
        [(60, false), (70, true)]
    );
    assert_eq!(browsers.looks.len(), 1, "one moment each");
    // Packets are no consent.
    assert_eq!(away_at(&mut browsers, start, 81..=150), []);
    browsers.handle_timeout(since(151));
    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Gone { leg: LegKey(7) })
    );
}

#[test]
fn a_page_that_comes_anew_while_it_is_away_is_back_when_it_is_heard() {
    let (mut browsers, _, start) = connected();
    assert_eq!(away_at(&mut browsers, start, 0..=12), [(10, true)]);
    let now = start + Duration::from_secs(13);
    let fresh = Browser::new(4700, &browsers.identity.clone(), now);
    browsers.expect(LegKey(7), LEG, security("next", &fresh.identity), now);
    assert_eq!(away_at(&mut browsers, start, 13..=14), []);

    let back = start + Duration::from_secs(15);
    browsers.handle(fresh.at, &fresh.check("next", true), back);

    assert_eq!(away_at(&mut browsers, start, 15..=20), [(15, false)]);
}

#[test]
fn a_browser_without_consent_is_waited_for_and_gone_after_its_absence() {
    let (mut browsers, mut browser, start) = connected();
    assert_eq!(gone_after(&mut browsers, start, 119), None);
    // Any check is consent, by whatever way; what is heard beside that is none.
    let back = start + Duration::from_secs(119);
    browsers.handle(at(5000), &browser.check("ours", false), back);
    let sealed = browser.association.seal_rtp(&packet(1, 4)).unwrap();
    let late = back + Duration::from_secs(60);
    assert!(browsers.handle(at(5000), &sealed, late).is_some());

    assert_eq!(gone_after(&mut browsers, back, 300), Some(120));
    let after = back + Duration::from_secs(300);
    assert_eq!(gone_after(&mut browsers, after, 300), None, "told once");
}

#[test]
fn a_page_that_offers_anew_and_never_comes_is_gone_as_early() {
    let (mut browsers, _, start) = connected();
    let fresh = Identity::make().unwrap();
    let later = start + Duration::from_secs(60);
    browsers.expect(LegKey(7), LEG, security("next", &fresh), later);

    browsers.handle_timeout(later + HANDSHAKE);
    let leg = LegKey(7);
    let told: Vec<_> = std::iter::from_fn(|| browsers.poll_event()).collect();
    assert_eq!(
        told,
        [
            MediaEvent::Away { leg, on: true },
            MediaEvent::Unsecured { leg }
        ]
    );
    assert_eq!(gone_after(&mut browsers, start, 300), Some(120));
}

#[test]
fn a_lost_flight_of_the_handshake_is_sent_again() {
    let now = Instant::now();
    let house = Identity::make().unwrap();
    let mut browser = Browser::new(4000, &house, now);
    let mut browsers = Browsers::new(house, ABSENCE);
    browsers.expect(LegKey(7), LEG, security("ours", &browser.identity), now);
    browsers.handle(browser.at, &browser.check("ours", true), now);
    // The first answer, a cookie, is lost; the browser asks again a second later.
    while let Some(datagram) = browser.association.poll_transmit() {
        browsers.handle(browser.at, &datagram, now);
    }
    while browsers.poll_transmit().is_some() {}
    let mut now = now;
    for _ in 0..4 {
        now += Duration::from_secs(2);
        browser.association.handle_timeout(now);
        browsers.handle_timeout(now);
        browser.talk(&mut browsers, now);
    }

    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Secured { leg: LegKey(7) })
    );
    assert!(browsers.shaking.is_empty());
}

#[test]
fn a_browser_that_does_not_come_in_time_is_given_up_once() {
    let now = Instant::now();
    let house = Identity::make().unwrap();
    let browser = Identity::make().unwrap();
    let mut browsers = Browsers::new(house, ABSENCE);
    browsers.expect(LegKey(7), LEG, security("ours", &browser), now);
    assert_eq!(away_at(&mut browsers, now, 0..=29), [(10, true)]);
    assert_eq!(browsers.poll_timeout(), Some(now + HANDSHAKE));

    browsers.handle_timeout(now + HANDSHAKE);

    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Unsecured { leg: LegKey(7) })
    );
    assert_eq!(browsers.poll_timeout(), Some(now + ABSENCE));
}

#[test]
fn a_forgotten_leg_leaves_nothing() {
    let (mut browsers, browser, now) = connected();

    browsers.expect(LegKey(7), LEG, security("next", &browser.identity), now);
    browsers.forget(LEG);

    assert!(!browsers.knows(LEG));
    browsers.handle(browser.at, &browser.check("ours", true), now);
    assert!(browsers.poll_transmit().is_none());
    assert!(
        browsers.by_way.is_empty() && browsers.by_ufrag.is_empty() && browsers.peers.is_empty()
    );
    assert_eq!(browsers.poll_timeout(), None);
}

#[test]
fn a_browser_that_waits_for_our_handshake_gets_it_once_it_is_somewhere() {
    let now = Instant::now();
    let house = Identity::make().unwrap();
    let mut browser = Browser::new(4000, &house, now);
    browser.association = Association::accept(&browser.identity, house.fingerprint()).unwrap();
    let mut browsers = Browsers::new(house, ABSENCE);
    let named = Security {
        active: true,
        ..security("ours", &browser.identity)
    };
    assert!(browsers.expect(LegKey(7), LEG, named, now));

    let later = now + Duration::from_secs(3);
    browsers.handle_timeout(later);
    assert!(browsers.poll_transmit().is_none(), "it is nowhere yet");
    browsers.handle(browser.at, &browser.check("ours", true), later);
    browser.talk(&mut browsers, later);

    assert_eq!(
        browsers.poll_event(),
        Some(MediaEvent::Secured { leg: LegKey(7) })
    );
    let (to, sealed) = browsers.seal(LEG, &packet(1, 1), later).unwrap();
    assert_eq!(to, browser.at);
    assert!(browser.association.open_rtp(&sealed).is_some());
}

#[test]
fn a_browser_that_is_told_of_again_keeps_its_keys_its_name_and_its_way() {
    let (mut browsers, mut browser, now) = connected();

    browsers.expect(LegKey(7), LEG, security("ours", &browser.identity), now);
    for _ in 0..2 {
        browsers.handle(browser.at, &browser.check("ours", true), now);
        let (to, answer) = browsers.poll_transmit().unwrap();
        assert_eq!(far::answered(&answer), Some(to));
    }

    let (to, sealed) = browsers.seal(LEG, &packet(1, 1), now).unwrap();
    assert_eq!(to, browser.at);
    assert!(browser.association.open_rtp(&sealed).is_some());
    assert_eq!(browsers.poll_event(), None);
    // Another role is another association (RFC 8842 §5.5).
    let turned = Security {
        active: true,
        ..security("ours", &browser.identity)
    };
    browsers.expect(LegKey(7), LEG, turned, now);
    assert!(browsers.seal(LEG, &packet(2, 1), now).is_none());
}

/// Lets time pass second by second, and returns what was told when.
fn told(
    browsers: &mut Browsers,
    start: Instant,
    seconds: std::ops::RangeInclusive<u64>,
) -> Vec<(u64, MediaEvent)> {
    let mut told = Vec::new();
    for second in seconds {
        let now = start + Duration::from_secs(second);
        if browsers.poll_timeout().is_some_and(|due| due <= now) {
            browsers.handle_timeout(now);
        }
        told.extend(std::iter::from_fn(|| browsers.poll_event()).map(|event| (second, event)));
    }
    told
}

const AWAY_NOW: MediaEvent = MediaEvent::Away {
    leg: LegKey(7),
    on: true,
};
const BACK: MediaEvent = MediaEvent::Away {
    leg: LegKey(7),
    on: false,
};

#[test]
fn who_ends_its_association_is_sent_nothing_from_then_on_and_has_left_ten_seconds_later() {
    for before in [0, 5, 9, 40] {
        let (mut browsers, mut browser, start) = connected();
        let since = |seconds| start + Duration::from_secs(seconds);
        for second in 0..=before {
            browsers.handle(browser.at, &browser.check("ours", true), since(second));
            assert_eq!(told(&mut browsers, start, second..=second), []);
        }
        assert!(browsers.seal(LEG, &packet(1, 1), since(before)).is_some());

        let end = far::end(&mut browser.association, since(before));
        browsers.handle(browser.at, &end, since(before));

        assert!(browsers.seal(LEG, &packet(2, 1), since(before)).is_none());
        let left = MediaEvent::Left { leg: LegKey(7) };
        let gone = MediaEvent::Gone { leg: LegKey(7) };
        let expected = [
            (before, AWAY_NOW),
            (before + 10, left),
            (before + 120, gone),
        ];
        assert_eq!(told(&mut browsers, start, before..=before + 300), expected);
        assert_eq!(browsers.poll_timeout(), None);
    }
}

#[test]
fn who_goes_on_by_the_keys_of_an_association_that_it_ended_has_not_left() {
    let (mut browsers, mut browser, start) = connected();
    let since = |millis| start + Duration::from_millis(millis);
    let late = browser.association.seal_rtp(&packet(1, 1)).unwrap();
    let end = far::end(&mut browser.association, start);
    browsers.handle(browser.at, &end, start);

    // What was overtaken by the end says nothing.
    assert!(browsers.handle(browser.at, &late, since(200)).is_some());
    let left = MediaEvent::Left { leg: LegKey(7) };
    let expected = [(0, AWAY_NOW), (0, BACK), (10, left), (11, AWAY_NOW)];
    assert_eq!(told(&mut browsers, start, 0..=30), expected);

    let (mut browsers, mut browser, start) = connected();
    let since = |millis| start + Duration::from_millis(millis);
    let later = browser.association.seal_rtp(&packet(1, 1)).unwrap();
    let end = far::end(&mut browser.association, start);
    browsers.handle(browser.at, &end, start);
    assert!(browsers.handle(browser.at, &later, since(1_500)).is_some());
    let expected = [(0, AWAY_NOW), (0, BACK), (12, AWAY_NOW)];
    assert_eq!(told(&mut browsers, start, 0..=100), expected);
}

#[test]
fn an_end_that_nobody_proved_ends_nothing() {
    let (mut browsers, mut browser, start) = connected();

    browsers.handle(browser.at, &far::forged_end(), start);

    assert_eq!(browsers.poll_event(), None);
    let (_, sealed) = browsers.seal(LEG, &packet(1, 1), start).unwrap();
    assert!(browser.association.open_rtp(&sealed).is_some());
    let end = far::end(&mut browser.association, start);
    browsers.handle(at(6666), &end, start);
    assert_eq!(browsers.poll_event(), None, "by a way that it did not come");
}
