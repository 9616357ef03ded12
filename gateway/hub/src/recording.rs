//! Recordings of calls: when one begins, what the customer is told before, and how it ends. A recording is of the call and
//! not of its agent, so it goes on through hold, transfer and conference. What is kept of it is another's: the hub is told.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use ws::{
    frame::{Code, Refusal},
    id::{InteractionId, LegId, RecordingId, Timestamp},
    recording::{Record, Recording, RecordingState},
    timeline::Author,
};

use crate::{
    command::{Command, Listen, Program},
    event::{Event, Recorded},
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::Interaction,
    recorder::{Destination, RecorderSetup, Sending},
};
pub use outcome::{Kept, Outcome};
pub use wish::{Preference, Wished};

mod announcement;
mod outcome;
mod wish;

/// The key by which a customer refuses.
const REFUSES: char = '0';
/// How long after the announcement the key still does.
const SECOND_THOUGHT: Duration = Duration::from_secs(10);
/// An announcement that is not told to be over this long after its own length is made again.
const ANNOUNCEMENT: Duration = Duration::from_secs(60);
/// A file that is not told to be whole this long after its end is taken to be lost. A disk that stands still for minutes takes
/// none away.
const FINISH: Duration = Duration::from_secs(600);
/// A recorder outside that does not say this long after the end that it has ended is waited for no more.
const CLOSE: Duration = Duration::from_secs(60);

/// Whether the calls of a queue are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingRule {
    /// They are not, whoever asks.
    #[default]
    Off,
    /// When somebody asks for it.
    Demand,
    /// Each, as soon as customer and agent are connected.
    Always,
}

/// What customers are told of recordings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingSetup {
    /// What they hear before one begins, announcements by name; nothing where it is empty.
    pub announcement: Vec<Arc<str>>,
    /// Whether pressing 0 then, or shortly after, keeps the call from being recorded.
    pub refusal: bool,
    /// The recorders outside, where there are any.
    pub recorder: Option<Arc<RecorderSetup>>,
}

/// The recordings of an interaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recordings {
    /// How many there are and were.
    pub count: u16,
    /// Those whose files are whole.
    pub kept: Vec<Recording>,
    /// The one that is being made.
    pub running: Option<Running>,
    /// The announcement before one.
    pub announced: Option<Announced>,
    /// Whether the customer wants none.
    pub refused: bool,
    /// Who wants the call recorded, while somebody does.
    pub wanted: Option<Author>,
    /// The customer's leg of a call whose recording somebody ended, or which cannot be recorded.
    pub declined: Option<LegId>,
    /// The customer's leg on which the announcement was heard. Who takes that leg's place may be somebody else, and hears it.
    pub told: Option<LegId>,
    /// Who paused it, until it is resumed: where another leg takes the customer's place, the next recording is paused too.
    pub rests: Option<Author>,
    /// What legs would like.
    pub wishes: BTreeMap<LegId, Wished>,
}

/// A recording that is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its number.
    pub n: u16,
    /// The customer's leg.
    pub leg: LegId,
    /// Whether silence takes the place of what is said.
    pub paused: bool,
    /// When it began.
    pub since: Timestamp,
    /// When it ended; its file is being finished since.
    pub stopped: Option<Timestamp>,
    /// Whether a file of it is made, or being finished.
    pub file: bool,
    /// How it stands with the recorder outside that it is sent to.
    pub recorder: Option<Sending>,
}

impl Running {
    // Whether nothing of the customer is recorded, as the recorder outside that alone has it wants that.
    fn rests(&self) -> bool {
        !self.file && self.recorder.as_ref().is_some_and(|it| it.rests)
    }

    /// Tells whether nothing of it is awaited any more.
    pub fn is_over(&self) -> bool {
        let sent = self.recorder.as_ref().is_some_and(|it| it.to.is_some());
        let lost = !self.file && self.recorder.is_none();
        (self.stopped.is_some() || lost) && !self.file && !sent
    }
}

/// An announcement that a customer hears.
#[derive(Clone, Debug, PartialEq)]
pub struct Announced {
    /// The customer's leg.
    pub leg: LegId,
    /// Who wants the recording.
    pub by: Author,
}

impl Recordings {
    /// Tells whether one is about to begin: its announcement is heard, or the file of the one before is being finished.
    fn begins_soon(&self) -> bool {
        let finishing = self.running.as_ref().is_some_and(|it| it.stopped.is_some());
        self.announced.is_some() || finishing && self.wanted.is_some()
    }

    /// Returns how it stands, as agents are shown it.
    pub fn shown(&self) -> Option<RecordingState> {
        let running = self.running.as_ref();
        match running.filter(|running| running.stopped.is_none()) {
            _ if self.refused => Some(RecordingState::Refused),
            Some(running) if running.paused || running.rests() => Some(RecordingState::Paused),
            Some(_) => Some(RecordingState::Running),
            None => {
                let announced = self.announced.is_some();
                announced.then_some(RecordingState::Announced)
            }
        }
    }
}

impl Hub {
    /// Does what is asked about the recording of a call.
    pub(crate) fn record(
        &mut self,
        id: InteractionId,
        by: &Actor,
        act: Record,
    ) -> Result<Done, Refusal> {
        let author = self.author(by);
        let found = match by {
            Actor::Visitor(_) | Actor::Customer(_) => {
                return refuse(Code::Forbidden, "only the agent of a call may do this");
            }
            // The call need not be the supervisor's.
            Actor::Agent(agent) if self.is_supervisor(agent) => self.scoped(id, &Actor::TANDEM)?,
            Actor::Agent(_) | Actor::House(_) => self.scoped(id, by)?,
        };
        let running = found.recordings.running.clone();
        let running = running.filter(|running| running.stopped.is_none());
        let ahead = found.recordings.begins_soon();
        let running = match running {
            Some(running) => Ok(running),
            None => refuse(Code::Conflict, "this call is not being recorded"),
        };
        match act {
            Record::Start => {
                self.may_record(found)?;
                self.begin_recording(id, author);
            }
            Record::Refuse => self.refuse_recording(id, author),
            Record::Pause if ahead => self.pause_ahead(id, author, true),
            Record::Pause => self.pause_recording(id, &running?, author, true),
            Record::Resume => {
                let wish = self.customers_wish(found);
                if wish == Some(Preference::Pause) {
                    return refuse(
                        Code::Conflict,
                        "the customer wants the recording to be paused",
                    );
                }
                match ahead {
                    true => self.pause_ahead(id, author, false),
                    false => self.pause_recording(id, &running?, author, false),
                }
            }
            Record::Stop => self.stop_recording(id, &running?, author, true),
        }
        Ok(Done::Ok)
    }

    fn may_record(&self, found: &Interaction) -> Result<(), Refusal> {
        let no = |text: &str| refuse(Code::Conflict, text);
        let tapes = &found.recordings;
        if self.recording_rule(found) == RecordingRule::Off {
            return no("calls of this queue are not recorded");
        }
        if self.is_unwanted(found) {
            return no("the customer does not want to be recorded");
        }
        if tapes.running.is_some() {
            return no("this call is recorded already, or its recording is being finished");
        }
        if !talks(found) {
            return no("customer and agent do not hear each other");
        }
        Ok(())
    }

    fn recording_rule(&self, found: &Interaction) -> RecordingRule {
        let queue = self.setup.queues.get(&found.queue);
        queue.map_or(RecordingRule::Off, |queue| queue.recording)
    }

    // Announced first, unless the customer heard it in this call.
    fn begin_recording(&mut self, id: InteractionId, by: Author) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(leg) = found.call.as_ref().map(|call| call.customer) else {
            return;
        };
        let tapes = &found.recordings;
        if tapes.announced.is_some() {
            return;
        }
        if self.setup.recording.announcement.is_empty() || tapes.told == Some(leg) {
            return self.roll(id, leg, by, None);
        }
        self.asides.entry(id).or_default().notice = None;
        let step = Recorded::Announced { leg, by };
        self.tell(Some(id), Event::Recording(step));
    }

    /// Begins a recording.
    pub(crate) fn roll(
        &mut self,
        id: InteractionId,
        leg: LegId,
        by: Author,
        listen: Option<Listen>,
    ) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(n) = found.recordings.count.checked_add(1) else {
            return;
        };
        // A message that a caller leaves is to be heard here.
        let to = match listen {
            Some(_) => Destination::File,
            None => self.recorded_to(found),
        };
        let rests = found.recordings.rests.clone();
        let step = Recorded::Started { n, leg, by, to };
        self.tell(Some(id), Event::Recording(step));
        let interaction = id;
        let recording = RecordingId { interaction, n };
        if to.has_file() {
            self.ask(Command::Record {
                leg,
                recording,
                listen,
            });
        }
        if to.has_recorder() {
            self.call_recorder(recording, leg);
        }
        let found = self.state.interaction(id);
        let running = found.and_then(|found| found.recordings.running.clone());
        if let (None, Some(running), Some(by)) = (listen, running, rests) {
            self.pause_recording(id, &running, by, true);
        }
        self.begin_as_wished(leg);
    }

    fn pause_recording(&mut self, id: InteractionId, running: &Running, by: Author, on: bool) {
        if running.paused == on {
            return;
        }
        let n = running.n;
        let step = match on {
            true => Recorded::Paused { n, by },
            false => Recorded::Resumed { n, by },
        };
        self.tell(Some(id), Event::Recording(step));
        let leg = running.leg;
        self.ask(Command::PauseRecording { leg, on });
    }

    // The recording that is about to begin does so paused, or not.
    fn pause_ahead(&mut self, id: InteractionId, by: Author, on: bool) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let tapes = &found.recordings;
        let n = tapes.count.saturating_add(1);
        match (on, tapes.rests.is_some()) {
            (true, false) => {
                let step = Recorded::Paused { n, by };
                self.tell(Some(id), Event::Recording(step));
            }
            (false, true) => {
                let step = Recorded::Resumed { n, by };
                self.tell(Some(id), Event::Recording(step));
            }
            (true, true) | (false, false) => {}
        }
    }

    fn stop_recording(&mut self, id: InteractionId, running: &Running, by: Author, asked: bool) {
        let (n, leg) = (running.n, running.leg);
        let keep = self
            .state
            .interaction(id)
            .is_some_and(|found| !found.recordings.refused);
        let untold = running.recorder.as_ref().is_some_and(Sending::is_untold);
        if untold && keep {
            let reason = "it was over before a recorder took it".to_owned();
            let step = Recorded::RecorderFailed { n, reason };
            self.tell(Some(id), Event::Recording(step));
        }
        let step = Recorded::Stopped { n, by, asked };
        self.tell(Some(id), Event::Recording(step));
        self.ask(Command::StopRecording { leg, keep });
    }

    // What was recorded already is not kept.
    fn refuse_recording(&mut self, id: InteractionId, by: Author) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        if found.recordings.refused {
            return;
        }
        let announced = found.recordings.announced.as_ref().map(|it| it.leg);
        let running = found.recordings.running.clone();
        let step = Recorded::Refused { by: by.clone() };
        self.tell(Some(id), Event::Recording(step));
        if let Some(running) = running.filter(|running| running.stopped.is_none()) {
            self.stop_recording(id, &running, by, true);
        }
        if let Some(leg) = announced {
            self.ask(Command::Notice {
                leg,
                say: Vec::new(),
            });
        }
    }

    /// Lets the recording of a call begin, or end, as the call does.
    pub(crate) fn settle_recording(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let tapes = &found.recordings;
        let customer = found.call.as_ref().map(|call| call.customer);
        if let Some(running) = tapes.running.clone() {
            let over = running.stopped.is_none() && customer != Some(running.leg);
            if over {
                self.stop_recording(id, &running, Author::System, false);
            }
            return over;
        }
        if let Some(announced) = &tapes.announced {
            let leg = announced.leg;
            let talks = talks(found) && customer == Some(leg);
            self.announce(id, leg, talks);
            return false;
        }
        let Some(customer) = customer.filter(|_| talks(found) && !tapes.refused) else {
            return false;
        };
        let always = self.recording_rule(found) == RecordingRule::Always;
        let by = match &tapes.wanted {
            Some(by) => by.clone(),
            None if always && tapes.declined != Some(customer) => Author::System,
            None => return false,
        };
        if self.is_unwanted(found) {
            self.refuse_recording(id, Author::Customer);
        } else {
            self.begin_recording(id, by);
        }
        true
    }

    /// Takes a key; tells whether it refused the recording.
    pub(crate) fn recording_key(&mut self, leg: LegId, digit: char) -> bool {
        if digit != REFUSES || !self.setup.recording.refusal {
            return false;
        }
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let tapes = &found.recordings;
        let announced = tapes.announced.as_ref().is_some_and(|it| it.leg == leg);
        let running = tapes.running.as_ref().filter(|running| {
            let fresh = self.now < running.since + SECOND_THOUGHT;
            fresh && running.leg == leg && running.stopped.is_none()
        });
        let refuses = announced || running.is_some() && tapes.told == Some(leg);
        if refuses {
            self.refuse_recording(id, Author::Customer);
        }
        refuses
    }

    /// Returns when something is due about recordings.
    pub(crate) fn recording_due(&self, found: &Interaction) -> Option<Timestamp> {
        let finished = finishes(found);
        let announced = found.recordings.announced.as_ref();
        let aside = self.asides.get(&found.id).filter(|_| announced.is_some());
        let says = Program::Say(self.setup.recording.announcement.clone());
        let own = self.setup.own_length(&says);
        let heard = aside.and_then(|aside| Some(aside.notice? + ANNOUNCEMENT + own));
        let recorder = self.recorder_due(found);
        [finished, heard, recorder].into_iter().flatten().min()
    }

    /// Does what is due about recordings.
    pub(crate) fn recording_over(&mut self, id: InteractionId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        match &found.recordings.running {
            Some(running) if running.stopped.is_some() => {
                let interaction = id;
                let n = running.n;
                let reason = "its file was never finished".to_owned();
                self.recording_ended(RecordingId { interaction, n }, Outcome::Lost { reason });
                self.recorder_cut(id, "its end was never told");
            }
            Some(_) => self.recorder_again(id),
            None => self.asides.entry(id).or_default().notice = None,
        }
    }
}

/// Returns until when the end of a recording that was stopped is waited for.
pub(crate) fn finishes(found: &Interaction) -> Option<Timestamp> {
    let running = found.recordings.running.as_ref()?;
    let patience = if running.file { FINISH } else { CLOSE };
    Some(running.stopped? + patience)
}

// Whether customer and agent hear each other now.
fn talks(found: &Interaction) -> bool {
    let hears = |leg| found.leg(leg).is_some_and(|leg| leg.hears);
    found.call.as_ref().is_some_and(|call| {
        let apart = call.bridged.is_none() || call.held || call.consult.is_some();
        !apart && hears(call.customer) && call.agent.is_some_and(hears)
    })
}
