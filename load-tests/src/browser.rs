//! One browser tab's WebSocket, driven by the pure client machines of `ws`.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::time;
use tokio_tungstenite::tungstenite::Message;
use ws::client::{Agent, AgentNews, Visitor, VisitorNews};

use crate::{
    door::{Door, Socket},
    web::Web,
};

/// How long anything may take that is waited for.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What widget and console have in common.
pub trait Machine {
    /// What would be shown.
    type News: Debug;
    /// Where its socket is.
    const PATH: &'static str;

    /// Tells that a socket is open.
    fn opened(&mut self);
    /// Tells that the socket is gone.
    fn closed(&mut self);
    /// Takes a frame in.
    fn heard(&mut self, text: &str, now: Instant);
    /// Does what is due.
    fn late(&mut self, now: Instant);
    /// Returns when something is due.
    fn due(&self) -> Option<Instant>;
    /// Takes the next frame to be sent.
    fn frame(&mut self) -> Option<String>;
    /// Takes what is to be shown next.
    fn news(&mut self) -> Option<Self::News>;
}

macro_rules! machine {
    ($machine:ty, $news:ty, $path:literal) => {
        impl Machine for $machine {
            type News = $news;
            const PATH: &'static str = $path;

            fn opened(&mut self) {
                self.handle_open();
            }

            fn closed(&mut self) {
                self.handle_close();
            }

            fn heard(&mut self, text: &str, now: Instant) {
                self.handle_text(text, now);
            }

            fn late(&mut self, now: Instant) {
                self.handle_timeout(now);
            }

            fn due(&self) -> Option<Instant> {
                self.poll_timeout()
            }

            fn frame(&mut self) -> Option<String> {
                self.poll_frame()
            }

            fn news(&mut self) -> Option<Self::News> {
                self.poll_news()
            }
        }
    };
}

machine!(Visitor, VisitorNews, "/ws/visitor");
machine!(Agent, AgentNews, "/ws/agent");

/// Sees frames as they come in.
pub type Tap = Box<dyn FnMut(&str) + Send>;

/// A machine with its socket.
pub struct Tab<M> {
    /// The machine; what it is asked goes out with the next [`Self::news`] or [`Self::flush`].
    pub machine: M,
    /// Is shown every frame that comes in.
    pub tap: Option<Tap>,
    /// Is shown every frame that goes out.
    pub sent: Option<Tap>,
    door: Door,
    socket: Option<Socket>,
}

impl<M: Machine> Tab<M> {
    /// Opens the socket.
    pub async fn open(web: &Web, machine: M) -> Result<Self> {
        let mut tab = Self::idle(web, machine);
        tab.connect().await?;
        Ok(tab)
    }

    /// Begins without a socket; [`Self::connect`] opens it.
    pub fn idle(web: &Web, machine: M) -> Self {
        Self::by(Door::from(web), machine)
    }

    /// Begins without a socket, which [`Self::connect`] opens through `door`.
    pub fn by(door: Door, machine: M) -> Self {
        Self {
            machine,
            tap: None,
            sent: None,
            door,
            socket: None,
        }
    }

    /// Tells whether there is a socket.
    pub fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Opens the socket anew, as after a lost network.
    pub async fn connect(&mut self) -> Result<()> {
        let socket = self.door.open(M::PATH, Some(ws::SUBPROTOCOL)).await?;
        self.socket = Some(socket);
        self.machine.opened();
        self.flush().await
    }

    /// Drops the socket without a word, as a lost network does.
    pub fn cut(&mut self) {
        if self.socket.take().is_some() {
            self.machine.closed();
        }
    }

    /// Sends what the machine has to say.
    pub async fn flush(&mut self) -> Result<()> {
        let Some(socket) = &mut self.socket else {
            return Ok(());
        };
        let mut any = false;
        while let Some(frame) = self.machine.frame() {
            if let Some(sent) = &mut self.sent {
                sent(&frame);
            }
            socket.feed(Message::text(frame)).await?;
            any = true;
        }
        if any {
            socket.flush().await?;
        }
        Ok(())
    }

    /// Waits for the next thing to be shown.
    pub async fn news(&mut self) -> Result<M::News> {
        loop {
            self.flush().await?;
            if let Some(news) = self.machine.news() {
                return Ok(news);
            }
            self.wait().await?;
        }
    }

    /// Waits until something came in or fell due; returns what is shown of it, if anything is.
    pub async fn news_or_frame(&mut self) -> Result<Option<M::News>> {
        self.flush().await?;
        if let Some(news) = self.machine.news() {
            return Ok(Some(news));
        }
        self.wait().await?;
        Ok(self.machine.news())
    }

    /// Waits until something came in or fell due. May be dropped while it waits; nothing is lost then.
    pub async fn wait(&mut self) -> Result<()> {
        let socket = self.socket.as_mut().context("the socket is closed")?;
        let wake = self
            .machine
            .due()
            .unwrap_or_else(|| Instant::now() + Duration::from_secs(60));
        let message = tokio::select! {
            message = socket.next() => message,
            () = time::sleep_until(wake.into()) => {
                self.machine.late(Instant::now());
                return Ok(());
            }
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                if let Some(tap) = &mut self.tap {
                    tap(&text);
                }
                self.machine.heard(&text, Instant::now());
                Ok(())
            }
            Some(Ok(Message::Close(frame))) => {
                self.cut();
                bail!("the server closed the socket: {frame:?}")
            }
            Some(Ok(
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_),
            )) => Ok(()),
            Some(Err(error)) => {
                self.cut();
                Err(error).context("the socket broke")
            }
            None => {
                self.cut();
                bail!("the socket ended")
            }
        }
    }

    /// Waits until something is shown that `wanted` takes; what is shown before it is passed over.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(M::News) -> Option<T>,
    ) -> Result<T> {
        let mut last = String::new();
        let found = time::timeout(PATIENCE, async {
            loop {
                let news = self.news().await?;
                last = format!("{news:?}");
                if let Some(found) = wanted(news) {
                    return anyhow::Ok(found);
                }
            }
        });
        match found.await {
            Ok(found) => found.with_context(|| format!("while waiting for {what}")),
            Err(_) => bail!("waited in vain for {what}; the last news was {last}"),
        }
    }
}
