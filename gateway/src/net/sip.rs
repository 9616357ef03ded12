//! The task that owns the SIP endpoint: messages and commands in, messages and events out. It never waits for the hub's
//! loop, or both would wait for each other.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use hub::house;
use sip::{
    endpoint::{CallKey, Command, Config, Counters, Endpoint, Event, Flow, Output, Transport},
    message::begins_call,
    stir::Judged,
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    dns::{Dns, Reply},
    gate::{FULL, Gate, View},
    hosts::{Found, Hosts},
    lobby::Lobby,
    notices,
    streams::{self, FromStream, Streams},
    trunks::Trunks,
    udp::Datagrams,
    undelivered::Undelivered,
};
use crate::{
    admission::Admission,
    clock::Clock,
    metrics,
    run::Told,
    stir::{Stir, Witness},
    store::Health,
};

/// Commands that may wait for the endpoint.
pub const COMMANDS: usize = 4_096;
/// Messages of connections that may wait for the endpoint.
pub const MESSAGES: usize = 4_096;
/// Answers of the DNS that may wait for the endpoint.
pub const ANSWERS: usize = 64;
/// Datagrams taken out of the socket before the others have their turn.
const READ: usize = 512;
/// Messages or commands taken before the others have their turn, and new calls.
const TURN: usize = 64;
const NEWCOMERS: usize = 16;
/// How long carriers may take to answer that we are unregistered there.
const UNREGISTER: Duration = Duration::from_secs(2);

/// What the endpoint is told beside messages and the hub's commands.
pub enum Control {
    /// The configuration changed.
    Configure(Box<Config>),
    /// The daemon is leaving.
    Drain,
    /// The DNS is asked elsewhere from now on.
    Resolve(Arc<Dns>),
    /// Calls are checked and signed otherwise from now on.
    Vouch(Box<Stir>),
    /// How much it has done is asked.
    Count(oneshot::Sender<Counters>),
}

/// The task.
pub struct SipTask {
    /// The machine.
    pub endpoint: Endpoint,
    /// The datagram sockets.
    pub udp: Datagrams,
    /// The connections.
    pub streams: Arc<Streams>,
    /// What they bring.
    pub messages: mpsc::Receiver<FromStream>,
    /// Who asks the DNS.
    pub dns: Arc<Dns>,
    /// The way for what the DNS says.
    pub answer: mpsc::Sender<Reply>,
    /// What it says.
    pub answers: mpsc::Receiver<Reply>,
    /// What the hub asks.
    pub commands: mpsc::Receiver<Command>,
    /// What the daemon asks.
    pub controls: mpsc::Receiver<Control>,
    /// The way to the hub's loop.
    pub tell: mpsc::Sender<Told>,
    /// Whether the loop keeps up.
    pub admission: Admission,
    /// Who checks calls before the hub hears of them.
    pub witness: Witness,
    /// What came of that.
    pub verdicts: mpsc::Receiver<(CallKey, Judged)>,
    /// Who holds calls until it is known where their media is.
    pub hosts: Hosts,
    /// The way for what is found of that.
    pub find: mpsc::Sender<Found>,
    /// What is found.
    pub addresses: mpsc::Receiver<Found>,
    /// What waits for the loop.
    pub backlog: VecDeque<Event>,
    /// New calls that wait for the others.
    pub lobby: Lobby,
    /// Whether new calls are taken.
    pub gate: Gate,
    /// What the loop knows of trunks.
    pub trunks: Trunks,
    /// Whether anything can be written down.
    pub health: watch::Receiver<Health>,
    /// The clock.
    pub clock: Clock,
}

impl SipTask {
    /// Runs until the hub's loop has gone; then carriers are told that no calls are taken here any more.
    pub async fn run(mut self) {
        self.endpoint.start(self.clock.sip_now());
        self.serve().await;
        if tokio::time::timeout(UNREGISTER, self.unregister())
            .await
            .is_err()
        {
            tracing::warn!("leaving; not every carrier said that we are unregistered");
        }
    }

    async fn unregister(&mut self) {
        self.endpoint.unregister(self.clock.sip_now());
        loop {
            self.pass_outputs();
            if self.endpoint.is_unregistered() {
                return;
            }
            let now = self.clock.sip_now();
            let due = self.endpoint.poll_timeout().unwrap_or(now);
            if due <= now {
                self.endpoint.handle_timeout(now);
                continue;
            }
            let wake = tokio::time::Instant::from_std(self.clock.instant_of_sip(due));
            let Self { udp, messages, .. } = self;
            let stirred = tokio::select! {
                message = messages.recv() => message.map_or(Stirred::Over, Stirred::Message),
                () = udp.ready() => Stirred::Datagrams,
                () = tokio::time::sleep_until(wake) => Stirred::Nothing,
            };
            if !self.take(stirred) {
                return;
            }
        }
    }

    async fn serve(&mut self) {
        loop {
            self.mind_gate(None);
            self.gate.note_room(self.endpoint.room());
            self.trunks.look(&self.endpoint, &self.tell, Instant::now());
            let now = self.clock.sip_now();
            let due = self.endpoint.poll_timeout();
            if due.is_some_and(|due| due <= now) {
                self.endpoint.handle_timeout(now);
                continue;
            }
            let due = due.map(|due| self.clock.instant_of_sip(due));
            let wake = due.map_or(self.trunks.due(), |due| due.min(self.trunks.due()));
            let wait = tokio::time::sleep_until(tokio::time::Instant::from_std(wake));
            let Self {
                udp,
                messages,
                commands,
                controls,
                answers,
                verdicts,
                addresses,
                tell,
                health,
                backlog,
                lobby,
                ..
            } = self;
            // What goes on goes first, new calls last.
            let stirred = tokio::select! {
                biased;
                changed = health.changed() => if changed.is_err() { Stirred::Over } else { Stirred::Nothing },
                control = controls.recv() => control.map_or(Stirred::Over, Stirred::Control),
                command = commands.recv() => command.map_or(Stirred::Over, Stirred::Command),
                permits = tell.reserve_many(backlog.len().min(TURN)), if !backlog.is_empty() => match permits {
                    Ok(permits) => {
                        for permit in permits {
                            if let Some(event) = backlog.pop_front() {
                                permit.send(Told::House(house::Told::Sip(event)));
                            }
                        }
                        Stirred::Nothing
                    }
                    Err(_) => return,
                },
                Some(reply) = answers.recv() => Stirred::Reply(reply),
                Some((call, judged)) = verdicts.recv() => Stirred::Verdict(call, judged),
                Some(found) = addresses.recv() => Stirred::Found(found),
                message = messages.recv() => message.map_or(Stirred::Over, Stirred::Message),
                // The network waits while the hub does not keep up with what is here.
                () = udp.ready(), if backlog.len() < FULL * 2 => Stirred::Datagrams,
                () = std::future::ready(()), if !lobby.is_empty() => Stirred::Newcomers,
                () = wait => Stirred::Nothing,
            };
            if !self.take(stirred) {
                return;
            }
        }
    }

    // Tells whether to go on.
    fn take(&mut self, stirred: Stirred) -> bool {
        match stirred {
            Stirred::Nothing => {}
            Stirred::Command(command) => self.take_commands(command),
            Stirred::Control(control) => self.control(control),
            Stirred::Message(message) => {
                self.take_messages(message);
                self.take_datagrams();
            }
            Stirred::Reply(Reply { query, answer }) => {
                self.endpoint
                    .handle_dns(&query, &answer, self.clock.sip_now());
            }
            Stirred::Verdict(call, judged) => {
                for event in self.witness.judged(call, &judged) {
                    self.backlog.extend(self.hosts.take(event));
                }
                self.seek_hosts();
            }
            Stirred::Found(found) => {
                self.backlog.extend(self.hosts.found(&found));
                self.seek_hosts();
            }
            Stirred::Datagrams => self.take_datagrams(),
            Stirred::Newcomers => self.take_newcomers(),
            Stirred::Over => return false,
        }
        true
    }

    fn take_commands(&mut self, first: Command) {
        let now = self.clock.sip_now();
        let mut next = Some(first);
        for _ in 0..TURN {
            let Some(mut command) = next.take().or_else(|| self.commands.try_recv().ok()) else {
                break;
            };
            self.witness.vouch(&mut command);
            self.hosts.heed(&command);
            self.endpoint.handle_command(command, now);
        }
    }

    fn take_messages(&mut self, first: FromStream) {
        let mut next = Some(first);
        for _ in 0..TURN {
            let now = self.clock.sip_now();
            match next.take().or_else(|| self.messages.try_recv().ok()) {
                Some(FromStream::Message { flow, bytes }) => {
                    self.endpoint.handle_message(&flow, bytes, now);
                    self.mind_gate(None);
                }
                Some(FromStream::Lost {
                    connection,
                    way: (transport, to),
                }) => {
                    self.endpoint.handle_connection_lost(connection, now);
                    self.endpoint.handle_way_lost(transport, to, now);
                }
                Some(FromStream::Failed { transport, to }) => {
                    self.endpoint.handle_transmit_failed(transport, to, now)
                }
                Some(FromStream::Pong { connection }) => self.endpoint.handle_pong(connection, now),
                Some(FromStream::Proved { connection, names }) => {
                    self.endpoint.handle_proved(connection, names)
                }
                None => break,
            }
        }
    }

    // Everything that belongs to calls going on goes first, however many would begin a new one.
    fn take_datagrams(&mut self) {
        self.take_undelivered();
        for _ in 0..READ {
            let Some((bytes, peer)) = self.udp.receive() else {
                break;
            };
            if self.keeps_alive(&bytes, peer) {
                continue;
            }
            // A CANCEL must not overtake its INVITE.
            let cancels = !self.lobby.is_empty() && bytes.starts_with(b"CANCEL ");
            if !begins_call(&bytes) && !cancels {
                self.take_datagram(bytes, peer);
            } else if !self.lobby.enter(bytes, peer, Instant::now()) {
                metrics::refused("dropped");
            }
        }
        self.take_newcomers();
    }

    fn take_undelivered(&mut self) {
        for _ in 0..READ {
            let Some(Undelivered { to, quoted }) = self.udp.undelivered() else {
                break;
            };
            let now = self.clock.sip_now();
            self.endpoint.handle_undelivered(to, &quoted, now);
        }
    }

    // What phones send to keep their way through address translation open (RFC 5626 §4.4); tells whether it was that.
    fn keeps_alive(&mut self, bytes: &[u8], peer: SocketAddr) -> bool {
        if sip::stun::is_stun(bytes) {
            let now = self.clock.sip_now();
            if self.endpoint.handle_stun_answer(peer, bytes, now) {
                return true;
            }
            self.endpoint.handle_keep_alive(peer, now);
            if self.endpoint.is_silent_to(peer) {
                return true;
            }
            if let Some(answer) = sip::stun::answer(bytes, peer) {
                self.send_datagram(peer, &answer);
            }
            return true;
        }
        bytes.len() <= 4 && bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0))
    }

    fn take_newcomers(&mut self) {
        metrics::refused_many("dropped", self.lobby.air(Instant::now()));
        for _ in 0..NEWCOMERS {
            let Some((bytes, peer, came)) = self.lobby.next() else {
                break;
            };
            // One turn's calls would be too many already.
            self.mind_gate(Some(came));
            self.take_datagram(bytes, peer);
        }
        self.mind_gate(None);
        self.gate.note_queue(!self.lobby.is_empty(), Instant::now());
    }

    fn take_datagram(&mut self, bytes: Bytes, peer: SocketAddr) {
        let flow = Flow {
            transport: Transport::Udp,
            local: self.udp.local_to(peer),
            peer,
            connection: 0,
        };
        self.endpoint
            .handle_message(&flow, bytes, self.clock.sip_now());
    }

    // What came of it goes out, and the next call is taken or not; it waits since then.
    fn mind_gate(&mut self, came: Option<Instant>) {
        self.pass_outputs();
        let (refused, why) = self.gate.refused(self.endpoint.refused());
        metrics::refused_many(why, refused);
        let view = View {
            ill: *self.health.borrow() != Health::Well,
            backlog: self.backlog.len(),
            overload: !self.admission.is_open(self.backlog.len()),
            came,
        };
        if let Some(on) = self.gate.changed(view, Instant::now()) {
            self.endpoint
                .handle_command(Command::Drain { on }, self.clock.sip_now());
        }
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Configure(config) => {
                self.endpoint.reconfigure(*config, self.clock.sip_now());
            }
            Control::Drain => self.gate.leaving = true,
            Control::Resolve(dns) => self.dns = dns,
            Control::Vouch(stir) => self.witness.replace(*stir),
            // Who asked may have gone.
            Control::Count(answer) => drop(answer.send(self.endpoint.counters())),
        }
    }

    fn pass_outputs(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Ask(query) => self.dns.ask(query, self.answer.clone()),
                Output::Doubt {
                    transport,
                    to,
                    connection,
                    silence,
                } => streams::doubt(&self.streams, (transport, to), connection, silence),
                Output::KeepAlive {
                    connection: Some(connection),
                    bytes,
                    ..
                } => streams::keep(&self.streams, connection, bytes),
                Output::KeepAlive {
                    to,
                    connection: None,
                    bytes,
                } => self.send_datagram(to, &bytes),
                Output::Event(event) => {
                    if let Event::Located { host, places } = &event {
                        self.streams.expect_name(host, places);
                    }
                    notices::log(&event);
                    let call = event.call();
                    let event = self.witness.take(event);
                    let event = event.and_then(|event| self.hosts.take(event));
                    self.seek_hosts();
                    match (event, call) {
                        (Some(event), _) => self.backlog.push_back(event),
                        // A certificate may be long in coming, and the DNS.
                        (None, Some(call)) => {
                            let now = self.clock.sip_now();
                            self.endpoint.handle_command(Command::Defer { call }, now);
                        }
                        (None, None) => {}
                    }
                }
                Output::Transmit {
                    transport: Transport::Udp,
                    to,
                    bytes,
                    ..
                } => self.send_datagram(to, &bytes),
                Output::Transmit {
                    transport: transport @ (Transport::Tcp | Transport::Tls | Transport::Ws),
                    to,
                    connection,
                    bytes,
                } => streams::send(&self.streams, transport, connection, to, bytes),
            }
        }
    }

    fn seek_hosts(&mut self) {
        while let Some(sought) = self.hosts.poll_sought() {
            self.dns.find(sought, self.find.clone());
        }
    }

    fn send_datagram(&mut self, to: std::net::SocketAddr, bytes: &Bytes) {
        if let Err(error) = self.udp.send(to, bytes) {
            tracing::debug!(%error, "a datagram could not be sent");
            self.endpoint
                .handle_transmit_failed(Transport::Udp, to, self.clock.sip_now());
        }
    }
}

/// What woke the task.
#[allow(
    clippy::large_enum_variant,
    reason = "it is moved once, and a call is not slower for it"
)]
enum Stirred {
    Nothing,
    Command(Command),
    Control(Control),
    Message(FromStream),
    Reply(Reply),
    Verdict(CallKey, Judged),
    Found(Found),
    Datagrams,
    Newcomers,
    Over,
}
