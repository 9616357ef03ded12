//! A visitor as cheap as one can be: a socket, a question at a time, and an answer to every ping. There may be very many.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    browser::Machine,
    door::{Door, Socket},
};

/// One of them.
pub struct Guest {
    socket: Socket,
    zone: String,
    asked: u64,
}

impl Guest {
    /// Opens a socket with the credential of a visitor, and waits to be welcomed.
    pub async fn come(door: &Door, token: &str, zone: String) -> Result<Self> {
        let path = <ws::client::Visitor as Machine>::PATH;
        let socket = door.open(path, Some(ws::SUBPROTOCOL)).await?;
        let asked = 0;
        let mut guest = Self {
            socket,
            zone,
            asked,
        };
        let welcome = guest.ask(json!({ "op": "hello", "token": token })).await?;
        if welcome["ok"].is_null() {
            bail!("a visitor was welcomed with {welcome}");
        }
        Ok(guest)
    }

    /// Opens a chat; returns the answer.
    pub async fn open(&mut self) -> Result<Value> {
        let mid = format!("m{}", self.asked);
        self.ask(json!({ "op": "open", "zone": self.zone, "mid": mid, "text": "hello" }))
            .await
    }

    /// Asks and waits for the answer.
    pub async fn ask(&mut self, mut request: Value) -> Result<Value> {
        self.asked += 1;
        let id = self.asked;
        request["id"] = id.into();
        self.socket.send(Message::text(request.to_string())).await?;
        loop {
            let frame = self.hear().await?;
            if frame["re"] == id {
                return Ok(frame);
            }
        }
    }

    /// Returns the next frame; pings are answered.
    pub async fn hear(&mut self) -> Result<Value> {
        loop {
            let message = self.socket.next().await.context("the socket is closed")??;
            let Message::Text(text) = message else {
                continue;
            };
            let frame: Value = serde_json::from_str(&text)?;
            if frame["push"] == "ping" {
                self.asked += 1;
                let pong = json!({ "id": self.asked, "op": "pong", "seq": frame["seq"] });
                self.socket.send(Message::text(pong.to_string())).await?;
            }
            return Ok(frame);
        }
    }
}
