//! SIP over WebSocket (RFC 7118): one message a frame, for SIP clients in browsers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use sip::endpoint::{Flow, Transport};
use tokio::{io::AsyncReadExt, sync::mpsc};
use tokio_tungstenite::tungstenite::{
    Error, Message, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{FromStream, Streams, line::WRITE};
use crate::{metrics, net::upgrade::Stream};

const TOO_LONG: &str = "a message was too long";
/// How long the rest of such a message is read, and how many pieces of it.
const LINGER: Duration = Duration::from_secs(2);
const DRAINED: usize = 1024;

/// Carries messages both ways until the socket closes, or nothing came for too long.
pub async fn run(mut socket: Stream, streams: Arc<Streams>, local: SocketAddr, peer: SocketAddr) {
    let Some(entered) = streams.admit(Transport::Ws, peer) else {
        // The peer finds out by the closed connection.
        let _ = socket.close(None).await;
        return;
    };
    let flow = Flow {
        transport: Transport::Ws,
        local,
        peer,
        connection: entered.number,
    };
    let (_permit, _open) = (entered.permit, metrics::sip_connection());
    let reason = drive(&mut socket, &streams, flow, entered.written).await;
    tracing::debug!(connection = flow.connection, reason, "a SIP socket closed");
    streams.part(flow.connection, (Transport::Ws, peer)).await;
    let why = (reason == TOO_LONG).then(|| CloseFrame {
        code: CloseCode::Size,
        reason: "a message of SIP is 65,535 bytes at most".into(),
    });
    // It may be closed already.
    let _ = tokio::time::timeout(WRITE, socket.close(why)).await;
    if reason == TOO_LONG {
        // What nobody has read when a connection is dropped takes the words sent on it along.
        let _ = tokio::time::timeout(LINGER, drain(&mut socket)).await;
    }
}

async fn drain(socket: &mut Stream) {
    let mut rest = [0; 1024];
    for _ in 0..DRAINED {
        if !matches!(socket.get_mut().read(&mut rest).await, Ok(1..)) {
            return;
        }
    }
}

async fn drive(
    socket: &mut Stream,
    streams: &Streams,
    flow: Flow,
    mut written: mpsc::Receiver<Bytes>,
) -> &'static str {
    let mut quiet_until = tokio::time::Instant::now() + streams.idle;
    loop {
        let frame = tokio::select! {
            got = socket.next() => match got {
                Some(Ok(frame)) => frame,
                Some(Err(Error::Capacity(error))) => {
                    metrics::refused("sip_message");
                    tracing::debug!(connection = flow.connection, %error, "a SIP message was refused");
                    return TOO_LONG;
                }
                Some(Err(_)) => return "the socket broke",
                None => return "the peer closed",
            },
            bytes = written.recv() => {
                let Some(bytes) = bytes else { return "the peer reads too slowly" };
                // RFC 7118 §5: text where the message is text.
                let frame = match Utf8Bytes::try_from(bytes.clone()) {
                    Ok(text) => Message::Text(text),
                    Err(_) => Message::Binary(bytes),
                };
                match tokio::time::timeout(WRITE, socket.send(frame)).await {
                    Ok(Ok(())) => continue,
                    Ok(Err(_)) | Err(_) => return "the socket broke",
                }
            }
            () = tokio::time::sleep_until(quiet_until) => return "nothing came for too long",
        };
        quiet_until = tokio::time::Instant::now() + streams.idle;
        streams.hear(flow.connection);
        let bytes: Bytes = match frame {
            Message::Text(text) => text.into(),
            Message::Binary(bytes) => bytes,
            // Pings are answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            Message::Close(_) => return "the peer closed",
        };
        // RFC 5626 §3.5.1, as some clients do it here too.
        if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            match tokio::time::timeout(WRITE, socket.send(Message::Text("\r\n".into()))).await {
                Ok(Ok(())) => continue,
                Ok(Err(_)) | Err(_) => return "the socket broke",
            }
        }
        if streams
            .tell
            .send(FromStream::Message { flow, bytes })
            .await
            .is_err()
        {
            return "the endpoint has gone";
        }
    }
}
