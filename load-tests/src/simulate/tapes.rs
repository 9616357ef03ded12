//! Recordings: what the journal says of those of one interaction, and the files, which outlive the daemon.

use std::collections::BTreeSet;

use hub::{
    Event, Fact, Input,
    event::{InCall, Recorded},
    house::Told,
    recording::{Kept, Outcome},
};
use ws::{
    id::{LegId, RecordingId, Timestamp, TrunkId},
    timeline::Author,
};

use crate::{agenda::Due, world::World};

/// The recordings of an interaction, as the journal tells them.
#[derive(Debug, Default)]
pub struct Tapes {
    count: u16,
    running: Option<u16>,
    /// Since when nothing is to be heard.
    paused: Option<Timestamp>,
    /// Whether somebody paused it, or one before it in the same call, and nobody resumed or ended it since.
    rests: bool,
    /// Whether it is a message that a caller leaves.
    message: bool,
    stopped: bool,
    refused: bool,
    /// Whether a file of it is not told to be whole, or lost.
    file: bool,
    /// Whether a recorder outside is called, and whether it has it.
    sent: bool,
    taken: Option<TrunkId>,
    /// Whether it was told that one took it, or why none did.
    told: bool,
    /// The legs whose parties hear nothing.
    deaf: BTreeSet<LegId>,
}

impl Tapes {
    /// Tells whether none is being made, or finished.
    pub fn is_over(&self) -> bool {
        self.running.is_none()
    }

    /// Returns since when a recording is paused, if it is.
    pub fn rests(&self, n: u16) -> Option<Timestamp> {
        self.paused.filter(|_| self.running == Some(n))
    }

    /// Tells whether a recorder has a recording.
    pub fn is_at(&self, n: u16, recorder: &TrunkId) -> bool {
        self.running == Some(n) && self.taken.as_ref() == Some(recorder)
    }

    /// Tells whether nothing is to be heard in a recording that goes on, a message aside.
    pub fn must_rest(&self, n: u16) -> Option<bool> {
        let on = self.running == Some(n) && !self.stopped && !self.message;
        on.then_some(self.rests)
    }

    /// Takes in what happened.
    #[allow(clippy::too_many_lines, reason = "one arm a kind of step")]
    pub fn handle_fact(&mut self, fact: &Fact) {
        if let Event::CallEnded { .. } | Event::EscalationFailed { .. } = &fact.event {
            self.rests = false;
        }
        if let Event::InCall(InCall::Hears { leg, on }) = &fact.event {
            let news = match on {
                true => self.deaf.remove(leg),
                false => self.deaf.insert(*leg),
            };
            assert!(news, "what is no news is no fact: {fact:?}");
        }
        let Event::Recording(step) = &fact.event else {
            return;
        };
        match step {
            Recorded::Announced { .. } => self.check_allowed(fact),
            Recorded::Refused { .. } => {
                let twice = std::mem::replace(&mut self.refused, true);
                assert!(!twice, "it is refused once: {fact:?}");
            }
            Recorded::Wished { .. } => {}
            Recorded::Started { n, leg, to, by } => {
                self.check_allowed(fact);
                let hears = *by == Author::Customer || !self.deaf.contains(leg);
                assert!(hears, "who hears nothing was told nothing: {fact:?}");
                assert_eq!(*n, self.count + 1, "recordings are counted: {fact:?}");
                (self.count, self.running) = (*n, Some(*n));
                (self.paused, self.stopped) = (None, false);
                (self.file, self.sent) = (to.has_file(), to.has_recorder());
                (self.told, self.message) = (false, *by == Author::Customer);
            }
            Recorded::Paused { n, .. } | Recorded::Resumed { n, .. } => {
                let on = matches!(step, Recorded::Paused { .. });
                let ahead = *n == self.count + 1;
                let goes_on = ahead || self.running == Some(*n) && !self.stopped;
                let is_on = match ahead {
                    true => self.rests,
                    false => self.paused.is_some(),
                };
                assert!(goes_on && is_on != on, "it is not so: {fact:?}");
                self.paused = (on && !ahead).then_some(fact.at);
                self.rests = on;
            }
            Recorded::Stopped { n, asked, .. } => {
                let goes_on = self.running == Some(*n) && !self.stopped;
                assert!(goes_on, "a recording is stopped once: {fact:?}");
                self.stopped = true;
                self.rests &= !asked;
            }
            Recorded::MessageLeft { n, .. } => {
                let whole = *n <= self.count && self.running != Some(*n);
                assert!(whole, "a message is left once it is whole: {fact:?}");
            }
            Recorded::Kept { n, .. } | Recorded::Failed { n, .. } => {
                let kept = matches!(step, Recorded::Kept { .. });
                let goes_on = self.sent && !kept;
                let ended = self.running == Some(*n) && (self.stopped || goes_on);
                assert!(ended, "a file ends after its recording stopped: {fact:?}");
                let file = std::mem::replace(&mut self.file, false);
                assert!(file, "a file ends once: {fact:?}");
                let may = !kept || !self.refused;
                assert!(may, "what the customer refused is not kept: {fact:?}");
            }
            Recorded::RecorderOpened { .. }
            | Recorded::RecorderFailed { .. }
            | Recorded::RecorderRests { .. }
            | Recorded::RecorderClosed { .. } => self.handle_recorder(fact, step),
        }
        if self.stopped && !self.file && self.taken.is_none() {
            self.running = None;
            let missed = self.sent && !self.told && !self.refused;
            assert!(!missed, "what no recorder took says why: {fact:?}");
        }
    }

    fn handle_recorder(&mut self, fact: &Fact, step: &Recorded) {
        match step {
            Recorded::RecorderOpened { n, recorder } => {
                let may = self.running == Some(*n) && self.sent && self.taken.is_none();
                assert!(may, "one recorder at a time has it: {fact:?}");
                (self.taken, self.told) = (Some(recorder.clone()), true);
            }
            Recorded::RecorderFailed { n, reason } => {
                let may =
                    self.running == Some(*n) && self.sent && self.taken.is_none() && !self.stopped;
                assert!(may, "no recorder was asked: {fact:?}");
                self.told |= !reason.is_empty();
            }
            Recorded::RecorderClosed { n, recorder, .. } => {
                let had = self.running == Some(*n) && self.taken.take().as_ref() == Some(recorder);
                assert!(had, "no recorder had it: {fact:?}");
            }
            _ => {}
        }
    }

    fn check_allowed(&self, fact: &Fact) {
        let may = self.running.is_none() && !self.refused;
        assert!(may, "one at a time, and none that was refused: {fact:?}");
    }
}

impl World {
    /// The end of a recording reaches its file, which is finished soon, late or never.
    pub fn finish_tape(&mut self, birth: u64, name: &str, keep: bool) {
        let recording: RecordingId = name.parse().expect("recordings are named by the house");
        let outcome = match keep && self.dice.chance(85) {
            true => kept(recording, false),
            false => lost(),
        };
        let after = match self.dice.below(20) {
            0 => return,
            1 => 70_000,
            _ => self.dice.below(5_000) as u64,
        };
        let ended = Box::new((recording, outcome));
        self.plan(after, Due::Taped { birth, ended });
    }

    /// The daemon hears what became of a recording.
    pub fn taped(&mut self, birth: u64, (recording, outcome): (RecordingId, Outcome)) {
        if let Some(daemon) = self.daemon.as_mut().filter(|one| one.birth == birth) {
            let ended = Input::RecordingEnded { recording, outcome };
            daemon.house.tell(Told::Input(Box::new(ended)));
            self.work();
        }
    }

    /// The daemon finds at its start what the last life left.
    pub fn rescue_tapes(&mut self) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        let running = daemon.house.hub.state().interactions().filter_map(|found| {
            let n = found.recordings.running.as_ref()?.n;
            let interaction = found.id;
            Some(RecordingId { interaction, n })
        });
        let mut running: Vec<RecordingId> = running.collect();
        running.sort_unstable();
        for recording in running {
            let outcome = match self.dice.chance(80) {
                true => kept(recording, true),
                false => lost(),
            };
            let ended = Input::RecordingEnded { recording, outcome };
            daemon.house.tell(Told::Input(Box::new(ended)));
        }
    }
}

fn kept(recording: RecordingId, cut: bool) -> Outcome {
    Outcome::Kept(Kept {
        file: format!("{recording}.ogg"),
        ms: 1_000,
        bytes: 8_000,
        lost_ms: 0,
        cut,
        sha512: "0".repeat(128),
    })
}

fn lost() -> Outcome {
    Outcome::Lost {
        reason: "nothing of it is left".to_owned(),
    }
}
