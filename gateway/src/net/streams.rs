//! SIP over connections (RFC 3261 §18, RFC 7118): each is a task, found by its number or by its far end.

mod line;
mod socket;
mod tls;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use dashmap::DashMap;
use rustls::pki_types::ServerName;
use sip::endpoint::{Flow, Transport};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
};
use tokio_rustls::TlsAcceptor;

pub use socket::run as run_socket;
pub use tls::{Client, accept, client};

use super::tls::names;
use crate::{dscp::Dscp, metrics};
use line::Line;

/// Messages that may wait to be written on one connection; a peer that reads slower loses it.
const WAITING: usize = 1_024;
/// How long a connection may take to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long what was sent may go without an acknowledgement (RFC 5482): the system would go on for a quarter of an hour while
/// call after call is lost on a connection whose other end is gone.
const UNHEARD: Duration = Duration::from_secs(20);
/// When a connection without traffic is asked whether its other end is there, and how often after that.
const ASKED: Duration = Duration::from_secs(60);
const ASKED_AGAIN: Duration = Duration::from_secs(10);
/// How long accepting rests when the system has no more of something.
const REST: Duration = Duration::from_millis(100);

/// What connections bring.
pub enum FromStream {
    /// A peer proved these names by its certificate.
    Proved {
        /// The connection's number.
        connection: u64,
        /// The DNS names of the certificate.
        names: Vec<String>,
    },
    /// One message.
    Message {
        /// Where it came from.
        flow: Flow,
        /// The message.
        bytes: Bytes,
    },
    /// What was asked to keep a connection open was answered.
    Pong {
        /// Its number.
        connection: u64,
    },
    /// A connection is closed.
    Lost {
        /// Its number.
        connection: u64,
        /// Where it led.
        way: Way,
    },
    /// No connection could be made.
    Failed {
        /// By what.
        transport: Transport,
        /// To where.
        to: SocketAddr,
    },
}

/// By what a connection leads where.
pub type Way = (Transport, SocketAddr);

/// All connections.
pub struct Streams {
    by_number: DashMap<u64, Open>,
    by_peer: DashMap<Way, u64>,
    next: AtomicU64,
    /// Whom TLS connections of ours trust; replaced by a reload.
    client: ArcSwapOption<Client>,
    /// Whose certificate the servers of a host name must show (RFC 5922 §7.1), by where they are.
    expected: DashMap<SocketAddr, ServerName<'static>>,
    tell: mpsc::Sender<FromStream>,
    room: Arc<Semaphore>,
    idle: Duration,
    dscp: Dscp,
}

/// An open connection.
struct Open {
    write: mpsc::Sender<Bytes>,
    way: Way,
    /// When something came by it last.
    heard: Instant,
}

/// One place where connections are taken.
pub struct Door {
    /// The socket.
    pub listener: TcpListener,
    /// TLS, where it speaks it.
    pub tls: Option<TlsAcceptor>,
}

/// A connection that has its place in the tables.
struct Entered {
    number: u64,
    peer: SocketAddr,
    transport: Transport,
    written: mpsc::Receiver<Bytes>,
    permit: OwnedSemaphorePermit,
}

impl Streams {
    /// Begins without connections; `most` at a time, closed after `idle` without traffic, ours marked with `dscp`.
    pub fn new(most: usize, idle: Duration, dscp: Dscp, tell: mpsc::Sender<FromStream>) -> Self {
        Self {
            by_number: DashMap::new(),
            by_peer: DashMap::new(),
            next: AtomicU64::new(1),
            client: ArcSwapOption::empty(),
            expected: DashMap::new(),
            tell,
            room: Arc::new(Semaphore::new(most)),
            idle,
            dscp,
        }
    }

    /// Sets whom TLS connections of ours trust from now on.
    pub fn trust(&self, client: Client) {
        self.client.store(Some(Arc::new(client)));
    }

    /// Sets where the servers of `host` are, which must show its certificate.
    pub fn expect_name(&self, host: &str, places: &[SocketAddr]) {
        let Ok(name) = ServerName::try_from(host.to_owned()) else {
            return;
        };
        self.expected.retain(|_, known| *known != name);
        for place in places {
            self.expected.insert(*place, name.clone());
        }
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn enter(&self, number: u64, way: Way) -> mpsc::Receiver<Bytes> {
        let (write, written) = mpsc::channel(WAITING);
        let heard = Instant::now();
        self.by_number.insert(number, Open { write, way, heard });
        self.by_peer.insert(way, number);
        written
    }

    // Takes note that something came by a connection.
    fn hear(&self, number: u64) {
        if let Some(mut open) = self.by_number.get_mut(&number) {
            open.heard = Instant::now();
        }
    }

    // Ends the task of a connection, which tells the endpoint; what is sent next opens another.
    fn close(&self, number: u64) {
        if let Some((_, open)) = self.by_number.remove(&number) {
            self.by_peer
                .remove_if(&open.way, |_, known| *known == number);
        }
    }

    // Nothing that is sent to its far end goes by a connection from now on, but what names it.
    fn keep_from_new(&self, number: u64) {
        if let Some(open) = self.by_number.get(&number) {
            self.by_peer
                .remove_if(&open.way, |_, known| *known == number);
        }
    }

    fn forget(&self, number: u64, way: Way) {
        self.by_number.remove(&number);
        self.by_peer.remove_if(&way, |_, known| *known == number);
    }

    // A new connection of a peer, if there is room for one.
    fn admit(&self, transport: Transport, peer: SocketAddr) -> Option<Entered> {
        let Ok(permit) = self.room.clone().try_acquire_owned() else {
            metrics::refused("sip_connections");
            return None;
        };
        let number = self.number();
        Some(Entered {
            number,
            peer,
            transport,
            written: self.enter(number, (transport, peer)),
            permit,
        })
    }
}

/// Accepts until told to leave.
pub async fn listen(door: Door, streams: Arc<Streams>, mut leave: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            _ = leave.wait_for(|leave| *leave) => return,
            accepted = door.listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let transport = match door.tls {
                    Some(_) => Transport::Tls,
                    None => Transport::Tcp,
                };
                if let Some(entered) = streams.admit(transport, peer) {
                    tokio::spawn(welcome(streams.clone(), stream, door.tls.clone(), entered));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a SIP connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn welcome(
    streams: Arc<Streams>,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    entered: Entered,
) {
    let Ok(local) = prepare(&stream) else {
        return streams
            .part(entered.number, (entered.transport, entered.peer))
            .await;
    };
    let Some(tls) = tls else {
        return serve(streams, stream, local, entered).await;
    };
    match tokio::time::timeout(CONNECT, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let connection = entered.number;
            let names = names(stream.get_ref().1.peer_certificates());
            if !names.is_empty() {
                // The endpoint has gone when it does not hear this.
                let _ = streams
                    .tell
                    .send(FromStream::Proved { connection, names })
                    .await;
            }
            serve(streams, stream, local, entered).await;
        }
        failed => {
            metrics::refused("sip_tls");
            if let Ok(Err(error)) = failed {
                tracing::debug!(%error, "TLS for SIP did not begin");
            }
            streams
                .part(entered.number, (entered.transport, entered.peer))
                .await;
        }
    }
}

/// Sends a message by a connection that is open, or by a new one.
pub fn send(
    streams: &Arc<Streams>,
    transport: Transport,
    connection: Option<u64>,
    to: SocketAddr,
    bytes: Bytes,
) {
    let Some(number) = streams.open((transport, to), connection) else {
        return connect(streams, transport, to, bytes);
    };
    let refused = streams
        .by_number
        .get(&number)
        .is_none_or(|open| open.write.try_send(bytes).is_err());
    if refused {
        // It is stuck or gone.
        metrics::refused("sip_stuck");
        streams.close(number);
    }
}

/// Sends what keeps a connection open, if it is.
pub fn keep(streams: &Streams, connection: u64, bytes: Bytes) {
    let open = streams.by_number.get(&connection);
    if open.is_some_and(|open| open.write.try_send(bytes).is_err()) {
        tracing::debug!(
            connection,
            "nothing more can be written on a SIP connection"
        );
    }
}

/// Closes a connection that a request got no answer by, where nothing came by it for `silence` either.
pub fn doubt(streams: &Streams, way: Way, connection: Option<u64>, silence: Duration) {
    let Some(number) = streams.open(way, connection) else {
        return;
    };
    let open = streams.by_number.get(&number);
    let heard = open.map(|open| open.heard);
    if heard.is_some_and(|heard| Instant::now().duration_since(heard) >= silence) {
        tracing::warn!(
            connection = number,
            "nothing comes by a SIP connection any more; it is closed, and the next call opens another"
        );
        metrics::refused("sip_silent");
        streams.close(number);
    }
}

fn connect(streams: &Arc<Streams>, transport: Transport, to: SocketAddr, bytes: Bytes) {
    let streams = streams.clone();
    // Nobody can be called by WebSocket but on the connection they made.
    let entered = match transport {
        Transport::Tcp | Transport::Tls => streams.admit(transport, to),
        Transport::Udp | Transport::Ws => None,
    };
    if let Some(open) = entered
        .as_ref()
        .and_then(|one| streams.by_number.get(&one.number))
    {
        // A new queue has room.
        let _ = open.write.try_send(bytes);
    }
    tokio::spawn(async move {
        let Some(entered) = entered else {
            // The endpoint has gone when it does not hear this.
            let _ = streams
                .tell
                .send(FromStream::Failed { transport, to })
                .await;
            return;
        };
        let failed = match tokio::time::timeout(CONNECT, reach(to, streams.dscp)).await {
            Ok(Ok(stream)) => return reached(streams, stream, entered).await,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::debug!(?transport, error = failed, "no SIP connection was made");
        streams.fail(&entered).await;
    });
}

async fn reach(to: SocketAddr, dscp: Dscp) -> std::io::Result<TcpStream> {
    let socket = match to {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    dscp.mark(&socket, to);
    socket.connect(to).await
}

// Sets how a connection is watched; returns its end here.
fn prepare(stream: &TcpStream) -> std::io::Result<SocketAddr> {
    stream.set_nodelay(true)?;
    let asked = TcpKeepalive::new().with_time(ASKED);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&asked.with_interval(ASKED_AGAIN))?;
    socket.set_tcp_user_timeout(Some(UNHEARD))?;
    stream.local_addr()
}

async fn reached(streams: Arc<Streams>, stream: TcpStream, entered: Entered) {
    let Ok(local) = prepare(&stream) else {
        return streams.fail(&entered).await;
    };
    if entered.transport == Transport::Tcp {
        return serve(streams, stream, local, entered).await;
    }
    let client = streams.client.load_full();
    let begun = match client {
        Some(client) => {
            let expected = streams.expected.get(&entered.peer);
            let expected = expected.map(|name| name.clone());
            tokio::time::timeout(CONNECT, client.begin(stream, entered.peer, expected))
                .await
                .unwrap_or_else(|_| Err(anyhow::anyhow!("it took too long")))
        }
        None => Err(anyhow::anyhow!("nobody is trusted")),
    };
    match begun {
        Ok(stream) => serve(streams, stream, local, entered).await,
        Err(error) => {
            metrics::refused("sip_tls");
            tracing::warn!(
                error = format!("{error:#}"),
                "TLS to a SIP peer did not begin"
            );
            streams.fail(&entered).await;
        }
    }
}

async fn serve<S>(streams: Arc<Streams>, stream: S, local: SocketAddr, entered: Entered)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let Entered {
        number,
        peer,
        transport,
        written,
        permit,
    } = entered;
    let (_permit, _open) = (permit, metrics::sip_connection());
    let flow = Flow {
        transport,
        local,
        peer,
        connection: number,
    };
    let (read, write) = tokio::io::split(stream);
    let reason = Line::new(flow, streams.clone(), write)
        .drive(read, written)
        .await;
    tracing::debug!(connection = number, reason, "a SIP connection closed");
    streams.part(number, (transport, peer)).await;
}

impl Streams {
    // The connection that a message is sent by, if there is one.
    fn open(&self, way: Way, connection: Option<u64>) -> Option<u64> {
        connection
            .filter(|number| self.by_number.contains_key(number))
            .or_else(|| self.by_peer.get(&way).map(|number| *number))
    }

    // The end of a connection that was there.
    async fn part(&self, number: u64, way: Way) {
        self.forget(number, way);
        let connection = number;
        // The endpoint has gone when it does not hear this.
        let _ = self.tell.send(FromStream::Lost { connection, way }).await;
    }

    // The end of a connection that never was.
    async fn fail(&self, entered: &Entered) {
        let (transport, to) = (entered.transport, entered.peer);
        self.forget(entered.number, (transport, to));
        // The endpoint has gone when it does not hear this.
        let _ = self.tell.send(FromStream::Failed { transport, to }).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    const OPTIONS: &[u8] = b"OPTIONS sip:b SIP/2.0\r\n";

    async fn heard(stream: &mut TcpStream) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS.len()];
        let length = stream.read(&mut bytes).await.unwrap();
        bytes.truncate(length);
        bytes
    }

    #[tokio::test]
    async fn what_is_sent_after_a_connection_was_doubted_goes_by_another() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let (tell, mut told) = mpsc::channel(8);
        let streams = Streams::new(4, Duration::from_secs(600), Dscp::CS3, tell);
        let streams = Arc::new(streams);
        let sends = || send(&streams, Transport::Tcp, None, to, OPTIONS.into());
        sends();
        let (mut first, _) = listener.accept().await.unwrap();
        assert_eq!(heard(&mut first).await, OPTIONS);

        doubt(&streams, (Transport::Tcp, to), None, Duration::MAX);
        sends();
        assert_eq!(
            heard(&mut first).await,
            OPTIONS,
            "it was heard not long ago"
        );
        doubt(&streams, (Transport::Tcp, to), None, Duration::ZERO);
        sends();

        let (mut second, _) = listener.accept().await.unwrap();
        assert_eq!(heard(&mut second).await, OPTIONS);
        assert_eq!(heard(&mut first).await, b"");
        let lost = told.recv().await.unwrap();
        assert!(matches!(lost, FromStream::Lost { way, .. } if way == (Transport::Tcp, to)));
    }

    #[tokio::test]
    async fn a_connection_that_acknowledges_nothing_is_given_up_in_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = reach(listener.local_addr().unwrap(), Dscp::CS3)
            .await
            .unwrap();

        prepare(&stream).unwrap();

        let socket = SockRef::from(&stream);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNHEARD));
        assert!(socket.keepalive().unwrap());
    }
}
