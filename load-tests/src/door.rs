//! The way to a WebSocket server: by TCP, or by TLS with a certificate that a given authority signed.

use std::{fmt, net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{client::ClientRequestBuilder, protocol::WebSocketConfig},
};

use crate::web::Web;

/// Bytes read at a time; tungstenite would take 128 KiB for each socket.
const READ_BUFFER: usize = 8 * 1024;

/// What carries bytes both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open WebSocket, whatever carries it.
pub type Socket = WebSocketStream<Box<dyn Duplex>>;

/// Where sockets are opened, and by which origin.
#[derive(Clone)]
pub struct Door {
    address: String,
    origin: String,
    tls: Option<TlsConnector>,
}

impl From<&Web> for Door {
    fn from(web: &Web) -> Self {
        let address = web.host().to_owned();
        let origin = format!("http://{address}");
        Self {
            address,
            origin,
            tls: None,
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        write!(f, "{scheme}://{}", self.address)
    }
}

impl Door {
    /// Leads to an address without TLS.
    pub fn plain(address: SocketAddr) -> Self {
        Self {
            address: address.to_string(),
            origin: format!("http://{address}"),
            tls: None,
        }
    }

    /// Leads to an address by TLS; `authority` is a PEM file with who signed the server's certificate.
    pub fn secured(address: SocketAddr, authority: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        let found = CertificateDer::pem_file_iter(authority)
            .with_context(|| format!("reading {}", authority.display()))?;
        for certificate in found {
            roots.add(certificate?)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            address: address.to_string(),
            origin: format!("https://{address}"),
            tls: Some(TlsConnector::from(Arc::new(config))),
        })
    }

    /// Opens a WebSocket; `path` is what follows the address.
    pub async fn open(&self, path: &str, protocol: Option<&str>) -> Result<Socket> {
        let mut request = ClientRequestBuilder::new(format!("{self}{path}").parse()?)
            .with_header("Origin", &self.origin);
        if let Some(protocol) = protocol {
            request = request.with_sub_protocol(protocol);
        }
        let stream = TcpStream::connect(&self.address)
            .await
            .with_context(|| format!("nothing listens at {}", self.address))?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Duplex> = match &self.tls {
            None => Box::new(stream),
            Some(tls) => {
                let at = stream.peer_addr()?.ip();
                let name = ServerName::IpAddress(at.into());
                let secured = tls.connect(name, stream).await;
                Box::new(secured.with_context(|| format!("no TLS with {}", self.address))?)
            }
        };
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let (socket, _) = client_async_with_config(request, stream, Some(config))
            .await
            .with_context(|| format!("{self}{path} refused the WebSocket"))?;
        Ok(socket)
    }
}
