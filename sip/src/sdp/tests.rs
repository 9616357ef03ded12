use std::net::{IpAddr, Ipv4Addr};

use super::*;

fn session() -> SdpSession {
    SdpSession::new(
        77,
        Local {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 40_000,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
        },
    )
}

fn offer(media: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n{media}")
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}

#[test]
fn an_offer_is_answered_with_the_offerers_first_codec() {
    let offer = offer(
        "m=audio 6000 RTP/AVP 9 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n",
    );

    let Negotiated { answer, remote } = session()
        .negotiate(offer.as_bytes(), Direction::SendRecv, None)
        .unwrap();

    assert_eq!(
        text(&answer),
        "v=0\r\no=- 77 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n\
         a=fmtp:96 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    assert_eq!(remote.address, "10.0.0.9:6000".parse().unwrap());
    assert_eq!(remote.rtcp, "10.0.0.9:6001".parse().unwrap());
    assert_eq!(remote.codec, Codec::Pcmu);
    assert_eq!(remote.send.telephone_event, Some(96));
    assert_eq!(remote.ptime, 30);
}
