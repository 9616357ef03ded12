//! The ways SIP comes in by beside UDP: TLS, with a certificate that is replaced while connections live, and WebSocket.

use std::{net::SocketAddr, process::Command, sync::Arc};

use futures_util::{SinkExt, StreamExt};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest, http::HeaderValue};

use crate::house::{House, soon};

fn options(via: &str, branch: &str) -> String {
    format!(
        "OPTIONS sip:support@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{via} 127.0.0.1:9;branch=z9hG4bK{branch};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:probe@127.0.0.1>;tag=p\r\nTo: <sip:support@127.0.0.1>\r\nCall-ID: {branch}@probe\r\n\
         CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
}

async fn asked(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), branch: &str) -> String {
    stream
        .write_all(options("TLS", branch).as_bytes())
        .await
        .unwrap();
    let mut got = Vec::new();
    let whole = async {
        while !got.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            assert_ne!(length, 0, "the connection was closed");
            got.extend_from_slice(&buffer[..length]);
        }
    };
    soon("an answer over TLS", whole).await;
    String::from_utf8(got).unwrap()
}

async fn tls(authority: &std::path::Path, to: SocketAddr) -> Option<TlsStream<TcpStream>> {
    tls_by(ServerName::IpAddress(to.ip().into()), authority, to).await
}

async fn tls_by(
    name: ServerName<'static>,
    authority: &std::path::Path,
    to: SocketAddr,
) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority).ok()? {
        roots.add(certificate.ok()?).ok()?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(to).await.ok()?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .ok()
}

fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn pain_21_a_certificate_is_replaced_and_no_sip_connection_is_dropped() {
    let house = House::open(&[("TANDEM_SIP__LISTEN_TLS", "127.0.0.1:0")]).await;
    let to = house.sip_tls.unwrap();
    let authority = house.file("data/certs/ca.pem");
    let mut before = tls(&authority, to).await.unwrap();
    let old = shown(&before);
    let answer = asked(&mut before, "a").await;
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");

    let made = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .args(["certs", "dev"])
        .arg(house.file("data/certs"))
        .status()
        .unwrap();
    assert!(made.success());
    house.signal("HUP").await;

    // The reload is done when a new connection is shown the new certificate.
    let renewed = async {
        loop {
            // Until then the authority that is trusted now has not signed what is shown.
            if let Some(fresh) = tls(&authority, to).await {
                return fresh;
            }
        }
    };
    let after = soon("a new certificate", renewed).await;
    assert_ne!(shown(&after), old);
    let answer = asked(&mut before, "b").await;
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
}

#[tokio::test]
async fn who_asks_for_a_name_is_shown_its_certificate_by_sip() {
    let other = rcgen::generate_simple_self_signed(vec!["sip.two.example".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(format!("tandem-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (chain, key) = (folder.join("two.pem"), folder.join("two.key"));
    std::fs::write(&chain, other.cert.pem()).unwrap();
    std::fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    let further = format!("[{{ certificate = {chain:?}, key_file = {key:?} }}]");
    let house = House::open(&[
        ("TANDEM_SIP__LISTEN_TLS", "127.0.0.1:0"),
        ("TANDEM_TLS__CERTIFICATES", &further),
    ])
    .await;
    let to = house.sip_tls.unwrap();
    let name = ServerName::try_from("sip.two.example").unwrap();

    let by_name = tls_by(name, &chain, to).await.unwrap();
    let by_none = tls(&house.file("data/certs/ca.pem"), to).await.unwrap();

    assert_eq!(shown(&by_name), other.cert.der().to_vec());
    assert_ne!(shown(&by_none), shown(&by_name));
}

#[tokio::test]
async fn a_sip_client_in_a_browser_is_answered_on_its_own_socket() {
    let house = House::open(&[]).await;
    let mut request = format!("ws://{}/sip", house.web)
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static("sip"));
    let stream = TcpStream::connect(house.web).await.unwrap();
    let (mut socket, response) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "sip");

    socket
        .send(Message::text(options("WS", "c")))
        .await
        .unwrap();
    let answer = soon("an answer by WebSocket", socket.next()).await;

    let answer = answer.unwrap().unwrap().into_text().unwrap();
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
    socket.send(Message::text("\r\n\r\n")).await.unwrap();
    let pong = soon("a pong", socket.next()).await.unwrap().unwrap();
    assert_eq!(pong.into_text().unwrap().as_str(), "\r\n");
}

#[tokio::test]
async fn a_message_by_socket_that_is_too_long_is_told_so() {
    let house = House::open(&[]).await;
    let mut request = format!("ws://{}/sip", house.web)
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static("sip"));
    let stream = TcpStream::connect(house.web).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .unwrap();

    socket
        .send(Message::text("x".repeat(70_000)))
        .await
        .unwrap();
    let closed = soon("a close", socket.next()).await.unwrap().unwrap();

    let Message::Close(Some(frame)) = closed else {
        panic!("{closed:?}");
    };
    assert_eq!(u16::from(frame.code), 1009);
}

#[tokio::test]
async fn a_socket_for_sip_that_does_not_offer_sip_is_refused() {
    let house = House::open(&[]).await;
    let headers = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "tandem.v1"),
    ];

    let answer = house.ask("GET", "/sip", &headers, None).await;

    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body.contains("must offer sip"), "{answer:?}");
}
