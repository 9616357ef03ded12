//! Certificates that are replaced while connections are open.

use std::{net::SocketAddr, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::house::{House, soon};

async fn connect(to: SocketAddr, authority: &Path) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(to).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn ask(stream: &mut TlsStream<TcpStream>) -> String {
    stream
        .write_all(b"GET /api/v1/zones/shop HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = vec![0; 4_096];
    let length = soon("an answer", stream.read(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn pain_21_a_new_certificate_is_taken_up_and_no_connection_dropped() {
    let house = House::open(&[("TANDEM_WEB__LISTEN_TLS", "127.0.0.1:0")]).await;
    let rest = house.said.split_once("https://").unwrap().1;
    let tls: SocketAddr = rest.split_once('/').unwrap().0.parse().unwrap();
    let certificates = house.directory.join("data/certs");
    let mut before = connect(tls, &certificates.join("ca.pem")).await.unwrap();
    assert!(ask(&mut before).await.starts_with("HTTP/1.1 200"));

    let made = tokio::process::Command::new(env!("CARGO_BIN_EXE_tandem"))
        .args(["certs", "dev"])
        .arg(&certificates)
        .status();
    assert!(made.await.unwrap().success());
    house.signal("HUP").await;
    let after = soon("the new certificate", async {
        loop {
            if let Ok(stream) = connect(tls, &certificates.join("ca.pem")).await {
                return stream;
            }
        }
    });

    assert!(ask(&mut after.await).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut before).await.starts_with("HTTP/1.1 200"));
}
