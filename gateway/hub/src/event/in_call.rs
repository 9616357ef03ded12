//! What is done within a running call: hold, mute, consultation, transfer, and legs that take others' place.

use serde::{Deserialize, Serialize};
use ws::{
    caller::Shown,
    id::{AgentId, LegId, MenuId, Number, QueueId, TrunkId},
    supervision::Supervision,
    transfer::TransferTo,
};

use crate::{input::Cause, menu::Exit};

/// Why a call left a place for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// It refused.
    Refused,
    /// It named somebody else.
    Redirected,
    /// Nothing came from it in time.
    Silent,
    /// There was no way to it: no connection, or none that was secured as it has to be.
    Broken,
    /// It was not tried: its trunk is as busy as it may be, or not there.
    Passed,
}

impl Left {
    /// Says it in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Redirected => "redirected",
            Self::Silent => "silent",
            Self::Broken => "broken",
            Self::Passed => "passed",
        }
    }
}

impl From<sip::endpoint::Left> for Left {
    fn from(why: sip::endpoint::Left) -> Self {
        use sip::endpoint::Left as Told;
        match why {
            Told::Said(300..400) => Self::Redirected,
            Told::Said(_) => Self::Refused,
            Told::Silent => Self::Silent,
            Told::Broken => Self::Broken,
        }
    }
}

/// A trunk that a call was not tried by, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Which.
    pub trunk: TrunkId,
    /// Why.
    pub lack: Lack,
}

/// Why a trunk was passed over: it is not there, or by the bound of its configuration that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// None of its places answers probes.
    Down,
    /// Those that answer said with 503 that they want no calls for a time.
    Resting,
    /// The DNS names no place of it.
    Unlocated,
    /// Its calls at a time, both ways.
    MaxCalls,
    /// The calls at a time that go out.
    CallsOut,
    /// The calls that go out within a second.
    PerSecondOut,
    /// The calls that go out within an hour.
    PerHourOut,
    /// Its voice is secured otherwise than by the trunk that the offer was made for.
    Srtp,
}

impl From<sip::endpoint::Lack> for Lack {
    fn from(lack: sip::endpoint::Lack) -> Self {
        use sip::endpoint::Lack as Told;
        match lack {
            Told::Down => Self::Down,
            Told::Resting => Self::Resting,
            Told::Unlocated => Self::Unlocated,
            Told::Calls => Self::MaxCalls,
            Told::CallsOneWay => Self::CallsOut,
            Told::Rate => Self::PerSecondOut,
            Told::Spent => Self::PerHourOut,
            Told::Srtp => Self::Srtp,
        }
    }
}

/// One step within a running call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the fields carry the words of the types beside them"
)]
pub enum InCall {
    /// The customer was put on hold, or taken off it.
    Held { on: bool },
    /// Nothing is heard of the agent from now on, or they are heard again.
    Muted { on: bool },
    /// The agent asks somebody else, whose `leg` is dialled; the customer hears music.
    ConsultStarted {
        agent: AgentId,
        to: TransferTo,
        leg: LegId,
    },
    /// The agent and whoever they ask hear each other.
    ConsultJoined { leg: LegId },
    /// The agent is back with the customer; by an act of their `own`, or since whoever they asked is gone.
    ConsultEnded {
        leg: LegId,
        consulted: Option<AgentId>,
        cause: Cause,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        own: bool,
    },
    /// Whoever was asked is in the conversation of customer and agent now.
    ConferenceJoined { leg: LegId },
    /// They left it, or the agent took them out, as an act of their `own`.
    ConferenceLeft {
        leg: LegId,
        left: Option<AgentId>,
        cause: Cause,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        own: bool,
    },
    /// A supervisor's phone is dialled, so that they take part.
    SupervisionStarted {
        agent: AgentId,
        leg: LegId,
        how: Supervision,
    },
    /// The supervisor takes part like that from now on.
    Supervised { leg: LegId, how: Supervision },
    /// The supervisor does not take part any more.
    SupervisionEnded {
        agent: AgentId,
        leg: LegId,
        cause: Cause,
    },
    /// The call goes to somebody else: to `leg` where that is known, else to the queue. `agent`, of that `name`, gave it away.
    Transferred {
        agent: Option<AgentId>,
        #[serde(default)]
        name: Option<String>,
        to: TransferTo,
        queue: QueueId,
        leg: Option<LegId>,
        note: Option<String>,
    },
    /// Whoever the call was given to did not take it: the customer waits again.
    TransferFailed { leg: LegId, cause: Cause },
    /// The carrier or PBX was asked to call somebody else in our place; or to connect the customer with who has answered us
    /// by `leg`.
    HandedOut {
        number: Number,
        #[serde(default)]
        leg: Option<LegId>,
    },
    /// It did not do so.
    HandOutFailed { status: u16 },
    /// The caller came to a menu.
    MenuEntered { leg: LegId, menu: MenuId },
    /// The caller keyed something in it; stars where the menu asks for what nobody shall read.
    MenuKeyed {
        leg: LegId,
        menu: MenuId,
        keys: String,
    },
    /// The caller left it for `to`, and belongs to `queue` from now on.
    MenuLeft {
        leg: LegId,
        menu: MenuId,
        to: Exit,
        queue: QueueId,
        reason: String,
    },
    /// The phone of `leg` does not take that it is held; it hears music all the same. `status` was its answer.
    HoldRefused { leg: LegId, status: u16 },
    /// Nothing that is sent to it reaches the party of `leg`, whose phone holds the call or whose page comes anew; or it hears again.
    Hears { leg: LegId, on: bool },
    /// What is known of who calls, where it is more than a number: told as they come.
    CallerShown { leg: LegId, shown: Shown },
    /// The call goes by `trunk` now, to another place of it or to another trunk; `left` is the place before, `status` and
    /// `why` why it was left; `passed_over` is the trunk that it was not tried by.
    Rerouted {
        leg: LegId,
        trunk: TrunkId,
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Left>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passed_over: Option<PassedOver>,
    },
    /// Whoever was dialled named `number` in their place, which is dialled by `trunk`; `status` is their answer.
    Redirected {
        leg: LegId,
        number: Number,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trunk: Option<TrunkId>,
        status: u16,
    },
    /// A new leg is to take the place of another.
    ReplacementStarted { old: LegId, new: LegId },
    /// It did not come about.
    ReplacementFailed { new: LegId, cause: Cause },
    /// It did.
    Replaced { old: LegId, new: LegId },
}

impl InCall {
    /// Says it in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Held { on: true } => "held",
            Self::Held { on: false } => "resumed",
            Self::HoldRefused { .. } => "hold_refused",
            Self::Hears { on: true, .. } => "hears_again",
            Self::Hears { on: false, .. } => "hears_nothing",
            Self::Muted { on: true } => "muted",
            Self::Muted { on: false } => "unmuted",
            Self::ConsultStarted { .. } => "consult_started",
            Self::ConsultJoined { .. } => "consult_joined",
            Self::ConsultEnded { .. } => "consult_ended",
            Self::ConferenceJoined { .. } => "conference_joined",
            Self::ConferenceLeft { .. } => "conference_left",
            Self::SupervisionStarted { .. } => "supervision_started",
            Self::Supervised { how, .. } => match how {
                Supervision::Listen => "listening",
                Supervision::Whisper => "whispering",
                Supervision::Barge => "barged_in",
            },
            Self::SupervisionEnded { .. } => "supervision_ended",
            Self::Transferred { .. } => "transferred",
            Self::TransferFailed { .. } => "transfer_failed",
            Self::HandedOut { .. } => "handed_out",
            Self::HandOutFailed { .. } => "hand_out_failed",
            Self::MenuEntered { .. } => "menu_entered",
            Self::MenuKeyed { .. } => "menu_keyed",
            Self::MenuLeft { .. } => "menu_left",
            Self::CallerShown { .. } => "caller_shown",
            Self::Rerouted { .. } => "rerouted",
            Self::Redirected { .. } => "redirected",
            Self::ReplacementStarted { .. } => "replacement_started",
            Self::ReplacementFailed { .. } => "replacement_failed",
            Self::Replaced { .. } => "replaced",
        }
    }

    /// Returns the leg it is about, where it is about one.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::ConsultStarted { leg, .. }
            | Self::TransferFailed { leg, .. }
            | Self::ConsultJoined { leg }
            | Self::MenuEntered { leg, .. }
            | Self::MenuKeyed { leg, .. }
            | Self::MenuLeft { leg, .. }
            | Self::HoldRefused { leg, .. }
            | Self::Hears { leg, .. }
            | Self::CallerShown { leg, .. }
            | Self::Rerouted { leg, .. }
            | Self::Redirected { leg, .. }
            | Self::ConferenceJoined { leg }
            | Self::ConferenceLeft { leg, .. }
            | Self::SupervisionStarted { leg, .. }
            | Self::Supervised { leg, .. }
            | Self::SupervisionEnded { leg, .. }
            | Self::ConsultEnded { leg, .. } => Some(*leg),
            Self::Transferred { leg, .. } | Self::HandedOut { leg, .. } => *leg,
            Self::ReplacementStarted { new, .. }
            | Self::ReplacementFailed { new, .. }
            | Self::Replaced { new, .. } => Some(*new),
            Self::Held { .. } | Self::Muted { .. } | Self::HandOutFailed { .. } => None,
        }
    }
}
