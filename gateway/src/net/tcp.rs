//! SIP over TCP (RFC 3261 §18): each connection is a task, found by its number or by its far end.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use dashmap::DashMap;
use rand::{RngExt, SeedableRng};
use sip::{
    endpoint::{Flow, Transport},
    message::{Frame, Framer, ParseError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
};

use crate::metrics;

/// Messages that may wait to be written on one connection; a peer that reads slower loses it.
const WAITING: usize = 1_024;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a message may take from its first byte to its last (RFC 4475 §3.1.2.2).
const MESSAGE: Duration = Duration::from_secs(30);
/// How long a write may take.
const WRITE: Duration = Duration::from_secs(10);
/// How long accepting rests when the system has no more of something.
const REST: Duration = Duration::from_millis(100);
const READ: usize = 8 * 1024;

/// What connections bring.
pub enum FromTcp {
    /// One message.
    Message {
        /// Where it came from.
        flow: Flow,
        /// The message.
        bytes: Bytes,
    },
    /// A connection is closed.
    Lost {
        /// Its number.
        connection: u64,
    },
    /// No connection could be made.
    Failed {
        /// To where.
        to: SocketAddr,
    },
}

/// All connections.
pub struct Connections {
    by_number: DashMap<u64, mpsc::Sender<Bytes>>,
    by_peer: DashMap<SocketAddr, u64>,
    next: AtomicU64,
    local: SocketAddr,
    tell: mpsc::Sender<FromTcp>,
    room: Arc<Semaphore>,
    idle: Duration,
}

impl Connections {
    /// Begins without connections; `most` at a time, closed after `idle` without traffic.
    pub fn new(
        local: SocketAddr,
        most: usize,
        idle: Duration,
        tell: mpsc::Sender<FromTcp>,
    ) -> Self {
        Self {
            by_number: DashMap::new(),
            by_peer: DashMap::new(),
            next: AtomicU64::new(1),
            local,
            tell,
            room: Arc::new(Semaphore::new(most)),
            idle,
        }
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn enter(&self, number: u64, peer: SocketAddr) -> mpsc::Receiver<Bytes> {
        let (write, written) = mpsc::channel(WAITING);
        self.by_number.insert(number, write);
        self.by_peer.insert(peer, number);
        written
    }

    fn forget(&self, number: u64, peer: SocketAddr) {
        self.by_number.remove(&number);
        self.by_peer.remove_if(&peer, |_, known| *known == number);
    }
}

/// Accepts until told to leave.
pub async fn listen(
    listener: TcpListener,
    connections: Arc<Connections>,
    mut leave: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            _ = leave.wait_for(|leave| *leave) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Ok(permit) = connections.room.clone().try_acquire_owned() else {
                    metrics::refused("sip_connections");
                    continue;
                };
                let number = connections.number();
                let written = connections.enter(number, peer);
                tokio::spawn(serve(
                    connections.clone(),
                    stream,
                    peer,
                    number,
                    written,
                    permit,
                ));
            }
            Err(error) => {
                tracing::warn!(%error, "a SIP connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Sends a message by a connection that is open, or by a new one.
pub fn send(connections: &Arc<Connections>, connection: Option<u64>, to: SocketAddr, bytes: Bytes) {
    let open = connection
        .filter(|number| connections.by_number.contains_key(number))
        .or_else(|| connections.by_peer.get(&to).map(|number| *number));
    let Some(number) = open else {
        return connect(connections, to, bytes);
    };
    let refused = connections
        .by_number
        .get(&number)
        .is_none_or(|write| write.try_send(bytes).is_err());
    if refused {
        // It is stuck or gone: dropping its sender ends its task, which tells the endpoint.
        metrics::refused("sip_stuck");
        connections.by_number.remove(&number);
    }
}

fn connect(connections: &Arc<Connections>, to: SocketAddr, bytes: Bytes) {
    let connections = connections.clone();
    let number = connections.number();
    let written = connections.enter(number, to);
    if let Some(write) = connections.by_number.get(&number) {
        // A new queue has room.
        let _ = write.try_send(bytes);
    }
    tokio::spawn(async move {
        let permit = connections.room.clone().try_acquire_owned().ok();
        let stream = match permit {
            Some(permit) => tokio::time::timeout(CONNECT, TcpStream::connect(to))
                .await
                .ok()
                .and_then(Result::ok)
                .zip(Some(permit)),
            None => None,
        };
        match stream {
            Some((stream, permit)) => serve(connections, stream, to, number, written, permit).await,
            None => {
                connections.forget(number, to);
                // The endpoint has gone when it does not hear this.
                let _ = connections.tell.send(FromTcp::Failed { to }).await;
            }
        }
    });
}

async fn serve(
    connections: Arc<Connections>,
    stream: TcpStream,
    peer: SocketAddr,
    number: u64,
    written: mpsc::Receiver<Bytes>,
    permit: OwnedSemaphorePermit,
) {
    let (_permit, _open) = (permit, metrics::sip_connection());
    let flow = Flow {
        transport: Transport::Tcp,
        local: connections.local,
        peer,
        connection: number,
    };
    let reason = match stream.set_nodelay(true) {
        Ok(()) => {
            let (read, write) = stream.into_split();
            let mut line = Line {
                flow,
                connections: connections.clone(),
                framer: Framer::new(),
                write,
            };
            line.drive(read, written).await
        }
        Err(_) => "the connection broke",
    };
    tracing::debug!(connection = number, reason, "a SIP connection closed");
    connections.forget(number, peer);
    // The endpoint has gone when it does not hear this.
    let _ = connections
        .tell
        .send(FromTcp::Lost { connection: number })
        .await;
}

struct Line {
    flow: Flow,
    connections: Arc<Connections>,
    framer: Framer,
    write: OwnedWriteHalf,
}

impl Line {
    async fn drive(
        &mut self,
        mut read: OwnedReadHalf,
        mut written: mpsc::Receiver<Bytes>,
    ) -> &'static str {
        let mut buffer = vec![0; READ];
        let mut quiet_until = tokio::time::Instant::now() + self.connections.idle;
        loop {
            tokio::select! {
                got = read.read(&mut buffer) => {
                    let Ok(length @ 1..) = got else { return "the peer closed" };
                    let was_inside = self.framer.is_inside_message();
                    self.framer.push(&buffer[..length]);
                    if let Err(reason) = self.pass().await {
                        return reason;
                    }
                    let now = tokio::time::Instant::now();
                    match (was_inside, self.framer.is_inside_message()) {
                        (_, false) => quiet_until = now + self.connections.idle,
                        (false, true) => quiet_until = now + MESSAGE,
                        // The same message is still on its way; its time runs on.
                        (true, true) => {}
                    }
                }
                bytes = written.recv() => {
                    let Some(bytes) = bytes else { return "the peer reads too slowly" };
                    if !self.put(&bytes).await {
                        return "the connection broke";
                    }
                    if !self.framer.is_inside_message() {
                        quiet_until = tokio::time::Instant::now() + self.connections.idle;
                    }
                }
                () = tokio::time::sleep_until(quiet_until) => return "nothing came for too long",
            }
        }
    }

    async fn pass(&mut self) -> Result<(), &'static str> {
        loop {
            match self.framer.poll() {
                Ok(None) => return Ok(()),
                Ok(Some(Frame::Message(message))) => {
                    let told = FromTcp::Message {
                        flow: self.flow,
                        bytes: message.as_bytes().clone(),
                    };
                    if self.connections.tell.send(told).await.is_err() {
                        return Err("the endpoint has gone");
                    }
                }
                Ok(Some(Frame::Refused(error))) => self.refuse(&error).await?,
                Ok(Some(Frame::Ping)) => {
                    if !self.put(b"\r\n").await {
                        return Err("the connection broke");
                    }
                }
                Err(error) => {
                    self.refuse(&error).await?;
                    return Err("the stream cannot be understood");
                }
            }
        }
    }

    async fn refuse(&mut self, error: &ParseError) -> Result<(), &'static str> {
        metrics::refused("sip_message");
        tracing::debug!(connection = self.flow.connection, %error, "a SIP message was refused");
        let Some(rejection) = error.rejection() else {
            return Ok(());
        };
        let tag: u64 = rand::rngs::StdRng::from_seed(crate::auth::random()).random();
        let response = rejection.response(&format!("{tag:016x}"), None).build();
        if self.put(&response).await {
            Ok(())
        } else {
            Err("the connection broke")
        }
    }

    async fn put(&mut self, bytes: &[u8]) -> bool {
        matches!(
            tokio::time::timeout(WRITE, self.write.write_all(bytes)).await,
            Ok(Ok(()))
        )
    }
}
