//! TLS: a certificate that can be replaced while sockets are open.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use arc_swap::ArcSwap;
use rustls::{
    ServerConfig, SignatureScheme,
    client::ResolvesClientCert,
    crypto::ring::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// The certificate in use.
#[derive(Debug)]
pub struct Certificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

// Shown as ours to peers that we connect to, where they ask.
impl ResolvesClientCert for Certificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl Certificate {
    /// Reads chain and key.
    pub fn open(chain: &Path, key: &Path) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self(ArcSwap::from_pointee(read(chain, key)?))))
    }

    /// Reads them again; new connections get the new one, running ones keep theirs. The old one stays when the new one
    /// cannot be used.
    pub fn reload(&self, chain: &Path, key: &Path) -> anyhow::Result<()> {
        self.0.store(Arc::new(read(chain, key)?));
        Ok(())
    }

    /// Returns the settings of a listener that shows this certificate.
    pub fn server(self: &Arc<Self>) -> anyhow::Result<Arc<ServerConfig>> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .context("choosing TLS versions")?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn read(chain: &Path, key: &Path) -> anyhow::Result<CertifiedKey> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("reading the certificate {}", chain.display()))?;
    anyhow::ensure!(
        !certificates.is_empty(),
        "{} holds no certificate",
        chain.display()
    );
    let secret = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("reading the key {}", key.display()))?;
    let signer = any_supported_type(&secret)
        .with_context(|| format!("{} holds no usable key", key.display()))?;
    let certified = CertifiedKey::new(certificates, signer);
    certified
        .keys_match()
        .with_context(|| format!("{} is not the key of {}", key.display(), chain.display()))?;
    Ok(certified)
}
