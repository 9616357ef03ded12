//! TLS for SIP (RFC 3261 §26.3.1): our certificate to whoever connects, theirs where they have one, and whom we trust.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};

use anyhow::Context;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};

use crate::net::tls::Certificate;

/// How TLS connections of ours are made.
pub struct Client {
    connector: TlsConnector,
    names: BTreeMap<SocketAddr, ServerName<'static>>,
}

impl Client {
    /// Begins TLS with the peer at `to`, whose certificate must be for its configured name, for the host name that it was
    /// found by, or for its address.
    pub async fn begin(
        &self,
        stream: TcpStream,
        to: SocketAddr,
        found_by: Option<ServerName<'static>>,
    ) -> anyhow::Result<TlsStream<TcpStream>> {
        let name = self.names.get(&to).cloned().or(found_by);
        let name = name.unwrap_or_else(|| ServerName::IpAddress(to.ip().into()));
        let shown = format!("{name:?}");
        self.connector
            .connect(name, stream)
            .await
            .with_context(|| format!("proving that the peer is {shown}"))
    }
}

/// Returns how TLS is taken: no ALPN, and client certificates that `authority` signed where they are shown.
pub fn accept(
    certificate: &Arc<Certificate>,
    authority: Option<&Path>,
) -> anyhow::Result<TlsAcceptor> {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .context("choosing TLS versions for SIP")?;
    let builder = match authority {
        Some(path) => {
            let roots = Arc::new(roots(path)?);
            let provider = Arc::new(default_provider());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                .allow_unauthenticated()
                .build()
                .with_context(|| format!("trusting {}", path.display()))?;
            builder.with_client_cert_verifier(verifier)
        }
        None => builder.with_no_client_auth(),
    };
    let config = builder.with_cert_resolver(certificate.clone());
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Returns how TLS is begun by us: peers are proved by `authority`, or by the system's authorities where none is named,
/// and `certificate` is shown to who asks for it.
pub fn client(
    certificate: Option<&Arc<Certificate>>,
    authority: Option<&Path>,
    names: BTreeMap<SocketAddr, ServerName<'static>>,
) -> anyhow::Result<Client> {
    let roots = match authority {
        Some(path) => roots(path)?,
        None => system_roots(),
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .context("choosing TLS versions for SIP")?
        .with_root_certificates(roots);
    let config = match certificate {
        Some(certificate) => builder.with_client_cert_resolver(certificate.clone()),
        None => builder.with_no_client_auth(),
    };
    Ok(Client {
        connector: TlsConnector::from(Arc::new(config)),
        names,
    })
}

fn roots(path: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("reading the authorities in {}", path.display()))?;
    for certificate in certificates {
        roots
            .add(certificate)
            .with_context(|| format!("trusting an authority in {}", path.display()))?;
    }
    anyhow::ensure!(!roots.is_empty(), "{} holds no certificate", path.display());
    Ok(roots)
}

// A system without authorities trusts nobody, which each connection then says.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!(%error, "an authority of the system cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    roots
}
