//! The world itself: who sits where, how time passes, what breaks.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use hub::{
    edge::browser::{AgentResume, Output, VisitorCredential},
    setup::Setup,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use ws::{
    agent, client as ws_client,
    frame::Asked,
    id::{AgentId, InteractionId, Timestamp, VisitorId},
    server::Output as Sent,
    visitor,
};

use crate::client::{Client, Machine};
use crate::server::{Journal, Server, house};
use crate::wire::{Down, Half, Wire, millis};

/// The virtual day on which every world begins.
const DAY: u64 = 1_795_000_000_000;

pub struct World {
    pub seed: u64,
    pub now: u64,
    start: Instant,
    pub rng: StdRng,
    pub setup: Setup,
    pub journal: Journal,
    server: Server,
    births: u64,
    pub wires: BTreeMap<u64, Wire>,
    gone: BTreeSet<u64>,
    next_socket: u64,
    pub clients: Vec<Client>,
    pub faults: Faults,
    pub acting: bool,
}

/// When the next fault strikes, and how far apart they are on average; 0 is never.
#[derive(Clone, Copy, Default)]
pub struct Faults {
    pub cut: (u64, u64),
    pub crash: (u64, u64),
}

impl World {
    pub fn new(seed: u64, agents: usize) -> Self {
        let setup = house(agents);
        let mut journal = Journal::default();
        let server = Server::start(&setup, &mut journal, 1, Timestamp(DAY));
        Self {
            seed,
            now: 0,
            start: Instant::now(),
            rng: StdRng::seed_from_u64(seed),
            setup,
            journal,
            server,
            births: 1,
            wires: BTreeMap::new(),
            gone: BTreeSet::new(),
            next_socket: 1,
            clients: Vec::new(),
            faults: Faults::default(),
            acting: false,
        }
    }

    /// Puts a visitor before a browser; the same number twice is one visitor with two pages open.
    pub fn visitor(&mut self, number: u128) -> usize {
        let machine = Machine::Visitor(Box::new(ws_client::Visitor::new(format!("v{number}"))));
        self.join(machine)
    }

    pub fn agent(&mut self, number: usize) -> usize {
        let machine = Machine::Agent(Box::new(ws_client::Agent::new(format!("a{number}"))));
        self.join(machine)
    }

    fn join(&mut self, machine: Machine) -> usize {
        let mut client = Client::new(machine, self.clients.len());
        client.reconnect = Some(self.now);
        client.acts = Some(self.now + self.rng.random_range(0..5_000));
        self.clients.push(client);
        self.clients.len() - 1
    }

    fn at(&self) -> Instant {
        self.start + Duration::from_millis(self.now)
    }

    fn time(&self) -> Timestamp {
        Timestamp(DAY + self.now)
    }

    /// Lets time pass.
    pub fn run(&mut self, span: u64) {
        let end = self.now + span;
        loop {
            self.step();
            if self.now >= end {
                return;
            }
            self.now = self.due().clamp(self.now + 1, end);
        }
    }

    fn due(&self) -> u64 {
        let since_day = |at: Timestamp| at.0.saturating_sub(DAY);
        let wires = self.wires.iter();
        let wires =
            wires.filter_map(|(socket, wire)| wire.due(self.start, self.gone.contains(socket)));
        let clients = self.clients.iter().flat_map(|client| {
            let timeout = client.poll_timeout();
            let timeout = timeout.map(|at| millis(at.saturating_duration_since(self.start)));
            let acts = client.acts.filter(|_| self.acting);
            [timeout, client.reconnect, acts].into_iter().flatten()
        });
        let server = [
            self.server.hub.poll_timeout().map(since_day),
            self.server
                .browsers
                .poll_timeout(&self.server.hub)
                .map(since_day),
        ];
        let faults = [self.faults.cut, self.faults.crash];
        let faults = faults.into_iter().filter(|(_, mean)| *mean > 0);
        wires
            .chain(clients)
            .chain(server.into_iter().flatten())
            .chain(faults.map(|(at, _)| at))
            .min()
            .unwrap_or(u64::MAX)
    }

    fn step(&mut self) {
        self.connect();
        self.notice();
        self.deliver_up();
        self.strike();
        self.time_out();
        self.settle();
        self.deliver_down();
        self.act();
        self.collect();
    }

    fn connect(&mut self) {
        let at = self.at();
        for index in 0..self.clients.len() {
            let client = &mut self.clients[index];
            if client.reconnect.is_some_and(|due| due <= self.now) {
                client.reconnect = None;
                let socket = self.next_socket;
                self.next_socket += 1;
                let visitor = matches!(client.machine, Machine::Visitor(_));
                self.wires.insert(socket, Wire::new(index, visitor, at));
                client.handle_open(socket);
            }
        }
    }

    // Either end of a cut socket notices in its own time; a client comes back.
    fn notice(&mut self) {
        let sockets: Vec<_> = self.wires.keys().copied().collect();
        for socket in sockets {
            let wire = &self.wires[&socket];
            let Some((server, client)) = wire.cut else {
                continue;
            };
            let index = wire.client;
            if server <= self.now && self.gone.insert(socket) {
                self.server.browsers.close(socket, false);
                if client == u64::MAX {
                    self.wires.remove(&socket);
                }
            }
            if client <= self.now {
                self.drop_client(index, socket);
                match self.gone.contains(&socket) {
                    true => drop(self.wires.remove(&socket)),
                    false => self.wires.get_mut(&socket).unwrap().cut = Some((server, u64::MAX)),
                }
            }
        }
    }

    fn drop_client(&mut self, index: usize, socket: u64) {
        let back = self.now + self.rng.random_range(50..4_000);
        let client = &mut self.clients[index];
        if client.socket == Some(socket) {
            client.handle_close();
            client.reconnect = Some(back);
        }
    }

    fn deliver_up(&mut self) {
        let (now, at) = (self.now, self.at());
        let sockets: Vec<_> = self.wires.keys().copied().collect();
        for socket in sockets {
            if self.gone.contains(&socket) {
                continue;
            }
            while let Some(text) = self.wires.get_mut(&socket).and_then(|w| w.arrived_up(now)) {
                if let Some(wire) = self.wires.get_mut(&socket) {
                    wire.handle_text(&text, at);
                }
                self.take_requests(socket);
            }
        }
    }

    fn take_requests(&mut self, socket: u64) {
        let now = self.time();
        let Some(wire) = self.wires.get_mut(&socket) else {
            return;
        };
        let Server { hub, browsers } = &mut self.server;
        match &mut wire.half {
            Half::Visitor(session) => {
                while let Some(asked) = session.poll_request() {
                    let visitor::Request::Hello { token, resume } = &asked.request else {
                        browsers.handle_visitor(socket, asked, hub);
                        continue;
                    };
                    let credential = VisitorCredential {
                        visitor: visitor_of(token),
                        zone: None,
                        verified: None,
                        until: Timestamp(u64::MAX),
                        origin: None,
                    };
                    let resume = resume.as_ref();
                    browsers.open_visitor(socket, asked.id, credential, resume, hub, now);
                }
            }
            Half::Agent(session) => {
                while let Some(Asked { id, request }) = session.poll_request() {
                    let agent::Request::Hello {
                        token,
                        resume,
                        timelines,
                    } = request
                    else {
                        browsers.handle_agent(socket, Asked { id, request }, hub);
                        continue;
                    };
                    let agent: AgentId = token.parse().unwrap();
                    let resume = AgentResume {
                        desk: resume,
                        timelines,
                    };
                    browsers.open_agent(socket, id, &agent, &resume, hub, now);
                }
            }
        }
    }

    fn strike(&mut self) {
        let now = self.now;
        let next = |rng: &mut StdRng, mean: u64| now + rng.random_range(1..mean * 2);
        let (cut, mean) = self.faults.cut;
        if mean > 0 && cut <= now {
            self.faults.cut.0 = next(&mut self.rng, mean);
            let sockets: Vec<_> = self.wires.keys().copied().collect();
            if !sockets.is_empty() {
                let socket = sockets[self.rng.random_range(0..sockets.len())];
                self.cut(socket);
            }
        }
        let (crash, mean) = self.faults.crash;
        if mean > 0 && crash <= now {
            self.faults.crash.0 = next(&mut self.rng, mean);
            self.crash();
        }
    }

    fn cut(&mut self, socket: u64) {
        let server = self.now + self.rng.random_range(0..20_000);
        let client = self.now + self.rng.random_range(0..5_000);
        if let Some(wire) = self.wires.get_mut(&socket) {
            wire.cut(server, client);
        }
    }

    /// Kills the server with work under way, and starts another on the same journal.
    fn crash(&mut self) {
        self.server.work_in_vain(self.time());
        self.births += 1;
        let now = self.time();
        self.server = Server::start(&self.setup, &mut self.journal, self.births, now);
        let sockets: Vec<_> = self.wires.keys().copied().collect();
        for socket in sockets {
            let client = self.now + self.rng.random_range(0..2_000);
            self.gone.insert(socket);
            if let Some(wire) = self.wires.get_mut(&socket) {
                wire.cut(self.now, client);
            }
        }
    }

    fn time_out(&mut self) {
        let (at, now) = (self.at(), self.time());
        for (socket, wire) in &mut self.wires {
            if !self.gone.contains(socket) {
                wire.handle_timeout(at);
            }
        }
        let Server { hub, browsers } = &mut self.server;
        if hub.poll_timeout().is_some_and(|due| due <= now) {
            hub.handle_timeout(now);
        }
        browsers.handle_timeout(hub, now);
        for client in &mut self.clients {
            client.handle_timeout(at);
        }
    }

    fn settle(&mut self) {
        let now = self.time();
        self.server.settle(&mut self.journal, now);
        while let Some(output) = self.server.browsers.poll_output() {
            self.carry_out(output);
        }
        let sockets: Vec<_> = self.wires.keys().copied().collect();
        for socket in sockets {
            self.flush(socket);
        }
        self.server.settle(&mut self.journal, now);
    }

    fn carry_out(&mut self, output: Output) {
        self.check_scope(&output);
        let (Output::Visitor { socket, .. }
        | Output::VisitorResumed { socket, .. }
        | Output::Agent { socket, .. }
        | Output::AgentResumed { socket, .. }
        | Output::Close { socket, .. }) = output;
        let Some(wire) = self.wires.get_mut(&socket) else {
            return;
        };
        match (output, &mut wire.half) {
            (Output::Visitor { told, .. }, Half::Visitor(session)) => session.tell(&told),
            (Output::VisitorResumed { told, .. }, Half::Visitor(session)) => {
                session.tell_resumed(&told);
            }
            (Output::Agent { told, .. }, Half::Agent(session)) => session.tell(&told),
            (Output::AgentResumed { told, .. }, Half::Agent(session)) => {
                session.tell_resumed(&told);
            }
            (Output::Close { close, .. }, _) => wire.close(close),
            (_, Half::Visitor(_) | Half::Agent(_)) => panic!("a frame of the other language"),
        }
    }

    fn flush(&mut self, socket: u64) {
        let now = self.now;
        let Some(wire) = self.wires.get_mut(&socket) else {
            return;
        };
        while let Some(sent) = wire.poll_output() {
            match sent {
                Sent::Text(text) => wire.send_down(Down::Text(text), now, &mut self.rng),
                Sent::Close(_) => {
                    wire.send_down(Down::Closed, now, &mut self.rng);
                    if self.gone.insert(socket) {
                        self.server.browsers.close(socket, false);
                    }
                }
            }
        }
    }

    fn deliver_down(&mut self) {
        let (now, at) = (self.now, self.at());
        let sockets: Vec<_> = self.wires.keys().copied().collect();
        for socket in sockets {
            while let Some(frame) = self
                .wires
                .get_mut(&socket)
                .and_then(|wire| wire.arrived_down(now))
            {
                let index = self.wires[&socket].client;
                let current = self.clients[index].socket == Some(socket);
                match frame {
                    Down::Text(text) if current => {
                        self.clients[index].handle_text(&text, at);
                        self.check_shown(index);
                    }
                    // The client has given this socket up.
                    Down::Text(_) => {}
                    Down::Closed => {
                        self.drop_client(index, socket);
                        self.wires.remove(&socket);
                    }
                }
            }
        }
    }

    fn act(&mut self) {
        if !self.acting {
            return;
        }
        for client in &mut self.clients {
            if client.acts.is_some_and(|due| due <= self.now) {
                client.acts = Some(self.now + self.rng.random_range(200..8_000));
                client.act(&mut self.rng);
            }
        }
    }

    fn collect(&mut self) {
        let now = self.now;
        for index in 0..self.clients.len() {
            self.check_shown(index);
            let client = &mut self.clients[index];
            let wire = client.socket.and_then(|socket| self.wires.get_mut(&socket));
            let Some(wire) = wire else {
                continue;
            };
            while let Some(frame) = client.poll_frame() {
                wire.send_up(frame, now, &mut self.rng);
            }
        }
    }

    /// Ends all faults and lets everybody come to rest.
    pub fn heal(&mut self) {
        self.faults = Faults::default();
        self.acting = false;
        self.run(240_000);
    }

    pub fn contacts(&mut self, agent: usize) -> Vec<InteractionId> {
        let desk = self.clients[agent].agent().desk().unwrap();
        desk.contacts.iter().map(|c| c.interaction).collect()
    }

    pub fn offers(&mut self, agent: usize) -> Vec<InteractionId> {
        let desk = self.clients[agent].agent().desk().unwrap();
        desk.offers.iter().map(|offer| offer.interaction).collect()
    }
}

/// Returns whose a token is.
pub fn visitor_of(token: &str) -> VisitorId {
    VisitorId::new(token.strip_prefix('v').unwrap().parse().unwrap()).unwrap()
}
