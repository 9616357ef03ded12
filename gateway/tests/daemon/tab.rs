//! A browser's tab without a browser: the clients' machines on a real WebSocket.

use std::{net::SocketAddr, time::Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame},
};
use ws::client::{Agent, AgentNews, Visitor, VisitorNews};

use crate::house::soon;

/// A machine that a socket drives.
pub trait Machine {
    type News: std::fmt::Debug;
    const PATH: &'static str;
    fn opened(&mut self);
    fn closed(&mut self);
    fn hear(&mut self, text: &str);
    fn due(&mut self) -> Option<Instant>;
    fn timeout(&mut self);
    fn frame(&mut self) -> Option<String>;
    fn news(&mut self) -> Option<Self::News>;
}

macro_rules! machine {
    ($name:ident, $news:ident, $path:literal) => {
        impl Machine for $name {
            type News = $news;
            const PATH: &'static str = $path;
            fn opened(&mut self) {
                self.handle_open();
            }
            fn closed(&mut self) {
                self.handle_close();
            }
            fn hear(&mut self, text: &str) {
                self.handle_text(text, Instant::now());
            }
            fn due(&mut self) -> Option<Instant> {
                self.poll_timeout()
            }
            fn timeout(&mut self) {
                self.handle_timeout(Instant::now());
            }
            fn frame(&mut self) -> Option<String> {
                self.poll_frame()
            }
            fn news(&mut self) -> Option<$news> {
                self.poll_news()
            }
        }
    };
}

machine!(Visitor, VisitorNews, "/ws/visitor");
machine!(Agent, AgentNews, "/ws/agent");

pub type Socket = WebSocketStream<TcpStream>;

/// Opens a socket; the status when that is refused.
pub async fn connect(
    to: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, u16> {
    let stream = TcpStream::connect(to).await.unwrap();
    connect_by(stream, to, path, headers).await
}

async fn connect_by(
    stream: TcpStream,
    to: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, u16> {
    let mut request = format!("ws://{to}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, HeaderValue::from_str(value).unwrap());
    }
    match soon("a handshake", client_async(request, stream)).await {
        Ok((socket, response)) => {
            assert_eq!(response.headers()["sec-websocket-protocol"], "tandem.v1");
            Ok(socket)
        }
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

/// One tab.
pub struct Tab<M: Machine> {
    pub machine: M,
    socket: Option<Socket>,
    pub close: Option<CloseFrame>,
}

impl<M: Machine> Tab<M> {
    /// Opens a tab that says hello.
    pub async fn open(to: SocketAddr, machine: M) -> Self {
        let mut tab = Self {
            machine,
            socket: None,
            close: None,
        };
        tab.reconnect(to).await;
        tab
    }

    /// Opens a tab that says hello, by a connection that exists.
    pub async fn open_by(stream: TcpStream, to: SocketAddr, machine: M) -> Self {
        let mut tab = Self {
            machine,
            socket: None,
            close: None,
        };
        tab.take(stream, to).await;
        tab
    }

    /// Opens a new socket for the same tab.
    pub async fn reconnect(&mut self, to: SocketAddr) {
        let stream = TcpStream::connect(to).await.unwrap();
        self.take(stream, to).await;
    }

    async fn take(&mut self, stream: TcpStream, to: SocketAddr) {
        if self.socket.take().is_some() {
            self.machine.closed();
        }
        let headers = [
            ("sec-websocket-protocol", "tandem.v1"),
            ("origin", &*format!("http://{to}")),
        ];
        self.socket = Some(connect_by(stream, to, M::PATH, &headers).await.unwrap());
        self.machine.opened();
    }

    /// Drops the socket without a word.
    pub fn drop_socket(&mut self) {
        self.socket = None;
        self.machine.closed();
    }

    /// Runs until `wanted` finds what it looks for in the news, or in the machine.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&M, Option<M::News>) -> Option<T>,
    ) -> T {
        soon(what, async {
            loop {
                while let Some(news) = self.machine.news() {
                    if let Some(found) = wanted(&self.machine, Some(news)) {
                        return found;
                    }
                }
                if let Some(found) = wanted(&self.machine, None) {
                    return found;
                }
                assert!(
                    self.turn().await,
                    "the socket closed ({:?}) before {what}",
                    self.close
                );
            }
        })
        .await
    }

    /// Runs until the socket is closed; returns the server's close code.
    pub async fn until_closed(&mut self) -> Option<u16> {
        soon("the socket's end", async { while self.turn().await {} }).await;
        self.close.as_ref().map(|close| close.code.into())
    }

    // Sends what is to be sent and hears one frame; tells whether the socket is open.
    async fn turn(&mut self) -> bool {
        let Some(socket) = &mut self.socket else {
            return false;
        };
        while let Some(frame) = self.machine.frame() {
            if socket.send(Message::text(frame)).await.is_err() {
                break;
            }
        }
        let due = self.machine.due().map(tokio::time::Instant::from_std);
        let wake = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = socket.next() => match heard {
                Some(Ok(Message::Text(text))) => self.machine.hear(&text),
                Some(Ok(Message::Close(close))) => self.close = close,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.drop_socket();
                    return false;
                }
            },
            () = wake => self.machine.timeout(),
        }
        true
    }
}
