//! The task that owns the SIP endpoint: messages and commands in, messages and events out. It never waits for the hub's
//! loop, or both would wait for each other.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use hub::house;
use sip::endpoint::{Command, Config, Counters, Endpoint, Event, Flow, Output, Transport};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    streams::{self, FromStream, Streams},
    udp::Udp,
};
use crate::{clock::Clock, run::Told, store::Health};

/// Commands that may wait for the endpoint.
pub const COMMANDS: usize = 4_096;
/// Messages of connections that may wait for the endpoint.
pub const MESSAGES: usize = 4_096;
/// Events that may wait for the hub's loop before new calls are refused, and after which they are taken again.
const FULL: usize = 4_096;
const RELIEVED: usize = 1_024;
/// Datagrams, messages or commands taken before the others have their turn.
const TURN: usize = 64;

/// What the endpoint is told beside messages and the hub's commands.
pub enum Control {
    /// The configuration changed.
    Configure(Box<Config>),
    /// The daemon is leaving.
    Drain,
    /// How much it has done is asked.
    Count(oneshot::Sender<Counters>),
}

/// The task.
pub struct SipTask {
    /// The machine.
    pub endpoint: Endpoint,
    /// The datagram socket.
    pub udp: Udp,
    /// The connections.
    pub streams: Arc<Streams>,
    /// What they bring.
    pub messages: mpsc::Receiver<FromStream>,
    /// What the hub asks.
    pub commands: mpsc::Receiver<Command>,
    /// What the daemon asks.
    pub controls: mpsc::Receiver<Control>,
    /// The way to the hub's loop.
    pub tell: mpsc::Sender<Told>,
    /// Whether anything can be written down.
    pub health: watch::Receiver<Health>,
    /// The clock.
    pub clock: Clock,
}

impl SipTask {
    /// Runs until the hub's loop has gone.
    pub async fn run(mut self) {
        let mut backlog: VecDeque<Event> = VecDeque::new();
        let mut gate = Gate::default();
        self.endpoint.start(self.clock.sip_now());
        loop {
            self.pass_outputs(&mut backlog);
            let ill = *self.health.borrow() != Health::Well;
            if let Some(on) = gate.changed(ill, backlog.len()) {
                self.endpoint
                    .handle_command(Command::Drain { on }, self.clock.sip_now());
                continue;
            }
            let now = self.clock.sip_now();
            let due = self.endpoint.poll_timeout();
            if due.is_some_and(|due| due <= now) {
                self.endpoint.handle_timeout(now);
                continue;
            }
            let wake =
                due.map(|due| tokio::time::Instant::from_std(self.clock.instant_of_sip(due)));
            let wait = async {
                match wake {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let Self {
                udp,
                messages,
                commands,
                controls,
                tell,
                health,
                ..
            } = &mut self;
            let stirred = tokio::select! {
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
                command = commands.recv() => command.map_or(Stirred::Over, Stirred::Command),
                control = controls.recv() => control.map_or(Stirred::Over, Stirred::Control),
                message = messages.recv() => message.map_or(Stirred::Over, Stirred::Message),
                // The network waits while the hub does not keep up with what is here.
                () = udp.ready(), if backlog.len() < FULL * 2 => Stirred::Datagrams,
                changed = health.changed() => if changed.is_err() { Stirred::Over } else { Stirred::Nothing },
                () = wait => Stirred::Nothing,
            };
            if !self.take(stirred, &mut gate) {
                return;
            }
        }
    }

    // Tells whether to go on.
    fn take(&mut self, stirred: Stirred, gate: &mut Gate) -> bool {
        match stirred {
            Stirred::Nothing => {}
            Stirred::Command(command) => self.take_commands(command),
            Stirred::Control(control) => self.control(control, gate),
            Stirred::Message(message) => self.take_messages(message),
            Stirred::Datagrams => self.take_datagrams(),
            Stirred::Over => return false,
        }
        true
    }

    fn take_commands(&mut self, first: Command) {
        let now = self.clock.sip_now();
        self.endpoint.handle_command(first, now);
        for _ in 1..TURN {
            match self.commands.try_recv() {
                Ok(command) => self.endpoint.handle_command(command, now),
                Err(_) => break,
            }
        }
    }

    fn take_messages(&mut self, first: FromStream) {
        let mut next = Some(first);
        for _ in 0..TURN {
            let now = self.clock.sip_now();
            match next.take().or_else(|| self.messages.try_recv().ok()) {
                Some(FromStream::Message { flow, bytes }) => {
                    self.endpoint.handle_message(&flow, bytes, now)
                }
                Some(FromStream::Lost { connection }) => {
                    self.endpoint.handle_connection_lost(connection, now)
                }
                Some(FromStream::Failed { transport, to }) => {
                    self.endpoint.handle_transmit_failed(transport, to, now)
                }
                Some(FromStream::Proved { connection, names }) => {
                    self.endpoint.handle_proved(connection, names)
                }
                None => break,
            }
        }
    }

    fn take_datagrams(&mut self) {
        for _ in 0..TURN {
            let Some((bytes, peer)) = self.udp.receive() else {
                break;
            };
            let flow = Flow {
                transport: Transport::Udp,
                local: self.udp.local(),
                peer,
                connection: 0,
            };
            self.endpoint
                .handle_message(&flow, bytes, self.clock.sip_now());
        }
    }

    fn control(&mut self, control: Control, gate: &mut Gate) {
        match control {
            Control::Configure(config) => {
                self.endpoint.reconfigure(*config, self.clock.sip_now());
            }
            Control::Drain => gate.leaving = true,
            // Who asked may have gone.
            Control::Count(answer) => drop(answer.send(self.endpoint.counters())),
        }
    }

    fn pass_outputs(&mut self, backlog: &mut VecDeque<Event>) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Event(event) => {
                    log_trunk(&event);
                    backlog.push_back(event);
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

    fn send_datagram(&mut self, to: std::net::SocketAddr, bytes: &Bytes) {
        if let Err(error) = self.udp.send(to, bytes) {
            tracing::debug!(%error, "a datagram could not be sent");
            self.endpoint
                .handle_transmit_failed(Transport::Udp, to, self.clock.sip_now());
        }
    }
}

// The ways to carriers are watched by people.
fn log_trunk(event: &Event) {
    match event {
        Event::TrunkUp { trunk, place } => tracing::info!(trunk, %place, "the trunk answers again"),
        Event::TrunkDown { trunk, place } => {
            tracing::warn!(trunk, %place, "the trunk does not answer; its calls go elsewhere");
        }
        Event::TrunkRegistered { trunk } => tracing::info!(trunk, "registered at the trunk"),
        Event::TrunkUnregistered {
            trunk,
            code,
            reason,
        } => {
            tracing::warn!(
                trunk,
                code,
                reason,
                "not registered at the trunk; trying again"
            );
        }
        _ => {}
    }
}

/// What woke the task.
enum Stirred {
    Nothing,
    Command(Command),
    Control(Control),
    Message(FromStream),
    Datagrams,
    Over,
}

/// Why new calls are refused.
#[derive(Debug, Default)]
struct Gate {
    leaving: bool,
    ill: bool,
    crowded: bool,
    closed: bool,
}

impl Gate {
    /// Tells when it is to be closed or opened.
    fn changed(&mut self, ill: bool, backlog: usize) -> Option<bool> {
        self.ill = ill;
        self.crowded = backlog > if self.crowded { RELIEVED } else { FULL };
        let closed = self.leaving || self.ill || self.crowded;
        (std::mem::replace(&mut self.closed, closed) != closed).then_some(closed)
    }
}
