//! The daemon's work, a step at a time: what the house and the endpoint want done is done in their order, and the fuse burns.

use std::sync::Arc;

use hub::{
    Event, Fact,
    edge::browser::{self, AgentResume, VisitorCredential},
    house::{Step, Told},
};
use sip::endpoint::{Command, Output as SipOutput};
use ws::{
    agent,
    frame::Asked,
    id::{AgentId, VisitorId},
    server::Output as Sent,
    visitor,
};

use crate::{
    agenda::{Due, Who},
    plane::{After, ceil},
    wire::{Half, Wire},
    wishes,
    world::World,
};

/// More steps than any one thing can lead to.
const ENDLESS: u64 = 1_000_000;

impl World {
    /// Does everything the daemon has to do now, or dies on the way.
    pub fn work(&mut self) {
        let mut steps = 0;
        self.follow_clock();
        while self.works_once() {
            if self.burns() {
                return self.crash();
            }
            steps += 1;
            assert!(steps < ENDLESS, "the daemon comes to rest");
        }
        self.check_house();
        self.arm_daemon();
    }

    // Tells whether there was anything to do.
    fn works_once(&mut self) -> bool {
        let now = self.now;
        let Some(daemon) = self.daemon.as_mut() else {
            return false;
        };
        if let Some(output) = daemon.endpoint.poll_output() {
            match output {
                SipOutput::Event(event) => daemon.house.tell(Told::Sip(event)),
                // No trunk of this world is named by host.
                SipOutput::Ask(_) | SipOutput::Doubt { .. } | SipOutput::KeepAlive { .. } => {}
                SipOutput::Transmit { to, bytes, .. } => {
                    self.fly(crate::daemon::HERE, to, bytes);
                }
            }
            return true;
        }
        let clock = daemon.clock(now);
        let Some(step) = daemon.house.poll_step(clock) else {
            return false;
        };
        self.carry_out(step);
        true
    }

    fn burns(&mut self) -> bool {
        match &mut self.fuse {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    fn carry_out(&mut self, step: Step) {
        match step {
            Step::Write(facts) => self.write(facts),
            Step::Sip(command) => {
                let now = self.now;
                if let Some(daemon) = &mut self.daemon {
                    let now = daemon.sip_clock(now);
                    daemon.endpoint.handle_command(command, now);
                }
            }
            Step::Media(command) => {
                let Some(daemon) = &mut self.daemon else {
                    return;
                };
                let birth = daemon.birth;
                for after in daemon.plane.handle(command, &mut self.dice) {
                    match after {
                        After::Event(span, event) => self.plan(span, Due::Media { birth, event }),
                        After::Taped(name, keep) => self.finish_tape(birth, &name, keep),
                        After::Listen(span, leg) => self.plan(span, Due::Listen { birth, leg }),
                    }
                }
            }
            Step::Browser(output) => self.tell_browser(output),
            Step::Answer(reply) => self.answered(&reply),
            // The simulated house has no other system to ask.
            Step::LookUp(_) => {}
        }
    }

    fn write(&mut self, facts: Arc<Vec<Fact>>) {
        self.check_decided(&facts);
        self.disk.append(facts);
        self.begin_write();
    }

    fn begin_write(&mut self) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        let Some(done) = self.disk.begin(self.now, &mut self.dice) else {
            return;
        };
        let birth = daemon.birth;
        if self.disk.refuses > self.now {
            // The endpoint takes no new calls while nothing can be written.
            daemon.ill = true;
            let now = daemon.sip_clock(self.now);
            daemon
                .endpoint
                .handle_command(Command::Drain { on: true }, now);
        }
        self.agenda.plan(done, Due::Written { birth });
    }

    /// The disk has finished: what was written is durable, and may be seen.
    pub fn written(&mut self, birth: u64) {
        if !self.birth_is(birth) {
            return;
        }
        let now = self.now;
        let (facts, batches) = self.disk.finish();
        self.durable(&facts);
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        if std::mem::take(&mut daemon.ill) {
            let (on, now) = (daemon.draining, daemon.sip_clock(now));
            daemon.endpoint.handle_command(Command::Drain { on }, now);
        }
        for _ in 0..batches {
            daemon.house.handle_written();
        }
        self.begin_write();
        self.work();
    }

    /// Takes in what is durable from now on.
    pub fn durable(&mut self, facts: &[Fact]) {
        for fact in facts {
            let text = serde_json::to_string(fact).expect("facts are always JSON");
            self.left(text.as_bytes());
            self.note(|| text);
            self.hear(&kind(&fact.event));
            if let Event::CallbackPromised { plan, .. } = &fact.event {
                for wish in wishes::granted(plan) {
                    self.hear(wish);
                }
            }
        }
        self.ledger.handle_facts(facts);
        self.check_taken(facts);
        self.note_erasures(facts);
        self.note_owed(facts);
        self.plan_moves(facts);
        if facts
            .iter()
            .any(|fact| matches!(fact.event, Event::MailPosted { .. }))
        {
            self.plan_round(20);
        }
    }

    fn tell_browser(&mut self, output: browser::Output) {
        self.check_scope(&output);
        let (browser::Output::Visitor { socket, .. }
        | browser::Output::VisitorResumed { socket, .. }
        | browser::Output::Agent { socket, .. }
        | browser::Output::AgentResumed { socket, .. }
        | browser::Output::Close { socket, .. }) = output;
        let daemon = self.daemon.as_mut();
        let Some(half) = daemon.and_then(|daemon| daemon.sessions.get_mut(&socket)) else {
            return;
        };
        match (output, half) {
            (browser::Output::Visitor { told, .. }, Half::Visitor(session)) => session.tell(&told),
            (browser::Output::VisitorResumed { told, .. }, Half::Visitor(session)) => {
                session.tell_resumed(&told);
            }
            (browser::Output::Agent { told, .. }, Half::Agent(session)) => session.tell(&told),
            (browser::Output::AgentResumed { told, .. }, Half::Agent(session)) => {
                session.tell_resumed(&told);
            }
            (browser::Output::Close { close, .. }, half) => half.close(close),
            (_, Half::Visitor(_) | Half::Agent(_)) => panic!("a frame of the other language"),
        }
        self.flush_socket(socket);
    }

    /// Sends what the server's half of a socket has for its client.
    pub fn flush_socket(&mut self, socket: u64) {
        loop {
            let daemon = self.daemon.as_mut();
            let Some(half) = daemon.and_then(|daemon| daemon.sessions.get_mut(&socket)) else {
                return;
            };
            let Some(sent) = half.poll_output() else {
                return;
            };
            match sent {
                Sent::Text(text) => {
                    self.check_frame(&text);
                    self.left(text.as_bytes());
                    self.note(|| format!("socket {socket} down: {text}"));
                    let wire = self.wires.get_mut(&socket);
                    let at = wire.and_then(|wire| wire.sends_down(self.now, &mut self.dice));
                    if let Some(at) = at {
                        self.agenda.plan(at, Due::Down { socket, text });
                    }
                }
                Sent::Close(_) => {
                    let wire = self.wires.get_mut(&socket);
                    let at = wire.and_then(|wire| wire.sends_down(self.now, &mut self.dice));
                    if let Some(at) = at {
                        self.agenda.plan(at, Due::Cut { socket });
                    }
                    self.close_session(socket, false);
                }
            }
        }
    }

    /// The daemon is done with a socket; `went` where its page said that it goes.
    pub fn close_session(&mut self, socket: u64, went: bool) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        if daemon.sessions.remove(&socket).is_some() {
            for open in daemon.consoles.values_mut() {
                open.remove(&socket);
            }
            daemon.house.tell(Told::Closed { socket, went });
        }
    }

    /// A client opens a socket, if there is anybody to open it.
    pub fn connect(&mut self, client: usize) {
        if self.clients[client].left || self.clients[client].socket.is_some() {
            return;
        }
        let (at, visitor) = (self.at(), self.clients[client].is_visitor());
        let Some(daemon) = &mut self.daemon else {
            let again = 200 + self.dice.below(4_000) as u64;
            return self.plan(again, Due::Connect { client });
        };
        self.next += 1;
        let socket = self.next;
        daemon.sessions.insert(socket, Half::new(visitor, at));
        self.wires.insert(socket, Wire::new(client));
        self.clients[client].handle_open(socket);
        self.flush_client(client);
        self.arm_daemon();
    }

    /// A frame arrives at the daemon.
    pub fn frame_up(&mut self, socket: u64, text: &str) {
        let at = self.at();
        if self.wires.get(&socket).is_none_or(|wire| wire.dead_up) {
            return;
        }
        let daemon = self.daemon.as_mut();
        let Some(half) = daemon.and_then(|daemon| daemon.sessions.get_mut(&socket)) else {
            return;
        };
        half.handle_text(text, at);
        self.note(|| format!("socket {socket} up: {text}"));
        self.take_requests(socket);
        self.flush_socket(socket);
        self.work();
    }

    fn take_requests(&mut self, socket: u64) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        loop {
            let told = match daemon.sessions.get_mut(&socket) {
                Some(Half::Visitor(session)) => session.poll_request().map(|asked| {
                    let visitor::Request::Hello { token, resume } = &asked.request else {
                        return Told::VisitorAsked { socket, asked };
                    };
                    let credential = VisitorCredential {
                        visitor: visitor_of(token),
                        zone: None,
                        verified: None,
                        until: ws::id::Timestamp(u64::MAX),
                        origin: None,
                    };
                    Told::VisitorHello {
                        socket,
                        re: asked.id,
                        credential,
                        resume: resume.clone(),
                    }
                }),
                Some(Half::Agent(session)) => session
                    .poll_request()
                    .map(|Asked { id, request }| agent_told(socket, id, request)),
                None => return,
            };
            let Some(told) = told else { return };
            if let Told::AgentHello { agent, .. } = &told {
                let open = daemon.consoles.entry(agent.clone()).or_default();
                open.insert(socket);
            }
            daemon.house.tell(told);
        }
    }

    /// Something of the daemon's is due.
    pub fn daemon_wakes(&mut self) {
        let (at, now) = (self.at(), self.now);
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        let sip_now = daemon.sip_clock(now);
        if daemon
            .endpoint
            .poll_timeout()
            .is_some_and(|due| due <= sip_now)
        {
            daemon.endpoint.handle_timeout(sip_now);
        }
        let clock = daemon.clock(now);
        if daemon.house.poll_timeout().is_some_and(|due| due <= clock) {
            daemon.house.handle_timeout();
        }
        let sockets: Vec<u64> = daemon.sessions.keys().copied().collect();
        for socket in sockets {
            let daemon = self.daemon.as_mut();
            let half = daemon.and_then(|daemon| daemon.sessions.get_mut(&socket));
            if let Some(half) = half.filter(|half| half.poll_timeout().is_some_and(|due| due <= at))
            {
                half.handle_timeout(at);
                self.flush_socket(socket);
            }
        }
        self.work();
    }

    /// Sees to it that the daemon wakes when something is due.
    pub fn arm_daemon(&mut self) {
        let Some(daemon) = &self.daemon else { return };
        // While too much is being written its loop does nothing.
        let house = daemon.house.poll_timeout();
        let house = house.filter(|_| daemon.house.has_room());
        let endpoint = daemon.endpoint.poll_timeout();
        let endpoint = endpoint.map(|at| daemon.sip_time_of(ws::id::Timestamp(ceil(at))));
        let sessions = daemon.sessions.values().filter_map(Half::poll_timeout);
        let first = house
            .map(|at| daemon.time_of(at))
            .into_iter()
            .chain(endpoint)
            .chain(sessions.map(|at| self.time_of(at)))
            .chain(daemon.falls_behind(self.now))
            .min();
        let who = Who::Daemon(daemon.birth);
        self.agenda.wake(who, first, self.now);
    }
}

fn agent_told(socket: u64, id: u64, request: agent::Request) -> Told {
    let agent::Request::Hello {
        token,
        resume,
        timelines,
    } = request
    else {
        return Told::AgentAsked {
            socket,
            asked: Asked { id, request },
        };
    };
    let agent: AgentId = token.parse().expect("agents are named soundly");
    Told::AgentHello {
        socket,
        re: id,
        agent,
        resume: Box::new(AgentResume {
            desk: resume,
            timelines,
        }),
    }
}

/// Returns whose a token is.
pub fn visitor_of(token: &str) -> VisitorId {
    let number = token.strip_prefix('v').and_then(|text| text.parse().ok());
    number
        .and_then(VisitorId::new)
        .expect("visitors are numbered")
}

/// Names what happened, for the count of what a run went through.
fn kind(event: &Event) -> String {
    let text = serde_json::to_value(event).expect("events are always JSON");
    let word = |at: &str| text.pointer(at).and_then(|value| value.as_str());
    let event = word("/event").unwrap_or_default();
    let more = match event {
        "consent_changed" => word("/change"),
        "cobrowsed" => word("/act/is"),
        "in_call" | "in_chat" | "recording" => word("/step"),
        "diverted" => word("/to/instead"),
        _ => word("/end").or_else(|| word("/reason")),
    };
    match more {
        Some(more) => format!("{event}: {more}"),
        None => event.to_owned(),
    }
}
