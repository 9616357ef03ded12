//! Recorders outside (SIPREC), told message by message, since the endpoint is none: one takes the recordings it is called for,
//! refuses, says nothing, takes one too late, leaves, does not follow a change, or dies with all that it has. What it
//! took and what it hears is held against what the journal says.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use bytes::Bytes;
use hub::{Event, Fact, event::Recorded};
use sip::{
    message::{Builder, Header, Message, Method, StatusCode},
    siprec,
};
use ws::id::{RecordingId, TrunkId};

use crate::{
    agenda::{Due, Time},
    daemon::HERE,
    house::name,
    world::World,
};

/// The first interval after which a message is sent again, in milliseconds, and how often.
const AGAIN: u64 = 500;
const TRIES: u32 = 6;
/// Longer than anything is under way, or waits for an answer, while nothing is lost.
const SETTLED: u64 = 40_000;

/// One recorder.
pub struct Recorder {
    pub address: SocketAddr,
    name: TrunkId,
    /// Until when nothing is heard or said.
    away: Time,
    /// By Call-ID.
    calls: BTreeMap<String, Call>,
    /// All that it ever took.
    took: BTreeSet<RecordingId>,
    /// Recordings that it left, and in which life of the daemon it was heard.
    left: BTreeSet<(RecordingId, u64)>,
    ports: u16,
}

/// One recording session.
struct Call {
    recording: RecordingId,
    invite: Message,
    stage: Stage,
    /// Which start of the daemon it belongs to, and when it began.
    birth: u64,
    begun: Time,
    /// What was answered last, and to which INVITE.
    answer: Option<(u32, Bytes)>,
    acknowledged: bool,
    /// The daemon acknowledged one of its answers: it knows of this call.
    met: bool,
    /// Where each stream is heard, and whether it is to be sent.
    streams: Vec<(SocketAddr, bool)>,
    version: u32,
    /// It did not follow a change.
    stubborn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Rings,
    Up,
    /// It says that it leaves, so often until now.
    Leaves(u32),
}

/// What a recorder does by itself.
#[derive(Clone, Debug)]
pub enum Deed {
    /// It takes a recording.
    Take,
    /// It says again what it answered to the INVITE of this number.
    Repeat(u32, u32),
    /// It leaves, or says so again.
    Leave,
    /// It dies.
    Die,
}

impl Recorder {
    /// Returns those of this world.
    pub fn all() -> Vec<Self> {
        let all = [("recorder", 251), ("spare", 252)].into_iter();
        all.map(|(trunk, last)| Self {
            address: SocketAddr::from(([192, 0, 2, last], 5060)),
            name: name(trunk),
            away: 0,
            calls: BTreeMap::new(),
            took: BTreeSet::new(),
            left: BTreeSet::new(),
            ports: 20_000,
        })
        .collect()
    }

    /// Returns the name of its trunk.
    pub fn name(&self) -> &TrunkId {
        &self.name
    }

    fn written(&self, to: &Message, code: u16, sdp: Option<String>) -> Bytes {
        let status = StatusCode::try_from(code).expect("a status");
        let contact = format!("<sip:srs@{}>;+sip.srs", self.address);
        let answer = to
            .response(status, Some("srs"))
            .header(Header::Contact, contact);
        match sdp {
            Some(sdp) => {
                let answer = answer.header(Header::Require, siprec::SIPREC);
                answer.body("application/sdp", sdp).build()
            }
            None => answer.build(),
        }
    }
}

impl Call {
    // Answers each stream of an offer, where it was heard before.
    fn describe(&mut self, offer: &Message, address: SocketAddr, ports: &mut u16) -> String {
        let body = offer.body();
        let text = String::from_utf8_lossy(&body);
        let sections = text.split("\r\nm=audio ").skip(1);
        self.version += 1;
        let (ip, version) = (address.ip(), self.version);
        let mut sdp =
            format!("v=0\r\no=- 9 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n");
        for (at, section) in sections.enumerate() {
            // The description ends where the next part of the body begins.
            let section = section.split("\r\n--").next().unwrap_or(section);
            let sends = section.contains("a=sendonly");
            let mut words = section.split_whitespace();
            let (port, format) = (words.next(), words.nth(1));
            if at == self.streams.len() {
                *ports += 2;
                self.streams.push((SocketAddr::new(ip, *ports), false));
            }
            let taken = port != Some("0");
            self.streams[at].1 = sends && taken;
            let port = if taken { self.streams[at].0.port() } else { 0 };
            let direction = if sends { "recvonly" } else { "inactive" };
            let format = format.unwrap_or("8");
            sdp += &format!("m=audio {port} RTP/AVP {format}\r\na={direction}\r\n");
        }
        sdp
    }
}

impl World {
    /// A datagram reaches a recorder.
    pub fn recorder_hears(&mut self, at: usize, bytes: Bytes) {
        if self.now < self.recorders[at].away {
            self.disturbed = self.now;
            return;
        }
        let message = Message::parse(bytes).expect("we send sound messages");
        let id = message.call_id().to_owned();
        if !message.is_request() {
            // Whatever the daemon says to a BYE, the call is over.
            let final_one = message.status().is_some_and(|status| status.code() >= 200);
            if final_one && message.method() == &Method::Bye {
                let call = self.recorders[at].calls.remove(&id);
                // An INVITE that was given up may come late; what is answered to that leads to no call.
                let heard = call.filter(|call| call.met && call.birth == self.births);
                let heard = heard.map(|call| (call.recording, self.births));
                self.recorders[at].left.extend(heard);
            }
            return;
        }
        let known = self.recorders[at].calls.contains_key(&id);
        match message.method() {
            Method::Invite => self.recorder_invited(at, message),
            Method::Ack => {
                if let Some(call) = self.recorders[at].calls.get_mut(&id) {
                    (call.acknowledged, call.met) = (true, true);
                }
            }
            Method::Bye if known => {
                self.recorders[at].calls.remove(&id);
                if message.has_content(siprec::METADATA) {
                    self.hear("a recorder is told the last word");
                }
                self.reply(at, &message, 200);
            }
            Method::Cancel if known => self.recorder_cancelled(at, &message),
            Method::Bye | Method::Cancel => self.reply(at, &message, 481),
            _ => self.reply(at, &message, 200),
        }
    }

    fn reply(&mut self, at: usize, to: &Message, code: u16) {
        let answer = self.recorders[at].written(to, code, None);
        self.fly(self.recorders[at].address, HERE, answer);
    }

    fn recorder_invited(&mut self, at: usize, invite: Message) {
        let (id, number) = (invite.call_id().to_owned(), invite.cseq().number);
        let inside = invite.to().tag().is_some();
        let address = self.recorders[at].address;
        if let Some(call) = self.recorders[at].calls.get(&id) {
            let known = call.answer.clone().filter(|(last, _)| *last == number);
            let up = call.stage == Stage::Up && inside;
            if let Some((_, answer)) = known {
                self.fly(address, HERE, answer);
            } else if up {
                self.recorder_offered(at, &id, &invite);
            }
            return;
        }
        if inside {
            self.reply(at, &invite, 481);
            return;
        }
        let required = invite.require().any(|one| one == siprec::SIPREC);
        let metadata = invite.body();
        let metadata = String::from_utf8_lossy(&metadata);
        let recording = metadata.split("<recording>").nth(1);
        let recording: Option<RecordingId> =
            recording.and_then(|rest| rest.split('<').next()?.parse().ok());
        let Some(recording) = recording.filter(|_| required) else {
            panic!("a recorder is told what it is called for: {metadata}");
        };
        let birth = self.births;
        let call = Call {
            recording,
            invite: invite.clone(),
            stage: Stage::Rings,
            birth,
            begun: self.invited.get(&id).copied().unwrap_or(self.now),
            answer: None,
            acknowledged: false,
            met: false,
            streams: Vec::new(),
            version: 0,
            stubborn: false,
        };
        self.recorders[at].calls.insert(id.clone(), call);
        self.decide(at, id, &invite);
    }

    // What a recorder does about a recording that it is called for.
    fn decide(&mut self, at: usize, id: String, invite: &Message) {
        let soon = self.dice.below(2_000) as u64;
        match self.dice.below(20) {
            0..2 => {
                let code = *self.dice.pick(&[486, 503, 603, 488]).expect("some");
                self.hear("a recorder refuses");
                self.answer_recorder(at, &id, invite, code);
            }
            2..4 => self.hear("a recorder says nothing"),
            4 => {
                self.reply(at, invite, 180);
                self.hear("a recorder rings and says nothing");
            }
            // About when it is left for the next.
            5 => {
                let late = 4_000 + self.dice.below(4_000) as u64;
                self.deed(late, at, id, Deed::Take);
            }
            6..8 => {
                let span = soon + self.dice.below(15_000) as u64;
                self.deed(soon, at, id.clone(), Deed::Take);
                self.deed(span, at, id, Deed::Leave);
            }
            8..11 => {
                let span = soon + self.dice.below(8_000) as u64;
                self.deed(soon, at, id.clone(), Deed::Take);
                self.deed(span, at, id, Deed::Die);
            }
            _ => self.deed(soon, at, id, Deed::Take),
        }
    }

    fn deed(&mut self, after: u64, at: usize, call: String, deed: Deed) {
        self.plan(after, Due::Recorder { at, call, deed });
    }

    // Sends the last answer to an INVITE, which is kept for those who ask again.
    fn answer_recorder(&mut self, at: usize, id: &str, invite: &Message, code: u16) {
        let recorder = &mut self.recorders[at];
        let Some(call) = recorder.calls.get_mut(id) else {
            return;
        };
        let taken = code == 200;
        let sdp = taken.then(|| call.describe(invite, recorder.address, &mut recorder.ports));
        let number = invite.cseq().number;
        let answer = self.recorders[at].written(invite, code, sdp);
        self.fly(self.recorders[at].address, HERE, answer.clone());
        let Some(call) = self.recorders[at].calls.get_mut(id) else {
            return;
        };
        call.answer = Some((number, answer));
        call.acknowledged = false;
        if taken {
            self.deed(AGAIN, at, id.to_owned(), Deed::Repeat(number, 0));
        }
    }

    /// A recorder does something by itself.
    pub fn recorder_acts(&mut self, at: usize, id: &str, deed: &Deed) {
        let now = self.now;
        let address = self.recorders[at].address;
        if now < self.recorders[at].away {
            return;
        }
        let Some(call) = self.recorders[at].calls.get_mut(id) else {
            return;
        };
        match (deed, call.stage) {
            (Deed::Take, Stage::Rings) => {
                call.stage = Stage::Up;
                let (recording, invite) = (call.recording, call.invite.clone());
                let recorder = &mut self.recorders[at];
                recorder.took.insert(recording);
                // It is back; should it die there, nobody hears of that.
                recorder.left.retain(|(left, _)| *left != recording);
                self.hear("a recorder takes a recording");
                self.answer_recorder(at, id, &invite, 200);
            }
            (Deed::Repeat(number, tries), Stage::Up) => {
                let answer = call.answer.clone().filter(|(last, _)| last == number);
                let Some((_, answer)) = answer.filter(|_| !call.acknowledged) else {
                    return;
                };
                if *tries == TRIES {
                    return self.leave_call(at, id);
                }
                self.fly(address, HERE, answer);
                let next = Deed::Repeat(*number, tries + 1);
                self.deed(AGAIN << tries, at, id.to_owned(), next);
            }
            (Deed::Leave, Stage::Up | Stage::Leaves(_)) => {
                if call.stage == Stage::Up {
                    self.hear("a recorder leaves a call");
                }
                self.leave_call(at, id);
            }
            (Deed::Die, Stage::Up) => {
                self.hear("a recorder dies midway");
                let span = self.dice.below(60_000) as u64;
                let recorder = &mut self.recorders[at];
                (recorder.away, self.disturbed) = (now + span, now);
                recorder.calls.clear();
            }
            // It is over, or not yet so far.
            (
                Deed::Take | Deed::Repeat(..) | Deed::Leave | Deed::Die,
                Stage::Rings | Stage::Up | Stage::Leaves(_),
            ) => {}
        }
    }

    fn leave_call(&mut self, at: usize, id: &str) {
        let address = self.recorders[at].address;
        let Some(call) = self.recorders[at].calls.get_mut(id) else {
            return;
        };
        let tries = match call.stage {
            Stage::Leaves(tries) => tries,
            Stage::Rings | Stage::Up => 0,
        };
        call.stage = Stage::Leaves(tries + 1);
        if tries == TRIES {
            self.recorders[at].calls.remove(id);
            return;
        }
        let invite = &call.invite;
        let contact = invite.contacts().next().expect("we say where we are");
        let to = invite.header(Header::To).unwrap_or_default();
        let bye = Builder::request(&Method::Bye, contact.uri())
            .header(
                Header::Via,
                format!("SIP/2.0/UDP {address};branch=z9hG4bKbye{id}"),
            )
            .header(Header::MaxForwards, 70)
            .header(Header::From, format!("{to};tag=srs"))
            .header(Header::To, invite.header(Header::From).unwrap_or_default())
            .header(Header::CallId, id)
            .header(Header::CSeq, "1 BYE")
            .build();
        self.fly(address, HERE, bye);
        self.deed(AGAIN << tries, at, id.to_owned(), Deed::Leave);
    }

    // A change is followed, or not.
    fn recorder_offered(&mut self, at: usize, id: &str, invite: &Message) {
        let code = match self.dice.below(20) {
            0 => 488,
            1 => 491,
            2 => 0,
            _ => 200,
        };
        if let Some(call) = self.recorders[at].calls.get_mut(id) {
            call.stubborn |= code != 200;
        }
        self.hear(match code {
            200 => "a recorder follows a change",
            _ => "a recorder does not follow a change",
        });
        if code != 0 {
            self.answer_recorder(at, id, invite, code);
        }
    }

    fn recorder_cancelled(&mut self, at: usize, cancel: &Message) {
        self.reply(at, cancel, 200);
        let id = cancel.call_id();
        let call = &self.recorders[at].calls[id];
        if call.stage == Stage::Rings {
            let invite = call.invite.clone();
            self.reply(at, &invite, 487);
            self.recorders[at].calls.remove(id);
        }
    }

    /// Checks that a recorder has what the journal says that it took.
    pub fn check_taken(&self, facts: &[Fact]) {
        for fact in facts {
            if let Event::Recording(Recorded::RecorderOpened { n, recorder }) = &fact.event {
                let interaction = fact.interaction.expect("a recording is of one");
                let recording = RecordingId { interaction, n: *n };
                let one = self.recorders.iter().find(|one| one.name == *recorder);
                let took = one.is_some_and(|one| one.took.contains(&recording));
                assert!(took, "a recording exists at who has it: {fact:?}");
            }
        }
    }

    /// Checks that no recorder hears anything in a pause, or of what is not to be recorded. All that was decided is done.
    pub fn check_recorders(&self) {
        let Some(daemon) = self.daemon.as_ref().filter(|one| !one.house.is_writing()) else {
            return;
        };
        let calls = self.recorders.iter().flat_map(|one| one.calls.values());
        for call in calls.filter(|call| call.birth == daemon.birth) {
            let matter = self.ledger.matters.get(&call.recording.interaction);
            let Some(matter) = matter.filter(|_| call.stage == Stage::Up) else {
                continue;
            };
            let pause = matter.tapes.rests(call.recording.n);
            let Some(since) = pause else { continue };
            let hears = call.streams.iter();
            let hears = hears.flat_map(|(at, _)| daemon.plane.heard_by(*at));
            assert_eq!(
                hears.count(),
                0,
                "it is heard in a pause: {}",
                call.recording
            );
            self.hear("a recorder hears nothing in a pause");
            let told = self.disturbed.max(daemon.time_of(since)) + SETTLED < self.now;
            if told && !call.stubborn {
                let sends = call.streams.iter().any(|(_, sends)| *sends);
                assert!(!sends, "a pause is told: {}", call.recording);
            }
        }
    }

    /// Checks that the journal knows of each recorder that left a call and was heard. All that was decided is done.
    pub fn check_leaving(&self) {
        let Some(daemon) = self.daemon.as_ref().filter(|one| !one.house.is_writing()) else {
            return;
        };
        for one in &self.recorders {
            for (recording, _) in one.left.iter().filter(|(_, birth)| *birth == daemon.birth) {
                let again = one.calls.values().any(|call| call.recording == *recording);
                let matter = self.ledger.matters.get(&recording.interaction);
                let has = matter.is_some_and(|matter| matter.tapes.is_at(recording.n, &one.name));
                assert!(again || !has, "a recorder that left is missed: {recording}");
            }
        }
    }

    /// Checks that nobody is left in a recording session that the daemon knew of.
    pub fn check_recorders_left(&self) {
        let calls = self.recorders.iter().flat_map(|one| one.calls.values());
        for call in calls.filter(|call| call.stage == Stage::Up) {
            let alone = call.birth == self.births && self.disturbed < call.begun;
            assert!(!alone, "every recording session ends: {}", call.recording);
        }
    }
}
