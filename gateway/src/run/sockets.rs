//! The way from the hub's loop to each WebSocket.

use dashmap::DashMap;
use tokio::sync::mpsc;
use ws::{
    close::Close,
    frame::Told,
    side::{AgentSide, Side, VisitorSide},
};

use crate::metrics;

/// Frames that may wait for a socket's task. It takes them up at once, however slow its client is, and bounds them by
/// bytes there; a task that does not even do that is lost.
pub const FRAMES: usize = 512;

/// What a socket is told.
#[derive(Debug)]
pub enum ToSocket<S: Side> {
    /// An answer or push.
    Told(Box<Told<S::Done, S::Push>>),
    /// What a `hello` is answered with, whole.
    Resumed(Vec<Told<S::Done, S::Push>>),
    /// It is to close.
    Close(Close),
}

/// Handles on all open sockets of one side.
#[derive(Debug)]
pub struct Handles<S: Side>(DashMap<u64, mpsc::Sender<ToSocket<S>>>);

impl<S: Side> Default for Handles<S> {
    fn default() -> Self {
        Self(DashMap::new())
    }
}

impl<S: Side> Handles<S> {
    /// Adds a socket.
    pub fn open(&self, socket: u64) -> mpsc::Receiver<ToSocket<S>> {
        let (tell, told) = mpsc::channel(FRAMES);
        self.0.insert(socket, tell);
        told
    }

    /// Takes a socket away.
    pub fn close(&self, socket: u64) {
        self.0.remove(&socket);
    }

    /// Tells a socket something; one that is gone hears nothing, one that is stuck is given up.
    pub fn tell(&self, socket: u64, what: ToSocket<S>) {
        let full = self
            .0
            .get(&socket)
            .is_some_and(|tell| tell.try_send(what).is_err());
        if full {
            metrics::refused("stuck");
            self.close(socket);
        }
    }

    /// Closes all.
    pub fn close_all(&self, close: Close) {
        self.0.retain(|_, tell| {
            // One that cannot hear this sees its channel closed.
            tell.try_send(ToSocket::Close(close)).is_ok()
        });
    }
}

/// Handles on all open sockets.
#[derive(Debug, Default)]
pub struct Sockets {
    /// Visitors'.
    pub visitors: Handles<VisitorSide>,
    /// Agents'.
    pub agents: Handles<AgentSide>,
}
