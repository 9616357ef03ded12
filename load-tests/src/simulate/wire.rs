//! Sockets between browsers and the daemon: frames arrive late but in order, until the socket is cut. A socket may also be
//! dead in one direction for a while before anybody notices.

use std::time::Instant;

use ws::{
    close::Close,
    server::{Limits, Output, Session},
    side::{AgentSide, VisitorSide},
};

use crate::{agenda::Time, dice::Dice};

/// The server's half, in either language.
#[derive(Debug)]
pub enum Half {
    Visitor(Box<Session<VisitorSide>>),
    Agent(Box<Session<AgentSide>>),
}

impl Half {
    pub fn new(visitor: bool, at: Instant) -> Self {
        if visitor {
            Self::Visitor(Box::new(Session::new(Limits::visitor(), at)))
        } else {
            Self::Agent(Box::new(Session::new(Limits::agent(), at)))
        }
    }

    pub fn handle_text(&mut self, text: &str, at: Instant) {
        match self {
            Self::Visitor(session) => session.handle_text(text, at),
            Self::Agent(session) => session.handle_text(text, at),
        }
    }

    pub fn handle_timeout(&mut self, at: Instant) {
        match self {
            Self::Visitor(session) => session.handle_timeout(at),
            Self::Agent(session) => session.handle_timeout(at),
        }
    }

    pub fn close(&mut self, close: Close) {
        match self {
            Self::Visitor(session) => session.close(close),
            Self::Agent(session) => session.close(close),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        match self {
            Self::Visitor(session) => session.poll_output(),
            Self::Agent(session) => session.poll_output(),
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Visitor(session) => session.poll_timeout(),
            Self::Agent(session) => session.poll_timeout(),
        }
    }
}

/// One socket on its way through the network.
#[derive(Debug)]
pub struct Wire {
    pub client: usize,
    up: Time,
    down: Time,
    /// Nothing that is sent gets through any more.
    pub dead_up: bool,
    pub dead_down: bool,
}

impl Wire {
    pub fn new(client: usize) -> Self {
        Self {
            client,
            up: 0,
            down: 0,
            dead_up: false,
            dead_down: false,
        }
    }

    /// Returns when a frame that is sent now arrives at the server.
    pub fn sends_up(&mut self, now: Time, dice: &mut Dice) -> Option<Time> {
        self.up = self.up.max(now + 1 + dice.below(150) as u64);
        (!self.dead_up).then_some(self.up)
    }

    /// Returns when a frame that is sent now arrives at the client.
    pub fn sends_down(&mut self, now: Time, dice: &mut Dice) -> Option<Time> {
        self.down = self.down.max(now + 1 + dice.below(150) as u64);
        (!self.dead_down).then_some(self.down)
    }

    /// Holds everything up that is sent from now on.
    pub fn stall(&mut self, until: Time) {
        self.up = self.up.max(until);
        self.down = self.down.max(until);
    }

    /// Loses whatever is sent from now on, and what is under way.
    pub fn cut(&mut self) {
        self.dead_up = true;
        self.dead_down = true;
    }
}
