//! One socket of the simulated network: frames arrive late but in order, until it is cut.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use rand::{RngExt, rngs::StdRng};
use ws::{
    close::Close,
    server::{Limits, Output, Session},
    side::{AgentSide, VisitorSide},
};

/// The server's half, in either language.
pub enum Half {
    Visitor(Session<VisitorSide>),
    Agent(Session<AgentSide>),
}

/// What travels to a client.
#[derive(Debug)]
pub enum Down {
    Text(String),
    Closed,
}

/// One socket.
pub struct Wire {
    pub client: usize,
    pub half: Half,
    up: VecDeque<(u64, String)>,
    down: VecDeque<(u64, Down)>,
    /// When the server notices that it is cut, and when the client does.
    pub cut: Option<(u64, u64)>,
}

impl Wire {
    pub fn new(client: usize, visitor: bool, at: Instant) -> Self {
        Self {
            client,
            half: if visitor {
                Half::Visitor(Session::new(Limits::visitor(), at))
            } else {
                Half::Agent(Session::new(Limits::agent(), at))
            },
            up: VecDeque::new(),
            down: VecDeque::new(),
            cut: None,
        }
    }

    pub fn send_up(&mut self, text: String, now: u64, rng: &mut StdRng) {
        if self.cut.is_none() {
            let last = self.up.back().map_or(0, |(at, _)| *at);
            let at = last.max(now + rng.random_range(1..200));
            self.up.push_back((at, text));
        }
    }

    pub fn send_down(&mut self, frame: Down, now: u64, rng: &mut StdRng) {
        if self.cut.is_none() {
            let last = self.down.back().map_or(0, |(at, _)| *at);
            let at = last.max(now + rng.random_range(1..200));
            self.down.push_back((at, frame));
        }
    }

    /// Loses what is on the way; either side notices in its own time.
    pub fn cut(&mut self, server: u64, client: u64) {
        self.up.clear();
        self.down.clear();
        self.cut.get_or_insert((server, client));
    }

    pub fn arrived_up(&mut self, now: u64) -> Option<String> {
        arrived(&mut self.up, now)
    }

    pub fn arrived_down(&mut self, now: u64) -> Option<Down> {
        arrived(&mut self.down, now)
    }

    pub fn handle_text(&mut self, text: &str, at: Instant) {
        match &mut self.half {
            Half::Visitor(session) => session.handle_text(text, at),
            Half::Agent(session) => session.handle_text(text, at),
        }
    }

    pub fn handle_timeout(&mut self, at: Instant) {
        match &mut self.half {
            Half::Visitor(session) => session.handle_timeout(at),
            Half::Agent(session) => session.handle_timeout(at),
        }
    }

    pub fn close(&mut self, close: Close) {
        match &mut self.half {
            Half::Visitor(session) => session.close(close),
            Half::Agent(session) => session.close(close),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        match &mut self.half {
            Half::Visitor(session) => session.poll_output(),
            Half::Agent(session) => session.poll_output(),
        }
    }

    /// Returns when something is next due on this socket; `gone` when the server is done with it.
    pub fn due(&self, start: Instant, gone: bool) -> Option<u64> {
        let session = match &self.half {
            Half::Visitor(session) => session.poll_timeout(),
            Half::Agent(session) => session.poll_timeout(),
        };
        let session = session.map(|at| millis(at.saturating_duration_since(start)));
        let up = self.up.front().map(|(at, _)| *at);
        let server = self.cut.map(|(server, _)| server);
        let there = [session, up, server].into_iter().flatten();
        let down = self.down.front().map(|(at, _)| *at);
        let client = self.cut.map(|(_, client)| client);
        let here = [down, client].into_iter().flatten();
        there.filter(|_| !gone).chain(here).min()
    }
}

fn arrived<T>(way: &mut VecDeque<(u64, T)>, now: u64) -> Option<T> {
    way.front().filter(|(at, _)| *at <= now)?;
    way.pop_front().map(|(_, frame)| frame)
}

pub fn millis(span: Duration) -> u64 {
    // Rounded up, so that what is due then is due.
    u64::try_from(span.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
}
