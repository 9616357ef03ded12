//! Messages that callers leave where nobody can be there for them: what they hear, when a message is over, and whether it is
//! one. A message that was left waits in its queue and takes a chat slot of whoever hears it; nothing can be written in it.

use std::{sync::Arc, time::Duration};

use ws::{
    id::{InteractionId, LegId, QueueId, RecordingId, Timestamp},
    recording::Voicemail as Shown,
    timeline::Author,
};

use crate::{
    command::{Command, Listen, Program},
    event::{Event, Recorded},
    hub::Hub,
    input::CauseKind,
    interaction::{Call, Interaction},
    leg::Leg,
    recording::Kept,
    settle::cause,
};

/// The name by which the tone before a message can be replaced.
pub const BEEP: &str = "beep";
/// The key that ends a message.
const ENDS: char = '#';
/// A greeting that is not told to be over is taken to be after this, and what it takes itself.
const GREETING: Duration = Duration::from_secs(60);

/// How messages are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoicemailSetup {
    /// What callers hear before the tone, announcements by name, where their queue has none of its own.
    pub greeting: Vec<Arc<str>>,
    /// How long a message is at most.
    pub longest: Duration,
    /// After how much silence it is over.
    pub silence: Duration,
    /// How much must be heard of the caller, for it to be one.
    pub least: Duration,
    /// How long it, or one that was written, waits for somebody; longer where its queue was not open for as long as an interaction
    /// may live.
    pub waits: Duration,
}

impl Default for VoicemailSetup {
    fn default() -> Self {
        Self {
            greeting: Vec::new(),
            longest: Duration::from_secs(180),
            silence: Duration::from_secs(5),
            least: Duration::from_secs(1),
            waits: Duration::from_secs(30 * 86_400),
        }
    }
}

/// A message that a caller leaves, or left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voicemail {
    /// The caller's leg.
    pub leg: LegId,
    /// The number of its recording, once that began.
    pub tape: Option<u16>,
    /// The same of one that was said before, in a call whose recording is not finished yet.
    pub before: Option<u16>,
    /// When it was left, and how long it is in milliseconds; none while the caller speaks, or where they said nothing.
    pub left: Option<(Timestamp, u64)>,
}

/// How it stands with a message that is being left, beside the facts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening {
    /// Since when its caller hears the greeting.
    since: Timestamp,
    /// Whether enough was heard of them.
    spoke: bool,
}

impl Voicemail {
    /// Begins with nothing said, after what was said before.
    pub(crate) fn of(leg: LegId, before: Option<Self>) -> Self {
        let before = before.filter(|one| one.left.is_none());
        Self {
            leg,
            tape: None,
            before: before.and_then(|one| one.tapes().next()),
            left: None,
        }
    }

    /// Tells whether nothing was said.
    pub(crate) fn is_empty(&self) -> bool {
        self.tapes().next().is_none()
    }

    // Its recordings, the last first.
    fn tapes(&self) -> impl Iterator<Item = u16> + use<> {
        self.tape.into_iter().chain(self.before)
    }
}

impl Interaction {
    /// Tells whether its caller leaves a message now.
    pub fn leaves_voicemail(&self) -> bool {
        let leg = self.call.as_ref().map(|call| call.customer);
        let leaving = |one: &&Voicemail| one.left.is_none() && leg == Some(one.leg);
        self.voicemail.as_ref().is_some_and(|one| leaving(&one))
    }

    /// Tells whether a message was left in it, which waits or is with an agent, in place of a chat.
    pub fn is_voicemail(&self) -> bool {
        let left = self.voicemail.as_ref().and_then(|one| one.left);
        left.is_some() && self.chat
    }

    /// Tells whether its customer left a message, written or spoken, and is not there to wait.
    pub fn is_message(&self) -> bool {
        self.message.is_some() || self.is_voicemail()
    }

    /// Tells whether it is a message that nobody has, and nothing else goes on in it.
    pub(crate) fn is_message_alone(&self) -> bool {
        let alone = self.call.is_none() && self.assignment.is_none();
        self.is_message() && self.chat && alone
    }

    /// Tells whether its customer and an agent can write to each other.
    pub fn writes(&self) -> bool {
        self.chat && !self.is_voicemail()
    }

    /// Returns the message, as agents are shown it.
    pub fn shown_voicemail(&self) -> Option<Shown> {
        let one = self.voicemail.as_ref()?;
        let (left, ms) = one.left?;
        let interaction = self.id;
        let n = one.tape?;
        let recording = RecordingId { interaction, n };
        Some(Shown {
            recording,
            ms,
            left,
        })
    }

    // Whether its message may still come of a recording that is made, finished or whole.
    pub(crate) fn awaits_voicemail(&self) -> bool {
        let one = self.voicemail.as_ref().filter(|one| one.left.is_none());
        // Where all is over, by an erasure say, nobody is to hear it.
        let one = one.filter(|_| self.ended.is_none());
        let running = self.recordings.running.as_ref().map(|running| running.n);
        let awaited = |n: u16| running == Some(n) || self.taped(n).is_some();
        one.is_some_and(|one| one.tapes().any(awaited))
    }

    // The length of a recording whose file is whole.
    fn taped(&self, n: u16) -> Option<u64> {
        let mut kept = self.recordings.kept.iter();
        kept.find(|kept| kept.recording.n == n).map(|kept| kept.ms)
    }
}

impl Hub {
    fn greeting(&self, queue: &QueueId) -> Program {
        let own = self.setup.queues.get(queue).map(|queue| &queue.greeting);
        let own = own.filter(|own| !own.is_empty());
        let say = own.unwrap_or(&self.setup.voicemail.greeting).iter();
        Program::Say(say.cloned().chain([BEEP.into()]).collect())
    }

    /// Lets a caller hear the greeting, once they are answered.
    pub(crate) fn attend_voicemail(&mut self, id: InteractionId, leg: LegId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let answered = found.leg(leg).is_some_and(Leg::is_answered);
        let program = self.greeting(&found.queue);
        let since = self.now;
        let aside = self.asides.entry(id).or_default();
        if !answered {
            if !std::mem::replace(&mut aside.answered, true) {
                self.ask(Command::Answer { leg });
            }
            return;
        }
        if aside.listening.is_none() {
            let spoke = false;
            aside.listening = Some(Listening { since, spoke });
            self.ask(Command::Play { leg, program });
            self.touch(id);
        }
    }

    /// Takes that a caller heard the greeting to its end: what they say now is the message.
    pub(crate) fn voicemail_heard(&mut self, leg: LegId) {
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id).filter(|f| leaves(f, leg)) else {
            return;
        };
        let begun = found.voicemail.as_ref().is_some_and(|v| v.tape.is_some());
        if begun || self.is_releasing(leg) {
            return;
        }
        let tapes = &found.recordings;
        if tapes.refused || tapes.running.is_some() {
            return self.end_voicemail(leg, Program::Sorry, "no message could be recorded");
        }
        let setup = &self.setup.voicemail;
        let listen = Listen {
            speech: setup.least,
            silence: setup.silence,
        };
        self.roll(id, leg, Author::Customer, Some(listen));
        self.touch(id);
    }

    /// Takes a key; tells whether its leg leaves a message.
    pub(crate) fn voicemail_key(&mut self, leg: LegId, digit: char) -> bool {
        let found = self.state.interaction(leg.interaction);
        let Some(found) = found.filter(|found| leaves(found, leg)) else {
            return false;
        };
        let begun = found.voicemail.as_ref().is_some_and(|v| v.tape.is_some());
        match (digit, begun) {
            (ENDS, true) => {
                self.end_voicemail(leg, Program::Goodbye, "the caller ended the message");
            }
            // Who knows the greeting need not hear it out.
            (ENDS, false) => self.cut_greeting(leg),
            _ => {}
        }
        true
    }

    fn cut_greeting(&mut self, leg: LegId) {
        let aside = self.asides.get(&leg.interaction);
        if aside.is_some_and(|aside| aside.listening.is_some()) {
            let program = Program::Say(vec![BEEP.into()]);
            self.ask(Command::Play { leg, program });
        }
    }

    /// Takes that enough was heard of a caller for a message.
    pub(crate) fn leg_spoke(&mut self, leg: LegId) {
        let aside = self.asides.get_mut(&leg.interaction);
        if let Some(listening) = aside.and_then(|aside| aside.listening.as_mut()) {
            listening.spoke = true;
        }
    }

    /// Takes that a caller said nothing for long enough.
    pub(crate) fn leg_quiet(&mut self, leg: LegId) {
        let found = self.state.interaction(leg.interaction);
        if found.is_some_and(|found| leaves(found, leg)) {
            self.end_voicemail(leg, Program::Goodbye, "the caller said nothing more");
        }
    }

    /// Returns when a greeting is taken to be over, or a message has its full length.
    pub(crate) fn voicemail_until(&self, found: &Interaction, call: &Call) -> Option<Timestamp> {
        let leg = call.customer;
        if !leaves(found, leg) || self.is_releasing(leg) {
            return None;
        }
        let begun = found.voicemail.as_ref().is_some_and(|v| v.tape.is_some());
        match &found.recordings.running {
            Some(running) if begun => Some(running.since + self.setup.voicemail.longest),
            Some(_) | None => {
                let listening = self.asides.get(&found.id)?.listening?;
                let says = self.setup.own_length(&self.greeting(&found.queue));
                Some(listening.since + says + GREETING)
            }
        }
    }

    /// Goes on where a greeting is not told to be over, or a message has its full length.
    pub(crate) fn voicemail_over(&mut self, leg: LegId) {
        let found = self.state.interaction(leg.interaction);
        let Some(found) = found.filter(|found| leaves(found, leg)) else {
            return;
        };
        match found.voicemail.as_ref().and_then(|one| one.tape) {
            Some(_) => self.end_voicemail(leg, Program::Goodbye, "the message has its full length"),
            None => self.voicemail_heard(leg),
        }
    }

    // What was said until now is the message; its recording ends with the call.
    fn end_voicemail(&mut self, leg: LegId, program: Program, why: &str) {
        let cause = cause(CauseKind::Normal, why);
        self.hang_up_after(leg, program, &cause);
        let ended = Event::CallEnded { leg, cause };
        self.tell(Some(leg.interaction), ended);
    }

    /// Lets a message wait once its file is whole, and a caller go who is not recorded any more; tells whether it did.
    pub(crate) fn settle_voicemail(&mut self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        let Some(found) = found.filter(|found| found.ended.is_none()) else {
            return false;
        };
        let one = found.voicemail.as_ref();
        let Some(one) = one.filter(|one| one.left.is_none() && !one.is_empty()) else {
            return false;
        };
        let leg = one.leg;
        let running = found.recordings.running.as_ref();
        let running = running.filter(|running| one.tapes().any(|n| n == running.n));
        if found.leaves_voicemail() {
            if one.tape.is_none() {
                return false;
            }
            match running {
                Some(running) if running.stopped.is_none() => return false,
                Some(_) => {
                    self.end_voicemail(leg, Program::Goodbye, "the message was ended");
                }
                None => {
                    let part = one.tapes().any(|n| found.taped(n).is_some());
                    let why = match part {
                        true => "the rest of the message could not be recorded",
                        false => "no message could be recorded",
                    };
                    self.end_voicemail(leg, Program::Sorry, why);
                }
            }
            return true;
        }
        if found.call.is_some() || running.is_some() {
            return false;
        }
        let mut taped = one.tapes().filter_map(|n| Some((n, found.taped(n)?)));
        let Some((n, ms)) = taped.next() else {
            return false;
        };
        let queue = found.queue.clone();
        let opens = self.opens_for(found);
        let left = Recorded::MessageLeft {
            n,
            queue,
            ms,
            opens,
        };
        self.tell(Some(id), Event::Recording(left));
        true
    }

    /// Tells whether what was recorded of a caller who was to leave a message is none. What another life of the daemon
    /// heard is not known: then its length decides.
    pub(crate) fn is_nothing(&self, found: &Interaction, n: u16, kept: &Kept) -> bool {
        let one = found.voicemail.as_ref().filter(|one| one.left.is_none());
        let Some(one) = one.filter(|one| one.tapes().any(|tape| tape == n)) else {
            return false;
        };
        let aside = self.asides.get(&found.id).filter(|_| one.tape == Some(n));
        let listening = aside.and_then(|aside| aside.listening);
        match listening {
            Some(listening) => !listening.spoke,
            None => u128::from(kept.ms) < self.setup.voicemail.least.as_millis(),
        }
    }
}

fn leaves(found: &Interaction, leg: LegId) -> bool {
    found.leaves_voicemail() && found.call.as_ref().is_some_and(|c| c.customer == leg)
}
