//! What the hub asks the world to do. Nearly all of it is about phones; browsers are served from the
//! event stream.

use std::{sync::Arc, time::Duration};

use ws::{
    cobrowse::Guide,
    id::{AgentId, InteractionId, LegId, Number, RecordingId, TrunkId},
};

use crate::input::{Cause, Referral};

/// One thing asked; carried out after the events before it are durable.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// An arrived call belongs to this leg from now on, and carries its interaction in every message.
    Adopt {
        /// The call, as named in [`crate::input::Arrival`].
        call: u64,
        /// Its leg.
        leg: LegId,
    },
    /// An arrived call is refused without becoming a leg.
    Refuse {
        /// The call.
        call: u64,
        /// SIP status, 400 to 699.
        status: u16,
        /// In words for people.
        text: String,
        /// When it is worth trying again, in seconds, where that is known.
        retry_after: Option<u32>,
    },
    /// Lets an inbound leg hear ringing (180).
    Ring {
        /// Which.
        leg: LegId,
    },
    /// Tells an unanswered inbound leg its place in the queue (182).
    Queued {
        /// Which.
        leg: LegId,
        /// From 1.
        position: u32,
    },
    /// Lets an unanswered inbound leg hear what is played to it (183); [`crate::input::LegNews::Early`] follows. One that made no
    /// offer is answered instead.
    SpeakEarly {
        /// Which.
        leg: LegId,
    },
    /// Answers an inbound leg.
    Answer {
        /// Which.
        leg: LegId,
    },
    /// Dials.
    Dial {
        /// The new leg.
        leg: LegId,
        /// Whom.
        to: Target,
        /// The number shown, where there is one.
        caller: Option<Number>,
        /// The name shown.
        name: Option<String>,
        /// The wish of a peer that it fulfils.
        referral: Option<Box<Referral>>,
        /// The trunks it goes by instead where the first cannot take it, in order.
        detours: Vec<Detour>,
    },
    /// Sends a dialled leg elsewhere that [`crate::input::LegNews::Redirected`] told of.
    Follow {
        /// Which.
        leg: LegId,
        /// By which trunk.
        trunk: TrunkId,
        /// Which number.
        number: Number,
        /// The number shown, where there is one.
        caller: Option<Number>,
        /// How many of those who were named are done with, up to this number.
        done: usize,
        /// Whether a peer asked for the leg in the first place.
        passed_on: bool,
    },
    /// Calls none of those whom [`crate::input::LegNews::Redirected`] told of, and leaves a dialled leg to who stands behind them.
    PassOver {
        /// Which.
        leg: LegId,
    },
    /// Plays something to an answered leg, in place of what it heard; bridging stops it.
    Play {
        /// Which.
        leg: LegId,
        /// What.
        program: Program,
    },
    /// Plays something to an answered leg to its end, and then ends the leg.
    Dismiss {
        /// Which.
        leg: LegId,
        /// What it hears last.
        program: Program,
        /// Why it ends.
        cause: Cause,
    },
    /// Lets two answered legs hear each other.
    Bridge {
        /// One.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// Ends a leg's conversation; it hears nothing until it is played something or bridged.
    Part {
        /// Which.
        leg: LegId,
    },
    /// Lets an answered leg into the conversation of another, beside those who are in it; ends what is played to it.
    Join {
        /// Which.
        leg: LegId,
        /// Whose conversation.
        to: LegId,
    },
    /// Lets an answered leg hear another and all that one hears, whatever conversation it is in.
    Listen {
        /// Which.
        leg: LegId,
        /// On whom.
        to: LegId,
        /// Whether that one, and nobody else, hears it.
        whisper: bool,
    },
    /// Lets an answered leg wait for one that is being dialled: it hears what comes from there before the answer, and
    /// ring-back tone until something does.
    Await {
        /// Which.
        leg: LegId,
        /// For whose answer.
        of: LegId,
    },
    /// Lets nothing be heard of a leg, or ends that.
    Mute {
        /// Which.
        leg: LegId,
        /// Whether nothing is heard.
        on: bool,
    },
    /// Lets an answered leg hear announcements by name in place of what it hears, and then that again;
    /// [`crate::input::LegNews::Heard`] follows. Without any, what is said is cut short, and nothing follows.
    Notice {
        /// Which.
        leg: LegId,
        /// What.
        say: Vec<Arc<str>>,
    },
    /// Records what a leg says, and hears of others.
    Record {
        /// Which.
        leg: LegId,
        /// What it is called; [`crate::Input::RecordingEnded`] follows once, whatever comes.
        recording: RecordingId,
        /// Set for a message: when [`crate::input::LegNews::Spoke`] and [`crate::input::LegNews::Quiet`] are told.
        listen: Option<Listen>,
    },
    /// Sends what a leg says, and hears of others, to a recorder outside, a stream of each who speaks. Opened and, once, Closed
    /// of [`crate::recorder::RecorderNews`] follow, or Failed; nothing more once it is stopped before any of them.
    CallRecorder {
        /// Which.
        leg: LegId,
        /// What it is called.
        recording: RecordingId,
        /// The recorders.
        with: Arc<crate::recorder::RecorderSetup>,
        /// Whether nothing of it is to be heard yet.
        paused: bool,
    },
    /// Lets silence take the place of what is recorded of a leg, or ends that.
    PauseRecording {
        /// Which.
        leg: LegId,
        /// Whether it is silent.
        on: bool,
    },
    /// Ends the recording of a leg.
    StopRecording {
        /// Which.
        leg: LegId,
        /// Whether what was recorded is kept.
        keep: bool,
    },
    /// Presses keys towards a leg.
    Press {
        /// Which.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digits: String,
    },
    /// Takes the wish of [`crate::input::LegNews::Referred`].
    TakeReferral {
        /// Whose.
        leg: LegId,
        /// Whether it is fulfilled already; else [`Self::ReportReferral`] follows.
        done: bool,
    },
    /// Refuses it.
    RefuseReferral {
        /// Whose.
        leg: LegId,
        /// SIP status, 400 to 699.
        status: u16,
        /// In words for people.
        text: String,
    },
    /// Tells what came of it, if it was there.
    ReportReferral {
        /// Whose.
        leg: LegId,
        /// SIP status, 200 to 699.
        status: u16,
    },
    /// Asks the carrier or PBX behind a leg to call a number in our place; [`crate::input::LegNews::HandedOut`]
    /// follows, unless the leg ends first.
    HandOut {
        /// Which.
        leg: LegId,
        /// The number.
        number: Number,
        /// The answered leg to that number, by the same trunk, whose place it is to take there.
        place: Option<LegId>,
    },
    /// An answered leg goes by another name from now on, and is told to carry it.
    Rename {
        /// The old name; its end is not told.
        from: LegId,
        /// The new one.
        to: LegId,
    },
    /// Ends a leg, whatever its state.
    Release {
        /// Which.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// Asks another system what it knows of who comes; [`crate::Input::LookedUp`] may follow.
    LookUp {
        /// What is asked.
        question: Box<crate::lookup::Question>,
    },
    /// Lets a visitor's page show, or do, what an agent does on it.
    Guide {
        /// In which interaction.
        interaction: InteractionId,
        /// Who, by name.
        by: String,
        /// The recording in whose picture they do it.
        stream: String,
        /// What.
        guide: Box<Guide>,
    },
    /// Takes registrations up again after a restart: agent, binding as given in `PhoneRegistered`.
    RestorePhones {
        /// Each phone.
        bindings: Vec<(AgentId, String)>,
    },
}

/// What is listened for while a message is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// So much speech.
    pub speech: Duration,
    /// So much silence.
    pub silence: Duration,
}

/// Another trunk for a call to a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detour {
    /// Which.
    pub trunk: TrunkId,
    /// The number shown by it, where there is one.
    pub caller: Option<Number>,
    /// Whether its hour is spent: it is passed over.
    pub spent: bool,
}

/// Whom to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An agent's registered phone.
    Phone(AgentId),
    /// The headset at an agent's console.
    Browser(AgentId),
    /// A number by a trunk.
    Trunk {
        /// The trunk.
        trunk: TrunkId,
        /// The number.
        number: Number,
    },
}

/// What a waiting leg hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Announcements by name, one after the other; [`crate::input::LegNews::Heard`] follows. Then silence.
    Say(Vec<Arc<str>>),
    /// Ring-back tone.
    Ringback,
    /// Its place in the queue, then music.
    Waiting {
        /// From 1.
        position: u32,
        /// Whether pressing 1 keeps the place for a call back.
        callback: bool,
        /// How many minutes it is likely to wait, where that is known.
        minutes: Option<u8>,
    },
    /// Who calls, and that an agent comes; then music.
    Greeting {
        /// Whether pressing 9 ends such calls for good.
        stop: bool,
    },
    /// That it will be called back.
    Promised,
    /// That it will not be called any more; then music.
    Stopped,
    /// Music.
    Music,
    /// Nothing, in packets.
    Silence,
    /// The question how well one was served, to be answered by a key.
    Rate,
    /// Thanks for the answer.
    Thanks,
    /// That it is outside the hours, once.
    Closed,
    /// That nobody can take the call and that it may be tried again later, once.
    Sorry,
    /// Farewell, once.
    Goodbye,
}

impl Program {
    /// Returns the announcements that are said to their end, by the names they can be replaced by.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let named = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect();
        match self {
            Self::Say(names) => names.clone(),
            Self::Greeting { stop: true } => named(&["callback-greeting", "stop-offer"]),
            Self::Greeting { stop: false } => named(&["callback-greeting"]),
            Self::Promised => named(&["callback-promised", "goodbye"]),
            Self::Stopped => named(&["stopped"]),
            Self::Rate => named(&["rate-call", "press-one-to-five"]),
            Self::Thanks => named(&["thanks", "goodbye"]),
            Self::Closed => named(&["closed", "goodbye"]),
            Self::Sorry => named(&["sorry", "goodbye"]),
            Self::Goodbye => named(&["goodbye"]),
            // What has no end, or is not waited for.
            Self::Ringback | Self::Waiting { .. } | Self::Music | Self::Silence => Vec::new(),
        }
    }
}
