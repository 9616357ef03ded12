//! What happens next, in order of time and, at one time, in the order it was planned.

use std::{collections::BTreeMap, net::SocketAddr};

use bytes::Bytes;
use hub::recording;
use sip::{
    endpoint::CallKey,
    media::{LegKey, MediaEvent},
};
use ws::id::RecordingId;

use crate::{
    hooks,
    recorders::Deed,
    spool::{Changes, Outcome},
};

/// Milliseconds since the world began.
pub type Time = u64;

/// One thing that happens.
#[derive(Debug)]
pub enum Due {
    /// A datagram arrives.
    Packet {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Bytes,
    },
    /// A frame arrives at the server.
    Up { socket: u64, text: String },
    /// The server notices that a socket is gone.
    Lost { socket: u64 },
    /// A frame arrives at a client.
    Down { socket: u64, text: String },
    /// A client notices that its socket is gone.
    Cut { socket: u64 },
    /// A client opens a socket.
    Connect { client: usize },
    /// A person at a browser does something.
    Moves { client: usize },
    /// Anybody or anything does something.
    Act,
    /// The disk has finished.
    Written { birth: u64 },
    /// The media plane reports.
    Media { birth: u64, event: MediaEvent },
    /// The media plane listens whether something comes from a leg.
    Listen { birth: u64, leg: LegKey },
    /// Somebody's timer.
    Wake(Who),
    /// The daemon starts again.
    Birth,
    /// A far party picks up.
    Answers { far: usize, call: CallKey },
    /// A far party hangs up.
    HangsUp { far: usize, call: CallKey },
    /// A far party puts a call on hold, or takes it back.
    Holds { far: usize, call: CallKey, on: bool },
    /// A far party gives a call away.
    Refers { far: usize, call: CallKey },
    /// A call takes the place of one at a far party.
    Replaces { far: usize, call: CallKey },
    /// An agent's phone calls a colleague.
    Asks { far: usize },
    /// The store takes out what is erased.
    Scrub,
    /// The daemon looks for mails.
    Round { birth: u64 },
    /// What the daemon did about mails is durable.
    PutDown { birth: u64, changes: Box<Changes> },
    /// Something happens on the way of a webhook.
    Hook { birth: u64, deed: Box<hooks::Deed> },
    /// The daemon, in which life, hears of which mail what came of it, and what follows.
    Mailed(u64, i64, &'static str, Outcome),
    /// The daemon hears what became of a recording.
    Taped {
        birth: u64,
        ended: Box<(RecordingId, recording::Outcome)>,
    },
    /// A recorder does something about a call, named by its Call-ID.
    Recorder { at: usize, call: String, deed: Deed },
    /// A phone registers, or does so again.
    Registers { far: usize, round: u64 },
}

/// Whose timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Daemon(u64),
    Far(usize),
    Client(usize),
}

/// What is planned.
#[derive(Debug, Default)]
pub struct Agenda {
    plan: BTreeMap<(Time, u64), Due>,
    wakes: BTreeMap<Who, Time>,
    next: u64,
    late: u64,
}

/// What is put off comes before everything else of its time.
const AFTER_LATE: u64 = 1 << 63;

impl Agenda {
    /// Plans something.
    pub fn plan(&mut self, at: Time, due: Due) {
        self.next += 1;
        self.plan.insert((at, AFTER_LATE + self.next), due);
    }

    /// Puts something off that was due before, in the order in which things were.
    pub fn put_off(&mut self, at: Time, due: Due) {
        self.late += 1;
        self.plan.insert((at, self.late), due);
    }

    /// Sees to it that somebody is woken in time.
    pub fn wake(&mut self, who: Who, due: Option<Time>, now: Time) {
        let Some(due) = due.map(|due| due.max(now)) else {
            return;
        };
        if self.wakes.get(&who).is_some_and(|planned| *planned <= due) {
            return;
        }
        self.wakes.insert(who, due);
        self.plan(due, Due::Wake(who));
    }

    /// Takes what is next, not after `end`.
    pub fn pop(&mut self, end: Time) -> Option<(Time, Due)> {
        let entry = self.plan.first_entry().filter(|e| e.key().0 <= end)?;
        let ((at, _), due) = entry.remove_entry();
        if let Due::Wake(who) = &due
            && self.wakes.get(who) == Some(&at)
        {
            self.wakes.remove(who);
        }
        Some((at, due))
    }
}
