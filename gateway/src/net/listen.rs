//! The web listeners: accept, TLS, HTTP/1.1, each within its bounds.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
};
use tokio_rustls::TlsAcceptor;

use super::{
    api::Peer,
    app::App,
    linger::{Early, Linger, Watched},
};
use crate::metrics;

/// How long TLS may take to begin.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The most bytes of a request's header, and what is read ahead.
const HEADER: usize = 16 * 1024;
/// How long what was sent may go without an acknowledgement (RFC 5482): whoever only reads cannot be asked whether they are there.
const SILENT: Duration = Duration::from_secs(60);
/// How long accepting rests when the system has no more of something, such as open files.
const REST: Duration = Duration::from_millis(100);

/// One listener.
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// TLS, where it speaks it.
    pub tls: Option<Arc<ServerConfig>>,
    /// Shared with the other listeners: how many connections there may be.
    pub room: Arc<Semaphore>,
}

impl Listener {
    /// Accepts until told to leave.
    pub async fn run(self, app: Arc<App>, router: Router, mut leave: watch::Receiver<bool>) {
        let acceptor = self.tls.map(TlsAcceptor::from);
        loop {
            let accepted = tokio::select! {
                _ = leave.wait_for(|leave| *leave) => return,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            let Ok(permit) = self.room.clone().try_acquire_owned() else {
                metrics::refused("connections");
                continue;
            };
            let connection = Connection {
                app: app.clone(),
                router: router.clone(),
                address,
                leave: leave.clone(),
            };
            tokio::spawn(serve(connection, stream, acceptor.clone(), permit));
        }
    }
}

struct Connection {
    app: Arc<App>,
    router: Router,
    address: SocketAddr,
    leave: watch::Receiver<bool>,
}

async fn serve(
    connection: Connection,
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    permit: OwnedSemaphorePermit,
) {
    let _permit = permit;
    if let Err(error) = prepare(&stream) {
        tracing::debug!(%error, "a connection ended before it began");
        return;
    }
    let early = Early::default();
    let stream = Linger::new(stream, early.clone());
    let ended = match acceptor {
        None => connection.speak(stream, early, false).await,
        Some(acceptor) => match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => connection.speak(stream, early, true).await,
            Ok(Err(error)) => {
                tracing::debug!(%error, "TLS did not begin");
                metrics::refused("tls");
                Ok(())
            }
            Err(_) => {
                metrics::refused("tls");
                Ok(())
            }
        },
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_user_timeout(Some(SILENT))
}

impl Connection {
    async fn speak<S>(mut self, stream: S, early: Early, tls: bool) -> Result<(), hyper::Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = Peer {
            address: self.address,
            tls,
        };
        let router = self.router;
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let (router, early) = (router.clone(), early.clone());
            async move { Ok::<_, io::Error>(answer(router, request, early).await) }
        });
        let header_time = self.app.config.load().web.header_time.0;
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_time)
            .max_buf_size(HEADER)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut served = std::pin::pin!(served);
        let mut leaving = false;
        loop {
            tokio::select! {
                ended = served.as_mut() => return ended,
                _ = self.leave.wait_for(|leave| *leave), if !leaving => {
                    leaving = true;
                    served.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

async fn answer(
    router: Router,
    request: hyper::Request<Incoming>,
    early: Early,
) -> axum::response::Response {
    use tower::ServiceExt;
    let (give, rest) = oneshot::channel();
    let watched = |body| axum::body::Body::new(Watched::new(body, early.clone(), give));
    let request: Request = request.map(watched);
    let mut response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    early.read(rest).await;
    if early.is() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_whose_peer_is_gone_without_a_word_ends_although_it_is_only_written_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _peer = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (stream, _) = listener.accept().await.unwrap();

        prepare(&stream).unwrap();

        let limit = SockRef::from(&stream).tcp_user_timeout().unwrap();
        assert_eq!(limit, Some(Duration::from_secs(60)));
        assert!(stream.nodelay().unwrap());
    }
}
