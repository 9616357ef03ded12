//! The sockets, bound before anything is read or written, or taken over from systemd.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
};

use anyhow::Context;
use sip::families::Families;
use tokio::net::{TcpListener, TcpSocket};

use crate::{
    config::{Config, SipPorts},
    dscp::Dscp,
    net::udp::{Datagrams, Udp},
};

/// How often a pair of free ports is looked for when the system may choose one.
const PORT_TRIES: usize = 20;
/// Connections of SIP that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The addresses that were bound.
pub struct Bound {
    /// Plain HTTP.
    pub web: Option<SocketAddr>,
    /// HTTPS.
    pub web_tls: Option<SocketAddr>,
    /// SIP, UDP and TCP.
    pub sip: Families<SocketAddr>,
    /// SIP, TLS.
    pub sip_tls: Option<Families<SocketAddr>>,
    /// Operations.
    pub ops: SocketAddr,
}

impl Bound {
    /// Returns the ports of SIP.
    pub fn sip_ports(&self) -> SipPorts {
        SipPorts {
            plain: self.sip.map(|address| address.port()),
            tls: self.sip_tls.map(|tls| tls.map(|address| address.port())),
        }
    }
}

/// The sockets, bound before anything is read or written.
pub struct Sockets {
    /// Those that speak HTTP.
    pub http: HttpSockets,
    /// SIP datagrams.
    pub sip_udp: Datagrams,
    /// SIP streams.
    pub sip_tcp: Families<TcpListener>,
    /// SIP streams under TLS.
    pub sip_tls: Option<Families<TcpListener>>,
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
        let (sip_udp, sip_tcp) = bind_sip(config.sip.listen.0)?;
        let secure = |address| match given.taken(address, "sip.listen_tls")? {
            Some(socket) => Ok(socket),
            None => {
                one_family(address).with_context(|| format!("sip.listen_tls: binding {address}"))
            }
        };
        let sip_tls = config.sip.listen_tls.0;
        let sip_tls = sip_tls.map(|tls| tls.try_map(secure)).transpose()?;
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
        let tls = self.sip_tls.iter().flat_map(Families::iter);
        for (_, socket) in self.sip_tcp.iter().chain(tls) {
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
        let tls = self.sip_tls.as_ref().map(Families::as_ref);
        Ok(Bound {
            web: self.http.web.as_ref().map(address).transpose()?,
            web_tls: self.http.web_tls.as_ref().map(address).transpose()?,
            sip: self.sip_udp.local(),
            sip_tls: tls.map(|tls| tls.try_map(address)).transpose()?,
            ops: address(&self.http.ops)?,
        })
    }
}

// Both families, each by UDP and TCP.
fn bind_sip(listen: Families<SocketAddr>) -> anyhow::Result<(Datagrams, Families<TcpListener>)> {
    let (datagrams, streams) = match listen.try_map(bind_both)? {
        Families::V4((udp, tcp)) => (Families::V4(udp), Families::V4(tcp)),
        Families::V6((udp, tcp)) => (Families::V6(udp), Families::V6(tcp)),
        Families::Both { v4, v6 } => (
            Families::Both { v4: v4.0, v6: v6.0 },
            Families::Both { v4: v4.1, v6: v6.1 },
        ),
    };
    Ok((Datagrams::new(datagrams), streams))
}

// One port for both; when the system chooses, what it gave for UDP may be taken for TCP.
fn bind_both(address: SocketAddr) -> anyhow::Result<(Udp, TcpListener)> {
    let tries = if address.port() == 0 { PORT_TRIES } else { 1 };
    let mut last = None;
    for _ in 0..tries {
        let udp =
            Udp::bind(address).with_context(|| format!("sip.listen: binding UDP {address}"))?;
        match one_family(udp.local()) {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    let error = last.map_or_else(|| anyhow::anyhow!("no port was free"), anyhow::Error::from);
    Err(error.context(format!("sip.listen: binding TCP {address}")))
}

// What peers are told goes by their family, so nobody of the other is let in.
fn one_family(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if address.is_ipv6() {
        socket2::SockRef::from(&socket).set_only_v6(true)?;
    }
    // So that a restart finds its port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
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
        match self.taken(address, key)? {
            Some(socket) => Ok(socket),
            // tokio sets SO_REUSEADDR, so that a restart finds its port.
            None => TcpListener::bind(address)
                .await
                .with_context(|| format!("{key}: binding {address}")),
        }
    }

    fn taken(&mut self, address: SocketAddr, key: &str) -> anyhow::Result<Option<TcpListener>> {
        let given = self
            .0
            .iter()
            .position(|socket| socket.local_addr().is_ok_and(|local| local == address));
        let Some(at) = given else { return Ok(None) };
        let socket = self.0.swap_remove(at);
        let taken = socket
            .set_nonblocking(true)
            .and_then(|()| TcpListener::from_std(socket));
        taken
            .map(Some)
            .with_context(|| format!("{key}: taking the socket over"))
    }
}
