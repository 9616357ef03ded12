//! The sockets, bound before anything is read or written, or taken over from systemd.

use std::net::{SocketAddr, TcpListener as StdListener};

use anyhow::Context;
use tokio::net::TcpListener;

use crate::{
    config::{Config, SipPorts},
    dscp::Dscp,
    net::udp::Udp,
};

/// How often a pair of free ports is looked for when the system may choose one.
const PORT_TRIES: usize = 20;

/// The addresses that were bound.
pub struct Bound {
    /// Plain HTTP.
    pub web: Option<SocketAddr>,
    /// HTTPS.
    pub web_tls: Option<SocketAddr>,
    /// SIP, UDP and TCP.
    pub sip: SocketAddr,
    /// SIP, TLS.
    pub sip_tls: Option<SocketAddr>,
    /// Operations.
    pub ops: SocketAddr,
}

impl Bound {
    /// Returns the ports of SIP.
    pub fn sip_ports(&self) -> SipPorts {
        SipPorts {
            plain: self.sip.port(),
            tls: self.sip_tls.map(|address| address.port()),
        }
    }
}

/// The sockets, bound before anything is read or written.
pub struct Sockets {
    /// Those that speak HTTP.
    pub http: HttpSockets,
    /// SIP datagrams.
    pub sip_udp: Udp,
    /// SIP streams.
    pub sip_tcp: TcpListener,
    /// SIP streams under TLS.
    pub sip_tls: Option<TcpListener>,
}

/// The sockets that speak HTTP.
pub struct HttpSockets {
    /// Plain.
    pub web: Option<TcpListener>,
    /// With TLS.
    pub web_tls: Option<TcpListener>,
    /// Operations.
    pub ops: TcpListener,
}

impl Sockets {
    /// Binds all of them.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let mut given = Given::take();
        let web = match config.web.listen.0 {
            Some(address) => Some(given.or_bind(address, "web.listen").await?),
            None => None,
        };
        let web_tls = match config.web.listen_tls.0 {
            Some(address) => Some(given.or_bind(address, "web.listen_tls").await?),
            None => None,
        };
        let ops = given.or_bind(config.ops.listen, "ops.listen").await?;
        let (sip_udp, sip_tcp) = bind_sip(config.sip.listen).await?;
        let sip_tls = match config.sip.listen_tls.0 {
            Some(address) => Some(given.or_bind(address, "sip.listen_tls").await?),
            None => None,
        };
        Ok(Self {
            http: HttpSockets { web, web_tls, ops },
            sip_udp,
            sip_tcp,
            sip_tls,
        }
        .marked(config.sip.dscp))
    }

    // Connections that are accepted inherit it.
    fn marked(self, dscp: Dscp) -> Self {
        self.sip_udp.mark(dscp);
        for socket in [Some(&self.sip_tcp), self.sip_tls.as_ref()]
            .into_iter()
            .flatten()
        {
            if let Ok(local) = socket.local_addr() {
                dscp.mark(socket, local);
            }
        }
        self
    }

    /// Returns where they are bound.
    pub fn bound(&self) -> anyhow::Result<Bound> {
        let address = |socket: &TcpListener| {
            socket
                .local_addr()
                .context("reading an address that was bound")
        };
        Ok(Bound {
            web: self.http.web.as_ref().map(address).transpose()?,
            web_tls: self.http.web_tls.as_ref().map(address).transpose()?,
            sip: self.sip_udp.local(),
            sip_tls: self.sip_tls.as_ref().map(address).transpose()?,
            ops: address(&self.http.ops)?,
        })
    }
}

// One port for both; when the system chooses, what it gave for UDP may be taken for TCP.
async fn bind_sip(address: SocketAddr) -> anyhow::Result<(Udp, TcpListener)> {
    let tries = if address.port() == 0 { PORT_TRIES } else { 1 };
    let mut last = None;
    for _ in 0..tries {
        let udp =
            Udp::bind(address).with_context(|| format!("sip.listen: binding UDP {address}"))?;
        match TcpListener::bind(udp.local()).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    let error = last.map_or_else(|| anyhow::anyhow!("no port was free"), anyhow::Error::from);
    Err(error.context(format!("sip.listen: binding TCP {address}")))
}

/// Sockets that systemd opened for us, by address.
struct Given(Vec<StdListener>);

impl Given {
    fn take() -> Self {
        let mut descriptors = listenfd::ListenFd::from_env();
        let sockets = (0..descriptors.len())
            .filter_map(|at| descriptors.take_tcp_listener(at).ok().flatten());
        Self(sockets.collect())
    }

    async fn or_bind(&mut self, address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
        let given = self
            .0
            .iter()
            .position(|socket| socket.local_addr().is_ok_and(|local| local == address));
        match given {
            Some(at) => {
                let socket = self.0.swap_remove(at);
                socket
                    .set_nonblocking(true)
                    .with_context(|| format!("{key}: taking the socket over"))?;
                TcpListener::from_std(socket)
                    .with_context(|| format!("{key}: taking the socket over"))
            }
            // tokio sets SO_REUSEADDR, so that a restart finds its port.
            None => TcpListener::bind(address)
                .await
                .with_context(|| format!("{key}: binding {address}")),
        }
    }
}
