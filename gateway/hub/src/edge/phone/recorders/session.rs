//! One recording that is sent outside: who is, and was, in the call, and the streams to the recorder, a seat for each who
//! speaks. A seat is a leg of the media plane that hears one other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use sip::{
    endpoint::{CallKey, Fork},
    families::Families,
    media::LegKey,
    message::{SessionId, Uri},
    sdp::{Codec, Direction, Protection, RemoteMedia, SdpStreams},
    siprec::{self, Heard, Metadata, Participant, UniqueId},
};
use ws::id::{LegId, RecordingId, Timestamp};

use super::super::leg::Who;
use crate::recorder::RecorderSetup;

/// How many streams a recorder is sent at most; who comes beyond is named and not heard by it.
pub(super) const MOST_SEATS: usize = 16;
/// Why there is no stream for somebody who must be heard.
const NO_PORT: &str =
    "of the half of rtp.ports that recorders may have, none is free or could be opened";
/// How many participants are remembered, with those who left.
pub(super) const MOST_PEOPLE: usize = 64;

/// One recording.
#[derive(Debug)]
pub(super) struct Session {
    pub recording: RecordingId,
    /// The customer's leg, as the hub named it when the recording began.
    pub leg: LegId,
    pub customer: LegKey,
    pub with: Arc<RecorderSetup>,
    /// Which of the recorders is called.
    pub server: usize,
    pub call: CallKey,
    pub stage: Stage,
    /// Whether the hub was told that it has it.
    pub opened: bool,
    /// Whether the hub was told that it lets the customer's stream rest.
    pub rests: bool,
    /// The seats whose first handshake goes on.
    pub sealing: BTreeSet<LegKey>,
    pub paused: bool,
    /// The name of the call at the recorder.
    pub id: UniqueId,
    pub since: Timestamp,
    pub people: BTreeMap<LegKey, Person>,
    /// How many there were.
    pub came: u16,
    pub seats: Vec<Seat>,
    pub sdp: SdpStreams,
    /// What the ends that the call rings at described before one answers.
    pub described: BTreeMap<Option<Fork>, Bytes>,
    /// What the last offer said.
    pub said: Vec<Said>,
    /// Why those before did not take it.
    pub why: Vec<String>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Ports are being bound.
    Opening,
    /// A recorder is called.
    Called,
    /// A recorder has it.
    Up {
        /// Whether an offer of ours waits for its answer.
        asking: bool,
    },
}

/// Somebody who speaks.
#[derive(Debug)]
pub(super) struct Person {
    /// Their number, by which their stream is labelled.
    pub n: u16,
    pub id: UniqueId,
    pub stream: UniqueId,
    pub who: Who,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

/// A stream to the recorder.
#[derive(Debug)]
pub(super) struct Seat {
    pub media: LegKey,
    pub port: u16,
    pub tries: u8,
    pub ports: Ports,
    /// Whose it is.
    pub of: Option<LegKey>,
    /// Its place in the description.
    pub line: Option<usize>,
    /// What was agreed for it.
    pub remote: Option<RemoteMedia>,
    /// Whether the recorder lets it rest that is to be heard (RFC 7866 §7.2): it is not offered as sent before the recorder asks
    /// for it, or it rested by our own word too.
    pub rests: bool,
    /// Whether a handshake was begun for it.
    pub shaken: bool,
    /// What the media plane was told that it hears.
    pub fed: Fed,
}

/// How it stands with the ports of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ports {
    /// They are being bound.
    Opening,
    /// They are bound.
    Open,
    /// There are none.
    Gone,
}

/// What a seat hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fed {
    /// Nothing.
    Nothing,
    /// Silence, in packets.
    Silence,
    /// Somebody.
    Voice(LegKey),
}

/// What an offer said of one who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    key: LegKey,
    line: Option<usize>,
    on: bool,
    left: bool,
}

impl Seat {
    // Whether the recorder takes the stream, be it that it lets it rest.
    fn is_taken(&self, may_rest: bool) -> bool {
        self.remote.is_some() && (may_rest || !self.rests)
    }
}

// What is known of each line, by its place.
fn by_line(known: impl Iterator<Item = (usize, bool)>) -> Vec<bool> {
    let mut lines = Vec::new();
    for (line, on) in known {
        lines.resize(lines.len().max(line + 1), false);
        lines[line] = on;
    }
    lines
}

fn is_sent(remote: &RemoteMedia) -> bool {
    match remote.direction {
        Direction::SendRecv | Direction::SendOnly => true,
        Direction::RecvOnly | Direction::Inactive => false,
    }
}

impl Session {
    /// Tells whether somebody is heard, given who is in the conversation.
    pub fn is_on(&self, key: LegKey, present: &BTreeSet<LegKey>) -> bool {
        !self.paused && present.contains(&key)
    }

    pub fn seat(&mut self, media: LegKey) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.media == media)
    }

    /// Returns the trunk of the recorder that is called.
    pub fn trunk(&self) -> Option<&ws::id::TrunkId> {
        self.with.servers.get(self.server)
    }

    /// Notes that somebody left; their seat is free.
    pub fn leaves(&mut self, key: LegKey, at: Timestamp) {
        if let Some(person) = self.people.get_mut(&key) {
            person.until.get_or_insert(at);
        }
        for seat in self.seats.iter_mut().filter(|seat| seat.of == Some(key)) {
            seat.of = None;
        }
    }

    /// Makes room for one more among those who are remembered; tells whether there is.
    pub fn has_room(&mut self) -> bool {
        if self.people.len() < MOST_PEOPLE {
            return true;
        }
        let gone = self.people.iter().find(|(_, one)| one.until.is_some());
        match gone.map(|(key, _)| *key) {
            Some(key) => self.people.remove(&key).is_some(),
            None => false,
        }
    }

    /// Returns what is to be said of each.
    pub fn says(&self, present: &BTreeSet<LegKey>) -> Vec<Said> {
        let said = self.people.iter().map(|(&key, person)| Said {
            key,
            line: self.line_of(key),
            on: self.is_on(key, present),
            left: person.until.is_some(),
        });
        said.collect()
    }

    /// Writes an offer with metadata, and notes what it says.
    pub fn offer(&mut self, present: &BTreeSet<LegKey>) -> Bytes {
        self.offers(present).first().clone()
    }

    /// Writes one as recorders of each family are told it.
    pub fn offers(&mut self, present: &BTreeSet<LegKey>) -> Families<Bytes> {
        self.said = self.says(present);
        self.wake(present);
        let mut sends = self.sends(present);
        for seat in self.seats.iter().filter(|seat| seat.rests) {
            if let Some(sent) = seat.line.and_then(|line| sends.get_mut(line)) {
                *sent = false;
            }
        }
        let offers = self.sdp.make_offers(&sends);
        let metadata = self.metadata(present, None).write();
        offers.map(|sdp| siprec::body(&sdp, &metadata))
    }

    // What rests by our own word does so no more by the recorder's.
    fn wake(&mut self, present: &BTreeSet<LegKey>) {
        let paused = self.paused;
        for seat in &mut self.seats {
            let heard = |key| !paused && present.contains(&key);
            seat.rests &= seat.of.is_some_and(heard);
        }
    }

    /// Returns which lines are to be heard.
    pub fn sends(&self, present: &BTreeSet<LegKey>) -> Vec<bool> {
        let seats = self.seats.iter();
        by_line(seats.filter_map(|seat| {
            let on = seat.of.is_some_and(|key| self.is_on(key, present));
            Some((seat.line?, on))
        }))
    }

    /// Returns which lines were to be heard when an offer was written last.
    pub fn offered(&self) -> Vec<bool> {
        let said = self.said.iter();
        by_line(said.filter_map(|one| Some((one.line?, one.on))))
    }

    /// Returns what the recorder is told; `until` where it is the last.
    pub fn metadata(&self, present: &BTreeSet<LegKey>, until: Option<Timestamp>) -> Metadata {
        let interaction = self.recording.interaction.number();
        let mut people: Vec<_> = self.people.iter().collect();
        people.sort_unstable_by_key(|(_, person)| person.n);
        let participants = people.into_iter().map(|(&key, person)| Participant {
            id: person.id,
            aor: aor(&person.who, &self.with.domain),
            name: person.who.name.clone(),
            since: person.since.0,
            until: person.until.map(|until| until.0),
            stream: self.line_of(key).map(|_| Heard {
                id: person.stream,
                label: person.n.to_string(),
                on: self.is_on(key, present),
            }),
        });
        Metadata {
            group: UniqueId(interaction),
            session: self.id,
            sip_session: SessionId(interaction),
            recording: self.recording.to_string(),
            since: self.since.0,
            until: until.map(|until| until.0),
            participants: participants.collect(),
        }
    }

    /// Takes what was agreed on each line, where those of `sends` are to be heard; returns what the media plane is to be told.
    pub fn agreed(
        &mut self,
        agreed: Vec<Option<RemoteMedia>>,
        sends: &[bool],
    ) -> Vec<(LegKey, RemoteMedia)> {
        let mut told = Vec::new();
        for (line, remote) in agreed.into_iter().enumerate() {
            let seat = self.seats.iter_mut().find(|seat| seat.line == Some(line));
            // Who took a seat since the last offer is not known to the recorder yet.
            let named = |key| {
                self.said
                    .iter()
                    .any(|one| (one.key, one.line) == (key, Some(line)))
            };
            let Some(seat) = seat.filter(|seat| seat.of.is_none_or(named)) else {
                continue;
            };
            let to_be_heard = sends.get(line).copied().unwrap_or_default();
            seat.rests = to_be_heard && !remote.as_ref().is_some_and(is_sent);
            if seat.remote != remote {
                let by_handshake =
                    |one: &RemoteMedia| matches!(one.protection, Protection::Dtls { .. });
                if remote.as_ref().is_some_and(by_handshake) && !seat.shaken {
                    seat.shaken = true;
                    self.sealing.insert(seat.media);
                }
                told.extend(remote.clone().map(|remote| (seat.media, remote)));
                seat.remote = remote;
            }
        }
        told
    }

    /// Tells why it cannot be recorded: the customer has no seat, or somebody has none where a call must be recorded. Who
    /// comes when all seats are taken is not heard (see [`MOST_SEATS`]).
    pub fn lack(&self, present: &BTreeSet<LegKey>) -> Option<&'static str> {
        if !present.contains(&self.customer) {
            return Some("the call is over");
        }
        let taken = self.seats.iter().filter(|seat| seat.of.is_some());
        let is_full = taken.count() >= MOST_SEATS;
        let mut needed = present.iter().filter(|key| self.must_be_heard(**key));
        let seated = |key| {
            self.seat_of(key)
                .is_some_and(|seat| seat.ports == Ports::Open)
        };
        let is_short = needed.any(|key| !seated(*key)) && !is_full;
        is_short.then_some(NO_PORT)
    }

    /// Tells whether the recorder does not take a stream that it must take: it left it out or, where the call must be recorded,
    /// lets it rest.
    pub fn is_untaken(&self, present: &BTreeSet<LegKey>) -> bool {
        let may_rest = !self.with.required;
        let mut needed = present.iter().filter(|key| self.must_be_heard(**key));
        needed.any(|key| {
            let seat = self.seat_of(*key);
            seat.is_some_and(|seat| !seat.is_taken(may_rest))
        })
    }

    /// Takes note whether the recorder lets the customer's stream rest; returns it where that is news.
    pub fn rests_anew(&mut self, present: &BTreeSet<LegKey>) -> Option<bool> {
        if !self.is_on(self.customer, present) {
            return None;
        }
        let rests = self.seat_of(self.customer)?.rests;
        (std::mem::replace(&mut self.rests, rests) != rests).then_some(rests)
    }

    fn must_be_heard(&self, key: LegKey) -> bool {
        key == self.customer || self.with.required
    }

    fn seat_of(&self, key: LegKey) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.of == Some(key))
    }

    /// Forgets what was agreed with a recorder.
    pub fn forget_agreed(&mut self) {
        (self.opened, self.rests, self.sealing) = (false, false, BTreeSet::new());
        self.described.clear();
        for seat in &mut self.seats {
            (seat.line, seat.remote, seat.rests) = (None, None, false);
        }
    }

    /// The codec that a line speaks.
    pub fn codec_at(&self, line: usize) -> Option<Codec> {
        let mut seats = self.seats.iter();
        let seat = seats.find(|seat| seat.line == Some(line))?;
        Some(seat.remote.as_ref()?.codec)
    }

    fn line_of(&self, key: LegKey) -> Option<usize> {
        self.seat_of(key)?.line
    }
}

fn aor(who: &Who, domain: &str) -> String {
    let known = Some(who.user.as_str()).filter(|user| !user.is_empty());
    let uri = known.and_then(|user| Uri::sip(Some(user), domain, None).ok());
    match uri {
        Some(uri) => uri.to_string(),
        // RFC 3323 §4.1.
        None => "sip:anonymous@anonymous.invalid".to_owned(),
    }
}
