//! One connection that carries SIP messages as a stream (RFC 3261 §18.3): framing, keep-alive, idleness.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use rand::{RngExt, SeedableRng};
use sip::{
    endpoint::Flow,
    message::{Frame, Framer, ParseError},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::mpsc,
    time::Instant,
};

use super::{FromStream, Streams};
use crate::metrics;

/// How long a message may take from its first byte to its last (RFC 4475 §3.1.2.2).
const MESSAGE: Duration = Duration::from_secs(30);
/// How long a write may take.
pub const WRITE: Duration = Duration::from_secs(10);
/// How long after its last request a peer that sends nothing more is answered on its connection. It may be gone altogether, which reading
/// does not tell; what takes longer is answered by another connection (RFC 3261 §18.2.2).
const ANSWERED: Duration = Duration::from_secs(5);
const READ: usize = 8 * 1024;
/// What asks whether anybody is there (RFC 5626 §3.5.1).
const PING: &[u8] = b"\r\n\r\n";
/// How a response begins.
const RESPONSE: &[u8] = b"SIP/2.0 ";

/// One connection that carries a stream of messages.
pub struct Line<W> {
    flow: Flow,
    streams: Arc<Streams>,
    framer: Framer,
    write: W,
    owed: Owed,
}

/// What is to be answered.
struct Owed {
    /// Requests without a final response.
    requests: u32,
    /// Until when the latest of them is waited with.
    until: Instant,
}

impl<W: AsyncWrite + Unpin> Line<W> {
    /// Makes the line of a connection.
    pub fn new(flow: Flow, streams: Arc<Streams>, write: W) -> Self {
        Self {
            flow,
            streams,
            framer: Framer::new(),
            write,
            owed: Owed {
                requests: 0,
                until: Instant::now(),
            },
        }
    }

    /// Carries messages both ways until the connection ends; returns why it did.
    pub async fn drive(
        &mut self,
        mut read: impl AsyncRead + Unpin,
        mut written: mpsc::Receiver<Bytes>,
    ) -> &'static str {
        let mut buffer = vec![0; READ];
        let mut quiet_until = Instant::now() + self.streams.idle;
        loop {
            tokio::select! {
                got = read.read(&mut buffer) => {
                    let length = match got {
                        Ok(0) => return self.answer(written).await,
                        Ok(length) => length,
                        Err(_) => return "the connection broke",
                    };
                    self.streams.hear(self.flow.connection);
                    let was_inside = self.framer.is_inside_message();
                    self.framer.push(&buffer[..length]);
                    if let Err(reason) = self.pass().await {
                        return reason;
                    }
                    let now = Instant::now();
                    match (was_inside, self.framer.is_inside_message()) {
                        (_, false) => quiet_until = now + self.streams.idle,
                        (false, true) => quiet_until = now + MESSAGE,
                        // The same message is still on its way; its time runs on.
                        (true, true) => {}
                    }
                }
                bytes = written.recv() => {
                    let Some(bytes) = bytes else { return "the peer reads too slowly" };
                    self.owed.settle(&bytes);
                    if bytes == PING {
                        self.framer.expect_pong();
                    }
                    if !self.put(&bytes).await {
                        return "the connection broke";
                    }
                    if !self.framer.is_inside_message() {
                        quiet_until = Instant::now() + self.streams.idle;
                    }
                }
                () = tokio::time::sleep_until(quiet_until) => return "nothing came for too long",
            }
        }
    }

    // The peer sends nothing more, and may read on: what it asked is answered, and nothing new goes by it.
    async fn answer(&mut self, mut written: mpsc::Receiver<Bytes>) -> &'static str {
        self.streams.keep_from_new(self.flow.connection);
        while self.owed.requests > 0 {
            let bytes = tokio::time::timeout_at(self.owed.until, written.recv()).await;
            let Ok(Some(bytes)) = bytes else { break };
            self.owed.settle(&bytes);
            if !self.put(&bytes).await {
                return "the connection broke";
            }
        }
        // A TLS peer is told that this is the end. The connection may be gone already.
        let _ = tokio::time::timeout(WRITE, self.write.shutdown()).await;
        "the peer closed"
    }

    async fn pass(&mut self) -> Result<(), &'static str> {
        loop {
            match self.framer.poll() {
                Ok(None) => return Ok(()),
                Ok(Some(Frame::Message(message))) => {
                    self.owed.note(message.as_bytes());
                    let told = FromStream::Message {
                        flow: self.flow,
                        bytes: message.as_bytes().clone(),
                    };
                    if self.streams.tell.send(told).await.is_err() {
                        return Err("the endpoint has gone");
                    }
                }
                Ok(Some(Frame::Refused(error))) => self.refuse(&error).await?,
                Ok(Some(Frame::Ping)) => {
                    if !self.put(b"\r\n").await {
                        return Err("the connection broke");
                    }
                }
                Ok(Some(Frame::Pong)) => {
                    let connection = self.flow.connection;
                    let told = FromStream::Pong { connection };
                    if self.streams.tell.send(told).await.is_err() {
                        return Err("the endpoint has gone");
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
            tokio::time::timeout(WRITE, async {
                self.write.write_all(bytes).await?;
                self.write.flush().await
            })
            .await,
            Ok(Ok(()))
        )
    }
}

impl Owed {
    // Whatever is no response and no ACK is answered.
    fn note(&mut self, message: &[u8]) {
        if !message.starts_with(RESPONSE) && !message.starts_with(b"ACK ") {
            self.requests = self.requests.saturating_add(1);
            self.until = Instant::now() + ANSWERED;
        }
    }

    fn settle(&mut self, message: &[u8]) {
        let status = message.strip_prefix(RESPONSE).and_then(<[u8]>::first);
        if status.is_some_and(|first| matches!(first, b'2'..=b'6')) {
            self.requests = self.requests.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use sip::endpoint::Transport;
    use tokio::io::DuplexStream;

    use super::*;
    use crate::dscp::Dscp;

    const ASKED: &[u8] = b"OPTIONS sip:b SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    const TRYING: &[u8] = b"SIP/2.0 100 Trying\r\n\r\n";
    const OK: &[u8] = b"SIP/2.0 200 OK\r\n\r\n";

    /// A peer on a connection that is driven, and what the endpoint has of it.
    struct Peer {
        stream: DuplexStream,
        streams: Arc<Streams>,
        told: mpsc::Receiver<FromStream>,
        way: (Transport, SocketAddr),
        driven: tokio::task::JoinHandle<&'static str>,
    }

    impl Peer {
        fn connect() -> Self {
            let (tell, told) = mpsc::channel(8);
            let streams = Streams::new(4, Duration::from_secs(600), Dscp::CS3, tell);
            let streams = Arc::new(streams);
            let way = (Transport::Tcp, "192.0.2.1:5060".parse().unwrap());
            let entered = streams.admit(way.0, way.1).unwrap();
            let (stream, ours) = tokio::io::duplex(4_096);
            let (read, write) = tokio::io::split(ours);
            let flow = Flow {
                transport: way.0,
                local: "192.0.2.2:5060".parse().unwrap(),
                peer: way.1,
                connection: entered.number,
            };
            let mut line = Line::new(flow, streams.clone(), write);
            let driven = tokio::spawn(async move { line.drive(read, entered.written).await });
            Self {
                stream,
                streams,
                told,
                way,
                driven,
            }
        }

        /// Asks once, and lets the endpoint have it.
        async fn ask(&mut self) -> Flow {
            self.stream.write_all(ASKED).await.unwrap();
            match self.told.recv().await {
                Some(FromStream::Message { flow, .. }) => flow,
                _ => panic!("a message is passed on"),
            }
        }

        fn say(&self, flow: &Flow, bytes: &'static [u8]) {
            let open = self.streams.by_number.get(&flow.connection).unwrap();
            open.write.try_send(bytes.into()).unwrap();
        }

        async fn rest(mut self) -> Vec<u8> {
            let mut rest = Vec::new();
            self.stream.read_to_end(&mut rest).await.unwrap();
            assert_eq!(self.driven.await.unwrap(), "the peer closed");
            rest
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_nothing_more_is_answered_what_they_asked_and_then_closed() {
        let mut peer = Peer::connect();
        let flow = peer.ask().await;
        peer.ask().await;
        peer.stream.shutdown().await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;

        for said in [TRYING, OK, OK] {
            peer.say(&flow, said);
        }

        assert_eq!(
            peer.streams.open(peer.way, None),
            None,
            "nothing new goes by it"
        );
        assert_eq!(peer.rest().await, [TRYING, OK, OK].concat());
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_to_what_keeps_a_connection_open_is_told() {
        let mut peer = Peer::connect();
        let flow = peer.ask().await;
        peer.say(&flow, OK);
        super::super::keep(&peer.streams, flow.connection, Bytes::from_static(PING));
        let mut heard = [0; OK.len() + PING.len()];
        peer.stream.read_exact(&mut heard).await.unwrap();
        assert!(heard.ends_with(PING));

        peer.stream.write_all(b"\r\n").await.unwrap();

        let told = peer.told.recv().await;
        assert!(
            matches!(told, Some(FromStream::Pong { connection }) if connection == flow.connection)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_answered_is_closed_in_time() {
        let began = Instant::now();
        let mut peer = Peer::connect();
        let flow = peer.ask().await;
        peer.say(&flow, TRYING);
        peer.stream.shutdown().await.unwrap();

        assert_eq!(peer.rest().await, TRYING);

        let ended = Instant::now();
        assert!((began + ANSWERED..began + 2 * ANSWERED).contains(&ended));
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_answered_is_closed_at_once() {
        let began = Instant::now();
        let mut peer = Peer::connect();
        let flow = peer.ask().await;
        peer.say(&flow, OK);
        let mut heard = [0; OK.len()];
        peer.stream.read_exact(&mut heard).await.unwrap();
        peer.stream.shutdown().await.unwrap();

        assert_eq!(peer.rest().await, b"");

        assert!(Instant::now() < began + ANSWERED);
    }
}
