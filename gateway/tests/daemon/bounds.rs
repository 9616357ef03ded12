//! What is told when the calls, or the ports, that there may be are used up.

use crate::house::{House, soon};

// A call into the house, and what ends it before it is answered.
fn called(from: std::net::SocketAddr, n: u8) -> [String; 2] {
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
    ["INVITE", "CANCEL"].map(|method| {
        let (kind, body) = match method {
            "INVITE" => ("Content-Type: application/sdp\r\n", sdp),
            _ => ("", ""),
        };
        format!(
            "{method} sip:support@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n\
             From: <sip:+493010{n}@{from}>;tag=a{n}\r\nTo: <sip:support@127.0.0.1>\r\nCall-ID: call-{n}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:test@{from}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    })
}

#[tokio::test]
async fn that_there_are_as_many_calls_as_may_be_is_said_once_and_that_there_is_room_again() {
    let house = House::open(&[("TANDEM_SIP__CALLS", "1")]).await;
    let phone = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    phone.connect(house.sip).await.unwrap();
    let here = phone.local_addr().unwrap();
    let answered = async |wanted: &str| {
        soon(wanted, async {
            let mut buffer = [0; 4_096];
            loop {
                let length = phone.recv(&mut buffer).await.unwrap();
                let text = String::from_utf8_lossy(&buffer[..length]);
                if text.starts_with(wanted) {
                    return;
                }
            }
        })
        .await;
    };
    let metric = async |line: &str| {
        soon(line, async {
            while !house.look("/metrics").await.body.contains(line) {}
        })
        .await;
    };
    metric("tandem_bound_reached{bound=\"calls\"} 0").await;

    let [first, cancel] = called(here, 1);
    phone.send(first.as_bytes()).await.unwrap();
    house.until_said(1, &["WARN", "sip.calls allows"]).await;
    for n in 2..5 {
        phone.send(called(here, n)[0].as_bytes()).await.unwrap();
        answered("SIP/2.0 503").await;
    }
    metric("tandem_bound_reached{bound=\"calls\"} 1").await;
    phone.send(cancel.as_bytes()).await.unwrap();

    house.until_said(1, &["INFO", "room for calls again"]).await;
    assert_eq!(house.said(&["WARN", "sip.calls allows"]).len(), 1);
    metric("tandem_bound_reached{bound=\"calls\"} 0").await;
    metric("tandem_bounds_reached_total{bound=\"calls\"} 1").await;
}

#[tokio::test]
async fn that_the_ports_for_voice_are_used_up_is_said_once() {
    // One port is none for whoever answers.
    let house = House::open(&[("TANDEM_RTP__PORTS", "40000-40001")]).await;

    house.until_said(1, &["WARN", "rtp.ports"]).await;
    let metrics = house.look("/metrics").await.body;
    let line = "tandem_bound_reached{bound=\"ports\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}
