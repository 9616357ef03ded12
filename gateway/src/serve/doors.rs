//! Where SIP connections come in, and whom those of ours trust.

use std::{path::Path, sync::Arc};

use sip::families::Families;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    config::Config,
    net::{
        dns::Dns,
        sip::MESSAGES,
        streams::{self, Door, FromStream, Streams},
        tls::{Certificate, Files},
    },
};

/// The doors, and what lies behind them.
pub struct Doors {
    /// The connections.
    pub streams: Arc<Streams>,
    /// What TLS shows.
    pub certificate: Option<Arc<Certificate>>,
    doors: Vec<Door>,
}

impl Doors {
    /// Makes them of the sockets that are bound; what connections bring comes out of the receiver.
    pub fn open(
        config: &Config,
        plain: Families<TcpListener>,
        tls: Option<Families<TcpListener>>,
    ) -> anyhow::Result<(Self, mpsc::Receiver<FromStream>)> {
        let (bring, messages) = mpsc::channel(MESSAGES);
        let (most, idle) = (config.sip.connections, config.sip.idle.0);
        let streams = Arc::new(Streams::new(most, idle, config.sip.dscp, bring));
        let certificate = certificate(config)?;
        streams.trust(client(config, certificate.as_ref())?);
        let open = |listener| Door {
            listener,
            tls: None,
        };
        let mut doors: Vec<_> = plain.into_iter().map(open).collect();
        if let (Some(secure), Some(certificate)) = (tls, &certificate) {
            let authority = config.sip.client_authority.0.as_deref().map(Path::new);
            let accept = streams::accept(certificate, authority)?;
            let secure = secure.into_iter();
            doors.extend(secure.map(|listener| Door {
                listener,
                tls: Some(accept.clone()),
            }));
        }
        let opened = Self {
            streams,
            certificate,
            doors,
        };
        Ok((opened, messages))
    }

    /// Accepts until told to leave.
    pub fn listen(self, left: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        let streams = self.streams;
        let listen = |door| tokio::spawn(streams::listen(door, streams.clone(), left.clone()));
        self.doors.into_iter().map(listen).collect()
    }
}

fn certificate(config: &Config) -> anyhow::Result<Option<Arc<Certificate>>> {
    let Some(first) = config.sip_certificate() else {
        return Ok(None);
    };
    let (first, further) = (files(first)?, further(config)?);
    Certificate::open(&first, &further).map(Some)
}

/// Returns where a certificate is, given its chain and its key.
pub fn files((chain, key): (&str, &str)) -> anyhow::Result<Files> {
    let key = crate::config::credential(key).map_err(anyhow::Error::msg)?;
    let chain = chain.into();
    Ok(Files { chain, key })
}

/// Returns where those are that are shown by name.
pub fn further(config: &Config) -> anyhow::Result<Vec<Files>> {
    let further = config.tls.certificates.iter();
    let pairs = further.map(|one| (one.certificate.as_str(), one.key_file.as_str()));
    pairs.map(files).collect()
}

/// Returns who asks the DNS for trunks that are named by host.
pub fn dns(config: &Config) -> anyhow::Result<Arc<Dns>> {
    let servers: Vec<_> = config.sip.dns.iter().map(|server| server.0).collect();
    Ok(Arc::new(Dns::new(&servers)?))
}

/// Returns how TLS connections to SIP peers are made.
pub fn client(
    config: &Config,
    certificate: Option<&Arc<Certificate>>,
) -> anyhow::Result<streams::Client> {
    let authority = config.sip.authority.0.as_deref().map(Path::new);
    streams::client(certificate, authority, config.tls_names())
}
