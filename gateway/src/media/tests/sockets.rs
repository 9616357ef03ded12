//! The worker with real sockets on loopback.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use sip::families::Families;
use sip::media::{BROWSER, IceCredentials, MediaCommand, OpenError, Program, Security};
use sip::sdp::Fingerprint;
use tokio::sync::mpsc;

use super::*;
use crate::media::secure::{Association, Kind, far, kind};
use crate::media::{BrowserPort, Identity, Media};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The worker with plain settings.
pub(super) fn started(sender: mpsc::Sender<MediaEvent>) -> Media {
    Media::start(
        Settings::default(),
        sounds(),
        7,
        None,
        None,
        Identity::make().unwrap(),
        sender,
    )
    .unwrap()
}

struct Desk {
    media: Media,
    events: mpsc::Receiver<MediaEvent>,
}

impl Desk {
    fn new() -> Self {
        let (sender, events) = mpsc::channel(64);
        let media = started(sender);
        Self { media, events }
    }

    /// Opens a leg for a phone and returns where the phone must send.
    async fn open(&mut self, key: u64, phone: &UdpSocket) -> SocketAddr {
        let leg = LegKey(key);
        self.ask(MediaCommand::Open {
            leg,
            addresses: LOOPBACK.into(),
            port: 0,
        })
        .await;
        let Some(MediaEvent::Opened { port, .. }) = self.events.recv().await else {
            panic!("the leg was not opened");
        };
        let media = agreed(
            phone.local_addr().unwrap(),
            Codec::Pcmu,
            Direction::SendRecv,
        );
        self.ask(MediaCommand::Remote { leg, media }).await;
        SocketAddr::new(LOOPBACK, port)
    }

    /// Waits until what was asked is done: a later command, about leg 1 that stands, is answered.
    async fn settle(&mut self) {
        self.ask(MediaCommand::Open {
            leg: LegKey(1),
            addresses: LOOPBACK.into(),
            port: 0,
        })
        .await;
        let refused = self.events.recv().await;
        let in_use = matches!(
            refused,
            Some(MediaEvent::OpenFailed {
                error: OpenError::LegInUse,
                ..
            })
        );
        assert!(in_use, "{refused:?}");
    }

    async fn ask(&self, command: MediaCommand) {
        self.media.ask(command).await.unwrap();
    }
}

fn phone() -> UdpSocket {
    let phone = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    phone
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    phone
}

#[tokio::test]
async fn the_worker_ends_whenever_its_handle_is_dropped() {
    for _ in 0..100 {
        let (sender, mut events) = mpsc::channel(64);
        drop(started(sender));
        assert_eq!(events.recv().await, None);
    }
}

#[tokio::test]
async fn a_packet_crosses_real_sockets_and_the_leg_ends_with_its_numbers() {
    let mut desk = Desk::new();
    let (alice, bob) = (phone(), phone());
    let to_alice = desk.open(1, &alice).await;
    desk.open(2, &bob).await;
    desk.ask(MediaCommand::Bridge {
        a: LegKey(1),
        b: LegKey(2),
    })
    .await;
    desk.settle().await;

    let packet = [&Header::default().to_bytes()[..], &[0x55; 160]].concat();
    alice.send_to(&packet, to_alice).unwrap();
    let mut buffer = [0; 2048];
    let (length, _) = bob.recv_from(&mut buffer).unwrap();

    assert_eq!(&buffer[12..length], [0x55; 160]);
    assert_eq!(
        desk.events.recv().await,
        Some(MediaEvent::Flowing { leg: LegKey(1) })
    );
    drop(desk.media);
    let mut ended = 0;
    while let Some(event) = desk.events.recv().await {
        ended += u32::from(matches!(event, MediaEvent::Stats { .. }));
    }
    assert_eq!(ended, 2);
}

#[tokio::test]
async fn who_is_at_one_family_hears_who_is_at_the_other() {
    let (v4, v6) = (LOOPBACK, IpAddr::V6(std::net::Ipv6Addr::LOCALHOST));
    let addresses = Families::Both { v4, v6 };
    let mut desk = Desk::new();
    let (alice, bob) = (phone(), UdpSocket::bind((v6, 0)).unwrap());
    bob.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut ports = Vec::new();
    for (key, phone) in [(1, &alice), (2, &bob)] {
        let leg = LegKey(key);
        desk.ask(MediaCommand::Open {
            leg,
            addresses,
            port: 0,
        })
        .await;
        let Some(MediaEvent::Opened { port, .. }) = desk.events.recv().await else {
            panic!("the leg was not opened");
        };
        let at = phone.local_addr().unwrap();
        let media = agreed(at, Codec::Pcmu, Direction::SendRecv);
        desk.ask(MediaCommand::Remote { leg, media }).await;
        ports.push(port);
    }
    desk.ask(MediaCommand::Bridge {
        a: LegKey(1),
        b: LegKey(2),
    })
    .await;
    desk.settle().await;
    let mut buffer = [0; 2048];
    let packet = |sound: u8| [&Header::default().to_bytes()[..], &[sound; 160]].concat();

    bob.send_to(&packet(0x66), (v6, ports[1])).unwrap();
    let (length, _) = alice.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[12..length], [0x66; 160]);
    alice.send_to(&packet(0x55), (v4, ports[0])).unwrap();
    let (length, from) = bob.recv_from(&mut buffer).unwrap();

    assert_eq!(&buffer[12..length], [0x55; 160]);
    assert_eq!(
        from,
        SocketAddr::new(v6, ports[1]),
        "by the port that it was told"
    );
}

#[tokio::test]
async fn a_port_in_use_is_told() {
    let mut desk = Desk::new();
    let taken = phone();
    let port = taken.local_addr().unwrap().port();

    desk.ask(MediaCommand::Open {
        leg: LegKey(1),
        addresses: LOOPBACK.into(),
        port,
    })
    .await;

    let error = OpenError::PortInUse;
    assert_eq!(
        desk.events.recv().await,
        Some(MediaEvent::OpenFailed {
            leg: LegKey(1),
            port,
            error
        })
    );
}

#[tokio::test]
async fn what_is_played_arrives_at_its_pace() {
    let mut desk = Desk::new();
    let alice = phone();
    desk.open(1, &alice).await;
    let what = Program::Ringback;
    desk.ask(MediaCommand::Play {
        leg: LegKey(1),
        turn: 1,
        what,
        repeat: true,
        witnessed: false,
    })
    .await;

    let mut samples = Vec::new();
    let mut buffer = [0; 2048];
    for _ in 0..25 {
        let (length, _) = alice.recv_from(&mut buffer).unwrap();
        samples.extend(
            buffer[12..length]
                .iter()
                .map(|&byte| g711::decode(g711::Law::Mu, byte)),
        );
    }

    assert!(tone::level(&samples, 425) > 3000.0);
}

#[tokio::test]
async fn a_panic_ends_the_leg_it_happened_at_and_nothing_else() {
    let mut desk = Desk::new();
    let (doomed, alice, bob) = (phone(), phone(), phone());
    let to_doomed = desk.open(TRAP.0, &doomed).await;
    let to_alice = desk.open(1, &alice).await;
    desk.open(2, &bob).await;
    let (a, b) = (LegKey(1), LegKey(2));
    desk.ask(MediaCommand::Bridge { a, b }).await;

    let packet = [&Header::default().to_bytes()[..], &[0x55; 160]].concat();
    doomed.send_to(&packet, to_doomed).unwrap();

    let failed = desk.events.recv().await;
    assert_eq!(failed, Some(MediaEvent::Failed { leg: TRAP }));
    let closed = desk.events.recv().await;
    assert!(
        matches!(closed, Some(MediaEvent::Stats { leg, .. }) if leg == TRAP),
        "{closed:?}"
    );
    alice.send_to(&packet, to_alice).unwrap();
    let mut heard = [0; 2_000];
    let (length, _) = bob.recv_from(&mut heard).unwrap();
    assert!(length > 12);
    let flows = desk.events.recv().await;
    assert_eq!(flows, Some(MediaEvent::Flowing { leg: a }));
    desk.ask(MediaCommand::Close { leg: TRAP }).await;
    desk.open(TRAP.0, &doomed).await;
}

/// What is agreed with a SIP peer in a browser that shows `identity`.
fn in_browser(identity: &Identity) -> RemoteMedia {
    let ice = IceCredentials {
        ufrag: "ours".to_owned(),
        password: "ours has a password of its own".to_owned(),
    };
    let security = Security {
        ice,
        ufrag: "them".to_owned(),
        fingerprints: identity.fingerprint().into(),
        active: false,
    };
    RemoteMedia {
        protection: Protection::Ice(Box::new(security)),
        rtcp: BROWSER,
        rtcp_mux: true,
        ..agreed(BROWSER, Codec::Pcmu, Direction::SendRecv)
    }
}

/// Finds the house as a browser does, and makes keys with it.
fn shaken(
    browser: &UdpSocket,
    theirs: &Identity,
    house: Fingerprint,
    place: SocketAddr,
) -> Association {
    let password = "ours has a password of its own";
    let check = far::check("ours:them", password, true, theirs);
    browser.send_to(&check, place).unwrap();
    let mut association = Association::begin(theirs, house, Instant::now()).unwrap();
    let mut buffer = [0; 2048];
    while !association.is_done() {
        while let Some(datagram) = association.poll_transmit() {
            browser.send_to(&datagram, place).unwrap();
        }
        let (length, from) = browser.recv_from(&mut buffer).unwrap();
        assert_eq!(from, place);
        if kind(&buffer[..length]) == Kind::Dtls {
            association.handle(&buffer[..length], Instant::now());
        }
    }
    while let Some(datagram) = association.poll_transmit() {
        browser.send_to(&datagram, place).unwrap();
    }
    association
}

#[tokio::test]
async fn a_sip_leg_whose_peer_comes_by_ice_leaves_its_port_for_that_of_all_browsers() {
    let (house, theirs) = (Identity::make().unwrap(), Identity::make().unwrap());
    let settings = Settings::default();
    let at = SocketAddr::new(LOOPBACK, 0);
    let port = BrowserPort::bind(at, settings.dscp, house.clone(), settings.absence).unwrap();
    let place = port.local().unwrap();
    let (sender, events) = mpsc::channel(64);
    let named = house.fingerprint();
    let media = Media::start(settings, sounds(), 7, Some(port), None, house, sender).unwrap();
    let mut desk = Desk { media, events };
    let (leg, browser) = (LegKey(1), phone());
    desk.ask(MediaCommand::Open {
        leg,
        addresses: LOOPBACK.into(),
        port: 0,
    })
    .await;
    let Some(MediaEvent::Opened { port: its_own, .. }) = desk.events.recv().await else {
        panic!("the leg was not opened");
    };
    let media = in_browser(&theirs);
    desk.ask(MediaCommand::Remote { leg, media }).await;
    desk.settle().await;

    let mut association = shaken(&browser, &theirs, named, place);
    let mut buffer = [0; 2048];

    assert_eq!(desk.events.recv().await, Some(MediaEvent::Secured { leg }));
    let packet = [&Header::default().to_bytes()[..], &[0x55; 160]].concat();
    let sealed = association.seal_rtp(&packet).unwrap();
    browser.send_to(&sealed, place).unwrap();
    assert_eq!(desk.events.recv().await, Some(MediaEvent::Flowing { leg }));
    let what = Program::Ringback;
    desk.ask(MediaCommand::Play {
        leg,
        turn: 1,
        what,
        repeat: true,
        witnessed: false,
    })
    .await;
    let heard = loop {
        let (length, from) = browser.recv_from(&mut buffer).unwrap();
        assert_eq!(from, place, "nothing comes by the port that was its own");
        let is_rtp = kind(&buffer[..length]) == Kind::Srtp && !rtp::is_rtcp(&buffer[..length]);
        if let Some(opened) = is_rtp.then(|| association.open_rtp(&buffer[..length])) {
            break opened.unwrap();
        }
    };
    assert_eq!(heard.len(), 172);
    UdpSocket::bind((LOOPBACK, its_own)).expect("its own port is free");
    // Who came by ICE does not go back to a port that is closed.
    let back = agreed(
        browser.local_addr().unwrap(),
        Codec::Pcmu,
        Direction::SendRecv,
    );
    desk.ask(MediaCommand::Remote { leg, media: back }).await;
    assert_eq!(desk.events.recv().await, Some(MediaEvent::Failed { leg }));
}
