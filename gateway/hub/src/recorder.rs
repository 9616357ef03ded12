//! Recorders outside (SIPREC): which recordings are sent to one, what follows when none takes them, and when they are asked
//! again. Which of them is asked first, and how a call to one goes, is the telephone edge's.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use ws::id::{InteractionId, LegId, QueueId, RecordingId, Timestamp, TrunkId};

use crate::{
    command::Command,
    event::{Event, Recorded},
    hub::Hub,
    input::CauseKind,
    interaction::Interaction,
    recording::Running,
    settle::cause,
    sweep::Act,
};

/// How soon they are asked again, doubling up to the longest.
const AGAIN: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);
/// One that leaves a call earlier than that has not taken it.
const TAKEN: Duration = Duration::from_secs(60);
/// How often in a row they may leave a call that must be recorded.
const MOST: u16 = 3;

/// The recorders outside, and what is sent to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderSetup {
    /// The trunks that they are behind, the first that takes a call is used.
    pub servers: Vec<TrunkId>,
    /// The user part that they are called by.
    pub user: String,
    /// The domain of the names that they are told.
    pub domain: String,
    /// Whose recordings are sent to them; those of all queues where it is empty.
    pub queues: BTreeSet<QueueId>,
    /// Whether files are made beside.
    pub files: bool,
    /// Whether a call ends that none of them takes.
    pub required: bool,
    /// How long one may take to answer.
    pub answer: Duration,
}

/// Where a recording goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Into a file.
    #[default]
    File,
    /// To a recorder outside.
    Recorder,
    /// To both.
    Both,
}

impl Destination {
    /// Tells whether it is the usual one.
    pub fn is_file_alone(&self) -> bool {
        *self == Self::File
    }

    /// Tells whether there is a file.
    pub fn has_file(self) -> bool {
        matches!(self, Self::File | Self::Both)
    }

    /// Tells whether a recorder is called.
    pub fn has_recorder(self) -> bool {
        matches!(self, Self::Recorder | Self::Both)
    }
}

/// How it stands with the recorder of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Which one has it.
    pub to: Option<TrunkId>,
    /// Since when it is so.
    pub since: Timestamp,
    /// How often none took it, or one left it early, in a row.
    pub failures: u16,
    /// Whether the one that has it lets the customer's stream rest.
    pub rests: bool,
}

impl Sending {
    /// Begins with none.
    pub fn new(since: Timestamp) -> Self {
        Self {
            to: None,
            since,
            failures: 0,
            rests: false,
        }
    }

    /// Takes that one has it.
    pub fn opened(&mut self, to: TrunkId, at: Timestamp) {
        (self.to, self.since) = (Some(to), at);
    }

    /// Takes that none took it.
    pub fn failed(&mut self, at: Timestamp) {
        (self.to, self.since, self.rests) = (None, at, false);
        self.failures = self.failures.saturating_add(1);
    }

    /// Takes that the one that had it has it no more.
    pub fn closed(&mut self, at: Timestamp) {
        if at.since(self.since) >= TAKEN {
            self.failures = 0;
        }
        self.failed(at);
    }

    /// Tells whether nothing was told yet: none has it, and none did not take it.
    pub fn is_untold(&self) -> bool {
        self.to.is_none() && self.failures == 0
    }

    // When they are asked again.
    fn again(&self) -> Option<Timestamp> {
        let tries = u32::from(self.failures).checked_sub(1)?;
        let pause = AGAIN.saturating_mul(1 << tries.min(16)).min(LONGEST);
        self.to.is_none().then(|| self.since + pause)
    }
}

/// What a recorder, or all of them, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecorderNews {
    /// One has it; [`Self::Closed`] follows.
    Opened {
        /// Which.
        recorder: TrunkId,
    },
    /// None takes it.
    Failed {
        /// Why.
        reason: String,
    },
    /// The one that has it lets the customer's stream rest (RFC 7866 §7.2), or takes it again.
    Rests {
        /// Whether it rests.
        on: bool,
    },
    /// The one that had it has it no more.
    Closed {
        /// Why.
        reason: String,
    },
}

impl Hub {
    /// Where a recording of an interaction goes.
    pub(crate) fn recorded_to(&self, found: &Interaction) -> Destination {
        match self.setup.recording.recorder.as_deref() {
            Some(with) if with.queues.is_empty() || with.queues.contains(&found.queue) => {
                if with.files {
                    Destination::Both
                } else {
                    Destination::Recorder
                }
            }
            Some(_) | None => Destination::File,
        }
    }

    /// Asks the recorders to take a recording.
    pub(crate) fn call_recorder(&mut self, recording: RecordingId, leg: LegId) {
        let Some(with) = self.setup.recording.recorder.clone() else {
            return;
        };
        // A pause outlives the recorder that knew of it.
        let found = self.state.interaction(recording.interaction);
        let running = found.and_then(|found| found.recordings.running.as_ref());
        let paused = running.is_some_and(|running| running.paused);
        let aside = self.asides.entry(recording.interaction).or_default();
        aside.recorder_asked = Some(recording.n);
        self.ask(Command::CallRecorder {
            leg,
            recording,
            with,
            paused,
        });
    }

    /// Takes what a recorder did.
    pub(crate) fn recorder_news(&mut self, recording: RecordingId, news: RecorderNews) {
        let (id, n) = (recording.interaction, recording.n);
        let found = self.state.interaction(id);
        let running = found.and_then(|found| found.recordings.running.clone());
        // One that is over already.
        let Some((running, sending)) = running
            .filter(|running| running.n == n)
            .and_then(|running| Some((running.clone(), running.recorder?)))
        else {
            return;
        };
        let step = match (news, sending.to) {
            (RecorderNews::Opened { recorder }, None) => Recorded::RecorderOpened { n, recorder },
            (RecorderNews::Failed { reason }, None) if running.stopped.is_none() => {
                Recorded::RecorderFailed { n, reason }
            }
            (RecorderNews::Rests { on }, Some(recorder)) if sending.rests != on => {
                Recorded::RecorderRests { n, recorder, on }
            }
            (RecorderNews::Closed { reason }, Some(recorder)) => Recorded::RecorderClosed {
                n,
                recorder,
                reason,
            },
            // It was told already, or nobody waits for it any more.
            (
                RecorderNews::Opened { .. }
                | RecorderNews::Failed { .. }
                | RecorderNews::Rests { .. }
                | RecorderNews::Closed { .. },
                _,
            ) => return,
        };
        let closed = matches!(step, Recorded::RecorderClosed { .. });
        let left = closed || matches!(step, Recorded::RecorderFailed { .. });
        self.asides.entry(id).or_default().recorder_asked = None;
        self.tell(Some(id), Event::Recording(step));
        if running.stopped.is_none() && left {
            self.recorder_missed(recording, running.leg, closed);
        }
    }

    // Where a call must be recorded it ends, unless one that left it may be replaced by another at once.
    fn recorder_missed(&mut self, recording: RecordingId, leg: LegId, closed: bool) {
        let setup = self.setup.recording.recorder.as_deref();
        if !setup.is_some_and(|with| with.required) {
            return;
        }
        let id = recording.interaction;
        let failures = self.sending(id).map_or(0, |sending| sending.failures);
        if closed && failures <= MOST {
            return self.call_recorder(recording, leg);
        }
        let text = "no recorder took it, and calls of this queue must be recorded";
        self.release_call(id, &cause(CauseKind::Fault, text));
    }

    fn sending(&self, id: InteractionId) -> Option<&Sending> {
        let running = self.state.interaction(id)?.recordings.running.as_ref()?;
        running.recorder.as_ref()
    }

    /// Returns when the recorders are asked again.
    pub(crate) fn recorder_due(&self, found: &Interaction) -> Option<Timestamp> {
        let running = found.recordings.running.as_ref()?;
        let asked = self.asides.get(&found.id).and_then(|it| it.recorder_asked);
        if running.stopped.is_some() || asked == Some(running.n) {
            return None;
        }
        self.setup.recording.recorder.as_ref()?;
        running.recorder.as_ref()?.again()
    }

    /// Asks the recorders again, where that is due.
    pub(crate) fn recorder_again(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        // As it was moved with the steps of the clock, or the same deadline would come again and again.
        let moved = self.asides.get(&id).map(|aside| &aside.moved);
        let due = self.recorder_due(found);
        let due = due.map(|due| moved.map_or(due, |moved| moved.due(Act::Recording, due)));
        if due.is_none_or(|due| due > self.now) {
            return;
        }
        if let Some(Running { n, leg, .. }) = found.recordings.running {
            let interaction = id;
            self.call_recorder(RecordingId { interaction, n }, leg);
        }
    }

    /// Takes that nothing more will be heard of a recorder's call.
    pub(crate) fn recorder_cut(&mut self, id: InteractionId, reason: &str) {
        let Some(running) = self
            .state
            .interaction(id)
            .and_then(|found| found.recordings.running.as_ref())
        else {
            return;
        };
        let to = running.recorder.as_ref().and_then(|it| it.to.clone());
        if let Some(recorder) = to {
            let (n, reason) = (running.n, reason.to_owned());
            let step = Recorded::RecorderClosed {
                n,
                recorder,
                reason,
            };
            self.tell(Some(id), Event::Recording(step));
        }
    }
}
