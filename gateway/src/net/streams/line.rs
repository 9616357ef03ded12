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
};

use super::{FromStream, Streams};
use crate::metrics;

/// How long a message may take from its first byte to its last (RFC 4475 §3.1.2.2).
const MESSAGE: Duration = Duration::from_secs(30);
/// How long a write may take.
pub const WRITE: Duration = Duration::from_secs(10);
const READ: usize = 8 * 1024;

/// One connection that carries a stream of messages.
pub struct Line<W> {
    flow: Flow,
    streams: Arc<Streams>,
    framer: Framer,
    write: W,
}

impl<W: AsyncWrite + Unpin> Line<W> {
    /// Makes the line of a connection.
    pub fn new(flow: Flow, streams: Arc<Streams>, write: W) -> Self {
        Self {
            flow,
            streams,
            framer: Framer::new(),
            write,
        }
    }

    /// Carries messages both ways until the connection ends; returns why it did.
    pub async fn drive(
        &mut self,
        mut read: impl AsyncRead + Unpin,
        mut written: mpsc::Receiver<Bytes>,
    ) -> &'static str {
        let mut buffer = vec![0; READ];
        let mut quiet_until = tokio::time::Instant::now() + self.streams.idle;
        loop {
            tokio::select! {
                got = read.read(&mut buffer) => {
                    let Ok(length @ 1..) = got else { return "the peer closed" };
                    self.streams.hear(self.flow.connection);
                    let was_inside = self.framer.is_inside_message();
                    self.framer.push(&buffer[..length]);
                    if let Err(reason) = self.pass().await {
                        return reason;
                    }
                    let now = tokio::time::Instant::now();
                    match (was_inside, self.framer.is_inside_message()) {
                        (_, false) => quiet_until = now + self.streams.idle,
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
                        quiet_until = tokio::time::Instant::now() + self.streams.idle;
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
