//! Any description is taken as an offer, as an answer to ours, and as a browser's offer. What we answer can be read by us.

use std::net::{IpAddr, Ipv4Addr};

use sip::{
    media::IceCredentials,
    sdp::{
        BrowserLocal, Codec, Demand, Direction, Fingerprint, Lite, Local, MasterKey, SdpSession,
        Srtp, Way, host_names, with_addresses,
    },
};

const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const CODECS: [Codec; 4] = [Codec::Opus, Codec::G722, Codec::Pcma, Codec::Pcmu];

/// Takes bytes as a description.
pub fn exercise(bytes: &[u8]) {
    for demand in [Demand::Off, Demand::Offer, Demand::Require] {
        for ice in [None, Some(lite())] {
            offered(bytes, session(demand, ice.clone()));
            answered(bytes, session(demand, ice));
        }
    }
    let hosts = host_names(bytes)
        .into_iter()
        .map(|host| (host, HERE.into()));
    let found = with_addresses(bytes, &hosts.collect::<Vec<_>>());
    assert!(host_names(&found).is_empty() || host_names(bytes).is_empty());
    let local = lite().at;
    let ice = IceCredentials {
        ufrag: "abcd".into(),
        password: "0123456789012345678901".into(),
    };
    let _ = local.answer(bytes, (1, 1), ice, None);
}

fn lite() -> Lite {
    let at = BrowserLocal {
        addresses: vec![(HERE, 5062).into()],
        fingerprint: Fingerprint([7; 32]),
        codecs: CODECS.to_vec(),
    };
    Lite { at, seed: [7; 32] }
}

fn session(demand: Demand, ice: Option<Lite>) -> SdpSession {
    let ways = vec![
        Way::Sdes([MasterKey::new([1; 30]); 3]),
        Way::Dtls(Fingerprint([7; 32])),
    ];
    SdpSession::new(
        1,
        Local {
            address: IpAddr::V4(HERE).into(),
            port: 4000,
            codecs: CODECS.to_vec(),
            srtp: Srtp { demand, ways },
            ice,
        },
    )
}

// Answering twice changes nothing; a later offer of ours keeps the lines that were agreed.
fn offered(bytes: &[u8], mut session: SdpSession) {
    let Ok(first) = session.negotiate(bytes, Direction::SendRecv, None) else {
        return;
    };
    let again = session.negotiate(bytes, Direction::SendRecv, None).unwrap();
    assert_eq!(again.remote, first.remote);
    let lines = |text: &[u8]| {
        text.split(|byte| *byte == b'\n')
            .filter(|line| line.starts_with(b"m="))
            .count()
    };
    let offer = session.make_offer(Direction::SendOnly);
    assert_eq!(lines(&offer), lines(&first.answer));
}

fn answered(bytes: &[u8], mut session: SdpSession) {
    session.make_offers(Direction::SendRecv);
    let _ = session.accept_answer(bytes);
    // An exchange has one answer.
    assert!(session.accept_answer(bytes).is_err());
}
