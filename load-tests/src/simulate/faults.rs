//! What breaks: the daemon, its disk, its clock, the network.

use hub::{Input, house::Told};

use crate::{
    agenda::{Due, Who},
    daemon::Daemon,
    world::World,
};

/// How the network treats datagrams.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Lost, in a hundred.
    pub loss: usize,
    /// Sent twice, in a hundred.
    pub doubled: usize,
    /// The longest way, in milliseconds.
    pub delay: usize,
}

impl Weather {
    pub const FAIR: Self = Self {
        loss: 0,
        doubled: 0,
        delay: 30,
    };
}

impl World {
    /// Starts the daemon on what the disk has.
    pub fn give_birth(&mut self) {
        if self.daemon.is_some() {
            return;
        }
        self.births += 1;
        let when = (self.wall(), self.now);
        let facts = self.disk.facts();
        self.note(|| format!("start {} on {} facts", self.births, facts.len()));
        let daemon = Daemon::start(
            (&self.setup, self.probes),
            (facts, &self.post, &self.hooks),
            self.births,
            when,
            &mut self.dice,
        );
        self.daemon = Some(daemon);
        self.rescue_tapes();
        self.plan_round(100);
        self.plan_hook_round(100);
        self.work();
    }

    /// The daemon dies where it stands.
    pub fn crash(&mut self) {
        self.fuse = None;
        self.disturbed = self.now;
        if self.daemon.take().is_none() {
            return;
        }
        self.hear("crash");
        self.note(|| "crash".to_owned());
        let late = self.disk.crash(&mut self.dice);
        if !late.is_empty() {
            self.hear("a write was durable and nobody knew");
        }
        self.durable(&late);
        self.asks.clear();
        let sockets: Vec<u64> = self.wires.keys().copied().collect();
        for socket in sockets {
            if let Some(wire) = self.wires.get_mut(&socket) {
                wire.cut();
            }
            let notices = self.dice.below(2_000) as u64;
            self.plan(notices, Due::Cut { socket });
        }
        let down = match self.dice.below(4) {
            0 => 1,
            1 => self.dice.below(60_000) as u64,
            _ => self.dice.below(3_000) as u64,
        };
        self.plan(down, Due::Birth);
    }

    // After so many steps more the daemon dies, wherever it is then.
    pub fn light_fuse(&mut self) {
        let left = match self.dice.below(3) {
            0 => self.dice.below(5),
            1 => self.dice.below(60),
            _ => self.dice.below(1_500),
        };
        self.fuse.get_or_insert(left as u64);
    }

    pub fn drain(&mut self) {
        let now = self.now;
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        daemon.draining = true;
        let sip_now = daemon.sip_clock(now);
        let drain = sip::endpoint::Command::Drain { on: true };
        daemon.endpoint.handle_command(drain, sip_now);
        daemon.house.tell(Told::Input(Box::new(Input::Drain)));
        self.hear("drain");
        self.work();
        self.light_fuse();
    }

    pub fn change_weather(&mut self) {
        self.weather = match self.dice.below(4) {
            0 => Weather {
                loss: 25,
                doubled: 10,
                delay: 80,
            },
            1 => Weather {
                loss: 3,
                doubled: 30,
                delay: 900,
            },
            _ => Weather::FAIR,
        };
    }

    pub fn change_disk(&mut self) {
        match self.dice.below(4) {
            0 => self.disk.latency = 2_500,
            1 => {
                self.hear("the disk refuses");
                self.disk.refuses = self.now + self.dice.below(20_000) as u64;
            }
            2 => self.disk.latency = 200,
            _ => self.disk.latency = 8,
        }
    }

    // The wall's clock is set, forward or back.
    pub fn set_clock(&mut self) {
        let span = match self.dice.below(3) {
            0 => 2_000,
            1 => 90_000,
            _ => 3 * 3_600_000,
        };
        self.skew = self.dice.below(2 * span) as i64 - span as i64;
        self.hear("the clock is set");
        if self.dice.chance(30) {
            self.light_fuse();
        }
        // A daemon that is not let run notices later.
        if self.stalled <= self.now {
            self.work();
        }
    }

    /// The daemon reads the wall's clock.
    pub fn follow_clock(&mut self) {
        let (wall, now) = (self.wall(), self.now);
        let Some(daemon) = self.daemon.as_mut() else {
            return;
        };
        match daemon.follow(wall, now) {
            Some(jump) if jump.is_ahead() => {
                self.disturbed = self.disturbed.max(now);
                self.hear("the time jumped");
            }
            Some(_) => self.hear("the time fell behind"),
            None => {}
        }
    }

    // The daemon is not let run for a while, and then everything comes at once and late.
    pub fn stall(&mut self) {
        let span = match self.dice.below(2) {
            0 => 500,
            _ => 45_000,
        };
        let until = self.now + self.dice.below(span) as u64;
        // What was put off comes in its order.
        self.stalled = self.stalled.max(until);
        self.disturbed = self.stalled;
        self.hear("the daemon is held up");
    }

    /// Something happens to a socket.
    pub fn cut_some(&mut self) {
        let sockets: Vec<u64> = self.wires.keys().copied().collect();
        let Some(socket) = self.dice.pick(&sockets).copied() else {
            return;
        };
        let (server, client) = (self.dice.below(20_000), self.dice.below(5_000));
        let kind = self.dice.below(6);
        let until = self.now + self.dice.below(8_000) as u64;
        let Some(wire) = self.wires.get_mut(&socket) else {
            return;
        };
        match kind {
            // Nothing gets through for a while, then all of it.
            0 => return wire.stall(until),
            // One direction dies first.
            1 => wire.dead_up = true,
            2 => wire.dead_down = true,
            _ => wire.cut(),
        }
        self.hear("a socket is cut");
        self.plan(server as u64, Due::Lost { socket });
        self.plan(client as u64, Due::Cut { socket });
    }

    /// The daemon notices that a socket is gone.
    pub fn socket_lost(&mut self, socket: u64) {
        if let Some(wire) = self.wires.get_mut(&socket) {
            wire.cut();
            let client = self.dice.below(5_000) as u64;
            self.plan(client, Due::Cut { socket });
        }
        self.close_session(socket, false);
        self.work();
    }

    /// A client notices that its socket is gone; if it wants another, it opens one.
    pub fn socket_cut(&mut self, socket: u64) {
        let Some(wire) = self.wires.remove(&socket) else {
            return;
        };
        let server = self.dice.below(20_000) as u64;
        self.plan(server, Due::Lost { socket });
        let client = wire.client;
        if self.clients[client].socket != Some(socket) {
            return;
        }
        self.clients[client].handle_close();
        self.flush_client(client);
        let back = 50 + self.dice.below(4_000) as u64;
        self.plan(back, Due::Connect { client });
    }

    /// A person closes the browser for good.
    pub fn leave(&mut self, client: usize) {
        self.clients[client].left = true;
        if let Some(socket) = self.clients[client].socket {
            if let Some(wire) = self.wires.get_mut(&socket) {
                wire.cut();
            }
            self.socket_cut(socket);
        }
    }

    /// A frame arrives at a client.
    pub fn frame_down(&mut self, socket: u64, text: &str) {
        let Some(wire) = self.wires.get(&socket).filter(|wire| !wire.dead_down) else {
            return;
        };
        let (client, at) = (wire.client, self.at());
        if self.clients[client].socket == Some(socket) {
            self.clients[client].handle_text(text, at);
            self.flush_client(client);
        }
    }

    /// Sends what a client has to say, and looks at what it shows.
    pub fn flush_client(&mut self, client: usize) {
        self.check_shown(client);
        let socket = self.clients[client].socket;
        while let Some(text) = self.clients[client].poll_frame() {
            let Some(socket) = socket else { continue };
            let wire = self.wires.get_mut(&socket);
            let at = wire.and_then(|wire| wire.sends_up(self.now, &mut self.dice));
            if let Some(at) = at {
                self.agenda.plan(at, Due::Up { socket, text });
            }
        }
        let due = self.clients[client].poll_timeout();
        let due = due.map(|at| self.time_of(at));
        self.agenda.wake(Who::Client(client), due, self.now);
    }
}
