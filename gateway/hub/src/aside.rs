//! What is kept beside an interaction and does not last: its timer, what was asked of its legs, what they hear.

use ws::id::{AgentId, LegId, QueueId, Timestamp};

use crate::{
    cobrowse::Passing, early::Early, line::Key, menu::Turn, referred::Referred, step::Moved,
    voicemail::Listening,
};

/// Beside one interaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside {
    /// Its place among the timers.
    pub(crate) due: Option<Timestamp>,
    /// Before that time, nothing of it but what those who wait are told can have changed by itself.
    pub(crate) still: Option<Timestamp>,
    /// Legs we asked to be released, and when.
    pub(crate) releasing: Vec<(u16, Timestamp)>,
    /// What its waiting caller was told last.
    pub(crate) heard: Heard,
    /// Whether our answer of the caller's leg was asked for.
    pub(crate) answered: bool,
    /// Whether its caller hears something before that.
    pub(crate) early: Early,
    /// Whether it is on record that the caller was offered to be called back.
    pub(crate) offered_back: bool,
    /// Where it is held back, when it waits for a quiet time.
    pub(crate) held_back: Option<(QueueId, Key)>,
    /// Whether another system was asked what it knows.
    pub(crate) looked_up: bool,
    /// The agent's leg that was told to wait for the customer's answer.
    pub(crate) awaits: Option<LegId>,
    /// Since when its customer hears that the call is to be recorded.
    pub(crate) notice: Option<Timestamp>,
    /// The recording that the recorders outside were asked to take, and have not said anything of.
    pub(crate) recorder_asked: Option<u16>,
    /// How it stands in the menu that its caller is in.
    pub(crate) turn: Option<Turn>,
    /// How it stands with the message its caller leaves.
    pub(crate) listening: Option<Listening>,
    /// The key that a called customer pressed last while they talked with somebody.
    pub(crate) keyed: Option<Keyed>,
    /// Deadlines that a step of the clock moved.
    pub(crate) moved: Moved,
    /// Where the visitor's page is, while that is not noted yet.
    pub(crate) passing: Option<Passing>,
    /// Whom the caller asked for by name.
    pub(crate) wanted: Option<AgentId>,
    /// The transfers of its call that peers asked for by SIP, until they are told what came of them.
    pub(crate) referred: Vec<Referred>,
}

impl Aside {
    /// Forgets what the customer was told: another leg is theirs now, which is answered or dialled.
    pub(crate) fn begin_anew(&mut self) {
        (self.heard, self.answered, self.early) = (Heard::Nothing, true, Early::Closed);
        (self.awaits, self.notice, self.listening) = (None, None, None);
        self.keyed = None;
        if let Some(turn) = &mut self.turn {
            turn.begin_anew();
        }
    }
}

/// A key in a conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed {
    pub(crate) at: Timestamp,
    /// The leg of whom it ends such calls, if no other key follows it soon.
    pub(crate) stops: Option<LegId>,
}

/// What a waiting caller was told last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing.
    #[default]
    Nothing,
    /// That an agent's console or phone rings, before the answer.
    Ring,
    /// The place, before the answer.
    Place {
        /// When it was said.
        at: Timestamp,
    },
    /// The place and music.
    Waiting {
        /// The place.
        position: u32,
        /// Whether it was said that 1 has them called back.
        callback: bool,
        /// When it was said.
        at: Timestamp,
    },
    /// Ring-back tone.
    Ringback,
    /// Why the call ends.
    Farewell {
        /// When it was said.
        at: Timestamp,
    },
}
