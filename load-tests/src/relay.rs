//! A client of the plain relays of `peers/node`, which Tandem is measured beside: one speaks JSON by `ws`, one socket.io
//! (engine.io 4 by WebSocket). They keep nothing: what they acknowledge was passed on, and is in no journal.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use ws::id::Mid;

use crate::door::{Door, Socket};

/// Which server is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Against {
    /// Tandem.
    #[default]
    Tandem,
    /// A relay on Node's `ws`.
    Ws,
    /// A relay on socket.io.
    Socketio,
}

impl Against {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tandem => "tandem",
            Self::Ws => "ws",
            Self::Socketio => "socket.io",
        }
    }

    /// Returns what is spoken with a relay; none is Tandem itself.
    pub fn dialect(self) -> Option<Dialect> {
        match self {
            Self::Tandem => None,
            Self::Ws => Some(Dialect::Ws),
            Self::Socketio => Some(Dialect::Socketio),
        }
    }
}

/// Where a relay listens.
pub fn place(at: Option<SocketAddr>) -> Result<SocketAddr> {
    at.context("give --at with the address of the relay")
}

/// What is spoken with a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// JSON in text frames.
    Ws,
    /// socket.io, version 4.
    Socketio,
}

/// What a frame of a relay means.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// It waits for who this is.
    Greeted,
    /// It knows who this is.
    Welcomed,
    /// A message was passed on.
    Acknowledged(Mid),
    /// A message came.
    Arrived(Mid),
    /// It wants to hear this.
    Wants(&'static str),
}

impl Dialect {
    fn path(self) -> &'static str {
        match self {
            Self::Ws => "/",
            Self::Socketio => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// Writes a request; socket.io numbers those it acknowledges.
    fn ask(self, number: u64, name: &str, what: &Value) -> String {
        match self {
            Self::Ws => what.to_string(),
            Self::Socketio => format!("42{number}{}", json!([name, what])),
        }
    }

    fn read(self, text: &str) -> Result<Heard> {
        let said = || format!("the relay said {text:?}");
        match self {
            Self::Ws => meant(&serde_json::from_str(text)?).with_context(said),
            Self::Socketio => {
                if text == "2" {
                    return Ok(Heard::Wants("3"));
                }
                if text.starts_with('0') {
                    return Ok(Heard::Wants("40"));
                }
                if text.starts_with("40") {
                    return Ok(Heard::Greeted);
                }
                let start = text.find('[').with_context(said)?;
                let parts: Vec<Value> = serde_json::from_str(&text[start..])?;
                meant(parts.last().with_context(said)?).with_context(said)
            }
        }
    }
}

fn meant(what: &Value) -> Result<Heard> {
    let text = |field: &str| what[field].as_str();
    if text("welcome").is_some() {
        return Ok(Heard::Welcomed);
    }
    if let Some(mid) = text("ack") {
        return Ok(Heard::Acknowledged(mid.parse()?));
    }
    let mid = text("mid").context("neither welcome, ack nor message")?;
    Ok(Heard::Arrived(mid.parse()?))
}

/// Somebody at a relay.
pub struct Relay {
    door: Door,
    dialect: Dialect,
    name: String,
    is_agent: bool,
    socket: Option<Socket>,
    asked: u64,
    owed: Option<&'static str>,
}

impl Relay {
    /// Begins without a socket.
    pub fn new(door: Door, dialect: Dialect, name: String, is_agent: bool) -> Self {
        Self {
            door,
            dialect,
            name,
            is_agent,
            socket: None,
            asked: 0,
            owed: None,
        }
    }

    /// Opens a socket and waits until the relay knows who this is.
    pub async fn connect(&mut self) -> Result<()> {
        self.socket = Some(self.door.open(self.dialect.path(), None).await?);
        if self.dialect == Dialect::Ws {
            self.greet().await?;
        }
        match self.hear().await? {
            Heard::Welcomed => Ok(()),
            other => bail!("the relay began with {other:?}"),
        }
    }

    /// Drops the socket without a word.
    pub fn cut(&mut self) {
        self.socket = None;
        self.owed = None;
    }

    /// Tells whether there is a socket.
    pub fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Writes a message to an agent.
    pub async fn write(&mut self, to: &str, mid: &Mid, text: &str) -> Result<()> {
        let message = json!({ "to": to, "mid": mid.as_str(), "text": text });
        self.ask("message", &message).await
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost then.
    pub async fn hear(&mut self) -> Result<Heard> {
        loop {
            if let Some(owed) = self.owed {
                self.send(owed.to_owned()).await?;
                self.owed = None;
            }
            let socket = self.socket.as_mut().context("the socket is closed")?;
            let message = match socket.next().await {
                Some(message) => message.context("the socket broke")?,
                None => bail!("the socket ended"),
            };
            match message {
                Message::Text(text) => match self.dialect.read(&text)? {
                    Heard::Wants(answer) => self.owed = Some(answer),
                    Heard::Greeted => self.greet().await?,
                    heard @ (Heard::Welcomed | Heard::Acknowledged(_) | Heard::Arrived(_)) => {
                        return Ok(heard);
                    }
                },
                Message::Close(frame) => bail!("the relay closed the socket: {frame:?}"),
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
            }
        }
    }

    async fn greet(&mut self) -> Result<()> {
        let hello = json!({ "hello": self.name, "agent": self.is_agent });
        self.ask("hello", &hello).await
    }

    async fn ask(&mut self, name: &str, what: &Value) -> Result<()> {
        self.asked += 1;
        let text = self.dialect.ask(self.asked, name, what);
        self.send(text).await
    }

    async fn send(&mut self, text: String) -> Result<()> {
        let socket = self.socket.as_mut().context("the socket is closed")?;
        Ok(socket.send(Message::text(text)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mid(text: &str) -> Mid {
        text.parse().unwrap()
    }

    #[test]
    fn both_relays_say_the_same_in_their_own_way() {
        let table = [
            (Dialect::Ws, r#"{"welcome":"v1"}"#, Heard::Welcomed),
            (
                Dialect::Ws,
                r#"{"ack":"1.2"}"#,
                Heard::Acknowledged(mid("1.2")),
            ),
            (
                Dialect::Ws,
                r#"{"mid":"1.2","text":"Hi"}"#,
                Heard::Arrived(mid("1.2")),
            ),
            (
                Dialect::Socketio,
                r#"0{"sid":"x","pingInterval":25000}"#,
                Heard::Wants("40"),
            ),
            (Dialect::Socketio, r#"40{"sid":"y"}"#, Heard::Greeted),
            (Dialect::Socketio, "2", Heard::Wants("3")),
            (
                Dialect::Socketio,
                r#"431[{"welcome":"v1"}]"#,
                Heard::Welcomed,
            ),
            (
                Dialect::Socketio,
                r#"4312[{"ack":"1.2"}]"#,
                Heard::Acknowledged(mid("1.2")),
            ),
            (
                Dialect::Socketio,
                r#"42["message",{"mid":"1.2","text":"[Hi]"}]"#,
                Heard::Arrived(mid("1.2")),
            ),
        ];

        for (dialect, text, heard) in table {
            assert_eq!(dialect.read(text).unwrap(), heard, "{text}");
        }
        assert!(Dialect::Ws.read("{}").is_err());
        assert!(Dialect::Socketio.read("41").is_err());
    }

    #[test]
    fn a_request_to_socket_io_has_a_number_and_a_name() {
        let what = json!({ "hello": "v1" });

        assert_eq!(Dialect::Ws.ask(7, "hello", &what), r#"{"hello":"v1"}"#);
        assert_eq!(
            Dialect::Socketio.ask(7, "hello", &what),
            r#"427["hello",{"hello":"v1"}]"#
        );
    }
}
