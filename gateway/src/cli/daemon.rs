//! The running daemon, as commands reach it: at the address it wrote into the store's directory, with a token that is made
//! for one request in its own ledger. Who may write the store is the daemon's operator.

use std::{collections::BTreeSet, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::body::Body;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{
        CryptoProvider, ring::default_provider, verify_tls12_signature, verify_tls13_signature,
    },
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use ws::id::Timestamp;

use crate::{
    auth::scope::Scope,
    clock::Clock,
    config::Config,
    store::ledger::{
        self,
        tokens::{self, NewToken},
    },
};

/// The file in the store's directory that says where the daemon is reached.
const FILE: &str = "address";
/// How long a token made for one request is good for.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// How long the daemon may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const ANSWER: usize = 1024 * 1024;

/// Writes down where the daemon of this store is reached.
pub fn announce(directory: &Path, address: SocketAddr, tls: bool) -> anyhow::Result<()> {
    let scheme = if tls { "https" } else { "http" };
    crate::files::write_private(&directory.join(FILE), &format!("{scheme} {address}\n"))
}

/// The daemon of one store.
pub struct Daemon<'a> {
    config: &'a Config,
    address: SocketAddr,
    tls: bool,
}

impl<'a> Daemon<'a> {
    /// Finds out where it is reached.
    pub fn find(config: &'a Config) -> anyhow::Result<Self> {
        let path = config.store.path.join(FILE);
        let text = std::fs::read_to_string(&path).ok();
        let text = text.with_context(|| {
            format!(
                "no daemon has run on the store in {}; start it, and give the configuration it has",
                config.store.path.display()
            )
        })?;
        let parts = text.trim().split_once(' ');
        let parts = parts.and_then(|(scheme, address)| Some((scheme, address.parse().ok()?)));
        let (scheme, address): (_, SocketAddr) =
            parts.with_context(|| format!("{} does not name an address", path.display()))?;
        Ok(Self {
            config,
            address,
            tls: scheme == "https",
        })
    }

    /// Posts a request of the API; what the daemon refuses is told in its own words.
    pub fn post(&self, scopes: &[Scope], path: &str, body: &Value) -> anyhow::Result<()> {
        let ledger = ledger::open(&self.config.store.path)?;
        let now = Clock::start(Timestamp(0)).now();
        let new = NewToken {
            name: "command line".to_owned(),
            scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
            agents: Vec::new(),
            made_by: "command line".to_owned(),
            expires_at: Some(now + GOOD_FOR),
        };
        let (key, token) = tokens::make(&ledger, new, now)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("starting the runtime")?;
        let shown = key.show();
        let exchange = self.exchange(path, &shown, body);
        let done = runtime.block_on(async { tokio::time::timeout(PATIENCE, exchange).await });
        tokens::forget(&ledger, &token.token)?;
        let (status, answer) = done.with_context(|| {
            format!("the daemon did not answer within {} s", PATIENCE.as_secs())
        })??;
        if (200..300).contains(&status) {
            return Ok(());
        }
        let problem: Value = serde_json::from_slice(&answer).unwrap_or_default();
        match problem["detail"].as_str() {
            Some(detail) => bail!("the daemon refused ({status}): {detail}"),
            None => bail!("the daemon answered {status}"),
        }
    }

    async fn exchange(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut to = self.address;
        // Bound to every address, it is reached by the machine itself.
        if to.ip().is_unspecified() {
            to.set_ip(match to {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let stream = TcpStream::connect(to).await.with_context(|| {
            format!(
                "no daemon runs on this store: nobody answers at {to}, where it was last; start it"
            )
        })?;
        let request = Request::post(path)
            .header(header::HOST, to.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .context("making a request")?;
        if !self.tls {
            return converse(stream, request).await;
        }
        let connector = TlsConnector::from(Arc::new(self.trust()?));
        let name = ServerName::from(to.ip());
        let stream = connector
            .connect(name, stream)
            .await
            .context("beginning TLS with the daemon")?;
        converse(stream, request).await
    }

    // The daemon shows the very certificate that its configuration names, whatever name that is for.
    fn trust(&self) -> anyhow::Result<ClientConfig> {
        let chain = self.config.web.certificate.0.as_ref();
        let chain = chain.context("the daemon speaks TLS, and web.certificate names no file")?;
        let certificate = CertificateDer::from_pem_file(chain)
            .with_context(|| format!("reading the certificate {chain}"))?;
        let provider = Arc::new(default_provider());
        let pinned = Arc::new(Pinned {
            certificate,
            provider: provider.clone(),
        });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("choosing versions of TLS")?
            .dangerous()
            .with_custom_certificate_verifier(pinned)
            .with_no_client_auth();
        Ok(config)
    }
}

async fn converse<S>(stream: S, request: Request<Body>) -> anyhow::Result<(u16, Vec<u8>)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .context("beginning HTTP with the daemon")?;
    let talk = tokio::spawn(connection);
    let response = sender
        .send_request(request)
        .await
        .context("asking the daemon")?;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(Body::new(response.into_body()), ANSWER)
        .await
        .context("reading the daemon's answer")?;
    drop(sender);
    talk.abort();
    Ok((status, body.to_vec()))
}

/// Takes one certificate and no other.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *shown == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        let text = "the daemon shows another certificate than web.certificate names; reload it";
        Err(rustls::Error::General(text.to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
