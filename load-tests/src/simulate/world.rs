//! The world itself: who is there, how time passes, and to whom what happens.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use hub::{
    house::Told,
    setup::{PhoneSetup, Setup},
};
use sip::{endpoint::Flow, media::MediaEvent};
use ws::{
    client::{Agent, Visitor},
    id::Timestamp,
};

use crate::{
    Outcome,
    agenda::{Agenda, Due, Time, Who},
    api::Asked,
    books::{self, Books},
    client::{BLACK_HOLE, Client, Machine},
    daemon::{BACKUP, CARRIER, Daemon, HERE},
    dice::Dice,
    disk::Disk,
    erasure::Erasure,
    far::{self, Far, Heard, Kind},
    faults::Weather,
    furnish::furnish,
    hooks::Hooks,
    house,
    ledger::Ledger,
    post::Post,
    recorders::Recorder,
    trace::Trace,
    wire::Wire,
};

/// The moment at which every world begins, in milliseconds since 1970: a quarter past three in the night, in UTC. The
/// queues of the house that keep hours open and close in each of the first six hours of a day, and a clock that is set is
/// at most three hours wrong.
pub const DAY: u64 = 1_794_971_700_000;

pub struct World {
    pub dice: Dice,
    pub now: Time,
    start: Instant,
    pub agenda: Agenda,
    trace: Rc<RefCell<Trace>>,
    /// What is configured.
    pub setup: Setup,
    pub disk: Disk,
    pub ledger: Ledger,
    pub books: Books,
    pub post: Post,
    pub hooks: Hooks,
    pub erasure: Erasure,
    pub daemon: Option<Daemon>,
    pub births: u64,
    /// Steps of the daemon until it dies.
    pub fuse: Option<u64>,
    /// By how much the wall's clock is wrong, in milliseconds.
    pub skew: i64,
    /// Until when the daemon is not let run.
    pub stalled: Time,
    /// When something was last lost between the daemon and anybody, or it was not there.
    pub disturbed: Time,
    pub wires: BTreeMap<u64, Wire>,
    pub clients: Vec<Client>,
    pub fars: Vec<Far>,
    /// Recorders outside, where there are any.
    pub recorders: Vec<Recorder>,
    pub weather: Weather,
    pub asks: BTreeMap<u64, Asked>,
    /// When the INVITE of a call first left the daemon, by Call-ID.
    pub invited: BTreeMap<String, Time>,
    /// The last number given to a socket or a program's request.
    pub next: u64,
    pub steps: u64,
    /// Whether the daemon asks the carrier whether it is there.
    pub probes: bool,
    /// Whether people do anything.
    pub acting: bool,
}

impl World {
    pub fn new(seed: u64, steps: u64, trace: Rc<RefCell<Trace>>) -> Self {
        let mut dice = Dice::new(seed);
        let mut setup = house::setup(&mut dice);
        furnish(&mut setup, &mut Dice::new(!seed));
        setup.spans.grace = setup.spans.grace.max(Duration::from_secs(5));
        let mut fars = vec![
            Far::new(2, Kind::Carrier, &mut dice),
            Far::new(3, Kind::Pbx, &mut dice),
        ];
        for (agent, last) in setup.agents.iter().zip(4..) {
            if agent.1.phone == PhoneSetup::Registered {
                fars.push(Far::new(last, Kind::Phone(agent.0.clone()), &mut dice));
            }
        }
        fars.push(Far::new(250, Kind::Carrier, &mut dice));
        let probes = dice.chance(30);
        let ledger = Ledger::new(setup.spans.park);
        let recorders = match &setup.recording.recorder {
            Some(_) => Recorder::all(),
            None => Vec::new(),
        };
        let mut world = Self {
            dice,
            now: 1,
            start: Instant::now(),
            agenda: Agenda::default(),
            trace,
            setup,
            disk: Disk::default(),
            ledger,
            books: Books::default(),
            post: Post::default(),
            hooks: Hooks::default(),
            erasure: Erasure::default(),
            daemon: None,
            births: 0,
            fuse: None,
            skew: 0,
            stalled: 0,
            disturbed: 0,
            wires: BTreeMap::new(),
            clients: Vec::new(),
            fars,
            recorders,
            weather: Weather::FAIR,
            asks: BTreeMap::new(),
            invited: BTreeMap::new(),
            next: 0,
            steps,
            probes,
            acting: true,
        };
        world.people();
        world
    }

    fn people(&mut self) {
        self.disk.latency = 10;
        self.plan(0, Due::Birth);
        self.plan(100, Due::Act);
        for agent in self.setup.agents.keys().cloned().collect::<Vec<_>>() {
            self.join(Machine::Agent(Box::new(Agent::new(agent.to_string()))));
        }
        for far in 0..self.fars.len() {
            self.plan(50, Due::Registers { far, round: 0 });
        }
        for visitor in 1..=2 + self.dice.below(6) {
            self.visit(visitor);
        }
    }

    /// Puts a visitor before a browser; the same number twice is one visitor with two pages.
    pub fn visit(&mut self, number: usize) {
        self.join(Machine::Visitor(Box::new(Visitor::new(format!(
            "v{number}"
        )))));
    }

    /// Puts somebody before a browser.
    pub fn join(&mut self, machine: Machine) {
        let client = self.clients.len();
        self.clients
            .push(Client::new(machine, client, &mut self.dice));
        let (connects, moves) = (self.dice.below(3_000), self.dice.below(5_000));
        self.plan(connects as u64, Due::Connect { client });
        self.plan(moves as u64, Due::Moves { client });
    }

    /// Notes a line, if lines are wanted.
    pub fn note(&self, line: impl FnOnce() -> String) {
        self.trace.borrow_mut().note(self.now, line);
    }

    /// Takes something that left the daemon into the hash.
    pub fn left(&self, bytes: &[u8]) {
        self.trace.borrow_mut().left(bytes);
    }

    /// Counts something that happened.
    pub fn hear(&self, what: &str) {
        self.trace.borrow_mut().hear(what);
    }

    pub fn outcome(&self) -> Outcome {
        let trace = self.trace.borrow();
        Outcome {
            hash: trace.hash(),
            millis: self.now,
            heard: trace.heard.clone(),
        }
    }

    pub fn plan(&mut self, after: u64, due: Due) {
        self.agenda.plan(self.now + after, due);
    }

    /// Returns the time as browsers and the server's half of sockets count it.
    pub fn at(&self) -> Instant {
        self.start + Duration::from_millis(self.now)
    }

    /// Returns when a time of theirs comes.
    pub fn time_of(&self, at: Instant) -> Time {
        let since = at.saturating_duration_since(self.start);
        u64::try_from(since.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
    }

    /// Returns what the wall's clock shows.
    pub fn wall(&self) -> Timestamp {
        Timestamp((DAY + self.now).saturating_add_signed(self.skew))
    }

    /// Lets people and accidents do all their steps.
    pub fn live(&mut self) {
        while self.steps > 0 {
            self.step(Time::MAX);
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, span: u64) {
        let end = self.now + span;
        while self.step(end) {}
        self.now = end;
    }

    fn step(&mut self, end: Time) -> bool {
        let Some((at, due)) = self.agenda.pop(end) else {
            return false;
        };
        self.now = self.now.max(at);
        self.handle(due);
        true
    }

    fn handle(&mut self, due: Due) {
        if self.now < self.stalled && concerns_the_daemon(&due) {
            return self.agenda.put_off(self.stalled, due);
        }
        match due {
            Due::Packet { from, to, bytes } => self.arrives(from, to, bytes),
            Due::Up { socket, text } => self.frame_up(socket, &text),
            Due::Lost { socket } => self.socket_lost(socket),
            Due::Down { socket, text } => self.frame_down(socket, &text),
            Due::Cut { socket } => self.socket_cut(socket),
            Due::Connect { client } => self.connect(client),
            Due::Moves { client } => self.moves(client),
            Due::Act => self.act(),
            Due::Written { birth } => self.written(birth),
            Due::Media { birth, event } => self.media(birth, event),
            Due::Listen { birth, leg } => self.listen(birth, leg),
            Due::Wake(who) => self.wake(who),
            Due::Birth => self.give_birth(),
            Due::Answers { far, call } => self.far_answers(far, call),
            Due::HangsUp { far, call } => self.far_hangs_up(far, call),
            Due::Holds { far, call, on } => self.far_holds(far, call, on),
            Due::Registers { far, round } => self.register(far, round),
            Due::Refers { far, call } => self.far_refers(far, call),
            Due::Replaces { far, call } => self.far_replaces(far, call),
            Due::Asks { far } => self.far_asks(far),
            Due::Scrub => self.scrub(),
            Due::Round { birth } => self.mail_round(birth),
            Due::PutDown { birth, changes } => self.put_down(birth, *changes),
            Due::Taped { birth, ended } => self.taped(birth, *ended),
            Due::Recorder { at, call, deed } => self.recorder_acts(at, &call, &deed),
            Due::Hook { birth, deed } => self.hook(birth, *deed),
            Due::Mailed(birth, row, end, outcome) => self.mailed(birth, row, end, outcome),
        }
    }

    /// Counts a step of the run.
    pub fn count_step(&mut self) {
        self.steps = self.steps.saturating_sub(1);
        self.trace.borrow_mut().step += 1;
    }

    /// Sends a datagram on its way.
    pub fn fly(&mut self, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        if from == HERE {
            self.left(&bytes);
            self.check_sent(to, &bytes);
            if bytes.starts_with(b"INVITE ") {
                let call = header(&bytes, "Call-ID: ");
                self.invited.entry(call).or_insert(self.now);
            }
            if bytes.starts_with(b"CANCEL ") {
                self.cancelled(to, &header(&bytes, "Call-ID: "));
            }
        }
        self.note(|| format!("{from} -> {to}: {}", gist(&bytes)));
        let weather = self.weather;
        if self.dice.chance(weather.loss) || self.is_lost(to, &bytes) {
            self.disturbed = self.now;
            return;
        }
        let copies = if self.dice.chance(weather.doubled) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let span = 1 + self.dice.below(weather.delay) as u64;
            let bytes = bytes.clone();
            self.plan(span, Due::Packet { from, to, bytes });
        }
    }

    fn check_sent(&mut self, to: SocketAddr, bytes: &Bytes) {
        if !is_carrier(to) || !bytes.starts_with(b"INVITE ") {
            return;
        }
        let message = sip::message::Message::parse(bytes.clone()).expect("we send sound messages");
        if let Some((leg, call_id, user)) = books::invite(&message) {
            self.hear("a customer is dialled");
            let when = (user.as_str(), self.now);
            self.books.handle_invite(leg, &call_id, when, &self.ledger);
        }
    }

    fn is_lost(&self, to: SocketAddr, bytes: &Bytes) -> bool {
        let line = first_line(bytes);
        is_carrier(to) && line.starts_with("INVITE ") && line.contains(BLACK_HOLE)
    }

    fn arrives(&mut self, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        let flow = Flow {
            transport: sip::endpoint::Transport::Udp,
            local: to,
            peer: from,
            connection: 0,
        };
        if to == HERE {
            let now = self.now;
            if let Some(daemon) = &mut self.daemon {
                let now = daemon.sip_clock(now);
                daemon.endpoint.handle_message(&flow, bytes, now);
                self.work();
            }
            return;
        }
        let recorder = self.recorders.iter().position(|one| one.address == to);
        if let Some(recorder) = recorder {
            return self.recorder_hears(recorder, bytes);
        }
        let Some(far) = self.fars.iter().position(|far| far.address == to) else {
            panic!("nothing is sent to strangers: {to}");
        };
        if self.fars[far].off || self.registration_answered(far, &bytes) {
            return;
        }
        // The first of an INVITE's repetitions that is heard may be an old one.
        let call = header(&bytes, "Call-ID: ");
        let sent = self.invited.get(&call).copied().unwrap_or(self.now);
        self.fars[far].hears = Heard {
            call,
            sent,
            leg: header(&bytes, "X-Leg-ID: ").parse().ok(),
            tags: (tag(&bytes, "From: "), tag(&bytes, "To: ")),
        };
        let now = far::clock(self.now);
        self.fars[far].endpoint.handle_message(&flow, bytes, now);
        self.flush_far(far);
    }

    fn media(&mut self, birth: u64, event: MediaEvent) {
        let Some(daemon) = self.daemon.as_mut().filter(|one| one.birth == birth) else {
            return;
        };
        if daemon.plane.stands(&event) {
            daemon.house.tell(Told::Media(event));
            self.work();
        }
    }

    fn listen(&mut self, birth: u64, leg: sip::media::LegKey) {
        let speaking = self.speaking();
        let Some(daemon) = self.daemon.as_mut().filter(|one| one.birth == birth) else {
            return;
        };
        let (event, again) = daemon.plane.listen(leg, &speaking);
        if let Some(after) = again {
            self.plan(after, Due::Listen { birth, leg });
        }
        if let Some(event) = event {
            self.media(birth, event);
        }
    }

    fn wake(&mut self, who: Who) {
        match who {
            Who::Daemon(birth) => {
                if self.birth_is(birth) {
                    self.daemon_wakes();
                }
            }
            Who::Far(far) => {
                let now = far::clock(self.now);
                self.fars[far].endpoint.handle_timeout(now);
                self.flush_far(far);
            }
            Who::Client(client) => {
                let at = self.at();
                self.clients[client].handle_timeout(at);
                self.flush_client(client);
            }
        }
    }

    pub fn birth_is(&self, birth: u64) -> bool {
        self.daemon
            .as_ref()
            .is_some_and(|daemon| daemon.birth == birth)
    }
}

fn is_carrier(to: SocketAddr) -> bool {
    to == CARRIER || to == BACKUP
}

fn concerns_the_daemon(due: &Due) -> bool {
    match due {
        Due::Packet { to, .. } => *to == HERE,
        Due::Up { .. }
        | Due::Lost { .. }
        | Due::Connect { .. }
        | Due::Written { .. }
        | Due::Media { .. }
        | Due::Listen { .. }
        | Due::Round { .. }
        | Due::PutDown { .. }
        | Due::Mailed(..)
        | Due::Taped { .. }
        | Due::Wake(Who::Daemon(_)) => true,
        Due::Hook { deed, .. } => deed.concerns_the_daemon(),
        Due::Down { .. }
        | Due::Cut { .. }
        | Due::Moves { .. }
        | Due::Act
        | Due::Wake(Who::Far(_) | Who::Client(_))
        | Due::Birth
        | Due::Answers { .. }
        | Due::HangsUp { .. }
        | Due::Holds { .. }
        | Due::Refers { .. }
        | Due::Replaces { .. }
        | Due::Asks { .. }
        | Due::Recorder { .. }
        | Due::Scrub
        | Due::Registers { .. } => false,
    }
}

// What a message is, and of which transaction and call.
fn gist(bytes: &Bytes) -> String {
    let via = header(bytes, "Via: ");
    let branch = via.split("branch=").nth(1).unwrap_or(&via);
    let branch = branch.split(';').next().unwrap_or(branch);
    let (cseq, call) = (header(bytes, "CSeq: "), header(bytes, "Call-ID: "));
    format!("{} [{branch}, {cseq}, {call}]", first_line(bytes))
}

fn header(bytes: &Bytes, name: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().skip(1);
    let value = lines.find_map(|line| line.strip_prefix(name));
    value.unwrap_or_default().to_owned()
}

fn tag(bytes: &Bytes, name: &str) -> String {
    let value = header(bytes, name);
    let tag = value.split_once(";tag=").map_or("", |(_, tag)| tag);
    tag.split(';').next().unwrap_or_default().to_owned()
}

fn first_line(bytes: &Bytes) -> String {
    let line = bytes.split(|byte| *byte == b'\r').next();
    String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
}
